"""Whose words a passage is shown for."""

from collections.abc import Mapping, Sequence

import pytest

from retrieval import Archive
from retrieval.attribution import attribution
from retrieval.errors import InvalidRequest
from retrieval.types import Article, Attribution, Filters, Passage, ReadAs, Segment, Speaker, Statement, Tenure

TEXT = "“The ferry stays,” said Ann Lee. “It sinks,” said Bo Wren of the Lees."
ARTICLE = Article(id="ferry", text=f"The harbour master of old was there.\n\n{TEXT}", published="2019-05")
START = ARTICLE.text.index(TEXT)
LEE = Speaker(
    "Ann Lee",
    statements=3,
    articles=2,
    names=("Ann Lee",),
    aliases=("Ann Lee", "Lee"),
    offices=(Tenure("The mayor", "2021-01-01", "2021-02-01"), Tenure("the Harbour master", "2019", "2020")),
)
CID = Speaker("Cid Lees", 1, 1, ("Cid Lees",), ("Cid Lees", "the Lees"))
NO_OFFICES: Mapping[str, Sequence[str]] = {}


def passage(*spoken: tuple[str, str], voice: str | None = None) -> Passage:
    """The passage, in which some words are said by somebody."""
    found = [(START + TEXT.index(words), words, who) for words, who in spoken]
    statements = tuple(Statement(start, start + len(words), words, who, True, 0.9) for start, words, who in found)
    return Passage(1, "ferry", 1, START, START + len(TEXT), TEXT, (), statements, voice)


def marked(*words: str) -> tuple[Segment, ...]:
    """The passage's text with these words marked."""
    segments, rest = [], TEXT
    for one in words:
        before, _, rest = rest.partition(one)
        segments += [Segment(before, False), Segment(one, True)]
    return (*segments, Segment(rest, False))


BOTH = passage(("The ferry stays,", "Ann Lee"), ("It sinks,", "Bo Wren"))


def shown(
    of: Passage, segments: tuple[Segment, ...], *asked: Speaker, offices: Mapping[str, Sequence[str]] = NO_OFFICES
) -> Attribution | None:
    return attribution(of, segments, asked, ARTICLE, lambda _, name: offices.get(name, ()))


def test_who_says_what_is_marked_comes_first_and_others_in_the_passage_do_not_count() -> None:
    assert shown(BOTH, marked("ferry stays")) == Attribution("said_by", "Ann Lee", None)
    assert shown(BOTH, marked("sinks")) == Attribution("said_by", "Bo Wren", None)


def test_words_of_several_are_nobodys() -> None:
    assert shown(BOTH, marked("stays", "sinks"), LEE) is None


def test_where_nobody_is_quoted_the_author_speaks() -> None:
    assert shown(passage(voice="Ann Lee"), marked("sinks")) == Attribution("written_by", "Ann Lee", None)
    quoting = passage(("It sinks,", "Bo Wren"), voice="Ann Lee")
    assert shown(quoting, marked("sinks")) == Attribution("said_by", "Bo Wren", None)
    assert shown(passage(), marked("sinks")) is None


def test_who_is_asked_for_and_only_named_is_spoken_about() -> None:
    by_wren = passage(("It sinks,", "Bo Wren"))
    assert shown(by_wren, marked(), LEE, CID) == Attribution("about", "Ann Lee", None)
    assert shown(BOTH, marked(), CID) == Attribution("about", "Cid Lees", None)
    assert shown(BOTH, marked(), LEE) is None  # she speaks in it


def test_an_office_is_the_articles_own_else_one_of_its_time() -> None:
    lee = passage(("The ferry stays,", "Ann Lee"))
    told = shown(lee, marked("stays"), LEE, offices={"Ann Lee": ["the Pilot", "a friend"]})
    assert told == Attribution("said_by", "Ann Lee", "Pilot")
    # "harbour" is written small in the article, so that its capital was a sentence's.
    assert shown(lee, marked("stays"), LEE) == Attribution("said_by", "Ann Lee", "harbour master")


def test_what_a_question_is_taken_to_ask_can_be_replaced(seeds: Archive) -> None:
    question = "what did Loughton say about caseloads in 2009?"
    assert not seeds.ask(question).answered
    anytime = seeds.ask(question, 3, read_as=ReadAs(("loughton",), "caseloads"))
    assert anytime.answered
    assert anytime.question == question
    assert (anytime.interpretation.speakers, anytime.interpretation.topic) == (("Tim Loughton",), "caseloads")
    assert anytime.passages[0].attribution == Attribution("said_by", "Tim Loughton", "children's minister")
    assert anytime.passages == seeds.ask("what did loughton say about caseloads?", 3).passages
    anybody = seeds.ask(question, 3, read_as=ReadAs(topic="caseloads"))
    assert anybody.interpretation.speakers == ()
    narey = seeds.ask(question, 3, read_as=ReadAs(("Martin Narey",)))
    assert narey.passages == seeds.ask("what did Martin Narey say?", 3).passages


def test_filters_go_before_what_a_question_is_read_as(seeds: Archive) -> None:
    answer = seeds.ask("care", 3, Filters(speaker="narey", published_to="2010"), ReadAs(("Loughton",), "care"))
    assert answer.interpretation.speakers == ("Martin Narey",)
    assert answer.interpretation.published_to == "2010"


def test_whoever_is_asked_for_and_unknown_is_not_left_out(seeds: Archive) -> None:
    answer = seeds.ask("care", 3, read_as=ReadAs(("Zyskowski",), "care"))
    assert (answer.answered, answer.reason) == (False, "speaker_not_found")
    assert answer.interpretation.speakers == ("Zyskowski",)


@pytest.mark.parametrize("read_as", [ReadAs(("a",) * 11), ReadAs(("a" * 501,)), ReadAs(topic="a" * 501)])
def test_a_reading_that_asks_too_much_is_refused(seeds: Archive, read_as: ReadAs) -> None:
    with pytest.raises(InvalidRequest, match="read_as"):
        seeds.ask("care", read_as=read_as)


def test_a_blank_reading_leaves_the_question_to_speak_for_itself(seeds: Archive) -> None:
    assert seeds.ask("care", read_as=ReadAs(("  ",), " ")) == seeds.ask("care")
