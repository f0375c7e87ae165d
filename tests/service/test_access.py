"""Who may do what, seen from outside: a real server, asked in every way that people and pages ask."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from service.access import is_loopback, scope_needed
from service.app import create_app
from service.keys import Keyring
from service.settings import Settings
from tests.service.conftest import SETTINGS, served
from tests.service.problem import problem_of

PORTAL, OTHER, STRANGER = "https://portal.example", "https://other.example:8443", "https://evil.example"
LET_IN = 0

DEPLOYMENTS: Mapping[str, dict[str, Any]] = {
    "local": {},
    "public": {"public_ask": True},
    "closed": {"public_ask": False},
    "exposed": {"host": "0.0.0.0"},
}


class Deployment:
    """A service in each of four deployments over one archive, and a key of each kind for it."""

    def __init__(self, clients: Mapping[str, httpx.Client], folder: Path) -> None:
        self.clients = clients
        self.keyring = Keyring(folder)
        made = {
            "ask": self.keyring.create(["ask"]),
            "ingest": self.keyring.create(["ingest"]),
            "admin": self.keyring.create(["admin"]),
            "portal": self.keyring.create(["ask"], [PORTAL, "http://localhost:3000"]),
            "other": self.keyring.create(["ask"], [OTHER]),
            "revoked": self.keyring.create(["admin"]),
        }
        self.keyring.revoke(made["revoked"][1].id)
        long_ago = datetime(2001, 1, 1, tzinfo=UTC)
        made["expired"] = Keyring(folder, lambda: long_ago).create(["ask"], [STRANGER], long_ago + timedelta(1))
        self.keys = {name: text for name, (text, _) in made.items()} | {"unknown": "sk_" + "x" * 43}

    def ask(
        self,
        method: str,
        path: str,
        key: str | None = None,
        origin: str | None = None,
        where: str = "local",
        **more: Any,
    ) -> httpx.Response:
        headers = more.pop("headers", {})
        if key is not None:
            headers["Authorization"] = f"Bearer {self.keys[key]}"
        if origin is not None:
            headers["Origin"] = origin
        return self.clients[where].request(method, path, headers=headers, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("access") / "archive"


@pytest.fixture(scope="module")
def service(folder: Path, encoder: Encoder) -> Iterator[Deployment]:
    with Archive.create(folder, SETTINGS, load_encoder=lambda *_: encoder) as archive, ExitStack() as running:
        clients = {}
        for name, given in DEPLOYMENTS.items():
            app = create_app(archive, Settings(**given))
            app.add_api_route("/v1/who", _who, include_in_schema=False)
            clients[name] = running.enter_context(served(app))
        yield Deployment(clients, folder)


async def _who(request: Request) -> dict[str, Any]:
    return asdict(request.state.caller)


def was(response: httpx.Response, status: int) -> None:
    """See that a request was let in, whatever came of it there, or refused with a problem of a status."""
    if status == LET_IN:
        assert response.status_code not in (401, 403, 429, 500, 503), response.text
    else:
        problem_of(response, status)


READ, PUT, DELETE, STREAM = "GET /v1/stats", "PUT /v1/articles/x", "DELETE /v1/articles/x", "POST /v1/articles"
FEEDBACK, QUESTIONS = "POST /v1/feedback", "GET /v1/questions"
ANYTHING_ELSE, METRICS, HEALTH = "GET /v1/new", "GET /metrics", "GET /healthz"


@pytest.mark.parametrize(
    ("where", "key", "request_line", "status"),
    [
        ("local", None, READ, LET_IN),
        ("local", None, ANYTHING_ELSE, LET_IN),
        ("local", None, METRICS, LET_IN),
        ("local", None, FEEDBACK, LET_IN),
        ("local", None, QUESTIONS, 401),
        ("local", None, "GET /v1/questions%0A", 401),
        ("local", None, "GET /v1/questions/x", 401),
        ("local", None, "GET /v1/failures", 401),
        ("local", "ask", "GET /v1/failures", 403),
        ("local", None, PUT, 401),
        ("local", None, DELETE, 401),
        ("local", None, STREAM, 401),
        ("local", None, "POST /v1/articles%0A", 401),
        ("local", None, "PUT /v1/articles/a%2Fb", 401),
        ("local", None, "PUT /v1/articles/..%2F..%2Fhealthz", 401),
        ("local", None, HEALTH, LET_IN),
        ("public", None, READ, LET_IN),
        ("public", None, FEEDBACK, LET_IN),
        ("public", None, QUESTIONS, 401),
        ("public", None, PUT, 401),
        ("public", None, STREAM, 401),
        ("public", None, METRICS, LET_IN),
        ("closed", None, READ, 401),
        ("closed", None, "HEAD /v1/stats", 401),
        ("closed", None, ANYTHING_ELSE, 401),
        ("closed", None, METRICS, 401),
        ("closed", None, "GET /metrics%0A", 401),
        ("closed", None, "GET /healthz%0A", 401),
        ("closed", None, "OPTIONS /v1/stats", 401),
        ("closed", None, HEALTH, LET_IN),
        ("closed", None, "GET /readyz", LET_IN),
        ("closed", None, "GET /openapi.json", LET_IN),
        ("closed", None, "GET /docs", LET_IN),
        ("closed", None, "GET /static/site.css", LET_IN),
        ("closed", None, "GET /widget/widget.js", LET_IN),
        ("exposed", None, READ, 401),
        ("exposed", None, METRICS, 401),
        ("exposed", None, HEALTH, LET_IN),
        ("exposed", "ask", READ, LET_IN),
        ("closed", "ask", READ, LET_IN),
        ("closed", "ask", METRICS, 403),
        ("closed", None, FEEDBACK, 401),
        ("closed", "ask", FEEDBACK, LET_IN),
        ("closed", "ask", QUESTIONS, 403),
        ("local", "ask", QUESTIONS, 403),
        ("closed", "ingest", QUESTIONS, 403),
        ("closed", "ingest", FEEDBACK, 403),
        ("local", "admin", QUESTIONS, LET_IN),
        ("exposed", "admin", QUESTIONS, LET_IN),
        ("closed", "ask", PUT, 403),
        ("closed", "ask", STREAM, 403),
        ("closed", "ask", HEALTH, LET_IN),
        ("local", "ask", DELETE, 403),
        ("local", "ingest", READ, 403),
        ("public", "ingest", READ, 403),
        ("closed", "ingest", PUT, LET_IN),
        ("closed", "ingest", DELETE, LET_IN),
        ("closed", "ingest", STREAM, LET_IN),
        ("closed", "ingest", METRICS, 403),
        ("exposed", "admin", READ, LET_IN),
        ("exposed", "admin", PUT, LET_IN),
        ("exposed", "admin", METRICS, LET_IN),
        ("exposed", "admin", ANYTHING_ELSE, LET_IN),
        ("local", "unknown", READ, 401),
        ("local", "unknown", HEALTH, 401),
        ("local", "unknown", "GET /static/site.css", 401),
        ("local", "revoked", READ, 401),
        ("local", "expired", READ, 401),
        ("public", "unknown", READ, 401),
    ],
)
def test_the_scope_of_a_key_decides(
    service: Deployment, where: str, key: str | None, request_line: str, status: int
) -> None:
    method, path = request_line.split()
    response = service.ask(method, path, key, where=where)
    if method == "HEAD":
        assert (response.status_code, response.content) == (status, b"")
    elif path == "/readyz":
        assert response.status_code in (200, 503)
    else:
        was(response, status)


@pytest.mark.parametrize(
    ("where", "key", "origin", "request_line", "status"),
    [
        ("local", "portal", PORTAL, READ, LET_IN),
        ("exposed", "portal", PORTAL, READ, LET_IN),
        ("exposed", "portal", "http://localhost:3000", READ, LET_IN),
        ("exposed", "other", OTHER, READ, LET_IN),
        ("exposed", "portal", None, READ, 403),
        ("exposed", "portal", OTHER, READ, 403),
        ("exposed", "portal", PORTAL + ":443", READ, 403),
        ("exposed", "portal", PORTAL.upper(), READ, 403),
        ("exposed", "portal", PORTAL + "/", READ, 403),
        ("exposed", "portal", "http://portal.example", READ, 403),
        ("exposed", "portal", PORTAL + ".evil.example", READ, 403),
        ("exposed", "portal", "null", READ, 403),
        ("exposed", "portal", "self", READ, 403),
        ("exposed", "portal", PORTAL, PUT, 403),
        ("exposed", "portal", PORTAL, STREAM, 403),
        ("exposed", "portal", PORTAL, METRICS, 403),
        ("exposed", "portal", PORTAL, FEEDBACK, LET_IN),
        ("exposed", "portal", None, FEEDBACK, 403),
        ("exposed", "portal", OTHER, FEEDBACK, 403),
        ("public", None, STRANGER, FEEDBACK, 403),
        ("exposed", "portal", PORTAL, QUESTIONS, 403),
        ("local", "portal", PORTAL, QUESTIONS, 403),
        ("local", None, PORTAL, READ, 403),
        ("public", None, PORTAL, READ, 403),
        ("public", None, STRANGER, READ, 403),
        ("public", None, "null", READ, 403),
        ("public", None, "", READ, 403),
        ("public", None, STRANGER, HEALTH, 403),
        ("local", "ask", PORTAL, READ, 403),
        ("local", "admin", STRANGER, READ, 403),
        ("local", "admin", STRANGER, PUT, 403),
        ("local", None, "self", READ, LET_IN),
        ("local", "admin", "self", PUT, LET_IN),
        ("exposed", None, PORTAL, READ, 403),
        ("exposed", None, "self", READ, 401),
        ("exposed", "expired", STRANGER, READ, 401),
        ("exposed", None, STRANGER, "GET /static/site.css", LET_IN),
    ],
)
def test_pages_ask_with_a_publishable_key_of_their_own_origin_only(
    service: Deployment, where: str, key: str | None, origin: str | None, request_line: str, status: int
) -> None:
    own = str(service.clients[where].base_url).rstrip("/")
    method, path = request_line.split()
    response = service.ask(method, path, key, own if origin == "self" else origin, where)
    was(response, status)
    assert "access-control-allow-credentials" not in response.headers
    allowed = response.headers.get("access-control-allow-origin")
    assert allowed in (None, origin)
    if status == LET_IN and origin in (PORTAL, OTHER):
        assert allowed == origin


def test_two_origins_are_none(service: Deployment) -> None:
    pair = [("Origin", PORTAL), ("Origin", PORTAL), ("Authorization", f"Bearer {service.keys['portal']}")]
    problem_of(service.clients["exposed"].get("/v1/stats", headers=pair), 403)


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://portal.example", "portal.example", True),
        ("https://portal.example", "portal.example", True),
        ("https://portal.example", "portal.example:443", True),
        ("https://portal.example:8443", "PORTAL.example:8443", True),
        ("http://portal.example", "portal.example:8000", False),
        ("https://portal.example", "portal.example:80", False),
        ("https://portal.example", "portal.example.evil", False),
        ("null", "null", False),
    ],
)
def test_the_services_own_pages_are_known_by_the_host(service: Deployment, origin: str, host: str, own: bool) -> None:
    response = service.ask("GET", "/v1/stats", origin=origin, where="public", headers={"Host": host})
    was(response, LET_IN if own else 403)


# Local


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1", "127.8.9.1:80", "[::1]", "[::1]:8000"])
def test_a_host_that_names_this_machine_is_local(service: Deployment, host: str) -> None:
    assert service.ask("GET", "/v1/who", headers={"Host": host}).json()["local"]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "[",
     "localhost:x", "user@localhost", "127.0.0.1/", "localhost, localhost", "0.0.0.0", ""],
)  # fmt: skip
def test_a_name_that_was_rebound_to_this_machine_is_not_local(service: Deployment, host: str) -> None:
    problem_of(service.ask("GET", "/v1/stats", headers={"Host": host}), 401)


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "::1, 127.0.0.1"},
        {"X-Forwarded-For": ""},
        {"X-Forwarded-For": "192.0.2.7"},
        {"X-Forwarded-For": "no address"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Anything": "1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
def test_what_came_through_a_proxy_is_not_local(service: Deployment, header: dict[str, str]) -> None:
    problem_of(service.ask("GET", "/v1/stats", headers=dict(header)), 401)
    problem_of(service.ask("GET", "/metrics", headers=dict(header)), 401)
    was(service.ask("GET", "/v1/stats", headers=dict(header), where="public"), LET_IN)
    was(service.ask("GET", "/v1/stats", "ask", headers=dict(header)), LET_IN)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:1234", "192.0.2.7"),
        ("192.0.2.66, 192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("<script>", "unknown"),
        ("x" * 8000, "unknown"),
    ],
)
def test_the_caller_is_known_to_those_behind(service: Deployment, forwarded: str, address: str) -> None:
    who = service.ask("GET", "/v1/who", "ask", headers={"X-Forwarded-For": forwarded}).json()
    shown = {"key_id": service.keys["ask"][:11], "kind": "secret", "scopes": ["ask"]}
    assert who == {**shown, "address": address, "local": False}


def test_a_caller_without_a_key_is_known_by_the_address(service: Deployment) -> None:
    who = service.ask("GET", "/v1/who").json()
    assert who == {"key_id": None, "kind": None, "scopes": [], "address": "127.0.0.1", "local": True}


def test_loopback_is_told_by_name_and_by_address() -> None:
    assert all(is_loopback(host) for host in ("localhost", "LocalHost", "127.0.0.1", "127.255.0.1", "::1"))
    assert not any(is_loopback(host) for host in ("", "0.0.0.0", "::", "127.1", "localhost.", "[::1]", "example"))


# Keys while the service runs


def test_a_key_holds_and_is_revoked_without_a_restart(service: Deployment) -> None:
    text, key = service.keyring.create(["ask"])
    headers = {"Authorization": f"Bearer {text}"}
    was(service.ask("GET", "/v1/stats", where="exposed", headers=dict(headers)), LET_IN)
    service.keyring.revoke(key.id)
    problem_of(service.ask("GET", "/v1/stats", where="exposed", headers=dict(headers)), 401)


def test_damaged_keys_let_nobody_in_who_needs_one(
    service: Deployment, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "keys.json"
    sound = path.read_bytes()
    path.write_bytes(sound[: len(sound) // 2])
    try:
        for key, origin in (("ask", None), ("admin", None), ("unknown", None), ("portal", PORTAL), (None, PORTAL)):
            assert "keys.json" not in str(problem_of(service.ask("GET", "/v1/stats", key, origin), 503))
        preflight = {"Access-Control-Request-Method": "GET"}
        problem_of(service.ask("OPTIONS", "/v1/ask", origin=PORTAL, headers=preflight), 503)
        problem_of(service.ask("GET", "/v1/stats", where="exposed"), 401)
        was(service.ask("GET", "/v1/stats"), LET_IN)
        was(service.ask("GET", "/healthz", where="exposed"), LET_IN)
    finally:
        path.write_bytes(sound)
    assert "keys.json is damaged; put a sound copy in its place" in caplog.text
    was(service.ask("GET", "/v1/stats", "ask"), LET_IN)


# What is answered


def test_a_refusal_says_what_is_missing_as_bearer_tokens_do(service: Deployment) -> None:
    def challenge(*asked: Any) -> str:
        return str(service.ask(*asked).headers["www-authenticate"])

    assert challenge("PUT", "/v1/articles/x") == 'Bearer realm="onrecord"'
    assert challenge("GET", "/v1/stats", "unknown") == 'Bearer error="invalid_token", realm="onrecord"'
    missing = 'Bearer error="insufficient_scope", scope="ingest", realm="onrecord"'
    assert challenge("PUT", "/v1/articles/x", "ask") == missing
    found = problem_of(service.ask("PUT", "/v1/articles/x"), 401)
    assert (found["type"], found["instance"]) == ("/problems/key-needed", "/v1/articles/x")


def test_a_page_is_refused_with_a_page(service: Deployment) -> None:
    response = service.ask("GET", "/", where="exposed")
    assert (response.status_code, response.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert response.headers["content-security-policy"]
    assert "A key is needed" in response.text


def test_a_body_is_not_read_before_the_key_is(service: Deployment) -> None:
    """The body is larger than any that is taken; it is the key that is missing."""
    was(service.ask("PUT", "/v1/articles/x", content=b"x" * 200_000), 401)


@pytest.mark.parametrize(
    ("key", "origin", "path", "status"),
    [
        ("portal", PORTAL, "/v1/stats", 200),
        ("portal", PORTAL, "/v1/ask", 422),
        ("portal", PORTAL, "/v1/nothing", 404),
        ("portal", PORTAL, "/metrics", 403),
        ("unknown", PORTAL, "/v1/stats", 401),
        ("unknown", OTHER, "/v1/stats", 401),
        (None, PORTAL, "/v1/stats", 403),
    ],
)
def test_pages_may_read_the_answers_to_them_and_why_they_are_refused(
    service: Deployment, key: str | None, origin: str, path: str, status: int
) -> None:
    headers = service.ask("GET", path, key, origin, "exposed").headers
    assert headers["access-control-allow-origin"] == origin
    exposed = headers["access-control-expose-headers"].split(", ")
    assert {"ETag", "Retry-After", "RateLimit-Limit", "X-Request-Id"} <= set(exposed)


@pytest.mark.parametrize(
    ("key", "origin", "status"),
    [("portal", OTHER, 403), ("ask", PORTAL, 403), ("unknown", STRANGER, 401), ("expired", STRANGER, 401)],
)
def test_pages_may_not_read_what_is_meant_for_others(service: Deployment, key: str, origin: str, status: int) -> None:
    response = service.ask("GET", "/v1/stats", key, origin, "exposed")
    assert response.status_code == status
    assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/v1/stats", "/", "/healthz", "/v1/nothing", "/metrics"])
@pytest.mark.parametrize("origin", [None, PORTAL])
def test_caches_are_told_that_answers_differ_by_origin(service: Deployment, path: str, origin: str | None) -> None:
    assert "Origin" in service.ask("GET", path, origin=origin).headers["vary"]


@pytest.mark.parametrize("path", ["/static/site.css", "/widget/widget.js"])
def test_files_are_the_same_for_every_origin(service: Deployment, path: str) -> None:
    headers = service.ask("GET", path, origin=PORTAL).headers
    assert "Origin" not in headers.get("vary", "")
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("origin", "method", "path", "status"),
    [
        (PORTAL, "POST", "/v1/ask", 204),
        (PORTAL, "GET", "/v1/ask", 204),
        (OTHER, "GET", "/v1/articles/x", 204),
        ("http://localhost:3000", "POST", "/v1/citations/verify", 204),
        (PORTAL, "POST", "/v1/feedback", 204),
        (PORTAL, "GET", "/v1/questions", 403),
        (STRANGER, "POST", "/v1/ask", 403),
        ("null", "POST", "/v1/ask", 403),
        ("*", "POST", "/v1/ask", 403),
        (PORTAL, "PUT", "/v1/ask", 403),
        (PORTAL, "post", "/v1/ask", 403),
        (PORTAL, "POST", "/v1/articles", 403),
        (PORTAL, "PUT", "/v1/articles/x", 403),
        (PORTAL, "DELETE", "/v1/articles/x", 403),
        (PORTAL, "GET", "/metrics", 403),
        (PORTAL, "GET", "/healthz", 403),
    ],
)
def test_a_preflight_is_answered_without_a_key(
    service: Deployment, origin: str, method: str, path: str, status: int
) -> None:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
    response = service.ask("OPTIONS", path, origin=origin, where="exposed", headers=asked)
    assert response.status_code == status
    allowed = {name: value for name, value in response.headers.items() if name.startswith("access-control-")}
    assert response.headers["vary"] == "Origin"
    if status == 204:
        assert response.content == b""
        assert allowed == {
            "access-control-allow-origin": origin,
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": "authorization, content-type, if-none-match, x-request-id",
            "access-control-max-age": "600",
        }
    else:
        problem_of(response, 403)
        assert not allowed


# Whatever is sent


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "bearer", "Bearer a b", "Basic dXNlcjpwYXNz", "sk_" + "x" * 43, "Bearer " + "x" * 8000,
     "Bearer sk_\u00e9", "Bearer \xff\xfe", "Bearer,", "Bearer sk_x, Bearer sk_y", 'Bearer "x"', "Bearer \u017fk_x"],
)  # fmt: skip
def test_what_is_no_key_is_refused(service: Deployment, value: str) -> None:
    headers = {b"Authorization": value.encode()}
    problem_of(service.clients["local"].get("/v1/stats", headers=headers), 401)


def test_the_scheme_is_read_in_any_case(service: Deployment) -> None:
    for scheme in ("bearer", "BEARER", "bEaReR"):
        headers = {"Authorization": f"{scheme} {service.keys['ask']}"}
        was(service.ask("GET", "/v1/stats", where="exposed", headers=headers), LET_IN)


def test_two_keys_are_none(service: Deployment) -> None:
    pair = [("Authorization", f"Bearer {service.keys['ask']}")] * 2
    problem_of(service.clients["local"].get("/v1/stats", headers=pair), 401)


@pytest.mark.parametrize(
    "line", [b"Authorization: Bearer \0", b"Authorization: Bearer a\0b", b"Origin: \0", b"Host: \0"]
)
def test_a_nul_is_no_request_at_all(service: Deployment, line: bytes) -> None:
    url = service.clients["exposed"].base_url
    with socket.create_connection((url.host, url.port or 80), timeout=30) as connection:
        connection.sendall(b"GET /v1/stats HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")


# What the routes and the description make of it


def test_no_route_that_writes_can_be_reached_with_the_scope_ask(service: Deployment) -> None:
    """Whoever adds a route that is neither here nor for asking has to say in ``scope_needed`` what it needs."""
    asking = {"POST /v1/ask", "POST /v1/ask/batch", "POST /v1/citations/verify", "POST /v1/feedback"}
    described = service.ask("GET", "/openapi.json").json()["paths"]
    operations = [(method.upper(), path) for path, item in described.items() for method in item]
    assert operations
    for method, path in operations:
        if method != "GET" and f"{method} {path}" not in asking:
            assert scope_needed(method, path) == "ingest", f"{method} {path}"


@pytest.mark.parametrize(
    ("where", "asking"),
    [
        ("local", [{}, {"bearer": []}]),
        ("public", [{}, {"bearer": []}]),
        ("closed", [{"bearer": []}]),
        ("exposed", [{"bearer": []}]),
    ],
)
def test_the_description_says_where_keys_are_needed(service: Deployment, where: str, asking: list[Any]) -> None:
    described = service.ask("GET", "/openapi.json", where=where).json()
    assert described["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert described["paths"]["/v1/ask"]["post"]["security"] == asking
    assert described["paths"]["/v1/questions"]["get"]["security"] == [{"bearer": []}]
    assert described["paths"]["/healthz"]["get"]["security"] == []
