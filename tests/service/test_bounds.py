"""What one request may take, and what becomes of those that take more."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.types import Answer, Filters, ReadAs
from service.app import create_app
from service.bounds import MAX_BATCH_BODY, MAX_BODY, Bounds
from service.problems import as_json
from service.settings import Settings
from tests.service.conftest import HARBOUR, SETTINGS, draft, served, until_ready
from tests.service.problem import problem_of

NO_FILTERS = Filters()
HELD = "What is held?"


class Held(Archive):
    """An archive that answers one question only when it is let."""

    def hold(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()

    def ask(self, question: str, k: int = 10, filters: Filters = NO_FILTERS, read_as: ReadAs = ReadAs()) -> Answer:
        if question == HELD:
            self.begun.set()
            assert self.let.wait(30)
        return super().ask(question, k, filters, read_as)


@pytest.fixture
def held(tmp_path: Path, encoder: Encoder) -> Iterator[Held]:
    with Held.create(tmp_path / "archive", SETTINGS, load_encoder=lambda *_: encoder) as archive:
        archive.put([draft(HARBOUR)])
        archive.hold()
        yield archive
        archive.let.set()


@contextmanager
def asking(client: httpx.Client, archive: Held) -> Iterator[list[httpx.Response]]:
    """Somebody else asks what is held, until the end of the block."""
    got: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: got.append(client.get("/v1/ask", params={"q": HELD})))
    thread.start()
    assert archive.begun.wait(30)
    try:
        yield got
    finally:
        archive.let.set()
        thread.join()


def test_who_finds_all_workers_busy_and_the_queue_full_is_told_at_once_when_to_come_again(held: Held) -> None:
    with served(create_app(held, Settings(workers=1, queue=0))) as client:
        with asking(client, held) as got:
            refused = client.post("/v1/ask", json={"question": "ferry"})
            page = client.get("/ask?q=ferry")
            assert client.get("/healthz").status_code == 200
        assert problem_of(refused, 503)["type"] == "/problems/busy"
        assert refused.headers["retry-after"] == "2"
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert got[0].status_code == 200
        assert client.post("/v1/ask", json={"question": "ferry"}).status_code == 200


def test_what_takes_too_long_is_ended_and_its_worker_comes_back_when_it_is_done(held: Held) -> None:
    with served(create_app(held, Settings(workers=1, queue=1, deadline=1))) as client:
        until_ready(client)
        with asking(client, held) as got:
            waiting = client.post("/v1/ask", json={"question": "ferry"})
            assert problem_of(waiting, 503)["type"] == "/problems/deadline"
            assert waiting.headers["retry-after"] == "2"
            full = client.post("/v1/ask", json={"question": "ferry"})
            assert problem_of(full, 503)["type"] in ("/problems/busy", "/problems/deadline")
        assert problem_of(got[0], 503)["type"] == "/problems/deadline"
        answers = (client.post("/v1/ask", json={"question": "ferry"}).status_code for _ in range(100))
        assert 200 in answers


def test_a_body_that_never_ends_is_not_waited_for(held: Held) -> None:
    with served(create_app(held, Settings(deadline=0.2))) as client:
        with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=30) as raw:
            raw.sendall(
                b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            answer = b"".join(iter(lambda: raw.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"/problems/deadline" in answer


def test_a_question_in_flight_is_answered_when_the_service_is_told_to_stop(held: Held) -> None:
    got: list[httpx.Response] = []
    with httpx.Client(timeout=60) as other:
        with served(create_app(held, Settings())) as client:
            address = str(client.base_url.join("/v1/ask"))
            thread = threading.Thread(target=lambda: got.append(other.get(address, params={"q": HELD})))
            thread.start()
            assert held.begun.wait(30)
            threading.Timer(0.2, held.let.set).start()
        thread.join()
    assert got[0].status_code == 200


def sent_by(app: ASGIApp, stuck: bool) -> list[Message]:
    """What an app sends in 0.05 s a piece, to a client that takes the first line and, if stuck, no more."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        if stuck and message["type"] == "http.response.body":
            await asyncio.sleep(60)
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    bounded = Bounds(app, Settings(deadline=0.05), lambda _, problem: as_json(problem))
    asyncio.run(bounded({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send))
    return sent


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for more in (True, True, False):
        await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"piece", "more_body": more})


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    assert [message.get("body") for message in sent_by(slow, stuck=False)] == [None, b"piece", b"piece", b"piece"]


def test_a_client_that_does_not_take_its_answer_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    assert [message["type"] for message in sent_by(slow, stuck=True)] == ["http.response.start"]
    assert "did not take its answer" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "bound"),
    [
        ("POST", "/v1/ask", MAX_BODY),
        ("POST", "/v1/ask/batch", MAX_BATCH_BODY),
        ("POST", "/v1/citations/verify", MAX_BATCH_BODY),
        ("PUT", "/v1/articles/a", 300_000),
    ],
)
def test_each_route_has_a_bound_for_its_body(held: Held, method: str, path: str, bound: int) -> None:
    headers = {"content-type": "application/json"}
    with served(create_app(held, Settings(max_article_bytes=300_000)), "ask", "ingest") as client:
        small = client.request(method, path, content=b" " * (bound - 2) + b"{}", headers=headers)
        problem_of(small, 422)
        for content in (b" " * (bound + 1), iter([b" " * bound, b" "])):
            problem_of(client.request(method, path, content=content, headers=headers), 413)
