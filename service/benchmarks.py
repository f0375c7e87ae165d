"""What `onrecord bench` measured, as a person reads it in a terminal."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.bench.figures import Load, Peer, Report, Service, Size


def print_bench(report: Report) -> None:
    """All figures: stages of ingest, each size with its loads, growth, peers."""
    console = console_of(report.machine)
    for table in (_stages(report), _sizes(report), *(_loads(one) for one in report.sizes), *_peers(report)):
        console.print()
        console.print(table)
    console.print()
    for line in _remarks(report):
        console.print(Text(line), soft_wrap=True)


def console_of(machine: Mapping[str, str | int | float]) -> Console:
    """Where a bench is printed, which begins with what it ran on."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=120)
    size = f"{machine['cores']} cores, {machine['memory_gb']:.0f} GB; load before {machine['load_before']:.1f}"
    console.print(Text(f"{machine['processor']}, {size}"))
    return console


def table_of(title: str, columns: Sequence[str]) -> Table:
    """An empty table of figures."""
    table = Table(title=Text(title), title_justify="left", box=None)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number)
    return table


def _stages(report: Report) -> Table:
    articles = report.settings["sample"]
    table = table_of(f"stages of ingest, {articles} articles", ("stage", "seconds", "passages/s", "share"))
    for name, stage in report.stages.items():
        table.add_row(name, f"{stage.seconds:.2f}", f"{stage.passages_per_second:.0f}", f"{stage.share:.1%}")
    return table


def _sizes(report: Report) -> Table:
    table = table_of("by size", ("", *(f"{one.articles} articles" for one in report.sizes), "exponent"))
    for name, show in _BY_SIZE.items():
        grown = report.growth.get(name)
        table.add_row(name, *(show(one) for one in report.sizes), f"{grown.exponent:.2f}" if grown else "")
    for stage in report.sizes[-1].service.stages_ms:
        values = (f"{one.service.stages_ms.get(stage, float('nan')):.2f}" for one in report.sizes)
        table.add_row(f"  stage {stage} ms", *values, "")
    return table


_BY_SIZE: dict[str, Callable[[Size], str]] = {
    "passages": lambda one: f"{one.passages}",
    "ingest seconds": lambda one: f"{one.ingest.seconds:.1f}",
    "ingest passages/s": lambda one: f"{one.passages / one.ingest.seconds:.0f}",
    "ingest peak MB": lambda one: f"{one.ingest.peak_mb:.0f}",
    "archive MB": lambda one: f"{one.archive_mb:.0f}",
    "open seconds": lambda one: f"{one.open_seconds:.2f}",
    "ask seconds": lambda one: f"{one.ask_seconds:.2f}",
    "ready seconds": lambda one: f"{one.service.ready_seconds:.2f}",
    "memory at the start MB (PSS)": lambda one: f"{one.service.started.pss:.0f}",
    "memory MB (PSS)": lambda one: f"{one.service.loaded.pss:.0f}",
    "memory MB (RSS)": lambda one: f"{one.service.loaded.rss:.0f}",
    "memory MB (USS)": lambda one: f"{one.service.loaded.uss:.0f}",
    "one client p50 ms": lambda one: f"{one.service.closed[0].p50_ms:.2f}",
    "one client p99 ms": lambda one: f"{one.service.closed[0].p99_ms:.2f}",
    "hit@1": lambda one: _quality(one.service, "hit@1"),
    "MRR@10": lambda one: _quality(one.service, "MRR@10"),
    "false answers": lambda one: _quality(one.service, "false answers"),
    "wrong refusals": lambda one: _quality(one.service, "wrong refusals"),
}


def _quality(service: Service, name: str) -> str:
    value = service.quality.figures.get(name)
    return "" if value is None else f"{value:.3f}"


def _loads(size: Size) -> Table:
    columns = ("load", "req/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors", "server cores", "client cores")
    table = table_of(f"HTTP, {size.articles} articles", columns)
    for name, load in _named(size.service):
        table.add_row(
            name,
            f"{load.throughput:.0f}",
            *(f"{one:.2f}" for one in (load.p50_ms, load.p90_ms, load.p99_ms, load.max_ms)),
            ", ".join(f"{why}: {count}" for why, count in load.errors.items()) or "0",
            f"{load.server_cores:.2f}",
            f"{load.client_cores:.2f}",
        )
    return table


def _named(service: Service) -> Iterable[tuple[str, Load]]:
    yield from ((load.name, load) for load in (*service.closed, *service.opened))
    yield from ((f"{load.name}, repeated", load) for load in service.repeated)


def _peers(report: Report) -> Iterable[Table]:
    ours = report.sizes[0]
    for name, peer in report.peers.items():
        title = f"against {name} {peer.version}, {ours.passages} passages; served by {peer.served_by}"
        table = table_of(title, ("", "onrecord", name, "times better"))
        for figure, ratio in report.ratios[name].items():
            table.add_row(figure, *_beside(figure, ours, peer), f"{ratio:.2f}")
        yield table


def _beside(figure: str, ours: Size, peer: Peer) -> tuple[str, str]:
    """A figure of both; by its name in the ratios."""
    if figure == "ingest":
        return f"{ours.passages / ours.ingest.seconds:.0f}/s", f"{ours.passages / peer.index.seconds:.0f}/s"
    if figure == "memory (PSS)":
        return f"{ours.service.loaded.pss:.0f} MB", f"{peer.service.loaded.pss:.0f} MB"
    if "," not in figure:
        return _quality(ours.service, figure), _quality(peer.service, figure)
    what, _, load_name = figure.partition(", ")
    own, other = (_of(one, load_name) for one in (ours.service, peer.service))
    show: Callable[[Load], str] = {
        "throughput": lambda load: f"{load.throughput:.0f}/s",
        "p50": lambda load: f"{load.p50_ms:.2f} ms",
        "p99": lambda load: f"{load.p99_ms:.2f} ms",
    }[what]
    return show(own), show(other)


def _of(service: Service, name: str) -> Load:
    return next(load for load in service.closed if load.name == name)


def _remarks(report: Report) -> Iterable[str]:
    encoding = report.encoding
    shares = ", ".join(
        f"{encoding.shares[name]:.2f} of {limit / 1e12:.2f} TFLOP/s in {name}"
        for name, limit in encoding.limits.items()
    )
    rate, reached = encoding.passages / encoding.seconds, encoding.flops_per_second / 1e12
    yield f"Encoding in {encoding.precision}: {rate:.0f} passages/s, {reached:.3f} TFLOP/s: {shares}."
    yield "clean: what it would take for pages; the text of records is kept as it is."
    if report.peers:
        yield "ingest: ours reads, attributes and cuts as well; a peer is given the passages."
    if report.errors:
        yield f"{report.errors} requests FAILED: the figures are not to be used."
