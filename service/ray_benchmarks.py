"""What `onrecord bench --ray` measured, as a person reads it in a terminal."""

from collections.abc import Callable, Iterable, Sequence

from rich.table import Table
from rich.text import Text

from evals.bench.cluster.figures import Beside, ClusterReport, Faults, Footprint, Ingest, Pair, cpu_ms
from evals.bench.figures import Load, median
from service.benchmarks import console_of, table_of


def print_ray_bench(report: ClusterReport) -> None:
    """All figures: Ray alone, ingest, services beside each other, answers, and what was taken away."""
    console = console_of(report.machine)
    for table in (_bare(report), _ingests(report), *map(_loads, report.pairs), *map(_footprints, report.pairs)):
        console.print()
        console.print(table)
    console.print()
    for line in _remarks(report):
        console.print(Text(line), soft_wrap=True)
    for line in report.failures:
        console.print(Text(f"FAILED: {line}."), soft_wrap=True)


def _bare(report: ClusterReport) -> Table:
    table = table_of(f"Ray {report.versions['ray']}, a call that does nothing", ("", "p50 ms", "p99 ms", "cpu ms"))
    for name, call in report.bare.calls.items():
        table.add_row(name, f"{call.p50_ms:.2f}", f"{call.p99_ms:.2f}", f"{call.cpu_ms:.2f}")
    return table


def _ingests(report: ClusterReport) -> Table:
    columns = ("", "shards", "seconds", "articles/s", "passages/s", "cores used", "cpu s", "times plain", "speed-up",
               "efficiency")  # fmt: skip
    table = table_of(f"ingest of {report.ingests[0].articles} articles", columns)
    for one in report.ingests:
        beside = next((other for other in report.ingests if not other.workers and other.cores == one.cores), one)
        speed_up, efficiency = _scaled(one, report.ingests)
        table.add_row(
            one.name,
            f"{one.shards}",
            f"{one.work.seconds:.1f}",
            f"{one.articles / one.work.seconds:.1f}",
            f"{one.passages / one.work.seconds:.0f}",
            f"{one.work.cpu_seconds / one.work.seconds:.2f}",
            f"{one.work.cpu_seconds:.1f}",
            f"{beside.work.seconds / one.work.seconds:.2f}",
            speed_up,
            efficiency,
        )
    return table


def _scaled(one: Ingest, among: Sequence[Ingest]) -> tuple[str, str]:
    """Times the fewest of its kind into as many shards, and that by how many more there are of it."""

    def parts(of: Ingest) -> int:
        return of.workers or of.cores

    alike = [other for other in among if (not other.workers, other.shards) == (not one.workers, one.shards)]
    least = min(alike, key=parts)
    times = least.work.seconds / one.work.seconds
    return f"{times:.2f}", f"{times * parts(least) / parts(one):.2f}"


def _loads(pair: Pair) -> Table:
    table = table_of(
        f"{pair.shards} shard{'s' if pair.shards > 1 else ''} on Ray beside plain, medians of rounds by turns",
        ("", "plain", "on Ray", "times", "least", "most"),
    )
    for load in pair.loads:
        for name, (of, unit) in _FIGURES.items():
            ratio = load.ratios[name]
            table.add_row(
                f"{load.plain[0].name}, {name}",
                *(f"{one:.1f} {unit}" for one in _medians(load, of)),
                *(f"{one:.2f}" for one in (ratio.median, ratio.low, ratio.high)),
            )
    return table


_FIGURES: dict[str, tuple[Callable[[Load], float], str]] = {
    "throughput": (lambda load: load.throughput, "/s"),
    "p50": (lambda load: load.p50_ms, "ms"),
    "p99": (lambda load: load.p99_ms, "ms"),
    "processor time": (cpu_ms, "ms"),
}


def _medians(load: Beside, of: Callable[[Load], float]) -> Iterable[float]:
    return (median([of(one) for one in loads]) for loads in (load.plain, load.ray))


def _footprints(pair: Pair) -> Table:
    table = table_of("the two services", ("", "plain", "on Ray"))
    for name, show in _OF_SERVICE.items():
        table.add_row(name, show(pair.plain), show(pair.ray))
    for stage in {**pair.plain.stages_ms, **pair.ray.stages_ms}:
        both = (one.stages_ms.get(stage) for one in (pair.plain, pair.ray))
        table.add_row(f"  stage {stage} ms", *("" if one is None else f"{one:.2f}" for one in both))
    return table


_OF_SERVICE: dict[str, Callable[[Footprint], str]] = {
    "ready seconds": lambda one: f"{one.ready_seconds:.1f}",
    "memory MB (PSS)": lambda one: f"{one.memory.pss:.0f}",
    "memory MB (USS)": lambda one: f"{one.memory.uss:.0f}",
    "cores when idle": lambda one: f"{one.idle_cores:.2f}",
}


def _remarks(report: ClusterReport) -> Iterable[str]:
    bare = report.bare
    yield (
        f"Ray alone: {bare.start_seconds:.1f} s until a node is there, {bare.memory.pss:.0f} MB (PSS), "
        f"{bare.idle_cores:.2f} cores when idle."
    )
    for pair in report.pairs:
        one = pair.same
        yield (
            f"{pair.shards} shards: of {one.questions} answers {one.order:.3f} the same in order, {one.confidence:.3f} "
            f"also in confidence (largest difference {one.largest:.2g}), {one.overlap:.3f} of the ten passages."
        )
    if report.faults is not None:
        yield from _faults(report.faults)


def _faults(faults: Faults) -> Iterable[str]:
    killing, losing = faults.killing, faults.losing
    load = killing.load
    yield (
        f"{killing.shards} shards of {killing.replicas} replicas, one killed every {killing.every:g} s "
        f"({killing.killed} in {load.seconds:.0f} s), {load.clients} clients: {load.requests} requests, "
        f"{sum(load.errors.values())} failed, {killing.partial} partial, p50 {load.p50_ms:.0f} ms, "
        f"p99 {load.p99_ms:.0f} ms, slowest {load.max_ms:.0f} ms."
    )
    yield (
        f"{losing.shards} shards, one lost: of {losing.questions} answers {losing.partial} say so, {losing.wrong} are "
        f"wrong; once it was back, {losing.again} were whole again."
    )
