"""Articles as a stream of lines."""

import gzip
import json
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.pipeline import archive_settings
from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveMismatch
from retrieval.types import Draft, Put
from service.app import create_app
from service.settings import Settings
from service.stream import Line, Lines
from tests.service.conftest import served
from tests.service.problem import problem_of

NDJSON = {"content-type": "application/x-ndjson"}
TOTALS = {"new": 0, "changed": 0, "unchanged": 0, "failed": 0}


class Recording(Archive):
    """An archive that knows how many drafts came at once, and may refuse them all."""

    def begin(self) -> None:
        self.batches: list[int] = []
        self.broken = False

    def put(self, drafts: Any) -> list[Put]:
        if self.broken:
            raise ArchiveMismatch("a path: /home/somebody")
        drafts = list[Draft](drafts)
        self.batches.append(len(drafts))
        return super().put(drafts)


@pytest.fixture
def archive(tmp_path: Path, encoder: Encoder) -> Iterator[Recording]:
    with Recording.create(tmp_path / "archive", archive_settings(), load_encoder=lambda *_: encoder) as made:
        made.begin()
        yield made


@pytest.fixture
def client(archive: Archive) -> Iterator[httpx.Client]:
    with served(create_app(archive, Settings(max_article_bytes=5_000)), "ask", "ingest") as connected:
        yield connected


def line(article_id: str, text: str = "The night ferry stays.", **fields: Any) -> bytes:
    return json.dumps({"id": article_id, "text": text, **fields}).encode() + b"\n"


def post(client: httpx.Client, content: bytes | Iterable[bytes], **headers: str) -> list[dict[str, Any]]:
    response = client.post("/v1/articles", content=content, headers=NDJSON | headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(said) for said in response.text.splitlines()]


def test_each_line_is_answered_in_order_and_the_totals_come_last(client: httpx.Client) -> None:
    assert post(client, line("a") + line("b")) == [
        {"line": 1, "id": "a", "version": 1, "outcome": "new"},
        {"line": 2, "id": "b", "version": 1, "outcome": "new"},
        {**TOTALS, "new": 2},
    ]
    assert post(client, line("b") + line("a", "The night ferry goes.") + line("c")) == [
        {"line": 1, "id": "b", "version": 1, "outcome": "unchanged"},
        {"line": 2, "id": "a", "version": 2, "outcome": "changed"},
        {"line": 3, "id": "c", "version": 1, "outcome": "new"},
        {"new": 1, "changed": 1, "unchanged": 1, "failed": 0},
    ]


def test_a_broken_line_spoils_no_other(client: httpx.Client) -> None:
    raw = b"".join(
        [line("a"), b"{nonsense\n", b"\n", b"\xff\n", b'{"id": "x"}\n', line("a/b"), line("nul", "\0"), b'{"id": 7}\n',
         b"[1]\n", line("url", url="http://["), line("deep", deep=json.loads("[" * 50 + "]" * 50)),
         b'{"id": "s", "text": "\\ud800"}\n', line("z").rstrip()]
    )  # fmt: skip
    *told, totals = post(client, raw)
    assert [one["line"] for one in told] == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert [one["line"] for one in told if "error" not in one] == [1, 13]
    assert all(set(one) == {"line", "error"} for one in told[1:-1])
    assert totals == {**TOTALS, "new": 2, "failed": 10}
    assert {one["id"] for one in client.get("/v1/articles").json()["articles"]} == {"a", "z"}


def test_an_id_is_derived_where_there_is_none_and_is_the_same_each_time(client: httpx.Client) -> None:
    (first, _), (second, _) = (post(client, b'{"text": "No name."}\n') for _ in range(2))
    assert first["id"] == second["id"]
    assert (first["outcome"], second["outcome"]) == ("new", "unchanged")


def test_the_same_id_twice_is_two_versions_one_after_the_other(client: httpx.Client) -> None:
    told = post(client, line("a", "One.") + line("a", "Two.") + line("a", "Two."))
    assert [(one["version"], one["outcome"]) for one in told[:-1]] == [(1, "new"), (2, "changed"), (2, "unchanged")]
    assert client.get("/v1/articles/a").json()["text"] == "Two."


def test_a_line_that_is_too_long_is_passed_over(client: httpx.Client) -> None:
    told = post(client, line("a") + line("long", "x" * 6_000) + line("b") + line("end", "y" * 50_000).rstrip())
    assert [one.get("id") for one in told] == ["a", None, "b", None, None]
    assert "5000 bytes" in told[1]["error"]


def test_an_empty_body_has_its_totals(client: httpx.Client) -> None:
    assert post(client, b"") == post(client, b"\n \n") == [TOTALS]


def test_many_articles_go_in_by_batches(client: httpx.Client, archive: Recording) -> None:
    *told, totals = post(client, b"".join(line(f"a{number}", f"Number {number}.") for number in range(150)))
    assert [one["line"] for one in told] == list(range(1, 151))
    assert totals == {**TOTALS, "new": 150}
    assert max(archive.batches) <= 64
    assert len(archive.batches) < 20


def test_lines_are_answered_while_the_client_goes_on_and_stay_when_it_goes_away(
    client: httpx.Client, archive: Archive
) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=30) as raw:
        raw.sendall(head(client) + chunk(line("a")) + chunk(b'{"id": "half"'))
        assert received_until(raw, b'"id": "a", "version": 1, "outcome": "new"}')
    assert archive.article("a").version == 1
    assert post(client, line("b"))[0]["outcome"] == "new"
    assert archive.articles()[1] == 2


def head(client: httpx.Client) -> bytes:
    """The head of a request with a body of unknown length."""
    key = client.headers["authorization"].encode()
    return (
        b"POST /v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
        b"Authorization: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % key
    )


def received_until(raw: socket.socket, wanted: bytes) -> bytes:
    """What comes, up to some bytes."""
    received = b""
    while wanted not in received:
        piece = raw.recv(65_536)
        assert piece, received
        received += piece
    return received


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_gzip_is_understood_member_after_member(client: httpx.Client) -> None:
    packed = gzip.compress(line("a")) + gzip.compress(line("b"))
    pieces = [packed[start : start + 7] for start in range(0, len(packed), 7)]
    told = post(client, iter(pieces), **{"content-encoding": "gzip"})
    assert [one.get("id") for one in told] == ["a", "b", None]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (gzip.compress(line("a") + b"\n" * 30_000_000), "times its size"),
        (gzip.compress(line("a"))[:-9], "cut off"),
        (gzip.compress(line("a")) + b"nonsense", "not gzip"),
        (b"nonsense", "not gzip"),
    ],
    # The time of compressing is in the bytes, and would be in the names of the tests.
    ids=["bomb", "cut", "followed by nonsense", "nonsense"],
)
def test_a_body_that_is_no_sound_gzip_ends_with_an_error_and_without_totals(
    client: httpx.Client, body: bytes, why: str
) -> None:
    *_, last = post(client, body, **{"content-encoding": "gzip"})
    assert why in last["error"]


def test_a_client_that_says_nothing_for_too_long_is_not_waited_for(archive: Archive) -> None:
    with (
        served(create_app(archive, Settings(deadline=2)), "ingest") as client,
        socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=30) as raw,
    ):
        raw.sendall(head(client) + chunk(line("a")))
        received = received_until(raw, b"nothing came")
    assert b'"outcome": "new"' in received
    assert b'"failed"' not in received


def test_an_archive_that_cannot_be_written_to_fails_each_line_and_tells_no_path(
    client: httpx.Client, archive: Recording
) -> None:
    archive.broken = True
    *told, totals = post(client, line("a") + line("b"))
    assert totals == {**TOTALS, "failed": 2}
    assert all("somebody" not in one["error"] for one in told)


@pytest.mark.parametrize(
    "headers", [{"content-type": "application/json"}, {}, {**NDJSON, "content-encoding": "br"}, {"content-type": ""}]
)
def test_only_ndjson_is_taken_plain_or_gzipped(client: httpx.Client, headers: dict[str, str]) -> None:
    problem_of(client.post("/v1/articles", content=line("a"), headers=headers), 415)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    body = b"one\n\nthree is long\nfour\nfive"
    lines = Lines(longest=5)
    found = [one for start in range(0, len(body), size) for one in lines.feed(body[start : start + size])]
    found += lines.end()
    assert found == [Line(1, b"one"), Line(3, None), Line(4, b"four"), Line(5, b"five")]
