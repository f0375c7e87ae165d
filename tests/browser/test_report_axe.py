"""The page of an evaluation, in Chromium, opened from a file: for whoever sees, hears, and writes hostile texts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from evals.gold import Gold
from evals.report.page import write
from evals.report.run import as_html
from evals.run import Report
from retrieval.types import Attribution
from tests.browser import xss
from tests.browser.conftest import Axe, Visit
from tests.evals.reports import QUOTE, everything, hit, outcome, report, statements

Reads = Callable[..., Visit]


@pytest.fixture
def read(chromium: Browser, tmp_path: Path) -> Iterator[Reads]:
    """Opens the page of a run; ``at`` is a fragment, further arguments are Playwright's context's."""
    contexts: list[BrowserContext] = []

    def opened(run: Report, at: str = "", **context: Any) -> Visit:
        write(tmp_path / "report.html", as_html(run))
        contexts.append(chromium.new_context(**context))
        visited = Visit(contexts[-1].new_page())
        visited.watch()
        visited.page.goto(f"{(tmp_path / 'report.html').as_uri()}{at}")
        return visited

    yield opened
    for context in contexts:
        context.close()


UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true"


def test_axe_finds_nothing_and_320_pixels_are_wide_enough_in_light_and_in_the_dark(read: Reads, axe: Axe) -> None:
    visit = read(everything(), viewport={"width": 320, "height": 640})
    page = visit.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert axe(page) == [], scheme
    page.evaluate(UNFOLD)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.emulate_media(media="print", color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert visit.wrong() == []


def test_the_page_asks_for_nothing_but_itself(read: Reads) -> None:
    visit = read(everything())
    visit.page.evaluate(UNFOLD)
    assert visit.wrong() == []
    assert [one for one in visit.requests if not one.endswith("report.html")] == []


def test_a_link_to_a_question_opens_it(read: Reads) -> None:
    page = read(everything(), "#q-none-1").page
    expect(page.locator("#q-none-1")).to_be_in_viewport()
    expect(page.locator("#q-cut")).to_be_hidden()


def test_by_keyboard_a_question_is_opened_and_its_gold_is_told_aloud(read: Reads) -> None:
    page = read(everything()).page
    question = page.locator("details.q", has=page.locator("#q-below"))
    question.locator("summary").focus()
    page.keyboard.press("Enter")
    passage = question.locator("li.hit").last
    expect(passage).to_contain_text("4 · Said by Ann Lee, harbour master")
    expect(passage.locator("mark", has_text=QUOTE)).to_be_visible()
    expect(passage.locator("blockquote")).to_contain_text(f"(gold) {QUOTE} (end of gold)")


def hostile() -> Report:
    """A run in which every text is one of the corpus, and every one of the corpus is everywhere."""
    everything_ = " ".join(xss.MARKUP)
    outcomes = []
    for number, text in enumerate(xss.MARKUP):
        link = xss.ADDRESSES[number % len(xss.ADDRESSES)]
        said_by = Attribution(("said_by", "written_by", "about")[number % 3], text, text)
        found = hit(1, f"{text} {everything_}", article=text, title=text, link=link, said_by=said_by, marked=text)
        found = replace(found, citation=replace(found.citation, publisher=text, published=text))
        found = replace(found, copies=(found.citation,))
        gold = (Gold(text, text), Gold(everything_, everything_))
        outcomes.append(
            outcome(
                f"{number} {text}".replace("\0", ""),
                hits=[found],
                question=text,
                kind=text,
                gold=gold,
                speakers=(text,) * (number % 2),
            )
        )
    sides = [replace(one, id=f"bare {one.id}", answer=None, ranked=(one.question,)) for one in outcomes]
    return report(
        [*outcomes, *sides],
        name=everything_,
        reranker=everything_,
        model=everything_,
        attribution=statements(everything_, everything_),
    )


def test_nothing_that_others_wrote_runs(read: Reads) -> None:
    visit = read(hostile())
    visit.page.evaluate(UNFOLD)
    assert visit.wrong() == []
    assert [one for one in visit.requests if not one.endswith("report.html")] == []
    links = set(visit.page.evaluate("[...document.links].map((link) => link.protocol)"))
    assert links <= {"http:", "https:", "file:"}
    assert visit.page.locator("main :is(script, img, iframe, form, base, meta, link, style, template)").count() == 0
    assert visit.page.locator("details.q").count() == 2 * len(xss.MARKUP)
