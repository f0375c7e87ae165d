"""The run that later ones are held against: a file with a line a question, which rises and falls only on purpose."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evals import outputs
from evals.paired import figures, is_worse
from evals.recorded import Recorded, kept, load, recorded
from evals.run import Report
from retrieval.errors import EvaluationError, Incomparable

DEFAULT_BASELINE = Path(__file__).parent / "data" / "baseline.json"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run to hold others against.

    Attributes:
        history: Every time that figures were lowered: why, in which version, and which figures from what to what.
    """

    run: Recorded
    history: Sequence[Mapping[str, Any]]


def read(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        Incomparable: There is none, or it is damaged.
    """
    if not path.exists():
        raise Incomparable(f"there is no baseline {path}; make it with: onrecord eval --update-baseline")
    said = load(path)
    run = recorded(said, str(path))
    if not isinstance(said.get("history"), list):
        raise Incomparable(f"{path}: a run, but no baseline; make one with: onrecord eval --update-baseline")
    return Baseline(run, said["history"])


def update(path: Path, report: Report, reason: str | None = None) -> Mapping[str, tuple[float, float | None]]:
    """Make a run the baseline; returns the figures that this lowers, from what to what.

    Args:
        path: The file, written anew; there may be none yet.
        report: The run.
        reason: Why figures may be lower than before, for whoever reads the file.

    Raises:
        EvaluationError: A figure would be lower, or no longer there, and there is no reason; or the file cannot be
            written.
        Incomparable: The file is there and no baseline.
    """
    run = report.as_json()
    before = read(path) if path.exists() else None
    history = [] if before is None else list(before.history)
    lowered = {} if before is None else _lowered(before.run, recorded(run, "the run"))
    if lowered and reason is None:
        raise EvaluationError(
            f"the baseline stays as it is: {_said(lowered)} would get worse; "
            'if that is meant, say why: --allow-regression "REASON"'
        )
    if lowered:
        changed = {name: {"from": old, "to": new} for name, (old, new) in lowered.items()}
        history.append({"reason": reason, "version": version("onrecord"), "figures": changed})
    outputs.write(path, "the baseline", "".join(_lines(run, history)).encode("ascii"))
    return lowered


def _lowered(before: Recorded, after: Recorded) -> dict[str, tuple[float, float | None]]:
    ours, theirs = figures(before), figures(after)
    found: dict[str, tuple[float, float | None]] = {}
    for name, one in ours.items():
        if name not in theirs:
            found[name] = (one.value, None)
        elif is_worse(name, one.value, theirs[name].value):
            found[name] = (one.value, theirs[name].value)
    return found


def _said(lowered: Mapping[str, tuple[float, float | None]]) -> str:
    shown = {name: "nothing" if new is None else f"{new:.4f}" for name, (_, new) in lowered.items()}
    return ", ".join(f"{name} (from {old:.4f} to {shown[name]})" for name, (old, _) in lowered.items())


def _lines(run: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """JSON with a line for each question and statement, so that a change of the file shows what has changed."""
    of_all = {name: figure.value for name, figure in figures(recorded(run, "the run")).items()}
    said = kept(run)
    results, attribution = said.pop("results"), said.pop("attribution")
    yield "{\n"
    for name, value in {"version": version("onrecord"), **said, "figures": of_all}.items():
        yield f'"{name}": {_json(value)},\n'
    yield f'"results": {_rows(results)},\n'
    if attribution is None:
        yield '"attribution": null,\n'
    else:
        yield f'"attribution": {{"golden": {_rows(attribution["golden"])}, "named": {_rows(attribution["named"])}}},\n'
    yield f'"history": {_rows(history)}\n}}\n'


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    return "[\n" + ",\n".join(map(_json, rows)) + "\n]" if rows else "[]"


def _json(value: Any) -> str:
    # In ASCII, because ids and names may hold what no file can.
    return json.dumps(value)
