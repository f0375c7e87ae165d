"""Intervals of figures and tests of their differences, on cases that can be looked up or counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, permutation_test

from evals.metrics import Outcome, abstention_figures, ranking_figures
from evals.significance import (
    PERMUTATIONS,
    Interval,
    Scores,
    auroc,
    holm,
    interval_of_difference,
    interval_of_mean,
    intervals,
    randomisation,
    ranked,
    separation,
    share,
)


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


def run(*gained: float, counted: float = 1.0) -> Scores:
    return np.array([gained, [counted] * len(gained)], np.float64)


def test_p_of_a_few_pairs_is_that_of_all_exchanges() -> None:
    """Five of five better: by chance once in 32, and once more the other way round."""
    worse, better = run(0, 0, 0, 0, 0, 1, 1), run(1, 1, 1, 1, 1, 1, 1)
    assert randomisation(better, worse, share, "less") == 1 / 32
    assert randomisation(better, worse, share) == 2 / 32
    assert randomisation(worse, better, share, "less") == 1.0
    assert randomisation(worse, worse, share) == 1.0


@pytest.mark.parametrize("pairs", [12, 60])
def test_p_is_that_of_an_independent_implementation(pairs: int) -> None:
    chance = np.random.default_rng(3)
    first, second = chance.random(pairs), chance.random(pairs) - 0.1
    for ours, theirs in (("two-sided", "two-sided"), ("less", "greater")):
        expected = permutation_test(
            (first, second),
            lambda one, other: np.mean(one - other),
            permutation_type="samples",
            alternative=theirs,
            n_resamples=np.inf if pairs == 12 else 20_000,
            rng=chance,
        ).pvalue
        found = randomisation(run(*first), run(*second), share, ours)  # type: ignore[arg-type]
        assert found == pytest.approx(expected, abs=1e-12 if pairs == 12 else 0.02)


def test_many_pairs_are_drawn_by_a_seed_and_p_is_never_0() -> None:
    first, second = run(*[1.0] * 100), run(*[0.0] * 100)
    assert randomisation(first, second, share, "less") == 1 / (PERMUTATIONS + 1)
    chance = np.random.default_rng(4)
    first, second = run(*chance.random(100)), run(*chance.random(100))
    assert randomisation(first, second, share) == randomisation(first, second, share)


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 2), min_size=1, max_size=8))
def test_p_does_not_depend_on_which_run_comes_first_and_one_side_is_at_least_half_of_both(
    pairs: list[tuple[float, float]],
) -> None:
    first, second = run(*[one for one, _ in pairs]), run(*[other for _, other in pairs])
    both = randomisation(first, second, share)
    assert 0 < both <= 1
    assert both == randomisation(second, first, share)
    down, up = randomisation(first, second, share, "less"), randomisation(second, first, share, "less")
    assert down + up >= 1
    assert min(down, up) >= both / 2


def test_precision_is_tested_over_statements_that_only_one_run_has() -> None:
    """Four right ones of four; then four more that are wrong: every exchange of those four leaves them to one run."""
    precise = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0]], np.float64)
    talkative = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1]], np.float64)
    assert (float(share(precise)), float(share(talkative))) == (1.0, 0.5)
    assert randomisation(precise, talkative, share, "less") == 1 / 16


@given(
    st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1, max_size=9),
    st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1, max_size=9),
)
def test_separation_is_auroc_and_ranks_separate_as_well_as_what_they_rank(
    right: list[float], wrong: list[float]
) -> None:
    both = np.array([right + wrong, [1] * len(right) + [0] * len(wrong)], np.float64)
    assert separation(both) == pytest.approx(auroc(np.array(right), np.array(wrong)))
    assert separation(ranked(both)) == pytest.approx(float(separation(both)))


def test_confidences_that_all_rise_do_not_change_p_of_auroc() -> None:
    chance = np.random.default_rng(5)
    truth = np.repeat([1.0, 0.0], [40, 20])
    first, second = (np.stack([chance.random(60) + by * truth, truth]) for by in (0.5, 0.1))
    risen = np.stack([second[0] ** 3 + 7, truth])
    found = randomisation(ranked(first), ranked(second), separation, "less")
    assert found < 0.05
    assert found == randomisation(ranked(first), ranked(risen), separation, "less")


def test_holms_correction_by_hand() -> None:
    """Four times the smallest, three times the next, and never below one before."""
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert list(found) == ["a", "b", "c", "d"]
    assert holm({"a": 0.6, "b": 0.7}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def test_the_interval_of_a_difference_is_that_of_an_independent_implementation() -> None:
    chance = np.random.default_rng(6)
    first, second = chance.random(150), chance.random(150) + 0.1
    expected = bootstrap((second - first,), np.mean, method="percentile", rng=chance).confidence_interval
    found = interval_of_difference(run(*first), run(*second), share)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_runs_that_do_not_differ_may_still_do_so_in_questions_that_were_not_asked() -> None:
    same = run(*[1.0, 0.0] * 5)
    found = interval_of_difference(same, same, share)
    assert (round(found.low, 4), round(found.high, 4)) == (-0.3085, 0.3085)
    always = interval_of_difference(run(*[0.0] * 10), run(*[1.0] * 10), share)
    assert (round(always.low, 4), always.high) == (0.383, 1.0)


def test_the_interval_of_a_difference_of_auroc_draws_as_many_of_each_kind_as_there_are() -> None:
    chance = np.random.default_rng(7)
    truth = np.repeat([1.0, 0.0], [30, 1])
    first, second = (np.stack([chance.random(31), truth]) for _ in range(2))
    found = interval_of_difference(first, second, separation, truth)
    assert found.low <= separation(second) - separation(first) <= found.high


def test_runs_over_different_items_are_no_pairs() -> None:
    for test in (randomisation, interval_of_difference):
        with pytest.raises(ValueError, match="no pairs"):
            test(run(1, 1), run(1), share)
