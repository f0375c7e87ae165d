"""What was measured, as plain values, and the arithmetic that is done with it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Percentiles of a distribution that are kept for drawing it.
PERCENTS = (0.0, 1.0, 5.0, *range(10, 91, 5), 95.0, 98.0, 99.0, 99.5, 99.9, 100.0)


@dataclass(frozen=True)
class Load:
    """Requests of one kind to one service.

    Attributes:
        clients: Of a closed loop; 0 in an open one.
        rate: Arrivals a second in an open loop; 0 in a closed one.
        requests: Answered.
        errors: By reason; a request that failed has no latency.
        throughput: Answers a second.
        quantiles: Latency in milliseconds at each of ``PERCENTS``.
        client_cores: Cores that the client kept busy; near 1, it was the client that was measured.
        server_cores: Cores that the service kept busy.
    """

    clients: int
    rate: float
    seconds: float
    requests: int
    errors: Mapping[str, int]
    throughput: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    quantiles: tuple[float, ...]
    client_cores: float
    server_cores: float

    @property
    def name(self) -> str:
        """What sets it apart from the other loads of a service, for people."""
        if not self.clients:
            return f"arriving at {self.rate:.0f}/s"
        return f"{self.clients} client{'s' if self.clients > 1 else ''}"


@dataclass(frozen=True)
class Memory:
    """Megabytes (10^6) of a process and all that it has started.

    Attributes:
        rss: Resident; what several share counts in each.
        pss: The same, what is shared counted in parts.
        uss: What would be free if it ended.
    """

    rss: float
    pss: float
    uss: float


@dataclass(frozen=True)
class Work:
    """A program that ran to its end.

    Attributes:
        peak_mb: Most that was ever resident of it, in megabytes (10^6).
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Quality:
    """How well the questions with known answers were answered; see ``evals.metrics``."""

    questions: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Service:
    """A service under load.

    Attributes:
        ready_seconds: From its start until it says that it is ready.
        started: Memory when it was.
        loaded: Memory after everything below.
        closed: Distinct questions, by number of clients.
        opened: The same, arriving at random at some rates.
        repeated: The same few questions again and again, by number of clients.
        stages_ms: Median of each stage of a lone question, as the service tells it.
    """

    ready_seconds: float
    started: Memory
    loaded: Memory
    closed: tuple[Load, ...]
    opened: tuple[Load, ...]
    repeated: tuple[Load, ...]
    stages_ms: Mapping[str, float]
    quality: Quality

    @property
    def errors(self) -> int:
        """Requests that failed."""
        return sum(sum(load.errors.values()) for load in (*self.closed, *self.opened, *self.repeated))


@dataclass(frozen=True)
class Size:
    """Everything about an archive of one size.

    Attributes:
        ingest: From the first article, in as many programs as there were sizes up to this one.
        archive_mb: On disk, in megabytes (10^6).
        open_seconds: Opening it, indexes included, without the model.
        ask_seconds: A question from the shell, median of several.
    """

    articles: int
    passages: int
    ingest: Work
    archive_mb: float
    open_seconds: float
    ask_seconds: float
    service: Service


@dataclass(frozen=True)
class Stage:
    """A stage of ingest, on a sample.

    Attributes:
        share: Of the seconds of all stages.
    """

    seconds: float
    passages_per_second: float
    share: float


@dataclass(frozen=True)
class Encoding:
    """How much of the machine's matrix units encoding uses.

    Attributes:
        tokens: That were encoded, special ones counted, padding not.
        flops: Floating-point operations that the transformer needs for them.
        flops_per_second: Of the encoding.
        limits: Measured flop/s of large matrix products, by precision.
        shares: Of each limit that encoding reaches: model-flops utilisation (Chowdhery and others 2022).
        precision: In which the encoder multiplies.
    """

    passages: int
    tokens: int
    seconds: float
    flops: float
    flops_per_second: float
    limits: Mapping[str, float]
    shares: Mapping[str, float]
    precision: str


@dataclass(frozen=True)
class Growth:
    """How a figure grows with the archive.

    Attributes:
        sizes: Passages.
        values: The figure at each.
        exponent: The b of ``value = a * passages ** b``, by least squares of the logarithms.
    """

    sizes: tuple[int, ...]
    values: tuple[float, ...]
    exponent: float


@dataclass(frozen=True)
class Peer:
    """What a peer made of the same passages and questions.

    Attributes:
        index: Its making of an index; ours includes reading, attribution and cutting, which a peer is spared.
    """

    version: str
    served_by: str
    index: Work
    service: Service


@dataclass(frozen=True)
class Report:
    """All that was measured, and on what.

    Attributes:
        ratios: By peer and figure, how many times better than the peer we are: above 1 is better, whatever it is of.
    """

    machine: Mapping[str, str | int | float]
    versions: Mapping[str, str]
    settings: Mapping[str, object]
    stages: Mapping[str, Stage]
    encoding: Encoding
    sizes: tuple[Size, ...]
    growth: Mapping[str, Growth] = field(default_factory=dict)
    peers: Mapping[str, Peer] = field(default_factory=dict)
    ratios: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """Requests that failed, of any service."""
        services = [one.service for one in self.sizes] + [one.service for one in self.peers.values()]
        return sum(one.errors for one in services)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many per cent of them do not exceed (nearest rank).

    Args:
        ordered: At least one value, ascending.
        percent: 0 to 100.
    """
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def median(values: Sequence[float]) -> float:
    """The 50th percentile of at least one value, in any order."""
    return percentile(sorted(values), 50)


def load_of(
    latencies: Sequence[float],
    errors: Mapping[str, int],
    seconds: float,
    *,
    clients: int = 0,
    rate: float = 0.0,
    client_cpu: float,
    server_cpu: float,
) -> Load:
    """Figures of a load.

    Args:
        latencies: Seconds of each request that was answered.
        errors: By reason.
        seconds: How long it went on.
        clients: See ``Load``.
        rate: See ``Load``.
        client_cpu: Seconds of processor time that the client used.
        server_cpu: Seconds of processor time that the service used.
    """
    # Where nothing was answered there is no latency to speak of; the errors say why.
    ordered = sorted(one * 1000 for one in latencies) or [math.nan]
    return Load(
        clients=clients,
        rate=rate,
        seconds=seconds,
        requests=len(latencies),
        errors=dict(errors),
        throughput=len(latencies) / max(seconds, 1e-9),
        p50_ms=percentile(ordered, 50),
        p90_ms=percentile(ordered, 90),
        p99_ms=percentile(ordered, 99),
        max_ms=ordered[-1],
        quantiles=tuple(percentile(ordered, percent) for percent in PERCENTS),
        client_cores=client_cpu / max(seconds, 1e-9),
        server_cores=server_cpu / max(seconds, 1e-9),
    )


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The b of ``value = a * size ** b``, by least squares of the logarithms; 0 is flat, 1 is in proportion.

    Args:
        sizes: At least two different ones, above 0.
        values: One for each, above 0.
    """
    x, y = [math.log(one) for one in sizes], [math.log(one) for one in values]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((one - mean_x) ** 2 for one in x)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread


def growth(sizes: Sequence[Size]) -> dict[str, Growth]:
    """How the figures of archives grow with their passages; nothing where there is only one size."""
    if len(sizes) < 2:
        return {}
    of: dict[str, list[float]] = {
        "ingest seconds": [one.ingest.seconds for one in sizes],
        "ingest peak MB": [one.ingest.peak_mb for one in sizes],
        "archive MB": [one.archive_mb for one in sizes],
        "open seconds": [one.open_seconds for one in sizes],
        "ask seconds": [one.ask_seconds for one in sizes],
        "ready seconds": [one.service.ready_seconds for one in sizes],
        "memory MB (PSS)": [one.service.loaded.pss for one in sizes],
        "one client p50 ms": [one.service.closed[0].p50_ms for one in sizes],
        "one client p99 ms": [one.service.closed[0].p99_ms for one in sizes],
    }
    passages = tuple(one.passages for one in sizes)
    return {name: Growth(passages, tuple(values), exponent(passages, values)) for name, values in of.items()}


def ratios(ours: Size, peer: Peer) -> dict[str, float]:
    """How many times better than a peer we are, figure by figure; of times and memory the peer's over ours."""
    found = {"ingest": peer.index.seconds / ours.ingest.seconds}
    for own, other in zip(ours.service.closed, peer.service.closed, strict=True):
        found[f"throughput, {own.name}"] = own.throughput / other.throughput
        found[f"p50, {own.name}"] = other.p50_ms / own.p50_ms
        found[f"p99, {own.name}"] = other.p99_ms / own.p99_ms
    found["memory (PSS)"] = peer.service.loaded.pss / ours.service.loaded.pss
    for name, value in ours.service.quality.figures.items():
        if peer.service.quality.figures.get(name):
            found[name] = value / peer.service.quality.figures[name]
    return found
