"""How shards are asked: one interface, and the one way that needs nothing but threads."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from retrieval.sharded.shard import Shard


class ShardLost(Exception):
    """A shard does not answer: it is not there, or not in time. What a shard raises itself is raised as it is."""


class Transport(Protocol):
    """The shards of an archive, wherever they are. Any thread may use it."""

    shards: int

    def send(self, shard: int, method: str, *arguments: Any) -> "Future[Any]":
        """Have a shard do something: ``Shard.call`` with these arguments.

        The future raises ``ShardLost`` where nothing answers, and what the shard raises where it does.
        """
        ...

    def missing(self) -> tuple[int, ...]:
        """Numbers of the shards that do not answer, as far as is known without asking them."""
        ...

    def close(self) -> None:
        """Let go of the shards."""
        ...


class InProcess:
    """Shards that this process has open itself, each asked by a thread of its own."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        """``close`` closes the shards."""
        self.shards = len(shards)
        self._shards = shards
        self._threads = ThreadPoolExecutor(len(shards), "shard")

    def send(self, shard: int, method: str, *arguments: Any) -> "Future[Any]":
        """See ``Transport``."""
        return self._threads.submit(self._shards[shard].call, method, *arguments)

    def missing(self) -> tuple[int, ...]:
        """See ``Transport``."""
        return ()

    def close(self) -> None:
        """See ``Transport``."""
        self._threads.shutdown()
        for one in self._shards:
            one.close()
