"""One set under many settings, on archives whose encoder is made in no time."""

import json
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from evals.report.figures import Figure
from evals.report.sweep import as_html, as_svg
from evals.run import DEFAULT_SET, Mode, Report, evaluate
from evals.significance import Interval
from evals.sweep import Point, Tried, front, parse, points, sweep
from ingest.pipeline import ingest
from ingest.read import read
from retrieval import Archive
from retrieval.archive import Depths
from retrieval.errors import InvalidRequest
from retrieval.reranker import Scores
from tests.conftest import SEEDS
from tests.evals.onrecord import make
from tests.service.test_cli import onrecord


class Contrary:
    """A re-ranker that likes the last best."""

    def __init__(self, name: str) -> None:
        self.name = name

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        return np.arange(len(texts), dtype=np.float32)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make(tmp_path_factory.mktemp("sweep") / "archive") as made:
        ingest(made, read([str(SEEDS)]))
        yield made


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every twelfth question of the seeds' set."""
    path = tmp_path_factory.mktemp("few") / "few.jsonl"
    path.write_text("\n".join(DEFAULT_SET.read_text("utf-8").splitlines()[::12]), encoding="utf-8")
    return path


@pytest.fixture
def tried(archive: Archive, few: Path, tmp_path: Path) -> "partial[list[Tried]]":
    """Runs the few questions under the given points."""

    def run(opened: Archive, mode: Mode) -> Report:
        return evaluate(opened, few, mode)

    return partial(_sweep, archive, run, tmp_path)


def _sweep(archive: Archive, run: object, folder: Path, given: Sequence[Point]) -> list[Tried]:
    return sweep(archive, given, run, folder, load_reranker=Contrary)  # type: ignore[arg-type]


def quality(one: Tried) -> float:
    return one.figures["nDCG@10"].value


def test_passages_of_another_size_are_those_of_the_same_articles(
    archive: Archive, tried: "partial[list[Tried]]", tmp_path: Path
) -> None:
    as_is, small, large = tried([Point(), Point(passage_tokens=48), Point(passage_tokens=250)])
    assert small.passages > as_is.passages > large.passages
    assert as_is.passages == archive.coverage().passages
    assert as_is.ingest_seconds is None
    assert small.ingest_seconds is not None
    with Archive.open(tmp_path / "48", load_encoder=lambda *_: archive.encoder) as made:
        assert made.corpus_sha256() == archive.corpus_sha256()
        assert made.settings["passage_tokens"] == "48"


def test_every_setting_takes_effect_and_leaves_the_archive_as_it_was(
    archive: Archive, tried: "partial[list[Tried]]", tmp_path: Path
) -> None:
    model = json.loads((files("retrieval") / "rank_model.json").read_text("utf-8"))
    for regime in ("somebody", "anything"):
        for row in model[regime]["features"]:
            row["weight"] = -row["weight"]
    (tmp_path / "reversed.json").write_text(json.dumps(model), encoding="utf-8")
    as_is, one_candidate, reversed_, contrary, lexical = tried(
        [
            Point(),
            Point(candidates=1),
            Point(weights=str(tmp_path / "reversed.json")),
            Point(reranker="contrary"),
            Point(mode="lexical"),
        ]
    )
    assert max(quality(reversed_), quality(contrary)) < quality(as_is) / 2
    assert quality(one_candidate) != quality(as_is)
    assert "AUROC" in as_is.figures
    assert "AUROC" not in lexical.figures
    assert all(0 < one.median_ms <= one.p90_ms for one in (as_is, contrary, lexical))
    assert (archive.depths, archive.reranker) == (Depths(), None)
    assert quality(tried([Point()])[0]) == quality(as_is)


def test_combinations_and_one_at_a_time() -> None:
    values = parse(["passage_tokens=64,128", "mode=fused,dense", "candidates=default,5"])
    grid = points(values)
    assert len(grid) == len(set(grid)) == 2 * (2 + 1)  # one side alone has no candidates
    assert Point(64, 5) in grid
    assert Point(64, mode="dense") in grid
    assert points(values, one_at_a_time=True) == [
        Point(),
        Point(64),
        Point(128),
        Point(mode="dense"),
        Point(candidates=5),
    ]
    assert points({}) == [Point()]
    assert str(Point()) == "as is"
    assert str(Point(64, mode="dense")) == "passage_tokens=64 mode=dense"
    assert parse(["reranker=none,a/b"]) == {"reranker": [None, "a/b"]}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["size=1"], "names are passage_tokens"),
        (["mode"], "NAME=VALUE"),
        (["mode=magic"], "none of fused, dense, lexical"),
        (["passage_tokens=8"], "from 16 to 1024"),
        (["passage_tokens=٦٤"], "from 16 to 1024"),
        (["candidates=1.5"], "whole number"),
        (["mode=dense", "mode=fused"], "given twice"),
    ],
)
def test_settings_that_there_are_not_are_refused(given: list[str], complaint: str) -> None:
    with pytest.raises(InvalidRequest, match=complaint):
        parse(given)


def test_weights_that_cannot_be_read_are_refused(tried: "partial[list[Tried]]", tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text("[]", encoding="utf-8")
    for name in ("weights.json", "nowhere.json"):
        with pytest.raises(InvalidRequest, match=r"no file such as evals/fit\.py writes"):
            tried([Point(weights=str(tmp_path / name))])


def made(value: float, ms: float, name: str = "nDCG@10") -> Tried:
    return Tried(Point(candidates=int(ms)), {name: Figure(value, Interval(0, 1), 10)}, ms, ms, 5, None)


def test_what_another_beats_in_one_and_equals_in_the_other_is_not_on_the_front() -> None:
    runs = [made(0.5, 10), made(0.7, 20), made(0.6, 20), made(0.5, 30), made(0.5, 10)]
    assert [one.on_front for one in front(runs, "nDCG@10")] == [True, True, False, False, True]
    errors = [made(0.5, 10, "false answers"), made(0.7, 20, "false answers"), made(0.1, 30, "false answers")]
    assert [one.on_front for one in front([*errors, made(1.0, 1)], "false answers")] == [True, False, True, False]
    with pytest.raises(InvalidRequest, match="no run has the figure 'F1'; there are nDCG@10"):
        front(runs, "F1")


def test_the_picture_is_told_in_words_and_escapes_what_it_is_given() -> None:
    runs = front([Tried(Point(reranker="<b>&"), made(0.5, 9).figures, 9.0, 9.0, 5, None), made(0.7, 20)], "nDCG@10")
    root = ElementTree.fromstring(as_svg(runs, "nDCG@10"))
    texts = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "1  reranker=<b>&" in texts
    (said,) = root.iter("{http://www.w3.org/2000/svg}desc")
    assert (
        said.text == "Of 2 runs, not beaten in both: reranker=<b>&: 0.500 in 9.0 ms; candidates=20: 0.700 in 20.0 ms."
    )
    assert "<b>&" not in as_html("few", runs, "nDCG@10")


def test_sweeping_as_a_command(seeds_folder: Path, model_folder: Path, few: Path, tmp_path: Path) -> None:
    plot, page = tmp_path / "plot.svg", tmp_path / "page.html"
    copied = shutil.copytree(seeds_folder, tmp_path / "archive")
    (copied / "model").symlink_to(model_folder)
    where = ("--archive", str(copied))
    swept = onrecord(
        *("eval", "sweep", str(few), "--set", "mode=lexical,dense", *where, "--plot", str(plot), "--report", str(page))
    )
    assert swept.returncode == 0, swept.stderr
    assert swept.stderr.splitlines() == ["sweep: 1 of 2, mode=lexical", "sweep: 2 of 2, mode=dense"]
    assert "median ms" in swept.stdout
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")
    assert "Quality against cost" in page.read_text("utf-8")
    said = json.loads(onrecord("eval", "sweep", str(few), "--set", "mode=lexical", *where, "--json").stdout)
    (only,) = said["runs"]
    assert only["settings"]["mode"] == "lexical"
    assert only["on_front"]
    refused = onrecord("eval", "sweep", "--set", "mode=magic")
    assert refused.returncode == 2
    assert onrecord("eval", "sweep", str(few), *where, "--plot", str(tmp_path / "no" / "plot.svg")).returncode == 1
