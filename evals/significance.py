"""How far a figure of a run may be off by the questions that happened to be asked.

The interval of a share (hit@k, false answers, wrong refusals) is the exact one of Clopper and Pearson (1934): ten of
ten questions are [0.69, 1.00]. That of any other figure is the percentile bootstrap over questions (Efron and
Tibshirani 1993), unless all scores are the best, or all the worst: of these it would be a point, and they get the
interval of a share.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from evals.metrics import Outcome, ranking_scores

Scores = NDArray[np.float64]

_SAMPLES = 2000
_OUTSIDE = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies with a probability of 95 %."""

    low: float
    high: float


def intervals(outcomes: Sequence[Outcome], *, seed: int = 0) -> dict[str, Interval]:
    """The interval of each figure that ``Report.overall`` has of these outcomes, by name."""
    found = {name: interval_of_mean(scores, seed) for name, scores in columns(outcomes).items()}
    return found | {name: _interval_of_auroc(*both, seed) for name, both in _confidences(outcomes).items()}


def columns(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """What each question scores, by figure, for all figures that are means; each over the questions that it is of."""
    ranking = list(ranking_scores(outcomes).values())
    found = {name: np.array([one[name] for one in ranking]) for name in (ranking[0] if ranking else ())}
    judged = [one for one in outcomes if one.confidence is not None]
    wrong = {
        "false answers": [bool(one.answered) for one in judged if not one.answerable],
        "wrong refusals": [not one.answered for one in judged if one.answerable],
    }
    return found | {name: np.array(scores, np.float64) for name, scores in wrong.items() if scores}


def interval_of_mean(scores: Scores, seed: int = 0) -> Interval:
    """The interval of a mean of scores from 0 to 1, of shape ``(questions,)``, at least one."""
    if np.isin(scores, (0, 1)).all():
        return _exact(int(scores.sum()), len(scores))
    if len(set(scores.tolist())) == 1:
        return Interval(0.0, 1.0)  # all the same, and no share: the questions tell nothing of others
    drawn = np.random.default_rng(seed).integers(0, len(scores), (_SAMPLES, len(scores)))
    return _percentiles(scores[drawn].mean(axis=1))


def auroc(right: Scores, wrong: Scores) -> float:
    """Probability that one of the first is greater than one of the second; ties count half."""
    return float((right[:, None] > wrong).mean() + (right[:, None] == wrong).mean() / 2)


def _confidences(outcomes: Sequence[Outcome]) -> Mapping[str, tuple[Scores, Scores]]:
    judged = [(one.answerable, one.confidence) for one in outcomes if one.confidence is not None]
    right, wrong = (np.array([value for truth, value in judged if truth == wanted]) for wanted in (True, False))
    return {"AUROC": (right, wrong)} if len(right) and len(wrong) else {}


def _interval_of_auroc(right: Scores, wrong: Scores, seed: int) -> Interval:
    chance = np.random.default_rng(seed)
    draw: Callable[[Scores], Scores] = lambda some: some[chance.integers(0, len(some), len(some))]  # noqa: E731
    sampled = np.array([auroc(draw(right), draw(wrong)) for _ in range(_SAMPLES)])
    if sampled.min() == sampled.max():
        return _exact(round(float(sampled[0]) * min(len(right), len(wrong))), min(len(right), len(wrong)))
    return _percentiles(sampled)


def _percentiles(sampled: Scores) -> Interval:
    low, high = np.quantile(sampled, (_OUTSIDE / 2, 1 - _OUTSIDE / 2))
    return Interval(float(low), float(high))


def _exact(hits: int, of: int) -> Interval:
    low = float(beta.ppf(_OUTSIDE / 2, hits, of - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - _OUTSIDE / 2, hits + 1, of - hits)) if hits < of else 1.0
    return Interval(low, high)
