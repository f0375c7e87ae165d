"""The picture of what an archive covers, and its page, in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from retrieval import Archive, Article
from retrieval.holdings import named, number
from service.app import create_app
from service.settings import Settings
from tests.browser import xss
from tests.browser.conftest import NO_LIMITS, Axe, Visit
from tests.hashing import HashingEncoder
from tests.service.conftest import draft, served

# No archive takes a NUL.
NAMES = ("The Tidewater Gazette", "A" * 90, " ".join(text for text in xss.MARKUP if "\0" not in text)[:400], "Notes")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Origin of a service whose archive has a gap, and publishers with names that are long and hostile."""
    folder: Path = tmp_path_factory.mktemp("coverage") / "archive"
    months = [named(month) for month in range(number("2010-01"), number("2012-01"))]
    with Archive.create(folder, {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as archive:
        archive.put(
            [
                draft(Article(id=f"{at}-{month}", text="It rains.", publisher=name, published=month))
                for month in months
                for at, name in enumerate(NAMES * 5)
                if month not in ("2010-06", "2010-07")
            ]
        )
        with served(create_app(archive, Settings(rate_address=NO_LIMITS))) as client:
            yield str(client.base_url).rstrip("/")


@pytest.mark.parametrize("path", ["/", "/coverage"])
def test_the_picture_is_there_for_everybody_and_nothing_of_it_runs(
    chromium: Browser, origin: str, axe: Axe, path: str
) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    visit = Visit(context.new_page())
    visit.watch()
    page = visit.page
    page.goto(f"{origin}{path}")
    drawn = page.get_by_role("img", name="Gaps: nothing from June to July 2010")
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    assert box is not None
    assert box["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for media in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
        page.emulate_media(**media)  # type: ignore[arg-type]
        assert "forced_colors" in media or axe(page) == []
        # Bars are told from the ground, and a gap from both.
        fills = page.evaluate(
            "['.series-0', '.series-1', '.gap-edge'].map((one) =>"
            " getComputedStyle(document.querySelector(`.held svg ${one}`)).fill)"
        )
        assert len({*fills, page.evaluate("getComputedStyle(document.body).backgroundColor")}) == 4
    assert visit.wrong() == []
    context.close()


def test_the_table_unfolds_without_script_and_the_picture_leads_to_it(chromium: Browser, origin: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(origin)
    page.get_by_role("link", name="What this archive covers").click()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("row", name="June 2010 0")).to_be_visible()
    expect(page.get_by_role("row", name="The Tidewater Gazette 110")).to_contain_text("nothing from June to July 2010")
    context.close()
