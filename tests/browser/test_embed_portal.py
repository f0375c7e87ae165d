"""The demonstration: a portal on an origin of its own that embeds the widget as anybody would."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from service.keys import Keyring
from service.portal import portal as running_portal
from tests.browser.conftest import Axe, Service, Visit


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with running_portal(Keyring(service.archive.path), service.origin, 0) as origin:
        yield f"{origin}/"


@pytest.fixture
def seen(chromium: Browser, address: str) -> Iterator[Visit]:
    with chromium.new_context() as context:
        visited = Visit(context.new_page())
        visited.watch()
        visited.page.goto(address)
        yield visited


def test_a_question_is_ready_to_ask_and_every_event_is_told(seen: Visit, axe: Axe) -> None:
    page = seen.page
    page.get_by_role("link", name="what did Loughton say about caseloads?").click()
    expect(page.locator("mark").first).to_contain_text("every caseload is different")
    expect(page.get_by_role("list", name="Events")).to_have_text(
        re.compile(r"ask-submit.*ask-results .*\"count\":3,.*\"answered\":true")
    )
    assert seen.wrong() == []
    assert axe(page) == []


def test_the_controls_change_widget_page_and_tag(seen: Visit) -> None:
    page, tag = seen.page, seen.page.locator("#tag")
    expect(tag).to_contain_text('<archive-ask site-key="pk_YOUR_KEY" mode="inline" max-results="3">')
    page.get_by_label("right to left").check()
    page.get_by_label("hostile style sheet").check()
    page.get_by_label("dark").check()
    page.get_by_label("dialog").check()
    expect(tag).to_contain_text('mode="dialog" theme="dark"')
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("h1")).to_have_css("text-transform", "uppercase")
    page.get_by_role("button", name="Ask the archive").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert seen.wrong() == []


def test_without_script_it_is_a_page_with_a_form(chromium: Browser, address: str, service: Service) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Ask the archive").fill("caseloads")
        page.get_by_role("button", name="Ask", exact=True).click()
        page.wait_for_url(f"{service.origin}/ask?q=caseloads")
