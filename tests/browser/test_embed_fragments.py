"""Links to passages, followed: Chromium scrolls to the very words and marks them, and nothing else."""

from collections.abc import Iterator
from html import escape

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from retrieval.cite import link
from retrieval.types import Article
from tests.browser.conftest import Ask, Portal, Service, Visits, answering

FILL = "\n\n".join(f"Paragraph {number} of what nobody asked for, with words of its own." for number in range(20))

CASES = {
    "commas, hyphens, ampersands": "The well-known R&D unit, half-closed - or half-open, said so, again & again.",
    "a percent sign, a hash, a plus": "Of 100 % #savings, 1+1=2 at 50%25 & more; what? /that/.",
    "straight quotation marks": '"I don\'t think that would work because every caseload is different," Loughton said.',
    "curly quotation marks": "“Nobody who mops a floor at four should have to swim home,” said Ines Okafor; it’s ‘so’.",
    "a long quotation": "Demoralised workers, high vacancy rates and high caseloads all add to the stress of a "
    "stressful job, and of the many who leave it each year there are few who ever come back to it, he wrote.",
    "seven to eleven words": "Whoever fells it for parking burns the books.",
    "one word": "Zeppelins.",
    "characters beyond the basic plane": "The 🦊 said 𝒏𝒐 to 👩‍👩‍👧 families, 𠮷野家 and all, twice over on that day.",
    "several paragraphs": "An old orchard is a library.\n\nBeetles read it, bats read it.\n\nAnd children do, too.",
    "right to left": "قال الوزير إن كل حالة تختلف عن الأخرى، ولن ينجح الحد الأقصى أبدا.",
    "Hebrew with Latin and digits": "השר אמר כי 25 תיקים לעובד הם יותר מדי, לפי CYP Now משנת 2010.",
    "accents": "Café owners in Zürich and Łódź rely on naïve façades, says Dvořák.",
    "capitals after small letters elsewhere": "WORDS OF ITS OWN, SAID THE MINISTER LOUDLY.",
}
REPEATED = "He said that nothing of the kind would ever be done again by anybody in his department."


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 500, "height": 260}) as context:
        yield context.new_page()


def publish(portal: Portal, text: str) -> Article:
    """Put an article on the portal, a paragraph for each of its lines."""
    style = "::target-text, ::highlight(expected) { background: #ff0; color: #000 }"
    lines = "".join(f'<p dir="auto">{escape(line)}</p>' for line in text.split("\n\n"))
    page = f"<!doctype html><meta charset=utf-8><title>Article</title><style>{style}</style><article>{lines}</article>"
    return Article("a", text, url=portal.put(page, {}, "/article"))


def check(page: Page, portal: Portal, before: str, passage: str, after: str) -> None:
    """Follow the link to a passage, and compare what is seen with the page on which those very words are marked.

    A page cannot ask what its address had marked; pixels tell, and they tell too if anything else is.
    """
    article = publish(portal, f"{FILL}\n\n{before}{passage}{after}\n\n{FILL}")
    start = len(FILL) + 2 + len(before)
    page.goto("about:blank")
    page.goto(link(article, 1, start, start + len(passage)))
    page.wait_for_function("scrollY > 0", timeout=30_000)
    followed, scrolled = picture(page), page.evaluate("scrollY")
    page.goto("about:blank")
    page.goto(str(article.url))
    shown = page.evaluate(
        """([start, length, scrolled]) => {
            const range = new Range();
            let position = 0;
            for (const { firstChild: line } of document.querySelectorAll("p")) {
                if (start >= position && start <= position + line.length) range.setStart(line, start - position);
                const end = start + length;
                if (end > position && end <= position + line.length) range.setEnd(line, end - position);
                position += line.length + 2;
            }
            CSS.highlights.set("expected", new Highlight(range));
            scrollTo(0, scrolled);
            const box = range.getBoundingClientRect();
            return box.top >= 0 && box.bottom <= innerHeight;
        }""",
        # Offsets in UTF-16, as JavaScript counts.
        [utf16(article.text[:start]), utf16(passage), scrolled],
    )
    assert shown
    assert picture(page) == followed


def picture(page: Page) -> bytes:
    """What is seen. On a machine with far too much to do Chromium may miss the frame, and has to be asked again."""
    try:
        return page.screenshot()
    except Error:
        return page.screenshot()


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("passage", CASES.values(), ids=CASES)
def test_a_link_leads_to_the_very_words(page: Page, portal: Portal, passage: str) -> None:
    check(page, portal, "Something else is said before it. ", passage, " Something else is said after it.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{REPEATED} And later: ", ""),
        ("", f" And later: {REPEATED}"),
        (f"{REPEATED}\n\nWhat follows is another matter.\n\n", f"\n\n{REPEATED}"),
        (f"{REPEATED.upper()} {REPEATED.replace(' ', '  ')} This is the third time: ", ""),
        (f"{REPEATED[:-1]} but one. ", ""),
    ],
    ids=[
        "before in the line",
        "after in the line",
        "in other paragraphs",
        "in other ways of writing",
        "but for its end",
    ],
)
def test_words_that_stand_there_more_than_once_are_told_apart(
    page: Page, portal: Portal, before: str, after: str
) -> None:
    check(page, portal, before, REPEATED, after)


def test_an_end_that_stands_in_the_passage_too_does_not_end_it_early(page: Page, portal: Portal) -> None:
    end = "and that, in short, is all there is."
    check(page, portal, "", f"It began on a Monday in March, {'or so ' * 20}{end}\n\n{end}", "\n\nOf something else.")


def test_a_result_of_the_widget_leads_there_too(visit: Visits, portal: Portal, service: Service, ask: Ask) -> None:
    answer = ask("what did Loughton say about caseloads?")
    passage = CASES["commas, hyphens, ampersands"]
    article = publish(portal, f"{FILL}\n\n{passage}\n\n{FILL}")
    start = len(FILL) + 2
    answer["passages"][0]["citation"]["link"] = link(article, 1, start, start + len(passage))
    page = visit(service.tag(), prepare=answering(answer)).page
    page.get_by_role("searchbox").fill("anything?")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("article").first.get_by_role("link").first.click()
    page.wait_for_url(f"{article.url}**")
    page.wait_for_function("scrollY > 0", timeout=30_000)
    expect(page.get_by_text(passage)).to_be_in_viewport()
