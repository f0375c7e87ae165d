import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.pipeline import archive_settings
from ingest.sources import Gone, Source, sources
from ingest.sync import Synced, forget, sync
from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.errors import SourceError
from tests.hashing import HashingEncoder


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return make(tmp_path / "archive")


def make(path: Path) -> Archive:
    def load(*_: object) -> Encoder:
        return HashingEncoder()

    return Archive.create(path, archive_settings(), load_encoder=load)


def write(folder: Path, **articles: str) -> Path:
    """Files by their names, with __ for a slash; an empty text removes the file."""
    for name, text in articles.items():
        path = folder / (name.replace("__", "/") + ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_text(text, "utf-8")
        else:
            path.unlink()
    return folder


def told(report: Synced) -> dict[str, object]:
    """What a report says, without what it says nothing of."""
    shown = {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "withdrawn": report.withdrawn,
        "kept": report.kept,
        "failed": [error.problem for error in report.failed],
    }
    return {name: value for name, value in shown.items() if value}


def ids(archive: Archive) -> list[str]:
    return [one.article.id for one in archive.articles(limit=1000)[0]]


class TestInStep:
    def test_what_is_new_changed_and_gone_is_told_and_the_rest_is_left(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", b="The bridge is shut.", c="It rains.")
        source = Source("news", path=folder, gone="delete")
        assert told(sync(archive, source)) == {"new": ["a", "b", "c"]}
        assert told(sync(archive, source)) == {"unchanged": 3}
        write(folder, a="The ferry sails at noon.", b="", d="It snows.")
        assert told(sync(archive, source)) == {"new": ["d"], "changed": ["a"], "unchanged": 1, "withdrawn": ["b"]}
        assert ids(archive) == ["a", "c", "d"]
        assert archive.article("a").version == 2

    def test_what_has_not_changed_is_not_opened(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.")
        source = Source("news", path=folder)
        sync(archive, source)
        status = (folder / "a.txt").stat()
        write(folder, a="The ferry sinks.")
        os.utime(folder / "a.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
        assert told(sync(archive, source)) == {"unchanged": 1}

    def test_articles_that_have_gone_are_kept_unless_the_rules_say_otherwise(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", b="It rains.")
        source = Source("news", path=folder)
        sync(archive, source)
        write(folder, a="")
        assert told(sync(archive, source)) == {"unchanged": 1, "kept": ["a"]}
        assert ids(archive) == ["a", "b"]

    def test_a_file_that_has_moved_is_neither_gone_nor_there_twice(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", b="It rains.")
        source = Source("news", path=folder, gone="delete")
        sync(archive, source)
        write(folder, a="", z__a="The ferry sails.")
        assert told(sync(archive, source)) == {"unchanged": 2}
        assert told(sync(archive, source)) == {"unchanged": 2}
        assert archive.article("a").version == 1

    def test_an_article_may_move_from_one_file_of_records_to_another(self, archive: Archive, tmp_path: Path) -> None:
        folder = tmp_path / "news"
        folder.mkdir()
        records(folder / "a.jsonl", "one", "two")
        records(folder / "b.jsonl", "three")
        source = Source("news", path=folder, gone="delete")
        sync(archive, source)
        records(folder / "a.jsonl", "one")
        records(folder / "b.jsonl", "three", "two")
        assert told(sync(archive, source)) == {"unchanged": 3}
        records(folder / "b.jsonl", "three")
        assert told(sync(archive, source)) == {"unchanged": 2, "withdrawn": ["two"]}

    def test_a_sidecar_that_changes_changes_its_article(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.")
        source = Source("news", path=folder)
        sync(archive, source)
        (folder / "a.meta.json").write_text('{"author": "Nell Sharpe"}', "utf-8")
        assert told(sync(archive, source)) == {"changed": ["a"]}

    def test_other_rules_are_read_by_again(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.")
        sync(archive, Source("news", path=folder))
        assert told(sync(archive, Source("news", path=folder, publisher="The Packet"))) == {"changed": ["a"]}
        assert archive.article("a").article.publisher == "The Packet"

    def test_two_files_of_one_id_are_told_until_one_of_them_goes(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", z__a="It rains.")
        source = Source("news", path=folder)
        problem = (
            "the id 'a' is already that of an article in 'a.txt'; give one of the two another id, or leave one out "
        )
        for outcome in ({"new": ["a"]}, {"unchanged": 1}):
            assert told(sync(archive, source)) == {**outcome, "failed": [f"{problem}if they are the same"]}
        write(folder, a="")
        assert told(sync(archive, source)) == {"changed": ["a"]}
        by_path = Source("paths", path=folder, ids="path")
        assert told(sync(archive, by_path)) == {"new": ["z.a"]}

    def test_an_article_of_another_source_is_not_overwritten(self, archive: Archive, tmp_path: Path) -> None:
        sync(archive, Source("one", path=write(tmp_path / "one", a="The ferry sails.")))
        report = sync(archive, Source("two", path=write(tmp_path / "two", a="It rains.")))
        assert "already that of an article in 'a.txt' of the source 'one'" in str(report.failed[0])
        assert archive.article("a").article.text == "The ferry sails."


class TestBroken:
    def test_what_fails_is_told_every_time_and_the_rest_goes_in(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", b="   ")
        source = Source("news", path=folder)
        assert told(sync(archive, source)) == {"new": ["a"], "failed": ["there is no text in it"]}
        assert told(sync(archive, source)) == {"unchanged": 1, "failed": ["there is no text in it"]}
        write(folder, b="It rains.")
        assert told(sync(archive, source)) == {"new": ["b"], "unchanged": 1}

    def test_an_article_stays_while_its_file_cannot_be_read(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", b="It rains.")
        source = Source("news", path=folder, gone="delete")
        sync(archive, source)
        write(folder, a=" ")
        assert told(sync(archive, source))["failed"] == ["there is no text in it"]
        assert ids(archive) == ["a", "b"]

    def test_a_folder_that_is_not_there_withdraws_nothing(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.")
        source = Source("news", path=folder, gone="delete")
        sync(archive, source)
        shutil.rmtree(folder)
        assert told(sync(archive, source)) == {"failed": ["there is no such file or folder"]}
        folder.mkdir()
        assert "no articles in this folder" in str(sync(archive, source).failed[0])
        assert ids(archive) == ["a"]

    def test_when_most_of_a_source_has_gone_it_is_asked_whether_that_is_meant(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        names = [f"a{n:02}" for n in range(30)]
        folder = write(tmp_path / "news", **{name: f"Report {name}." for name in names})
        source = Source("news", path=folder, gone="delete")
        sync(archive, source)
        write(folder, **dict.fromkeys(names[:20], ""))
        (problem,) = sync(archive, source).failed
        assert "20 of its 30 articles have gone, and none was withdrawn" in str(problem)
        assert len(sync(archive, source, many_gone=True).withdrawn) == 20
        assert ids(archive) == names[20:]

    def test_when_most_of_a_file_has_gone_it_is_asked_as_well(self, archive: Archive, tmp_path: Path) -> None:
        folder = tmp_path / "news"
        folder.mkdir()
        names = [f"r{n}" for n in range(30)]
        records(folder / "all.jsonl", *names)
        source = Source("news", path=folder, gone="delete")
        sync(archive, source)
        records(folder / "all.jsonl", *names[:3])
        for _ in range(2):
            (problem,) = sync(archive, source).failed
            assert "27 of its 30 articles have gone, and none was withdrawn" in str(problem)
            assert len(ids(archive)) == 30
        assert len(sync(archive, source, many_gone=True).withdrawn) == 27
        assert told(sync(archive, source)) == {"unchanged": 3}

    def test_a_source_that_was_renamed_can_be_let_go_of(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.")
        sync(archive, Source("news", path=folder))
        renamed = Source("packet", path=write(folder, a="The ferry sails at noon."))
        (problem,) = sync(archive, renamed).failed
        assert "if there is no such source any more, add --forget 'news'" in str(problem)
        assert forget(archive, "news") == 1
        assert told(sync(archive, renamed)) == {"changed": ["a"]}


class TestDryRun:
    def test_a_dry_run_tells_what_would_be_and_changes_nothing(self, archive: Archive, tmp_path: Path) -> None:
        folder = write(tmp_path / "news", a="The ferry sails.", b="The bridge is shut.", c="It rains.")
        source = Source("news", path=folder, gone="delete")
        assert told(sync(archive, source, dry=True)) == {"new": ["a", "b", "c"]}
        sync(archive, source)
        write(folder, a="The ferry sails at noon.", b="", d="It snows.")
        before = archive.state(), archive.readings()
        foretold = sync(archive, source, dry=True)
        assert (archive.state(), archive.readings()) == before
        assert told(foretold) == told(sync(archive, source))


STEPS = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["", "One.", "Two.", "Three."]), min_size=1), max_size=4
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_changes_the_archive_holds_what_the_folder_holds(
    steps: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sync")
    with make(folder / "archive") as archive:
        source = Source("news", path=write(folder / "news", always="Here to stay."), gone="delete")
        for step in steps:
            for name, text in step.items():
                if text or (folder / "news" / f"{name}.txt").exists():
                    write(folder / "news", **{name: text})
            sync(archive, source)
            there = {path.stem: path.read_text("utf-8") for path in (folder / "news").iterdir()}
            assert {id_: archive.article(id_).article.text for id_ in ids(archive)} == there
            assert told(sync(archive, source)) == {"unchanged": len(there)}


class TestSourcesFile:
    def test_rules_are_read_and_paths_are_of_its_folder(self, tmp_path: Path) -> None:
        file = tmp_path / "sources.toml"
        file.write_text(
            '[packet]\npath = "html"\npublisher = "The  Packet"\nexclude = ["drafts/*"]\ngone = "delete"\n'
            '[bulletin]\nurl = "https://bulletin.example/feed.xml"\nevery = "30m"\nkind = "report"\n',
            "utf-8",
        )
        packet, bulletin = sources(file)
        assert (packet.path, packet.publisher, packet.gone) == (tmp_path / "html", "The Packet", "delete")
        assert (packet.takes("2010/a.html"), packet.takes("drafts/b/c.html")) == (True, False)
        assert (bulletin.every, bulletin.stated) == (1800.0, {"kind": "report"})

    @pytest.mark.parametrize(
        ("told", "problem"),
        [
            ("", "names no source"),
            ("[a", "not TOML"),
            ("[a]", "needs either a path or a url"),
            ('[a]\npath = "b"\nurl = "https://c.example"', "needs either a path or a url"),
            ('[a]\nurl = "ftp://c.example"', "url has to start with http:// or https://"),
            ('[a]\npath = "b"\ncolour = "red"', "there is no rule 'colour'; there are path, url"),
            ('[a]\npath = "b"\ngone = "sold"', "gone has to be one of keep, delete"),
            ('[a]\npath = "b"\nkind = "poem"', "kind has to be one of report"),
            ('[a]\npath = "b"\nevery = "often"', 'every has to be a period, such as "90s"'),
            ('[a]\npath = "b"\nlimit = 0', "limit has to be a whole number from 1"),
            ('["a/b"]\npath = "b"', "a name has letters"),
            ('path = "b"', "stands outside of a [NAME] section"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_by_name(self, tmp_path: Path, told: str, problem: str) -> None:
        file = tmp_path / "sources.toml"
        file.write_text(told, "utf-8")
        with pytest.raises(SourceError) as refused:
            sources(file)
        assert problem in str(refused.value)
        assert str(refused.value).startswith(str(file))


def records(path: Path, *names: str) -> None:
    path.write_text("".join(json.dumps({"id": name, "text": f"Report {name}."}) + "\n" for name in names), "utf-8")


class Killed(BaseException):
    """As the system kills: at once, whatever is going on."""


@pytest.mark.parametrize("gone", ["delete", "keep"])
def test_interrupted_at_any_write_the_next_sync_comes_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: Gone
) -> None:
    def prepared(name: str) -> tuple[Archive, Source]:
        folder = write(tmp_path / name / "news", a="The ferry sails.", b="The bridge is shut.", c="It rains.")
        records(folder / "r.jsonl", "one", "two", "three")
        archive, source = make(tmp_path / name / "archive"), Source("news", path=folder, gone=gone)
        sync(archive, source)
        write(folder, a="The ferry sails at noon.", b="", z__c="It rains.", c="", d="It snows.")
        records(folder / "r.jsonl", "one", "four")
        return archive, source

    def outcome(archive: Archive, source: Source) -> object:
        final = sync(archive, source)
        texts = {id_: archive.article(id_).article.text for id_ in ids(archive)}
        return texts, told(final), {one.item: set(one.articles) for one in archive.readings("news")}

    archive, source = prepared("whole")
    sync(archive, source)
    expected = outcome(archive, source)
    writes = itertools.count()
    for at in range(100):
        archive, source = prepared(f"killed-{at}")
        writes = itertools.count()
        with monkeypatch.context() as patched:
            for name in ("put_prepared", "put_readings", "delete", "drop_readings"):
                patched.setattr(Archive, name, dying(getattr(Archive, name), writes, at))
            try:
                sync(archive, source)
            except Killed:
                killed = True
            else:
                killed = False
        sync(archive, source)
        assert outcome(archive, source) == expected, f"killed at write {at}"
        if not killed:
            assert at >= 3
            return
    pytest.fail("there is no end of writes")


def dying(method: Callable[..., Any], writes: Iterator[int], at: int) -> Callable[..., Any]:
    """A method that is never come back from when it is the write of this number."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if next(writes) == at:
            raise Killed
        return method(*args, **kwargs)

    return call
