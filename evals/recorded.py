"""A run as it was written down, by ``onrecord eval --json`` or as a baseline, to hold another against it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import Incomparable


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one question.

    Attributes:
        answered: None, as ``confidence``, of one side of the search alone, which answers nothing.
        rank: Of the first relevant result, from 1; None where there is none.
        failures: What went wrong; see ``evals.failures``.
        scores: By each measure of the ranking; empty for an unanswerable question.
        question: As it was asked; empty where that was not written down.
    """

    id: str
    kind: str
    answerable: bool
    answered: bool | None
    confidence: float | None
    rank: int | None
    failures: tuple[str, ...]
    scores: Mapping[str, float]
    question: str


@dataclass(frozen=True, slots=True)
class Said:
    """A statement at one place of an article, golden or stored, and whether the archive names its speaker rightly."""

    place: str
    speaker: str
    right: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run, with all that it takes to compare it question by question.

    Attributes:
        set_sha256: See ``evals.run.Setting``, as for ``corpus_sha256``.
        setting: What it was run with, by name: passage size, model, mode, re-ranker.
        results: By the id of the question.
        golden: Golden statements whose speaker is known.
        named: Stored statements that name a speaker.
    """

    name: str
    set_sha256: str
    corpus_sha256: str
    setting: Mapping[str, str]
    results: Mapping[str, Result]
    golden: Sequence[Said]
    named: Sequence[Said]


def load(path: Path) -> Any:
    """The JSON of a file.

    Raises:
        Incomparable: It cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise Incomparable(
            f"{path}: cannot be read: {error.strerror}; give what `onrecord eval --json` wrote"
        ) from error
    except (ValueError, RecursionError) as error:
        raise Incomparable(f"{path}: not JSON ({error}); give what `onrecord eval --json` wrote") from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def recorded(value: Any, where: str) -> Recorded:
    """The run in some JSON.

    Args:
        value: What ``Report.as_json`` returns, or as much of it as a baseline keeps.
        where: What to call it, should it be something else.

    Raises:
        Incomparable: It is something else.
    """
    try:
        results = [_result(row) for row in value["results"]]
        attribution = value["attribution"] or {"golden": [], "named": []}
        return Recorded(
            name=str(value["set"]),
            set_sha256=str(value["set_sha256"]),
            corpus_sha256=str(value["corpus_sha256"]),
            setting={**value["settings"], "mode": str(value["mode"]), "reranker": str(value["reranker"] or "none")},
            results={one.id: one for one in results},
            golden=[_golden(row) for row in attribution["golden"] if row["known"]],
            named=[_named(row) for row in attribution["named"]],
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise Incomparable(
            f"{where}: no run of this version ({type(error).__name__}: {error}); "
            "write it again with `onrecord eval --json` or `--update-baseline`"
        ) from error


def kept(run: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``Report.as_json`` a comparison needs, and nothing else."""
    attribution = run["attribution"]
    said = (
        None
        if attribution is None
        else {
            "golden": _only(("article", "start", "end", "speaker", "known", "outcome"), attribution["golden"]),
            "named": attribution["named"],
        }
    )
    fields = ("id", "kind", "answerable", "answered", "confidence", "first_relevant", "failures", "scores")
    return {
        **{name: run[name] for name in ("set", "set_sha256", "corpus_sha256", "settings", "mode", "reranker")},
        "results": _only(fields, run["results"]),
        "attribution": said,
    }


def _only(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


def _result(row: Mapping[str, Any]) -> Result:
    return Result(
        id=str(row["id"]),
        kind=str(row["kind"]),
        answerable=bool(row["answerable"]),
        answered=None if row["answered"] is None else bool(row["answered"]),
        confidence=None if row["confidence"] is None else float(row["confidence"]),
        rank=None if row["first_relevant"] is None else int(row["first_relevant"]),
        failures=tuple(map(str, row["failures"])),
        scores={str(name): float(score) for name, score in row["scores"].items()},
        question=str(row.get("question", "")),
    )


def _golden(row: Mapping[str, Any]) -> Said:
    return Said(_place(row), str(row["speaker"]), row["outcome"] == "right", str(row["outcome"]))


def _named(row: Mapping[str, Any]) -> Said:
    return Said(_place(row), str(row["speaker"]), bool(row["right"]), "right" if row["right"] else "wrong")


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['article']}:{int(row['start'])}-{int(row['end'])}"
