"""This software on Ray, as it is started here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from evals.bench import processes
from evals.bench.cluster.nodes import VARIABLES, Cluster
from evals.bench.figures import Memory, Work
from evals.bench.systems import Onrecord


@dataclass(frozen=True, slots=True)
class Served:
    """A service that answers.

    Attributes:
        roots: Processes of which it and all that it needs to run are the descendants.
    """

    port: int
    roots: tuple[int, ...]
    ready_seconds: float

    def memory(self) -> Memory:
        """Of all its processes, now."""
        parts = [processes.memory(one) for one in self.roots]
        return Memory(*(sum(getattr(one, name) for one in parts) for name in ("rss", "pss", "uss")))

    def cpu_seconds(self) -> float:
        """Processor time of all its processes, of those that run."""
        return sum(map(processes.cpu_seconds, self.roots))


@contextmanager
def plain(onrecord: Onrecord, archive: Path, log: Path) -> Iterator[Served]:
    """The service without Ray while it runs.

    Raises:
        BenchFailed: It does not.
    """
    port = processes.free_port()
    command, variables = onrecord.serve(archive, port)
    with processes.serving(command, port, onrecord.ready, log, variables) as running:
        yield Served(port, (running.process,), running.ready_seconds)


@contextmanager
def on_ray(onrecord: Onrecord, archive: Path, cluster: Cluster, log: Path, *, replicas: int = 1) -> Iterator[Served]:
    """The service on a cluster while it runs.

    Raises:
        BenchFailed: It does not.
    """
    port = processes.free_port()
    command, variables = onrecord.serve(archive, port)
    more = (f"--ray={cluster.address}", "--replicas", str(replicas))
    with processes.serving((*command, *more), port, onrecord.ready, log, {**VARIABLES, **variables}) as running:
        yield Served(port, (cluster.process, running.process), running.ready_seconds)


def ingest(onrecord: Onrecord, source: Path, archive: Path, cluster: Cluster, shards: int) -> tuple[int, Work]:
    """Put the articles of a file into an archive in shards; returns how many passages they have.

    Args:
        onrecord: How it is started.
        source: The articles.
        archive: A new folder.
        cluster: Where it is done.
        shards: Of the archive.

    Raises:
        BenchFailed: An article was not taken.
    """
    of_model = ("--model", onrecord.model) if onrecord.model else ()
    with processes.Meter(cluster.process) as meter:
        printed, work = processes.run(
            (
                *onrecord.command, "ingest", str(source), "--archive", str(archive), "--json", *of_model,
                f"--ray={cluster.address}", "--shards", str(shards),
            ),
            VARIABLES,
        )  # fmt: skip
    return int(json.loads(printed)["passages"]), replace(work, cpu_seconds=work.cpu_seconds + meter.seconds)
