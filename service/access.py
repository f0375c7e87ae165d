"""Who may do what: decided for every request before its body is read.

What a request needs is one function, ``scope_needed``. A path that it does not name needs the scope ask.
"""

import ipaddress
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.keys import Key, Keyring, KeyScope, KeysUnusable, Kind, normal_origin
from service.limits import Limits, LimitsUnavailable
from service.problems import Show, problem
from service.settings import Settings

_log = logging.getLogger(__name__)

_PROBES = ("/healthz", "/readyz")
_FREE = (*_PROBES, "/openapi.json", "/docs")
# The same for everybody, so that caches may keep them: neither Origin nor limits are looked at.
_FILES = ("/static/", "/widget/")
_WRITING = ("POST", "PUT", "PATCH", "DELETE")
# What visitors asked, and where the owner's files lie, is the owner's alone, also on this machine, where others may
# have accounts.
_ALWAYS_KEYED = ("/v1/questions", "/v1/failures")

# Hosts and addresses that the last requests had, of which some facts are kept; a header is of 64 KiB at most.
_REMEMBERED = 128

# RFC 6750, 2.1; the scheme's name in any case, after RFC 9110, 11.1.
_BEARER = re.compile(r"bearer +([a-z0-9._~+/-]+=*)", re.IGNORECASE | re.ASCII)

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, if-none-match, x-request-id",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = "ETag, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, for the log; ``request.state.caller``.

    Attributes:
        key_id: Id of the key that was presented and holds.
        kind: Of that key.
        scopes: Of that key.
        address: Of the client, as far as the proxies in between are trusted; "unknown" where it is none.
        local: Whether it was sent on this very machine, with no proxy in between.
    """

    key_id: str | None
    kind: Kind | None
    scopes: tuple[KeyScope, ...]
    address: str
    local: bool


def scope_needed(method: str, path: str) -> KeyScope | None:
    """The scope that a request needs; None is none, not even a key.

    What needs more is told by how a path begins and what needs less by all of it, so that no way to write an address
    which the routes understand and this does not gives somebody more than they may.
    """
    if path in _FREE or path.startswith(_FILES):
        return None
    if path.startswith(("/metrics", *_ALWAYS_KEYED)):
        return "admin"
    if path.startswith("/v1/articles") and method in _WRITING:
        return "ingest"
    return "ask"


def security(method: str, path: str, settings: Settings) -> list[dict[str, list[str]]]:
    """What an OpenAPI description says of the keys that an operation needs, in this deployment."""
    scope = scope_needed(method, path)
    if scope is None:
        return []
    with_key: dict[str, list[str]] = {"bearer": []}
    local = is_loopback(settings.host) and not path.startswith(_ALWAYS_KEYED)
    return [{}, with_key] if _free(scope, settings.public_ask, local) else [with_key]


@lru_cache(_REMEMBERED)
def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address without brackets, is this very machine."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _free(scope: KeyScope, public_ask: bool | None, local: bool) -> bool:
    """Whether a scope needs no key. Writing always does; what can be opened to everybody is asking alone."""
    if scope == "ask" and public_ask is True:
        return True
    return scope != "ingest" and local and public_ask is not False


class _Refused(Exception):
    """A request that is not let in."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


class Access:
    """ASGI middleware that lets in who may; it answers the others, and preflights, itself."""

    def __init__(self, app: ASGIApp, keyring: Keyring, limits: Limits, settings: Settings, show: Show) -> None:
        """Wrap an app.

        Args:
            app: What is behind.
            keyring: The keys.
            limits: How often who may ask.
            settings: Of this deployment.
            show: Makes the answer from a problem.
        """
        self._app = app
        self._keyring = keyring
        self._limits = limits
        self._public_ask = settings.public_ask
        self._on_loopback = is_loopback(settings.host)
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        headers: dict[str, str] = {}
        try:
            answer = await self._admit(request, headers)
        except _Refused as refused:
            answer = self._refusal(request, refused.status, refused.detail)
            headers.update(refused.headers)
        except (KeysUnusable, LimitsUnavailable) as error:
            _log.error("%s: %s", type(error).__name__, error)
            answer = self._refusal(request, 503, "Whether you may do that cannot be told at the moment.")
        vary = not scope["path"].startswith(_FILES)
        await (answer or self._app)(scope, receive, _with(send, headers, vary))

    async def _admit(self, request: Request, headers: dict[str, str]) -> Response | None:
        """Let a request in, or answer it.

        Args:
            request: Without its body.
            headers: Of the answer, whoever gives it; put in here.

        Raises:
            _Refused: It is not let in.
            KeysUnusable: The keys are needed and cannot be read.
            LimitsUnavailable: It cannot be counted.
        """
        path, origin = request.scope["path"], _header(request, "origin")
        address = _address(request.client.host if request.client else "")
        local = self._on_loopback and is_loopback(address) and _straight(request)
        request.state.caller = _caller(None, address, local)
        if request.method == "OPTIONS" and origin and "access-control-request-method" in request.headers:
            return self._preflight(request, origin)
        presented = _header(request, "authorization")
        key = self._key(presented) if presented is not None else None
        request.state.caller = _caller(key, address, local)
        foreign = origin is not None and not path.startswith(_FILES) and not _own(request, origin)
        if foreign and self._may_read(origin, key):
            headers.update({"Access-Control-Allow-Origin": str(origin), "Access-Control-Expose-Headers": _EXPOSED})
        unknown = presented is not None and key is None
        if unknown or not (path in _PROBES or path.startswith(_FILES)):
            await self._count(request.state.caller, key, headers)
        if unknown:
            raise _unauthorised("This key is unknown, expired or revoked.", 'error="invalid_token", ')
        if not path.startswith(_FILES):
            _check_origin(key, origin, foreign)
        self._check_scope(scope_needed(request.method, path), key, local and not path.startswith(_ALWAYS_KEYED))
        return None

    def _key(self, presented: str) -> Key | None:
        match = _BEARER.fullmatch(presented)
        return self._keyring.find(match[1]) if match else None

    def _preflight(self, request: Request, origin: str) -> Response:
        method = request.headers["access-control-request-method"]
        asking = method in ("GET", "POST") and scope_needed(method, request.scope["path"]) == "ask"
        if not (asking and self._may_read(origin, None)):
            raise _Refused(403, "Pages of this origin may not do that.")
        return Response(status_code=204, headers={"Access-Control-Allow-Origin": origin, **_PREFLIGHT})

    def _may_read(self, origin: str | None, key: Key | None) -> bool:
        """Whether pages of an origin may read the answer: by their key, or, to learn what is wrong, by anybody's."""
        return any(origin in one.origins for one in ([key] if key else self._keyring.active()))

    async def _count(self, caller: Caller, key: Key | None, headers: dict[str, str]) -> None:
        quota = await self._limits.count(key, caller.address, caller.local)
        if quota is None:
            return
        headers.update(quota.headers())
        if quota.exceeded:
            raise _Refused(429, "That was too often; the header Retry-After says in how many seconds to try again.")

    def _check_scope(self, scope: KeyScope | None, key: Key | None, local: bool) -> None:
        if scope is None:
            return
        if key is not None:
            if not key.may(scope):
                challenge = f'Bearer error="insufficient_scope", scope="{scope}", realm="onrecord"'
                raise _Refused(403, f"This key does not have the scope {scope}.", {"WWW-Authenticate": challenge})
            return
        if not _free(scope, self._public_ask, local):
            raise _unauthorised("This needs a key, sent as Authorization: Bearer KEY.")

    def _refusal(self, request: Request, status: int, detail: str) -> Response:
        return self._show(request, problem(request, status, detail))


def _unauthorised(detail: str, error: str = "") -> _Refused:
    """401 with the challenge of RFC 6750, 3, which has an error only where a key was presented."""
    return _Refused(401, detail, {"WWW-Authenticate": f'Bearer {error}realm="onrecord"'})


def _check_origin(key: Key | None, origin: str | None, foreign: bool) -> None:
    if key is not None and key.kind == "publishable":
        if origin not in key.origins:
            raise _Refused(403, "This key works from the pages that it was made for, and from nowhere else.")
    elif foreign:
        raise _Refused(403, "Pages of another origin may ask with a publishable key of theirs only.")


def _caller(key: Key | None, address: str, local: bool) -> Caller:
    if key is None:
        return Caller(None, None, (), address, local)
    return Caller(key.id, key.kind, key.scopes, address, local)


def _header(request: Request, name: str) -> str | None:
    """A header that may stand once: what is sent twice is joined, and then is nothing that anybody may send."""
    values = request.headers.getlist(name)
    return ", ".join(values) if values else None


@lru_cache(_REMEMBERED)
def _address(host: str) -> str:
    """A client's address in one way of writing; what a trusted proxy said may be anything."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _straight(request: Request) -> bool:
    """Whether nothing speaks of a proxy, and the client knew whom it asked.

    A page that had its own name resolved to 127.0.0.1 (DNS rebinding) has a browser send that name as the Host.
    """
    for name in request.headers:
        if name in ("forwarded", "via", "x-real-ip") or name.startswith("x-forwarded-"):
            return False
    return _names_loopback(_header(request, "host"))


@lru_cache(_REMEMBERED)
def _names_loopback(host: str | None) -> bool:
    normal = normal_origin(f"http://{host}")
    return normal is not None and is_loopback(urlsplit(normal).hostname or "")


def _own(request: Request, origin: str) -> bool:
    """Whether an origin is this service, by the Host it was asked as; the scheme is the business of a proxy."""
    normal = normal_origin(origin)
    scheme = origin.partition("://")[0]
    return normal is not None and normal == normal_origin(f"{scheme}://{_header(request, 'host')}")


def _with(send: Send, headers: Mapping[str, str], vary: bool) -> Send:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *raw]}
            if vary:
                MutableHeaders(raw=message["headers"]).add_vary_header("Origin")
        await send(message)

    return send_with
