"""The widget under the strictest content security policy, beside the real service."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Service, Visits

QUESTION = "what did Loughton say about caseloads?"


def test_the_policy_of_the_tests_blocks_and_tells_what_it_blocks(visit: Visits) -> None:
    seen = visit("<script>alert(1)</script><p id=here style='color: red'>Text</p>")
    seen.page.evaluate("() => { try { here.innerHTML = '<b>' } catch { /* as it should be */ } }")
    seen.settle()
    assert [violation.split()[0] for violation in seen.violations] == [
        "script-src-elem",
        "style-src-attr",
        "require-trusted-types-for",
    ]
    assert set(seen.violations) < set(seen.wrong())


def test_a_whole_journey_breaks_no_policy(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(mode="dialog", feedback=""), permissions=["clipboard-read", "clipboard-write"])
    page = seen.page
    page.get_by_role("button", name="Ask the archive").click()
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("searchbox").press("Enter")
    first = page.get_by_role("article").first
    expect(first.locator("mark")).to_contain_text("every caseload is different")
    first.get_by_role("button", name="Copy citation").click()
    expect(first.get_by_role("button", name="Citation copied")).to_be_visible()
    assert f"{service.origin}/articles/000_b682cbc5f710ac7c#v1-" in page.evaluate("navigator.clipboard.readText()")
    first.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Thank you, noted.")
    page.get_by_role("button", name="about caseloads, change").click()
    page.get_by_label("About").fill("vacancy rates")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("mark").first).to_contain_text("vacancy rates")
    page.get_by_role("button", name="Remove: by Tim Loughton").click()
    expect(page.get_by_role("button", name="by anyone, change")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Ask the archive").click()
    assert seen.wrong() == []
    page.get_by_role("article").first.get_by_role("link").first.click()
    page.wait_for_url(re.compile(rf"{service.origin}/articles/.*#v1-"))
    assert not seen.violations


def test_nothing_is_fetched_before_the_visitor_asks_and_nothing_is_kept(visit: Visits, service: Service) -> None:
    seen = visit(service.tag())
    page, loaded = seen.page, [f"GET {service.portal}/", f"GET {service.origin}/widget/1/ask.js"]
    page.get_by_role("searchbox").hover()
    page.get_by_role("searchbox").press_sequentially("caseloads")
    seen.settle()
    assert seen.requests == loaded
    with page.expect_request("**/v1/ask") as asked:
        page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("article").first).to_be_visible()
    assert seen.requests == [*loaded, f"POST {service.origin}/v1/ask"]
    assert not {"cookie", "referer"} & asked.value.all_headers().keys()
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
