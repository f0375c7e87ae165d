"""What an archive holds, the one source of truth: all that is asked of its database and put into it.

Every change of an article (put or deleted) has the next number in ``changes``; rows say from which change on they
hold (``added``) and, once they don't, since which (``ended``). A cache that has applied change n catches up by asking
what was added and what ended after n. The digest of a change covers all changes before it, so that a cache of
another archive, or of another history of this one, is known as such even where the numbers agree.

Of the people of an article, ``people`` holds what it tells of them, ``called`` and ``held`` by which names and offices
they are looked up, and ``said`` who speaks in which passage. These are kept for current versions alone;
``retrieval.speakers`` makes records of persons out of them. Which articles are copies of each other, and which hold
the same quotations, is kept for current versions too; see ``retrieval.prints``.
"""

import hashlib
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappush, heappushpop
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retrieval.database import Connection, Database
from retrieval.dates import days
from retrieval.errors import ArticleNotFound
from retrieval.failures import Failures, failures
from retrieval.folding import fold
from retrieval.holdings import holdings
from retrieval.prints import TABLES, Kept, Prints, Rows
from retrieval.recent import Recent
from retrieval.speakers import Sighting, family, holds, joined, office_key, record, surname
from retrieval.statements import whole as whole_statements
from retrieval.types import (
    Article,
    Coverage,
    Filters,
    Holdings,
    Passage,
    Person,
    Quote,
    Reading,
    Removed,
    Span,
    Speaker,
    Statement,
    StoredArticle,
    passage_id,
)

# What is kept in memory of what was read: at most some 40 MB of candidates, 10 of passages and 20 of articles.
_CANDIDATES, _PASSAGES, _CHARACTERS, _NAMES = 16_384, 4_096, 4_000_000, 4_096

Terms = NDArray[np.uint32]
Keys = NDArray[np.int64]
# What filters ask of an article: first and last day that its date may mean, folded publisher, folded author.
Described = tuple[int | None, int | None, str | None, str | None]
# Statements in a passage, a row each: its first and its last term (exclusive), who says it (0: nobody knows), and
# the probability that the speaker is right, in ten thousandths.
Spoken = NDArray[np.uint32]
FIRST, LAST, SPEAKER, CONFIDENCE = range(4)


_log = logging.getLogger(__name__)


@lru_cache(maxsize=1 << 16)
def speaker_id(name: str | None) -> int:
    """A speaker's name as a number of 32 bits (BLAKE2b of the folded name); 0 is nobody's."""
    if name is None:
        return 0
    return int.from_bytes(hashlib.blake2b(fold(name).encode(), digest_size=4).digest(), "little") or 1


@dataclass(frozen=True, slots=True)
class State:
    """How far an archive, or a cache of it, has come: the number of the last change and the digest of all."""

    number: int
    digest: str


START = State(0, "")


@dataclass(frozen=True, slots=True)
class PassageRow:
    """What is stored of a passage.

    Attributes:
        quotes: What is said in it.
        terms: Its terms in order.
        cuts: For each sentence, how many terms stand before its end; the last is ``len(terms)``.
        spoken: Its statements, as places in ``terms``; the author's own words in a speech are statements as well.
        vector_key: Key of its vector.
    """

    start: int
    end: int
    sentences: tuple[Span, ...]
    quotes: tuple[Quote, ...]
    terms: Terms
    cuts: Terms
    spoken: Spoken
    vector_key: bytes


@dataclass(frozen=True, slots=True)
class Indexable:
    """What the lexical index is told of a passage; ``speakers`` are the folded names of those who speak in it."""

    key: int
    id: str
    text: str
    article: Article
    speakers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters with their speaker looked up.

    Attributes:
        filters: What a result has to satisfy.
        speakers: Whom the speaker of the filters can mean; empty if the archive has nobody of that name, None if
            there is no filter on the speaker.
    """

    filters: Filters
    speakers: tuple[Speaker, ...] | None

    @property
    def names(self) -> list[str]:
        """The folded names under which their statements are stored, in order."""
        return sorted({fold(name) for one in self.speakers or () for name in one.names})


EVERYTHING = Scope(Filters(), None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What ranking needs of the article that a passage stands in.

    Attributes:
        first_day: First day that the article's date may mean, YYYYMMDD; None if it is unknown.
        last_day: Last such day.
        context: Terms of title, author and publisher; sorted.
        terms: Terms of the article's text; sorted.
    """

    first_day: int | None
    last_day: int | None
    context: Terms
    terms: Terms


@dataclass(frozen=True, slots=True)
class Candidate:
    """What ranking needs of a passage.

    Attributes:
        key: Number of the passage in the archive.
        id: Its name outside, see ``Passage.id``.
        article: What stands around it; passages of one article share it.
        vector: Its unit vector, shape ``(dimension,)``.
        terms: Terms of the passage in order.
        cuts: See ``PassageRow``, as for ``spoken``.
    """

    key: int
    id: str
    article: Surroundings
    vector: NDArray[np.float32]
    terms: Terms
    cuts: Terms
    spoken: Spoken


@dataclass(frozen=True, slots=True)
class Quotation:
    """A direct quotation in an article, found by one of its marks; ``first_day`` as in ``Surroundings``."""

    mark: int
    article_id: str
    version: int
    first_day: int | None
    start: int
    end: int
    text: str


class _Kept:
    """What has been read of the database file and holds as long as it is the same file, or as a state lasts.

    Rows of passages and articles never change: they end, and what has ended is not looked for.
    """

    def __init__(self, stamp: object) -> None:
        self.stamp = stamp
        self.candidates: Recent[int, Candidate] = Recent(_CANDIDATES)
        self.surroundings: Recent[int, Surroundings] = Recent(_CANDIDATES)
        self.passages: Recent[int, Passage] = Recent(_PASSAGES)
        self.articles: Recent[tuple[str, int], tuple[StoredArticle, str | None]] = Recent(_CHARACTERS)
        self.coverage: Recent[State, tuple[Coverage, float]] = Recent(2)
        self.holdings: Recent[State, Holdings] = Recent(2)
        self.speakers: Recent[tuple[State, tuple[str, ...]], list[Speaker]] = Recent(_NAMES)
        self.offices: Recent[tuple[str, int, str], list[str]] = Recent(_PASSAGES)


class Store:
    """What is in the database of one archive. Any thread may call it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.reading() as connection:
            self.meta: dict[str, str] = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        self._kept = _Kept(database.stamp)
        self._prints = Kept()
        if self.meta.pop("prints", None) and not database.read_only:
            _log.warning("%s: looking for copies among its articles, this once; many take minutes", database.path)
            with self.writing() as connection:
                self.remake_prints(connection)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """Everything read inside sees the archive at one and the same change; see ``Database.reading``."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """All or nothing of what is written inside becomes part of the archive; see ``Database.writing``."""
        return self.database.writing()

    @property
    def _connection(self) -> Connection:
        return self.database.connection

    @property
    def _known(self) -> _Kept:
        """What has been read before of the very file that this thread reads."""
        kept, stamp = self._kept, self.database.stamp
        if kept.stamp != stamp:
            kept = self._kept = _Kept(stamp)
        return kept

    def forget(self) -> None:
        """Read everything anew from now on."""
        self._kept = _Kept(self.database.stamp)

    # Articles ---------------------------------------------------------------------------------------------------

    def fingerprint(self, article_id: str) -> tuple[int, str] | None:
        """Version and fingerprint of the current version of an article; None if there is none."""
        row = self._connection.execute(
            "SELECT version, fingerprint FROM articles WHERE id = ? AND ended IS NULL", (article_id,)
        ).fetchone()
        return None if row is None else (row[0], row[1])

    def told(self) -> dict[str, tuple[int, str]]:
        """Version and fingerprint of all current articles, by id."""
        rows = self._connection.execute("SELECT id, version, fingerprint FROM articles WHERE ended IS NULL")
        return {article_id: (version, fingerprint) for article_id, version, fingerprint in rows}

    def fingerprints(self) -> Iterator[str]:
        """Fingerprints of all current articles, by id."""
        rows = self._connection.execute("SELECT fingerprint FROM articles WHERE ended IS NULL ORDER BY id")
        return (told for (told,) in rows)

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """An article, its current version or the given one.

        Raises:
            ArticleNotFound: There is no such article or version.
        """
        condition, arguments = ("ended IS NULL", ()) if version is None else ("version = ?", (version,))
        row = self._connection.execute(
            f"SELECT {_ARTICLE}, text, removed, extra, version, ended FROM articles WHERE id = ? AND {condition}",
            (article_id, *arguments),
        ).fetchone()
        if row is None:
            asked = article_id if version is None else f"{article_id} in version {version}"
            raise ArticleNotFound(f"no article {asked}; `onrecord articles list` shows what there is")
        *described, text, removed, extra, found_version, ended = row
        article = replace(
            _described(described),
            text=text,
            removed=tuple(Removed(**piece) for piece in json.loads(removed)),
            extra=json.loads(extra),
        )
        return StoredArticle(article, found_version, ended is None)

    def versions(self, article_id: str) -> list[StoredArticle]:
        """All versions of an article that are kept, the first first, without their texts."""
        rows = self._connection.execute(
            f"SELECT {_ARTICLE}, version, ended FROM articles WHERE id = ? ORDER BY version", (article_id,)
        )
        return [StoredArticle(_described(described), version, ended is None) for *described, version, ended in rows]

    def last_version(self, article_id: str) -> int | None:
        """The number of the last version that an article has ever had; None if it was never there."""
        row = self._connection.execute(
            "SELECT MAX(version) FROM changes WHERE article_id = ?", (article_id,)
        ).fetchone()
        last: int | None = row[0]
        return last

    def spans(self, article_id: str) -> dict[int, list[Span]]:
        """Where the passages of each kept version of an article stand, in reading order, by version."""
        rows = self._connection.execute(
            "SELECT p.version, p.start, p.end FROM passages p "
            "JOIN articles a ON a.id = p.article_id AND a.version = p.version "
            "WHERE p.article_id = ? ORDER BY p.version, p.start",
            (article_id,),
        )
        found: dict[int, list[Span]] = {}
        for version, start, end in rows:
            found.setdefault(version, []).append(Span(start, end))
        return found

    def articles(self, scope: Scope, offset: int, limit: int) -> list[StoredArticle]:
        """Current articles by id, without their texts."""
        condition, arguments = _condition(scope, _ARTICLES_SPOKEN_IN)
        rows = self._connection.execute(
            f"SELECT {_ARTICLE}, version FROM articles a WHERE ended IS NULL AND {condition} "
            "ORDER BY id LIMIT ? OFFSET ?",
            (*arguments, limit, offset),
        )
        return [StoredArticle(_described(row[:-1]), row[-1], current=True) for row in rows]

    def count_articles(self, scope: Scope) -> int:
        """How many current articles satisfy the filters."""
        condition, arguments = _condition(scope, _ARTICLES_SPOKEN_IN)
        row = self._connection.execute(
            f"SELECT COUNT(*) FROM articles a WHERE ended IS NULL AND {condition}",
            arguments,
        ).fetchone()
        count: int = row[0]
        return count

    def passages(self, article_id: str, version: int) -> list[Passage]:
        """Passages of one version of an article, in reading order."""
        rows = self._connection.execute(
            f"SELECT {_PASSAGE} FROM passages p JOIN articles a ON a.id = p.article_id AND a.version = p.version "
            "WHERE p.article_id = ? AND p.version = ? ORDER BY p.start",
            (article_id, version),
        )
        return [_passage(row) for row in rows]

    def put(
        self,
        connection: Connection,
        article: Article,
        fingerprint: str,
        context: Terms,
        terms: Terms,
        rows: Sequence[PassageRow],
        vectors: Mapping[bytes, NDArray[np.float32]],
        prints: Prints,
        *,
        voice: str | None,
        people: Sequence[Person],
    ) -> tuple[int, Literal["new", "changed"]]:
        """Make this the current version of an article, inside ``writing()``; returns its version and what it is.

        ``vectors`` has that of each of its passages, by its key; they are stored in half precision.
        """
        known = connection.execute("SELECT MAX(version) FROM changes WHERE article_id = ?", (article.id,)).fetchone()[0]
        version: int = 1 if known is None else known + 1
        was_there = self.fingerprint(article.id) is not None
        number = self._change(connection, article.id, version, fingerprint)
        self._end(connection, article.id, number)
        self._insert_article(connection, article, version, fingerprint, number, voice=voice)
        connection.execute(
            "INSERT INTO words SELECT added, first_day, last_day, ?, ? FROM articles WHERE id = ? AND version = ?",
            (context.tobytes(), terms.tobytes(), article.id, version),
        )
        self._prints.put(connection, number, prints)
        for row in rows:
            inserted = connection.execute(
                "INSERT INTO passages (article_id, version, start, end, sentences, statements, terms, cuts, spoken, "
                "vector_key, added, vector, checksum) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, crc32(?12))",
                (
                    article.id,
                    version,
                    row.start,
                    row.end,
                    _packed(row.sentences),
                    json.dumps([_said(quote, row) for quote in row.quotes]),
                    row.terms.tobytes(),
                    row.cuts.tobytes(),
                    row.spoken.tobytes(),
                    row.vector_key,
                    number,
                    halved(vectors[row.vector_key]),
                ),
            )
            connection.executemany(
                "INSERT INTO said VALUES (?, ?)",
                [(inserted.lastrowid, name) for name in {fold(name) for name in voices(row, voice)}],
            )
        self._put_people(connection, article, _heard(rows, voice, people))
        self._count_terms(connection, [row.terms for row in rows], +1)
        return version, "changed" if was_there else "new"

    def _insert_article(
        self,
        connection: Connection,
        article: Article,
        version: int,
        fingerprint: str,
        number: int,
        *,
        voice: str | None = None,
    ) -> None:
        connection.execute(
            f"INSERT INTO articles VALUES ({', '.join('?' * 21)})",
            _article_row(article, version, fingerprint, number, voice=voice),
        )

    def compact(self, connection: Connection) -> None:
        """Drop what was only kept for caches that have yet to take passages out, inside ``writing()``."""
        connection.execute(
            "DELETE FROM passages WHERE ended IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM articles a WHERE a.id = article_id AND a.version = passages.version)"
        )
        connection.execute("DELETE FROM terms WHERE passages = 0")
        connection.execute(
            "INSERT OR REPLACE INTO meta VALUES ('compacted', ?)",
            (str(self.state().number),),
        )

    def _value(self, key: str) -> str | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def delete(self, article_id: str) -> None:
        """Remove an article: its texts in all versions, its passages and their vectors.

        Raises:
            ArticleNotFound: There is no such article.
        """
        with self.writing() as connection:
            found = self.fingerprint(article_id)
            if found is None:
                raise ArticleNotFound(f"no article {article_id}; `onrecord articles list` shows what there is")
            number = self._change(connection, article_id, found[0], "deleted")
            self._end(connection, article_id, number)
            connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            # The keys stay until a compaction, for caches that have yet to take them out.
            connection.execute(
                "UPDATE passages SET start = 0, end = 0, sentences = x'', statements = '[]', vector_key = x'' "
                "WHERE article_id = ?",
                (article_id,),
            )
        self.forget()

    def _change(self, connection: Connection, article_id: str, version: int, what: str) -> int:
        before = self.state()
        number = before.number + 1
        digest = change_digest(before.digest, number, article_id, version, what)
        connection.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", (number, article_id, version, digest))
        return number

    def _end(self, connection: Connection, article_id: str, number: int) -> None:
        """The current version of an article, if there is one, ends with this change."""
        ending = connection.execute(
            "SELECT terms FROM passages WHERE article_id = ? AND ended IS NULL", (article_id,)
        ).fetchall()
        self._count_terms(connection, [np.frombuffer(terms, np.uint32) for (terms,) in ending], -1)
        connection.execute(
            "DELETE FROM said WHERE passage IN (SELECT key FROM passages WHERE article_id = ? AND ended IS NULL)",
            (article_id,),
        )
        connection.execute(
            "UPDATE passages SET ended = ?, terms = x'', cuts = x'', spoken = x'', vector = x'', checksum = 0 "
            "WHERE article_id = ? AND ended IS NULL",
            (number, article_id),
        )
        connection.execute(
            "DELETE FROM words WHERE change IN (SELECT added FROM articles WHERE id = ? AND ended IS NULL)",
            (article_id,),
        )
        for (added,) in connection.execute(
            "SELECT added FROM articles WHERE id = ? AND ended IS NULL", (article_id,)
        ).fetchall():
            self._prints.drop(connection, added)
        connection.execute("UPDATE articles SET ended = ? WHERE id = ? AND ended IS NULL", (number, article_id))
        self._drop_people(connection, article_id)

    def _drop_people(self, connection: Connection, article_id: str) -> None:
        for table in ("people", "called", "held"):
            connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))

    def _put_people(self, connection: Connection, article: Article, heard: Mapping[Person, int]) -> None:
        connection.executemany(
            "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    article.id,
                    one.name,
                    surname(one.name),
                    family(one.name),
                    json.dumps(one.aliases),
                    json.dumps(one.offices),
                    statements,
                    article.published,
                )
                for one, statements in heard.items()
            ],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO called VALUES (?, ?, ?, ?)",
            [
                (article.id, form, one.name, surname(one.name))
                for one in heard
                for form in (surname(one.name), *map(fold, (one.name, *one.aliases)))
            ],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?)",
            [
                (article.id, office, one.name, office_key(office), surname(one.name))
                for one in heard
                for office in one.offices
            ],
        )

    def _count_terms(self, connection: Connection, terms: Sequence[Terms], sign: int) -> None:
        if not terms:
            return
        distinct, counts = np.unique(np.concatenate([np.unique(of) for of in terms]), return_counts=True)
        connection.executemany(
            "INSERT INTO terms VALUES (?1, ?2) ON CONFLICT (term) DO UPDATE SET passages = passages + ?2",
            zip(distinct.tolist(), (counts * sign).tolist(), strict=True),
        )
        total = sign * sum(len(of) for of in terms)
        for key, amount in (("passages", sign * len(terms)), ("length", total)):
            connection.execute(
                "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = value + ?2",
                (key, str(amount)),
            )

    # Vectors ----------------------------------------------------------------------------------------------------

    def vectors(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Vectors, each of shape ``(dimension,)``, of those texts, by key, that stand in a current passage."""
        found: dict[bytes, NDArray[np.float32]] = {}
        for some in _slices(list(dict.fromkeys(keys))):
            marks = ", ".join("?" * len(some))
            rows = self._connection.execute(
                f"SELECT vector_key, vector FROM passages WHERE ended IS NULL AND vector_key IN ({marks})", some
            )
            found.update((key, whole(vector)) for key, vector in rows if vector)
        return found

    # What caches ask --------------------------------------------------------------------------------------------

    def state(self) -> State:
        """How far the archive has come."""
        row = self._connection.execute("SELECT number, digest FROM changes ORDER BY number DESC LIMIT 1").fetchone()
        return START if row is None else State(*row)

    def was(self, state: State) -> bool:
        """Whether the archive has been in this state."""
        if state == START:
            return True
        row = self._connection.execute("SELECT digest FROM changes WHERE number = ?", (state.number,)).fetchone()
        return row is not None and row[0] == state.digest

    def knows(self, state: State) -> bool:
        """Whether the archive has been in this state: a cache that claims another was made from something else."""
        if state != START and state.number < int(self._value("compacted") or 0):
            return False  # what ended before a compaction is not there any more to be taken out of a cache
        return self.was(state)

    def changed_since(self, number: int, limit: int) -> list[tuple[str, State]]:
        """The changes after a change, the first ``limit`` of them: of which article, and the state after it."""
        rows = self._connection.execute(
            "SELECT article_id, number, digest FROM changes WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
        )
        return [(article_id, State(*state)) for article_id, *state in rows]

    def people(self, article_id: str) -> dict[Person, int]:
        """Those whom a current article tells of, with the number of their statements in it."""
        rows = self._connection.execute(
            "SELECT name, aliases, offices, statements FROM people WHERE article_id = ?", (article_id,)
        )
        return {
            Person(name, tuple(json.loads(aliases)), tuple(json.loads(offices))): statements
            for name, aliases, offices, statements in rows
        }

    def prints(self, article_id: str) -> tuple[bytes, bytes]:
        """Sketch of a current article and marks of its quotations; see ``Prints.columns``."""
        sketch, quoted = self._connection.execute(
            "SELECT p.sketch, p.quoted FROM prints p JOIN articles a ON a.added = p.change "
            "WHERE a.id = ? AND a.ended IS NULL",
            (article_id,),
        ).fetchone()
        return sketch, quoted

    def speaking_in(self, names: Sequence[str]) -> list[str]:
        """Ids of the current articles that somebody of one of these folded names speaks in."""
        rows = self._connection.execute(
            f"SELECT DISTINCT p.article_id FROM passages p WHERE {_SPOKEN_IN} ORDER BY 1", (json.dumps(names),)
        )
        return [article_id for (article_id,) in rows]

    def ended_since(self, number: int) -> Keys:
        """Keys of the passages that a cache at change ``number`` holds and should not."""
        rows = self._connection.execute("SELECT key FROM passages WHERE ended > ?1 AND added <= ?1", (number,))
        return np.fromiter((key for (key,) in rows), np.int64)

    def vectors_since(
        self, number: int, batch: int = 4096
    ) -> Iterator[tuple[Keys, NDArray[np.float32], list[Described]]]:
        """Of the passages that a cache at change ``number`` lacks: keys, ascending, vectors, what filters ask."""
        cursor = self._connection.execute(
            "SELECT p.key, p.vector, a.first_day, a.last_day, a.publisher_folded, a.author_folded FROM passages p "
            "JOIN articles a ON a.id = p.article_id AND a.version = p.version "
            "WHERE p.added > ? AND p.ended IS NULL AND p.vector <> x'' ORDER BY p.key",
            (number,),
        )
        while rows := cursor.fetchmany(batch):
            keys = np.array([row[0] for row in rows], np.int64)
            yield keys, whole(b"".join(row[1] for row in rows)).reshape(len(rows), -1), [row[2:] for row in rows]

    def indexables_since(self, number: int) -> Iterator[Indexable]:
        """The passages that a cache at change ``number`` lacks."""
        cursor = self._connection.execute(
            f"SELECT p.key, p.version, p.start, p.end, substr(a.text, p.start + 1, p.end - p.start), {_ARTICLE_OF_A}, "
            "(SELECT json_group_array(name) FROM said WHERE passage = p.key) FROM passages p "
            "JOIN articles a ON a.id = p.article_id AND a.version = p.version "
            "WHERE p.added > ? AND p.ended IS NULL ORDER BY p.key",
            (number,),
        )
        for key, version, start, end, text, *described, speakers in cursor:
            article = _described(described)
            named = passage_id(article.id, version, start, end)
            yield Indexable(key, named, text, article, tuple(json.loads(speakers)))

    # Copies and quotations --------------------------------------------------------------------------------------

    def copies(self, article_ids: Iterable[str]) -> dict[str, list[StoredArticle]]:
        """Of some articles that are copies of others, those others, current and without their texts, by id."""
        rows = self._connection.execute(
            f"SELECT one.id, {_ARTICLE_OF_A}, a.version FROM articles one JOIN copies c ON c.change = one.added "
            "JOIN changes k ON k.number = c.other JOIN articles a ON a.id = k.article_id AND a.version = k.version "
            "WHERE one.ended IS NULL AND one.id IN (SELECT value FROM json_each(?)) ORDER BY a.id",
            (json.dumps(list(article_ids)),),
        )
        found: defaultdict[str, list[StoredArticle]] = defaultdict(list)
        for article_id, *described, version in rows:
            found[article_id].append(StoredArticle(_described(described), version, current=True))
        return dict(found)

    def copied(self) -> int:
        """How many current articles others are copies of, or the other way round."""
        (count,) = self._connection.execute("SELECT COUNT(DISTINCT change) FROM copies").fetchone()
        return int(count)

    def texts(self, names: Collection[tuple[str, int]]) -> dict[tuple[str, int], StoredArticle]:
        """Current articles by id and version, of which ``removed`` and ``extra`` are not read."""
        return {name: stored for name, (stored, _) in self._texts(names).items()}

    def terms_of(self, article_ids: Iterable[str]) -> list[tuple[str, int, Terms]]:
        """Of current articles: id, and of each of its passages key and terms."""
        rows = self._connection.execute(
            "SELECT article_id, key, terms FROM passages WHERE ended IS NULL "
            "AND article_id IN (SELECT value FROM json_each(?)) ORDER BY article_id, start",
            (json.dumps(list(article_ids)),),
        )
        return [(article_id, key, np.frombuffer(terms, np.uint32)) for article_id, key, terms in rows]

    def quotations(self, marks: Iterable[int]) -> list[Quotation]:
        """The direct quotations in current articles that have one of some marks, the earliest published first."""
        rows = self._connection.execute(
            "SELECT DISTINCT q.number, a.id, a.version, a.first_day, q.start, q.end, "
            "substr(a.text, q.start + 1, q.end - q.start) FROM quoted q JOIN changes k ON k.number = q.change "
            "JOIN articles a ON a.id = k.article_id AND a.version = k.version "
            "WHERE q.number IN (SELECT value FROM json_each(?)) "
            "ORDER BY a.first_day IS NULL, a.first_day, a.id, q.start",
            (json.dumps(list(marks)),),
        )
        return [Quotation(*row) for row in rows]

    def _made_prints(self, article_id: str, version: int) -> Prints:
        text = self.article(article_id, version).article.text
        return Prints.of(text, whole_statements(text, self.passages(article_id, version)))

    def kept_prints(self, change: int) -> Rows:
        """The rows of the article that came with a change in each table of ``retrieval.prints``."""
        return self._prints.kept(self._connection, change)

    def made_prints(self, change: int, article_id: str, version: int) -> Rows:
        """The same, worked out anew of what else is stored of the article.

        Raises:
            ValueError: That cannot be read.
        """
        return self._prints.made(self._connection, change, self._made_prints(article_id, version))

    def remake_prints(self, connection: Connection) -> None:
        """Work out anew by what all current articles are found and which are copies, inside ``writing()``."""
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
        current = connection.execute("SELECT added, id, version FROM articles WHERE ended IS NULL ORDER BY added")
        for added, article_id, version in current.fetchall():
            self._prints.put(connection, added, self._made_prints(article_id, version))
        connection.execute("DELETE FROM meta WHERE key = 'prints'")

    # What was read ----------------------------------------------------------------------------------------------

    def readings(self, source: str | None = None) -> list[Reading]:
        """What came of reading each item of a source, or of all, by their names."""
        condition, arguments = ("1", ()) if source is None else ("source = ?", (source,))
        rows = self._connection.execute(
            f"SELECT source, item, mark, articles, problems, read_at FROM readings WHERE {condition} "
            "ORDER BY source, item",
            arguments,
        )
        return [
            Reading(
                of, item, mark, tuple(json.loads(ids)), tuple((where, what) for where, what in json.loads(wrong)), at
            )
            for of, item, mark, ids, wrong, at in rows
        ]

    def put_readings(self, connection: Connection, readings: Iterable[Reading]) -> None:
        """Keep what came of reading some items, in place of what came of them before; inside ``writing()``."""
        connection.executemany(
            "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)",
            [
                (one.source, one.item, one.mark, json.dumps(one.articles), json.dumps(one.problems), one.read_at)
                for one in readings
            ],
        )
        self._number_readings(connection)

    def drop_readings(self, connection: Connection, source: str, items: Iterable[str]) -> None:
        """Forget that some items of a source were ever read; inside ``writing()``."""
        connection.executemany("DELETE FROM readings WHERE source = ? AND item = ?", [(source, one) for one in items])
        self._number_readings(connection)

    def _number_readings(self, connection: Connection) -> None:
        connection.execute(
            "INSERT INTO meta VALUES ('readings', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1"
        )

    def readings_number(self) -> int:
        """Another one whenever what is known of readings has changed, which is no change of the archive's state."""
        return int(self._value("readings") or 0)

    def failures(self, limit: int, examples: int) -> Failures:
        """What could not be read the last time; see ``retrieval.failures``."""
        return failures(self._connection, limit, examples)

    # What a question asks ---------------------------------------------------------------------------------------

    def scope(self, filters: Filters) -> Scope:
        """Look the speaker of the filters up."""
        return Scope(filters, None if filters.speaker is None else tuple(self.speakers([fold(filters.speaker)])))

    def keys(self, scope: Scope) -> Keys | None:
        """Keys of the current passages that satisfy the filters on speaker and article; None if there are neither.

        The other filters are those of ``retrieval.columns``.
        """
        found = None
        if scope.speakers is not None:
            rows = self._connection.execute(
                "SELECT passage FROM said WHERE name IN (SELECT value FROM json_each(?))", (json.dumps(scope.names),)
            )
            found = np.unique(np.fromiter((key for (key,) in rows), np.int64))
        if scope.filters.article is not None:
            rows = self._connection.execute(
                "SELECT key FROM passages WHERE article_id = ? AND ended IS NULL", (scope.filters.article,)
            )
            theirs = np.fromiter((key for (key,) in rows), np.int64)
            found = theirs if found is None else np.intersect1d(found, theirs)
        return found

    def candidates(self, keys: Sequence[int]) -> list[Candidate]:
        """What ranking needs of passages, in the order of their keys; those that have ended are left out."""
        known = self._known.candidates
        found = {key: known.get(key) for key in sorted(keys)}
        missing = [key for key, one in found.items() if one is None]
        if missing:
            found |= {one.key: one for one in self._read_candidates(missing)}
        return [one for one in found.values() if one is not None]

    def _read_candidates(self, keys: Sequence[int]) -> Iterator[Candidate]:
        # All in one row: SQLite runs without Python's lock until it has found it, and takes it once, not for each.
        described, vectors, columns = self._connection.execute(
            'SELECT json_group_array(json_array(key, article_id, version, start, "end", added, length(terms), '
            "length(cuts), length(spoken))), CAST(group_concat(vector, '') AS BLOB), "
            "CAST(group_concat(terms || cuts || spoken, '') AS BLOB) FROM passages "
            "WHERE ended IS NULL AND vector <> x'' AND key IN (SELECT value FROM json_each(?))",
            (json.dumps(keys),),
        ).fetchone()
        rows = json.loads(described)
        articles = self._surroundings({row[5] for row in rows})
        pieces = _pieces(columns, [size for row in rows for size in row[6:]])
        unit = whole(vectors or b"").reshape(len(rows), -1) if rows else ()
        for (key, article_id, version, start, end, added, *_), vector in zip(rows, unit, strict=True):
            one = Candidate(
                key=key,
                id=passage_id(article_id, version, start, end),
                article=articles[added],
                vector=vector,
                terms=next(pieces),
                cuts=next(pieces),
                spoken=next(pieces).reshape(-1, 4),
            )
            self._known.candidates.put(key, one)
            yield one

    def _surroundings(self, changes: Iterable[int]) -> dict[int, Surroundings]:
        """What stands around the passages of articles, by the number of the change that they came with."""
        known = self._known.surroundings
        found = {change: known.get(change) for change in changes}
        missing = [change for change, one in found.items() if one is None]
        described, columns = self._connection.execute(
            "SELECT json_group_array(json_array(change, first_day, last_day, length(context), length(terms))), "
            "CAST(group_concat(context || terms, '') AS BLOB) FROM words "
            "WHERE change IN (SELECT value FROM json_each(?))",
            (json.dumps(missing),),
        ).fetchone()
        rows = json.loads(described)
        pieces = _pieces(columns, [size for row in rows for size in row[3:]])
        for change, first_day, last_day, *_ in rows:
            found[change] = one = Surroundings(first_day, last_day, context=next(pieces), terms=next(pieces))
            known.put(change, one)
        return {change: one for change, one in found.items() if one is not None}

    def ids(self, keys: Sequence[int]) -> dict[int, str]:
        """Ids of current passages by their keys."""
        rows = self._connection.execute(
            "SELECT key, article_id, version, start, end FROM passages "
            "WHERE ended IS NULL AND key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {key: passage_id(*named) for key, *named in rows}

    def contexts(self, keys: Sequence[int]) -> dict[int, str]:
        """What stands around current passages and is indexed with them, by key; see ``lexical.context_of``."""
        rows = self._connection.execute(
            "SELECT p.key, a.title, a.author, a.publisher FROM passages p "
            "JOIN articles a ON a.id = p.article_id AND a.version = p.version "
            "WHERE p.ended IS NULL AND p.key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {key: "\n".join(filter(None, told)) for key, *told in rows}

    def passages_by_key(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Current passages by their keys."""
        return {key: passage for key, (passage, _) in self.cited(keys).items()}

    def cited(self, keys: Sequence[int]) -> dict[int, tuple[Passage, StoredArticle]]:
        """Current passages by their keys, with their articles, of which ``removed`` and ``extra`` are not read."""
        rows = self._connection.execute(
            "SELECT key, article_id, version FROM passages "
            "WHERE ended IS NULL AND key IN (SELECT value FROM json_each(?))",
            (json.dumps([int(key) for key in keys]),),
        ).fetchall()
        articles = self._texts({(article_id, version) for _, article_id, version in rows})
        passages = self._passages({key: articles[article_id, version] for key, article_id, version in rows})
        return {key: (passages[key], articles[article_id, version][0]) for key, article_id, version in rows}

    def _texts(self, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], tuple[StoredArticle, str | None]]:
        """Articles with whose voice they are, by id and version."""
        known = self._known.articles
        found = {name: one for name in wanted if (one := known.get(name)) is not None}
        rows = self._connection.execute(
            f"SELECT {_ARTICLE}, text, voice, version FROM articles WHERE (id, version) IN "
            "(SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))",
            (json.dumps([name for name in wanted if name not in found]),),
        )
        for *described, text, voice, version in rows.fetchall():
            stored = StoredArticle(replace(_described(described), text=text), version, current=True)
            found[stored.article.id, version] = (stored, voice)
            known.put((stored.article.id, version), (stored, voice), len(text))
        return found

    def _passages(self, wanted: Mapping[int, tuple[StoredArticle, str | None]]) -> dict[int, Passage]:
        """Passages by key, given their articles and whose voice these are."""
        known = self._known.passages
        found = {key: one for key in wanted if (one := known.get(key)) is not None}
        rows = self._connection.execute(
            "SELECT key, start, end, sentences, statements FROM passages WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps([key for key in wanted if key not in found]),),
        ).fetchall()
        for key, start, end, *rest in rows:
            stored, voice = wanted[key]
            article = stored.article
            found[key] = _passage((key, article.id, stored.version, start, end, article.text[start:end], *rest, voice))
            known.put(key, found[key])
        return found

    def speakers(self, folded: Sequence[str]) -> list[Speaker]:
        """Those of whom one of these is the folded name, the surname or an alias, most statements first."""
        asked = (self.state(), tuple(folded))
        found = self._known.speakers.get(asked)
        if found is None:
            called = self._connection.execute(
                "SELECT DISTINCT surname, name FROM called WHERE form IN (SELECT value FROM json_each(?))",
                (json.dumps(folded),),
            )
            found = self._most_quoted(called.fetchall())
            self._known.speakers.put(asked, found)
        return list(found)

    def known(self, folded: Sequence[str]) -> set[str]:
        """Those of the folded names that are somebody's, as ``speakers`` looks for them."""
        (found,) = self._connection.execute(
            "SELECT json_group_array(value) FROM json_each(?) WHERE EXISTS (SELECT 1 FROM called WHERE form = value)",
            (json.dumps(folded),),
        ).fetchone()
        return set(json.loads(found))

    def articles_of(self, speaker: Speaker) -> list[tuple[str, int, int | None]]:
        """Id, version and year of the current articles that somebody speaks in, the newest first, undated ones last."""
        return self._connection.execute(
            "SELECT id, version, first_day / 10000 FROM articles WHERE ended IS NULL AND id IN (SELECT p.article_id "
            f"FROM passages p WHERE {_SPOKEN_IN}) ORDER BY first_day IS NULL, first_day DESC, id",
            (json.dumps(sorted(map(fold, speaker.names))),),
        ).fetchall()

    def speakers_by_prefix(self, prefix: str, limit: int) -> list[Speaker]:
        """Those with a name, surname or alias that begins like this, most statements first."""
        first = fold(prefix)
        if not first:
            return self._most_quoted(None, limit)
        called = self._connection.execute(
            "SELECT DISTINCT surname, name FROM called WHERE form >= ? AND form < ?", (first, first + _LAST)
        )
        return self._most_quoted(called, limit)

    def holders(self, office: str, most: int) -> list[Speaker]:
        """Those quoted who hold an office or have held it, as far as articles say; nobody if they are more than that.

        Of an office that very many hold ("minister"), not all are read: more than 32 names for each person who may
        be meant are more people than that.
        """
        key = office_key(office)
        held = self._connection.execute(
            "SELECT DISTINCT office, surname, name FROM held WHERE key >= ? AND key < ?", (key, key + _LAST)
        )
        names: set[tuple[str, str]] = set()
        for found, of_surname, name in held:
            if holds(found, office):
                names.add((of_surname, name))
            if len(names) > 32 * most:
                return []
        quoted = self._most_quoted(names, most + 1) if names else []
        return quoted if len(quoted) <= most else []

    def filled(self, offices: Sequence[str]) -> set[str]:
        """Those of the offices that somebody may hold, as ``holders`` looks for them."""
        keys = {office: office_key(office) for office in offices}
        (found,) = self._connection.execute(
            "SELECT json_group_array(value) FROM json_each(?) WHERE value <> '' "
            "AND EXISTS (SELECT 1 FROM held WHERE key >= value AND key < value || ?)",
            (json.dumps(list(set(keys.values()))), _LAST),
        ).fetchone()
        some = set(json.loads(found))
        return {office for office, key in keys.items() if key in some}

    def offices(self, passage: Passage, name: str) -> list[str]:
        """What the article of a current passage calls one of its people, in its order."""
        asked = (passage.article_id, passage.version, name)
        found = self._known.offices.get(asked)
        if found is None:
            row = self._connection.execute(
                "SELECT offices FROM people WHERE article_id = ? AND name = ?", (passage.article_id, name)
            ).fetchone()
            found = [] if row is None else json.loads(row[0])
            self._known.offices.put(asked, found)
        return found

    def surnames(self, beginning: str, least: int, most: int) -> list[str]:
        """All folded surnames of speakers that begin like this and have so many letters."""
        (found,) = self._connection.execute(
            "SELECT json_group_array(DISTINCT surname) FROM people WHERE surname >= ? AND surname < ? "
            "AND statements > 0 AND LENGTH(surname) BETWEEN ? AND ?",
            (beginning, beginning + _LAST, least, most),
        ).fetchone()
        names: list[str] = json.loads(found)
        return names

    def _most_quoted(self, wanted: Iterable[tuple[str, str]] | None, limit: int = 2**63) -> list[Speaker]:
        """The ``limit`` people with most statements among those who have one of some surnames and names, or of all."""
        names: dict[str, set[str]] | None = None
        if wanted is not None:
            names = defaultdict(set)
            for of_surname, name in wanted:
                names[of_surname].add(name)
        found: list[Speaker] = []
        most: list[int] = []
        for of_surname, at_most in self._most_by_surname(names):
            if len(most) == limit and most[0] > at_most:
                break  # whoever comes now comes after the rest
            least = most[0] if len(most) == limit else 1
            for one in self._records(of_surname, None if names is None else names[of_surname], least):
                found.append(one)
                (heappush if len(most) < limit else heappushpop)(most, one.statements)
        return sorted(found, key=lambda one: (-one.statements, one.name))[:limit]

    def _most_by_surname(self, surnames: Iterable[str] | None) -> list[tuple[str, int]]:
        """How many statements anybody of each surname, or of some, can have at most, the most first.

        Nobody has more than one family of given names together, and all that have no given name but an initial.
        """
        some = "1" if surnames is None else "surname IN (SELECT value FROM json_each(?))"
        return self._connection.execute(
            "SELECT surname, MAX(together) + SUM(together * (LENGTH(family) < 2)) FROM ("
            f"SELECT surname, family, SUM(statements) AS together FROM people WHERE {some} GROUP BY surname, family"
            ") GROUP BY surname ORDER BY 2 DESC, 1",
            () if surnames is None else (json.dumps(list(surnames)),),
        ).fetchall()

    def _records(self, of_surname: str, wanted: set[str] | None, least: int) -> Iterator[Speaker]:
        """The people of a surname who have at least so many statements, and one of some names if any are given."""
        # This is answered by the index alone; of most people nothing more is wanted.
        rows = self._connection.execute(
            "SELECT name, article_id, statements FROM people WHERE surname = ?", (of_surname,)
        ).fetchall()
        said: Counter[str] = Counter()
        for name, _, statements in rows:
            said[name] += statements
        for names in joined((name, article) for name, article, _ in rows):
            if sum(said[name] for name in names) >= least and (wanted is None or not wanted.isdisjoint(names)):
                yield record(self._sightings(of_surname, names))

    def _sightings(self, of_surname: str, names: Iterable[str]) -> list[Sighting]:
        rows = self._connection.execute(
            "SELECT name, aliases, offices, SUM(statements), COUNT(*), MIN(published), MAX(published) FROM people "
            "WHERE surname = ? AND name IN (SELECT value FROM json_each(?)) "
            "GROUP BY name, aliases, offices, statements > 0",
            (of_surname, json.dumps(list(names))),
        )
        return [
            Sighting(Person(name, tuple(json.loads(aliases)), tuple(json.loads(offices))), *rest)
            for name, aliases, offices, *rest in rows
        ]

    def frequencies(self, terms: Sequence[int]) -> dict[int, int]:
        """In how many current passages each of the terms stands."""
        (found,) = self._connection.execute(
            "SELECT json_group_array(json_array(term, passages)) FROM terms "
            "WHERE passages > 0 AND term IN (SELECT value FROM json_each(?))",
            (json.dumps(list(terms)),),
        ).fetchone()
        return dict(json.loads(found))

    def coverage(self) -> Coverage:
        """What the archive holds at present."""
        return self.sizes()[0]

    def sizes(self) -> tuple[Coverage, float]:
        """What the archive holds at present, and the mean number of terms of its passages; 0 if there are none."""
        state = self.state()
        found = self._known.coverage.get(state)
        if found is None:
            articles, first, last = self._connection.execute(
                "SELECT COUNT(*), MIN(published), MAX(published) FROM articles WHERE ended IS NULL"
            ).fetchone()
            passages, length = (int(self._value(key) or 0) for key in ("passages", "length"))
            found = Coverage(state.number, articles, passages, first, last), length / passages if passages else 0.0
            self._known.coverage.put(state, found)
        return found

    def holdings(self) -> Holdings:
        """What the archive holds at present, by publisher and month; see ``retrieval.holdings``."""
        state = self.state()
        found = self._known.holdings.get(state)
        if found is None:
            found = holdings(self._connection)
            self._known.holdings.put(state, found)
        return found

    def dates(self, filters: Filters) -> dict[str | None, int]:
        """How many current articles that satisfy the filters are of each date; None is none."""
        condition, arguments = _condition(Scope(filters, None), _ARTICLES_SPOKEN_IN)
        rows = self._connection.execute(
            f"SELECT published, COUNT(*) FROM articles a WHERE ended IS NULL AND {condition} GROUP BY published",
            arguments,
        )
        return dict(rows.fetchall())

    def said_in_all(self) -> tuple[int, int]:
        """How many names statements are attributed to, and how many statements those are."""
        names, statements = self._connection.execute(
            "SELECT COUNT(*), SUM(together) FROM "
            "(SELECT SUM(statements) AS together FROM people GROUP BY surname, name) WHERE together > 0"
        ).fetchone()
        return names, statements or 0

    def confidences(self, passages: int) -> tuple[int, list[float | None]]:
        """How sure it is who speaks, in passages spread evenly over the archive: how many, and of each statement.

        None is a statement of somebody unknown.

        Args:
            passages: How many to look into, at most.
        """
        (last,) = self._connection.execute("SELECT MAX(key) FROM passages").fetchone()
        rows = self._connection.execute(
            "SELECT statements FROM passages WHERE ended IS NULL AND key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(range(1, (last or 0) + 1, -(-(last or 0) // passages) or 1))),),
        ).fetchall()
        said = [one for (statements,) in rows for one in json.loads(statements)]
        return len(rows), [None if speaker is None else confidence for _, _, speaker, _, confidence in said]


_ARTICLE_FIELDS = ("id", "title", "url", "publisher", "author", "published", "kind", "corrected", "pages")
_ARTICLE = ", ".join(_ARTICLE_FIELDS)
_ARTICLE_OF_A = ", ".join(f"a.{name}" for name in _ARTICLE_FIELDS)
_PASSAGE = (
    "p.key, p.article_id, p.version, p.start, p.end, substr(a.text, p.start + 1, p.end - p.start), p.sentences, "
    "p.statements, a.voice"
)


# Passages that one of some folded names speaks in, and articles with such a passage.
_SPOKEN_IN = "p.key IN (SELECT passage FROM said WHERE name IN (SELECT value FROM json_each(?)))"
_ARTICLES_SPOKEN_IN = f"a.id IN (SELECT p.article_id FROM passages p WHERE {_SPOKEN_IN})"
# Sorts behind whatever begins like the text that it is put to.
_LAST = "\U0010ffff"


def _condition(scope: Scope, spoken_in: str) -> tuple[str, list[Any]]:
    """SQL on ``articles a`` for the filters, and its arguments; ``spoken_in`` is the one for the speaker."""
    filters = scope.filters
    parts: list[tuple[str, Any]] = []
    if scope.speakers is not None:
        parts.append((spoken_in, json.dumps(scope.names)))
    if filters.publisher is not None:
        parts.append(("a.publisher_folded = ?", fold(filters.publisher)))
    if filters.author is not None:
        parts.append(("a.author_folded = ?", fold(filters.author)))
    if filters.article is not None:
        parts.append(("a.id = ?", filters.article))
    if filters.published_from is not None:
        parts.append(("a.last_day >= ?", days(filters.published_from)[0]))
    if filters.published_to is not None:
        parts.append(("a.first_day <= ?", days(filters.published_to)[1]))
    return " AND ".join(["1", *(sql for sql, _ in parts)]), [value for _, value in parts]


def _article_row(
    article: Article, version: int, fingerprint: str, number: int, *, voice: str | None
) -> tuple[Any, ...]:
    first, last = (None, None) if article.published is None else days(article.published)
    return (
        article.id,
        version,
        fingerprint,
        article.title,
        article.url,
        article.publisher,
        article.author,
        article.published,
        article.kind,
        None if article.publisher is None else fold(article.publisher),
        None if article.author is None else fold(article.author),
        first,
        last,
        article.text,
        voice,
        json.dumps([{"rule": piece.rule, "text": piece.text} for piece in article.removed]),
        json.dumps(dict(article.extra), sort_keys=True),
        number,
        None,
        article.corrected,
        json.dumps(article.pages),
    )


def _described(row: Sequence[Any]) -> Article:
    *told, pages = row
    return Article(**dict(zip(_ARTICLE_FIELDS, told, strict=False)), text="", pages=tuple(json.loads(pages)))


def _passage(row: Sequence[Any]) -> Passage:
    key, article_id, version, start, end, text, sentences, said, voice = row
    bounds = np.frombuffer(sentences, np.uint32).tolist()
    spans = tuple(Span(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=True))
    statements = tuple(
        Statement(first, last, text[first - start : last - start], *rest) for first, last, *rest in json.loads(said)
    )
    return Passage(key, article_id, version, start, end, text, spans, statements, voice)


def halved(vector: NDArray[np.float32]) -> bytes:
    """A vector as it is stored: in half precision."""
    return vector.astype(np.float16).tobytes()


def whole(stored: bytes) -> NDArray[np.float32]:
    """What ``halved`` wrote."""
    return np.frombuffer(stored, np.float16).astype(np.float32)


def change_digest(before: str, number: int, article_id: str, version: int, what: str) -> str:
    """The digest of a change: SHA-256 over the digest before it and what it does.

    Args:
        before: Digest of the change before it; empty for the first.
        number: Of the change.
        article_id: Of the article.
        version: Its version.
        what: Fingerprint of what was put, or "deleted".
    """
    return hashlib.sha256(json.dumps([before, number, article_id, version, what]).encode()).hexdigest()


def voices(row: PassageRow, voice: str | None) -> Iterator[str]:
    """Who speaks in a passage, once for each statement; the author of the article once more."""
    yield from (quote.speaker for quote in row.quotes if quote.speaker is not None)
    if voice is not None:
        yield voice


def _heard(rows: Iterable[PassageRow], voice: str | None, people: Iterable[Person]) -> dict[Person, int]:
    """Those who speak in an article or hold an office, with the number of their statements."""
    said = Counter(name for row in rows for name in voices(row, voice))
    told = {one.name: one for one in people if one.offices or one.name in said}
    told |= {name: Person(name, (), ()) for name in said if name not in told}
    return {one: said[one.name] for one in told.values()}


def _said(quote: Quote, within: PassageRow) -> list[Any]:
    """The part of a quote that lies in a passage, as it is stored; ``_passage`` reads it."""
    start, end = max(quote.start, within.start), min(quote.end, within.end)
    return [start, end, quote.speaker, quote.direct, quote.confidence]


def _packed(spans: Sequence[Span]) -> bytes:
    return np.array([bound for span in spans for bound in (span.start, span.end)], np.uint32).tobytes()


def _pieces(joined: bytes | None, sizes: Iterable[int]) -> Iterator[Terms]:
    """What was put one behind the other, each of its size in bytes; of nothing SQLite makes no bytes, but NULL."""
    numbers, position = np.frombuffer(joined or b"", np.uint32), 0
    for size in sizes:
        yield numbers[position : position + size // 4]
        position += size // 4


def _slices(items: list[bytes], size: int = 500) -> Iterator[list[bytes]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
