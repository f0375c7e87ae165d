"""One Chromium, the real service, and a portal on another origin that embeds it under a strict policy."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route, expect, sync_playwright

from retrieval import Archive
from retrieval.encoder import Encoder
from service.app import create_app
from service.keys import Keyring
from service.settings import Settings
from tests.conftest import ROOT
from tests.service.conftest import served

NO_CHROMIUM = "no Chromium; `apt-get install chromium`, or name one in ONRECORD_CHROMIUM"
NO_LIMITS = "1000000/minute"

# What is expected comes at once, or late on a machine with much else to do; five seconds are not what is tested.
expect.set_options(timeout=30_000)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run: a suite without its browser tests has not passed."""
    missed = [one for one in terminalreporter.stats.get("skipped", ()) if NO_CHROMIUM in str(one.longrepr)]
    if missed:
        terminalreporter.section("BROWSER TESTS DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.write_line(f"{len(missed)} tests did NOT run: {NO_CHROMIUM}", red=True, bold=True)


# Not of the session: while Playwright is on, no other test can run an event loop of its own in this thread.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser; its tests are skipped where there is none, and fail where there has to be one."""
    executable = os.environ.get("ONRECORD_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        required = "CI" in os.environ or os.environ.get("ONRECORD_REQUIRE_BROWSER") == "1"
        (pytest.fail if required else pytest.skip)(NO_CHROMIUM)
    # Chromium's sandbox does not work for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


class Portal:
    """A plain server of pages, whose origin is neither that of the service nor of its site."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str, Mapping[str, str]]] = {}
        pages = self._pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                html, headers = pages.get(self.path.partition("?")[0], ("", {}))
                self.send_response(200 if html else 404)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(html.encode())))
                self.end_headers()
                self.wfile.write(html.encode())

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the name is the standard library's
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # The service is asked for by its address, so that the two are of different sites too.
        self.origin = f"http://localhost:{self.server.server_port}"

    def put(self, html: str, headers: Mapping[str, str], path: str = "/") -> str:
        """Serve a page in place of what was there; returns its address."""
        self._pages[path] = (html, headers)
        return f"{self.origin}{path}"


@pytest.fixture(scope="package")
def portal() -> Iterator[Portal]:
    made = Portal()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@dataclass(frozen=True, slots=True)
class Service:
    """A running service with the seeds.

    Attributes:
        origin: Where it is.
        portal: The origin of the portal.
        key: A publishable key for its pages.
        archive: What it is asked about.
    """

    origin: str
    portal: str
    key: str
    archive: Archive

    @property
    def policy(self) -> str:
        """The strictest content security policy that the widget has to work under."""
        return (
            f"default-src 'none'; script-src {self.origin}; connect-src {self.origin}; style-src 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def tag(self, inner: str = "", **attributes: str) -> str:
        """The widget as a portal embeds it; ``inner`` is HTML, and ``_`` in an attribute's name is ``-``."""
        given = {"site-key": self.key} | {name.replace("_", "-"): value for name, value in attributes.items()}
        written = " ".join(f'{name}="{escape(value)}"' for name, value in given.items())
        return (
            f'<script defer src="{self.origin}/widget/1/ask.js" crossorigin></script>'
            f"<archive-ask {written}>{inner}</archive-ask>"
        )


@pytest.fixture(scope="package")
def service(
    seeds_folder: Path, encoder: Encoder, portal: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = shutil.copytree(seeds_folder, tmp_path_factory.mktemp("browser") / "archive")
    key, _ = Keyring(folder).create(["ask"], [portal.origin])
    settings = Settings(rate_address=NO_LIMITS, rate_publishable=NO_LIMITS)
    with (
        Archive.open(folder, load_encoder=lambda *_: encoder) as archive,
        served(create_app(archive, settings)) as client,
    ):
        yield Service(str(client.base_url).rstrip("/"), portal.origin, key, archive)


@dataclass(frozen=True, slots=True)
class Visit:
    """A page in Chromium and what has happened in it.

    Attributes:
        page: The page.
        violations: Of its content security policy and of Trusted Types: directive, what was blocked, where.
        errors: Errors on its console, and exceptions that nobody caught.
        dialogs: What alert() and its like said; each is a script of somebody else that ran.
        requests: Methods and addresses that were asked for, by this page and those that it was left for.
    """

    page: Page
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Begin to note what happens."""

        def violated(violation: str) -> None:
            self.violations.append(violation)

        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        def shown(dialog: Dialog) -> None:
            self.dialogs.append(dialog.message)
            dialog.dismiss()

        self.page.expose_function("noteViolation", violated)
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => noteViolation("
            "`${event.violatedDirective} ${event.blockedURI} ${event.sample} ${event.sourceFile}`))"
        )
        self.page.on("console", said)
        self.page.on("dialog", shown)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(f"{request.method} {request.url}"))

    def settle(self) -> None:
        """Let the page get to what it has queued; a violation is told a task after it happened."""
        frame = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        self.page.evaluate(f"async () => {{ await {frame}; await {frame} }}")

    def wrong(self) -> list[str]:
        """All that went wrong up to now: violations, errors, dialogs."""
        self.settle()
        return [*self.violations, *self.errors, *self.dialogs]


class Visits(Protocol):
    """Opens pages of the portal; see the fixture ``visit``."""

    def __call__(
        self,
        body: str,
        *,
        head: str = "",
        language: str = "en",
        direction: str = "ltr",
        policy: str | None = None,
        prepare: Callable[[Page], object] = ...,
        **context: Any,
    ) -> Visit: ...


@pytest.fixture
def visit(chromium: Browser, portal: Portal, service: Service) -> Iterator[Visits]:
    """Opens a page of the portal, each in a browser of its own as far as storage and cookies go.

    It takes the HTML of the page's body and, besides what a page has (``head``, ``language``, ``direction``):
    ``policy``, its content security policy, by default the strict one, "" is none; ``prepare``, what is to be done with
    the page before it is opened, such as ``answering(...)``; and what Playwright's ``new_context`` takes:
    ``viewport``, ``color_scheme``, ``java_script_enabled``, ``locale``.
    """
    contexts: list[BrowserContext] = []

    def opened(
        body: str,
        *,
        head: str = "",
        language: str = "en",
        direction: str = "ltr",
        policy: str | None = None,
        prepare: Callable[[Page], object] = lambda page: None,
        **context: Any,
    ) -> Visit:
        html = (
            f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width">'
            f"<title>The portal</title>{head}</head><body><main><h1>The portal</h1>{body}</main></body></html>"
        )
        allowed = service.policy if policy is None else policy
        address = portal.put(html, {"Content-Security-Policy": allowed} if allowed else {})
        contexts.append(chromium.new_context(**context))
        visited = Visit(contexts[-1].new_page())
        visited.watch()
        prepare(visited.page)
        visited.page.goto(address)
        return visited

    yield opened
    for context in contexts:
        context.close()


def answering(
    body: Mapping[str, Any] | str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Callable[[Page], None]:
    """Answers all further questions of a page so, in place of the service: for ``prepare``, or called with a page."""
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "application/json" if status < 400 else "application/problem+json"
    given = {"Content-Type": kind, "Access-Control-Allow-Origin": "*", **(headers or {})}

    def answer(route: Route) -> None:
        route.fulfill(status=status, headers=given, body=text)

    def prepare(page: Page) -> None:
        page.unroute("**/v1/ask")
        page.route("**/v1/ask", answer)

    return prepare


Ask = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="package")
def ask(service: Service) -> Ask:
    """What the service answers to a question of the portal, to be given back changed by ``answering``."""

    def answered(question: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {service.key}", "Origin": service.portal}
        response = httpx.post(f"{service.origin}/v1/ask", json={"question": question, "k": 5}, headers=headers)
        answer: dict[str, Any] = response.raise_for_status().json()
        return answer

    return answered


Axe = Callable[[Page], list[str]]


@pytest.fixture(scope="package")
def axe() -> Axe:
    """What axe-core finds wrong in a page, a line for each element, by all its rules; it runs under any policy."""
    source = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def found(page: Page) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(source)
        violations: list[dict[str, Any]] = page.evaluate(
            "axe.run({ resultTypes: ['violations'], preload: false, selectors: false }).then((told) => told.violations)"
        )
        return [f"{one['id']}: {node['html']}: {node['failureSummary']}" for one in violations for node in one["nodes"]]

    return found
