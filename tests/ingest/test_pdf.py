from bisect import bisect_right
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.hyphens import Hyphens
from ingest.pipeline import prepare
from tests.ingest.printing import Line, pdf, typeset
from tests.ingest.sources import one, put, refusal

WORDS = st.lists(st.text("abcdefghijklmnop", min_size=1, max_size=10), min_size=60, max_size=90)
PARAGRAPHS = st.lists(WORDS.map(lambda words: " ".join(words).capitalize() + "."), min_size=1, max_size=6)


def printed(folder: Path, *pages: list[Line], info: str = "") -> Document:
    return one(put(folder, "a.pdf", pdf(pages, info)))


def paragraphs(document: Document) -> list[str]:
    return document.text.split("\n\n")


def page_of(document: Document, words: str) -> int:
    return bisect_right(document.pages, document.text.index(words)) + 1


def text(*lines: str, x: float = 40, y: float = 500, size: float = 10) -> list[Line]:
    return [Line(x, y - number * 1.2 * size, line, size) for number, line in enumerate(lines)]


class TestParagraphs:
    @pytest.mark.parametrize(("columns", "indented"), [(1, False), (1, True), (2, False), (3, True)])
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(written=PARAGRAPHS)
    def test_they_are_read_as_they_were_written_and_each_on_its_page(
        self, tmp_path: Path, columns: int, indented: bool, written: list[str]
    ) -> None:
        size = 10 if columns == 1 else 6
        pages, begins = typeset(written, columns, size=size, indented=indented)
        document = printed(tmp_path, *pages)
        assert paragraphs(document) == written
        places = [0]
        for paragraph in written[:-1]:
            places.append(places[-1] + len(paragraph) + 2)
        assert [bisect_right(document.pages, place) for place in places] == begins

    def test_one_that_runs_over_the_end_of_a_page_is_one(self, tmp_path: Path) -> None:
        document = printed(
            tmp_path,
            text("The minister said that the night", "ferry would stay for another"),
            text("year, whatever it might cost.", "", "Nobody else said anything."),
        )
        assert paragraphs(document) == [
            "The minister said that the night ferry would stay for another year, whatever it might cost.",
            "Nobody else said anything.",
        ]
        assert (page_of(document, "another"), page_of(document, "year"), page_of(document, "Nobody")) == (1, 2, 2)

    def test_notes_at_the_foot_of_a_page_do_not_come_between_its_halves(self, tmp_path: Path) -> None:
        document = printed(
            tmp_path,
            [
                *text("The minister said that the night", "ferry would stay for another"),
                *text("1 He had said so before.", y=60, size=6),
            ],
            text("year, whatever it might cost."),
        )
        assert "another year, whatever" in document.text
        assert page_of(document, "1 He had") == 1
        assert page_of(document, "year") == 2

    def test_a_heading_is_no_part_of_the_paragraph_below_it(self, tmp_path: Path) -> None:
        page = [*text("Ferry to keep its night service", y=530, size=16), *text("The night ferry stays, and so on.")]
        assert paragraphs(printed(tmp_path, page)) == [
            "Ferry to keep its night service",
            "The night ferry stays, and so on.",
        ]

    def test_a_heading_over_two_columns_stands_between_what_is_above_and_below_it(self, tmp_path: Path) -> None:
        left = text(
            "The left column has some words", "in it that are read before", "those of the right column.", size=8
        )
        right = text("The right column has others", "that are read after those", "of the left column.", x=230, size=8)
        page = [*text("A heading that goes over both of the columns", y=530, size=14), *right, *left]
        assert paragraphs(printed(tmp_path, page)) == [
            "A heading that goes over both of the columns",
            "The left column has some words in it that are read before those of the right column.",
            "The right column has others that are read after those of the left column.",
        ]

    def test_a_table_is_read_by_its_rows(self, tmp_path: Path) -> None:
        names = text("Ferry", "Bus", "Tram", "Train")
        costs = text("12 million", "3 million", "4 million", "90 million", x=250)
        assert "Ferry 12 million" in printed(tmp_path, [*names, *costs]).text

    def test_a_page_without_words_counts(self, tmp_path: Path) -> None:
        document = printed(tmp_path, text("The first page."), [], text("The third page."))
        assert page_of(document, "The third") == 3


class TestHyphens:
    @pytest.mark.parametrize(
        ("above", "below", "together"),
        [
            ("about chil-", "dren in care", "about children in care"),
            ("the vice-", "president said", "the vice-president said"),
            ("in Mid-", "Wales today", "in Mid-Wales today"),
            ("from 2010-", "2011 on", "from 2010-2011 on"),
            ("he said -", "and meant", "he said - and meant"),
            ("a decision—", "and a bad one", "a decision—and a bad one"),
            ("con\xad", "tract", "contract"),
            ("the co-opera-", "tive bank", "the co-operative bank"),
            ("two words", "here", "two words here"),
            ("大臣は計画を", "進める", "大臣は計画を進める"),
        ],
    )
    def test_words_are_whole_again_where_that_is_safe(self, above: str, below: str, together: str) -> None:
        assert "".join((*Hyphens([above, below]).joined(above, below), below)) == together

    @pytest.mark.parametrize(
        ("elsewhere", "together"),
        [
            ("they are policymakers all", "policymakers"),
            ("they are policy-makers all", "policy-makers"),
            ("what a policy that makers of it have", "policy-makers"),
        ],
    )
    def test_the_document_itself_says_how_a_word_is_written(self, elsewhere: str, together: str) -> None:
        hyphens = Hyphens([elsewhere])
        assert "".join((*hyphens.joined("policy-", "makers"), "makers")) == together

    def test_a_word_broken_at_the_end_of_a_page_begins_the_next_by_its_rest(self, tmp_path: Path) -> None:
        document = printed(tmp_path, text("Speaking of the chil-"), text("dren in care."))
        assert document.text == "Speaking of the children in care."
        assert document.pages == (len("Speaking of the chil"),)


class TestFurniture:
    def test_running_heads_and_page_numbers_go(self, tmp_path: Path) -> None:
        pages = [
            [
                Line(40, 570, "The Tidewater Gazette"),
                Line(330, 570, "3 May 2019"),
                *text(f"What page {number} says is its own.", f"So is this {'abcd'[number]}."),
                Line(200, 20, f"- {number + 7} -"),
            ]
            for number in range(4)
        ]
        document = printed(tmp_path, *pages)
        assert paragraphs(document) == [f"What page {n} says is its own. So is this {'abcd'[n]}." for n in range(4)]

    def test_roman_numbers_of_pages_go(self, tmp_path: Path) -> None:
        pages = [[*text(f"Words of {number}."), Line(200, 20, number)] for number in ("iii", "iv", "v")]
        assert paragraphs(printed(tmp_path, *pages)) == ["Words of iii.", "Words of iv.", "Words of v."]

    def test_a_sentence_stays_however_often_it_stands_there(self, tmp_path: Path) -> None:
        said = "I will say this on each and every page."
        pages = [[Line(40, 570, said), *text(f"What is on {number}.")] for number in "abcd"]
        assert printed(tmp_path, *pages).text.count(said) == 4

    def test_numbers_that_do_not_count_pages_stay(self, tmp_path: Path) -> None:
        pages = [[*text("The result of the count:"), Line(200, 20, number)] for number in ("412", "77", "1080")]
        assert "1080" in printed(tmp_path, *pages).text

    def test_a_page_alone_loses_nothing(self, tmp_path: Path) -> None:
        assert paragraphs(printed(tmp_path, [Line(40, 570, "A head"), *text("Words."), Line(200, 20, "1")])) == [
            "A head",
            "Words.",
            "1",
        ]


class TestWhatItStates:
    @pytest.mark.parametrize(
        ("info", "given"),
        [
            ("/Title(Ferry to keep its night service)/Author(Anna Brandt)", {"title", "author"}),
            ("/Title(Microsoft Word - ferry3 final.doc)/Author(typist)", set()),
            ("/Title(Another template)/Author(Bo Lee)", set()),
            ("/Title(ferry)/CreationDate(D:20190503120000Z)", set()),
        ],
    )
    def test_title_and_author_are_taken_where_the_page_shows_them_and_its_date_never(
        self, tmp_path: Path, info: str, given: set[str]
    ) -> None:
        page = [*text("Ferry to keep its night service", y=530, size=16), *text("By Anna Brandt", "", "It stays.")]
        assert set(printed(tmp_path, page, info=info).given) == given

    def test_credits_are_read_and_pages_are_kept_with_the_article(self, tmp_path: Path) -> None:
        said = (
            "The minister said on Friday that the night ferry stays for as long as there is anybody at all who takes it"
        )
        page = [
            *text("Ferry to keep its night service", y=530, size=16),
            *text("By Anna Brandt, 3 May 2019"),
            *text(said[:54], said[55:] + ".", y=460),
        ]
        article = prepare(printed(tmp_path, page, text("The second page.")))
        assert (article.title, article.author, article.published) == (
            "Ferry to keep its night service",
            "Anna Brandt",
            "2019-05-03",
        )
        assert article.pages == (article.text.index("The second"),)

    def test_a_sidecar_wins(self, tmp_path: Path) -> None:
        put(tmp_path, "a.meta.yaml", "published: 2019-05-03\ntitle: Mine")
        assert printed(tmp_path, text("Words.")).given == {"published": "2019-05-03", "title": "Mine"}


class TestBroken:
    def test_pictures_alone_are_refused_by_name(self, tmp_path: Path) -> None:
        assert "has no text, only pictures; run OCR" in refusal(put(tmp_path, "a.pdf", pdf([[]])))

    @pytest.mark.parametrize("data", [b"", b"no PDF", b"%PDF-1.7\n", bytes(range(256)) * 9])
    def test_what_is_no_pdf_is_refused(self, tmp_path: Path, data: bytes) -> None:
        assert "is no PDF" in refusal(put(tmp_path, "a.pdf", data))

    def test_pages_that_loop_are_survived(self, tmp_path: Path) -> None:
        data = pdf([text("Words.")]).replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]")
        path = put(tmp_path, "a.pdf", data)
        assert "a.pdf: " in refusal(path)

    def test_one_that_is_cut_off_gives_an_error_or_what_is_there(self, tmp_path: Path) -> None:
        whole = pdf([text(f"Words of page {number}.") for number in range(9)])
        for share in (0.2, 0.5, 0.9):
            path = put(tmp_path, f"{share}.pdf", whole[: int(share * len(whole))])
            try:
                assert "Words of page" in one(path).text
            except AssertionError:
                assert "PDF" in refusal(path) or "no text" in refusal(path)
