"""Who said what, from ingest to the answer: persons under all their names."""

import sqlite3
from contextlib import closing

import pytest

from retrieval import Archive, Filters
from retrieval.errors import InvalidRequest
from retrieval.speakers import Sighting, family, holds, joined, record, surname
from retrieval.types import Person, Speaker, Tenure
from tests.retrieval.conftest import Drafts

# Names of one person -----------------------------------------------------------------------------------------------


def persons(*articles: str) -> set[frozenset[str]]:
    """How names are joined; each article names its people with commas between them."""
    seen = [(name, article) for article in articles for name in article.split(", ")]
    return {frozenset(names) for names in joined(seen)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tim Loughton", "TIM LOUGHTON"),
        ("Tim Loughton", "Mr Tim Loughton MP"),
        ("Tim Loughton", "Timothy Loughton"),
        ("Tim Loughton", "T. Loughton"),
        ("Tim Loughton", "Timothy Paul Loughton"),
        ("Tim Loughton", "Loughton"),
        ("T. Loughton", "Loughton"),
        ("George H.W. Bush", "George HW Bush"),
        ("M. Stanton Evans", "Stanton Evans"),
        ("Joseph R. Biden Jr.", "Joseph R. Biden"),
        ("Martin O’Malley", "Martin O'Malley"),
        ("Felipe Calderón", "Felipe Calderon"),
        ("Bill de Blasio", "Blasio"),
    ],
)
def test_variants_of_a_name_are_one_persons(one: str, other: str) -> None:
    assert persons(one, other) == {frozenset({one, other})}
    # What the listing of the most quoted relies on.
    assert family(one) == family(other) or min(len(family(one)), len(family(other))) < 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Lee", "Bo Lee"),
        ("Ann Lee", "Anna Lee"),
        ("Edward Lee", "Edmund Lee"),
        ("George W. Bush", "George H.W. Bush"),
        ("John Smith Jr.", "John Smith Sr."),
        ("John Smith Jr.", "John Smith"),
        ("Maxine Waters", "M. Dane Waters"),
        ("Van Jones", "Sarah Jones"),
        ("T. Loughton", "B. Loughton"),
    ],
)
def test_two_people_of_one_surname_stay_apart(one: str, other: str) -> None:
    assert persons(one, other) == {frozenset({one}), frozenset({other})}


def test_people_of_one_article_are_never_joined_anywhere() -> None:
    apart = persons("Tim Lee, Timothy Lee", "Tim Lee", "Timothy Lee")
    assert apart == {frozenset({"Tim Lee"}), frozenset({"Timothy Lee"})}


@pytest.mark.parametrize("short", ["Lee", "A. Lee", "Ed Lee"])
def test_a_name_that_can_mean_two_people_is_neithers(short: str) -> None:
    two = ("Edward Lee", "Edmund Lee") if short == "Ed Lee" else ("Ann Lee", "Amy Lee")
    assert frozenset({short}) in persons(*two, short)


def test_the_order_of_the_archive_does_not_matter() -> None:
    articles = ["Lee", "E. Lee", "Ed J. Lee", "Edward Lee", "Edward K. Lee", "Bo Lee", "Edmund Lee, Ed Lee"]
    assert persons(*articles) == persons(*reversed(articles))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("John Smith Jr.", "smith"), ("Tim Loughton, MP", "loughton"), ("Cher", "cher"), ("Jr.", "jr"), (" ", "")],
)
def test_a_surname_is_the_last_word_that_is_no_suffix(name: str, expected: str) -> None:
    assert surname(name) == expected


# The record --------------------------------------------------------------------------------------------------------


def test_a_record_has_the_fullest_name_most_used_all_forms_and_the_offices_with_their_dates() -> None:
    tim = Person("Tim Loughton", ("Tim Loughton", "Loughton"), ("shadow children’s secretary",))
    minister = Person("Tim Loughton", ("Loughton",), ("the Children’s Minister", "MP"))
    found = record(
        [
            Sighting(tim, 1, 1, "2009-05", "2009-05"),
            Sighting(minister, 2, 2, "2010-10-04", "2010-10-05"),
            Sighting(Person("Timothy Loughton", (), ("children's minister",)), 2, 1, "2011", "2011"),
            Sighting(Person("Loughton", (), ("minister for children",)), 9, 1, None, None),
            Sighting(Person("Loughton", (), ()), 0, 1, None, None),
        ]
    )
    assert found == Speaker(
        name="Tim Loughton",
        statements=14,
        articles=5,
        names=("Tim Loughton", "Timothy Loughton", "Loughton"),
        aliases=("Loughton", "Tim Loughton", "Timothy Loughton"),
        offices=(
            Tenure("Children’s Minister", "2010-10-04", "2011"),
            Tenure("MP", "2010-10-04", "2010-10-05"),
            Tenure("shadow children’s secretary", "2009-05", "2009-05"),
        ),
    )


@pytest.mark.parametrize(
    ("held", "asked", "meant"),
    [
        ("Children’s minister", "children's minister", True),
        ("Conservative children’s minister", "the children's minister", True),
        ("chief executive of Barnardo’s", "Barnardo's chief executive", True),
        ("Barnardo’s chief executive", "chief executive", True),
        ("Florida Sen.", "Florida senator", True),
        ("children's minister", "Conservative children's minister", False),
        ("shadow children’s minister", "children's minister", False),
        ("Conservative shadow children’s minister", "children's minister", False),
        ("ex-minister", "minister", False),
        ("Vice President", "president", False),
        ("former US president", "president", False),
        ("former US president", "former president", True),
        ("president", "former president", False),
        ("children's minister", "", False),
    ],
)
def test_an_office_is_held_under_a_longer_name_unless_a_word_changes_it(held: str, asked: str, meant: bool) -> None:
    assert holds(held, asked) is meant


# In the archive ----------------------------------------------------------------------------------------------------


@pytest.fixture
def quay(empty: Archive, make: Drafts) -> Archive:
    empty.put(
        [
            make(
                "report",
                "Ann Lee, the chief executive of the port, opened the quay on Monday.\n\n"
                "“The ferry will sail every night of the winter,” said Ms Lee.\n\n"
                "But Bo Wren, who leads the fishermen, disagreed. “Nobody asked us about the dredging,” he said.",
                kind="report",
                author="Cal Moss",
                published="2010-10-04",
            ),
            make(
                "speech",
                "I am delighted to be here today and to thank you all. Dredging is what this harbour needs, and we "
                "will pay for it from the fees.",
                kind="speech",
                author="Ann B. Lee",
            ),
        ]
    )
    return empty


def test_statements_come_with_their_speakers_and_exact_places(quay: Archive) -> None:
    text = quay.article("report").article.text
    statements = [
        one
        for hit in quay.ask("ferry dredging", 10).passages
        if hit.citation.article_id == "report"
        for one in hit.statements
    ]
    assert ("Ann Lee", "The ferry will sail every night of the winter,") in {
        (one.speaker, one.text) for one in statements
    }
    assert all(text[one.start : one.end] == one.text for one in statements)


def test_the_asked_speaker_comes_first_though_another_speaks_of_it_too(quay: Archive) -> None:
    assert "Nobody asked us" in quay.ask("What did Wren say about dredging?").passages[0].text


def test_who_speaks_is_part_of_the_interpretation(quay: Archive) -> None:
    assert quay.ask("What did Wren say about dredging?").interpretation.speakers == ("Bo Wren",)


def test_one_record_for_the_names_of_all_articles_and_who_only_writes_is_not_in_it(quay: Archive) -> None:
    lee, wren = quay.speakers()
    assert (lee.name, lee.names, lee.articles) == ("Ann B. Lee", ("Ann B. Lee", "Ann Lee"), 2)
    assert lee.offices == (Tenure("chief executive of the port", "2010-10-04", "2010-10-04"),)
    assert wren.name == "Bo Wren"


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("wr", ["Bo Wren"]),
        ("ANN L", ["Ann B. Lee"]),
        ("moss", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("' OR 1 --", []),
        ("\0", []),
        ("\U0010ffff", []),
        (" ", ["Ann B. Lee", "Bo Wren"]),
    ],
)
def test_speakers_are_found_by_the_begin_of_any_of_their_names(quay: Archive, prefix: str, found: list[str]) -> None:
    assert [one.name for one in quay.speakers(prefix)] == found


def test_no_more_speakers_are_listed_than_wanted_and_those_most_quoted(empty: Archive, make: Drafts) -> None:
    said = {"Ann Lee": 1, "Bo Lee": 3, "Cy Lee": 2, "Di Moss": 3}
    for name, times in said.items():
        quotes = "\n\n".join(
            f"“The ferry sails at {hour} o’clock on {name[0]}days,” said {name}." for hour in range(times)
        )
        empty.put([make(name, quotes, kind="report")])
    assert [one.name for one in empty.speakers("", 2)] == ["Bo Lee", "Di Moss"]
    assert [one.name for one in empty.speakers("lee", 2)] == ["Bo Lee", "Cy Lee"]


def test_a_prefix_that_is_no_text_is_refused(quay: Archive) -> None:
    with pytest.raises(InvalidRequest, match="surrogate"):
        quay.speakers("\ud800")
    with pytest.raises(InvalidRequest, match="surrogate"):
        quay.ask("ferry", 5, Filters(speaker="\ud800"))


def test_nothing_is_left_of_speakers_whose_articles_are_replaced_or_deleted(quay: Archive, make: Drafts) -> None:
    quay.put([make("report", "The ferry sails at noon.")])
    assert [one.name for one in quay.speakers()] == ["Ann B. Lee"]
    assert quay.nearest("dredging", 5, "lexical", Filters(speaker="Wren")) == []
    for article_id in ("report", "speech"):
        quay.delete(article_id)
    assert quay.speakers() == []
    quay.close()
    with closing(sqlite3.connect(quay.path / "archive.db")) as database:
        rows = [database.execute(f"SELECT * FROM {of}").fetchall() for of in ("people", "called", "held", "said")]
    assert rows == [[], [], [], []]
    assert b"Wren" not in (quay.path / "archive.db").read_bytes()


def test_a_filter_on_the_speaker_refuses_as_a_question_with_the_name_does(seeds: Archive) -> None:
    asked = seeds.ask("what did Narey say about vacancy rates?", 3)
    filtered = seeds.ask("vacancy rates", 3, Filters(speaker="narey"))
    # All that Narey says is near: to what else he says. It is held against what others say of vacancy rates.
    assert not asked.answered
    assert not filtered.answered
    assert filtered.reason == asked.reason == "speaker_not_quoted_on_topic"
    assert filtered.interpretation.speakers == asked.interpretation.speakers == ("Martin Narey",)
