"""What the model of growth predicts, held against what was measured, and docs/scale.md against the model."""

from dataclasses import replace

import pytest

from evals.bench.scaling import (
    BITS,
    FLAT,
    MADE,
    SKETCHED,
    Layout,
    Machine,
    archive_mb,
    as_svg,
    index_bytes,
    latency_ms,
    plan,
    question_ms,
    service_mb,
    slowest,
    table,
)
from tests.conftest import ROOT


@pytest.mark.parametrize(("passages", "layout", "measured"), [(8_456, FLAT, 366), (83_448, SKETCHED, 497)])
def test_memory_of_the_service_is_within_six_per_cent_of_what_was_measured(
    passages: int, layout: Layout, measured: float
) -> None:
    assert service_mb(MADE, layout, passages) == pytest.approx(measured, rel=0.06)


def test_memory_holds_six_times_beyond_the_sizes_that_its_constants_are_of() -> None:
    assert service_mb(MADE, SKETCHED, 509_443) == pytest.approx(782, rel=0.06)


@pytest.mark.parametrize(("passages", "layout", "measured"), [(8_456, FLAT, 6_773_530), (83_448, SKETCHED, 39_162_452)])
def test_the_dense_index_has_the_size_that_it_has(passages: int, layout: Layout, measured: int) -> None:
    assert index_bytes(layout, passages) == pytest.approx(measured, rel=0.01)


def test_disk_is_within_ten_per_cent_of_an_archive_that_its_constants_are_not_of() -> None:
    # Measured before archives kept prints of their articles, which are 7 % of one.
    assert archive_mb(MADE, SKETCHED, 83_448) == pytest.approx(297, rel=0.1)


@pytest.mark.parametrize(("passages", "layout", "measured"), [(8_456, FLAT, 27.5), (83_448, SKETCHED, 26.2)])
def test_latency_is_within_eight_per_cent_of_what_was_measured(passages: int, layout: Layout, measured: float) -> None:
    assert question_ms(layout, passages) == pytest.approx(measured, rel=0.08)


@pytest.mark.parametrize(("articles", "passages", "seconds"), [(1_000, 8_456, 140.5), (9_000, 74_992, 1202.0)])
def test_ingest_takes_the_processor_time_that_it_took(articles: int, passages: int, seconds: float) -> None:
    hours = plan(articles, FLAT, articles=MADE).ingest_core_hours
    assert hours * 3600 * passages / (articles * MADE.passages) == pytest.approx(seconds, rel=0.03)


def test_the_slowest_of_many_shards_is_a_rarer_quantile_of_one() -> None:
    assert slowest(1, 0.5) == 1
    assert slowest(2, 0.25) == pytest.approx(1)
    assert slowest(10, 0.99) == pytest.approx(1.77, abs=0.001)  # its 99.9th percentile


def test_the_slowest_of_more_shards_is_never_quicker() -> None:
    waits = [slowest(shards, 0.5) for shards in (1, 2, 4, 8, 16, 64, 1_000, 100_000)]
    assert waits == sorted(waits)


def test_shards_fit_into_a_machine_and_are_as_many_as_make_a_question_quickest() -> None:
    made = plan(10_000_000, SKETCHED)
    waits = {shards: latency_ms(SKETCHED, made.passages, shards) for shards in range(1, 100)}
    assert min(waits, key=waits.__getitem__) == made.shards
    assert plan(10_000_000, SKETCHED, machine=Machine(memory_gb=2)).shards > made.shards


def test_ten_times_the_articles_take_nearly_ten_times_the_processors_for_the_same_questions() -> None:
    few, many = plan(1_000_000, SKETCHED), plan(10_000_000, SKETCHED)
    grown = many.needs["processors of the shards"] / few.needs["processors of the shards"]
    assert 8 < grown < 10  # asking a shard costs something too, and there are not ten times as many shards


def test_bytes_on_the_disk_save_memory_and_no_processor() -> None:
    here, there = plan(10_000_000, SKETCHED), plan(10_000_000, BITS)
    assert there.memory_gb < here.memory_gb / 2
    assert there.needs["processors of the shards"] == here.needs["processors of the shards"]
    assert there.needs["reads of the shards"] > 0


def test_longer_vectors_take_more_of_everything() -> None:
    short, long = plan(10_000_000, SKETCHED), plan(10_000_000, replace(SKETCHED, dimension=768))
    assert long.memory_gb > short.memory_gb * 1.5
    assert long.disk_gb > short.disk_gb
    assert long.question_ms > short.question_ms


def test_what_takes_most_machines_is_named_and_paid_for() -> None:
    made = plan(10_000_000, SKETCHED, questions=1, machine=Machine(memory_gb=8))
    assert made.bottleneck == "memory of the shards"
    assert made.machines > made.needs[made.bottleneck]


def test_a_core_twice_as_quick_takes_half_the_time() -> None:
    slow, quick = plan(1_000_000, SKETCHED), plan(1_000_000, SKETCHED, machine=Machine(pace=2))
    assert quick.ingest_core_hours == slow.ingest_core_hours / 2
    assert quick.p50_ms == slow.p50_ms / 2
    assert quick.machines < slow.machines


def test_the_document_has_the_table_and_the_picture_of_the_model() -> None:
    docs = ROOT / "docs"
    assert "\n".join(table()) in (docs / "scale.md").read_text(encoding="utf-8")
    assert as_svg() == (docs / "scale.svg").read_text(encoding="utf-8")
