"""What several tests of the evaluation hold something against."""

import pytest

from evals.run import Report, evaluate
from retrieval import Archive


@pytest.fixture(scope="session")
def seeds_report(seeds: Archive) -> Report:
    """A run of the hand-written set on the seeds, for reading."""
    return evaluate(seeds)
