"""WARC, what crawlers write (ISO 28500): the pages of HTML in it that hold an article.

A crawl is mostly something else: requests, pictures, scripts, redirects, pages that were not found, front pages and
listings. All of these are passed over without a word, and so is a page that was captured before. Only where a whole
file holds no article is that an error. What is damaged is reported by its offset, and reading goes on behind it.
"""

import hashlib
import io
import zlib
from collections.abc import Generator, Iterator
from dataclasses import asdict
from email.message import Message
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import brotli
from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.recordloader import ArcWarcRecord

from ingest.checks import checked
from ingest.documents import Document
from ingest.files import unreadable
from ingest.ids import id_of
from ingest.pages import extract
from ingest.readers import File
from ingest.readers.html import page_of
from retrieval.errors import SourceError

# Bytes of a page, as it was sent and as it is.
_MAX_PAGE = 8_000_000
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
# Characters of an article. What has fewer is a notice, or what is left of a listing: trafilatura's own bound.
_LEAST = 250
_GZIP, _WARC = b"\x1f\x8b\x08", b"WARC/"
_PIECE = 1 << 16


def read(file: File) -> Iterator[Document | SourceError | None]:
    """The articles of a crawl, in the order in which they were captured."""
    seen: set[int] = set()
    pages = articles = errors = 0
    for offset, record in _records(file):
        if isinstance(record, ArcWarcRecord) and _is_page(record):
            item = _attempt(f"{file.name}:{offset}", record, seen)
            pages += 1
        else:
            item = record if isinstance(record, SourceError) else None
        articles += isinstance(item, Document)
        errors += isinstance(item, SourceError)
        yield item
    if not articles and not errors:
        raise SourceError(file.name, f"no article is in this crawl: {pages} pages of HTML, front pages and listings")


# --- records -------------------------------------------------------------------------------------------


def _records(file: File) -> Iterator[tuple[int, ArcWarcRecord | SourceError]]:
    """Records with their offsets in the file; each has to be used before the next is asked for."""
    try:
        stream = file.path.open("rb")
    except OSError as error:
        raise unreadable(file.name, error) from error
    with stream:
        is_packed = stream.read(len(_GZIP)) == _GZIP
        at = _next(stream, 0, is_packed)
        if at is None:
            raise SourceError(file.name, "this is no WARC: there is no record in it")
        while at is not None:
            at = yield from _part(file.name, stream, at, is_packed)


def _part(
    name: str, stream: BinaryIO, at: int, is_packed: bool
) -> Generator[tuple[int, ArcWarcRecord | SourceError], None, int | None]:
    """The records from an offset on, up to the end of what was compressed with it or to damage; where to go on."""
    stream.seek(at)
    member = _Member(stream) if is_packed else None
    records = WARCIterator(stream if member is None else io.BufferedReader(member))
    try:
        for record in records:
            yield at if member else records.offset, record
            _finish(record)
        return _next(stream, member.end(), is_packed) if member else None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - warcio raises whatever it comes upon in what is damaged
        broken: int = at if member else records.offset
        problem = f"the record is damaged or cut off ({_said(error)}); get it anew"
        yield broken, SourceError(f"{name}:{broken}", problem)
        return _next(stream, broken + 1, is_packed)


class _Member(io.RawIOBase):
    """A part of a file that was compressed by itself, as each record is: what is in it, never much at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unpack = zlib.decompressobj(wbits=31)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes, 0 at the end."""
        while not self._unpack.eof:
            packed = self._unpack.unconsumed_tail or self._stream.read(_PIECE)
            if not packed:
                raise EOFError("its end is missing")
            if data := self._unpack.decompress(packed, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
        return 0

    def end(self) -> int:
        """Where the next begins; what is left of this one is read."""
        buffer = bytearray(_PIECE)
        while self.readinto(buffer):
            pass
        return self._stream.tell() - len(self._unpack.unused_data)


def _next(stream: BinaryIO, start: int, is_packed: bool) -> int | None:
    """Where the first record at or behind an offset begins; None if there is none."""
    mark = _GZIP if is_packed else _WARC
    while True:
        stream.seek(start)
        block = stream.read(1 << 20)
        found = block.find(mark)
        if found >= 0 and (not is_packed or _begins_record(stream, start + found)):
            return start + found
        if found >= 0:
            start += found + 1
        elif len(block) < 1 << 20:
            return None
        else:
            start += len(block) - len(mark) + 1


def _begins_record(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    try:
        return zlib.decompressobj(wbits=31).decompress(stream.read(1 << 10), len(_WARC)) == _WARC
    except zlib.error:
        return False


def _finish(record: ArcWarcRecord) -> None:
    """Read what is left of a record.

    Raises:
        EOFError: It is shorter than it says.
    """
    while record.raw_stream.read(_PIECE):
        pass
    if getattr(record.raw_stream, "limit", 0):
        raise EOFError("it is shorter than it says")


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


# --- pages ---------------------------------------------------------------------------------------------


def _is_page(record: ArcWarcRecord) -> bool:
    """Whether a record is a page of HTML that a server sent."""
    if record.rec_type != "response" or not record.http_headers or record.http_headers.get_statuscode() != "200":
        return False
    return _content_type(record).get_content_type() in _PAGES


def _attempt(where: str, record: ArcWarcRecord, seen: set[int]) -> Document | SourceError | None:
    """The article of a page, None if there is none in it or it was seen before."""
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    where = f"{where} {url[:300]}"
    try:
        data = _payload(where, record)
        marks = {_mark(data), _mark(url.encode())}
        if seen & marks or _is_front_page(url):
            return None
        document = _article(where, url, page_of(where, data, _content_type(record).get_content_charset()))
    except SourceError as error:
        return error
    except MemoryError:
        raise
    except (EOFError, zlib.error):
        return None  # the record is damaged, which whoever reads on will find, and say once
    except Exception as error:  # noqa: BLE001 - as in ingest.worker: one page that breaks its parser is no more than that
        return SourceError(where, f"cannot be read as HTML: {type(error).__name__}: {_said(error)}")
    if document is not None:
        seen |= marks
    return document


def _article(where: str, url: str, page: str) -> Document | None:
    found = extract(page, url)
    if found is None or len(found.text) < _LEAST:
        return None
    # Whatever the page calls its address, this is where it was found.
    given = checked(where, {**asdict(found), "url": url})
    return Document(id_of(url), where, given.pop("text"), "html", given)


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and PurePosixPath(parts.path).stem in {"", "index", "default", "home"}


def _mark(data: bytes) -> int:
    """A number that stands for some bytes: a million of them are no burden."""
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big")


def _content_type(record: ArcWarcRecord) -> Message:
    message = Message()
    message["content-type"] = " ".join((record.http_headers.get_header("content-type") or "").split())
    return message


def _payload(where: str, record: ArcWarcRecord) -> bytes:
    """A page as its author made it: what was done to it on its way is undone.

    Raises:
        SourceError: It is too large, or its compression is not known or damaged.
        EOFError: The record is cut off.
    """
    headers, stream = record.http_headers, record.raw_stream
    if "chunked" in (headers.get_header("transfer-encoding") or "").lower():
        stream = ChunkedDataReader(stream)
    data: bytes = stream.read(_MAX_PAGE + 1)
    _finish(record)
    codings = (headers.get_header("content-encoding") or "").lower().split(",")
    for coding in reversed([one.strip() for one in codings]):
        if len(data) <= _MAX_PAGE:
            data = _unpacked(where, coding, data)
    if len(data) > _MAX_PAGE:
        raise SourceError(where, f"has more than {_MAX_PAGE // 1_000_000} MB, which no article has")
    return data


def _unpacked(where: str, coding: str, data: bytes) -> bytes:
    """What was compressed, up to a byte more than a page may have."""
    if coding in {"", "identity", "none"}:
        return data
    if coding not in {"gzip", "x-gzip", "deflate", "br"}:
        raise SourceError(where, f"is compressed by {coding[:20]!r}, which is not read; make the crawl without it")
    try:
        if coding == "br":
            return bytes(brotli.Decompressor().process(data, output_buffer_limit=_MAX_PAGE + 1))
        # gzip or zlib, by what stands there; the other "deflate" has no header at all.
        is_bare = coding == "deflate" and not _has_zlib_header(data)
        return zlib.decompressobj(wbits=-15 if is_bare else 47).decompress(data, _MAX_PAGE + 1)
    except (zlib.error, brotli.error) as error:
        if data.lstrip()[:1] == b"<":  # many a crawler unpacks it and leaves the header as it was
            return data
        raise SourceError(where, f"its compression ({coding}) is damaged ({_said(error)})") from error


def _has_zlib_header(data: bytes) -> bool:
    """By RFC 1950: method and size of the window, and the first two bytes as a multiple of 31."""
    return len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
