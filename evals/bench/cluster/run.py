"""The bench of Ray from end to end: Ray alone, ingest, services beside each other, and what is taken away."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path

from evals.bench import articles, processes, questions
from evals.bench.cluster import faults, systems
from evals.bench.cluster.calls import bare
from evals.bench.cluster.figures import ClusterReport, Faults, Footprint, Ingest, Pair, beside
from evals.bench.cluster.nodes import cores, nodes, on_cores
from evals.bench.cluster.same import ask, same
from evals.bench.cluster.systems import Served
from evals.bench.cluster.turns import Turns
from evals.bench.errors import BenchFailed
from evals.bench.figures import Work
from evals.bench.run import Say, check, kept, machine, versions
from evals.bench.systems import Onrecord
from evals.bench.world import world
from retrieval.sharded.manifest import Manifest

# No service under test answers more in a second.
_MOST_PER_SECOND = 500
# The clients, and the replicas of each shard, while things are taken away: to replace one takes longer than it takes
# until the next is killed.
_CLIENTS, _REPLICAS = 8, 3
# Seconds over which a service that nobody asks is watched.
_RESTING = 2.0


@dataclass(frozen=True)
class Settings:
    """What to measure.

    Attributes:
        articles: Of the archives.
        shards: Of each archive that is served on Ray.
        workers: Nodes of Ray that take part in each ingest, ascending.
        seed: Of articles, questions and who is killed.
        rounds: In which a load is put on the services by turns.
        seconds: For which each load is kept up.
        clients: Of the loads, 1 first.
        known: Questions whose answers are held against each other.
        calls: Of each kind, of what Ray takes for nothing.
        faults: Whether replicas are killed and a shard is lost.
        fault_seconds: For how long replicas are killed.
        every: Seconds between two that are.
    """

    articles: int = 1000
    shards: tuple[int, ...] = (1, 2, 4)
    workers: tuple[int, ...] = (1, 2)
    seed: int = 0
    rounds: int = 5
    seconds: float = 3.0
    clients: tuple[int, ...] = (1, 8)
    known: int = 140
    calls: int = 200
    faults: bool = False
    fault_seconds: float = 60.0
    every: float = 2.0

    def __post_init__(self) -> None:
        for name, given in (("--shards", self.shards), ("--workers", self.workers)):
            if list(given) != sorted(set(given)) or not given or given[0] < 1:
                raise BenchFailed(f"{name} has to grow, from 1 on: {given}")
        if self.faults and self.shards[-1] < 2:
            raise BenchFailed("--faults needs --shards of 2 or more: of one shard nothing is left to answer")


def quickened(settings: Settings) -> Settings:
    """As short as it can be with every figure in it: to see that it runs, not how fast anything is."""
    return replace(
        settings, articles=min(settings.articles, 40), shards=(2,), workers=(1,), rounds=1, seconds=0.5,
        clients=(1, 4), known=14, calls=10, fault_seconds=4.0,
    )  # fmt: skip


def run(
    settings: Settings, onrecord: Onrecord, *, folder: Path | None = None, say: Say = lambda _: None
) -> ClusterReport:
    """Measure everything.

    Args:
        settings: What to measure.
        onrecord: This software, as it is started here.
        folder: Where archives are kept; those that an earlier run has left there are used again. None: nowhere.
        say: Called with what is being done.

    Raises:
        BenchFailed: Something cannot be measured here.
    """
    processes.check_platform()
    try:
        of_ray = version("ray")
    except PackageNotFoundError as error:
        raise BenchFailed("--ray needs Ray, which is not installed: pip install 'onrecord[cluster]'") from error
    on = machine()
    with kept(folder) as place:
        check(place, {"seed": settings.seed, "model": onrecord.model, "articles": settings.articles})
        say("what Ray takes for nothing")
        with nodes(0) as cluster:
            found = bare(cluster, settings.calls)
        bench = _Bench(settings, onrecord, place, say)
        ingests = bench.ingests()
        pairs = tuple(bench.pair(one) for one in settings.shards)
        faults_ = bench.faults() if settings.faults else None
    return ClusterReport(on, {**versions(), "ray": of_ray}, asdict(settings), found, ingests, pairs, faults_)


Make = Callable[[Path], tuple[int, Work]]


class _Bench:
    """The archives, in a folder, and what is done with them."""

    def __init__(self, settings: Settings, onrecord: Onrecord, place: Path, say: Say) -> None:
        self._settings = settings
        self._onrecord = onrecord
        self._place = place
        self._say = say
        self._world = world(settings.seed)
        self._source = place / "articles.jsonl"
        articles.write(self._world, range(settings.articles), self._source)
        self._asked = [one.question for one in questions.known(self._world, settings.articles, settings.known)]

    def ingests(self) -> tuple[Ingest, ...]:
        """The same articles without Ray and with each number of workers; and an archive for each number of shards."""
        most, wanted = self._settings.workers[-1], self._settings.shards
        allowed = dict.fromkeys(min(one, len(cores())) for one in self._settings.workers)
        found = [self._plain(one) for one in allowed]
        found += [self._on_ray(workers, wanted[-1]) for workers in self._settings.workers]
        found += [self._on_ray(most, shards) for shards in wanted[:-1]]
        return tuple(found)

    def pair(self, shards: int) -> Pair:
        """A service on Ray beside the plain one, and whether they answer the same."""
        with self._both(shards) as (plain, ray):
            idle = _idle_cores(plain, ray)
            self._say(f"{_shards(shards)}: questions to both services by turns")
            turns = self._turns(self._settings.seconds)
            measured = [turns.loads((plain, ray), one, self._settings.rounds) for one in self._settings.clients]
            self._say(f"{_shards(shards)}: {len(self._asked)} questions, whether the answers are the same")
            of_plain, of_ray = ([ask(one.port, question) for question in self._asked] for one in (plain, ray))
            return Pair(
                shards=shards,
                loads=tuple(beside(*one) for one in measured),
                plain=Footprint(plain.ready_seconds, plain.memory(), idle[0], turns.stages_ms(plain)),
                ray=Footprint(ray.ready_seconds, ray.memory(), idle[1], turns.stages_ms(ray)),
                same=same(self._asked, of_plain, of_ray),
            )

    def faults(self) -> Faults:
        """Kill replicas while questions come, then take a shard away."""
        settings, shards = self._settings, self._settings.shards[-1]
        with self._both(shards, _REPLICAS) as (_, ray):
            self._say(f"{_shards(shards)} of {_REPLICAS} replicas: one is killed every {settings.every:g} s")
            job = self._turns(settings.fault_seconds).job(ray, _CLIENTS)
            killed = faults.killing(ray, job, shards, _REPLICAS, every=settings.every, seed=settings.seed)
        with self._both(shards) as (plain, ray):
            self._say(f"{_shards(shards)} without replicas: one is lost")
            archive = self._home(settings.workers[-1], shards) / "archive"
            folder = Manifest.read(archive).paths(archive)[-1]
            lost = faults.losing(ray, plain.port, folder, shards, self._asked)
        return Faults(killed, lost)

    def _turns(self, seconds: float) -> Turns:
        block = int(seconds * _MOST_PER_SECOND) + max(_CLIENTS, *self._settings.clients)
        # A block for each round, and one to warm up.
        blocks = len(self._settings.clients) * (self._settings.rounds + 1)
        asked = islice(questions.load(self._world, self._settings.articles), blocks * block)
        paths = self._place / "paths.txt"
        paths.write_text("".join(f"{self._onrecord.path(one)}\n" for one in asked), encoding="ascii")
        return Turns(paths, block, seconds)

    def _plain(self, allowed: int) -> Ingest:
        def make(archive: Path) -> tuple[int, Work]:
            with on_cores(allowed):
                return self._onrecord.ingest(self._source, archive)

        return self._made(self._place / f"plain-{allowed}", Ingest(0, 1, allowed, self._settings.articles), make)

    def _on_ray(self, workers: int, shards: int) -> Ingest:
        allowed = min(workers, len(cores()))

        def make(archive: Path) -> tuple[int, Work]:
            with nodes(workers, pinned=True) as cluster, on_cores(allowed):
                return systems.ingest(self._onrecord, self._source, archive, cluster, shards)

        of = Ingest(workers, shards, allowed, self._settings.articles)
        return self._made(self._home(workers, shards), of, make)

    def _made(self, home: Path, of: Ingest, make: Make) -> Ingest:
        """An archive, and what it took to make it; made if it is not there."""
        note = home / "made.json"
        if not note.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            self._say(f"ingest of {of.articles} articles: {of.name}")
            passages, work = make(home / "archive")
            note.write_text(json.dumps({"passages": passages, "work": asdict(work)}), encoding="utf-8")
        said = json.loads(note.read_text(encoding="utf-8"))
        return replace(of, passages=said["passages"], work=Work(**said["work"]))

    def _home(self, workers: int, shards: int) -> Path:
        return self._place / f"ray-{workers}-{shards}"

    @contextmanager
    def _both(self, shards: int, replicas: int = 1) -> Iterator[tuple[Served, Served]]:
        allowed = min(self._settings.workers[-1], len(cores()))
        of_plain = self._place / f"plain-{allowed}" / "archive"
        of_ray = self._home(self._settings.workers[-1], shards) / "archive"
        logs = (self._place / "plain.log", self._place / "ray.log")
        with (
            systems.plain(self._onrecord, of_plain, logs[0]) as plain,
            nodes(0) as cluster,
            systems.on_ray(self._onrecord, of_ray, cluster, logs[1], replicas=replicas) as ray,
        ):
            yield plain, ray


def _shards(count: int) -> str:
    return f"{count} shard{'s' if count > 1 else ''}"


def _idle_cores(*services: Served) -> list[float]:
    """Cores that each service keeps busy while nobody asks."""
    used, began = [one.cpu_seconds() for one in services], time.monotonic()
    time.sleep(_RESTING)
    seconds = time.monotonic() - began
    return [(one.cpu_seconds() - before) / seconds for one, before in zip(services, used, strict=True)]
