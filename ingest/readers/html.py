"""Pages of HTML: the article in them, and what they state of it."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ingest.checks import checked
from ingest.decoding import decoded
from ingest.documents import Document
from ingest.pages import extract
from ingest.readers import File
from retrieval.errors import SourceError

_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)


def read(file: File) -> Iterator[Document]:
    """The one article of a page."""
    text, given = article(file.name, page_of(file.name, file.contents(), file.charset), file.url)
    yield file.article(text, "html", given)


def page_of(where: str, data: bytes, charset: str | None = None) -> str:
    """A page as text, in the encoding that the server says, else the page itself, else that it shows."""
    declared = _DECLARED.search(data[:2048])
    return decoded(where, data, charset or (declared[1].decode("ascii") if declared else None))


def article(where: str, page: str, url: str | None = None) -> tuple[str, dict[str, Any]]:
    """The text of the article in a page, and what the page states of it.

    Args:
        where: What to call it in errors.
        page: HTML.
        url: Where it was fetched from.

    Raises:
        SourceError: There is no article in it.
    """
    found = extract(page, url)
    if found is None:
        raise SourceError(where, "no article was found in this page")
    stated = {one.name: getattr(found, one.name) for one in fields(found)}
    return stated.pop("text"), checked(where, stated)
