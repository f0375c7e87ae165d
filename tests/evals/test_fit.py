import json
from pathlib import Path

import numpy as np
import pytest

from evals.curve import as_svg, risk_coverage
from evals.fit import MODEL, Pairs, best_of_each, figures, fit, of_few_articles
from retrieval.rank import FEATURES


def made(*, questions: int = 200, seed: int = 1) -> Pairs:
    """Pairs of which one feature tells everything, another nothing, and the rest are constant."""
    chance = np.random.default_rng(seed)
    relevant = np.tile([True, False, False, False], questions)
    answerable = np.arange(questions) % 2 == 0
    relevant &= np.repeat(answerable, 4)
    matrix = np.zeros((len(relevant), len(FEATURES)))
    matrix[:, FEATURES.index("coverage")] = relevant + chance.normal(0, 0.2, len(relevant))
    matrix[:, FEATURES.index("cosine")] = chance.normal(0, 1, len(relevant))
    return Pairs(matrix, relevant, np.repeat(np.arange(questions), 4), answerable, np.full(questions, fill_value=True))


def test_what_tells_answers_from_others_gets_the_weight() -> None:
    weights = fit(made()).weights
    assert weights[FEATURES.index("coverage")] > 10 * weights[FEATURES.index("cosine")]
    assert weights[FEATURES.index("said")] == 0.0


def test_the_figures_are_those_of_questions_that_were_not_fitted_on() -> None:
    reached = figures(fit(made()), made(seed=2))
    assert reached["hit@1"] > 0.95
    assert reached["AUROC"] > 0.95
    assert reached["false answers"] == pytest.approx(0.1, abs=0.08)
    assert reached["calibration error"] < 0.1


def test_a_feature_can_be_left_out() -> None:
    weights = fit(made(), frozenset({"coverage"})).weights
    assert weights[FEATURES.index("coverage")] == 0.0


def test_the_best_and_the_first_relevant_of_each_question() -> None:
    some = made(questions=2)
    some.matrix[:, FEATURES.index("coverage")] = [0.5, 0.9, 0.1, 0.0, 0.3, 0.2, 0.1, 0.0]
    best, first = best_of_each(fit(made()), some)
    assert first.tolist() == [2, 0]
    assert best[0] > best[1]


def test_risk_rises_as_more_is_answered_and_ties_are_answered_together() -> None:
    coverage, risk = risk_coverage(np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, True, False, False]))
    assert coverage.tolist() == [0.25, 0.75, 1.0]
    assert risk.round(3).tolist() == [0.0, 0.333, 0.5]


def test_the_picture_says_in_words_what_it_shows() -> None:
    curve = risk_coverage(np.array([0.9, 0.8]), np.array([True, False]))
    picture = as_svg({"news & views": curve}, {"news & views": 0.5})
    assert "<title>Risk against coverage. news &amp; views: 50% answered, 0% of these wrongly.</title>" in picture


def test_fitting_again_on_a_few_articles_comes_to_the_same_scores(data: Path, tmp_path: Path) -> None:
    written = json.loads(MODEL.read_text("utf-8"))["about"]["weights_on_few_articles"]
    pairs = of_few_articles(data, tmp_path / "few")
    before, again = (pairs.matrix @ weights for weights in ([written[one] for one in FEATURES], fit(pairs).weights))
    # A few articles tell features apart that agree so badly that the last bits of vectors, which are each processor's
    # own, move the weights by 0.2; what the weights come to of a passage they hardly move.
    assert np.corrcoef(before, again)[0, 1] > 0.99
