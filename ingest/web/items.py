"""The pages of a source on the web, and how to tell whether one has changed."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from ingest.documents import Document
from ingest.items import Contents, Item, Listing, ruled
from ingest.sources import Source
from ingest.web import discover as found
from ingest.web.discover import Resource, Skipped, Validators, discover
from ingest.web.fetch import Fetched, Fetcher, Limits, NotModified
from ingest.web.reading import of_entry, of_page
from retrieval.errors import SourceError


@contextmanager
def pages(source: Source, mark: str | None) -> Iterator[Listing]:
    """What an address amounts to; see ``ingest.items.listing``."""
    with Fetcher(contact=source.contact, allow=source.allow, limits=Limits(pause=source.delay)) as fetcher:
        yield _listing(source, fetcher, mark)


def _listing(source: Source, fetcher: Fetcher, mark: str | None) -> Listing:
    url = source.url or ""
    known = _Mark.read(mark, source.listing_digest)
    items: list[Item] = []
    missing: list[SourceError] = []
    validators: list[Validators] = []
    feed = False
    for one in discover(fetcher, url, known={url: known.validators} if known else {}, limit=source.limit):
        if isinstance(one, NotModified):
            return Listing(mark=mark, unchanged=True)
        if isinstance(one, SourceError):
            missing.append(one)
        elif isinstance(one, found.Listing):
            validators.append(one.validators)
            feed |= one.kind == "feed"
        else:
            if one.fetched is not None:  # a page that was named itself is its own listing
                validators.append(Validators(one.fetched.etag, one.fetched.last_modified))
            items.append(_Page(source, one, fetcher))
    items = [one for one in items if source.takes(one.name)]
    # Of several sitemaps one may have changed and another not: only one by itself tells for all of it.
    complete = all(isinstance(one, Skipped) for one in missing)
    alone = len(validators) == 1 and complete
    made = _Mark(source.listing_digest, None, validators[0]).written() if alone else None
    return Listing(tuple(items), tuple(missing), whole=complete and not feed, mark=made)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What tells whether a page, or a listing of pages, has changed.

    Attributes:
        rules: Digest of the rules that it was read by.
        listed: What the listing that names it says of it.
        validators: What its server says of it.
    """

    rules: str
    listed: str | None
    validators: Validators

    def written(self) -> str | None:
        """As it is kept; None if it could tell nothing."""
        if self.listed is None and self.validators == Validators():
            return None
        return json.dumps([self.rules, self.listed, asdict(self.validators)])

    @classmethod
    def read(cls, written: str | None, by: str) -> "_Mark | None":
        """What was kept, if it was by the same rules."""
        if written is None:
            return None
        rules, listed, validators = json.loads(written)
        return cls(rules, listed, Validators(**validators)) if rules == by else None


@dataclass(frozen=True, slots=True)
class _Page:
    source: Source
    resource: Resource
    fetcher: Fetcher

    @property
    def name(self) -> str:
        entry = self.resource.entry
        return self.resource.url if entry is None or entry.link else f"{self.resource.url} {entry.id}"

    @property
    def where(self) -> str:
        return self.resource.url

    def is_as_it_was(self, mark: str) -> bool:
        before = _Mark.read(mark, self.source.digest)
        return before is not None and before.listed is not None and before.listed == self._listed()

    def open(self, mark: str | None) -> Contents:
        entry = self.resource.entry
        if entry is not None and entry.whole:
            return self._contents(Validators(), lambda: of_entry(self.resource))
        before = _Mark.read(mark, self.source.digest)
        validators = before.validators if before else Validators()
        page = self.resource.fetched or self.fetcher.fetch(self.resource.url, **asdict(validators))
        now = Validators(page.etag, page.last_modified)
        if isinstance(page, NotModified):
            return Contents(_Mark(self.source.digest, self._listed(), now).written(), None)
        return self._contents(now, lambda: _read(page))

    def _contents(self, validators: Validators, read: Callable[[], Iterator[Document | SourceError]]) -> Contents:
        def documents() -> Iterator[Document | SourceError]:
            for one in read():
                yield one if isinstance(one, SourceError) else ruled(self.source, one)

        return Contents(_Mark(self.source.digest, self._listed(), validators).written(), documents())

    def _listed(self) -> str | None:
        """What its listing says of it; of an entry that is the article, all of it."""
        entry = self.resource.entry
        if entry is None or not entry.whole:
            return self.resource.changed
        told = json.dumps(asdict(entry), sort_keys=True)
        return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]


def _read(page: Fetched) -> Iterator[Document | SourceError]:
    try:
        yield from of_page(page)
    finally:
        page.discard()
