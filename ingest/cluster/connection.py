"""Ray, as long as it is needed: a cluster that runs already, or one of this process's own."""

import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.errors import OnRecordError

LOCAL = "local"
"""In place of an address: a cluster of this process's own, on this machine."""

# Bytes of the shared memory of a cluster of our own. What is on its way is small: batches of articles, answers.
_OBJECT_STORE = 200_000_000
# Seconds until an address counts as one where nothing answers. Ray itself would try for minutes, then end the process.
_PATIENCE = 5.0
# Ray puts the address of a network in place of 127.0.0.1. Elsewhere than on Linux it does not, nor is there another.
_LOOPBACK = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"


class NoCluster(OnRecordError):
    """There is no Ray to work on."""


@contextmanager
def connected(address: str = LOCAL, *, cpus: int | None = None, show: bool = False) -> Iterator[None]:
    """Have Ray connected; where this process is connected already, that is what is used, and it stays so.

    A cluster of our own has no dashboard, tells nobody that it is used, listens on loopback only, obeys this process
    and those that it starts, and is gone afterwards with all its files. One that was running is only let go of.

    Args:
        address: ``local``; ``auto`` for the cluster that runs on this machine, or that ``RAY_ADDRESS`` names; else
            HOST:PORT of the head of a cluster of which this machine is a node.
        cpus: Of a cluster of our own, how many cores it counts; those of the machine if not given.
        show: Whether what is logged in other processes is shown by this one.

    Raises:
        NoCluster: Ray is not installed, or nothing answers at this address.
    """
    # Read when Ray is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray  # noqa: PLC0415  an extra
    except ImportError as error:
        raise NoCluster("--ray needs Ray, which is not installed: pip install 'onrecord[cluster]'") from error
    if ray.is_initialized():
        yield
        return
    with _own(cpus, show) if address == LOCAL else _running(address, show):
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def _own(cpus: int | None, show: bool) -> Iterator[None]:
    import ray  # noqa: PLC0415

    # It would write one into the home folder, where it stays. The same for all of this process: Ray keeps the first.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    # Paths of sockets in it have an end after 107 bytes, which a long TMPDIR could pass.
    folder = tempfile.mkdtemp(prefix="ray-")
    try:
        ray.init(
            address=LOCAL,
            num_cpus=cpus,
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE,
            log_to_driver=show,
            logging_level=logging.ERROR,
            _temp_dir=folder,
            _node_ip_address=_LOOPBACK,
        )
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a process of Ray's that ends may still be writing to its log


@contextmanager
def _running(address: str, show: bool) -> Iterator[None]:
    import ray  # noqa: PLC0415

    if address != "auto":
        _reach(address)
    try:
        ray.init(address=address, log_to_driver=show, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise NoCluster(
            f"no Ray at {address} that this machine is a node of ({reason}); start one with `ray start --head`, "
            "or leave the address out for one of this process's own"
        ) from error
    yield


def _reach(address: str) -> None:
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        raise NoCluster(f"{address!r} is no address of Ray: give HOST:PORT, auto or local")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise NoCluster(f"nothing answers at {address} ({error}); is Ray running there?") from error
