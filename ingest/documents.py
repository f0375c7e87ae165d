"""What reading makes of a source: documents, which become articles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Format = Literal["text", "markdown", "html", "pages", "record"]


@dataclass(frozen=True, slots=True)
class Document:
    """One article as its source has it, before it is cleaned and described.

    Attributes:
        id: Stem of the file, or the record's own id.
        where: ``path`` or ``path:line``, for errors.
        text: Decoded, with a line feed for every line end; whatever the format, plain text.
        format: What is done with it. Of text, markdown and html the furniture of web pages is cleaned away. Pages
            (of print) are left as they are; what they do not state is read from their credits, as of the first three.
            A record is left as it is, and says all of itself.
        given: Metadata that the source states outright: the fields of a record, front matter, a sidecar file,
            the metadata of a page. Known fields have been checked, and blank ones are left out.
        pages: Where each page but the first begins in the text, for what is cited by page.
    """

    id: str
    where: str
    text: str
    format: Format
    given: Mapping[str, Any]
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed. Everything in it is the publisher's word, and its HTML as hostile as any page's.

    Attributes:
        id: ``guid`` or ``id``; stays the same when the entry is changed.
        link: Of the article's own page, absolute where the feed lets it be.
        published: ISO 8601, with the time zone that the feed gives, so that the day is the publisher's day.
        updated: As ``published``.
        content: The longest text that the feed gives of it.
        media_type: Of ``content``: text/html or text/plain.
        whole: Whether ``content`` seems to be all of the article. Else it is a summary, and the article is at ``link``.
    """

    id: str | None
    link: str | None
    title: str | None
    author: str | None
    published: str | None
    updated: str | None
    content: str | None
    media_type: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and its entries, in its order.

    Attributes:
        damage: What is wrong with its XML, for a person; then some entries may be missing or cut. None if nothing is.
    """

    title: str | None
    language: str | None
    entries: tuple[Entry, ...]
    damage: str | None
