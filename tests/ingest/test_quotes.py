"""Who says what: golden cases by hand, from the seeds and invented."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.quotes import attribute, author_speaks, hear
from retrieval.types import Article, Quote

SEEDS = Path(__file__).parents[2] / "seeds"


def article(text: str, **known: str) -> Article:
    return Article(id="a", text=text, **known)  # type: ignore[arg-type]


def said(text: str) -> list[tuple[str, str | None]]:
    return [(text[quote.start : quote.end], quote.speaker) for quote in attribute(article(text))]


def quote_of(text: str, words: str) -> Quote:
    at = text.index(words)
    return next(quote for quote in attribute(article(text)) if quote.start <= at and at + len(words) <= quote.end)


def seed(number: int) -> str:
    return next(SEEDS.glob(f"{number:03}_*.txt")).read_text(encoding="utf-8")


def test_direct_quotation_gives_content_inside_the_marks_with_cue_and_source() -> None:
    text = 'Ruth Calder arrived late.\n\n"We were never told about the fire," Calder said.'
    (quote,) = attribute(article(text))
    assert text[quote.start : quote.end] == "We were never told about the fire,"
    assert quote.direct
    assert quote.cue is not None
    assert quote.source is not None
    assert text[quote.cue.start : quote.cue.end] == "said"
    assert text[quote.source.start : quote.source.end] == "Calder"
    assert quote.speaker == "Ruth Calder"
    assert 0.6 <= quote.confidence <= 1.0


@pytest.mark.parametrize(
    ("opening", "closing"), [("“", "”"), ('"', '"'), ("‘", "’"), ("'", "'"), ("''", "''")], ids=repr
)
def test_every_kind_of_marks_is_read(opening: str, closing: str) -> None:
    text = f"Ruth Calder came. {opening}We weren’t told about the farmers’ plan,{closing} Calder said on Monday."
    assert said(text)[-1] == ("We weren’t told about the farmers’ plan,", "Ruth Calder")


def test_split_quotation_belongs_to_one_speaker() -> None:
    text = "Peter Holm disagreed. “We will wait,” he said, “and then we will vote.”"
    assert [entry for entry in said(text) if entry[0].startswith(("We", "and"))] == [
        ("We will wait,", "Peter Holm"),
        ("and then we will vote.", "Peter Holm"),
    ]


def test_quotation_that_goes_on_without_a_cue_keeps_its_speaker() -> None:
    text = "“The road is closed,” said Peter Holm. “It will open in May.”"
    assert said(text) == [("The road is closed,", "Peter Holm"), ("It will open in May.", "Peter Holm")]


def test_quotation_of_several_paragraphs_is_one_quote_a_paragraph() -> None:
    text = "“The road is closed,” said Peter Holm.\n\n“It will open in May.\n\n“Nobody can say when it will.”"
    assert said(text)[1:] == [
        ("It will open in May.", "Peter Holm"),
        ("Nobody can say when it will.", "Peter Holm"),
    ]


def test_two_people_of_one_surname_are_kept_apart() -> None:
    text = (
        "John Marsh and his sister Helen Marsh run the mill. “The mill is ours,” said Mr. Marsh. "
        "“It was our mother's,” Mrs. Marsh said."
    )
    assert ("The mill is ours,", "John Marsh") in said(text)
    assert ("It was our mother's,", "Helen Marsh") in said(text)


def test_surname_that_two_people_share_and_nothing_tells_apart_stays_a_surname() -> None:
    text = "John Marsh met Robert Marsh.\n\nIt rained.\n\nIt snowed.\n\n“The mill is ours,” Marsh said."
    assert said(text)[-1][1] in {"Marsh", None}


def test_pronouns_follow_gender() -> None:
    text = (
        "Helen Marsh met Peter Holm at the mill on Friday. “The mill is ours,” she said. "
        "\n\nHolm told reporters that the sale was off. “I have signed nothing,” he added."
    )
    assert ("The mill is ours,", "Helen Marsh") in said(text)
    assert ("I have signed nothing,", "Peter Holm") in said(text)


def test_description_means_the_holder_of_the_office() -> None:
    text = (
        "Transport minister Ruth Calder visited the bridge with Peter Holm, chief executive of Norrail.\n\n"
        "“The bridge is safe,” the minister said."
    )
    assert said(text)[-1] in {("The bridge is safe,", "Ruth Calder"), ("The bridge is safe,", None)}


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Ruth Calder denied that the bridge had been closed.", "the bridge had been closed"),
        ("Ruth Calder told reporters that the bridge would open soon.", "the bridge would open soon"),
        ("The bridge will open soon, according to Ruth Calder.", "The bridge will open soon"),
        ("The bridge will open soon, Ruth Calder said.", "The bridge will open soon"),
        (
            "Ruth Calder said the bridge was “a disgrace to us all” and must go.",
            "the bridge was “a disgrace to us all” and must go",
        ),
    ],
)
def test_reported_speech(text: str, content: str) -> None:
    (quote,) = attribute(article(text))
    assert text[quote.start : quote.end] == content
    assert quote.speaker == "Ruth Calder"
    assert not quote.direct


@pytest.mark.parametrize(
    "text",
    [
        "The report, “No More Blame Game”, was published in October.",
        "He bought a so-called ‘smart’ kettle.",
        "The 'Care First' plan is built on the workers' rights of 1998.",
        "",
        "No one spoke.",
    ],
)
def test_titles_and_scare_quotes_are_no_quotations(text: str) -> None:
    assert not [quote for quote in attribute(article(text)) if quote.speaker is not None or quote.direct]


def test_loughton_in_a_report() -> None:
    text = seed(0)
    for words in (
        "every caseload is different",
        "he is keen to improve provision",
        "We need greater flexibility for children in care",
        "a year later things could fall apart",
        "I want to create a system of greater flexibility",
        "there are better ways to tackle issues",
        "It is going to be down to local authorities",
    ):
        assert quote_of(text, words).speaker == "Tim Loughton", words
    for words in ("It is not being in care that damages", "Care generally makes things better"):
        assert quote_of(text, words).speaker == "Martin Narey", words


def test_headline_that_ends_with_its_source() -> None:
    text = seed(0)
    quote = quote_of(text, "Maximum caseload limits will not improve child protection")
    assert quote.speaker == "Tim Loughton"
    assert text[quote.start :].startswith("Maximum")


def test_first_words_of_a_report_are_the_ministers() -> None:
    text = seed(2)
    for words in (
        "I think it’s a fair comment",
        "However, it’s a false economy",
        "freed up from more statutory",
    ):
        assert quote_of(text, words).speaker == "Tim Loughton", words


def test_loughton_in_an_interview() -> None:
    text = seed(1)
    for words in (
        "are always going to come along",
        "manning the barricades",
        "every budget across the government",
    ):
        assert quote_of(text, words).speaker == "Tim Loughton", words


def test_people_have_the_names_and_offices_that_stand_in_the_article() -> None:
    text = seed(0)
    found = {person.name: person for person in hear(article(text))[1]}
    assert "Loughton" in found["Tim Loughton"].aliases
    assert "Barnardo’s chief executive" in found["Martin Narey"].offices
    for person in found.values():
        assert all(told in " ".join(text.split()) for told in (*person.aliases, *person.offices))


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("The law was signed by former Florida Gov. Jeb Bush.", "former Florida Gov."),
        ("Jeb Bush, former governor of Florida, signed the law.", "former governor of Florida"),
        ("Martin Narey, the chief executive of Barnardo’s, said so.", "chief executive of Barnardo’s"),
        ("Ann Lee, founder of, as she says, nothing, was there.", "founder"),
    ],
)
def test_an_office_reads_as_it_is_meant(text: str, office: str) -> None:
    (person,) = hear(article(text))[1]
    assert person.offices == (office,)


def test_a_speech_is_its_authors_word() -> None:
    speech = article(seed(4), kind="speech", author="Tim Loughton")
    assert author_speaks(speech)
    assert not author_speaks(article(seed(0), kind="report", author="Neil Puffett"))


@pytest.mark.parametrize("number", range(5))
def test_spans_lie_in_the_text_and_names_come_from_it(number: int) -> None:
    text = seed(number)
    for quote in attribute(article(text)):
        assert 0 <= quote.start < quote.end <= len(text)
        assert text[quote.start : quote.end].strip()
        if quote.speaker is not None:
            assert quote.speaker.split()[-1] in text


def test_same_article_same_quotes() -> None:
    assert attribute(article(seed(1))) == attribute(article(seed(1)))


@given(st.text(alphabet="ab AB.,:“”\"'‘’\n—()[]sid he", max_size=120))
def test_any_text_is_read_and_spans_stay_inside(written: str) -> None:
    for quote in attribute(article(written)):
        assert 0 <= quote.start <= quote.end <= len(written)
        assert 0.0 <= quote.confidence <= 1.0
    for person in hear(article(written))[1]:
        assert person.aliases


def test_in_a_text_all_in_capitals_nobody_is_taken_for_a_speaker() -> None:
    quotes, people = hear(Article("a", "THE COALITION GOVERNMENT SAID THAT CASELOADS ARE FALLING. U.N. TALKS FAILED."))
    assert quotes == ()
    assert people == ()
