"""The difference of two versions as people read it: in paragraphs, those that did not change folded away."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from retrieval.differences import Change, Piece

_BREAK = re.compile(r"(\n\s*)")
# Unchanged paragraphs that are shown beside a changed one, and how few are shown rather than folded.
_BESIDE, _FEW = 1, 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of either version, or of both.

    Attributes:
        runs: What it says, in turn. A mark of the pen (¶) stands for a break that one version alone has.
        changed: Whether any of it is in one version only.
    """

    runs: tuple[tuple[Change, str], ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs in turn; ``folded`` says whether they are far from any change."""

    paragraphs: tuple[Paragraph, ...]
    folded: bool


def stretches(pieces: Sequence[Piece]) -> list[Stretch]:
    """All paragraphs of a difference, in turn."""
    found = list(_paragraphs(pieces))
    changed = [number for number, one in enumerate(found) if one.changed]
    near = {place for number in changed for place in range(number - _BESIDE, number + _BESIDE + 1)}
    grouped = [(is_near, [found[number] for number in group]) for is_near, group in _groups(len(found), near)]
    return [Stretch(tuple(some), folded=not is_near and len(some) > _FEW) for is_near, some in grouped]


def _groups(count: int, near: set[int]) -> Iterator[tuple[bool, list[int]]]:
    for is_near, numbers in groupby(range(count), near.__contains__):
        yield is_near, list(numbers)


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[Paragraph]:
    runs: list[tuple[Change, str]] = []
    before: Piece | None = None
    for piece in pieces:
        if before and _are_whole(before, piece) and {change for change, _ in runs} == {"removed"}:
            yield _paragraph(runs)
            runs = []
        for number, part in enumerate(_BREAK.split(piece.text)):
            if number % 2 == 0:
                runs += [(piece.change, part)] if part else []
                continue
            if piece.change != "equal" and not piece.text.strip():
                runs.append((piece.change, "¶"))
            if runs:
                yield _paragraph(runs)
            runs = []
        before = piece
    if runs:
        yield _paragraph(runs)


def _are_whole(before: Piece, piece: Piece) -> bool:
    """Whether paragraphs have been replaced, not words within one."""
    replaced = (before.change, piece.change) == ("removed", "added")
    return replaced and ("\n" in before.text or "\n" in piece.text)


def _paragraph(runs: Sequence[tuple[Change, str]]) -> Paragraph:
    return Paragraph(tuple(runs), any(change != "equal" for change, _ in runs))
