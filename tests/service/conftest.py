"""A small archive with the real model, served by a real server."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.types import Article, Draft, Person, Quote, Removed, Span
from service.app import create_app
from service.keys import Keyring
from service.server import options
from service.settings import Settings

SETTINGS = {"passage_tokens": "whole paragraphs"}

HARBOUR = Article(
    id="harbour ferry?#%é",
    title="Harbour ferry to keep its night service",
    publisher="The Tidewater Gazette",
    author="Anna Brandt",
    published="2019-05-03",
    kind="report",
    text=(
        "The harbour ferry will keep its night service for another year.\n\n"
        "“Nobody who mops a hospital floor at four in the morning should have to swim home,” said Ines "
        "Okafor, who runs the ferry company.\n\n"
        "She said that tickets would cost ten cents more from June."
    ),
    removed=(Removed("share-buttons", "Share this page"),),
    extra={"desk": "city", "nothing": float("nan"), "tags": ["ferry", {"rank": 1}]},
)
ORCHARD = Article(
    id="orchard",
    title="Old orchards are worth more than their apples",
    publisher="Field Notes",
    author="Jonas Lindqvist",
    published="2020-11",
    kind="opinion",
    url="https://field-notes.example/orchards?page=1",
    text=(
        "An old orchard is a library. Beetles read it, bats read it, and children do. "
        "Whoever fells it for parking burns the books.\n\n"
        "Councillor Maud Petersen disagrees. “Parking spaces pay for the school roof,” she told us."
    ),
)
UNDATED = Article(id="undated", text="Beekeepers counted more hives than ever.\r\nThe winter was mild.")
HOSTILE = Article(
    id="<script>alert('id')",
    title="</title><script>alert('title')</script>\u202eeltit",
    publisher='"><img src=x onerror=alert(1)>\u202erehsilbup',
    author="<b onclick='x'>author</b>\u202erohtua",
    published="2021-01-05",
    url="javascript:alert(document.domain)",
    text=(
        "The zeppelin museum <script>alert('text')</script> opens & closes.\n\n"
        "\u202eDesrever si txet siht\n\n“Zeppelins 'are' <i>quiet</i>,” the keeper said. </p></div>"
    ),
)


def draft(article: Article, cuts: Sequence[int] = ()) -> Draft:
    """A draft with whole paragraphs as passages, or with passages that begin at the given characters."""
    starts = [0, *cuts] if cuts else _paragraphs(article.text)
    ends = [*starts[1:], len(article.text)]
    spans = tuple(
        Span(start, start + len(article.text[start:end].rstrip())) for start, end in zip(starts, ends, strict=True)
    )
    return Draft(article, spans, tuple((span,) for span in spans))


def _paragraphs(text: str) -> list[int]:
    starts, position = [], 0
    for paragraph in text.split("\n\n"):
        starts.append(position)
        position += len(paragraph) + 2
    return starts


@contextmanager
def served(app: FastAPI, *scopes: str) -> Iterator[httpx.Client]:
    """A client of the app behind a real server on a free port of this machine, with a key of these scopes, if any."""
    headers = {"authorization": f"Bearer {Keyring(app.state.archive.path).create(scopes)[0]}"} if scopes else {}
    config = uvicorn.Config(app, **options(Settings()) | {"port": 0, "log_level": "warning"})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def until_ready(client: httpx.Client) -> None:
    """Wait for a service that asks a question of its own before it calls itself ready."""
    while client.get("/readyz").status_code == 503:
        time.sleep(0.01)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Archive]:
    """Four articles; the orchard is in its second version, and has a passage that begins in mid-paragraph."""
    path = tmp_path_factory.mktemp("service") / "archive"
    with Archive.create(path, SETTINGS, load_encoder=lambda *_: encoder) as made:
        made.put([draft(Article(id="orchard", title="Orchards", text="An old orchard is a library, we wrote first."))])
        made.put([draft(HARBOUR), draft(ORCHARD, [ORCHARD.text.index("Whoever")]), draft(UNDATED), draft(HOSTILE)])
        yield made


@pytest.fixture(scope="session")
def client(archive: Archive) -> Iterator[httpx.Client]:
    """A client of the service over that archive."""
    with served(create_app(archive, Settings())) as connected:
        yield connected


@pytest.fixture
def empty(tmp_path: Path, encoder: Encoder) -> Iterator[httpx.Client]:
    """A client of the service over an archive without articles."""
    with (
        Archive.create(tmp_path / "empty", SETTINGS, load_encoder=lambda *_: encoder) as made,
        served(create_app(made, Settings())) as connected,
    ):
        yield connected


@pytest.fixture
def speaking(tmp_path: Path, encoder: Encoder) -> Iterator[httpx.Client]:
    """A client of the service over an archive in which one person speaks, in one passage of two."""
    said, who = "“The night ferry stays,” ", "said Ines Okafor."
    made = draft(replace(HARBOUR, text=f"{said}{who}\n\nThe winter was mild."))
    quote = Quote(1, 22, direct=True, cue=None, source=None, speaker="Ines Okafor", confidence=0.9)
    person = Person("Ines Okafor", ("Ines Okafor", "Okafor"), ("the head of the ferry company",))
    with Archive.create(tmp_path / "speaking", SETTINGS, load_encoder=lambda *_: encoder) as archive:
        archive.put([replace(made, quotes=(quote,), people=(person,))])
        with served(create_app(archive, Settings())) as connected:
            yield connected
