"""Ingest on Ray: the archive that the plain ingest makes, whatever becomes of the run; what is said where it fails."""

import gc
import io
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.cluster.connection import connected
from retrieval.errors import ArchiveMismatch
from retrieval.opening import opened
from retrieval.sharded.manifest import Manifest
from tests.clustering import another, encoder, ingest_plainly, make, write
from tests.conftest import ROOT, SEEDS
from tests.resharding import held
from tests.service.test_cli import onrecord

# What Ray's own imports and its own sockets are warned of.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# The order of changes is nobody's, so neither is the day's number of one.
_TOLD = ("articles", "passages", "people", "called", "held", "said", "words", "prints", "quoted", "terms", "changes")


@contextmanager
def _nothing(*_: object) -> Iterator[None]:
    yield


@pytest.fixture(scope="module")
def ray() -> Iterator[None]:
    with connected(cpus=2):
        yield
    with warnings.catch_warnings():  # it lets go of its processes without waiting for their ends
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def same(one: Path, other: Path) -> None:
    mine, others = held(one), held(other)
    assert not [table for table in _TOLD if mine[table] != others[table]]


@pytest.mark.long
@pytest.mark.usefixtures("ray")
def test_shards_hold_what_one_archive_holds_and_the_same_is_not_taken(tmp_path: Path) -> None:
    from ingest.cluster.run import ingest

    lines = tmp_path / "lines.jsonl"
    taken = next(SEEDS.glob("*.txt")).stem
    broken = [
        json.dumps({"id": taken, "text": "Another of this id."}),
        "{",
        json.dumps({"id": "mine", "text": "Mine."}),
    ]
    lines.write_text("\n".join([*broken, json.dumps({"id": "mine", "text": "Mine too."})]), encoding="utf-8")
    sources = [SEEDS, lines, tmp_path / "nowhere"]
    plain = ingest_plainly(tmp_path / "plain", sources)
    folder = make(tmp_path / "shards", 3)

    said = ingest(folder, list(map(str, sources)), load_encoder=encoder)

    same(tmp_path / "plain", folder)
    assert sorted(map(str, said.failed)) == sorted(map(str, plain.failed))
    assert (said.new, said.passages) == (plain.new, plain.passages)
    assert len(plain.failed) == 4
    with opened(folder) as archive:
        problems = sum(len(one.problems) for one in archive.readings(""))
    assert problems == 3  # not of what is not there

    before = held(folder)
    lines.write_text(json.dumps({"id": "mine", "text": "Mine, changed."}), encoding="utf-8")
    again = ingest(folder, list(map(str, sources[:2])), load_encoder=encoder)
    assert (again.new, again.changed, again.unchanged) == (0, 1, plain.new - 1)
    assert sum((held(folder)["articles"] - before["articles"]).values()) == 2  # the new version, and the end of the old


@pytest.mark.long
@pytest.mark.usefixtures("ray")
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    from ray import get_runtime_context

    from ingest.cluster.run import ingest

    source = write(tmp_path / "ferries.jsonl", 160)
    folder = make(tmp_path / "shards", 2)
    child = subprocess.run(
        [sys.executable, "-m", "tests.clustering", str(folder), str(source), get_runtime_context().gcs_address],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    there = sum(held(folder)["articles"].values())
    assert there

    summary = ingest(folder, [str(source)], load_encoder=encoder)
    # What was on its way to a shard may have come there when its sender was dead.
    assert there <= summary.unchanged
    assert summary.unchanged + summary.new == 160
    ingest_plainly(tmp_path / "plain", [source])
    same(tmp_path / "plain", folder)


@pytest.mark.usefixtures("ray")
def test_what_is_piped_in_is_taken_as_a_stream_of_lines(tmp_path: Path) -> None:
    from ingest.cluster.run import ingest

    source = write(tmp_path / "ferries.jsonl", 20)
    folder = make(tmp_path / "shards", 2)
    summary = ingest(folder, ["-"], stdin=io.BytesIO(source.read_bytes() + b"{\n"), load_encoder=encoder)
    assert (summary.new, [one.where for one in summary.failed]) == (20, ["standard input:21"])
    ingest_plainly(tmp_path / "plain", [source])
    same(tmp_path / "plain", folder)


@pytest.mark.usefixtures("ray")
def test_workers_that_have_another_model_put_nothing_in(tmp_path: Path) -> None:
    from ingest.cluster.run import ingest

    folder = make(tmp_path / "shards", 2)
    with pytest.raises(ArchiveMismatch, match="model"):
        ingest(folder, [str(SEEDS)], load_encoder=another)
    assert not held(folder)["articles"]


def test_an_archive_in_one_piece_is_not_filled_on_ray(tmp_path: Path, seeds_folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.cluster.connection.connected", _nothing)
        said = onrecord("ingest", str(SEEDS), "--archive", str(seeds_folder), "--ray", "--shards", "2")
    assert said.returncode == 1
    assert "onrecord reshard --archive" in said.stderr
    assert not Manifest.exists(seeds_folder)


def test_shards_without_ray_are_a_wrong_usage(tmp_path: Path) -> None:
    said = onrecord("ingest", str(SEEDS), "--archive", str(tmp_path), "--shards", "2")
    assert said.returncode == 2
    assert "--ray" in said.stderr
