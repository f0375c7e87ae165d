"""What others compute of the files that a run is written to, and what continuous integration reads of it."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from evals import trec
from evals.beir import documents, evaluate_beir
from evals.junit import as_junit
from evals.metrics import Outcome, ranking_figures
from evals.run import Report
from ingest.pipeline import archive_settings, ingest_articles
from retrieval import Archive
from retrieval.errors import EvaluationError
from tests.evals.reports import outcome, report
from tests.hashing import HashingEncoder
from tests.service.test_cli import onrecord

OURS = {
    "hit@1": "success_1",
    "hit@3": "success_3",
    "hit@10": "success_10",
    "MRR@10": "recip_rank",
    "nDCG@10": "ndcg_cut_10",
}


def asked(id_: str, ranked: Sequence[str], relevant: dict[str, int], *, answerable: bool = True) -> Outcome:
    return Outcome(id_, "kind", "?", relevant, tuple(ranked), answerable)


def of_trec_eval(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The means of trec_eval -c -M10 over what is in the files."""
    qrels = pytrec_eval.parse_qrel(StringIO(trec.qrels(outcomes)))
    lines = [line for line in trec.run(outcomes).splitlines() if int(line.split()[3]) <= 10]
    run = pytrec_eval.parse_run(lines)
    found = pytrec_eval.RelevanceEvaluator(qrels, {"success.1,3,10", "recip_rank", "ndcg_cut.10"}).evaluate(run)
    return {name: sum(of.get(theirs, 0.0) for of in found.values()) / len(qrels) for name, theirs in OURS.items()}


def agrees(outcomes: Sequence[Outcome]) -> None:
    ours = ranking_figures(outcomes)
    assert ours.keys() == OURS.keys()
    assert of_trec_eval(outcomes) == pytest.approx(ours, abs=5e-5)


def test_trec_eval_agrees_on_every_figure_of_the_seeds(seeds_report: Report) -> None:
    agrees(seeds_report.outcomes)


def test_trec_eval_agrees_on_graded_judgements_and_on_questions_without_results_or_anything_relevant() -> None:
    graded = [
        asked("graded", ["b", "a", "c"], {"a": 3, "b": 1, "unreturned": 2}),
        asked("deep", [f"d{number}" for number in range(20)], {"d12": 1, "d15": 2}),
        asked("no result", [], {"a": 1}),
        asked("nothing relevant", ["a"], {}),
        asked("neither", [], {}),
        asked("unanswerable", ["a", "b"], {}, answerable=False),
    ]
    agrees(graded)
    assert ranking_figures(graded)["hit@1"] == pytest.approx(1 / 5)


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abcdefghijklmno"), max_size=15, unique=True),
            st.dictionaries(st.sampled_from("abcdefghijklmno"), st.integers(1, 4), max_size=6),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_trec_eval_agrees_on_any_run(rows: list[tuple[list[str], dict[str, int]]]) -> None:
    agrees([asked(f"q{at}", ranked, relevant) for at, (ranked, relevant) in enumerate(rows)])


def test_trec_eval_agrees_on_a_collection_in_beirs_form(tmp_path: Path) -> None:
    files = {
        "corpus.jsonl": '{"_id": "d 1", "text": "the ferry sails"}\n{"_id": "d2", "text": "the pier"}\n',
        "queries.jsonl": '{"_id": "q 1", "text": "ferry"}\n{"_id": "q2", "text": "pier ferry"}\n',
        "qrels.tsv": "query-id\tcorpus-id\tscore\nq 1\td2\t2\nq 1\td 1\t1\nq2\td2\t1\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = Archive.create(tmp_path / "a", archive_settings(), load_encoder=lambda *_: HashingEncoder())
    with made as archive:
        ingest_articles(archive, documents(tmp_path))
        outcomes = evaluate_beir(archive, tmp_path).outcomes
    agrees(outcomes)
    assert "q%201 0 d%201 1\n" in trec.qrels(outcomes)


def test_a_run_has_ranks_from_1_and_scores_that_leave_no_ties() -> None:
    written = trec.run([asked("q", ["z", "a", "m"], {"a": 1})])
    assert written == "q Q0 z 1 3 onrecord\nq Q0 a 2 2 onrecord\nq Q0 m 3 1 onrecord\n"


@given(st.text(min_size=1))
def test_any_id_is_one_column_and_can_be_read_back(id_: str) -> None:
    query, zero, document, relevance = trec.qrels([asked(id_, [id_], {id_: 1})]).removesuffix("\n").split()
    assert (zero, relevance) == ("0", "1")
    assert unquote(query, errors="surrogatepass") == unquote(document, errors="surrogatepass") == id_
    query.encode()


def test_an_id_that_is_empty_is_refused() -> None:
    with pytest.raises(EvaluationError, match="empty id"):
        trec.run([asked("q", [""], {})])


def junit(of: Report) -> ElementTree.Element:
    return ElementTree.fromstring(as_junit(of))


def test_junit_has_a_test_for_each_question_and_says_why_it_failed() -> None:
    outcomes = [
        outcome("right"),
        outcome("below", 3, failures=("ranked_below", "wrong_speaker")),
        outcome("none", answerable=False, kind="unanswerable", failures=("wrongly_answered",)),
        replace(outcome("lexical", 2, kind="one side"), answer=None, answered=None, confidence=None),
        replace(outcome("lost", None, kind="one side"), answer=None, answered=None, confidence=None),
    ]
    root = junit(report(outcomes))
    assert (root.get("tests"), root.get("failures")) == ("5", "4")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["harbour", "harbour.said", "harbour.unanswerable", "harbour.one side"]
    failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    kinds = {
        str(name).partition(":")[0]: failure is not None and failure.get("type") for name, failure in failures.items()
    }
    assert kinds == {
        "right": False,
        "below": "ranked_below wrong_speaker",
        "none": "wrongly_answered",
        "lexical": "ranked_below",
        "lost": "not_returned",
    }
    messages = [failure.get("message") for failure in failures.values() if failure is not None]
    assert "nothing answers it, and it was answered" in messages
    figures = {one.get("name"): one.get("value") for one in suites["harbour"].iter("property")}
    assert float(figures["MRR@10"] or "") == pytest.approx((1 + 1 / 3 + 1 / 2 + 0) / 4)
    assert figures["mode"] == "fused"


@given(st.text())
def test_junit_can_be_read_whatever_is_in_the_texts(text: str) -> None:
    hostile = outcome("q", 2, question=text, kind=text, failures=("ranked_below",))
    root = junit(report([hostile], name=text, model=text))
    assert len(list(root.iter("testcase"))) == 1


def test_a_character_that_xml_forbids_is_written_out() -> None:
    (case,) = junit(report([outcome("q", question="a\0b\ud800\ufffe]]>&<")])).iter("testcase")
    assert case.get("name") == "q: a\\x00b\\ud800\\ufffe]]>&<"


def test_the_files_of_a_run_as_a_command(seeds_folder: Path, tmp_path: Path, seeds_report: Report) -> None:
    (tmp_path / "archive").symlink_to(seeds_folder)
    files = {name: str(tmp_path / name) for name in ("run", "qrels", "junit")}
    options = [argument for name, file in files.items() for argument in (f"--{name}", file)]
    refused = onrecord("eval", "--archive", str(tmp_path / "archive"), "--run", str(tmp_path / "no" / "run"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("onrecord: the run cannot be written to ")
    assert onrecord("eval", "--mode", "lexical", "--archive", str(tmp_path / "archive"), *options).returncode == 0
    assert Path(files["qrels"]).read_text("utf-8") == trec.qrels(seeds_report.outcomes)
    assert len(Path(files["run"]).read_text("utf-8").splitlines()) > seeds_report.questions
    assert ElementTree.parse(files["junit"]).getroot().get("tests") == str(seeds_report.questions)
