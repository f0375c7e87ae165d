"""Passages that say nearly the same in nearly the same words: one agency report in many papers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.store import Candidate, Terms

# Runs of so many words are compared, and this share of them must be the same (resemblance of Broder 1997).
_SHINGLE = 3
_ALIKE = 0.7
# Nearly equal texts have nearly equal vectors; looking at these first leaves few pairs to compare.
_NEAR = 0.9

Scored = tuple[float, Candidate]


@dataclass(slots=True)
class Group:
    """A passage and those further down in the ranking that nearly repeat it, in the order of the ranking."""

    score: float
    first: Candidate
    copies: list[Candidate] = field(default_factory=list)

    @property
    def all(self) -> list[Candidate]:
        """All of them, the first one first."""
        return [self.first, *self.copies]


def grouped(ranking: Sequence[Scored], k: int) -> list[Group]:
    """The first k passages of a ranking that do not repeat each other, with all that repeat them.

    Args:
        ranking: Candidates with their scores, best first.
        k: How many groups at most.
    """
    if not ranking:
        return []
    vectors = np.concatenate([candidate.vector for _, candidate in ranking]).reshape(len(ranking), -1)
    # Most that head a group stand among the first, which are held against all in one product.
    among_first = vectors[: 2 * k] @ vectors.T >= _NEAR
    groups: list[Group] = []
    close: dict[int, list[Group]] = defaultdict(list)
    for place, (score, candidate) in enumerate(ranking):
        near = close.get(place, ())
        same = next((group for group in near if resemblance(group.first.terms, candidate.terms) >= _ALIKE), None)
        if same is not None:
            same.copies.append(candidate)
        elif len(groups) < k:
            groups.append(Group(score, candidate))
            alike = among_first[place] if place < len(among_first) else vectors @ candidate.vector >= _NEAR
            for other in np.flatnonzero(alike).tolist():
                close[other].append(groups[-1])
    return groups


def resemblance(one: Terms, other: Terms) -> float:
    """Share of the runs of three terms that two texts have in common, of all that either has."""
    first, second = _shingles(one), _shingles(other)
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / max(len(first) + len(second) - common, 1)


def _shingles(terms: Terms) -> NDArray[np.uint64]:
    """Runs of terms as numbers; a text of fewer terms is one run."""
    size = min(_SHINGLE, len(terms))
    windows = np.lib.stride_tricks.sliding_window_view(terms.astype(np.uint64), size) if size else terms[None]
    # A polynomial in 64 bits, overflow and all: equal runs give equal numbers, different ones hardly ever.
    factors = np.uint64(0x9E3779B97F4A7C15) ** np.arange(size, dtype=np.uint64)
    return np.unique((windows * factors).sum(axis=1, dtype=np.uint64))
