"""What happens where the disk, another process or another version of the software is in the way."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from retrieval import Archive, Filters
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveDamaged, ArchiveMismatch, ArchiveUnwritable
from tests.conftest import ROOT
from tests.hashing import HashingEncoder
from tests.retrieval.conftest import Drafts

FILES = Path(__file__).parent / "files"
SETTINGS = {"passage_tokens": "40"}


def hashing(folder: Path) -> Archive:
    return Archive.create(folder, SETTINGS, model="hashing", load_encoder=lambda *_: HashingEncoder())


def old(tmp_path: Path, number: int) -> Path:
    """An archive as a format stored it: a changed article, one that never changed, and one deleted."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "archive.db").write_bytes(gzip.decompress((FILES / f"format-{number}.db.gz").read_bytes()))
    return folder


@pytest.fixture
def format_1(tmp_path: Path) -> Path:
    return old(tmp_path, 1)


def columns(path: Path) -> dict[str, list[object]]:
    """The columns of each table, with their types and places in the primary key, and the columns of each index."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").fetchall()
        pragma = {"table": "table_info", "index": "index_xinfo"}
        return {name: connection.execute(f"PRAGMA {pragma[kind]}({name})").fetchall() for name, kind in names}


# Formats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2])
def test_an_archive_of_an_older_format_is_brought_to_the_present_one(
    number: int, encoder: Encoder, tmp_path: Path
) -> None:
    folder = old(tmp_path, number)
    with Archive.open(folder, load_encoder=lambda *_: encoder) as archive:
        assert archive.verify(every_vector=True) == []
        assert [(one.article.id, one.version) for one in archive.articles()[0]] == [("bees", 1), ("ferry", 2)]
        assert "until ten" in archive.article("ferry", 1).article.text
        answer = archive.ask("what did Okafor say about swimming?", 1)
        assert "have to swim home" in answer.passages[0].text
        assert archive.articles(Filters(speaker="Okafor"))[1] == 1
        assert [one.name for one in archive.speakers("oka")] == ["Ines Okafor"]
    with hashing(tmp_path / "new"):
        assert columns(folder / "archive.db") == columns(tmp_path / "new" / "archive.db")


def test_an_archive_of_a_newer_format_is_left_alone(format_1: Path) -> None:
    with closing(sqlite3.connect(format_1 / "archive.db")) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
        connection.commit()
    before = (format_1 / "archive.db").read_bytes()[100:]
    with pytest.raises(ArchiveMismatch, match="upgrade onrecord"):
        Archive.open(format_1)
    assert (format_1 / "archive.db").read_bytes()[100:] == before


# Damage -------------------------------------------------------------------------------------------------------------


def test_a_damaged_page_is_named_and_what_lies_on_others_is_still_read(copy: Path, encoder: Encoder) -> None:
    path = copy / "archive.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'words'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\x07" * size
    path.write_bytes(content)
    with Archive.open(copy, load_encoder=lambda *_: encoder) as archive:
        assert archive.articles()[1] == 5
        with pytest.raises(ArchiveDamaged, match="restore it from a backup"):
            archive.ask("caseloads")
        faults = archive.verify()
        assert {fault.part for fault in faults} == {"database"}
        assert archive.repair(faults) == faults


# Where nothing can be written ---------------------------------------------------------------------------------------


@pytest.fixture
def read_only(copy: Path) -> Iterator[Path]:
    """A copy of the seeds' archive that may be read only: mounted so for root, who may write anywhere else."""
    if os.geteuid():
        copy.chmod(0o555)
        yield copy
        copy.chmod(0o755)
        return
    mount("--bind", str(copy), str(copy))
    try:
        mount("-o", "remount,ro,bind", str(copy))
        yield copy
    finally:
        subprocess.run(["umount", "--lazy", str(copy)], check=True)


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this user may not mount: {done.stderr.strip()}")


def test_a_folder_that_may_only_be_read_is_asked_as_any_other(
    read_only: Path, seeds: Archive, encoder: Encoder, make: Drafts
) -> None:
    with Archive.open(read_only, load_encoder=lambda *_: encoder) as archive:
        question = "what did Loughton say about caseloads?"
        assert archive.ask(question) == seeds.ask(question)
        for change in (
            lambda: archive.put([make("a", "A ferry.")]),
            lambda: archive.delete("000_b682cbc5f710ac7c"),
            archive.compact,
        ):
            with pytest.raises(ArchiveUnwritable, match="cannot be written to; nothing was changed"):
                change()
        assert archive.verify() == []


def test_an_archive_is_not_made_where_nothing_can_be_written(read_only: Path, encoder: Encoder) -> None:
    with pytest.raises(ArchiveUnwritable, match="cannot be"):
        Archive.create(read_only / "new", SETTINGS, load_encoder=lambda *_: encoder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path, leave: int = 0) -> Path:
    """Take all space that is left on a disk, but for some bytes."""
    filler = place / "filler"
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    filler.write_bytes(b"x" * max(free - leave, 0))
    return filler


@pytest.mark.parametrize("leave", [0, 20_000, 100_000])
def test_on_a_full_disk_nothing_is_lost_readers_go_on_and_later_all_is_well(
    small_disk: Path, leave: int, make: Drafts
) -> None:
    long = " ".join(f"Ferry number {number} sails at noon." for number in range(2_000))
    with hashing(small_disk / "archive") as archive:
        archive.put([make("a", "The ferry sails at noon.")])
        before = archive.ask("ferry")
        filler = fill(small_disk, leave)
        with pytest.raises(ArchiveUnwritable, match="disk is full; nothing was changed"):
            archive.put([make(f"long-{number}", f"{number} {long}") for number in range(5)])
        assert archive.ask("ferry") == before
        with pytest.raises(ArchiveUnwritable):
            archive.backup(small_disk / "backup")
        assert sorted(path.name for path in small_disk.iterdir()) == ["archive", "filler"]
        filler.unlink()
        archive.put([make("b", "The ferry sails at midnight.")])
        assert {hit.citation.article_id for hit in archive.ask("ferry").passages} == {"a", "b"}
        assert archive.verify() == []


def test_indexes_that_cannot_be_saved_do_not_keep_an_archive_from_being_closed(small_disk: Path, make: Drafts) -> None:
    archive = hashing(small_disk / "archive")
    archive.put([make(str(number), f"Ferry {number}.") for number in range(50)])
    archive.refresh()
    filler = fill(small_disk)
    archive.close()
    filler.unlink()
    with hashing(small_disk / "archive") as again:
        assert len(again.nearest("ferry", 50, "dense")) == 50


# Several processes --------------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from ingest.chunk import Chunker
from ingest.pipeline import draft
from retrieval import Article
from tests.retrieval.test_database import hashing

name, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
with hashing(folder) as archive:
    chunker = Chunker(archive.encoder.count, archive.encoder.window, tokens=40)
    for number in range(count):
        archive.put([draft(Article(f"{name}-{number}", f"Ferry {number} of {name}."), chunker)])
        archive.put([draft(Article("shared", f"Ferry {number} of {name}, for all."), chunker)])
        archive.ask("ferry")
"""


def test_several_processes_make_one_archive_and_write_it_at_once(tmp_path: Path) -> None:
    folder, count = tmp_path / "archive", 15
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name, str(folder), str(count)], cwd=ROOT, stderr=subprocess.PIPE
        )
        for name in ("one", "two", "three")
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=300)
        assert writer.returncode == 0, said
    with hashing(folder) as archive:
        expected = {f"{name}-{number}" for name in ("one", "two", "three") for number in range(count)} | {"shared"}
        assert {one.article.id for one in archive.articles(limit=100)[0]} == expected
        assert archive.article("shared").version == 3 * count
        assert archive.verify(every_vector=True) == []


def test_what_a_killed_process_left_of_an_archive_in_the_making_is_in_nobodys_way(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "archive.db.new").write_bytes(b"half a database")
    (folder / "archive.db.new-wal").write_bytes(b"half a log")
    assert not Archive.exists(folder)
    with hashing(folder) as archive:
        assert archive.verify() == []
    assert sorted(path.name for path in folder.glob("*.new*")) == []


def test_an_archive_that_was_copied_whole_is_the_same_archive(
    seeds_folder: Path, tmp_path: Path, encoder: Encoder
) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(seeds_folder, copied)
    with Archive.open(copied, load_encoder=lambda *_: encoder) as archive:
        assert archive.verify() == []
