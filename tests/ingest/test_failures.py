"""What could not be read is kept until it can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.failures import keep_failures
from retrieval import Archive
from retrieval.errors import SourceError
from retrieval.types import Reading
from tests.hashing import HashingEncoder

AT = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "a", {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "own files"
    made.mkdir()
    for name in ("one.jsonl", "two.txt"):
        (made / name).write_text("x")
    return made


def known(archive: Archive) -> dict[str, tuple[tuple[str, str], ...]]:
    return {one.item: one.problems for one in archive.readings("")}


def test_problems_are_kept_by_file_with_their_lines(archive: Archive, folder: Path) -> None:
    one, two = folder / "one.jsonl", folder / "two.txt"
    failed = [SourceError(f"{one}:3", "a"), SourceError(f"{one}:5", "b"), SourceError(str(two), "c")]
    keep_failures(archive, [str(folder)], failed, AT)
    assert known(archive) == {
        str(one): ((f"{one}:3", "a"), (f"{one}:5", "b")),
        str(two): ((str(two), "c"),),
    }


def test_what_is_read_without_a_problem_is_forgotten_and_the_rest_is_not(archive: Archive, folder: Path) -> None:
    one, two = str(folder / "one.jsonl"), str(folder / "two.txt")
    keep_failures(archive, [str(folder)], [SourceError(one, "a"), SourceError(two, "b")], AT)
    keep_failures(archive, [two], [], AT)
    assert known(archive) == {one: ((one, "a"),)}
    keep_failures(archive, [str(folder)], [SourceError(one, "c")], AT)
    assert known(archive) == {one: ((one, "c"),)}
    keep_failures(archive, [str(folder)], [], AT)
    assert known(archive) == {}


def test_a_file_that_is_gone_is_forgotten_whatever_is_read_next(archive: Archive, folder: Path) -> None:
    one, two = folder / "one.jsonl", folder / "two.txt"
    keep_failures(archive, [str(folder)], [SourceError(str(one), "a"), SourceError(str(two), "b")], AT)
    one.unlink()
    keep_failures(archive, ["-"], [], AT)
    assert list(known(archive)) == [str(two)]


def test_a_path_is_kept_whole_from_wherever_it_is_named(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    keep_failures(archive, ["."], [SourceError("one.jsonl:2", "a")], AT)
    monkeypatch.chdir(folder.parent)
    assert list(known(archive)) == [str(folder / "one.jsonl")]
    keep_failures(archive, [folder.name], [], AT)
    assert known(archive) == {}


def test_what_cannot_be_read_again_is_not_kept(archive: Archive, tmp_path: Path) -> None:
    keep_failures(archive, ["-", "typo"], [SourceError("standard input:2", "a"), SourceError("typo", "none")], AT)
    assert known(archive) == {}


def test_named_sources_are_left_alone(archive: Archive, folder: Path) -> None:
    item = str(folder / "one.jsonl")
    archive.put_readings([Reading("wire", item, "1", (), ((item, "a"),), AT)])
    keep_failures(archive, [str(folder)], [], AT)
    assert [one.source for one in archive.readings()] == ["wire"]


def test_of_one_file_a_bounded_number_of_problems_is_kept(archive: Archive, folder: Path) -> None:
    one = str(folder / "one.jsonl")
    keep_failures(archive, [one], [SourceError(f"{one}:{line}", "a") for line in range(5000)], AT)
    assert len(known(archive)[one]) == 1000
