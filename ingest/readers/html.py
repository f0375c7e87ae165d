"""Pages of HTML: the article in them, and what they state of it."""

import re
from collections.abc import Iterator
from typing import Any

import trafilatura

from ingest.checks import checked
from ingest.decoding import decoded
from ingest.documents import Document
from ingest.readers import File
from retrieval.errors import SourceError

_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)


def read(file: File) -> Iterator[Document]:
    """The one article of a page."""
    text, given = article(file.name, page_of(file.name, file.contents(), file.charset))
    yield file.article(text, "html", given)


def page_of(where: str, data: bytes, charset: str | None = None) -> str:
    """A page as text, in the encoding that the server says, else the page itself, else that it shows."""
    declared = _DECLARED.search(data[:2048])
    return decoded(where, data, charset or (declared[1].decode("ascii") if declared else None))


def article(where: str, page: str) -> tuple[str, dict[str, Any]]:
    """The text of the article in a page, and what the page states of it.

    Raises:
        SourceError: There is no article in it.
    """
    found = trafilatura.bare_extraction(
        page,
        include_comments=False,
        with_metadata=True,
        # The extensive search takes a date from the story when the page states none.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, trafilatura.settings.Document) or not found.text:
        raise SourceError(where, "no article was found in this page")
    stated = {"title": found.title, "author": found.author, "publisher": found.sitename, "url": found.url}
    return _spaced(found.text), checked(where, {**stated, "published": found.date})


def _spaced(text: str) -> str:
    """A blank line between paragraphs, none between the items of a list."""
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", text.replace("\n", "\n\n")) + "\n"
