"""What is known of all shards together: always what the shards hold, however it came to be known."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from ingest.pipeline import ingest
from ingest.read import read
from retrieval import Archive
from retrieval.errors import ArchiveDamaged, ArchiveError, ArchiveMismatch, ArchiveMissing, InvalidRequest
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest, owner
from retrieval.sharded.resharding import reshard
from retrieval.sharded.shard import Shard
from retrieval.types import Fault
from tests.conftest import SEEDS
from tests.hashing import HashingEncoder
from tests.retrieval.sharded.conftest import Sharded, drafted

TEXTS = [
    f"Mr Loughton said of harbour {number} that caseloads are high, and of schools, budgets." for number in range(9)
]
TABLES = {
    "articles": "id, version, fingerprint, title, publisher, first_day",
    "people": "article_id, name, statements",
    "called": "article_id, form, name",
    "held": "article_id, office, name",
    "weights": "shard, passages, length, counted",
    "shards": "number, change, digest",
}


def catalogued(archive: ShardedArchive) -> dict[str, object]:
    """All that the catalogue says, without its own numbers."""
    with archive.store.reading() as connection:
        found: dict[str, object] = {
            table: sorted(connection.execute(f"SELECT {columns} FROM {table}").fetchall())
            for table, columns in TABLES.items()
        }
        found["terms"] = sorted(connection.execute("SELECT * FROM terms WHERE passages > 0").fetchall())
        found["around"] = sorted(connection.execute("SELECT * FROM around WHERE passages > 0").fetchall())
        found["meta"] = sorted(
            connection.execute("SELECT * FROM meta WHERE key IN ('passages', 'length', 'context')").fetchall()
        )
        found["copies"] = sorted(
            connection.execute(
                "SELECT a.article_id, b.article_id FROM copies c JOIN changes a ON a.number = c.change "
                "JOIN changes b ON b.number = c.other"
            ).fetchall()
        )
        return found


def history(archive: Archive) -> Iterator[None]:
    """Articles come, change, go and come again."""
    known = {"title": "Harbours of the north", "publisher": "The Port"}
    archive.put([drafted(f"a{number}", text, **known) for number, text in enumerate(TEXTS)])
    yield
    archive.put([drafted("a3", "Nothing is left of it but budgets.", title="A correction")])
    archive.delete("a5")
    yield
    archive.put([drafted("a5", TEXTS[5], title="Back again"), drafted("b1", TEXTS[1], publisher="Another")])
    archive.delete("a0")
    yield


def test_after_any_history_it_is_what_is_made_anew_of_the_shards(sharded: Sharded) -> None:
    archive = sharded(3)
    for step, _ in enumerate(history(archive)):
        now = catalogued(archive)
        copied = Path(shutil.copytree(archive.path, archive.path.with_name(f"again-{step}"), symlinks=True))
        shutil.rmtree(copied / "catalogue")
        assert catalogued(sharded(3, folder=copied)) == now


def test_after_any_history_answers_are_those_of_a_fresh_archive(sharded: Sharded, whole: Archive) -> None:
    archive = sharded(3)
    for _ in history(archive):
        pass
    for _ in history(whole):
        pass
    whole.compact()  # nothing that was taken out is counted any more
    for question in ("what did Loughton say about caseloads", "harbour budgets", "correction", "schools"):
        assert archive.ask(question, 20) == whole.ask(question, 20)


def test_what_others_have_put_into_a_shard_is_taken_up_by_whoever_asks_next(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.put([drafted("a0", TEXTS[0])])
    elsewhere = sharded(2, folder=archive.path)
    elsewhere.put([drafted("a1", "A word on lighthouses.")])
    assert [hit.citation.article_id for hit in archive.ask("lighthouses", 1).passages] == ["a1"]
    assert archive.coverage().articles == 2
    assert catalogued(archive) == catalogued(elsewhere)


def test_much_is_told_in_parts_and_nothing_of_it_is_known_before_all_is(
    sharded: Sharded, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = sharded(1)
    archive.put([drafted("first", "A word on lighthouses.")])
    before = catalogued(archive)
    monkeypatch.setattr("retrieval.sharded.shard._AT_ONCE", 2)
    changes, asked, known = Shard.changes, [], []

    def counted(shard: Shard, number: int) -> object:
        asked.append(number)
        with archive.store.database.reading() as connection:
            known.append(connection.execute("SELECT COUNT(*) FROM articles").fetchone()[0])
        if len(asked) == 3:
            raise RuntimeError("killed")
        return changes(shard, number)

    monkeypatch.setitem(Shard.call.__globals__["_DOES"], "changes", counted)
    shard = archive.store.transport._shards[0].archive  # type: ignore[attr-defined]
    shard.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    with pytest.raises(RuntimeError, match="killed"):
        archive.ask("harbour")
    monkeypatch.setattr(archive.store, "catch_up", lambda: None)
    assert catalogued(archive) == before
    monkeypatch.undo()
    assert len(archive.ask("harbour", 20).passages) > 0
    assert asked == [1, 3, 5]
    assert known == [1, 1, 1]
    assert archive.coverage().passages == 10


def test_a_shard_that_was_put_in_the_place_of_another_is_taken_up_anew(sharded: Sharded, tmp_path: Path) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    other = sharded(2, folder=tmp_path / "other")
    other.put([drafted(f"a{number}", "Only lighthouses here.") for number in range(9)])
    archive.ask("lighthouses and harbours", 20)  # the passages of both are known by the same keys
    archive.store.transport._shards[1] = other.store.transport._shards[1]  # type: ignore[attr-defined]
    found = {hit.citation.article_id: hit.text for hit in archive.ask("lighthouses and harbours", 20).passages}
    theirs = {one for one in found if owner(one, 2) == 1}
    assert {found[one] for one in theirs} == {"Only lighthouses here."}
    assert archive.verify() == []


def test_copies_are_told_by_the_texts_of_a_shard_that_was_put_in_the_place_of_another(
    sharded: Sharded, tmp_path: Path
) -> None:
    text = " ".join(f"Word {number} of a long report on caseloads in the harbour." for number in range(30))
    here, there = (next(f"a{number}" for number in range(99) if owner(f"a{number}", 2) == shard) for shard in range(2))
    archive, other = sharded(2), sharded(2, folder=tmp_path / "other")
    archive.put([drafted(here, text), drafted(there, "Nothing but lighthouses and caseloads.")])
    archive.ask("lighthouses and caseloads", 20)  # the texts of both are kept from now on
    other.put([drafted(there, f"{text} And one more.")])
    archive.store.transport._shards[1] = other.store.transport._shards[1]  # type: ignore[attr-defined]
    with archive.store.reading():
        assert [one.article.id for one in archive.store.copies([here])[here]] == [there]


def test_a_repair_beside_a_service_that_takes_up_what_is_new_loses_nothing(
    sharded: Sharded, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    service = sharded(2, folder=archive.path)
    transport = service.store.transport  # type: ignore[attr-defined]
    send, repairs = transport.send, list[Thread]()

    def send_while_it_is_repaired(shard: int, method: str, *arguments: object) -> object:
        if method == "follows" and not repairs:
            repairs.append(Thread(target=archive.repair, args=([Fault("counts", "they are wrong")],)))
            repairs[0].start()
            repairs[0].join(0.5)
        return send(shard, method, *arguments)

    monkeypatch.setattr(transport, "send", send_while_it_is_repaired)
    new = next(f"new-{number}" for number in range(99) if owner(f"new-{number}", 2) == 0)
    transport._shards[0].archive.put([drafted(new, "A word on lighthouses.")])
    service.ask("lighthouses")
    repairs[0].join()
    copied = Path(shutil.copytree(archive.path, archive.path.with_name("again"), symlinks=True))
    shutil.rmtree(copied / "catalogue")
    assert catalogued(archive) == catalogued(sharded(2, folder=copied))


def test_a_service_that_goes_on_with_replaced_shards_leaves_the_new_catalogue_alone(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    reshard(archive.path, 3)
    new = sharded(3, folder=archive.path)
    expected = new.ask("harbour 4"), catalogued(new)
    with suppress(ArchiveError):
        archive.ask("harbour 4")
    assert (new.ask("harbour 4"), catalogued(new)) == expected


def test_processes_that_open_it_at_once_make_one_catalogue(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    shutil.rmtree(archive.path / "catalogue")
    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(lambda _: sharded(2, folder=archive.path), range(4)))
    assert len({one.ask("harbour 4").confidence for one in opened}) == 1


def test_what_is_known_of_a_shard_that_there_is_no_longer_is_forgotten(sharded: Sharded, tmp_path: Path) -> None:
    archive = sharded(3)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    fewer = sharded(2, folder=tmp_path / "fewer")
    fewer.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    expected = catalogued(fewer)
    fewer.close()
    archive.close()
    shutil.rmtree(fewer.path / "catalogue")
    shutil.copytree(archive.path / "catalogue", fewer.path / "catalogue")
    assert catalogued(sharded(2, folder=fewer.path)) == expected


def test_a_catalogue_that_is_no_database_is_made_anew(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    expected = archive.ask("harbour 4")
    archive.close()
    (archive.path / "catalogue" / "0" / "archive.db").write_bytes(b"no database" * 1000)
    assert sharded(2, folder=archive.path).ask("harbour 4") == expected


def test_a_sound_archive_verifies_and_an_article_in_the_wrong_shard_is_found(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    assert archive.verify() == []
    shards = [one.archive for one in archive.store.transport._shards]  # type: ignore[attr-defined]
    wrong = next(one for one in range(2) if archive.store.owner("stray") != one)  # type: ignore[attr-defined]
    shards[wrong].put([drafted("stray", "It has gone astray.")])
    assert [(one.part, one.where) for one in archive.verify() if "belongs" in one.problem] == [("article", "stray")]


@pytest.mark.parametrize(
    ("damage", "parts"),
    [
        ("UPDATE articles SET fingerprint = 'another' WHERE id = (SELECT min(id) FROM articles)", {"articles"}),
        ("DELETE FROM articles WHERE id = (SELECT min(id) FROM articles)", {"articles"}),
        ("DELETE FROM people", {"people"}),
        ("UPDATE terms SET passages = passages + 1", {"terms"}),
        ("DELETE FROM changes", {"terms of articles", "prints", "sketches"}),
    ],
)
def test_a_catalogue_that_says_otherwise_is_found_and_made_anew(sharded: Sharded, damage: str, parts: set[str]) -> None:
    archive = sharded(2)
    assert not ingest(archive, read([str(SEEDS)])).failed
    sound = catalogued(archive)
    with archive.store.writing() as connection:
        connection.execute(damage)
    faults = archive.verify()
    assert {one.where for one in faults} >= parts
    assert archive.repair(faults) == []
    assert (archive.verify(), catalogued(archive)) == ([], sound)


def test_a_damaged_catalogue_says_that_it_may_be_removed(sharded: Sharded) -> None:
    archive = sharded(2)
    assert not ingest(archive, read([str(SEEDS)])).failed
    expected = archive.ask("caseloads")
    archive.close()
    file = archive.path / "catalogue" / "0" / "archive.db"
    with file.open("r+b") as opened:
        opened.seek(12_288)
        opened.write(bytes(range(256)) * 100)
    with pytest.raises(ArchiveDamaged, match=f"remove {file.parent}, and it is made anew"):
        sharded(2, folder=archive.path).verify()
    shutil.rmtree(file.parent)
    assert sharded(2, folder=archive.path).ask("caseloads") == expected


def test_a_shard_that_is_not_there_is_not_to_be_made_anew(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.close()
    (gone := Manifest.read(archive.path).paths(archive.path)[1]).rename(archive.path / "elsewhere")
    with pytest.raises(ArchiveMissing, match=f"{gone}, a shard of the archive, is not there"):
        ShardedArchive.over(archive.path)


def test_making_it_again_needs_the_same_number_of_shards_and_no_archive_in_one_piece(tmp_path: Path) -> None:
    def load(*_: object) -> HashingEncoder:
        return HashingEncoder()

    ShardedArchive.make(tmp_path / "a", 2, {}, load_encoder=load)
    ShardedArchive.make(tmp_path / "a", 2, {}, load_encoder=load)
    with pytest.raises(ArchiveMismatch, match="has 2 shards, not 3"):
        ShardedArchive.make(tmp_path / "a", 3, {}, load_encoder=load)
    with pytest.raises(ArchiveMismatch, match="passage_tokens"):
        ShardedArchive.make(tmp_path / "a", 2, {"passage_tokens": "40"}, load_encoder=load)
    Archive.create(tmp_path / "b", {}, load_encoder=load).close()
    with pytest.raises(ArchiveMismatch, match="onrecord reshard"):
        ShardedArchive.make(tmp_path / "b", 2, {}, load_encoder=load)


def test_each_shard_is_an_ordinary_archive(sharded: Sharded) -> None:
    archive = sharded(2)
    archive.put([drafted(f"a{number}", text) for number, text in enumerate(TEXTS)])
    with Archive.open(archive.path / "shards" / "0" / "1", load_encoder=lambda *_: HashingEncoder()) as one:
        assert one.verify() == []
        assert one.ask("harbour").passages


def test_no_backup_is_made_of_a_part(sharded: Sharded, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="back up each shard"):
        sharded(2).backup(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
