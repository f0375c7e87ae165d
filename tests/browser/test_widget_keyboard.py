"""The widget by keyboard alone, and what is pressed or clicked outside of it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.answers import QUESTION, answer, passage
from tests.browser.conftest import Service, Visits, answering

# The innermost element that has the focus: its part, or its id in the page.
_FOCUSED = """() => {
    let one = document.activeElement;
    while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    return one.part.value || one.id || one.localName;
}"""
_LOG = """() => {
    window.log = [];
    for (const name of ['ask-open', 'ask-close', 'ask-submit', 'ask-results', 'ask-result-click'])
        addEventListener(name, (event) => log.push(event.type));
}"""


def focused(page: Page) -> str:
    return str(page.evaluate(_FOCUSED))


def pressed(page: Page, key: str, times: int = 1) -> list[str]:
    """What has the focus after each press."""
    found = []
    for _ in range(times):
        page.keyboard.press(key)
        found.append(focused(page))
    return found


def test_a_visitor_with_a_keyboard_alone_asks_reads_changes_and_follows(visit: Visits, service: Service) -> None:
    seen = visit(
        f"<button id=before>Before</button>{service.tag(feedback='', max_results='1')}<button id=after>x</button>"
    )
    page = seen.page
    page.locator("#before").focus()
    assert pressed(page, "Tab") == ["input"]
    page.keyboard.type("what did Loughton say about caseloads?")
    page.keyboard.press("Enter")
    expect(page.locator("[part=heading]")).to_have_text("1 passage")
    assert focused(page) == "input"
    chips = ["chip-edit", "chip-remove", "chip-edit", "chip-remove", "chip-edit"]
    result = ["link", "title", "copy", "helpful", "unhelpful"]
    assert pressed(page, "Tab", 14) == ["submit", *chips, *result, "plain-link", "after", "body"][:14]

    # A chip is changed in its place; Escape leaves it as it was, Enter asks again.
    page.locator("[part=chip-edit]").nth(1).focus()
    page.keyboard.press("Enter")
    assert focused(page) == "chip-field"
    page.keyboard.type("vacancies")
    page.keyboard.press("Escape")
    assert focused(page) == "chip-edit"
    expect(page.locator("[part=chip]")).to_have_text(["by Tim Loughton×", "about caseloads×", "any date"])
    page.keyboard.press("Enter")
    page.keyboard.type("vacancy rates")
    page.keyboard.press("Enter")
    expect(page.locator("[part=chip]")).to_have_text(["by Tim Loughton×", "about vacancy rates×", "any date"])
    # What had the focus is gone; it has not fallen back to the beginning of the page.
    assert focused(page) == "heading"
    page.locator("[part=helpful]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Thank you, noted.")
    page.locator("[part=speaker] a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{service.origin}/articles/**")
    assert seen.violations == []


def test_the_dialog_keeps_the_focus_in_and_gives_it_back(visit: Visits, service: Service) -> None:
    outside = "<a href='#x' id=before>Before</a>{}<a href='#y' id=after>After</a>"
    seen = visit(outside.format(service.tag(mode="dialog")), prepare=answering(answer()))
    page = seen.page
    page.evaluate(_LOG)
    page.locator("#before").focus()
    assert pressed(page, "Tab") == ["trigger"]
    assert pressed(page, "Enter") == ["input"]
    expect(page.get_by_role("dialog", name="Ask the archive")).to_be_visible()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("[part=heading]")).to_have_text("1 passage")
    for key in ("Tab", "Shift+Tab"):
        assert not {"before", "after", "trigger"} & set(pressed(page, key, 16))
    page.locator("[part=input]").focus()
    assert pressed(page, "Escape") == ["trigger"]
    expect(page.get_by_role("dialog")).to_be_hidden()
    # Browsers tell of a closed dialog with the next frame, which may come after the next key.
    page.wait_for_function("log.includes('ask-close')")
    # What was found is there still when it is opened again.
    page.keyboard.press("Enter")
    expect(page.locator("[part=passage]")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    assert focused(page) == "trigger"
    page.wait_for_function("log.filter((name) => name === 'ask-close').length > 1")
    assert (
        page.evaluate("log.filter((name) => name.endsWith('n') || name.endsWith('close'))")
        == [
            "ask-open",
            "ask-close",
        ]
        * 2
    )
    assert seen.wrong() == []


def test_escape_first_stops_the_search_and_then_closes(visit: Visits, service: Service) -> None:
    page = visit(service.tag(mode="launcher"), prepare=lambda page: page.route("**/v1/ask", lambda route: None)).page
    page.get_by_role("button", name="Ask the archive").click()
    for leave in ("[part=input]", "[part=stop]"):
        page.locator("[part=input]").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.locator(leave).focus()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert focused(page) == "input"
        assert page.evaluate("document.querySelector('archive-ask').state") == "idle"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


_EDITABLES = """<input id=text><textarea id=area></textarea><select id=list><option>x</select>
    <div id=editable contenteditable>x<b id=inner>y</b></div><div id=shadow></div>"""
_SHADOWED = """() => {
    const root = document.querySelector('#shadow').attachShadow({ mode: 'open' });
    const input = document.createElement('input');
    input.id = 'shadowed';
    root.append(input);
    input.focus();
}"""


def test_a_hotkey_is_never_taken_from_where_somebody_types(visit: Visits, service: Service) -> None:
    seen = visit(f"<button id=button>x</button>{_EDITABLES}{service.tag(mode='dialog', hotkey='/')}")
    page = seen.page
    page.evaluate(_LOG)
    for place in ("text", "area", "list", "editable"):
        page.locator(f"#{place}").focus()
        page.keyboard.press("/")
    page.evaluate(_SHADOWED)
    page.keyboard.press("/")
    assert (
        page.evaluate(
            "[text.value, area.value, editable.textContent, shadow.shadowRoot.firstChild.value].join()"
        ).count("/")
        == 4
    )
    page.locator("#button").focus()
    page.keyboard.press("Control+/")
    # As when the browser fills in a form.
    page.evaluate("document.body.dispatchEvent(new Event('keydown', { bubbles: true }))")
    page.locator("[part=trigger]").dispatch_event("keydown", {"bubbles": True})
    for given in ({"isComposing": True}, {"repeat": True}):
        page.locator("#button").dispatch_event("keydown", {"key": "/", "bubbles": True, "composed": True, **given})
    page.evaluate("addEventListener('keydown', (event) => event.preventDefault(), { capture: true, once: true })")
    page.keyboard.press("/")
    assert page.evaluate("log") == []
    assert seen.wrong() == []

    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("log") == ["ask-open"]
    assert focused(page) == "input"
    page.keyboard.press("/")
    expect(page.locator("[part=input]")).to_have_value("/")


def test_there_is_no_hotkey_by_default_and_control_is_as_good_as_command(visit: Visits, service: Service) -> None:
    page = visit(service.tag()).page
    for key in ("/", "Control+k", "s"):
        assert pressed(page, key) == ["body"]
    page.evaluate("document.querySelector('archive-ask').setAttribute('hotkey', 'ctrl+k')")
    assert pressed(page, "k") == ["body"]
    for key in ("Control+k", "Meta+k"):
        page.evaluate("document.activeElement.blur()")
        assert pressed(page, key) == ["input"]


def test_a_hotkey_of_the_page_does_not_take_what_is_typed_into_the_widget(visit: Visits, service: Service) -> None:
    page = visit(service.tag()).page
    # As pages do that know nothing of shadow trees: the target that they see is <archive-ask>.
    page.evaluate(
        """addEventListener('keydown', (event) => {
            if (!/INPUT|TEXTAREA/.test(event.target.tagName) && ['/', 's'].includes(event.key)) event.preventDefault();
        })"""
    )
    page.locator("[part=input]").focus()
    page.keyboard.type("s/s")
    expect(page.locator("[part=input]")).to_have_value("s/s")


@pytest.mark.parametrize("mode", ["dialog", "launcher"])
def test_only_a_click_that_begins_and_ends_outside_closes_the_dialog(
    visit: Visits, service: Service, mode: str
) -> None:
    page = visit(service.tag(mode=mode), prepare=answering(answer(passage(), passage(2)))).page
    page.get_by_role("button", name="Ask the archive").click()
    page.locator("[part=input]").fill(QUESTION)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    # What is clicked is taken out of the tree by the click.
    page.locator("[part=chip-edit]").first.click()
    page.locator("[part=chip-cancel]").click()
    page.locator("[part=chip-remove]").first.click()
    page.locator("[part=dialog]").click(position={"x": 3, "y": 3})
    # A text is selected, and the button let go outside.
    page.locator("blockquote").first.hover()
    page.mouse.down()
    page.mouse.move(2, 2)
    page.mouse.up()
    expect(dialog).to_be_visible()
    page.mouse.click(2, 2)
    expect(dialog).to_be_hidden()


def test_a_trigger_of_the_page_opens_the_dialog_and_gets_the_focus_back(visit: Visits, service: Service) -> None:
    own = "<button slot=trigger id=own><b id=inner>Ask us</b></button>"
    page = visit(service.tag(own, mode="dialog")).page
    expect(page.locator("[part=trigger]")).to_be_hidden()
    page.locator("#inner").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert pressed(page, "Escape") == ["own"]
