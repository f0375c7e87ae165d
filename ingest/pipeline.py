"""Sources to archive: read, clean, describe, chunk, attribute, embed, put."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from ingest.chunk import DEFAULT_TOKENS, Chunker
from ingest.clean import Cleaned, clean
from ingest.documents import Document
from ingest.metadata import describe
from ingest.overlap import ahead
from ingest.quotes import author_speaks, hear
from retrieval import Archive, Article, Draft, Span
from retrieval.archive import check
from retrieval.errors import InvalidRequest, SourceError
from retrieval.types import Put

# Articles go in by batches of about this many passages, or articles that are there already, each one transaction:
# large enough that encoding is not held up by small batches, small enough that an interruption costs a few seconds.
_PASSAGES, _ARTICLES = 512, 512
# Batches that a stage makes before the next wants them.
_AHEAD = 2


@dataclass
class Summary:
    """What an ingest did.

    Attributes:
        failed: One error for each article that could not be taken.
        passages: Passages of the new and changed articles.
        seconds: How long it took, caches included.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: list[SourceError] = field(default_factory=list)
    passages: int = 0
    seconds: float = 0.0

    @property
    def articles(self) -> int:
        """Articles seen so far, whatever became of them."""
        return self.new + self.changed + self.unchanged + len(self.failed)

    def add(self, batch: "_Batch", outcomes: Sequence[Put]) -> None:
        """Count what became of a batch; ``outcomes`` are those of its drafts."""
        self.unchanged += batch.unchanged
        self.failed += batch.failed
        for draft, put in zip(batch.drafts, outcomes, strict=True):
            self.count(draft, put)

    def merge(self, other: "Summary") -> None:
        """Count what another has counted."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.failed += other.failed
        self.passages += other.passages

    def count(self, draft: Draft, put: Put) -> None:
        """Count what became of a draft."""
        setattr(self, put.outcome, getattr(self, put.outcome) + 1)
        self.passages += len(draft.passages)


@dataclass
class _Batch:
    """Articles that were seen one after the other.

    Attributes:
        drafts: Of those that are new or changed.
        unchanged: How many are in the archive already.
        failed: Errors in place of the others.
    """

    drafts: list[Draft] = field(default_factory=list)
    unchanged: int = 0
    failed: list[SourceError] = field(default_factory=list)

    @property
    def passages(self) -> int:
        """Passages of the drafts."""
        return sum(len(one.passages) for one in self.drafts)

    @property
    def articles(self) -> int:
        """Articles in it, whatever becomes of them."""
        return len(self.drafts) + self.unchanged + len(self.failed)


def archive_settings(tokens: int = DEFAULT_TOKENS) -> dict[str, str]:
    """The settings of an archive that articles are prepared by."""
    return {"passage_tokens": str(tokens)}


def ingest(
    archive: Archive,
    documents: Iterable[Document | SourceError],
    on_progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Put what ``ingest.read.read`` yields into an archive; see ``ingest_articles``."""
    prepared = (one if isinstance(one, SourceError) else prepare(one) for one in documents)
    return ingest_articles(archive, prepared, on_progress)


def ingest_articles(
    archive: Archive,
    articles: Iterable[Article | SourceError],
    on_progress: Callable[[Summary], None] = lambda _: None,
    *,
    on_put: Callable[[Put], None] = lambda _: None,
    refresh: bool = True,
) -> Summary:
    """Put articles into an archive; what is in it already, to the letter, costs next to nothing.

    Each batch is in the archive, durably, before the next is begun: interrupted at any point, the archive is sound,
    and running again goes on from there.

    Args:
        archive: Where to put them.
        articles: The articles; errors among them are collected in the summary.
        on_progress: Called with the summary so far after every batch.
        on_put: Called for each article that is new or changed, once it is in the archive.
        refresh: Bring the indexes up to the last change in the end; whoever asks does it otherwise.
    """
    started = time.monotonic()
    summary = Summary()
    # Each stage works ahead of the next: reading and attributing never wait for encoding, nor encoding for the disk.
    drafted = ahead(_batches(archive, articles), _AHEAD)
    prepared = ahead(((batch, archive.prepare(batch.drafts)) for batch in drafted), _AHEAD)
    with closing(prepared):
        for batch, ready in prepared:
            outcomes = archive.put_prepared(ready)
            summary.add(batch, outcomes)
            for put in outcomes:
                if put.outcome != "unchanged":  # as it is where another process put the same meanwhile
                    on_put(put)
            on_progress(summary)
    if refresh:
        archive.refresh()
    summary.seconds = time.monotonic() - started
    on_progress(summary)
    return summary


def _batches(archive: Archive, articles: Iterable[Article | SourceError]) -> Iterator[_Batch]:
    batch = _Batch()
    for article in articles:
        if isinstance(article, SourceError):
            batch.failed.append(article)
        elif archive.is_current(article):
            batch.unchanged += 1
        else:
            _add(archive, batch, article)
        if batch.passages >= _PASSAGES or batch.articles >= _ARTICLES:
            yield batch
            batch = _Batch()
    yield batch


def _add(archive: Archive, batch: _Batch, article: Article) -> None:
    # The model is loaded for what is new, and not before: nothing else needs it.
    made = draft(article, _chunker(archive))
    try:
        check(made)
    except InvalidRequest as error:
        batch.failed.append(SourceError(article.id, str(error)))
    else:
        batch.drafts.append(made)


def prepare(document: Document) -> Article:
    """The article of a document: cleaned, unless its publisher has said what its text is, and described."""
    cleaned = Cleaned(document.text, ()) if document.format in {"record", "pages"} else clean(document.text)
    return describe(document, cleaned)


def draft(article: Article, chunker: Chunker) -> Draft:
    """An article with its passages, and who says what in it."""
    sentences = tuple(chunker.passages(article.text))
    quotes, people = hear(article)
    return Draft(
        article,
        tuple(Span(of[0].start, of[-1].end) for of in sentences),
        sentences,
        quotes=quotes,
        voice=article.author if author_speaks(article) else None,
        people=people,
    )


def store(archive: Archive, documents: Sequence[Document | SourceError]) -> list[Put | SourceError]:
    """Put a few documents into an archive and say what became of each, in their order.

    One transaction, unless one of them cannot be stored, or an id comes twice: the later is then the next version.

    Args:
        archive: Where to put them.
        documents: The documents; errors among them are handed back in their places.
    """
    outcomes: list[Put | SourceError] = []
    for batch in _of_different_ids(documents):
        outcomes += _stored(archive, batch)
    return outcomes


def _of_different_ids(documents: Iterable[Document | SourceError]) -> Iterator[list[Document | SourceError]]:
    batch: list[Document | SourceError] = []
    ids: set[str] = set()
    for one in documents:
        if isinstance(one, Document):
            if one.id in ids:
                yield batch
                batch, ids = [], set()
            ids.add(one.id)
        batch.append(one)
    yield batch


def _stored(archive: Archive, documents: Sequence[Document | SourceError]) -> list[Put | SourceError]:
    articles = [prepare(one) for one in documents if isinstance(one, Document)]
    known = {one.id for one in articles if archive.is_current(one)}
    outcomes: dict[str, Put | SourceError] = {
        id_: Put(id_, archive.article(id_).version, "unchanged") for id_ in sorted(known)
    }
    fresh = _Batch()
    for one in articles:
        if one.id not in known:
            _add(archive, fresh, one)
    outcomes |= {error.where: error for error in fresh.failed}
    outcomes |= {put.article_id: put for put in archive.put(fresh.drafts)}
    return [one if isinstance(one, SourceError) else outcomes[one.id] for one in documents]


def _chunker(archive: Archive) -> Chunker:
    encoder = archive.encoder
    return Chunker(encoder.count, encoder.window, int(archive.settings["passage_tokens"]))
