"""What filters ask of each passage, in memory, column by column: no question reads a row of the database for it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.dates import days
from retrieval.folding import fold
from retrieval.store import Described, Keys
from retrieval.types import Filters

Mask = NDArray[np.bool_]

# No date satisfies any filter on dates.
_NO_FIRST, _NO_LAST = 99_999_999, 0


@dataclass(frozen=True, slots=True)
class Columns:
    """A row for each passage, in ascending order of keys.

    Attributes:
        keys: Numbers of the passages in the archive.
        first_days: First day that the article's date may mean, YYYYMMDD.
        last_days: Last such day.
        publishers: Publisher of the article, folded, as a number of 64 bits; 0 if it is unknown.
        authors: Its author, the same.
    """

    keys: Keys
    first_days: NDArray[np.int32]
    last_days: NDArray[np.int32]
    publishers: NDArray[np.uint64]
    authors: NDArray[np.uint64]

    @classmethod
    def of(cls, keys: Sequence[int], described: Iterable[Described]) -> Self:
        """The columns of some passages."""
        first, last, publishers, authors = zip(*described, strict=True) if keys else ((), (), (), ())
        return cls(
            np.array(keys, np.int64),
            np.array([_NO_FIRST if day is None else day for day in first], np.int32),
            np.array([_NO_LAST if day is None else day for day in last], np.int32),
            np.array([_number(name) for name in publishers], np.uint64),
            np.array([_number(name) for name in authors], np.uint64),
        )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One behind the other."""
        return cls(*(np.concatenate(column) for column in zip(*(part.arrays() for part in parts), strict=True)))

    def only(self, rows: Mask) -> Self:
        """Some of the rows."""
        return type(self)(*(column[rows] for column in self.arrays()))

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The columns in the order of the attributes."""
        return tuple(getattr(self, name) for name in self.__slots__)

    def holding(self, keys: Keys) -> Mask:
        """Which rows are those of some keys."""
        found = np.zeros(len(self.keys), bool)
        rows = np.searchsorted(self.keys, keys)
        rows = rows[rows < len(self.keys)]
        found[rows[np.isin(self.keys[rows], keys)]] = True
        return found

    def satisfying(self, filters: Filters) -> Mask:
        """Which rows satisfy the filters on date, publisher and author."""
        found = np.ones(len(self.keys), bool)
        if filters.publisher is not None:
            found &= self.publishers == _number(fold(filters.publisher))
        if filters.author is not None:
            found &= self.authors == _number(fold(filters.author))
        if filters.published_from is not None:
            found &= self.last_days >= days(filters.published_from)[0]
        if filters.published_to is not None:
            found &= self.first_days <= days(filters.published_to)[1]
        return found

    def __len__(self) -> int:
        return len(self.keys)


@lru_cache(maxsize=1 << 12)
def _number(name: str | None) -> np.uint64:
    """A folded name as a number (BLAKE2b); 0 is nobody's."""
    if name is None:
        return np.uint64(0)
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") or 1)
