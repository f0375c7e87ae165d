"""XML of all kinds: the root element says which, and the reader of that kind does the rest."""

from collections.abc import Iterator
from importlib import import_module

from ingest.documents import Document
from ingest.readers import File
from ingest.safexml import Root, root_of
from retrieval.errors import SourceError

_WORDPRESS = "http://wordpress.org/export/"
_KNOWN = "RSS, Atom, WordPress exports, NewsML-G2, NITF, Hansard (publicwhip, hansard) and XHTML"
_MODULES = {
    "rss": "feed",
    "feed": "feed",
    "RDF": "feed",
    "newsItem": "newsml",
    "newsMessage": "newsml",
    "packageItem": "newsml",
    "conceptItem": "newsml",
    "knowledgeItem": "newsml",
    "planningItem": "newsml",
    "catalogItem": "newsml",
    "nitf": "nitf",
    "publicwhip": "hansard",
    "hansard": "hansard",
    "html": "html",
}
_OTHERS = {
    "urlset": "this is a sitemap, which holds addresses and no articles; give its address as a source instead",
    "sitemapindex": "this is an index of sitemaps, which holds no articles; give its address as a source instead",
    "opml": "this is a list of feeds, which holds no articles; give the addresses of the feeds as sources instead",
    "NewsML": "this is NewsML 1, which is not read; get NewsML-G2 or NITF from the agency",
}


def read(file: File) -> Iterator[Document | SourceError | None]:
    """The articles of a file of XML, of whatever kind it is."""
    yield from import_module(f"ingest.readers.{_module(file.name, root_of(file))}").read(file)


def _module(where: str, root: Root) -> str:
    if root.name == "rss" and any(name.startswith(_WORDPRESS) for name in root.declared):
        return "wxr"
    if root.name in _OTHERS:
        raise SourceError(where, _OTHERS[root.name])
    if root.name not in _MODULES:
        raise SourceError(
            where, f"its root element is {root.name!r}, of which nothing is known; XML is read of {_KNOWN}"
        )
    return _MODULES[root.name]
