from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import archive_settings
from retrieval import Archive, Article, Draft, Span
from retrieval.encoder import Encoder
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest
from retrieval.sharded.shard import Shard
from retrieval.sharded.transport import InProcess, ShardLost
from tests.hashing import HashingEncoder

Sharded = Callable[..., ShardedArchive]


class Unreliable(InProcess):
    """Shards of this process, some of which can be lost."""

    def __init__(self, shards: list[Shard]) -> None:
        super().__init__(shards)
        self.lost: set[int] = set()

    def missing(self) -> tuple[int, ...]:
        return tuple(sorted(self.lost))

    def send(self, shard: int, method: str, *arguments: Any) -> "Future[Any]":
        if shard in self.lost:
            future: Future[Any] = Future()
            future.set_exception(ShardLost())
            return future
        return super().send(shard, method, *arguments)


@pytest.fixture
def sharded(tmp_path: Path) -> Iterator[Sharded]:
    """Makes empty archives in shards, and opens those that are there."""
    opened: list[ShardedArchive] = []

    def made(shards: int, encoder: Encoder | None = None, folder: Path | None = None) -> ShardedArchive:
        path, used = folder or tmp_path / f"in-{shards}", encoder or HashingEncoder()
        if not Manifest.exists(path):
            ShardedArchive.make(path, shards, archive_settings(), load_encoder=lambda *_: used)
        folders = Manifest.read(path).paths(path)
        transport = Unreliable([Shard(Archive.open(one, load_encoder=lambda *_: used)) for one in folders])
        opened.append(ShardedArchive.over(path, transport, load_encoder=lambda *_: used))
        return opened[-1]

    yield made
    for one in opened:
        one.close()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive in one piece."""
    with Archive.create(tmp_path / "whole", archive_settings(), load_encoder=lambda *_: HashingEncoder()) as archive:
        yield archive


def lose(archive: ShardedArchive, *shards: int) -> None:
    """From now on these shards, and no others, are lost."""
    transport = archive.store.transport  # type: ignore[attr-defined]
    assert isinstance(transport, Unreliable)
    transport.lost = set(shards)


def drafted(id_: str, text: str, **known: str) -> Draft:
    """An article of one passage, which nobody is quoted in."""
    span = Span(0, len(text))
    return Draft(Article(id=id_, text=text, **known), (span,), ((span,),))  # type: ignore[arg-type]


def both(folder: Path, shards: int) -> tuple[Archive, ShardedArchive]:
    """An empty archive in one piece, and one in shards."""

    def load(*_: object) -> HashingEncoder:
        return HashingEncoder()

    ShardedArchive.make(folder / "shards", shards, archive_settings(), load_encoder=load)
    one = Archive.create(folder / "whole", archive_settings(), load_encoder=load)
    return one, ShardedArchive.over(folder / "shards", load_encoder=load)
