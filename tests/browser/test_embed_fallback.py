"""The plain form in the tag: what visitors get whose browser does not run the script."""

import pytest
from playwright.sync_api import expect

from service.widget import tag
from tests.browser.conftest import Service, Visits


@pytest.mark.parametrize("why", ["script is off", "the hash is another", "the script is gone"])
def test_without_the_script_the_form_leads_to_the_answer(visit: Visits, service: Service, why: str) -> None:
    pasted = tag(service.origin, service.key, {}).html
    html = {
        "script is off": pasted,
        "the hash is another": pasted.replace("sha384-", "sha384-AAAA"),
        "the script is gone": pasted.replace("/widget/", "/widget/0"),
    }[why]
    page = visit(html, java_script_enabled=why != "script is off").page
    page.get_by_label("Ask the archive").fill("what did Loughton say about caseloads?")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url(f"{service.origin}/ask?q=what+did+Loughton+say+about+caseloads%3F")
    expect(page.locator("mark").first).to_contain_text("every caseload is different")


def test_with_the_script_the_form_gives_way(visit: Visits, service: Service) -> None:
    seen = visit(tag(service.origin, service.key, {}).html)
    expect(seen.page.get_by_role("searchbox")).to_have_count(1)
    expect(seen.page.locator("archive-ask > form")).to_be_hidden()
    assert seen.wrong() == []
