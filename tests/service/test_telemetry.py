"""What an operator sees, and what nobody may see in it."""

import asyncio
import io
import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveDamaged
from retrieval.store import START, State
from retrieval.types import Answer, Article, Coverage, Filters, ReadAs
from service import logs
from service.app import create_app
from service.metrics import Metrics
from service.otel import OpenTelemetry
from service.settings import Misconfigured, Settings
from service.telemetry import Telemetry, request_id, stages
from service.traces import Traces, Untraced
from service.work import Work
from tests.conftest import ROOT
from tests.service.conftest import HARBOUR, SETTINGS, draft, served, until_ready

FERRY = "what did Okafor say about the hospital floor?"
KEY = "sk_" + "aB3-_" * 8 + "xyz"
NO_FILTERS = Filters()
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

Line = dict[str, Any]
Found = TypeVar("Found")


class Log:
    """What was logged, as it would stand on standard error."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[Line]:
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self) -> list[Line]:
        return [line for line in self.lines if line["event"] == "request"]


@contextmanager
def logged(settings: Settings) -> Iterator[Log]:
    """Everything that is logged inside, rendered as ``serve`` renders it.

    Not what others of this process do that were there before: a service may log a request of the last test only now.
    """
    log, root, ours = Log(), logging.getLogger(), logging.getLogger("service")
    others = set(threading.enumerate()) - {threading.current_thread()}
    handler = logging.StreamHandler(log.stream)
    handler.setFormatter(logs.formatter(settings))
    handler.addFilter(lambda _: threading.current_thread() not in others)
    level = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield log
    finally:
        root.removeHandler(handler)
        ours.setLevel(level)


@contextmanager
def watched(archive: Archive, **settings: Any) -> Iterator[tuple[httpx.Client, Log]]:
    """A client of a service over an archive, and its log."""
    chosen = Settings(log_format=settings.pop("log_format", "json"), **settings)
    with logged(chosen) as log, served(create_app(archive, chosen)) as client:
        yield client, log


def figures(client: httpx.Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """The present value of each series by its name and the values of its labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


class ScriptedArchive(Archive):
    """An archive that does something else than answer."""

    def __init__(self, act: Callable[[str], Answer]) -> None:
        self._act = act
        self.path = Path("nowhere")
        self.reranker = None

    @property
    def encoder(self) -> Any:
        return None

    def state(self) -> State:
        return START

    def expect(self, question: str, read_as: ReadAs = ReadAs()) -> None:
        pass

    def ask(self, question: str, k: int = 10, filters: Filters = NO_FILTERS, read_as: ReadAs = ReadAs()) -> Answer:
        return self._act(question)


def defect(message: str) -> ScriptedArchive:
    def fail(question: str) -> Answer:
        raise RuntimeError(f"{message} {question!r}")

    return ScriptedArchive(fail)


# Log ----------------------------------------------------------------------------------------------


def test_each_request_is_one_line_of_json(archive: Archive) -> None:
    with watched(archive) as (client, log):
        response = client.get("/v1/articles/orchard?version=1", headers={"x-request-id": "abc-1"})
        client.get("/v1/articles/nobody-has-this")
        client.head("/static/site.css")
    found, missing, style = log.requests()
    assert found == {
        "event": "request", "request_id": "abc-1", "level": "info", "logger": "service.telemetry",
        "timestamp": found["timestamp"], "method": "GET", "route": "/v1/articles/{article_id}", "status": 200,
        "ms": found["ms"], "bytes": len(response.content), "key": None,
    }  # fmt: skip
    assert (missing["route"], missing["status"]) == ("/v1/articles/{article_id}", 404)
    assert (style["method"], style["route"], style["bytes"]) == ("HEAD", "/static/{path}", 0)
    assert all(re.fullmatch("[0-9a-f]{32}", line["request_id"]) for line in (missing, style))


@pytest.mark.parametrize("log_questions", [False, True])
def test_questions_are_in_the_log_only_if_that_is_wanted(archive: Archive, log_questions: bool) -> None:
    with watched(archive, log_questions=log_questions) as (client, log):
        client.post("/v1/ask", json={"question": FERRY})
        client.get("/v1/ask", params={"q": FERRY})
        client.get("/ask", params={"q": FERRY})
        client.get("/v1/ask", params={"q": FERRY, "k": 0})
        client.get(f"/v1/articles/{FERRY}")
        client.get(f"/{FERRY}?q={FERRY}")
    assert [line.get("question") for line in log.requests()] == ([FERRY] * 3 if log_questions else [None] * 3) + [
        None
    ] * 3
    assert ("hospital" in log.text) is log_questions
    assert "127.0.0.1" not in log.text


def test_a_traceback_is_in_the_log_without_the_question_and_without_keys() -> None:
    asked = "what did «Okafor» say\tabout 'keys'?"
    with watched(defect(f"cannot use {KEY} for")) as (client, log):
        response = client.post("/v1/ask", json={"question": asked})
        page = client.get("/ask", params={"q": asked})
    failed = [line for line in log.lines if "exception" in line and line.get("request_id")]
    assert [line["request_id"] for line in failed] == [one.headers["x-request-id"] for one in (response, page)]
    assert all('RuntimeError: cannot use sk_[redacted] for "[question]"' in line["exception"] for line in failed)
    assert "Okafor" not in log.text
    for text in (log.text, response.text, page.text):
        assert KEY[3:] not in text
    assert "Traceback" not in response.text + page.text


def test_a_traceback_is_still_to_be_read_where_the_question_is_one_short_word() -> None:
    with watched(defect("cannot use")) as (client, log):
        client.get("/v1/ask", params={"q": "ask"})
    (line,) = (line for line in log.lines if "exception" in line and line.get("request_id"))
    assert "RuntimeError: cannot use '[question]'" in line["exception"]
    assert "self._act(" in line["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_keys_are_redacted_wherever_they_stand(log_format: str) -> None:
    with logged(Settings(log_format=log_format)) as log:  # type: ignore[arg-type]
        logger = logging.getLogger("service.test")
        logger.info("a\n%s and %s", KEY, KEY.replace("sk", "pk"), extra={"held": {"in": [KEY]}, KEY: 1})
    assert KEY[3:] not in log.text
    assert log.text.count("sk_[redacted]") == 3
    assert log.text.count("pk_[redacted]") == 1


def test_a_line_of_the_console_stays_one_line_whatever_was_asked(archive: Archive) -> None:
    with watched(archive, log_format="console", log_questions=True) as (client, log):
        client.post("/v1/ask", json={"question": "is\n2026-01-01 [critical] this\u202e a line?"})
    assert "\n2026-01-01" not in log.text
    assert "\u202e" not in log.text


def test_lines_written_in_threads_carry_the_id_of_their_own_request() -> None:
    together = threading.Barrier(6)

    def act(question: str) -> Answer:
        if question.startswith("id"):
            together.wait(30)
            logging.getLogger("service.test").info("at work", extra={"for": question})
        raise RuntimeError

    with (
        watched(ScriptedArchive(act), workers=6) as (client, log),
        ThreadPoolExecutor(6) as pool,
    ):
        asked = [f"id{number}" for number in range(6)]
        list(pool.map(lambda id_: client.get("/v1/ask", params={"q": id_}, headers={"x-request-id": id_}), asked))
    lines = [line for line in log.lines if line["event"] == "at work"]
    assert sorted(line["request_id"] for line in lines) == asked
    assert all(line["request_id"] == line["for"] for line in lines)


def test_a_defect_has_the_id_in_the_answer_and_in_every_line() -> None:
    with watched(defect("broken")) as (client, log):
        response = client.post("/v1/ask", json={"question": FERRY}, headers={"x-request-id": "one.two_3"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] == "one.two_3"
    (line,) = log.requests()
    assert (line["status"], line["request_id"]) == (500, "one.two_3")
    assert [one["event"] for one in log.lines if one.get("request_id") == "one.two_3"] == [
        "a request failed",
        "request",
    ]


# Request id ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["a", "0", "A.b_c-9", "x" * 64])
def test_the_clients_id_is_kept(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "x" * 8192, "a b", "a\n", "a\r\nSet-Cookie: x", 'a"', "{}", "é", "٣", "\u202e", "a/b", KEY]
)
def test_another_id_is_given_where_the_clients_is_no_plain_word(given: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", request_id(given))


@pytest.mark.parametrize("raw", [b"x" * 8192, "é\u202e".encode(), b'"}\\u000a', b"a\tb", b"", b"a, b"])
def test_nothing_hostile_comes_back_as_an_id(archive: Archive, raw: bytes) -> None:
    with watched(archive) as (client, log):
        given = client.get("/healthz", headers=[(b"x-request-id", raw)]).headers.get_list("x-request-id")
    assert len(given) == 1
    assert re.fullmatch("[0-9a-f]{32}", given[0])
    assert [line["request_id"] for line in log.requests()] == given


@pytest.mark.parametrize(
    "path", ["/", "/v1/stats", "/v1/nothing", "/v1/ask", "/static/site.css", "/metrics", "/%ff?%ff"]
)
def test_every_answer_has_an_id_of_its_own(client: httpx.Client, path: str) -> None:
    first, second = (client.get(path).headers["x-request-id"] for _ in range(2))
    assert first != second


# Metrics ------------------------------------------------------------------------------------------


def test_requests_are_counted_by_route_method_and_status(archive: Archive) -> None:
    with watched(archive) as (client, _):
        for article in ("orchard", "undated", "nobody"):
            client.get(f"/v1/articles/{article}")
        client.delete("/v1/stats")
        found = figures(client)
        again = figures(client)
    counted = {labels: value for (name, labels), value in found.items() if name == "onrecord_requests_total"}
    assert counted == {
        ("GET", "/v1/articles/{article_id}", "200"): 2, ("GET", "/v1/articles/{article_id}", "404"): 1,
        ("DELETE", "/v1/stats", "405"): 1,
    }  # fmt: skip
    assert found["onrecord_request_seconds_count", ("/v1/articles/{article_id}",)] == 3
    assert found["onrecord_in_flight", ()] == 1
    assert again["onrecord_requests_total", ("GET", "/metrics", "200")] == 1


def test_a_storm_of_random_addresses_and_methods_is_few_series(archive: Archive) -> None:
    odd = ("PROPFIND", "MKCOL", "LOCK", "REPORT", "PURGE")
    with watched(archive) as (client, _):
        for number in range(60):
            client.get(f"/{number}/{'x' * number}")
            client.get(f"/static/{number}")
            client.request(odd[number % len(odd)], f"/v1/articles/{number}")
        found = figures(client)
    counted = {labels: value for (name, labels), value in found.items() if name == "onrecord_requests_total"}
    assert counted == {
        ("GET", "unmatched", "404"): 60, ("GET", "/static/{path}", "404"): 60,
        ("other", "/v1/articles/{article_id}", "405"): 60,
    }  # fmt: skip


def test_a_question_is_counted_by_its_outcome_and_timed_by_its_stages(archive: Archive) -> None:
    with watched(archive) as (client, _):
        until_ready(client)
        before = figures(client)
        answered = client.post("/v1/ask", json={"question": FERRY}).json()["answered"]
        client.get("/v1/ask", params={"q": "parking", "published_to": "1999"})
        client.get("/ask", params={"q": "zxqv"})
        after = figures(client)
    grown = {series: after[series] - before.get(series, 0) for series in after}
    assert answered
    assert grown["onrecord_answers_total", ("answered",)] == 1
    assert grown["onrecord_answers_total", ("outside_dates",)] == 1
    assert grown["onrecord_answers_total", ("topic_not_found",)] == 1
    timed = {labels[0] for (name, labels), value in grown.items() if name == "onrecord_stage_seconds_count" and value}
    assert timed == {"interpret", "encode", "dense", "lexical", "load", "rank", "mark", "cite"}
    assert grown["onrecord_stage_seconds_count", ("encode",)] == 3


def test_size_and_lag_of_the_archive_are_read_when_they_are_asked_for(tmp_path: Path, encoder: Encoder) -> None:
    with Archive.create(tmp_path / "archive", SETTINGS, load_encoder=lambda *_: encoder) as archive:
        with watched(archive) as (client, _):
            until_ready(client)
            archive.put([draft(HARBOUR), draft(Article(id="other", text="A ferry."))])
            behind = figures(client)
            client.get("/v1/ask", params={"q": "ferry"})
            caught_up = figures(client)
        assert archive.lag() == {"dense": 0, "lexical": 0}
    assert behind["onrecord_archive_readable", ()] == 1
    assert behind["onrecord_archive_articles", ()] == 2
    assert behind["onrecord_archive_passages", ()] == 4
    assert behind["onrecord_archive_version", ()] == 2
    assert (
        caught_up["onrecord_cache_lag_changes", ("dense",)]
        == caught_up["onrecord_cache_lag_changes", ("lexical",)]
        == 0
    )
    assert behind["onrecord_cache_lag_changes", ("lexical",)] == 2


class UnreadableArchive(ScriptedArchive):
    """An archive whose database is damaged."""

    def coverage(self) -> Coverage:
        raise ArchiveDamaged("/srv/archive/archive.db is damaged")


def test_an_archive_that_cannot_be_read_is_seen_in_the_metrics() -> None:
    def fail(question: str) -> Answer:
        raise ArchiveDamaged(question)

    with watched(UnreadableArchive(fail)) as (client, log):
        client.get("/healthz")
        found = figures(client)
    assert found["onrecord_archive_readable", ()] == 0
    assert found["onrecord_requests_total", ("GET", "/healthz", "200")] == 1
    assert "archive.db is damaged" in log.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text; version=1.0.0, text/plain;q=0.5", "application/openmetrics-text"),
        ("text/plain; version=x", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text; version=x; escaping=\u00e9", "application/openmetrics-text"),
    ],
)
def test_metrics_come_in_the_form_that_is_accepted(client: httpx.Client, accept: str, media_type: str) -> None:
    response = client.get("/metrics", headers=[(b"accept", accept.encode())])
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(media_type)
    assert response.text.endswith("# EOF\n") == media_type.startswith("application/openmetrics")
    assert {"onrecord_queue", "onrecord_working", "process_open_fds"} <= set(re.findall(r"^\w+", response.text, re.M))


def test_each_app_counts_for_itself(archive: Archive) -> None:
    first, second = create_app(archive, Settings()), create_app(archive, Settings())
    with served(first) as one, served(second) as other:
        one.get("/healthz")
        assert ("onrecord_requests_total", ("GET", "/healthz", "200")) not in figures(other)


# Answers that end otherwise -----------------------------------------------------------------------


def around(app: FastAPI, metrics: Metrics, traces: Traces) -> FastAPI:
    """An app with telemetry around it."""
    app.add_middleware(Telemetry, routes=app.routes, metrics=metrics, traces=traces, log_questions=False)
    return app


def streaming(pieces: Callable[[], Iterator[bytes]]) -> FastAPI:
    app = FastAPI()

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(pieces())

    return app


def test_a_streamed_answer_counts_when_its_end_was_sent(archive: Archive) -> None:
    metrics, open_end = Metrics(archive, Work(1, 1)), threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        open_end.wait(30)
        yield b"last"

    app = around(streaming(pieces), metrics, Untraced())
    with logged(Settings(log_format="json")) as log, served(app) as client, client.stream("GET", "/stream") as response:
        parts = response.iter_raw()
        assert next(parts) == b"first"
        assert not log.requests()
        open_end.set()
        assert b"".join(parts) == b"last"
    (line,) = log.requests()
    assert (line["status"], line["bytes"]) == (200, 9)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_client_that_goes_away_is_499(archive: Archive) -> None:
    metrics, gone = Metrics(archive, Work(1, 1)), threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        gone.wait(30)
        for _ in range(1000):
            time.sleep(0.001)
            yield b"more"

    with logged(Settings(log_format="json")) as log, served(around(streaming(pieces), metrics, Untraced())) as client:
        with client.stream("GET", "/stream") as response:
            next(response.iter_raw())
        gone.set()
    (line,) = log.requests()
    assert line["status"] == 499


def through(app: ASGIApp, archive: Archive, *received: Message) -> list[Message]:
    """What is sent by an app with telemetry around it, to a request that comes as these messages."""
    sent: list[Message] = []
    coming = iter(received)

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    telemetry = Telemetry(app, routes=[], metrics=Metrics(archive, Work(1, 1)), traces=Untraced(), log_questions=False)
    asyncio.run(telemetry({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send))
    return sent


def test_an_answer_to_somebody_known_to_be_gone_is_499(archive: Archive) -> None:
    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await PlainTextResponse("late")(scope, receive, send)

    with logged(Settings(log_format="json")) as log:
        through(late, archive, {"type": "http.disconnect"})
    (line,) = log.requests()
    assert (line["status"], line["bytes"]) == (499, 4)


def test_an_answer_that_breaks_off_is_500_whatever_its_first_line_said(archive: Archive) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Request-Id", b"another")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("broken off")

    with logged(Settings(log_format="json")) as log, pytest.raises(RuntimeError):
        through(broken, archive)
    (line,) = log.requests()
    assert (line["status"], line["bytes"], line["route"]) == (500, 4, "unmatched")


def test_an_answer_has_one_id(archive: Archive) -> None:
    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("", headers={"X-Request-Id": "another"})(scope, receive, send)

    with logged(Settings(log_format="json")) as log:
        start, _ = through(other, archive)
    assert Headers(raw=start["headers"]).getlist("x-request-id") == [log.requests()[0]["request_id"]]


# Traces -------------------------------------------------------------------------------------------


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Span]]]:
    """The address of a collector of traces, and what it was sent."""
    spans: list[Span] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/v1/traces"
            spans.extend(span for of in sent.resource_spans for scope in of.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_collector_has_all_spans_when_the_service_has_ended(
    archive: Archive, collector: tuple[str, list[Span]]
) -> None:
    address, spans = collector
    with watched(archive, otlp_endpoint=address) as (client, log):
        headers = {"traceparent": TRACEPARENT, "x-request-id": "abc"}
        client.get("/v1/ask", params={"q": FERRY}, headers=headers)
        client.get(f"/{FERRY}")
    (asked,) = (span for span in spans if span.name == "GET /v1/ask")
    assert asked.trace_id.hex() == TRACEPARENT.split("-")[1]
    assert asked.parent_span_id.hex() == TRACEPARENT.split("-")[2]
    assert {one.key: one.value.string_value or one.value.int_value for one in asked.attributes} == {
        "http.request.method": "GET", "http.route": "/v1/ask", "http.response.status_code": 200,
        "onrecord.request_id": "abc",
    }  # fmt: skip
    inside = {span.name for span in spans if span.parent_span_id == asked.span_id}
    assert inside == {"interpret", "encode", "dense", "lexical", "load", "rank", "mark", "cite"}
    assert {span.name for span in spans if not span.parent_span_id} == {"GET unmatched"}
    assert "hospital" not in str(spans)
    assert "127.0.0.1" not in str(spans)
    assert [line["level"] for line in log.lines] == ["info", "info"]


def test_a_collector_that_is_not_there_keeps_nobody_waiting(archive: Archive) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with watched(archive, otlp_endpoint=address) as (client, log):
        assert client.get("/healthz").status_code == 200
    assert any(line["logger"].startswith("opentelemetry") for line in log.lines)


def traced() -> tuple[OpenTelemetry, Callable[[], tuple[ReadableSpan, ...]]]:
    exporter = InMemorySpanExporter()
    return OpenTelemetry(SimpleSpanProcessor(exporter)), exporter.get_finished_spans


def test_a_span_of_a_defect_is_an_error_without_its_message(archive: Archive) -> None:
    traces, finished = traced()

    def fail() -> None:
        with traces.request("GET", "/x", "1", {}) as answered:
            answered(500)
            with traces.stage("rank"):
                raise RuntimeError(FERRY)

    with pytest.raises(RuntimeError):
        fail()
    rank, request = finished()
    assert (rank.name, rank.parent and rank.parent.span_id) == ("rank", request.context and request.context.span_id)
    assert request.status.status_code.name == "ERROR"
    assert not rank.events
    assert not request.events
    assert FERRY not in rank.to_json() + request.to_json()


def test_stages_outside_of_a_request_are_timed_and_not_traced(archive: Archive) -> None:
    traces, finished = traced()
    metrics = Metrics(archive, Work(1, 1))
    with stages(metrics, traces)("rank"):
        pass
    assert not finished()
    assert b'onrecord_stage_seconds_count{stage="rank"} 1.0' in metrics.exposed("")[0]


@pytest.mark.parametrize("traceparent", ["", "00-0-0-0", "x" * 8192, f"00-{'0' * 32}-{'0' * 16}-01"])
def test_a_traceparent_that_is_none_begins_a_trace(traceparent: str) -> None:
    traces, finished = traced()
    with traces.request("GET", "/x", "1", {"traceparent": traceparent, "tracestate": "a=" + "b" * 9000}):
        pass
    assert finished()[0].parent is None


def test_the_frameworks_own_traces_which_hold_questions_are_off(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    with watched(archive) as (client, _):
        client.get("/v1/ask", params={"q": FERRY})
    assert not exporter.get_finished_spans()


def test_traces_without_the_extra_are_refused_with_what_to_install(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "service.otel")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Misconfigured, match=r"ONRECORD_OTLP_ENDPOINT.*pip install 'onrecord\[otel\]'"):
        create_app(archive, Settings(otlp_endpoint="http://127.0.0.1:4318"))


@pytest.mark.parametrize("endpoint", ["", "collector:4318", "ftp://collector", "http://"])
def test_an_endpoint_that_is_no_address_is_refused(archive: Archive, endpoint: str) -> None:
    with pytest.raises(Misconfigured, match="no address of the web"):
        create_app(archive, Settings(otlp_endpoint=endpoint))


# The process --------------------------------------------------------------------------------------

# A question that begins with "wait" is answered once there is a file to say so; all else is as it is.
HELD_UP = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
import tests.conftest
from retrieval.archive import Archive
from service.cli import main
ask = Archive.ask
def held_up(self, question, *rest):
    while question.startswith("wait") and not Path({go!r}).exists():
        time.sleep(0.01)
    return ask(self, question, *rest)
Archive.ask = held_up
main()
"""


def until(seen: Callable[[], Found | None], process: subprocess.Popen[str]) -> Found:
    for _ in range(6000):
        found = seen()
        if found:
            return found
        assert process.poll() is None, "the service has ended"
        time.sleep(0.01)
    raise AssertionError("it did not come to pass")


def test_sigterm_answers_what_is_in_flight_refuses_what_is_new_and_exits_0(
    seeds_folder: Path, model_folder: Path, tmp_path: Path
) -> None:
    folder, log, go = shutil.copytree(seeds_folder, tmp_path / "archive"), tmp_path / "log", tmp_path / "go"
    (folder / "model").symlink_to(model_folder)
    script = HELD_UP.format(root=str(ROOT), go=str(go))
    command = [sys.executable, "-c", script, "serve", "--archive", str(folder), "--port", "0"]
    with log.open("w") as stream, ThreadPoolExecutor(6) as pool:
        patient = {**os.environ, "ONRECORD_DEADLINE": "300"}
        process = subprocess.Popen(command, stderr=stream, text=True, env=patient)
        try:
            found = until(lambda: re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text()), process)
            with httpx.Client(base_url=found[0], timeout=60) as client:
                asked = [pool.submit(httpx.get, f"{found[0]}/v1/ask?q=wait+{n}", timeout=60) for n in range(6)]
                until(lambda: figures(client)["onrecord_in_flight", ()] == 7 or None, process)
            process.send_signal(signal.SIGTERM)
            until(lambda: _refused(int(found[1])), process)
            go.touch()
            answers = [one.result() for one in asked]
            assert process.wait(60) == 0
        finally:
            go.touch()
            process.kill()
            process.wait()
    assert [answer.status_code for answer in answers] == [200] * 6
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    logged_ids = {line["request_id"] for line in lines if line["event"] == "request" and line["route"] == "/v1/ask"}
    assert logged_ids == {answer.headers["x-request-id"] for answer in answers}
    assert "wait" not in log.read_text()


def _refused(port: int) -> bool | None:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return True
    return None
