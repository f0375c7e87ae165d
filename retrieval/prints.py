"""Which current articles are copies of each other and which hold the same quotations, in the database.

Of each current article the numbers are kept that others are found by: those of its sketch, and the marks of what is
quoted in it. Two articles are copies or not whatever else there is and whenever they came; so are these rows.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

import numpy as np
from numpy.typing import NDArray

from retrieval.quotations import marks, words_of
from retrieval.recent import Recent
from retrieval.sketch import IN_COMMON, Sketch, Words, are_copies, sketch
from retrieval.types import Quote, Statement

# The tables: columns of each article, numbers of its sketch, marks of its quotations, and pairs of copies.
TABLES = ("prints", "sketched", "quoted", "copies")
# Counted no further than this to see which numbers of a sketch stand in the fewest articles.
_MANY = 1000
# Characters of articles whose words are kept at hand: one story comes from many papers on one day.
_CHARACTERS = 1_000_000


Rows = tuple[Sequence[tuple[object, ...]], ...]


@dataclass(frozen=True, slots=True)
class Prints:
    """What an article is found by.

    Attributes:
        words: Of its text.
        sketch: See ``retrieval.sketch``.
        quoted: Marks of its direct quotations, a row each with where the quotation starts and ends, in order.
    """

    words: Words
    sketch: Sketch
    quoted: NDArray[np.uint32]

    @classmethod
    def of(cls, text: str, said: Iterable[Quote | Statement]) -> "Prints":
        """Those of an article and of what is said in it, whole, wherever its passages are cut."""
        words = Words.of(text)
        rows = sorted({row for one in said for row in _marked(text, one)})
        return cls(words, sketch(words), np.array(rows, np.uint32).reshape(-1, 3))

    def columns(self) -> tuple[bytes, bytes]:
        """As they are stored beside the rows, to be found again with the article."""
        return self.sketch.tobytes(), self.quoted.tobytes()


def _marked(text: str, one: Quote | Statement) -> Iterator[tuple[int, int, int]]:
    if one.direct and one.speaker is not None:
        # Between two passages is white space, of which a quotation may have some at its edge.
        piece = text[one.start : one.end]
        start, end = one.start + len(piece) - len(piece.lstrip()), one.start + len(piece.rstrip())
        yield from ((mark, start, end) for mark in marks(one.speaker, words_of(piece)))


class Kept:
    """The rows of all current articles; an article is known by the number of the change that it came with."""

    def __init__(self) -> None:
        self._words: Recent[str, Words] = Recent(_CHARACTERS)

    def put(self, connection: Connection, change: int, prints: Prints) -> None:
        """Keep those of an article, and which others it is a copy of."""
        self.keep(connection, change, prints.sketch, prints.quoted)
        _pair(connection, change, self.copies(connection, change, prints))

    def adopt(
        self, connection: Connection, change: int, sketched: Sketch, quoted: NDArray[np.uint32], before: int
    ) -> None:
        """Keep those of an article that has come from another archive together with all that it is a copy of there.

        Args:
            connection: To the archive that it is in now.
            change: With which it came.
            sketched: See ``Prints``, as for ``quoted``.
            quoted: Shape ``(quotations, 3)``.
            before: It is held against the articles that came with an earlier change than this; 0 is none.
        """
        self.keep(connection, change, sketched, quoted)
        others = [one for one in likely(connection, change, sketched.tolist()) if one < before] if before else []
        if others:
            (text,) = connection.execute(
                "SELECT a.text FROM changes k JOIN articles a ON a.id = k.article_id AND a.version = k.version "
                "WHERE k.number = ?",
                (change,),
            ).fetchone()
            _pair(connection, change, self._copies(connection, others, self.words_of(text)))

    def keep(self, connection: Connection, change: int, sketched: Sketch, quoted: NDArray[np.uint32]) -> None:
        """Keep those of an article; see ``Prints``."""
        connection.execute(
            "INSERT INTO prints VALUES (?, ?, ?)", (change, sketched.tobytes(), np.ascontiguousarray(quoted).tobytes())
        )
        connection.executemany("INSERT INTO sketched VALUES (?, ?)", [(one, change) for one in sketched.tolist()])
        connection.executemany(
            "INSERT INTO quoted VALUES (?, ?, ?, ?)",
            [(mark, change, start, end) for mark, start, end in quoted.tolist()],
        )

    def drop(self, connection: Connection, change: int) -> None:
        """Forget those of an article, and that others are copies of it."""
        found = connection.execute("SELECT sketch, quoted FROM prints WHERE change = ?", (change,)).fetchone()
        if found is None:
            return
        sketched, quoted = (np.frombuffer(column, np.uint32) for column in found)
        connection.executemany(
            "DELETE FROM sketched WHERE number = ? AND change = ?", [(number, change) for number in sketched.tolist()]
        )
        connection.executemany(
            "DELETE FROM quoted WHERE number = ? AND change = ?", [(mark, change) for mark in quoted[::3].tolist()]
        )
        others = connection.execute("SELECT other FROM copies WHERE change = ?", (change,)).fetchall()
        connection.executemany(
            "DELETE FROM copies WHERE change = ? AND other = ?", [(one, change) for (one,) in others]
        )
        connection.execute("DELETE FROM copies WHERE change = ?", (change,))
        connection.execute("DELETE FROM prints WHERE change = ?", (change,))

    def copies(self, connection: Connection, change: int, prints: Prints) -> list[int]:
        """Which of the others an article is a copy of."""
        return self._copies(connection, likely(connection, change, prints.sketch.tolist()), prints.words)

    def _copies(self, connection: Connection, others: Sequence[int], words: Words) -> list[int]:
        """Those of some others that a text is a copy of."""
        candidates = connection.execute(
            "SELECT k.number, a.text FROM changes k JOIN articles a ON a.id = k.article_id AND a.version = k.version "
            "WHERE k.number IN (SELECT value FROM json_each(?)) ORDER BY k.number",
            (json.dumps(others),),
        ).fetchall()
        return [other for other, text in candidates if are_copies(words, self.words_of(text))]

    def made(self, connection: Connection, change: int, prints: Prints) -> Rows:
        """The rows that an article is to have, in each of the tables."""
        return (
            [prints.columns()],
            [(number,) for number in prints.sketch.tolist()],
            [tuple(row) for row in prints.quoted.tolist()],
            [(other,) for other in self.copies(connection, change, prints)],
        )

    def kept(self, connection: Connection, change: int) -> Rows:
        """The rows that it has, as far as the first of them tells where they are."""
        columns = connection.execute("SELECT sketch, quoted FROM prints WHERE change = ?", (change,)).fetchall()
        sketched, quoted = columns[0] if columns else (b"", b"")
        of_change = "change = ? AND number IN (SELECT value FROM json_each(?))"
        return (
            columns,
            connection.execute(
                f"SELECT number FROM sketched WHERE {of_change} ORDER BY number",
                (change, json.dumps(np.frombuffer(sketched, np.uint32).tolist())),
            ).fetchall(),
            connection.execute(
                f"SELECT number, start, end FROM quoted WHERE {of_change} ORDER BY number, start",
                (change, json.dumps(np.frombuffer(quoted, np.uint32)[::3].tolist())),
            ).fetchall(),
            connection.execute("SELECT other FROM copies WHERE change = ? ORDER BY other", (change,)).fetchall(),
        )

    def words_of(self, text: str) -> Words:
        """The words of a text, which is likely to be asked for again."""
        found = self._words.get(text)
        if found is None:
            found = Words.of(text)
            self._words.put(text, found, len(text))
        return found


def _pair(connection: Connection, change: int, others: Iterable[int]) -> None:
    """Either is a copy of the other."""
    pairs = [pair for other in others for pair in ((change, other), (other, change))]
    connection.executemany("INSERT INTO copies VALUES (?, ?)", pairs)


def likely(connection: Connection, change: int, numbers: Sequence[int]) -> list[int]:
    """Which of the others have ``IN_COMMON`` numbers of a sketch.

    Whoever has as many has one of those that are left when all but one of as many are left out, whichever these are
    (prefix filtering: Chaudhuri, Ganti, Kaushik 2006). It is the most frequent that are: a publisher's standing note
    has a few numbers in each of its articles.
    """
    by_frequency = connection.execute(
        "SELECT value, (SELECT COUNT(*) FROM (SELECT 1 FROM sketched WHERE number = value LIMIT ?)) AS many "
        "FROM json_each(?) ORDER BY many, value",
        (_MANY, json.dumps(list(numbers))),
    ).fetchall()
    ordered = [number for number, _ in by_frequency]
    few, frequent = ordered[: 1 - IN_COMMON], ordered[1 - IN_COMMON :]
    rows = connection.execute(
        "SELECT change FROM (SELECT change, COUNT(*) AS few FROM sketched "
        "WHERE number IN (SELECT value FROM json_each(?)) AND change <> ? GROUP BY change) AS found "
        "WHERE few + (SELECT COUNT(*) FROM json_each(?) WHERE EXISTS "
        "(SELECT 1 FROM sketched s WHERE s.number = value AND s.change = found.change)) >= ?",
        (json.dumps(few), change, json.dumps(frequent), IN_COMMON),
    )
    return [other for (other,) in rows]
