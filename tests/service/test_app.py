"""The service as a program sees it."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import ValidationError

from retrieval.archive import MAX_QUESTION, Archive
from retrieval.errors import ArchiveMissing
from retrieval.store import State
from retrieval.types import Answer, Filters, ReadAs
from service import schemas
from service.app import create_app
from service.bounds import MAX_BODY
from service.readiness import Readiness
from service.settings import Settings
from tests.service.conftest import HARBOUR, ORCHARD, UNDATED, served
from tests.service.problem import problem_of

NO_FILTERS = Filters()
FERRY = "what did Okafor say about the hospital floor?"


# Asking


def test_an_answer_has_the_members_that_are_promised_and_no_others(client: httpx.Client) -> None:
    body = client.post("/v1/ask", json={"question": FERRY, "k": 2}).json()
    assert list(body) == [
        "question", "answered", "confidence", "reason", "interpretation", "passages", "archive", "spoken_of_by",
        "sources", "asked_for", "uncovered", "query_id", "took_ms",
    ]  # fmt: skip
    assert list(body["interpretation"]) == ["speakers", "topic", "published_from", "published_to"]
    assert list(body["archive"]) == ["version", "articles", "passages", "published_from", "published_to"]
    hit = body["passages"][0]
    assert list(hit) == [
        "rank", "id", "text", "confidence", "score", "segments", "quotes", "attribution", "citation", "copies",
        "carried",
    ]  # fmt: skip
    assert list(hit["segments"][0]) == ["text", "highlight"]
    assert list(hit["citation"]) == [
        "article_id", "version", "title", "publisher", "author", "published", "url", "link", "start", "end",
        "text_sha256", "prefix", "suffix", "corrected", "page",
    ]  # fmt: skip
    assert body["took_ms"] > 0


def test_the_passage_that_answers_comes_first_and_can_be_found_in_its_article(client: httpx.Client) -> None:
    hit = client.post("/v1/ask", json={"question": FERRY}).json()["passages"][0]
    citation = hit["citation"]
    assert citation["article_id"] == HARBOUR.id
    article = client.get(f"/v1/articles/{quote(citation['article_id'], safe='')}").json()
    assert article["text"][citation["start"] : citation["end"]] == hit["text"]
    assert "".join(segment["text"] for segment in hit["segments"]) == hit["text"]


def test_get_answers_as_post_does(client: httpx.Client) -> None:
    filters = {"publisher": "field notes", "published_from": "2020", "published_to": "2020-12-31"}
    posted = client.post("/v1/ask", json={"question": FERRY, "k": 3, "filters": filters}).json()
    got = client.get("/v1/ask", params={"q": FERRY, "k": 3, **filters}).json()
    assert {hit["citation"]["article_id"] for hit in got["passages"]} == {ORCHARD.id}
    assert {**got, "took_ms": 0} == {**posted, "took_ms": 0}


def test_filters_bound_the_answer(client: httpx.Client) -> None:
    body = client.get("/v1/ask", params={"q": "parking", "article": UNDATED.id}).json()
    assert {hit["citation"]["article_id"] for hit in body["passages"]} == {UNDATED.id}
    early = client.get("/v1/ask", params={"q": "parking", "published_to": "1999"}).json()
    assert (early["answered"], early["reason"], early["passages"]) == (False, "outside_dates", [])


def test_an_empty_archive_says_so(empty: httpx.Client) -> None:
    body = empty.post("/v1/ask", json={"question": "anything"}).json()
    assert (body["answered"], body["reason"], body["passages"]) == (False, "empty_archive", [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": 7}, "question"),
        ({"question": "x" * (MAX_QUESTION + 1)}, "question"),
        ({"question": "nul \0 inside"}, "question"),
        ({"question": "over \u202e ridden"}, "question"),
        ({"question": "x", "filters": {"speaker": "\u202enotregnuL"}}, "filters.speaker"),
        ({"question": "x", "k": 0}, "k"),
        ({"question": "x", "k": 101}, "k"),
        ({"question": "x", "k": "3"}, "k"),
        ({"question": "x", "k": True}, "k"),
        ({"question": "x", "colour": "red"}, "colour"),
        ({"question": "x", "filters": {"colour": "red"}}, "filters.colour"),
        ({"question": "x", "filters": {"article": "a\0b"}}, "filters.article"),
        ({"question": "x", "filters": []}, "filters"),
        ([], "body"),
    ],
)
def test_a_request_that_cannot_be_meant_names_the_field(client: httpx.Client, body: Any, field: str) -> None:
    found = problem_of(client.post("/v1/ask", json=body), 422)
    assert found["type"] == "/problems/invalid-request"
    assert [error["field"] for error in found["errors"]] == [field]


@pytest.mark.parametrize(
    "body",
    [
        {"question": "   "},
        {"question": "x", "filters": {"published_from": "last year"}},
        {"question": "x", "filters": {"published_from": "2020-13"}},
        {"question": "x", "filters": {"published_from": "2021", "published_to": "2020"}},
    ],
)
def test_what_the_archive_refuses_is_invalid_too(client: httpx.Client, body: Any) -> None:
    assert problem_of(client.post("/v1/ask", json=body), 422)["detail"]


@pytest.mark.parametrize("raw", [rb'{"question": "\ud800 x"}', rb'{"question": "x", "\ud800": 1}'])
def test_a_lone_surrogate_is_refused(client: httpx.Client, raw: bytes) -> None:
    problem_of(client.post("/v1/ask", content=raw, headers={"content-type": "application/json"}), 422)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b'{"question": ',
        b"\xff\xfe", b'{"question": "\xed\xa0\x80"}', b"[" * 60_000, b"1" * 6_000,
        b'{"question": "x", "k": NaN}', b'{"question": "x", "k": 1' + b"0" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_a_problem_of_the_sender(client: httpx.Client, raw: bytes) -> None:
    response = client.post("/v1/ask", content=raw, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    problem_of(response, response.status_code)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/xml"])
def test_only_json_is_read(client: httpx.Client, media_type: str) -> None:
    headers = {"content-type": media_type} if media_type else {}
    problem_of(client.post("/v1/ask", content=b'{"question": "x"}', headers=headers), 415)


def test_json_with_a_charset_is_read(client: httpx.Client) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/v1/ask", content=b'{"question": "parking"}', headers=headers).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_refused(client: httpx.Client, chunked: bool) -> None:
    raw = json.dumps({"question": "x" * (MAX_BODY + 1)}).encode()
    content: Any = iter([raw[:40_000], raw[40_000:]]) if chunked else raw
    problem_of(client.post("/v1/ask", content=content, headers={"content-type": "application/json"}), 413)


def test_a_problem_repeats_little_of_what_was_sent(client: httpx.Client) -> None:
    body = {"question": "x" * 30_000, **{f"{number}{'y' * 300}": 1 for number in range(90)}}
    response = client.post("/v1/ask", json=body)
    problem_of(response, 422)
    assert len(response.content) < 8_000
    assert b"xxx" not in response.content
    long_path = problem_of(client.get("/v1/" + "z" * 5_000), 404)
    assert len(long_path["instance"]) <= 200


@pytest.mark.parametrize("query", ["q=%ff", "q=%ed%a0%80", "q=x&publisher=%c3%28"])
def test_an_address_that_is_not_utf8_is_refused(client: httpx.Client, query: str) -> None:
    problem_of(client.get(f"/v1/ask?{query}"), 400)


@pytest.mark.parametrize("query", ["", "q=", "q=%00", "q=x&k=many", "q=x&k=0", "q=x&colour=red", "q=x&publisher="])
def test_an_address_is_checked_as_a_body_is(client: httpx.Client, query: str) -> None:
    assert problem_of(client.get(f"/v1/ask?{query}"), 422)["errors"]


# Articles


def test_articles_are_listed_by_id_in_pages(client: httpx.Client) -> None:
    first = client.get("/v1/articles", params={"limit": 3}).json()
    rest = client.get("/v1/articles", params={"limit": 3, "offset": 3}).json()
    listed = first["articles"] + rest["articles"]
    assert [line["id"] for line in listed] == sorted(line["id"] for line in listed)
    assert (first["total"], first["offset"], first["limit"], len(listed)) == (4, 0, 3, 4)
    orchard = next(line for line in listed if line["id"] == "orchard")
    assert orchard == {
        "id": "orchard", "version": 2, "title": ORCHARD.title, "publisher": "Field Notes", "kind": "opinion",
        "author": "Jonas Lindqvist", "published": "2020-11", "url": ORCHARD.url,
    }  # fmt: skip


def test_a_list_of_articles_can_be_filtered(client: httpx.Client) -> None:
    body = client.get("/v1/articles", params={"author": "anna brandt", "published_from": "2019"}).json()
    assert ([line["id"] for line in body["articles"]], body["total"]) == ([HARBOUR.id], 1)


@pytest.mark.parametrize("query", ["limit=201", "limit=0", "offset=-1", f"offset={2**64}", "page=2", "published_to=x"])
def test_a_page_of_articles_has_bounds(client: httpx.Client, query: str) -> None:
    problem_of(client.get(f"/v1/articles?{query}"), 422)


def test_an_article_is_told_in_full(client: httpx.Client) -> None:
    body = client.get(f"/v1/articles/{quote(HARBOUR.id, safe='')}").json()
    assert (body["id"], body["version"], body["current"], body["text"]) == (HARBOUR.id, 1, True, HARBOUR.text)
    assert body["removed"] == [{"rule": "share-buttons", "text": "Share this page"}]
    assert body["extra"] == {
        "desk": "city",
        "nothing": None,
        "tags": ["ferry", {"rank": 1}],
    }
    texts = [HARBOUR.text[passage["start"] : passage["end"]] for passage in body["passages"]]
    assert texts == HARBOUR.text.split("\n\n")


def test_an_old_version_is_still_there(client: httpx.Client) -> None:
    old = client.get("/v1/articles/orchard", params={"version": 1}).json()
    assert (old["current"], old["title"], len(old["passages"])) == (False, "Orchards", 1)


@pytest.mark.parametrize("path", ["nothing", "orchard?version=9", "%00", "a%2Fb", "%F0%9F%90%9D", "%ff"])
def test_an_article_that_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    problem_of(client.get(f"/v1/articles/{path}"), 404)


@pytest.mark.parametrize("version", ["0", "x", str(2**70)])
def test_a_version_is_a_number(client: httpx.Client, version: str) -> None:
    problem_of(client.get(f"/v1/articles/orchard?version={version}"), 422)


def test_stats_tell_what_the_archive_holds(client: httpx.Client) -> None:
    body = client.get("/v1/stats").json()
    assert (body["articles"], body["published_from"], body["published_to"]) == (4, "2019-05-03", "2021-01-05")
    assert {"publisher": "Field Notes", "articles": 1} in body["publishers"]
    assert {"kind": "opinion", "articles": 1} in body["kinds"]
    assert body["settings"]["model"]


# Speakers


def test_speakers_come_with_all_their_names_and_offices(speaking: httpx.Client) -> None:
    (found,) = speaking.get("/v1/speakers", params={"prefix": "oka"}).json()["speakers"]
    assert found == {
        "name": "Ines Okafor", "aliases": ["Ines Okafor", "Okafor"], "statements": 1, "articles": 1,
        "offices": [{"office": "head of the ferry company", "first": "2019-05-03", "last": "2019-05-03"}],
    }  # fmt: skip


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "prefix=%00", f"prefix={'x' * 101}", "name=x"])
def test_a_list_of_speakers_has_bounds(client: httpx.Client, query: str) -> None:
    problem_of(client.get(f"/v1/speakers?{query}"), 422)


def test_a_speaker_can_be_asked_for_in_a_body_and_in_an_address(speaking: httpx.Client) -> None:
    asked = "What about the winter?"
    posted = speaking.post("/v1/ask", json={"question": asked, "filters": {"speaker": "OKAFOR"}}).json()
    got = speaking.get("/v1/ask", params={"q": asked, "speaker": "OKAFOR"}).json()
    assert posted["passages"] == got["passages"]
    assert len(posted["passages"]) == 1
    assert posted["interpretation"]["speakers"] == ["Ines Okafor"]
    assert speaking.get("/v1/articles", params={"speaker": "okafor"}).json()["total"] == 1


def test_nobody_of_that_name_is_a_refusal_with_its_reason(speaking: httpx.Client) -> None:
    answer = speaking.get("/v1/ask", params={"q": "ferry", "speaker": "Zyskowski"}).json()
    assert (answer["answered"], answer["reason"], answer["passages"]) == (False, "speaker_not_found", [])


# Every answer


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing", "/v1/ask/", "/static/nothing.css", "/static/../app.py"])
def test_an_unknown_address_is_not_found(client: httpx.Client, path: str) -> None:
    problem_of(client.get(path), 404)


def test_a_method_that_is_not_allowed_says_which_are(client: httpx.Client) -> None:
    response = client.delete("/v1/stats")
    problem_of(response, 405)
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/", "/v1/stats", "/v1/nothing", "/v1/ask", "/static/site.css", "/docs", "/healthz"])
def test_every_answer_carries_the_headers_of_safety(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy.pop("trusted-types") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("require-trusted-types-for") == "'script'"
    assert policy == dict.fromkeys(["script-src", "connect-src", "style-src", "img-src", "form-action"], "'self'")


@pytest.mark.parametrize("path", ["/", "/v1/stats", "/healthz", "/static/site.css"])
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_the_service_becomes_ready(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    for _ in range(200):
        response = client.get("/readyz")
        if response.status_code == 200:
            break
        problem_of(response, 503)
        assert response.headers["retry-after"] == "2"
    assert client.get("/readyz").json() == {"status": "ok"}


class BrokenArchive(Archive):
    """An archive that fails at whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.path = Path("nowhere")

    @property
    def encoder(self) -> Any:
        raise self._error

    def state(self) -> State:
        raise self._error

    def expect(self, question: str, read_as: ReadAs = ReadAs()) -> None:
        raise self._error

    def ask(self, question: str, k: int = 10, filters: Filters = NO_FILTERS, read_as: ReadAs = ReadAs()) -> Answer:
        raise self._error


def test_a_defect_tells_the_visitor_nothing(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(BrokenArchive(RuntimeError("secret of /home/somebody")), Settings())
    with served(app) as client:
        response = client.post("/v1/ask", json={"question": "x"})
        page = client.get("/ask?q=x")
    problem_of(response, 500)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert page.status_code == 500
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for text in (response.text, page.text):
        assert not any(word in text for word in ("secret", "somebody", "Traceback", "RuntimeError"))
    assert "secret of /home/somebody" in caplog.text


def test_an_archive_that_cannot_be_read_is_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    with served(create_app(BrokenArchive(ArchiveMissing("no archive in /home/somebody")), Settings())) as client:
        asked, probed = client.post("/v1/ask", json={"question": "x"}), client.get("/readyz")
    assert "somebody" not in problem_of(asked, 503)["detail"]
    problem_of(probed, 503)
    assert "no archive in /home/somebody" in caplog.text


async def until_ready(readiness: Readiness) -> None:
    async with asyncio.timeout(60):
        while not await readiness.ready():
            await asyncio.sleep(0.01)


def test_an_archive_that_was_not_prepared_is_not_ready(archive: Archive) -> None:
    readiness = Readiness(archive)
    assert not asyncio.run(readiness.ready())
    readiness.begin()
    asyncio.run(until_ready(readiness))
    readiness.end()


# OpenAPI and settings


def test_operations_have_stable_names(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    names = {
        f"{method} {path}": operation["operationId"]
        for path, item in paths.items()
        for method, operation in item.items()
    }
    assert names == {
        "post /v1/ask": "ask",
        "get /v1/ask": "ask_get",
        "post /v1/ask/batch": "ask_batch",
        "get /v1/articles": "list_articles",
        "post /v1/articles": "stream_articles",
        "get /v1/articles/{article_id}": "get_article",
        "put /v1/articles/{article_id}": "put_article",
        "delete /v1/articles/{article_id}": "delete_article",
        "get /v1/articles/{article_id}/versions": "list_versions",
        "get /v1/articles/{article_id}/diff": "diff_article",
        "post /v1/citations/verify": "verify_citations",
        "get /v1/speakers": "list_speakers",
        "get /v1/speakers/{name}": "get_speaker",
        "get /v1/stats": "stats",
        "get /v1/failures": "list_failures",
        "post /v1/feedback": "give_feedback",
        "get /v1/questions": "list_questions",
        "get /healthz": "health",
        "get /readyz": "ready",
        "get /metrics": "metrics",
    }


def test_every_reference_of_the_description_leads_somewhere(client: httpx.Client) -> None:
    text = client.get("/openapi.json").text
    described = json.loads(text)["components"]["schemas"]
    names = {piece.split('"', 1)[0] for piece in text.split("#/components/schemas/")[1:]}
    assert "Problem" in names
    assert names <= described.keys()


def test_the_examples_are_valid() -> None:
    for model in (schemas.Answer, schemas.AskRequest, schemas.Record, schemas.Feedback, schemas.Questions):
        for example in model.model_json_schema()["examples"]:
            model.model_validate(example)
    citation = schemas.Answer.model_json_schema()["examples"][0]["passages"][0]["citation"]
    text = schemas.Answer.model_json_schema()["examples"][0]["passages"][0]["text"]
    assert citation["end"] - citation["start"] == len(text)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONRECORD_ARCHIVE", raising=False)
    assert (str(Settings().archive), Settings().host, Settings().port) == ("archive", "127.0.0.1", 8000)
    monkeypatch.setenv("ONRECORD_ARCHIVE", "/srv/archive")
    monkeypatch.setenv("ONRECORD_PORT", "9000")
    assert (str(Settings().archive), Settings().port) == ("/srv/archive", 9000)
    monkeypatch.setenv("ONRECORD_PORT", "90000")
    with pytest.raises(ValidationError):
        Settings()


def test_a_question_can_be_read_otherwise_than_it_seems(speaking: httpx.Client) -> None:
    question = "what did Okafor say about winter?"
    seen = speaking.post("/v1/ask", json={"question": question}).json()
    assert seen["interpretation"]["speakers"] == ["Ines Okafor"]
    assert seen["asked_for"] == [{"name": "Ines Okafor", "statements": 1, "articles": 1}]
    body = {"question": question, "read_as": {"speakers": [], "topic": "winter"}}
    anybody = speaking.post("/v1/ask", json=body).json()
    assert (anybody["question"], anybody["interpretation"]["speakers"], anybody["asked_for"]) == (question, [], [])
    assert anybody["passages"][0]["text"] == "The winter was mild."
    assert speaking.get("/v1/ask", params={"q": question, "about": "winter"}).json() == anybody
    theirs = speaking.get("/v1/ask", params={"q": question, "by": ["okafor"], "about": ""}).json()
    assert theirs["passages"][0]["attribution"] == {
        "relation": "said_by",
        "name": "Ines Okafor",
        "office": "head of the ferry company",
    }


def test_a_query_id_names_question_filters_reading_and_archive(speaking: httpx.Client) -> None:
    bodies: list[dict[str, Any]] = [
        {"question": "ferry"},
        {"question": "ferries"},
        {"question": "ferry", "k": 3},
        {"question": "ferry", "filters": {"author": "x"}},
        {"question": "ferry", "read_as": {"topic": "ferry"}},
    ]
    names = [speaking.post("/v1/ask", json=body).json()["query_id"] for body in bodies]
    assert len(set(names)) == len(names)
    assert speaking.get("/v1/ask?q=ferry").json()["query_id"] == names[0]
