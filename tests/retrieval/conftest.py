import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.chunk import Chunker
from ingest.pipeline import archive_settings, draft
from retrieval import Archive, Article, Draft
from retrieval.encoder import Encoder

Drafts = Callable[..., Draft]


@pytest.fixture
def copy(seeds_folder: Path, tmp_path: Path) -> Path:
    """A copy of the seeds' archive that a test may damage."""
    return Path(shutil.copytree(seeds_folder, tmp_path / "copy"))


@pytest.fixture
def empty(tmp_path: Path, encoder: Encoder) -> Archive:
    return Archive.create(tmp_path / "new", archive_settings(), load_encoder=lambda *_: encoder)


@pytest.fixture(scope="session")
def make(encoder: Encoder) -> Drafts:
    """A draft from an id, a text and whatever else an article has."""
    chunker = Chunker(encoder.count, encoder.window, tokens=40)

    def made(id_: str, text: str, **known: str) -> Draft:
        return draft(Article(id=id_, text=text, **known), chunker)  # type: ignore[arg-type]

    return made
