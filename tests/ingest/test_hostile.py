"""No file brings an ingest down: each that was made to costs one error by its name, and the rest goes in."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.readers import reader_of
from tests.conftest import ROOT
from tests.ingest.hostile import corpus

HONEST = "The ferry sails at noon, the harbour master said."

# By itself, so that its memory and that of its workers is nobody else's.
_READ = """
import json, resource, sys
from ingest.read import read
from ingest.sandbox import end_workers
for item in read(sys.argv[1:]):
    print(json.dumps([str(getattr(item, "where")), getattr(item, "problem", None), getattr(item, "text", None)]))
end_workers()
own = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


@pytest.mark.long
def test_each_hostile_file_is_one_error_by_its_name_in_bounded_memory_and_the_rest_goes_in(tmp_path: Path) -> None:
    expected = dict(made(tmp_path))
    honest = tmp_path / "z.txt"
    honest.write_text(HONEST, "utf-8")
    shown = subprocess.run(
        [sys.executable, "-c", _READ, *expected, str(honest)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    *items, peaks = map(json.loads, shown.stdout.splitlines())
    *errors, (_, _, article) = items
    told = {where: problem for where, problem, _ in errors}
    assert article == HONEST
    assert [where.partition(":")[0] for where in told] == list(expected)
    for where, problem in told.items():
        assert problem, f"{where} is no error"
        assert expected[where.partition(":")[0]] in problem
        assert "\n" not in problem
    # Of the process, and of the largest of its workers.
    assert sum(peaks) * 1024 < 500_000_000


def made(folder: Path) -> list[tuple[str, str]]:
    """The files of the corpus that can be read, and what their errors say."""
    return [(str(path), problem) for path, problem in corpus(folder) if reader_of(path.name) is not None]
