"""Articles that are copies of each other, and quotations that stand in several: found, told, and forgotten."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import Chunker
from ingest.pipeline import draft
from retrieval import Answer, Archive, Article, Draft
from retrieval.quotations import marks, says, words_of
from retrieval.sketch import IN_COMMON, Words, are_copies, sketch
from tests.hashing import HashingEncoder
from tests.retrieval.test_database import hashing

PARAGRAPHS = (
    "The ferry to the island will run until ten in the evening from Monday, the harbour board decided last night.",
    '"Nobody who works late in town should have to swim home across the sound," said Ines Okafor, its chairwoman.',
    "The board had cut the late crossings three winters ago, when fuel was dear and the boats were often empty.",
    "Since then the number of people who live on the island and work in town has grown by a third, it reported.",
    "A second boat is to be hired for the summer, and the fare will stay at two crowns for those who live there.",
)
STORY = "\n\n".join(PARAGRAPHS)
EDITED = "\n\n".join(
    [
        "Late boats are back",
        "HARBOUR (Agency) - The ferry to the island will run until ten at night from Monday, the harbour board said.",
        *PARAGRAPHS[1:4],
        "Our town hall reporter was told that the mayor had asked for the late boats again and again.",
    ]
)
OTHER = "\n\n".join(
    [
        "Bees have come back to the gardens of the old brewery, where a club of neighbours keeps eleven hives.",
        "The honey is sold on the square each Saturday, and what is earned by it goes to the school next door.",
        "In the spring the club will plant lime trees along the wall, with seedlings that the city has given it.",
    ]
)
NOTE = (
    "This article was amended on the day after it first appeared to make clear where the meeting had been held; the "
    "editors regret the error and thank all readers who wrote in about it, and those who telephoned the news desk."
)
CHUNKER = Chunker(HashingEncoder().count, HashingEncoder().window, tokens=40)


def made(id_: str, text: str, **known: Any) -> Draft:
    return draft(Article(id=id_, text=text, **known), CHUNKER)


def copies(archive: Archive, id_: str) -> list[str]:
    return [one.article.id for one in archive.copies(id_)]


def asked(archive: Archive, question: str = "what did Okafor say about swimming home?") -> Answer:
    return archive.ask(question, 20)


# Two texts ----------------------------------------------------------------------------------------------------------


def test_an_edited_text_is_a_copy_and_one_on_something_else_is_none() -> None:
    story, edited, other = map(Words.of, (STORY, EDITED, OTHER))
    assert are_copies(story, edited)
    assert are_copies(edited, story)
    assert not are_copies(story, other)
    assert len(set(sketch(story).tolist()) & set(sketch(edited).tolist())) >= IN_COMMON


@given(st.lists(st.sampled_from([*PARAGRAPHS, NOTE, OTHER]), max_size=6), st.lists(st.sampled_from(PARAGRAPHS)))
def test_it_goes_both_ways_and_a_text_is_a_copy_of_itself(one: list[str], other: list[str]) -> None:
    first, second = (Words.of("\n".join(lines)) for lines in (one, other))
    assert are_copies(first, second) == are_copies(second, first)
    assert are_copies(first, first) == bool(one)


def test_standing_notes_that_are_longer_than_the_articles_make_no_copies() -> None:
    notes = f"{NOTE}\n{NOTE[::-1]}"
    first, second = (Words.of(f"{text}\n{notes}") for text in (PARAGRAPHS[0], OTHER))
    assert not are_copies(first, second)
    assert are_copies(Words.of(f"{STORY}\n{notes}"), Words.of(STORY))


def test_a_brief_in_a_round_up_is_no_copy_of_it() -> None:
    brief = Words.of("\n".join(PARAGRAPHS[:2]))
    assert are_copies(brief, Words.of(STORY))
    assert not are_copies(brief, Words.of(f"{STORY}\n{OTHER}\n{NOTE}"))


def test_a_text_of_any_size_is_compared_by_its_beginning() -> None:
    assert len(Words.of("word " * 1_000_000)) == 100_000


# In an archive ------------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = hashing(tmp_path / "archive")
    archive.put(
        [
            made("late", EDITED, title="Late boats", publisher="The Courier", published="2010-10-06"),
            made("bees", OTHER, title="Bees", publisher="The Courier", published="2010-10-01"),
            made("ferry", STORY, title="Ferry", publisher="Harbour News", published="2010-10-04"),
            made("again", STORY, title="Again", publisher="harbour news", published="2010-10-05"),
            made("unsigned", STORY, title="Unsigned"),
        ]
    )
    return archive


def test_a_passage_says_who_carries_it_and_cites_each_copy(archive: Archive) -> None:
    hit = asked(archive).passages[0]
    cited = [hit.citation, *hit.copies]
    assert sorted(one.article_id for one in cited) == ["again", "ferry", "late", "unsigned"]
    for one in cited:
        assert "swim home" in archive.article(one.article_id).article.text[one.start : one.end]
    assert hit.carried is not None
    assert (hit.carried.outlets, hit.carried.articles, hit.carried.first_published) == (2, 4, "2010-10-04")
    assert hit.carried.publishers == ("Harbour News", "The Courier")
    assert [one.article.id for one in archive.copies("ferry")] == ["again", "late", "unsigned"]
    assert not any(
        other.citation.article_id in {one.article_id for one in cited} and "swim home" in other.text
        for other in asked(archive).passages[1:]
    )


def test_of_copies_that_tie_the_first_published_is_shown(tmp_path: Path) -> None:
    archive = hashing(tmp_path / "tie")
    archive.put([made(id_, STORY, published=day) for id_, day in (("a", "2010-10-06"), ("b", "2010-10-04"))])
    assert asked(archive).passages[0].citation.article_id == "b"


def test_what_several_carry_is_one_source_and_what_one_publishes_is_one_too(archive: Archive) -> None:
    assert asked(archive).sources == 2  # the story, first in Harbour News, and the bees of The Courier
    archive.delete("bees")
    assert asked(archive).sources == 1
    archive.put([made("more", OTHER, publisher="Harbour News", published="2010-10-09")])
    assert asked(archive).sources == 1


def test_where_no_publisher_is_known_there_is_one_source(tmp_path: Path) -> None:
    archive = hashing(tmp_path / "unknown")
    archive.put([made("one", STORY), made("two", EDITED), made("bees", OTHER)])
    hit = asked(archive).passages[0]
    assert hit.carried is not None
    assert (hit.carried.outlets, hit.carried.articles, hit.carried.first_published) == (1, 2, None)
    assert asked(archive).sources == 1


def test_a_passage_of_one_article_is_carried_by_nobody_else(archive: Archive) -> None:
    hit = next(one for one in asked(archive, "who keeps bees?").passages if one.citation.article_id == "bees")
    assert (hit.copies, hit.carried, archive.copies("bees")) == ((), None, [])


def test_an_archive_says_the_same_however_it_came_about(archive: Archive, tmp_path: Path) -> None:
    other = hashing(tmp_path / "other")
    other.put([made("late", OTHER), made("gone", STORY)])
    for id_ in ("unsigned", "again", "ferry", "bees", "late"):
        known = archive.article(id_).article
        other.put([made(id_, known.text, title=known.title, publisher=known.publisher, published=known.published)])
    other.delete("gone")
    for id_ in ("late", "bees", "ferry", "again", "unsigned"):
        assert copies(other, id_) == copies(archive, id_)
    assert other.verify() == []


def test_what_has_ended_is_no_copy_and_leaves_nothing(archive: Archive) -> None:
    archive.put([made("late", OTHER)])
    assert copies(archive, "ferry") == ["again", "unsigned"]
    assert copies(archive, "late") == ["bees"]
    for id_ in ("again", "unsigned", "ferry", "late", "bees"):
        archive.delete(id_)
    with archive._store.reading() as connection:
        for table in ("prints", "sketched", "quoted", "copies"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


# Quotations ---------------------------------------------------------------------------------------------------------

SAID = "Nobody who works late in town should have to swim home across the sound"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (SAID.upper().replace(" ", "  ") + "!", True),
        ("Nobody who works late in town should have to swim home", True),
        ("works late in town should have to swim home across the sound", True),
        ("Nobody who works early in town should have to swim home across the sound", False),
        ("should have to swim home", False),
    ],
)
def test_the_same_words_are_the_same_statement_also_where_one_was_cut(other: str, same: bool) -> None:
    assert says(words_of(SAID), words_of(other)) == same
    if same:
        common = set(marks("Ines Okafor", words_of(SAID))) & set(marks("Okafor", words_of(other)))
        assert common
    assert not set(marks("Ines Okafor", words_of(SAID))) & set(marks("Ben Lund", words_of(SAID)))


def test_a_quotation_says_where_else_it_stands_and_is_listed_once(tmp_path: Path) -> None:
    archive = hashing(tmp_path / "quoted")
    again = (
        "Fares on the island line have gone up again, to the anger of those who use it most, and the harbour board is "
        f'blamed. "{SAID}," Ines Okafor said last autumn, when the late boats came back. "We will look into every '
        'fare that has been raised," Okafor said on Friday.'
    )
    archive.put([made("ferry", STORY, published="2010-10-04"), made("fares", again, published="2011-02-01")])
    hit = next(one for one in asked(archive).passages if one.citation.article_id == "ferry" and "swim" in one.text)
    assert hit.carried is None
    (place,) = hit.statements[0].also_in
    assert archive.article("fares").article.text[place.start : place.end] == f"{SAID},"
    record = archive.record("Ines Okafor")
    fares, ferry = record.articles
    assert [one.text for one in fares.statements] == ["We will look into every fare that has been raised,"]
    assert (fares.repeated, ferry.repeated) == (1, 0)
    assert [one.article_id for one in ferry.statements[0].also_in] == ["fares"]
    assert archive.verify() == []
