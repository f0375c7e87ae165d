"""The gate: what is there passes, and each injury, done for real to an archive of the seeds, does not."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evals.baseline import DEFAULT_BASELINE, read, update
from evals.gate import Gate, check_archive, gate
from evals.gold import load
from evals.recorded import Recorded, recorded
from evals.run import DEFAULT_SET, Report, evaluate
from ingest.chunk import DEFAULT_TOKENS, Chunker
from ingest.pipeline import archive_settings, draft, ingest_articles
from retrieval import Archive, Article
from retrieval.encoder import Encoder
from retrieval.errors import EvaluationError, Incomparable
from tests.service.test_cli import onrecord

Copied = Callable[[], Path]


@pytest.fixture(scope="module")
def baseline(seeds_report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    update(path, seeds_report)
    return path


@pytest.fixture
def copied(seeds_folder: Path, tmp_path: Path) -> Copied:
    """Copies the seeds' archive."""
    return lambda: shutil.copytree(seeds_folder, tmp_path / "archive")


@pytest.fixture
def ranked_otherwise(seeds: Archive) -> Iterator[Archive]:
    """The seeds' archive, whose ranker a test may break; it is whole again afterwards."""
    whole = seeds.model
    yield seeds
    seeds.model = whole


def run(report: Report) -> Recorded:
    return recorded(report.as_json(), "the run")


def passed(baseline: Path, folder: Path, encoder: Encoder) -> Gate:
    with Archive.open(folder, load_encoder=lambda *_: encoder) as archive:
        return gate(read(baseline).run, run(evaluate(archive)))


def unlisted(folder: Path, which: str, value: str | int) -> None:
    """Take passages out of an archive behind its back: its articles are told as before, and nothing finds these."""
    with closing(sqlite3.connect(folder / "archive.db")) as database, database:
        assert database.execute(f"DELETE FROM passages WHERE {which} = ?", [value]).rowcount
    (folder / "dense.faiss").unlink()
    shutil.rmtree(folder / "lexical")


def test_the_seeds_pass_the_gate_of_the_baseline_that_comes_with_the_set(seeds_report: Report) -> None:
    if not DEFAULT_BASELINE.exists():
        pytest.fail(f"no {DEFAULT_BASELINE}; make it on an archive of the seeds: onrecord eval --update-baseline")
    verdict = gate(read(DEFAULT_BASELINE).run, run(seeds_report))
    assert verdict.passed, verdict.summary


def test_a_run_passes_its_own_gate(seeds_report: Report, baseline: Path) -> None:
    verdict = gate(read(baseline).run, run(seeds_report))
    assert verdict.passed
    assert not verdict.flips
    assert {one.p for one in verdict.changes} == {1.0}


def test_a_ranker_that_ranks_the_wrong_way_round_does_not_pass(ranked_otherwise: Archive, baseline: Path) -> None:
    reversed_ = {kind: replace(one, weights=-one.weights) for kind, one in ranked_otherwise.model.items()}
    ranked_otherwise.model = reversed_
    verdict = gate(read(baseline).run, run(evaluate(ranked_otherwise)))
    assert {"MRR@10", "nDCG@10", "wrong refusals"} <= {one.name for one in verdict.fell}
    assert len([one for one in verdict.flips if one.what == "first result" and not one.better]) > 50


def test_more_false_answers_do_not_pass_even_where_everything_is_ranked_as_before(
    ranked_otherwise: Archive, baseline: Path
) -> None:
    ranked_otherwise.model = {kind: replace(one, bias=one.bias + 1.5) for kind, one in ranked_otherwise.model.items()}
    verdict = gate(read(baseline).run, run(evaluate(ranked_otherwise)))
    assert [one.name for one in verdict.fell] == ["false answers"]
    assert "false answers" in verdict.summary


def test_an_article_that_search_cannot_find_does_not_pass(copied: Copied, baseline: Path, encoder: Encoder) -> None:
    folder = copied()
    unlisted(folder, "article_id", "002_d87b34c730ccd808")
    verdict = passed(baseline, folder, encoder)
    assert verdict.fell
    assert verdict.lost


def test_a_single_passage_that_is_gone_does_not_pass_though_it_moves_no_figure_enough(
    seeds_report: Report, copied: Copied, baseline: Path, encoder: Encoder
) -> None:
    only = next(one for one in seeds_report.outcomes if len(one.relevant) == 1 and one.first_relevant == 1)
    folder = copied()
    with closing(sqlite3.connect(folder / "archive.db")) as database:
        named = "SELECT key FROM passages WHERE article_id || ':' || version || ':' || start || '-' || \"end\" = ?"
        ((key,),) = database.execute(named, list(only.relevant)).fetchall()
    unlisted(folder, "key", key)
    verdict = passed(baseline, folder, encoder)
    assert only.id in verdict.lost
    assert not verdict.fell
    assert only.id in verdict.summary


def test_statements_given_to_other_speakers_do_not_pass(
    seeds: Archive, baseline: Path, encoder: Encoder, tmp_path: Path
) -> None:
    listed, _ = seeds.articles()
    chunker = Chunker(encoder.count, encoder.window, DEFAULT_TOKENS)
    drafts = [draft(seeds.article(one.article.id).article, chunker) for one in listed]
    names = sorted({quote.speaker for one in drafts for quote in one.quotes if quote.speaker})
    other = dict(zip(names, names[1:] + names[:1], strict=True))
    exchanged = [
        replace(one, quotes=tuple(replace(quote, speaker=other.get(quote.speaker or "")) for quote in one.quotes))
        for one in drafts
    ]
    with Archive.create(tmp_path / "exchanged", archive_settings(), load_encoder=lambda *_: encoder) as archive:
        archive.put(exchanged)
    verdict = passed(baseline, tmp_path / "exchanged", encoder)
    assert {"statement recall", "statement precision"} <= {one.name for one in verdict.fell}
    assert any(one.what == "speaker" and one.after == "wrong speaker" for one in verdict.flips)


def test_an_archive_that_lost_an_article_is_told_from_one_of_other_articles(
    copied: Copied, baseline: Path, encoder: Encoder, tmp_path: Path
) -> None:
    before, questions = read(baseline).run, load(DEFAULT_SET)
    with Archive.open(copied(), load_encoder=lambda *_: encoder) as archive:
        check_archive(before, archive, questions)
        ingest_articles(archive, [Article("another", "Nothing that anybody asks about.")])
        with pytest.raises(Incomparable, match="made on other articles"):
            check_archive(before, archive, questions)
        archive.delete("000_b682cbc5f710ac7c")
        with pytest.raises(EvaluationError, match=r"has lost 1 of the 5 articles .*000_b682cbc5f710ac7c") as lost:
            check_archive(before, archive, questions)
        assert not isinstance(lost.value, Incomparable)
    with (
        Archive.create(tmp_path / "empty", archive_settings(), load_encoder=lambda *_: encoder) as archive,
        pytest.raises(Incomparable, match="made on other articles"),
    ):
        check_archive(before, archive, questions)


def test_what_is_no_longer_measured_does_not_pass(seeds_report: Report, baseline: Path) -> None:
    less = replace(run(seeds_report), golden=[], results=dict(list(run(seeds_report).results.items())[1:]))
    verdict = gate(read(baseline).run, less)
    assert not verdict.passed
    assert any(one.startswith("question seeds-") for one in verdict.missing)
    assert any(one.startswith("statement 00") for one in verdict.missing)
    assert "figure statement recall" in verdict.missing


def test_another_set_is_refused(seeds_report: Report, baseline: Path) -> None:
    with pytest.raises(Incomparable, match="another set"):
        gate(read(baseline).run, replace(run(seeds_report), set_sha256="0" * 64))


def test_a_baseline_has_a_line_a_question_and_says_all_that_a_run_says(seeds_report: Report, baseline: Path) -> None:
    lines = baseline.read_text("utf-8").split("\n")
    assert sum(line.startswith('{"id": "seeds-') for line in lines) == seeds_report.questions
    said = json.loads("\n".join(lines))
    assert said["figures"]["nDCG@10"] == pytest.approx(seeds_report.overall["nDCG@10"])
    assert said["figures"]["AUROC"] == pytest.approx(seeds_report.overall["AUROC"])
    assert seeds_report.attribution is not None
    assert said["figures"]["statement precision"] == pytest.approx(seeds_report.attribution.figures["all"]["precision"])
    assert said["figures"]["statement recall"] == pytest.approx(seeds_report.attribution.figures["all"]["recall"])
    assert said["settings"]["model_sha256"] == seeds_report.setting.settings["model_sha256"]
    assert baseline.stat().st_size < 100_000


def test_a_baseline_is_lowered_only_with_a_reason_which_is_kept_in_it(
    seeds_report: Report, baseline: Path, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(before := baseline.read_bytes())
    silent = replace(seeds_report, outcomes=[replace(one, answered=False) for one in seeds_report.outcomes])
    with pytest.raises(EvaluationError, match=r"wrong refusals \(from 0\.\d+ to 1\.0000\) would get worse"):
        update(path, silent)
    assert path.read_bytes() == before
    assert list(update(path, silent, "nobody is to be misled")) == ["wrong refusals"]
    (entry,) = read(path).history
    assert entry["reason"] == "nobody is to be misled"
    assert entry["figures"]["wrong refusals"]["to"] == 1.0
    assert not update(path, silent)
    assert read(path).history == [entry]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", "no run of this version"),
        ('{"results": [{"id": 1}]}', "no run of this version"),
        ("", "not JSON"),
        ('{"confidence": NaN}', "NaN is no number"),
    ],
)
def test_a_damaged_baseline_is_refused_in_one_line(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "baseline.json").write_text(text, encoding="utf-8")
    with pytest.raises(Incomparable, match=complaint) as refused:
        read(tmp_path / "baseline.json")
    assert "\n" not in str(refused.value)


@pytest.fixture(scope="module")
def small(seeds_folder: Path, model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """An archive, a set of a few questions on it, and where a baseline is to be."""
    folder = shutil.copytree(seeds_folder, tmp_path_factory.mktemp("small") / "archive")
    (folder / "model").symlink_to(model_folder)
    lines = DEFAULT_SET.read_text("utf-8").splitlines()
    some = [*lines[:6], *[line for line in lines if '"answerable": false' in line][:3]]
    (folder.parent / "few.jsonl").write_text("\n".join(some), encoding="utf-8")
    return str(folder), str(folder.parent / "few.jsonl"), str(folder.parent / "baseline.json")


def test_the_gate_as_a_command(small: tuple[str, str, str], tmp_path: Path) -> None:
    archive, few, baseline = small
    missing = onrecord("eval", few, "--archive", archive, "--gate", "--baseline", baseline)
    assert missing.returncode == 2
    assert "--update-baseline" in missing.stderr
    made = onrecord("eval", few, "--archive", archive, "--update-baseline", "--baseline", baseline)
    assert (made.returncode, made.stderr) == (0, "")
    same = onrecord("eval", few, "--archive", archive, "--gate", "--baseline", baseline)
    assert (same.returncode, same.stderr) == (0, "")
    assert "the gate is passed" in same.stdout
    said = json.loads(Path(baseline).read_text("utf-8"))
    (tmp_path / "other.json").write_text(json.dumps({**said, "corpus_sha256": "0" * 64}), encoding="utf-8")
    other = onrecord("eval", few, "--archive", archive, "--gate", "--baseline", str(tmp_path / "other.json"))
    assert other.returncode == 2
    assert "made on other articles" in other.stderr
    more = [*said["results"], {**said["results"][0], "id": "a question that is no longer asked"}]
    (tmp_path / "more.json").write_text(json.dumps({**said, "results": more}), encoding="utf-8")
    worse = onrecord("eval", few, "--archive", archive, "--gate", "--json", "--baseline", str(tmp_path / "more.json"))
    assert worse.returncode == 1
    assert worse.stderr.count("\n") == 1
    assert worse.stderr.startswith("onrecord: worse than the baseline: ")
    assert not json.loads(worse.stdout)["gate"]["passed"]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--gate", "--update-baseline"], "it would pass itself"),
        (["--baseline", "x.json"], "goes with --gate or --update-baseline"),
        (["--allow-regression", "so"], "goes with --update-baseline"),
        (["--update-baseline", "--allow-regression", " "], "say why"),
        (["mine.jsonl", "--update-baseline"], "--baseline FILE"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: list[str], complaint: str) -> None:
    refused = onrecord("eval", *options)
    assert refused.returncode == 2
    assert complaint in " ".join(refused.stderr.replace("│", " ").split())
