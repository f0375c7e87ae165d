"""Sources become documents: files are found, and read by the reader of their format; errors by file and line.

A source is a file, a folder, an address, or ``-`` for standard input. What is broken is handed out as a
:class:`~retrieval.errors.SourceError` among the documents, and the rest is read all the same.
"""

import codecs
import io
import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ingest.decoding import decoded
from ingest.documents import Document
from ingest.folders import files_of
from ingest.readers import MAX_FILE, File, reader_of
from ingest.readers.jsonl import records
from ingest.records import derived_id, not_blank
from ingest.sandbox import read_apart
from retrieval.errors import SourceError

_Items = Iterable[Document | SourceError]
# Articles of one address, unless more are wanted.
_MOST = 1_000


def read(
    sources: Iterable[str], *, stdin: BinaryIO | None = None, options: Mapping[str, Any] | None = None
) -> Iterator[Document | SourceError]:
    """Read all documents of all sources, in order; those of a folder in the order of their paths.

    A file that is named twice is read once. Two documents of the same id are never both handed out: the second would
    replace the first.

    Args:
        sources: Paths; addresses of pages, feeds or sitemaps; ``-`` for standard input: JSONL when it starts with
            ``{``, else one article.
        stdin: What to read for ``-``; the standard input of the process if not given.
        options: What the user says of the files, see ``ingest.readers.File``; of addresses, the ``allow`` and the
            ``limit`` of ``ingest.web.reading.read_url``.
    """
    first_with: dict[str, str] = {}
    for name, place in places(sources):
        for item in contents(place, stdin, options or {}):
            if isinstance(item, SourceError):
                yield item
            elif item.id in first_with:
                yield taken(item.id, item.where, first_with[item.id])
            else:
                first_with[item.id] = name
                yield item


def read_file(
    path: Path, options: Mapping[str, Any] | None = None, stem: str | None = None
) -> Iterator[Document | SourceError]:
    """What is in one file, read in a worker process.

    Args:
        path: The file; its name ends in a suffix that is known.
        options: What the user says of it; see ``ingest.readers.File``.
        stem: Id of the article in it, if it is one and does not state another; that of its name if not given.
    """
    found = reader_of(path.name)
    if found is None:
        raise ValueError(f"{path} has no reader")
    reader, suffix = found
    bare = path.name.removesuffix(suffix)
    return read_apart(
        reader, File(path, str(path), stem or bare, beside=str(path.with_name(bare)), options=options or {})
    )


def count(sources: Sequence[str]) -> int | None:
    """How many documents the sources seem to hold, for a progress bar; None where only reading can tell.

    A line of a record file counts as a document whether or not it is one.
    """
    if any(source == "-" or is_address(source) for source in sources):
        return None
    total = 0
    for path in itertools.chain.from_iterable(map(files_of, sources)):
        held = 1 if isinstance(path, SourceError) else _count(path)
        if held is None:
            return None
        total += held
    return total


def _count(path: Path) -> int | None:
    found = reader_of(path.name)
    if found is None or not found[0].many:
        return 1
    if found[0].name != "JSON lines":
        return None
    if path.suffix.lower() == ".gz":
        return None  # unpacking it is half of reading it
    try:
        with path.open("rb") as file:
            lines, last = 0, b"\n"
            while block := file.read(1 << 20):  # not by lines: one may be all of the file
                lines, last = lines + block.count(b"\n"), block[-1:]
    except OSError:
        return 1  # reading will say what is wrong with it
    return lines + (last != b"\n")


def is_address(source: str) -> bool:
    """Whether a source is on the web."""
    return source.lower().startswith(("http://", "https://"))


def taken(article_id: str, where: str, first: str) -> SourceError:
    """The error of a document whose id another has."""
    return SourceError(
        where,
        f"the id {article_id!r} is already that of an article in {first!r}; give one of the two another id, "
        "or leave one out if they are the same",
    )


def places(sources: Iterable[str]) -> Iterator[tuple[str, str | Path | SourceError]]:
    """Name and place of every file that the sources amount to, each once; addresses and ``-`` stay what they are."""
    seen: set[str] = set()
    for source in sources:
        if source == "-":
            yield "standard input", source
        elif is_address(source):
            yield source, source
        else:
            for path in files_of(source):
                if isinstance(path, SourceError):
                    yield source, path
                elif (real := os.path.realpath(path)) not in seen:
                    seen.add(real)
                    yield str(path), path


def contents(place: str | Path | SourceError, stdin: BinaryIO | None, options: Mapping[str, Any]) -> _Items:
    """What is in a place that ``places`` names; see ``read``."""
    if isinstance(place, SourceError):
        return (place,)
    if isinstance(place, Path):
        return read_file(place, options)
    if place == "-":
        return _standard_input("standard input", stdin or sys.stdin.buffer)
    from ingest.web.reading import read_url  # noqa: PLC0415 - files need no HTTP client

    return read_url(place, allow=frozenset(options.get("allow", ())), limit=options.get("limit", _MOST))


# --- standard input: read here, since it comes from whoever calls --------------------------------------


def _standard_input(name: str, stream: BinaryIO) -> _Items:
    head = b"".join(_until_filled(stream))
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return records(name, io.BufferedReader(_Joined(head, stream)))
    return (_piped_article(name, head + stream.read(MAX_FILE + 1)),)


def _until_filled(stream: BinaryIO) -> Iterator[bytes]:
    """The lines up to and including the first that is not blank, which tells what the stream is."""
    while line := stream.readline(MAX_FILE):
        yield line
        if line.strip():
            return


class _Joined(io.RawIOBase):
    """What was read of a stream already, and the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = io.BytesIO(head), rest

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes, 0 at the end."""
        piece = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _piped_article(name: str, data: bytes) -> Document | SourceError:
    if len(data) > MAX_FILE:
        return SourceError(name, f"has more than {MAX_FILE // 1_000_000} MB, which no article has; split it")
    try:
        text = not_blank(name, decoded(name, data))
    except SourceError as error:
        return error
    return Document(derived_id({"text": text}), name, text, "text", {})
