"""Entries of RSS and Atom feeds, from their bytes and without the network; the only importer of feedparser."""

import io
import re
import xml.sax
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser

from ingest.documents import Entry, Feed
from ingest.readers import File
from retrieval.errors import SourceError

_WHOLE = 400
"""Characters of an entry's text from which on it may be a whole article; teasers are mostly of 100 to 300."""

_TAG = re.compile(r"<[^<>]*>")
_BROKEN_OFF = re.compile(
    r"(?:…|\.\.\.|[\[(](?:…|\.\.\.|&hellip;|&#8230;)[\])]|\b(?:read|continue|keep) (?:more|reading|on)\b.{0,80}"
    r"|\b(?:full story|more)\s*[»›→>]+)\s*$",
    re.IGNORECASE,
)
# Under a whole article too, where a plug-in puts it.
_APPEARED = re.compile(r"\s*The post .{0,300}? (?:first )?appeared (?:first )?on .{0,200}$", re.IGNORECASE)


def read(file: File) -> Iterator[Feed]:
    """The feed that a file is, for ``ingest.sandbox.feed_apart``."""
    yield feed(file.contents(), file.name, base=file.url)


def feed(data: bytes, where: str = "the feed", *, base: str | None = None) -> Feed:
    """Read a feed: RSS of any version, RDF or Atom.

    Args:
        data: The feed as it came, in any encoding.
        where: What to name in errors.
        base: Address of the feed, for links that are relative to it.

    Raises:
        SourceError: This is no feed.
    """
    headers = {"content-location": base} if base else {}
    # As a stream: given bytes or text, feedparser would take them for a path or an address and open it.
    try:
        # Its HTML is for a reader of pages, which takes text out of worse; to tidy it first costs most of the time.
        parsed = feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except ValueError as error:  # an encoding that is none, a character that is none
        raise _no_feed(where) from error
    if not parsed.get("version") and not parsed.entries:
        raise _no_feed(where)
    about = parsed.feed
    return Feed(
        _text(about.get("title")), _text(about.get("language")), tuple(map(_entry, parsed.entries)), _damage(parsed)
    )


def _no_feed(where: str) -> SourceError:
    return SourceError(where, "this is no RSS or Atom feed, or is too damaged to be read; open it in a browser")


def _damage(parsed: Mapping[str, Any]) -> str | None:
    # Anything else that feedparser complains of (an encoding other than announced) costs no entry.
    if not isinstance(parsed.get("bozo_exception"), xml.sax.SAXParseException):
        return None
    return "its XML is broken, so entries may be missing or cut; tell the publisher"


def _entry(stated: Mapping[str, Any]) -> Entry:
    content, media_type, given_as_content = _content(stated)
    return Entry(
        id=_text(stated.get("id")),
        link=_text(stated.get("link")),
        title=_plain(stated.get("title")),
        author=_text(stated.get("author")),
        published=_date(stated, "published"),
        updated=_date(stated, "updated"),
        content=content,
        media_type=media_type,
        whole=given_as_content and content is not None and _is_whole(content),
    )


def _content(stated: Mapping[str, Any]) -> tuple[str | None, str | None, bool]:
    """The longest text of an entry, its type, and whether the feed calls it content rather than a summary."""
    contents = [content for content in stated.get("content", ()) if (content.get("value") or "").strip()]
    summary = stated.get("summary_detail") or {}
    if (summary.get("value") or "").strip():
        contents.append(summary)
    if not contents:
        return None, None, False
    longest = max(contents, key=lambda content: len(content["value"]))
    media_type = "text/plain" if longest.get("type") == "text/plain" else "text/html"
    return longest["value"], media_type, longest is not summary


def _is_whole(content: str) -> bool:
    text = " ".join(_TAG.sub(" ", content).split())
    end = _APPEARED.sub("", text[-800:])
    return len(text) >= _WHOLE and _BROKEN_OFF.search(end[-200:]) is None


def _plain(title: Any) -> str | None:
    text = _text(title)
    return text and _text(_TAG.sub("", text))


def _text(value: Any) -> str | None:
    return (" ".join(value.split()) or None) if isinstance(value, str) else None


def _date(stated: Mapping[str, Any], name: str) -> str | None:
    # feedparser turns all times into UTC, which is the day before for what London publishes on a summer's night.
    if name not in stated:  # or feedparser would answer with another date
        return None
    written = _text(stated.get(name))
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            if written is not None:
                return parse(written).isoformat()
        except (ValueError, OverflowError):
            continue
    moment = stated.get(f"{name}_parsed")
    try:
        return None if moment is None else datetime.fromtimestamp(timegm(moment), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None  # of a year that no calendar has
