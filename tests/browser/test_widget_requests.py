"""What the widget sends and when, what it announces, and what it makes of each way in which an answer can fail."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page, Request, Route, expect

from tests.browser.answers import QUESTION, answer, citation, passage, unanswered
from tests.browser.conftest import Service, Visits, answering

_ASK = "(question) => { document.querySelector('archive-ask').ask(question) }"
_STATE = "document.querySelector('archive-ask').state"
# What a live region says, each time that it says something: what is taken away is not announced.
_LISTEN = """() => {
    window.said = [];
    const root = document.querySelector('archive-ask').shadowRoot;
    for (const region of root.querySelectorAll('[role=status], [role=alert]'))
        new MutationObserver(() => region.textContent && said.push(region.textContent)).observe(
            region, { childList: true, characterData: true, subtree: true });
}"""
_CODES = "() => { window.codes = []; addEventListener('ask-error', ({ detail }) => codes.push(detail.code)) }"


def ask(page: Page, question: str = QUESTION) -> None:
    page.evaluate(_ASK, question)


def settled(page: Page, state: str) -> None:
    expect(page.locator("archive-ask")).to_have_js_property("state", state)


def test_nothing_is_fetched_before_the_visitor_asks_and_then_without_cookies(visit: Visits, service: Service) -> None:
    sent: list[Request] = []

    def note(request: Request) -> None:
        sent.append(request)

    seen = visit(service.tag(mode="dialog", filters='{"publisher": "CYP Now"}', max_results="3"))
    page = seen.page
    page.on("request", note)
    page.context.add_cookies([{"name": "session", "value": "secret", "url": service.origin}])
    page.get_by_role("button", name="Ask the archive").click()
    page.locator("[part=input]").fill("what did Loughton say about caseloads?")
    seen.settle()
    assert seen.requests == [f"GET {page.url}", f"GET {service.origin}/widget/1/ask.js"]

    page.keyboard.press("Enter")
    settled(page, "results")
    (posted,) = [one for one in sent if one.method == "POST"]
    assert (posted.url, posted.resource_type) == (f"{service.origin}/v1/ask", "fetch")
    headers = posted.all_headers()
    assert headers["authorization"] == f"Bearer {service.key}"
    assert headers["content-type"] == "application/json"
    assert not {"cookie", "referer"} & set(headers)
    assert posted.post_data_json == {
        "question": "what did Loughton say about caseloads?",
        "k": 3,
        "filters": {"publisher": "CYP Now"},
    }
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert seen.wrong() == []


def test_each_question_is_announced_once_and_inside_the_dialog(visit: Visits, service: Service) -> None:
    newest = [
        passage(rank, citation=citation(published=date)) for rank, date in enumerate(["2024-03-03", "2023", None], 1)
    ]
    seen = visit(service.tag(mode="dialog"), prepare=answering(answer(*newest)))
    page = seen.page
    status, alert = page.locator("dialog [role=status]"), page.locator("dialog [role=alert]")
    for region in (status, alert):
        expect(region).to_have_count(1)
        expect(region).to_be_empty()
    page.evaluate(_LISTEN)
    ask(page)
    settled(page, "results")
    # The same answer once more is said once more.
    ask(page)
    settled(page, "results")
    answering(unanswered("low_confidence"))(page)
    ask(page)
    settled(page, "no-answer")
    answering({}, 500)(page)
    ask(page)
    settled(page, "server-error")
    answering(answer(passage(citation=citation(published=None))))(page)
    ask(page)
    settled(page, "results")
    seen.settle()
    assert page.evaluate("said") == [
        "3 passages, newest 3 March 2024",
        "3 passages, newest 3 March 2024",
        "Nothing in this archive answers that.",
        "The archive has a problem and did not answer.",
        "1 passage",
    ]


class Held:
    """Questions that wait for their answers, in the order in which they were asked."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def prepare(self, page: Page) -> None:
        self._page = page
        page.route("**/v1/ask", self._hold)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)

    def answer(self, index: int, body: Mapping[str, Any]) -> None:
        end = time.monotonic() + 60
        while len(self.routes) <= index:
            assert time.monotonic() < end, "the question has not come"
            self._page.wait_for_timeout(20)
        self.routes[index].fulfill(json=body, headers={"Access-Control-Allow-Origin": "*"})


def test_of_two_questions_only_the_last_is_answered_in_whatever_order_the_answers_come(
    visit: Visits, service: Service
) -> None:
    held = Held()
    seen = visit(service.tag(), prepare=held.prepare)
    page = seen.page
    # A fetch that cannot be aborted, as in a browser that has the answer already: the order alone has to decide.
    page.evaluate("() => { const real = fetch; window.fetch = (url, { signal, ...rest }) => real(url, rest) }")
    page.evaluate(_LISTEN)
    for question in ("first", "second"):
        ask(page, question)
        settled(page, "loading")
    seen.settle()
    held.answer(1, answer(passage(), passage(2), question="second"))
    settled(page, "results")
    held.answer(0, answer(question="first"))
    seen.settle()
    assert page.evaluate("document.querySelector('archive-ask').results.question") == "second"
    expect(page.locator("[part=passage]")).to_have_count(2)
    assert page.evaluate("said.length") == 1


def test_a_question_can_be_stopped_and_leaves_the_results_before_it(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(), prepare=answering(answer()))
    page = seen.page
    page.evaluate(_CODES)
    ask(page)
    settled(page, "results")
    page.unroute("**/v1/ask")
    held = Held()
    held.prepare(page)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/v1/ask")) as failed:
        ask(page, "another")
        expect(page.locator("[part=answer]")).to_have_attribute("aria-busy", "true")
        expect(page.locator("[part=heading]")).to_have_text("Searching…")
        page.get_by_role("button", name="Stop").click()
    assert "ABORTED" in str(failed.value.failure)
    assert page.evaluate(_STATE) == "results"
    expect(page.locator("[part=answer]")).to_have_attribute("aria-busy", "false")
    expect(page.locator("[part=heading]")).to_have_text("1 passage")
    page.evaluate("document.querySelector('archive-ask').reset()")
    assert page.evaluate(f"[{_STATE}, document.querySelector('archive-ask').results]") == ["idle", None]
    expect(page.locator("[part=input]")).to_have_value("")
    assert page.evaluate("codes") == []


def _unreachable(page: Page) -> None:
    page.route("**/v1/ask", lambda route: route.abort("internetdisconnected"))


_FAILURES: list[tuple[Callable[[Page], None], str]] = [
    (answering({}, 401), "forbidden-origin"),
    (answering({}, 403), "forbidden-origin"),
    (answering({}, 404), "misconfigured"),
    (answering({}, 422), "bad-question"),
    (answering({}, 429), "rate-limited"),
    (answering({}, 500), "server-error"),
    (answering({}, 503, {"Retry-After": "2"}), "server-error"),
    (answering("<!doctype html>"), "server-error"),
    (answering("null"), "server-error"),
    (answering({"passages": [1]}), "server-error"),
    (answering(answer(passage(citation=None))), "server-error"),
    (_unreachable, "offline"),
]


def test_whatever_fails_is_said_with_a_next_step_a_plain_link_and_the_last_results(
    visit: Visits, service: Service
) -> None:
    seen = visit(service.tag(), prepare=answering(answer()))
    page = seen.page
    page.evaluate(_CODES)
    ask(page)
    settled(page, "results")
    retry = page.locator("[part=retry]")
    said = set()
    for prepare, state in _FAILURES:
        page.unroute("**/v1/ask")
        prepare(page)
        ask(page, "what else?")
        settled(page, state)
        expect(page.get_by_role("alert")).not_to_be_empty()
        said.add(page.get_by_role("alert").text_content())
        expect(page.get_by_role("link", name="Open in the archive")).to_have_attribute(
            "href", f"{service.origin}/ask?q=what+else%3F"
        )
        expect(page.locator("[part=passage]")).to_be_visible()
        expect(page.locator("[part=heading]")).to_have_text("1 passage")
        expect(retry).to_have_text("Try again in 60 seconds" if state == "rate-limited" else "Try again")
    assert page.evaluate("codes") == [state for _, state in _FAILURES]
    assert len(said) == len({state for _, state in _FAILURES})

    page.unroute("**/v1/ask")
    answering(answer(passage(), passage(2)))(page)
    retry.focus()
    page.keyboard.press("Enter")
    settled(page, "results")
    expect(page.locator("[part=heading]")).to_have_text("2 passages")
    expect(page.get_by_role("alert")).to_be_empty()
    expect(retry).to_be_hidden()
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.part.value") == "heading"
    assert seen.violations == []


def test_a_question_that_takes_too_long_is_given_up(visit: Visits, service: Service) -> None:
    def prepare(page: Page) -> None:
        page.clock.install(time=0)
        page.clock.pause_at(1)
        page.route("**/v1/ask", lambda route: None)

    page = visit(service.tag(), prepare=prepare).page
    for attribute, seconds in ((None, 15), ("3", 3)):
        if attribute:
            page.evaluate(
                "(seconds) => document.querySelector('archive-ask').setAttribute('timeout', seconds)", attribute
            )
        ask(page)
        page.clock.fast_forward(seconds * 1000 - 500)
        assert page.evaluate(_STATE) == "loading"
        page.clock.fast_forward(600)
        settled(page, "timeout")
        expect(page.get_by_role("alert")).to_have_text("The archive took too long to answer.")


def test_after_too_many_questions_the_button_counts_down_in_silence(visit: Visits, service: Service) -> None:
    asked: list[str] = []

    def prepare(page: Page) -> None:
        page.clock.install(time=0)
        page.clock.pause_at(1)
        answering({}, 429, {"Retry-After": "30", "Access-Control-Expose-Headers": "Retry-After"})(page)
        page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)

    page = visit(service.tag(), prepare=prepare).page
    page.evaluate(_LISTEN)
    ask(page)
    settled(page, "rate-limited")
    retry = page.locator("[part=retry]")
    expect(retry).to_have_text("Try again in 30 seconds")
    expect(retry).to_have_attribute("aria-disabled", "true")
    page.clock.run_for(29_000)
    expect(retry).to_have_text("Try again in 1 second")
    retry.dispatch_event("click")
    assert len(asked) == 1
    page.clock.run_for(2_000)
    expect(retry).to_have_text("Try again")
    expect(retry).to_have_attribute("aria-disabled", "false")
    assert page.evaluate("said") == ["Too many questions in a short time. Please wait a moment."]
    answering({}, 429, {"Retry-After": "Thu, 01 Jan 1970 00:02:32 GMT", "Access-Control-Expose-Headers": "*"})(page)
    retry.dispatch_event("click")
    settled(page, "rate-limited")
    assert len(asked) == 2
    expect(retry).to_have_text("Try again in 120 seconds")


def test_a_tag_with_wrong_attributes_says_so_and_shows_the_pages_own_form(visit: Visits, service: Service) -> None:
    form = "<form id=own action='/'><input name=q><button>Go</button></form>"
    seen = visit(service.tag(form, filters="{"), policy="")
    page = seen.page
    for name, value in (
        ("filters", "{"),
        ("filters", "[]"),
        ("filters", "null"),
        ("endpoint", "mailto:x"),
        ("endpoint", "http://"),
    ):
        page.evaluate(
            """([name, value]) => {
                const one = document.querySelector('archive-ask');
                one.removeAttribute('filters'); one.removeAttribute('endpoint'); one.setAttribute(name, value);
            }""",
            [name, value],
        )
        assert page.evaluate(_STATE) == "misconfigured", (name, value)
        expect(page.get_by_role("alert")).to_have_text("This search is not set up correctly.")
        expect(page.locator("#own")).to_be_visible()
        expect(page.get_by_role("search")).to_be_hidden()
        ask(page)
        assert page.evaluate(_STATE) == "misconfigured"
    page.evaluate("document.querySelector('archive-ask').removeAttribute('endpoint')")
    assert page.evaluate(_STATE) == "idle"
    expect(page.locator("#own")).to_be_hidden()
    assert not [one for one in seen.requests if one.startswith("POST")]
    assert json.loads(page.evaluate("JSON.stringify(document.querySelector('archive-ask').results)")) is None
