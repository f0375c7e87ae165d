"""``onrecord eval new``, ``lint``, ``import`` and ``agree``: evaluation sets, and the people who write them."""

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands import ArchiveOption, JsonOption, folder_of, open_archive
from service.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evals.agreement import Agreement, Comparison, Disagreement
    from evals.corpus import Corpus
    from evals.imports import Imported
    from evals.lint import Lint

_SHOWN = 5


def register(group: typer.Typer) -> None:
    """Give a group these commands."""
    for name, command in (("new", new), ("lint", lint), ("import", import_set), ("agree", agree)):
        group.command(name)(command)


def new(
    path: Annotated[Path, typer.Argument(help="The set to write; begun if it is not there.", metavar="SET.jsonl")],
    article: Annotated[str | None, typer.Option(help="Begin with this article.", metavar="ID")] = None,
    draft: Annotated[
        Path | None,
        typer.Option(help="Confirm these one by one, such as `onrecord questions --export` writes.", metavar="FILE"),
    ] = None,
    archive: ArchiveOption = None,
) -> None:
    """Write questions and their gold, article by article; each is checked, and kept at once."""
    from evals.corpus import Corpus
    from evals.gold import load
    from evals.writing import SetFile
    from service.desk import Desk

    drafts = None if draft is None else load(draft)
    with open_archive(archive) as opened:
        desk = Desk(Corpus(opened), SetFile(path))
        if drafts is None:
            desk.write(article)
        else:
            desk.confirm(drafts)


def lint(
    path: Annotated[Path, typer.Argument(help="A set, or a folder with sets.", metavar="SET.jsonl|FOLDER")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """List everything that is wrong with a set; exit 1 if anything makes its figures wrong."""
    from evals.lint import lint as run

    with _corpus(archive) as corpus:
        found = run(path, corpus)
        checked = corpus is not None
    if as_json:
        _print_ascii({**found.as_json(), "gold_checked": checked})
    else:
        _print_lint(found, None if checked else folder_of(archive))
    if found.errors:
        raise typer.Exit(1)


def import_set(
    source: Annotated[
        Path, typer.Argument(help="A BEIR folder, a SQuAD file (.json) or a table (.csv, .tsv).", metavar="SOURCE")
    ],
    out: Annotated[Path, typer.Option(help="The set to write; there must be none of that name.", metavar="SET.jsonl")],
    articles: Annotated[
        Path | None, typer.Option(help="Also write the texts, for `onrecord ingest`.", metavar="FILE.jsonl")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Header of a table's column, where it is not one of id, question, quote, article, kind, answerable, "
            "note.",
            metavar="NAME=HEADER",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a set of a collection that others have made."""
    from evals.imports import article_row, read, write
    from retrieval.errors import EvaluationError

    imported = read(source, _columns(column or []))
    if articles is not None and not imported.articles:
        raise EvaluationError(f"{source} has no texts; leave --articles out, and ingest them from where they are")
    for path in (out, articles):
        if path is not None and path.exists():
            raise EvaluationError(f"{path} is there already; give another name, or remove it first")
    write(out, (one.as_json() for one in imported.questions))
    if articles is not None:
        write(articles, map(article_row, imported.articles))
    if as_json:
        _print_ascii(_import_json(imported))
    else:
        _print_import(imported, out, articles)


def agree(
    first: Annotated[Path, typer.Argument(help="One annotator's set.", metavar="A.jsonl")],
    second: Annotated[Path, typer.Argument(help="Another's, of the same questions.", metavar="B.jsonl")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare what two people marked for the same questions: Cohen's kappa, and where they differ."""
    from evals.agreement import agree as compare
    from evals.corpus import Corpus
    from evals.gold import load, validate
    from retrieval.errors import EvaluationError

    sets = load(first), load(second)
    with open_archive(archive) as opened:
        corpus = Corpus(opened)
        for path, questions in zip((first, second), sets, strict=True):
            ids = {gold.article for one in questions for gold in one.gold}
            try:
                validate(questions, {id_: corpus.article(id_).text for id_ in sorted(ids) if id_ in corpus})
            except EvaluationError as error:
                raise EvaluationError(f"{path}: {error}; see: onrecord eval lint {path}") from error
        compared = compare(*sets, corpus)
    if as_json:
        _print_ascii(compared.as_json())
    else:
        _print_agreement(compared, first, second)


@contextmanager
def _corpus(archive: Path | None) -> "Iterator[Corpus | None]":
    """The archive that was named, or the usual one if there is one."""
    from evals.corpus import Corpus
    from retrieval.opening import exists

    if archive is None and not exists(folder_of(None)):
        yield None
        return
    with open_archive(archive) as opened:
        yield Corpus(opened)


def _columns(given: "Sequence[str]") -> dict[str, str]:
    from evals.imports import COLUMNS

    named = {}
    for one in given:
        name, sign, header = one.partition("=")
        if not sign or name not in COLUMNS or not header.strip():
            raise typer.BadParameter(
                f"{one!r}: write NAME=HEADER, NAME one of {', '.join(COLUMNS)}", param_hint="--column"
            )
        named[name] = header.strip()
    return named


def _print_ascii(value: Any) -> None:
    # What strangers wrote is data for a program, and nothing for a terminal to act upon.
    print(json.dumps(value, indent=2))  # noqa: T201


def _say(line: str = "") -> None:
    from service.terminal import harmless

    print(harmless(line))  # noqa: T201


def _print_lint(found: "Lint", missing: Path | None) -> None:
    for one in found.findings:
        _say(f"{one.where}: {one.severity}: {one.problem} [{one.check}]")
    for figures in found.sets:
        overlap = "" if figures.low_overlap is None else f", {figures.low_overlap:.0%} of these with a low overlap"
        drafts = f", {figures.drafts} to be confirmed" if figures.drafts else ""
        held = f"{counted(figures.questions, 'question')}, {figures.answerable} answerable"
        _say(f"{figures.file}: {held}{overlap}{drafts}")
    if missing is not None:
        _say(f"gold was held against no article, for there is no archive in {missing}: give --archive DIR")
    _say(f"errors: {found.errors}, warnings: {len(found.findings) - found.errors}")


def _import_json(imported: "Imported") -> dict[str, Any]:
    return {
        "questions": len(imported.questions),
        "answerable": sum(one.answerable for one in imported.questions),
        "articles": len(imported.articles),
        "left_out": {reason: list(ids) for reason, ids in imported.left_out.items()},
    }


def _print_import(imported: "Imported", out: Path, articles: Path | None) -> None:
    answerable = sum(one.answerable for one in imported.questions)
    _say(f"wrote {out}: {counted(len(imported.questions), 'question')}, {answerable} answerable")
    for reason, ids in imported.left_out.items():
        more = f" and {len(ids) - _SHOWN} more (--json lists all)" if len(ids) > _SHOWN else ""
        _say(f"left out, {len(ids)}: {reason}: {', '.join(ids[:_SHOWN])}{more}")
    texts = counted(len(imported.articles), "article")
    if articles is not None:
        _say(f"wrote {articles}: {texts}; next: onrecord ingest {articles} --archive DIR")
    elif imported.articles:
        _say(f"not written: the texts of {texts}; --articles FILE.jsonl writes them")
    _say(f"then: onrecord eval lint {out} --archive DIR")


def _print_agreement(compared: "Comparison", first: Path, second: Path) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from service.terminal import harmless

    table = Table(box=None)
    table.add_column("kind", overflow="fold")
    for name in ("questions", "answerable: kappa", "raw", "passages: kappa", "raw", "marked"):
        table.add_column(name, justify="right")
    for kind, one in compared.by_kind.items():
        if kind == "all":
            table.add_section()
        figures = (_kappa(one.answerable), _share(one.answerable.raw), _kappa(one.passages), _share(one.passages.raw))
        table.add_row(Text(harmless(kind)), str(one.questions), *figures, _share(one.passages.marked))
    _say(f"agreement of {first} and {second}, kappa with its interval of 95 %")
    Console(highlight=False, markup=False, emoji=False).print(table)
    for ids, what in (
        (compared.only_first, f"only in {first}"),
        (compared.only_second, f"only in {second}"),
        (compared.reworded, "in both, worded differently, not compared"),
    ):
        if ids:
            _say(f"{what}: {len(ids)} ({', '.join(ids[:_SHOWN])}{', ...' if len(ids) > _SHOWN else ''})")
    _say(f"they differ on: {counted(len(compared.disagreements), 'question')}")
    for disagreement in compared.disagreements:
        _print_disagreement(disagreement, first, second)


def _print_disagreement(one: "Disagreement", first: Path, second: Path) -> None:
    _say(f"{one.id}: {one.question}")
    for path, marked, other in ((first, one.first, one.second), (second, one.second, one.first)):
        alone = [gold for gold in marked.gold if gold not in other.gold]
        verdict = "answerable" if marked.answerable else "not answerable"
        passages = len(set(marked.passages) - set(other.passages))
        print("  ", end="")  # noqa: T201
        _say(f"{path}: {verdict}; passages that the other has not: {passages}")
        for gold in alone:
            print("     ", end="")  # noqa: T201
            _say(f"{gold.article}: {gold.quote}")


def _kappa(one: "Agreement") -> str:
    if one.kappa is None:
        return ""
    return _share(one.kappa) + (f" [{one.interval.low:.2f}, {one.interval.high:.2f}]" if one.interval else "")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
