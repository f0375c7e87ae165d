"""Programs under test, each in a process of its own: started, waited for, weighed and ended."""

import http.client
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evals.bench.errors import BenchFailed
from evals.bench.figures import Memory, Work

LOOPBACK = "127.0.0.1"
_PROC = Path("/proc")
# A model and 500,000 passages may have to be read first.
_READY_SECONDS = 600.0
TICK = 1 / os.sysconf("SC_CLK_TCK")
"""Seconds in which processor time is counted."""

# Above those that Ray gives its workers, below those that Linux gives to whoever connects.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers."""

    process: int
    port: int
    ready_seconds: float


def check_platform() -> None:
    """See that memory can be read the way it is read here.

    Raises:
        BenchFailed: It cannot.
    """
    if not (_PROC / "self" / "smaps_rollup").exists():
        raise BenchFailed("memory is read from /proc/PID/smaps_rollup; run the bench on Linux")


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[str, Work]:
    """Run a program to its end; returns what it printed. What it says on standard error is shown.

    Raises:
        BenchFailed: It failed.
    """
    began, before = time.monotonic(), _cpu_of_children()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as printed,
        subprocess.Popen(command, stdout=printed, env=_environment(environment)) as process,
    ):
        peak = 0.0
        while True:
            family = _family(process.pid)
            # The kernel keeps the high-water mark of each; what was added after the last look is little.
            peak = max(peak, sum(_status(one, "VmHWM") for one in family))
            try:
                process.wait(0.05)
                break
            except subprocess.TimeoutExpired:
                continue
        seconds = time.monotonic() - began
        if process.returncode:
            raise BenchFailed(f"`{_shown(command)}` failed with exit code {process.returncode}; it says why above")
        printed.seek(0)
        return printed.read(), Work(seconds, _cpu_of_children() - before, peak / 1e6)


@contextmanager
def serving(
    command: Sequence[str], port: int, ready: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A service while it runs.

    Args:
        command: Starts it on that port of this machine.
        port: A free one.
        ready: Path that is answered with 200 once it is ready.
        log: Where what it says goes.
        environment: Variables besides those of this process.

    Raises:
        BenchFailed: It ended, or was not ready in time.
    """
    began = time.monotonic()
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=said, stderr=said, env=_environment(environment)) as process,
    ):
        try:
            while not _answers(port, ready):
                if process.poll() is not None or time.monotonic() - began > _READY_SECONDS:
                    tail = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
                    raise BenchFailed(f"`{_shown(command)}` does not answer; the last that it said: {tail}")
                time.sleep(0.02)
            yield Running(process.pid, port, time.monotonic() - began)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def get(port: int, path: str) -> bytes:
    """What a service on this machine answers.

    Raises:
        BenchFailed: Anything but 200.
    """
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=120)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    except OSError as error:
        raise BenchFailed(f"{path} was not answered: {error}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise BenchFailed(f"{path} was answered with {response.status}: {body[:200]!r}")
    return body


def free_port() -> int:
    """A port of this machine that nobody listens on, nor is given by chance before it is used.

    Raises:
        BenchFailed: There is none.
    """
    for port in random.sample(_PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise BenchFailed("no port is free on this machine")


def memory(process: int) -> Memory:
    """Of a process and all that it has started, now."""
    totals = {"Rss": 0.0, "Pss": 0.0, "Private_Clean": 0.0, "Private_Dirty": 0.0}
    for one in _family(process):
        try:
            said = (_PROC / str(one) / "smaps_rollup").read_text(encoding="ascii")
        except OSError:  # it has ended
            continue
        for line in said.splitlines()[1:]:
            name, kilobytes = line.split()[:2]
            if name.rstrip(":") in totals:
                totals[name.rstrip(":")] += float(kilobytes) * 1024 / 1e6
    return Memory(totals["Rss"], totals["Pss"], totals["Private_Clean"] + totals["Private_Dirty"])


def cpu_seconds(process: int) -> float:
    """Processor time that a process and all that it has started and not yet waited for have used."""
    return sum(_cpu_of(one) or 0.0 for one in _family(process))


class Meter:
    """Adds up the processor time of processes that come and go, unlike ``cpu_seconds``, by looking again and again.

    A context: it looks for as long as that lasts.
    """

    def __init__(self, process: int, every: float = 0.2) -> None:
        """Begin with what has been used by now; of one that ends, what it uses after the last look is not seen.

        Args:
            process: It and all that it starts are looked at.
            every: Seconds between two looks.
        """
        self._process = process
        self._every = every
        self._used: dict[int, float] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="meter")
        self._look()
        self._before = sum(self._used.values())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._look()

    @property
    def seconds(self) -> float:
        """Of processor time, since it began."""
        return sum(self._used.values()) - self._before

    def _watch(self) -> None:
        while not self._ends.wait(self._every):
            self._look()

    def _look(self) -> None:
        for one in _family(self._process):
            if (used := _cpu_of(one)) is not None:
                self._used[one] = used


def _cpu_of(process: int) -> float | None:
    """Seconds of processor time of a process; None of one that has ended."""
    try:
        # Behind the name, which may hold anything: utime and stime are fields 14 and 15 of proc(5), from 1.
        fields = (_PROC / str(process) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * TICK


def titles(process: int) -> dict[int, str]:
    """Of all that a process has started: by number, what they call themselves."""
    found = {}
    for one in _family(process)[1:]:
        try:
            found[one] = (_PROC / str(one) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it has ended
            continue
    return found


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(process: int) -> list[int]:
    """A process and its descendants; nothing of one that has ended."""
    found = [process]
    try:
        for task in (_PROC / str(process) / "task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += _family(int(child))
    except OSError:  # it has ended meanwhile
        pass
    return found


def _status(process: int, name: str) -> float:
    """Bytes of a field of /proc/PID/status; 0 of a process that has ended."""
    try:
        lines = (_PROC / str(process) / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """What this process was started with: a peer shall not get what we have set for ourselves since."""
    said = (_PROC / "self" / "environ").read_bytes().split(b"\0")
    given = dict(os.fsdecode(one).partition("=")[::2] for one in said if one)
    return {**given, **(more or {})}


def _shown(command: Sequence[str]) -> str:
    return " ".join("python" if one == sys.executable else one for one in command)
