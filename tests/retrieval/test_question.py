from collections.abc import Sequence

import pytest

from retrieval.folding import fold
from retrieval.question import Question, interpret, slips
from retrieval.speakers import holds, surname
from retrieval.types import Speaker, Tenure


class Quoted:
    """The speakers of a small archive, with what one of them is."""

    def __init__(self, **statements: int) -> None:
        self._speakers = [_speaker(name.replace("_", " "), count) for name, count in statements.items()]

    def speakers(self, folded: Sequence[str]) -> list[Speaker]:
        return [one for one in self._speakers if fold(one.name) in folded or surname(one.name) in folded]

    def known(self, folded: Sequence[str]) -> set[str]:
        return {name for name in folded if self.speakers([name])}

    def surnames(self, beginning: str, least: int, most: int) -> list[str]:
        names = sorted({surname(one.name) for one in self._speakers})
        return [name for name in names if name.startswith(beginning) and least <= len(name) <= most]

    def filled(self, offices: Sequence[str]) -> set[str]:
        return {office for office in offices if self.holders(office, 100)}

    def holders(self, office: str, most: int) -> list[Speaker]:
        found = [one for one in self._speakers if any(holds(held.office, office) for held in one.offices)]
        return found if len(found) <= most else []


OFFICES = {"Tim Loughton": "Conservative children's minister", "Bo Lee": "chief executive of Barnardo's"}


def _speaker(name: str, statements: int) -> Speaker:
    offices = (Tenure(OFFICES[name], None, None),) if name in OFFICES else ()
    return Speaker(name, statements, 1, (name,), (name,), offices)


NAMES = Quoted(Tim_Loughton=20, Martin_Narey=2, Community_Care=1, Ann_Lee=3, Bo_Lee=1)
WORDS = {"lee": 20, "caseload": 3, "care": 25, "children": 30, "social": 20, "worker": 20, "loughton": 30, "gove": 2}


def asked(text: str) -> Question:
    return interpret(text, NAMES, lambda word: WORDS.get(word, 0))


@pytest.mark.parametrize(
    ("text", "speakers", "topic"),
    [
        ("what did Loughton say about caseloads?", ("Tim Loughton",), "caseloads"),
        ("What is Tim Loughton's view of caseloads", ("Tim Loughton",), "caseloads"),
        ("What did Sir Martin Narey tell Loughton about care?", ("Martin Narey",), "Loughton care"),
        ("what did loughton say about care", ("Tim Loughton",), "care"),
        ("loughton - how will he work with the CWDC", ("Tim Loughton",), "work CWDC"),
        ("WHAT DID LOUGHTON SAY ABOUT CASELOADS", ("Tim Loughton",), "caseloads"),
        ("HOW IS SOCIAL CARE PAID FOR", (), "social care paid"),
        ("what did Loughtno say about caseloads", ("Tim Loughton",), "caseloads"),
        ("What did Lee say about children?", ("Ann Lee", "Bo Lee"), "children"),
        ("What do Narey and Loughton say on care?", ("Martin Narey", "Tim Loughton"), "care"),
        ("Loughton caseloads", ("Tim Loughton",), "caseloads"),
        ("What did Loughton say?", ("Tim Loughton",), ""),
        ("Narey CWDC", ("Martin Narey",), "CWDC"),
        ("Narey's Cafcass plans", ("Martin Narey",), "Cafcass plans"),
        ("views of Narey on care", ("Martin Narey",), "care"),
        ("according to Narey, is care good?", ("Martin Narey",), "care good"),
        ("What did the children's minister say on care?", ("Tim Loughton",), "care"),
        ("Barnardo's chief executive on care", ("Bo Lee",), "care"),
        ("Does the minister back the children?", ("Tim Loughton",), "back children"),
        ("Which children's services are there?", (), "children services"),
        ("How is social care paid for?", (), "social care paid"),
    ],
)
def test_who_is_asked_for_and_about_what_are_told_apart(text: str, speakers: tuple[str, ...], topic: str) -> None:
    question = asked(text)
    assert question.speakers == speakers
    assert question.interpretation.speakers == speakers
    assert question.interpretation.topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "What was said about Loughton?",
        "What do people think of Loughton?",
        "criticism of Loughton",
        "Who criticised Loughton on care?",
        "Who is Tim Loughton?",
        "When was Narey appointed?",
        "What did the shadow children's minister say?",
        "Are there too many ministers?",
        "Community Care's System",
    ],
)
def test_who_is_only_spoken_of_is_topic(text: str) -> None:
    assert asked(text).speakers == ()


def test_dates_are_told_apart_from_the_topic() -> None:
    question = asked("What did Loughton say about care in March 2010?")
    assert question.interpretation.topic == "care"
    assert (question.interpretation.published_from, question.interpretation.published_to) == (
        "2010-03-01",
        "2010-03-31",
    )
    assert "2010" not in question.words


def test_the_year_of_a_fact_remains_a_word() -> None:
    assert "2010" in asked("How many children were in care in 2010?").words


def test_a_word_of_the_archive_is_not_taken_for_a_misspelt_name() -> None:
    names = Quoted(Jo_Workes=1)
    assert interpret("about workers", names, lambda _: 1).speakers == ()
    assert interpret("workers on pay", names, lambda _: 0).speakers == ("Jo Workes",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("What did Zyskowski say about care?", "Zyskowski"),
        ("What did Michael Gove say about care?", "Michael Gove"),
        ("What is Gove's opinion of caseloads?", "Gove"),
        ("What did Loughton say about care?", ""),
        ("What did Loughton say about Gove?", ""),
        ("What did Lee Pimentel say about care?", "Lee Pimentel"),
        ("How many children are in Care?", ""),
    ],
)
def test_who_is_asked_for_and_never_quoted_is_noticed(text: str, name: str) -> None:
    question = asked(text)
    assert question.unheard == name
    if name:
        assert question.speakers == (name,)
        assert question.interpretation.speakers == ()


def test_a_question_of_nothing_but_frame_keeps_its_words() -> None:
    assert asked("who said that?").words


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("narey", "narey", 0), ("nary", "narey", 1), ("nraey", "narey", 1), ("norsey", "narey", 2), ("ball", "narey", 3)],
)
def test_slips(one: str, other: str, expected: int) -> None:
    assert slips(one, other, 2) == expected
    assert slips(other, one, 2) == expected


def test_a_full_name_means_nobody_who_only_shares_it_in_part() -> None:
    class Family(Quoted):
        def speakers(self, folded: Sequence[str]) -> list[Speaker]:
            return self._speakers if "ann lee" in folded else []

    names = Family(Ann_Lee=3, Ann_Lee_Jr=1)
    assert interpret("What did Ann Lee say?", names, lambda _: 0).speakers == ("Ann Lee",)
