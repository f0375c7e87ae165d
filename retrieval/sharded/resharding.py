"""An archive put into another number of shards: rows are copied; nothing is read, cut or encoded again.

All new shards are built beside the old ones, each whole: its database is filled from those of the old shards, block
by block of their changes, and its indexes are made of it. The manifest that names them is the moment of change. What
folders of shards it does not name are no part of the archive, and are taken away before and afterwards; so whenever
this is killed, one archive is whole, and the next run tidies up.

What is of an article goes where the article goes: all its changes, its versions that are kept, and of the current one
all that it is found by. Numbers of changes and passages are given anew, in the order of the old shards and of the
numbers there. What is known of a whole shard is made anew: the digests of its changes, in how many passages each term
stands, and which articles that were in different shards are copies of each other.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np

from retrieval.database import Connection, Database, errors_named, remove, writable
from retrieval.errors import ArchiveDamaged, ArchiveMismatch, ArchiveMissing, ArchiveUnwritable, InvalidRequest
from retrieval.files import sync
from retrieval.indexes import Indexes
from retrieval.indexes import remove as remove_indexes
from retrieval.integrity import Seen, recount
from retrieval.locks import ProcessLock
from retrieval.prints import Kept
from retrieval.sharded.archive import share_model
from retrieval.sharded.manifest import Manifest, owner
from retrieval.store import Store, change_digest
from retrieval.types import Coverage

_SHARDS, _CATALOGUE, _PLAN = "shards", "catalogue", "moves.db"
_BLOCK = 1000
# Of the bytes of the databases: their indexes take a fifth of them, and some is for what is sorted on the way.
_ROOM = 1.4
# What is counted anew in each shard, or holds of the shard alone.
_OF_ONE = ("passages", "length", "readings", "compacted", "prints")

_ENDED = "(SELECT e.new FROM plan.moves e WHERE e.target = :target AND e.source = :source AND e.number = t.ended)"
# What is kept of a passage that has ended goes with the version of the article that it stands in.
_KEPT = (
    "temp.moved m CROSS JOIN old.passages t ON t.added = m.number WHERE t.ended IS NULL "
    "OR EXISTS (SELECT 1 FROM old.articles a WHERE a.id = t.article_id AND a.version = t.version)"
)
# Of an article that is current there are words.
_OF_CURRENT = (
    "temp.moved m CROSS JOIN old.words w ON w.change = m.number CROSS JOIN old.changes c ON c.number = m.number "
    "CROSS JOIN old.{} t ON t.article_id = c.article_id"
)
# Where the rows of each table are found, as t, given what moves; and which of their columns are put otherwise.
_ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "articles": (
        "temp.moved m CROSS JOIN old.changes c ON c.number = m.number "
        "CROSS JOIN old.articles t ON t.id = c.article_id AND t.version = c.version AND t.added = c.number",
        {"added": "m.new", "ended": _ENDED},
    ),
    "passages": (
        "temp.kept k CROSS JOIN old.passages t ON t.key = k.key CROSS JOIN temp.moved m ON m.number = t.added",
        {"key": "k.new", "added": "m.new", "ended": _ENDED},
    ),
    "said": ("temp.kept k CROSS JOIN old.said t ON t.passage = k.key", {"passage": "k.new"}),
    "words": ("temp.moved m CROSS JOIN old.words t ON t.change = m.number", {"change": "m.new"}),
    "copies": (
        "temp.moved m CROSS JOIN old.copies t ON t.change = m.number CROSS JOIN plan.moves o "
        "ON o.target = :target AND o.source = :source AND o.number = t.other",
        {"change": "m.new", "other": "o.new"},
    ),
    **{table: (_OF_CURRENT.format(table), {}) for table in ("people", "called", "held")},
}


@dataclass(frozen=True, slots=True)
class Resharded:
    """What came of it.

    Attributes:
        before: How many shards there were; None is an archive in one piece.
        shards: How many there are.
        articles: Current articles in all of them.
        passages: Current passages.
    """

    before: int | None
    shards: int
    articles: int
    passages: int


def reshard(folder: Path, shards: int, on_progress: Callable[[Seen], None] = lambda _: None) -> Resharded:
    """Put an archive, in shards or in one piece, into so many shards.

    Writers wait until it is done, and then have to open the archive anew. Whoever reads the old shards goes on as long
    as it takes to build the new ones. An archive that has so many shards is only tidied up.

    Args:
        folder: Of the archive. Keys and whatever else is not of its articles stay there.
        shards: How many there shall be.
        on_progress: Called after each block with the articles and passages that have been copied so far.

    Raises:
        InvalidRequest: Of no shards.
        ArchiveMissing: There is no archive in that folder.
        ArchiveMismatch: The shards were not made with the same model and settings.
        ArchiveDamaged: An old shard is not sound; nothing was changed.
        ArchiveUnwritable: No right to write there, or no space for a second copy; nothing was changed.
    """
    if shards < 1:
        raise InvalidRequest(f"an archive cannot be in {shards} shards; give 1 or more")
    _check_there(folder)
    if not writable(folder):
        raise ArchiveUnwritable(f"{folder} cannot be written to; nothing was changed")
    with _failures_named(folder), ExitStack() as stack:
        stack.enter_context(_alone(folder))
        manifest = _manifest(folder)
        _tidy(folder)
        paths = _paths(folder, manifest)
        for path in () if manifest is None else paths:
            stack.enter_context(_alone(path))
        stores = [stack.enter_context(closing(Store(Database(_database(path))))) for path in paths]
        held = [_coverage(store) for store in stores]
        if manifest is None or manifest.shards != shards:
            _check(folder, stores)
            following = Manifest.of(shards, 0 if manifest is None else manifest.generation + 1)
            try:
                _build(folder, following.paths(folder), stores, on_progress)
                # It is of the old shards; whoever opens the archive next makes it anew.
                if (folder / _CATALOGUE).exists():
                    shutil.rmtree(folder / _CATALOGUE)
                following.write(folder)
            finally:
                _tidy(folder)
        return Resharded(
            None if manifest is None else manifest.shards,
            shards,
            sum(one.articles for one in held),
            sum(one.passages for one in held),
        )


def articles_in(folder: Path) -> int:
    """How many current articles there are to be copied.

    Raises:
        ArchiveMissing: See ``reshard``.
    """
    _check_there(folder)
    found = 0
    for path in _paths(folder, _manifest(folder)):
        with closing(Store(Database(_database(path)))) as store:
            found += _coverage(store).articles
    return found


def _check_there(folder: Path) -> None:
    if not Manifest.exists(folder) and not _database(folder).exists():
        raise ArchiveMissing(f"no archive in {folder}; make one with: onrecord ingest SOURCE --archive {folder}")


def _paths(folder: Path, manifest: Manifest | None) -> list[Path]:
    """Where the databases lie: those of the shards, or the one."""
    paths = [folder] if manifest is None else manifest.paths(folder)
    for path in paths:
        if not _database(path).exists():
            raise ArchiveMissing(f"{path}, a shard of the archive, is not there; all have to be on this machine")
    return paths


def _database(folder: Path) -> Path:
    return folder / "archive.db"


def _manifest(folder: Path) -> Manifest | None:
    return Manifest.read(folder) if Manifest.exists(folder) else None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep out all who would write to an archive."""
    with ProcessLock(folder / "lock").held():
        yield


@contextmanager
def _failures_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveUnwritable(
            f"{error.filename or folder} cannot be written ({error.strerror}); the archive is whole: try again"
        ) from error


def _tidy(folder: Path) -> None:
    """Take away whatever is of an archive that is not there yet, or not any more."""
    manifest = _manifest(folder)
    kept = set() if manifest is None else {path.parent for path in manifest.paths(folder)}
    if manifest is not None:
        remove(_database(folder))
        remove_indexes(folder)
    for generation in sorted((folder / _SHARDS).glob("*")):
        if generation not in kept:
            shutil.rmtree(generation)


def _check(folder: Path, stores: Sequence[Store]) -> None:
    """See that there is something to copy and room for it, before hours are spent."""
    for store in stores:
        if _settings(store) != _settings(stores[0]):
            raise ArchiveMismatch(f"{store.database.path} was made with other settings than the shards before it")
    files = [file for store in stores for file in store.database.path.parent.glob("archive.db*")]
    needed, free = _ROOM * sum(file.stat().st_size for file in files), shutil.disk_usage(folder).free
    if free < needed:
        raise ArchiveUnwritable(
            f"{folder}: {needed / 1e6:.0f} MB are needed beside the archive until it is done, and {free / 1e6:.0f} MB "
            "are free; make room and try again"
        )
    for store in stores:
        if found := store.database.faults():
            raise ArchiveDamaged(f"{store.database.path} is damaged ({found[0]}); restore it from a backup first")


def _coverage(store: Store) -> Coverage:
    with store.reading():
        return store.coverage()


def _settings(store: Store) -> dict[str, str]:
    return {key: value for key, value in store.meta.items() if key not in _OF_ONE}


# Building ---------------------------------------------------------------------------------------------------------


def _build(
    archive: Path, folders: Sequence[Path], stores: Sequence[Store], on_progress: Callable[[Seen], None]
) -> None:
    generation = folders[0].parent
    plan = generation / _PLAN
    generation.mkdir(parents=True)
    _write_plan(plan, stores, len(folders))
    seen, built = Seen(), []
    for target, folder in enumerate(folders):
        share_model(archive, folder)
        with Database.build(_database(folder)) as connection:
            connection.execute("ATTACH ? AS plan", (_uri(plan),))
            shard = _Shard(connection, target)
            for source, store in enumerate(stores):
                for articles, passages in shard.copy(source, store):
                    seen.articles, seen.passages = seen.articles + articles, seen.passages + passages
                    on_progress(seen)
            shard.finish()
        with closing(Store(Database(_database(folder)))) as store:
            Indexes(store, folder).rebuild()
            built.append(_rows(store))
        sync(folder)
    # Rows that belong to nothing are copied by nobody: that the old shards have none is seen here.
    if [sum(column) for column in zip(*built, strict=True)] != [
        sum(column) for column in zip(*map(_rows, stores), strict=True)
    ]:
        raise ArchiveDamaged(
            f"{stores[0].database.path}: not all rows belong to an article; nothing was changed. "
            "Find them with: onrecord verify"
        )
    plan.unlink()
    for path in (generation, generation.parent, generation.parent.parent):
        sync(path)


def _rows(store: Store) -> tuple[int, ...]:
    """How many rows there are of what is copied whole."""
    with store.reading() as connection:
        counted: tuple[int, ...] = connection.execute(
            "SELECT (SELECT COUNT(*) FROM changes), (SELECT COUNT(*) FROM articles), "
            "(SELECT COUNT(*) FROM passages WHERE ended IS NULL), (SELECT COUNT(*) FROM words), "
            "(SELECT COUNT(*) FROM people), (SELECT COUNT(*) FROM called), (SELECT COUNT(*) FROM held), "
            "(SELECT COUNT(*) FROM said), (SELECT COUNT(*) FROM prints), (SELECT COUNT(*) FROM sketched), "
            "(SELECT COUNT(*) FROM quoted), (SELECT COUNT(*) FROM readings)"
        ).fetchone()
    return counted


def _write_plan(path: Path, stores: Sequence[Store], shards: int) -> None:
    """Where each change goes, and its number there: too many to be held in memory."""
    with errors_named(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE moves (target INTEGER, source INTEGER, number INTEGER, new INTEGER NOT NULL, "
            "PRIMARY KEY (target, source, number)) STRICT, WITHOUT ROWID"
        )
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO moves VALUES (?, ?, ?, ?)", _moves(stores, shards))
        connection.execute("COMMIT")


def _moves(stores: Sequence[Store], shards: int) -> Iterator[tuple[int, int, int, int]]:
    last = [0] * shards
    for source, store in enumerate(stores):
        with store.reading() as old:
            for number, article_id in old.execute("SELECT number, article_id FROM changes ORDER BY number"):
                target = owner(article_id, shards)
                last[target] += 1
                yield target, source, number, last[target]


class _Shard:
    """A new shard, while it is filled."""

    def __init__(self, connection: Connection, target: int) -> None:
        """Nothing is in it yet.

        Args:
            connection: To its database, with the plan attached.
            target: Its number.
        """
        self._connection = connection
        self._target = target
        self._last, self._digest, self._readings = 0, "", 0
        self._prints = Kept()
        connection.execute("CREATE TEMP TABLE moved (number INTEGER PRIMARY KEY, new INTEGER NOT NULL) STRICT")
        connection.execute("CREATE TEMP TABLE kept (key INTEGER PRIMARY KEY, new INTEGER NOT NULL) STRICT")
        self._statements = {table: self._copying(table, *how) for table, how in _ROWS.items()}

    def _copying(self, table: str, found: str, instead: dict[str, str]) -> str:
        names = [name for (name,) in self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        columns = ", ".join(instead.get(name, f't."{name}"') for name in names)
        return f"INSERT INTO main.{table} SELECT {columns} FROM {found}"

    def copy(self, source: int, store: Store) -> Iterator[tuple[int, int]]:
        """Copy what one of the old shards has of it; yields the articles and passages of each block."""
        connection, first = self._connection, self._last + 1
        if not source:
            connection.executemany("INSERT INTO meta VALUES (?, ?)", _settings(store).items())
        connection.execute("ATTACH ? AS old", (_uri(store.database.path),))
        if not self._target:
            connection.execute("INSERT INTO readings SELECT * FROM old.readings")
            self._readings += store.readings_number()
        chosen = 0
        while chosen := self._choose(source, chosen):
            connection.execute("BEGIN")
            yield self._copy_block(source, first if source else 0)
            connection.execute("COMMIT")
        connection.execute("DETACH old")

    def finish(self) -> None:
        """Count what is counted of the whole shard."""
        recount(self._connection)
        # No index was ever made of what has ended here, and nothing is kept to be taken out of one.
        known = {"compacted": self._last, "readings": self._readings}
        self._connection.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(key, str(number)) for key, number in known.items() if number]
        )
        self._connection.execute("DETACH plan")

    def _choose(self, source: int, after: int) -> int:
        """Choose the next block of changes that come from an old shard; returns the last there, 0 if none is left."""
        connection = self._connection
        connection.execute("DELETE FROM temp.moved")
        connection.execute("DELETE FROM temp.kept")
        connection.execute(
            "INSERT INTO temp.moved SELECT number, new FROM plan.moves "
            "WHERE target = ? AND source = ? AND number > ? ORDER BY number LIMIT ?",
            (self._target, source, after, _BLOCK),
        )
        connection.execute(
            "INSERT INTO temp.kept SELECT t.key, (SELECT COALESCE(MAX(key), 0) FROM main.passages) "
            f"+ row_number() OVER (ORDER BY t.key) FROM {_KEPT}"
        )
        (last,) = connection.execute("SELECT MAX(number) FROM temp.moved").fetchone()
        return last or 0

    def _copy_block(self, source: int, before: int) -> tuple[int, int]:
        """Copy what came with the chosen changes.

        Args:
            source: The old shard that they are from.
            before: Articles that came with an earlier change are from others.
        """
        connection, copied = self._connection, {}
        connection.executemany("INSERT INTO main.changes VALUES (?, ?, ?, ?)", list(self._changes()))
        for table, statement in self._statements.items():
            copied[table] = connection.execute(statement, {"target": self._target, "source": source}).rowcount
        for change, *prints in connection.execute(
            "SELECT m.new, t.sketch, t.quoted FROM temp.moved m CROSS JOIN old.prints t ON t.change = m.number "
            "ORDER BY m.number"
        ).fetchall():
            sketched, quoted = (np.frombuffer(column, np.uint32) for column in prints)
            self._prints.adopt(connection, change, sketched, quoted.reshape(-1, 3), before)
        return copied["words"], copied["passages"]

    def _changes(self) -> Iterator[tuple[int, str, int, str]]:
        """The rows of the chosen changes, each with the digest of all up to it."""
        for number, article_id, version, digest, fingerprint, again in self._connection.execute(
            "SELECT m.new, c.article_id, c.version, c.digest, a.fingerprint, EXISTS (SELECT 1 FROM old.changes e "
            "WHERE e.article_id = c.article_id AND e.version = c.version AND e.number < c.number) "
            "FROM temp.moved m CROSS JOIN old.changes c ON c.number = m.number "
            "LEFT JOIN old.articles a ON a.id = c.article_id AND a.version = c.version ORDER BY m.number"
        ):
            # A change that has the version of an earlier one is its deletion. Of what was put and is there no longer,
            # the digest that was made of it stands in for its fingerprint.
            what = "deleted" if again else fingerprint or digest
            self._digest = change_digest(self._digest, number, article_id, version, what)
            self._last = number
            yield number, article_id, version, self._digest


def _uri(path: Path) -> str:
    return f"file:{quote(str(path))}?mode=ro"
