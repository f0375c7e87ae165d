"""The pages of comparisons and of sweeps, in Chromium, opened from a file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from evals.comparison import compare
from evals.recorded import recorded
from evals.report.comparison import as_html
from evals.report.figures import Figure
from evals.report.page import write
from evals.report.sweep import as_html as page_of_sweep
from evals.significance import Interval
from evals.sweep import Point, Tried
from tests.browser import xss
from tests.browser.conftest import Axe, Visit
from tests.evals.reports import outcome, report


def comparison() -> str:
    """Two runs with texts that would run if they could."""
    runs = [
        report([outcome(f"q{at}", rank, question=text, kind=text) for at, text in enumerate(xss.MARKUP)], model=text)
        for rank, text in ((1, xss.MARKUP[0]), (2, xss.MARKUP[1]))
    ]
    first, second = (recorded(one.as_json(), "a run") for one in runs)
    return as_html(compare(first, second, (xss.MARKUP[0], "B")))


def sweep() -> str:
    """A run of each of two re-rankers, with names that would run if they could."""
    figure = Figure(0.5, Interval(0.4, 0.6), 20)
    tried = [
        Tried(Point(reranker=text), {"nDCG@10": figure, text: figure}, 3.0 + at, 9.0, 17, None, on_front=not at)
        for at, text in enumerate(xss.MARKUP[:2])
    ]
    return page_of_sweep(xss.MARKUP[0], tried, "nDCG@10")


@pytest.mark.parametrize("page", [comparison, sweep])
def test_axe_finds_nothing_nothing_runs_and_320_pixels_are_wide_enough(
    page: Callable[[], str], chromium: Browser, axe: Axe, tmp_path: Path
) -> None:
    write(tmp_path / "page.html", page())
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    visit = Visit(context.new_page())
    visit.watch()
    visit.page.goto((tmp_path / "page.html").as_uri())
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        assert axe(visit.page) == [], scheme
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert visit.wrong() == []
    assert [one for one in visit.requests if not one.endswith("page.html")] == []
    context.close()
