"""The bar for copies, on articles of PolNeAR that were edited, cut and re-headed."""

from pathlib import Path

import pytest

from evals.copying import of_polnear


def test_copies_are_found_and_nothing_else_is(data: Path) -> None:
    if not (data / "polnear" / "articles.jsonl").exists():
        pytest.skip(f"no PolNeAR in {data}; set ONRECORD_DATA")
    found = of_polnear(data, half=1, most=15)
    every = found.pop("all")
    assert every.precision >= 0.98
    assert every.recall >= 0.95
    # What PolNeAR itself holds twice.
    assert (found["article"].copies, found["article"].recall) == (7, 1.0)
    assert found["both notes under a short text"].precision == 1.0
