"""What one request may take: so many bytes of a body, so many seconds."""

import asyncio
import logging
import time

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import problems
from service.settings import Settings

_log = logging.getLogger(__name__)

MAX_BODY = 64_000
MAX_BATCH_BODY = 1_000_000


def largest_body(settings: Settings, method: str, path: str) -> int | None:
    """Bytes that the body of a request may have; None for a stream, which is read no faster than it is worked off."""
    if method == "POST" and path == "/v1/articles":
        return None
    if method == "PUT" and path.startswith("/v1/articles/"):
        return settings.max_article_bytes
    return MAX_BATCH_BODY if path in ("/v1/ask/batch", "/v1/citations/verify") else MAX_BODY


class Bounds:
    """Middleware: refuses bodies that are too large, ends what takes too long, and tells how long a request took.

    The deadline is for a request until its answer begins: reading its body, waiting for a worker, and the work. From
    then on each piece of the answer has as long again to be taken by the client. A stream, which answers as it reads,
    sees to its own waits.
    """

    def __init__(self, app: ASGIApp, settings: Settings, show: problems.Show) -> None:
        self._app = app
        self._settings = settings
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seconds = self._settings.deadline
        largest = largest_body(self._settings, scope["method"], scope["path"])
        answer = _Answer(send, seconds)
        try:
            async with asyncio.timeout(seconds) as deadline:
                await self._app(scope, _bounded(receive, largest), lambda message: answer.send(message, deadline))
        except TimeoutError:
            if not deadline.expired():
                raise
            if answer.begun:
                _log.warning("a client did not take its answer")
                return
            _log.warning("a request took longer than %s s", seconds)
            await self._late(scope, receive, send)

    async def _late(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        detail = f"This took longer than the {self._settings.deadline:g} seconds that a request may take."
        response = self._show(request, problems.problem(request, 503, detail, kind=problems.DEADLINE))
        response.headers.update({"Retry-After": problems.RETRY_AFTER, "Connection": "close"})
        await response(scope, receive, send)


class _Answer:
    """The way out: ends the deadline when an answer begins, gives each piece its own, and says how long it took."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._started = time.perf_counter()
        self.begun = False

    async def send(self, message: Message, deadline: asyncio.Timeout) -> None:
        if message["type"] == "http.response.start":
            if deadline.expired():
                await asyncio.sleep(0)  # here the cancellation arrives that is under way
            self.begun = True
            took = f"total;dur={(time.perf_counter() - self._started) * 1000:.1f}"
            message = {**message, "headers": [*message["headers"], (b"server-timing", took.encode())]}
        deadline.reschedule(asyncio.get_running_loop().time() + self._seconds)
        await self._send(message)
        deadline.reschedule(None)


def _bounded(receive: Receive, largest: int | None) -> Receive:
    size = 0

    async def receive_some() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if largest is not None and size > largest:
            raise HTTPException(413, f"The body is larger than {largest} bytes.", {"Connection": "close"})
        return message

    return receive_some
