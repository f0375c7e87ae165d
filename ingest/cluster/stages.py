"""The stages that workers do, from places of sources to parts that a shard can take: read, draft, encode.

Between stages go rows of one column of bytes, each the pickle of what the next stage takes: some documents, some
drafts, or what of these a shard gets. Rows keep the order of the sources.
"""

import os
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import ray
from numpy.typing import NDArray
from ray.util.queue import Queue

from ingest.chunk import Chunker
from ingest.documents import Document
from ingest.pipeline import draft, prepare
from ingest.read import contents
from retrieval import Article, Draft
from retrieval.archive import LoadEncoder, check
from retrieval.encoder import Encoder, Vectors
from retrieval.errors import ArchiveError, ArchiveMismatch, InvalidRequest, SourceError
from retrieval.prints import Prints
from retrieval.rows import prints_of, rows_of
from retrieval.sharded.manifest import owner
from retrieval.store import PassageRow

# A row of documents has at most so many, or about so many characters: what one worker does at a time.
_DOCUMENTS, _CHARACTERS = 16, 200_000

Batch = Mapping[str, NDArray[Any]]
Place = str | Path | SourceError
Item = tuple[str, Document | SourceError]
"""Where something was found, as people call it, and what."""


@dataclass(frozen=True, slots=True)
class Model:
    """The encoder of an archive, for workers to load.

    Attributes:
        name: See ``retrieval.encoder.load``, as for ``folder``.
        fingerprint: What it has to have.
        load: Makes it.
    """

    name: str
    folder: Path
    fingerprint: str
    load: LoadEncoder

    def loaded(self) -> Encoder:
        """The encoder.

        Raises:
            ArchiveMismatch: The one that this machine has is another.
        """
        encoder = self.load(self.name, self.folder)
        if encoder.fingerprint != self.fingerprint:
            raise ArchiveMismatch(
                f"the model {self.name} of a worker on {os.uname().nodename} is not the one that the archive was made "
                f"with; let all machines see {self.folder}"
            )
        return encoder


@dataclass(frozen=True, slots=True)
class Made:
    """A draft, and what is worked out of it beside its vectors; see ``retrieval.archive.Prepared``."""

    draft: Draft
    rows: Sequence[PassageRow]
    prints: Prints


@dataclass(frozen=True, slots=True)
class Entry:
    """An article of the sources, on its way to its shard.

    Attributes:
        name: Of the file or address it was found in.
        where: The same, with the line where there is one.
        article_id: Of the article; None where nothing could be read.
        found: What is to be put in; an error in its place; None if it is in the shard already.
    """

    name: str
    where: str
    article_id: str | None
    found: Made | SourceError | None


@dataclass(frozen=True, slots=True)
class Drafted:
    """Entries that were found one after the other, and the texts of their passages by key."""

    entries: Sequence[Entry]
    texts: Mapping[bytes, str]


@dataclass(frozen=True, slots=True)
class Part:
    """What one shard gets of some entries: those that are its own, and vectors of their passages by key."""

    entries: Sequence[Entry]
    vectors: Mapping[bytes, Vectors]


def read_places(batch: Batch, *, queues: Sequence[Queue], options: Mapping[str, Any], folder: str) -> Iterator[Batch]:
    """Rows of documents of rows of places; a number in place of these is that of a queue of such rows.

    Args:
        batch: Of it the column ``places``.
        queues: Filled where only the process that was started can read; each ends with None.
        options: See ``ingest.read.read``.
        folder: What relative paths are relative to.
    """
    with suppress(FileNotFoundError):  # a machine that lacks it lacks the files, which reading them will say
        os.chdir(folder)
    for row in batch["places"]:
        where: int | list[tuple[str, Place]] = unpacked(row)
        rows = _taken(queues[where]) if isinstance(where, int) else packs(items(where, options))
        for one in rows:
            yield _column("documents", [one])


def items(
    where: Iterable[tuple[str, Place]], options: Mapping[str, Any], stdin: BinaryIO | None = None
) -> Iterator[Item]:
    """What is in some places, in order; see ``ingest.read.read``."""
    for name, place in where:
        for item in contents(place, stdin, options):
            yield name, item


def packs(found: Iterable[Item]) -> Iterator[bytes]:
    """Rows of documents."""
    row: list[Item] = []
    characters = 0
    for item in found:
        row.append(item)
        characters += len(item[1].text) if isinstance(item[1], Document) else 0
        if len(row) >= _DOCUMENTS or characters >= _CHARACTERS:
            yield packed(row)
            row, characters = [], 0
    if row:
        yield packed(row)


class Drafting:
    """Cleans, describes, cuts and attributes what its shard does not have yet."""

    def __init__(self, model: Model, tokens: int, writers: Sequence[str]) -> None:
        """The model counts word pieces; the writers, by their names, know what is in their shards."""
        self._model, self._tokens = model, tokens
        self._writers = [ray.get_actor(name) for name in writers]

    # Not before it is needed, so that its error is that of a row: of an actor that cannot start, Ray starts another.
    @cached_property
    def _chunker(self) -> Chunker:
        encoder = self._model.loaded()
        return Chunker(encoder.count, encoder.window, self._tokens)

    def __call__(self, batch: Batch) -> Batch:
        """Rows of drafts, as ``drafts``, of rows of ``documents``."""
        return _column("drafts", [packed(self._drafted(unpacked(row))) for row in batch["documents"]])

    def _drafted(self, found: Sequence[Item]) -> Drafted:
        articles = [None if isinstance(one, SourceError) else prepare(one) for _, one in found]
        current = self._current([one for one in articles if one is not None])
        entries: list[Entry] = []
        texts: dict[bytes, str] = {}
        for (name, item), article in zip(found, articles, strict=True):
            if isinstance(item, SourceError) or article is None:
                entries.append(Entry(name, item.where, None, item if isinstance(item, SourceError) else None))
            elif article in current:
                entries.append(Entry(name, item.where, article.id, None))
            else:
                entries.append(Entry(name, item.where, article.id, self._made(article, texts)))
        return Drafted(entries, texts)

    def _current(self, articles: Sequence[Article]) -> list[Article]:
        """Those that are in their shards already, to the letter."""
        of: dict[int, list[Article]] = {}
        for one in articles:
            of.setdefault(owner(one.id, len(self._writers)), []).append(one)
        answers: list[list[bool]] = ray.get([self._writers[shard].current.remote(some) for shard, some in of.items()])
        return [
            one
            for some, answer in zip(of.values(), answers, strict=True)
            for one, is_current in zip(some, answer, strict=True)
            if is_current
        ]

    def _made(self, article: Article, texts: dict[bytes, str]) -> Made | SourceError:
        made = draft(article, self._chunker)
        try:
            check(made)
        except InvalidRequest as error:
            return SourceError(article.id, str(error))
        rows, inputs = rows_of(made)
        texts |= zip((row.vector_key for row in rows), inputs, strict=True)
        return Made(made, rows, prints_of(made))


class Encoding:
    """Encodes the passages of drafts, and sorts these by shard."""

    def __init__(self, model: Model, shards: int) -> None:
        """See ``Drafting``."""
        self._model = model
        self._shards = shards

    @cached_property
    def _encoder(self) -> Encoder:
        return self._model.loaded()

    def __call__(self, batch: Batch) -> Batch:
        """Of rows of ``drafts``, one row for each shard that gets something: ``shard``, ``passages`` and ``part``."""
        drafted: list[Drafted] = [unpacked(row) for row in batch["drafts"]]
        texts = {key: text for one in drafted for key, text in one.texts.items()}
        # The model is loaded for what is new, and not before.
        vectors = dict(zip(texts, self._encoder.encode_passages(list(texts.values())), strict=True)) if texts else {}
        of: dict[int, list[Entry]] = {}
        for entry in (entry for one in drafted for entry in one.entries):
            # What could not be read is nobody's; the first tells of it.
            shard = 0 if entry.article_id is None else owner(entry.article_id, self._shards)
            of.setdefault(shard, []).append(entry)
        parts = [Part(some, {key: vectors[key] for key in _keys(some)}) for some in of.values()]
        return {
            "shard": np.array(list(of), np.int64),
            "weight": np.array([max(len(one.vectors), len(one.entries)) for one in parts], np.int64),
            **_column("part", [packed(one) for one in parts]),
        }


def _keys(entries: Sequence[Entry]) -> Iterator[bytes]:
    for entry in entries:
        if isinstance(entry.found, Made):
            yield from (row.vector_key for row in entry.found.rows)


def _taken(queue: Queue) -> Iterator[bytes]:
    """What somebody puts into a queue, row by row, up to None; an error in place of a row is raised.

    Raises:
        ArchiveError: Another worker has taken some of it and was lost, with what it had taken.
    """
    expected = 0
    while True:
        number, row = queue.get(block=True)
        if row is None:
            queue.put((number, None))  # for a worker that is put in the place of this one
        if number != expected:
            raise ArchiveError("a worker was lost with what it had read; what is counted is kept: run it again")
        if row is None:
            return
        if isinstance(row, Exception):
            raise row
        yield row
        expected += 1


def _column(name: str, rows: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    return {name: np.array(rows, object)}


def packed(what: Any) -> bytes:
    """A row of what one stage hands to the next."""
    return pickle.dumps(what, pickle.HIGHEST_PROTOCOL)


def unpacked(row: bytes) -> Any:
    """What was packed."""
    return pickle.loads(row)  # noqa: S301  by a worker of this very run
