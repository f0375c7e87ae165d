"""What a visitor reads in an answer, and what can be done with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.answers import QUESTION, Json, answer, citation, passage, unanswered
from tests.browser.conftest import Service, Visits, answering

_ASK = "(question) => document.querySelector('archive-ask').ask(question)"
LOUGHTON = "what did Loughton say about caseloads?"


def ask(page: Page, question: str = QUESTION) -> None:
    page.evaluate(_ASK, question)


def reading(**changed: Any) -> Json:
    found: Json = {"speakers": ["Ines Okafor"], "topic": "the ferry", "published_from": None, "published_to": None}
    return found | changed


def chips(page: Page) -> list[str]:
    return page.locator("[part=chip]").all_text_contents()


class Asked:
    """What was asked of the service, beside a page."""

    def __init__(self, page: Page) -> None:
        self.bodies: list[Json] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST":
            self.bodies.append(request.post_data_json or {})

    @property
    def last(self) -> Json:
        return self.bodies[-1]


@contextmanager
def asking(page: Page) -> Iterator[None]:
    """What is done within asks a question; afterwards it has been answered."""
    with page.expect_response("**/v1/ask"):
        yield
    expect(page.locator("archive-ask")).to_have_js_property("state", "results")


def test_a_result_says_who_said_what_where_and_when_in_this_order(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(max_results="1"))
    page = seen.page
    ask(page, LOUGHTON)
    article = page.locator("section > ol > li > article")
    lines = [line for line in article.inner_text().split("\n") if line]
    assert lines[0] == "Tim Loughton, children's minister"
    assert lines[1].endswith("% likely to answer")
    assert lines[2].startswith('"I don’t think that [maximum caseloads] would work')
    title = "Conservative Conference 2010: Maximum caseload limits will not improve child protection, claims Loughton"
    assert lines[-2:] == [f"{title} · CYP Now · Neil Puffett · 4 October 2010", "Copy citation"]

    told = page.evaluate("() => document.querySelector('archive-ask').results.passages[0]")
    link = service.origin + told["citation"]["link"]
    expect(article).to_have_accessible_name(f"Tim Loughton, children's minister {title}")
    expect(article.locator("> h3 > a")).to_have_attribute("href", link)
    expect(article.locator("> blockquote")).to_have_attribute("cite", link)
    expect(article.locator("time")).to_have_attribute("datetime", "2010-10-04")
    assert article.locator("blockquote").text_content() == told["text"]
    marked = [segment["text"] for segment in told["segments"] if segment["highlight"]]
    assert article.locator("mark").all_text_contents() == marked
    expect(page.locator("[part=heading]")).to_have_text("1 passage")
    expect(page.locator("[part=coverage]")).to_have_text("5 articles, March 2010 to February 2011")
    assert chips(page) == ["by Tim Loughton×", "about caseloads×", "any date"]
    expect(page.get_by_role("link", name="Open in the archive")).to_have_attribute(
        "href", f"{service.origin}/ask?q=what+did+Loughton+say+about+caseloads%3F"
    )
    # The heading leads to the very passage.
    page.locator("h3 a").click()
    expect(page.locator(":target")).to_contain_text("I don’t think that [maximum caseloads] would work")


def test_who_said_it_who_wrote_it_and_whom_it_is_about_are_told_apart(visit: Visits, service: Service) -> None:
    name = "Ines Okafor"
    relations: list[tuple[Json | None, str, str]] = [
        (
            {"relation": "said_by", "name": name, "office": "head of the ferries"},
            f"{name}, head of the ferries",
            "speaker",
        ),
        ({"relation": "said_by", "name": name, "office": None}, name, "speaker"),
        ({"relation": "written_by", "name": name, "office": None}, f"{name}, as the author", "speaker"),
        ({"relation": "about", "name": name, "office": None}, f"About {name}", "speaker about"),
        (None, "Harbour ferry to keep its night service", "speaker"),
    ]
    given = [passage(rank, attribution=who) for rank, (who, _, _) in enumerate(relations, 1)]
    untitled = passage(9, attribution=None, citation=citation(title=None, publisher=None, author=None, published=None))
    copied = passage(
        10, copies=[citation(title="One", published="2010"), citation(title="Two", publisher=None, link="x:y")]
    )
    page = visit(service.tag(), prepare=answering(answer(*given, untitled, copied))).page
    ask(page)
    headings = page.locator("h3")
    assert headings.all_text_contents()[:6] == [*(text for _, text, _ in relations), "Untitled article"]
    assert [one.get_attribute("part") for one in headings.all()[:5]] == [part for _, _, part in relations]
    expect(headings.nth(3)).to_have_css("font-style", "italic")
    # The title is the heading where there is no name, and is not said twice.
    assert page.locator("article").nth(4).locator("[part=title]").count() == 0
    expect(page.locator("article").nth(5).locator("[part=source]")).to_be_empty()
    expect(page.locator("[part=copies]")).to_have_text(
        "Also in One · The Tidewater Gazette · Anna Brandt · 2010 and Two · Anna Brandt · 3 May 2019"
    )
    assert page.locator("[part=copies] a").count() == 1


def test_a_part_of_the_archive_and_a_corrected_article_are_said_to_be_so(visit: Visits, service: Service) -> None:
    corrected = passage(citation=citation(corrected="2019-05-04"))
    page = visit(service.tag(), prepare=answering(answer(corrected, partial=True, missing_shards=[1]))).page
    ask(page)
    expect(page.locator("[part=partial]")).to_have_text("Part of the archive did not answer.")
    expect(page.get_by_role("status")).to_have_text(
        "1 passage, newest 3 May 2019 — Part of the archive did not answer."
    )
    expect(page.locator("[part=source]")).to_have_text(re.compile("· 3 May 2019 · corrected 4 May 2019$"))
    expect(page.locator("[part=corrected] time")).to_have_attribute("datetime", "2019-05-04")

    answering(unanswered("low_confidence", partial=True, missing_shards=[1]))(page)
    ask(page)
    expect(page.locator("[part=partial]")).to_be_visible()
    answering(answer())(page)
    ask(page)
    expect(page.locator("[part=partial]")).to_have_count(0)
    expect(page.locator("[part=corrected]")).to_have_count(0)


def test_an_abstention_says_why_and_offers_the_nearest_as_such(visit: Visits, service: Service) -> None:
    page = visit(service.tag("<p slot=empty>Write to the library.</p>")).page
    ask(page, "what did Narey say about vacancy rates?")
    expect(page.locator("[part=heading]")).to_have_text("No answer found")
    expect(page.locator("[part=reason]")).to_have_text(
        "Nothing in this archive answers that: Martin Narey is quoted in 1 article, but as far as we can tell never on "
        "vacancy rates, which Tim Loughton spoke of."
    )
    expect(page.locator("[part=nearest]")).to_have_text("Closest passages, none of which answers:")
    expect(page.locator("article")).to_have_count(5)
    assert page.evaluate("document.querySelector('archive-ask').state") == "no-answer"
    expect(page.get_by_text("Write to the library.")).to_be_hidden()

    two = [{"name": name, "statements": 2, "articles": count} for name, count in (("Ann Lee", 1), ("Bo Lee", 1200))]
    sentences = {
        "empty_archive": "This archive is empty.",
        "outside_dates": "This archive holds nothing published between these dates.",
        "speaker_not_found": "Nothing in this archive answers that: nobody of that name is quoted in it.",
        "of a later service": "Nothing in this archive answers that.",
        "speaker_not_quoted_on_topic": "Nothing in this archive answers that: Ann Lee is quoted in 1 article and "
        "Bo Lee is quoted in 1,200 articles, but as far as we can tell never on the ferry.",
    }
    for reason, sentence in sentences.items():
        answering(unanswered(reason, passages=[], asked_for=two))(page)
        ask(page)
        expect(page.locator("[part=reason]")).to_have_text(sentence)
    assert page.evaluate("document.querySelector('archive-ask').state") == "empty"
    expect(page.locator("[part=nearest]")).to_have_count(0)
    expect(page.get_by_text("Write to the library.")).to_be_visible()


def test_chips_are_removed_and_changed_and_ask_the_service_again(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(max_results="1"))
    page, asked = seen.page, Asked(seen.page)
    ask(page, LOUGHTON)
    edit = page.locator("[part=chip-edit]")

    page.get_by_role("button", name="Remove: by Tim Loughton").click()
    expect(edit).to_have_text(["by anyone", "about caseloads", "any date"])
    assert asked.last["question"] == LOUGHTON
    assert asked.last["read_as"] == {"speakers": [], "topic": "caseloads"}
    # Without it nothing would be asked.
    expect(page.get_by_role("button", name="Remove: about caseloads")).to_have_count(0)

    page.get_by_role("button", name="by anyone, change").click()
    page.get_by_label("By", exact=True).fill("Narey")
    page.get_by_role("button", name="Apply").click()
    expect(edit).to_have_text(["by Martin Narey", "about caseloads", "any date"])
    assert asked.last["read_as"] == {"speakers": ["Narey"], "topic": "caseloads"}

    page.get_by_role("button", name="any date, change").click()
    page.get_by_label("From", exact=True).fill("2010-12-31")
    page.get_by_label("To", exact=True).fill("2010-03-01")
    page.get_by_label("To", exact=True).press("Enter")
    expect(edit.last).to_have_text("1 March 2010 to 31 December 2010")
    assert asked.last["filters"] == {"published_from": "2010-03-01", "published_to": "2010-12-31"}
    assert asked.last["read_as"] == {"speakers": ["Martin Narey"], "topic": "caseloads"}
    expect(page.get_by_role("link", name="Open in the archive")).to_have_attribute(
        "href",
        f"{service.origin}/ask?q=what+did+Loughton+say+about+caseloads%3F&about=caseloads&published_from=2010-03-01"
        "&published_to=2010-12-31&by=Martin+Narey",
    )
    page.get_by_role("button", name="Remove: 1 March 2010 to 31 December 2010").click()
    expect(edit.last).to_have_text("any date")
    assert asked.last["filters"] == {}
    assert seen.wrong() == []


def test_dates_of_a_month_or_a_year_are_edited_as_their_first_and_last_day(visit: Visits, service: Service) -> None:
    cases = {
        ("2010", "2010"): ("2010", "2010-01-01", "2010-12-31"),
        ("2010-10", "2012-02"): ("October 2010 to February 2012", "2010-10-01", "2012-02-29"),
        ("2010-10-04", None): ("from 4 October 2010", "2010-10-04", ""),
        (None, "2011"): ("up to 2011", "", "2011-12-31"),
    }
    page = visit(service.tag()).page
    for (first, last), (said, start, end) in cases.items():
        answering(answer(interpretation=reading(published_from=first, published_to=last)))(page)
        ask(page)
        page.get_by_role("button", name=f"{said}, change").click()
        expect(page.get_by_label("From", exact=True)).to_have_value(start)
        expect(page.get_by_label("To", exact=True)).to_have_value(end)


def test_of_two_speakers_each_is_removed_by_itself(visit: Visits, service: Service) -> None:
    two = answer(interpretation=reading(speakers=["Ann Lee", "Bo Lee"], topic="", published_from="2010-10"))
    seen = visit(service.tag(), prepare=answering(two))
    page, asked = seen.page, Asked(seen.page)
    ask(page)
    assert chips(page) == ["by Ann Lee×", "by Bo Lee×", "about anything", "from October 2010×"]
    with asking(page):
        page.get_by_role("button", name="Remove: by Ann Lee").click()
    assert asked.last["read_as"] == {"speakers": ["Bo Lee"], "topic": ""}
    assert asked.last["filters"] == {"published_from": "2010-10"}
    page.get_by_role("button", name="by Bo Lee, change").click()
    page.get_by_label("By", exact=True).fill("Cy Lee")
    with asking(page):
        page.get_by_label("By", exact=True).press("Enter")
    assert asked.last["read_as"] == {"speakers": ["Ann Lee", "Cy Lee"], "topic": ""}


def test_filters_of_the_page_are_shown_and_cannot_be_taken_off(visit: Visits, service: Service) -> None:
    filters = '{"speaker": "Martin Narey", "published_from": "2010"}'
    seen = visit(service.tag(filters=filters, max_results="1"))
    page, asked = seen.page, Asked(seen.page)
    ask(page, "what about caseloads and children?")
    expect(page.locator("[part=chip]")).to_have_count(3)
    assert chips(page)[0] == "by Martin Narey"
    assert chips(page)[2] == "from 2010"
    expect(page.locator("[part=chip-edit]")).to_have_count(1)
    page.locator("[part=chip-edit]").click()
    page.get_by_label("About", exact=True).fill("children")
    page.get_by_label("About", exact=True).press("Enter")
    expect(page.locator("[part=chip]").nth(1)).to_contain_text("about children")
    assert asked.last["filters"] == {"speaker": "Martin Narey", "published_from": "2010"}
    assert page.locator("[part=reason], [part=result]").count()


def test_a_citation_is_copied_or_shown_to_be_copied(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(max_results="1"), permissions=["clipboard-read", "clipboard-write"])
    page = seen.page
    page.evaluate("() => { window.copies = []; addEventListener('ask-copy', ({ detail }) => copies.push(detail)) }")
    ask(page, LOUGHTON)
    link = page.locator("h3 a").get_attribute("href")
    marked = page.locator("mark").first.text_content()
    wanted = (
        f"“{marked}” — Conservative Conference 2010: Maximum caseload limits will not improve child protection, "
        f"claims Loughton, Neil Puffett, CYP Now, 4 October 2010, {link}"
    )
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_role("button", name="Citation copied")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Citation copied")
    assert page.evaluate("navigator.clipboard.readText()") == wanted

    # As on a page without HTTPS.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("[part=copy]").click()
    field = page.locator("textarea")
    expect(field).to_have_value(wanted)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("readonly", "true")
    expect(page.locator("[part=copied]")).to_contain_text("Nothing was copied")
    assert page.evaluate(
        "(({ selectionStart, selectionEnd }) => selectionEnd - selectionStart)"
        "(document.activeElement.shadowRoot.activeElement)"
    ) == len(wanted)
    assert page.evaluate("copies") == [{"rank": 1, "articleId": "000_b682cbc5f710ac7c"}] * 2

    # A quotation is not put into quotation marks twice, and pieces of it are told apart.
    for segments, quoted in (
        ([("“Stay,”", True), (" she said.", False)], "“Stay,” — "),
        ([("It\n\n stays. ", True), ("So what? ", False), (" It does.", True)], "“It stays. … It does.” — "),
    ):
        cut = [{"text": text, "highlight": highlight} for text, highlight in segments]
        answering(answer(passage(segments=cut)))(page)
        ask(page)
        page.locator("[part=copy]").click()
        assert field.input_value().startswith(quoted)
    assert seen.wrong() == []


def test_thumbs_send_a_verdict_that_a_later_one_replaces(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(feedback=""), prepare=answering(answer(passage(), passage(2))))
    page, asked = seen.page, Asked(seen.page)
    status = 204
    page.route(
        "**/v1/feedback",
        lambda route: route.fulfill(status=status, headers={"Access-Control-Allow-Origin": "*"}),
    )
    page.evaluate("() => { window.votes = []; addEventListener('ask-feedback', ({ detail }) => votes.push(detail)) }")
    ask(page)
    helpful, unhelpful = page.locator("[part=helpful]").nth(1), page.locator("[part=unhelpful]").nth(1)
    pressed: list[tuple[Any, Any]] = []
    for button in (helpful, unhelpful, unhelpful):
        with page.expect_response("**/v1/feedback"):
            button.click()
        pressed.append((helpful.get_attribute("aria-pressed"), unhelpful.get_attribute("aria-pressed")))
    assert pressed == [("true", "false"), ("false", "true"), ("false", "false")]
    sent = asked.bodies[1:]
    assert [one["verdict"] for one in sent] == ["helpful", "unhelpful", "none"]
    assert {(one["query_id"], one["passage_id"]) for one in sent} == {
        ("0123456789abcdef0123456789abcdef", "harbour:1:2")
    }
    (vote_id,) = {one["vote_id"] for one in sent}
    assert 16 <= len(vote_id) <= 64
    assert page.evaluate("votes") == [{"rank": 2, "verdict": one["verdict"]} for one in sent]

    with page.expect_response("**/v1/feedback"):
        page.locator("[part=helpful]").first.click()
    assert asked.last["vote_id"] != vote_id
    status = 429
    unhelpful.click()
    expect(page.get_by_role("status")).to_have_text("That could not be sent.")
    expect(unhelpful).to_have_attribute("aria-pressed", "false")

    answering(unanswered("low_confidence"))(page)
    ask(page)
    status = 204
    page.locator("[part=actions]").first.locator("[part=unhelpful]").click()
    expect(page.get_by_role("status")).to_have_text("Thank you, noted.")
    assert asked.last["passage_id"] is None
    assert page.evaluate("votes.at(-1)") == {"rank": None, "verdict": "unhelpful"}


@pytest.mark.parametrize(("level", "tags"), [(None, "h2 h3"), ("3", "h3 h4"), ("9", "h5 h6"), ("x", "h2 h3")])
def test_headings_have_the_level_that_the_page_gives_them(
    visit: Visits, service: Service, level: str | None, tags: str
) -> None:
    given = {} if level is None else {"heading_level": level}
    page = visit(service.tag(**given), prepare=answering(answer())).page
    ask(page)
    outer, inner = (
        page.locator(f"{tag}[part~={part}]") for tag, part in zip(tags.split(), ("heading", "speaker"), strict=True)
    )
    expect(outer).to_have_text("1 passage")
    expect(inner).to_have_text("Ines Okafor, head of the ferry company")


def test_events_tell_what_happens_and_not_what_was_asked_and_can_be_cancelled(visit: Visits, service: Service) -> None:
    elsewhere = passage(citation=citation(link=f"{service.origin}/docs"))
    seen = visit(f"<div id=around>{service.tag()}</div>", prepare=answering(answer(elsewhere)))
    page, asked = seen.page, Asked(seen.page)
    page.evaluate(
        """() => {
            window.events = []; window.cancelled = '';
            for (const name of ['ask-submit', 'ask-results', 'ask-result-click'])
                around.addEventListener(name, (event) => {
                    events.push([name, event.detail, event.cancelable, event.target.localName, event.composed]);
                    if (name === cancelled) event.preventDefault();
                });
        }"""
    )
    page.evaluate("cancelled = 'ask-submit'")
    ask(page)
    assert page.evaluate("[events, document.querySelector('archive-ask').state]") == [
        [["ask-submit", {}, True, "archive-ask", True]],
        "idle",
    ]
    assert asked.bodies == []

    page.evaluate("cancelled = 'ask-result-click'")
    ask(page)
    ((name, detail, cancelable, _, _),) = page.evaluate("events.slice(2)")
    assert (name, cancelable, detail.pop("ms") >= 0) == ("ask-results", False, True)
    assert detail == {"queryId": "0123456789abcdef0123456789abcdef", "count": 1, "answered": True}
    link = page.locator("h3 a")
    link.click()
    assert page.evaluate("events.at(-1)") == [
        "ask-result-click",
        {"rank": 1, "articleId": "harbour"},
        True,
        "archive-ask",
        True,
    ]
    # What the visitor wants in another tab is opened there, whatever the page does with clicks.
    with page.context.expect_page() as other:
        link.click(modifiers=["Control"])
    assert other.value.url == f"{service.origin}/docs"
    assert page.evaluate("events.at(-1)[2]") is False
    assert "localhost" in page.url

    page.evaluate("document.querySelector('archive-ask').setAttribute('question-in-events', '')")
    ask(page, "spell it out")
    assert page.evaluate("events.slice(-2).map(([, detail]) => detail.question)") == ["spell it out"] * 2

    page.evaluate("document.querySelector('archive-ask').setAttribute('link-target', '_blank')")
    page.evaluate("cancelled = ''")
    with page.context.expect_page() as other:
        link.click()
    assert other.value.evaluate("opener") is None
    assert seen.wrong() == []
