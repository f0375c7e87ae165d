"""Results as a person reads them in a terminal."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from retrieval.failures import Failures
from retrieval.integrity import REPAIRABLE
from retrieval.types import Answer, Fault, Gap, Hit, Holdings, Removed, Speaker, StoredArticle
from service import wording
from service.changes import stretches
from service.holdings import scale, sparkline
from service.settings import Described

if TYPE_CHECKING:
    from evals.comparison import Comparison
    from evals.gate import Gate
    from evals.gold import Question
    from evals.paired import Change, Flip
    from evals.report.figures import Figure
    from evals.run import Report
    from evals.statements import Attribution
    from evals.sweep import Tried
    from ingest.pipeline import Summary
    from ingest.sync import Synced
    from retrieval.differences import Difference
    from service.changes import Paragraph
    from service.findings import Finding, Findings, Group
    from service.keys import Key
    from service.questions import Votes

_ALIKE_SHOWN = 5
# Blocks of a line of articles by time, and gaps that are told of a publisher.
_BLOCKS, _GAPS = 40, 5
_LISTED = 10


def print_answer(answer: Answer, took_ms: float) -> None:
    """The passages with their citations, the answer marked; or why there is none, and what comes nearest."""
    console = _console()
    searched = f"{wording.coverage(answer.archive)} · {took_ms:.0f} ms"
    console.print(Text(f"{wording.interpretation(answer.interpretation)}    {searched}", style="dim"))
    console.print()
    if answer.missing:
        console.print(Text(wording.partial(answer.missing), style="bold"))
    if not answer.answered:
        console.print(Text(wording.refusal(answer), style="bold"))
        if answer.passages:
            console.print(Text("Nearest, not an answer:", style="dim"))
    for hit in answer.passages:
        _print_hit(console, hit)
    if answer.sources:
        console.print(Text(f"from {wording.sources(answer.sources)}", style="dim"))


def print_summary(archive: Path, summary: "Summary") -> None:
    """What an ingest did, and every source that failed."""
    console = _console()
    for error in summary.failed:
        Console(stderr=True, soft_wrap=True, highlight=False).print(Text(f"not taken: {error}", style="red"))
    articles = (
        f"{summary.new} new, {summary.changed} changed, {summary.unchanged} unchanged, {len(summary.failed)} failed"
    )
    console.print(
        Text(f"{archive}: {articles}; {summary.passages} passages in {summary.seconds:.1f} s"), soft_wrap=True
    )


def print_synced(report: "Synced", *, dry: bool) -> None:
    """What came of a source, and what of it could not be read."""
    for error in report.failed:
        Console(stderr=True, soft_wrap=True, highlight=False).print(Text(f"not taken: {error}", style="red"))
    console = _console()
    groups = {"new": report.new, "changed": report.changed, "withdrawn": report.withdrawn, "gone, kept": report.kept}
    counts = [f"{len(ids)} {what}" for what, ids in groups.items() if ids or what in ("new", "changed")]
    counts += [f"{report.unchanged} unchanged", f"{len(report.failed)} failed"]
    console.print(Text(f"{report.source}{' (dry run)' if dry else ''}: {', '.join(counts)}"), soft_wrap=True)
    for what, ids in groups.items():
        for id_ in ids[:_LISTED]:
            console.print(Text(f"  {what}: {harmless(id_)}"), soft_wrap=True)
        if len(ids) > _LISTED:
            console.print(Text(f"  {what}: {len(ids) - _LISTED} more; --json lists all"), soft_wrap=True)


def print_report(report: "Report") -> None:
    """Figures of an evaluation, by kind and overall."""
    names = list(report.overall)
    setting = report.setting
    ranked = f"{setting.mode}, re-ranked by {setting.reranker}" if setting.reranker else setting.mode
    # A Text, because a name is no markup.
    table = Table(title=Text(f"{report.name}, {report.questions} questions, {ranked}"), title_justify="left")
    table.add_column("kind")
    for name in ("questions", *names):
        table.add_column(name, justify="right")
    for kind, figures in report.by_kind.items():
        table.add_row(kind, f"{figures['questions']:.0f}", *(_figure(figures.get(name)) for name in names))
    table.add_section()
    table.add_row("all", str(report.questions), *(_figure(report.overall[name]) for name in names), style="bold")
    _console().print(table)
    if report.attribution is not None:
        _console().print()
        _console().print(_attribution_table(report.attribution))


def print_gate(gate: "Gate") -> None:
    """A run beside its baseline: figures, what flipped, what is lost or missing, and the verdict."""
    console = _console()
    fell = {one.name for one in gate.fell}
    table = Table(title="against the baseline", title_justify="left")
    for name in ("figure", "baseline", "now", "difference", "p", "p (Holm)", "verdict"):
        table.add_column(name, justify="left" if name in ("figure", "verdict") else "right")
    for one in gate.changes:
        verdict = "FELL" if one.name in fell else "worse, within noise" if one.worse else ""
        table.add_row(*_change_cells(one), f"{one.p:.4f}", f"{one.corrected:.4f}", verdict)
    console.print()
    console.print(table)
    for name, (before, now) in gate.settings.items():
        console.print(Text(f"{name}: {before} in the baseline, {now} now"), soft_wrap=True)
    if gate.flips:
        console.print()
        console.print(_flips_table(gate.flips))
    for what, ids in (("answer no longer among all candidates", gate.lost), ("missing", gate.missing)):
        if ids:
            console.print(Text(harmless(f"{what}: {', '.join(ids)}")), soft_wrap=True)
    console.print()
    console.print(Text("the gate is passed" if gate.passed else "the gate is NOT passed", style="bold"))


def print_comparison(found: "Comparison") -> None:
    """Two runs beside each other: figures with how much they differ, and what flipped."""
    console = _console()
    for letter, name in zip("AB", found.names, strict=True):
        console.print(Text(harmless(f"{letter}: {name}")), soft_wrap=True)
    for name, (one, other) in found.settings.items():
        console.print(Text(harmless(f"{name}: {one} in A, {other} in B")), soft_wrap=True)
    table = Table(title=f"{found.questions} questions", title_justify="left")
    for name in ("figure", "A", "B", "B - A", "95 %", "p", "p (Holm)", "better", "same", "worse"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for row in found.figures:
        change, interval = row.change, f"{row.interval.low:+.3f} to {row.interval.high:+.3f}"
        counts = (str(count) for count in (change.wins, change.ties, change.losses))
        certain = "bold" if change.corrected <= 0.05 else ""
        table.add_row(
            *_change_cells(change), interval, f"{change.p:.4f}", f"{change.corrected:.4f}", *counts, style=certain
        )
    console.print(table)
    if found.of_one:
        console.print(Text(f"of one of the two alone: {', '.join(found.of_one)}"), soft_wrap=True)
    if found.flips:
        console.print()
        console.print(_flips_table(found.flips))


def print_sweep(tried: "Sequence[Tried]", figure: str) -> None:
    """Runs under many settings: figures with their intervals, then what they cost, best first by one figure."""
    names = ("hit@1", "nDCG@10", "AUROC", "false answers", "wrong refusals")
    quality = Table(title="figures, with 95 % intervals", title_justify="left")
    cost = Table(title=f"cost; * where no other run beats {figure} and the median time both", title_justify="left")
    quality.add_column("")
    shown = [name for name in dict.fromkeys((figure, *names)) if any(name in one.figures for one in tried)]
    for name in shown:
        quality.add_column(name, justify="right")
    cost.add_column("")
    cost.add_column("settings", overflow="fold")
    for name in ("", figure, "median ms", "90 % ms", "passages", "ingest s"):
        cost.add_column(name, justify="right")
    for number, one in enumerate(tried, start=1):
        quality.add_row(str(number), *(_with_interval(one.figures.get(name)) for name in shown))
        found, seconds = one.figures.get(figure), one.ingest_seconds
        cost.add_row(
            str(number),
            Text(harmless(str(one.point))),
            "*" if one.on_front else "",
            _figure(None if found is None else found.value),
            f"{one.median_ms:.1f}",
            f"{one.p90_ms:.1f}",
            str(one.passages),
            "" if seconds is None else f"{seconds:.1f}",
        )
    console = _console()
    console.print(quality)
    console.print()
    console.print(cost)


def _with_interval(figure: "Figure | None") -> str:
    return "" if figure is None else f"{figure.value:.3f} [{figure.interval.low:.2f}, {figure.interval.high:.2f}]"


def print_lowered(path: Path, lowered: "Mapping[str, tuple[float, float | None]]", reason: str | None) -> None:
    """Where a baseline was written, and which of its figures are lower now."""
    console = _console()
    console.print(Text(f"wrote {path}"), soft_wrap=True)
    for name, (before, now) in lowered.items():
        console.print(Text(f"{name}: from {before:.4f} to {'nothing' if now is None else f'{now:.4f}'}"))
    if reason is not None:
        why = f"because: {reason}" if lowered else "no figure is lower: the reason is not kept"
        console.print(Text(harmless(why)), soft_wrap=True)


def print_stats(stats: Mapping[str, Any], held: Holdings, failed: Failures, limit: int) -> None:
    """What an archive covers and where it has gaps, what could not be read, and how it was made.

    Args:
        stats: What ``Archive.stats`` returned.
        held: By publisher and month.
        failed: What could not be read.
        limit: How many publishers to show.
    """
    console = _console()
    table = Table(show_header=False, box=None)
    for name in ("articles", "passages", "version", "published_from", "published_to"):
        table.add_row(name, _shown(stats[name]))
    table.add_row("undated", str(held.all.undated))
    table.add_row("copies", f"{stats['copied']} stand in others as well")
    for row in stats["kinds"]:
        table.add_row(f"kind: {_shown(row['kind'])}", str(row["articles"]))
    speakers = stats["speakers"]
    quoted = f"{wording.counted(speakers['statements'], 'statement')} by {wording.counted(speakers['names'], 'name')}"
    table.add_row("quoted", quoted)
    for name, value in stats["settings"].items():
        table.add_row(name, value)
    index = stats["index"]
    table.add_row("index", f"{index['kind']}, {index['vectors']} vectors, {index['bytes'] / 1e6:.1f} MB")
    table.add_row("encoder", f"{stats['encoder']['model']} in {stats['encoder']['precision']}")
    console.print(table)
    if held.publishers:
        console.print()
        console.print(_publishers_table(held, limit))
    if len(held.publishers) > limit:
        console.print(Text(f"{limit} of {len(held.publishers):,} publishers; see --limit", style="dim"))
    gaps = [(one.publisher or "publisher unknown", one.gaps) for one in held.publishers[:limit] if one.gaps]
    for name, found in [("the archive", held.all.gaps), *gaps] if held.all.gaps else gaps:
        console.print(Text(f"{harmless(name)}: {_gaps(found)}"), soft_wrap=True)
    if failed.count:
        console.print()
        _print_failures(console, failed)


def _publishers_table(held: Holdings, limit: int) -> Table:
    """Publishers, a line each, with their articles by time: the highest block is each one's own most."""
    on = scale(held.all, _BLOCKS)
    table = Table(box=None)
    span = list(on.labels()) if on else []
    columns = ("publisher", "articles", "from", "to", " to ".join(dict.fromkeys((span[0], span[-1]))) if span else "")
    for name in columns:
        table.add_column(name, overflow="fold", justify="right" if name == "articles" else "left")
    for one in held.publishers[:limit]:
        blocks = sparkline(on.counts(one.months)) if on else ""
        publisher = Text(harmless(one.publisher)) if one.publisher is not None else Text("unknown", style="dim")
        table.add_row(publisher, f"{one.articles:,}", one.first or "", one.last or "", Text(blocks, no_wrap=True))
    return table


def _gaps(found: Sequence[Gap]) -> str:
    more = f"; and {wording.counted(len(found) - _GAPS, 'further gap')}" if len(found) > _GAPS else ""
    return "; ".join(map(wording.gap, found[:_GAPS])) + more


def _print_failures(console: Console, failed: Failures) -> None:
    console.print(Text(f"{wording.counted(failed.count, 'thing')} could not be read:", style="bold"))
    for one in failed.reasons:
        console.print(Text(f"{one.count:,} × {harmless(one.reason)}"), soft_wrap=True)
        for failure in one.failures:
            of = f"{failure.source}: " if failure.source else ""
            said = f"{of}{failure.where}: {failure.problem} ({failure.read_at[:10]})"
            console.print(Padding(Text(harmless(said), style="dim"), (0, 0, 0, 4)), soft_wrap=True)
    left = failed.different - len(failed.reasons)
    more = f"{wording.counted(left, 'further reason')}; see --limit. " if left > 0 else ""
    console.print(
        Text(f"{more}Mend these, and read them again: onrecord ingest FILE, or onrecord sync"), soft_wrap=True
    )


def print_settings(found: Sequence[Described]) -> None:
    """Settings with their present values; those that are not at their default stand out."""
    table = Table(box=None)
    for name in ("setting", "variable", "value", "default", "description"):
        table.add_column(name, overflow="fold")
    for one in found:
        value = Text(one.value, style="" if one.value == one.default else "bold")
        table.add_row(one.name, one.variable, value, Text(one.default), Text(one.description))
    _console().print(table)


def print_articles(found: Sequence[StoredArticle], total: int) -> None:
    """Articles, a line each."""
    table = Table(box=None)
    for name in ("id", "published", "publisher", "author", "kind", "title"):
        table.add_column(name, overflow="fold")
    for stored in found:
        article = stored.article
        values = (
            article.id,
            article.published,
            article.publisher,
            article.author,
            article.kind,
            article.title,
        )
        table.add_row(*(_shown(value) for value in values))
    _console().print(table)
    if len(found) < total:
        _console().print(f"{len(found)} of {total}; see --offset and --limit", style="dim")


def print_speakers(found: Sequence[Speaker]) -> None:
    """Speakers, a line each, with their latest office and the other forms of their names."""
    table = Table(box=None)
    for name in ("speaker", "statements", "articles", "office", "also called"):
        table.add_column(name, overflow="fold", justify="right" if name in ("statements", "articles") else "left")
    for one in found:
        office = one.offices[0].office if one.offices else ""
        others = ", ".join(alias for alias in one.aliases if alias != one.name)
        table.add_row(Text(one.name), str(one.statements), str(one.articles), Text(office), Text(others))
    _console().print(table if found else "nobody")


def print_article(stored: StoredArticle) -> None:
    """An article as it is stored."""
    article = stored.article
    console = _console()
    console.print(Text(article.title or article.id, style="bold"))
    for name in ("id", "publisher", "author", "published", "corrected", "kind", "url"):
        console.print(Text(f"{name}: {_shown(getattr(article, name))}", style="dim"))
    console.print(Text(f"version: {stored.version}", style="dim"))
    console.print()
    console.print(Text(article.text))


def print_difference(found: "Difference") -> None:
    """What two versions of an article differ in; on a terminal by colour too, else by marks alone."""
    console = _console()
    article = found.after.article
    console.print(Text(harmless(article.title or article.id), style="bold"))
    console.print(Text(f"version {found.before.version} to version {found.after.version}", style="dim"))
    for one in found.fields:
        console.print(Text(harmless(f"{one.name}: {_shown(one.before)} -> {_shown(one.after)}")))
    for stretch in stretches(found.pieces):
        console.print()
        if stretch.folded:
            console.print(Text(f"  ... {len(stretch.paragraphs)} paragraphs that did not change", style="dim"))
            continue
        for paragraph in stretch.paragraphs:
            console.print(Padding(_changed_words(paragraph), (0, 0, 0, 2)))


# As `git diff --word-diff` marks them.
_MARKS = {"equal": ("", "", ""), "removed": ("[-", "-]", "red strike"), "added": ("{+", "+}", "green underline")}


def _changed_words(paragraph: "Paragraph") -> Text:
    words = Text()
    for change, text in paragraph.runs:
        begin, end, style = _MARKS[change]
        words.append(f"{begin}{text}{end}", style=style)
    return words


def print_faults(faults: Sequence[Fault], left: Sequence[Fault]) -> None:
    """What does not agree in an archive, and what of it a repair had to leave."""
    console = _console()
    for fault in faults:
        repaired = "" if fault in left else "repaired: "
        console.print(Text(f"{repaired}{fault}"), soft_wrap=True)
    if not faults:
        console.print("sound: everything agrees with everything else")
    elif left:
        kept = "restore a backup, or put the articles again" if any(one.part not in REPAIRABLE for one in left) else ""
        console.print(Text(kept or "make it good with: onrecord verify --repair"), soft_wrap=True)


def print_removed(removed: Sequence[Removed]) -> None:
    """What cleaning took out of an article, and by which rule."""
    table = Table(box=None)
    for name in ("rule", "removed"):
        table.add_column(name, overflow="fold")
    for piece in removed:
        table.add_row(Text(piece.rule), Text(piece.text))
    _console().print(table if removed else "nothing was removed")


def print_new_key(text: str, key: "Key") -> None:
    """A key, this once, and what it may."""
    console = _console()
    console.print(Text(text), soft_wrap=True)
    where = f" from pages of {', '.join(key.origins)}" if key.origins else ""
    console.print(Text(f"It may {', '.join(key.scopes)}{where}, {_until(key)}. It cannot be shown again.", style="dim"))


def print_keys(keys: Sequence["Key"], active: Sequence["Key"]) -> None:
    """Keys, a line each."""
    table = Table(box=None)
    for name in ("id", "kind", "scopes", "origins", "created", "expires"):
        table.add_column(name, overflow="fold")
    for key in keys:
        scopes, origins = ", ".join(key.scopes), ", ".join(key.origins)
        expires = _until(key) if key in active else f"expired {key.expires:%Y-%m-%d}"
        table.add_row(key.id, key.kind, scopes, origins, f"{key.created:%Y-%m-%d}", expires)
    _console().print(table if keys else "no keys")


def print_questions(found: "Findings", *, unanswered: bool) -> None:
    """What was asked, what nothing answered, and what was found helpful; or that none of it is kept."""
    console = _console()
    if not found.kept:
        console.print(Text(wording.NOT_KEPT), soft_wrap=True)
    if found.asked:
        console.print(Text(wording.asked(found), style="bold"))
    if found.questions and not unanswered:
        console.print()
        console.print(_questions_table(found.questions))
    if found.unanswered:
        console.print()
        head = f"Nothing answered, alike ones together ({len(found.unanswered)} of {found.groups}):"
        console.print(Text(head, style="bold"))
        console.print(_unanswered_table(found.unanswered))
    if found.passages and not unanswered:
        console.print()
        console.print(_votes_table(found.passages))
    if found.kept and not found.asked:
        console.print("nothing was asked yet")


def print_draft(path: Path, drafted: Sequence["Question"]) -> None:
    """What was written to a file of drafts."""
    answerable = sum(one.answerable for one in drafted)
    counts = f"{answerable} with proposed gold, {len(drafted) - answerable} that nothing answered"
    console = _console()
    console.print(Text(f"wrote {path}: {counts}. The note of each says why."), soft_wrap=True)
    console.print(Text(f"Confirm them one by one: onrecord eval new SET.jsonl --draft {path}"), soft_wrap=True)


def _questions_table(found: Sequence["Finding"]) -> Table:
    table = Table(box=None)
    for name in ("asked", "answered", "helpful", "not"):
        table.add_column(name, justify="right")
    table.add_column("last")
    table.add_column("question", overflow="fold")
    for one in found:
        helpful, unhelpful = sum(vote.helpful for vote in one.votes), sum(vote.unhelpful for vote in one.votes)
        share = f"{one.answered / one.asked:.0%}"
        table.add_row(str(one.asked), share, str(helpful), str(unhelpful), f"{one.last:%Y-%m-%d}", _asked_as(one))
    return table


def _unanswered_table(groups: Sequence["Group"]) -> Table:
    table = Table(box=None)
    table.add_column("asked", justify="right")
    table.add_column("why")
    table.add_column("question", overflow="fold")
    for group in groups:
        first, *others = group.questions
        table.add_row(str(group.asked), (first.reason or "").replace("_", " "), _asked_as(first))
        for one in others[:_ALIKE_SHOWN]:
            table.add_row("", "", Text.assemble("  ", _asked_as(one)), style="dim")
        if len(others) > _ALIKE_SHOWN:
            table.add_row("", "", f"  and {len(others) - _ALIKE_SHOWN} more", style="dim")
    return table


def _votes_table(passages: Sequence["Votes"]) -> Table:
    table = Table(box=None)
    for name in ("helpful", "not"):
        table.add_column(name, justify="right")
    table.add_column("passage", overflow="fold")
    for vote in passages:
        table.add_row(str(vote.helpful), str(vote.unhelpful), Text(harmless(vote.passage_id or "")))
    return table


def _asked_as(one: "Finding") -> Text:
    """A question, and how it was narrowed down or read, on one line."""
    said = Text(harmless(one.question))
    narrowed = [f"{name} {value}" for name, value in one.filters.items()]
    if one.read_as:
        narrowed.append(
            f"read as {' or '.join(one.read_as['speakers']) or 'anybody'} on {one.read_as['topic'] or 'anything'}"
        )
    if narrowed:
        said.append(f" ({harmless(', '.join(narrowed))})", style="dim")
    return said


def harmless(text: str) -> str:
    """What somebody else wrote, as one line that a terminal shows and does not obey."""
    return "".join(sign if _is_shown(sign) else ascii(sign)[1:-1] for sign in " ".join(text.split()))


def _is_shown(sign: str) -> bool:
    directs = unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return not directs and unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Zl", "Zp")


def _until(key: "Key") -> str:
    return "for ever" if key.expires is None else f"until {key.expires:%Y-%m-%d %H:%M %Z}"


def _attribution_table(attribution: "Attribution") -> Table:
    table = Table(title="who says what", title_justify="left")
    table.add_column("kind")
    for name in attribution.figures["all"]:
        table.add_column(name, justify="right")
    for kind, figures in attribution.figures.items():
        shown = (str(value) if isinstance(value, int) else _figure(value) for value in figures.values())
        if kind == "all":
            table.add_section()
        table.add_row(kind, *shown, style="bold" if kind == "all" else "")
    return table


def _change_cells(one: "Change") -> tuple[str, str, str, str]:
    return one.name, f"{one.before:.3f}", f"{one.after:.3f}", f"{one.difference:+.3f}"


def _flips_table(flips: "Sequence[Flip]") -> Table:
    """What is right in one of two runs and wrong in the other; what got worse first."""
    table = Table(title="flipped", title_justify="left", box=None)
    for name in ("", "id", "what", "before", "after", "question or speaker"):
        table.add_column(name, overflow="fold")
    for one in sorted(flips, key=lambda flip: flip.better):
        cells = (one.id, one.what, one.before, one.after, one.question or one.kind)
        table.add_row("better" if one.better else "worse", *(Text(harmless(cell)) for cell in cells))
    return table


def _print_hit(console: Console, hit: Hit) -> None:
    citation = hit.citation
    # Never the author of a report: who wrote it has not said what it quotes.
    speaker = wording.attribution(hit)
    head = Text(f"{hit.rank}  {speaker or citation.title or citation.article_id}", style="bold")
    head.append(f"   {hit.confidence:.0%}", style="cyan")
    body = Text()
    for segment in hit.segments:
        # The marks stand for the colour where there is none.
        text = f">{segment.text}<" if segment.highlight and not console.is_terminal else segment.text
        body.append(text, style="bold reverse" if segment.highlight else "")
    console.print(head)
    title = citation.title if speaker and citation.title else ""
    for line in (body, Text(title, style="italic"), Text(wording.source(citation)), Text(citation.link)):
        if line.plain:
            console.print(Padding(line, (0, 0, 0, 3)))
    if hit.carried:
        console.print(Padding(Text(wording.carried(hit.carried), style="dim"), (0, 0, 0, 3)))
    for copy in hit.copies:
        also = " · ".join(part for part in (copy.title, wording.source(copy), copy.link) if part)
        console.print(Padding(Text(f"also: {also}", style="dim"), (0, 0, 0, 3)))
    console.print()


def _console() -> Console:
    # Text of articles is never markup: everything is printed as Text objects, and highlighting is off.
    console = Console(highlight=False, markup=False, emoji=False)
    # Piped into a file or another program there is no edge to wrap at but the one that a reader would choose.
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=120)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _shown(value: object) -> str:
    return "unknown" if value is None else str(value)
