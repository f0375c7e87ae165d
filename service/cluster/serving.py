"""The whole service on Ray, from its start to its end."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.archive import Archive
from retrieval.errors import ArchiveMismatch, OnRecordError
from retrieval.sharded.manifest import Manifest
from service.settings import Misconfigured, Settings, local_address

_log = logging.getLogger(__name__)


class NotServed(OnRecordError):
    """Ray Serve has not taken up the service."""


def serve_on_ray(settings: Settings, address: str, reranker: str | None) -> None:
    """Serve an archive in shards until a signal ends the process.

    Raises:
        ArchiveError: There is no archive in shards in that folder.
        Misconfigured: Settings that Serve cannot go by.
        NoCluster: See ``connected``.
        NotServed: A shard cannot be opened, or the port is taken.
    """
    with serving(settings, address, reranker):
        # Here, as Ray sets a handler of its own: leave in the ordinary way, which ends the service in order.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _log.info("serving %s on %s", settings.archive, local_address(settings))
        while True:
            signal.pause()


@contextmanager
def serving(settings: Settings, address: str, reranker: str | None = None) -> Iterator[None]:
    """Inside, the service answers; see ``serve_on_ray``."""
    from ingest.cluster.connection import LOCAL, connected

    shards = shards_of(settings)
    if settings.port == 0:
        raise Misconfigured("with --ray the port cannot be any free one: give a --port other than 0")
    if " " in sys.executable:
        raise Misconfigured(
            f"Ray Serve starts no process by a path with a space ({sys.executable}): install onrecord in another folder"
        )
    if address == LOCAL:
        # Read when Ray is imported: what listens in a cluster of our own does so on loopback.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    with connected(address, show=True):
        from ray import serve

        from service.cluster.ingress import INGRESS, ingress_application
        from service.cluster.shards import shard_application, shard_name

        names = [INGRESS, *map(shard_name, range(shards))]
        try:
            serve.start(
                http_options={"host": settings.host, "port": settings.port},
                proxy_location="EveryNode",
                # What Serve's proxies have from their controller: uvicorn in them asks this for whom it believes.
                controller_options={"runtime_env": {"env_vars": {"FORWARDED_ALLOW_IPS": settings.trusted_proxies}}},
                logging_config={"enable_access_log": False, "log_level": "WARNING"},
            )
            serve.run_many(
                [
                    serve.RunTarget(shard_application(settings, number), shard_name(number), None)
                    for number in range(shards)
                ]
            )
            serve.run(ingress_application(settings, reranker), name=INGRESS)
        except (RuntimeError, TimeoutError) as error:
            raise NotServed(f"Ray Serve has not taken up the service: {_last_line(error)}") from error
        else:
            yield
        finally:
            if address == LOCAL:
                serve.shutdown()
            else:
                for name in names:
                    serve.delete(name)


def shards_of(settings: Settings) -> int:
    """How many shards the archive has.

    Raises:
        ArchiveMismatch: It is in one piece.
        ArchiveMissing: There is none.
    """
    if Archive.exists(settings.archive) and not Manifest.exists(settings.archive):
        raise ArchiveMismatch(
            f"the archive in {settings.archive} is in one piece; put it into shards with: "
            f"onrecord reshard --archive {settings.archive} --shards N, or serve it without --ray"
        )
    return Manifest.read(settings.archive).shards


def _last_line(error: BaseException) -> str:
    return str(error).strip().rpartition("\n")[2][:300]
