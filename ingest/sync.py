"""An archive kept in step with its sources: only what has changed is read again, what has gone is seen to be gone.

What came of reading each item is kept in the archive (``Archive.readings``), after its articles. So a sync can be
killed at any instant, and the next one goes on from there; what was read twice changes nothing.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingest.items import Contents, Item, items_of
from ingest.pipeline import ingest_articles, prepare
from ingest.read import taken
from ingest.sources import Source
from retrieval import Archive, Article
from retrieval.errors import ArticleNotFound, SourceError
from retrieval.types import Reading

# Items are read and kept by so many: enough that batches of passages are full, few enough that little is read twice.
_TOGETHER = 256
# When more than half of a source has gone, and more than so many, something else is likelier than that it was meant.
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
        self.known: Mapping[str, Reading] = {one.item: one for one in readings if one.source == source.name}
        # Which item an article belongs to: of other sources, and of this one once it is known to be as it was, or read.
        self.owners = {
            id_: (one.source, one.item) for one in readings if one.source != source.name for id_ in one.articles
        }
        # What was read to its end and has lost articles, as it will be kept when these have been seen to.
        self.lost: list[tuple[Reading, list[str]]] = []

    def run(self, *, many_gone: bool) -> Synced:
        """See ``sync``."""
        # All of it is listed before any is read: what has moved to another item is not gone, nor there twice.
        listed = list(items_of(self.source))
        items = [one for one in listed if isinstance(one, Item)]
        missing = [one for one in listed if isinstance(one, SourceError)]
        self.report.failed += missing
        self.report.items = len(items)
        same = [one for one in items if self._is_as_it_was(one)]
        for item in same:
            self._pass_over(self.known[item.name])
        self.on_progress(self.report)
        passed = {one.name for one in same}
        opened = self._opened(one for one in items if one.name not in passed)
        while chunk := list(itertools.islice(opened, _TOGETHER)):
            self._take(chunk)
            self.on_progress(self.report)
        for reading, articles in self.lost:
            self._part_with(articles)
            self._keep([reading])
        if not missing:
            there = {one.name for one in items}
            self._withdraw([one for name, one in self.known.items() if name not in there], many_gone=many_gone)
        if not self.dry:
            self.archive.refresh()
        self.on_progress(self.report)
        return self.report

    def _is_as_it_was(self, item: Item) -> bool:
        before = self.known.get(item.name)
        return before is not None and before.mark is not None and before.mark == item.mark and not self.everything

    def _pass_over(self, before: Reading) -> None:
        self.owners |= dict.fromkeys(before.articles, (before.source, before.item))
        self.report.unchanged += len(before.articles)
        self.report.failed += [SourceError(where, problem) for where, problem in before.problems]

    def _opened(self, items: Iterable[Item]) -> Iterator[tuple[Item, Contents]]:
        """Items with their contents, but for those that have not changed after all, or cannot be opened."""
        for item in items:
            before = self.known.get(item.name)
            try:
                contents = item.open(None if before is None or self.everything else before.mark)
            except SourceError as error:
                self._fail(item, before, error)
                continue
            if contents is not None:
                yield item, contents
            elif before is not None:
                self._pass_over(before)

    def _fail(self, item: Item, before: Reading | None, error: SourceError) -> None:
        """An item that could not even be opened: its articles stay, and it is tried again the next time."""
        self.report.failed.append(error)
        articles = before.articles if before else ()
        self.owners |= dict.fromkeys(articles, (self.source.name, item.name))
        self.report.unchanged += len(articles)
        self._keep([self._reading(item, None, articles, [error])])

    def _take(self, chunk: Sequence[tuple[Item, Contents]]) -> None:
        reads = [_Read(item, contents.mark) for item, contents in chunk]
        articles = itertools.chain.from_iterable(
            self._articles(read, contents) for read, (_, contents) in zip(reads, chunk, strict=True)
        )
        if self.dry:
            for article in articles:
                self._foretell(article)
        else:
            self._put(reads, articles)
        for read in reads:
            self.report.failed += read.problems
        self._keep([self._settled(read) for read in reads])

    def _articles(self, read: _Read, contents: Contents) -> Iterator[Article]:
        """The articles of an item; what cannot be read is noted."""
        own = (self.source.name, read.item.name)
        for document in contents.documents:
            if isinstance(document, SourceError):
                read.problems.append(document)
            elif document.id in self.owners:
                source, item = self.owners[document.id]
                read.problems.append(taken(document, f"{item}{f' of {source}' if source != self.source.name else ''}"))
                read.final = False
            else:
                self.owners[document.id] = own
                read.articles.append(document.id)
                yield prepare(document)

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
        before = self.known.get(read.item.name)
        lost = [id_ for id_ in (before.articles if before else ()) if id_ not in set(read.articles)]
        if not lost:
            return self._reading(read.item, read.mark if read.final else None, read.articles, read.problems)
        # What was cut off may be there still: it stays until the item can be read to its end.
        if not read.problems:
            stay = lost if self.source.gone == "keep" else []
            self.lost.append((self._reading(read.item, read.mark, [*read.articles, *stay], []), lost))
        # Without a mark: it is read again if this sync does not come to its end.
        return self._reading(read.item, None, [*read.articles, *lost], read.problems)

    def _withdraw(self, gone: Sequence[Reading], *, many_gone: bool) -> None:
        """See to the articles of items that are no longer there."""
        if len(gone) > max(_FEW, len(self.known) / 2) and self.source.gone == "delete" and not many_gone:
            self.report.failed.append(
                SourceError(
                    self.source.name,
                    f"{len(gone)} of its {len(self.known)} items have gone, and nothing was withdrawn; is all of it "
                    "there? If this is meant, add --many-gone",
                )
            )
            return
        for one in gone:
            self._part_with(one.articles)
        if self.source.gone == "delete" and not self.dry:
            self.archive.drop_readings(self.source.name, [one.item for one in gone])

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
        if not self.dry:
            self.archive.put_readings(readings)

    def _reading(
        self, item: Item, mark: str | None, articles: Sequence[str], problems: Sequence[SourceError]
    ) -> Reading:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        told = tuple((one.where, one.problem) for one in problems)
        return Reading(self.source.name, item.name, mark, tuple(articles), told, at)
