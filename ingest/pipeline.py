"""Sources to archive: read, clean, describe, chunk, attribute, embed, put."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ingest.chunk import DEFAULT_TOKENS, Chunker
from ingest.clean import Cleaned, clean
from ingest.metadata import describe
from ingest.quotes import author_speaks, hear
from ingest.read import Document
from retrieval import Archive, Article, Draft, Span
from retrieval.errors import InvalidRequest, SourceError
from retrieval.types import Put

# Articles go in by batches of about this many passages, each one transaction: large enough that encoding is not
# held up by small batches, small enough that an interruption costs a few seconds of work.
_BATCH = 512


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
) -> Summary:
    """Put articles into an archive; what is in it already, to the letter, costs next to nothing.

    Each batch is in the archive, durably, before the next is begun: interrupted at any point, the archive is sound,
    and running again goes on from there.

    Args:
        archive: Where to put them.
        articles: The articles; errors among them are collected in the summary.
        on_progress: Called with the summary so far after every article that is seen.
    """
    started = time.monotonic()
    summary = Summary()
    batch: list[Draft] = []
    for article in articles:
        if isinstance(article, SourceError):
            summary.failed.append(article)
        elif archive.is_current(article):
            summary.unchanged += 1
        else:
            batch.append(draft(article, _chunker(archive)))
        if sum(len(one.passages) for one in batch) >= _BATCH:
            _put(archive, batch, summary)
            batch = []
        on_progress(summary)
    _put(archive, batch, summary)
    archive.refresh()
    summary.seconds = time.monotonic() - started
    on_progress(summary)
    return summary


def prepare(document: Document) -> Article:
    """The article of a document: cleaned, unless its publisher has said what its text is, and described."""
    cleaned = Cleaned(document.text, ()) if document.format == "record" else clean(document.text)
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


def _stored(archive: Archive, batch: Sequence[Document | SourceError]) -> list[Put | SourceError]:
    articles = [prepare(one) for one in batch if isinstance(one, Document)]
    known = {one.id for one in articles if archive.is_current(one)}
    outcomes: dict[str, Put | SourceError] = {
        id_: Put(id_, archive.article(id_).version, "unchanged") for id_ in sorted(known)
    }
    fresh = [draft(one, _chunker(archive)) for one in articles if one.id not in known]
    outcomes |= {one.article.id: put for one, put in zip(fresh, _each_put(archive, fresh), strict=True)}
    return [one if isinstance(one, SourceError) else outcomes[one.id] for one in batch]


def _each_put(archive: Archive, batch: Sequence[Draft]) -> list[Put | SourceError]:
    try:
        return list(archive.put(batch))
    except InvalidRequest as error:
        if len(batch) == 1:
            return [SourceError(batch[0].article.id, str(error))]
        # One of them cannot be stored; the others shall not suffer for it.
        return [outcome for one in batch for outcome in _each_put(archive, [one])]


def _chunker(archive: Archive) -> Chunker:
    encoder = archive.encoder
    return Chunker(encoder.count, encoder.window, int(archive.settings["passage_tokens"]))


def _put(archive: Archive, batch: Sequence[Draft], summary: Summary) -> None:
    for one, put in zip(batch, _each_put(archive, batch), strict=True):
        if isinstance(put, SourceError):
            summary.failed.append(put)
        else:
            setattr(summary, put.outcome, getattr(summary, put.outcome) + 1)
            summary.passages += len(one.passages)
