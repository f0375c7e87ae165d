"""Reading files that somebody else made, in a process that may break.

A parser that is fed with what was made to break it takes all memory, never ends or crashes. So files are read in a
worker process (``ingest.worker``) with limits that the system keeps. What it cannot read costs one error with the
file's name, and another worker goes on with the next file.
"""

import atexit
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ingest.documents import Document, Entry, Feed
from ingest.limits import Limits
from ingest.readers import File, Reader
from retrieval.errors import SourceError

# Bytes of an answer: the longest article, each character of it escaped, and what is told of it.
_MAX_ANSWER = 64_000_000
_BLOCK = 1 << 16
# Of a worker's memory, what is to be free for the next file. With all parsers loaded it has 170 MB.
_ROOM = 0.4
_LIMITS = Limits()


def read_apart(reader: Reader, file: File, limits: Limits = _LIMITS) -> Iterator[Document | SourceError]:
    """What is in a file, read by a worker.

    Args:
        reader: Of its format.
        file: The file.
        limits: What reading it may take.
    """
    for answer in _answers(reader.name, reader.function, file, limits):
        told = answer.get("document")
        yield SourceError(*answer["error"]) if told is None else Document(**{**told, "pages": tuple(told["pages"])})


def feed_apart(file: File, limits: Limits = _LIMITS) -> Feed:
    """A feed, read by a worker.

    Raises:
        SourceError: It is none, or cannot be read.
    """
    for answer in _answers("a feed", "ingest.feeds:read", file, limits):
        if "error" in answer:
            raise SourceError(*answer["error"])
        told = answer["feed"]
        return Feed(**{**told, "entries": tuple(Entry(**one) for one in told["entries"])})
    raise SourceError(file.name, "there is nothing in it")


def _answers(kind: str, function: str, file: File, limits: Limits) -> Iterator[dict[str, Any]]:
    """What is in a file; an error in the end, where a worker broke over it.

    What a worker has read before may leave it too little memory for this one. So what a kept one breaks over is read
    once more, by a new one.
    """
    request = {"kind": kind, "function": function, "file": {**asdict(file), "path": str(file.path)}}
    told = 0
    problem = ""
    for worker in _workers(limits):
        try:
            with closing(_taken(worker, request)) as answers:
                for answer in islice(answers, told, None):
                    told += 1
                    yield answer
        except _Broken as broken:
            problem = str(broken)
            if broken.late:
                break
        else:
            return
    yield {"error": [file.name, f"cannot be read as {kind}: {problem}", None]}


def _workers(limits: Limits) -> Iterator["_Worker"]:
    """One that was kept, if there is one, then a new one."""
    if kept := _idle(limits):
        yield kept
    yield _Worker(limits)


def _taken(worker: "_Worker", request: dict[str, Any]) -> Generator[dict[str, Any]]:
    """Workers that have room for it are kept for the next file; one whose answers are not all taken is ended."""
    done = False
    try:
        yield from worker.answers(request)
        done = True
    finally:
        if done and worker.has_room:
            _IDLE.append(worker)
        else:
            worker.end()


class _Broken(Exception):
    """A worker does not answer any more; the message says why, of the file that it was reading.

    Attributes:
        late: Whether it took too long.
    """

    def __init__(self, problem: str, *, late: bool = False) -> None:
        super().__init__(problem)
        self.late = late


class _Worker:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-m", "ingest.worker", json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # parsers complain there of what they are fed
            env=_environment(),
            bufsize=0,
        )
        self._received = b""

    @property
    def alive(self) -> bool:
        """Whether it can be asked for the next file."""
        return self._process.poll() is None

    @property
    def has_room(self) -> bool:
        """Whether enough of its memory is free again for another file: parsers keep some of what they take.

        Parsers that get no memory say all kinds of things, not only that.
        """
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text("ascii").split()[5]
        except FileNotFoundError:  # not on Linux, where no such limit is kept either
            return True
        return self.limits.memory - int(pages) * resource.getpagesize() > _ROOM * self.limits.memory

    def end(self) -> None:
        """Be rid of it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def answers(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What is in a file.

        Raises:
            _Broken: It broke over it, and may not be asked for another: it may be at this one still.
        """
        self._send(json.dumps(request).encode() + b"\n")
        while answer := json.loads(self._line()):
            if "broken" in answer:
                raise _Broken(answer["broken"])
            if "passed" not in answer:
                yield answer

    def _send(self, request: bytes) -> None:
        try:
            _pipe(self._process.stdin).write(request)
        except BrokenPipeError as error:
            raise self._broken() from error

    def _line(self) -> bytes:
        """The next line that it answers."""
        stream = _pipe(self._process.stdout)
        pieces = [self._received]
        while b"\n" not in pieces[-1]:
            if sum(map(len, pieces)) > _MAX_ANSWER:
                raise _Broken(f"more than {_MAX_ANSWER >> 20} MB are in one article of it")
            if not _readable(stream, self.limits.patience):
                raise _Broken(f"it took more than {self.limits.patience} seconds", late=True)
            piece = os.read(stream.fileno(), _BLOCK)
            if not piece:
                raise self._broken()
            pieces.append(piece)
        line, _, self._received = b"".join(pieces).partition(b"\n")
        return line

    def _broken(self) -> _Broken:
        status = self._process.wait()
        if status == -signal.SIGXCPU:
            return _Broken(f"it took more than {self.limits.seconds} seconds of processor time", late=True)
        return _Broken(f"its parser broke ({_status(status)}); the file is damaged, or made to do that")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:  # never, of a process that was started with pipes
        raise ValueError("no pipe")
    return stream


def _readable(stream: IO[bytes], seconds: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(seconds))


def _status(status: int) -> str:
    if status >= 0:
        return f"exit {status}"
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"


def _environment() -> dict[str, str]:
    """The environment of a worker: where our modules are, whatever the folder, and no secret of the service."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ", "HOME") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        # The limit of memory counts the stacks of threads, and what an allocator takes ahead.
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


_IDLE: list[_Worker] = []


def _idle(limits: Limits) -> _Worker | None:
    """A worker that waits, with such limits."""
    for worker in list(_IDLE):
        if worker.limits == limits:
            with suppress(ValueError):  # another thread was quicker
                _IDLE.remove(worker)
                if worker.alive:
                    return worker
                worker.end()
    return None


@atexit.register
def end_workers() -> None:
    """Let go of all workers that wait; the next file starts another."""
    while _IDLE:
        _IDLE.pop().end()
