"""A whole bench, as short as it can be: that every figure is there, not what it is."""

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from evals.bench import archives
from evals.bench.errors import BenchFailed
from evals.bench.figures import Peer, Report, Work, growth, ratios
from evals.bench.plot import as_svg
from evals.bench.run import Settings, quickened, run
from evals.bench.systems import PEERS, Onrecord, PeerSystem
from service.benchmarks import print_bench
from tests.evals.onrecord import make

ONRECORD = Onrecord((sys.executable, "-m", "tests.evals.onrecord"))


def here(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """In this process, where the heavy libraries are loaded already."""
    return function(*arguments, **named)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    short = replace(quickened(Settings()), sizes=(20,), sample=5, seconds=0.2)
    return run(short, ONRECORD, folder=folder, make=make, apart=here)


@pytest.fixture(scope="module")
def full(report: Report) -> Report:
    """As if there had been a second size and a peer."""
    small = report.sizes[0]
    large = replace(small, passages=small.passages * 10, articles=200)
    peer = Peer("9.9", "its own", Work(small.ingest.seconds * 3, 1, 1), small.service)
    return replace(
        report,
        sizes=(small, large),
        growth=growth((small, large)),
        peers={"txtai": peer},
        ratios={"txtai": ratios(small, peer)},
    )


def test_every_figure_is_there_and_positive(report: Report) -> None:
    (size,) = report.sizes
    assert size.articles == 20
    assert size.passages > 100
    for positive in (size.ingest, size.service.started, size.service.loaded):
        assert all(value > 0 for value in asdict(positive).values())
    assert min(size.archive_mb, size.open_seconds, size.ask_seconds, size.service.ready_seconds) > 0
    service = size.service
    assert [load.clients for load in service.closed] == [1, 4]
    assert [load.clients for load in service.repeated] == [1, 4]
    (opened,) = service.opened
    assert opened.rate > 0
    for load in (*service.closed, *service.opened, *service.repeated):
        assert load.requests > 0
        assert not load.errors
        assert 0 < load.p50_ms <= load.p90_ms <= load.p99_ms <= load.max_ms == load.quantiles[-1]
        assert list(load.quantiles) == sorted(load.quantiles)
        assert load.throughput == pytest.approx(load.requests / load.seconds)
    assert service.stages_ms["total"] > 0
    assert report.errors == 0


def test_shares_of_the_stages_add_up(report: Report) -> None:
    names = ["read", "clean", "describe", "attribute", "chunk", "encode", "store", "index"]
    assert list(report.stages) == names
    assert sum(stage.share for stage in report.stages.values()) == pytest.approx(1)
    assert all(stage.seconds > 0 for stage in report.stages.values())


def test_utilisation_is_what_was_needed_in_the_time_by_what_was_possible(report: Report) -> None:
    encoding = report.encoding
    assert encoding.tokens > encoding.passages * 20
    for name, limit in encoding.limits.items():
        assert encoding.shares[name] == pytest.approx(encoding.flops / encoding.seconds / limit)


def test_questions_with_known_answers_are_judged(report: Report) -> None:
    quality = report.sizes[0].service.quality
    assert quality.questions == 21
    assert quality.figures["hit@10"] > 0.8
    assert {"hit@1", "MRR@10", "nDCG@10", "AUROC", "false answers", "wrong refusals"} <= set(quality.figures)


def test_the_report_is_json_and_says_on_what_it_was_made(report: Report) -> None:
    read: dict[str, Any] = json.loads(json.dumps(asdict(report)))
    assert read["settings"]["seed"] == 0
    assert read["machine"]["cores"] > 0
    assert read["versions"]["onrecord"]


def test_an_archive_that_is_there_is_used_again_with_its_figures(report: Report, folder: Path) -> None:
    kept = json.loads((folder / "20" / "made.json").read_text(encoding="utf-8"))
    assert kept["passages"] == report.sizes[0].passages
    assert Work(**kept["work"]) == report.sizes[0].ingest
    with pytest.raises(BenchFailed, match="another seed or model; give another --folder"):
        run(quickened(Settings(seed=1)), ONRECORD, folder=folder, make=make)


def test_the_tables_and_the_picture_show_growth_and_peers(full: Report) -> None:
    assert full.growth["archive MB"].exponent == pytest.approx(0)
    assert full.ratios["txtai"]["ingest"] == pytest.approx(3)
    assert full.ratios["txtai"]["p50, 1 client"] == 1
    with redirect_stdout(io.StringIO()) as out:
        print_bench(full)
    printed = out.getvalue()
    for said in ("attribute", "20 articles", "200 articles", "4 clients, repeated", "against txtai 9.9", "3.00"):
        assert said in printed
    assert "nan" not in printed.split()
    picture = ElementTree.fromstring(as_svg(full))
    said = "".join(element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}desc"))
    assert "Latency: 1 client: median" in said
    assert "exponent" in said
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}polyline"))) == 5 + 4


def test_the_picture_of_one_size_is_the_distribution_alone(report: Report) -> None:
    picture = ElementTree.fromstring(as_svg(report))
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}polyline"))) == 2


def test_what_cannot_be_measured_is_said_at_once() -> None:
    with pytest.raises(BenchFailed, match="pip install 'onrecord\\[bench\\]'"):
        PeerSystem("none", ("no_such_module",), "none", "nobody").check()
    with pytest.raises(BenchFailed, match="known are txtai, bm25s, haystack"):
        Settings(peers=("elastic",))
    with pytest.raises(BenchFailed, match="sizes have to grow"):
        Settings(sizes=(100, 10))
    with pytest.raises(BenchFailed, match="has to be 1"):
        Settings(clients=(8,))


def test_what_is_measured_apart_leaves_nothing_here() -> None:
    import os

    assert archives.apart(os.getpid) != os.getpid()


def test_peers_are_asked_as_they_are_asked() -> None:
    assert PEERS["txtai"].path("a & b?") == "/search?query=a+%26+b%3F&limit=10"
    assert PEERS["txtai"].found(b'[{"id": "b", "text": "t", "score": 1}, {"id": "a"}]').passages == ("b", "a")
