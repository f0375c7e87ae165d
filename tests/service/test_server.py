"""What one connection may send, whatever it is meant to be."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from service.server import MAX_PIPELINED, MAX_UNREAD
from tests.service.conftest import served

HEAD = b"POST /length HTTP/1.1\r\nHost: localhost\r\n"
# More than the bound and one read.
ENDLESS = b"x" * (MAX_UNREAD + 300_000)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Port of an app that tells the length of a body, and the names of the headers."""
    app = FastAPI()

    @app.post("/length")
    async def length(request: Request) -> PlainTextResponse:
        body = await request.body()
        return PlainTextResponse(json.dumps([len(body), *request.headers]))

    with served(app) as client:
        assert client.base_url.port is not None
        yield client.base_url.port


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
        yield raw


def answer_to(port: int, *pieces: bytes) -> bytes:
    """All that comes until the server closes the connection; what it does not read any more is lost."""
    with connected(port) as raw:
        for piece in pieces:
            try:
                raw.sendall(piece)
            except ConnectionError:
                break
        answer = b""
        try:
            while more := raw.recv(65_536):
                answer += more
        except ConnectionError:
            pass
        return answer


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /", HEAD + b"X-Long: ", HEAD + b"x"],
    ids=["method", "address", "value", "name"],
)
def test_a_head_that_never_ends_is_refused(port: int, begun: bytes) -> None:
    answer = answer_to(port, begun, ENDLESS)
    assert not answer or answer.startswith(b"HTTP/1.1 400 ")


def test_many_small_headers_are_one_large_head(port: int) -> None:
    answer = answer_to(port, HEAD, b"a: b\r\n" * 100_000)
    assert not answer or answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "framing", [b"5;" + ENDLESS, b"1\r\nx\r\n0\r\n" + b"a: b\r\n" * 100_000], ids=["extension of a chunk", "trailers"]
)
def test_what_frames_a_body_is_bounded_as_its_head_is(port: int, framing: bytes) -> None:
    assert not answer_to(port, HEAD, b"Transfer-Encoding: chunked\r\n\r\n", framing)


def test_requests_that_do_not_wait_for_answers_are_few(port: int) -> None:
    one = HEAD + b"Content-Length: 0\r\n\r\n"
    with connected(port) as raw:
        raw.sendall(one * MAX_PIPELINED)
        answers = b""
        while answers.count(b"HTTP/1.1 200 OK") < MAX_PIPELINED:
            more = raw.recv(65_536)
            assert more
            answers += more
    assert b"HTTP/1.1 200 OK" not in answer_to(port, one * 2_000)


def test_a_body_and_a_head_within_their_bounds_are_read_whole(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for body in (b"x" * 1_000_000, iter([b"x" * 10] * 20_000)):
            answer = client.post("/length", content=body, headers={"x-long": "y" * 60_000})
            assert answer.json()[0] == (1_000_000 if isinstance(body, bytes) else 200_000)


def test_who_would_rather_speak_another_protocol_is_answered_in_this_one(port: int) -> None:
    upgrade = HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi"
    with connected(port) as raw:
        for request in (upgrade, HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\nyes"):
            raw.sendall(request)
            answer = b""
            while b"]" not in answer:
                more = raw.recv(65_536)
                assert more
                answer += more
            assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: +1\r\n\r\nx",
        b"X: a\rb\r\n\r\n",
        b"X: a\x00b\r\n\r\n",
    ],
)
def test_a_body_whose_length_could_be_taken_for_another_is_refused(port: int, framing: bytes) -> None:
    assert answer_to(port, HEAD + framing).startswith(b"HTTP/1.1 400 ")
