"""Articles put in, read, listed by version and deleted over HTTP, and old citations of them."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ingest.pipeline import archive_settings, ingest
from ingest.read import read
from retrieval.archive import Archive
from retrieval.encoder import Encoder
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import served
from tests.service.problem import problem_of
from tests.service.test_pages import Page

FERRY = {"title": "Ferry", "text": "The night ferry stays.\r\n\r\n“It pays,” said Ines Okafor.", "desk": {"city": 1}}


@pytest.fixture
def archive(tmp_path: Path, encoder: Encoder) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive", archive_settings(), load_encoder=lambda *_: encoder) as made:
        yield made


@pytest.fixture
def client(archive: Archive) -> Iterator[httpx.Client]:
    with served(create_app(archive, Settings(max_article_bytes=20_000)), "ask", "ingest") as connected:
        yield connected


def put(client: httpx.Client, article_id: str, **fields: Any) -> httpx.Response:
    return client.put(f"/v1/articles/{quote(article_id, safe='')}", json=fields)


def test_a_new_article_is_created_and_found_by_the_next_question(client: httpx.Client) -> None:
    response = put(client, "ferry é?", **FERRY)
    assert (response.status_code, response.headers["location"]) == (201, "/v1/articles/ferry%20%C3%A9%3F")
    assert response.json() == {"id": "ferry é?", "version": 1, "outcome": "new", "passages": 1}
    stored = client.get(response.headers["location"]).json()
    assert (stored["title"], stored["extra"]) == ("Ferry", {"desk": {"city": 1}})
    assert stored["text"] == FERRY["text"].replace("\r\n", "\n")  # type: ignore[attr-defined]
    hit = client.get("/v1/ask?q=what did Okafor say&k=1").json()["passages"][0]
    assert (hit["citation"]["article_id"], hit["quotes"][0]["speaker"]) == ("ferry é?", "Ines Okafor")


def test_a_changed_article_is_its_next_version_and_the_same_again_changes_nothing(client: httpx.Client) -> None:
    put(client, "ferry", **FERRY)
    changed = put(client, "ferry", **{**FERRY, "title": "The ferry"})
    again = put(client, "ferry", **{**FERRY, "title": "The ferry", "id": "ferry"})
    assert (changed.status_code, changed.json()["outcome"], changed.json()["version"]) == (200, "changed", 2)
    assert (again.status_code, again.json()["outcome"], again.json()["version"]) == (200, "unchanged", 2)
    assert again.json()["passages"] == changed.json()["passages"]
    assert client.get("/v1/articles/ferry/versions").json() == {
        "id": "ferry",
        "versions": [
            {"version": 1, "current": False, "title": "Ferry", "published": None, "corrected": None, "passages": 1},
            {"version": 2, "current": True, "title": "The ferry", "published": None, "corrected": None, "passages": 1},
        ],
    }


def test_an_article_that_is_put_is_stored_as_an_ingested_one_is(
    client: httpx.Client, archive: Archive, tmp_path: Path, encoder: Encoder
) -> None:
    source = tmp_path / "one.jsonl"
    source.write_text(json.dumps({"id": "ferry", **FERRY}), "utf-8")
    put(client, "ferry", **FERRY)
    with Archive.create(tmp_path / "other", archive_settings(), load_encoder=lambda *_: encoder) as other:
        ingest(other, read([str(source)]))
        assert asdict(other.article("ferry")) == asdict(archive.article("ferry"))
        assert other.passages(other.article("ferry")) == archive.passages(archive.article("ferry"))


def test_a_deleted_article_is_gone_and_can_be_put_in_anew(client: httpx.Client) -> None:
    put(client, "ferry", **FERRY)
    deleted = client.delete("/v1/articles/ferry")
    assert (deleted.status_code, deleted.content) == (204, b"")
    for path in ("", "?version=1", "/versions"):
        problem_of(client.get(f"/v1/articles/ferry{path}"), 404)
    problem_of(client.delete("/v1/articles/ferry"), 404)
    assert client.get("/v1/ask?q=ferry").json()["reason"] == "empty_archive"
    assert put(client, "ferry", **FERRY).json()["version"] == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n "}, "text"),
        ({"text": 7}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": "nul \0 inside"}, "text"),
        ({"text": "a", "id": "another"}, "id"),
        ({"text": "a", "id": 7}, "id"),
        ({"text": "a", "title": {}}, "title"),
        ({"text": "a", "title": "\0"}, "title"),
        ({"text": "a", "publisher": True}, "publisher"),
        ({"text": "a", "author": ["x"]}, "author"),
        ({"text": "a", "url": "javascript:alert(1)"}, "url"),
        ({"text": "a", "url": "x" * 9_000}, "url"),
        ({"text": "a", "published": "last year"}, "published"),
        ({"text": "a", "published": "2020-02-31"}, "published"),
        ({"text": "a", "published": 2020}, "published"),
        ({"text": "a", "published": "-2020"}, "published"),
        ({"text": "a", "kind": "poem"}, "kind"),
        ({"text": "a", "url": "http://["}, "body"),
        ({"text": "a", "further": "\0"}, "body"),
        ({"text": "a", "further": json.loads("[" * 40 + "]" * 40)}, "further"),
    ],
)
def test_an_article_that_cannot_be_meant_names_the_field_and_no_file(
    client: httpx.Client, fields: dict[str, Any], field: str
) -> None:
    response = put(client, "a", **fields)
    found = problem_of(response, 422)
    assert [error["field"] for error in found["errors"]] == [field]
    assert len(response.content) < 1_000
    problem_of(client.get("/v1/articles/a"), 404)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff", b'{"text": "\xed\xa0\x80"}', b'{"text": "\\ud800"}',
        b'{"text": "a", "further": "\\udc00"}', b'{"text": "a", "\\ud800": 1}', b'{"text": "a", "further": NaN}',
        b'{"text": "a", "text": "b"}', b'{"text": "a", "f": {"x": 1, "x": 2}}', b'{"text": "a", "f": ' + b"[" * 9_000,
        b'{"text": "a", "f": ' + b"[" * 900 + b"]" * 900 + b"}", b'{"text": "a", "f": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_article_is_a_problem_of_the_sender(client: httpx.Client, raw: bytes) -> None:
    response = client.put("/v1/articles/a", content=raw, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    problem_of(response, response.status_code)


@pytest.mark.parametrize("article_id", [" a", "a ", "\u2028", "x" * 201, "\n", "..."])
def test_an_id_that_cannot_stand_in_an_address_is_refused(client: httpx.Client, article_id: str) -> None:
    response = put(client, article_id, text="a")
    if article_id == "...":
        assert response.status_code == 201
    else:
        assert problem_of(response, 422)["errors"][0]["field"] == "id"


def test_texts_that_run_backwards_are_kept_to_the_letter(client: httpx.Client) -> None:
    text = "\u202egnitirw desrever\u202c and on\u200f"
    assert put(client, "rtl", text=text).status_code == 201
    assert client.get("/v1/articles/rtl").json()["text"] == text


@pytest.mark.parametrize("field", ["title", "publisher", "author"])
def test_names_and_titles_that_override_their_direction_are_refused(client: httpx.Client, field: str) -> None:
    refused = problem_of(put(client, "rtl", text="a", **{field: "\u202enotregnuL"}), 422)
    assert refused["errors"][0]["field"] == field


def test_only_json_is_put(client: httpx.Client) -> None:
    problem_of(client.put("/v1/articles/a", content=b'{"text": "a"}', headers={"content-type": "text/plain"}), 415)


def test_an_address_names_all_its_methods_to_who_takes_another(client: httpx.Client) -> None:
    for path, methods in (("/v1/articles", "GET, POST"), ("/v1/articles/a", "DELETE, GET, PUT"), ("/readyz", "GET")):
        response = client.patch(path)
        problem_of(response, 405)
        assert response.headers["allow"] == methods


# Pages of articles that have changed


def test_an_old_citation_leads_to_a_notice_and_from_there_to_the_old_version(client: httpx.Client) -> None:
    put(client, "ferry", **FERRY)
    link = client.get("/v1/ask?q=ferry&k=1").json()["passages"][0]["citation"]["link"]
    path, _, anchor = link.partition("#")
    put(client, "ferry", text="The night ferry goes. " * 3)
    page = Page(client.get(path).text)
    (notice,) = page.all("p", id=anchor)
    assert "of version 1" in notice
    assert {"class": "notice superseded", "id": anchor, "role": "note"} in page.attributes("p")
    (onward,) = [found["href"] for found in page.attributes("a") if "version=1&start=" in (found["href"] or "")]
    _, start, end = anchor.split("-")
    assert onward == f"{path}?version=1&start={start}&end={end}#{anchor}"
    old = Page(client.get(onward).text)
    assert [found["id"] for found in old.attributes("div") if "id" in found] == ["text", anchor]
    assert not [found for found in old.attributes("p") if "superseded" in (found.get("class") or "")]
    css = client.get("/static/site.css").text
    assert ".superseded { display: none; }" in css
    assert ".superseded:target { display: block; }" in css


def test_a_page_has_a_bounded_number_of_notices(client: httpx.Client) -> None:
    text = "\n\n".join(f"Paragraph {number} is about ferries. " * 12 for number in range(12))
    for version in range(3):
        put(client, "ferry", text=f"{text} {version}")
    page = Page(client.get("/articles/ferry").text)
    ids = [found.get("id") for found in page.attributes("p") + page.attributes("div") if found.get("id")]
    assert len(ids) == len(set(ids)) > 10
