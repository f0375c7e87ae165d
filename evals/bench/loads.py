"""Puts loads on services that run, each from a program of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from evals.bench import processes
from evals.bench.client import Job, Outcome
from evals.bench.errors import BenchFailed
from evals.bench.figures import Load, load_of


def asked(job: Job) -> Outcome:
    """Have a job done.

    Raises:
        BenchFailed: The client failed; questions that are not answered are no failure of it.
    """
    done = subprocess.run(
        (sys.executable, "-m", "evals.bench.client"),
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchFailed("the client of the bench failed; it says why above")
    return Outcome(**json.loads(done.stdout))


def put(job: Job, service: Sequence[int]) -> tuple[Load, Outcome]:
    """Have a job done by a service.

    Args:
        job: What to ask of it.
        service: Processes of which it and all that it needs to run are the descendants.

    Raises:
        BenchFailed: See ``asked``.
    """
    before = sum(map(processes.cpu_seconds, service))
    outcome = asked(job)
    # Of processes that have ended meanwhile nothing is counted, and of the others whole ticks of the clock.
    used = max(sum(map(processes.cpu_seconds, service)) - before, processes.TICK)
    load = load_of(
        outcome.latencies,
        outcome.errors,
        outcome.seconds,
        clients=job.clients,
        rate=job.rate,
        client_cpu=outcome.cpu_seconds,
        server_cpu=used,
    )
    return load, outcome
