"""What was measured on Ray and beside it, as plain values, and the arithmetic that is done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.bench.figures import Load, Memory, Work, median


@dataclass(frozen=True)
class Call:
    """Calls that do nothing.

    Attributes:
        cpu_ms: Processor time of each, on both sides and between.
    """

    p50_ms: float
    p99_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Bare:
    """What Ray takes for nothing.

    Attributes:
        start_seconds: Until all nodes are there.
        memory: Of a cluster that runs nothing.
        idle_cores: Cores that it keeps busy.
        calls: Through a handle of Ray Serve, by what is sent and comes back.
    """

    start_seconds: float
    memory: Memory
    idle_cores: float
    calls: Mapping[str, Call]


_NOTHING = Work(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Ingest:
    """An ingest of the same articles.

    Attributes:
        workers: Nodes of Ray, each on a core of its own as long as there are cores; 0 without Ray.
        shards: Of the archive that was made.
        cores: That it was allowed.
        work: Processor time of the cluster included; the peak is not.
    """

    workers: int
    shards: int
    cores: int
    articles: int
    passages: int = 0
    work: Work = _NOTHING

    @property
    def name(self) -> str:
        """For people."""
        kind = f"Ray, {self.workers} worker{'s' if self.workers > 1 else ''}" if self.workers else "plain"
        return f"{kind}, {self.cores} core{'s' if self.cores > 1 else ''}"


@dataclass(frozen=True)
class Spread:
    """The same figure several times."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Beside:
    """A load on a service on Ray and on the plain one, by turns.

    Attributes:
        plain: Of each round.
        ray: Of each round.
        ratios: By figure, Ray's over plain's of the same round.
    """

    clients: int
    plain: tuple[Load, ...]
    ray: tuple[Load, ...]
    ratios: Mapping[str, Spread]


@dataclass(frozen=True)
class Footprint:
    """A service, what it needs to run counted.

    Attributes:
        ready_seconds: From its start, that of a cluster left out.
        memory: After all loads.
        idle_cores: That it keeps busy when nobody asks.
        stages_ms: Mean of each stage of a lone question, as the service tells it.
    """

    ready_seconds: float
    memory: Memory
    idle_cores: float
    stages_ms: Mapping[str, float]


@dataclass(frozen=True)
class Same:
    """Whether the answers of two services to the same questions are the same.

    Attributes:
        order: Share of questions with the same passages in the same order, and the same on whether they answer.
        confidence: Share of questions whose confidences are also the same, to the last digit.
        largest: Largest difference between the confidences of passages at the same rank.
        overlap: Of the ten of the plain archive, the share that is among the ten of the other, in the mean.
        differing: Some questions whose order differs.
    """

    questions: int
    order: float
    confidence: float
    largest: float
    overlap: float
    differing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A service on Ray beside the plain one.

    Attributes:
        loads: By number of clients.
    """

    shards: int
    loads: tuple[Beside, ...]
    plain: Footprint
    ray: Footprint
    same: Same

    @property
    def errors(self) -> int:
        """Requests that failed, of either."""
        return sum(sum(load.errors.values()) for one in self.loads for load in (*one.plain, *one.ray))


@dataclass(frozen=True)
class Killing:
    """Questions while replicas are killed.

    Attributes:
        replicas: Of each shard.
        every: Seconds between two that are killed.
        killed: How many were.
        partial: Answers that came without a shard, and say so: where no replica of it was ready.
        load: What came of the questions.
    """

    shards: int
    replicas: int
    every: float
    killed: int
    partial: int
    load: Load


@dataclass(frozen=True)
class Losing:
    """Questions while a shard is away.

    Attributes:
        questions: That were asked.
        partial: Answers that say that shards are missing, and which.
        wrong: Answers with a passage that the whole archive has not, or has with another text or citation.
        again: Answers that have the passages of the whole archive, in its order, once the shard was back.
    """

    shards: int
    questions: int
    partial: int
    wrong: int
    again: int


@dataclass(frozen=True)
class Faults:
    """What came of taking things away."""

    killing: Killing
    losing: Losing


@dataclass(frozen=True)
class ClusterReport:
    """All that was measured, and on what."""

    machine: Mapping[str, str | int | float]
    versions: Mapping[str, str]
    settings: Mapping[str, object]
    bare: Bare
    ingests: tuple[Ingest, ...]
    pairs: tuple[Pair, ...]
    faults: Faults | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        """What ought not to be, in words; nothing where all is as promised."""
        found = [f"{one.errors} requests failed, {one.shards} shards" for one in self.pairs if one.errors]
        found += [f"answers differ, {one.shards} shards" for one in self.pairs if one.same.order < 1]
        if self.faults is not None:
            killing, losing = self.faults.killing, self.faults.losing
            failed = sum(killing.load.errors.values())
            found += [f"{failed} requests failed while replicas were killed"] if failed else []
            silent = losing.questions - losing.partial
            found += [f"{silent} answers without a shard do not say so"] if silent else []
            found += [f"{losing.wrong} answers without a shard are wrong"] if losing.wrong else []
        return tuple(found)


def spread(values: Sequence[float]) -> Spread:
    """The median and the ends of at least one value."""
    return Spread(median(values), min(values), max(values))


def cpu_ms(load: Load) -> float:
    """Processor time of a service for a question."""
    return load.server_cores * load.seconds / load.requests * 1000


def beside(plain: Sequence[Load], ray: Sequence[Load]) -> Beside:
    """A load of both, round by round.

    Args:
        plain: At least one, each with an answer.
        ray: As many.
    """
    rounds = list(zip(plain, ray, strict=True))
    ratios = {
        "throughput": spread([b.throughput / a.throughput for a, b in rounds]),
        "p50": spread([b.p50_ms / a.p50_ms for a, b in rounds]),
        "p99": spread([b.p99_ms / a.p99_ms for a, b in rounds]),
        "processor time": spread([cpu_ms(b) / cpu_ms(a) for a, b in rounds]),
    }
    return Beside(plain[0].clients, tuple(plain), tuple(ray), ratios)
