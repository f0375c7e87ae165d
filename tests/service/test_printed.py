"""What was printed is cited by its page, wherever a citation is shown."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.pipeline import archive_settings, ingest
from ingest.read import read
from retrieval.archive import Archive
from service.app import create_app
from service.settings import Settings
from service.terminal import print_answer
from tests.hashing import HashingEncoder
from tests.ingest.printing import pdf, typeset
from tests.service.conftest import served

SAID = "The zeppelin museum opens its doors again in spring."
QUESTION = "When does the zeppelin museum open its doors again?"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("printed")
    filler = [f"The ferry sails at {hour} o'clock and comes back before anybody has asked for it." for hour in range(9)]
    pages, _ = typeset([*filler, SAID], lines=18)
    assert len(pages) == 2
    Path(folder / "paper.pdf").write_bytes(pdf(pages))
    with Archive.create(folder / "archive", archive_settings(36), load_encoder=lambda *_: HashingEncoder()) as made:
        ingest(made, read([str(folder / "paper.pdf")]))
        yield made


@pytest.fixture(scope="module")
def client(archive: Archive) -> Iterator[httpx.Client]:
    with served(create_app(archive, Settings()), "ask") as connected:
        yield connected


def test_an_answer_says_the_page(client: httpx.Client) -> None:
    best = client.post("/v1/ask", json={"question": QUESTION}).json()["passages"][0]
    assert SAID in best["text"]
    assert best["citation"]["page"] == 2
    assert "<span>p. 2</span>" in client.get("/ask", params={"q": QUESTION}).text


def test_an_article_says_the_page_of_what_is_cited(client: httpx.Client) -> None:
    citation = client.post("/v1/ask", json={"question": QUESTION}).json()["passages"][0]["citation"]
    span = {name: citation[name] for name in ("version", "start", "end")}
    assert "<span>p. 2</span>" in client.get("/articles/paper", params=span).text
    assert "<span>p. " not in client.get("/articles/paper").text


def test_an_answer_in_a_terminal_says_the_page(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(archive.ask(QUESTION, 1), 1.0)
    assert "p. 2" in capsys.readouterr().out
