"""The widget where everything around it is hostile: the answers, the page's style sheets, the page's own attributes."""

from html import escape
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.answers import Json, answer, citation, passage, unanswered
from tests.browser.conftest import Service, Visits, answering
from tests.browser.xss import ADDRESSES, MARKUP

_ASK = "([question]) => document.querySelector('archive-ask').ask(question)"
# Elements that the widget makes; an answer must not add another kind.
_MADE = set(
    """slot div form label input button p section h2 h3 h4 ul ol li span bdi article a blockquote mark time
    textarea""".split()
)
_SHADOW = """() => {
    const root = document.querySelector('archive-ask').shadowRoot;
    return [...root.querySelectorAll('*')].map((one) => [
        one.localName, [...one.attributes].map(({ name, value }) => [name, value])]);
}"""


def ask(page: Page, question: str = "a question") -> None:
    page.evaluate(_ASK, [question])


def _hostile(text: str, rank: int) -> Json:
    """A passage with a text in each of its fields."""
    cited = citation(**dict.fromkeys(("article_id", "title", "publisher", "author", "published", "link"), text))
    return passage(
        rank,
        id=text,
        text=text,
        segments=[{"text": text, "highlight": True}, {"text": text, "highlight": False}],
        attribution={"relation": ("said_by", "written_by", "about")[rank % 3], "name": text, "office": text},
        citation=cited,
        copies=[cited],
    )


def _elements(page: Page) -> list[tuple[str, dict[str, str]]]:
    return [(name, dict(attributes)) for name, attributes in page.evaluate(_SHADOW)]


@pytest.mark.parametrize("policy", [None, ""], ids=["strict policy", "no policy"])
def test_nothing_that_an_answer_holds_becomes_markup_or_runs(
    visit: Visits, service: Service, policy: str | None
) -> None:
    everywhere = "".join(MARKUP)
    hostile = [_hostile(text, rank) for rank, text in enumerate(MARKUP, 1)]
    # Two names, so that all three kinds of chips can be removed.
    interpretation: Json = {
        "speakers": [everywhere, everywhere],
        "topic": everywhere,
        "published_from": everywhere,
        "published_to": None,
    }
    given = answer(*hostile, question=everywhere, query_id=everywhere, interpretation=interpretation)
    seen = visit(
        service.tag(
            "<p slot=footer>Footer</p>",
            feedback="",
            label=everywhere.replace("\x00", ""),
            placeholder=everywhere.replace("\x00", ""),
            link_target="_blank",
        ),
        prepare=answering(given),
        policy=policy,
    )
    page = seen.page
    ask(page)
    expect(page.locator("[part=passage]")).to_have_count(len(MARKUP))
    for text, quote in zip(MARKUP, page.locator("blockquote").all(), strict=True):
        assert quote.text_content() == text * 2
    for part in ("chip-edit", "copy", "helpful"):
        page.locator(f"[part={part}]").first.dispatch_event("click")
    page.evaluate("(strings) => { document.querySelector('archive-ask').strings = strings }", {"by": everywhere})
    names = {name for name, _ in _elements(page)}
    assert names <= _MADE
    attributes = {(name, value) for _, given in _elements(page) for name, value in given.items()}
    assert not [name for name, _ in attributes if name.startswith("on") or name in ("style", "srcdoc", "action")]
    # The reason of a refusal, those who are quoted, and those who spoke: the other half of an answer.
    others: dict[str, Any] = {
        "asked_for": [{"name": everywhere, "statements": 1, "articles": 1}],
        "spoken_of_by": [everywhere],
        "interpretation": interpretation,
    }
    for reason in ("speaker_not_quoted_on_topic", everywhere, "constructor"):
        answering(unanswered(reason, **others))(page)
        ask(page)
        expect(page.locator("[part=heading]")).not_to_have_text("Searching…")
    assert {name for name, _ in _elements(page)} <= _MADE
    # A problem's text is never shown, since whoever stands between may have written it.
    answering({"title": everywhere, "detail": everywhere}, 422)(page)
    ask(page)
    expect(page.get_by_role("alert")).to_have_text("The archive cannot read this question. Please put it differently.")
    assert [one for one in seen.wrong() if "status of" not in one and "shape" not in one] == []


def test_only_addresses_of_the_web_become_links(visit: Visits, service: Service) -> None:
    bad = [
        passage(rank, citation=citation(link=link), copies=[citation(link=link)]) for rank, link in enumerate(ADDRESSES)
    ]
    good = {
        "/articles/harbour#v1-0-60": f"{service.origin}/articles/harbour#v1-0-60",
        "https://press.example/ferry?a=1#:~:text=The%20night": "https://press.example/ferry?a=1#:~:text=The%20night",
        "//evil.example/x": f"{service.origin}//evil.example/x",
    }
    cited = [passage(100 + rank, citation=citation(link=link)) for rank, link in enumerate(good)]
    seen = visit(service.tag(), prepare=answering(answer(*bad, *cited)))
    ask(seen.page)
    expect(seen.page.locator("[part=passage]")).to_have_count(len(bad) + len(cited))
    # Of each good one the heading and the title, and at last the link to the service's own page.
    links = [given["href"] for name, given in _elements(seen.page) if name == "a"]
    assert links[:-1] == [link for link in good.values() for _ in range(2)]
    assert [given["cite"] for name, given in _elements(seen.page) if "cite" in given] == list(good.values())
    expect(seen.page.locator("[part=passage]").first).to_contain_text("Harbour ferry to keep its night service")
    assert seen.wrong() == []


def test_what_overrides_the_direction_of_writing_reaches_no_other_text(visit: Visits, service: Service) -> None:
    rank = passage(citation=citation(title="\u202etitle", publisher="\u202epublisher", author="\u202eauthor"))
    seen = visit(service.tag(), prepare=answering(answer(rank)))
    ask(seen.page)
    for text in ("title", "publisher", "author"):
        assert seen.page.locator(f"bdi:text-is('\u202e{text}')").count() == 1
    expect(seen.page.locator("blockquote")).to_have_attribute("dir", "auto")


_LEAKING = """
    * { color: red !important; background: lime !important; font: italic 900 40px/3 fantasy !important;
        letter-spacing: 1em !important; word-spacing: 2em !important; text-transform: uppercase !important;
        text-indent: 3em !important; text-align: end !important; white-space: nowrap !important;
        visibility: visible; pointer-events: none !important; user-select: none !important; cursor: wait !important;
        list-style: square inside !important; quotes: "<" ">" !important; tab-size: 20 !important; }
    p, a, button, input, h2, h3, mark, blockquote, li, form, label, dialog, [part], [hidden] {
        display: inline !important; margin: 5em !important; border: 9px dashed !important; float: right !important; }
    html { --bg: red; --text: red; --line: red; --accent: red; --space: 9em; }
    body { width: 600px !important; }
"""
_LOOKS = """() => {
    const root = document.querySelector('archive-ask').shadowRoot;
    return [...root.querySelectorAll('[part]')].map((one) => {
        const { width, height } = one.getBoundingClientRect(), style = getComputedStyle(one);
        return [one.part.value, Math.round(width), Math.round(height), ...['color', 'background-color', 'font-size',
            'font-weight', 'line-height', 'letter-spacing', 'text-transform', 'text-align', 'white-space',
            'pointer-events', 'user-select', 'display', 'margin-top', 'float', 'border-top-width', 'visibility',
            'text-indent', 'word-spacing', 'list-style-type'].map((name) => style.getPropertyValue(name))].join(' ');
    });
}"""
_PAGE = """() => [document.documentElement, document.body].map((one) => {
    const style = getComputedStyle(one);
    return [...style].map((name) => style.getPropertyValue(name)).join();
})"""


def test_no_style_of_the_page_reaches_into_the_widget_and_none_of_the_widget_out(
    visit: Visits, service: Service
) -> None:
    looks = []
    for style in ("body { width: 600px !important }", _LEAKING):
        page = visit(
            service.tag(feedback="", **{"class": "x"}),
            head=f"<style>{escape(style, quote=False)}</style>".replace("&lt;", "<").replace("&gt;", ">"),
            prepare=answering(answer()),
            policy="",
        ).page
        # What a page says of the font is meant to reach in, so it is set to one.
        page.evaluate("document.querySelector('archive-ask').style.setProperty('--ask-font', 'monospace')")
        ask(page)
        expect(page.locator("[part=passage]")).to_be_visible()
        looks.append(page.evaluate(_LOOKS))
    assert looks[0] == looks[1]

    page = visit(service.tag(mode="dialog"), policy="").page
    before = page.evaluate(_PAGE)
    page.get_by_role("button", name="Ask the archive").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(_PAGE) == before


def test_properties_and_parts_let_a_page_style_the_widget(visit: Visits, service: Service) -> None:
    style = """archive-ask { --ask-bg: rgb(1, 2, 3); --ask-text: rgb(4, 5, 6); --ask-accent: rgb(7, 8, 9);
        --ask-on-accent: rgb(10, 11, 12); --ask-mark-bg: rgb(13, 14, 15); --ask-mark-text: rgb(16, 17, 18);
        --ask-font: monospace; --ask-font-size: 20px; --ask-width: 300px; --ask-space: 3px; --ask-radius: 1px;
        --ask-muted: rgb(19, 20, 21); --ask-border: rgb(22, 23, 24); --ask-surface: rgb(25, 26, 27); }
        archive-ask::part(title) { letter-spacing: 7px }"""
    page = visit(service.tag(), head=f"<style>{style}</style>", prepare=answering(answer()), policy="").page
    ask(page)
    for part, wanted in {
        "panel": {
            "background-color": "rgb(1, 2, 3)",
            "color": "rgb(4, 5, 6)",
            "font-family": "monospace",
            "font-size": "20px",
            "width": "300px",
            "padding-top": "3px",
            "border-top-left-radius": "1px",
        },
        "submit": {"background-color": "rgb(7, 8, 9)", "color": "rgb(10, 11, 12)"},
        "mark": {"background-color": "rgb(13, 14, 15)", "color": "rgb(16, 17, 18)"},
        "source": {"color": "rgb(19, 20, 21)"},
        "input": {"border-top-color": "rgb(22, 23, 24)"},
        "title": {"letter-spacing": "7px"},
    }.items():
        for name, value in wanted.items():
            expect(page.locator(f"[part={part}]")).to_have_css(name, value)
