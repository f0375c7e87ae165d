"""Writing a set at the prompts: by an encoder that loads in no time, and once as a person does, on a terminal."""

import io
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.corpus import Corpus
from evals.gold import Gold, Question, load
from evals.writing import SetFile, candidates
from retrieval.errors import EvaluationError
from service.desk import Desk
from tests.conftest import ROOT
from tests.evals.articles import ARTICLES, archive_of

HOSTILE = {"evil": "The mayor \x1b[2J\x9b31m said it cost £3m.\n\nNobody \u202edisagreed."}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    with archive_of(tmp_path_factory.mktemp("desk") / "archive", ARTICLES | HOSTILE) as archive:
        yield Corpus(archive)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.jsonl"


@pytest.fixture
def desk(corpus: Corpus, path: Path) -> Desk:
    return Desk(corpus, SetFile(path))


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


# What is asked for after the quote: more of it, the question, filters, candidates, another article, kind, note.
FINISHED = ("", "how dear is it?", "", "", "", "fact", "", "y")


def test_a_question_is_kept_as_it_was_written(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = (
        "put the cost ... £2m",
        "1",
        "",
        "how dear is it?",
        "author=Ann; published_from=2010",
        "",
        "",
        "fact",
        "a sum",
        "y",
    )
    typed(monkeypatch, *answers)
    desk.write("bridge")
    (one,) = load(path)
    assert (one.id, one.question, one.kind, one.note) == ("mine-001", "how dear is it?", "fact", "a sum")
    assert one.gold == (Gold("bridge", "put the cost at £2m"),)
    assert one.filters == {"author": "Ann", "published_from": "2010"}
    assert "1 question put in" in capsys.readouterr().out


def test_each_is_kept_at_once_and_what_was_begun_is_dropped(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(
        monkeypatch,
        "closed for nine weeks",
        "2",
        *FINISHED,
        "Shopkeepers in the lower town",
        "1",
        "",
        "who is afraid?",
        "quit",
    )
    desk.write("bridge")
    assert [one.question for one in load(path)] == ["how dear is it?"]
    assert "the question that was begun is dropped" in capsys.readouterr().out


def test_undo_takes_the_last_one_out(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = ("closed for nine weeks", "1", "", "how long?", "", "", "", "fact", "", "y")
    typed(monkeypatch, "She put the cost at £2m.", *FINISHED, *second, "undo", "quit")
    desk.write("bridge")
    assert [one.question for one in load(path)] == ["how dear is it?"]


def test_a_mistyped_quote_is_shown_with_what_is_there(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "zebras", "She put the price at £2m.", "y", *FINISHED)
    desk.write("bridge")
    assert load(path)[0].gold == (Gold("bridge", "She put the cost at £2m."),)
    out = capsys.readouterr().out
    assert "nor anything like it" in out
    assert "it says: She put the cost at £2m." in out


def test_words_that_stand_several_times_are_told_apart_by_their_sentences(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "work begins on 3 June", "2", *FINISHED)
    desk.write("school")
    assert load(path)[0].gold == (Gold("school", "The work begins on 3 June, the builders confirm."),)
    assert "the article says that 2 times" in capsys.readouterr().out


def test_more_gold_comes_from_candidates_and_from_articles_that_the_writer_names(
    desk: Desk, corpus: Corpus, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Question("new", "when do the builders start?", "date", (Gold("bridge", "She put the cost at £2m"),), True)
    first = candidates(asked, corpus)[0]
    words = first.text.split(".")[0]
    named = ("school", "the builders confirm", "1", "nowhere", "")
    typed(monkeypatch, "She put the cost at £2m", "1", "", asked.question, "", "1", words, "1", *named, "date", "", "y")
    desk.write("bridge")
    written = load(path)[0].gold
    assert [gold.article for gold in written] == ["bridge", first.citation.article_id, "school"]
    assert written[1].quote in first.text


def test_a_question_without_answer_is_put_to_the_archive_first(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "none", "who won the cup?", "", "", "", "", "", "y")
    desk.write("bridge")
    (one,) = load(path)
    assert (one.answerable, one.gold, one.kind) == (False, (), "unanswerable")
    out = capsys.readouterr().out
    assert out.index("These came up") < out.index("does really none of them answer?") < out.index("kept as")


def test_warnings_come_before_it_is_kept_and_it_can_be_worded_anew(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = (
        "She put the cost at £2m.",
        "",
        "what cost did she put?",
        "",
        "",
        "",
        "fact",
        "",
        "q",
        "how dear is it?",
        "",
        "y",
    )
    typed(monkeypatch, *copied)
    desk.write("bridge")
    assert load(path)[0].question == "how dear is it?"
    assert "warning: copied from the gold: cost, put" in capsys.readouterr().out


def test_what_cannot_be_asked_is_asked_for_again(desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long, dated = ("x" * 501, ""), ("how dear is it?", "published_to=soon")
    wrong_filter = ("how dear is it?", "colour=red", "")
    typed(monkeypatch, "She put the cost at £2m.", "", *long, *dated, *wrong_filter, "", "", "fact", "", "y")
    desk.write("bridge")
    assert [(one.question, one.filters) for one in load(path)] == [("how dear is it?", {})]


def test_the_next_article_is_one_with_fewer_questions(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "next", "article bridge", "next", "next")
    desk.write()
    heads = [line.partition(" · ")[0] for line in capsys.readouterr().out.splitlines() if "· 0 questions" in line]
    assert heads == ["bridge", "evil", "bridge", "school"]


def test_what_articles_hold_never_drives_the_terminal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(
        monkeypatch,
        "The mayor ... £3m",
        "",
        "",
        "what \x1b]0;owned\x07 cost?",
        "",
        "",
        "",
        "\x1b[31mred",
        "",
        "y",
        "undo",
        "none",
    )
    desk.write("evil")
    out = capsys.readouterr().out
    assert "\\x1b[2J" in out
    assert not {"\x1b", "\x9b", "\x07", "\u202e"}.intersection(out)


def test_an_article_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(EvaluationError, match="there is no article 'x'"):
        desk.write("x")


DRAFT = (
    '{"id": "draft-a", "question": "how dear is it?", "kind": "asked", "gold": [{"article": "bridge", "quote": '
    '"She put the cost at £2m."}], "answerable": true, "note": "DRAFT of what visitors asked."}\n'
    '{"id": "draft-b", "question": "who won?", "kind": "unanswered", "gold": [], "answerable": false, '
    '"note": "DRAFT."}\n'
    '{"id": "draft-c", "question": "how long?", "kind": "asked", "gold": [{"article": "bridge", "quote": "gone"}], '
    '"answerable": true, "note": "DRAFT."}\n'
)


def test_drafts_are_confirmed_changed_or_passed_over_one_by_one(
    desk: Desk, corpus: Corpus, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "draft.jsonl").write_text(DRAFT, encoding="utf-8")
    drafts = load(tmp_path / "draft.jsonl")
    changed = ("e", "n", "", "", "", "bridge", "nine weeks", "1", "", "fact", "", "y")
    typed(monkeypatch, "y", "", *changed)
    desk.confirm(drafts)
    first, second = load(path)
    assert (first.id, first.note, first.draft) == ("mine-001", "Confirmed from draft-a.", False)
    assert (second.question, second.kind, second.note) == ("how long?", "fact", "Confirmed from draft-c.")
    assert second.gold == (Gold("bridge", "nine weeks"),)
    typed(monkeypatch, "y")
    Desk(corpus, SetFile(path)).confirm(drafts)
    assert [one.question for one in load(path)] == ["how dear is it?", "how long?", "who won?"]


def test_a_draft_whose_gold_is_gone_cannot_be_confirmed_as_it_is(
    desk: Desk, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "draft.jsonl").write_text(DRAFT, encoding="utf-8")
    typed(monkeypatch, "y")
    desk.confirm(load(tmp_path / "draft.jsonl")[2:])
    assert not path.exists()
    assert "does not say 'gone'" in capsys.readouterr().out


def test_on_a_terminal_a_killed_sitting_has_lost_nothing_that_was_kept(
    seeds_folder: Path, model_folder: Path, tmp_path: Path
) -> None:
    archive = shutil.copytree(seeds_folder, tmp_path / "archive")
    (archive / "model").symlink_to(model_folder)
    path, article = tmp_path / "mine.jsonl", "000_b682cbc5f710ac7c"
    command = [sys.executable, "-m", "service.cli", "eval", "new", str(path), "--archive", str(archive)]
    ours, theirs = pty.openpty()
    child = subprocess.Popen([*command, "--article", article], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        for line in ("every caseload is different", "1", *FINISHED, "not too fussed", "1", "", "what troubles him?"):
            os.write(ours, f"{line}\n".encode())
        shown = b""
        while b"kept as" not in shown or b"what troubles him?" not in shown.partition(b"kept as")[2]:
            shown += os.read(ours, 65536)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        os.close(ours)
    assert [(one.id, one.question, one.gold) for one in load(path)] == [
        ("mine-001", "how dear is it?", (Gold(article, "every caseload is different"),))
    ]
