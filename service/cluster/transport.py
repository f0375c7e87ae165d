"""Shards asked through Ray Serve."""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context
from typing import Any

from ray import serve
from ray.exceptions import NodeDiedError, ObjectLostError, RayActorError, WorkerCrashedError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError, ReplicaUnavailableError

from retrieval.errors import ArchiveError
from retrieval.sharded.transport import ShardLost
from service.cluster.shards import AnotherArchive, Outcome, shard_name

_log = logging.getLogger(__name__)

# The replica that was asked is gone, was full, or took its answer with it: another one is asked. All that a shard does
# may be done twice: an article that is put again is the current one already (and is said to be unchanged), and one that
# is deleted again has gone, which ``ShardedArchive.delete`` takes for done.
_ASK_ANOTHER = (
    RayActorError,
    NodeDiedError,
    ObjectLostError,
    WorkerCrashedError,
    ReplicaUnavailableError,
    BackPressureError,
)
# A pause before another is asked, in seconds: Serve learns of a death by the very error that we see.
_PAUSE = 0.02
# From one look at a shard to the next.
_EVERY = 1.0
# What changes a shard, or goes through much of it; it may wait a minute for another writer.
_LONG = frozenset("put_prepared delete put_readings drop_readings compact verify mend follows changes".split())
_LONG_DEADLINE = 90.0
_VERY_LONG = frozenset(("compact", "verify", "mend"))


class RayTransport:
    """The shards of an archive as deployments of Ray Serve; see ``retrieval.sharded.transport.Transport``.

    One event loop in a thread of its own waits for all of them. A shard that nobody answers for is known to be lost
    after a deadline, and from then on not waited for, until one of its replicas answers again.
    """

    def __init__(self, shards: int, generation: int, deadline: float) -> None:
        """Look at each shard from now on, until ``close``.

        Args:
            shards: How many there are.
            generation: Of their manifest. One that is of another does not answer.
            deadline: Seconds after which a shard counts as one that does not answer.
        """
        self.shards = shards
        self._generation = generation
        self._deadline = deadline
        self._calls = [serve.get_deployment_handle(name, name).call for name in map(shard_name, range(shards))]
        self._lost: set[int] = set()
        self._doubted = [asyncio.Event() for _ in range(shards)]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="shards", daemon=True)
        self._thread.start()
        for shard in range(shards):
            self._begin(self._watch(shard))

    def send(self, shard: int, method: str, *arguments: Any) -> "Future[Any]":
        """See ``Transport``; how long is waited depends on whether it reads or writes."""
        if shard in self._lost:
            lost: Future[Any] = Future()
            lost.set_exception(ShardLost(f"shard {shard} does not answer"))
            return lost
        return self._begin(self._asked(shard, method, arguments))

    def missing(self) -> tuple[int, ...]:
        """See ``Transport``."""
        return tuple(sorted(self._lost))

    def close(self) -> None:
        """Give up what is still waited for."""
        self._begin(_cancel_all()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _begin(self, job: Coroutine[Any, Any, Any]) -> "Future[Any]":
        # In no request's context: Serve cancels whatever a request has begun when its client goes away, and others may
        # wait for the same.
        return Context().run(asyncio.run_coroutine_threadsafe, job, self._loop)

    async def _asked(self, shard: int, method: str, arguments: tuple[Any, ...]) -> Any:
        try:
            async with asyncio.timeout(self._seconds(method)):
                return await self._answered(shard, method, arguments)
        except (TimeoutError, DeploymentUnavailableError, AnotherArchive) as error:
            self._doubted[shard].set()
            raise ShardLost(f"shard {shard} does not answer") from error
        except ArchiveError as error:
            if method in _LONG:
                raise
            # Whose disk cannot be read is as good as not there.
            _log.error("shard %d: %s: %s", shard, type(error).__name__, error)
            raise ShardLost(f"shard {shard} cannot be read") from error

    def _seconds(self, method: str) -> float | None:
        if method in _VERY_LONG:
            return None
        return max(_LONG_DEADLINE, self._deadline) if method in _LONG else self._deadline

    async def _answered(self, shard: int, method: str, arguments: tuple[Any, ...]) -> Any:
        while True:
            try:
                outcome: Outcome = await self._calls[shard].remote(self._generation, method, *arguments)
            except _ASK_ANOTHER as error:
                _log.info("shard %d: %s; asking another replica", shard, type(error).__name__)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise  # by our deadline, or at the end
                # Else by a replica that was to end, and would wait for this no longer.
            else:
                return outcome.result()
            await asyncio.sleep(_PAUSE)

    async def _watch(self, shard: int) -> None:
        """Know whether a shard answers. Whether it is lost is decided here alone: one slow question decides nothing."""
        while True:
            self._doubted[shard].clear()
            try:
                async with asyncio.timeout(self._deadline):
                    await self._answered(shard, "state", ())
            except Exception as error:  # noqa: BLE001  whatever it is, the shard does not answer
                if shard not in self._lost:
                    _log.error("shard %d does not answer (%s)", shard, str(error) or type(error).__name__)
                self._lost.add(shard)
            else:
                if shard in self._lost:
                    _log.info("shard %d answers again", shard)
                self._lost.discard(shard)
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY):
                    await self._doubted[shard].wait()


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)
