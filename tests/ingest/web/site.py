"""A web site on loopback that behaves as badly as it is told to, and a clock that runs when somebody sleeps."""

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "certificate.pem"
"""Of news.test, signed by itself, with its key; nothing but these tests has ever trusted it."""


@dataclass
class Page:
    """What the site answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Page | bytes | Callable[["Visit"], None]
"""A page, the bytes that stand for the whole answer, or what is to be done with the visit."""


class Visit(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    site: "Site"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.site.asked.append(f"{self.headers['host'].partition(':')[0]}{self.path}")
        self.site.headers = dict(self.headers.items())
        answers = self.site.pages.get(path, Page(status=404))
        # A list is worked off; its last answer stays.
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if isinstance(answers, list) else answers
        if isinstance(answer, bytes):
            self.wfile.write(answer)
            self.close_connection = True
        elif isinstance(answer, Page):
            self.give(answer)
        else:
            answer(self)
            self.close_connection = True

    def give(self, page: Page) -> None:
        if "ETag" in page.headers and page.headers["ETag"] == self.headers.get("if-none-match"):
            page = Page(status=304, headers=page.headers)
        self.send_response(page.status)
        for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def handle(self) -> None:
        # Whoever has seen enough closes the connection, and that is no error of the site.
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Site:
    """A server and what it has been asked.

    Attributes:
        pages: Answers by path; 404 for all others.
        asked: Host and path of each request.
        headers: Those of the last request.
    """

    port: int
    pages: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def url(self, path: str, host: str = "news.test", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up


@contextmanager
def served(*, tls: bool = False) -> Iterator[Site]:
    """A site on a free port of 127.0.0.1."""

    class Handler(Visit):
        pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        Handler.site = site = Site(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


class Names:
    """A resolver: each name's addresses, the last of several answers again and again; numbers in any notation."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {name.replace("_", "."): list(addresses) for name, addresses in answers.items()}
        self.asked: Counter[str] = Counter()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked[host] += 1
        if host not in self.answers:
            return [_number(host)]
        answers = self.answers[host]
        return (answers.pop(0) if len(answers) > 1 else answers[0]).split()


def _number(host: str) -> str:
    """The address that a host is, as the C library reads numbers."""
    try:
        return host if ":" in host else socket.inet_ntoa(socket.inet_aton(host))
    except OSError as error:
        raise socket.gaierror(socket.EAI_NONAME, "unknown") from error


class Clock:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds
