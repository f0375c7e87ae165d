"""Takes away what answers, while questions come."""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Self

from evals.bench import loads, processes
from evals.bench.client import Job
from evals.bench.cluster.figures import Killing, Losing
from evals.bench.cluster.same import Answer, article_text, ask, wrong
from evals.bench.cluster.systems import Served
from evals.bench.errors import BenchFailed

# As Serve's processes call themselves: the application is that of a shard, its number at the end of the name.
_REPLICA = re.compile(r"^ray::ServeReplica:shard-(\d+)\b")
# Of an answer that is made of some shards only.
_PARTIAL = '"partial":true'
# So far the whole archive's answers go, against which those of a part of it are held; the most that may be asked for.
_DEEP = 100
# Seconds within which a shard that has been given back has to answer again.
_BACK = 120.0


class Killer:
    """Kills a replica of a shard again and again, while it lasts; never the last of a shard, ready or not."""

    def __init__(self, served: Served, every: float, seed: int) -> None:
        """Nothing is killed before it is entered.

        Args:
            served: Of which the replicas are.
            every: Seconds between two.
            seed: Of who is killed.
        """
        self.killed = 0
        self._served = served
        self._every = every
        self._random = Random(seed)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="killer")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._ends.wait(self._every):
            spared = [one for one in replicas(self._served).values() if len(one) > 1]
            if spared:
                self.killed += _kill(self._random.choice(self._random.choice(spared)))


def replicas(served: Served) -> dict[int, list[int]]:
    """The processes that answer for each shard, by its number."""
    found: dict[int, list[int]] = {}
    for root in served.roots:
        for process, title in processes.titles(root).items():
            if match := _REPLICA.match(title):
                found.setdefault(int(match[1]), []).append(process)
    return found


def killing(served: Served, job: Job, shards: int, count: int, *, every: float, seed: int) -> Killing:
    """Ask while replicas are killed.

    Args:
        served: A service on Ray.
        job: What to ask, by how many, for how long.
        shards: That it has.
        count: Replicas of each.
        every: Seconds between two that are killed.
        seed: Of who is killed.

    Raises:
        BenchFailed: There are not so many replicas.
    """
    found = replicas(served)
    if sorted(found) != list(range(shards)) or any(len(one) != count for one in found.values()):
        raise BenchFailed(f"{shards} shards of {count} replicas were to be served; running are {found}")
    with Killer(served, every, seed) as killer:
        load, outcome = loads.put(replace(job, mark=_PARTIAL), served.roots)
    return Killing(shards, count, every, killer.killed, outcome.marked, load)


def losing(served: Served, whole: int, folder: Path, shards: int, questions: Sequence[str]) -> Losing:
    """Ask while a shard is away: its folder elsewhere, so that no replica of it can be started.

    Args:
        served: A service on Ray that was asked none of the questions.
        whole: Port of a service of the same articles that lacks nothing.
        folder: Of the shard, which is the last.
        shards: That there are.
        questions: What to ask.

    Raises:
        BenchFailed: The service does not answer, or not from all shards once that one is back.
    """
    with _away(served, folder, shards - 1):
        answers = [ask(served.port, question) for question in questions]
    deep = [ask(whole, question, _DEEP) for question in questions]
    _wait_until_whole(served)
    again = [ask(served.port, question) for question in questions]
    before = [ask(whole, question) for question in questions]
    return Losing(
        shards=shards,
        questions=len(questions),
        partial=sum(_says_so(one, shards - 1) for one in answers),
        wrong=sum(wrong(one, all_, partial(article_text, whole)) for one, all_ in zip(answers, deep, strict=True)),
        again=sum(_ids(a) == _ids(b) for a, b in zip(again, before, strict=True)),
    )


@contextmanager
def _away(served: Served, folder: Path, shard: int) -> Iterator[None]:
    elsewhere = folder.with_name(f"{folder.name}.away")
    folder.rename(elsewhere)
    try:
        for process in replicas(served)[shard]:
            _kill(process)
        yield
    finally:
        elsewhere.rename(folder)


def _wait_until_whole(served: Served) -> None:
    ends = time.monotonic() + _BACK
    # Asked differently each time: an answer that was kept says nothing of the shards.
    while ask(served.port, f"Who is back at {time.monotonic()}?").get("partial"):
        if time.monotonic() > ends:
            raise BenchFailed(f"a shard that was given back does not answer after {_BACK:.0f} seconds")
        time.sleep(0.5)


def _says_so(answer: Answer, shard: int) -> bool:
    return answer.get("partial") is True and answer.get("missing_shards") == [shard]


def _ids(answer: Answer) -> list[str]:
    return [one["id"] for one in answer["passages"]]


def _kill(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:  # it has ended by itself
        return False
    return True
