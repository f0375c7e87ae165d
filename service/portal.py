"""A portal to try the widget in: a page on an origin of its own, under a strict policy, as a publisher's would be."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from service.keys import Key, KeyNotFound, Keyring
from service.settings import Misconfigured
from service.widget import PLACEHOLDER, tag

_log = logging.getLogger(__name__)

_FOLDER = Path(__file__).parent
_QUESTION = "what did Loughton say about caseloads?"
# Few results, because it stands in the middle of an article.
_ATTRIBUTES = {"mode": "inline", "max-results": "3"}
# A key that is left behind, because the process was killed, works no longer than this.
_LIFE = timedelta(days=1)
_RENEWED_BEFORE = timedelta(hours=1)


def policy(service: str) -> str:
    """The content security policy of the page: the widget needs the service for its script and its questions alone.

    The page's own files are allowed by 'self'; the fallback form leads to the service.
    """
    return (
        f"default-src 'none'; script-src 'self' {service}; connect-src {service}; style-src 'self'; "
        f"form-action {service}; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


@contextmanager
def portal(keyring: Keyring, service: str, port: int) -> Iterator[str]:
    """Serve the page on loopback for as long as the block lasts, with a key that is revoked at its end.

    Args:
        keyring: Of the archive that the service answers from.
        service: Address of the service.
        port: To listen on; 0 takes any free one.

    Yields:
        The origin of the page.

    Raises:
        Misconfigured: The port is taken.
        KeysUnusable: The key cannot be made.
    """
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise Misconfigured(f"--demo-portal {port}: {error.strerror}; name another port") from error
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with listening, _passing_key(keyring, origin) as key, _running(_app(service, key), listening):
        _log.info("a portal with the widget on it: %s/", origin)
        yield origin


class _PassingKey:
    """A publishable key that expires soon; another takes its place before."""

    def __init__(self, keyring: Keyring, origin: str) -> None:
        self._keyring = keyring
        self._origin = origin
        self._text, self._key = self._made()
        self._ids = [self._key.id]

    def text(self) -> str:
        """A key that works for at least another hour."""
        if self._key.expired(datetime.now(UTC) + _RENEWED_BEFORE):
            self._text, self._key = self._made()
            self._ids.append(self._key.id)
        return self._text

    def revoke(self) -> None:
        """Revoke all of them; the owner may have done so already."""
        for key_id in self._ids:
            try:
                self._keyring.revoke(key_id)
            except KeyNotFound:
                _log.info("the key %s of the portal had been revoked", key_id)

    def _made(self) -> tuple[str, Key]:
        return self._keyring.create(["ask"], [self._origin], datetime.now(UTC) + _LIFE)


@contextmanager
def _passing_key(keyring: Keyring, origin: str) -> Iterator[_PassingKey]:
    key = _PassingKey(keyring, origin)
    try:
        yield key
    finally:
        key.revoke()


@contextmanager
def _running(app: Starlette, listening: socket.socket) -> Iterator[None]:
    """The app in a thread, where uvicorn leaves the signals to the service's own server."""
    # No configuration of the log: it is that of the process.
    server = uvicorn.Server(
        uvicorn.Config(
            app, http="h11", ws="none", lifespan="off", server_header=False, log_config=None, access_log=False
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="portal")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _app(service: str, key: _PassingKey) -> Starlette:
    template = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined
    ).get_template("portal-demo.html")

    async def page(_: Request) -> Response:
        # Not pinned: in development the script changes between two releases, and a pinned one may be kept for ever.
        embedded = tag(service, key.text(), _ATTRIBUTES, pinned=False)
        shown = tag(service, PLACEHOLDER, _ATTRIBUTES)
        html = template.render(
            service=service,
            question=_QUESTION,
            embedded=Markup(embedded.html),  # noqa: S704  escaped where it is made
            tag=shown.html,
            policy=policy(service),
        )
        return HTMLResponse(
            html,
            headers={
                "Content-Security-Policy": policy(service),
                "X-Content-Type-Options": "nosniff",
                # It holds a key that passes.
                "Cache-Control": "no-store",
            },
        )

    files = StaticFiles(directory=_FOLDER / "static" / "portal")
    return Starlette(routes=[Route("/", page), Mount("/files", files)])
