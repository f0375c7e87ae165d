"""How far a figure of a run may be off by the questions that happened to be asked.

The interval of a share (hit@k, false answers, wrong refusals) is the exact one of Clopper and Pearson (1934): ten of
ten questions are [0.69, 1.00]. That of any other figure is the percentile bootstrap over questions (Efron and
Tibshirani 1993), unless all scores are the best, or all the worst: of these it would be a point, and they get the
interval of a share.

Whether two runs over the same items differ is asked by the paired randomisation test (Fisher 1935; for retrieval
Smucker and others 2007): if they did not, which run gave which of an item's two results would be chance, so the results
are exchanged at random, item by item, and p is how often the difference comes out as large as it did. Figures that are
no means, such as precision, are tested the same way (Yeh 2000), and so is AUROC, by the ranks of the confidences
(Venkatraman and Begg 1996). Of several p-values Holm's correction (1979) says what each of them shows when all of them
were looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, rankdata

from evals.metrics import Outcome, ranking_scores

Scores = NDArray[np.float64]

Statistic = Callable[[Scores], Scores]
"""The figure of runs of shape ``(..., 2, items)``, of shape ``(...)``: ``share`` and ``separation`` are such."""
Alternative = Literal["two-sided", "less"]

PERMUTATIONS = 10_000
_SAMPLES = 2000
_OUTSIDE = 0.05
# Runs that are worked on at once, so that memory does not grow with the number of samples.
_AT_ONCE = 500


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


def share(runs: Scores) -> Scores:
    """What the items gained over what they count, which is a mean where each counts 1; 0 where nothing counts.

    Args:
        runs: Shape ``(..., 2, items)``: what each item gained, and what it counts.
    """
    gained, counted = runs[..., 0, :].sum(axis=-1), runs[..., 1, :].sum(axis=-1)
    found: Scores = gained / np.where(counted > 0, counted, 1)
    return found


def separation(runs: Scores) -> Scores:
    """AUROC: by the sum of ranks, as Mann and Whitney (1947) have it.

    Args:
        runs: Shape ``(..., 2, items)``: the confidence of each item, and 1 where the answer is there, else 0.
    """
    ranks, right = rankdata(runs[..., 0, :], axis=-1), runs[..., 1, :]
    positive = right.sum(axis=-1)
    negative = right.shape[-1] - positive
    found: Scores = ((ranks * right).sum(axis=-1) - positive * (positive + 1) / 2) / (positive * negative)
    return found


def ranked(run: Scores) -> Scores:
    """A run of shape ``(2, items)`` with the ranks of its confidences in place of them; ties share their mean rank."""
    return np.stack([rankdata(run[0]), run[1]])


def randomisation(
    first: Scores, second: Scores, statistic: Statistic, alternative: Alternative = "two-sided", seed: int = 0
) -> float:
    """Value of p, by the paired randomisation test, that two runs differ in a figure.

    Over all exchanges where few items differ, so that p is exact; else over 10,000 random ones and the one that
    happened, so that p is never 0.

    Args:
        first: Of the first run, shape ``(2, items)``; see ``statistic``.
        second: Of the second, with the same items in the same order.
        statistic: The figure.
        alternative: "less": that the second run's figure is the lower one.
        seed: Of the random exchanges.

    Raises:
        ValueError: The runs are not of the same shape.
    """
    _check_paired(first, second)
    differing = np.flatnonzero((first != second).any(axis=0))
    if not len(differing):
        return 1.0
    exact = 2 ** len(differing) <= PERMUTATIONS
    exchanges = _all_exchanges(len(differing)) if exact else _random_exchanges(len(differing), seed)
    observed, extreme = _extremeness(statistic(second) - statistic(first), alternative), 0
    for some in np.array_split(exchanges, -(-len(exchanges) // _AT_ONCE)):
        swapped = np.zeros((len(some), 1, first.shape[1]), np.bool_)
        swapped[:, 0, differing] = some
        drawn = statistic(np.where(swapped, first, second)) - statistic(np.where(swapped, second, first))
        # Sums of the same numbers in another order differ in their last bits.
        extreme += int((_extremeness(drawn, alternative) >= observed - 1e-9).sum())
    return extreme / len(exchanges) if exact else (extreme + 1) / (len(exchanges) + 1)


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """p-values, by name, each corrected for all of them having been looked at (Holm 1979), in the same order."""
    ascending = sorted(values, key=lambda name: values[name])
    corrected, highest = {}, 0.0
    for at, name in enumerate(ascending):
        highest = max(highest, min(1.0, (len(ascending) - at) * values[name]))
        corrected[name] = highest
    return {name: corrected[name] for name in values}


def interval_of_difference(
    first: Scores, second: Scores, statistic: Statistic, strata: Scores | None = None, seed: int = 0
) -> Interval:
    """The interval of how much higher the second run's figure is: percentile bootstrap over the pairs.

    Where all pairs differ by the same, mostly by nothing, samples of them would not differ at all; the interval then
    allows for as many other pairs as there may be that were not seen (Clopper and Pearson 1934).

    Args:
        first: Of the first run, shape ``(2, items)``, at least one item.
        second: Of the second, with the same items in the same order.
        statistic: The figure; from 0 to 1.
        strata: Of each item a number; as many of each are drawn as there are. None: all are alike.
        seed: Of the samples.

    Raises:
        ValueError: The runs are not of the same shape.
    """
    _check_paired(first, second)
    strata = np.zeros(first.shape[1]) if strata is None else strata
    of = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    if (first - second == (first - second)[:, :1]).all():
        unseen, found = _exact(0, min(map(len, of))).high, float(statistic(second) - statistic(first))
        return Interval(found - unseen * (1 + found), found + unseen * (1 - found))
    chance, sampled = np.random.default_rng(seed), []
    for _ in range(_SAMPLES // _AT_ONCE):
        drawn = np.concatenate([some[chance.integers(0, len(some), (_AT_ONCE, len(some)))] for some in of], axis=1)
        samples = (np.moveaxis(run[:, drawn], 0, 1) for run in (first, second))
        low, high = (statistic(sample) for sample in samples)
        sampled.append(high - low)
    return _percentiles(np.concatenate(sampled))


def _check_paired(first: Scores, second: Scores) -> None:
    if first.shape != second.shape:
        raise ValueError(f"runs of shapes {first.shape} and {second.shape} are no pairs")


def _extremeness(difference: Scores, alternative: Alternative) -> Scores:
    return np.abs(difference) if alternative == "two-sided" else -difference


def _all_exchanges(items: int) -> NDArray[np.bool_]:
    numbers: NDArray[np.bool_] = (np.arange(2**items)[:, None] >> np.arange(items)) % 2 == 1
    return numbers


def _random_exchanges(items: int, seed: int) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random((PERMUTATIONS, items)) < 0.5


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
