"""E-mail: a newsletter is an article, by whoever sent it, of the day that it was sent."""

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr
from typing import Any

from ingest.checks import checked, identifier
from ingest.decoding import decoded
from ingest.documents import Document, Format
from ingest.files import unreadable
from ingest.markup import plain
from ingest.readers import File
from ingest.readers.html import page_of
from ingest.records import derived_id, not_blank
from retrieval.errors import SourceError

# Bytes of a message with its attachments.
_MAX_MESSAGE = 32_000_000
_FROM = b"From "


def read(file: File) -> Iterator[Document]:
    """The one article of a message: its HTML, else its plain text. Attachments are counted and left.

    Raises:
        SourceError: It is no message, or there is no text in it.
    """
    text, format_, given = _letter(file.name, file.contents())
    yield file.article(text, format_, given)


def read_mailbox(file: File) -> Iterator[Document | SourceError]:
    """The messages of a mailbox (RFC 4155), each an article whose id is that of the message."""
    for number, data in _messages(file):
        where = f"{file.name}:{number}"
        try:
            if len(data) > _MAX_MESSAGE:
                raise SourceError(where, f"is a message of more than {_MAX_MESSAGE // 1_000_000} MB")
            text, format_, given = _letter(where, data)
            yield Document(_own_id(given), where, not_blank(where, text), format_, given)
        except SourceError as error:
            yield error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # The standard library's parser of headers raises these on some that are made up.
            yield SourceError(where, f"cannot be read as e-mail: {type(error).__name__}")


def _messages(file: File) -> Iterator[tuple[int, bytes]]:
    """Messages as they were sent, and the line that each begins on; of one that is too long, its beginning."""
    message: list[bytes] = []
    size, begin, blank = 0, 0, True
    try:
        with file.open() as stream:
            number = 0
            while line := stream.readline(_MAX_MESSAGE):
                number += 1
                if blank and line.startswith(_FROM):
                    if message:
                        yield begin, b"".join(message)
                    message, size, begin = [], 0, number
                elif begin and size <= _MAX_MESSAGE:
                    message.append(re.sub(rb"^>(>*From )", rb"\1", line))
                    size += len(line)
                blank = not line.strip()
    except OSError as error:
        raise unreadable(file.name, error) from error
    if not begin:
        raise SourceError(file.name, 'is no mailbox: no line of it begins with "From "')
    if message:
        yield begin, b"".join(message)


def _own_id(given: dict[str, Any]) -> str:
    own = str(given.get("message_id", ""))
    with suppress(SourceError):
        return identifier("", "id", own)
    return derived_id(given)


def _letter(where: str, data: bytes) -> tuple[str, Format, dict[str, Any]]:
    """Text and format of a message, and what its headers state."""
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not (message["from"] or message["subject"] or message["date"]):
        raise SourceError(where, "is no e-mail: it states no sender, subject or date")
    text, format_ = _body(where, message)
    attachments = sum(1 for _ in message.iter_attachments()) if message.is_multipart() else 0
    return text, format_, checked(where, {**_stated(message), "attachments": attachments or None})


# --- headers -------------------------------------------------------------------------------------------


def _stated(message: EmailMessage) -> dict[str, Any]:
    """Title, publisher, date and address, as the headers give them; of a date that is none, nothing."""
    sender, _ = parseaddr(_header(message, "from"))
    listed = re.match(r'\s*"?([^"<]*[^"<\s])"?\s*<', _header(message, "list-id"))
    address = re.fullmatch(r"\s*<(https?://[^\s<>]+)>.*", _header(message, "archived-at"), re.IGNORECASE)
    sent = getattr(message["date"], "datetime", None)
    return {
        "title": _header(message, "subject"),
        "publisher": sender or (listed[1] if listed else ""),
        "published": sent.date().isoformat() if sent else None,
        "url": address[1] if address else None,
        "message_id": _header(message, "message-id").strip().strip("<>"),
    }


def _header(message: EmailMessage, name: str) -> str:
    """A header in one line, its encoded words decoded; bytes that are no text of it are left out."""
    value = str(message[name] or "")
    return " ".join(value.encode("utf-8", "ignore").decode().replace("\0", "").split())


# --- body ----------------------------------------------------------------------------------------------


def _body(where: str, message: EmailMessage) -> tuple[str, Format]:
    """The text of a message, and what it is: a page or text.

    A letter is content from top to bottom. Looking for an article in it would lose all but the longest of its items,
    and run those together that stand in the cells of the tables that letters are laid out by.
    """
    part = message.get_body(("html", "plain"))
    if part is None:
        raise SourceError(where, "there is no text in it, only attachments")
    if part.get_content_type() == "text/html":
        if whole := plain(page_of(where, _payload(part), _charset(part))):
            return whole, "html"
        part = message.get_body(("plain",))
    return (_plain_text(where, part), "text") if part is not None else ("", "text")


def _payload(part: MIMEPart) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _charset(part: MIMEPart) -> str | None:
    return part.get_content_charset()


def _plain_text(where: str, part: MIMEPart) -> str:
    data, charset = _payload(part), _charset(part) or ""
    if charset.startswith("iso-2022-"):  # looks like ASCII
        with suppress(LookupError, UnicodeDecodeError):
            data = data.decode(charset).encode()
    text = decoded(where, data, charset or None)
    if str(part.get_param("format", "")).lower() == "flowed":
        return _unflowed(text, deleting=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _unflowed(text: str, *, deleting: bool) -> str:
    """Lines that a program has broken, joined again (RFC 3676)."""
    lines: list[str] = []
    before, flowing = "", False
    for line in text.split("\n"):
        quoted = re.match(r">*", line)
        depth = quoted[0] if quoted else ""
        words = line[len(depth) :].removeprefix(" ")
        if flowing and depth == before and words != "-- ":
            lines[-1] += words
        else:
            lines.append(f"{depth} {words}" if depth else words)
        flowing, before = words.endswith(" ") and words != "-- ", depth
        if flowing and deleting:
            lines[-1] = lines[-1][:-1]
    return "\n".join(line.rstrip() for line in lines)
