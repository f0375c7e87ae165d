"""NITF, the News Industry Text Format of IPTC: one article with its head and its credits.

Versions 3.0 to 3.6 are read, with or without a namespace; so is what the New York Times made of it for its archive.
"""

from collections.abc import Iterator
from typing import Any

from ingest.bylines import credited
from ingest.checks import checked
from ingest.dates import marked_date
from ingest.documents import Document
from ingest.ids import own_id, web_address
from ingest.markup import plain
from ingest.readers import File
from ingest.safexml import Element, child, children, elements, html_of, line_of
from retrieval.errors import SourceError

# What HTML calls what NITF calls otherwise; the rest has the same names in both, or stands within a line.
_HTML = {"block": "div", "bq": "blockquote", "credit": "p", "fn": "p", "hl1": "h1", "nitf-table": "div"}
_LEFT_OUT = ("media", "nitf-table-metadata", "note")


def read(file: File) -> Iterator[Document]:
    """The one article of a file."""
    for article in elements(file, "{*}nitf"):
        refuse_withdrawn(file.name, attribute(child(article, "head/docdata"), "management-status"))
        yield file.article(text_of(article), "record", checked(file.name, stated(article)))


def refuse_withdrawn(where: str, status: str) -> None:
    """Leave alone what the agency does not want to be used.

    Raises:
        SourceError: The status says that it is not, or not yet, to be used.
    """
    if status in {"canceled", "cancelled", "withheld", "embargoed"}:
        raise SourceError(where, f"its status is {status!r}: its publisher does not let it be used, so it is not taken")


def text_of(article: Element) -> str:
    """The text of an article: its paragraphs, headings between them, lists and tables; no pictures and no notes."""
    content = child(article, "body/body.content")
    if content is None:
        return ""
    # The New York Times puts the first paragraphs in front of the text, once more.
    whole = [one for one in content if one.get("class") == "full_text"]
    return "\n".join(plain(html_of(one, _HTML, _LEFT_OUT)) for one in whole or [content])


def stated(article: Element) -> dict[str, Any]:
    """What an article states of itself, unchecked: the known fields, and more that is kept with it."""
    publication = child(article, "head/pubdata")
    own = attribute(child(article, "head/docdata/doc-id"), "id-string")
    publisher = (
        attribute(publication, "name")
        or line_of(child(article, "body/body.head/distributor"))
        or attribute(child(article, "head/docdata/doc.copyright"), "holder")
    )
    return {
        "id": own_id(own) if own else None,
        "title": line_of(child(article, "body/body.head/hedline/hl1")) or line_of(child(article, "head/title")),
        "author": credited(_bylines(article), publisher),
        "publisher": publisher,
        "published": _published(article),
        "url": web_address(attribute(publication, "ex-ref")),
        "dateline": line_of(child(article, "body/body.head/dateline")),
        "section": attribute(publication, "position.section"),
        "abstract": line_of(child(article, "body/body.head/abstract")),
        "keywords": [attribute(one, "key") for one in children(article, "head/docdata/key-list/keyword")] or None,
        "revised": _last_revision(article),
    }


def attribute(element: Element | None, name: str) -> str:
    """An attribute of an element; nothing of what is not there."""
    return "" if element is None else element.get(name, "").strip()


def _bylines(article: Element) -> list[str]:
    """Who is credited; of two forms of a name (New York Times) the printed one."""
    bylines = children(article, "body/body.head/byline")
    return [line_of(one, ("byttl",)) for one in bylines if one.get("class") != "normalized_byline"]


def _published(article: Element) -> str | None:
    dates = (
        attribute(child(article, "head/docdata/date.issue"), "norm"),
        attribute(child(article, "head/pubdata"), "date.publication"),
        attribute(child(article, "head/docdata/date.release"), "norm"),
        attribute(child(article, "body/body.head/dateline/story.date"), "norm"),
    )
    return next((day for day in map(marked_date, dates) if day), None)


def _last_revision(article: Element) -> str | None:
    days = (marked_date(attribute(one, "norm")) for one in children(article, "head/revision-history"))
    return max((day for day in days if day), default=None)
