"""What Ray takes for nothing: calls that give back what they are given.

``python -m evals.bench.cluster.calls ADDRESS CALLS`` measures it and prints it as a line of JSON.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np

from evals.bench import processes
from evals.bench.cluster.figures import Bare, Call
from evals.bench.cluster.nodes import VARIABLES, Cluster
from evals.bench.figures import percentile

_THREADS = 8
_WARM = 20
# Of a core, as Ray counts: there may be one only.
_PART = 0.1
# What is sent and comes back. A question's vector has 384 coordinates; passages of an answer are some 20 kB.
_PAYLOADS: Mapping[str, Any] = {
    "1 kB": bytes(1_000),
    "100 kB": bytes(100_000),
    "1 MB": bytes(1_000_000),
    "array of 384": np.zeros(384, np.float32),
    "array of 1 MB": np.zeros(250_000, np.float32),
}


def bare(cluster: Cluster, calls: int) -> Bare:
    """What a cluster takes for nothing, and its memory before anything runs on it.

    Args:
        cluster: One that runs nothing else.
        calls: How often each is called.

    Raises:
        BenchFailed: Ray failed.
    """
    memory = processes.memory(cluster.process)
    used, began = processes.cpu_seconds(cluster.process), time.monotonic()
    time.sleep(_RESTING)
    idle = (processes.cpu_seconds(cluster.process) - used) / (time.monotonic() - began)
    printed, _ = processes.run(
        (sys.executable, "-m", "evals.bench.cluster.calls", cluster.address, str(cluster.process), str(calls)),
        VARIABLES,
    )
    said = json.loads(printed.strip().rpartition("\n")[2])
    return Bare(
        start_seconds=cluster.seconds,
        memory=memory,
        idle_cores=idle,
        calls={name: Call(**one) for name, one in said["calls"].items()},
    )


# Seconds over which a cluster that does nothing is watched.
_RESTING = 2.0


def _main() -> None:
    address, process, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    import ray  # noqa: PLC0415  seconds, and an extra
    from ray import serve  # noqa: PLC0415

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    serve.start(proxy_location="Disabled", logging_config={"enable_access_log": False})

    class Echo:
        def __call__(self, given: Any) -> Any:
            return given

    deployment = serve.deployment(max_ongoing_requests=2 * _THREADS, ray_actor_options={"num_cpus": _PART})(Echo)
    handle = serve.run(deployment.bind(), name="echo", route_prefix=None)
    timed = _Timed(process, calls)
    found = {name: timed.alone(lambda: handle.remote(given).result()) for name, given in _PAYLOADS.items()}  # noqa: B023
    small = _PAYLOADS["1 kB"]
    found[f"1 kB to {_THREADS} at a time"] = timed.alone(
        lambda: [one.result() for one in [handle.remote(small) for _ in range(_THREADS)]]
    )
    found[f"1 kB, {_THREADS} threads"] = timed.together(lambda: handle.remote(small).result())
    serve.shutdown()
    print(json.dumps({"calls": {name: asdict(one) for name, one in found.items()}}))  # noqa: T201


class _Timed:
    """Calls and their times."""

    def __init__(self, process: int, calls: int) -> None:
        self._processes = (process, os.getpid())
        self._calls = calls

    def alone(self, call: Callable[[], Any]) -> Call:
        """One after the other."""
        for _ in range(_WARM):
            call()
        used = self._used()
        took = sorted(self._took(call) for _ in range(self._calls))
        return self._call(took, used)

    def together(self, call: Callable[[], Any]) -> Call:
        """By several threads."""
        with ThreadPoolExecutor(_THREADS) as threads:
            list(threads.map(lambda _: call(), range(_WARM)))
            used = self._used()
            took = sorted(threads.map(lambda _: self._took(call), range(self._calls)))
        return self._call(took, used)

    def _call(self, took: list[float], used: float) -> Call:
        cpu = (self._used() - used) / self._calls
        return Call(percentile(took, 50) * 1000, percentile(took, 99) * 1000, cpu * 1000)

    def _took(self, call: Callable[[], Any]) -> float:
        began = time.perf_counter()
        call()
        return time.perf_counter() - began

    def _used(self) -> float:
        return sum(map(processes.cpu_seconds, self._processes))


if __name__ == "__main__":
    _main()
