"""Work that blocks, kept off the event loop: a few threads, and before them a queue that has an end."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any, TypeVar

_T = TypeVar("_T")


class Busy(Exception):
    """As many jobs wait as may wait; this one was not begun and never will be."""


class Lane:
    """Threads that do jobs in the order in which they come.

    A job that nobody waits for any more (its request was cancelled) is not begun; one that has begun cannot be
    stopped, and keeps its thread until it is done. Either way its place is free again only then, so that never more
    than ``threads + queue`` jobs are held.
    """

    def __init__(self, name: str, threads: int, queue: int) -> None:
        """Threads are started when there is work for them.

        Args:
            name: Of the threads.
            threads: Jobs that are worked on at once.
            queue: Jobs that may wait.
        """
        self._executor = ThreadPoolExecutor(threads, name)
        self._places = threads + queue
        self._guard = threading.Lock()
        self._held = 0
        self._working = 0

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return self._held - self._working

    @property
    def working(self) -> int:
        """How many jobs are worked on."""
        return self._working

    async def do(self, job: Callable[[], _T]) -> _T:
        """Have a job done, in the caller's context, and wait for what it returns or raises.

        Raises:
            Busy: The queue is full.
        """
        with self._guard:
            if self._held >= self._places:
                raise Busy
            self._held += 1
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[_T] = loop.create_future()
        try:
            self._executor.submit(self._run, copy_context(), job, loop, outcome)
        except RuntimeError:  # closed
            self._count(held=-1)
            raise
        return await outcome

    def close(self) -> None:
        """Wait until all jobs are done; no other is taken."""
        self._executor.shutdown()

    def _run(
        self,
        context: Context,
        job: Callable[[], Any],
        loop: asyncio.AbstractEventLoop,
        outcome: "asyncio.Future[Any]",
    ) -> None:
        if outcome.cancelled():
            self._count(held=-1)
            return
        self._count(working=+1)
        try:
            done = context.run(job)
        except BaseException as error:  # noqa: BLE001  belongs to whoever waits, as with any executor
            self._count(held=-1, working=-1)
            _tell(loop, outcome, outcome.set_exception, error)
        else:
            self._count(held=-1, working=-1)
            _tell(loop, outcome, outcome.set_result, done)

    def _count(self, *, held: int = 0, working: int = 0) -> None:
        with self._guard:
            self._held += held
            self._working += working


def _tell(
    loop: asyncio.AbstractEventLoop, outcome: "asyncio.Future[Any]", how: Callable[[Any], None], what: Any
) -> None:
    """Have the event loop hand an outcome over, to whoever still waits for it."""

    def tell() -> None:
        if not outcome.done():
            how(what)

    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(tell)


class Work:
    """The two lanes of the service.

    Attributes:
        reading: For what asks the archive.
        writing: For what changes it, one job after the other; readers never wait behind it.
    """

    def __init__(self, workers: int, queue: int) -> None:
        """See ``Lane``; each lane has a queue of its own."""
        self.reading = Lane("reading", workers, queue)
        self.writing = Lane("writing", 1, queue)

    @property
    def queued(self) -> int:
        """How many jobs wait, in both lanes."""
        return self.reading.queued + self.writing.queued

    @property
    def working(self) -> int:
        """How many jobs are worked on, in both lanes."""
        return self.reading.working + self.writing.working

    def close(self) -> None:
        """Wait until all jobs are done; no other is taken."""
        self.reading.close()
        self.writing.close()
