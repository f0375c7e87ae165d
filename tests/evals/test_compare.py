"""Two runs beside each other: what differs, whether by chance, and what cannot be compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.comparison import Comparison, compare
from evals.recorded import Recorded, recorded
from evals.report.comparison import as_html
from evals.run import Report
from evals.statements import Named
from retrieval.errors import Incomparable
from tests.evals.reports import outcome, report, statements
from tests.service.test_cli import onrecord


def first(wrong: int = 6) -> Report:
    """Ten answerable questions, of which so many have their answer at rank 2; and two that nothing answers."""
    answerable = [outcome(f"q{at}", 2 if at < wrong else 1, answered=at != 9, confidence=at / 10) for at in range(10)]
    none = [outcome(f"n{at}", answerable=False, answered=False, confidence=0.3, kind="none") for at in range(2)]
    return report([*answerable, *none])


def run(of: Report) -> Recorded:
    return recorded(of.as_json(), "a run")


def attributed(speaker: str, *, right: bool) -> Report:
    """The same with one golden statement, of Ann Lee, that is stored as somebody's."""
    made = statements(speaker)
    named = [Named("port", 0, 16, speaker, right)]
    return replace(first(), attribution=replace(made, golden=made.golden[:1], named=named))


def held(one: Report, other: Report) -> Comparison:
    return compare(run(one), run(other), ("A.json", "B.json"))


def test_a_better_run_by_hand() -> None:
    """Five questions get their answer to the first place, one loses it: so do 7 of 64 exchanges, or the reverse."""
    better = first(1)
    better.outcomes[9:10] = [outcome("q9", 2, answered=True, confidence=0.9)]  # type: ignore[index]
    found = held(first(), better)
    rows = {one.change.name: one for one in found.figures}
    hit = rows["hit@1"].change
    assert (hit.before, hit.after, hit.wins, hit.ties, hit.losses) == (0.4, 0.8, 5, 4, 1)
    assert hit.p == 14 / 64
    assert hit.corrected == 1.0
    assert rows["hit@1"].interval.low <= 0 < hit.difference < rows["hit@1"].interval.high
    refusals = rows["wrong refusals"].change
    assert refusals.difference == pytest.approx(-0.1)
    assert (refusals.wins, refusals.losses, refusals.worse) == (1, 0, False)
    flipped = {(one.id, one.what): (one.before, one.after, one.better) for one in found.flips}
    assert flipped["q3", "first result"] == ("rank 2", "rank 1", True)
    assert flipped["q9", "first result"] == ("rank 1", "rank 2", False)
    assert flipped["q9", "refusal"] == ("refused", "answered", True)
    assert len(flipped) == 7


def test_a_run_does_not_differ_from_itself() -> None:
    found = held(first(), first())
    assert {one.change.p for one in found.figures} == {1.0}
    assert all(one.interval.low < 0 < one.interval.high for one in found.figures)
    assert not found.flips


def test_statements_are_compared_one_by_one() -> None:
    found = held(attributed("Bo Ray", right=False), attributed("Ann Lee", right=True))
    rows = {row.change.name: row.change for row in found.figures}
    assert (rows["statement recall"].before, rows["statement recall"].after) == (0.0, 1.0)
    assert (rows["statement precision"].before, rows["statement precision"].after) == (0.0, 1.0)
    (flip,) = [one for one in found.flips if one.what == "speaker"]
    assert (flip.id, flip.before, flip.after, flip.better) == ("port:0-16", "wrong speaker", "right", True)


def test_what_is_not_the_same_set_is_refused_and_told_apart() -> None:
    one = first()
    fewer = replace(one, outcomes=one.outcomes[1:])
    with pytest.raises(Incomparable, match=r"different questions: 1 \('q0'\) only in A.json"):
        held(one, fewer)
    reworded = replace(one, setting=replace(one.setting, set_sha256="0" * 64))
    with pytest.raises(Incomparable, match="same ids, but their words or their gold differ"):
        held(one, reworded)
    with pytest.raises(Incomparable, match=r"different golden statements: 1 \('port:0-16'\)"):
        held(one, attributed("Ann Lee", right=True))


def test_figures_that_only_one_run_has_are_named() -> None:
    lexical = [replace(one, answered=None, confidence=None, answer=None) for one in first().outcomes]
    found = held(first(), report(lexical, mode="lexical"))
    assert found.of_one == ["AUROC", "false answers", "wrong refusals"]
    assert found.settings == {"mode": ("fused", "lexical")}


@pytest.fixture
def written(tmp_path: Path) -> tuple[str, str]:
    paths = tmp_path / "A.json", tmp_path / "B.json"
    for path, one in zip(paths, (first(), first(2)), strict=True):
        path.write_text(json.dumps(one.as_json()), encoding="utf-8")
    return str(paths[0]), str(paths[1])


def test_comparing_as_a_command(written: tuple[str, str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    shown = onrecord("eval", "compare", *written, "--report", str(page))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "rank 2" in shown.stdout
    assert "hit@1" in page.read_text("utf-8")
    said = json.loads(onrecord("eval", "compare", *written, "--json").stdout)
    (hit,) = [one for one in said["figures"] if one["name"] == "hit@1"]
    assert (hit["a"], hit["b"], hit["wins"], hit["p"]) == (0.4, 0.8, 4, 2 / 16)
    assert hit["interval"][0] < hit["difference"] < hit["interval"][1]
    assert len(said["flips"]) == 4


def test_runs_of_other_articles_are_compared_with_a_warning_and_of_another_set_not_at_all(
    written: tuple[str, str], tmp_path: Path
) -> None:
    said = json.loads(Path(written[0]).read_text("utf-8"))
    for name, value in (("corpus_sha256", "0"), ("set_sha256", "0"), ("results", None)):
        (tmp_path / name).write_text(json.dumps({**said, name: value}), encoding="utf-8")
    warned = onrecord("eval", "compare", written[0], str(tmp_path / "corpus_sha256"))
    assert warned.returncode == 0
    assert "asked of different articles" in warned.stderr
    for name, complaint in (("set_sha256", "gold differ"), ("results", "no run"), ("nowhere", "cannot be read")):
        refused = onrecord("eval", "compare", written[0], str(tmp_path / name))
        assert refused.returncode == 2
        assert complaint in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_the_page_escapes_what_others_wrote() -> None:
    bad = "<script>alert(1)</script>"
    one = report([outcome(bad, 1, question=bad, kind=bad)], model=bad)
    other = report([outcome(bad, 2, question=bad, kind=bad)])
    page = as_html(compare(run(one), run(other), (bad, bad)))
    assert bad not in page
    assert page.count("&lt;script&gt;") >= 4
