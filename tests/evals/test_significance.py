"""Intervals of figures, on cases that can be looked up."""

import numpy as np
import pytest

from evals.metrics import Outcome, abstention_figures, ranking_figures
from evals.significance import Interval, auroc, interval_of_mean, intervals


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(10, 10, 0.6915, 1.0), (0, 10, 0.0, 0.3085), (7, 10, 0.3475, 0.9333)]
)
def test_a_share_has_the_exact_interval(hits: int, of: int, low: float, high: float) -> None:
    found = interval_of_mean(np.array([1.0] * hits + [0.0] * (of - hits)))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_mean_lies_in_its_interval_which_narrows_with_the_root_of_the_questions() -> None:
    scores = np.random.default_rng(1).choice([1, 1 / 2, 1 / 3, 0], 400)
    few, many = interval_of_mean(scores[:100]), interval_of_mean(scores)
    assert many.low < scores.mean() < many.high
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, abs=0.4)
    assert interval_of_mean(scores) == many


def test_scores_that_are_all_the_same_and_neither_best_nor_worst_tell_nothing() -> None:
    assert interval_of_mean(np.full(20, 0.5)) == Interval(0.0, 1.0)


def test_every_figure_has_an_interval_around_it() -> None:
    outcomes = [
        Outcome(str(at), "kind", "?", {"a": 1}, ("a",) if at % 3 else ("b", "a"), True, 0.5 + at / 100, at > 5)
        for at in range(20)
    ]
    outcomes += [Outcome(f"no{at}", "none", "?", {}, ("a",), False, 0.4 + at / 50, at > 8) for at in range(10)]
    figures = {**ranking_figures(outcomes), **abstention_figures(outcomes)}
    found = intervals(outcomes)
    assert found.keys() == figures.keys()
    assert all(found[name].low <= value <= found[name].high for name, value in figures.items())
    assert figures["AUROC"] == pytest.approx(
        auroc(*(np.array([one.confidence for one in outcomes if one.answerable == kind]) for kind in (True, False)))
    )
