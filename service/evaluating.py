"""``onrecord eval``: measure an archive's answers, and write the sets that they are measured by."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from service import comparing, writing_sets
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
    from evals.baseline import Baseline
    from evals.run import Mode, Report


class _RunUnlessNamed(TyperGroup):
    """`onrecord eval SET` runs a set: what names no other command is given to ``run``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not any(one in self.commands for one in args[:1]) and not {"--help"}.intersection(args):
            args = ["run", *args]
        return super().parse_args(ctx, args)


evaluation = typer.Typer(
    cls=_RunUnlessNamed,
    help="Measure the answers to a set, and write sets. `onrecord eval [SET]` is short for `onrecord eval run [SET]`, "
    "whose --help lists the options.",
)
writing_sets.register(evaluation)
comparing.register(evaluation)


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
    run_file: Annotated[
        Path | None, typer.Option("--run", help="Write what came back, as trec_eval reads it.", metavar="FILE")
    ] = None,
    qrels: Annotated[
        Path | None, typer.Option(help="Write what is relevant, as trec_eval reads it.", metavar="FILE")
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(help="Write JUnit XML: a test for each question, and why it failed.", metavar="FILE.xml"),
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit 1 if a figure is below the baseline's by more than its noise.")
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option(help="What to hold the run against. [default: that of the seeds' set]", metavar="FILE"),
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Make this run the baseline; no figure may be lower than before.")
    ] = False,
    allow_regression: Annotated[
        str | None,
        typer.Option(help="Why figures of the baseline may get lower: it is written into it.", metavar="REASON"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the answers to an evaluation set."""
    _check_baseline_options(path, baseline, allow_regression, gate=gate, update=update_baseline)
    against = _baseline(baseline) if gate else None
    files = _Files(page, run_file, qrels, junit)
    files.check()
    report = _report(path, archive, mode, passage_tokens, reranker, against)
    files.write(report)
    if update_baseline:
        _update_baseline(baseline, report, allow_regression)
    elif against is not None:
        _pass_gate(against, report, as_json=as_json)
    else:
        _show(report, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Files:
    """Where else a run is written to."""

    page: Path | None
    run: Path | None
    qrels: Path | None
    junit: Path | None

    def check(self) -> None:
        """Look whether they can be written, before the questions are asked, which may take long."""
        from evals.outputs import writable

        for path, what in ((self.page, _PAGE), (self.run, _RUN), (self.qrels, _QRELS), (self.junit, _JUNIT)):
            if path is not None:
                writable(path, what)

    def write(self, report: "Report") -> None:
        from evals import junit, outputs, trec

        if self.page is not None:
            from evals.report import page
            from evals.report.run import as_html

            page.write(self.page, as_html(report))
        if self.run is not None:
            outputs.write(self.run, _RUN, trec.run(report.outcomes).encode())
        if self.qrels is not None:
            outputs.write(self.qrels, _QRELS, trec.qrels(report.outcomes).encode())
        if self.junit is not None:
            outputs.write(self.junit, _JUNIT, junit.as_junit(report))


_PAGE, _RUN, _QRELS, _JUNIT = "the report", "the run", "the qrels", "the JUnit file"


def _show(report: "Report", *, as_json: bool) -> None:
    from service.terminal import print_report

    if as_json:
        print_json(report.as_json())
    else:
        print_report(report)


def _check_baseline_options(
    path: Path | None, baseline: Path | None, reason: str | None, *, gate: bool, update: bool
) -> None:
    from evals.run import DEFAULT_SET

    if gate and update:
        raise typer.BadParameter("it would pass itself; give one of the two", param_hint="--gate, --update-baseline")
    if baseline is not None and not (gate or update):
        raise typer.BadParameter("it goes with --gate or --update-baseline", param_hint="--baseline")
    if reason is not None and not update:
        raise typer.BadParameter("it goes with --update-baseline", param_hint="--allow-regression")
    if reason is not None and not reason.strip():
        raise typer.BadParameter("say why, for whoever reads the baseline", param_hint="--allow-regression")
    if update and baseline is None and path is not None and path.resolve() != DEFAULT_SET.resolve():
        raise typer.BadParameter(
            "that of the seeds' set is not this one's; say where: --baseline FILE", param_hint="SET"
        )


def _baseline(path: Path | None) -> "Baseline":
    from evals.baseline import DEFAULT_BASELINE, read

    return read(path or DEFAULT_BASELINE)


def _update_baseline(path: Path | None, report: "Report", reason: str | None) -> None:
    from evals.baseline import DEFAULT_BASELINE, update
    from service.terminal import print_lowered

    print_lowered(path or DEFAULT_BASELINE, update(path or DEFAULT_BASELINE, report, reason), reason)


def _pass_gate(against: "Baseline", report: "Report", *, as_json: bool) -> None:
    """Show a run beside its baseline, and exit with 1 if it is worse."""
    from evals.gate import gate
    from evals.recorded import recorded
    from service.terminal import print_gate, print_report

    run = report.as_json()
    verdict = gate(against.run, recorded(run, "the run"))
    if as_json:
        print_json({**run, "gate": verdict.as_json()})
    else:
        print_report(report)
        print_gate(verdict)
    if not verdict.passed:
        print(f"onrecord: {verdict.summary}", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)


def _report(
    path: Path | None,
    archive: Path | None,
    mode: str,
    passage_tokens: int | None,
    reranker: str | None,
    against: "Baseline | None" = None,
) -> "Report":
    from evals.beir import is_beir
    from evals.gate import check_archive
    from evals.gold import load
    from evals.run import DEFAULT_SET, evaluate

    if mode not in ("fused", "dense", "lexical"):
        raise typer.BadParameter(f"{mode!r} is none of fused, dense, lexical", param_hint="--mode")
    if reranker is not None and mode != "fused":
        raise typer.BadParameter(f"it orders the fused ranking, not the {mode} one", param_hint="--reranker")
    checked = cast("Mode", mode)
    if path is not None and is_beir(path):
        return _report_of_beir(path, checked, passage_tokens, reranker)
    with open_archive(archive, reranker) as opened:
        if against is not None:
            check_archive(against.run, opened, load(path or DEFAULT_SET))
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
