import math
from dataclasses import replace
from pathlib import Path

import pytest

from evals.beir import documents, evaluate_beir
from evals.metrics import Outcome, abstention_figures, ranking_figures
from evals.run import DEFAULT_SET, Report, evaluate, report
from ingest.pipeline import archive_settings, ingest_articles
from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.errors import EvaluationError


def outcome(id_: str, ranked: str, relevant: str, confidence: float = 0.5, *, answered: bool = True) -> Outcome:
    return Outcome(id_, "kind", "?", dict.fromkeys(relevant, 1), tuple(ranked), bool(relevant), confidence, answered)


def test_measures_of_the_ranking_by_hand() -> None:
    figures = ranking_figures([outcome("1", "abc", "a"), outcome("2", "abc", "bc"), outcome("3", "abc", "z")])
    assert figures["hit@1"] == pytest.approx(1 / 3)
    assert figures["hit@3"] == pytest.approx(2 / 3)
    assert figures["MRR@10"] == pytest.approx((1 + 1 / 2 + 0) / 3)
    second = (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert figures["nDCG@10"] == pytest.approx((1 + second + 0) / 3)


def test_a_question_that_got_no_result_counts_as_nothing_and_does_not_drop_out() -> None:
    assert ranking_figures([outcome("1", "a", "a"), outcome("2", "", "a")])["MRR@10"] == pytest.approx(0.5)


def test_an_id_may_be_any_text() -> None:
    outcomes = [outcome("a\0b", "a", "a"), outcome("a\0c", "b", "a"), outcome("a b\n", "a", "a")]
    assert ranking_figures(outcomes)["hit@1"] == pytest.approx(2 / 3)


def test_a_set_with_another_filter_is_another_set(seeds: Archive) -> None:
    asked = outcome("1", "a", "a")
    filtered = replace(asked, filters={"author": "Ann"})
    hashes = {report("set", seeds, "fused", [one]).setting.set_sha256 for one in (asked, filtered, asked)}
    assert len(hashes) == 2


def test_measures_of_abstention_by_hand() -> None:
    figures = abstention_figures(
        [
            outcome("1", "a", "a", 0.9),
            outcome("2", "a", "a", 0.2, answered=False),
            outcome("3", "a", "", 0.5),
            outcome("4", "a", "", 0.1, answered=False),
        ]
    )
    assert figures == {"AUROC": 0.75, "false answers": 0.5, "wrong refusals": 0.5}


def test_the_hand_written_set_runs_on_the_seeds(seeds: Archive, seeds_report: Report) -> None:
    report = seeds_report
    assert report.questions >= 100
    assert len(report.by_kind) >= 6
    assert report.overall["hit@3"] > evaluate(seeds, DEFAULT_SET, "lexical").overall["hit@3"]
    assert all(one.relevant for one in report.outcomes if one.answerable)


def test_a_set_about_other_articles_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    with (
        Archive.create(tmp_path / "empty", archive_settings(), load_encoder=lambda *_: encoder) as archive,
        pytest.raises(EvaluationError, match="the archive lacks an article"),
    ):
        evaluate(archive, DEFAULT_SET)


def test_the_harness_reproduces_a_published_figure(data: Path, tmp_path: Path, encoder: Encoder) -> None:
    """Dense retrieval alone with all-MiniLM-L6-v2 on XQuAD (English): nDCG@10 0.9436."""
    with Archive.create(tmp_path / "xquad", archive_settings(1024), load_encoder=lambda *_: encoder) as archive:
        ingest_articles(archive, documents(data / "xquad_en"))
        report = evaluate_beir(archive, data / "xquad_en", "dense")
    assert report.overall["nDCG@10"] == pytest.approx(0.9436, abs=0.004)
