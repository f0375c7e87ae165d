"""Several questions at once, and citations that come back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.types import Article
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import HARBOUR, ORCHARD, SETTINGS, draft, served
from tests.service.problem import problem_of


@pytest.fixture
def archive(tmp_path: Path, encoder: Encoder) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive", SETTINGS, load_encoder=lambda *_: encoder) as made:
        made.put([draft(HARBOUR), draft(ORCHARD)])
        yield made


@pytest.fixture
def client(archive: Archive) -> Iterator[httpx.Client]:
    with served(create_app(archive, Settings(max_batch=3))) as connected:
        yield connected


def citation(client: httpx.Client, question: str = "parking spaces", **filters: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/ask", params={"q": question, "k": 1, **filters}).json()["passages"][0]
    return dict(found["citation"])


def verify(client: httpx.Client, *citations: dict[str, Any]) -> list[dict[str, Any]]:
    response = client.post("/v1/citations/verify", json={"citations": citations})
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


def test_questions_are_answered_in_order_as_each_would_be_alone(client: httpx.Client) -> None:
    asked = [{"question": "ferry", "k": 1}, {"question": "parking", "filters": {"published_from": "2020"}}]
    answers = client.post("/v1/ask/batch", json={"questions": asked}).json()["answers"]
    assert answers == [client.post("/v1/ask", json=one).json() for one in asked]


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ([], "questions"),
        ([{"question": "x"}] * 4, "questions"),
        ([{"question": "x"}, {"question": ""}], "questions.1.question"),
        ([{"question": "x"}, {"question": "   "}], "questions.1"),
        ([{"question": "x"}, {"question": "x", "filters": {"published_from": "soon"}}], "questions.1"),
        ([{"question": "x", "k": 0}], "questions.0.k"),
        (["x"], "questions.0"),
        ("x", "questions"),
        (None, "questions"),
        ({}, "questions"),
    ],
)
def test_a_question_that_cannot_be_meant_is_named_by_its_place(
    client: httpx.Client, questions: Any, field: str
) -> None:
    found = problem_of(client.post("/v1/ask/batch", json={"questions": questions}), 422)
    assert [error["field"] for error in found["errors"]] == [field]


def test_a_citation_as_it_was_given_out_is_exact(client: httpx.Client) -> None:
    given = citation(client)
    subset = {name: given[name] for name in ("article_id", "version", "start", "end", "text_sha256")}
    whole, part = verify(client, given, subset)
    assert whole == part
    assert (whole["status"], whole["superseded"], whole["version"]) == ("exact", False, 1)
    assert (whole["start"], whole["end"], whole["link"]) == (given["start"], given["end"], given["link"])


def test_what_has_moved_changed_and_gone_is_told_apart(client: httpx.Client, archive: Archive) -> None:
    moved, changed = citation(client, "parking"), citation(client, "ferry tickets")
    withdrawn_id = Article(id="gone", text="The bees are gone.")
    archive.put([draft(withdrawn_id)])
    withdrawn = citation(client, "bees", article="gone")
    archive.delete("gone")
    archive.put(
        [
            draft(Article(id="orchard", text=f"A correction.\n\n{ORCHARD.text}")),
            draft(
                Article(
                    id=HARBOUR.id, text=HARBOUR.text.replace("ten cents", "twenty cents").replace("Nobody", "No one")
                )
            ),
        ]
    )
    results = verify(client, moved, changed, withdrawn)
    assert [one["status"] for one in results] == ["moved", "changed", "withdrawn"]
    assert [one["superseded"] for one in results] == [True, True, None]
    new = client.get("/v1/articles/orchard").json()["text"]
    old = client.get("/v1/articles/orchard?version=1").json()["text"]
    assert new[results[0]["start"] : results[0]["end"]] == old[moved["start"] : moved["end"]]
    assert results[0]["link"].endswith(f"#v2-{results[0]['start']}-{results[0]['end']}")
    assert "cents" in results[1]["text"] or "No one" in results[1]["text"]
    assert results[1]["nearest"][0]["text"] == results[1]["text"]
    assert "deleted" in results[2]["detail"]


@pytest.mark.parametrize(
    "forged",
    [
        {"article_id": "never"},
        {"version": 2},
        {"text_sha256": "0" * 64},
        {"start": 1},
        {"end": 10_000_000},
        {"start": 5, "end": 5},
        {"start": 9, "end": 5},
        {"prefix": "other words"},
        {"suffix": "other words"},
    ],
)
def test_a_citation_that_was_never_given_out_is_not_genuine(client: httpx.Client, forged: dict[str, Any]) -> None:
    (result,) = verify(client, citation(client) | forged)
    assert result["status"] == "not_genuine"
    assert result["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"article_id": None}, "citations.0.article_id"),
        ({"article_id": "a\0"}, "citations.0.article_id"),
        ({"article_id": ""}, "citations.0.article_id"),
        ({"version": 0}, "citations.0.version"),
        ({"version": "1"}, "citations.0.version"),
        ({"version": 2**70}, "citations.0.version"),
        ({"start": -1}, "citations.0.start"),
        ({"end": 1.5}, "citations.0.end"),
        ({"end": True}, "citations.0.end"),
        ({"text_sha256": "A" * 64}, "citations.0.text_sha256"),
        ({"text_sha256": 7}, "citations.0.text_sha256"),
        ({"prefix": "x" * 33}, "citations.0.prefix"),
        ({"suffix": []}, "citations.0.suffix"),
        ({"colour": "red"}, "citations.0.colour"),
    ],
)
def test_a_citation_that_cannot_be_meant_names_the_field(client: httpx.Client, change: Any, field: str) -> None:
    found = problem_of(client.post("/v1/citations/verify", json={"citations": [citation(client) | change]}), 422)
    assert [error["field"] for error in found["errors"]] == [field]


@pytest.mark.parametrize(
    "body", [{}, [], {"citations": []}, {"citations": "x"}, {"citations": [7]}, {"citations": None}]
)
def test_what_is_no_list_of_citations_is_refused(client: httpx.Client, body: Any) -> None:
    problem_of(client.post("/v1/citations/verify", json=body), 422)


def test_no_more_are_checked_at_once_than_is_set(client: httpx.Client) -> None:
    one = citation(client)
    found = problem_of(client.post("/v1/citations/verify", json={"citations": [one] * 4}), 422)
    assert [error["field"] for error in found["errors"]] == ["citations"]


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/ask/batch", "/v1/citations/verify"])
@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"nope", b"\xff\xfe", b"[" * 60_000, b'{"a":' * 10_000, b'{"question": "x", "question": "y"}',
        b"NaN",
        b'{"questions": [{"question": "x", "k": 1, "k": 2}]}', b'{"citations": [{"version": 1' + b"0" * 5_000 + b"}]}",
        b'{"questions": ["\\ud800"]}',
    ],
)  # fmt: skip
def test_a_body_that_means_nothing_or_two_things_is_a_problem_of_the_sender(
    client: httpx.Client, path: str, raw: bytes
) -> None:
    response = client.post(path, content=raw, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    problem_of(response, response.status_code)
