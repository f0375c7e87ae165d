"""The service's own pages, in Chromium: for whoever sees, hears, types, prints, or has no script."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from retrieval import Archive
from retrieval.cite import anchor, own_link
from retrieval.types import Article, Draft, Person, Quote, Span
from service.app import create_app
from service.links import article_path, speaker_path
from service.settings import Settings
from tests.browser import xss
from tests.browser.conftest import NO_LIMITS, Axe, Service, Visit
from tests.hashing import HashingEncoder
from tests.service.conftest import served

CONFERENCE = "000_b682cbc5f710ac7c"
ANSWERED, REFUSED = "what did Loughton say about caseloads?", "what did Narey say about vacancy rates?"
SAID = "I don’t think that [maximum caseloads] would work because every caseload is different,"

Reads = Callable[..., Visit]


@pytest.fixture
def read(chromium: Browser, service: Service) -> Iterator[Reads]:
    """Opens a page of the service, by its path or its whole address; further arguments are Playwright's context's."""
    contexts: list[BrowserContext] = []

    def opened(address: str, **context: Any) -> Visit:
        contexts.append(chromium.new_context(base_url=service.origin, **context))
        visited = Visit(contexts[-1].new_page())
        visited.watch()
        visited.page.goto(address)
        return visited

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def cited(service: Service) -> str:
    """Address of words in their article."""
    start = service.archive.article(CONFERENCE).article.text.index(SAID)
    return own_link(CONFERENCE, 1, start, start + len(SAID))


@pytest.fixture(scope="module")
def paths(cited: str) -> list[str]:
    """One of each page, and of each of its states."""
    return [
        "/",
        f"/ask?q={quote(ANSWERED)}&publisher=CYP+Now&published_from=2010",
        f"/ask?q={quote(REFUSED)}",
        "/ask?q=x&published_from=soon",
        article_path(CONFERENCE),
        cited.replace("?", "?quotes=1&"),
        f"/ask?q={quote(ANSWERED)}&published_from=2015",
        "/coverage",
        "/speakers",
        "/speakers?prefix=zz",
        "/speakers/loughton",
        "/docs",
        "/articles/nothing",
    ]


def unfold(page: Page) -> None:
    """Open what can be opened; of many of a kind, the first."""
    page.evaluate("for (const one of [...document.querySelectorAll('details')].slice(0, 4)) one.open = true")


def test_on_every_page_axe_finds_nothing_no_policy_is_violated_and_320_pixels_are_wide_enough(
    read: Reads, paths: list[str], axe: Axe
) -> None:
    visit = read(paths[0], viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    page = visit.page
    for path in paths:
        page.goto(path)
        unfold(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.emulate_media(color_scheme="light")
        assert axe(page) == [], path
        # In the dark nothing but the colours is another; the other rule is off unless it is asked for.
        page.emulate_media(color_scheme="dark")
        found = page.evaluate("axe.run({runOnly: ['color-contrast', 'target-size']}).then((told) => told.violations)")
        assert [(one["id"], node["html"]) for one in found for node in one["nodes"]] == [], path
        assert visit.violations == visit.dialogs == [], path
    assert [one for one in visit.errors if "404" not in one and "422" not in one] == []


def test_with_the_keyboard_alone_from_a_question_to_a_copied_citation(read: Reads, service: Service) -> None:
    visit = read("/ask?q=care")
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.origin)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    until(page, lambda: page.evaluate("document.activeElement.id") == "q")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask?q=what*")
    until(page, lambda: "claims Loughton" in focused(page))
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    expect(page.locator(".passage.cited")).to_be_in_viewport()
    until(page, lambda: focused(page) == "Cite the marked words", most=3)
    page.keyboard.press("Enter")
    until(page, lambda: focused(page) == "Copy as BibTeX")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@misc{puffett2010conservative-")
    assert "every caseload is different" in copied
    assert visit.wrong() == []


def focused(page: Page) -> str:
    """Text of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent")).strip()


def until(page: Page, reached: Callable[[], bool], most: int = 60) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if reached():
            # Whatever has the focus is seen to have it.
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    pytest.fail("Tab did not get there")


def test_without_script_a_question_is_asked_answered_and_read_differently(read: Reads) -> None:
    page = read("/", java_script_enabled=False).page
    page.get_by_label("Ask who said what").fill(ANSWERED)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".hit h2").first).to_contain_text("Tim Loughton")
    page.get_by_role("link", name="Ask again without “by Tim Loughton”").click()
    expect(page.locator(".chip").first).to_contain_text("about caseloads")
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("By whom").fill("narey")
    page.get_by_label("About what").fill("care")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".chip").first).to_contain_text("by Martin Narey")
    page.locator(".title a").first.click()
    page.get_by_role("link", name="Mark who says what").click()
    expect(page.locator(".by", has_text="Martin Narey:").first).to_be_visible()
    page.get_by_role("link", name="Show without marks").click()
    expect(page.locator(".by")).to_have_count(0)
    page.get_by_text("Cite the marked words").click()
    expect(page.get_by_label("Text", exact=True).last).to_be_visible()
    assert page.locator("button", has_text="Copy").count() == 0


def test_quotations_are_marked_without_asking_again_and_the_text_stays_to_the_letter(
    read: Reads, service: Service
) -> None:
    visit = read(article_path(CONFERENCE))
    page, before = visit.page, len(visit.requests)
    as_it_was = page.locator("#text").inner_text()
    button = page.get_by_role("button", name="Mark who says what")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    marked = page.locator("#text").text_content()
    assert marked is not None
    assert f'Tim Loughton: "{SAID}" (end of quotation)' in marked
    with_server = read(f"{article_path(CONFERENCE)}?quotes=1").page
    assert with_server.locator("#text").text_content() == marked
    button.click()
    assert page.locator("#text").inner_text() == as_it_was
    assert [one for one in visit.requests[before:] if not one.endswith("/icon.svg")] == []
    assert visit.wrong() == []


def test_what_was_cited_is_in_view_and_marked(read: Reads, service: Service, cited: str) -> None:
    passage = service.archive.passages(service.archive.article("004_bfd0a4a60040fd25"))[20]
    name = anchor(1, passage.start, passage.end)
    page = read(f"/articles/004_bfd0a4a60040fd25#{name}", reduced_motion="reduce").page
    target = page.locator(f"#{name}")
    expect(target).to_be_in_viewport()
    assert target.text_content() == passage.text
    ground = "(one) => getComputedStyle(one).backgroundColor"
    assert target.evaluate(ground) != page.locator(".passage").first.evaluate(ground)
    # From there its citation is a link away, for whoever came by an address that names no more than the passage.
    page.get_by_role("link", name="Cite this passage").click()
    expect(page.get_by_text("Cite the marked words")).to_be_in_viewport()
    page.goto(cited)
    expect(page.locator("mark.cited")).to_be_in_viewport()
    assert page.locator("mark.cited").text_content() == SAID


def test_where_copying_is_not_allowed_the_citation_is_selected(read: Reads) -> None:
    visit = read(article_path(CONFERENCE))
    visit.page.evaluate("delete Navigator.prototype.clipboard")
    visit.page.get_by_text("Cite this article").click()
    visit.page.get_by_role("button", name="Copy as Text").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Selected")
    selected = visit.page.evaluate("getSelection().toString()")
    assert selected.startswith("Conservative Conference 2010")


def test_on_paper_there_is_the_text_and_its_source_and_nothing_to_press(read: Reads, cited: str) -> None:
    page = read(cited).page
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("mark.cited")).to_be_visible()
    expect(page.locator(".on-paper")).to_contain_text("Neil Puffett, 4 October 2010, http")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for left_out in ("nav", ".toggle", "summary", ".site-foot", ".skip"):
        assert not any(one.is_visible() for one in page.locator(left_out).all()), left_out
    page.goto("/speakers/narey")
    page.emulate_media(media="print")
    expect(page.locator(".statement").first).to_be_visible()
    expect(page.locator("nav")).to_be_hidden()


def test_the_portal_asks_nothing_of_anybody_before_the_visitor_does(read: Reads, service: Service) -> None:
    visit = read("/")
    visit.page.wait_for_function("customElements.get('archive-ask') !== undefined")
    assert visit.wrong() == []
    asked = {request.removeprefix(f"GET {service.origin}") for request in visit.requests}
    assert asked <= {"/", "/static/site.css", "/static/site.js", "/static/icon.svg", "/widget/1/ask.js"}


# What others have written


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Origin of a service whose archive holds the corpus in every field."""
    archive_folder = tmp_path_factory.mktemp("hostile") / "archive"
    with Archive.create(archive_folder, {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as archive:
        archive.put([_hostile(number, address) for number, address in enumerate(ADDRESSES)])
        archive.put([_hostile(0, ADDRESSES[0], version=2)])
        with served(create_app(archive, Settings(rate_address=NO_LIMITS))) as client:
            yield str(client.base_url).rstrip("/")


# No archive takes a NUL, nor an address that cannot be one.
CORPUS = [text for text in xss.MARKUP if "\0" not in text]
ADDRESSES = [address for address in xss.ADDRESSES if address != "https://["]
EVERYTHING = " ".join(CORPUS)
NAME = " ".join(CORPUS[:12])[:400]


def _hostile(number: int, address: str, version: int = 1) -> Draft:
    said = f"zeppelin {EVERYTHING}"
    text = f"“{said}” said {NAME}.\n\nVersion {version} {EVERYTHING}"
    middle, end = text.index("\n\n"), len(text)
    spans = (Span(0, middle), Span(middle + 2, end))
    article = Article(
        id=f"{number}{EVERYTHING.replace('/', '').replace(chr(92), '')[:150]}",
        text=text,
        title=EVERYTHING,
        url=address,
        publisher=EVERYTHING,
        author=EVERYTHING,
        published="2020",
    )
    quoted = Quote(1, 1 + len(said), direct=True, cue=None, source=None, speaker=NAME, confidence=0.6)
    person = Person(NAME, (NAME, EVERYTHING), (EVERYTHING,))
    return Draft(article, spans, tuple((span,) for span in spans), (quoted,), None, (person,))


def test_nothing_that_others_wrote_runs_on_any_page(read: Reads, hostile: str) -> None:
    # The addresses of all come to be links in answers.
    articles = [f"{hostile}{article_path(_hostile(number, '').article.id)}" for number in (0, 1)]
    # A question that turns the direction of writing is refused.
    typed = [text for text in CORPUS if text.isascii()]
    questions = [" ".join(typed[place : place + 8])[:499] for place in range(0, len(typed), 8)]
    asked = [quote(question, safe="") for question in questions]
    visit = read(hostile)
    for address in [
        *(f"{one}?quotes=1&version=1&start=1&end=400" for one in articles),
        articles[0],
        *(f"{hostile}/ask?q={one}" for one in asked),
        f"{hostile}/ask?q=zeppelin&by={quote(NAME[:200], safe='')}&about={asked[0]}&publisher={asked[1][:300]}",
        f"{hostile}/ask?{asked[0]}={asked[0]}&q=x&published_from={asked[0]}",
        f"{hostile}/coverage",
        f"{hostile}/speakers",
        f"{hostile}/speakers?prefix={quote(CORPUS[0], safe='')}",
        f"{hostile}{speaker_path(NAME)}",
        f"{hostile}/speakers/{asked[0]}",
        f"{hostile}/articles/{asked[0]}",
    ]:
        visit.page.goto(address)
        unfold(visit.page)
        assert set(visit.page.evaluate("[...document.links].map((link) => link.protocol)")) <= {"http:", "https:"}
        visit.settle()
        assert visit.violations == visit.dialogs == [], address
    assert [one for one in visit.errors if "404" not in one and "422" not in one] == []
