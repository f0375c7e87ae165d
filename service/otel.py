"""Traces by OpenTelemetry, over OTLP; the only importer of its SDK, which is the extra ``otel``."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.settings import Misconfigured
from service.traces import Answered

# Seconds for one attempt to send; also how long a dead collector can keep the process from ending.
_TIMEOUT = 5.0
_PARENT = TraceContextTextMapPropagator()


class OpenTelemetry:
    """Spans of requests and stages; see ``service.traces.Traces``."""

    def __init__(self, processor: SpanProcessor) -> None:
        """Spans go to ``processor``, by a provider of their own, which no other library writes to."""
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "onrecord"}), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("onrecord")

    @contextmanager
    def request(self, method: str, route: str, request_id: str, headers: Mapping[str, str]) -> Iterator[Answered]:
        """A span of kind server, named and attributed by OpenTelemetry's conventions for HTTP."""
        attributes = {"http.request.method": method, "http.route": route, "onrecord.request_id": request_id}
        # An empty context: what another request may have left behind is no parent.
        parent = _PARENT.extract(headers, Context())
        with self._span(f"{method} {route}", SpanKind.SERVER, attributes, parent) as span:

            def answered(status: int) -> None:
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_status(StatusCode.ERROR)

            yield answered

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A span inside the one of the request."""
        if not trace.get_current_span().is_recording():
            return nullcontext(name)
        return self._span(name, SpanKind.INTERNAL)

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._provider.shutdown()

    def _span(
        self,
        name: str,
        kind: SpanKind,
        attributes: Mapping[str, str] | None = None,
        parent: Context | None = None,
    ) -> AbstractContextManager[trace.Span]:
        # Without their exceptions: a message may hold what was asked.
        return self._tracer.start_as_current_span(
            name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
        )


def exported(endpoint: str) -> OpenTelemetry:
    """Spans that go to a collector in batches, in the background.

    Args:
        endpoint: Base address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318.

    Raises:
        Misconfigured: It is no such address.
    """
    split = urlsplit(endpoint)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise Misconfigured(
            "setting otlp_endpoint (ONRECORD_OTLP_ENDPOINT): it is no address of the web; "
            "write one such as http://127.0.0.1:4318"
        )
    # OTLP 1.x: traces have this path under the base address.
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_TIMEOUT)
    return OpenTelemetry(BatchSpanProcessor(exporter))
