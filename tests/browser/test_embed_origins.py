"""Who may embed the widget: pages of the origins that its key was made for."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Service, Visits

UNKNOWN = "pk_" + "x" * 43


@pytest.mark.parametrize(
    ("own", "key", "state"),
    [
        (True, None, "results"),
        (True, "", "forbidden-origin"),
        (True, UNKNOWN, "forbidden-origin"),
        # The preflight is refused already, and a browser does not tell that from a network that is down.
        (False, None, "offline"),
        (False, "", "offline"),
    ],
    ids=["with its key", "without a key", "with an unknown key", "another origin with the key", "another without"],
)
def test_only_pages_of_the_origins_of_the_key_get_answers(
    visit: Visits, service: Service, own: bool, key: str | None, state: str
) -> None:
    page = visit(service.tag(site_key=service.key if key is None else key)).page
    if not own:
        page.goto(page.url.replace("localhost", "127.0.0.1"))
    answered = []
    page.on("response", lambda response: answered.append(response) if "/v1/ask" in response.url else None)
    page.get_by_role("searchbox").fill("what did Loughton say about caseloads?")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("archive-ask")).to_have_js_property("state", state)
    if state == "results":
        assert answered[0].headers["access-control-allow-origin"] == service.portal
        assert "Origin" in answered[0].headers["vary"]
    else:
        expect(page.get_by_role("alert")).not_to_be_empty()
        expect(page.get_by_role("article")).to_have_count(0)
        expect(page.get_by_role("link")).to_have_attribute(
            "href", f"{service.origin}/ask?q=what+did+Loughton+say+about+caseloads%3F"
        )
