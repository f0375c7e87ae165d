"""From where words stand on printed pages to a text: columns in reading order, lines as paragraphs.

Coordinates are those of the page: to the right and up, in points. Words are never taken out but for what is printed
at the same place of page after page.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from ingest.hyphens import Hyphens


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stand together on one line of a page.

    Attributes:
        left: In points, as right, bottom and top.
        size: Of the font: how high its lines are, in points.
    """

    left: float
    right: float
    bottom: float
    top: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a column; ``width`` is that of its first word."""

    page: int
    left: float
    right: float
    bottom: float
    size: float
    text: str

    @property
    def first_word(self) -> float:
        """About how wide its first word is."""
        return (self.right - self.left) * len(self.text.split(maxsplit=1)[0]) / len(self.text)


@dataclass(slots=True)
class _Paragraph:
    """Rows that belong together, ``margin`` being how far to the right the longest of their neighbours goes."""

    rows: list[_Row]
    margin: float

    @property
    def size(self) -> float:
        """Of its font."""
        return median(row.size for row in self.rows)


def text_of(pages: Sequence[Sequence[Piece]]) -> tuple[str, tuple[int, ...]]:
    """The text of a printed document, and where in it each page but the first begins.

    Lines are joined to paragraphs, which have blank lines between, also where they go on in the next column or on the
    next page. Running heads and feet and page numbers are left out, words that were broken at the end of a line are
    whole again.
    """
    paragraphs: list[_Paragraph] = []
    for page, pieces in enumerate(_without_furniture(pages)):
        for column in _columns(list(pieces)):
            for number, paragraph in enumerate(_paragraphs(_rows(page, column))):
                if number or not _continued(paragraphs, paragraph):
                    paragraphs.append(paragraph)
    return _written(paragraphs, len(pages))


# --- running heads, feet and page numbers --------------------------------------------------------------

_PAGE_NUMBER = re.compile(
    r"(?:page|p\.)?\s*[-–—|]?\s*(?:(?P<arabic>\d{1,4})|(?P<roman>[ivxlc]{1,7}))\s*(?:(?:of|/)\s*\d{1,4})?\s*[-–—|]?",
    re.IGNORECASE,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
# Lines at the top and at the bottom of a page that can be furniture, and points that it may stand higher or lower.
_EDGE, _SAME_PLACE = 3, 6.0


def _without_furniture(pages: Sequence[Sequence[Piece]]) -> Iterator[Sequence[Piece]]:
    """The pages without what stands at the same place of several; only ever whole lines from the edges inwards."""
    lines = [_lines(page) for page in pages]
    heads, feet = [one[:_EDGE] for one in lines], [one[::-1][:_EDGE] for one in lines]
    repeated = zip(heads, _repeated(heads), feet, _repeated(feet), strict=True)
    for page, (head, of_head, foot, of_foot) in zip(pages, repeated, strict=True):
        gone = {*_peeled(head, of_head), *_peeled(foot, of_foot)}
        yield [piece for piece in page if piece not in gone]


def _peeled(edge: Sequence[Sequence[Piece]], furniture: set[Piece]) -> Iterator[Piece]:
    for line in edge:
        # What stands in one line with a page number or a running head is one too: the name of a chapter.
        if not furniture.intersection(line) or any(_is_sentence(piece.text) for piece in line):
            break
        yield from line


def _repeated(edges: Sequence[Sequence[Sequence[Piece]]]) -> list[set[Piece]]:
    """Of each page the pieces at an edge that are page numbers, or stand on other pages at the same place."""
    least = 2 if len(edges) < 6 else 3
    places: dict[str, list[tuple[int, Piece]]] = {}
    for number, lines in enumerate(edges):
        for piece in (piece for line in lines for piece in line):
            for key in _keys(number, piece.text.casefold()):
                places.setdefault(key, []).append((number, piece))
    found: list[set[Piece]] = [set() for _ in edges]
    for same in places.values():
        height = median(piece.bottom for _, piece in same)
        there = [(number, piece) for number, piece in same if abs(piece.bottom - height) <= _SAME_PLACE]
        if len({number for number, _ in there}) >= least:
            for number, piece in there:
                found[number].add(piece)
    return found


def _keys(page: int, text: str) -> set[str]:
    """What is the same on other pages: the text itself, or with what its numbers are ahead of the count of pages."""
    shown = _page_number(text)
    if shown is not None:
        return {f"page {shown - page}"}
    return {text, re.sub(r"\d{1,6}", lambda found: f"#{int(found[0]) - page}", text)}


def _page_number(text: str) -> int | None:
    match = _PAGE_NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    if match["arabic"]:
        return int(match["arabic"])
    values = [_ROMAN[sign] for sign in match["roman"].lower()]
    return sum(-one if one < other else one for one, other in zip(values, [*values[1:], 0], strict=True))


def _is_sentence(text: str) -> bool:
    return len(text.split()) >= 5 and _ends_sentence(text)


# --- columns -------------------------------------------------------------------------------------------

# Lines that a column has at least, and characters of a line: a table has less.
_FEWEST, _NARROWEST = 3, 12
# Points between columns.
_GUTTER = 4.0


def _columns(pieces: list[Piece]) -> list[list[Piece]]:
    """Parts of a page in the order that they are read in; what goes over several columns is a part between them."""
    waiting, found = [pieces], []
    while waiting:
        part = waiting.pop()
        divided = _divided(part)
        if divided is None:
            found.append(part)
        else:
            waiting += reversed(divided)
    return [part for part in found if part]


def _divided(pieces: Sequence[Piece]) -> list[list[Piece]] | None:
    """The parts left and right of a gutter, with what crosses it between them; None where there is none."""
    starts = Counter(round(piece.left) for piece in pieces)
    best: tuple[int, float] | None = None
    for start, count in sorted(starts.items()):
        if count >= _FEWEST and (crossing := _crossing(pieces, start - 1.0)) is not None:
            best = min(best or (crossing, start - 1.0), (crossing, start - 1.0))
    return None if best is None else _zones(pieces, best[1])


def _sides(pieces: Sequence[Piece], edge: float) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """What stands to the left of an edge, what begins to the right of it, and what does neither."""
    left = [piece for piece in pieces if piece.right <= edge - _GUTTER + 1]
    right = [piece for piece in pieces if piece.left >= edge - 0.5]
    across = [piece for piece in pieces if piece.right > edge - _GUTTER + 1 and piece.left < edge - 0.5]
    ends = {piece for piece in (*left, *right) if _ends_heading(piece, across, median(one.size for one in pieces))}
    left, right = ([piece for piece in side if piece not in ends] for side in (left, right))
    return left, right, [*across, *ends]


def _ends_heading(piece: Piece, across: Sequence[Piece], usual: float) -> bool:
    """Whether it is the short last line of a heading that goes over several columns."""
    return not _alike(piece.size, usual) and any(
        _alike(piece.size, one.size) and 0 < one.bottom - piece.bottom < 2 * one.size for one in across
    )


def _crossing(pieces: Sequence[Piece], edge: float) -> int | None:
    """How many pieces cross an edge; None where no columns are beside it."""
    left, right, across = _sides(pieces, edge)
    fewest = min(len(left), len(right))
    if fewest < _FEWEST or len(across) >= fewest or min(map(_letters, (left, right))) < _NARROWEST:
        return None
    common = min(_top(left), _top(right)) - max(_foot(left), _foot(right))
    shorter = min(_top(left) - _foot(left), _top(right) - _foot(right))
    return len(across) if common >= 0.5 * shorter else None


def _letters(pieces: Sequence[Piece]) -> float:
    return median(len(piece.text) for piece in pieces)


def _top(pieces: Sequence[Piece]) -> float:
    return max(piece.top for piece in pieces)


def _foot(pieces: Sequence[Piece]) -> float:
    return min(piece.bottom for piece in pieces)


def _zones(pieces: Sequence[Piece], edge: float) -> list[list[Piece]]:
    left, right, across = _sides(pieces, edge)
    across.sort(key=lambda piece: -piece.top)
    zones: list[list[Piece]] = [[]]
    for number in range(len(across) + 1):
        above = across[number - 1].bottom if number else float("inf")
        below = across[number].bottom if number < len(across) else float("-inf")
        for side in (left, right):
            inside = [piece for piece in side if below <= piece.bottom < above]
            if inside:
                zones += [inside, []]
        if number < len(across):
            zones[-1].append(across[number])
    return [zone for zone in zones if zone]


# --- lines ---------------------------------------------------------------------------------------------


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that stand beside each other, from the top down, each line from left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (-(piece.top + piece.bottom), piece.left)):
        if lines and _beside(lines[-1][0], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda piece: piece.left) for line in lines]


def _beside(one: Piece, other: Piece) -> bool:
    common = min(one.top, other.top) - max(one.bottom, other.bottom)
    return common > 0.5 * min(one.top - one.bottom, other.top - other.bottom)


def _rows(page: int, pieces: Sequence[Piece]) -> list[_Row]:
    return [
        _Row(
            page,
            line[0].left,
            max(piece.right for piece in line),
            max(line, key=lambda piece: len(piece.text)).bottom,
            max(line, key=lambda piece: len(piece.text)).size,
            " ".join(" ".join(piece.text for piece in line).split()),
        )
        for line in _lines(_with_initials(pieces))
    ]


def _with_initials(pieces: Sequence[Piece]) -> list[Piece]:
    """Large initials over several lines, put before the words that they begin."""
    usual = median(piece.size for piece in pieces)
    found = [piece for piece in pieces if piece.size > 1.8 * usual and len(piece.text) == 1 and piece.text.isalpha()]
    rest = [piece for piece in pieces if piece not in found]
    for initial in found:
        beside = [piece for piece in rest if piece.left >= initial.right - 1 and _beside(initial, piece)]
        if beside and len(_lines(beside)) > 1:
            first = max(beside, key=lambda piece: (piece.top, -piece.left))
            joined = replace(first, left=initial.left, text=initial.text + first.text)
            rest[rest.index(first)] = joined
        else:
            rest.append(initial)
    return rest


# --- paragraphs ----------------------------------------------------------------------------------------

_SENTENCE_END = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_BULLET = re.compile(r"[•▪◦‣●■○∙·]|\(?(?:\d{1,3}|[a-z])[.)]\s")


def _ends_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None


def _paragraphs(rows: Sequence[_Row]) -> Iterator[_Paragraph]:
    edges = sorted(row.right for row in rows)
    usual = edges[int(0.9 * len(edges))]
    for block in _blocks(rows):
        margin = max(usual, *(row.right for row in block))
        begin = 0
        for at in range(1, len(block) + 1):
            if at == len(block) or _begins(block, at, begin, margin):
                yield _Paragraph(list(block[begin:at]), margin)
                begin = at


def _blocks(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    """Rows of one size of font, with no more space between them than is usual between lines."""
    steps = sorted(one.bottom - other.bottom for one, other in pairwise(rows))
    # Where there are few steps, nothing is usual.
    usual = steps[len(steps) // 5] if len(steps) > 4 else 0.0
    begin = 0
    for at in range(1, len(rows) + 1):
        if at < len(rows):
            above, row = rows[at - 1], rows[at]
            apart = above.bottom - row.bottom > max(1.3 * usual, 1.4 * row.size)
            if not apart and _alike(above.size, row.size) and not row.text.startswith("•"):
                continue
        yield rows[begin:at]
        begin = at


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= 0.12 * max(one, other)


def _begins(block: Sequence[_Row], at: int, begin: int, margin: float) -> bool:
    """Whether a row begins a paragraph: by its indent, or because its first word had room on the line before."""
    above, row = block[at - 1], block[at]
    closed = _ends_sentence(above.text)
    listed = _BULLET.match(row.text) is not None
    shift = row.left - above.left
    indented = shift > 0.7 * row.size and not _BULLET.match(above.text)
    outdented = shift < -0.7 * row.size and at - begin > 1
    if closed and (indented or outdented or (listed and shift <= 0.7 * row.size)):
        return True
    edge = min(row.left for row in block)
    room = margin - above.right - row.first_word - 0.5 * row.size
    ended = closed or row.left - edge > 0.7 * row.size or room > 0.3 * (margin - edge)
    return room > 0 and ended and not _is_broken(above.text)


def _is_broken(text: str) -> bool:
    return text.endswith(("-", "\xad", "‐"))


def _continued(paragraphs: list[_Paragraph], following: _Paragraph) -> bool:
    """Add the first paragraph of a column or page to the one that it goes on with, if there is one.

    Notes may stand between the two, at the foot of the page: they are put before, so that each stays on its page.
    """
    at = len(paragraphs) - 1
    while at >= 0 and paragraphs[at].size < 0.88 * following.size and len(paragraphs) - at <= 8:
        at -= 1
    if at < 0 or not _goes_on(paragraphs[at], following):
        return False
    paragraph = paragraphs.pop(at)
    paragraphs.append(_Paragraph(paragraph.rows + following.rows, max(paragraph.margin, following.margin)))
    return True


def _goes_on(paragraph: _Paragraph, following: _Paragraph) -> bool:
    last, first = paragraph.rows[-1], following.rows[0]
    if not _alike(last.size, first.size) or _ends_sentence(last.text) or _BULLET.match(first.text):
        return False
    if first.text[0].islower() or last.text.endswith((",", "-", "\xad")):
        return True
    full = last.right > paragraph.margin - first.first_word - 0.5 * last.size
    return full and len(paragraph.rows) > 1 and len(following.rows) > 1


# --- text ----------------------------------------------------------------------------------------------


def _written(paragraphs: Sequence[_Paragraph], pages: int) -> tuple[str, tuple[int, ...]]:
    hyphens = Hyphens(row.text for paragraph in paragraphs for row in paragraph.rows)
    parts: list[str] = []
    length = 0
    begins: list[int] = []
    for paragraph in paragraphs:
        for number, row in enumerate(paragraph.rows):
            gap = "\n\n" if parts else ""
            if number:
                above, gap = hyphens.joined(parts[-1], row.text)
                length -= len(parts[-1]) - len(above)
                parts[-1] = above
            length += len(gap)
            begins += [length] * (row.page - len(begins))
            length += len(row.text)
            parts += (gap, row.text)
    begins += [length] * (pages - 1 - len(begins))
    return "".join(parts), tuple(begins)
