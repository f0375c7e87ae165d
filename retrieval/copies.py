"""Passages that say nearly the same in nearly the same words: one agency report in many papers."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.dates import days
from retrieval.folding import fold
from retrieval.sketch import windows
from retrieval.store import Candidate, Terms
from retrieval.types import Article, Carried, Citation, named_passage

# Runs of so many words are compared, and this share of them must be the same (resemblance of Broder 1997).
_SHINGLE = 3
_ALIKE = 0.7
# In articles that are copies, of the passage that has fewer: where a paragraph was left out they are cut elsewhere.
_SHARED = 0.5
# Of what somebody says in a passage, the share that has to stand in a text that is to be cited for it: two reports that
# share a frame and quote different people are no copies, however little else tells them apart.
_SAID = 0.3
# Nearly equal texts have nearly equal vectors; looking at these first leaves few pairs to compare.
_NEAR = 0.9

_UNDATED = 99_999_999

Scored = tuple[float, Candidate]
CopiesOf = Callable[[str], Collection[str]]
"""The articles that one is a copy of, by their ids."""


@dataclass(slots=True)
class Group:
    """A passage and those that nearly repeat it, by their keys: of the ranking in its order, then others."""

    score: float
    first: Candidate
    copies: list[int] = field(default_factory=list)

    @property
    def all(self) -> list[int]:
        """The keys of all of them, the first one first."""
        return [self.first.key, *self.copies]


def grouped(ranking: Sequence[Scored], k: int, copies_of: CopiesOf = lambda _: ()) -> list[Group]:
    """The first k passages of a ranking that do not repeat each other, with all that repeat them.

    Args:
        ranking: Candidates with their scores, best first.
        k: How many groups at most.
        copies_of: Which articles are copies of which.
    """
    if not ranking:
        return []
    vectors = np.concatenate([candidate.vector for _, candidate in ranking]).reshape(len(ranking), -1)
    # Most that head a group stand among the first, which are held against all in one product.
    among_first = vectors[: 2 * k] @ vectors.T >= _NEAR
    of_article: dict[str, list[int]] = defaultdict(list)
    for place, (_, candidate) in enumerate(ranking):
        of_article[article_of(candidate)].append(place)
    groups: list[Group] = []
    close: dict[int, list[Group]] = defaultdict(list)
    in_copies: dict[int, list[Group]] = defaultdict(list)
    for place, (score, candidate) in enumerate(ranking):
        same = next((one for one in close.get(place, ()) if _alike(one, candidate)), None) or next(
            (one for one in in_copies.get(place, ()) if _in_part(one, candidate)), None
        )
        if same is not None:
            same.copies.append(candidate.key)
        elif len(groups) < k:
            groups.append(Group(score, candidate))
            alike = among_first[place] if place < len(among_first) else vectors @ candidate.vector >= _NEAR
            for other in np.flatnonzero(alike).tolist():
                close[other].append(groups[-1])
            for article in copies_of(article_of(candidate)):
                for other in of_article.get(article, ()):
                    in_copies[other].append(groups[-1])
    return groups


def article_of(candidate: Candidate) -> str:
    """The id of the article that a passage stands in."""
    named = named_passage(candidate.id)
    return named[0] if named else candidate.id


def complete(group: Group, articles: Mapping[str, Sequence[tuple[int, Terms]]]) -> None:
    """See that a group has a passage of each article that is a copy of its own and has what is said in it, of no other.

    Args:
        group: The group.
        articles: Copies of the article of its first passage: of each the keys and the terms of its passages.
    """
    for passages in articles.values():
        there = [key for key, _ in passages if key in group.copies]
        if not says(group.first, np.concatenate([terms for _, terms in passages])):
            group.copies = [key for key in group.copies if key not in there]
        elif not there:
            found, key = max((shared(group.first.terms, terms), -key) for key, terms in passages)
            group.copies += [-key] if found >= _SHARED else []


def says(passage: Candidate, terms: Terms) -> bool:
    """Whether a text has all that somebody says in a passage, but for some words."""
    there = _shingles(terms)
    said = (
        _shingles(passage.terms[first:last]) for first, last, *_ in passage.spoken.tolist() if last - first >= _SHINGLE
    )
    return all(len(np.intersect1d(runs, there, assume_unique=True)) >= _SAID * len(runs) for runs in said)


def resemblance(one: Terms, other: Terms) -> float:
    """Share of the runs of three terms that two texts have in common, of all that either has."""
    first, second = _shingles(one), _shingles(other)
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / max(len(first) + len(second) - common, 1)


def shared(one: Terms, other: Terms) -> float:
    """Share of the runs of three terms that two texts have in common, of those of the text that has fewer."""
    first, second = _shingles(one), _shingles(other)
    return len(np.intersect1d(first, second, assume_unique=True)) / max(min(len(first), len(second)), 1)


def _alike(group: Group, candidate: Candidate) -> bool:
    alike = resemblance(group.first.terms, candidate.terms) >= _ALIKE
    return alike and says(group.first, candidate.terms) and says(candidate, group.first.terms)


def _in_part(group: Group, candidate: Candidate) -> bool:
    """Whether a passage of a copy adds nothing to what is said in a group; the rest of it may be cut elsewhere."""
    return shared(group.first.terms, candidate.terms) >= _SHARED and says(candidate, group.first.terms)


def carried(cited: Sequence[Citation]) -> Carried | None:
    """Who carries a passage that is cited in these places; None if they are of one article."""
    articles = {one.article_id: one for one in cited}
    if len(articles) < 2:
        return None
    ordered = sorted(articles.values(), key=lambda one: (since(one.published), one.article_id))
    publishers: dict[str, str] = {}
    for one in ordered:
        if one.publisher:
            publishers.setdefault(fold(one.publisher), one.publisher)
    return Carried(
        outlets=max(1, len(publishers)),
        articles=len(articles),
        first_published=ordered[0].published,
        publishers=tuple(publishers.values()),
    )


def origin(known: Iterable[Citation | Article]) -> str | None:
    """The folded name of the publisher who was first with what stands in some places, as far as any is known."""
    publishers = [(since(one.published), fold(one.publisher)) for one in known if one.publisher]
    return min(publishers)[1] if publishers else None


def since(published: str | None) -> int:
    """The first day that a date may mean, YYYYMMDD; behind all others where there is none."""
    return _UNDATED if published is None else days(published)[0]


def _shingles(terms: Terms) -> NDArray[np.uint64]:
    """Runs of terms as numbers; a text of fewer terms is one run."""
    size = min(_SHINGLE, len(terms))
    # Of no terms there is one run of none, whose number is 0.
    return np.unique(windows(terms.astype(np.uint64), size)) if size else np.zeros(1, np.uint64)
