"""What articles say of their own corrections, and what only looks as if they did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import Cleaned, clean
from ingest.corrections import Correction, correction, stated_correction
from ingest.documents import Document, Format
from ingest.metadata import describe
from ingest.read import read
from retrieval.types import Article
from tests.conftest import SEEDS

TITLE = "Ferry to keep its night service"
STORY = (
    "The harbour ferry will keep its night service for another year, the council decided on Monday after months in "
    "which nurses and bakers had written to it every week.",
    "“Nobody should have to swim home,” said Ines Okafor, who runs the ferry company, to a hall that was packed with "
    "people who work at night and with some who had come to sleep.",
    "Tickets will cost ten cents more from June, and the last boat will leave at a quarter to two in the morning, as "
    "it has done for sixty years in every weather that the harbour knows.",
    "The opposition voted against. Its leader, Maud Petersen, called the decision “a present for the night owls”.",
)
PUBLISHED = "2010-10-04"


def below(*notes: str) -> str:
    return "\n\n".join((TITLE, *STORY, *STORY, *notes))


def above(*notes: str) -> str:
    return "\n\n".join((TITLE, *notes, *STORY, *STORY))


def inside(*notes: str) -> str:
    return "\n\n".join((TITLE, *STORY, *STORY, *notes, *STORY, *STORY))


DATED = [
    "This article was amended on 5 October 2010 to give the right price of a ticket.",
    "• This article was amended on 5 October 2010. An earlier version said that tickets cost a euro.",
    "• This article was amended on 5 October 2010 because an earlier version said the leader had told nobody.",
    "This article was amended on Tuesday 5 October 2010 to correct the price.",
    "This article was amended at 10.30am on 5 October 2010 to correct the price.",
    "This article was amended on 5 October to correct the price.",
    "This story was corrected on Oct. 5, 2010, to fix the spelling of a name.",
    "This story was corrected on Oct. 5 to fix the spelling of a name.",
    "*This post has been corrected on October 5th, 2010.*",
    "This article, which was first published on 4 October 2010, was amended on 5 October 2010 to remove a name.",
    "This blog post was updated on 5 October 2010 to correct the name of the ferry.",
    "The headline of this article was amended on 5 October 2010.",
    "The headline and the first paragraph of this article were amended on 5 October 2010 for clarity.",
    "The photo caption was corrected on 5 October 2010.",
    "On 5 October 2010 this article was amended to remove a name.",
    "5 October 2010: This article was amended to remove a name.",
    "Correction, 5 October 2010: The last boat leaves at two.",
    "Correction (Oct. 5, 2010): The last boat leaves at two.",
    "Correction: Oct. 5, 2010: The last boat leaves at two.",
    "CORRECTION — 5 October 2010: the last boat leaves at two.",
    "[Correction, 10:40 GMT 5 October 2010: the last boat leaves at two.]",
    "Correction, Oct 5: The last boat leaves at two.",
    "Clarification, 5 Oct 2010: The price is that of a single ticket.",
    "Editor's note: This article was updated on 5 October 2010 to correct the price.",
    "Editor’s note, 5 October 2010: This article has been updated to correct the price.",
    "EDITOR'S NOTE (Oct. 5, 2010): An earlier version of this story misstated the price.",
    "Update, 5 October 2010: this story has been updated to correctly identify the owner of the ferry.",
    "Corrected on 5 October 2010",
    "Corrected: 2010-10-05",
    "Last corrected 5 October 2010",
    "Published 4 October 2010; corrected 5 October 2010",
    "4 October 2010 (amended 5 October 2010)",
]
UNDATED = [
    "This article has been corrected.",
    "This story has since been clarified to say who owns the ferry.",
    "An earlier version of this article said that tickets cost a euro.",
    "An earlier version of this story, based on what the company had told us, misstated the price.",
    "A previous version of this post incorrectly listed the ferry’s stops.",
    "In an earlier version of this article, the name of the leader was misspelled.",
    "A caption in an earlier version of this article misidentified the woman on the ferry.",
    "An earlier headline on this article wrongly said that the ferry had sunk.",
    "This article originally stated that the ferry had sunk.",
    "Correction: An earlier version of this article misstated the price.",
    "Correction: Maud Petersen leads the opposition, not Maud Peterson.",
    "CORRECTION: Due to an editing error, the name of the ferry was left out.",
    "Corrections and clarifications: This article has been amended to remove a name.",
    "Clarification: The first sentence has been clarified to say what was decided.",
    "Editor’s note: We have corrected the name of the ferry in this article.",
    "We have amended this article to remove a name.",
    "This article was amended on 32 October 2010 to remove a name.",
    "This article was corrected on 5/10/2010.",
    "Correction, Oct. 3: The last boat leaves at two.",
]


@pytest.mark.parametrize("note", DATED)
@pytest.mark.parametrize("around", [below, above], ids=["below", "above"])
def test_a_note_and_its_day_are_read(note: str, around: object) -> None:
    text = below(note) if around is below else above(note)
    assert correction(text, PUBLISHED) == Correction(note, "2010-10-05")


@pytest.mark.parametrize("note", UNDATED)
def test_a_note_without_a_certain_day_has_none(note: str) -> None:
    assert correction(below(note), PUBLISHED) == Correction(note, None)


NONE = [
    # What was changed, and was not wrong.
    "Last updated 5 October 2010",
    "Updated: 5 October 2010",
    "This article was updated on 5 October 2010.",
    "This story has been updated to include comments from the ferry company.",
    "This story has been updated with comments from Petersen, who promised to correct the price.",
    "This is a developing story and will be updated.",
    "UPDATE: 5/10 — The company has put the ferry up for sale.",
    "Editor’s note: The leader of the opposition is a serial liar who is wrong about everything.",
    "Editor’s note: This article was originally published in Field Notes.",
    "An earlier version of this article was published in Field Notes on 5 October 2010.",
    "An earlier version of this article appeared in Field Notes.",
    "This article originally appeared in Field Notes.",
    "This article was first published on 5 October 2010.",
    "If you find an error in this article, write to corrections@gazette.example.",
    "Report a correction",
    "Corrections: write to the readers’ editor.",
    "Corrections and clarifications",
    # Stories about corrections, and about other texts.
    "The newspaper corrected the article on 5 May 2011.",
    "The Gazette amended its story on 5 October 2010 and apologised.",
    "The article was corrected on 5 October 2010.",
    "“This article was amended on 5 October 2010,” the page now says.",
    "“This article has been corrected”",
    "'This story was amended on 5 October 2010,' the note reads.",
    "This story was corrected on 5 October 2010, the minister said, after his letter.",
    "This story was amended, according to the minister, on 5 October 2010.",
    "This report was amended on 5 October 2010 to remove the figures.",
    "This bill was amended on 5 October 2010 to protect the ferry.",
    "This article was amended on 14 June 1954 to let the president dissolve parliament.",
    "This article of the constitution was amended on 5 October 2010 by parliament.",
    "This article should be corrected.",
    "This article will be corrected on 5 October 2010.",
    "An earlier version of the bill wrongly named the ferry.",
    "An earlier version of the ferry wrongly had no roof.",
    "A correction was printed on 5 October 2010.",
    "Correction officers went on strike on 5 October 2010.",
    "Correction is coming, and it will hurt.",
    "Correction: markets fell by ten per cent.",
    "Correction: he did not lie. He misremembered.",
    "Correction: I was wrong.",
    "Correction (October 1987): stocks lost a fifth of their value.",
    "Amendment 1 was corrected on 5 October 2010.",
    "Clarification of the law is needed, the judge said.",
]  # fmt: skip


@pytest.mark.parametrize("line", NONE)
@pytest.mark.parametrize("place", ["above", "below", "inside"])
def test_what_only_looks_like_a_note_is_none(line: str, place: str) -> None:
    text = {"above": above, "below": below, "inside": inside}[place](line)
    assert correction(text, PUBLISHED) is None


@pytest.mark.parametrize("note", [note for note in DATED if "orrected" in note or "note" in note or "This" in note])
def test_in_the_middle_of_a_story_only_a_labelled_paragraph_is_a_note(note: str) -> None:
    labelled = note.lower().startswith(("editor", "update", "corrected", "last corrected"))
    assert correction(inside(note), PUBLISHED) == (Correction(note, "2010-10-05") if labelled else None)


def test_a_note_that_a_story_quotes_is_not_its_own() -> None:
    quoted = "This article was amended on 5 October 2010 to remove a name."
    assert correction(below("Under its story the Gazette now says:", quoted), PUBLISHED) is None
    assert correction(below("Correction:", quoted), PUBLISHED) == Correction(f"Correction: {quoted}", "2010-10-05")


def test_an_article_about_errors_in_others_is_not_corrected() -> None:
    for title in ("Corrections and clarifications", "Correction: the ferry", "Corrections"):
        lines = (title, "• An article about the ferry (4 October, page 3) wrongly said that it had sunk.", *STORY)
        assert correction("\n\n".join(lines), PUBLISHED) is None


def test_under_a_label_of_its_own_the_note_goes_on_to_the_end_and_may_end_with_its_day() -> None:
    notes = (
        "CORRECTION:",
        "As published in some editions.",
        "An article on Monday about a ferry misstated its price. It is two euros, not one.",
        "Friday, December 3, 2010.",
    )
    assert correction(below(*notes), PUBLISHED) == Correction(" ".join(notes), "2010-12-03")
    day_first = ("Correction: October 6, 2010, Wednesday.", "An article on Monday about a ferry misstated its price.")
    assert correction(below(*day_first), PUBLISHED) == Correction(" ".join(day_first), "2010-10-06")


def test_a_correction_that_is_only_announced_is_one_without_a_day() -> None:
    assert correction(above("Correction appended."), PUBLISHED) == Correction("Correction appended.", None)


def test_any_white_space_is_one_blank() -> None:
    note = "Editor’s note:\xa0This\tarticle was  amended on 5\xa0October 2010."
    assert correction(below(note), PUBLISHED) == Correction(" ".join(note.split()), "2010-10-05")


def test_of_several_notes_the_last_day_counts_wherever_it_stands() -> None:
    later, earlier = DATED[0].replace("5 October", "9 October"), DATED[0]
    found = correction("\n\n".join((TITLE, later, *STORY, *STORY, earlier)), PUBLISHED)
    assert found == Correction(f"{later}\n{earlier}", "2010-10-09")


@pytest.mark.parametrize(
    ("note", "published", "date"),
    [
        ("This article was amended on 5 October to remove a name.", "2010-10-04", "2010-10-05"),
        ("This article was amended on 5 October to remove a name.", "2010-10-05", "2010-10-05"),
        ("This article was amended on 5 January to remove a name.", "2010-10-04", None),
        ("This article was amended on 5 October to remove a name.", None, None),
        ("This article was amended on 5 October to remove a name.", "2010-10", None),
        ("This article was amended on 5 November to remove a name.", "2010-10", "2010-11-05"),
        ("This article was amended on 5 October to remove a name.", "2010", None),
        ("This article was amended on 29 February to remove a name.", "2010-01-04", None),
        ("This article was amended in October 2010 to remove a name.", "2010-10-04", "2010-10"),
        ("This article was amended on 05/10/2010 to remove a name.", "2010-10-04", None),
        ("This article was amended on 25/10/2010 to remove a name.", "2010-10-04", "2010-10-25"),
    ],
)
def test_a_day_without_a_year_is_of_the_year_of_publication_only_where_that_is_certain(
    note: str, published: str | None, date: str | None
) -> None:
    assert correction(below(note), published) == Correction(note, date)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("The price was wrong.", Correction("The price was wrong.", None)),
        (
            {"@type": "CorrectionComment", "text": "The price was wrong.", "datePublished": "2010-10-05T09:00:00Z"},
            Correction("The price was wrong.", "2010-10-05"),
        ),
        ([{"text": "One.", "datePublished": "2010-10-05"}, {"text": "Two.", "datePublished": "2010-10-09"}, "Three."],
         Correction("One.\nTwo.\nThree.", "2010-10-09")),
        ({"datePublished": "2010-10-05"}, Correction("", "2010-10-05")),
        ("https://gazette.example/corrections", None), ("", None), (None, None), (7, None), ({}, None), ([], None),
        ({"text": ["x"], "datePublished": 7}, None), ([[["x"]]], None),
    ],
)  # fmt: skip
def test_what_markup_states_is_taken(value: object, found: Correction | None) -> None:
    assert stated_correction(value) == found


def article(note: str, form: Format = "text", **stated: object) -> Article:
    text = below(note)
    cleaned = Cleaned(text, ()) if form == "record" else clean(text)
    return describe(Document("a", "a.txt", text, form, {"published": PUBLISHED, **stated}), cleaned)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "pages", "record"])
def test_the_article_keeps_the_day_and_the_words_whatever_it_came_in(form: Format) -> None:
    found = article(DATED[0], form)
    assert (found.corrected, found.extra) == ("2010-10-05", {"correction": DATED[0]})
    assert DATED[0] in found.text
    assert found.published == PUBLISHED


@pytest.mark.parametrize("note", [*DATED, *UNDATED])
def test_cleaning_keeps_the_note_and_no_credit_is_read_from_it(note: str) -> None:
    found = article(note)
    assert note in found.text
    assert (found.author, found.published, found.title) == (None, PUBLISHED, TITLE)


def test_what_the_source_states_wins() -> None:
    found = article(DATED[0], "record", corrected="2010-10-08", correction={"text": "Its own."})
    assert (found.corrected, found.extra) == ("2010-10-08", {"correction": {"text": "Its own."}})


def test_nothing_is_made_up_where_nothing_is_said() -> None:
    found = article("The ferry sails at noon.")
    assert (found.corrected, found.extra) == (None, {})
    for document in read([str(SEEDS)]):
        assert isinstance(document, Document)
        assert correction(document.text, "2010") is None


@given(st.text(), st.none() | st.just(PUBLISHED))
def test_whatever_a_text_says_its_note_is_words_of_it(text: str, published: str | None) -> None:
    found = correction(f"{text}\n{DATED[0]}\n{text}", published)
    assert found is None or all(word in text + DATED[0] for word in found.note.split())


@pytest.mark.parametrize(
    "text",
    ["Correction:\n" * 20_000, "This article " * 100_000, "• " * 500_000, "an earlier version of this " * 50_000,
     "\n".join(["Correction: " + "the a a " * 240] * 5_000), "the " + "a " * 900 + "of this article"],
    ids=["labels", "long", "bullets", "earlier", "asides", "words"],
)  # fmt: skip
def test_a_hostile_text_says_nothing_and_costs_little(text: str) -> None:
    assert correction(text, PUBLISHED) is None
