"""What an archive in shards holds: what the catalogue knows, and the rest from the shards."""

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.database import Connection
from retrieval.errors import ArchiveError, ArchiveUnwritable, ShardsMissing
from retrieval.failures import Failures
from retrieval.folding import fold
from retrieval.recent import Recent
from retrieval.sharded.catalogue import Catalogue, Changes
from retrieval.sharded.manifest import owner
from retrieval.sharded.transport import ShardLost, Transport
from retrieval.store import START, Candidate, Keys, Quotation, Scope, State, Terms
from retrieval.types import Passage, Reading, Span, Speaker, StoredArticle

_log = logging.getLogger(__name__)

# What is known of sources is kept in this one.
READINGS = 0
# Characters of the articles of passages that were cited lately.
_CHARACTERS = 4_000_000


@dataclass
class Course:
    """What has come in the way of an answer.

    Attributes:
        missing: The numbers of shards that have not answered; none of them is asked again.
        moved: Whether a passage that a shard had named was no longer there when it was read.
    """

    missing: set[int] = field(default_factory=set)
    moved: bool = False


_course: ContextVar[Course | None] = ContextVar("course", default=None)


@contextmanager
def tolerant() -> Iterator[Course]:
    """Inside, shards that do not answer are passed over, and told of in what this gives."""
    course = Course()
    token = _course.set(course)
    try:
        yield course
    finally:
        _course.reset(token)


class ShardedStore(Catalogue):
    """What all shards hold, read as one store. A passage has one key in all shards: see ``key``.

    Raises ``ShardsMissing`` where a shard that is needed does not answer, but inside ``tolerant``.

    Attributes:
        untold: Shards that did not say what has changed in them. What is known of all lacks that, so no question is
            asked of them.
    """

    def __init__(self, folder: Path, transport: Transport, patience: float) -> None:
        """Read a catalogue and, by a transport, the shards that it is of; see ``ShardedArchive.over``."""
        self.transport = transport
        self._patience = patience
        self.untold: frozenset[int] = frozenset()
        self._looked: float | None = None
        self._looking = threading.Lock()
        self._generation = ""
        self._beside = ThreadPoolExecutor(1, "catch-up")
        self._cited: Recent[int, tuple[Passage, StoredArticle]] = Recent(_CHARACTERS)
        self._texts_of: Recent[tuple[str, int], StoredArticle] = Recent(_CHARACTERS)
        super().__init__(folder)

    def close(self) -> None:
        """Let go of the database; the transport is whoever's it is."""
        self._beside.shutdown(cancel_futures=True)
        super().close()

    # Asking shards ----------------------------------------------------------------------------------------------

    @property
    def shards(self) -> int:
        """How many there are."""
        return self.transport.shards

    def owner(self, article_id: str) -> int:
        """The number of the shard that has an article, or would have it."""
        return owner(article_id, self.shards)

    def scatter(self, method: str, arguments: Mapping[int, Sequence[Any]]) -> dict[int, Any]:
        """Have some shards do something, all at once; what each returns, by its number.

        Args:
            method: See ``Shard.call``.
            arguments: Of each shard by its number.
        """
        course = _course.get()
        passed = set() if course is None else course.missing
        begun = {
            shard: self.transport.send(shard, method, *given)
            for shard, given in arguments.items()
            if shard not in passed
        }
        found, lost = {}, set()
        for shard, future in begun.items():
            try:
                found[shard] = future.result()
            except ShardLost:
                lost.add(shard)
        if lost and course is None:
            raise ShardsMissing(lost)
        passed |= lost
        return found

    def all(self, method: str, *arguments: Any) -> dict[int, Any]:
        """Have all shards do the same."""
        return self.scatter(method, dict.fromkeys(range(self.shards), arguments))

    def one(self, shard: int, method: str, *arguments: Any) -> Any:
        """Have one shard do something.

        Raises:
            ShardsMissing: It does not answer.
        """
        future: Future[Any] = self.transport.send(shard, method, *arguments)
        try:
            return future.result()
        except ShardLost as error:
            raise ShardsMissing([shard]) from error

    def of(self, article_id: str, method: str, *arguments: Any) -> Any:
        """Have the shard of an article do something; see ``one``."""
        return self.one(self.owner(article_id), method, *arguments)

    def key(self, shard: int, key: int) -> int:
        """A passage of a shard as it is known here."""
        return key * self.shards + shard

    def keys_of(self, shard: int, keys: Keys) -> Keys:
        """See ``key``."""
        return keys * self.shards + shard

    def _by_shard(self, keys: Iterable[int]) -> dict[int, list[int]]:
        """The keys that passages have in their shards."""
        found: dict[int, list[int]] = {}
        for key in keys:
            found.setdefault(key % self.shards, []).append(key // self.shards)
        return found

    def _by_owner(self, items: Iterable[Any], article_id: Callable[[Any], str]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for one in items:
            found.setdefault(self.owner(article_id(one)), []).append(one)
        return found

    # Taking up --------------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See ``Store``; at the last change of all shards that answer, as far as ``patience`` goes."""
        if self._looked is None or not self._patience:
            self.catch_up()
        elif time.monotonic() - self._looked >= self._patience:
            self._catch_up_beside()
        with super().reading() as connection:
            if self.generation != self._generation:
                self._generation = self.generation
                self.forget()
            if course := _course.get():
                course.missing |= self.untold
            yield connection

    def forget(self) -> None:
        """See ``Store``."""
        super().forget()
        self._cited, self._texts_of = Recent(_CHARACTERS), Recent(_CHARACTERS)

    def look_again(self) -> None:
        """A shard is at another change than the catalogue: take it up before the next reading."""
        if self._looked is not None:
            self._looked = -math.inf

    def _catch_up_beside(self) -> None:
        """Catch up while questions are answered with what is known: thousands of articles may have come."""
        if not self._looking.locked():
            self._looked = time.monotonic()
            self._beside.submit(self.catch_up).add_done_callback(self._caught_up)

    def _caught_up(self, outcome: "Future[None]") -> None:
        if not outcome.cancelled() and (error := outcome.exception()):
            # What an error of ours says is enough: it comes again each second.
            defect = None if isinstance(error, ArchiveError) else error
            _log.error(
                "what has changed in the shards could not be taken up (%s); trying again", error, exc_info=defect
            )
            self.look_again()

    def catch_up(self) -> None:
        """Have the catalogue take up what has changed in the shards that answer; of the others, what is known holds."""
        with self._looking:
            began = time.monotonic()
            with tolerant():
                states = self.all("state")
            known = self.states()
            behind = [shard for shard, state in states.items() if state != known.get(shard, START)]
            if behind and self.database.read_only:
                raise ArchiveUnwritable(
                    f"{self.database.path} is behind its shards and cannot be written; see to the rights of its folder"
                )
            for shard in known.keys() - range(self.shards):
                self.drop(shard)  # it was one when the archive had more
            untold = set()
            for shard in behind:
                try:
                    self._take_up(shard)
                except ShardsMissing:
                    _log.warning("shard %d does not say what is new in it; it is asked again", shard)
                    untold.add(shard)
            self.untold = frozenset(untold)
            if len(states) == self.shards and not self.database.read_only:
                self.find_left(self._texts_to_compare)
            self._looked = began

    def _take_up(self, shard: int) -> None:
        with self.updating.held():
            known = self.states().get(shard, START)
            anew = not self.one(shard, "follows", known)
            if anew:
                _log.warning("shard %d is another one than it was; taking it up anew", shard)
            parts = self._changes(shard, START if anew else known)
            self.take_up(shard, parts, self._texts_to_compare, anew=anew)

    def _changes(self, shard: int, since: State) -> Iterator[Changes]:
        while True:
            changes: Changes = self.one(shard, "changes", since.number)
            yield changes
            if changes.all_told:
                return
            since = changes.to

    def _texts_to_compare(
        self, names: Collection[tuple[str, int]]
    ) -> tuple[Mapping[tuple[str, int], StoredArticle], bool]:
        with tolerant() as course:
            # None that are kept: a shard that was put in the place of another may have others under the same names.
            return self._texts_in_shards(names), not course.missing

    # Articles ---------------------------------------------------------------------------------------------------

    def fingerprint(self, article_id: str) -> tuple[int, str] | None:
        """See ``Store``."""
        found: tuple[int, str] | None = self.of(article_id, "fingerprint", article_id)
        return found

    def lists(self, article_id: str) -> bool:
        """Whether the catalogue has an article."""
        return super().fingerprint(article_id) is not None

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """See ``Store``."""
        found: StoredArticle = self.of(article_id, "article", article_id, version)
        return found

    def versions(self, article_id: str) -> list[StoredArticle]:
        """See ``Store``."""
        found: list[StoredArticle] = self.of(article_id, "versions", article_id)
        return found

    def last_version(self, article_id: str) -> int | None:
        """See ``Store``."""
        found: int | None = self.of(article_id, "last_version", article_id)
        return found

    def spans(self, article_id: str) -> dict[int, list[Span]]:
        """See ``Store``."""
        found: dict[int, list[Span]] = self.of(article_id, "spans", article_id)
        return found

    def passages(self, article_id: str, version: int) -> list[Passage]:
        """See ``Store``."""
        shard = self.owner(article_id)
        found: list[Passage] = self.one(shard, "passages", article_id, version)
        return [replace(one, key=self.key(shard, one.key)) for one in found]

    def articles(self, scope: Scope, offset: int, limit: int) -> list[StoredArticle]:
        """See ``Store``."""
        if scope.speakers is None:
            return super().articles(scope, offset, limit)
        found = [one for some in self.all("articles", scope, 0, offset + limit).values() for one in some]
        return sorted(found, key=lambda one: one.article.id)[offset : offset + limit]

    def count_articles(self, scope: Scope) -> int:
        """See ``Store``."""
        if scope.speakers is None:
            return super().count_articles(scope)
        return sum(self.all("count_articles", scope).values())

    def articles_of(self, speaker: Speaker) -> list[tuple[str, int, int | None]]:
        """See ``Store``."""
        found = self.all("speaking_in", sorted(map(fold, speaker.names)))
        return self._connection.execute(
            "SELECT id, version, first_day / 10000 FROM articles WHERE id IN (SELECT value FROM json_each(?)) "
            "ORDER BY first_day IS NULL, first_day DESC, id",
            (json.dumps([one for some in found.values() for one in some]),),
        ).fetchall()

    def vectors(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """See ``Store``."""
        found: dict[bytes, NDArray[np.float32]] = {}
        with tolerant():  # what is not found is encoded
            for some in self.all("vectors", keys).values() if keys else ():
                found |= some
        return found

    # Passages ---------------------------------------------------------------------------------------------------

    def _read_candidates(self, keys: Sequence[int]) -> Iterator[Candidate]:
        wanted = {shard: (some,) for shard, some in self._by_shard(keys).items()}
        for shard, found in self.scatter("candidates", wanted).items():
            self._expect(len(wanted[shard][0]), found)
            for one in found:
                here = replace(one, key=self.key(shard, one.key))
                self._known.candidates.put(here.key, here)
                yield here

    def _expect(self, count: int, found: Collection[object]) -> None:
        """What a shard has named and has no longer was put in otherwise meanwhile."""
        course = _course.get()
        if course is not None and len(found) < count:
            course.moved = True

    def cited(self, keys: Sequence[int]) -> dict[int, tuple[Passage, StoredArticle]]:
        """See ``Store``."""
        found = {key: one for key in keys if (one := self._cited.get(key)) is not None}
        missing = {shard: (some,) for shard, some in self._by_shard(key for key in keys if key not in found).items()}
        for shard, some in self.scatter("cited", missing).items():
            self._expect(len(missing[shard][0]), some)
            for key, (passage, stored) in some.items():
                here = replace(passage, key=self.key(shard, key))
                found[here.key] = (here, stored)
                self._cited.put(here.key, found[here.key], len(passage.text))
                self._texts_of.put((stored.article.id, stored.version), stored, len(stored.article.text))
        return found

    def texts(self, names: Collection[tuple[str, int]]) -> dict[tuple[str, int], StoredArticle]:
        """See ``Store``."""
        found = {name: one for name in names if (one := self._texts_of.get(name)) is not None}
        for name, stored in self._texts_in_shards(name for name in names if name not in found).items():
            found[name] = stored
            self._texts_of.put(name, stored, len(stored.article.text))
        return found

    def _texts_in_shards(self, names: Iterable[tuple[str, int]]) -> dict[tuple[str, int], StoredArticle]:
        wanted = {shard: (some,) for shard, some in self._by_owner(names, lambda name: name[0]).items()}
        found: dict[tuple[str, int], StoredArticle] = {}
        for some in self.scatter("texts", wanted).values():
            found |= some
        return found

    def terms_of(self, article_ids: Iterable[str]) -> list[tuple[str, int, Terms]]:
        """See ``Store``."""
        wanted = {shard: (some,) for shard, some in self._by_owner(article_ids, str).items()}
        found = [
            (article_id, self.key(shard, key), terms)
            for shard, some in self.scatter("terms_of", wanted).items()
            for article_id, key, terms in some
        ]
        return sorted(found, key=lambda one: one[0])

    def quotations(self, marks: Iterable[int]) -> list[Quotation]:
        """See ``Store``."""
        places = self.places(list(marks))
        texts = self.texts({(one.article_id, one.version) for one in places})
        found = ((one, texts.get((one.article_id, one.version))) for one in places)
        return [
            replace(one, text=stored.article.text[one.start : one.end]) for one, stored in found if stored is not None
        ]

    def confidences(self, passages: int) -> tuple[int, list[float | None]]:
        """See ``Store``; as many passages of each shard."""
        found = self.all("confidences", -(-passages // self.shards)).values()
        return sum(number for number, _ in found), [one for _, some in found for one in some]

    # Readings ---------------------------------------------------------------------------------------------------

    def readings(self, source: str | None = None) -> list[Reading]:
        """See ``Store``."""
        found: list[Reading] = self.one(READINGS, "readings", source)
        return found

    def readings_number(self) -> int:
        """See ``Store``."""
        found: int = self.one(READINGS, "readings_number")
        return found

    def failures(self, limit: int, examples: int) -> Failures:
        """See ``Store``."""
        found: Failures = self.one(READINGS, "failures", limit, examples)
        return found
