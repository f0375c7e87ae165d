"""Sitemaps, indexes of them, and sitemaps of news, read as they stream (sitemaps.org 0.9, Google's news extension)."""

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from ingest.web.content import bounded, decoded
from ingest.web.failures import Failure
from retrieval.errors import SourceError

MOST_BYTES = 50 << 20
"""What a sitemap may have, unpacked, by the protocol."""

# What expat raises of an encoding that nobody has, and of one that it cannot read.
_UNKNOWN_ENCODING = (LookupError, ValueError)
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 16
_LONGEST = 4_096  # characters of any text in it that is looked at
_DEEPEST = 32  # elements in one another; the protocol has four
_ROOTS = {"urlset": "url", "sitemapindex": "sitemap"}
_FIELDS = {
    ("loc",): "url",
    ("lastmod",): "changed",
    ("news", "publication_date"): "published",
    ("news", "title"): "title",
}
_LINE = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Location:
    """One entry of a sitemap; all of it is what the site says and nothing has been checked.

    Attributes:
        url: Of a page, or of another sitemap.
        is_sitemap: Which of the two.
        changed: ``lastmod``, else the date of publication, as it is written there; good for telling whether it changed.
        published: Of the news extension, as ``title``.
    """

    url: str
    is_sitemap: bool = False
    changed: str | None = None
    published: str | None = None
    title: str | None = None


def is_sitemap(head: bytes) -> bool:
    """Whether the unpacked beginning of a file is that of a sitemap in XML."""
    return root(head) in _ROOTS


def root(head: bytes) -> str | None:
    """Local name of the first element of XML, judged by its beginning; None if that is not XML."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _: object) -> None:
        if not names:
            names.append(name.rpartition(" ")[2])

    parser.StartElementHandler = start
    # What is wrong may come after the first element; if not, there is none.
    with suppress(expat.ExpatError, *_UNKNOWN_ENCODING):
        parser.Parse(head.lstrip(), False)
    return names[0] if names else None


def unpacked(path: Path, most: int = MOST_BYTES) -> Iterator[bytes]:
    """Bytes of a file, unpacked if it is a gzip file, whatever it is called.

    Raises:
        Failure: It is damaged, or there are more of them than allowed.
    """
    with path.open("rb") as file:
        coding = "gzip" if file.read(2) == _GZIP else ""
        file.seek(0)
        yield from bounded(decoded(iter(lambda: file.read(_PIECE), b""), coding), most)


def locations(chunks: Iterable[bytes], where: str) -> Iterator[Location | SourceError]:
    """Entries of a sitemap in XML, in its order; what breaks it off is handed out last.

    Declarations of a document type are refused, and with them entities that grow without end.
    """
    reader = _Reader()
    try:
        for chunk in chunks:
            yield from reader.read(chunk)
        yield from reader.read(b"", last=True)
    except Failure as failure:
        yield SourceError(where, failure.problem)
    except expat.ExpatError as error:
        yield SourceError(
            f"{where}:{error.lineno}",
            f"not a sitemap from here on ({expat.ErrorString(error.code)}); tell the publisher",
        )
    except _UNKNOWN_ENCODING as error:
        yield SourceError(where, f"its encoding cannot be read ({error}); tell the publisher")
    if reader.without:
        yield SourceError(where, f"{reader.without} of its entries have no address and were passed over")


class _Reader:
    """Keeps no tree, only the entry that it is in, so that memory does not grow with the file."""

    def __init__(self) -> None:
        self.without = 0
        self._found: list[Location] = []
        self._path: list[str] = []
        self._entry: dict[str, str] = {}
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._text
        self._parser.EndElementHandler = self._end

    def read(self, chunk: bytes, *, last: bool = False) -> list[Location]:
        """The entries that end in this piece of the file."""
        self._parser.Parse(chunk, last)
        found, self._found = self._found, []
        return found

    def _doctype(self, *_: object) -> None:
        raise Failure("it declares a document type, which no sitemap needs and which can be a trap; tell the publisher")

    def _start(self, name: str, _: object) -> None:
        self._path.append(name.rpartition(" ")[2])
        if len(self._path) > _DEEPEST:
            raise Failure("its elements lie in one another deeper than any sitemap's; tell the publisher")
        if self._path[0] not in _ROOTS:
            raise Failure("this is not a sitemap; name one that is, or a page or a feed")
        if len(self._path) == 2:
            self._entry = {}

    def _text(self, text: str) -> None:
        field = _FIELDS.get(tuple(self._path[2:]))
        if field is not None:
            self._entry[field] = (self._entry.get(field, "") + text)[:_LONGEST]

    def _end(self, _: str) -> None:
        if len(self._path) == 2 and self._path[1] == _ROOTS[self._path[0]]:
            stated = {name: text for name, value in self._entry.items() if (text := " ".join(value.split()))}
            if "url" in stated:
                stated.setdefault("changed", stated.get("published", ""))
                self._found.append(_location(stated, is_sitemap=self._path[1] == "sitemap"))
            else:
                self.without += 1
        self._path.pop()


def _location(stated: dict[str, str], *, is_sitemap: bool) -> Location:
    return Location(stated["url"], is_sitemap, stated["changed"] or None, stated.get("published"), stated.get("title"))


def is_list(head: bytes) -> bool:
    """Whether a text file, judged by its beginning, is a list of addresses, which is a sitemap too."""
    first, *others = head.split(b"\n")
    # The last one may be cut.
    whole = [line for line in (first, *others[:-1]) if line.strip()]
    return bool(whole) and all(_LINE.fullmatch(_line(line)) for line in whole)


def lines(chunks: Iterable[bytes], where: str) -> Iterator[Location | SourceError]:
    """Entries of a sitemap that is a text file: one address a line; what breaks it off is handed out last."""
    rest = b""
    try:
        for chunk in itertools.chain(chunks, [b"\n"]):
            *whole, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST:
                raise Failure("it has a line that is too long to be an address; tell the publisher")
            yield from (Location(address) for line in whole if (address := _line(line)))
    except Failure as failure:
        yield SourceError(where, failure.problem)


def _line(line: bytes) -> str:
    return line.decode("utf-8-sig", errors="replace").strip()
