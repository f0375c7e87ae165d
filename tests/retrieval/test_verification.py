"""What becomes of cited passages, by rule, without a database."""

import hashlib
from dataclasses import replace

import pytest

from retrieval.cite import AROUND
from retrieval.types import Article, CitedPassage, Passage, Span, StoredArticle, Verification
from retrieval.verification import verify

OLD = "The ferry is late.\n\nNobody swims home — ever.\n\nThe ferry is late."


def stored(text: str, version: int, *, current: bool = True) -> StoredArticle:
    return StoredArticle(Article("a", text), version, current)


def cited(text: str, start: int, end: int, version: int = 1) -> CitedPassage:
    return CitedPassage(
        "a", version, start, end, hashlib.sha256(text[start:end].encode()).hexdigest(),
        text[max(0, start - AROUND) : start], text[end : end + AROUND],
    )  # fmt: skip


def passages_of(text: str) -> list[Passage]:
    found, position = list[Passage](), 0
    for paragraph in text.split("\n\n"):
        end = position + len(paragraph)
        found.append(Passage(len(found), "a", 2, position, end, paragraph, (Span(position, end),)))
        position = end + 2
    return found


def after(claim: CitedPassage, new: str) -> Verification:
    return verify(
        claim, stored(OLD, 1, current=False), stored(new, 2), last_version=2, passages=lambda *_: passages_of(new)
    )


def test_a_text_that_stands_where_it_stood_is_exact_in_the_present_version() -> None:
    found = after(cited(OLD, 0, 18), OLD + " Much later.")
    assert (found.status, found.superseded, found.version, found.start, found.end) == ("exact", True, 2, 0, 18)


def test_of_several_places_the_one_with_the_same_words_around_is_meant() -> None:
    new = f"Headline.\n\n{OLD}"
    last = OLD.rindex("The ferry")
    found = after(cited(OLD, last, len(OLD)), new)
    assert (found.status, found.start) == ("moved", new.rindex("The ferry"))
    assert found.link == f"/articles/a#v2-{found.start}-{found.end}"
    first = after(cited(OLD, 0, 18), new)
    assert (first.status, first.start) == ("moved", new.index("The ferry"))


def test_a_changed_text_comes_with_what_is_most_like_it() -> None:
    start = OLD.index("Nobody")
    new = OLD.replace("Nobody swims home — ever.", "Nobody swims home, ever again.") + "\n\nBees."
    found = after(cited(OLD, start, start + 25), new)
    assert (found.status, found.start, found.link) == ("changed", None, None)
    assert found.nearest[0].text == "Nobody swims home, ever again."
    assert new[found.nearest[0].start : found.nearest[0].end] == found.nearest[0].text
    assert [one.text for one in found.nearest].count("Bees.") == 0


def test_a_text_that_nothing_is_like_has_changed_to_nothing() -> None:
    found = after(cited(OLD, 0, 18), "Bees everywhere.")
    assert (found.status, found.nearest) == ("changed", ())


@pytest.mark.parametrize(
    "forged",
    [
        {"text_sha256": "0" * 64}, {"start": 1}, {"end": 17}, {"end": 10_000}, {"start": 18}, {"start": 20},
        {"suffix": "x"}, {"version": 3},
    ],
)  # fmt: skip
def test_what_the_cited_version_never_held_is_not_genuine(forged: dict[str, object]) -> None:
    claim = replace(cited(OLD, 0, 18), **forged)  # type: ignore[arg-type]
    assert after(claim, OLD).status == "not_genuine"


def test_what_does_not_say_what_stands_around_is_not_held_against_it() -> None:
    assert after(replace(cited(OLD, 0, 18), prefix=None, suffix=None), OLD).status == "exact"


def test_an_article_that_never_was_cannot_have_been_cited() -> None:
    found = verify(cited(OLD, 0, 18), None, None, last_version=None, passages=lambda *_: [])
    assert (found.status, found.superseded) == ("not_genuine", None)


def test_of_a_deleted_article_nothing_is_left_to_compare() -> None:
    found = verify(cited(OLD, 0, 18), None, None, last_version=1, passages=lambda *_: [])
    assert (found.status, found.version) == ("withdrawn", None)


def test_an_article_that_was_deleted_and_put_in_anew_may_hold_the_text_again() -> None:
    claim, anew = cited(OLD, 0, 18), stored(OLD, 2)
    found = verify(claim, None, anew, last_version=2, passages=lambda *_: [])
    assert (found.status, found.superseded, found.version) == ("exact", True, 2)
    other = verify(claim, None, stored("Bees.", 2), last_version=2, passages=lambda *_: [])
    assert (other.status, other.superseded, other.version) == ("withdrawn", True, 2)


def test_a_text_that_stands_very_often_and_one_that_is_very_long_are_looked_at_no_longer_than_it_needs() -> None:
    text = "e" * 200_000
    claim = cited(text, 0, 1)
    many = verify(claim, stored(text, 1, current=False), stored("a" + text, 2), last_version=2, passages=lambda *_: [])
    assert (many.status, many.start) == ("moved", 1)
    words = "word " * 100_000
    long = verify(
        cited(words, 0, len(words)), stored(words, 1), stored(words[5:], 2), last_version=2,
        passages=lambda *_: passages_of(words[5:]),
    )  # fmt: skip
    assert long.status == "changed"
