"""Arithmetic of the bench."""

import math

import numpy as np
import pytest

from evals.bench.figures import PERCENTS, exponent, load_of, percentile
from evals.bench.flops import Transformer, limits


@pytest.mark.parametrize("count", [1, 2, 9, 100, 101])
def test_percentiles_are_values_that_occurred_by_nearest_rank(count: int) -> None:
    values = sorted(np.random.default_rng(count).random(count).tolist())
    for percent in (*PERCENTS, 33.3):
        enough = [one for rank, one in enumerate(values, start=1) if rank * 100 >= percent * count]
        assert percentile(values, percent) == enough[0]


def test_the_exponent_of_a_power_is_found() -> None:
    sizes = [1000, 10_000, 60_000]
    assert exponent(sizes, [3 * size**0.5 for size in sizes]) == pytest.approx(0.5)
    assert exponent(sizes, [7.0, 7.0, 7.0]) == pytest.approx(0)
    noisy = [size * factor for size, factor in zip(sizes, (1.1, 0.9, 1.05), strict=True)]
    assert exponent(sizes, noisy) == pytest.approx(np.polyfit(np.log(sizes), np.log(noisy), 1)[0])


def test_a_load_counts_what_was_answered_and_what_was_not() -> None:
    load = load_of([0.001, 0.002, 0.004, 0.1], {"status 503": 2}, 2.0, clients=3, client_cpu=0.5, server_cpu=1.0)
    assert (load.requests, load.throughput, dict(load.errors)) == (4, 2.0, {"status 503": 2})
    assert (load.p50_ms, load.p90_ms, load.p99_ms, load.max_ms) == (2.0, 100.0, 100.0, 100.0)
    assert (load.client_cores, load.server_cores) == (0.25, 0.5)
    assert load.name == "3 clients"
    nothing = load_of([], {"no answer": 1}, 1.0, rate=10, client_cpu=0, server_cpu=0)
    assert math.isnan(nothing.p50_ms)
    assert nothing.throughput == 0


def test_flops_of_a_transformer_are_those_of_its_products() -> None:
    """Counted one by one, for two texts of 3 and 5 tokens through 2 layers of width 4 with an inner width of 16."""
    expected = 0
    for tokens in (3, 5):
        projections = 4 * (2 * tokens * 4 * 4)
        inner = 2 * (2 * tokens * 4 * 16)
        attention = 2 * (2 * tokens * tokens * 4)
        expected += 2 * (projections + inner + attention)
    assert Transformer(2, 4, 16).flops([3, 5]) == expected
    per_token = 24 * 4 * 4
    assert Transformer(1, 4, 16).flops([1]) == per_token + 4 * 4


def test_the_limits_of_the_machine_are_measured_in_both_precisions() -> None:
    found = limits(width=64, seconds=0.01)
    assert set(found) == {"bf16", "fp32"}
    assert min(found.values()) > 0
