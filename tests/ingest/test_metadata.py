from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import Cleaned, clean
from ingest.documents import Document, Format
from ingest.metadata import describe, kind_of
from ingest.read import read
from retrieval.types import Article

SEEDS = Path(__file__).parents[2] / "seeds"
TITLE = "Council agrees to open forty libraries"
STORY = (
    "The council agreed on Monday to open forty libraries in the county before the end of the year, "
    "which is two "
    "years later than it had promised to the people of the county at the last election.",
    "“We have waited for this,” Sarah Green, the leader, told a packed hall. She said on 1 June 2009 that it would.",
    "The opposition warned that the money would not last.",
)
COLUMN = (
    "I have borrowed books from our library all my life, and I will not stop now because we are told "
    "that we cannot "
    "pay for it. My children learned to read there, and so did I.",
    "We can have libraries if we want them. I know that our council can find the money.",
)
SPEECH = (
    "I am delighted to be here today, and I want to thank you for what you do for us and for our libraries.",
    "We will open forty more of them. I give you my word that we mean it, and that my door is open to all of you.",
)


def article(
    *blocks: str,
    form: Format = "text",
    given: Mapping[str, Any] | None = None,
) -> Article:
    text = "\n\n".join(blocks)
    cleaned = Cleaned(text, ()) if form == "record" else clean(text)
    return describe(Document("a", "a.txt", text, form, given or {}), cleaned)


def above(*head: str) -> Article:
    return article(TITLE, *head, *STORY)


LOUGHTON = "Tim Loughton"
SEED_FACTS = {
    "000": (
        "Neil Puffett",
        "CYP Now",
        "2010-10-04",
        "report",
        "Conservative Conference 2010: Maximum caseload",
    ),
    "001": (
        None,
        "Community Care",
        "2010-03-11",
        "interview",
        "Tim Loughton, shadow children’s secretary, on",
    ),
    "002": (
        None,
        "Community Care",
        None,
        "report",
        "Loughton puts unallocated cases down to Baby P pressures",
    ),
    "003": (
        LOUGHTON,
        "Conservative Home",
        None,
        "opinion",
        "Tim Loughton MP: Has Child Protection become more",
    ),
    "004": (LOUGHTON, None, "2011-02-09", "speech", "Tim Loughton to Community Care Live"),
}


@pytest.mark.parametrize("name", SEED_FACTS)
def test_the_seeds_are_described_by_what_they_say(name: str) -> None:
    (path,) = SEEDS.glob(f"{name}_*.txt")
    (document,) = read([str(path)])
    assert isinstance(document, Document)
    found = describe(document, clean(document.text))
    *facts, title = SEED_FACTS[name]
    assert [found.author, found.publisher, found.published, found.kind] == facts
    assert found.title is not None
    assert found.title.startswith(title)
    assert found.title in found.text


class TestAuthor:
    @pytest.mark.parametrize(
        ("line", "author"),
        [
            ("By Jane Smith", "Jane Smith"),
            ("by Jane Smith", "Jane Smith"),
            ("By JANE SMITH", "JANE SMITH"),
            ("By Jane Smith and Bob Jones, Political Editor", "Jane Smith and Bob Jones"),
            ("By Jane Smith, Bob Jones and Ann Lee", "Jane Smith, Bob Jones and Ann Lee"),
            ("By Jane Smith, Political Editor", "Jane Smith"),
            ("By Jane Smith in Leeds", "Jane Smith"),
            ("By Dr Siân O’Brien-Lloyd", "Dr Siân O’Brien-Lloyd"),
            ("By Ludwig van der Berg", "Ludwig van der Berg"),
            ("By J. B. Priestman | 3 May 2012", "J. B. Priestman"),
            ("Jane Smith | 3 May 2012", "Jane Smith"),
            ("Jane Smith, Monday 3 May 2012", "Jane Smith"),
            ("Posted on March 3rd, 2011 by Sam Lee", "Sam Lee"),
            ("Posted by Sam Lee on 3 March 2011 at 09:30", "Sam Lee"),
            ("Published 3 March 2011 by Sam Lee", "Sam Lee"),
            ("Words: Ann Lee", "Ann Lee"),
            ("Words by Ann Lee", "Ann Lee"),
            ("Author: Ann Lee", "Ann Lee"),
            ("Speech by Rt Hon Ann Lee MP", "Ann Lee"),
            ("Interview by Ann Lee", "Ann Lee"),
        ],
    )
    def test_a_byline_names_the_author(self, line: str, author: str) -> None:
        assert above(line).author == author

    @pytest.mark.parametrize("lines", [("Ann Lee", "Monday, October 4, 2010"), ("4 October 2010", "Ann Lee")])
    def test_a_name_on_the_line_beside_the_date_is_the_author(self, lines: tuple[str, str]) -> None:
        assert above(*lines).author == "Ann Lee"

    @pytest.mark.parametrize(
        "lines",
        [
            (),
            ("SARAH GREEN, the leader, won the vote",),
            ("SARAH GREEN",),
            ("Sarah Green",),
            ("By Staff Reporter",),
            ("By our political editor",),
            ("By Christmas",),
            ("By the time of the vote all was over",),
            ("By Jane Smith the council had been warned of it for years",),
            ("Community Care", "11 March 2010"),
            ("The Guardian", "11 March 2010"),
            ("New York", "11 March 2010"),
            ("Packed Hall", "11 March 2010"),
        ],
    )
    def test_what_is_no_byline_names_nobody(self, lines: tuple[str, ...]) -> None:
        assert above(*lines).author is None

    def test_a_name_in_capitals_that_opens_the_story_is_no_author(self) -> None:
        assert article(TITLE, "JANE SMITH " + STORY[0], *STORY[1:]).author is None

    def test_a_byline_may_stand_above_the_title_or_below_the_story(self) -> None:
        first = article("By Jane Smith", TITLE, *STORY)
        assert (first.author, first.title) == ("Jane Smith", TITLE)
        assert article(TITLE, *STORY, "Words: Ann Lee").author == "Ann Lee"

    def test_the_name_before_the_colon_of_a_title_wrote_an_opinion_but_no_report(self) -> None:
        title = "Jane Smith MP: Why do we close libraries?"
        assert article(title, *COLUMN).author == "Jane Smith"
        assert article(title, *STORY).author is None

    def test_a_speaker_in_the_title_whose_name_stands_alone_below_it_is_the_author(self) -> None:
        assert article("Jane Smith to the Libraries Forum", "Jane Smith", *SPEECH).author == "Jane Smith"

    def test_the_person_introduced_after_an_opinion_wrote_it(self) -> None:
        line = "Jane Smith is the chair of the friends of the library"
        assert article(TITLE, *COLUMN, line).author == "Jane Smith"
        assert article(TITLE, *STORY, line).author is None


class TestPublished:
    @pytest.mark.parametrize(
        ("line", "published"),
        [
            ("Monday, October 4, 2010", "2010-10-04"),
            ("4 October 2010", "2010-10-04"),
            ("Mon 4th Oct 2010", "2010-10-04"),
            ("October 4th 2010", "2010-10-04"),
            ("Published: 12 Sep 2014 09:30", "2014-09-12"),
            ("Published 9 February 2011", "2011-02-09"),
            ("First published on 9 February 2011 at 7.30pm GMT", "2011-02-09"),
            ("Published 9 February 2011 Last updated 1 March 2012", "2011-02-09"),
            ("Posted on March 3rd, 2011 by Sam Lee", "2011-03-03"),
            ("2012-05-03", "2012-05-03"),
            ("Published 2012-05-03T09:30:00Z", "2012-05-03"),
            ("May 2012", "2012-05"),
            ("13/04/2010", "2010-04-13"),
            ("04/13/2010", "2010-04-13"),
            ("04/04/2010", "2010-04-04"),
            ("This article is published in the 11 March 2010 issue of Example Weekly", "2010-03-11"),
            ("First published in Example Weekly, May 2012", "2012-05"),
            ("03/04/2010", None),
            ("31 February 2010", None),
            ("4 October 10", None),
            ("2010", None),
            ("Last updated 4 October 2010", None),
            ("The council voted on 4 October 2010", None),
            ("Published accounts for May 2012 show a loss", None),
        ],
    )
    def test_a_dateline_is_read_in_british_and_american_form(self, line: str, published: str | None) -> None:
        assert above(line).published == published

    def test_a_date_in_the_story_is_not_that_of_the_article(self) -> None:
        assert above().published is None

    def test_a_plain_date_below_the_story_is_not_that_of_the_article_but_a_labelled_one_is(self) -> None:
        assert article(TITLE, *STORY, "4 October 2010").published is None
        assert article(TITLE, *STORY, "Published 4 October 2010").published == "2010-10-04"

    def test_datelines_that_differ_leave_it_unknown_unless_one_is_labelled(self) -> None:
        assert above("4 October 2010", "5 October 2010").published is None
        assert above("4 October 2010", "Published 5 October 2010").published == "2010-10-05"

    @given(st.dates())
    def test_every_day_is_read_back(self, day: Any) -> None:
        month = day.strftime("%B")
        line = f"Published {day.day} {month} {day.year:04}"
        assert above(line).published == day.isoformat()

    @given(st.text(max_size=60))
    def test_any_line_is_read_without_an_error(self, line: str) -> None:
        article(TITLE, line, *STORY, line)


class TestPublisher:
    @pytest.mark.parametrize(
        ("line", "publisher"),
        [
            (
                "This article is published in the 11 March 2010 issue of Example Weekly under ‘A’",
                "Example Weekly",
            ),
            ("This article first appeared in the Journal of Libraries on 3 May 2012", "Journal of Libraries"),
            ("First published in Example Weekly, May 2012", "Example Weekly"),
            ("First published in May 2012", None),
            ("The council agreed with Example Weekly", None),
        ],
    )
    def test_the_issue_names_the_publisher(self, line: str, publisher: str | None) -> None:
        assert article(TITLE, *STORY, line).publisher == publisher

    def test_more_from_a_paper_names_it_if_the_story_speaks_of_its_work(self) -> None:
        own = "The plan follows Example Weekly’s recent investigation into libraries."
        assert article(TITLE, *STORY, own, "More from Example Weekly").publisher == "Example Weekly"

    @pytest.mark.parametrize("name", ["Politics", "Sarah Green", "Leeds"])
    def test_more_from_a_section_a_person_or_a_place_names_no_publisher(self, name: str) -> None:
        told = "He told Sarah Green of it, and Green said that it was so in Leeds and in Politics."
        assert article(TITLE, *STORY, told, f"More from {name}").publisher is None

    def test_the_offers_of_a_page_name_its_publisher_by_what_they_share(self) -> None:
        price = "From £15 / month\nSubscribe"
        offers = f"Lib Now Digital membership\n• News\n{price}", f"Lib Now Magazine\n• News\n{price}"
        assert article(TITLE, *STORY, *offers).publisher == "Lib Now"
        assert article(TITLE, *STORY, offers[0]).publisher is None
        assert article(TITLE, *STORY, *(offer.replace("Lib Now ", "") for offer in offers)).publisher is None


class TestTitle:
    def test_the_first_line_is_the_title_and_stays_in_the_text(self) -> None:
        found = above()
        assert found.title == TITLE
        assert found.text.startswith(TITLE)

    @pytest.mark.parametrize("blocks", [STORY, ("One line only",), ("and so it went on", *STORY)])
    def test_a_text_that_starts_with_its_story_has_no_title(self, blocks: tuple[str, ...]) -> None:
        assert article(*blocks).title is None


class TestGiven:
    def test_what_is_given_wins_and_further_fields_are_kept(self) -> None:
        stated = {"title": "T", "author": "A B", "publisher": "P", "published": "2001", "kind": "opinion"}
        given = {**stated, "url": "https://x.example", "pages": [1]}
        found = article(TITLE, "By Jane Smith", "3 May 2012", *STORY, given=given)
        assert {name: getattr(found, name) for name in stated} == stated
        assert (found.url, found.extra) == ("https://x.example", {"pages": [1]})

    def test_a_record_is_described_by_its_fields_alone_but_its_kind_by_its_text(self) -> None:
        found = article(TITLE, "By Jane Smith", "3 May 2012", *STORY, form="record", given={"publisher": "P"})
        assert (found.title, found.author, found.published, found.publisher) == (None, None, None, "P")
        assert found.kind == "report"

    def test_what_was_removed_is_kept(self) -> None:
        assert [piece.text for piece in article(TITLE, *STORY, "Subscribe").removed] == ["Subscribe"]


class TestKind:
    @pytest.mark.parametrize(
        ("blocks", "kind"),
        [
            (STORY, "report"),
            (COLUMN, "opinion"),
            (SPEECH, "speech"),
            (("Too short to say.",), None),
            ((" ".join(["The library opens at nine and closes at five."] * 6),), None),
        ],
    )
    def test_who_speaks_outside_quotation_marks_tells_the_kind(self, blocks: tuple[str, ...], kind: str | None) -> None:
        assert kind_of("\n\n".join(blocks)) == kind

    def test_one_voice_in_the_present_tense_is_an_interview(self) -> None:
        text = (
            "“I love books,” she says. Green admits that it was not always so. “We had none at home,” "
            "she adds, “and "
            "I did not miss them.” She insists that libraries will stay. The leader of the council is "
            "proud of that, "
            "and of much else that the town has built. “We are not done,” Green says."
        )
        assert kind_of(text) == "interview"
        several = text.replace("Green admits", "Jones admits").replace("Green says", "Brown says")
        assert kind_of(several) == "report"

    def test_questions_and_answers_are_an_interview(self) -> None:
        asked = "Q: Why does the town need it?\n\nA: Because children read there after school.\n\n"
        assert kind_of(asked * 4) == "interview"

    def test_first_person_inside_quotation_marks_makes_no_opinion(self) -> None:
        column = "\n\n".join(f"“{paragraph}" for paragraph in COLUMN)
        assert kind_of("\n\n".join((*STORY, column))) == "report"
