from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evals.corpus import Corpus
from evals.gold import Gold, Question, load
from evals.quoting import locate, nearest, whole_sentences
from evals.writing import SetFile, candidates, confirmed, copied, next_article, next_id, remarks, waiting
from retrieval.errors import EvaluationError
from retrieval.types import Span
from tests.evals.articles import ARTICLES, archive_of

BRIDGE = ARTICLES["bridge"]
PRICE = Gold("bridge", "She put the cost at £2m.")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    with archive_of(tmp_path_factory.mktemp("writing") / "archive") as archive:
        yield Corpus(archive)


def question(text: str = "how dear is it?", *gold: Gold, id_: str = "new") -> Question:
    return Question(id_, text, "fact", gold or (PRICE,), answerable=True)


class TestLocate:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("closed for nine weeks", ["closed for nine weeks"]),
            ("We can't  wait", ["We can’t wait"]),
            ("The old bridge ... nine weeks", ["The old bridge over the Teme will be closed for nine weeks"]),
            ("The old bridge… June", ["The old bridge over the Teme will be closed for nine weeks from June"]),
            ("nine weeks ... The old bridge", []),
            ("... June", []),
            ("The old bridge ...", []),
            ("the council", ["the council", "the council"]),
            ("no such words", []),
            ("", []),
        ],
    )
    def test_what_is_typed_is_found_as_it_stands(self, typed: str, found: list[str]) -> None:
        assert [BRIDGE[span.start : span.end] for span in locate(BRIDGE, typed)] == found

    def test_dots_that_stand_in_the_article_are_words_of_it(self) -> None:
        assert locate("He said ... nothing. nothing", "said ... nothing") == [Span(3, 19)]

    def test_the_sentences_around(self) -> None:
        (span,) = locate(BRIDGE, "leads the council. She put")
        around = whole_sentences(BRIDGE, span)
        assert BRIDGE[around.start : around.end].endswith("She put the cost at £2m.")
        assert BRIDGE[around.start : around.end].startswith("“We can’t wait")

    def test_the_nearest_words(self) -> None:
        near = nearest(BRIDGE, "will be shut for nine weeks from june, the Council decided")
        assert near is not None
        assert BRIDGE[near.start : near.end] == "will be closed for nine weeks from June, the council decided"
        assert nearest(BRIDGE, "zebras sleep standing") is None
        assert nearest("", "words") is None


class TestSetFile:
    def test_ids_continue_the_scheme_and_the_file_is_a_set_after_each(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.jsonl"
        file = SetFile(path)
        assert [file.add(question(text)).id for text in ("one?", "two?")] == ["mine-001", "mine-002"]
        assert [one.id for one in load(path)] == ["mine-001", "mine-002"]
        assert SetFile(path).add(question("three?")).id == "mine-003"

    @pytest.mark.parametrize(
        ("ids", "expected"),
        [
            ([], "set-001"),
            (["a-9", "a-10"], "a-11"),
            (["q0007", "q0003"], "q0008"),
            (["99"], "100"),
            (["abc", "ff3", "e9a"], "set-001"),
            (["set-001", "x", "y"], "set-002"),
        ],
    )
    def test_the_next_id(self, ids: list[str], expected: str) -> None:
        assert next_id(ids, "set") == expected

    def test_what_is_there_stays_byte_for_byte_also_without_a_last_line_end(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.jsonl"
        SetFile(path).add(question("one?"))
        held = path.read_bytes().replace(b": ", b":  ").rstrip(b"\n")
        path.write_bytes(held)
        path.chmod(0o600)
        SetFile(path).add(question("two?"))
        assert path.read_bytes().startswith(held + b"\n")
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(load(path)) == 2

    def test_undo_takes_out_what_was_put_in_here_and_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.jsonl"
        SetFile(path).add(question("before?"))
        before = path.read_bytes()
        file = SetFile(path)
        file.add(question("one?"))
        SetFile(path).add(question("somebody else's?"))
        undone = file.undo()
        assert undone is not None
        assert undone.question == "one?"
        assert file.undo() is None
        assert path.read_bytes().startswith(before)
        assert [one.question for one in load(path)] == ["before?", "somebody else's?"]

    def test_what_was_changed_meanwhile_is_not_undone(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.jsonl"
        file = SetFile(path)
        file.add(question("one?"))
        path.write_text(path.read_text().replace("one?", "two?"))
        with pytest.raises(EvaluationError, match="take it out by hand"):
            file.undo()

    def test_a_broken_set_and_a_folder_that_is_not_there_are_refused_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.jsonl"
        path.write_text("{")
        with pytest.raises(EvaluationError, match=":1: not JSON"):
            SetFile(path)
        with pytest.raises(EvaluationError, match="make it first"):
            SetFile(tmp_path / "no" / "mine.jsonl")

    def test_what_load_would_refuse_is_never_written(self, tmp_path: Path) -> None:
        file = SetFile(tmp_path / "mine.jsonl")
        with pytest.raises(EvaluationError, match="answerable, but without gold"):
            file.add(replace(question("one?"), gold=()))
        with pytest.raises(EvaluationError, match="surrogate"):
            file.add(question("\ud800?"))
        assert list(tmp_path.iterdir()) == []


class TestRemarks:
    def test_a_sound_question_gets_none(self, corpus: Corpus) -> None:
        assert list(remarks(question("how dear are the repairs?"), [], corpus)) == []

    def test_words_that_are_copied_are_named(self, corpus: Corpus) -> None:
        asked = question("What cost did she put?")
        assert copied(asked, corpus) == ("cost", "put")
        (one,) = remarks(asked, [], corpus)
        assert (one.severity, one.check) == ("warning", "copied")
        assert one.problem.startswith("copied from the gold: cost, put;")

    def test_the_name_of_who_is_asked_for_is_not_copied(self, corpus: Corpus) -> None:
        gold = Gold("bridge", "said Ann Price, who leads the council")
        assert copied(question("what did Ann Price say about buses?", gold), corpus) == ()

    @pytest.mark.parametrize("again", ["How dear are the repairs", "so how dear are the repairs?"])
    def test_the_same_question_in_nearly_the_same_words(self, corpus: Corpus, again: str) -> None:
        (one,) = remarks(question(again), [question("how dear are the repairs?", id_="t-1")], corpus)
        assert (one.check, "t-1" in one.problem) == ("question twice", True)

    def test_with_other_filters_it_is_another_question(self, corpus: Corpus) -> None:
        earlier = replace(question("how dear are the repairs?"), filters={"publisher": "x"})
        assert list(remarks(question("how dear are the repairs?"), [earlier], corpus)) == []

    def test_gold_that_is_not_in_the_archive_is_an_error(self, corpus: Corpus) -> None:
        (one,) = remarks(question("how dear?", Gold("bridge", "quite something else here")), [], corpus)
        assert (one.severity, one.check) == ("error", "quote")


def test_candidates_are_passages_that_the_gold_does_not_make_relevant(corpus: Corpus) -> None:
    asked = question("how dear are the repairs?")
    relevant = corpus.relevant(asked.gold)
    found = candidates(asked, corpus)
    assert relevant
    assert found
    assert relevant.keys().isdisjoint(hit.id for hit in found)


def test_the_next_article_is_the_one_with_fewest_questions(corpus: Corpus) -> None:
    assert next_article(corpus, []) == "bridge"
    assert next_article(corpus, [question()]) == "school"
    assert next_article(corpus, [question()], passed=["school"]) == "bridge"
    assert next_article(corpus, [], passed=["school", "bridge"]) is None


def test_a_draft_waits_until_a_question_was_confirmed_from_it() -> None:
    drafts = [replace(question(id_=f"draft-{one}"), note="DRAFT of what was asked.") for one in "ab"]
    done = confirmed(drafts[0], drafts[0])
    assert not done.draft
    assert waiting(drafts, [done]) == [drafts[1]]
    assert confirmed(replace(drafts[0], note="because"), drafts[0]).note == "because Confirmed from draft-a."
