"""The bench of Ray: that every figure is there, not what it is; and what counts as the same answer."""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.bench import articles, processes
from evals.bench.cluster.faults import replicas
from evals.bench.cluster.figures import ClusterReport, Faults, Ingest, Killing, Losing, beside
from evals.bench.cluster.nodes import VARIABLES, cores, on_cores
from evals.bench.cluster.run import Settings, quickened, run
from evals.bench.cluster.same import same, wrong
from evals.bench.cluster.systems import Served
from evals.bench.errors import BenchFailed
from evals.bench.figures import Load, Work, load_of
from evals.bench.systems import Onrecord
from evals.bench.world import world
from ingest.pipeline import archive_settings, ingest
from ingest.read import read
from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.sharded.archive import ShardedArchive
from service.cli import app
from service.ray_benchmarks import print_ray_bench
from tests.conftest import ROOT

SETTINGS = quickened(Settings(articles=12, known=7))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, model_folder: Path) -> Path:
    """As an earlier run leaves it: what it takes to make archives on Ray is shown elsewhere."""
    place = tmp_path_factory.mktemp("bench")
    source = place / "articles.jsonl"
    articles.write(world(0), range(SETTINGS.articles), source)
    made = {name: place / name / "archive" for name in ("plain-1", "ray-1-2")}
    for one in made.values():
        one.mkdir(parents=True)
        (one / "model").symlink_to(model_folder, target_is_directory=True)
    ShardedArchive.make(made["ray-1-2"], 2, archive_settings(), load_encoder=lambda *_: encoder)
    opened = (
        Archive.create(made["plain-1"], archive_settings(), load_encoder=lambda *_: encoder),
        ShardedArchive.over(made["ray-1-2"], load_encoder=lambda *_: encoder),
    )
    for name, archive in zip(made, opened, strict=True):
        with archive:
            passages = ingest(archive, read([str(source)])).passages
        note = {"passages": passages, "work": asdict(Work(2.0, 1.0, 100.0))}
        (place / name / "made.json").write_text(json.dumps(note), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def report(folder: Path) -> Iterator[ClusterReport]:
    if " " in sys.executable:
        pytest.skip("Ray Serve starts no process by a path with a space")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setitem(VARIABLES, "ONRECORD_SHARD_DEADLINE", "60")  # no answer is to be partial on a slow machine
        yield run(SETTINGS, Onrecord((sys.executable, "-m", "service.cli")), folder=folder)


# In one, as to measure takes a minute, and tests of a module may be several workers'.
@pytest.mark.long
def test_every_figure_is_there_and_shown_answers_are_the_same_and_nothing_of_ray_is_left(report: ClusterReport) -> None:
    assert min(report.bare.start_seconds, report.bare.memory.pss) > 0
    for call in report.bare.calls.values():
        assert 0 < call.p50_ms <= call.p99_ms
    (pair,) = report.pairs
    assert pair.same.order == pair.same.confidence == pair.same.overlap == 1
    assert (pair.same.questions, pair.errors, report.failures) == (14, 0, ())
    assert [one.clients for one in pair.loads] == [1, 4]
    for load in pair.loads:
        assert all(one.requests > 0 for one in (*load.plain, *load.ray))
        assert all(ratio.low > 0 for ratio in load.ratios.values())
    assert {"encode", "scatter", "gather", "cite"} <= set(pair.ray.stages_ms)
    assert "scatter" not in pair.plain.stages_ms
    assert pair.ray.memory.pss > pair.plain.memory.pss
    assert json.loads(json.dumps(asdict(report)))["settings"]["seed"] == 0

    shown = printed(report, pair.loads[0].ray[0])
    for said in (
        "plain, 1 core",
        "Ray, 2 workers, 2 cores",
        "1 client, p50",
        "stage scatter ms",
        "of 14 answers 1.000 the same in order",
        "one killed every 2 s (29 in",
        "3 partial",
        "FAILED: 1 answers without a shard are wrong.",
    ):
        assert said in shown

    assert not [title for title in processes.titles(os.getpid()).values() if "raylet" in title or "gcs_server" in title]


def printed(report: ClusterReport, load: Load) -> str:
    """What a person is shown, with faults and an ingest that were not measured."""
    faults = Faults(Killing(2, 2, 2.0, 29, 3, load), Losing(2, 14, 14, 1, 14))
    more = Ingest(2, 2, 2, 12, 100, Work(1.0, 1.0, 100.0))
    with redirect_stdout(io.StringIO()) as out:
        print_ray_bench(replace(report, faults=faults, ingests=(*report.ingests, more)))
    return " ".join(out.getvalue().split())


def answer(*passages: tuple[str, float], answered: bool = True) -> dict[str, Any]:
    listed = [
        {
            "id": id_,
            "text": f"of {id_}",
            "confidence": confidence,
            "citation": {"article_id": id_, "start": 0, "end": 4},
        }
        for id_, confidence in passages
    ]
    return {"answered": answered, "reason": None, "confidence": 0.9, "passages": listed}


def test_order_and_confidence_count_apart() -> None:
    one = [answer(("a", 0.9), ("b", 0.5)), answer(("a", 0.9)), answer(("a", 0.9), ("b", 0.5))]
    other = [answer(("a", 0.9), ("b", 0.4)), answer(("a", 0.9)), answer(("b", 0.9), ("c", 0.5))]
    found = same(["x", "y", "z"], one, other)
    assert (found.order, found.confidence) == (2 / 3, 1 / 3)
    assert found.largest == pytest.approx(0.1)
    assert found.overlap == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert found.differing == ("z",)
    assert same(["x"], [answer()], [answer(answered=False)]).order == 0


def test_a_part_of_the_archive_is_wrong_where_the_whole_has_it_otherwise_or_not_at_all() -> None:
    whole = answer(("a", 0.9), ("b", 0.5))
    assert not wrong(answer(("b", 0.8)), whole, str)
    other = answer(("b", 0.8))
    other["passages"][0]["citation"]["start"] = 1
    assert wrong(other, whole, str)
    unknown = answer(("c", 0.8))
    unknown["passages"][0]["citation"]["text_sha256"] = (
        "dbe4a5ba1df4d02ce1ba4af2cea8cda1a4d7ae2bb1ab2c1d3c0d5f3f6b0a3a0f"
    )
    assert wrong(unknown, whole, lambda _: "of c, and more")


def test_ratios_are_of_the_same_round() -> None:
    def load(ms: float, cpu: float) -> Any:
        return load_of([ms / 1000] * 4, {}, 1.0, clients=1, client_cpu=0.1, server_cpu=cpu)

    found = beside([load(10, 0.1), load(100, 0.2), load(20, 0.1)], [load(20, 0.2), load(300, 0.2), load(20, 0.3)])
    assert asdict(found.ratios["p50"]) == pytest.approx({"median": 2, "low": 1, "high": 3})
    assert found.ratios["processor time"].median == pytest.approx(2)


def test_processes_that_end_are_counted_by_a_meter() -> None:
    with processes.Meter(os.getpid(), every=0.02) as meter:
        processes.run((sys.executable, "-c", "sum(range(20_000_000))"))
    assert meter.seconds > 0.1


def test_what_is_started_on_some_cores_keeps_to_them() -> None:
    own = cores()
    with on_cores(1):
        said, _ = processes.run((sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"))
    assert (json.loads(said), cores()) == (own[:1], own)


def test_a_service_without_replicas_has_none_to_kill() -> None:
    assert replicas(Served(1, (os.getpid(),), 0.0)) == {}


def test_what_cannot_be_measured_is_said_at_once() -> None:
    with pytest.raises(BenchFailed, match="--shards has to grow"):
        Settings(shards=(2, 1))
    with pytest.raises(BenchFailed, match="--workers has to grow"):
        Settings(workers=(0,))
    with pytest.raises(BenchFailed, match="of one shard nothing is left"):
        Settings(shards=(1,), faults=True)
    for wrong_ in (["--ray", "--vs", "txtai"], ["--shards", "2"], ["--faults"]):
        assert CliRunner().invoke(app, ["bench", *wrong_]).exit_code == 2
