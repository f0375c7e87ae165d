"""The service as a reader sees it."""

import re
from html.parser import HTMLParser
from typing import get_args
from urllib.parse import quote

import httpx
import pytest

from retrieval.archive import MAX_QUESTION
from retrieval.types import Article, Passage, Reason, StoredArticle
from service import wording
from service.links import article_path, onward, plain, web_address
from service.pages import Pages, Read, percent
from service.reading import reading
from tests.service.conftest import HARBOUR, HOSTILE, ORCHARD, UNDATED

VOID = {"meta", "link", "input", "br", "img", "hr"}
OVERRIDE = "\u202e"


class Page(HTMLParser):
    """A page, read strictly: every element that is opened is closed in its turn.

    Attributes:
        elements: Name and attributes of each element, in order.
        texts: For each element the text that it holds.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.overridden_in: list[list[str]] = []
        self._open: list[int] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self.texts.append("")
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for index in self._open:
            self.texts[index] += data
        if OVERRIDE in data:
            self.overridden_in.append([self.elements[index][0] for index in self._open])

    def all(self, tag: str, **attributes: str) -> list[str]:
        """Texts of the elements of that name with those attributes."""
        return [
            text
            for (name, found), text in zip(self.elements, self.texts, strict=True)
            if name == tag and attributes.items() <= found.items()
        ]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of the elements of that name."""
        return [found for name, found in self.elements if name == tag]


def page_of(client: httpx.Client, path: str, status: int = 200) -> Page:
    """A page of the service."""
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return Page(response.text)


def ask(client: httpx.Client, question: str) -> Page:
    """The page of a question."""
    return page_of(client, f"/ask?q={quote(question, safe='')}")


def words(text: str) -> str:
    """Text with each run of white space as one space."""
    return " ".join(text.split())


# Asking


@pytest.mark.parametrize("path", ["/", "/ask", "/ask?q=", "/ask?q=%20%0A"])
def test_the_portal_has_a_labelled_form_and_says_what_is_searched(client: httpx.Client, path: str) -> None:
    page = page_of(client, path)
    assert page.attributes("form") == [{"class": "ask", "role": "search", "action": "/ask", "method": "get"}]
    (field,) = page.attributes("input")
    assert (field["name"], field["id"]) == ("q", "q")
    assert page.all("label", **{"for": "q"}) == ["Ask who said what"]
    assert page.all("p", **{"class": "coverage"}) == ["4 articles, May 2019 to January 2021"]


def test_a_question_is_answered_with_its_source(client: httpx.Client) -> None:
    page = ask(client, "what did Okafor say about the hospital floor?")
    assert page.attributes("input")[0]["value"] == "what did Okafor say about the hospital floor?"
    assert words(page.all("h2")[0]) == "The article’s own words"
    assert "Nobody who mops a hospital floor" in page.all("mark")[0]
    assert page.all("p", **{"class": "title"})[0] == HARBOUR.title
    assert words(page.all("p", **{"class": "source"})[0]) == "The Tidewater GazetteAnna Brandt3 May 2019"


def test_the_passage_is_shown_to_the_letter(client: httpx.Client) -> None:
    question = "why are zeppelins quiet?"
    hits = client.get("/v1/ask", params={"q": question}).json()["passages"]
    assert ask(client, question).all("div", **{"class": "words"}) == [hit["text"] for hit in hits]


def test_the_link_of_a_hit_leads_to_the_passage(client: httpx.Client) -> None:
    page = ask(client, "what did Okafor say about the hospital floor?")
    href = next(found["href"] for found in page.attributes("a") if (found["href"] or "").startswith("/articles/"))
    path, _, fragment = str(href).partition("#")
    article = page_of(client, path)
    assert article.all("div", id=fragment)[0].startswith("“Nobody who mops a hospital floor")


def test_a_hit_of_the_web_links_there_and_to_the_archived_text(client: httpx.Client) -> None:
    page = ask(client, "what does an old orchard mean to beetles and bats?")
    links = [found for found in page.attributes("a") if (found["href"] or "").startswith("https://")]
    assert str(links[0]["href"]).startswith(f"{ORCHARD.url}#:~:text=An%20old%20orchard")
    assert links[0]["rel"] == "noopener nofollow"
    assert "archived text" in page.all("a")


def test_a_question_without_an_answer_says_why(client: httpx.Client) -> None:
    page = ask(client, "quantum chromodynamics lattice simulation?")
    assert page.all("p", **{"class": "why"}) == [wording.REASONS["topic_not_found"]]
    assert page.all("h2")[0] == "The closest passages, which do not answer it"
    assert not page.all("p", **{"class": "confidence"})


def test_an_empty_archive_says_so(empty: httpx.Client) -> None:
    page = ask(empty, "anything?")
    assert page.all("p", **{"class": "why"}) == [wording.REASONS["empty_archive"]]
    assert not page.all("h2")


def test_every_reason_has_its_sentence() -> None:
    assert set(get_args(Reason)) <= wording.REASONS.keys()


@pytest.mark.parametrize("query", ["q=" + "x" * (MAX_QUESTION + 1), "q=%00", "q=%ff"])
def test_a_question_that_cannot_be_asked_gets_a_page_that_says_so(client: httpx.Client, query: str) -> None:
    response = client.get(f"/ask?{query}")
    assert response.status_code in (400, 422)
    page = Page(response.text)
    assert page.all("p", **{"class": "refusal"})
    assert "xxx" not in response.text
    assert page.attributes("form")


# Articles


@pytest.mark.parametrize("article", [HARBOUR, ORCHARD, UNDATED, HOSTILE], ids=lambda article: article.published)
def test_each_passage_of_an_article_is_a_target_with_its_very_text(client: httpx.Client, article: Article) -> None:
    path = article_path(article.id)
    told = client.get(f"/v1{path}").json()
    page = page_of(client, path)
    assert told["passages"]
    for passage in told["passages"]:
        start, end = passage["start"], passage["end"]
        assert page.all("div", id=f"v{told['version']}-{start}-{end}") == [article.text[start:end]]


def test_an_article_shows_who_wrote_it_where_and_when(client: httpx.Client) -> None:
    page = page_of(client, "/articles/orchard")
    assert page.all("h1") == [ORCHARD.title]
    source = words(page.all("p", **{"class": "source"})[0])
    assert source == "Field NotesJonas LindqvistNovember 2020Where it was published"
    assert {"href": ORCHARD.url, "rel": "noopener nofollow"} in page.attributes("a")


def test_paragraphs_are_paragraphs(client: httpx.Client) -> None:
    page = page_of(client, article_path(HARBOUR.id))
    assert [text for text in page.all("p") if text in HARBOUR.text.split("\n\n")] == HARBOUR.text.split("\n\n")


def test_what_is_unknown_is_left_out(client: httpx.Client) -> None:
    page = page_of(client, "/articles/undated")
    assert page.all("h1") == ["Untitled article"]
    assert words(page.all("p", **{"class": "source"})[0]) == ""


def test_an_old_version_says_that_it_is_one(client: httpx.Client) -> None:
    page = page_of(client, "/articles/orchard?version=1")
    assert "This is version 1" in page.all("p", **{"class": "notice"})[0]
    assert page.all("div", id="v1-0-44") == ["An old orchard is a library, we wrote first."]
    assert not page_of(client, "/articles/orchard").all("p", **{"class": "notice"})


@pytest.mark.parametrize("path", ["/articles/nothing", "/articles/orchard?version=7", "/articles/a%2Fb"])
def test_an_article_that_is_not_there_gets_a_page_that_says_so(client: httpx.Client, path: str) -> None:
    assert page_of(client, path, 404).all("h1") == ["Not found"]


def test_text_between_and_after_passages_is_shown_and_a_split_paragraph_goes_on() -> None:
    stored = StoredArticle(Article("a", "Intro.\n\nOne. Two.\n\nThree.  Rest."), 3, current=True)
    spans = [(8, 12), (13, 25)]
    passages = [Passage(1, "a", 3, start, end, stored.article.text[start:end], ()) for start, end in spans]
    blocks = reading(stored, passages).blocks
    assert [(block.anchor, block.continues) for block in blocks] == [
        (None, False),
        ("v3-8-12", False),
        ("v3-13-25", True),
        (None, False),
    ]
    split = [("".join(run.text for run in piece.runs), piece.is_paragraph) for piece in blocks[2].pieces]
    assert split == [("Two.", True), ("\n\n", False), ("Three.", True)]
    shown = [run.text for block in blocks for piece in block.pieces for run in piece.runs]
    assert " ".join(shown).split() == stored.article.text.split()


# Safety


@pytest.mark.parametrize(
    "path",
    [
        article_path(HOSTILE.id),
        "/ask?q=zeppelin+museum",
        "/ask?q=" + quote(f"zeppelin\"><script>alert('question')</script>{OVERRIDE}", safe=""),
        "/articles/%3Cscript%3Ealert(1)",
        "/docs",
    ],
)
def test_nothing_from_outside_becomes_markup(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    page = Page(response.text)
    names = {name for name, _ in page.elements}
    assert not names & {"img", "b", "i", "iframe", "style", "object"}
    assert {found["src"] for found in page.attributes("script")} <= {"/static/site.js", "/widget/1/ask.js"}
    assert not any(page.all("script"))
    for name, attributes in page.elements:
        assert not any(attribute.startswith("on") or attribute == "style" for attribute in attributes), name
        for attribute in ("href", "src", "action"):
            assert "javascript:" not in (attributes.get(attribute) or "")


@pytest.mark.parametrize("path", [article_path(HOSTILE.id), "/ask?q=zeppelin+museum"])
def test_an_override_of_the_direction_stays_where_it_is(client: httpx.Client, path: str) -> None:
    page = page_of(client, path)
    isolated = [set(names) & {"bdi", "p", "h1", "pre"} for names in page.overridden_in]
    assert all(isolated)
    assert not any("title" in names for names in page.overridden_in)


def test_hostile_values_are_shown_as_they_are(client: httpx.Client) -> None:
    page = page_of(client, article_path(HOSTILE.id))
    assert page.all("h1") == [HOSTILE.title]
    assert {HOSTILE.author, HOSTILE.publisher} <= set(page.all("bdi"))
    assert "Where it was published" not in page.all("a")


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
        "//x",
        "/x", "http:x", "http://[::1", "ftp://x/", "JAVASCRIPT:alert(1)", "vbscript:x", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_only_an_address_of_the_web_becomes_a_link(url: str | None) -> None:
    assert web_address(url) is None
    assert url is None or url == "/x" or onward(url) is None


def test_small_words() -> None:
    assert [percent(value) for value in (0.0, 0.004, 0.5, 0.934, 0.9999, 1.0)] == [
        "1%", "1%", "50%", "93%", "99%", "99%",
    ]  # fmt: skip
    assert plain(f"a{OVERRIDE}b\u2066c\u200fd") == "abcd"
    assert article_path("a/b ?#é") == "/articles/a%2Fb%20%3F%23%C3%A9"


# The other pages


def test_the_documentation_needs_no_network_and_lists_every_operation(client: httpx.Client) -> None:
    page = page_of(client, "/docs")
    assert [found["href"] for found in page.attributes("link")] == ["/static/icon.svg", "/static/site.css"]
    assert len(page.all("section")) == 20
    assert "POST /v1/ask" in page.all("h2")
    assert any('"question": "what did Loughton say about caseloads?"' in text for text in page.all("pre"))


def test_the_style_sheet_is_served(client: httpx.Client) -> None:
    response = client.get("/static/site.css")
    assert response.headers["content-type"].startswith("text/css")
    assert ":target" in response.text
    assert "url(" not in response.text


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_the_contrast_that_wcag_asks_for(client: httpx.Client, scheme: int) -> None:
    css = client.get("/static/site.css").text.split(":root {")[scheme + 1]
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))
    for text, ground in [
        ("ink", "paper"), ("faint", "paper"), ("link", "paper"), ("paper", "link"), ("mark-ink", "mark"),
        ("ink", "target"), ("link", "target"), ("ink", "raised"), ("faint", "raised"), ("link", "raised"),
        ("tone-1", "paper"), ("tone-2", "paper"), ("tone-3", "paper"), ("tone-4", "paper"), ("faint", "target"),
        ("tone-1", "target"), ("tone-2", "target"), ("tone-3", "target"), ("tone-4", "target"),
    ]:  # fmt: skip
        assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    for edge in ("field", "target-edge"):
        assert contrast(colour[edge], colour["paper"]) >= 3, edge


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a colour, WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_pages_render_without_a_service() -> None:
    stored = StoredArticle(ORCHARD, 1, current=True)
    assert Page(Pages().article(Read(stored, []))).all("h1") == [ORCHARD.title]
