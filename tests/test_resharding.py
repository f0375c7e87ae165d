"""An archive is put into another number of shards, and holds, says and cites what it did."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval import Archive, Article
from retrieval.errors import ArchiveDamaged, ArchiveMissing, ArchiveUnwritable, ArticleNotFound, InvalidRequest
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest, owner
from retrieval.sharded.resharding import Resharded, reshard
from retrieval.types import CitedPassage, Passage
from tests.conftest import ROOT
from tests.resharding import (
    READINGS,
    STORY,
    add_others,
    encoder,
    held,
    left_over,
    make,
    opened,
    pairs,
    parts,
    put,
    wrong,
)
from tests.service.test_cli import onrecord

STRIDE = 48
FIRST = range(1, STRIDE + 1) if os.environ.get("ONRECORD_EVERY_STEP") else (7,)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resharding") / "made"
    make(folder)
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may put into shards."""
    return Path(shutil.copytree(made, tmp_path / "archive"))


def changes(folder: Path) -> int:
    found = 0
    for part in parts(folder):
        with opened(part) as one:
            found += one.state().number
    return found


def test_whatever_number_of_shards_it_is_in_an_archive_holds_the_same(archive: Path) -> None:
    expected, number, copies = held(archive), changes(archive), pairs(archive)
    passages, before = passages_in(archive), None
    assert len(copies) == 20
    for shards in (3, 5, 2, 1):
        assert reshard(archive, shards) == Resharded(before, shards, 13, passages)
        assert wrong(archive, expected) == []
        assert left_over(archive) == set()
        assert changes(archive) == number
        assert pairs(archive) == {(one, other) for one, other in copies if owner(one, shards) == owner(other, shards)}
        with opened(parts(archive)[0]) as first:
            assert first.readings() == READINGS
        before = shards
    assert reshard(archive, 1).before == 1


def passages_in(folder: Path) -> int:
    with opened(folder) as one:
        return one.coverage().passages


def test_the_same_shards_have_the_same_bytes_in_their_tables(archive: Path, made: Path, tmp_path: Path) -> None:
    again = Path(shutil.copytree(made, tmp_path / "again"))
    for folder in (archive, again):
        reshard(folder, 3)
        reshard(folder, 2)
    for one, other in zip(parts(archive), parts(again), strict=True):
        with (
            closing(sqlite3.connect(one / "archive.db")) as left,
            closing(sqlite3.connect(other / "archive.db")) as right,
        ):
            assert list(left.iterdump()) == list(right.iterdump())


def test_old_citations_are_verified_as_before(archive: Path) -> None:
    with opened(archive) as one:
        cited = [
            CitedPassage(
                found.article_id, version, found.start, found.end, hashlib.sha256(found.text.encode()).hexdigest()
            )
            for name in ("story-1", "bees-1", "bees-2")
            for version in (1, 2)
            for found in passages_of(one, name, version)
        ]
        cited += [CitedPassage(name, 1, 0, 9, "0" * 64) for name in ("story-5", "bees-0", "never")]
        said = [one.verify_citation(passage) for passage in cited]
        had = {name: one.has_had(name) for name in ("story-5:1:0-9", "bees-2:1:0-33", "bees-2:2:0-17", "never:1:0-9")}
    for shards in (4, 3):
        reshard(archive, shards)
        with ShardedArchive.over(archive, load_encoder=encoder) as one:
            assert [one.verify_citation(passage) for passage in cited] == said
            assert {name: one.has_had(name) for name in had} == had


def passages_of(archive: Archive, name: str, version: int) -> list[Passage]:
    try:
        return archive.passages(archive.article(name, version))
    except ArticleNotFound:
        return []


def test_an_article_that_was_deleted_comes_back_with_the_next_version(archive: Path) -> None:
    reshard(archive, 3)
    with ShardedArchive.over(archive, load_encoder=encoder) as one:
        put(one, Article("story-5", "It is told again."), Article("bees-7", "Hive 7 was sold."))
        assert [one.article(name).version for name in ("story-5", "bees-7")] == [2, 2]
        assert one.verify() == []


QUESTIONS = ("what did Okafor say about the ferry?", "hive bees", "who was never asked?", "zeppelins over Port Ellis")


def test_answers_are_the_same_from_however_many_shards(archive: Path) -> None:
    expected = None
    for shards in (1, 4, 2):
        reshard(archive, shards)
        with ShardedArchive.over(archive, load_encoder=encoder) as one:
            answers = [repr(one.ask(question)) for question in QUESTIONS]
        expected = expected or answers
        assert answers == expected


def test_an_archive_in_one_piece_answers_as_its_shards_do(archive: Path) -> None:
    with opened(archive) as one:
        expected = [repr(one.ask(question)) for question in QUESTIONS]
    reshard(archive, 3)
    with ShardedArchive.over(archive, load_encoder=encoder) as one:
        assert [repr(one.ask(question)) for question in QUESTIONS] == expected


AGAIN = r"open (it|the archive) again"


@pytest.mark.parametrize("before", [None, 2])
def test_who_had_it_open_reads_on_until_then_and_loses_nothing_that_was_acknowledged(
    before: int | None, archive: Path
) -> None:
    if before is not None:
        reshard(archive, before)
    old = parts(archive)[0]
    with opened(old) as one:
        name = one.articles()[0][0].article.id
        read = []
        reshard(archive, 3, lambda _: read.append(one.article(name)))
        assert read
        with pytest.raises(ArchiveMissing, match=AGAIN):
            put(one, Article("late", "It comes too late."))
        with pytest.raises(ArchiveMissing, match=AGAIN):
            one.delete(name)
        with pytest.raises(ArchiveMissing, match=AGAIN):
            one.put_readings(READINGS)


def test_a_writer_that_waits_meanwhile_is_told_to_open_the_archive_again(archive: Path) -> None:
    with opened(archive) as one, ThreadPoolExecutor(1) as threads:
        begun: list[Future[None]] = []

        def begin_once(_: object) -> None:
            if not begun:
                begun.append(threads.submit(put, one, Article("late", "It comes too late.")))

        reshard(archive, 2, begin_once)
        with pytest.raises(ArchiveMissing):
            begun[0].result(30)


# What it refuses ----------------------------------------------------------------------------------------------------


def test_where_there_is_no_room_nothing_is_begun(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(ArchiveUnwritable, match=r"MB are needed .* and 0 MB are free; make room"):
        reshard(archive, 2)
    assert not (archive / "shards").exists()


def test_what_fails_on_the_way_leaves_the_archive_as_it_was(archive: Path, made: Path) -> None:
    def fail(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ArchiveUnwritable, match="No space left on device"):
        reshard(archive, 2, fail)
    assert not any((archive / "shards").glob("*"))
    assert not Manifest.exists(archive)
    assert wrong(archive, held(made)) == []


@pytest.mark.parametrize(
    "injury",
    [
        "DELETE FROM changes WHERE number = 3",
        "UPDATE passages SET added = 999 WHERE key = 1",
        "INSERT INTO said VALUES (999, 'nobody')",
        "INSERT INTO sketched VALUES (7, 7)",
    ],
)
def test_rows_that_belong_to_nothing_are_not_passed_over(injury: str, archive: Path) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as connection, connection:
        connection.execute(injury)
    with pytest.raises(ArchiveDamaged, match=r"nothing was changed"):
        reshard(archive, 2)
    assert not Manifest.exists(archive)


def test_a_damaged_shard_is_not_copied(archive: Path) -> None:
    path = archive / "archive.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    with pytest.raises(ArchiveDamaged, match="restore it from a backup"):
        reshard(archive, 2)
    assert not Manifest.exists(archive)


def test_there_has_to_be_an_archive_with_all_its_shards(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="no archive in"):
        reshard(tmp_path / "nowhere", 2)
    with pytest.raises(InvalidRequest, match="0 shards"):
        reshard(archive, 0)
    reshard(archive, 2)
    (parts(archive)[1] / "archive.db").unlink()
    with pytest.raises(ArchiveMissing, match=r"shards/0/1, a shard of the archive, is not there"):
        reshard(archive, 3)


# Killed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", FIRST)
def test_whatever_step_it_is_killed_at_an_archive_is_whole_and_the_next_run_ends_the_same(
    first: int, tmp_path: Path
) -> None:
    """In a process of its own: children are forked there, which is safe only before any thread."""
    command = [sys.executable, "-m", "tests.resharding", str(tmp_path / "archive"), str(first), str(STRIDE)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["wrong"] == []
    assert found["kills"] > 250 / STRIDE


# Whatever history ---------------------------------------------------------------------------------------------------

NAMES = ["a", "b", "c d", "é?#%", "e", "f"]
history = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(NAMES), st.sampled_from([STORY, STORY[:250], "Hives.", "“Bees,” said Tom Ashby.", ""])
        ),
        st.tuples(st.sampled_from(NAMES), st.none()),
    ),
    max_size=14,
)


@given(history, st.lists(st.integers(1, 4), min_size=1, max_size=2))
@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_has_become_of_its_articles_it_holds_the_same(
    history: list[tuple[str, str | None]], counts: list[int]
) -> None:
    with tempfile.TemporaryDirectory(prefix="onrecord-test-") as place:
        folder = Path(place) / "archive"
        with Archive.create(folder, {"passage_tokens": "40"}, model="hashing", load_encoder=encoder) as archive:
            for name, text in history:
                if text is not None:
                    put(archive, Article(name, text))
                elif archive.has(name):
                    archive.delete(name)
        add_others(folder)
        expected, copies = held(folder), pairs(folder)
        for shards in (*counts, 1):
            reshard(folder, shards)
            assert wrong(folder, expected) == []
        assert pairs(folder) == copies


# The command --------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_did(archive: Path) -> None:
    first = onrecord("reshard", "--archive", str(archive), "--shards", "2")
    assert re.fullmatch(
        rf"{archive}: 13 articles and \d+ passages from one piece to 2 shards in [\d.]+ s\n", first.stdout
    )
    again = onrecord("reshard", "--archive", str(archive), "--shards", "2")
    assert (again.returncode, again.stdout) == (0, f"{archive}: in 2 shards already; nothing was changed\n")
    told = json.loads(onrecord("reshard", "--archive", str(archive), "--shards", "1", "--json").stdout)
    assert (told["before"], told["shards"], told["articles"], told["archive"]) == (2, 1, 13, str(archive))
    nowhere = onrecord("reshard", "--archive", str(archive / "nowhere"), "--shards", "2")
    assert nowhere.returncode == 1
    assert nowhere.stderr.startswith("onrecord: no archive in ")
