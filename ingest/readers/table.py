"""CSV and its kin: a header, and one article a row."""

import csv
import io
import re
import zlib
from collections.abc import Iterator, Sequence

from ingest.columns import Columns
from ingest.decoding import encoding_of
from ingest.documents import Document
from ingest.readers import File
from retrieval.errors import SourceError

_DELIMITERS = ",;\t|"
# Characters of a cell, as of an article with all that is told of it.
_MAX_CELL = 16_000_000
# Bytes that the encoding is told by.
_HEAD, _PIECE = 1 << 20, 1 << 13
_UNDECODED = re.compile("[\udc80-\udcff]")


def read(file: File) -> Iterator[Document | SourceError]:
    """The articles of a table; a row that is broken is reported by its line, and the rest is read."""
    csv.field_size_limit(_MAX_CELL)
    encoding = _encoding(file)
    # What is not in that encoding is refused row by row.
    with file.open() as stream, io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="") as text:
        lines = _Lines(text)
        header, delimiter = _header(file.name, lines)
        columns = Columns(file.name, header, file.options)
        for number, cells in _rows(file.name, lines, delimiter):
            where = f"{file.name}:{number}"
            yield cells if isinstance(cells, SourceError) else _article(where, columns, cells, len(header))


def _encoding(file: File) -> str:
    head = b""
    with file.open() as stream:
        try:
            while len(head) < _HEAD and (piece := stream.read(_PIECE)):
                head += piece
        except (OSError, EOFError, zlib.error) as error:
            if not head:  # else it is read as far as it goes
                raise _damaged(file.name, error) from error
    return encoding_of(file.name, head, file.charset)


def _article(where: str, columns: Columns, cells: Sequence[str], width: int) -> Document | SourceError:
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    if len(cells) != width:
        return SourceError(where, f"has {len(cells)} cells, and the header {width}; put what has commas in quotes")
    if any(map(_UNDECODED.search, cells)):
        return SourceError(where, "is not in the encoding that the file begins in; save it anew as UTF-8")
    try:
        return columns.document(where, cells)
    except SourceError as error:
        return error


class _Lines:
    """Lines of a text, counted, none of them too long.

    Attributes:
        number: Of the last line that was read, from 1.
        ended: Whether there are no more.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._given_back: list[str] = []
        self.number = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._given_back.pop() if self._given_back else self._text.readline(_MAX_CELL + 1)
        if len(line) > _MAX_CELL:
            raise csv.Error("a line is too long")
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        return line

    def give_back(self, line: str) -> None:
        """It is the next one again."""
        self._given_back.append(line)
        self.number -= 1


def _damaged(where: str, error: Exception) -> SourceError:
    return SourceError(where, f"the file is damaged or cut off from here on ({error}); get it anew")


def _header(where: str, lines: _Lines) -> tuple[list[str], str]:
    """The names of the columns and the delimiter: the one that makes most columns of the header."""
    try:
        first = next((line for line in lines if line.strip("\ufeff \t\r\n,;")), None)
        if first is None:
            raise SourceError(where, "there is no text in it")
        found = first.strip()
        if found.lower().startswith("sep=") and len(found) == 5:  # as Excel writes it
            return next(csv.reader(lines, delimiter=found[4])), found[4]
        delimiter = max(_DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign))))
        lines.give_back(first)
        header = next(csv.reader(lines, delimiter=delimiter))
    except (OSError, EOFError, zlib.error, csv.Error, StopIteration) as error:
        raise _damaged(f"{where}:1", error) from error
    if lines.ended:
        raise SourceError(f"{where}:1", "ends within quotation marks; it is cut off, get it anew")
    return header, delimiter


def _rows(where: str, lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | SourceError]]:
    """Rows with the number of the line that each begins on; what cannot be gone on from ends them."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        number = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            problem = (
                f"a cell or line from here on has more than {_MAX_CELL // 1_000_000} MB; is a quotation mark open?"
            )
            yield number, SourceError(f"{where}:{number}", problem)
            return
        except (OSError, EOFError, zlib.error) as error:
            yield number, _damaged(f"{where}:{number}", error)
            return
        if lines.ended:
            yield number, SourceError(f"{where}:{number}", "ends within quotation marks; it is cut off, get it anew")
            return
        if any(cell.strip() for cell in cells):
            yield number, cells
