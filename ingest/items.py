"""What a source consists of: items, each with a mark that tells whether it has changed since it was read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
        mark: As of now; None if nothing tells whether it changes, or it should be read again whatever it is.
        documents: Read as they are taken.
    """

    mark: str | None
    documents: Iterator[Document | SourceError]


@dataclass(frozen=True, slots=True)
class Item:
    """Something of a source that is read by itself: a file, a page.

    Attributes:
        name: Path in the folder of the source, or address; stays the same.
        where: The same for people.
        mark: Tells whether it has changed; None if only asking for it does.
        open: Its contents, given the mark that it had the last time; None if it has not changed since.
    """

    name: str
    where: str
    mark: str | None
    open: Callable[[str | None], Contents | None]


def items_of(source: Source) -> Iterator[Item | SourceError]:
    """All items of a source that its patterns let in, in order.

    An error among them says that there may be others, so that nobody takes what is not listed for gone.
    """
    if source.path is None:
        raise ValueError(f"{source.name} is no folder")
    yield from _files(source, source.path)


def _files(source: Source, root: Path) -> Iterator[Item | SourceError]:
    for path in files_of(str(root)):
        if isinstance(path, SourceError):
            yield path
            continue
        name = path.name if path == root else path.relative_to(root).as_posix()
        if source.takes(name):
            yield _file(source, path, name)


def _file(source: Source, path: Path, name: str) -> Item:
    # Taken before it is read: what changes meanwhile is read again the next time.
    mark = f"{source.digest} {_stamp(path)}"
    return Item(name, str(path), mark, lambda _: Contents(mark, _documents(source, path, name)))


def _documents(source: Source, path: Path, name: str) -> Iterator[Document | SourceError]:
    stem = None if source.ids == "stem" else _path_id(name)
    for item in read_file(path, {"columns": dict(source.columns)}, stem):
        yield item if isinstance(item, SourceError) else ruled(source, item)


def ruled(source: Source, document: Document) -> Document:
    """A document with what the rules of its source state of it."""
    given: dict[str, Any] = {**source.stated, **document.given}
    if source.publisher is not None:
        given["publisher"] = source.publisher
    return replace(document, given=checked(document.where, given))


def _path_id(name: str) -> str:
    """An id of a path in a folder, without what no id has."""
    found = reader_of(name)
    bare = name if found is None else name.removesuffix(found[1])
    return bare.replace("/", ".")


def _stamp(path: Path) -> str:
    """Size and time of a file and of its sidecars."""
    found = reader_of(path.name)
    bare = path.name if found is None else path.name.removesuffix(found[1])
    beside = (path.with_name(bare + suffix) for suffix in SIDECARS)
    return " ".join(_times(one) for one in (path, *beside))


def _times(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "-"
    return f"{status.st_size}:{status.st_mtime_ns}"
