"""What visitors asked, and what they thought of the answers: an SQLite file of its own beside the archive.

Not the archive's database, so that a backup of an archive holds no visitor's question. Nobody is in it: no address, no
key, no user agent; only what was asked, when (to the minute, UTC), and what came of it.

What is deleted is overwritten (``secure_delete``), and the write-ahead log is emptied after it. Rows are deleted in the
order in which they were written, so that SQLite leaves no moved copy of one behind (docs/decisions.md).
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from retrieval.encoder import Vectors
from retrieval.errors import OnRecordError
from retrieval.types import Answer
from service.asking import Asking

Verdict = Literal["helpful", "unhelpful", "none"]

# Bytes that are taken up; where there would be more, the oldest twentieth goes.
MAX_BYTES = 500_000_000

_NAME = "questions.db"
_FORMAT = 1
_FIRST_PASSAGES = 3
# How long one process waits for another, in seconds.
_PATIENCE = 20
_DAY = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SCHEMA = f"""
CREATE TABLE policy (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    kept INTEGER NOT NULL,
    days INTEGER NOT NULL,
    model TEXT NOT NULL
) STRICT;
CREATE TABLE asked (
    number INTEGER PRIMARY KEY,
    query_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    last INTEGER NOT NULL,
    times INTEGER NOT NULL,
    same BLOB NOT NULL,
    question TEXT NOT NULL,
    reading TEXT NOT NULL,
    outcome TEXT NOT NULL,
    confidence REAL NOT NULL,
    passages TEXT NOT NULL,
    vector BLOB,
    UNIQUE (query_id, day)
) STRICT;
CREATE INDEX asked_by_day ON asked (day);
CREATE TABLE votes (
    number INTEGER PRIMARY KEY,
    vote_id TEXT NOT NULL UNIQUE,
    day INTEGER NOT NULL,
    query_id TEXT NOT NULL,
    passage_id TEXT NOT NULL,
    verdict TEXT NOT NULL
) STRICT;
CREATE INDEX votes_by_day ON votes (day);
CREATE INDEX votes_by_query ON votes (query_id);
PRAGMA user_version = {_FORMAT}
"""

_ADD = """
INSERT INTO asked (query_id, day, last, times, same, question, reading, outcome, confidence, passages, vector)
VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (query_id, day) DO UPDATE SET times = times + 1, last = MAX(last, excluded.last)
"""
_VOTE = """
INSERT INTO votes (vote_id, day, query_id, passage_id, verdict) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (vote_id) DO UPDATE SET
    query_id = excluded.query_id, passage_id = excluded.passage_id, verdict = excluded.verdict
"""
# Beside a lone MAX, SQLite takes the other columns from the row that has it: from when it was asked last.
_SUMMED = """
SELECT same, MAX(last), SUM(times), SUM(times * (outcome = 'answered')),
       question, reading, outcome, confidence, passages
FROM asked WHERE day >= ? GROUP BY same
"""
_VOTES = """
SELECT asked.same, votes.passage_id, SUM(verdict = 'helpful'), SUM(verdict = 'unhelpful')
FROM votes JOIN (SELECT DISTINCT query_id, same FROM asked WHERE day >= ?1) AS asked USING (query_id)
WHERE votes.day >= ?1 GROUP BY asked.same, votes.passage_id ORDER BY votes.passage_id
"""
_VOTES_BY_PASSAGE = """
SELECT passage_id, SUM(verdict = 'helpful') AS helpful, SUM(verdict = 'unhelpful') AS unhelpful
FROM votes WHERE day >= ? AND passage_id != '' GROUP BY passage_id
ORDER BY helpful + unhelpful DESC, passage_id LIMIT ?
"""


class QuestionsUnusable(OnRecordError):
    """The file of what was asked cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a question.

    Attributes:
        outcome: "answered", or the reason why nothing answers it.
        passages: Ids of the first passages.
    """

    outcome: str
    confidence: float
    passages: tuple[str, ...]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """What came of it."""
        first = tuple(hit.id for hit in answer.passages[:_FIRST_PASSAGES])
        return cls(answer.reason or "answered", answer.confidence, first)

    @classmethod
    def read(cls, line: bytes) -> Self:
        """What ``written`` has written."""
        outcome, confidence, passages = json.loads(line)
        return cls(outcome, confidence, tuple(passages))

    def written(self) -> bytes:
        """The same as one line."""
        return json.dumps([self.outcome, self.confidence, self.passages]).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked, once.

    Attributes:
        query_id: What its answer is called in feedback.
        vector: The question encoded, where nothing answers it: by these the unanswered ones are grouped.
    """

    asking: Asking
    query_id: str
    result: Result
    at: datetime
    vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """What a visitor thought of an answer (``passage_id`` None) or of a passage in it.

    Attributes:
        query_id: Which answer; empty where questions are not kept, of which it is a digest.
        vote_id: A later vote of the same id takes the place of this one.
    """

    query_id: str
    passage_id: str | None
    verdict: Verdict
    vote_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """How a service keeps what is asked.

    Attributes:
        kept: Whether questions are kept at all.
        days: How long questions and votes are.
        model: Fingerprint of the encoder whose vectors are kept with them.
    """

    kept: bool
    days: int
    model: str = ""


@dataclass(frozen=True, slots=True)
class Summed:
    """One question, however often it was asked; its result is that of the last time.

    Attributes:
        same: What this question and no other has: digest of its words, filters and reading.
        last: When it was asked last, to the minute.
        answered: How many times something answered it.
    """

    same: bytes
    last: datetime
    asked: int
    answered: int
    question: str
    filters: Mapping[str, str]
    read_as: Mapping[str, Any] | None
    result: Result


@dataclass(frozen=True, slots=True)
class Votes:
    """How many found something helpful, and how many did not; ``passage_id`` None is the answer as a whole."""

    passage_id: str | None
    helpful: int
    unhelpful: int


def file_of(archive: Path) -> Path:
    """Where what is asked of an archive is kept."""
    return archive / _NAME


class Questions:
    """The open file. One thread uses it at a time; any number of processes may have it open."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        """Open the file, or make it, for its owner alone.

        Raises:
            QuestionsUnusable: It cannot be made or written, or is none of ours.
        """
        self._path = path
        self._max_bytes = max_bytes
        with self._errors_named():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(path, _PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        with self._writing() as connection:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            if found > _FORMAT:
                raise QuestionsUnusable(f"{self._path}: written by a newer version; upgrade onrecord")
            if not found:
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)

    def close(self) -> None:
        """Let go of it; the last one to do so leaves no write-ahead log behind."""
        with self._errors_named():
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing ----------------------------------------------------------------------------------------------------

    def keep(self, policy: Policy) -> int:
        """Have a service's policy hold from now on; what was kept before is kept until it has outlived its days.

        Returns:
            How many rows of questions there are.

        Raises:
            QuestionsUnusable: It cannot be written.
        """
        with self._errors_named(), self._writing() as connection:
            before = self._policy()
            if before is not None and before.model != policy.model:
                connection.execute("UPDATE asked SET vector = NULL")
            connection.execute("REPLACE INTO policy VALUES (1, ?, ?, ?)", (policy.kept, policy.days, policy.model))
            (rows,) = connection.execute("SELECT COUNT(*) FROM asked").fetchone()
        self._empty_log()
        return int(rows)

    def add(self, items: Sequence[Asked | Vote]) -> int:
        """Keep questions and votes; returns how many of the oldest rows had to go to make room.

        Raises:
            QuestionsUnusable: It cannot be written; nothing of them is kept.
        """
        with self._errors_named():
            with self._writing() as connection:
                for item in items:
                    if isinstance(item, Asked):
                        connection.execute(_ADD, _row(item))
                    elif item.verdict == "none":
                        connection.execute("DELETE FROM votes WHERE vote_id = ?", (item.vote_id,))
                    else:
                        vote = (item.vote_id, _minute(item.at) // _DAY, item.query_id, item.passage_id or "")
                        connection.execute(_VOTE, (*vote, item.verdict))
            return self._make_room()

    def forget(self, today: date) -> int:
        """Delete what has outlived the retention, for good; returns how many rows.

        Nothing is ever older than the days of the policy: a row goes with the first day that it could be.

        Raises:
            QuestionsUnusable: It cannot be written, or others read it without a pause.
        """
        with self._errors_named():
            policy = self._policy()
            if policy is None:
                return 0
            until = today.toordinal() - _EPOCH.toordinal() - policy.days
            with self._writing() as connection:
                gone = sum(connection.execute(f"DELETE FROM {of} WHERE day <= ?", (until,)).rowcount for of in _ROWS)
            self._empty_log()
        return gone

    def _make_room(self) -> int:
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size <= self._max_bytes:
            return 0
        with self._writing() as connection:
            return sum(
                connection.execute(
                    f"DELETE FROM {of} WHERE number <= "
                    f"(SELECT MIN(number) + (MAX(number) - MIN(number)) / 20 FROM {of})"
                ).rowcount
                for of in _ROWS
            )

    def _empty_log(self) -> None:
        """Write the log back and truncate it: it holds pages as they were before something was deleted."""
        end = time.monotonic() + _PATIENCE
        # For readers and writers SQLite waits by itself, for somebody else who does the very same it does not.
        while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > end:
                raise QuestionsUnusable(f"{self._path}: others read it without a pause, so its log was not emptied")
            time.sleep(0.01)

    # Reading ----------------------------------------------------------------------------------------------------

    def policy(self) -> Policy:
        """What the last service that was started on this archive keeps.

        Raises:
            QuestionsUnusable: It cannot be read.
        """
        with self._errors_named():
            return self._policy() or Policy(kept=False, days=0)

    def totals(self, since: date) -> tuple[int, int, int]:
        """How many times was asked, of these with an answer, and how many different questions.

        Raises:
            QuestionsUnusable: It cannot be read.
        """
        sums = "COALESCE(SUM(times), 0), COALESCE(SUM(times * (outcome = 'answered')), 0), COUNT(DISTINCT same)"
        with self._errors_named():
            row = self._connection.execute(f"SELECT {sums} FROM asked WHERE day >= ?", (_day(since),)).fetchone()
        asked, answered, different = row
        return asked, answered, different

    def asked(self, since: date, limit: int, *, unanswered: bool = False) -> list[Summed]:
        """Questions since a day, those asked most first; or only those that had no answer the last time.

        Raises:
            QuestionsUnusable: It cannot be read.
        """
        having = "HAVING outcome != 'answered'" if unanswered else ""
        with self._errors_named():
            rows = self._connection.execute(
                f"SELECT * FROM ({_SUMMED} {having}) ORDER BY 3 DESC, question, reading LIMIT ?", (_day(since), limit)
            ).fetchall()
        return [_summed(row) for row in rows]

    def vectors(self, wanted: Sequence[Summed]) -> dict[bytes, Vectors]:
        """The vectors that are kept of some questions, by ``Summed.same``.

        Raises:
            QuestionsUnusable: It cannot be read.
        """
        found, of = {}, {one.same for one in wanted}
        with self._errors_named():
            rows = self._connection.execute(
                "SELECT same, vector FROM asked WHERE vector IS NOT NULL ORDER BY number DESC"
            )
            for same, vector in rows:
                if same in of:
                    found[same] = np.frombuffer(vector, np.float16).astype(np.float32)
        return found

    def votes(self, since: date) -> Mapping[bytes, Sequence[Votes]]:
        """Votes by question (``Summed.same``), that on the answer as a whole first.

        Raises:
            QuestionsUnusable: It cannot be read.
        """
        found: dict[bytes, list[Votes]] = {}
        with self._errors_named():
            for same, *votes in self._connection.execute(_VOTES, (_day(since),)):
                found.setdefault(same, []).append(_votes(votes))
        return found

    def votes_by_passage(self, since: date, limit: int) -> list[Votes]:
        """Votes by passage, whatever was asked, those with most votes first.

        Raises:
            QuestionsUnusable: It cannot be read.
        """
        with self._errors_named():
            return [_votes(row) for row in self._connection.execute(_VOTES_BY_PASSAGE, (_day(since), limit))]

    def _policy(self) -> Policy | None:
        row = self._connection.execute("SELECT kept, days, model FROM policy").fetchone()
        return None if row is None else Policy(bool(row[0]), row[1], row[2])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # a defect of ours
        except sqlite3.DatabaseError as error:
            raise QuestionsUnusable(f"{self._path} cannot be used ({error}); see to its rights and its disk") from error
        except OSError as error:
            raise QuestionsUnusable(f"{self._path} cannot be written ({error.strerror})") from error


_ROWS = ("asked", "votes")


def _row(asked: Asked) -> tuple[Any, ...]:
    asking, result, last = asked.asking, asked.result, _minute(asked.at)
    reading = {
        "filters": {name: value for name, value in asdict(asking.filters).items() if value is not None},
        "read_as": None if asking.read_as.blank else asdict(asking.read_as),
    }
    said = json.dumps(reading, ensure_ascii=False, sort_keys=True)
    return (
        asked.query_id,
        last // _DAY,
        last,
        _same(asking.question, said),
        asking.question,
        said,
        result.outcome,
        result.confidence,
        json.dumps(result.passages, ensure_ascii=False),
        # Half the precision for half the room; what it costs a cosine is far below what the threshold is good for.
        None if asked.vector is None else asked.vector.astype(np.float16).tobytes(),
    )


def _same(question: str, reading: str) -> bytes:
    """What questions have in common that differ in case, white space and marks at their end alone."""
    words = " ".join(question.casefold().split()).rstrip(" ?!.")
    return hashlib.sha256(json.dumps([words, reading]).encode()).digest()[:16]


def _minute(at: datetime) -> int:
    return int((at - _EPOCH).total_seconds()) // 60


def _day(day: date) -> int:
    return day.toordinal() - _EPOCH.toordinal()


def _summed(row: Sequence[Any]) -> Summed:
    same, last, asked, answered, question, reading, outcome, confidence, passages = row
    said = json.loads(reading)
    return Summed(
        same=same,
        last=_EPOCH + timedelta(minutes=last),
        asked=asked,
        answered=answered,
        question=question,
        filters=said["filters"],
        read_as=said["read_as"],
        result=Result(outcome, confidence, tuple(json.loads(passages))),
    )


def _votes(row: Sequence[Any]) -> Votes:
    passage_id, helpful, unhelpful = row
    return Votes(passage_id or None, helpful, unhelpful)
