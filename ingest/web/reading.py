"""What is at an address becomes documents."""

from collections.abc import Iterator
from dataclasses import replace

from ingest.documents import Document
from ingest.ids import id_of, part_of
from ingest.readers import File, Reader, attempted, reader_of, reader_of_type
from ingest.readers.feed import article
from ingest.sandbox import read_apart
from ingest.web.discover import Resource, discover
from ingest.web.fetch import Fetched, Fetcher
from ingest.web.urls import canonical, same_site
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
        yield from of_entry(resource)
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
        kind = page.media_type or "what its server gives no name to"
        yield SourceError(page.asked, f"nothing reads {kind}; name pages, feeds, sitemaps or documents")
        return
    own = id_of(page.asked)
    file = File(page.path, page.asked, own, url=page.url, charset=page.charset)
    for one in read_apart(reader, file):
        yield one if isinstance(one, SourceError) else _addressed(one, page, own, many=reader.many)


def _reader(page: Fetched) -> Reader | None:
    """By what the server says it is; where it says nothing of use, by how its address ends."""
    said = reader_of_type(page.media_type or "")
    named = reader_of(page.url.partition("?")[0])
    return said or (named[0] if named else None)


def _addressed(document: Document, page: Fetched, own: str, *, many: bool) -> Document:
    """A document with an id and an address of the site that it came from: nobody speaks for another's articles."""
    given, stated = dict(document.given), document.given.get("url")
    if not many:
        return replace(document, id=own, given={**given, "url": canonical(page.url, stated)})
    if stated is not None and not same_site(page.url, stated):
        del given["url"]
    return replace(document, id=part_of(own, document.id), given=given)


def of_entry(resource: Resource) -> Iterator[Document | SourceError]:
    """The article that an entry of a feed is, where it is all there."""
    if resource.entry is not None and resource.feed is not None:
        yield attempted(article, resource.url, resource.entry, resource.feed)
