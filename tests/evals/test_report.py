"""The page of a run: what it says, what it leaves out, and what it must never let through."""

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from evals.failures import EXPLAINED
from evals.gold import Gold
from evals.metrics import Outcome
from evals.report.page import anchor, web_address, writable, write
from evals.report.questions import gold_places, groups, pieces
from evals.report.run import as_html
from evals.run import DEFAULT_SET, evaluate
from evals.significance import intervals
from evals.statements import beside
from ingest.pipeline import ingest
from ingest.read import read
from retrieval import Archive
from retrieval.errors import EvaluationError
from retrieval.types import Segment, Span
from tests.browser.xss import ADDRESSES
from tests.conftest import SEEDS
from tests.evals.onrecord import make
from tests.evals.reports import TEXT, everything, hit, outcome, report
from tests.service.test_cli import onrecord
from tests.service.test_pages import contrast


def parsed(page: str) -> Any:
    return document_fromstring(page)


def page(outcomes: list[Outcome]) -> Any:
    return parsed(as_html(report(outcomes)))


def texts(found: list[Any]) -> list[str]:
    return [" ".join(one.text_content().split()) for one in found]


def cells(rows: list[Any]) -> list[str]:
    return [" ".join(texts(row.xpath("th | td"))) for row in rows]


def bare(one: Outcome) -> Outcome:
    """The same of one side of the search alone."""
    return replace(one, confidence=None, answered=None, answer=None, failures=())


def test_each_figure_stands_with_its_interval_and_its_number_of_questions() -> None:
    run = everything()
    rows = parsed(as_html(run)).xpath("//section[@id='summary']//tbody/tr")
    shown = dict(zip((row.xpath("string(th/text())").strip() for row in rows), cells(rows), strict=True))
    off_by = intervals(run.outcomes)
    assert shown.keys() == run.overall.keys()
    for name, value in run.overall.items():
        interval = off_by[name]
        assert f"{value:.3f} [{interval.low:.2f}, {interval.high:.2f}]" in shown[name]
    assert " 6 0.667 [0.22, 0.96]" in shown["hit@10"]
    assert " 3 0.333 [0.01, 0.91]" in shown["false answers"]


def test_ten_right_of_ten_are_no_certainty() -> None:
    run = as_html(report([outcome(str(at)) for at in range(10)]))
    assert '<b>1.000</b> <span class="interval">[0.69, 1.00]</span>' in run
    assert (
        "Of 10 questions that the archive answers, the first result answers 10 (100\xa0%, [69\xa0%, 100\xa0%])." in run
    )


def test_each_kind_stands_apart_and_one_kind_alone_does_not() -> None:
    several = parsed(as_html(everything()))
    (table,) = several.xpath("//section[@id='kinds']//table[contains(caption, 'hit@1 ')]")
    assert [texts(row.xpath("th|td[1]")) for row in table.xpath("tbody/tr")] == [["said", "4"], ["fact", "2"]]
    unanswerable = outcome("3", answerable=False, kind="unanswerable")
    assert page([outcome("1"), outcome("2"), unanswerable]).xpath("//*[@id='kinds']") == []


def test_coverage_and_precision_are_those_at_the_threshold() -> None:
    whole = parsed(as_html(everything()))
    rows = cells(whole.xpath("//section[@id='abstention']//div[@class='tables']//tbody/tr"))
    assert [row.rpartition(" [")[0] for row in rows] == [
        "all questions 9 0.556",
        "what somebody said 2 1.000",
        "anything else 7 0.429",
        "all questions 5 0.400",
        "what somebody said 2 0.500",
        "anything else 3 0.333",
    ]
    assert "35\xa0% (what somebody said), 40\xa0% (anything else)" in whole.xpath(
        "string(//section[@id='abstention']/p)"
    )
    assert "anything else: 43\xa0% answered, 67\xa0% of these wrongly" in whole.xpath("string(//*[@id='risk-said'])")


def test_confidence_is_held_against_what_was_right() -> None:
    sure = [outcome(f"r{at}", confidence=0.85) for at in range(8)]
    sure += [outcome(f"w{at}", 2, confidence=0.85) for at in range(2)]
    found = page([*sure, outcome("low", 2, confidence=0.05)])
    rows = [texts(row.xpath("td")) for row in found.xpath("//section[@id='confidence']//tbody/tr")]
    assert [(row[0], row[1], row[2][:4], row[3]) for row in rows] == [
        ("0 % to 10 %", "5 %", "0 %,", "1"),
        ("80 % to 90 %", "85 %", "80 %", "10"),
    ]
    error = 10 / 11 * 0.05 + 1 / 11 * 0.05
    assert f"Expected calibration error: {error:.3f}" in " ".join(found.text_content().split())


def test_statements_stored_as_somebody_elses_are_given_in_full() -> None:
    told = parsed(as_html(everything())).xpath("//section[@id='attribution']")[0]
    assert [row.rpartition(" [")[0] for row in cells(told.xpath(".//tbody/tr"))] == [
        *("direct 20 0.900", "all 20 0.900"),
        *("direct 19 0.947", "all 19 0.947"),
        *("direct 20 0.950", "all 20 0.950"),
    ]
    listed = texts(told.xpath(".//li"))
    assert listed[0] == "the pier is safe stored as Bo Ray’s; in the gold it touches a statement of Ann Lee · port"
    assert listed[2].endswith("missed · port")


def test_what_went_wrong_comes_first_under_its_cause_and_every_question_is_there_once() -> None:
    run = everything()
    found = groups(run.outcomes)
    assert [(group.key, group.alike, [one.outcome.id for one in group.questions]) for group in found] == [
        ("cut", 1, ["cut"]),
        ("not_retrieved", 1, ["lost"]),
        ("ranked_below", 1, ["below"]),
        ("wrong_speaker", 1, []),
        ("wrongly_refused", 2, ["refused"]),
        ("wrongly_answered", 1, ["none-1"]),
        ("right", 0, ["right-1", "right-2", "none-2", "none-3"]),
    ]
    shown = parsed(as_html(run))
    assert sorted(shown.xpath("//details[@class='q']/div/@id")) == sorted(anchor(one.id) for one in run.outcomes)
    assert all(EXPLAINED[name] in as_html(run) for name in EXPLAINED)


def test_a_question_shows_what_came_back_up_to_what_answers() -> None:
    (entry,) = page([outcome("below", 5, failures=("ranked_below",))]).xpath("//details[@class='q']")
    assert entry.xpath(".//li[@class='hit']/@value") == ["1", "2", "3", "5"]
    assert texts(entry.xpath(".//li[@class='hit'][4]/p[1]")) == [
        "5 · Said by Ann Lee, harbour master · 50 % answers",
    ]
    assert texts(entry.xpath(".//ul/li")) == ["We sail at noon A late ferry"]
    assert entry.xpath("string(.//li[@class='hit'][1]/blockquote/mark[1])") == "“"
    assert entry.xpath("string((.//li[@class='hit'])[1]//u)") == "We sail at noon"
    assert "(gold) We sail at noon (end of gold)" in texts(entry.xpath(".//blockquote"))[0]


spans = st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted), max_size=4)


@given(marks=spans, gold=spans)
def test_the_pieces_of_a_passage_are_its_text_marked_just_where_it_was(
    marks: list[list[int]], gold: list[list[int]]
) -> None:
    marked = [any(start <= at < end for start, end in marks) for at in range(len(TEXT))]
    golden = [any(start <= at < end for start, end in gold) for at in range(len(TEXT))]
    segments = tuple(Segment(letter, is_marked) for letter, is_marked in zip(TEXT, marked, strict=True))
    cut = pieces(replace(hit(1), segments=segments), [Span(*one) for one in gold])
    assert "".join(one.text for one in cut) == TEXT
    assert [one.marked for one in cut for _ in one.text] == marked
    assert [one.gold for one in cut for _ in one.text] == golden
    assert [one.begins for one in cut].count(True) == [one.ends for one in cut].count(True)


def test_gold_that_goes_on_in_the_next_passage_is_marked_as_far_as_it_is_there() -> None:
    assert gold_places("Late. “We sail at noon", "We sail at noon sharp") == [Span(7, 22)]
    assert gold_places("at noon, sharp. It was late.", "We sail at noon, sharp") == [Span(0, 14)]
    assert gold_places("Late. “We sail", "We sail at noon or never") == []


def test_one_side_of_the_search_has_nothing_to_say_of_silence_or_confidence() -> None:
    run = report([bare(one) for one in everything().outcomes], mode="dense")
    found = parsed(as_html(run))
    sections = found.xpath("//main/section/@id")
    assert sections == ["summary", "kinds", "overlap", "latency", "questions"]
    assert found.xpath("//nav//a/@href") == [f"#{one}" for one in sections]
    titles = texts(found.xpath("//section[@id='questions']//h3"))
    assert titles == ["Not first 3 questions", "Right 3 questions", "Nothing to judge 3 questions"]
    assert texts(found.xpath("//ol[@class='ids']/li"))[3:4] == ["port:1:4000-4088 answers"]
    assert "None" not in found.text_content()


def test_documents_that_were_judged_are_flagged_without_any_gold() -> None:
    judged = replace(outcome("q", gold=(), overlap=None), relevant={"port": 2}, ranked=("port",))
    (entry,) = page([judged]).xpath("//details[@class='q']")
    assert len(entry.xpath(".//li[@class='hit']//span[@class='badge right']")) == 3
    assert entry.xpath(".//ul") == []


@pytest.mark.parametrize(
    "outcomes",
    [
        [outcome("only")],
        [outcome("only", answerable=False, answered=False)],
        [bare(outcome("only", answerable=False))],
        [outcome("refused", answered=False)],
        [outcome("nothing", None, hits=(), answered=False, confidence=0.0)],
        [replace(outcome("untimed"), took_ms=None)],
        [],
    ],
    ids=["right", "unanswerable", "unjudged", "refused", "empty", "untimed", "none"],
)
def test_a_set_of_hardly_anything_is_a_page_without_empty_parts(outcomes: list[Outcome]) -> None:
    found = page(outcomes)
    assert len(found.xpath("//details[@class='q']")) == len(outcomes)
    assert found.xpath("//table[not(tbody/tr)]") == []
    assert found.xpath("//ul[not(li)] | //ol[not(li)]") == []


def test_the_page_allows_its_own_style_and_nothing_else() -> None:
    whole = as_html(everything())
    found = parsed(whole)
    (policy,) = found.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    style = re.findall(r"<style>(.*?)</style>", whole, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "unsafe" not in policy
    assert len(style) == 1
    assert found.xpath("//script | //@style | //@src | //link[@rel != 'icon']") == []
    assert not re.search(r"url\(|@import", style[0])


def test_pictures_have_a_title_a_text_and_a_table() -> None:
    figures = parsed(as_html(everything())).xpath("//figure")
    assert len(figures) == 3
    for figure in figures:
        (svg,) = figure.xpath("svg[@role='img']")
        named = svg.get("aria-labelledby").split()
        assert [one.get("id") for one in svg.xpath("title | desc")] == named
        assert all(one.text for one in svg.xpath("title | desc"))
        assert figure.xpath(".//details//tbody/tr")


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_the_paper(scheme: int) -> None:
    style = re.findall(r"<style>(.*?)</style>", as_html(everything()), re.DOTALL)[0].split(":root {")[scheme + 1]
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style))
    for text in ("ink", "faint", "link", "right", "wrong"):
        assert contrast(colour[text], colour["paper"]) >= 4.5, text
        assert contrast(colour[text], colour["raised"]) >= 4.5, text
    assert contrast(colour["mark-ink"], colour["mark"]) >= 4.5
    for drawn in ("edge", "series-1", "series-2", "series-3"):
        assert contrast(colour[drawn], colour["paper"]) >= 3, drawn


@pytest.mark.parametrize("address", [*ADDRESSES, "/articles/port#v1", "", None])
def test_what_does_not_lead_to_the_web_is_no_link(address: str | None) -> None:
    assert web_address(address) is None


def test_what_leads_to_the_web_is_one() -> None:
    assert page([outcome("1")]).xpath("//li[@class='hit']//a/@href")[0] == "https://news.example/ferry"


@given(ids=st.lists(st.text(max_size=6), unique=True, max_size=5))
@example(ids=["~2F", "/", "%2F", "\ud800", " "])
def test_every_id_has_an_anchor_of_its_own_that_an_address_can_hold(ids: list[str]) -> None:
    anchors = {anchor(one) for one in ids}
    assert len(anchors) == len(ids)
    assert all(re.fullmatch(r"q-[\w.~-]*", one, re.ASCII) for one in anchors)


def test_the_same_run_is_the_same_page() -> None:
    assert as_html(everything()) == as_html(everything())


@pytest.mark.parametrize("name", ["no/such/report.html", ".", "x" * 300, "x" * 254])
def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(EvaluationError, match="the report cannot be written to"):
        write(tmp_path / name, "page")
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_not_replaced_by_a_page() -> None:
    with pytest.raises(EvaluationError, match="no file"):
        writable(Path("/dev/null"))


def test_a_page_takes_the_place_of_the_last_one_where_its_link_leads(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "report.html")
    write(tmp_path / "link.html", "first")
    write(tmp_path / "link.html", "half of a pair: \ud800")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "report.html").read_text() == "half of a pair: &#55296;"


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with make(tmp_path_factory.mktemp("hashed") / "archive") as archive:
        assert not ingest(archive, read([str(SEEDS)])).failed
        yield archive


def test_the_page_of_the_seeds_is_smaller_than_a_megabyte(hashed: Archive) -> None:
    run = evaluate(hashed, DEFAULT_SET)
    whole = as_html(run)
    assert len(whole.encode()) < 1_000_000
    found = parsed(whole)
    assert len(found.xpath("//details[@class='q']")) == run.questions
    assert found.xpath("//nav//a/@href") == [f"#{one}" for one in found.xpath("//main/section/@id")]
    gold = [each.quote for one in run.outcomes for each in one.gold]
    assert len(found.xpath("//q")) == len(gold)


def test_a_report_is_written_beside_what_is_printed(seeds_folder: Path, model_folder: Path, tmp_path: Path) -> None:
    archive = shutil.copytree(seeds_folder, tmp_path / "archive")
    (archive / "model").symlink_to(model_folder)
    few = tmp_path / "few.jsonl"
    few.write_text("".join(DEFAULT_SET.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    shutil.copy(beside(DEFAULT_SET), beside(few))
    asked = ("eval", str(few), "--archive", str(archive), "--report", str(tmp_path / "report.html"), "--json")
    done = onrecord(*asked)
    assert (done.returncode, done.stdout[:1]) == (0, "{"), done.stderr
    found = parsed((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert found.xpath("string(//h1)") == "few"
    assert found.xpath("//section[@id='attribution']")


def test_a_report_that_could_not_be_written_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    done = onrecord("eval", "--archive", str(tmp_path / "none"), "--report", str(tmp_path / "no" / "report.html"))
    assert done.returncode == 1
    assert done.stderr.startswith("onrecord: the report cannot be written to")
    assert done.stderr.count("\n") == 1


def test_a_gold_quote_names_its_article_by_its_id_where_no_title_is_known() -> None:
    found = page([outcome("1", None, gold=(Gold("attic", "We sailed"),))])
    assert texts(found.xpath("//details[@class='q']//ul/li")) == ["We sailed attic"]
