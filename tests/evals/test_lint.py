import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.corpus import Corpus
from evals.gold import load
from evals.lint import Finding, lint
from evals.run import DEFAULT_SET
from retrieval import Archive
from retrieval.errors import EvaluationError
from tests.evals.articles import ROW, archive_of


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    with archive_of(tmp_path_factory.mktemp("lint") / "archive") as archive:
        yield Corpus(archive)


def written(folder: Path, *rows: dict[str, Any] | str) -> Path:
    path = folder / "set.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def found(path: Path, corpus: Corpus | None, *checks: str) -> list[Finding]:
    """The findings of some checks; without any of them, all but those about a set that is small."""
    small = ("few", "balance", "overlap")
    return [
        one for one in lint(path, corpus).findings if one.check in checks or (not checks and one.check not in small)
    ]


def quoting(*quotes: str, article: str = "bridge") -> dict[str, Any]:
    return ROW | {"gold": [{"article": article, "quote": quote} for quote in quotes]}


def test_a_sound_question_has_no_finding(tmp_path: Path, corpus: Corpus) -> None:
    assert found(written(tmp_path, ROW), corpus) == []


def test_all_problems_of_all_lines_at_once_each_with_its_line(tmp_path: Path) -> None:
    broken = {
        "id": " ",
        "question": 3,
        "gold": [{"article": "a"}, 7],
        "answerable": "yes",
        "colour": 1,
        "filters": {"x": 1},
    }
    path = written(tmp_path, ROW, "{", "", broken)
    problems = [(one.where, one.problem) for one in found(path, None, "form")]
    assert problems == [
        (f"{path}:2", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (f"{path}:4", "unknown field 'colour'; known are answerable, filters, gold, id, kind, note, question"),
        (f"{path}:4", "'id' is empty"),
        (f"{path}:4", "'question' has to be a string, not 3"),
        (f"{path}:4", "'kind' is missing"),
        (f"{path}:4", problems[5][1]),
        (f"{path}:4", "'quote' is missing"),
        (f"{path}:4", "each gold has to be an object, not 7"),
        (f"{path}:4", "'answerable' has to be true or false, not \"yes\""),
    ]
    assert problems[5][1].startswith("unknown filter 'x'")


def test_what_load_refuses_has_an_error_and_what_it_takes_has_none(tmp_path: Path) -> None:
    for row in (ROW | {"gold": []}, ROW | {"answerable": False}, ROW | {"note": ""}, {**ROW, "kind": None}):
        path = written(tmp_path, row)
        with pytest.raises(EvaluationError):
            load(path)
        assert [one.severity for one in found(path, None)] == ["error"]
    assert found(written(tmp_path, ROW | {"filters": {"publisher": "x"}, "note": "y"}), None) == []


def test_a_quote_that_is_not_there_is_shown_with_what_is(tmp_path: Path, corpus: Corpus) -> None:
    path = written(tmp_path, quoting("closed for nine months from June, the council decided"))
    (one,) = found(path, corpus)
    assert (one.severity, one.check, one.where) == ("error", "quote", f"{path}:1")
    assert one.problem.endswith("it says 'closed for nine weeks from June, the council decided'")


def test_a_quote_like_nothing_in_the_article_says_so(tmp_path: Path, corpus: Corpus) -> None:
    (one,) = found(written(tmp_path, quoting("zebras in Belgium sleep standing up")), corpus)
    assert one.problem.endswith("nothing in it is like that")


def test_an_article_that_the_archive_lacks_is_an_error(tmp_path: Path, corpus: Corpus) -> None:
    (one,) = found(written(tmp_path, quoting("said Ann Price", article="elsewhere")), corpus)
    assert (one.severity, one.problem) == ("error", "t-1: there is no article 'elsewhere' in the archive")


def test_gold_that_stands_in_several_places_is_a_warning(tmp_path: Path, corpus: Corpus) -> None:
    path = written(tmp_path, quoting("The work begins on 3 June", article="school"))
    (one,) = found(path, corpus, "several places")
    assert one.severity == "warning"
    assert "stands 2 times" in one.problem


def test_gold_across_a_border_in_no_passage_and_longer_than_any(tmp_path: Path) -> None:
    # Sentences of as many words as a passage holds: each is a passage of its own.
    sentences = [" ".join(f"{name}{number}" for number in range(40)).capitalize() + "." for name in "abcd"]
    with archive_of(tmp_path / "archive", {"long": " ".join(sentences)}) as archive:
        corpus = Corpus(archive)
        passages = corpus.passages("long")
        assert len(passages) >= 3
        path = written(tmp_path, quoting(" ".join(sentences), article="long"))
        assert {one.check for one in found(path, corpus)} == {"long", "cut"}


def test_a_quote_half_of_which_is_elsewhere_is_a_warning(tmp_path: Path) -> None:
    filler = " ".join(f"word{number}" for number in range(60))
    text = f"The mayor paid for it. {filler}.\n\nThe mayor paid a clerk to count the trees. {filler}."
    with archive_of(tmp_path / "archive", {"a": text}) as archive:
        (one,) = found(written(tmp_path, quoting("The mayor paid for it", article="a")), Corpus(archive), "loose")
    assert "is also in 1 of the passages that do not have it" in one.problem


def test_ids_and_questions_that_are_there_twice(tmp_path: Path) -> None:
    again = ROW | {"question": "Who leads the Town"}
    no_answer = ROW | {"id": "t-3", "gold": [], "answerable": False}
    path = written(tmp_path, ROW, again, no_answer, ROW | {"id": "t-4", "filters": {"publisher": "x"}})
    assert [(one.severity, one.check, one.where) for one in found(path, None)] == [
        ("error", "id", f"{path}:2"),
        ("warning", "question twice", f"{path}:2"),
        ("error", "question twice", f"{path}:3"),
    ]


def test_a_question_that_cannot_be_asked_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, ROW | {"question": "why " * 200}, ROW | {"id": "t-2", "filters": {"published_to": "soon"}})
    assert [(one.severity, one.check) for one in found(path, None)] == [("error", "request")] * 2


def test_drafts_are_reported_as_unconfirmed(tmp_path: Path) -> None:
    path = written(tmp_path, ROW | {"note": "DRAFT of what visitors asked, to be confirmed by a person."})
    assert [(one.severity, one.check) for one in found(path, None)] == [("warning", "draft")]
    assert lint(path, None).sets[0].drafts == 1


def test_kinds_that_are_too_few_and_what_that_means(tmp_path: Path) -> None:
    rows = [ROW | {"id": f"t-{number}", "question": f"who is number {number}?"} for number in range(10)]
    path = written(tmp_path, *rows, ROW | {"id": "u", "kind": "said"})
    (one,) = found(path, None, "few")
    assert one.problem == "kind 'said' has 1 of 10 questions: all of them right is [0.03, 1.00]"
    (balance,) = found(path, None, "balance")
    assert balance.problem.startswith("0 unanswerable questions of at least 10")


def test_low_overlap_leaves_out_whose_words_are_asked_for(tmp_path: Path, corpus: Corpus) -> None:
    copied = ROW | {"question": "who leads the council?"}
    other = ROW | {"id": "t-2", "question": "which woman is in charge?"}
    assert lint(written(tmp_path, copied), corpus).sets[0].low_overlap == 0
    assert lint(written(tmp_path, copied, other), corpus).sets[0].low_overlap == 0.5
    assert lint(written(tmp_path, copied, other), None).sets[0].low_overlap is None


def test_a_folder_is_all_its_sets_and_their_statements(tmp_path: Path) -> None:
    written(tmp_path, ROW)
    (tmp_path / "other.jsonl").write_text("{", encoding="utf-8")
    (tmp_path / "set-quotes.jsonl").write_text("{", encoding="utf-8")
    places = [one.where for one in found(tmp_path, None, "form")]
    assert places == [f"{tmp_path / 'other.jsonl'}:1", str(tmp_path / "set-quotes.jsonl")]


def test_no_set_and_a_set_in_another_form_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no set in it; name a"):
        lint(tmp_path, None)
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        (tmp_path / name).touch()
    with pytest.raises(EvaluationError, match="a BEIR collection, not a set"):
        lint(tmp_path, None)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "set.jsonl").write_text("\n", encoding="utf-8")
    assert [one.check for one in found(tmp_path / "empty", None)] == ["empty"]
    with pytest.raises(EvaluationError, match="cannot be read"):
        lint(tmp_path / "nothing.jsonl", None)


def test_the_hand_written_set_has_no_error(seeds: Archive) -> None:
    checked = lint(DEFAULT_SET, Corpus(seeds))
    assert checked.errors == 0
    assert checked.sets[0].low_overlap is not None
    assert checked.sets[0].low_overlap >= 0.5
