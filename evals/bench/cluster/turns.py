"""The same load on two services by turns, so that what else the machine does falls on both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from evals.bench import loads, processes
from evals.bench.client import Job
from evals.bench.cluster.systems import Served
from evals.bench.figures import Load

_STAGE = re.compile(r'^onrecord_stage_seconds_sum\{stage="(\w+)"\} (\S+)$', re.MULTILINE)
# Questions that a service is asked before anything is measured.
_WARM = 16


@dataclass
class Turns:
    """Questions for services, none of which comes twice to the same one.

    Attributes:
        paths: File with paths to ask for, a line each.
        block: Lines that one load may use up.
        seconds: For which a load is kept up.
    """

    paths: Path
    block: int
    seconds: float
    _stages: dict[int, dict[str, float]] = field(default_factory=dict)
    _lone: dict[int, int] = field(default_factory=dict)
    _blocks: Iterator[int] = field(default_factory=count)

    def job(self, served: Served, clients: int) -> Job:
        """So many clients for as long as a load is kept up, with questions that were not asked yet."""
        return self._job(served, clients, next(self._blocks))

    def loads(self, services: Sequence[Served], clients: int, rounds: int) -> list[tuple[Load, ...]]:
        """Put a load on services, the same questions to each, and who is first changes; returns the loads of each.

        Raises:
            BenchFailed: A service does not answer.
        """
        warm = next(self._blocks)
        for one in services:
            loads.asked(replace(self._job(one, clients, warm), requests=_WARM, seconds=60.0))
        found: list[list[Load]] = [[] for _ in services]
        for number in range(rounds):
            block = next(self._blocks)
            order = list(enumerate(services))
            for at, one in order if number % 2 else reversed(order):
                found[at].append(self._put(one, clients, block))
        return [tuple(one) for one in found]

    def stages_ms(self, served: Served) -> dict[str, float]:
        """The mean of each stage of a lone question so far."""
        asked = self._lone.get(served.port, 0)
        return {name: seconds / asked * 1000 for name, seconds in self._stages.get(served.port, {}).items()}

    def _job(self, served: Served, clients: int, block: int) -> Job:
        return Job(
            processes.LOOPBACK, served.port, str(self.paths),
            skip=block * self.block, clients=clients, seconds=self.seconds,
        )  # fmt: skip

    def _put(self, served: Served, clients: int, block: int) -> Load:
        before = _stages(served)
        load, _ = loads.put(self._job(served, clients, block), served.roots)
        if clients == 1:
            sums = self._stages.setdefault(served.port, {})
            for name, seconds in _stages(served).items():
                sums[name] = sums.get(name, 0.0) + seconds - before.get(name, 0.0)
            self._lone[served.port] = self._lone.get(served.port, 0) + load.requests
        return load


def _stages(served: Served) -> dict[str, float]:
    """Seconds that a service has spent in each stage."""
    said = processes.get(served.port, "/metrics").decode()
    return {name: float(seconds) for name, seconds in _STAGE.findall(said)}
