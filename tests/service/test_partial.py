"""What is answered where part of an archive in shards does not: see also ``tests.test_cluster_serve``."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ShardsMissing
from retrieval.types import Answer, Filters, ReadAs, StoredArticle
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import HARBOUR, SETTINGS, draft, served, until_ready

NO_FILTERS = Filters()


class Lacking(Archive):
    """An archive of which shards 1 and 4 do not answer, while they are ``lost``."""

    lost = True

    def missing_shards(self) -> tuple[int, ...]:
        return (1, 4) if self.lost else ()

    def ask(self, question: str, k: int = 10, filters: Filters = NO_FILTERS, read_as: ReadAs = ReadAs()) -> Answer:
        return replace(super().ask(question, k, filters, read_as), missing=self.missing_shards())

    def refresh(self) -> None:
        if self.lost:
            raise ShardsMissing(self.missing_shards())
        super().refresh()

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        if self.lost:
            raise ShardsMissing([1])
        return super().article(article_id, version)


@pytest.fixture
def lacking(tmp_path: Path, encoder: Encoder) -> Iterator[Lacking]:
    with Lacking.create(tmp_path / "archive", SETTINGS, load_encoder=lambda *_: encoder) as archive:
        archive.put([draft(HARBOUR)])
        yield archive


@pytest.fixture
def client(lacking: Lacking) -> Iterator[httpx.Client]:
    with served(create_app(lacking, Settings())) as client:
        yield client


def test_an_answer_of_a_part_says_so_and_is_not_kept_by_anybody(lacking: Lacking, client: httpx.Client) -> None:
    for answer in (client.get("/v1/ask?q=ferry"), client.post("/v1/ask", json={"question": "ferry"})):
        assert (answer.json()["partial"], answer.json()["missing_shards"]) == (True, [1, 4])
        assert "etag" not in answer.headers
    told = client.get("/v1/ask?q=ferry", headers={"if-none-match": "*"})
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    lacking.lost = False
    whole = client.get("/v1/ask?q=ferry")
    assert not {"partial", "missing_shards"} & set(whole.json())
    assert "etag" in whole.headers


def test_a_page_of_a_part_says_so(client: httpx.Client) -> None:
    page = client.get("/ask?q=ferry")
    assert "Part of the archive did not answer: shards 1, 4." in page.text
    assert page.headers["cache-control"] == "no-store"


def test_the_probes_name_what_is_missing_and_find_the_service_well(lacking: Lacking, client: httpx.Client) -> None:
    expected = {"status": "partial", "missing_shards": [1, 4]}
    until_ready(client)
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, expected)
    lacking.lost = False
    assert [client.get(path).json() for path in ("/healthz", "/readyz")] == [{"status": "ok"}] * 2


def test_what_cannot_be_done_without_a_shard_is_to_be_tried_again(client: httpx.Client) -> None:
    answer = client.get("/v1/articles/harbour")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["type"] == "/problems/unavailable"


def test_the_figures_count_what_is_missing(client: httpx.Client) -> None:
    client.get("/v1/ask?q=ferry")
    figures = client.get("/metrics").text
    assert "onrecord_shards_missing 2.0" in figures
    assert "onrecord_partial_answers_total 1.0" in figures
