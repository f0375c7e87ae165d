"""Checking, repairing, compacting, backing up and restoring an archive."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveDamaged, ArchiveMismatch, ArchiveMissing, ArchiveUnwritable
from tests.retrieval.conftest import Drafts
from tests.retrieval.test_database import hashing


def opened(folder: Path, encoder: Encoder) -> Archive:
    return Archive.open(folder, load_encoder=lambda *_: encoder)


def harm(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# Checking -----------------------------------------------------------------------------------------------------------


def test_the_seeds_are_sound_to_the_last_vector(seeds: Archive) -> None:
    seen: list[tuple[int, int]] = []
    assert seeds.verify(every_vector=True, on_progress=lambda one: seen.append((one.articles, one.passages))) == []
    assert seen[-1] == (5, seeds.coverage().passages)


ONE = "(SELECT MIN(key) FROM passages WHERE ended IS NULL)"


@pytest.mark.parametrize(
    ("part", "injury"),
    [
        ("passage", f"UPDATE passages SET terms = x'01000000' WHERE key = {ONE}"),
        ("passage", f"UPDATE passages SET terms = x'01' WHERE key = {ONE}"),
        ("passage", f"UPDATE passages SET spoken = zeroblob(16) WHERE key = {ONE}"),
        ("passage", f"UPDATE passages SET vector_key = x'00' WHERE key = {ONE}"),
        ("passage", "UPDATE words SET context = x'01000000'"),
        ("vector", f"UPDATE passages SET vector = x'' WHERE key = {ONE}"),
        ("vector", f"UPDATE passages SET vector = zeroblob(768) WHERE key = {ONE}"),
        ("counts", "UPDATE terms SET passages = passages + 1 WHERE term = (SELECT MIN(term) FROM terms)"),
        ("counts", "DELETE FROM terms WHERE term = (SELECT MIN(term) FROM terms)"),
        ("counts", "UPDATE meta SET value = '7' WHERE key = 'passages'"),
        ("copies", "UPDATE prints SET sketch = x'01000000' WHERE change = 1"),
        ("copies", "DELETE FROM prints WHERE change = 1"),
        ("copies", "DELETE FROM sketched WHERE number = (SELECT MIN(number) FROM sketched)"),
        ("copies", "INSERT INTO sketched VALUES (7, 7)"),
        ("copies", "DELETE FROM quoted WHERE number = (SELECT MIN(number) FROM quoted)"),
        ("copies", "INSERT INTO copies VALUES (1, 2)"),
    ],
)
def test_what_the_texts_tell_is_found_wrong_and_made_anew(
    part: str, injury: str, copy: Path, encoder: Encoder, seeds: Archive
) -> None:
    harm(copy, injury)
    with opened(copy, encoder) as archive:
        faults = archive.verify()
        assert part in {fault.part for fault in faults}
        assert archive.repair(faults) == []
        assert archive.verify(every_vector=True) == []
    with opened(copy, encoder) as archive:
        question = "what did Loughton say about caseloads?"
        assert [one.text for one in archive.ask(question).passages] == [
            one.text for one in seeds.ask(question).passages
        ]


@pytest.mark.parametrize(
    ("part", "injury"),
    [
        ("article", "UPDATE articles SET text = replace(text, 'caseload', 'workload')"),
        ("article", "UPDATE articles SET title = 'Another'"),
        ("article", "UPDATE articles SET ended = 1 WHERE id = (SELECT MIN(id) FROM articles)"),
        ("article", f"UPDATE passages SET sentences = x'0102' WHERE key = {ONE}"),
        ("article", f"UPDATE passages SET statements = 'not json' WHERE key = {ONE}"),
        ("article", f"DELETE FROM passages WHERE key = {ONE}"),
        ("people", "DELETE FROM said"),
        ("people", "UPDATE people SET statements = statements + 1 WHERE statements > 0"),
        ("changes", "DELETE FROM changes WHERE number = 2"),
        ("changes", "UPDATE changes SET digest = 'x' WHERE number = 2"),
        ("changes", "DELETE FROM changes WHERE number = 5"),
    ],
)
def test_what_cannot_be_made_anew_is_found_and_left(part: str, injury: str, copy: Path, encoder: Encoder) -> None:
    harm(copy, injury)
    with opened(copy, encoder) as archive:
        faults = archive.verify()
        assert part in {fault.part for fault in faults}
        assert part in {fault.part for fault in archive.repair(faults)}


def test_a_vector_of_another_text_is_found_by_encoding_again(copy: Path, encoder: Encoder) -> None:
    harm(
        copy,
        "UPDATE passages SET (vector, checksum) = (SELECT vector, checksum FROM passages WHERE key = "
        f"(SELECT MAX(key) FROM passages)) WHERE key = {ONE}",
    )
    with opened(copy, encoder) as archive:
        assert [fault.part for fault in archive.verify()].count("vector") == 1


def test_index_files_that_were_touched_are_found(copy: Path, encoder: Encoder) -> None:
    for path in (copy / "dense.faiss", copy / "lexical.manifest"):
        path.write_bytes(path.read_bytes()[:-3])
    with opened(copy, encoder) as archive:
        faults = archive.verify()
        assert {fault.part for fault in faults} == {"dense", "lexical"}
        assert archive.repair(faults) == []
    with opened(copy, encoder) as archive:
        assert archive.verify() == []


# Compacting ---------------------------------------------------------------------------------------------------------

SECRET = "Zyxwvutsr Qponmlkji confessed everything to Wvutsrqpo."


def test_of_a_deleted_article_nothing_is_left_in_any_file(tmp_path: Path, make: Drafts) -> None:
    folder = tmp_path / "archive"
    with hashing(folder) as archive:
        archive.put([make(f"other-{number}", f"The ferry number {number} sails.") for number in range(30)])
        known = {"title": "Gfedcbaz", "author": "Hgfedcba", "publisher": "Ihgfedcb", "url": "https://jihgfedc.example"}
        archive.put([make("secret", SECRET, **known)])
        vector = archive.encoder.encode_passages([SECRET])[0].tobytes()
        archive.ask("who confessed?")
        archive.put([make("secret", f"{SECRET} Again.", **known)])
        archive.ask("who confessed?")
        archive.delete("secret")
        # Another process that was killed while it saved an index.
        (folder / "dense.faiss.new").write_bytes(vector)
        archive.compact()
        assert archive.verify(every_vector=True) == []
        words = [*SECRET.lower().replace(".", "").split(), *known.values(), "jihgfedc"]
        for path in (path for path in folder.rglob("*") if path.is_file()):
            content = path.read_bytes()
            assert vector not in content, path
            assert not [word for word in words if len(word) > 8 and word.lower().encode() in content.lower()], path
        lexical = archive._indexes.load()[1]
        assert [lexical.frequency(word) for word in ("zyxwvutsr", "confess", "everyth")] == [0, 0, 0]
    assert {path.name for path in folder.glob("archive.db*")} == {"archive.db"}


def test_versions_that_were_replaced_outlive_a_compaction(tmp_path: Path, make: Drafts) -> None:
    with hashing(tmp_path / "archive") as archive:
        archive.put([make("a", "The ferry sails at noon.")])
        archive.put([make("a", "The ferry sails at midnight.")])
        archive.compact()
        assert archive.article("a", 1).article.text == "The ferry sails at noon."
        assert [one.text for one in archive.passages(archive.article("a", 1))] == ["The ferry sails at noon."]
        (put,) = archive.put([make("a", "The ferry does not sail.")])
        assert put.version == 3


def test_an_index_from_before_a_compaction_is_not_believed(
    tmp_path: Path, make: Drafts, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "archive"
    with hashing(folder) as archive:
        archive.put([make("a", "The ferry sails."), make("b", "The train leaves.")])
        archive.refresh()
    old = (folder / "dense.faiss").read_bytes()
    with hashing(folder) as archive:
        archive.delete("a")
        archive.compact()
    (folder / "dense.faiss").write_bytes(old)
    with hashing(folder) as archive:
        assert [one.article_id for one in archive.nearest("ferry", 5, "dense")] == ["b"]
    with hashing(folder) as archive:
        assert archive.verify() == []
    assert "another history" in caplog.text


def test_another_process_goes_on_asking_over_a_compaction(tmp_path: Path, make: Drafts) -> None:
    with hashing(tmp_path / "archive") as one, hashing(tmp_path / "archive") as other:
        one.put([make("a", "The ferry sails."), make("b", "The train leaves.")])
        other.refresh()
        one.delete("a")
        one.compact()
        assert [hit.text for hit in other.ask("ferry").passages] == ["The train leaves."]
        one.put([make("c", "The ferry is back.")])
        assert other.ask("ferry").passages[0].text == "The ferry is back."
        assert other.verify() == []


def test_indexes_that_were_made_anew_are_taken_up_once_and_not_written_over(tmp_path: Path, make: Drafts) -> None:
    folder = tmp_path / "archive"
    with hashing(folder) as one, hashing(folder) as other:
        one.put([make("a", "The ferry sails."), make("b", "The train leaves.")])
        assert one.ask("ferry").passages == other.ask("ferry").passages
        assert other.take_up_indexes() is False
        one.renew_indexes()
        renewed = (folder / "dense.faiss").stat()
        one.put([make("c", "The ferry is back.")])
        answer = one.ask("ferry")
        assert other.ask("ferry").passages == answer.passages
        assert [other.take_up_indexes(), other.take_up_indexes()] == [True, False]
        assert other.ask("ferry").passages == answer.passages
        assert other.verify() == []
    assert (folder / "dense.faiss").stat().st_ino != renewed.st_ino  # by the other, which had taken them up
    with hashing(folder) as archive:
        assert archive.verify() == []
        assert archive.ask("ferry").passages == answer.passages
    assert not list(folder.glob("renewed-*"))


def test_an_index_that_was_not_taken_up_is_not_put_in_its_place(tmp_path: Path, make: Drafts) -> None:
    folder = tmp_path / "archive"
    one = hashing(folder)
    one.put([make("a", "The ferry sails.")])
    one.refresh()
    with hashing(folder) as other:
        other.renew_indexes()
    renewed = (folder / "dense.faiss").read_bytes()
    one.close()
    assert (folder / "dense.faiss").read_bytes() == renewed


# Backups ------------------------------------------------------------------------------------------------------------


def test_a_restored_archive_answers_as_the_one_that_was_backed_up(
    seeds: Archive, tmp_path: Path, encoder: Encoder
) -> None:
    seeds.backup(tmp_path / "backup")
    Archive.restore(tmp_path / "backup", tmp_path / "restored")
    with opened(tmp_path / "restored", encoder) as archive:
        for question in ("what did Loughton say about caseloads?", "serious case reviews", "zxqv"):
            assert archive.ask(question) == seeds.ask(question)
        assert archive.state() == seeds.state()
        assert archive.verify(every_vector=True) == []


def test_a_backup_that_is_made_while_articles_are_put_holds_all_of_one_moment(tmp_path: Path, make: Drafts) -> None:
    drafts = [
        [make(f"{number}-{letter}", f"Ferry {number}, part {letter}.") for letter in "abc"] for number in range(40)
    ]
    with hashing(tmp_path / "archive") as archive:
        writer = threading.Thread(target=lambda: [archive.put(some) for some in drafts])
        writer.start()
        backups: list[Path] = []
        while writer.is_alive():
            backups.append(tmp_path / f"backup-{len(backups)}")
            archive.backup(backups[-1])
        writer.join()
    assert backups
    for number, backup in enumerate(backups[:5]):
        folder = tmp_path / f"restored-{number}"
        Archive.restore(backup, folder)
        with hashing(folder) as restored:
            assert restored.coverage().articles % 3 == 0, "of what was put at once, all or nothing is there"
            assert restored.verify() == []


def test_backup_and_restore_overwrite_nothing(seeds: Archive, copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    target.write_text("mine")
    with pytest.raises(ArchiveUnwritable, match="is there already"):
        seeds.backup(target)
    assert target.read_text() == "mine"
    with pytest.raises(ArchiveUnwritable):
        seeds.backup(tmp_path / "no such folder" / "backup")
    with pytest.raises(ArchiveMissing, match="onrecord backup"):
        Archive.restore(tmp_path / "nothing", tmp_path / "new")
    before = (copy / "archive.db").read_bytes()
    target.unlink()
    seeds.backup(target)
    with pytest.raises(ArchiveMismatch, match="give a folder without one"):
        Archive.restore(target, copy)
    assert (copy / "archive.db").read_bytes() == before


@pytest.mark.parametrize("harmed", ["cut", "flipped", "something else", "empty"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(harmed: str, seeds: Archive, tmp_path: Path) -> None:
    backup, folder = tmp_path / "backup", tmp_path / "restored"
    seeds.backup(backup)
    content = bytearray(backup.read_bytes())
    if harmed == "flipped":
        content[20_000:30_000] = b"\x05" * 10_000
    harmful = {"cut": bytes(content[:50_000]), "something else": b"mine" * 999, "empty": b""}
    backup.write_bytes(harmful.get(harmed, bytes(content)))
    with pytest.raises((ArchiveDamaged, ArchiveMissing)):
        Archive.restore(backup, folder)
    assert not [path.name for path in folder.iterdir() if path.name.startswith("archive.db")]
