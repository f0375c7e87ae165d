import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.pipeline import Summary, archive_settings, ingest
from ingest.read import count, read
from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveMissing
from tests.conftest import ROOT, SEEDS


def jsonl(path: Path, articles: int, words: str = "The ferry sails at noon.") -> Path:
    lines = (json.dumps({"id": f"a{n}", "text": f"{words} Number {n}.\n\n{words}"}) for n in range(articles))
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture
def archive(tmp_path: Path, encoder: Encoder) -> Archive:
    return Archive.create(tmp_path / "archive", archive_settings(), load_encoder=lambda *_: encoder)


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.new, summary.changed, summary.unchanged, len(summary.failed)


def test_the_seeds_are_described_as_they_are(seeds: Archive) -> None:
    known = {
        stored.article.id[:3]: (
            stored.article.author,
            stored.article.publisher,
            stored.article.published,
            stored.article.kind,
        )
        for stored in seeds.articles()[0]
    }
    assert known == {
        "000": ("Neil Puffett", "CYP Now", "2010-10-04", "report"),
        "001": (None, "Community Care", "2010-03-11", "interview"),
        "002": (None, "Community Care", None, "report"),
        "003": ("Tim Loughton", "Conservative Home", None, "opinion"),
        "004": ("Tim Loughton", None, "2011-02-09", "speech"),
    }


def test_the_same_source_again_changes_nothing_and_a_changed_article_is_a_new_version(
    archive: Archive, tmp_path: Path
) -> None:
    source = jsonl(tmp_path / "news.jsonl", 3)
    assert counts(ingest(archive, read([str(source)]))) == (3, 0, 0, 0)
    version = archive.coverage().version
    assert counts(ingest(archive, read([str(source)]))) == (0, 0, 3, 0)
    assert archive.coverage().version == version
    source.write_text(source.read_text("utf-8").replace("Number 1.", "Number one."), "utf-8")
    assert counts(ingest(archive, read([str(source)]))) == (0, 1, 2, 0)
    assert archive.article("a1").version == 2


def test_a_broken_line_is_named_and_the_rest_goes_in(archive: Archive, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", 2)
    source.write_text(source.read_text("utf-8") + '\n{"id": "x"\n{"text": "Good."}', "utf-8")
    summary = ingest(archive, read([str(source)]))
    assert counts(summary) == (3, 0, 0, 1)
    assert str(summary.failed[0]).startswith(f"{source}:3: ")


def test_a_source_that_has_not_changed_needs_no_model(archive: Archive, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "news.jsonl", 3)
    ingest(archive, read([str(source)]))

    def none(name: str, folder: Path) -> Encoder:
        raise AssertionError("the model was loaded")

    with Archive.open(archive.path, load_encoder=none) as again:
        assert counts(ingest(again, read([str(source)]))) == (0, 0, 3, 0)


def test_records_are_stored_to_the_letter(archive: Archive, tmp_path: Path) -> None:
    text = "  Sign up to our newsletter\n\n\n\nThe ferry sails.\n\nComments are closed. "
    source = tmp_path / "one.jsonl"
    source.write_text(json.dumps({"id": "a", "text": text}), "utf-8")
    ingest(archive, read([str(source)]))
    assert archive.article("a").article.text == text


def test_documents_are_counted_ahead(tmp_path: Path) -> None:
    assert count([str(SEEDS), str(jsonl(tmp_path / "news.jsonl", 7))]) == 12
    assert count(["-"]) is None


def test_a_killed_ingest_leaves_a_sound_archive_and_the_next_goes_on(
    tmp_path: Path, encoder: Encoder, model_folder: Path
) -> None:
    """Killed as soon as something is in; the articles that are in are whole, and running again adds the rest."""
    source, folder = jsonl(tmp_path / "news.jsonl", 1200), tmp_path / "killed"
    folder.mkdir()
    (folder / "model").symlink_to(model_folder)
    command = [sys.executable, "-m", "service.cli", "ingest", str(source), "--archive", str(folder)]
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    stored = 0
    while running.poll() is None and not stored:
        time.sleep(0.05)
        with suppress(ArchiveMissing), Archive.open(folder, load_encoder=lambda *_: encoder) as archive:
            stored = archive.coverage().articles
    running.kill()
    running.wait()
    with Archive.open(folder, load_encoder=lambda *_: encoder) as archive:
        before = archive.coverage().articles
        assert stored <= before <= 1200
        summary = ingest(archive, read([str(source)]))
        assert (summary.unchanged, summary.new) == (before, 1200 - before)
        assert archive.coverage().passages == sum(len(archive.passages(one)) for one in archive.articles(limit=1200)[0])
        assert archive.ask("ferry number 1199").passages
