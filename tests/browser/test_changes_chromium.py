"""What changed in an article, in Chromium: readable, accessible, and where an old citation leads."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from retrieval import Archive
from retrieval.types import Article
from service.app import create_app
from service.settings import Settings
from tests.browser.conftest import NO_LIMITS, Axe, Visit
from tests.hashing import HashingEncoder
from tests.service.conftest import draft, served

LINES = [f"Paragraph {number} tells of the harbour ferry and of those who take it." for number in range(9)]
FIRST = Article("ferry", "\n\n".join(LINES), title="Ferry", author="Ann Lee", published="2019-05-03")
SECOND = Article(
    "ferry", FIRST.text.replace("ferry", "boat", 1), title="Ferry", published="2019-05-03", corrected="2019-05-07"
)


@pytest.fixture
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("changes") / "archive"
    with Archive.create(folder, {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as archive:
        archive.put([draft(FIRST)])
        archive.put([draft(SECOND)])
        with served(create_app(archive, Settings(rate_address=NO_LIMITS))) as client:
            yield str(client.base_url).rstrip("/")


def test_changes_and_old_citations_are_accessible_and_lead_on(chromium: Browser, origin: str, axe: Axe) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    visit = Visit(context.new_page())
    visit.watch()
    page = visit.page
    for path in ("/articles/ferry/changes", "/articles/ferry?version=1&start=0&end=9", "/articles/ferry"):
        page.goto(f"{origin}{path}")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            assert axe(page) == [], (path, scheme)
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("insertion").filter(has_text="boat")).to_be_visible()
    # A passage that no version has had as such: there is no notice for it, and the version that was cited has it.
    page.goto(f"{origin}/articles/ferry#v1-0-20")
    page.wait_for_url("**/articles/ferry?version=1&start=0&end=20#v1-0-20")
    expect(page.locator("mark.cited")).to_have_text(FIRST.text[:20])
    page.goto("about:blank")
    page.goto(f"{origin}/articles/ferry#v7-0-20")  # a version that is not kept
    expect(page.get_by_role("heading", name="Ferry")).to_be_visible()
    assert page.url.endswith("/articles/ferry#v7-0-20")
    assert visit.violations == visit.errors == visit.dialogs == []
    context.close()
