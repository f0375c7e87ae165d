"""What is installed: the four packages and the files that they read."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

NEEDED = {
    "ingest/vocabulary/9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "retrieval/rank_model.json",
    "service/static/site.css",
    "service/templates/article.html",
    "evals/data/seeds.jsonl",
    "evals/report/templates/run.html",
    "service/cli.py",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_everything_that_runs_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert names >= NEEDED
    tops = {Path(name).parts[0] for name in names if ".dist-info" not in name}
    assert tops == {"ingest", "retrieval", "service", "evals"}
    assert not [name for name in names if "__pycache__" in name]


def test_every_tracked_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    command = ["git", "ls-files", "ingest", "retrieval", "service", "evals"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(listed.stdout.split()) <= set(wheel.namelist())


def test_matrices_of_a_program_of_ours_are_multiplied_without_threads_that_spin() -> None:
    """They would be started with the first product that is large enough, and never stop looking for the next."""
    program = (
        "import service.cli, numpy, os;"
        "numpy.ones((2000, 2000)) @ numpy.ones((2000, 2000));"
        "print(len(os.listdir('/proc/self/task')))"
    )
    command = [sys.executable, "-c", program]
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment).stdout
    assert printed == "1\n"
