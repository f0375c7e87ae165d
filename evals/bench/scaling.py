"""What an archive of some size needs: arithmetic on constants that were measured on smaller ones (docs/scale.md).

Megabytes are 10^6 bytes, and milliseconds of processor time those of one core of the machine of docs/performance.md;
``Machine.pace`` says how much quicker another one is.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.bench.plot import Line, curves, picture

_DIMENSION = 384


@dataclass(frozen=True)
class Articles:
    """What articles are like, in the mean.

    Attributes:
        passages: In one of them.
        stored: Bytes of the database of a shard, by passages: texts, vectors, terms, people, indexes of SQLite.
        words: Bytes of the index of words, by passages.
        catalogue: Bytes of the catalogue of all shards, by articles.
        candidate: Bytes of a candidate on its way from its shard to the front.
        cataloguing_ms: Processor time in which the catalogue takes up one of them.
    """

    name: str
    passages: float
    stored: float
    words: float
    catalogue: float
    candidate: float
    cataloguing_ms: float


# What `onrecord bench` makes up, and newspapers: 1,000 and 1,008 articles, by `dbstat` of SQLite and files' sizes.
MADE = Articles("made up", 8.456, 2690, 136, 6304, 2991, 15.1)
NEWS = Articles("newspapers", 11.51, 3028, 159, 11236, 3577, 2.2)


@dataclass(frozen=True)
class Layout:
    """How the vectors of a shard are held; see ``retrieval.dense``.

    Attributes:
        built: Whether there is such a thing, or only this calculation.
        memory: Bytes of a coordinate that are in memory.
        disk: Bytes of a coordinate that are on the disk alone.
        base_ms: Processor time of a search, whatever the size.
        scan_ms: Processor time of a search for a thousand passages more.
        reads: Places of the disk that a search reads, anywhere.
        dimension: Of the vectors; the times are those of 384, and others in proportion.
    """

    name: str
    built: bool
    memory: float
    disk: float
    base_ms: float
    scan_ms: float
    reads: int = 0
    dimension: int = _DIMENSION


# Times: docs/performance.md, "The dense index": flat from 10,000 to 500,000 passages, the bits from 100,000 to 500,000.
# A shard is flat up to 20,000 passages (``dense.EXACT``) and has bits and bytes beyond.
FLAT = Layout("flat", built=True, memory=2, disk=0, base_ms=0, scan_ms=0.11)
SKETCHED = Layout("bits and bytes", built=True, memory=1 + 1 / 8, disk=0, base_ms=0.95, scan_ms=0.0095)
BITS = Layout("bits, bytes on disk", built=False, memory=1 / 8, disk=1, base_ms=0.95, scan_ms=0.0095, reads=1500)
LAYOUTS = (FLAT, SKETCHED, BITS)

# What filters ask of each passage, and the step of its bytes.
_COLUMNS_BYTES = 33 + 4
# Three searches by words: 0.8 ms at 11,601 passages, 6.4 at 509,443 (docs/performance.md).
_WORDS_MS, _WORDS_SCAN_MS = 0.67, 0.0113
# The plain service under load without an archive, and what it keeps of articles once it has read 16,384 passages.
_SERVICE_MB, _KEPT_MB, _KEPT_PASSAGES = 330.0, 90.0, 16_384
# A replica on Ray with five articles in it, and Ray's own processes on each machine with their store of objects.
_REPLICA_MB, _RAY_MB = 154.0, 450.0
# A lone question, and the processor time of one of many, without the two searches.
_FRONT_MS, _FRONT_CPU_MS = 24.5, 14.5
_MODEL_MB = 46.4
_INGEST_MS = 16.2
# A question has its vector and words sent to all shards, its 150 candidates to those that have any of them, some ten
# articles to be cited, and fewer whole ones: four rounds, the next one begun when the last has ended.
_CANDIDATES, _CITED, _ROUNDS = 150, 15, 4
# Bytes that a shard is sent and sends to be searched, and those of what is cited.
_SEARCH_BYTES, _CITED_BYTES = 6_600, 35_000
# A call of a deployment of Ray Serve and its answer of some kilobytes: processor time, half of it on each side, and
# latency.
_CALL_MS, _CALL_WAIT_MS = 7.5, 5.8
# Shares of a machine's memory and of its cores that may be used up; above, something waits that should not.
_FULL, _BUSY = 0.8, 0.6
_MOST_SHARDS = 1_000

# Processor time of the two searches and of reading the candidates, in medians, at these shares of 1,300 questions.
_SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.998, 0.999)
_SPREAD = (0.73, 0.78, 0.89, 1.0, 1.15, 1.29, 1.37, 1.49, 1.62, 1.70, 1.77)


@dataclass(frozen=True)
class Machine:
    """What is bought by the hour, or stands in a rack.

    Attributes:
        gigabits: Of its network, a second.
        reads: From anywhere of its disk, a second.
        pace: How many times quicker a core is than those of docs/performance.md.
    """

    cores: int = 16
    memory_gb: float = 64
    disk_gb: float = 2000
    gigabits: float = 10
    reads: float = 400_000
    pace: float = 1.0


@dataclass(frozen=True)
class Plan:
    """What an archive needs.

    Attributes:
        memory_gb: Of all copies of all shards.
        disk_gb: The same, on the disk.
        catalogue_gb: On the disk of each machine of the front.
        question_ms: Processor time of a question, of all machines together.
        p50_ms: Latency of a lone question, network left out.
        needs: For each thing that may run out, how many machines it takes.
        ingest_core_hours: Once.
        catalogue_hours: In which the catalogue is made anew, by one core.
    """

    passages: float
    shards: int
    memory_gb: float
    disk_gb: float
    catalogue_gb: float
    question_ms: float
    p50_ms: float
    needs: Mapping[str, float]
    ingest_core_hours: float
    catalogue_hours: float

    @property
    def machines(self) -> int:
        """Of the shards and of the front."""
        return sum(
            math.ceil(max(need for name, need in self.needs.items() if name.endswith(side)))
            for side in ("of the shards", "of the front")
        )

    @property
    def bottleneck(self) -> str:
        """What takes most machines."""
        return max(self.needs, key=self.needs.__getitem__)


def index_bytes(layout: Layout, passages: float) -> float:
    """Bytes of a dense index in memory."""
    return passages * (layout.memory * layout.dimension + _COLUMNS_BYTES)


def archive_mb(articles: Articles, layout: Layout, passages: float) -> float:
    """Megabytes of an archive, or a shard, on the disk, with the model."""
    stored = articles.stored + 2 * (layout.dimension - _DIMENSION)  # the database has vectors in half precision
    each = stored + articles.words + (layout.memory + layout.disk) * layout.dimension + _COLUMNS_BYTES
    return passages * each / 1e6 + _MODEL_MB


def service_mb(articles: Articles, layout: Layout, passages: float) -> float:
    """Megabytes of memory (PSS) of the plain service under load."""
    return _SERVICE_MB + _held_mb(articles, layout, passages)


def replica_mb(articles: Articles, layout: Layout, passages: float) -> float:
    """Megabytes of memory of one replica of a shard on Ray, which has no model."""
    return _REPLICA_MB + _held_mb(articles, layout, passages)


def search_ms(layout: Layout, passages: float) -> float:
    """Processor time in which a shard finds what is near and what has the words."""
    thousands = passages / 1000
    scanning = layout.scan_ms * layout.dimension / _DIMENSION * thousands
    return layout.base_ms + scanning + _WORDS_MS + _WORDS_SCAN_MS * thousands


def question_ms(layout: Layout, passages: float) -> float:
    """Median latency of a lone question to the plain service."""
    return _FRONT_MS + search_ms(layout, passages)


def latency_ms(layout: Layout, passages: float, shards: int) -> float:
    """Median latency of a lone question to an archive in shards.

    The front asks the shards one after the other, in one thread, and waits for the slowest.
    """
    searching = search_ms(layout, passages / shards) * slowest(shards, 0.5)
    return _FRONT_MS + searching + _ROUNDS * _CALL_WAIT_MS + _calls(shards) * _CALL_MS / 2


def slowest(shards: int, share: float) -> float:
    """A quantile of the slowest of some shards, in medians of one of them.

    All have answered by t with probability F(t)^N where each has with F(t), and they are slow independently of each
    other: so it is the ``share ** (1 / N)`` quantile of one (Dean and Barroso 2013). Beyond what was measured nothing
    is made up: it stays at the last.
    """
    return float(np.interp(share ** (1 / shards), _SHARES, _SPREAD))


def plan(
    count: int,
    layout: Layout,
    *,
    articles: Articles = NEWS,
    questions: float = 100,
    machine: Machine = Machine(),
    copies: int = 2,
) -> Plan:
    """What so many articles need.

    Args:
        count: Of articles.
        layout: Of the vectors.
        articles: What they are like.
        questions: A second, when it is busiest.
        machine: The only kind there is.
        copies: Replicas of each shard, on different machines.
    """
    passages = count * articles.passages
    room = machine.memory_gb * 1000 * _FULL - _RAY_MB
    # So few that each fits into a machine, and from there on the number with which a lone question is quickest.
    least = next(n for n in range(1, _MOST_SHARDS) if replica_mb(articles, layout, passages / n) <= room)
    shards = min(range(least, _MOST_SHARDS), key=lambda n: latency_ms(layout, passages, n))
    each = passages / shards
    memory = copies * shards * replica_mb(articles, layout, each)
    disk = copies * shards * archive_mb(articles, layout, each)
    catalogue = count * articles.catalogue / 1e6
    asking = _calls(shards) * _CALL_MS / 2
    searching = shards * search_ms(layout, each) + asking
    travelling = shards * _SEARCH_BYTES + _CANDIDATES * articles.candidate + _CITED_BYTES
    busy = questions / 1000 / machine.pace / (_BUSY * machine.cores)
    needs = {
        "memory of the shards": memory / room,
        "processors of the shards": searching * busy,
        "disks of the shards": disk / (_FULL * machine.disk_gb * 1000),
        "reads of the shards": questions * shards * layout.reads / (_FULL * machine.reads),
        "processors of the front": (_FRONT_CPU_MS + asking) * busy,
        "network of the front": questions * travelling * 8 / (_BUSY * machine.gigabits * 1e9),
        "disk of the front": catalogue / (_FULL * machine.disk_gb * 1000),
    }
    return Plan(
        passages=passages,
        shards=shards,
        memory_gb=memory / 1000,
        disk_gb=disk / 1000,
        catalogue_gb=catalogue / 1000,
        question_ms=(_FRONT_CPU_MS + asking + searching) / machine.pace,
        p50_ms=latency_ms(layout, passages, shards) / machine.pace,
        needs=needs,
        ingest_core_hours=passages * _INGEST_MS / 3_600_000 / machine.pace,
        catalogue_hours=count * articles.cataloguing_ms / 3_600_000 / machine.pace,
    )


def table(counts: Sequence[int] = (1_000_000, 10_000_000, 100_000_000), questions: float = 100) -> Iterator[str]:
    """The lines of the table of docs/scale.md."""
    yield (
        "| articles | vectors | shards | memory, GB | disk, GB | catalogue, GB | core-seconds a question | p50, ms "
        "| machines | most of them for |"
    )
    yield "|" + "---|" * 10
    for count in counts:
        for layout in LAYOUTS:
            made = plan(count, layout, questions=questions)
            name = layout.name if layout.built else f"{layout.name} *"
            yield (
                f"| {count // 1_000_000} million | {name} | {made.shards:,} | {made.memory_gb:,.0f} "
                f"| {made.disk_gb:,.0f} | {made.catalogue_gb:,.0f} | {made.question_ms / 1000:,.2f} "
                f"| {made.p50_ms:.0f} | {made.machines:,} | {made.bottleneck} |"
            )


def as_svg() -> str:
    """The picture of docs/scale.md: memory and latency, by articles."""
    counts = [round(10 ** (step / 4)) for step in range(24, 33)]
    made = {layout.name: [plan(count, layout) for count in counts] for layout in LAYOUTS}
    last = {name: plans[-1] for name, plans in made.items()}
    said = "; ".join(f"{name}: {one.memory_gb:,.0f} GB, {one.p50_ms:,.0f} ms" for name, one in last.items())
    memory = [
        Line(name, [(count / 1e6, one.memory_gb) for count, one in zip(counts, plans, strict=True)])
        for name, plans in made.items()
    ]
    latency = [
        Line(name, [(count / 1e6, one.p50_ms) for count, one in zip(counts, plans, strict=True)])
        for name, plans in made.items()
    ]
    return picture(
        [
            curves("Memory of all shards, two copies, GB", "million articles", memory),
            curves("Latency of a lone question, p50, ms", "million articles", latency),
        ],
        "What an archive takes by the model",
        f"Memory and latency grow with articles; at {counts[-1]:,}: {said}.",
    )


def _held_mb(articles: Articles, layout: Layout, passages: float) -> float:
    # Bits and bytes have room for a sixteenth more.
    index = index_bytes(layout, passages) * (1 if layout is FLAT else 17 / 16)
    return (index + articles.words * passages) / 1e6 + _KEPT_MB * min(1.0, passages / _KEPT_PASSAGES)


def _calls(shards: int) -> int:
    return shards + min(shards, _CANDIDATES) + min(shards, _CITED)
