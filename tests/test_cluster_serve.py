"""The service on Ray Serve: the answers of the plain one, and what becomes of them when parts of it die."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from evals.bench.processes import free_port
from ingest.pipeline import archive_settings, ingest
from ingest.read import read
from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest, owner
from service.app import create_app
from service.cluster.serving import serving
from service.keys import Keyring
from service.settings import Settings
from tests.conftest import ROOT, SEEDS
from tests.service.test_cli import onrecord, process

# What Ray's own imports and its own sockets are warned of.
pytestmark = [
    pytest.mark.skipif(" " in sys.executable, reason="Ray Serve starts no process by a path with a space"),
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SHARDS, REPLICAS = 2, 2
QUESTIONS = (
    "what did Loughton say about caseloads?",
    "what did Narey say about vacancy rates?",
    "Who was critical of the Munro review?",
    "adoption",
    "the price of fish in Iceland",
)
# Long enough for processes that start while others are asked, on few cores.
DEADLINE = 20.0


@dataclass
class Cluster:
    """A service on Ray, and a way to what is behind it."""

    settings: Settings
    client: httpx.Client
    key: str

    def replicas(self, shard: int) -> set[int]:
        """Processes that answer for a shard, of those that did to some calls."""
        return {pid for pid, _ in self.told(shard)}

    def told(self, shard: int) -> set[tuple[int, int]]:
        from ray import serve

        handle = serve.get_deployment_handle(f"shard-{shard}", f"shard-{shard}")
        begun = [handle.status.remote() for _ in range(4 * REPLICAS)]
        return {one.result(timeout_s=60) for one in begun}

    def settled(self, shard: int) -> set[int]:
        """All the processes that answer for a shard, once they are as many as there should be and none is to end."""
        from ray import serve

        found: set[int] = set()

        def all_answer() -> bool:
            nonlocal found
            states = serve.status().applications[f"shard-{shard}"].deployments[f"shard-{shard}"].replica_states
            found = self.replicas(shard)
            return states == {"RUNNING": REPLICAS} and len(found) == REPLICAS

        until(all_answer)
        return found

    def ask(self, question: str, **more: Any) -> httpx.Response:
        return self.client.post("/v1/ask", json={"question": question, "k": 5, **more})

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, model_folder: Path) -> Path:
    made = tmp_path_factory.mktemp("sharded") / "archive"
    made.mkdir()
    (made / "model").symlink_to(model_folder, target_is_directory=True)
    ShardedArchive.make(made, SHARDS, archive_settings(), load_encoder=lambda *_: encoder)
    archive = ShardedArchive.over(made, load_encoder=lambda *_: encoder)
    assert not ingest(archive, read([str(SEEDS)])).failed
    archive.close()
    return made


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[Cluster]:
    key, _ = Keyring(folder).create(["ask", "ingest", "admin"], [], None)
    settings = Settings(
        archive=folder,
        port=free_port(),
        shard_replicas=REPLICAS,
        shard_deadline=DEADLINE,
        deadline=100,
        shard_cpus=0.01,
        workers=8,
        rate_secret="",
        answer_cache_bytes=0,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("HF_HUB_OFFLINE", "1")
        with (
            serving(settings, "local"),
            httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=120) as client,
        ):
            until(lambda: client.get("/readyz").status_code == 200)
            yield Cluster(settings, client, key)


def until(holds: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for something that has to come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


@dataclass
class Load:
    """What became of questions that were asked without a pause.

    Attributes:
        outcomes: Of each, its status, or what went wrong; "partial" where part of the archive answered.
        seconds: Of each, how long it took.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return self.outcomes.total()

    def told(self) -> Mapping[str, Any]:
        ordered = sorted(self.seconds)
        at = {name: round(ordered[int(len(ordered) * part)], 3) for name, part in (("p50", 0.5), ("p99", 0.99))}
        return {"requests": self.asked, **self.outcomes, **at}


@contextmanager
def load(cluster: Cluster, clients: int = 4) -> Iterator[Load]:
    """Inside, so many clients ask one question after the other, no two of them alike."""
    found, ended, guard = Load(), threading.Event(), threading.Lock()

    def one(name: int) -> None:
        with httpx.Client(base_url=str(cluster.client.base_url), timeout=60) as client:
            count = 0
            while not ended.is_set():
                count += 1
                began = time.monotonic()
                try:
                    answer = client.post("/v1/ask", json={"question": f"caseloads {name} {count}", "k": 3})
                    outcome = str(answer.status_code)
                    if answer.status_code == 200 and answer.json().get("partial"):
                        outcome = "partial"
                except httpx.HTTPError as error:
                    outcome = type(error).__name__
                with guard:
                    found.outcomes[outcome] += 1
                    found.seconds.append(time.monotonic() - began)

    threads = [threading.Thread(target=one, args=(name,)) for name in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def plain_service(cluster: Cluster, archive: Archive) -> TestClient:
    """The service without Ray, asked under the same address."""
    app = create_app(archive, Settings(public_ask=True))
    return TestClient(app, str(cluster.client.base_url), client=("127.0.0.1", 1))


def shown(answer: httpx.Response) -> Mapping[str, Any]:
    """An answer without its time and its name, and without what names the state of the archive."""
    found: dict[str, Any] = answer.json()
    del found["took_ms"], found["query_id"], found["archive"]["version"]
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answers_are_those_of_the_plain_service(cluster: Cluster, seeds: Archive, question: str) -> None:
    with plain_service(cluster, seeds) as plain:
        expected = plain.post("/v1/ask", json={"question": question, "k": 5})
        page = plain.get("/ask", params={"q": question})
    assert json.dumps(shown(cluster.ask(question))) == json.dumps(shown(expected))  # type: ignore[arg-type]
    assert cluster.client.get("/ask", params={"q": question}).text == page.text


def test_everything_around_an_answer_is_as_in_the_plain_service(cluster: Cluster, seeds: Archive) -> None:
    ours = cluster.client.get("/v1/stats", headers={"X-Request-Id": "mine"})
    with plain_service(cluster, seeds) as plain:
        theirs = plain.get("/v1/stats", headers={"X-Request-Id": "mine"})
    assert set(ours.headers) - {"date", "server"} == set(theirs.headers)
    assert ours.headers.get_list("x-request-id") == ["mine"]
    assert cluster.client.get("/v1/stats", headers={"If-None-Match": ours.headers["etag"]}).status_code == 304
    assert cluster.client.get("/v1/questions").status_code == 401
    assert cluster.client.get("/v1/ask?q=x", headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert cluster.client.get("/").status_code == 200


def test_an_article_that_was_put_is_found_and_one_that_was_deleted_is_not(cluster: Cluster) -> None:
    client, headers = cluster.client, cluster.headers()
    lines = [{"id": f"bees-{number}", "text": f"Bees number {number} swarm over Harwich."} for number in range(4)]
    assert {owner(str(one["id"]), SHARDS) for one in lines} == {0, 1}
    assert client.put("/v1/articles/bees-0", json=lines[0], headers=headers).status_code == 201
    body = "".join(f"{json.dumps(one)}\n" for one in lines)
    told = client.post("/v1/articles", content=body, headers={**headers, "Content-Type": "application/x-ndjson"})
    assert [json.loads(line).get("outcome") for line in told.text.splitlines()[:-1]] == ["unchanged", *["new"] * 3]
    found = {one["citation"]["article_id"] for one in cluster.ask("bees over Harwich").json()["passages"]}
    assert {"bees-0", "bees-1", "bees-2", "bees-3"} <= found
    for number in range(4):
        assert client.delete(f"/v1/articles/bees-{number}", headers=headers).status_code == 204
        assert client.get(f"/v1/articles/bees-{number}").status_code == 404
    passages = cluster.ask("bees over Harwich").json()["passages"]
    assert not [one for one in passages if one["citation"]["article_id"].startswith("bees")]


def listening(process: int) -> list[IPv6Address]:
    """Addresses on which a process listens; those of IPv4 as IPv6 has them."""
    place = Path("/proc", str(process))
    own = {one.readlink().name for one in (place / "fd").iterdir() if one.is_symlink()}
    found = []
    for family in ("tcp", "tcp6"):
        for line in (place / "net" / family).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in own:
                words = bytes.fromhex(local.partition(":")[0])  # each of four bytes, the last one first
                address = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
                found.append(IPv6Address(address if family == "tcp6" else _MAPPED + address))
    return found


_MAPPED = bytes(10) + b"\xff\xff"


def test_where_a_replica_takes_calls_from_anybody_it_listens_on_loopback(cluster: Cluster) -> None:
    """All but one port: that of Ray itself, which asks for the token of the cluster."""
    for pid in cluster.settled(0) | cluster.settled(1):
        found = listening(pid)
        assert len(found) == 2
        assert IPv6Address(_MAPPED + bytes((127, 0, 0, 1))) in found


def test_replicas_that_are_killed_fail_no_request(cluster: Cluster) -> None:
    with load(cluster) as found:
        for shard in range(SHARDS):
            os.kill(next(iter(cluster.settled(shard))), signal.SIGKILL)
            asked = found.asked
            until(lambda asked=asked: found.asked > asked + 20)  # type: ignore[misc]
    assert set(found.outcomes) == {"200"}


def test_indexes_are_replaced_while_questions_are_answered(cluster: Cluster, encoder: Encoder) -> None:
    wanted = {(pid, 1) for pid in cluster.settled(0)}
    told: set[tuple[int, int]] = set()
    with load(cluster, clients=2) as found:
        # In a process of its own: in this one Ray shows what the service logs meanwhile, among the errors.
        replaced = process("shards", "replace", "0", "--archive", str(cluster.settings.archive))
        assert (replaced.returncode, replaced.stderr) == (0, "")

        def all_renewed() -> bool:
            told.update(cluster.told(0))
            return wanted <= told

        until(all_renewed)
    assert found.asked
    assert set(found.outcomes) == {"200"}
    made = Manifest.read(cluster.settings.archive).paths(cluster.settings.archive)[0]
    with Archive.open(made, load_encoder=lambda *_: encoder) as shard:
        assert shard.verify() == []


def test_a_shard_that_is_slow_is_waited_for_until_the_deadline(cluster: Cluster) -> None:
    stopped = cluster.settled(1)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        found = cluster.ask("who spoke about slow things?").json()
        assert (found["partial"], found["missing_shards"]) == (True, [1])
        until(lambda: cluster.client.get("/healthz").json() == {"status": "partial", "missing_shards": [1]})
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    until(lambda: cluster.client.get("/healthz").json() == {"status": "ok"})
    assert "partial" not in cluster.ask("who spoke about slow things?").json()


def test_a_lost_shard_is_missing_from_every_answer_and_each_says_so(cluster: Cluster, folder: Path) -> None:
    from ray import serve

    from service.cluster.shards import shard_application

    whole = [one["citation"]["article_id"] for one in cluster.ask("children", k=50).json()["passages"]]
    gone = next(one for one in whole if owner(one, SHARDS) == 0)
    serve.delete("shard-0")
    until(lambda: cluster.client.get("/healthz").json() == {"status": "partial", "missing_shards": [0]})
    for question in QUESTIONS:
        found = cluster.ask(question).json()
        assert (found["partial"], found["missing_shards"]) == (True, [0])
        assert all(owner(one["citation"]["article_id"], SHARDS) == 1 for one in found["passages"])
    client = cluster.client
    told = client.get("/v1/ask", params={"q": QUESTIONS[0]})
    assert ("etag" in told.headers, told.headers["cache-control"]) == (False, "no-store")
    assert "Part of the archive did not answer: shard 0." in client.get("/ask", params={"q": "caseloads"}).text
    assert client.get("/readyz").json() == {"status": "partial", "missing_shards": [0]}
    assert "onrecord_shards_missing 1.0" in client.get("/metrics", headers=cluster.headers()).text
    refused = [
        client.get(f"/v1/articles/{gone}"),
        client.delete(f"/v1/articles/{gone}", headers=cluster.headers()),
        client.put(f"/v1/articles/{gone}", json={"text": "Another text."}, headers=cluster.headers()),
    ]
    assert [(one.status_code, one.headers["retry-after"]) for one in refused] == [(503, "2")] * 3
    serve.run(shard_application(cluster.settings, 0), name="shard-0", route_prefix=None)
    until(lambda: client.get("/healthz").json() == {"status": "ok"})
    assert "partial" not in cluster.ask(QUESTIONS[0]).json()


def test_shards_of_another_generation_are_not_taken_for_those_that_are_served(cluster: Cluster, folder: Path) -> None:
    """What `onrecord reshard` leaves behind a service: a replica that is started anew opens what is there now."""
    manifest = Manifest.read(folder)
    replace(manifest, generation=manifest.generation + 1).write(folder)
    try:
        for pid in cluster.settled(0):
            os.kill(pid, signal.SIGKILL)
        until(lambda: cluster.client.get("/healthz").json() == {"status": "partial", "missing_shards": [0]})
        found = cluster.ask("who was asked of other shards?").json()
        assert (found["partial"], found["missing_shards"]) == (True, [0])
    finally:
        manifest.write(folder)
    for pid in cluster.settled(0):
        os.kill(pid, signal.SIGKILL)
    until(lambda: cluster.client.get("/healthz").json() == {"status": "ok"})


def test_what_is_no_archive_in_shards_is_refused_with_what_to_do(seeds_folder: Path, tmp_path: Path) -> None:
    told = onrecord("serve", "--ray", "local", "--archive", str(seeds_folder))
    assert told.returncode == 1
    assert f"onrecord reshard --archive {seeds_folder} --shards N" in told.stderr
    assert onrecord("serve", "--ray", "local", "--archive", str(tmp_path)).returncode == 1


def test_nothing_of_ray_is_imported_by_what_does_not_need_it(
    seeds_folder: Path, model_folder: Path, tmp_path: Path
) -> None:
    copied = shutil.copytree(seeds_folder, tmp_path / "archive")
    (copied / "model").symlink_to(model_folder, target_is_directory=True)
    code = (
        "import sys\n"
        "from service.cli import app\n"
        f"app(['ask', 'caseloads', '--archive', {str(copied)!r}], standalone_mode=False)\n"
        "import service.app, service.server\n"
        "sys.exit('ray' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True).returncode == 0
