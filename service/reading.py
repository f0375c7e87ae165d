"""An article's text as its page shows it: cut at passages, paragraphs and quotations, to the letter."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from retrieval.cite import anchor
from retrieval.statements import whole
from retrieval.types import Passage, Span, Statement, StoredArticle

_PARAGRAPHS = re.compile(r"(\n[^\S\n]*\n\s*)")
_OPENING, _CLOSING = frozenset("\"“‘'«„‹"), frozenset("\"”’'»“›")
# More speakers than these share the looks of the last.
_TONES = 4


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph of which one person says all or nothing.

    Attributes:
        says: The statement that it is part of; None for the article's own words.
        begins: Whether it is to be told who says it: what stands before it is somebody else's, or the article's.
        ends: Whether what stands behind it is somebody else's, or the article's.
        tone: Number of the speaker in this article, from 1 for the most quoted; 0 where nobody speaks.
        cited: Whether it is what the reader came for.
        anchor: Name of what the reader came for, where it begins with this.
    """

    text: str
    says: Statement | None
    begins: bool
    ends: bool
    tone: int
    cited: bool
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or the blank lines between two of them."""

    runs: tuple[Run, ...]
    is_paragraph: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A run of an article's text as the page shows it.

    Attributes:
        anchor: What a link to it names; None for text that is in no passage.
        continues: Whether it begins in the middle of a paragraph.
        pieces: Its text, cut at the blank lines.
        span: Where it stands.
        cited: Whether what the reader came for ends in it.
    """

    anchor: str | None
    continues: bool
    pieces: tuple[Piece, ...]
    span: Span
    cited: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as its page shows it.

    Attributes:
        blocks: Its text from the first to the last character that is not white space.
        speakers: Who is quoted, and in how many statements, the most quoted first.
    """

    blocks: tuple[Block, ...]
    speakers: tuple[tuple[str, int], ...]


def reading(stored: StoredArticle, passages: Sequence[Passage], cited: Span | None = None) -> Reading:
    """Cut an article's text.

    Args:
        stored: The version to show.
        passages: All of it, in reading order.
        cited: What the reader came for.
    """
    text = stored.article.text
    # That somebody is quoted can be told even where it is uncertain who; what is reported, hardly.
    known = (one for one in whole(text, passages) if one.speaker is not None or one.direct)
    told = [_with_marks(one, text) for one in known]
    counted = Counter(one.speaker for one in told if one.speaker is not None)
    speakers = tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
    tones = {name: min(tone, _TONES) for tone, (name, _) in enumerate(speakers, 1)}
    # A passage is marked as a whole; what is none, within one.
    is_passage = cited in [Span(one.start, one.end) for one in passages]
    cut = _Cutter(stored, told, tones, None if is_passage else cited)
    return Reading(tuple(_blocks(stored, passages, cut, cited)), speakers)


def _blocks(stored: StoredArticle, passages: Sequence[Passage], cut: "_Cutter", cited: Span | None) -> Iterator[Block]:
    text, position = stored.article.text, 0

    def block(name: str | None, span: Span, *, continues: bool) -> Block:
        here = cited is not None and span.start < cited.end <= span.end
        return Block(name, continues, tuple(_pieces(text, span, cut)), span, here)

    for passage in passages:
        between = text[position : passage.start]
        if between.strip():
            yield block(None, Span(position, passage.start), continues=False)
        name = anchor(passage.version, passage.start, passage.end)
        continues = position > 0 and "\n" not in between
        yield block(name, Span(passage.start, passage.end), continues=continues)
        position = passage.end
    if text[position:].strip():
        yield block(None, Span(position, len(text)), continues=False)


def _pieces(text: str, span: Span, cut: "_Cutter") -> Iterator[Piece]:
    position = span.start
    for index, piece in enumerate(_PARAGRAPHS.split(text[span.start : span.end])):
        if piece:
            yield Piece(tuple(cut.runs(position, position + len(piece))), index % 2 == 0)
        position += len(piece)


def pieces(runs: Iterable[tuple[str, str]]) -> Iterator[tuple[bool, list[tuple[str, str]]]]:
    """A text cut at its blank lines: whether each piece is a paragraph, and its runs.

    Args:
        runs: The text, piece by piece, each with what tells it from the others.
    """
    kept = [(text, kind) for text, kind in runs if text]
    for index, piece in enumerate(_PARAGRAPHS.split("".join(text for text, _ in kept))):
        found, left = [], len(piece)
        while left:
            text, kind = kept.pop(0)
            found.append((text[:left], kind))
            if len(text) > left:
                kept.insert(0, (text[left:], kind))
            left -= min(left, len(text))
        if found:
            yield index % 2 == 0, found


def _with_marks(one: Statement, text: str) -> Statement:
    """A direct quotation with its quotation marks, where it has them."""
    if not one.direct:
        return one
    start = one.start - (text[max(0, one.start - 1) : one.start] in _OPENING)
    end = one.end + (text[one.end : one.end + 1] in _CLOSING)
    return replace(one, start=start, end=end, text=text[start:end])


class _Cutter:
    """Cuts any part of an article's text into runs."""

    def __init__(
        self, stored: StoredArticle, told: Sequence[Statement], tones: dict[str, int], cited: Span | None
    ) -> None:
        self._stored = stored
        self._tones = tones
        self._cited = cited
        bounds = {0, len(stored.article.text), *(bound for one in told for bound in (one.start, one.end))}
        if cited is not None:
            bounds |= {cited.start, cited.end}
        self._bounds = sorted(bounds)
        self._says = list(_innermost(told, self._bounds))

    def runs(self, start: int, end: int) -> Iterator[Run]:
        place = bisect_right(self._bounds, start) - 1
        while place < len(self._says) and self._bounds[place] < end:
            first, last = max(start, self._bounds[place]), min(end, self._bounds[place + 1])
            yield self._run(place, first, last)
            place += 1

    def _run(self, place: int, start: int, end: int) -> Run:
        says, cited = self._says[place], self._cited
        inside = cited is not None and cited.start <= start and end <= cited.end
        return Run(
            text=self._stored.article.text[start:end],
            says=says,
            begins=says is not None and start == self._bounds[place] and self._at(place - 1) is not says,
            ends=says is not None and end == self._bounds[place + 1] and self._at(place + 1) is not says,
            tone=self._tones.get(says.speaker or "", 0) if says else 0,
            cited=inside,
            anchor=anchor(self._stored.version, cited.start, cited.end)
            if cited is not None and inside and start == cited.start
            else None,
        )

    def _at(self, place: int) -> Statement | None:
        return self._says[place] if 0 <= place < len(self._says) else None


def _innermost(told: Sequence[Statement], bounds: Sequence[int]) -> Iterator[Statement | None]:
    """Who says what stands between each two bounds; where statements lie in each other, the one that began last.

    What a person says inside of a statement of theirs is part of it.
    """
    waiting = sorted(told, key=lambda one: (one.start, -one.end), reverse=True)
    open_: list[Statement] = []
    for start, _ in pairwise(bounds):
        open_ = [one for one in open_ if one.end > start]
        while waiting and waiting[-1].start <= start:
            one = waiting.pop()
            if not any(other.speaker == one.speaker and other.end >= one.end for other in open_):
                open_.append(one)
        yield open_[-1] if open_ else None
