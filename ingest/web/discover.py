"""What an address of the web amounts to: a page is itself, a feed its entries, a sitemap its pages."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from ingest.documents import Entry, Feed
from ingest.readers import File
from ingest.sandbox import feed_apart
from ingest.web.failures import Failure, NotPermitted
from ingest.web.fetch import Fetched, Fetcher, NotModified
from ingest.web.sitemaps import Location, is_list, is_sitemap, lines, locations, root, unpacked
from ingest.web.urls import Site, same_site, shown, site, web_url
from retrieval.errors import InvalidRequest, SourceError

_FEED_BYTES = 4 << 20  # feedparser takes seconds for one MiB, and feeds of news have fewer than one
_HEAD = 1 << 14
_FEEDS = frozenset({"rss", "RDF", "feed"})
_DEEPEST = 3  # sitemaps in one another; the protocol has an index and its sitemaps, no more
_MOST_SITEMAPS = 1_000
MOST_RESOURCES = 100_000
"""Of one address. A sitemap may have 50,000, an index may name as many sitemaps."""


class Skipped(SourceError):
    """Entries of a listing that are not for us to read; without them it is complete, unlike after any other error."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of a listing last time, for it to tell whether that has changed since."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A feed or sitemap that was read; comes before what it lists.

    Attributes:
        url: As it was asked for; the key of ``known`` next time.
        validators: The value of ``known`` next time.
    """

    url: str
    kind: Literal["feed", "sitemap"]
    validators: Validators


@dataclass(frozen=True, slots=True)
class Resource:
    """An article that may be fetched, or is there already.

    Attributes:
        url: Of its page; of the feed, for an entry that is whole and has no page.
        changed: A mark that is another one when it has changed; None if nothing says so. Only good for comparison.
        title: What the listing says, as ``published``.
        listed_in: Address of the feed or sitemap; None for a page that was asked for itself.
        entry: The entry of a feed. Where it is ``whole``, nothing need be fetched.
        feed: That the entry stands in.
        fetched: The page, where that was asked for itself.
    """

    url: str
    changed: str | None = None
    title: str | None = None
    published: str | None = None
    listed_in: str | None = None
    entry: Entry | None = None
    feed: Feed | None = field(default=None, repr=False)
    fetched: Fetched | None = None


_Kind = Literal["page", "feed", "sitemap", "list"]
Found = Listing | Resource | NotModified | SourceError


def discover(
    fetcher: Fetcher,
    url: str,
    *,
    known: Mapping[str, Validators] | None = None,
    limit: int = MOST_RESOURCES,
    home: str | None = None,
) -> Iterator[Found]:
    """Say what an address amounts to, in the order of its listings, no address twice.

    A feed or sitemap comes as a ``Listing`` and after it what it lists; one that has not changed since last time comes
    as ``NotModified`` and nothing after it, so that all it listed then is as it was. What cannot be read, or is passed
    over (``Skipped``), comes as a ``SourceError`` and the rest all the same. The pages of listings are not fetched.

    Args:
        fetcher: Fetches the address and, for an index of sitemaps, those.
        url: Of a page, a feed or a sitemap (XML, gzip or text); what it is, is told by what is there.
        known: What was said last time of this address, if it is to be passed over unchanged, and of other sitemaps.
        limit: Most resources.
        home: Any address of the site that sitemaps may list pages of; that of ``url`` if not given. Entries of other
            sites are passed over, because nobody can speak for another's pages; feeds may link anywhere.

    Raises:
        InvalidRequest: ``home`` is no address of the web.
    """
    try:
        own = None if home is None else site(web_url(home))
    except NotPermitted as error:
        raise InvalidRequest(
            f"the home of a sitemap has to be an address of the web, and is {shown(home or '')}"
        ) from error
    return _Discovery(fetcher, known or {}, limit, own).of(url)


class _Discovery:
    def __init__(self, fetcher: Fetcher, known: Mapping[str, Validators], limit: int, home: Site | None) -> None:
        self._fetcher = fetcher
        self._known = known
        self._left = limit
        self._limit = limit
        self._home = home
        self._sitemaps = 0
        self._seen: set[str | None] = set()

    def of(self, url: str) -> Iterator[Found]:
        """What an address amounts to, up to the limit."""
        with suppress(NotPermitted):  # which is said when it is fetched
            self._home = self._home or site(web_url(url))
        for item in self._of(url, 0):
            if isinstance(item, Resource):
                if not self._left:
                    yield SourceError(
                        shown(url), f"it lists more than {self._limit:,}; allow more, or name parts of it"
                    )
                    return
                self._left -= 1
            yield item

    def _of(self, url: str, depth: int) -> Iterator[Found]:
        known = self._known.get(url, Validators())
        try:
            fetched = self._fetcher.fetch(url, etag=known.etag, last_modified=known.last_modified)
        except SourceError as error:
            yield error
            return
        if isinstance(fetched, NotModified):
            yield fetched
            return
        kind = _kind(fetched)
        if kind == "page" and not depth:
            # The caller's from here on, with its file.
            yield Resource(fetched.url, changed=fetched.etag or fetched.last_modified, fetched=fetched)
            return
        try:
            yield from self._listed(url, fetched, kind, depth)
        finally:
            fetched.discard()

    def _listed(self, url: str, fetched: Fetched, kind: _Kind, depth: int) -> Iterator[Found]:
        validators = Validators(fetched.etag, fetched.last_modified)
        if kind == "feed" and not depth:
            yield Listing(url, "feed", validators)
            yield from self._entries(url, fetched)
        elif kind in {"sitemap", "list"}:
            yield Listing(url, "sitemap", validators)
            read = locations if kind == "sitemap" else lines
            yield from self._locations(url, read(unpacked(fetched.path), shown(url)), depth)
        else:
            yield SourceError(shown(url), "this is listed as a sitemap and is none; tell the publisher")

    def _entries(self, url: str, fetched: Fetched) -> Iterator[Found]:
        try:
            found = _feed(url, fetched)
        except SourceError as error:
            yield error
            return
        except Failure as failure:
            yield SourceError(shown(url), failure.problem)
            return
        if found.damage:
            yield SourceError(shown(url), found.damage)
        passed_over = _PassedOver(url)
        for one in found.entries:
            # Nobody speaks for another's pages: of an entry that leads to another site that site is asked.
            entry = one if not one.link or same_site(fetched.url, one.link) else replace(one, whole=False)
            if entry.link:
                key = address = passed_over.checked(entry.link)
            elif entry.whole:
                # It stands in the feed alone, among others that do.
                address, key = url, f"{url} {entry.id or entry.content}"
            else:
                passed_over.add(entry.title or "", "have neither an address nor a text")
                continue
            if address is not None and self._is_new(key):
                changed = entry.updated or entry.published
                yield Resource(address, changed, entry.title, entry.published, listed_in=url, entry=entry, feed=found)
        yield from passed_over.reported()

    def _locations(self, url: str, found: Iterable[Location | SourceError], depth: int) -> Iterator[Found]:
        passed_over = _PassedOver(url)
        for location in found:
            if isinstance(location, SourceError):
                yield location
                continue
            address = passed_over.checked(location.url, home=self._home)
            if address is None or not self._is_new(address):
                continue
            if location.is_sitemap:
                yield from self._next(url, address, depth + 1)
            else:
                yield Resource(address, location.changed, location.title, location.published, listed_in=url)
        yield from passed_over.reported()

    def _next(self, url: str, sitemap: str, depth: int) -> Iterator[Found]:
        self._sitemaps += 1
        if depth > _DEEPEST:
            yield SourceError(shown(url), f"its sitemaps name sitemaps more than {_DEEPEST} deep; name the inner ones")
        elif self._sitemaps > _MOST_SITEMAPS:
            yield SourceError(shown(sitemap), f"one of more than {_MOST_SITEMAPS:,} sitemaps; name it itself")
        else:
            yield from self._of(sitemap, depth)

    def _is_new(self, key: str | None) -> bool:
        new = key not in self._seen
        self._seen.add(key)
        return new


class _PassedOver:
    """Addresses of a listing that are not handed out: one message for each reason, however many there are."""

    def __init__(self, listing: str) -> None:
        self._listing = listing
        self._reasons: dict[str, tuple[int, str]] = {}

    def checked(self, address: str, *, home: Site | None = None) -> str | None:
        """The address in one form; None if it is none, or is not of the site that it has to be of."""
        try:
            url = web_url(address)
        except NotPermitted:
            self.add(address, "are no addresses of the web")
            return None
        if home is not None and site(url) != home:
            self.add(address, "are of another site")
            return None
        return str(url)

    def add(self, example: str, reason: str) -> None:
        """Count one."""
        count, first = self._reasons.get(reason, (0, example))
        self._reasons[reason] = count + 1, first

    def reported(self) -> Iterator[Skipped]:
        """What to say of them."""
        for reason, (count, first) in self._reasons.items():
            yield Skipped(
                shown(self._listing), f"{count:,} of its entries {reason} and were passed over, first {shown(first)!r}"
            )


def _feed(url: str, fetched: Fetched) -> Feed:
    plain = fetched.path.with_name(f"{fetched.path.name}.feed")
    try:
        plain.write_bytes(b"".join(unpacked(fetched.path, _FEED_BYTES)))
        return feed_apart(File(plain, shown(url), "feed", url=fetched.url))
    finally:
        plain.unlink(missing_ok=True)


def _kind(fetched: Fetched) -> _Kind:
    """What has been fetched, by what is in it: servers give feeds and sitemaps out as anything."""
    try:
        head = b"".join(islice(unpacked(fetched.path), 1))[:_HEAD]
    except Failure:
        return "page"  # and the reader of pages will say what is wrong with it
    found = root(head)
    if found in _FEEDS:
        return "feed"
    if is_sitemap(head):
        return "sitemap"
    return "list" if fetched.media_type == "text/plain" and is_list(head) else "page"
