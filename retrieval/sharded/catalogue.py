"""What is known of all shards together: a cache of them, made of nothing else, that takes up what has changed in each.

It is a database of the same form as an archive's, without texts and passages. What it has, it has of all shards: one
row for each current article, the people of all of them, in how many passages each term stands, how long passages are,
which articles are copies of each other and which hold which quotations. The questions that a ``Store`` answers from
these it answers as that of one archive with all the articles would.
"""

import hashlib
import json
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap, zip_longest
from pathlib import Path

import numpy as np

from retrieval.database import Connection, Database
from retrieval.errors import ArchiveDamaged, ArchiveError, ArchiveMismatch, ArchiveMissing
from retrieval.lexical import Fields, analyze, context_of, term_ids
from retrieval.locks import ProcessLock
from retrieval.prints import likely
from retrieval.sketch import are_copies
from retrieval.store import START, Quotation, State, Store, Terms
from retrieval.types import Article, Person, StoredArticle

_SCHEMA = (
    """CREATE TABLE shards (
        number INTEGER PRIMARY KEY,
        change INTEGER NOT NULL,
        digest TEXT NOT NULL
    ) STRICT""",
    # Of each article, whose it is, how many passages it has, how many terms stand in these together, and in how many of
    # them each does.
    """CREATE TABLE weights (
        change INTEGER PRIMARY KEY,
        shard INTEGER NOT NULL,
        passages INTEGER NOT NULL,
        length INTEGER NOT NULL,
        counted BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX weights_by_shard ON weights (shard)",
    # Articles that some that may be copies of them could not be had to compare with.
    "CREATE TABLE unpaired (change INTEGER PRIMARY KEY) STRICT",
    # Around how many passages of all shards each term stands.
    "CREATE TABLE around (term INTEGER PRIMARY KEY, passages INTEGER NOT NULL) STRICT",
)
# All that it says, without its own numbers, in an order.
_PARTS = {
    "articles": "SELECT id, version, fingerprint, title, url, publisher, author, published, kind, publisher_folded, "
    "author_folded, first_day, last_day, voice, corrected FROM articles ORDER BY id",
    "people": "SELECT * FROM people ORDER BY article_id, name",
    "names": "SELECT * FROM called ORDER BY article_id, form, name",
    "offices": "SELECT * FROM held ORDER BY article_id, office, name",
    "terms": "SELECT term, passages FROM terms WHERE passages > 0 ORDER BY term",
    "terms around": "SELECT term, passages FROM around WHERE passages > 0 ORDER BY term",
    "terms of articles": "SELECT k.article_id, w.shard, w.passages, w.length, w.counted FROM weights w "
    "JOIN changes k ON k.number = w.change ORDER BY 1",
    "prints": "SELECT k.article_id, p.sketch, p.quoted FROM prints p JOIN changes k ON k.number = p.change ORDER BY 1",
    "sketches": "SELECT s.number, k.article_id FROM sketched s JOIN changes k ON k.number = s.change ORDER BY 1, 2",
    "quotations": 'SELECT q.number, k.article_id, q.start, q."end" FROM quoted q JOIN changes k ON k.number = q.change '
    "ORDER BY 1, 2, 3",
    "copies": "SELECT a.article_id, b.article_id FROM copies c JOIN changes a ON a.number = c.change "
    "JOIN changes b ON b.number = c.other ORDER BY 1, 2",
    "sums": "SELECT key, value FROM meta WHERE key IN ('passages', 'length', 'context') ORDER BY key",
}
# Changes with what is kept in it, or how.
_FORM = "3"
# Articles that are taken out at once.
_AT_ONCE = 500

Texts = Callable[[Collection[tuple[str, int]]], tuple[Mapping[tuple[str, int], StoredArticle], bool]]
"""Fetches current articles with their texts, by id and version, and says whether all shards that have any answered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue keeps of a current article.

    Attributes:
        article: Without its text.
        passages: How many it has.
        length: How many terms these have together.
        counted: Terms with the number of its passages that each stands in; shape ``(terms, 2)``.
        people: With the number of their statements.
        sketch: See ``retrieval.sketch``.
        quoted: See ``retrieval.prints.Prints``, as it is stored.
    """

    article: Article
    version: int
    fingerprint: str
    passages: int
    length: int
    counted: Terms
    people: Mapping[Person, int]
    sketch: Terms
    quoted: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed in a shard since some change of it.

    Attributes:
        to: The last change that is told of.
        articles: By id, what has become of each that was changed; None if it is gone.
        all_told: Whether that is the last one of the shard: else there is more to ask for.
    """

    to: State
    articles: Mapping[str, Entry | None]
    all_told: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """What BM25 has to know of all shards together.

    Attributes:
        passages: How many.
        mean: Of each field, its mean number of words.
        frequencies: Of each field, in how many passages each term stands; of terms that stand in none, nothing.
    """

    passages: int
    mean: Mapping[Fields, float]
    frequencies: Mapping[Fields, Mapping[int, int]]


class Catalogue(Store):
    """What all shards hold together, as far as it is known without asking them.

    Attributes:
        updating: Held by whoever takes up changes.
    """

    def __init__(self, folder: Path) -> None:
        """Open the catalogue in a folder of its own; see ``make``."""
        advice = f"there is nothing in it that is not in the shards: remove {folder}, and it is made anew"
        super().__init__(Database(folder / "archive.db", advice))
        self.updating = ProcessLock(folder / "lock")

    @classmethod
    def make(cls, folder: Path, settings: Callable[[], Mapping[str, str]]) -> None:
        """Make an empty one, in place of one that cannot be used; does nothing where there is one that can.

        Args:
            folder: Its own.
            settings: Asked for those of the archive, where one is made.
        """
        if _usable(folder):
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        with ProcessLock(folder.with_name(f"{folder.name}.lock")).held():
            if not _usable(folder):  # another process may have been quicker
                cls._make(folder, settings())

    @staticmethod
    def _make(folder: Path, settings: Mapping[str, str]) -> None:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        Database.create(folder / "new.db", settings)
        database = Database(folder / "new.db")
        with database.writing() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('catalogue', ?)", (_FORM,))
        database.compact()
        database.close()
        (folder / "new.db").replace(folder / "archive.db")

    # Asking -----------------------------------------------------------------------------------------------------

    def state(self) -> State:
        """How far all shards have come, as far as it was taken up: changes are counted together."""
        rows = self._connection.execute("SELECT number, change, digest FROM shards ORDER BY number").fetchall()
        if not any(change for _, change, _ in rows):
            return START
        return State(sum(change for _, change, _ in rows), hashlib.sha256(json.dumps(rows).encode()).hexdigest())

    def states(self) -> dict[int, State]:
        """How far each shard had come when what it holds was taken up."""
        rows = self._connection.execute("SELECT number, change, digest FROM shards")
        return {number: State(change, digest) for number, change, digest in rows}

    def whole(self, words: Collection[str]) -> Whole:
        """What BM25 has to know for some analysed words."""
        passages, length = (int(self._value(key) or 0) for key in ("passages", "length"))
        context = int(self._value("context") or 0)
        terms = term_ids(words).tolist()
        (around,) = self._connection.execute(
            "SELECT json_group_array(json_array(term, passages)) FROM around "
            "WHERE passages > 0 AND term IN (SELECT value FROM json_each(?))",
            (json.dumps(terms),),
        ).fetchone()
        return Whole(
            passages,
            {"text": length / max(passages, 1), "context": context / max(passages, 1)},
            {"text": self.frequencies(terms), "context": dict(json.loads(around))},
        )

    def places(self, marks: Collection[int]) -> list[Quotation]:
        """See ``Store.quotations``; without what is said there."""
        rows = self._connection.execute(
            "SELECT DISTINCT q.number, a.id, a.version, a.first_day, q.start, q.end, '' FROM quoted q "
            "JOIN changes k ON k.number = q.change "
            "JOIN articles a ON a.id = k.article_id AND a.version = k.version "
            "WHERE q.number IN (SELECT value FROM json_each(?)) "
            "ORDER BY a.first_day IS NULL, a.first_day, a.id, q.start",
            (json.dumps(list(marks)),),
        )
        return list(starmap(Quotation, rows))

    # Taking up --------------------------------------------------------------------------------------------------

    def drop(self, shard: int) -> None:
        """Forget all that is of a shard."""
        with self.writing() as connection:
            self._drop(connection, shard)

    def empty(self) -> None:
        """Forget everything, whatever it is, so that all of it is taken up anew."""
        with self.writing() as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for (table,) in tables.fetchall():
                if table != "meta":
                    connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM meta WHERE key IN ('passages', 'length', 'context')")
            self._add_to(connection, "generation", 1)

    def differing(self, other: "Catalogue") -> list[str]:
        """What this one says otherwise than another of the same shards: names of its parts.

        Inside ``reading()`` of both.
        """
        mine, theirs = self._connection, other._connection
        return [
            name
            for name, query in _PARTS.items()
            if any(one != two for one, two in zip_longest(mine.execute(query), theirs.execute(query)))
        ]

    def take_up(self, shard: int, parts: Iterable[Changes], texts: Texts, *, anew: bool = False) -> None:
        """Take up what has changed in a shard: all of it, or after an error nothing.

        Args:
            shard: Its number.
            parts: All since the change that ``states`` tells of it.
            texts: Asked for those of the articles that may be copies of others.
            anew: Forget all that is of the shard before.
        """
        with self.writing() as connection:
            if anew:
                self._drop(connection, shard)
            for changes in parts:
                self._exchange(connection, shard, changes.articles)
                for article_id, entry in changes.articles.items():
                    if entry is not None:
                        self._find_copies(connection, article_id, entry.version, texts)
                to = changes.to
                connection.execute("INSERT OR REPLACE INTO shards VALUES (?, ?, ?)", (shard, to.number, to.digest))

    def find_left(self, texts: Texts) -> None:
        """See which articles are copies of those whose texts could not be had when they were taken up."""
        if not self._connection.execute("SELECT 1 FROM unpaired LIMIT 1").fetchone():
            return
        with self.writing() as connection:
            left = connection.execute(
                "SELECT u.change, k.article_id, k.version FROM unpaired u LEFT JOIN changes k ON k.number = u.change"
            ).fetchall()
            connection.execute("DELETE FROM unpaired")
            for _, article_id, version in left:
                if article_id is not None:
                    self._find_copies(connection, article_id, version, texts)

    @property
    def generation(self) -> str:
        """Another one whenever a shard was put in the place of another: its passages may have the keys of others."""
        return self._value("generation") or ""

    def _drop(self, connection: Connection, shard: int) -> None:
        theirs = connection.execute(
            "SELECT k.article_id FROM weights w JOIN changes k ON k.number = w.change WHERE w.shard = ?", (shard,)
        ).fetchall()
        for first in range(0, len(theirs), _AT_ONCE):
            self._exchange(connection, shard, {article_id: None for (article_id,) in theirs[first : first + _AT_ONCE]})
        connection.execute("DELETE FROM shards WHERE number = ?", (shard,))
        self._add_to(connection, "generation", 1)

    def _exchange(self, connection: Connection, shard: int, articles: Mapping[str, Entry | None]) -> None:
        """Put articles of a shard in the place of what they were; where there is nothing more of one, take it out."""
        passages: Counter[int] = Counter()
        for article_id, entry in articles.items():
            passages.subtract(self._remove(connection, article_id))
            if entry is not None:
                passages.update(self._add(connection, shard, entry))
        connection.executemany(
            "INSERT INTO terms VALUES (?1, ?2) ON CONFLICT (term) DO UPDATE SET passages = passages + ?2",
            [(term, count) for term, count in passages.items() if count],
        )

    def _add(self, connection: Connection, shard: int, entry: Entry) -> Mapping[int, int]:
        """Take in an article; returns in how many of its passages each term stands."""
        article = entry.article
        number = self._number(connection, article.id, entry.version)
        self._insert_article(connection, article, entry.version, entry.fingerprint, number)
        self._put_people(connection, article, entry.people)
        connection.execute(
            "INSERT INTO weights VALUES (?, ?, ?, ?, ?)",
            (number, shard, entry.passages, entry.length, _packed(entry.counted)),
        )
        self._weigh(connection, entry.passages, entry.length)
        self._surround(connection, analyze(context_of(article)), entry.passages)
        quoted = np.frombuffer(entry.quoted, np.uint32).reshape(-1, 3)
        self._prints.keep(connection, number, entry.sketch, quoted)
        return _by_term(entry.counted)

    def _remove(self, connection: Connection, article_id: str) -> Mapping[int, int]:
        """Take out an article, if it is there; returns in how many of its passages each term stood."""
        found = connection.execute(
            "SELECT a.added, w.passages, w.length, w.counted, a.title, a.author, a.publisher FROM articles a "
            "JOIN weights w ON w.change = a.added WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        if found is None:
            return {}
        number, passages, length, counted, title, author, publisher = found
        self._weigh(connection, -passages, -length)
        around = Article(id=article_id, text="", title=title, author=author, publisher=publisher)
        self._surround(connection, analyze(context_of(around)), -passages)
        self._prints.drop(connection, number)
        self._drop_people(connection, article_id)
        connection.execute("DELETE FROM weights WHERE change = ?", (number,))
        connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        connection.execute("DELETE FROM changes WHERE number = ?", (number,))
        return _by_term(_unpacked(counted))

    def _number(self, connection: Connection, article_id: str, version: int) -> int:
        """Another number for each article that is taken up, by which rows of other tables name it."""
        inserted = connection.execute(
            "INSERT INTO changes (article_id, version, digest) VALUES (?, ?, '')", (article_id, version)
        )
        number = inserted.lastrowid
        if number is None:
            raise ArchiveError(f"{self.database.path}: no row was inserted")
        return number

    def _weigh(self, connection: Connection, passages: int, length: int) -> None:
        """Count so many more passages, and terms in them; fewer, if it is below 0."""
        self._add_to(connection, "passages", passages)
        self._add_to(connection, "length", length)

    def _surround(self, connection: Connection, words: Sequence[str], passages: int) -> None:
        """Count the words around so many more passages; fewer, if it is below 0."""
        connection.executemany(
            "INSERT INTO around VALUES (?1, ?2) ON CONFLICT (term) DO UPDATE SET passages = passages + ?2",
            [(term, passages) for term in sorted(set(term_ids(words).tolist()))],
        )
        self._add_to(connection, "context", len(words) * passages)

    def _add_to(self, connection: Connection, key: str, amount: int) -> None:
        connection.execute(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?2",
            (key, str(amount)),
        )

    def _find_copies(self, connection: Connection, article_id: str, version: int, texts: Texts) -> None:
        """Which others an article is a copy of: a matter of their texts alone, in whatever shards they are."""
        number, sketch = connection.execute(
            "SELECT p.change, p.sketch FROM articles a JOIN prints p ON p.change = a.added WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        numbers = likely(connection, number, np.frombuffer(sketch, np.uint32).tolist())
        if not numbers:
            return
        named = connection.execute(
            "SELECT number, article_id, version FROM changes WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps(numbers),),
        ).fetchall()
        found, complete = texts({(article_id, version), *((id_, of) for _, id_, of in named)})
        if not complete:
            connection.execute("INSERT OR IGNORE INTO unpaired VALUES (?)", (number,))
        one = found.get((article_id, version))
        for other, *name in named:
            stored = found.get((name[0], name[1]))
            if one is None or stored is None:
                continue  # its shard is missing; or it has changed meanwhile, and is taken up again
            if are_copies(*(self._prints.words_of(of.article.text) for of in (one, stored))):
                pairs = [(number, other), (other, number)]
                connection.executemany("INSERT OR IGNORE INTO copies VALUES (?, ?)", pairs)


def _packed(counted: Terms) -> bytes:
    # Terms are hashes, which nothing makes shorter; what they are counted as are mostly ones.
    return zlib.compress(counted.T.tobytes(), 1)


def _unpacked(counted: bytes) -> Terms:
    return np.frombuffer(zlib.decompress(counted), np.uint32).reshape(2, -1).T


def _by_term(counted: Terms) -> Mapping[int, int]:
    terms, passages = counted.T.tolist()
    return dict(zip(terms, passages, strict=True))


def _usable(folder: Path) -> bool:
    """Whether there is a catalogue that this version can go on with: else it is made anew of the shards."""
    if not (folder / "archive.db").exists():
        return False
    try:
        store = Store(Database(folder / "archive.db"))
    except (ArchiveDamaged, ArchiveMismatch, ArchiveMissing):
        return False
    try:
        return store.meta.get("catalogue") == _FORM
    finally:
        store.close()
