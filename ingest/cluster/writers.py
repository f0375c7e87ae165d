"""The actors that put articles into shards: one for each shard, the only one that writes there."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from uuid import uuid4

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ingest.cluster.stages import Made, Part, unpacked
from ingest.pipeline import Summary
from ingest.read import taken
from retrieval import Archive, Article
from retrieval.archive import LoadEncoder, Prepared
from retrieval.errors import SourceError
from retrieval.sharded.shard import Shard
from retrieval.sharded.transport import ShardLost


class Writer:
    """A shard, open to be written."""

    def __init__(self, folder: Path, load_encoder: LoadEncoder) -> None:
        """Open the shard in a folder."""
        self._archive = Archive.open(folder, load_encoder=load_encoder)
        self._shard = Shard(self._archive)
        self._first_with: dict[str, str] = {}
        self._names: dict[str, str] = {}

    @ray.method(concurrency_group="asking")  # type: ignore[untyped-decorator]
    def current(self, articles: Sequence[Article]) -> list[bool]:
        """Of each article, whether it is in the shard, to the letter."""
        return [self._archive.is_current(one) for one in articles]

    def put(self, *rows: bytes) -> Summary:
        """Put parts in, in one transaction, and count what became of them; they are durable when this returns."""
        parts: list[Part] = [unpacked(row) for row in rows]
        summary = Summary()
        made: list[Made] = []
        for entry in (entry for part in parts for entry in part.entries):
            found = self._taken(entry.article_id, entry.name, entry.where) or entry.found
            if isinstance(found, SourceError):
                summary.failed.append(found)
            elif found is None:
                summary.unchanged += 1
            else:
                made.append(found)
        prepared = Prepared(
            [one.draft for one in made],
            [one.rows for one in made],
            [one.prints for one in made],
            {key: vector for part in parts for key, vector in part.vectors.items()},
        )
        for draft, put in zip(prepared.drafts, self._archive.put_prepared(prepared), strict=True):
            summary.count(draft, put)
        return summary

    def call(self, method: str, *arguments: Any) -> Any:
        """What an archive in shards asks of the shard; see ``Shard``."""
        return self._shard.call(method, *arguments)

    def close(self) -> None:
        """Let go of the shard."""
        self._shard.close()

    def _taken(self, article_id: str | None, name: str, where: str) -> SourceError | None:
        """The error of an article whose id was had by another before, which is always one of this shard."""
        if article_id is None:
            return None
        if article_id in self._first_with:
            return taken(article_id, where, self._first_with[article_id])
        # Of the same name for each article of a file, one is kept.
        self._first_with[article_id] = self._names.setdefault(name, name)
        return None


# What only asks does not wait for what writes, which is done in the order in which it comes.
_remote: Any = ray.remote  # whose types know of no groups
_Actor = _remote(num_cpus=0, concurrency_groups={"asking": 2})(Writer)


class Writers:
    """The writers of all shards, in their order; also how an archive in shards asks these: see ``Transport``."""

    def __init__(self, folders: Sequence[Path], load_encoder: LoadEncoder) -> None:
        """Start them; ``close`` ends them."""
        self.shards = len(folders)
        run = uuid4().hex
        self.names = [f"{run}-{shard}" for shard in range(self.shards)]
        # The disk that the shards are on is that of the machine where the run was started.
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self.actors = [
            _Actor.options(name=name, scheduling_strategy=here).remote(folder, load_encoder)
            for name, folder in zip(self.names, folders, strict=True)
        ]

    def send(self, shard: int, method: str, *arguments: Any) -> "Future[Any]":
        """See ``Transport``."""
        asked: Future[Any] = self.actors[shard].call.remote(method, *arguments).future()
        answer: Future[Any] = Future()
        asked.add_done_callback(lambda done: _hand_over(done, answer))
        return answer

    def missing(self) -> tuple[int, ...]:
        """See ``Transport``."""
        return ()

    def close(self) -> None:
        """See ``Transport``."""
        ray.get([one.close.remote() for one in self.actors])
        for one in self.actors:
            ray.kill(one)


def _hand_over(asked: "Future[Any]", answer: "Future[Any]") -> None:
    error = asked.exception()
    if error is None:
        answer.set_result(asked.result())
    elif isinstance(error, RayTaskError):
        answer.set_exception(error.cause)  # as the shard raised it
    else:
        answer.set_exception(ShardLost(str(error)) if isinstance(error, RayError) else error)
