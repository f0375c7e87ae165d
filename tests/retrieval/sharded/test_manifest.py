"""Which shards there are, and whose an article is."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import ArchiveDamaged, ArchiveMismatch, ArchiveMissing
from retrieval.sharded.manifest import Manifest, owner


@given(st.text(max_size=40), st.integers(1, 50))
def test_with_one_shard_more_an_article_stays_or_goes_into_the_new_one(article_id: str, shards: int) -> None:
    before, after = owner(article_id, shards), owner(article_id, shards + 1)
    assert 0 <= before < shards
    assert after in (before, shards)


def test_it_is_the_same_on_every_machine_for_ever() -> None:
    assert [owner("a1", 8), owner("loughton-2012", 8), owner("Überlingen", 8), owner("", 8)] == [0, 2, 6, 6]


def test_shards_have_about_as_many_articles_each() -> None:
    counts = Counter(owner(f"article-{number}", 8) for number in range(8000))
    assert min(counts.values()) > 900
    assert max(counts.values()) < 1100


def test_what_is_written_is_read(tmp_path: Path) -> None:
    Manifest.of(3, 2).write(tmp_path)
    assert Manifest.read(tmp_path) == Manifest.of(3, 2)
    assert Manifest.read(tmp_path).paths(tmp_path)[1] == tmp_path / "shards" / "2" / "1"


def test_a_shard_knows_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Manifest.of(2, 1).write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert Manifest.around(Path("shards/1/0")) == tmp_path
    for nobodys in (tmp_path / "shards" / "0" / "0", tmp_path / "shards" / "1" / "2", tmp_path, Path("/")):
        assert Manifest.around(nobodys) is None


def test_what_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="--shards"):
        Manifest.read(tmp_path)
    for damaged in (b"", b"[]", b'{"format": 1}', b'{"format": 1, "folders": 3, "generation": 1}', b"\xff"):
        (tmp_path / "shards.json").write_bytes(damaged)
        with pytest.raises(ArchiveDamaged, match=r"shards\.json"):
            Manifest.read(tmp_path)
    (tmp_path / "shards.json").write_bytes(b'{"format": 99}')
    with pytest.raises(ArchiveMismatch, match="newer version"):
        Manifest.read(tmp_path)
