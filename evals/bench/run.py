"""The bench from end to end: articles of each size, this software on them, then its peers on the same."""

import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.bench import archives, articles, loads, processes, questions, stages
from evals.bench.client import Job, Outcome
from evals.bench.errors import BenchFailed
from evals.bench.figures import Load, Peer, Report, Service, Size, Work, growth, median, ratios
from evals.bench.systems import PEERS, Onrecord, PeerSystem, System
from evals.bench.world import world

Say = Callable[[str], None]
Apart = Callable[..., Any]

# No service under test answers more in a second; where one does, its run ends early, which changes no figure.
_MOST_PER_SECOND = 1_500
# Questions that are asked again and again; few enough for any cache.
_REPEATED = 100


@dataclass(frozen=True)
class Settings:
    """What to measure.

    Attributes:
        sizes: Articles of each archive, ascending.
        seed: Of articles, questions and arrivals.
        seconds: For which each load is kept up.
        clients: Of the closed loops.
        loads: Rates of the open loops, in shares of the highest throughput of the closed ones.
        known: Questions with known answers.
        asks: How often a question is asked from the shell.
        sample: Articles that are taken through the stages of ingest.
        peers: Names of ``systems.PEERS``; measured on the first size.
        width: Of the matrices by which the machine's limit is measured.
        limit_seconds: For how long.
    """

    sizes: tuple[int, ...] = (1000,)
    seed: int = 0
    seconds: float = 10.0
    clients: tuple[int, ...] = (1, 8, 32)
    loads: tuple[float, ...] = (0.5, 0.8)
    known: int = 350
    asks: int = 5
    sample: int = 200
    peers: tuple[str, ...] = ()
    width: int = 3072
    limit_seconds: float = 2.0

    def __post_init__(self) -> None:
        if list(self.sizes) != sorted(set(self.sizes)) or not self.sizes or self.sizes[0] < 1:
            raise BenchFailed(f"sizes have to grow, from 1 on: {self.sizes}")
        if not self.clients or min(self.clients) < 1 or self.clients[0] != 1:
            raise BenchFailed(
                "the first number of clients has to be 1: a lone question is what others are held against"
            )
        for name in self.peers:
            if name not in PEERS:
                raise BenchFailed(f"unknown peer {name!r}; known are {', '.join(PEERS)}")

    @property
    def block(self) -> int:
        """Questions that one load may use up."""
        return int(self.seconds * _MOST_PER_SECOND) + max(self.clients)


def quickened(settings: Settings) -> Settings:
    """As short as it can be with every figure in it: to see that it runs, not how fast anything is."""
    return replace(
        settings, sizes=(60,), seconds=0.5, clients=(1, 4), loads=(0.5,), known=21, asks=1, sample=10, width=512,
        limit_seconds=0.1,
    )  # fmt: skip


def run(
    settings: Settings,
    onrecord: Onrecord,
    *,
    model: Path | None = None,
    folder: Path | None = None,
    make: stages.Create | None = None,
    apart: Apart = archives.apart,
    say: Say = lambda _: None,
) -> Report:
    """Measure everything.

    Args:
        settings: What to measure.
        onrecord: This software, as it is started here.
        model: Folder of the embedding model, for peers and for its shape; None for that of ``onrecord``.
        folder: Where archives are kept; those that an earlier run has left there are used again. None: nowhere.
        make: Makes an archive for the stages of ingest; None for archives as ``onrecord`` makes them.
        apart: Calls a function, so that what it uses does not weigh on what is measured next.
        say: Called with what is being done.

    Raises:
        BenchFailed: Something cannot be measured here.
    """
    processes.check_platform()
    folder_of_model = model or stages.model_folder(onrecord.model)
    peers = [PEERS[name] for name in settings.peers]
    for peer in peers:
        peer.check()
    made_of = {"seed": settings.seed, "model": onrecord.model}
    with kept(folder) as place:
        check(place, made_of)
        say(f"stages of ingest, {settings.sample} articles; the machine's matrix limit")
        of_ingest, encoding = apart(
            stages.stages,
            make or partial(stages.create, model=onrecord.model),
            settings.seed,
            settings.sample,
            model=folder_of_model,
            width=settings.width,
            seconds=settings.limit_seconds,
        )
        sizes: list[Size] = []
        for at, count in enumerate(settings.sizes):
            before = settings.sizes[at - 1] if at else 0
            sizes.append(_Measuring(settings, place, count, say, apart).ours(onrecord, before))
        measuring = _Measuring(settings, place, settings.sizes[0], say, apart)
        compared = {peer.name: measuring.peer(peer, folder_of_model) for peer in peers}
    return Report(
        machine=machine(),
        versions=versions(),
        settings=asdict(settings),
        stages=of_ingest,
        encoding=encoding,
        sizes=tuple(sizes),
        growth=growth(sizes),
        peers=compared,
        ratios={name: ratios(sizes[0], peer) for name, peer in compared.items()},
    )


class _Measuring:
    """An archive of one size, and the questions about it."""

    def __init__(self, settings: Settings, place: Path, count: int, say: Say, apart: Apart) -> None:
        self._settings = settings
        self._place = place
        self._count = count
        self._say = say
        self._apart = apart
        self._world = world(settings.seed)
        self._home = place / str(count)
        self._archive = self._home / "archive"
        self._known = list(questions.known(self._world, count, settings.known))

    def ours(self, onrecord: Onrecord, before: int) -> Size:
        """Everything about this software; the archive of ``before`` articles is there, if that is not 0."""
        passages, ingest = self._ingested(onrecord, before)
        self._say(f"{self._count} articles: opening, asking from the shell")
        opened = self._apart(archives.opening, self._archive)
        asked = [onrecord.ask(one.question, self._archive) for one in self._known[: self._settings.asks]]
        return Size(
            articles=self._count,
            passages=passages,
            ingest=ingest,
            archive_mb=sum(file.stat().st_size for file in self._archive.rglob("*") if file.is_file()) / 1e6,
            open_seconds=opened,
            ask_seconds=median([one.seconds for one in asked]),
            service=self._served(onrecord, self._archive),
        )

    def peer(self, peer: PeerSystem, model: Path) -> Peer:
        """Everything about a peer on the passages of this archive, as we have cut them."""
        passages, folder = self._place / "passages.jsonl", self._place / peer.name
        self._apart(archives.export, self._archive, passages)
        self._say(f"{peer.name}: making its index")
        shutil.rmtree(folder, ignore_errors=True)
        work = peer.index(passages, folder, model)
        return Peer(peer.version, peer.served_by, work, self._served(peer, folder))

    def _ingested(self, onrecord: Onrecord, before: int) -> tuple[int, Work]:
        """Passages of the archive, and what it took to make it from nothing; made if it is not there."""
        done = _done(self._home)
        if done is None:
            shutil.rmtree(self._home, ignore_errors=True)
            passages, work = 0, Work(0.0, 0.0, 0.0)
            if before:
                shutil.copytree(self._place / str(before) / "archive", self._archive)
                smaller = _done(self._place / str(before)) or {}
                passages, work = smaller["passages"], Work(**smaller["work"])
            done = self._extended(onrecord, before, passages, work)
            (self._home / "made.json").write_text(json.dumps(done), encoding="utf-8")
        return done["passages"], Work(**done["work"])

    def _extended(self, onrecord: Onrecord, before: int, passages: int, work: Work) -> dict[str, Any]:
        source = self._place / "articles.jsonl"
        self._say(f"{self._count} articles: ingest of {self._count - before}")
        articles.write(self._world, range(before, self._count), source)
        self._home.mkdir(exist_ok=True)
        more, took = onrecord.ingest(source, self._archive)
        source.unlink()
        total = Work(work.seconds + took.seconds, work.cpu_seconds + took.cpu_seconds, max(work.peak_mb, took.peak_mb))
        return {"passages": passages + more, "work": asdict(total)}

    def _served(self, system: System, folder: Path) -> Service:
        port = processes.free_port()
        command, variables = system.serve(folder, port)
        log = self._place / f"{system.name}.log"
        with processes.serving(command, port, system.ready, log, variables) as running:
            started = processes.memory(running.process)
            self._say(f"{system.name}: {len(self._known)} questions with known answers")
            found = [system.found(processes.get(port, system.path(one.question))) for one in self._known]
            putting = _Loads(self._settings, running, self._paths(system), partial(self._tell, system))
            closed, stages_ms = putting.closed()
            opened = putting.opened(max(load.throughput for load in closed))
            repeated = putting.repeated()
            loaded = processes.memory(running.process)
        return Service(
            ready_seconds=running.ready_seconds,
            started=started,
            loaded=loaded,
            closed=closed,
            opened=opened,
            repeated=repeated,
            stages_ms=stages_ms,
            quality=self._apart(archives.judge, self._archive, self._known, found),
        )

    def _tell(self, system: System, what: str) -> None:
        self._say(f"{system.name}, {self._count} articles: {what}")

    def _paths(self, system: System) -> Path:
        """A file with the questions of all loads, a block for each: the same for every system."""
        asked = questions.load(self._world, self._count)
        blocks = len(self._settings.clients) + len(self._settings.loads)
        target = self._place / "paths.txt"
        with target.open("w", encoding="ascii") as file:
            file.writelines(f"{system.path(one)}\n" for one in islice(asked, blocks * self._settings.block))
        return target


class _Loads:
    """Puts loads on a running service, each from a program of its own."""

    def __init__(self, settings: Settings, running: processes.Running, paths: Path, say: Say) -> None:
        self._settings = settings
        self._running = running
        self._paths = paths
        self._say = say
        self._block = 0

    def closed(self) -> tuple[tuple[Load, ...], dict[str, float]]:
        """Distinct questions by number of clients, and the stages of a lone one."""
        found = []
        stages_ms: dict[str, float] = {}
        for clients in self._settings.clients:
            self._say(f"{clients} at once, distinct questions")
            load, outcome = self._put(clients=clients)
            found.append(load)
            if clients == 1:
                stages_ms = {name: median(values) for name, values in outcome.stages.items()}
        return tuple(found), stages_ms

    def opened(self, most: float) -> tuple[Load, ...]:
        """Distinct questions at shares of the most that was answered."""
        found = []
        for share in self._settings.loads:
            self._say(f"questions at {share:.0%} of {most:.0f} a second")
            found.append(self._put(rate=share * most)[0])
        return tuple(found)

    def repeated(self) -> tuple[Load, ...]:
        """A few questions again and again, by the least and the most clients."""
        ends = dict.fromkeys((self._settings.clients[0], self._settings.clients[-1]))
        few = self._paths.with_name("repeated.txt")
        with self._paths.open(encoding="ascii") as file:
            few.write_text("".join(islice(file, _REPEATED)), encoding="ascii")
        loads.asked(Job(processes.LOOPBACK, self._running.port, str(few), clients=1, seconds=60, requests=_REPEATED))
        found = []
        for clients in ends:
            self._say(f"{clients} at once, {_REPEATED} questions again and again")
            found.append(self._put(clients=clients, again=few)[0])
        return tuple(found)

    def _put(self, *, clients: int = 0, rate: float = 0.0, again: Path | None = None) -> tuple[Load, Outcome]:
        job = Job(
            processes.LOOPBACK,
            self._running.port,
            str(again or self._paths),
            skip=0 if again else self._block * self._settings.block,
            again=again is not None,
            clients=clients,
            rate=rate,
            seconds=self._settings.seconds,
            seed=self._settings.seed,
        )
        if again is None:
            self._block += 1
        return loads.put(job, (self._running.process,))


def machine() -> dict[str, str | int | float]:
    """What this runs on."""
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in described if line.startswith("model name")]
    flags = next((line.split() for line in described if line.startswith("flags")), [])
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "matrix units": " ".join(flag for flag in flags if flag.startswith("amx")) or "none",
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        "load_before": os.getloadavg()[0],
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Of what the figures depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("onrecord", "numpy", "uvicorn")}}


def check(place: Path, made_of: Mapping[str, object]) -> None:
    """See that what an earlier run has left in a folder is of the same articles and model; note what they are.

    Raises:
        BenchFailed: It is of others.
    """
    note = place / "bench.json"
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) != made_of:
        raise BenchFailed(f"{place} holds archives of another seed or model; give another --folder")
    note.write_text(json.dumps(made_of), encoding="utf-8")


def _done(home: Path) -> dict[str, Any] | None:
    path = home / "made.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


@contextmanager
def kept(given: Path | None) -> Iterator[Path]:
    """A folder for archives: the given one, which stays, or one that goes."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with TemporaryDirectory(prefix="onrecord-bench-") as made:
        yield Path(made)
