import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cite import cite, link, text_directive
from retrieval.types import Article, Passage, StoredArticle


def passage(text: str, start: int, end: int) -> Passage:
    return Passage(1, "a", 1, start, end, text[start:end], ())


def test_a_passage_that_its_article_does_not_hold_is_not_cited() -> None:
    stored = StoredArticle(Article("a", "The ferry sails."), 1, current=True)
    assert cite(passage("The ferry sails.", 4, 9), stored) is not None
    assert cite(passage("The train leaves.", 4, 9), stored) is None
    assert cite(passage("The ferry sails.", 4, 9), StoredArticle(stored.article, 2, current=True)) is None


@given(st.text(min_size=1, max_size=200), st.data())
def test_a_citation_holds_what_is_needed_to_find_the_passage_again(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    citation = cite(passage(text, start, end), StoredArticle(Article("a", text), 1, current=True))
    assert citation is not None
    assert text[citation.start : citation.end] == text[start:end]
    assert len(citation.prefix) <= 32
    assert f"{citation.prefix}{text[start:end]}{citation.suffix}" in text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/a", "https://x.example/a#:~:text=The%20ferry%20sails."),
        ("https://x.example/a#top", "https://x.example/a#top:~:text=The%20ferry%20sails."),
        ("https://x.example/a#top:~:text=old", "https://x.example/a#top:~:text=The%20ferry%20sails."),
        (None, "/articles/a#v3-0-16"),
        ("javascript:alert(1)", "/articles/a#v3-0-16"),
        ("/relative", "/articles/a#v3-0-16"),
    ],
)
def test_a_link_leads_to_the_passage(url: str | None, expected: str) -> None:
    assert link(Article("a", "The ferry sails.", url=url), 3, 0, 16) == expected


def test_the_id_of_an_article_is_quoted_in_its_link() -> None:
    assert link(Article("a b?#é", "Text."), 1, 0, 5) == "/articles/a%20b%3F%23%C3%A9#v1-0-5"


def test_a_text_directive_encodes_its_own_syntax() -> None:
    assert text_directive("well-known, R&D", 0, 15) == "well%2Dknown%2C%20R%26D"


def test_a_long_passage_is_named_by_its_first_and_last_words_within_a_line() -> None:
    text = "One two three four five six seven.\n\nEight nine ten eleven twelve thirteen fourteen fifteen."
    expected = "One%20two%20three%20four%20five%20six,ten%20eleven%20twelve%20thirteen%20fourteen%20fifteen."
    assert text_directive(text, 0, len(text)) == expected


def test_a_passage_is_named_whole_where_its_first_and_last_words_would_overlap() -> None:
    text = "One two three four five six seven eight."
    assert text_directive(text, 0, len(text)) == text.replace(" ", "%20")


def test_words_that_stand_earlier_too_are_told_apart_by_what_is_before_them() -> None:
    text = "He said no. Later on he said no."
    assert text_directive(text, 21, 32) == "no.%20Later%20on-,he%20said%20no."


def test_words_that_only_more_of_them_tell_apart_are_told_apart_by_more() -> None:
    words = "one two three four five six"
    text = f"{words} and so on. {words} seven eight nine ten eleven twelve thirteen."
    start = text.rindex("one")
    expected = f"{words} seven eight nine ten eleven twelve thirteen."
    assert text_directive(text, start, len(text)) == expected.replace(" ", "%20")


def test_an_end_that_stands_in_the_passage_too_is_told_apart_by_what_follows() -> None:
    end, middle = "and that is all there is.", "word " * 30
    text = f"It began like this and went {middle}{end}\n\n{end}\n\nOf something else entirely."
    first, passage = "It began like this and went", text.index("Of") - 2
    directive = text_directive(text, 0, passage)
    assert directive == f"{first},{end},-Of something else".replace(" ", "%20")


def test_only_whole_words_are_named() -> None:
    text = "The harbourmaster speaks."
    assert text_directive(text, 11, 22) == "harbourmaster%20speaks"
    assert text_directive(text, 0, 11) == "The%20harbourmaster"


@pytest.mark.parametrize("unbroken", ["x" * 100_000, "字" * 100_000, ", " * 50_000])
def test_no_text_makes_an_address_of_any_length(unbroken: str) -> None:
    text = f"{unbroken}Here. {unbroken}"
    assert len(text_directive(text, 100_000, 100_005)) < 5000


@given(st.text('ab “”"-,&\n.', min_size=1, max_size=60), st.data())
def test_a_text_directive_never_breaks_its_own_syntax(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    terms = text_directive(text, start, end).split(",")
    assert 1 <= len(terms) <= 4
    for index, term in enumerate(terms):
        bare = term.removesuffix("-") if index == 0 else term.removeprefix("-") if index == len(terms) - 1 else term
        assert not set(bare) & set("-,&# ")
