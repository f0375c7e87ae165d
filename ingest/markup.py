"""HTML that is known to be content, as plain text: chapters of books, posts of an export, the body of a message.

A whole page, of which only a part is the article, is another matter: see ``ingest.readers.html``.
"""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

_PIECE = 1 << 16
_UNSEEN = frozenset(
    "audio button canvas datalist head iframe input map math noembed noframes noscript object script select style svg "
    "template textarea title video".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup p pre search section "
    "summary table tbody tfoot thead tr ul".split()
)
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CELLS = frozenset({"td", "th"})
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
# Where a word may be broken, and what newsletters fill their previews with.
_NO_CHARACTERS = dict.fromkeys(map(ord, "\xad\u034f\u200b\ufeff\0"))


def plain(fragment: str) -> str:
    """The text of a fragment of HTML or XHTML, or of a document that is all content.

    Paragraphs and headings have blank lines between, items of lists a bullet or their number, cells of a row bars; as
    plain text is made of Markdown (``ingest.readers.markdown``). What no browser shows is left out.

    The parser hands out tags as it comes by them and no tree is built, so nothing is nested too deep.

    Returns:
        Lines that end in line feeds; nothing where nothing is to be read.
    """
    target: Any = _Text()
    parser = etree.HTMLParser(
        target=target, encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    data = fragment.encode("utf-8", "replace")
    if not data.strip():
        return ""
    for start in range(0, len(data), _PIECE):
        parser.feed(data[start : start + _PIECE])
    return str(parser.close())


class _Text:
    """What the parser tells of, put together to a text (``lxml``'s interface of a parser target)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._line: list[str] = []
        self._gap = self._bullet = ""
        self._unseen = self._exact = self._cells = 0
        # The next number of each list that is open; 0 where it has bullets.
        self._numbers: list[int] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if self._unseen or tag in _UNSEEN or _is_hidden(attributes):
            self._unseen += 1
        elif tag == "br":
            self._line.append("\0")
        elif tag in _CELLS:
            self._begin_cell()
        elif tag in _BLOCKS:
            self._end_block()
            self._begin(tag, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._unseen:
            self._unseen -= 1
        elif tag in _BLOCKS:
            self._end_block()
            self._end(tag)

    def data(self, text: str) -> None:
        """Characters of an element."""
        if not self._unseen:
            text = text.translate(_NO_CHARACTERS)
            self._line.append(text.replace("\r", "").replace("\n", "\0") if self._exact else text)

    def close(self) -> str:
        """All has been told."""
        self._end_block()
        return "".join([*self._parts, "\n"]) if self._parts else ""

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _LISTS:
            self._gap = "\n" if self._numbers else "\n\n"
            self._numbers.append(_first_number(attributes) if tag == "ol" else 0)
        elif tag == "li":
            self._bullet = self._next_bullet()
        elif tag == "tr":
            self._cells = 0
        elif tag == "pre":
            self._exact += 1

    def _end(self, tag: str) -> None:
        if tag in _LISTS and self._numbers:
            self._numbers.pop()
            self._bullet = ""
            self._gap = "\n" if self._numbers else "\n\n"
        elif tag == "tr" and self._cells > 1:
            self._gap = "\n"
        elif tag == "table":
            self._gap = "\n\n"
        elif tag == "pre":
            self._exact = max(0, self._exact - 1)

    def _begin_cell(self) -> None:
        """A bar after the cell before, unless that one held paragraphs: then the table only lays out a page."""
        self._cells += 1
        if "".join(self._line).strip():
            self._line.append(" | ")

    def _next_bullet(self) -> str:
        if not self._numbers or not self._numbers[-1]:
            return "  • "
        self._numbers[-1] += 1
        return f"  {self._numbers[-1] - 1}. "

    def _end_block(self) -> None:
        lines = [" ".join(line.split()) for line in "".join(self._line).split("\0")]
        self._line = []
        if text := "\n".join(lines).strip("\n"):
            self._parts += (self._gap if self._parts else "", self._bullet, re.sub(r"\n{3,}", "\n\n", text))
            self._gap, self._bullet = "\n" if self._numbers else "\n\n", ""


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or _INVISIBLE.search(attributes.get("style", "")) is not None


def _first_number(attributes: Mapping[str, str]) -> int:
    said = attributes.get("start", "")
    return int(said) if re.fullmatch("[1-9][0-9]{0,5}", said) else 1
