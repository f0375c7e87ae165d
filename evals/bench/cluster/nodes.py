"""A cluster of Ray on one machine: each node a set of processes that keeps to a core of its own.

``python -m evals.bench.cluster.nodes NODES PINNED`` starts it, prints where it is as a line of JSON, and ends it when
standard input ends.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.bench.errors import BenchFailed

# Bytes of each node's object store: what is on its way is small.
_STORE = 200_000_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        address: What `--ray` is told.
        process: Of which all of its processes are children.
        seconds: That its start took.
    """

    address: str
    process: int
    seconds: float


@contextmanager
def nodes(count: int, *, pinned: bool = False) -> Iterator[Cluster]:
    """A cluster while it runs, with nothing of it left behind.

    Args:
        count: Nodes besides the one that keeps the books, which then runs no work; 0 for that one alone.
        pinned: Whether each of several keeps to a core of its own, as long as there are any, and the whole cluster to
            these.

    Raises:
        BenchFailed: It did not start.
    """
    # Not where other clusters of this machine say what their address is. Short: it begins the paths of sockets.
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as place:
        command = (sys.executable, "-m", "evals.bench.cluster.nodes", str(count), str(int(pinned)))
        environment = {**os.environ, **VARIABLES, "RAY_TMPDIR": place}
        if path := os.environ.get("PYTHONPATH"):
            # Ray's processes work elsewhere.
            environment["PYTHONPATH"] = os.pathsep.join(str(Path(one).absolute()) for one in path.split(os.pathsep))
        began = time.monotonic()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        ) as process:
            # When its standard input ends, which it does at the latest when this process does, the cluster ends.
            said = process.stdout.readline() if process.stdout else ""
            if not said:
                raise BenchFailed("the cluster of Ray did not start; it says why above")
            try:
                yield Cluster(json.loads(said), process.pid, time.monotonic() - began)
            finally:
                process.communicate()


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """What this thread starts meanwhile keeps to the first so many cores of this machine."""
    own = cores()
    os.sched_setaffinity(0, own[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def cores() -> list[int]:
    """The cores that this may use, by number."""
    return sorted(os.sched_getaffinity(0))


# Nothing is told to anybody, all of it is on loopback, where it obeys nobody else on this machine, and memory is
# watched by who runs the bench, not by ending what is measured.
VARIABLES = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_memory_monitor_refresh_ms": "0",
}


def _main() -> None:
    count, pinned = map(int, sys.argv[1:])
    from ray.cluster_utils import Cluster as RayCluster  # noqa: PLC0415  seconds, and an extra

    of_all: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _STORE}
    own = cores()[:count] if pinned else cores()
    of_head = 0 if count else len(own)
    os.sched_setaffinity(0, own)
    cluster = RayCluster(initialize_head=True, head_node_args={**of_all, "num_cpus": of_head})
    for number in range(count):
        if pinned:
            # What a process starts keeps to its cores.
            os.sched_setaffinity(0, {own[number % len(own)]})
        cluster.add_node(**of_all, num_cpus=1 if pinned else len(own))
    print(json.dumps(cluster.address), flush=True)  # noqa: T201
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    _main()
