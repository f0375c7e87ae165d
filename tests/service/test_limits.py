"""How often who may ask."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits.aio.storage import MemoryStorage

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from service.app import create_app
from service.keys import Keyring
from service.limits import Limits, network
from service.settings import Misconfigured, Settings
from tests.service.conftest import SETTINGS, served
from tests.service.problem import problem_of

PORTAL = "https://portal.example"
UNLIMITED = {"rate_local": "", "rate_address": "", "rate_publishable": "", "rate_secret": ""}

Serve = Callable[..., Any]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Archive]:
    with Archive.create(
        tmp_path_factory.mktemp("limits") / "archive", SETTINGS, load_encoder=lambda *_: encoder
    ) as made:
        yield made


@pytest.fixture(scope="module")
def keys(archive: Archive) -> dict[str, str]:
    keyring = Keyring(archive.path)
    return {
        "secret": keyring.create(["ask"])[0],
        "another": keyring.create(["ask"])[0],
        "portal": keyring.create(["ask"], [PORTAL])[0],
    }


@pytest.fixture
def serve(archive: Archive) -> Serve:
    """Serve an archive with the given rates and no others."""

    @contextmanager
    def started(**given: Any) -> Iterator[httpx.Client]:
        with served(create_app(archive, Settings(**{**UNLIMITED, **given}))) as client:
            yield client

    return started


def stats(client: httpx.Client, key: str | None = None, address: str | None = None, **headers: str) -> httpx.Response:
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    if address is not None:
        headers["X-Forwarded-For"] = address
    return client.get("/v1/stats", headers=headers)


def codes(*responses: httpx.Response) -> list[int]:
    return [response.status_code for response in responses]


def test_what_is_left_is_told_and_one_too_many_is_refused(serve: Serve) -> None:
    with serve(public_ask=True, rate_address="2/hour") as client:
        first, second, third = (stats(client, address="192.0.2.7") for _ in range(3))
        other = stats(client, address="192.0.2.8")
    assert codes(first, second, other) == [200, 200, 200]
    assert [answer.headers["ratelimit-remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
    for answer in (first, second, third):
        assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-policy"]) == ("2", "2;w=3600")
        assert 0 <= int(answer.headers["ratelimit-reset"]) <= 3600
    problem = problem_of(third, 429)
    assert problem["type"] == "/problems/too-many-requests"
    assert 1 <= int(third.headers["retry-after"]) <= 3600
    assert "retry-after" not in first.headers


def test_the_tightest_of_several_rates_is_told(serve: Serve) -> None:
    with serve(public_ask=True, rate_address="100/hour;3/day") as client:
        answers = [stats(client, address="192.0.2.7") for _ in range(4)]
    assert codes(*answers) == [200, 200, 200, 429]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {"100;w=3600, 3;w=86400"}


def test_this_machine_has_a_rate_of_its_own(serve: Serve) -> None:
    with serve(rate_address="1/hour") as client:
        answers = [stats(client) for _ in range(3)]
        assert codes(*answers) == [200] * 3
        assert "ratelimit-limit" not in answers[0].headers
    with serve(rate_local="1/hour") as client:
        assert codes(stats(client), stats(client)) == [200, 429]


def test_a_secret_key_is_counted_wherever_it_is_used(serve: Serve, keys: dict[str, str]) -> None:
    with serve(rate_secret="2/hour", rate_address="1/hour") as client:
        answers = [stats(client, keys["secret"], f"192.0.2.{number}") for number in range(3)]
        assert codes(*answers) == [200, 200, 429]
        assert codes(stats(client, keys["another"], "192.0.2.1"), stats(client, keys["another"])) == [200, 200]


def test_a_publishable_key_is_counted_by_address_and_as_a_whole(serve: Serve, keys: dict[str, str]) -> None:
    def visit(client: httpx.Client, address: str) -> httpx.Response:
        return stats(client, keys["portal"], address, Origin=PORTAL)

    with serve(rate_publishable="3/hour", rate_address="2/hour") as client:
        # One visitor who is over does not use up what the others have.
        assert codes(*(visit(client, "192.0.2.1") for _ in range(5))) == [200, 200, 429, 429, 429]
        assert codes(visit(client, "192.0.2.2"), visit(client, "192.0.2.3")) == [200, 429]
        refused = visit(client, "192.0.2.3")
    assert refused.headers["access-control-allow-origin"] == PORTAL
    assert refused.headers["ratelimit-policy"] == "2;w=3600, 3;w=3600"


def test_wrong_keys_count_against_the_address_wherever_they_are_tried(serve: Serve) -> None:
    with serve(public_ask=True, rate_address="2/hour") as client:
        tries = [stats(client, "sk_" + "x" * 43, "192.0.2.7") for _ in range(2)]
        probe = client.get("/healthz", headers={"Authorization": "Bearer x", "X-Forwarded-For": "192.0.2.7"})
        assert codes(*tries, probe, stats(client, address="192.0.2.7")) == [401, 401, 429, 429]


def test_requests_that_are_refused_count(serve: Serve) -> None:
    with serve(rate_address="2/hour") as client:
        asked = [stats(client, address="192.0.2.7") for _ in range(3)]
    assert codes(*asked) == [401, 401, 429]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/static/site.css", "/widget/widget.js"])
def test_probes_and_files_are_not_counted(serve: Serve, path: str) -> None:
    with serve(rate_local="1/day", rate_address="1/day") as client:
        found = [client.get(path, headers={"X-Forwarded-For": "192.0.2.7"}) for _ in range(4)]
        assert 429 not in codes(*found)
        assert "ratelimit-limit" not in found[0].headers


def test_preflights_are_not_counted(serve: Serve, keys: dict[str, str]) -> None:
    asked = {"Origin": PORTAL, "Access-Control-Request-Method": "POST", "X-Forwarded-For": "192.0.2.7"}
    with serve(rate_address="1/day") as client:
        assert codes(*(client.options("/v1/ask", headers=asked) for _ in range(3))) == [204] * 3


def test_whoever_makes_addresses_up_is_one(serve: Serve) -> None:
    with serve(public_ask=True, rate_address="2/hour") as client:
        made_up = [stats(client, address=address) for address in ("x", "y" * 5000, "z:1:2")]
        assert codes(*made_up) == [200, 200, 429]
        of_one_customer = [stats(client, address=f"2001:db8::{number}:1") for number in (1, 2, 3)]
        assert codes(*of_one_customer) == [200, 200, 429]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_of_an_ipv6_address_the_network_counts(address: str, counted: str) -> None:
    assert network(address) == counted


# Where they are counted


def test_counters_that_have_expired_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_700_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    limits = Limits(Settings(rate_address="1/minute"))

    async def visits(first: int) -> list[bool]:
        quotas = [await limits.count(None, f"10.0.{n // 256}.{n % 256}", False) for n in range(first, first + 3000)]
        return [quota.exceeded for quota in quotas if quota is not None]

    storage = limits._limiter.storage
    assert isinstance(storage, MemoryStorage)
    assert asyncio.run(visits(0)) == [False] * 3000
    assert asyncio.run(visits(0)) == [True] * 3000
    clock[0] += 3600
    assert asyncio.run(visits(3000)) == [False] * 3000
    assert len(storage.expirations) < 5000
    assert asyncio.run(visits(0)) == [False] * 3000


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nobody_is_let_in_uncounted_while_redis_cannot_be_reached(
    serve: Serve, keys: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    storage = f"redis://user:secret-of-redis@127.0.0.1:{closed_port()}/0"
    with serve(public_ask=True, rate_storage=storage, rate_address="9/hour", rate_secret="9/hour") as client:
        refused = [
            stats(client, address="192.0.2.7"),
            stats(client, keys["secret"]),
            stats(client, "sk_unknown", "::2"),
        ]
        assert codes(client.get("/healthz"), client.get("/static/site.css")) == [200, 200]
    for response in refused:
        assert "redis" not in str(problem_of(response, 503)).lower()
    assert "the storage of the limits (ONRECORD_RATE_STORAGE) does not answer" in caplog.text
    assert "secret-of-redis" not in caplog.text


def test_a_redis_that_does_not_answer_is_not_waited_for_long(serve: Serve) -> None:
    """It accepts connections and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        storage = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with serve(public_ask=True, rate_storage=storage, rate_address="9/hour") as client:
            problem_of(stats(client, address="192.0.2.7"), 503)


@pytest.mark.parametrize("storage", ["", "memory", "sqlite://x", "http://user:hidden@x", "redis://h:port:hidden"])
def test_a_storage_that_there_is_not_is_named_without_its_password(storage: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="ONRECORD_RATE_STORAGE") as refused:
        Limits(Settings(rate_storage=storage))
    assert "hidden" not in str(refused.value)
