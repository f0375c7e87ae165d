"""The pages over the seeds: what readers are told of who says what, without script."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest

from retrieval import Archive
from retrieval.cite import anchor
from service.app import create_app
from service.links import article_path
from service.settings import Settings
from service.wording import example
from tests.service.conftest import served
from tests.service.test_pages import Page, ask, page_of, words

CONFERENCE = "000_b682cbc5f710ac7c"
CASELOADS = "what did Loughton say about caseloads?"
SAID = "I don’t think that [maximum caseloads] would work because every caseload is different,"


@pytest.fixture(scope="module")
def client(seeds: Archive) -> Iterator[httpx.Client]:
    with served(create_app(seeds, Settings())) as connected:
        yield connected


def hrefs(page: Page) -> list[str]:
    return [str(found["href"]) for found in page.attributes("a")]


def removals(page: Page) -> dict[str, dict[str, str]]:
    """By what a chip says, what the address asks for that leaves it out."""
    return {
        re.sub("^Ask again without “|”$", "", str(found["aria-label"])): dict(
            parse_qsl(urlsplit(str(found["href"])).query, keep_blank_values=True)
        )
        for found in page.attributes("a")
        if str(found.get("aria-label")).startswith("Ask again")
    }


# The portal


def test_the_portal_offers_questions_that_it_answers_and_those_who_are_quoted(
    client: httpx.Client, seeds: Archive
) -> None:
    page = page_of(client, "/")
    offered = [example(speaker.name, topic) for speaker, topic in seeds.examples()]
    assert offered
    assert set(offered) <= set(page.all("bdi"))
    for question in offered:
        link = f"/ask?q={quote(question, safe='').replace('%20', '+')}"
        assert link in hrefs(page)
        assert not page_of(client, link).all("p", **{"class": "why"})
    assert "/speakers/Tim%20Loughton" in hrefs(page)
    assert "Community Care" in page.all("bdi")
    assert "5 articles, March 2010 to February 2011" in page.all("p")


def test_the_form_stands_inside_the_widget_and_needs_it_not(client: httpx.Client) -> None:
    page = page_of(client, "/")
    (within,) = page.all("archive-ask")
    assert "Ask who said what" in within
    assert [found for found in page.attributes("script") if found["src"] == "/widget/1/ask.js"] == [
        {"defer": None, "src": "/widget/1/ask.js"}
    ]


# The answer


def test_the_speaker_comes_first_and_then_the_words_and_where_they_stand(client: httpx.Client) -> None:
    page = ask(client, CASELOADS)
    assert words(page.all("h2")[0]) == "Said by Tim Loughton, children's minister"
    assert "/speakers/Tim%20Loughton" in hrefs(page)
    assert SAID in page.all("mark")[0]
    assert page.all("p", **{"class": "title"})[0].endswith("claims Loughton")
    assert words(page.all("p", **{"class": "confidence"})[0]).endswith("% likely to answer")
    assert len(page.all("blockquote")) == 10
    assert "Further passages, less likely to answer" in page.all("h2")


def test_who_is_spoken_of_is_told_from_who_speaks(client: httpx.Client) -> None:
    page = ask(client, "what did Narey say about vacancy rates?")
    headings = [words(text) for text in page.all("h2")]
    assert "Said by Martin Narey, Barnardo’s chief executive" in headings
    assert "About Martin Narey, who does not speak here" in headings
    assert "Written by Tim Loughton" in headings
    assert "The article, quoting somebody: who, is not certain" in headings
    assert "The article, quoting Tim Loughton" in headings


def test_an_abstention_says_why_and_what_could_be_asked_instead(client: httpx.Client) -> None:
    page = ask(client, "what did Narey say about vacancy rates?")
    (why,) = page.all("p", **{"class": "why"})
    assert "Martin Narey is quoted in 1 article, but as far as we can tell never on vacancy rates" in why
    assert page.all("h2")[0] == "The closest passages, which do not answer it"
    (instead,) = [href for href in hrefs(page) if "by=Tim+Loughton" in href]
    answered = page_of(client, instead)
    assert words(answered.all("li", **{"class": "chip"})[0]) == "by Tim Loughton×"


def test_each_piece_of_what_was_asked_can_be_left_out(client: httpx.Client) -> None:
    question = "what did Loughton say about caseloads in October 2010?"
    without = removals(ask(client, question))
    dates = {"published_from": "2010-10-01", "published_to": "2010-10-31"}
    assert without == {
        "by Tim Loughton": {"q": question, "about": "caseloads", **dates},
        "about caseloads": {"q": question, "by": "Tim Loughton", **dates},
        "1 October 2010 to 31 October 2010": {"q": question, "by": "Tim Loughton", "about": "caseloads"},
    }
    left = ask_with(client, **without["1 October 2010 to 31 October 2010"])
    assert [words(text) for text in left.all("li", **{"class": "chip"})] == [
        "by Tim Loughton×", "about caseloads×", "any date",
    ]  # fmt: skip
    # Nothing would be left to ask.
    assert removals(ask_with(client, q=question, by="Tim Loughton", about="")) == {}


def test_what_was_asked_can_be_changed_in_a_form_of_which_much_may_be_left_empty(client: httpx.Client) -> None:
    page = ask(client, CASELOADS)
    fields = {found["name"]: found.get("value") for found in page.attributes("input")[1:]}
    assert fields == {
        "q": CASELOADS, "by": "Tim Loughton", "about": "caseloads", "published_from": "", "published_to": "",
    }  # fmt: skip
    changed = ask_with(client, q=CASELOADS, by="Martin Narey", about=" care ", published_from="", published_to="2010")
    chips = [words(text) for text in changed.all("li", **{"class": "chip"})]
    assert chips == ["by Martin Narey×", "about care×", "up to 2010×"]
    unread = ask_with(client, q=CASELOADS, by="", about="", published_from="", published_to="")
    assert "by Tim Loughton×" in [words(text) for text in unread.all("li", **{"class": "chip"})]


def test_filters_in_the_address_show_stay_and_can_be_left_out(client: httpx.Client) -> None:
    asked = {"q": "caseloads?", "publisher": "CYP Now", "author": "Neil Puffett", "speaker": "Loughton"}
    page = ask_with(client, **asked)
    chips = [words(text) for text in page.all("li", **{"class": "chip"})]
    assert {"only what Loughton says×", "only from CYP Now×", "only by the author Neil Puffett×"} <= set(chips)
    assert removals(page)["only from CYP Now"] == {name: value for name, value in asked.items() if name != "publisher"}
    hidden = [found for found in page.attributes("input") if found.get("type") == "hidden"]
    assert {(found["name"], found["value"]) for found in hidden} >= {("publisher", "CYP Now"), ("speaker", "Loughton")}


def test_what_others_add_to_an_address_is_passed_over(client: httpx.Client) -> None:
    assert page_of(client, "/ask?q=care&utm_source=newsletter").all("blockquote")
    assert page_of(client, f"/articles/{CONFERENCE}?fbclid=x").all("h1")


@pytest.mark.parametrize("query", ["q=care&published_from=soon", "q=care&by=%00", "q=care&about=" + "x" * 501])
def test_what_cannot_be_asked_gets_a_page_that_says_so(client: httpx.Client, query: str) -> None:
    assert page_of(client, f"/ask?{query}", 422).all("p", **{"class": "refusal"})


def ask_with(client: httpx.Client, **said: str) -> Page:
    response = client.get("/ask", params=said)
    assert response.status_code == 200
    return Page(response.text)


# An article


def test_the_words_that_the_reader_came_for_are_marked_and_can_be_cited(client: httpx.Client, seeds: Archive) -> None:
    text = seeds.article(CONFERENCE).article.text
    start = text.index(SAID)
    end = start + len(SAID)
    page = page_of(client, f"/articles/{CONFERENCE}?version=1&start={start}&end={end}")
    assert page.all("mark", id=anchor(1, start, end)) == [SAID]
    formats = {str(found["aria-label"]): text for (name, found), text in named(page, "pre")}
    assert formats["Text"].startswith(f"“{SAID}” — Conservative Conference 2010")
    host = client.base_url.netloc.decode()
    assert f"http://{host}/articles/{CONFERENCE}?version=1&start={start}&end={end}#v1-{start}-{end}" in formats["Text"]
    files = [href for href in hrefs(page) if "/citation?" in href and f"start={start}" in href]
    assert len(files) == 4
    for href, written in zip(files, list(formats.values()), strict=True):
        answer = client.get(href)
        assert answer.text.strip() == written.strip()
        assert answer.headers["content-disposition"].startswith('attachment; filename="citation.')
        assert answer.headers["x-content-type-options"] == "nosniff"


def named(page: Page, tag: str) -> list[tuple[tuple[str, dict[str, str | None]], str]]:
    """The last of each label: those of the passage come after those of the article."""
    return [pair for pair in zip(page.elements, page.texts, strict=True) if pair[0][0] == tag]


def test_a_passage_that_was_cited_is_the_target_and_not_marked_twice(client: httpx.Client, seeds: Archive) -> None:
    passage = seeds.passages(seeds.article(CONFERENCE))[2]
    name = anchor(1, passage.start, passage.end)
    page = page_of(client, f"/articles/{CONFERENCE}?version=1&start={passage.start}&end={passage.end}")
    assert page.all("div", id=name) == [passage.text]
    assert [found.get("id") for _, found in page.elements].count(name) == 1


def test_an_article_is_whole_to_the_letter_with_and_without_marks(client: httpx.Client, seeds: Archive) -> None:
    for stored in seeds.articles()[0]:
        passages = seeds.passages(seeds.article(stored.article.id))
        plain = page_of(client, article_path(stored.article.id))
        marked = page_of(client, f"{article_path(stored.article.id)}?quotes=1")
        for passage in passages:
            name = anchor(1, passage.start, passage.end)
            assert plain.all("div", id=name) == [passage.text]
            (text,) = marked.all("div", id=name)
            labels = [label for label in marked.all("span", **{"class": "by"}) if label in text]
            assert len(text) >= len(passage.text) + sum(map(len, labels[:1]))


def test_quotations_are_marked_on_request_with_who_says_them_and_where_they_end(client: httpx.Client) -> None:
    path = f"/articles/{CONFERENCE}"
    plain = page_of(client, path)
    assert not plain.all("span", **{"class": "by"})
    (toggle,) = [found["href"] for found in plain.attributes("a") if found.get("id") == "marks"]
    assert toggle == f"{path}?quotes=1#text"
    page = page_of(client, str(toggle))
    labels = page.all("span", **{"class": "by"})
    assert {"Tim Loughton: ", "Tim Loughton, reported: ", "Martin Narey: "} <= set(labels)
    ends = page.all("span", **{"class": "by unseen"})
    assert len(ends) == len(labels)
    assert set(ends) == {" (end of quotation)", " (end of report)"}
    assert f'Tim Loughton: "{SAID}" (end of quotation)' in page.texts


def test_those_quoted_in_an_article_lead_to_all_that_they_said(client: httpx.Client) -> None:
    page = page_of(client, f"/articles/{CONFERENCE}")
    assert {"/speakers/Tim%20Loughton", "/speakers/Martin%20Narey"} <= set(hrefs(page))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("start=5", 422), ("start=5&end=4", 422), ("start=0&end=99999999", 422), ("start=-1&end=4", 422),
        ("start=x&end=4", 422), ("version=9", 404), ("format=docx", 422), ("version=0", 422),
    ],
)  # fmt: skip
def test_a_citation_that_cannot_be_is_refused_on_a_page(client: httpx.Client, query: str, status: int) -> None:
    assert page_of(client, f"/articles/{CONFERENCE}/citation?{query}", status).all("p", **{"class": "refusal"})


@pytest.mark.parametrize(
    ("written", "media_type", "begins"),
    [
        ("text", "text/plain; charset=utf-8", "Conservative Conference 2010"),
        ("markdown", "text/markdown; charset=utf-8", "[Conservative Conference 2010"),
        ("bibtex", "application/x-bibtex; charset=utf-8", "@misc{puffett2010conservative,"),
        ("ris", "application/x-research-info-systems; charset=utf-8", "TY  - NEWS\r\nAU  - Puffett, Neil\r\n"),
    ],
)
def test_an_article_is_cited_in_every_format(client: httpx.Client, written: str, media_type: str, begins: str) -> None:
    answer = client.get(f"/articles/{CONFERENCE}/citation?format={written}")
    assert answer.headers["content-type"] == media_type
    assert answer.text.startswith(begins)


def test_a_host_that_is_none_gets_into_no_citation(client: httpx.Client) -> None:
    path = f"/articles/{CONFERENCE}/citation?format=text"
    answer = client.get(path, headers={"host": 'x"<script>'})
    assert answer.status_code in (400, 401) or "script" not in answer.text


# Speakers


def test_speakers_are_listed_and_searched_by_how_their_names_begin(client: httpx.Client) -> None:
    page = page_of(client, "/speakers")
    assert page.all("p", **{"class": "person"})[0] == "Tim Loughton"
    found = page_of(client, "/speakers?prefix=nar")
    assert found.all("p", **{"class": "person"}) == ["Martin Narey"]
    assert found.attributes("input")[0]["value"] == "nar"
    nobody = page_of(client, "/speakers?prefix=%3Cb%3E")
    assert "<b>" in nobody.all("bdi")
    assert not page_of(client, "/speakers?offset=1000").all("p", **{"class": "person"})


def test_a_speakers_page_has_all_they_said_each_with_where_it_stands(client: httpx.Client, seeds: Archive) -> None:
    page = page_of(client, "/speakers/loughton")
    assert page.all("h1") == ["Tim Loughton"]
    offices = [words(text) for text in page.all("ul", **{"aria-label": "Offices"})[0].strip().split("\n")]
    assert offices == ["Children's minister October 2010", "shadow children’s secretary March 2010"]
    record = seeds.record("Tim Loughton")
    said = [one for found in record.articles for one in found.statements]
    assert sorted(" ".join(page.all("b")).split()) == sorted(" ".join(one.text for one in said).split())
    for one in said:
        assert one.citation.link in hrefs(page)
    assert [words(text) for text in page.all("h2")] == ["2011", "2010", "Undated"]
    assert [href for href in hrefs(page) if "#year" in href] == [
        "?offset=0#year-2011",
        "?offset=0#year-2010",
        "?offset=0#year-unknown",
    ]


def test_what_is_quoted_is_told_from_what_is_reported_and_from_what_they_wrote(client: httpx.Client) -> None:
    page = page_of(client, "/speakers/Tim%20Loughton")
    for manner, told in (("direct", "Quoted"), ("reported", "Reported"), ("own", "As the author")):
        statements = page.all("li", **{"class": f"statement {manner}"})
        assert statements
        assert all(told in text for text in statements)


@pytest.mark.parametrize("path", ["/speakers/Nobody", "/speakers/a%2Fb", "/speakers/%3Cscript%3E", "/speakers/"])
def test_whoever_is_not_quoted_has_a_page_that_says_so_and_leads_on(client: httpx.Client, path: str) -> None:
    page = page_of(client, path, 404)
    assert page.all("h1") == ["Not found"]
    assert "/speakers" in hrefs(page)


def test_a_record_is_to_be_had_as_json(client: httpx.Client, seeds: Archive) -> None:
    answer = client.get("/v1/speakers/narey", params={"limit": 1})
    told = answer.json()
    assert told["speaker"]["name"] == "Martin Narey"
    assert (told["total"], told["offset"], told["limit"], told["others"]) == (1, 0, 1, [])
    (article,) = told["articles"]
    assert article["id"] == CONFERENCE
    for one in article["statements"]:
        cited = one["citation"]
        assert seeds.article(CONFERENCE).article.text[cited["start"] : cited["end"]] == one["text"]
    known = {"if-none-match": answer.headers["etag"]}
    assert client.get("/v1/speakers/narey", params={"limit": 1}, headers=known).status_code == 304
    assert client.get("/v1/speakers/nobody").headers["content-type"] == "application/problem+json"
    assert client.get("/v1/speakers/nobody").status_code == 404


# Others


def test_where_we_are_is_told_in_the_navigation(client: httpx.Client) -> None:
    for path, name in (("/", "Ask"), ("/speakers", "Speakers"), ("/speakers/narey", "Speakers"), ("/docs", "API")):
        assert page_of(client, path).all("a", **{"aria-current": "page"}) == [name]
