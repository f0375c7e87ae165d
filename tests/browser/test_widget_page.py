"""The widget in a page: twice, moved about, in another language or direction, small, without colours."""

from itertools import combinations, product
from typing import Any, Literal

from playwright.sync_api import Page, expect

from tests.browser.answers import QUESTION, answer, citation, passage, unanswered
from tests.browser.conftest import Service, Visits, answering

_ASK = "(question) => document.querySelector('archive-ask').ask(question)"


def ask(page: Page, question: str = QUESTION) -> None:
    page.evaluate(_ASK, question)


# Two of them, moved, loaded twice -----------------------------------------------------------------


def test_two_widgets_in_a_page_know_nothing_of_each_other(visit: Visits, service: Service) -> None:
    element = '<archive-ask id=second label="Ask again" max-results="1" mode="dialog" hotkey="/"></archive-ask>'
    seen = visit(f"{service.tag(hotkey='/')}{element}", prepare=answering(answer()))
    page = seen.page
    page.evaluate("second.setAttribute('site-key', document.querySelector('archive-ask').getAttribute('site-key'))")
    ask(page)
    states = "[...document.querySelectorAll('archive-ask')].map(({ state }) => state)"
    assert page.evaluate(states) == ["results", "idle"]
    answering(unanswered("low_confidence"))(page)
    page.get_by_role("button", name="Ask again").click()
    page.get_by_role("searchbox", name="Ask again").fill("else?")
    page.keyboard.press("Enter")
    expect(page.locator("#second [part=heading]")).to_have_text("No answer found")
    assert page.evaluate(states) == ["results", "no-answer"]
    page.keyboard.press("Escape")
    # One key opens one of them.
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement === document.querySelector('archive-ask')")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert seen.wrong() == []


def test_a_widget_that_is_taken_out_stops_and_put_back_goes_on_as_one(visit: Visits, service: Service) -> None:
    seen = visit(service.tag(mode="launcher", hotkey="/"), prepare=answering(answer()))
    page = seen.page
    page.evaluate(
        """() => {
            window.widget = document.querySelector('archive-ask');
            window.log = [];
            for (const name of ['ask-open', 'ask-close', 'ask-error']) addEventListener(name, () => log.push(name));
        }"""
    )
    ask(page)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.unroute("**/v1/ask")
    page.route("**/v1/ask", lambda route: None)
    with page.expect_event("requestfailed"):
        ask_again = "widget.ask('more'), widget.remove()"
        page.evaluate(f"() => {{ {ask_again} }}")
    page.keyboard.press("/")
    assert page.evaluate("[widget.state, log]") == ["results", ["ask-open"]]
    for _ in range(3):
        page.evaluate("document.body.append(widget)")
    expect(page.get_by_role("button", name="Ask the archive")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("[part=passage]")).to_be_visible()
    seen.settle()
    assert page.evaluate("log.filter((name) => name === 'ask-open')") == ["ask-open"] * 2
    assert seen.wrong() == []


def test_the_script_may_be_loaded_twice_and_a_mode_changed(visit: Visits, service: Service) -> None:
    again = f'<script defer src="{service.origin}/widget/1/ask.js" crossorigin></script>'
    seen = visit(service.tag() + again, prepare=answering(answer()))
    page = seen.page
    ask(page)
    expect(page.locator("[part=panel]")).to_have_count(1)
    for mode, shown in (("dialog", False), ("launcher", False), ("other", True), ("launcher", False), ("inline", True)):
        page.evaluate("(mode) => document.querySelector('archive-ask').setAttribute('mode', mode)", mode)
        expect(page.locator("[part=passage]")).to_be_visible(visible=shown)
        expect(page.locator("[part=trigger]")).to_be_visible(visible=not shown)
    assert seen.wrong() == []


def test_the_launcher_is_above_whatever_the_page_has(visit: Visits, service: Service) -> None:
    cover = (
        "<style>#cover { position: fixed; inset: 0; z-index: 2147483647; background: lime }"
        "main { transform: scale(1) }</style>"
    )
    page = visit(f"{service.tag(mode='launcher')}<div id=cover></div>", head=cover, policy="").page
    button = page.get_by_role("button", name="Ask the archive")
    box, size = button.bounding_box(), page.viewport_size
    assert box
    assert size
    assert size["width"] - box["x"] - box["width"] < 40
    assert size["height"] - box["y"] - box["height"] < 40
    button.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_what_the_page_puts_into_the_slots_is_shown_and_its_own_form_is_not(visit: Visits, service: Service) -> None:
    slots = "".join(f"<p slot={name}>{name}</p>" for name in ("disclaimer", "footer", "empty"))
    page = visit(
        service.tag(f"<form id=own><input name=q></form>{slots}"),
        prepare=answering(unanswered("empty_archive", passages=[])),
    ).page
    expect(page.locator("#own")).to_be_hidden()
    for name in ("disclaimer", "footer"):
        expect(page.get_by_text(name, exact=True)).to_be_visible()
    expect(page.get_by_text("empty", exact=True)).to_be_hidden()
    ask(page)
    expect(page.get_by_text("empty", exact=True)).to_be_visible()


# Languages ----------------------------------------------------------------------------------------


def test_german_is_complete_and_counts_dates_and_quotes_as_german_does(visit: Visits, service: Service) -> None:
    german = f'<script defer src="{service.origin}/widget/1/de.js" crossorigin></script>'
    rank = passage(
        citation=citation(published="2010-10"), copies=[citation(title=f"Nr. {n}", link="x:") for n in (1, 2)]
    )
    seen = visit(german + service.tag(feedback=""), language="de-AT", prepare=answering(answer(rank)))
    page = seen.page
    ask(page)
    expect(page.get_by_role("status")).to_have_text("1 Textstelle, die neueste vom Oktober 2010")
    expect(page.locator("[part=coverage]")).to_have_text("5 Artikel, März 2010 bis Februar 2011")
    expect(page.locator("[part=chip]")).to_have_text(["von Ines Okafor×", "über the ferry×", "zu irgendeiner Zeit"])
    expect(page.locator("[part=confidence]")).to_have_text("antwortet zu 93 %")
    expect(page.locator("[part=copies]")).to_contain_text(" und ")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Zitat kopieren").click()
    assert page.locator("textarea").input_value().startswith("„The night ferry stays,“ — Harbour ferry")
    expect(page.locator("[part=root]")).to_have_attribute("lang", "de-AT")
    # Every string of English is there, and but for names and signs none of them is English.
    told: dict[str, Any] = page.evaluate("document.querySelector('archive-ask').strings")
    page.evaluate("document.querySelector('archive-ask').setAttribute('locale', 'en')")
    english: dict[str, Any] = page.evaluate("document.querySelector('archive-ask').strings")
    assert _shape(told) == _shape(english)
    assert {name for name in told if told[name] == english[name]} == {"placeholder", "saidBy"}
    expect(page.locator("[part=heading]")).to_have_text("1 passage")
    assert seen.wrong() == []


def _shape(strings: Any) -> Any:
    return {name: _shape(value) for name, value in strings.items()} if isinstance(strings, dict) else type(strings)


def test_a_language_that_nobody_has_taught_is_english_throughout(visit: Visits, service: Service) -> None:
    page = visit(service.tag(), language="fr", prepare=answering(answer())).page
    ask(page)
    expect(page.get_by_role("status")).to_have_text("1 passage, newest 3 May 2019")
    expect(page.locator("[part=root]")).to_have_attribute("lang", "en-GB")
    for locale, said in (
        ("en-US", "May 3, 2019"),
        ("en", "3 May 2019"),
        ("not a tag!", "3 May 2019"),
        ("en-!!", "3 May 2019"),
    ):
        page.evaluate("(locale) => document.querySelector('archive-ask').setAttribute('locale', locale)", locale)
        expect(page.locator("time")).to_have_text(said)


def test_a_page_may_say_things_its_own_way_before_and_after_the_script(visit: Visits, service: Service) -> None:
    def prepare(page: Page) -> None:
        answering(answer())(page)
        page.add_init_script(
            """addEventListener('readystatechange', () => {
                const widget = document.querySelector('archive-ask');
                if (widget && !customElements.get('archive-ask')) widget.strings = { submit: 'Go' };
            }, { capture: true })"""
        )

    page = visit(service.tag(label="Ask us", placeholder="Who said what?"), prepare=prepare).page
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_visible()
    expect(page.get_by_role("searchbox", name="Ask us")).to_have_attribute("placeholder", "Who said what?")
    ask(page)
    # Forms of the language that it says it is in.
    many = {"few": "{n} pasaże", "many": "{n} pasaży", "one": "pasaż", "other": "{n} pasażu"}
    page.evaluate(
        "(found) => { document.querySelector('archive-ask').strings = { lang: 'pl', found } }",
        many,
    )
    expect(page.locator("[part=heading]")).to_have_text("pasaż")
    expect(page.locator("time")).to_have_text("3 maja 2019")
    answering(answer(*(passage(rank) for rank in (1, 2, 3))))(page)
    ask(page)
    expect(page.locator("[part=heading]")).to_have_text("3 pasaże")


def test_from_right_to_left_everything_is_the_other_way_round_and_texts_are_not(
    visit: Visits, service: Service
) -> None:
    sides: dict[str, list[Any]] = {}
    for direction in ("ltr", "rtl"):
        page = visit(service.tag(mode="dialog"), direction=direction, prepare=answering(answer())).page
        ask(page)
        expect(page.locator("[part=passage]")).to_be_visible()
        sides[direction] = page.evaluate(
            """() => {
                const root = document.querySelector('archive-ask').shadowRoot, width = innerWidth;
                return ['submit', 'close', 'coverage', 'confidence'].map((part) => {
                    const { left, right } = root.querySelector(`[part=${part}]`).getBoundingClientRect();
                    return [Math.round(left), Math.round(width - right)];
                });
            }"""
        )
        for part, said in (
            ("speaker", "Ines Okafor, head"),
            ("heading", "1 passage"),
            ("coverage", "5 articles, March"),
        ):
            assert page.locator(f"[part={part}]").inner_text().startswith(said)
            # Read from the left as English is: the first letter is left of the last.
            assert page.locator(f"[part={part}]").evaluate(
                """(one) => {
                    const range = document.createRange();
                    const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
                    const texts = [];
                    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
                    const at = (text, index) => { range.setStart(text, index); range.setEnd(text, index + 1);
                        return range.getBoundingClientRect().left; };
                    return at(texts[0], 0) < at(texts.at(-1), texts.at(-1).length - 1);
                }"""
            )
    assert sides["rtl"] == [[right, left] for left, right in sides["ltr"]]


# Small windows, no colours, no motion -------------------------------------------------------------


def test_all_is_there_in_a_small_window_without_scrolling_sideways(visit: Visits, service: Service) -> None:
    long = passage(citation=citation(title="W" * 200, link="https://press.example/" + "w" * 300))
    page = visit(service.tag(feedback=""), prepare=answering(answer(long, passage(2)))).page
    # The second is a window of 1280 x 1024 pixels at 400 %.
    for mode, (width, height) in product(("inline", "dialog"), ((320, 640), (320, 256))):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("(mode) => document.querySelector('archive-ask').setAttribute('mode', mode)", mode)
        ask(page)
        page.locator("[part=chip-edit]").last.click()
        overflowing = page.evaluate(
            """() => {
                const root = document.querySelector('archive-ask').shadowRoot;
                const wide = [...root.querySelectorAll('*')].filter((one) =>
                    one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1);
                const names = wide.map((one) => one.part.value || one.localName);
                return [document.documentElement.scrollWidth > innerWidth, ...names];
            }"""
        )
        assert overflowing == [False], (mode, height)
        last = page.locator("[part=unhelpful]").last
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()


def test_targets_are_large_enough_to_hit(visit: Visits, service: Service) -> None:
    page = visit(service.tag(mode="dialog", feedback=""), prepare=answering(answer(passage(), passage(2)))).page
    ask(page)
    page.locator("[part=chip-edit]").last.click()
    targets = page.evaluate(
        """() => [...document.querySelector('archive-ask').shadowRoot.querySelectorAll('button, input, a')]
            .filter((one) => one.checkVisibility() && one.part.value !== 'title')
            .map((one) => { const { x, y, width, height } = one.getBoundingClientRect();
                return [one.part.value, x, y, width, height]; })"""
    )
    assert len(targets) > 15
    # WCAG 2.2, 2.5.8; the link in the line of the source is exempt, for it stands in a sentence.
    assert [part for part, _, _, width, height in targets if width < 24 or height < 24] == []
    boxes = [(x, y, x + width, y + height) for _, x, y, width, height in targets]
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_forced_colours_still_show_what_is_marked_pressed_and_focused(visit: Visits, service: Service) -> None:
    page = visit(service.tag(feedback=""), forced_colors="active", prepare=answering(answer())).page
    page.route("**/v1/feedback", lambda route: route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"}))
    ask(page)
    colours: dict[str, str] = page.evaluate(
        """() => {
            const probe = document.body.appendChild(document.createElement('p'));
            return Object.fromEntries(['Mark', 'Highlight', 'Canvas', 'CanvasText'].map((name) => {
                const sheet = new CSSStyleSheet(); sheet.replaceSync(`p { color: ${name} }`);
                document.adoptedStyleSheets = [sheet];
                return [name, getComputedStyle(probe).color];
            }));
        }"""
    )
    expect(page.locator("mark")).to_have_css("background-color", colours["Mark"])
    assert colours["Mark"] != colours["Canvas"]
    page.locator("[part=helpful]").click()
    expect(page.locator("[part=helpful]")).to_have_css("background-color", colours["Highlight"])
    page.locator("[part=input]").focus()
    expect(page.locator("[part=input]")).to_have_css("outline-style", "solid")
    expect(page.locator("[part=chip]").first).to_have_css("border-top-color", colours["CanvasText"])


def test_nothing_moves(visit: Visits, service: Service) -> None:
    page = visit(
        service.tag(), reduced_motion="reduce", prepare=lambda page: page.route("**/v1/ask", lambda route: None)
    ).page
    page.evaluate("() => { document.querySelector('archive-ask').ask('x') }")
    moving = page.evaluate(
        """() => {
            const frames = document.getAnimations().flatMap((one) => one.effect.getKeyframes());
            const bookkeeping = ['offset', 'easing', 'composite', 'computedOffset'];
            return frames.flatMap((frame) => Object.keys(frame)).filter((name) => !bookkeeping.includes(name));
        }"""
    )
    assert set(moving) <= {"opacity"}


def test_the_widget_is_as_light_or_dark_as_its_page_unless_it_is_told(visit: Visits, service: Service) -> None:
    page = visit(service.tag()).page
    light, dark = "rgb(255, 255, 255)", "rgb(27, 26, 24)"
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for of_page, theme, wanted in (
            ("", "auto", light),
            ("light dark", "auto", {"light": light, "dark": dark}[scheme]),
            ("light dark", "light", light),
            ("", "dark", dark),
        ):
            page.evaluate(
                """([scheme, theme]) => {
                    document.documentElement.style.colorScheme = scheme;
                    document.querySelector('archive-ask').setAttribute('theme', theme);
                }""",
                [of_page, theme],
            )
            expect(page.locator("[part=panel]")).to_have_css("background-color", wanted)
