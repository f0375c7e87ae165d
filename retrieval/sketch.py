"""The words of an article as articles are compared: which of them nearly repeat another, whoever carries them.

Whether two articles are copies is a function of their two texts alone, so that an archive says the same however it
came about. It is found in two steps. A sketch of an article (bottom-k MinHash over runs of words: Broder, On the
resemblance and containment of documents, 1997) costs so many rows whatever its length, and articles that have several
of them in common are looked at; then the words themselves decide.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.folding import fold

Numbers = NDArray[np.uint64]
Sketch = NDArray[np.uint32]

# Runs of five words hardly ever agree by chance; of three they outlive the editing of every fifth word.
_SKETCHED, _COMPARED = 5, 3
SIZE = 64
# Sketches with fewer numbers in common are not of copies, and this share of the shorter text has to be in the longer.
IN_COMMON = 4
_HELD = 0.5
# And this share of the rest, without the paragraphs that have most in common: standing notes and a long quotation make
# no copy. As many of them are left out as leave this share of the words.
_BESIDES, _NOTES, _REST = 0.25, 2, 0.15
# Less than this share of the longer text is a brief in a round-up, which is no copy of the brief.
_OF_LONGER = 0.3

# Characters, the length of a book: no text takes any time and memory to be compared.
_MOST = 500_000

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, folded, as numbers.

    Attributes:
        paragraphs: In their order; none is empty.
    """

    paragraphs: tuple[Numbers, ...]

    @classmethod
    def of(cls, text: str) -> "Words":
        """Those of an article, or of a passage; of a very long text, of its beginning."""
        numbers = (_numbers(line) for line in text[:_MOST].split("\n"))
        return cls(tuple(one for one in numbers if len(one)))

    def __len__(self) -> int:
        return sum(map(len, self.paragraphs))

    def runs(self, size: int = _COMPARED) -> Numbers:
        """All runs of so many words, as numbers; none goes on from one paragraph to the next."""
        return np.concatenate([np.empty(0, np.uint64), *(runs(one, size) for one in self.paragraphs)])


def sketch(words: Words) -> Sketch:
    """The smallest numbers among the runs of words of a text, ascending: fewer than ``SIZE`` only if it has no more."""
    # The upper half: the lower bits of a product are the less mixed ones.
    return np.unique(words.runs(_SKETCHED) >> np.uint64(32))[:SIZE].astype(np.uint32)


def are_copies(one: Words, other: Words) -> bool:
    """Whether one of two articles nearly repeats the other, or a good part of it.

    Most words of the shorter one have to stand in runs of words that the longer one has too, and not all of them in one
    paragraph or two, unless it has no other.
    """
    # Of equally long ones the words say which is held against which: it must not hang on which came first.
    shorter, longer = sorted((one, other), key=lambda text: (len(text), *map(bytes, text.paragraphs)))
    found = _held(shorter, longer)
    if found.sum() < max(_HELD * len(shorter), _OF_LONGER * len(longer), 1):
        return False
    sizes = np.array([len(paragraph) for paragraph in shorter.paragraphs])
    order = np.argsort(-found, kind="stable")
    left = len(shorter) - np.cumsum(sizes[order])
    rest = order[int((left[:_NOTES] >= _REST * len(shorter)).sum()) :]
    return bool(found[rest].sum() >= _BESIDES * sizes[rest].sum())


def held(one: Words, other: Words) -> float:
    """The share of the words of one text that stand in runs of words which another text has too."""
    return float(_held(one, other).sum() / max(len(one), 1))


def _held(one: Words, other: Words) -> NDArray[np.int64]:
    """How many words of each paragraph of one text stand in runs which another text has too."""
    theirs = [runs(paragraph, _COMPARED) for paragraph in one.paragraphs]
    found = np.isin(np.concatenate([np.empty(0, np.uint64), *theirs]), other.runs())
    ends = np.cumsum([0, *map(len, theirs)])
    return np.array([_covered(found[start:end]) for start, end in pairwise(ends.tolist())], np.int64)


def _covered(found: NDArray[np.bool_]) -> int:
    """How many words stand in one of some runs, given which of those that begin at each word they are."""
    covered = np.zeros(len(found) + _COMPARED - 1, bool)
    for place in range(_COMPARED):
        covered[place : place + len(found)] |= found
    return int(covered.sum())


def runs(numbers: Numbers, size: int) -> Numbers:
    """All runs of so many words, given the words, in their order; each as a number."""
    if len(numbers) < size:
        return np.empty(0, np.uint64)
    # Mixed: which runs are the smallest must not hang on their words.
    mixed = windows(numbers, size)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(32))


def windows(numbers: Numbers, size: int) -> Numbers:
    """All runs of so many numbers, of which there are as many at least: each as a number, the same for the same run.

    A polynomial in 64 bits, overflow and all: equal runs give equal numbers, different ones hardly ever.
    """
    factors = np.uint64(0x9E3779B97F4A7C15) ** np.arange(size, dtype=np.uint64)
    found: Numbers = (np.lib.stride_tricks.sliding_window_view(numbers, size) * factors).sum(axis=1, dtype=np.uint64)
    return found


def _numbers(text: str) -> Numbers:
    return np.array([_number(word) for word in _WORD.findall(fold(text))], np.uint64)


@lru_cache(maxsize=1 << 15)  # of the words of a text, most are of a few thousand
def _number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
