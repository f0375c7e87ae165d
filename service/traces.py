"""Traces of requests and of the stages of a question; no question, no address and no body is ever in one."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from service.settings import Misconfigured, Settings

Answered = Callable[[int], None]


class Traces(Protocol):
    """Where traces go."""

    def request(
        self, method: str, route: str, request_id: str, headers: Mapping[str, str]
    ) -> AbstractContextManager[Answered]:
        """Trace a request; yields what is to be told the status of its answer.

        Args:
            method: Of HTTP.
            route: Its template.
            request_id: Of the log.
            headers: Of the request; a ``traceparent`` makes it part of a trace that has begun elsewhere.
        """
        ...

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Trace a stage of the request at hand; outside of a request nothing is traced."""
        ...

    def close(self) -> None:
        """Send what has not been sent yet."""
        ...


class Untraced:
    """Nowhere."""

    def request(
        self, method: str, route: str, request_id: str, headers: Mapping[str, str]
    ) -> AbstractContextManager[Answered]:
        """See ``Traces``."""
        del method, route, request_id, headers
        return nullcontext(lambda _: None)

    def stage(self, name: str) -> AbstractContextManager[object]:
        """See ``Traces``."""
        return nullcontext(name)

    def close(self) -> None:
        """See ``Traces``."""


def traces_of(settings: Settings) -> Traces:
    """Where traces go by these settings.

    Raises:
        Misconfigured: To a collector, but the extra ``otel`` is not installed.
    """
    if settings.otlp_endpoint is None:
        return Untraced()
    try:
        from service.otel import exported  # noqa: PLC0415  it is an extra
    except ImportError as error:
        raise Misconfigured(
            "setting otlp_endpoint (ONRECORD_OTLP_ENDPOINT): traces need an extra; "
            "install it with: pip install 'onrecord[otel]'"
        ) from error
    return exported(settings.otlp_endpoint)
