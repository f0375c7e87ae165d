"""A shard as a deployment of Ray Serve: several processes that each have the same folder open."""

import asyncio
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ray import serve
from ray.serve import Application

from retrieval.archive import Archive
from retrieval.errors import OnRecordError
from retrieval.sharded.manifest import Manifest
from retrieval.sharded.shard import Shard
from service.cluster.placement import LAST_CALLS, keep_to_loopback, options
from service.settings import Settings, load

# Seconds from one look at a replica to the next, after which one that has died is replaced, and until one that does not
# answer has failed it.
_LOOK, _PATIENCE = 2.0, 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: what it returned, or what it raised on purpose, which is an answer as well.

    Anything else that it raises is a defect, which Serve logs and hands to the caller.
    """

    value: Any = None
    error: OnRecordError | None = None

    def result(self) -> Any:
        """What it returned.

        Raises:
            OnRecordError: It raised that.
        """
        if self.error is not None:
            raise self.error
        return self.value


class AnotherArchive(OnRecordError):
    """The archive was put into other shards since whoever asks has opened it."""


class ShardReplica:
    """One of the processes that answer for a shard. It never loads a model: questions come encoded."""

    def __init__(self, archive: Path, number: int, threads: int) -> None:
        """Open the shard and load its indexes, before Serve sends it anything.

        Args:
            archive: The folder of the archive that it is a part of.
            number: Its number.
            threads: Calls that are worked on at once.

        Raises:
            AnotherArchive: There is no such shard any more.
            ArchiveError: The shard cannot be opened.
        """
        keep_to_loopback()
        self._open = ExitStack()
        manifest = Manifest.read(archive)
        if number >= manifest.shards:
            raise AnotherArchive(f"{archive} was put into {manifest.shards} shards meanwhile; start the service again")
        self._generation = manifest.generation
        self._shard = Shard(Archive.open(manifest.paths(archive)[number]))
        self._open.callback(self._shard.close)
        self._shard.archive.refresh()
        self._threads = self._open.enter_context(ThreadPoolExecutor(threads, "shard"))
        # Of their own: neither a long call nor indexes that take long to load make a living replica look dead.
        self._looking = self._open.enter_context(ThreadPoolExecutor(1, "look"))
        self._loading = self._open.enter_context(ThreadPoolExecutor(1, "load"))
        self._loaded: Future[bool] | None = None
        self._renewed = 0

    async def call(self, generation: int, method: str, *arguments: Any) -> Outcome:
        """See ``Shard.call``; of the shards that a manifest of this generation is of, and no others."""
        if generation != self._generation:
            return Outcome(error=AnotherArchive("the archive was put into other shards; start the service again"))
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, method, arguments)

    def _call(self, method: str, arguments: tuple[Any, ...]) -> Outcome:
        try:
            return Outcome(self._shard.call(method, *arguments))
        except OnRecordError as error:
            return Outcome(error=error)

    async def check_health(self) -> None:
        """Asked by Serve every few seconds; one that raises three times is replaced."""
        await asyncio.get_running_loop().run_in_executor(self._looking, self._look)

    def _look(self) -> None:
        self._shard.archive.state()
        loaded = self._loaded
        if loaded is not None and loaded.done():
            self._loaded = None  # whatever came of it: it is tried again
            self._renewed += loaded.result()
        if self._loaded is None:
            # Where `onrecord shards replace` has put others in their place: one replica after the other loads these.
            self._loaded = self._loading.submit(self._shard.archive.take_up_indexes)

    async def status(self) -> tuple[int, int]:
        """Id of the process, and how often it has taken up indexes that were made anew."""
        return os.getpid(), self._renewed

    def __del__(self) -> None:
        """Serve ends a replica by this, when its calls are done."""
        self._open.close()


def shard_name(number: int) -> str:
    """What the deployment of a shard is called, and the application that it is in."""
    return f"shard-{number}"


def shard_application(settings: Settings, number: int) -> Application:
    """An application of one deployment: a shard can be deployed, replaced and lost without any other."""
    deployment = serve.deployment(
        ShardReplica,
        name=shard_name(number),
        num_replicas=settings.shard_replicas,
        max_ongoing_requests=settings.shard_threads,
        health_check_period_s=_LOOK,
        health_check_timeout_s=_PATIENCE,
        graceful_shutdown_timeout_s=settings.deadline,
        graceful_shutdown_wait_loop_s=LAST_CALLS,
        logging_config={"enable_access_log": False, "log_level": "WARNING"},
        ray_actor_options=options(settings, shard_name(number)),
    )
    return deployment.bind(settings.archive.resolve(), number, settings.shard_threads)


class ShardArguments(BaseModel):
    """Of ``shard``, as a configuration of Serve gives them; the other settings are in the environment."""

    archive: Path
    number: int


def shard(arguments: ShardArguments) -> Application:
    """What a configuration of Serve names as the ``import_path`` of a shard."""
    return shard_application(load(archive=arguments.archive), arguments.number)
