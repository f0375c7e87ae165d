"""What one version of an article says otherwise than another, for people to read.

Lines are compared first, then the words of those that only one of the two has. Both are put side by side by what
stands once in each of them, as in Bram Cohen's patience diff: a word that is everywhere pulls nothing together that
does not belong together. What is left in between is aligned by its longest common runs (Ratcliff and Obershelp, as
``difflib`` has it) for as long as that is little work, so that long and hostile texts are compared in bounded time:
what would take more is told as removed and added, which is less to the point, and still true.
"""

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, chain, groupby, takewhile
from typing import Any, Literal

from retrieval.types import Article, StoredArticle

Change = Literal["equal", "removed", "added"]

# Pairs that are compared where nothing stands once in both: at one such place, and for two texts in all.
_PAIRS, _ALL_PAIRS = 10_000, 1_000_000
_LINE = re.compile(r"[^\n]*(?:\n\s*)?")
_WORD = re.compile(r"\s+|\w+(?:[’'.,-]\w+)*|[^\w\s]")
_FIELDS = ("title", "author", "publisher", "published", "corrected", "kind", "url")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that both texts have, or only the one that is compared (removed), or only the other (added)."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What is told of an article otherwise, beside its text; None where it is not told."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What the later version of an article has otherwise than the earlier one; or the other way round.

    Attributes:
        before: The version that is compared.
        after: The version that it is compared with.
        fields: What is told of the article otherwise.
        pieces: What is equal and removed, joined, is the text of ``before``, to the letter; what is equal and added, of
            ``after``. No two neighbours are of the same kind, and what was removed comes before what was added.
    """

    before: StoredArticle
    after: StoredArticle
    fields: tuple[FieldChange, ...]
    pieces: tuple[Piece, ...]


def difference(before: StoredArticle, after: StoredArticle) -> Difference:
    """Compare two versions of an article."""
    fields = tuple(_changed_fields(before.article, after.article))
    return Difference(before, after, fields, compare(before.article.text, after.article.text))


def _changed_fields(before: Article, after: Article) -> Iterator[FieldChange]:
    for name in _FIELDS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield FieldChange(name, old, new)
    for name in sorted({*before.extra, *after.extra}):
        old, new = (_told(one.extra.get(name)) for one in (before, after))
        if old != new:
            yield FieldChange(name, old, new)


def _told(value: Any) -> str | None:
    """A value that an article's source gave, as text; what is no text as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts as one sequence of pieces; see ``Difference.pieces``."""
    aligner = _Aligner(_ALL_PAIRS)
    pieces = chain.from_iterable(
        [Piece("equal", before[run.start : run.end])]
        if run.equal
        else _by_words(before[run.start : run.end], after[run.other_start : run.other_end], aligner)
        for run in aligner.runs(_LINE.findall(before), _LINE.findall(after))
    )
    joined = groupby((piece for piece in pieces if piece.text), key=lambda piece: piece.change)
    return tuple(Piece(change, "".join(piece.text for piece in alike)) for change, alike in joined)


def _by_words(before: str, after: str, aligner: "_Aligner") -> Iterator[Piece]:
    for run in _readable(aligner.runs(_WORD.findall(before), _WORD.findall(after))):
        if run.equal:
            yield Piece("equal", before[run.start : run.end])
        else:
            yield Piece("removed", before[run.start : run.end])
            yield Piece("added", after[run.other_start : run.other_end])


# --- what stands for what ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """A span of one text, in characters, and the span of the other that stands for it."""

    equal: bool
    start: int
    end: int
    other_start: int
    other_end: int

    @property
    def length(self) -> int:
        return max(self.end - self.start, self.other_end - self.other_start)


def _readable(runs: Iterator[_Run]) -> list[_Run]:
    """The same without the few words that two changes happen to have between them.

    An equal run goes if it is no longer than the change on either side of it (the rule of Neil Fraser's
    diff-match-patch, "semantic cleanup"): read in one piece, both are plainer.
    """
    kept: list[_Run] = []
    for run in runs:
        kept.append(run)
        while len(kept) > 2 and not kept[-1].equal and kept[-2].length <= min(kept[-3].length, kept[-1].length):
            last, _, first = kept.pop(), kept.pop(), kept.pop()
            kept.append(_Run(False, first.start, last.end, first.other_start, last.other_end))
    return kept


class _Aligner:
    """Puts sequences side by side, until it has done the work that it may do in all."""

    def __init__(self, pairs: int) -> None:
        """May compare so many pairs one by one."""
        self._pairs = pairs

    def runs(self, old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
        """The spans of both that are equal and that are not, in turn; in characters of what the tokens are of."""
        starts, other_starts = ([0, *accumulate(map(len, tokens))] for tokens in (old, new))
        i = j = 0
        for first, other, size in [*self._blocks(old, new), (len(old), len(new), 0)]:
            if (first, other) != (i, j):
                yield _Run(False, starts[i], starts[first], other_starts[j], other_starts[other])
            i, j = first + size, other + size
            if size:
                yield _Run(True, starts[first], starts[i], other_starts[other], other_starts[j])

    def _blocks(self, old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
        """Where equal runs of tokens begin in both, and how long they are; none touches the next in both."""
        pairs: list[tuple[int, int]] = []
        i = j = 0
        for first, other in [*_anchors(old, new), (len(old), len(new))]:
            pairs += self._between(old, new, (i, first), (j, other))
            pairs.append((first, other))
            i, j = first + 1, other + 1
        pairs.pop()  # the ends, which are no pair
        blocks: list[tuple[int, int, int]] = []
        for i, j in pairs:
            first, other, size = blocks[-1] if blocks else (-1, -1, 0)
            if size and (first + size, other + size) == (i, j):
                blocks[-1] = (first, other, size + 1)
            else:
                blocks.append((i, j, 1))
        return blocks

    def _between(
        self, old: Sequence[str], new: Sequence[str], span: tuple[int, int], other: tuple[int, int]
    ) -> Iterator[tuple[int, int]]:
        """The pairs of two spans of tokens."""
        left, right = old[slice(*span)], new[slice(*other)]
        begin = _alike(left, right)
        end = _alike(left[begin:][::-1], right[begin:][::-1])
        yield from ((span[0] + at, other[0] + at) for at in range(begin))
        left, right = left[begin : len(left) - end], right[begin : len(right) - end]
        work = len(left) * len(right)
        if work <= min(_PAIRS, self._pairs):
            self._pairs -= work
            for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
                i, j = span[0] + begin + block.a, other[0] + begin + block.b
                yield from ((i + at, j + at) for at in range(block.size))
        yield from ((span[1] - at, other[1] - at) for at in range(end, 0, -1))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Where tokens stand that each sequence has once: the most that are in the same order in both.

    The longest increasing subsequence by patience sorting, in the time of a sort.
    """
    once = Counter(old), Counter(new)
    where = {token: j for j, token in enumerate(new) if once[1][token] == 1}
    found = [(i, where[token]) for i, token in enumerate(old) if once[0][token] == 1 and token in where]
    ends: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(found):
        pile = bisect_left(ends, j)
        ends[pile : pile + 1] = [j]
        piles[pile : pile + 1] = [number]
        before.append(piles[pile - 1] if pile else -1)
    chosen, number = [], piles[-1] if piles else -1
    while number >= 0:
        chosen.append(found[number])
        number = before[number]
    return chosen[::-1]
