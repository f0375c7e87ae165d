"""What an operator sees of each request: an id, a line of the log, its part in the metrics, a span.

This is the outermost layer: whatever is answered, refusals and defects too, is seen here.
"""

import logging
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from types import TracebackType

from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.indexes import Stage
from service import logs
from service.metrics import Metrics
from service.traces import Traces

_log = logging.getLogger(__name__)

UNMATCHED = "unmatched"
OTHER = "other"
# As nginx has it: there is no status for an answer that nobody was there to take.
CLIENT_GONE = 499
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Telemetry:
    """Around an app: sees each request come in and its answer go out, and changes neither but for the id.

    A request is done when the app is done with it, so a streamed answer counts when its end was sent. One whose client
    went away before that counts as status 499, one that broke off for another reason as 500, whatever its first line
    said. A client that left without the app's noticing got, for all that the service knows, what was sent.
    """

    def __init__(
        self, app: ASGIApp, *, routes: Sequence[BaseRoute], metrics: Metrics, traces: Traces, log_questions: bool
    ) -> None:
        """Put it around an app.

        Args:
            app: The app.
            routes: All that it has; requests are told apart by them, in this order, as the app does.
            metrics: Where requests are counted.
            traces: Where their spans go.
            log_questions: Whether the line of a request may hold what it asks.
        """
        self._app = app
        self._routes = routes
        self._metrics = metrics
        self._traces = traces
        self._log_questions = log_questions
        # Most requests are for addresses without parameters; what these match is looked up once.
        self._plain = {getattr(route, "path", None) for route in routes}
        self._templates: dict[tuple[str, str], str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = _Exchange(receive, send, request_id(headers.get("x-request-id", "")))
        # Both before the app sees the scope: on the way in it may be changed.
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        route = self._template(method, scope)
        questions = logs.begin(exchange.request_id)
        with (
            self._metrics.in_flight.track_inprogress(),
            self._traces.request(method, route, exchange.request_id, headers) as answered,
        ):
            try:
                await self._app(scope, exchange.receive, exchange.send)
            finally:
                answered(exchange.status)
                self._count(exchange, method, route)
                self._report(exchange, method, route, questions, _key_of(scope))

    def _template(self, method: str, scope: Scope) -> str:
        path = scope["path"]
        if path not in self._plain:
            return template(self._routes, scope)
        if (method, path) not in self._templates:
            self._templates[method, path] = template(self._routes, scope)
        return self._templates[method, path]

    def _count(self, exchange: "_Exchange", method: str, route: str) -> None:
        self._metrics.requests.labels(route, method, str(exchange.status)).inc()
        self._metrics.request_seconds.labels(route).observe(exchange.seconds)

    def _report(
        self, exchange: "_Exchange", method: str, route: str, questions: Sequence[str], key: str | None
    ) -> None:
        said = {
            "method": method,
            "route": route,
            "status": exchange.status,
            "ms": round(exchange.seconds * 1000, 1),
            "bytes": exchange.bytes,
            "key": key,
        }
        if self._log_questions and questions:
            said["question"] = "\n".join(questions)
        _log.info("request", extra=said)


class _Exchange:
    """A request and its answer, while they pass by."""

    def __init__(self, receive: Receive, send: Send, request_id: str) -> None:
        self.request_id = request_id
        self.bytes = 0
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._status = 0
        self._complete = False
        self._gone = False

    @property
    def status(self) -> int:
        """Of the answer as it went."""
        if self._complete:
            return self._status
        return CLIENT_GONE if self._gone else 500

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.perf_counter() - self._began

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._complete:
            self._gone = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            others = (header for header in message["headers"] if header[0].lower() != b"x-request-id")
            message = {**message, "headers": [*others, (b"x-request-id", self.request_id.encode())]}
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            # An answer to somebody who is known to be gone is never complete.
            self._complete = not message.get("more_body", False) and not self._gone
        await self._send(message)


def request_id(given: str) -> str:
    """The id that the client gave, if it is a plain word of up to 64 characters and no key; else a fresh one."""
    if _ID.fullmatch(given) and not logs.KEY.search(given):
        return given
    return secrets.token_hex(16)


def template(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """The path of the first route that takes a request, with the names of its parameters; not what was put for them."""
    partial = UNMATCHED
    for route in routes:
        path = getattr(route, "path", None)
        if path is None:
            continue
        match, _ = route.matches(scope)
        named = f"{path}/{{path}}" if isinstance(route, Mount) else str(path)
        if match is Match.FULL:
            return named
        if match is Match.PARTIAL and partial == UNMATCHED:
            partial = named
    return partial


def stages(metrics: Metrics, traces: Traces) -> Stage:
    """What an archive may enter round the stages of a question: times and traces them."""
    seconds = cache(metrics.stage_seconds.labels)  # there are as many as the archive has names for

    def stage(name: str) -> AbstractContextManager[object]:
        return _Stage(seconds(name), traces.stage(name))

    return stage


class _Stage:
    """Times what is done in it; a generator would take twice as long, and a question has ten stages."""

    __slots__ = ("_began", "_seconds", "_traced")

    def __init__(self, seconds: Histogram, traced: AbstractContextManager[object]) -> None:
        self._seconds = seconds
        self._traced = traced
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()
        self._traced.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._traced.__exit__(kind, error, trace)
        self._seconds.observe(time.perf_counter() - self._began)


def _key_of(scope: Scope) -> str | None:
    """Public id of the key that the request came with, if access has found one."""
    caller = scope.get("state", {}).get("caller")
    return getattr(caller, "key_id", None)
