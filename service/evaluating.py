"""``onrecord eval``: measure an archive's answers, and write the sets that they are measured by."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from service import writing_sets
from service.commands import (
    ArchiveOption,
    JsonOption,
    RerankerOption,
    load_reranker,
    make_archive,
    open_archive,
    print_json,
)

if TYPE_CHECKING:
    from evals.run import Mode, Report


class _RunUnlessNamed(TyperGroup):
    """`onrecord eval SET` runs a set: what names no other command is given to ``run``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not any(one in self.commands for one in args[:1]) and not {"--help"}.intersection(args):
            args = ["run", *args]
        return super().parse_args(ctx, args)


evaluation = typer.Typer(
    cls=_RunUnlessNamed,
    help="Measure the answers to a set: onrecord eval [SET] does `run`. A set of your own: `new`, `lint`, `import`.",
)
writing_sets.register(evaluation)


@evaluation.command("run")
def run(
    path: Annotated[
        Path | None, typer.Argument(help="A set (.jsonl) or a BEIR folder; default: the seeds' set.")
    ] = None,
    archive: ArchiveOption = None,
    mode: Annotated[str, typer.Option(help="fused, or one side alone: dense, lexical.")] = "fused",
    passage_tokens: Annotated[
        int | None,
        typer.Option(help="Passage size, for the archive made of a BEIR folder.", min=16, max=1024),
    ] = None,
    reranker: RerankerOption = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--report", help="Write a page of figures and of every question to this file.", metavar="FILE.html"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the answers to an evaluation set."""
    from service.terminal import print_report

    if page is not None:
        from evals.report.page import writable

        writable(page)  # before the questions are asked, which may take long
    report = _report(path, archive, mode, passage_tokens, reranker)
    if page is not None:
        from evals.report.page import write
        from evals.report.run import as_html

        write(page, as_html(report))
    if as_json:
        print_json(report.as_json())
    else:
        print_report(report)


def _report(
    path: Path | None, archive: Path | None, mode: str, passage_tokens: int | None, reranker: str | None
) -> "Report":
    from evals.beir import is_beir
    from evals.run import DEFAULT_SET, evaluate

    if mode not in ("fused", "dense", "lexical"):
        raise typer.BadParameter(f"{mode!r} is none of fused, dense, lexical", param_hint="--mode")
    if reranker is not None and mode != "fused":
        raise typer.BadParameter(f"it orders the fused ranking, not the {mode} one", param_hint="--reranker")
    checked = cast("Mode", mode)
    if path is not None and is_beir(path):
        return _report_of_beir(path, checked, passage_tokens, reranker)
    with open_archive(archive, reranker) as opened:
        return evaluate(opened, path or DEFAULT_SET, checked)


def _report_of_beir(folder: Path, mode: "Mode", passage_tokens: int | None, reranker: str | None) -> "Report":
    """Make an archive of a collection's documents, for this once, and run its queries."""
    from tempfile import TemporaryDirectory

    from evals.beir import documents, evaluate_beir
    from ingest.pipeline import ingest_articles
    from service.progress import progress

    with TemporaryDirectory(prefix="onrecord-") as place, make_archive(Path(place), None, passage_tokens) as archive:
        archive.reranker = load_reranker(reranker)
        with progress("ingest", None) as shown:
            ingest_articles(archive, documents(folder), shown)
        return evaluate_beir(archive, folder, mode)
