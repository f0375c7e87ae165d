"""A service that is killed at any moment loses nothing that it has acknowledged, and invents nothing.

The real service in a process of its own, under writers and readers; killed with SIGKILL at moments drawn from a seed.
ONRECORD_KILLS=50 kills more often than the suite has time for.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from evals.bench.processes import free_port
from retrieval import Archive
from service.keys import Keyring
from tests.conftest import ROOT
from tests.hashing import HashingEncoder

KILLS = int(os.environ.get("ONRECORD_KILLS", "6"))
WRITERS, READERS, ARTICLES = 3, 3, 6


@dataclass
class Article:
    """What one article may hold, as its only writer knows.

    Attributes:
        acknowledged: Its text after the last change that was acknowledged; None if it is not there.
        attempted: What a change that was not acknowledged would have made of it, if there was one.
    """

    acknowledged: str | None = None
    attempted: list[str | None] = field(default_factory=list)

    @property
    def possible(self) -> list[str | None]:
        return [self.acknowledged, *self.attempted]


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The service on a free port, and its address; killed at the end, if it still lives."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.service.serving", str(folder), str(port)], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(12_000):
            assert process.poll() is None, "the service did not start"
            try:
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.01)
        else:
            raise AssertionError("the service is not ready")
        yield process, address
    finally:
        process.kill()
        process.wait()


class Client(threading.Thread):
    """Somebody who uses the service until it dies; an answer that it should not give is a failure."""

    def __init__(self, address: str, key: str, chance: random.Random) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.requests = 0
        self._http = httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=30)
        self._chance = chance

    def run(self) -> None:
        with self._http:
            while not self.failures:
                try:
                    self.once()
                except httpx.TransportError:
                    return
                self.requests += 1

    def once(self) -> None:
        raise NotImplementedError


class Writer(Client):
    """Puts, changes and deletes articles that are its own."""

    def __init__(self, address: str, key: str, chance: random.Random, articles: dict[str, Article]) -> None:
        super().__init__(address, key, chance)
        self._articles = articles

    def once(self) -> None:
        name = self._chance.choice(sorted(self._articles))
        article = self._articles[name]
        text = None
        if article.acknowledged is None or self._chance.random() < 0.7:
            number = self._chance.randrange(10**9)
            text = (
                f"The ferry of {name} carries number {number}.\n\n“Number {number} leaks,” said Ines Okafor of {name}."
            )
        article.attempted = [text]
        if text is None:
            response = self._http.delete(f"/v1/articles/{name}")
        else:
            response = self._http.put(f"/v1/articles/{name}", json={"text": text})
        if response.status_code not in (200, 201, 204):
            self.failures.append(f"{response.request.method}: {response.status_code} {response.text}")
        article.acknowledged, article.attempted = text, []


class Reader(Client):
    """Asks, and sees that each answer agrees with itself."""

    def once(self) -> None:
        asked = self._chance.choice(["what did Okafor say?", "which ferry leaks?", "number"])
        response = self._http.post("/v1/ask", json={"question": asked, "k": 5})
        if response.status_code != 200:
            self.failures.append(f"ask: {response.status_code} {response.text}")
            return
        for hit in response.json()["passages"]:
            if "".join(part["text"] for part in hit["segments"]) != hit["text"]:
                self.failures.append(f"segments of {hit['id']}")


def use_and_kill(folder: Path, key: str, articles: dict[str, Article], chance: random.Random) -> int:
    """Start the service, use it, kill it; returns how many requests were answered."""
    names = sorted(articles)
    with running(folder) as (process, address):
        clients: list[Client] = [
            Writer(address, key, random.Random(chance.random()), {name: articles[name] for name in names[n::WRITERS]})
            for n in range(WRITERS)
        ]
        clients += [Reader(address, key, random.Random(chance.random())) for _ in range(READERS)]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.0, 1.2))
        process.send_signal(signal.SIGKILL)
        for client in clients:
            client.join()
    assert [failure for client in clients for failure in client.failures] == []
    return sum(client.requests for client in clients)


def settle(folder: Path, articles: dict[str, Article]) -> None:
    """Compare every article, passage, vector and index entry with what was acknowledged."""
    with Archive.open(folder, load_encoder=lambda *_: HashingEncoder()) as archive:
        archive.refresh()
        held = {one.article.id: archive.article(one.article.id).article.text for one in archive.articles(limit=1000)[0]}
        assert archive.verify(every_vector=True) == []
    assert held.keys() <= articles.keys(), "an article that nobody put"
    for name, article in articles.items():
        assert held.get(name) in article.possible, f"{name} was {article.possible}"
        article.acknowledged, article.attempted = held.get(name), []


def test_a_service_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    folder, chance = tmp_path / "archive", random.Random(20_190_503)
    with Archive.create(folder, {"passage_tokens": "40"}, model="hashing", load_encoder=lambda *_: HashingEncoder()):
        pass
    key, _ = Keyring(folder).create(["ask", "ingest"])
    articles = {f"article-{number}": Article() for number in range(ARTICLES)}
    answered = 0
    for _ in range(KILLS):
        answered += use_and_kill(folder, key, articles, chance)
        settle(folder, articles)
    assert answered > KILLS
