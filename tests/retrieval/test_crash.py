"""Killed at any step of writing, an archive holds what was acknowledged, and mends itself when it is opened.

Each step takes a second or so; ONRECORD_EVERY_STEP=1 tries them all, the suite every ninth.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

STRIDE = 18
FIRST = range(1, STRIDE + 1) if os.environ.get("ONRECORD_EVERY_STEP") else (1, 10)


@pytest.mark.parametrize("first", FIRST)
def test_whatever_step_of_writing_it_is_killed_at_an_archive_holds_what_was_acknowledged(
    first: int, tmp_path: Path
) -> None:
    """In a process of its own: children are forked there, which is safe only before any thread."""
    command = [sys.executable, "-m", "tests.retrieval.crashing", str(tmp_path / "archive"), str(first), str(STRIDE)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["wrong"] == []
    assert found["kills"] > 150 / STRIDE
