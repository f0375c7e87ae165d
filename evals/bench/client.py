"""Asks a service over HTTP as fast, or as often, as it is told, and says how long each answer took.

A program of its own, so that what it costs is not taken for the service's: ``python -m evals.bench.client`` reads a
job from standard input as JSON and prints what came of it. It imports next to nothing, keeps its connections open and
speaks HTTP/1.1 itself, which takes a fraction of the time that a client library does.

Closed loop: so many clients, each of which asks again as soon as it has its answer. Open loop: questions come at random
(Poisson) whether or not earlier ones are answered, and each counts from when it was due, not from when there was a
connection to send it on: otherwise a service that stalls would be asked less while it does, and its stall would hide
from all percentiles ("coordinated omission", Tene 2013).
"""

import asyncio
import itertools
import json
import re
import selectors
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

# Open at once in an open loop; more would find the service's own queue full. Further questions wait here.
_MOST_CONNECTIONS = 100
# Servers close what has been idle for a while (uvicorn after 5 s), perhaps at the moment of the next request.
_IDLE_SECONDS = 2.0
# Seconds for answers that are still owed when time is up; what has not come by then is an error.
_PATIENCE = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TIMINGS = re.compile(rb"\r\nserver-timing: *([^\r]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """What to do.

    Attributes:
        paths: File with what to ask for, a path and query a line.
        skip: Lines to pass over first.
        again: Begin anew at the end of the file; otherwise the end of the file ends the job.
        clients: Clients of a closed loop; 0 for an open one.
        rate: Requests a second in an open loop.
        seconds: How long to go on asking.
        requests: How many to ask at most; None for any number.
        seed: Of the arrivals.
        mark: Answers that hold this are counted; empty for none.
    """

    host: str
    port: int
    paths: str
    skip: int = 0
    again: bool = False
    clients: int = 0
    rate: float = 0.0
    seconds: float = 10.0
    requests: int | None = None
    seed: int = 0
    mark: str = ""


@dataclass
class Outcome:
    """What came of a job.

    Attributes:
        latencies: Seconds of each request that was answered with 200, from when it was due.
        errors: By reason, how many were not.
        seconds: From the first request to the last answer.
        cpu_seconds: What this program used itself.
        stages: By name, the milliseconds that the answers' Server-Timing headers tell.
        marked: Answers that hold what the job says.
    """

    latencies: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    stages: dict[str, list[float]] = field(default_factory=dict)
    marked: int = 0


def main() -> None:
    """Do the job on standard input."""
    job = Job(**json.load(sys.stdin))
    json.dump(asdict(do(job)), sys.stdout)


def do(job: Job) -> Outcome:
    """Ask, and wait for the answers."""
    # select, because timers of the usual selector (epoll) are up to a millisecond late.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        return runner.run(_Asking(job).run())


class _Asking:
    """A job while it is done."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._mark = job.mark.encode()
        self._host = f"{job.host}:{job.port}".encode()
        self._outcome = Outcome()
        self._idle: list[_Connection] = []
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._open: set[_Connection] = set()
        self._connections = 0
        self._owed = 0
        self._more = True

    async def run(self) -> Outcome:
        self._loop = asyncio.get_running_loop()
        self._finished = self._loop.create_future()
        with Path(self._job.paths).open("rb") as file:
            self._paths = self._read(file)
            for _ in range(self._job.clients or 8):
                await self._connect()
            cpu = time.process_time()
            self._began = self._last = self._loop.time()
            self._begin()
            ends = self._loop.call_at(self._began + self._job.seconds, self._stop)
            await asyncio.wait([self._finished], timeout=self._job.seconds + _PATIENCE)
            ends.cancel()
        if self._owed:
            self._failed("no answer", self._owed)
        await self._leave()
        self._outcome.cpu_seconds = time.process_time() - cpu
        self._outcome.seconds = self._last - self._began
        return self._outcome

    async def _leave(self) -> None:
        """Close what is open; what is still owed has been counted."""
        self._owed = 0
        for connection in list(self._open):
            connection.leave()
        while self._open:
            await asyncio.sleep(0)

    def _read(self, file: Any) -> Iterator[bytes]:
        lines: Iterator[bytes] = itertools.islice(file, self._job.skip, None)
        asked = itertools.cycle(lines) if self._job.again else lines
        return (line.rstrip() for line in itertools.islice(asked, self._job.requests))

    def _begin(self) -> None:
        if self._job.clients:
            for connection in self._idle[:]:
                self._idle.remove(connection)
                self._go_on(connection)
        else:
            self._random = Random(self._job.seed)
            self._due = self._began
            self._arrive()

    def _arrive(self) -> None:
        """Send whatever is due by now, and wake up for the next."""
        while self._more and self._due <= self._loop.time():
            path = next(self._paths, None)
            if path is None or self._due >= self._began + self._job.seconds:
                self._stop()
                return
            self._owed += 1
            self._send(path, self._due)
            self._due += self._random.expovariate(self._job.rate)
        if self._more:
            self._loop.call_at(self._due, self._arrive)

    def _send(self, path: bytes, due: float) -> None:
        now = self._loop.time()
        while self._idle:
            connection = self._idle.pop()
            if now - connection.used < _IDLE_SECONDS:
                connection.get(path, due)
                return
            connection.drop()
        self._waiting.append((path, due))
        if self._connections < _MOST_CONNECTIONS:
            self._connections += 1
            opening = self._loop.create_task(self._opened())
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        self._connections += 1
        await self._opened()

    async def _opened(self) -> None:
        try:
            _, connection = await self._loop.create_connection(
                lambda: _Connection(self._host, self._answered, self._lost), self._job.host, self._job.port
            )
        except OSError as error:
            self._connections -= 1
            self._failed(f"no connection: {error.strerror}")
            return
        self._open.add(connection)
        self._free(connection)

    def _free(self, connection: "_Connection") -> None:
        """Give a connection the question that has waited longest, or let it rest."""
        if self._waiting:
            connection.get(*self._waiting.popleft())
        else:
            self._idle.append(connection)

    def _go_on(self, connection: "_Connection") -> None:
        path = next(self._paths, None) if self._more else None
        if path is None:
            self._stop()
            return
        self._owed += 1
        connection.get(path, self._loop.time())

    def _answered(self, connection: "_Connection", status: bytes, head: bytes, body: bytes) -> None:
        self._last = self._loop.time()
        self._owed -= 1
        if status == b"200":
            self._outcome.latencies.append(self._last - connection.due)
            self._outcome.marked += bool(self._mark) and self._mark in body
        else:
            self._failed(f"status {status.decode('latin-1')}")
        if self._job.clients == 1:
            self._time(head)
        if self._job.clients:
            self._go_on(connection)
        else:
            self._free(connection)
        self._check()

    def _lost(self, connection: "_Connection", busy: bool) -> None:
        self._connections -= 1
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if busy:
            self._owed -= 1
            self._failed("connection lost")
            self._check()

    def _time(self, head: bytes) -> None:
        for header in _TIMINGS.findall(head):
            for part in header.decode("latin-1").split(","):
                name, _, duration = part.strip().partition(";dur=")
                if duration:
                    self._outcome.stages.setdefault(name, []).append(float(duration.partition(";")[0]))

    def _failed(self, why: str, times: int = 1) -> None:
        self._outcome.errors[why] = self._outcome.errors.get(why, 0) + times

    def _stop(self) -> None:
        self._more = False
        self._check()

    def _check(self) -> None:
        if not self._more and not self._owed and not self._finished.done():
            self._finished.set_result(None)


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(
        self,
        host: bytes,
        answered: Callable[["_Connection", bytes, bytes, bytes], None],
        lost: Callable[["_Connection", bool], None],
    ) -> None:
        self.due = 0.0
        self.used = 0.0
        self._tail = b" HTTP/1.1\r\nhost: " + host + b"\r\n\r\n"
        self._answered = answered
        self._lost = lost
        self._busy = False
        self._buffer = b""
        self._body_at = 0
        self._ends = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self.used = asyncio.get_running_loop().time()

    def get(self, path: bytes, due: float) -> None:
        self.due = due
        self._busy = True
        self._buffer = b""
        self._body_at = 0
        self._transport.write(b"GET " + path + self._tail)

    def drop(self) -> None:
        self._transport.close()

    def leave(self) -> None:
        self._busy = False
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._body_at:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self._buffer, 0, end)
            if length is None:
                # Only a length is understood; every system under test states one.
                self._transport.abort()
                return
            self._body_at = end + 4
            self._ends = self._body_at + int(length[1])
        if len(self._buffer) >= self._ends:
            self._busy = False
            self.used = asyncio.get_running_loop().time()
            head, body = self._buffer[: self._body_at], self._buffer[self._body_at :]
            self._answered(self, head[9:12], head, body)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio calls it so
        self._lost(self, self._busy)


if __name__ == "__main__":
    main()
