"""Connections that go only where they may and end in time; with ``fetch`` the only importer of httpcore.

The check of the address and the connection to it are one step here, below everything else. So there is no way round
it: not by a redirect, not by a name that resolves to something else a moment later, not by robots.txt.
"""

import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from ingest.web.addresses import Allowed, Resolve, permitted
from ingest.web.failures import Failure

_CONNECT = 10.0
"""Seconds in which a host has to accept a connection; one that is there does so in far less than one."""


class Deadline:
    """When an answer has to be complete, however busily its server sends it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seconds = self._end = 0.0

    def start(self, seconds: float) -> None:
        """Give the next answer so many seconds."""
        self._seconds = seconds
        self._end = self._clock() + seconds

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            Failure: None are.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> Failure:
        """What to say when it is over."""
        return Failure(f"it was not there in full after {self._seconds:g} s; try again later, or allow it more time")


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to the very address that was checked, and to none that may not be connected to."""

    def __init__(self, allowed: Allowed, resolve: Resolve, deadline: Deadline) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline says
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that accepts.

        Raises:
            Failure: No address of it may be connected to, or no time is left.
            httpcore.ConnectError: None accepts.
            httpcore.ConnectTimeout: None answers.
        """
        addresses = permitted(host, port, self._allowed, self._resolve)
        for last, address in enumerate(addresses, 1 - len(addresses)):
            seconds = min(_CONNECT, self._deadline.left())
            try:
                stream = self._inner.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == 0:
                    raise
            else:
                return _Stream(stream, self._deadline)
        raise AssertionError("a host that may be connected to has an address")


class _Stream(httpcore.NetworkStream):
    """A connection of which no single wait goes past the deadline of all of them."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline says
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as there
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as there
    ) -> httpcore.NetworkStream:
        try:
            stream = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        except httpcore.ConnectError as error:
            if isinstance(error.args[0], ssl.SSLError):
                raise _not_secure(error.args[0]) from error
            raise
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _not_secure(error: ssl.SSLError) -> Failure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure(f"its certificate is not to be trusted: {error.verify_message}; ask whoever runs the site")
    return Failure(f"no secure connection could be made ({error.reason}); ask whoever runs the site")
