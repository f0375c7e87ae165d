"""Text between quotation marks, wherever it stands, and what it looks like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.types import Span

_PARAGRAPH = re.compile(r"[^\n]*\S[^\n]*")
# One literal an alternative: so the engine skips to the next mark. A ’ neither opens nor closes by itself.
_MARK = re.compile(r"“|”|\"|‘|''?|``")
_OPENING = re.compile(r"\s*(?:“|\"|'')")
_OPENS_BEFORE = " \t\n([{—–-/\xa0:*"
_END = ".,!?…;:—–-"
_LONGEST_UNCLOSED = 1500


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of one paragraph between quotation marks.

    Attributes:
        outer: With its marks.
        inner: Without them.
        continues: Not closed where its paragraph ends, and the next opens with a mark: one quotation.
    """

    outer: Span
    inner: Span
    continues: bool = False


def quotations(text: str) -> list[Mark]:
    """Find all outermost quotations, in order, none crossing the end of a paragraph.

    Curly, straight, single and doubled single marks are told from apostrophes by their neighbours. What is
    never closed ends with its paragraph.

    Args:
        text: Any text.

    Returns:
        Disjoint marks in reading order.
    """
    found: list[Mark] = []
    paragraphs = list(_PARAGRAPH.finditer(text))
    for number, paragraph in enumerate(paragraphs):
        goes_on = number + 1 < len(paragraphs) and _OPENING.match(text, paragraphs[number + 1].start()) is not None
        found.extend(_in_paragraph(text, paragraph.start(), paragraph.end(), goes_on))
    return found


def _in_paragraph(text: str, start: int, end: int, goes_on: bool) -> Iterator[Mark]:
    opened: re.Match[str] | None = None
    position = start
    while match := _MARK.search(text, position, end):
        position = match.end()
        if opened is not None:
            if _closes(text, match, end):
                yield _mark(opened, match.start(), match.end())
                opened = None
            elif match.group() == "“":  # the one before was never closed: a slip of the pen
                opened = match
        elif _opens(text, match, start, end):
            if match.group() in {"‘", "'"}:
                closing = _single_close(text, match.end(), end)
                if closing is not None:
                    yield _mark(match, closing, closing + 1)
                    position = closing + 1
            else:
                opened = match
    if opened is not None and end - opened.end() <= _LONGEST_UNCLOSED:
        stop = opened.end() + len(text[opened.end() : end].rstrip())
        if stop > opened.end():
            yield _mark(opened, stop, stop, goes_on)


def _mark(opened: re.Match[str], stop: int, end: int, continues: bool = False) -> Mark:
    return Mark(Span(opened.start(), end), Span(opened.end(), stop), continues)


def _closes(text: str, match: re.Match[str], end: int) -> bool:
    sign = match.group()
    if sign == "”":
        return True
    if sign not in {'"', "''"}:
        return False
    after = text[match.end()] if match.end() < end else " "
    return not after.isalnum() or not text[match.start() - 1].isspace()


def _opens(text: str, match: re.Match[str], start: int, end: int) -> bool:
    sign = match.group()
    before = text[match.start() - 1] if match.start() > start else " "
    after = text[match.end()] if match.end() < end else " "
    if sign in {"“", "``"}:
        return True
    if sign in {'"', "''", "”"}:
        return not after.isspace() and (before in _OPENS_BEFORE or (sign != "”" and not before.isalnum()))
    if sign in {"‘", "'"}:
        return before in _OPENS_BEFORE and (after.isalpha() or after in "[…$£") and not _elided(text, match.end())
    return False


def _elided(text: str, position: int) -> bool:
    """Whether the mark is an apostrophe for letters left out, as in 'em or ’90s."""
    return text[position : position + 4].lower().startswith(("em ", "til ", "tis", "twas", "cause", "n "))


def _single_close(text: str, start: int, end: int) -> int | None:
    """Where a single quotation ends: at a mark after punctuation, else the first that is no apostrophe."""
    fallback: int | None = None
    for position in range(start + 1, end):
        if text[position] not in "’'":
            if text[position] == "‘" and fallback is not None:
                break
            continue
        after = text[position + 1] if position + 1 < end else " "
        if after.isalnum():
            continue
        if text[position - 1] in _END or after in ".,;:)?!" or text[position - 1] not in "sS":
            return position
        fallback = position if fallback is None else fallback
    return fallback
