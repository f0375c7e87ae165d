"""Bodies of answers: decompressed a piece at a time, never more of them than allowed, kept in a file."""

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from email.message import Message
from pathlib import Path

from ingest.web.failures import Failure

ACCEPTED = "gzip, deflate"
"""Content codings that ``decoded`` reads (RFC 9110, 8.4.1); both can be unpacked a bounded piece at a time."""

_PIECE = 1 << 16
_GZIP = b"\x1f"
_EITHER = zlib.MAX_WBITS | 32  # zlib tells gzip and zlib wrappers apart by their first bytes


def bounded(chunks: Iterable[bytes], most: int, *, cut: bool = False) -> Iterator[bytes]:
    """The chunks, up to so many bytes in all.

    What is beyond them is refused, or left out if it is to be ``cut``.

    Raises:
        Failure: There is more, and it is not to be cut.
    """
    left = most
    for chunk in chunks:
        yield chunk[:left]
        left -= len(chunk)
        if left < 0:
            if cut:
                return
            raise too_large(most)


def too_large(most: int) -> Failure:
    """What to say of something that has more bytes than allowed."""
    return Failure(f"it is larger than {most:,} bytes; allow more if it is meant")


def decoded(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """What a body holds, in pieces of at most 64 KiB however far it unpacks.

    Args:
        chunks: The body as it comes.
        coding: Value of the Content-Encoding header; empty if there is none.

    Raises:
        Failure: A coding that was not asked for, or a body that is not in it or breaks off.
    """
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return iter(chunks)
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _inflated(chunks)
    raise Failure(f"its content comes in an encoding that was not asked for; only {ACCEPTED} can be read")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpack = None
    for chunk in chunks:
        data = chunk
        while data:
            if unpack is None:
                unpack = zlib.decompressobj(_EITHER if _is_wrapped(data) else -zlib.MAX_WBITS)
            elif unpack.eof:
                # Several members, one after the other, are one body (RFC 1952, 2.2); all else is padding.
                if not data.startswith(_GZIP):
                    return
                unpack = zlib.decompressobj(_EITHER)
            try:
                piece = unpack.decompress(data, _PIECE)
            except zlib.error as error:
                raise Failure(
                    "its content is not in the encoding that it says, or is damaged; try again later"
                ) from error
            yield piece
            data = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if unpack is not None and not unpack.eof:
        raise Failure("its content breaks off; try again later")


def _is_wrapped(data: bytes) -> bool:
    """Whether this begins a gzip or zlib wrapper; some servers send "deflate" bare (RFC 9110, 8.4.1.2)."""
    return data.startswith(_GZIP) or (data[0] & 0x0F == 8 and int.from_bytes(data[:2].ljust(2, b"\0")) % 31 == 0)


def spooled(chunks: Iterable[bytes], folder: Path) -> Path:
    """Write chunks into a new file in a folder; nothing is left of it if they end in an error."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        path = Path(file.name)
        try:
            file.writelines(chunks)
        except BaseException:
            path.unlink()
            raise
    return path


def described(content_type: str | None) -> tuple[str | None, str | None]:
    """Media type and charset of a Content-Type header, in lower case; None for what it does not say."""
    if content_type is None or "/" not in content_type:
        return None, None
    header = Message()
    header["content-type"] = content_type
    return header.get_content_type(), header.get_content_charset()
