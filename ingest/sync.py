"""An archive kept in step with its sources: only what has changed is read again, what has gone is seen to be gone.

What came of reading each item is kept in the archive (``Archive.readings``), after its articles. So a sync can be
killed at any instant, and the next one goes on from there; what was read twice changes nothing.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ingest.documents import Document
from ingest.items import Contents, Item, Listing, listing
from ingest.pipeline import ingest_articles, prepare
from ingest.read import taken
from ingest.sources import Source
from retrieval import Archive, Article
from retrieval.errors import ArticleNotFound, SourceError, SourceGone
from retrieval.types import Reading

# Items are read and kept by so many: enough that batches of passages are full, few enough that little is read twice.
_TOGETHER = 256
# When more than half of the articles have gone, and more than so many, it is likelier that something is amiss.
_FEW = 10


@dataclass
class Synced:
    """What came of a source, or would come of it.

    Attributes:
        source: Its name.
        new: Ids of articles, as ``changed``.
        unchanged: How many articles are as they were.
        withdrawn: Ids of articles that were deleted, since they have gone from the source.
        kept: Ids of articles that have gone from the source and stay in the archive.
        failed: What could not be read, this time or the last time that it was tried.
        items: How many items there are.
        passages: Of the new and changed articles.
    """

    source: str
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    withdrawn: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: list[SourceError] = field(default_factory=list)
    items: int = 0
    passages: int = 0

    @property
    def articles(self) -> int:
        """Articles seen so far."""
        return len(self.new) + len(self.changed) + self.unchanged


_Opened = tuple[Item, Contents, Iterator[Document | SourceError]]


@dataclass
class _Read:
    """An item that is being read.

    Attributes:
        articles: Ids of what was in it.
        problems: What could not be read of it.
        final: Whether reading it again, while it stays as it is, would find the same.
    """

    item: Item
    mark: str | None
    articles: list[str] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)
    final: bool = True


def sync(
    archive: Archive,
    source: Source,
    *,
    everything: bool = False,
    dry: bool = False,
    many_gone: bool = False,
    on_progress: Callable[[Synced], None] = lambda _: None,
) -> Synced:
    """Bring an archive in step with a source.

    Args:
        archive: The archive.
        source: The source; one that cannot be read at all is reported by ``failed``, and nothing of it is withdrawn.
        everything: Read what has not changed as well.
        dry: Change nothing; say what would be.
        many_gone: Withdraw articles even when most of the source has gone.
        on_progress: Called with what came of it so far.

    Raises:
        ArchiveError: The archive cannot be written.
    """
    return _Sync(archive, source, everything=everything, dry=dry, on_progress=on_progress).run(many_gone=many_gone)


def forget(archive: Archive, name: str) -> int:
    """Let go of a source; its articles stay, and belong to whichever source has them next.

    Returns:
        How many items it had.

    Raises:
        ArchiveError: The archive cannot be written.
    """
    items = [one.item for one in archive.readings(name)]
    archive.drop_readings(name, items)
    return len(items)


class _Sync:
    def __init__(
        self,
        archive: Archive,
        source: Source,
        *,
        everything: bool,
        dry: bool,
        on_progress: Callable[[Synced], None],
    ) -> None:
        self.archive, self.source = archive, source
        self.everything, self.dry = everything, dry
        self.on_progress = on_progress
        self.report = Synced(source.name)
        readings = archive.readings()
        self.known = {one.item: one for one in readings if one.source == source.name}
        self.listed_before = self.known.pop(self._listing_name, None)
        # Which item an article belongs to: of other sources, and of this one once it is known to be as it was, or read.
        self.owners = {
            id_: (one.source, one.item) for one in readings if one.source != source.name for id_ in one.articles
        }
        # What was read to its end and has lost articles, as it will be kept when these have been seen to.
        self.lost: list[tuple[Reading, list[str]]] = []
        self.vanished: list[Reading] = []
        # Whether something has to be read again whatever its source says.
        self.unsettled = False

    def run(self, *, many_gone: bool) -> Synced:
        """See ``sync``."""
        before = self.listed_before
        with listing(self.source, None if before is None or self.everything else before.mark) as listed:
            self._read(listed)
        self._withdraw(self._gone(listed), many_gone=many_gone)
        # What failed is to be tried again the next time, whatever its listing says.
        mark = None if self.unsettled else listed.mark
        if before is not None or mark is not None:
            self._keep([self._reading(self._listing_name, mark, [], [])])
        if not self.dry:
            self.archive.refresh()
        self.on_progress(self.report)
        return self.report

    @property
    def _listing_name(self) -> str:
        """The listing is kept beside its items, by a name that none of them has."""
        return f" {self.source.url or ''}"

    def _read(self, listed: Listing) -> None:
        """Read what has changed."""
        self.report.failed += listed.missing
        if listed.unchanged:
            for reading in self.known.values():
                self._pass_over(reading)
            return
        self.report.items = len(listed.items)
        # All of it is listed before any is read: what has moved to another item is neither gone nor there twice.
        changed = [one for one in listed.items if not self._is_as_it_was(one)]
        self.on_progress(self.report)
        opened = self._opened(changed)
        while chunk := list(itertools.islice(opened, _TOGETHER)):
            self._take(chunk)
            self.on_progress(self.report)

    def _is_as_it_was(self, item: Item) -> bool:
        """Whether an item need not be opened; then it is counted."""
        before = self.known.get(item.name)
        if before is None or before.mark is None or self.everything or not item.is_as_it_was(before.mark):
            return False
        self._pass_over(before)
        return True

    def _pass_over(self, before: Reading) -> None:
        self.owners |= dict.fromkeys(before.articles, (before.source, before.item))
        self.report.unchanged += len(before.articles)
        self.report.failed += [SourceError(where, problem) for where, problem in before.problems]

    def _opened(self, items: Iterable[Item]) -> Iterator[_Opened]:
        """Items with their contents, but for those that have not changed after all, or cannot be opened."""
        for item in items:
            before = self.known.get(item.name)
            try:
                contents = item.open(None if before is None or self.everything else before.mark)
            except SourceGone as error:
                self._vanish(before, error)
            except SourceError as error:
                self._fail(item, before, error)
            else:
                if contents.documents is not None:
                    yield item, contents, contents.documents
                elif before is not None:
                    self._pass_over(before)
                    self._keep([replace(before, mark=contents.mark)])

    def _vanish(self, before: Reading | None, error: SourceError) -> None:
        """An item that is listed and not there: as gone as one that is not listed."""
        self.report.failed.append(error)
        self.unsettled = True  # it may come back
        if before is not None:
            self.vanished.append(before)

    def _fail(self, item: Item, before: Reading | None, error: SourceError) -> None:
        """An item that could not even be opened: its articles stay, and it is tried again the next time."""
        self.report.failed.append(error)
        articles = before.articles if before else ()
        self.owners |= dict.fromkeys(articles, (self.source.name, item.name))
        self.report.unchanged += len(articles)
        self._keep([self._reading(item.name, None, articles, [error])])

    def _gone(self, listed: Listing) -> list[Reading]:
        """What came of items that are there no longer."""
        if listed.unchanged or not listed.whole:
            return self.vanished
        there = {one.name for one in listed.items}
        return [*self.vanished, *(one for name, one in self.known.items() if name not in there)]

    def _take(self, chunk: Sequence[_Opened]) -> None:
        reads = [_Read(item, contents.mark) for item, contents, _ in chunk]
        articles = itertools.chain.from_iterable(
            self._articles(read, documents) for read, (_, _, documents) in zip(reads, chunk, strict=True)
        )
        if self.dry:
            for article in articles:
                self._foretell(article)
        else:
            self._put(reads, articles)
        for read in reads:
            self.report.failed += read.problems
        self._keep([self._settled(read) for read in reads])

    def _articles(self, read: _Read, documents: Iterable[Document | SourceError]) -> Iterator[Article]:
        """The articles of an item; what cannot be read is noted."""
        own = (self.source.name, read.item.name)
        for document in documents:
            if isinstance(document, SourceError):
                read.problems.append(document)
            elif document.id in self.owners:
                read.problems.append(self._taken(document))
                read.final = False
            else:
                self.owners[document.id] = own
                read.articles.append(document.id)
                yield prepare(document)

    def _taken(self, document: Document) -> SourceError:
        source, item = self.owners[document.id]
        if source == self.source.name:
            return taken(document.id, document.where, item)
        return SourceError(
            document.where,
            f"the id {document.id!r} is already that of an article in {item!r} of the source {source!r}; give one of "
            f"the two another id, leave one out, or, if there is no such source any more, add --forget {source!r}",
        )

    def _put(self, reads: Sequence[_Read], articles: Iterator[Article]) -> None:
        outcomes = {"new": self.report.new, "changed": self.report.changed}
        summary = ingest_articles(
            self.archive, articles, on_put=lambda put: outcomes[put.outcome].append(put.article_id), refresh=False
        )
        self.report.unchanged += summary.unchanged
        self.report.passages += summary.passages
        by_id = {id_: read for read in reads for id_ in read.articles}
        for error in summary.failed:  # what could be read and cannot be stored
            read = by_id[error.where]
            read.problems.append(SourceError(read.item.where, error.problem))

    def _foretell(self, article: Article) -> None:
        if self.archive.is_current(article):
            self.report.unchanged += 1
        elif self.archive.has(article.id):
            self.report.changed.append(article.id)
        else:
            self.report.new.append(article.id)

    def _settled(self, read: _Read) -> Reading:
        """What came of an item; articles that are no longer in it are seen to when all has been read."""
        before, there = self.known.get(read.item.name), set(read.articles)
        lost = [id_ for id_ in (before.articles if before else ()) if id_ not in there]
        if not lost:
            return self._reading(read.item.name, read.mark if read.final else None, read.articles, read.problems)
        # What was cut off may be there still: it stays until the item can be read to its end.
        if not read.problems:
            stay = lost if self.source.gone == "keep" else []
            self.lost.append((self._reading(read.item.name, read.mark, [*read.articles, *stay], []), lost))
        # Without a mark: it is read again if this sync does not come to its end.
        return self._reading(read.item.name, None, [*read.articles, *lost], read.problems)

    def _withdraw(self, gone: Sequence[Reading], *, many_gone: bool) -> None:
        """See to the articles that are no longer in their items, or whose items are no longer there."""
        if self.source.gone == "delete" and not many_gone and self._is_too_much(gone):
            return
        for reading, articles in self.lost:
            self._part_with(articles)
            self._keep([reading])
        for one in gone:
            self._part_with(one.articles)
        if self.source.gone == "delete" and not self.dry:
            self.archive.drop_readings(self.source.name, [one.item for one in gone])

    def _is_too_much(self, gone: Sequence[Reading]) -> bool:
        """Whether so much has gone that it is asked whether that is meant."""
        lost = [id_ for _, articles in self.lost for id_ in articles] + [id_ for one in gone for id_ in one.articles]
        parted = sum(id_ not in self.owners for id_ in lost)
        known = sum(len(one.articles) for one in self.known.values())
        if parted <= max(_FEW, known / 2):
            return False
        self.unsettled = True  # or an unchanged listing would pass for all that there is
        problem = f"{parted} of its {known} articles have gone, and none was withdrawn; is all of it there?"
        self.report.failed.append(SourceError(self.source.name, f"{problem} If this is meant, add --many-gone"))
        return True

    def _part_with(self, articles: Iterable[str]) -> None:
        """Withdraw articles that have gone from the source, or keep them, as its rules say."""
        there = [id_ for id_ in articles if id_ not in self.owners and self.archive.has(id_)]
        if self.source.gone == "keep":
            self.report.kept += there
            return
        self.report.withdrawn += there
        if not self.dry:
            for id_ in there:
                with suppress(ArticleNotFound):  # somebody else was quicker
                    self.archive.delete(id_)

    def _keep(self, readings: Sequence[Reading]) -> None:
        self.unsettled |= any(one.mark is None for one in readings)
        if not self.dry:
            self.archive.put_readings(readings)

    def _reading(
        self, item: str, mark: str | None, articles: Sequence[str], problems: Sequence[SourceError]
    ) -> Reading:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        told = tuple((one.where, one.problem) for one in problems)
        return Reading(self.source.name, item, mark, tuple(articles), told, at)
