"""``onrecord eval compare`` and ``sweep``: runs beside one another."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands import ArchiveOption, JsonOption, make_archive, open_archive, print_json

if TYPE_CHECKING:
    from evals.run import Mode, Report
    from retrieval import Archive
    from retrieval.reranker import Reranker

PageOption = Annotated[
    Path | None, typer.Option("--report", help="Write a page of it to this file.", metavar="FILE.html")
]


def register(group: typer.Typer) -> None:
    """Give a group these commands."""
    group.command("compare")(compare)
    group.command("sweep")(sweep)


def compare(
    first: Annotated[
        Path, typer.Argument(help="What `onrecord eval --json` printed, or a baseline.", metavar="A.json")
    ],
    second: Annotated[Path, typer.Argument(help="Another run of the same set.", metavar="B.json")],
    page: PageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold two runs of a set against each other: how much they differ, whether by chance, and where."""
    from evals import comparison
    from evals.recorded import load, recorded
    from service.terminal import print_comparison

    one, other = (recorded(load(path), str(path)) for path in (first, second))
    found = comparison.compare(one, other, (str(first), str(second)))
    if not found.same_corpus:
        print(  # noqa: T201
            "onrecord: the two runs were asked of different articles: what differs may be those, and not the search",
            file=sys.stderr,
        )
    if page is not None:
        from evals.report.comparison import as_html
        from evals.report.page import write

        write(page, as_html(found))
    if as_json:
        print_json(found.as_json())
    else:
        print_comparison(found)


def sweep(
    path: Annotated[
        Path | None, typer.Argument(help="A set (.jsonl) or a BEIR folder; default: the seeds' set.", metavar="SET")
    ] = None,
    varied: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="What to vary: passage_tokens, candidates, mode, reranker, weights; again for another one.",
            metavar="NAME=VALUE,VALUE",
        ),
    ] = None,
    one_at_a_time: Annotated[
        bool, typer.Option("--one-at-a-time", help="Each value with all else as it is, not all combinations.")
    ] = False,
    figure: Annotated[str, typer.Option(help="The quality to hold against the cost.")] = "nDCG@10",
    archive: ArchiveOption = None,
    plot: Annotated[Path | None, typer.Option(help="Draw quality against cost.", metavar="FILE.svg")] = None,
    page: PageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a set under many settings: what quality each of them buys, and what it costs."""
    from evals.outputs import writable
    from evals.sweep import parse, points
    from evals.sweep import sweep as run
    from retrieval.errors import InvalidRequest
    from service.progress import steps
    from service.terminal import print_sweep

    try:
        tried = points(parse(varied or []), one_at_a_time=one_at_a_time)
    except InvalidRequest as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error
    for file in filter(None, (plot, page)):
        writable(file, "what was found")
    with (
        _asked(path, archive) as (opened, name, evaluate),
        TemporaryDirectory(prefix="onrecord-") as place,
        steps("sweep", len(tried)) as begin,
    ):
        found = run(opened, tried, evaluate, Path(place), load_reranker=_reranker, figure=figure, on_step=begin)
    if plot is not None:
        from evals.outputs import write
        from evals.report.sweep import as_svg

        write(plot, "the plot", as_svg(found, figure).encode("utf-8", "xmlcharrefreplace"))
    if page is not None:
        from evals.report import page as pages
        from evals.report.sweep import as_html

        pages.write(page, as_html(name, found, figure))
    if as_json:
        print_json({"set": name, "figure": figure, "runs": [one.as_json() for one in found]})
    else:
        print_sweep(found, figure)


@contextmanager
def _asked(
    path: Path | None, archive: Path | None
) -> "Iterator[tuple[Archive, str, Callable[[Archive, Mode], Report]]]":
    """The archive that a set is run on, made for this once of a BEIR folder; the set's name, and what runs it."""
    from evals.beir import documents, evaluate_beir, is_beir
    from evals.run import DEFAULT_SET, evaluate

    if path is None or not is_beir(path):
        questions = path or DEFAULT_SET
        with open_archive(archive) as opened:
            yield opened, questions.stem, lambda one, mode: evaluate(one, questions, mode)
        return
    from ingest.pipeline import ingest_articles
    from service.progress import progress

    with TemporaryDirectory(prefix="onrecord-") as place, make_archive(Path(place), None, None) as made:
        with progress("ingest", None) as shown:
            ingest_articles(made, documents(path), shown)
        yield made, path.name, lambda one, mode: evaluate_beir(one, path, mode)


def _reranker(name: str) -> "Reranker":
    from retrieval.reranker import CrossEncoderReranker

    return CrossEncoderReranker(name)
