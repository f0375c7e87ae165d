"""When a system answers and when it keeps silent, and how far its confidence can be believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from evals.curve import risk_coverage
from evals.metrics import Outcome, calibration_error
from evals.report.charts import Line, Told, Whisker, lines, percents, whiskers
from evals.report.figures import Compared, Figure, share
from evals.report.wording import percent

_BINS = 10


@dataclass(frozen=True, slots=True)
class Abstention:
    """What there is to say of a run's silence.

    Attributes:
        coverage: Share of the questions that were answered; of all, and of those answered from the same confidence on.
        precision: Share of these whose first result answers; without groups of which none was answered.
        least: The least confidence that was answered, by group.
        risk: Curves of risk against coverage, and the same as the head and the rows of a table.
    """

    coverage: Compared
    precision: Compared
    least: Mapping[str, float]
    risk: Markup
    risk_head: Sequence[str]
    risk_rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often the first result is right, by how sure the system was of it; ``error`` is the calibration error."""

    picture: Markup
    bins: Sequence[tuple[str, float, Figure]]
    error: float

    @property
    def table(self) -> list[list[str]]:
        """Rows of confidence, its mean, share that is right, number of questions."""
        return [[where, percent(mean), str(figure), f"{figure.of:,}"] for where, mean, figure in self.bins]


def abstention(outcomes: Sequence[Outcome]) -> Abstention | None:
    """Precision and coverage where the system answers, and where it could have answered; None if it never refuses."""
    judged = [one for one in outcomes if one.confidence is not None and one.answered is not None]
    if not judged:
        return None
    parts = _by_threshold(judged)
    curves = {name: risk_coverage(_confidence(some), _right(some)) for name, some in parts.items()}
    drawn = [_line(name, curves[name], some) for name, some in parts.items()]
    top = max(float(risk.max()) for _, risk in curves.values())
    picture = lines(
        Told("risk", "Risk against coverage", _said(drawn)),
        drawn,
        percents("questions answered, the surest first"),
        percents("answered wrongly, of those answered", top),
    )
    groups = {"all questions": judged, **parts}
    answered = {name: [one for one in some if one.answered] for name, some in groups.items()}
    right = {name: share(int(_right(some).sum()), len(some)) for name, some in answered.items() if some}
    return Abstention(
        coverage=Compared(
            "coverage",
            "of the questions, how many were answered",
            {name: share(len(some), len(groups[name])) for name, some in answered.items()},
        ),
        precision=Compared(
            "precision", "of the questions that were answered, how many begin with what is right", right
        ),
        least={name: float(_confidence(answered[name]).min()) for name in parts if answered[name]},
        risk=picture,
        risk_head=["answered", *curves],
        risk_rows=_rows(list(curves.values())),
    )


def reliability(outcomes: Sequence[Outcome]) -> Reliability | None:
    """How often the first result is right in each tenth of the confidence; None if there is no confidence."""
    judged = [one for one in outcomes if one.confidence is not None]
    if not judged:
        return None
    confidence = np.array([_of_the_first(one) for one in judged])
    right = _right(judged)
    which = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    bins = {
        int(one): (
            float(confidence[which == one].mean()),
            share(int(right[which == one].sum()), int(sum(which == one))),
        )
        for one in np.unique(which)
    }
    drawn = [Whisker((one + 0.5) / _BINS, mean, figure) for one, (mean, figure) in bins.items()]
    rows = [(f"{percent(one / _BINS)} to {percent((one + 1) / _BINS)}", *bins[one]) for one in bins]
    said = "; ".join(f"confidence {where}: right {percent(figure.value)} of {figure.of}" for where, _, figure in rows)
    picture = whiskers(
        Told("reliability", "How often the first result is right, by its confidence", f"{said}."),
        drawn,
        percents("confidence of the first result"),
        percents("first results that answer"),
    )
    return Reliability(picture, rows, calibration_error(confidence, right))


def _by_threshold(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Apart what is ranked apart, and answered from another confidence on: see ``retrieval.rank.regime``."""
    parts: dict[str, list[Outcome]] = {}
    for one in outcomes:
        somebody = one.answer is not None and bool(one.answer.interpretation.speakers)
        parts.setdefault("what somebody said" if somebody else "anything else", []).append(one)
    return dict(sorted(parts.items(), reverse=True)) if len(parts) > 1 else {"all questions": list(outcomes)}


def _line(name: str, curve: Sequence[NDArray[np.float64]], outcomes: Sequence[Outcome]) -> Line:
    """The curve, marked where the system stops to answer."""
    points = [(float(x), float(y)) for x, y in zip(*curve, strict=True)]
    answered = sum(bool(one.answered) for one in outcomes) / len(outcomes)
    return Line(name, points, next((point for point in reversed(points) if point[0] <= answered + 1e-9), None))


def _said(drawn: Sequence[Line]) -> str:
    marked = [
        f"{line.name}: {percent(line.mark[0])} answered, {percent(line.mark[1])} of these wrongly"
        if line.mark
        else f"{line.name}: none answered"
        for line in drawn
    ]
    return f"{'; '.join(marked)}."


def _rows(curves: Sequence[Sequence[NDArray[np.float64]]]) -> list[list[str]]:
    """The risk of each curve at every tenth of coverage: of the first point that is as far."""
    return [
        [
            percent(tenth / 10),
            *(percent(risk[np.searchsorted(coverage, tenth / 10 - 1e-9)]) for coverage, risk in curves),
        ]
        for tenth in range(1, 11)
    ]


def _confidence(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    return np.array([one.confidence for one in outcomes], np.float64)


def _right(outcomes: Sequence[Outcome]) -> NDArray[np.bool_]:
    return np.array([one.answerable and one.first_relevant == 1 for one in outcomes], np.bool_)


def _of_the_first(one: Outcome) -> float:
    """Confidence of the first result: not the answer's where a re-ranker put another before the surest."""
    if one.answer is not None and one.answer.passages:
        return one.answer.passages[0].confidence
    return one.confidence or 0.0
