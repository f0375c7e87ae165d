"""JSON lines, one article a line."""

import itertools
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ingest.documents import Document
from ingest.readers import File
from ingest.records import record_line
from retrieval.errors import SourceError

# Lines in a row: more are no accident, and unpack from next to nothing.
_MAX_BLANK = 100_000
# Bytes of a line: an article with all that is told of it.
_MAX_LINE = 16_000_000


def read(file: File) -> Iterator[Document | SourceError]:
    """The articles of a file of records; one that is broken is reported by its line, and the rest is read."""
    with file.open() as lines:
        yield from records(file.name, lines)


def _is_binary(line: bytes) -> bool:
    """Whether the first line of a file shows that it is of another kind; JSON has no zero bytes."""
    return b"\0" in line[:1024]


def records(name: str, lines: BinaryIO) -> Iterator[Document | SourceError]:
    """One record a line, never more than a line in memory; damage below the lines ends the file."""
    blank = 0
    for number in itertools.count(1):
        where = f"{name}:{number}"
        try:
            line = lines.readline(_MAX_LINE + 1)
            whole = len(line) <= _MAX_LINE or _passed_over(lines)
        except (OSError, EOFError, zlib.error) as error:
            yield SourceError(where, f"the file is damaged or cut off from here on ({error}); get it anew")
            return
        if not line:
            return
        if number == 1 and _is_binary(line):
            yield SourceError(name, "these are no lines of JSON but a binary file, or not UTF-8; save it anew as UTF-8")
            return
        if not whole:
            yield SourceError(where, f"has more than {_MAX_LINE // 1_000_000} MB in one line, which no article has")
        elif line.strip():
            blank = 0
            yield _attempt(where, line)
        elif (blank := blank + 1) > _MAX_BLANK:
            yield SourceError(
                where, f"more than {_MAX_BLANK:,} lines up to here are blank; the file is damaged, get it anew"
            )
            return


def _passed_over(lines: BinaryIO) -> bool:
    """Go to the end of a line that is too long; False, since it is not whole."""
    while (rest := lines.readline(1 << 20)) and not rest.endswith(b"\n"):
        pass
    return False


def _attempt(where: str, line: bytes) -> Document | SourceError:
    try:
        return record_line(where, line)
    except SourceError as error:
        return error
