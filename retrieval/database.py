"""The database file of an archive: connections, transactions, its schema and the errors of SQLite; imports sqlite3.

SQLite keeps a write-ahead log, so that readers never wait for a writer, and syncs at each commit: what a writer was
told is done outlives a killed process and a power cut.
"""

import logging
import os
import shutil
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import numpy as np

from retrieval.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveError,
    ArchiveMismatch,
    ArchiveMissing,
    ArchiveUnwritable,
)
from retrieval.files import sync

Connection = sqlite3.Connection

FORMAT = 4

# Columns of the primary key come first: else SQLite 3.40 takes others for NULL when it checks its integrity.
_CALLED = """CREATE TABLE called (
    article_id TEXT NOT NULL,
    form TEXT NOT NULL,
    name TEXT NOT NULL,
    surname TEXT NOT NULL,
    PRIMARY KEY (article_id, form, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX called_by_form ON called (form, surname, name)"""
_HELD = """CREATE TABLE held (
    article_id TEXT NOT NULL,
    office TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    surname TEXT NOT NULL,
    PRIMARY KEY (article_id, office, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_key ON held (key, office, surname, name)"""
# Apart from the texts, which are long: a question reads the words of a hundred articles.
_WORDS = """CREATE TABLE words (
    change INTEGER PRIMARY KEY,
    first_day INTEGER,
    last_day INTEGER,
    context BLOB NOT NULL,
    terms BLOB NOT NULL
) STRICT;
CREATE INDEX articles_by_date ON articles (published) WHERE ended IS NULL"""
_PRINTS = """CREATE TABLE prints (change INTEGER PRIMARY KEY, sketch BLOB NOT NULL, quoted BLOB NOT NULL) STRICT;
CREATE TABLE sketched (
    number INTEGER NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (number, change)
) STRICT, WITHOUT ROWID;
CREATE TABLE quoted (
    number INTEGER NOT NULL,
    change INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    PRIMARY KEY (number, change, start)
) STRICT, WITHOUT ROWID;
CREATE TABLE copies (
    change INTEGER NOT NULL,
    other INTEGER NOT NULL,
    PRIMARY KEY (change, other)
) STRICT, WITHOUT ROWID"""
# What an archive holds by publisher and month is read off this; SQLite takes it for filters on the publisher as well.
_BY_MONTH = """CREATE INDEX articles_by_month ON articles (publisher_folded, publisher, substr(published, 1, 7), kind)
    WHERE ended IS NULL"""
_READINGS = """CREATE TABLE readings (
    source TEXT NOT NULL,
    item TEXT NOT NULL,
    mark TEXT,
    articles TEXT NOT NULL,
    problems TEXT NOT NULL,
    read_at TEXT NOT NULL,
    PRIMARY KEY (source, item)
) STRICT, WITHOUT ROWID"""

SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
    number INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX changes_by_article ON changes (article_id);
CREATE TABLE articles (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    title TEXT, url TEXT, publisher TEXT, author TEXT, published TEXT, kind TEXT,
    publisher_folded TEXT, author_folded TEXT, first_day INTEGER, last_day INTEGER,
    text TEXT NOT NULL,
    voice TEXT,
    removed TEXT NOT NULL,
    extra TEXT NOT NULL,
    added INTEGER NOT NULL,
    ended INTEGER,
    corrected TEXT,
    pages TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX articles_current ON articles (id) WHERE ended IS NULL;
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences BLOB NOT NULL,
    statements TEXT NOT NULL,
    terms BLOB NOT NULL,
    cuts BLOB NOT NULL,
    spoken BLOB NOT NULL,
    vector_key BLOB NOT NULL,
    added INTEGER NOT NULL,
    ended INTEGER,
    vector BLOB NOT NULL DEFAULT x'',
    checksum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX passages_by_article ON passages (article_id, version);
CREATE INDEX passages_by_added ON passages (added);
CREATE INDEX passages_by_ended ON passages (ended) WHERE ended IS NOT NULL;
CREATE INDEX passages_by_vector ON passages (vector_key) WHERE ended IS NULL;
CREATE TABLE people (
    article_id TEXT NOT NULL,
    name TEXT NOT NULL,
    surname TEXT NOT NULL,
    family TEXT NOT NULL,
    aliases TEXT NOT NULL,
    offices TEXT NOT NULL,
    statements INTEGER NOT NULL,
    published TEXT,
    PRIMARY KEY (article_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_by_surname ON people (surname, name, statements);
CREATE INDEX people_by_family ON people (surname, family, statements);
{_CALLED};
{_HELD};
CREATE TABLE said (passage INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (passage, name)) STRICT, WITHOUT ROWID;
CREATE INDEX said_by_name ON said (name);
{_WORDS};
CREATE TABLE terms (term INTEGER PRIMARY KEY, passages INTEGER NOT NULL) STRICT;
{_READINGS};
{_PRINTS};
{_BY_MONTH};
"""

# What takes a database of one format to the next, by the format that it is of.
_MIGRATIONS = {
    1: (
        "ALTER TABLE vectors ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0",
        "UPDATE vectors SET checksum = crc32(vector)",
        "DROP INDEX called_by_form",
        "ALTER TABLE called RENAME TO called_1",
        *_CALLED.split(";\n"),
        "INSERT INTO called SELECT article_id, form, name, surname FROM called_1",
        "DROP TABLE called_1",
        "DROP INDEX held_by_key",
        "ALTER TABLE held RENAME TO held_1",
        *_HELD.split(";\n"),
        "INSERT INTO held SELECT article_id, office, name, key, surname FROM held_1",
        "DROP TABLE held_1",
    ),
    2: (
        "ALTER TABLE passages ADD COLUMN vector BLOB NOT NULL DEFAULT x''",
        "ALTER TABLE passages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0",
        "UPDATE passages SET (vector, checksum) = (SELECT half(v.vector), crc32(half(v.vector)) FROM vectors v "
        "WHERE v.key = vector_key) WHERE ended IS NULL AND EXISTS (SELECT 1 FROM vectors v WHERE v.key = vector_key)",
        "DROP TABLE vectors",
        *_WORDS.split(";\n"),
        "INSERT INTO words SELECT added, first_day, last_day, context, terms FROM articles WHERE ended IS NULL",
        "ALTER TABLE articles DROP COLUMN context",
        "ALTER TABLE articles DROP COLUMN terms",
    ),
    3: (
        "ALTER TABLE articles ADD COLUMN corrected TEXT",
        "ALTER TABLE articles ADD COLUMN pages TEXT NOT NULL DEFAULT '[]'",
        *_READINGS.split(";\n"),
        *_PRINTS.split(";\n"),
        # Worked out of the texts by whoever opens it to write.
        "INSERT INTO meta VALUES ('prints', 'missing')",
        _BY_MONTH,
    ),
}

_RESTORE = "restore it from a backup"
# How long a writer waits for another, in seconds.
_PATIENCE = 60
# Pages in memory while a database is filled at once, in KiB.
_BUILDING = 1 << 16

_log = logging.getLogger(__name__)


class Database:
    """One database file. Any thread may use it; each has a connection of its own.

    Attributes:
        read_only: Whether it lies where this process may not write.
    """

    def __init__(self, path: Path, advice: str = _RESTORE) -> None:
        """Open a database; one of an older format is brought to the present one.

        Args:
            path: The file.
            advice: What to do where it turns out to be damaged.

        Raises:
            ArchiveMissing: It holds no archive.
            ArchiveMismatch: Written by a newer format; or by an older one, where it cannot be written.
            ArchiveDamaged: Not a database.
            ArchiveUnwritable: It has to be written to be opened, and cannot be.
        """
        self.path = path
        self._advice = advice
        self.read_only = not (writable(path.parent) and writable(path))
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._guard = threading.Lock()
        with errors_named(self.path, self._advice):
            if not self.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
                raise ArchiveMissing(f"{path} holds no archive; remove that file, and ingest or restore again")
            self._migrate()

    @classmethod
    def create(cls, path: Path, meta: Mapping[str, str]) -> None:
        """Make the database of a new archive, whole or not at all.

        Raises:
            ArchiveUnwritable: No space, or no right, to write there.
        """
        with _making(path) as temporary, errors_named(path):
            connection = sqlite3.connect(temporary, isolation_level=None)
            with closing(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("BEGIN")
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.executemany("INSERT INTO meta VALUES (?, ?)", [("format", str(FORMAT)), *meta.items()])
                connection.execute("COMMIT")

    @classmethod
    @contextmanager
    def build(cls, path: Path) -> Iterator[Connection]:
        """Fill the database of a new archive at once: inside it has its tables, then its indexes and its name.

        What is not finished is thrown away whole, so that nothing is logged or synced before the end. The connection
        is in no transaction.

        Raises:
            ArchiveUnwritable: No space, or no right, to write there.
        """
        statements = SCHEMA.split(";\n")
        tables = [one for one in statements if one.lstrip().startswith("CREATE TABLE")]
        with (
            _making(path) as temporary,
            errors_named(path),
            closing(sqlite3.connect(f"file:{quote(str(temporary))}", uri=True, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_BUILDING}")
            for statement in tables:
                connection.execute(statement)
            yield connection
            for statement in statements:
                if statement not in tables:
                    connection.execute(statement)
            connection.execute("PRAGMA journal_mode = WAL")

    @classmethod
    def restore(cls, backup: Path, path: Path) -> None:
        """Make a database of what ``copy`` wrote, whole or not at all.

        Raises:
            ArchiveDamaged: The backup is not sound.
            ArchiveMissing: It is something else.
            ArchiveMismatch: Written by a newer format.
        """
        with _making(path) as temporary:
            shutil.copyfile(backup, temporary)
            restored = cls(temporary)
            try:
                found = restored.faults()
            finally:
                restored.close()
            if found:
                raise ArchiveDamaged(f"{backup}: the backup is damaged ({found[0]}); take another")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    @property
    def connection(self) -> Connection:
        """The connection of this thread."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            with self._guard:
                self._connections.append(connection)
            self._local.connection = connection
        return connection

    def _connect(self) -> Connection:
        mode = "rw"
        if self.read_only:
            # SQLite would make a file beside a write-ahead log to read it; where there is no log, it need not.
            mode = "ro" if _log_of(self.path) else "ro&immutable=1"
        with errors_named(self.path, self._advice):
            connection = sqlite3.connect(
                f"file:{quote(str(self.path))}?mode={mode}",
                uri=True,
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
        connection.create_function("crc32", 1, zlib.crc32, deterministic=True)
        connection.create_function("half", 1, _half, deterministic=True)
        if not self.read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
        return connection

    @property
    def stamp(self) -> object:
        """Another one when the file that this thread reads has been exchanged for another, which may hold anything."""
        return getattr(self._local, "stamp", None) if self.read_only else None

    def _unchanged(self) -> Connection:
        """The connection of this thread; a new one where a file that nobody was taken to write has been written."""
        if not self.read_only:
            return self.connection
        if getattr(self._local, "stamp", None) not in (None, _stamp(self.path)):
            self._local.connection = None
        connection = self.connection
        self._local.stamp = _stamp(self.path)
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Everything read inside sees the archive at one and the same change.

        Raises:
            ArchiveDamaged: A page that is read does not hold together.
            ArchiveError: The disk does not do what it should.
        """
        with errors_named(self.path, self._advice):
            connection = self._unchanged()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def check_writable(self) -> None:
        """See that the archive may be written, before anything is done for it.

        Raises:
            ArchiveUnwritable: It lies where this process may not write.
            ArchiveMissing: It has been taken away since it was opened, and whatever was written would be lost.
        """
        if self.read_only:
            raise ArchiveUnwritable(f"{self.path.parent} cannot be written to; nothing was changed")
        if not self.path.exists():
            raise ArchiveMissing(f"{self.path} is there no longer (its archive was put into shards?); open it again")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing of what is written inside becomes part of the archive.

        Raises:
            ArchiveUnwritable: No space, or no right, to write.
            ArchiveBusy: Another process has been writing for a minute.
            ArchiveDamaged: A page that is read does not hold together.
        """
        self.check_writable()
        with errors_named(self.path, self._advice):
            connection = self.connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def compact(self) -> None:
        """Write the database anew without what was deleted, and empty its write-ahead log.

        Raises:
            ArchiveBusy: Somebody has been reading for a minute without a pause.
        """
        with errors_named(self.path, self._advice):
            self.connection.execute("VACUUM")
            busy, *_ = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise ArchiveBusy(f"{self.path}: others read it without a pause, so its log was not emptied; try again")

    def copy(self, target: Path) -> None:
        """Write the database as it is now to another file, whole or not at all, while others read and write.

        Raises:
            ArchiveUnwritable: The target cannot be written.
        """
        with (
            _making(target) as temporary,
            errors_named(self.path, self._advice),
            closing(sqlite3.connect(temporary)) as copied,
        ):
            # In one step: page by page, each commit of a writer would begin it anew.
            self.connection.backup(copied, pages=-1)
            copied.execute("PRAGMA journal_mode = DELETE")

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file, page by page; empty if nothing."""
        # Outside a transaction: one that has met a damaged page cannot be ended.
        try:
            with errors_named(self.path, self._advice):
                rows = self.connection.execute("PRAGMA integrity_check(20)").fetchall()
        except ArchiveDamaged as error:
            return [str(error)]  # of a table whose first page is gone SQLite says no more
        return [] if rows == [("ok",)] else [" ".join(row[0].split()) for row in rows]

    def _migrate(self) -> None:
        found = self._format()
        if found > FORMAT:
            raise ArchiveMismatch(
                f"{self.path}: written in format {found}, this version reads up to {FORMAT}; upgrade onrecord"
            )
        if found == FORMAT:
            return
        if self.read_only:
            raise ArchiveMismatch(
                f"{self.path}: written in format {found}; open it once where it can be written, "
                f"to be brought to format {FORMAT}"
            )
        with self.writing() as connection:
            # Looked up again: another process may have been quicker.
            for number in range(self._format(), FORMAT):
                for statement in _MIGRATIONS[number]:
                    connection.execute(statement)
            connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (str(FORMAT),))
        _log.info("%s: brought from format %d to %d", self.path, found, FORMAT)

    def _format(self) -> int:
        row = self.connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        return int(row[0])


def _half(vector: bytes) -> bytes:
    """A vector in half precision; up to format 2 they were kept in single."""
    return np.frombuffer(vector, np.float32).astype(np.float16).tobytes()


def writable(path: Path) -> bool:
    """Whether this process may write to a file or folder."""
    return os.access(path, os.W_OK)


@contextmanager
def _making(path: Path) -> Iterator[Path]:
    """Give a name to write a database under, and put it in its place once it is whole and on the disk."""
    temporary = path.with_name(path.name + ".new")
    remove(temporary)  # of a process that was killed; its log would be taken for one of ours
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise ArchiveUnwritable(f"{path} cannot be written ({error.strerror})") from error
    finally:
        remove(temporary)


def remove(path: Path) -> None:
    """Take a database away, and what SQLite keeps beside it."""
    for name in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + name).unlink(missing_ok=True)


def _log_of(path: Path) -> bool:
    """Whether there are changes that have not been taken from the write-ahead log to the database."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _stamp(path: Path) -> tuple[int, int, bool]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, _log_of(path)


@contextmanager
def errors_named(path: Path, advice: str = _RESTORE) -> Iterator[None]:
    """Raise what SQLite raises inside as what it means for an archive whose database lies there."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # a defect of ours
    except sqlite3.DatabaseError as error:
        raise _named(path, error, advice) from error


def _named(path: Path, error: sqlite3.DatabaseError, advice: str) -> ArchiveError:
    """What an error of SQLite means for whoever uses the archive."""
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith("SQLITE_FULL"):
        return ArchiveUnwritable(f"{path}: the disk is full; nothing was changed. Make room and try again")
    if code.startswith("SQLITE_CANTOPEN") and not path.exists():
        return ArchiveMissing(f"{path} is there no longer; open the archive again")
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return ArchiveUnwritable(f"{path}: it cannot be written ({error}); see to the rights of its folder")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return ArchiveBusy(f"{path}: another process has been writing for {_PATIENCE} seconds; try again")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or not code:
        return ArchiveDamaged(f"{path}: not a sound archive database ({error}); {advice}")
    return ArchiveError(f"{path}: the database failed ({code}: {error})")
