"""Killed at any step of writing, an archive holds what was acknowledged, and mends itself when it is opened."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_whatever_step_of_writing_it_is_killed_at_an_archive_holds_what_was_acknowledged(tmp_path: Path) -> None:
    """In processes of their own, one for each core: children are forked there, which is safe only before any thread."""
    command = [sys.executable, "-m", "tests.retrieval.crashing"]
    running = [
        subprocess.Popen(
            [*command, str(tmp_path / f"archive-{first}"), str(first), "2"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for first in (1, 2)
    ]
    kills = 0
    for process in running:
        told, complaints = process.communicate(timeout=500)
        assert process.returncode == 0, complaints
        found = json.loads(told)
        assert found["wrong"] == []
        kills += found["kills"]
    assert kills > 150
