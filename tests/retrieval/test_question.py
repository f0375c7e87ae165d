from collections.abc import Sequence

import pytest

from retrieval.question import Question, interpret, slips
from retrieval.store import fold, surname
from retrieval.types import Speaker


class Quoted:
    """The speakers of a small archive."""

    def __init__(self, **statements: int) -> None:
        self._speakers = [Speaker(name.replace("_", " "), count, 1) for name, count in statements.items()]

    def speakers(self, folded: Sequence[str]) -> list[Speaker]:
        return [one for one in self._speakers if fold(one.name) in folded or surname(one.name) in folded]

    def surnames(self) -> list[str]:
        return sorted({surname(one.name) for one in self._speakers})


NAMES = Quoted(Tim_Loughton=20, Martin_Narey=2, Community_Care=1, Ann_Lee=3, Bo_Lee=1)
WORDS = {"caseload": 3, "care": 25, "children": 30, "social": 20, "worker": 20, "loughton": 30}


def asked(text: str) -> Question:
    return interpret(text, NAMES, lambda word: WORDS.get(word, 0))


@pytest.mark.parametrize(
    ("text", "speakers", "topic"),
    [
        ("what did Loughton say about caseloads?", ("Tim Loughton",), "caseloads"),
        ("What is Tim Loughton's view of caseloads", ("Tim Loughton",), "caseloads"),
        ("What did Sir Martin Narey tell Loughton about care?", ("Martin Narey",), "Loughton care"),
        ("what did loughton say about care", ("Tim Loughton",), "care"),
        ("what did Loughtno say about caseloads", ("Tim Loughton",), "caseloads"),
        ("What did Lee say about children?", ("Ann Lee", "Bo Lee"), "children"),
        ("Which children's services are there?", (), "children services"),
        ("How is social care paid for?", (), "social care paid"),
    ],
)
def test_speakers_and_topic_are_told_apart(text: str, speakers: tuple[str, ...], topic: str) -> None:
    question = asked(text)
    assert question.speakers == speakers
    assert question.interpretation.topic == topic


def test_a_word_of_the_archive_is_not_taken_for_a_misspelt_name() -> None:
    names = Quoted(Jo_Workes=1)
    assert interpret("about workers", names, lambda _: 1).speakers == ()
    assert interpret("about workers", names, lambda _: 0).speakers == ("Jo Workes",)


def test_somebody_who_is_not_in_the_archive_is_noticed() -> None:
    assert asked("What did Zyskowski say about care?").stranger == "Zyskowski"
    assert asked("What did Loughton say about care?").stranger == ""
    assert asked("How many children are in care?").stranger == ""


def test_a_question_of_nothing_but_frame_keeps_its_words() -> None:
    assert asked("who said that?").words


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("narey", "narey", 0), ("nary", "narey", 1), ("nraey", "narey", 1), ("norsey", "narey", 2), ("ball", "narey", 3)],
)
def test_slips(one: str, other: str, expected: int) -> None:
    assert slips(one, other, 2) == expected
    assert slips(other, one, 2) == expected


def test_a_suffix_is_no_surname() -> None:
    assert surname("John Smith Jr.") == "smith"
    assert surname("Cher") == "cher"
