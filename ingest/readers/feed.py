"""RSS and Atom feeds that lie in a file: the entries that have their whole article in them.

Of an entry with a summary alone the article is on a page of the web, which reading a file does not fetch. It is not
taken for an article; that there are such entries is one error, which says what to do.
"""

from collections.abc import Iterator

from ingest.bylines import credited
from ingest.checks import checked
from ingest.decoding import unix_lines
from ingest.documents import Document, Entry, Feed
from ingest.feeds import feed
from ingest.ids import id_of, web_address
from ingest.markup import plain
from ingest.readers import File, attempted
from ingest.records import derived_id, not_blank
from retrieval.errors import SourceError

# Bytes; feeds of news have a tenth of it, and feedparser takes a second for one or two million.
_MAX_FEED = 10_000_000
# Characters of a description from which on it is the article: ten times a teaser.
_LONG = 1_500


def read(file: File) -> Iterator[Document | SourceError]:
    """The whole articles of a feed, in its order."""
    with file.open() as stream:
        data = stream.read(_MAX_FEED + 1).lstrip()  # blanks before the declaration are no XML, but usual
    if len(data) > _MAX_FEED:
        raise SourceError(file.name, f"has more than {_MAX_FEED // 1_000_000} MB, which no feed has; split it")
    found = feed(data, file.name, base=file.url)
    if not found.entries:
        raise SourceError(file.name, found.damage or "there is no entry in this feed")
    summaries = 0
    for number, entry in enumerate(found.entries, start=1):
        if entry.whole or _is_long(_text(entry)):
            yield attempted(article, f"{file.name}, entry {number}", entry, found)
        else:
            summaries += 1
    if summaries:
        problem = f"{summaries} of its {len(found.entries)} entries have a summary and not their article"
        yield SourceError(file.name, f"{problem}; give the feed's address as a source, so that their pages are fetched")
    if found.damage:
        yield SourceError(file.name, found.damage)


def _text(entry: Entry) -> str:
    content = entry.content or ""
    return unix_lines(content) if entry.media_type == "text/plain" else plain(content)


def _is_long(text: str) -> bool:
    return len(text) >= _LONG and not text.rstrip(" \n])").endswith(("…", "..."))


def article(where: str, entry: Entry, of: Feed) -> Document:
    """The article that an entry of a feed is.

    Raises:
        SourceError: What is stated of it is not sound, or there is no text in it.
    """
    text = _text(entry)
    published = entry.published or entry.updated
    given = checked(
        where,
        {
            "title": plain(entry.title or ""),
            "author": credited([entry.author or ""], of.title),
            "publisher": of.title,
            "published": published,
            "url": web_address(entry.link or ""),
            "language": of.language,
            "updated": entry.updated if entry.updated != published else None,
        },
    )
    name = given.get("url") or entry.id
    own = id_of(name) if name else derived_id({**given, "text": text})
    return Document(own, where, not_blank(where, text), "record", given)
