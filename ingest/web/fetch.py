"""Pages from the web, fetched as a good guest would, and as if every one of them were hostile.

What goes wrong, whatever it is, is a :class:`~retrieval.errors.SourceError` with the address in ``where``.
"""

import http
import string
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from ssl import SSLContext
from typing import Self

import httpcore
import httpx

from ingest.web.addresses import Allowed, Resolve, look_up
from ingest.web.connection import CheckedBackend, Deadline
from ingest.web.content import ACCEPTED, bounded, decoded, described, spooled, too_large
from ingest.web.failures import Failure, NotPermitted, Passing
from ingest.web.manners import Manners
from ingest.web.robots import KEPT, MOST_BYTES, PRODUCT, Robots
from ingest.web.urls import shown, web_url
from retrieval.errors import InvalidRequest, SourceError, SourceGone

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITH_BODY = frozenset({200, 203})
_GONE = frozenset({404, 410})
_BUSY = frozenset({429, 503})  # those that Retry-After goes with
_TRY_AGAIN = _BUSY | {500, 502, 504}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what one address may cost.

    Attributes:
        bytes: Of a body, as it comes and as it unpacks. Protocol and practice agree: a sitemap may have 50 MiB.
        seconds: For one answer, from the first attempt to connect to its last byte.
        redirects: How many are followed.
        tries: How often a request is made in all, where a connection breaks off or a server fails.
        pause: Seconds between two requests to one host.
        longest_pause: The longest that a robots.txt may ask for; where it wants more, it gets this.
        patience: The longest wait, in seconds, that a server may ask for by Retry-After; more is an error.
    """

    bytes: int = 50 << 20
    seconds: float = 60.0
    redirects: int = 5
    tries: int = 3
    pause: float = 1.0
    longest_pause: float = 30.0
    patience: float = 60.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is at an address.

    Attributes:
        asked: The address that was asked for, in the form of ``urls.web_url``.
        url: Where it was found, after all redirects.
        path: A file with the body, unpacked; it is gone when its fetcher is closed.
        media_type: In lower case, without parameters; None if the server does not say, as for those below.
        charset: In lower case; the server's word, not checked.
        etag: To be given with the next request for ``asked``, as ``last_modified``.
    """

    asked: str
    url: str
    path: Path
    status: int
    media_type: str | None
    charset: str | None
    etag: str | None
    last_modified: str | None

    def discard(self) -> None:
        """Delete the file; to be called as soon as it has been read where many are fetched."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class NotModified:
    """What is at an address is what was there last time; ``etag`` and ``last_modified`` are to be given next time."""

    asked: str
    url: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: httpx.Headers
    path: Path | None = None


class Fetcher:
    """Fetches addresses, politely and safely; a context manager, for one thread.

    - Only http and https, only public addresses, only ports 80 and 443, unless allowed by name. It is checked where the
      connection is made, so that it holds for redirects, for robots.txt and for names that change their address.
    - robots.txt is obeyed (RFC 9309), at each step of a redirect too. It may make the pauses longer, not shorter.
    - One request at a time, a pause between any two to the same host, few tries.
    - Size, time, redirects and unpacked size are bounded by ``Limits``.
    - No cookies, no passwords, no proxies or certificates from the environment; never from https back to http.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        allow: Iterable[str] = (),
        limits: Limits | None = None,
        tls: SSLContext | None = None,
        resolve: Resolve = look_up,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a fetcher; nothing is connected to yet.

        Args:
            contact: A page or e-mail address for those who run the sites; sent along with each request.
            allow: What may be fetched from although it is not public; see ``Allowed.parse``.
            limits: What an address may cost.
            tls: Which certificates to trust; those of Mozilla's list if not given.
            resolve: Looks up the addresses of a host.
            clock: Seconds since some time or other.
            sleep: Waits so many seconds.

        Raises:
            InvalidRequest: The contact cannot be sent, or a name in ``allow`` is none.
        """
        self._limits = limits or Limits()
        self._headers = {"User-Agent": _user_agent(contact), "Accept-Encoding": ACCEPTED, "Accept": "*/*"}
        self._clock = clock
        self._deadline = Deadline(clock)
        self._manners = Manners(self._limits.pause, self._limits.patience, clock=clock, sleep=sleep)
        self._robots: dict[httpx.URL, tuple[float, Robots | Failure]] = {}
        self._backend = CheckedBackend(Allowed.parse(allow), resolve, self._deadline)
        self._tls = tls
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="onrecord-")))
            tls = self._tls or httpx.create_ssl_context(trust_env=False)
            self._pool = opening.enter_context(httpcore.ConnectionPool(tls, network_backend=self._backend))
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched | NotModified:
        """Fetch what is at an address, unless it is what was there last time.

        Args:
            url: http or https.
            etag: What ``Fetched.etag`` said last time, as ``last_modified``.
            last_modified: As above.

        Raises:
            SourceGone: It is there no longer (404, 410).
            SourceError: It cannot or may not be fetched.
        """
        where = shown(url)
        try:
            asked = web_url(url)
            at, reply = self._follow(asked, _conditions(etag, last_modified))
        except Failure as failure:
            raise SourceError(where, failure.problem) from failure
        headers = reply.headers
        if reply.path is not None:
            return _fetched(asked, at, reply, reply.path)
        if reply.status == http.HTTPStatus.NOT_MODIFIED and (etag or last_modified):
            return NotModified(
                str(asked), str(at), headers.get("etag", etag), headers.get("last-modified", last_modified)
            )
        raise _refused(where, reply.status)

    def _follow(self, asked: httpx.URL, conditions: Mapping[str, str]) -> tuple[httpx.URL, _Reply]:
        """Where the redirects from an address end, and what is there."""
        at = asked
        for _ in range(self._limits.redirects + 1):
            try:
                if not self._rules(at).allow(str(at)):
                    raise NotPermitted("its robots.txt does not let onrecord fetch this; ask the publisher")
                reply = self._get(at, self._limits.bytes, conditions)
                if reply.status not in _REDIRECTS:
                    return at, reply
                at = _redirected(at, reply)
            except Failure as failure:
                if at == asked:
                    raise
                raise Failure(f"it leads to {shown(str(at))}, and there: {failure.problem}") from failure
        raise Failure(f"it redirects more than {self._limits.redirects} times; look where it leads in a browser")

    def _rules(self, url: httpx.URL) -> Robots:
        """The rules of the origin of an address.

        Raises:
            Failure: They cannot be had, so that nothing of it may be fetched (RFC 9309, 2.3.1.4).
        """
        origin = url.copy_with(raw_path=b"/robots.txt")
        since, rules = self._robots.get(origin, (0.0, None))
        if rules is None or self._clock() - since > KEPT:
            rules = self._read_rules(origin)
            self._robots[origin] = self._clock(), rules
            if isinstance(rules, Robots) and rules.delay is not None:
                self._manners.slow_down(url.host, min(rules.delay, self._limits.longest_pause))
        if isinstance(rules, Failure):
            raise rules
        return rules

    def _read_rules(self, origin: httpx.URL) -> Robots | Failure:
        at = origin
        try:
            for _ in range(self._limits.redirects + 1):
                reply = self._get(at, MOST_BYTES, {}, cut=True)
                if reply.path is not None:
                    data = reply.path.read_bytes()
                    reply.path.unlink()
                    return Robots.parse(data)
                if reply.status not in _REDIRECTS:
                    return _no_rules(reply.status)
                at = _redirected(at, reply)
        except NotPermitted as failure:
            return failure
        except Failure as failure:
            return _unreachable(failure.problem)
        return Robots.parse(b"")  # as one that is not there (RFC 9309, 2.3.1.2)

    def _get(self, url: httpx.URL, most: int, conditions: Mapping[str, str], *, cut: bool = False) -> _Reply:
        """The reply to one request, after as many tries as it takes and it is given."""
        for tries in range(1, self._limits.tries):
            with suppress(Passing):
                reply = self._ask(url, most, conditions, cut=cut)
                if reply.status not in _TRY_AGAIN:
                    return reply
            self._manners.leave(url.host, self._limits.pause * 2**tries)
        return self._ask(url, most, conditions, cut=cut)

    def _ask(self, url: httpx.URL, most: int, conditions: Mapping[str, str], *, cut: bool) -> _Reply:
        """The reply to one request, made when its host may be asked."""
        self._manners.wait(url.host)
        try:
            reply = self._exchange(url, most, conditions, cut=cut)
        finally:
            self._manners.asked(url.host)
        if reply.status in _BUSY and (seconds := _retry_after(reply.headers)) is not None:
            self._manners.leave(url.host, seconds)
        return reply

    def _exchange(self, url: httpx.URL, most: int, conditions: Mapping[str, str], *, cut: bool) -> _Reply:
        """One request and its reply, with its body in a file if it is one that brings what was asked for."""
        self._deadline.start(self._limits.seconds)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        # With a name that bears its brackets and port; httpcore would write one of IPv6 without.
        headers = [("Host", url.netloc.decode()), *self._headers.items(), *conditions.items()]
        try:
            with self._pool.stream("GET", target, headers=headers) as response:
                received = httpx.Headers(response.headers)
                if response.status not in _WITH_BODY:
                    return _Reply(response.status, received)
                if not cut and _announced(received) > most:
                    raise too_large(most)
                raw = bounded(response.iter_stream(), most, cut=cut)
                body = bounded(decoded(raw, received.get("content-encoding", "")), most, cut=cut)
                return _Reply(response.status, received, spooled(body, self._folder))
        except httpcore.ConnectTimeout as error:
            raise Passing(f"{url.host} does not answer; try again later") from error
        except httpcore.TimeoutException as error:
            raise self._deadline.passed() from error
        except httpcore.ConnectError as error:
            raise Passing(f"{url.host} does not accept connections; try again later") from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise Passing(f"{url.host} broke off, or what it sent is not HTTP; try again later") from error
        except httpcore.LocalProtocolError as error:
            raise Failure("what was kept of it cannot be sent as a header; fetch it anew without") from error


def _user_agent(contact: str | None) -> str:
    product = f"{PRODUCT}/{version('onrecord')}"
    if contact is None:
        return product
    if (
        not contact
        or set(contact) - set(string.ascii_letters + string.digits + string.punctuation)
        or set(contact) & {*"()\\"}
    ):
        raise InvalidRequest(f"a contact is a web or e-mail address, and this is {contact!r}")
    return f"{product} (+{contact})"


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    stated = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in stated.items() if value}


def _fetched(asked: httpx.URL, at: httpx.URL, reply: _Reply, path: Path) -> Fetched:
    media_type, charset = described(reply.headers.get("content-type"))
    return Fetched(
        str(asked),
        str(at),
        path,
        reply.status,
        media_type,
        charset,
        reply.headers.get("etag"),
        reply.headers.get("last-modified"),
    )


def _redirected(at: httpx.URL, reply: _Reply) -> httpx.URL:
    location = reply.headers.get("location")
    if location is None:
        raise Failure("it redirects to nowhere; look where it leads in a browser")
    try:
        joined = str(at.join(location))
    except httpx.InvalidURL as error:
        raise Failure("it redirects to something that is no address; look where it leads in a browser") from error
    try:
        to = web_url(joined)
    except NotPermitted as failure:
        raise NotPermitted(f"it redirects to {shown(joined)}, and {failure.problem}") from failure
    if at.scheme == "https" and to.scheme == "http":
        raise NotPermitted(
            f"it redirects from https to {shown(joined)}, where anybody on the way could change it; "
            "name that address if it is meant"
        )
    return to


def _refused(where: str, status: int) -> SourceError:
    if status in _GONE:
        return SourceGone(
            where, f"there is nothing at this address ({_named(status)}); leave it out, or look for its new one"
        )
    if status in {401, 402, 403}:
        return SourceError(where, f"the server does not let us read it ({_named(status)}); ask the publisher")
    if status in _TRY_AGAIN:
        return SourceError(where, f"the server cannot answer at present ({_named(status)}); try again later")
    return SourceError(where, f"the server does not give it out ({_named(status)}); open it in a browser to see why")


def _no_rules(status: int) -> Robots | Failure:
    if 400 <= status < 500 and status != http.HTTPStatus.TOO_MANY_REQUESTS:
        return Robots.parse(b"")
    return _unreachable(f"the server answers {_named(status)}")


def _unreachable(why: str) -> Failure:
    return Failure(f"nothing of this site may be fetched as long as its robots.txt cannot be read: {why}")


def _named(status: int) -> str:
    """A status by the name that it has in the standard; servers call them what they like."""
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _announced(headers: httpx.Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else 0


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3); a date is held against the server's own clock, for ours may be another."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    then, now = _date(value), _date(headers.get("date", ""))
    return None if then is None or now is None else max(0.0, (then - now).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return then if then.tzinfo is not None else None
