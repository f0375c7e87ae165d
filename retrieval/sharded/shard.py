"""What one shard answers: all that an archive in shards asks of each of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrieval.archive import Archive, Prepared
from retrieval.indexes import Search, Sought
from retrieval.lexical import Matches, tie
from retrieval.sharded.bm25 import matching
from retrieval.sharded.catalogue import Changes, Entry, Whole
from retrieval.store import State, Store, Terms
from retrieval.types import Fault, Put, Reading

# Changes that are told of at once: some megabytes.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What a shard has of what is sought, best first: nothing that is wanted of all shards is missing.

    Attributes:
        near: By meaning.
        by_words: Of each search by words.
    """

    near: Matches
    by_words: Sequence[Matches]


# What is answered just as the archive's ``Store`` answers it.
_OF_STORE = frozenset(
    """article versions last_version spans passages fingerprint vectors candidates cited terms_of texts told articles
    count_articles speaking_in readings readings_number failures confidences""".split()
)


class Shard:
    """An ordinary archive that is a part of a larger one. Any thread may ask it."""

    def __init__(self, archive: Archive) -> None:
        """``close`` closes the archive."""
        self.archive = archive

    def call(self, method: str, *arguments: Any) -> Any:
        """Do one of the things below, or of those that the archive's store answers, by name.

        Arguments and result can be pickled. It raises whatever an ``Archive`` raises.
        """
        if method in _OF_STORE:
            with self.archive.store.reading():
                return getattr(self.archive.store, method)(*arguments)
        does: Callable[..., Any] = _DOES[method]
        return does(self, *arguments)

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()

    def settings(self) -> dict[str, str]:
        """See ``Archive.settings``."""
        return dict(self.archive.settings)

    def state(self) -> State:
        """How far the shard has come."""
        return self.archive.state()

    def search(self, sought: Sequence[Sought], whole: Whole) -> tuple[State, list[Found]]:
        """What this shard has of the passages that are sought, of each of these by itself, and at which change.

        Args:
            sought: As an archive in one piece would be searched.
            whole: What is known of all shards together.
        """
        with self.archive.searching() as search:
            if not isinstance(search, Search):
                raise TypeError("a shard has no shards")
            return search.dense.state, [self._found(search, one, whole) for one in sought]

    def _found(self, search: Search, sought: Sought, whole: Whole) -> Found:
        near = search.near(sought.vector, sought.near, sought.scope)
        ids = search.store.ids(near.keys.tolist())
        ties = np.array([tie(ids[key]) for key in near.keys.tolist()], np.int64)
        by_words = [matching(search, words, k, scope, whole) for words, k, scope in sought.by_words]
        return Found(replace(near, ties=ties), by_words)

    def follows(self, state: State) -> bool:
        """Whether the shard has been in a state: one that has not was put in the place of another."""
        store = self.archive.store
        with store.reading():
            return store.was(state)

    def changes(self, number: int) -> Changes:
        """What has changed since a change, or the first of it where that is much."""
        store = self.archive.store
        with store.reading():
            rows = store.changed_since(number, _AT_ONCE)
            last = store.state()
            to = rows[-1][1] if rows else last
            entries = {article_id: _entry(store, article_id) for article_id in dict.fromkeys(id_ for id_, _ in rows)}
            return Changes(to, entries, all_told=to == last)

    def refresh(self) -> None:
        """Bring the indexes up to the last change."""
        self.archive.refresh()

    def lag(self) -> Mapping[str, int]:
        """See ``Archive.lag``."""
        return self.archive.lag()

    def described(self) -> Mapping[str, str | int]:
        """See ``DenseIndex.described``."""
        with self.archive.searching() as search:
            return search.described()

    def put_prepared(self, prepared: Prepared) -> list[Put]:
        """See ``Archive.put_prepared``; it is on the disk when this returns."""
        return self.archive.put_prepared(prepared)

    def delete(self, article_id: str) -> None:
        """See ``Archive.delete``."""
        self.archive.delete(article_id)

    def put_readings(self, readings: Sequence[Reading]) -> None:
        """See ``Archive.put_readings``."""
        self.archive.put_readings(readings)

    def drop_readings(self, source: str, items: Sequence[str]) -> None:
        """See ``Archive.drop_readings``."""
        self.archive.drop_readings(source, items)

    def compact(self) -> tuple[int, int]:
        """See ``Archive.compact``."""
        return self.archive.compact()

    def verify(self, every_vector: bool) -> list[Fault]:
        """See ``Archive.verify``."""
        return self.archive.verify(every_vector=every_vector)

    def mend(self) -> None:
        """Make anew whatever does not agree with the texts; see ``Archive.repair``."""
        self.archive.repair(self.archive.verify())


_DOES: Mapping[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        Shard.settings,
        Shard.state,
        Shard.search,
        Shard.follows,
        Shard.changes,
        Shard.refresh,
        Shard.lag,
        Shard.described,
        Shard.put_prepared,
        Shard.delete,
        Shard.put_readings,
        Shard.drop_readings,
        Shard.compact,
        Shard.verify,
        Shard.mend,
    )
}


_NOTHING: Terms = np.empty(0, np.uint32)


def _entry(store: Store, article_id: str) -> Entry | None:
    told = store.fingerprint(article_id)
    if told is None:
        return None
    version, fingerprint = told
    article = store.versions(article_id)[-1].article
    passages = [terms for _, _, terms in store.terms_of([article_id])]
    counted = np.unique(np.concatenate([*map(np.unique, passages), _NOTHING]), return_counts=True)
    sketch, quoted = store.prints(article_id)
    return Entry(
        article,
        version,
        fingerprint,
        len(passages),
        sum(map(len, passages)),
        np.stack(counted, axis=1).astype(np.uint32),
        store.people(article_id),
        np.frombuffer(sketch, np.uint32),
        quoted,
    )
