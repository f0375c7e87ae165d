import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.markup import plain

WORDS = st.lists(st.text("abcdefghij“”’é", min_size=1, max_size=8), min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("One <b>two</b>  three\n four", "One two three four\n"),
        ("<h2>Head</h2><p>One.</p><p>Two.</p>", "Head\n\nOne.\n\nTwo.\n"),
        ("<p>One.<br>Two.<br/><br/>Three.</p>", "One.\nTwo.\n\nThree.\n"),
        ("<p>a</p><ul><li>b</li><li><p>c</p></li></ul><p>d</p>", "a\n\n  • b\n  • c\n\nd\n"),
        ("<ol start=3><li>b<ul><li>c</ul><li>d</ol>e", "  3. b\n  • c\n  4. d\n\ne\n"),
        (
            "<table><tr><th>a<th>b<tr><td>1<td>2</table><p>x",
            "a | b\n1 | 2\n\nx\n",
        ),
        (
            "<table><tr><td><table><tr><td><p>a</p><p>b</p></td></tr></table></td></tr><tr><td>c</td></tr></table>",
            "a\n\nb\n\nc\n",
        ),
        ("<pre>a\n  b</pre>", "a\nb\n"),
        ("a&amp;b &nbsp; &lt;c&gt; &#0;", "a&b <c> \ufffd\n"),
        ("hy\u00adphen&shy;ated wide\u200bspace", "hyphenated widespace\n"),
        ("<script>var x = '<p>';</script><style>p {}</style><p>a<!-- b -->c<?d?></p>", "ac\n"),
        ("<p style='DISPLAY : none'>a<b>b</b></p><div hidden><p>c</div>d", "d\n"),
        ("<title/><script src='x'/><p>XHTML<a id='x'/> too</p>", "XHTML too\n"),
        ("", ""),
        ("<p> </p>", ""),
        ("</li></ul></pre></table>a<li>b", "a\n\n  • b\n"),
    ],
)
def test_content_becomes_plain_text(fragment: str, text: str) -> None:
    assert plain(fragment) == text


@pytest.mark.parametrize("tag", ["div", "b", "li", "ul", "table", "blockquote", "svg"])
def test_nothing_is_nested_too_deep(tag: str) -> None:
    fragment = f"<{tag}>" * 100_000 + "deep" + f"</{tag}>" * 100_000 + "<p>after"
    assert "after" in plain(fragment)


@given(st.lists(WORDS, min_size=1))
def test_paragraphs_are_read_as_they_were_written(paragraphs: list[str]) -> None:
    fragment = "\n".join(f"<p>{one}</p>" for one in paragraphs)
    assert plain(fragment) == "\n\n".join(paragraphs) + "\n"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_that_is_escaped_keeps_all_its_words(text: str) -> None:
    words = text.translate(dict.fromkeys(map(ord, "\xad\u034f\u200b\ufeff"))).split()
    assert plain(f"<p>{html.escape(text)}</p>").split() == words


@given(st.text("<>/aulipdtr \n&;\"'=!-", max_size=60))
def test_no_markup_is_too_broken(fragment: str) -> None:
    text = plain(fragment)
    assert "\n\n\n" not in text
    assert text == text.lstrip("\n")
