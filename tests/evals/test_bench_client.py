"""The client of the bench: what it counts, and from when."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evals.bench import client
from evals.bench.client import Job, do

OK = b"HTTP/1.1 200 OK\r\nserver-timing: encode;dur=1.5, total;dur=2\r\nContent-Length: 2\r\n\r\nok"


class Fake:
    """A server that answers as it is told, and not before it is told to.

    Attributes:
        asked: First lines of requests, in order.
    """

    def __init__(self, answer: bytes, stall: float) -> None:
        self.asked: list[str] = []
        self.port = 0
        self.ready = threading.Event()
        self._answer = answer
        self._stall = stall
        self._stalled_until = 0.0

    async def serve(self, ends: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await ends.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self._stalled_until = self._stalled_until or time.monotonic() + self._stall
                self.asked.append(head.partition(b"\r\n")[0].decode())
                await asyncio.sleep(max(self._stalled_until - time.monotonic(), 0))
                writer.write(self._answer)
                if not self._answer:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@contextmanager
def serving(answer: bytes = OK, stall: float = 0.0) -> Iterator[Fake]:
    fake, ends = Fake(answer, stall), asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(fake.serve(ends)))
    thread.start()
    fake.ready.wait(10)
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


@pytest.fixture
def paths(tmp_path: Path) -> str:
    file = tmp_path / "paths"
    file.write_text("".join(f"/{number}\n" for number in range(500)), encoding="ascii")
    return str(file)


def test_clients_share_the_questions_and_none_comes_twice(paths: str) -> None:
    with serving() as fake:
        outcome = do(Job("127.0.0.1", fake.port, paths, skip=5, clients=3, seconds=20, requests=40))
    assert sorted(fake.asked) == sorted(f"GET /{number} HTTP/1.1" for number in range(5, 45))
    assert (len(outcome.latencies), outcome.errors) == (40, {})


def test_the_end_of_the_questions_is_the_end_of_the_job_unless_they_are_asked_again(tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.write_text("/a\n/b\n", encoding="ascii")
    with serving() as fake:
        once = do(Job("127.0.0.1", fake.port, str(few), clients=2, seconds=20))
        again = do(Job("127.0.0.1", fake.port, str(few), again=True, clients=2, seconds=20, requests=31))
    assert (len(once.latencies), len(again.latencies)) == (2, 31)


def test_a_lone_client_hears_what_the_service_says_of_its_stages(paths: str) -> None:
    with serving() as fake:
        outcome = do(Job("127.0.0.1", fake.port, paths, clients=1, seconds=20, requests=2))
    assert outcome.stages == {"encode": [1.5, 1.5], "total": [2.0, 2.0]}


def test_an_answer_that_is_not_200_is_an_error_and_has_no_latency(paths: str) -> None:
    with serving(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n") as fake:
        outcome = do(Job("127.0.0.1", fake.port, paths, clients=2, seconds=20, requests=6))
    assert (outcome.latencies, outcome.errors) == ([], {"status 503": 6})


def test_a_connection_that_breaks_off_is_an_error(paths: str) -> None:
    with serving(b"") as fake:
        outcome = do(Job("127.0.0.1", fake.port, paths, clients=2, seconds=0.3))
    assert (outcome.latencies, outcome.errors) == ([], {"connection lost": 2})


def test_a_stall_shows_in_every_question_that_was_due_in_it(paths: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but eight have to wait for a connection: they count from when they were due, not from when they went."""
    monkeypatch.setattr(client, "_MOST_CONNECTIONS", 8)
    with serving(stall=0.6) as fake:
        outcome = do(Job("127.0.0.1", fake.port, paths, rate=100, seconds=0.9, seed=3))
    assert not outcome.errors
    # Some 30 are due in the first 0.3 seconds; a client that waited for its answers would have sent 8.
    assert sum(latency > 0.29 for latency in outcome.latencies) >= 20
    assert len(outcome.latencies) > 60


def test_questions_that_are_never_answered_are_errors(paths: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PATIENCE", 0.1)
    with serving(stall=30) as fake:
        outcome = do(Job("127.0.0.1", fake.port, paths, rate=50, seconds=0.2, seed=3))
    assert outcome.latencies == []
    assert outcome.errors["no answer"] > 2
