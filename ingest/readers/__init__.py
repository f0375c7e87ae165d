"""Readers: one small module a format, all behind one interface.

A reader is a function from a :class:`File` to the documents in it. It runs in a worker process with bounded memory
and time (``ingest.sandbox``), so it may use any parser, and may raise whatever that raises: what becomes of it is one
error by the file's name. It yields a :class:`~retrieval.errors.SourceError` for each part that is broken, and goes on.

Another package adds a reader of its own by an entry point in the group ``onrecord.readers``, which names a
:class:`Reader`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from ingest.checks import identifier
from ingest.documents import Document, Format
from ingest.files import contents, unpacked, unreadable
from ingest.records import not_blank
from ingest.sidecar import sidecar
from retrieval.errors import SourceError

# Bytes of a file that is one article, as those of a book in PDF.
MAX_FILE = 64_000_000


@dataclass(frozen=True, slots=True)
class File:
    """What a reader reads: the contents of a file, and what is known of it from elsewhere.

    Attributes:
        path: Where the contents lie.
        name: What to call it in errors: its path, or the address that it was fetched from.
        stem: Id of the article in it, if it is one and does not state another.
        beside: Its path without suffix, which its sidecars begin with; None if it can have none.
        url: Where it was fetched from; None for a file.
        charset: Its encoding, as a server said; None if nobody did.
        options: What the user says of such files: the columns of a table.
    """

    path: Path
    name: str
    stem: str
    beside: str | None = None
    url: str | None = None
    charset: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def contents(self) -> bytes:
        """All of it.

        Raises:
            SourceError: It is larger than any article, or cannot be read.
        """
        return contents(self.path, MAX_FILE)

    def open(self) -> AbstractContextManager[BinaryIO]:
        """For reading bit by bit; what is compressed by gzip, uncompressed.

        Raises:
            SourceError: It cannot be read.
        """
        try:
            if self.path.suffix.lower() == ".gz":
                return unpacked(self.path)
            return self.path.open("rb")
        except OSError as error:
            raise unreadable(self.name, error) from error

    def article(
        self, text: str, format_: Format, given: Mapping[str, Any] | None = None, pages: tuple[int, ...] = ()
    ) -> Document:
        """The document of a file that is one article: with what its sidecar states, which wins, and its id.

        Raises:
            SourceError: There is no text in it, or a sidecar that is not sound.
        """
        told = {**(given or {}), **({} if self.beside is None else sidecar(Path(self.beside)))}
        own = told.pop("id", None) or identifier(self.name, "id", self.stem)
        return Document(own, self.name, not_blank(self.name, text), format_, told, pages)


Read = Callable[[File], Iterator[Document | SourceError | None]]
"""None for a part that holds no article: a sign that reading goes on, and does not hang."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A format, and what reads it.

    Attributes:
        name: Of the format, for people.
        suffixes: How names of such files end, in lower case, with the dot.
        media_types: What servers call it.
        function: ``module:name`` of its ``Read``, which only the worker imports.
        many: Whether a file can hold many articles.
    """

    name: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...]
    function: str
    many: bool = False


_OURS = (
    Reader("text", (".txt", ".text"), ("text/plain",), "ingest.readers.text:read"),
    Reader("Markdown", (".md", ".markdown"), ("text/markdown",), "ingest.readers.markdown:read"),
    Reader("HTML", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"), "ingest.readers.html:read"),
    Reader(
        "JSON lines",
        (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"),
        ("application/x-ndjson", "application/jsonl"),
        "ingest.readers.jsonl:read",
        many=True,
    ),
    Reader(
        "XML",
        (".xml", ".xml.gz", ".rss", ".atom", ".rdf", ".wxr", ".newsml", ".nitf"),
        (
            "application/xml",
            "text/xml",
            "application/rss+xml",
            "application/atom+xml",
            "application/rdf+xml",
            "application/nitf+xml",
            "application/vnd.iptc.g2.newsitem+xml",
            "application/vnd.iptc.g2.newsmessage+xml",
        ),
        "ingest.readers.xml:read",
        many=True,
    ),
    Reader("WARC", (".warc", ".warc.gz"), ("application/warc",), "ingest.readers.warc:read", many=True),
    Reader("PDF", (".pdf",), ("application/pdf",), "ingest.readers.pdf:read"),
    Reader(
        "Word",
        (".docx", ".docm"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
        "ingest.readers.docx:read",
    ),
    Reader("EPUB", (".epub",), ("application/epub+zip",), "ingest.readers.epub:read", many=True),
    Reader("e-mail", (".eml",), ("message/rfc822",), "ingest.readers.mail:read"),
    Reader("mailbox", (".mbox",), ("application/mbox",), "ingest.readers.mail:read_mailbox", many=True),
    Reader(
        "CSV",
        (".csv", ".csv.gz", ".tsv", ".tsv.gz"),
        ("text/csv", "text/tab-separated-values"),
        "ingest.readers.table:read",
        many=True,
    ),
    Reader("Parquet", (".parquet",), ("application/vnd.apache.parquet",), "ingest.readers.parquet:read", many=True),
)


@cache
def readers() -> tuple[Reader, ...]:
    """All readers that are installed; ours, then those of other packages by the names of their entry points."""
    others = sorted(entry_points(group="onrecord.readers"), key=lambda point: point.name)
    return (*_OURS, *(point.load() for point in others))


def reader_of(name: str) -> tuple[Reader, str] | None:
    """The reader of files of such a name, and the suffix as it is written there; None if there is none."""
    suffixes = ((reader, suffix) for reader in readers() for suffix in reader.suffixes)
    for reader, suffix in sorted(suffixes, key=lambda pair: -len(pair[1])):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return reader, name[-len(suffix) :]
    return None


def reader_of_type(media_type: str) -> Reader | None:
    """The reader of what a server calls by a media type."""
    return next((reader for reader in readers() if media_type.lower() in reader.media_types), None)


def known_suffixes() -> str:
    """All suffixes that are read, for a person."""
    return " ".join(suffix for reader in readers() for suffix in reader.suffixes)


def load(function: str) -> Read:
    """Import the function of a reader."""
    module, _, name = function.partition(":")
    return cast(Read, getattr(import_module(module), name))


_Made = TypeVar("_Made")


def attempted(make: Callable[..., _Made], *arguments: Any) -> _Made | SourceError:
    """What a function makes of one part of a file; an error in it is one of this part alone."""
    try:
        return make(*arguments)
    except SourceError as error:
        return error


def each(read: Read, file: File) -> Iterable[Document | SourceError | None]:
    """What is in a file, an error that ends it included."""
    try:
        yield from read(file)
    except SourceError as error:
        yield error
