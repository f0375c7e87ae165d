"""The same words of the same person in several articles: one statement with several places.

A quotation is looked up by runs of its words together with the speaker's surname. Of the runs some are kept, by
winnowing (Schleimer, Wilkerson, Aiken 2003): two quotations that have ten words on end in common have one of them in
common, wherever either begins. Then the words decide: those of the one have to stand in the other, on end.
"""

import hashlib
from functools import lru_cache

import numpy as np

from retrieval.sketch import Numbers, Words, runs
from retrieval.speakers import surname

# Words; what is shorter is said again and again.
LEAST = 8
_RUN, _WINDOW = 6, 5


@lru_cache(maxsize=1 << 12)  # a question asks of some ten passages what is quoted in them
def words_of(quotation: str) -> Numbers:
    """The words of a quotation, as numbers; where its paragraphs end is nothing."""
    return np.concatenate([np.empty(0, np.uint64), *Words.of(quotation).paragraphs])


def marks(speaker: str, words: Numbers) -> list[int]:
    """The numbers, of 32 bits, by which somebody's words are looked up, ascending; none for fewer than ``LEAST``."""
    if len(words) < LEAST:
        return []
    theirs = int.from_bytes(hashlib.blake2b(surname(speaker).encode(), digest_size=8).digest(), "little")
    found = runs(words, _RUN) ^ np.uint64(theirs)
    found = found * np.uint64(0xD6E8FEB86659FD93) >> np.uint64(32)
    windows = np.lib.stride_tricks.sliding_window_view(found, min(_WINDOW, len(found)))
    return sorted(set(windows.min(axis=1).tolist()))


def says(longer: Numbers, shorter: Numbers) -> bool:
    """Whether the words of one quotation stand in another, on end; of few words it is not said."""
    if not LEAST <= len(shorter) <= len(longer):
        return False
    windows = np.lib.stride_tricks.sliding_window_view(longer, len(shorter))
    return bool((windows == shorter).all(axis=1).any())
