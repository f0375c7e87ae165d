"""axe-core finds nothing to complain of, in whatever state the widget is."""

import json
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Ask, Axe, Service, Visits, answering

FAILING = {"rate-limited": 429, "forbidden-origin": 403, "bad-question": 422, "server-error": 500, "misconfigured": 404}
STATES = ["idle", "loading", "timeout", "results", "no-answer", "empty", "offline", *FAILING]


@pytest.fixture(scope="module")
def answers(ask: Ask) -> dict[str, dict[str, Any]]:
    """Real answers for the states that have one, as short as shows all that they can show."""
    answered, refused = ask("what did Loughton say about caseloads?"), ask("what did Narey say about vacancy rates?")
    copied = [{**one, "copies": [one["citation"]]} for one in answered["passages"][:2]]
    return {
        "results": {**answered, "passages": copied},
        "no-answer": {**refused, "passages": refused["passages"][:1]},
        "empty": {**refused, "passages": []},
    }


@pytest.mark.parametrize("mode", ["inline", "dialog"])
def test_nothing_is_wrong_in_any_state_theme_or_direction(
    visit: Visits, service: Service, axe: Axe, answers: dict[str, dict[str, Any]], mode: str
) -> None:
    def answer(route: Route) -> None:
        state = json.loads(route.request.post_data or "")["question"]
        if state == "offline":
            route.abort("internetdisconnected")
        elif state not in ("loading", "timeout"):
            body = json.dumps(answers.get(state, {}))
            route.fulfill(status=FAILING.get(state, 200), headers={"Retry-After": "60"}, body=body)

    page = visit(service.tag(mode=mode, feedback=""), prepare=lambda page: page.route("**/v1/ask", answer)).page
    if mode == "dialog":
        page.get_by_role("button").click()
    for state in STATES:
        reach(page, state)
        for scheme, direction in product(("light", "dark"), ("ltr", "rtl")):
            page.evaluate(
                "([scheme, dir]) => Object.assign(document.documentElement, { dir }).style.colorScheme = scheme",
                [scheme, direction],
            )
            assert axe(page) == [], (state, scheme, direction)


def reach(page: Page, state: str) -> None:
    """Have the widget in a state, by a question that is answered so."""
    widget, field = page.locator("archive-ask"), page.get_by_role("searchbox")
    if state != "idle":
        widget.evaluate("(one, seconds) => one.setAttribute('timeout', seconds)", "1" if state == "timeout" else "60")
        field.fill(state)
        field.press("Enter")
    expect(widget).to_have_js_property("state", state)
    # What is shown while it waits appears a moment later; half there, its colours are nobody's.
    widget.evaluate("(one) => Promise.all(one.shadowRoot.getAnimations().map((each) => each.finished))")


def test_what_is_wrong_inside_of_the_widget_is_found(
    visit: Visits, service: Service, axe: Axe, answers: dict[str, dict[str, Any]]
) -> None:
    pale = "<style>archive-ask { --ask-bg: #fff; --ask-text: #aaa }</style>"
    page = visit(service.tag(), head=pale, policy="", prepare=answering(answers["results"])).page
    reach(page, "results")
    assert any(found.startswith("color-contrast: <mark") or "blockquote" in found for found in axe(page))
