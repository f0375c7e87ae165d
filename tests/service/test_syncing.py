"""``onrecord sync`` as it is used: exit codes, what a person and what a program reads, and watching."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.service.test_cli import onrecord


@pytest.fixture
def archive(seeds_folder: Path, model_folder: Path, tmp_path: Path) -> str:
    copied = shutil.copytree(seeds_folder, tmp_path / "archive")
    (copied / "model").symlink_to(model_folder)
    return str(copied)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Two sources, of which one cannot be read, and their file."""
    (tmp_path / "packet").mkdir()
    (tmp_path / "packet" / "ferry.txt").write_text("The ferry sails at noon.", "utf-8")
    file = tmp_path / "sources.toml"
    file.write_text('[nowhere]\npath = "missing"\n[packet]\npath = "packet"\nevery = "1s"\n', "utf-8")
    return file


def test_a_broken_source_stops_no_other(archive: str, sources: Path) -> None:
    done = onrecord("sync", str(sources), "--archive", archive)
    assert done.returncode == 1
    assert "missing: there is no such file or folder" in done.stderr
    assert done.stdout.splitlines() == [
        "nowhere: 0 new, 0 changed, 0 unchanged, 1 failed",
        "packet: 1 new, 0 changed, 0 unchanged, 0 failed",
        "  new: ferry",
    ]
    assert onrecord("sync", str(sources), "--archive", archive, "--only", "packet").returncode == 0


def test_a_dry_run_says_what_would_happen_and_is_read_by_programs(archive: str, sources: Path) -> None:
    done = onrecord("sync", str(sources), "--archive", archive, "--dry-run", "--json")
    nowhere, packet = json.loads(done.stdout)["sources"]
    assert nowhere["failed"][0]["problem"] == "there is no such file or folder"
    assert (packet["source"], packet["new"]) == ("packet", ["ferry"])
    assert json.loads(onrecord("articles", "list", "--archive", archive, "--json").stdout)["total"] == 5


def test_wrong_usage_is_exit_2_and_a_wrong_file_1(archive: str, sources: Path) -> None:
    assert onrecord("sync", str(sources), "--archive", archive, "--only", "other").returncode == 2
    assert onrecord("sync", str(sources), "--archive", archive, "--watch", "--dry-run").returncode == 2
    sources.write_text('[packet]\npath = "packet"\ncolour = "red"\n', "utf-8")
    done = onrecord("sync", str(sources), "--archive", archive)
    assert done.returncode == 1
    assert "[packet]: there is no rule 'colour'" in done.stderr


def test_watching_takes_in_what_comes_and_ends_when_it_is_told_to(archive: str, sources: Path) -> None:
    command = [sys.executable, "-m", "service.cli", "sync", str(sources), "--archive", archive, "--watch"]
    with subprocess.Popen(
        [*command, "--only", "packet"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as watching:
        try:
            lines = said(watching)
            assert next(lines) == "packet: 1 new, 0 changed, 0 unchanged, 0 failed"
            assert next(lines) == "  new: ferry"
            written = sources.parent / "bridge.txt"
            written.write_text("The bridge is shut.", "utf-8")
            written.rename(sources.parent / "packet" / "bridge.txt")
            assert next(lines) == "packet: 1 new, 0 changed, 1 unchanged, 0 failed"
            assert next(lines) == "  new: bridge"
            watching.send_signal(signal.SIGTERM)
            assert watching.wait(60) == 0
        finally:
            watching.kill()
    assert "2 unchanged" in onrecord("sync", str(sources), "--archive", archive, "--only", "packet").stdout


def said(process: "subprocess.Popen[str]") -> Iterator[str]:
    """The lines that a process prints."""
    assert process.stdout is not None
    started = time.monotonic()
    for line in process.stdout:
        yield line.rstrip("\n")
        assert time.monotonic() - started < 120
