"""The passages of a shard that are the best of all shards by words: BM25 as of one index with all passages.

How rare a word is and how long passages are is another matter in each shard. The shard's own index is asked with its
words weighted as rare as they are in all; what is left, the mean length, can make a passage better than the index says
by no more than a factor that is known. So it is asked for more, until no passage that it has not named can be among the
best, and what it has named is scored again as one index would.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from retrieval.indexes import Search
from retrieval.lexical import CONTEXT_BOOST, FIELDS, MARGIN, STEP, Fields, Matches, Measures, analyze, term_ids
from retrieval.sharded.catalogue import Whole
from retrieval.store import Scope, Store, Terms

# As tantivy and Lucene set them.
_K1, _B = 1.2, 0.75
_BOOST: Mapping[Fields, float] = {"text": 1.0, "context": CONTEXT_BOOST}
# What sums of an index, in single precision, may differ by from ours.
_SLACK = 1 + 1e-5

Column = NDArray[np.float64]
Rarity = Mapping[Fields, Mapping[str, float]]


def matching(search: Search, words: Sequence[str], k: int, scope: Scope, whole: Whole) -> Matches:
    """The best ``k`` passages of a shard, best first, scored as among those of all shards, in steps.

    Args:
        search: The shard's indexes.
        words: Analysed words of the question.
        k: How many at most.
        scope: What they have to satisfy.
        whole: What is known of all shards together.
    """
    lexical, own = search.lexical, search.lexical.measures(words)
    rarity = _rarity(words, whole)

    def weight(field: Fields, word: str) -> float:
        return _BOOST[field] * rarity[field][word] / _idf(own.passages, lexical.frequency_in(field, word))

    limit = k + MARGIN
    while True:
        named = lexical.matching(words, limit, scope, weight)
        scores = _scores(search.store, named.keys.tolist(), words, rarity, whole)
        best = Matches(named.keys, scores, named.ties).in_steps().best(k)
        if len(named.keys) < limit:
            return best
        # Whatever has not been named has at most this score.
        at_most = math.floor(named.scores[-1] * _understated(own, whole) * _SLACK / STEP)
        if at_most < best.scores[-1]:
            return best
        limit *= 4


def _idf(passages: int, frequency: int) -> float:
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


def _rarity(words: Sequence[str], whole: Whole) -> Rarity:
    terms = dict(zip(words, term_ids(words).tolist(), strict=True))
    return {
        field: {word: _idf(whole.passages, whole.frequencies[field].get(term, 0)) for word, term in terms.items()}
        for field in FIELDS
    }


def _understated(own: Measures, whole: Whole) -> float:
    """By what factor, at most, a score is too low because passages of this shard are shorter than those of all."""
    return max(1.0, *(whole.mean[field] / own.mean[field] for field in FIELDS if own.mean.get(field)))


def _scores(store: Store, keys: Sequence[int], words: Sequence[str], rarity: Rarity, whole: Whole) -> Column:
    """BM25 of passages as one index with all passages would have it, in the order of their keys."""
    read = {one.key: one.terms for one in store.candidates(keys)}
    around = store.contexts(keys)
    texts: dict[Fields, list[Terms]] = {
        "text": [read.get(key, _NOTHING) for key in keys],
        "context": [_terms(around.get(key, "")) for key in keys],
    }
    scores = np.zeros(len(keys))
    for field in FIELDS:
        weights = np.array([_BOOST[field] * rarity[field][word] * (_K1 + 1) for word in words])
        scores += _saturated(texts[field], term_ids(words), whole.mean[field]) @ weights
    return scores


_NOTHING: Terms = np.empty(0, np.uint32)


@lru_cache(maxsize=4096)
def _terms(text: str) -> Terms:
    return term_ids(analyze(text))


def _saturated(texts: Sequence[Terms], words: Terms, mean: float) -> Column:
    """The part of BM25 that rarity multiplies, shape ``(len(texts), len(words))``."""
    ends = np.cumsum([len(one) for one in texts])
    table = np.zeros((len(texts), len(words)))
    if not len(texts) or not ends[-1]:
        return table
    order = np.argsort(words)
    everything = np.concatenate(texts)
    place = np.minimum(words[order].searchsorted(everything), len(words) - 1)
    position = np.flatnonzero(words[order][place] == everything)
    np.add.at(table, (ends.searchsorted(position, side="right"), order[place[position]]), 1)
    lengths = _LENGTHS[_LENGTHS.searchsorted(np.diff(ends, prepend=0), side="right") - 1]
    norm = _K1 * (1 - _B + _B * lengths / max(mean, 1e-9))
    saturated: Column = table / (table + norm[:, None])
    return saturated


def _length(code: int) -> int:
    """The length that a byte stands for: an index keeps no more of it (Lucene's SmallFloat, as tantivy has it)."""
    if code < 24:
        return code
    bits, shift = (code - 24) & 7, ((code - 24) >> 3) - 1
    return 24 + (bits if shift < 0 else (bits | 8) << shift)


_LENGTHS = np.array([_length(code) for code in range(256)], np.float64)
