"""Killed at any step of writing, an archive holds what was acknowledged, and mends itself when it is opened."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_whatever_step_of_writing_it_is_killed_at_an_archive_holds_what_was_acknowledged(tmp_path: Path) -> None:
    """In a process of its own: children are forked there, which is safe only before any thread runs."""
    command = [sys.executable, "-m", "tests.retrieval.crashing", str(tmp_path / "archive")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["steps"] > 150
