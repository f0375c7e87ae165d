"""What a source consists of: items that are read one by one, and how to tell whether one has changed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from ingest.checks import checked
from ingest.documents import Document
from ingest.folders import files_of
from ingest.read import read_file
from ingest.readers import reader_of
from ingest.sidecar import SIDECARS
from ingest.sources import Source
from retrieval.errors import SourceError


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an item.

    Attributes:
        mark: To be compared the next time; None if it should be read again whatever it is.
        documents: Read as they are taken; None if it is as it was.
    """

    mark: str | None
    documents: Iterator[Document | SourceError] | None


class Item(Protocol):
    """Something of a source that is read by itself: a file, a page."""

    @property
    def name(self) -> str:
        """Path in the folder of the source, or address; stays the same."""
        ...

    @property
    def where(self) -> str:
        """The same for people."""
        ...

    def is_as_it_was(self, mark: str) -> bool:
        """Whether it is known, without opening it, that it has not changed since it had this mark."""
        ...

    def open(self, mark: str | None) -> Contents:
        """Its contents; ``mark`` is what it had the last time.

        Raises:
            SourceGone: It is there no longer.
            SourceError: It cannot be opened.
        """
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source consists of.

    Attributes:
        items: Those that its patterns let in, in order.
        missing: Why there may be others.
        whole: Whether what is not among the items has gone. A feed names but its newest entries.
        mark: Of the listing itself, to be given the next time; None if nothing tells whether it changes.
        unchanged: It is as it was, and so is all that it listed; then there are no items.
    """

    items: tuple[Item, ...] = ()
    missing: tuple[SourceError, ...] = ()
    whole: bool = True
    mark: str | None = None
    unchanged: bool = False


def listing(source: Source, mark: str | None) -> AbstractContextManager[Listing]:
    """The items of a source, which may be opened inside the context.

    Args:
        source: The source.
        mark: What its listing had the last time.
    """
    if source.path is not None:
        return nullcontext(_files(source, source.path))
    from ingest.web.items import pages  # noqa: PLC0415 - folders need no HTTP client

    return pages(source, mark)


def ruled(source: Source, document: Document) -> Document:
    """A document with what the rules of its source state of it."""
    given: dict[str, Any] = {**source.stated, **document.given}
    if source.publisher is not None:
        given["publisher"] = source.publisher
    return replace(document, given=checked(document.where, given))


def _files(source: Source, root: Path) -> Listing:
    found = list(files_of(str(root)))
    paths = [one for one in found if isinstance(one, Path)]
    missing = tuple(one for one in found if isinstance(one, SourceError))
    named = ((path, path.name if path == root else path.relative_to(root).as_posix()) for path in paths)
    items = tuple(_File(source, path, name) for path, name in named if source.takes(name))
    return Listing(items, missing, whole=not missing)


@dataclass(frozen=True, slots=True)
class _File:
    source: Source
    path: Path
    name: str

    @property
    def where(self) -> str:
        return str(self.path)

    def is_as_it_was(self, mark: str) -> bool:
        return mark == self._mark()

    def open(self, _: str | None) -> Contents:
        # The mark is taken before it is read: what changes meanwhile is read again the next time.
        return Contents(self._mark(), self._documents())

    def _documents(self) -> Iterator[Document | SourceError]:
        stem = None if self.source.ids == "stem" else _bare(self.name).replace("/", ".")
        for item in read_file(self.path, {"columns": dict(self.source.columns)}, stem):
            yield item if isinstance(item, SourceError) else ruled(self.source, item)

    def _mark(self) -> str:
        """Size and time of a file and of its sidecars, and the rules that it is read by."""
        beside = (self.path.with_name(_bare(self.path.name) + suffix) for suffix in SIDECARS)
        return " ".join((self.source.digest, *(_times(one) for one in (self.path, *beside))))


def _bare(name: str) -> str:
    """A name without the suffix of its format."""
    found = reader_of(name)
    return name if found is None else name.removesuffix(found[1])


def _times(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "-"
    return f"{status.st_size}:{status.st_mtime_ns}"
