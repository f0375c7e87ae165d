"""Workers, their queue, and what becomes of jobs that nobody waits for."""

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from service.work import Busy, Lane, Work

REQUEST_ID = ContextVar("request_id", default="none")


class Gate:
    """A job that says when it has begun, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let = threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self.let.wait(30)
        return "done"


async def begun(lane: Lane, gate: Gate) -> "asyncio.Task[str]":
    task = asyncio.ensure_future(lane.do(gate))
    await asyncio.to_thread(gate.begun.wait, 30)
    return task


def run(test: Callable[[Lane], object], lane: Lane) -> None:
    try:
        asyncio.run(test(lane))  # type: ignore[arg-type]
    finally:
        lane.close()


def test_a_job_gives_back_what_it_returns_and_raises() -> None:
    async def test(lane: Lane) -> None:
        assert await lane.do(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await lane.do(lambda: 1 / 0)
        assert (lane.queued, lane.working) == (0, 0)

    run(test, Lane("t", 1, 0))


def test_one_more_than_may_wait_is_refused_at_once_and_a_place_is_free_again_afterwards() -> None:
    async def test(lane: Lane) -> None:
        gate = Gate()
        working = await begun(lane, gate)
        waiting = asyncio.ensure_future(lane.do(lambda: "waited"))
        await asyncio.sleep(0)
        assert (lane.queued, lane.working) == (1, 1)
        with pytest.raises(Busy):
            await lane.do(lambda: "too many")
        gate.let.set()
        assert [await working, await waiting] == ["done", "waited"]
        assert await lane.do(lambda: "free again") == "free again"

    run(test, Lane("t", 1, 1))


def test_a_job_that_was_given_up_before_it_began_is_never_begun() -> None:
    async def test(lane: Lane) -> None:
        gate, ran = Gate(), threading.Event()
        working = await begun(lane, gate)
        waiting = asyncio.ensure_future(lane.do(ran.set))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        gate.let.set()
        await working
        assert await lane.do(lambda: "after it in the queue") == "after it in the queue"
        assert not ran.is_set()

    run(test, Lane("t", 1, 1))


def test_a_job_that_was_given_up_while_it_runs_keeps_its_place_until_it_is_done() -> None:
    async def test(lane: Lane) -> None:
        gate = Gate()
        working = await begun(lane, gate)
        working.cancel()
        await asyncio.wait([working])
        assert lane.working == 1
        with pytest.raises(Busy):
            await lane.do(lambda: "no thread for it")
        gate.let.set()
        await asyncio.to_thread(lane.close)
        assert lane.working == 0

    run(test, Lane("t", 1, 0))


def test_no_place_is_lost_over_many_jobs_that_are_given_up() -> None:
    async def test(lane: Lane) -> None:
        for _ in range(50):
            tasks = [asyncio.ensure_future(lane.do(lambda: None)) for _ in range(4)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.wait(tasks)
            while lane.queued or lane.working:
                await asyncio.sleep(0)
        outcomes = await asyncio.gather(*(lane.do(lambda: 1) for _ in range(4)))
        assert outcomes == [1, 1, 1, 1]

    run(test, Lane("t", 2, 2))


def test_a_job_sees_the_context_of_its_request() -> None:
    async def test(lane: Lane) -> None:
        REQUEST_ID.set("r-1")
        assert await lane.do(REQUEST_ID.get) == "r-1"

    run(test, Lane("t", 1, 0))


def test_closing_waits_for_what_has_begun_and_takes_no_more() -> None:
    async def test(lane: Lane) -> None:
        gate = Gate()
        working = await begun(lane, gate)
        closing = asyncio.ensure_future(asyncio.to_thread(lane.close))
        await asyncio.sleep(0)
        assert not closing.done()
        gate.let.set()
        await closing
        assert await working == "done"
        with pytest.raises(RuntimeError):
            await lane.do(lambda: "too late")
        assert (lane.queued, lane.working) == (0, 0)

    run(test, Lane("t", 1, 1))


def test_writing_never_waits_behind_reading() -> None:
    async def test(_: Lane) -> None:
        work, gate = Work(1, 0), Gate()
        reading = await begun(work.reading, gate)
        assert await work.writing.do(lambda: "written") == "written"
        assert (work.queued, work.working) == (0, 1)
        gate.let.set()
        await reading
        work.close()

    run(test, Lane("t", 1, 0))
