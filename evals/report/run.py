"""A run of a set as a page: its figures, how far they may be off, and every question, those that went wrong first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from evals.metrics import Outcome
from evals.report import abstention, charts, questions
from evals.report.figures import Compared, compared, read_out, share
from evals.report.page import render
from evals.run import Mode, Report
from evals.statements import Attribution

_MODES: dict[Mode, str] = {
    "fused": "fused: by meaning and by words",
    "dense": "dense: by meaning alone, nothing is refused",
    "lexical": "lexical: by words alone, nothing is refused",
}
# What shares no more than this with its gold has to be understood: looking its words up will hardly find it.
_LOW_OVERLAP = 1 / 3
_OF_OVERLAP = ("hit@1", "hit@3", "MRR@10", "wrong refusals")
# Edges of the columns of a histogram: the same in every report, so that two can be laid side by side.
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


@dataclass(frozen=True, slots=True)
class Latency:
    """How long questions took; ``percentiles`` by name, ``rows`` how many took from when to when."""

    percentiles: Mapping[str, str]
    picture: Markup
    rows: Sequence[tuple[str, int]]


def as_html(report: Report) -> str:
    """The page of a run, for ``evals.report.page.write``; the same for the same run."""
    overall = compared({"all": report.outcomes})
    return render(
        "run.html",
        report=report,
        setting=_setting(report),
        summary=read_out({one.name: one.groups["all"] for one in overall}),
        overall=overall,
        by_kind=_by_kind(report),
        abstention=abstention.abstention(report.outcomes),
        reliability=abstention.reliability(report.outcomes),
        attribution=[] if report.attribution is None else _attribution(report.attribution),
        statements=report.attribution,
        latency=_latency([one.took_ms for one in report.outcomes if one.took_ms is not None]),
        by_overlap=_by_overlap(report.outcomes),
        groups=questions.groups(report.outcomes),
        passages_shown=any(one.answer is not None and one.answer.passages for one in report.outcomes),
    )


def _setting(report: Report) -> dict[str, str]:
    """What was asked what, for a reader: names and values."""
    setting = report.setting
    answerable = sum(one.answerable for one in report.outcomes)
    held = next((one.answer.archive for one in report.outcomes if one.answer is not None), None)
    articles = f"{held.articles:,} articles in {held.passages:,} passages, " if held else ""
    return {
        "questions": f"{report.questions:,}: {answerable:,} that the archive answers, "
        f"{report.questions - answerable:,} that it does not (set {setting.set_sha256[:12]})",
        "archive": f"{articles}corpus {setting.corpus_sha256[:12]}",
        "passages": f"at most {setting.settings['passage_tokens']} tokens",
        "model": f"{setting.settings['model']} ({setting.settings['model_sha256'][:12]})",
        "search": _MODES[setting.mode],
        **({"re-ranked by": setting.reranker} if setting.reranker else {}),
    }


def _by_kind(report: Report) -> list[Compared]:
    """Kind beside kind; nothing where no figure is of two kinds, because all figures have been told then."""
    found = compared({kind: [one for one in report.outcomes if one.kind == kind] for kind in report.by_kind})
    return found if any(len(one.groups) > 1 for one in found) else []


def _by_overlap(outcomes: Sequence[Outcome]) -> list[Compared]:
    known = [(one, one.overlap) for one in outcomes if one.overlap is not None]
    groups = {
        "at most a third": [one for one, overlap in known if overlap <= _LOW_OVERLAP],
        "more": [one for one, overlap in known if overlap > _LOW_OVERLAP],
    }
    return [one for one in compared(groups) if one.name in _OF_OVERLAP] if all(groups.values()) else []


def _attribution(held: Attribution) -> list[Compared]:
    scores = {kind: one for kind, one in held.scores.items() if one.units}
    named = {kind: one.right + one.wrong_strict for kind, one in scores.items()}
    recall = {kind: share(one.recalled, one.known) for kind, one in scores.items() if one.known}
    precision = {kind: share(scores[kind].right, of) for kind, of in named.items() if of}
    found = {kind: share(one.found, one.units) for kind, one in scores.items()}
    return [
        Compared("recall", "of the statements with a known speaker, how many are found with that speaker", recall),
        Compared("precision", "of the stored statements with a speaker, how many have the right one", precision),
        Compared("found", "of all statements, how many are found, whoever is taken to say them", found),
    ]


def _latency(took_ms: Sequence[float]) -> Latency | None:
    if not took_ms:
        return None
    percentiles = {"median": 0.5, "90 %": 0.9, "99 %": 0.99, "longest": 1.0}
    found = {name: _duration(float(np.quantile(took_ms, part))) for name, part in percentiles.items()}
    edges = _edges(min(took_ms), max(took_ms))
    counts = [int(one) for one in np.histogram(took_ms, edges)[0]]
    names = [_duration(one) for one in edges]
    few = len(edges) < 8
    said = f"Median {found['median']}, 90 % within {found['90 %']}, 99 % within {found['99 %']}."
    picture = charts.columns(
        charts.Told("latency", "How long questions took", said),
        counts,
        [name if few or f"{edge:e}".startswith("1.0") else "" for edge, name in zip(edges, names, strict=True)],
        "time, each column longer than the one before",
        charts.counts("questions", max(counts)),
    )
    rows = [(f"{names[at]} to {names[at + 1]}", count) for at, count in enumerate(counts)]
    return Latency(found, picture, rows)


def _edges(least: float, most: float) -> list[float]:
    """Edges that are around all values: some before the least, one after the most."""
    edges = [step * 10.0**power for power in range(-3, 7) for step in _STEPS]
    first = max(int(np.searchsorted(edges, least, side="right")) - 1, 0)
    last = min(int(np.searchsorted(edges, most, side="right")), len(edges) - 1)
    return edges[first : last + 1]


def _duration(milliseconds: float) -> str:
    """``9.4 ms``, ``120 ms`` or ``8.4 s``."""
    if milliseconds < 1000:
        return f"{milliseconds:.3g} ms"
    return f"{milliseconds / 1000:.3g} s"
