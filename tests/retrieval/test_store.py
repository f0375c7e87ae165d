"""What is read of an archive's rows, the first time from the file and then from memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.chunk import Chunker
from ingest.pipeline import draft
from retrieval import Archive, Article
from retrieval.recent import Recent
from retrieval.rows import rows_of
from tests.hashing import HashingEncoder

TEXTS = ("The ferry is late. Okafor said the harbour waits.", "", "No more bees in Tarn. The hives are shut, he said.")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    encoder = HashingEncoder()
    with Archive.create(tmp_path / "new", {}, model="hashing", load_encoder=lambda *_: encoder) as archive:
        chunker = Chunker(encoder.count, encoder.window, tokens=40)
        archive.put([draft(Article(id=f"a{n}", text=text), chunker) for n, text in enumerate(TEXTS)])
        yield archive


def test_what_is_ranked_is_what_was_stored_to_the_last_byte(archive: Archive) -> None:
    encoder = HashingEncoder()
    chunker = Chunker(encoder.count, encoder.window, tokens=40)
    rows = [row for n, text in enumerate(TEXTS) for row in rows_of(draft(Article(id=f"a{n}", text=text), chunker))[0]]
    vectors = encoder.encode_passages([text for text in TEXTS if text]).astype(np.float16).astype(np.float32)
    asked = archive.interpret("ferry")
    for _ in range(2):
        found, _ = archive.candidates(asked, vectors[0])
        assert len(found) == len(rows) == 2
        for one, row, vector in zip(found, rows, vectors, strict=True):
            assert (one.terms.tobytes(), one.cuts.tobytes()) == (row.terms.tobytes(), row.cuts.tobytes())
            assert (one.spoken.tobytes(), one.vector.tobytes()) == (row.spoken.tobytes(), vector.tobytes())


def test_what_was_read_before_is_not_found_once_it_has_ended(archive: Archive) -> None:
    assert len(archive.ask("ferry").passages) == 2
    assert [one.name for one in archive.interpret("what did Okafor say?").people] == ["Okafor"]
    archive.delete("a0")
    assert [one.citation.article_id for one in archive.ask("ferry").passages] == ["a2"]
    assert archive.interpret("what did Okafor say?").people == ()
    assert archive.coverage().articles == 2


def test_what_was_put_longest_ago_makes_room() -> None:
    recent: Recent[int, str] = Recent(4)
    for key in range(5):
        recent.put(key, str(key))
    assert [recent.get(key) for key in range(5)] == [None, None, "2", "3", "4"]
