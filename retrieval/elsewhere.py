"""Where else the same words of the same person are quoted: one statement with several places."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from retrieval.cite import cite_span
from retrieval.copies import since
from retrieval.quotations import marks, says, words_of
from retrieval.store import Quotation, Store
from retrieval.types import Citation, Hit, Said, SaidIn, Statement, StoredArticle

# Of what was quoted everywhere the earliest places are told.
MAX_PLACES = 20


def told_elsewhere(store: Store, hits: Sequence[Hit], copies: Mapping[str, Sequence[StoredArticle]]) -> list[Hit]:
    """The passages of an answer, and of each quotation in them where articles have it that are no copies.

    Args:
        store: The archive.
        hits: The passages.
        copies: Of articles by id, those that are copies of them.
    """
    found = iter(_places(store, [one for hit in hits for one in hit.statements]))
    told = []
    for hit in hits:
        here = {one.article_id for one in (hit.citation, *hit.copies)}
        here |= {one.article.id for one in copies.get(hit.citation.article_id, ())}
        statements = tuple(_with_places(store, one, next(found), here) for one in hit.statements)
        told.append(replace(hit, statements=statements))
    return told


def _with_places(store: Store, one: Statement, places: Sequence[Quotation], but: Collection[str]) -> Statement:
    cited = _cited(store, places, but)
    return replace(one, also_in=cited) if cited else one


def told_once(store: Store, page: Sequence[SaidIn], of: Collection[str]) -> tuple[SaidIn, ...]:
    """What somebody says in some articles, but for what another of theirs quotes in full; with all its places.

    Args:
        store: The archive.
        page: What the person says, and where.
        of: The ids of all articles that hold statements of theirs.
    """
    found = iter(_places(store, [one for told in page for one in told.statements]))
    once = []
    for told in page:
        listed = [
            replace(one, also_in=_cited(store, places, {told.article.article.id}))
            for one, places in [(one, next(found)) for one in told.statements]
            if not any(place.article_id in of and _has_all(place, one, told.article) for place in places)
        ]
        once.append(replace(told, statements=tuple(listed), repeated=len(told.statements) - len(listed)))
    return tuple(once)


def _has_all(place: Quotation, one: Said, stored: StoredArticle) -> bool:
    """Whether another article is to list a statement: it has all of it, and more besides or had it first."""
    article, theirs, ours = stored.article, words_of(place.text), words_of(one.text)
    if place.article_id == article.id or not says(theirs, ours):
        return False
    earlier = (place.first_day or since(None), place.article_id) < (since(article.published), article.id)
    return len(theirs) > len(ours) or earlier


def _places(store: Store, said: Sequence[Statement | Said]) -> list[list[Quotation]]:
    """Of each statement the direct quotations that say the same, or a part of it; the earliest published first."""
    words = [words_of(one.text) for one in said]
    wanted = [marks(one.speaker or "", theirs) for one, theirs in zip(said, words, strict=True)]
    by_mark: dict[int, list[Quotation]] = defaultdict(list)
    for place in store.quotations({mark for some in wanted for mark in some}):
        by_mark[place.mark].append(place)
    found = []
    for some, theirs in zip(wanted, words, strict=True):
        places = {(one.article_id, one.start): one for mark in some for one in by_mark[mark]}
        same = [one for one in places.values() if says(words_of(one.text), theirs) or says(theirs, words_of(one.text))]
        found.append(sorted(same, key=lambda one: (one.first_day or since(None), one.article_id, one.start)))
    return found


def _cited(store: Store, places: Sequence[Quotation], but: Collection[str]) -> tuple[Citation, ...]:
    wanted = [one for one in places if one.article_id not in but][:MAX_PLACES]
    if not wanted:
        return ()
    articles = store.texts({(one.article_id, one.version) for one in wanted})
    found = ((articles.get((one.article_id, one.version)), one) for one in wanted)
    return tuple(cite_span(stored, one.start, one.end) for stored, one in found if stored is not None)
