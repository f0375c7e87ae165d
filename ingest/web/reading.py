"""What is at an address becomes documents."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingest.checks import checked
from ingest.documents import Document
from ingest.feeds import Entry
from ingest.ids import id_of
from ingest.markup import plain
from ingest.readers import File, Reader, reader_of, reader_of_type
from ingest.records import not_blank
from ingest.sandbox import read_apart
from ingest.web.discover import Resource, discover
from ingest.web.fetch import Fetched, Fetcher
from ingest.web.urls import canonical
from retrieval.errors import SourceError


def read_url(url: str, *, allow: frozenset[str] = frozenset(), limit: int) -> Iterator[Document | SourceError]:
    """The articles at an address: of a page, a feed or a sitemap.

    Args:
        url: The address.
        allow: Hosts that may have an address that is not public.
        limit: Articles that are read, at most.
    """
    with Fetcher(allow=allow) as fetcher:
        for one in discover(fetcher, url, limit=limit):
            if isinstance(one, SourceError):
                yield one
            elif isinstance(one, Resource):
                yield from _read(fetcher, one)


def _read(fetcher: Fetcher, resource: Resource) -> Iterator[Document | SourceError]:
    if resource.entry is not None and resource.entry.whole:
        yield from of_entry(resource.entry, resource.url)
        return
    try:
        page = resource.fetched or fetcher.fetch(resource.url)
    except SourceError as error:
        yield error
        return
    if isinstance(page, Fetched):
        yield from of_page(page)
        page.discard()


def of_page(page: Fetched) -> Iterator[Document | SourceError]:
    """The articles in what was fetched, each with its address."""
    reader = _reader(page)
    if reader is None:
        yield SourceError(page.asked, f"nothing reads {page.media_type}; name pages, feeds, sitemaps or documents")
        return
    file = File(page.path, page.asked, id_of(page.asked), url=page.url, charset=page.charset)
    for one in read_apart(reader, file):
        yield one if isinstance(one, SourceError) else _addressed(one, page)


def _reader(page: Fetched) -> Reader | None:
    """By what the server says it is; where it says nothing of use, by how its address ends."""
    said = reader_of_type(page.media_type or "")
    named = reader_of(page.url.partition("?")[0])
    return said or (named[0] if named else None)


def _addressed(document: Document, page: Fetched) -> Document:
    if document.format == "record":
        return document
    stated = document.given.get("url")
    return replace(document, given={**document.given, "url": canonical(page.url, stated)})


def of_entry(entry: Entry, url: str) -> Iterator[Document | SourceError]:
    """The article that an entry of a feed is."""
    given: Mapping[str, Any] = {
        "title": entry.title,
        "author": entry.author,
        "published": entry.published,
        "url": entry.link,
    }
    try:
        text = plain(entry.content or "") if entry.media_type == "text/html" else entry.content or ""
        yield Document(
            id_of(entry.link or f"{url} {entry.id}"), url, not_blank(url, text), "record", checked(url, given)
        )
    except SourceError as error:
        yield error
