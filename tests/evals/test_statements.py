"""Golden statements against what an archive stores, on an article that can be counted by hand."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from evals.run import DEFAULT_SET, evaluate
from evals.statements import Attribution, beside, compare, load
from ingest.pipeline import archive_settings
from retrieval import Archive, Article, Draft, Span
from retrieval.encoder import Encoder
from retrieval.errors import EvaluationError
from retrieval.types import Quote
from service.terminal import print_report

TEXT = (
    "“We will wait,” said Ruth Calder.\n"
    "Peter Holm said that the ferry was late.\n"
    "Nobody knows why the harbour is closed.\n"
    "Voters said that it was too dear."
)
WAIT, LATE, CLOSED, DEAR = "We will wait", "the ferry was late", "why the harbour is closed", "it was too dear"

Said = tuple[str, str | None, bool]
Compare = Callable[..., Attribution]


def span(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def line(quote: str | None, speaker: str, *, direct: bool = False) -> dict[str, Any]:
    return {"article": "ferry", "quote": quote, "speaker": speaker, "direct": direct}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "set-quotes.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def compared(tmp_path: Path, encoder: Encoder) -> Compare:
    """Compare golden lines with an archive of one article that stores the given statements."""

    def made(
        golden: Sequence[object],
        said: Sequence[Said],
        voice: str | None = None,
        text: str = TEXT,
        passages: Sequence[Span] = (),
    ) -> Attribution:
        quotes = [
            Quote(each.start, each.end, direct, None, None, speaker, 0.9)
            for words, speaker, direct in said
            for each in [span(text, words)]
        ]
        spans = tuple(passages) or (Span(0, len(text)),)
        stored = Draft(Article("ferry", text), spans, tuple((each,) for each in spans), tuple(quotes), voice)
        with Archive.create(tmp_path / "archive", archive_settings(), load_encoder=lambda *_: encoder) as archive:
            archive.put([stored])
            return compare(archive, load(written(tmp_path, *golden)))

    return made


GOLDEN = [
    line(WAIT, "Ruth Calder", direct=True),
    line(LATE, "Peter Holm"),
    line(DEAR, "voters"),
]


def test_every_outcome_and_what_it_counts(compared: Compare) -> None:
    golden = [*GOLDEN, line("Nobody knows", "Ann Lee"), line("the harbour", "Ann Lee")]
    attribution = compared(golden, [(WAIT, "Ruth Calder", True), (LATE, "Ruth Calder", False), ("knows", None, False)])
    outcomes = [one.outcome for one in attribution.golden]
    assert outcomes == ["right", "wrong speaker", "missed", "missed", "missed"]
    assert attribution.figures["direct"] == {"statements": 1, "found": 1, "recall": 1, "named": 1, "precision": 1}
    # Of four indirect ones voters have no name, so that none could be recalled.
    assert attribution.figures["indirect"] == {
        "statements": 4,
        "found": 1 / 4,
        "recall": 0,
        "named": 1,
        "precision": 0,
    }
    assert attribution.figures["all"]["recall"] == pytest.approx(1 / 4)
    assert attribution.figures["all"]["precision"] == pytest.approx(1 / 2)


def test_a_statement_without_a_speaker_finds_and_is_not_wrong(compared: Compare) -> None:
    attribution = compared(GOLDEN, [(WAIT, None, True)])
    assert attribution.golden[0].outcome == "no speaker"
    assert (attribution.figures["all"]["found"], attribution.figures["all"]["named"]) == (1 / 3, 0)


@pytest.mark.parametrize(
    ("said", "touched"),
    [
        ((CLOSED, "Ruth Calder", False), ()),  # nobody says so
        (("late", "Peter Holm", False), ("Peter Holm",)),  # less than half of what he says
        ((DEAR, "Ruth Calder", False), ("voters",)),  # a name where the reader knows that there is none
    ],
)
def test_a_named_speaker_that_no_golden_statement_bears_out_is_false(
    compared: Compare, said: Said, touched: tuple[str, ...]
) -> None:
    attribution = compared(GOLDEN, [said])
    (wrong,) = attribution.misattributed
    assert (wrong.text, wrong.stored.speaker, wrong.speakers) == (said[0], said[1], touched)
    assert (attribution.figures["all"]["named"], attribution.figures["all"]["precision"]) == (1, 0)


def test_a_statement_that_two_passages_share_is_one(compared: Compare) -> None:
    cut = TEXT.index("wait")
    halves = [Span(0, cut), Span(cut, len(TEXT))]
    attribution = compared(GOLDEN, [(WAIT, "Ruth Calder", True), (LATE, "Peter Holm", False)], passages=halves)
    (stored,) = attribution.golden[0].stored
    assert TEXT[stored.start : stored.end] == WAIT
    assert (attribution.figures["all"]["named"], attribution.misattributed) == (2, [])


def test_words_that_stand_twice_are_golden_twice(compared: Compare) -> None:
    text = "He says it is late. Ann Lee says “it is  late”."
    attribution = compared([line("it is late", "Ann Lee")], [("it is late", "Ann Lee", False)], text=text)
    assert [text[one.unit.start : one.unit.end] for one in attribution.golden] == ["it is late", "it is  late"]
    assert [one.outcome for one in attribution.golden] == ["right", "missed"]


class TestAuthor:
    """An article whose author speaks where nobody is quoted."""

    golden = (line(None, "Ann Lee", direct=True), line(LATE, "Peter Holm"))

    def test_the_voice_finds_the_rest_and_nothing_else(self, compared: Compare) -> None:
        attribution = compared(self.golden, [], voice="Ann Lee")
        assert {one.gold.quote: one.outcome for one in attribution.golden} == {None: "right", LATE: "missed"}
        assert attribution.figures["direct"]["recall"] == 1

    @pytest.mark.parametrize(("voice", "outcome"), [(None, "missed"), ("Ruth Calder", "wrong speaker")])
    def test_without_the_right_voice_it_is_not_found(self, compared: Compare, voice: str, outcome: str) -> None:
        attribution = compared(self.golden, [(CLOSED, "Ann Lee", False)], voice=voice)
        assert {one.gold.quote: one.outcome for one in attribution.golden}[None] == outcome

    def test_a_voice_in_a_report_is_false(self, compared: Compare) -> None:
        attribution = compared(GOLDEN, [], voice="Ann Lee")
        assert [one.stored.speaker for one in attribution.misattributed] == ["Ann Lee"]

    def test_a_statement_of_the_author_repeats_the_voice_unless_somebody_else_says_it(self, compared: Compare) -> None:
        said = [(CLOSED, "Ann Lee", False), (LATE, "Ann Lee", False), (WAIT, "Ruth Calder", True)]
        attribution = compared(self.golden, said, voice="Ann Lee")
        assert [one.text for one in attribution.misattributed] == [LATE, WAIT]
        assert attribution.figures["all"]["named"] == 3  # with the voice


class TestLoad:
    row = line(WAIT, "Ruth Calder", direct=True)

    @pytest.mark.parametrize(
        ("bad", "problem"),
        [
            ("{", "not JSON"),
            ({"article": "ferry"}, "'quote' is missing"),
            (row | {"speaker": " "}, "'speaker' is empty"),
            (row | {"speaker": "She"}, "speaker 'She' is a pronoun; write who it is"),
            (row | {"direct": 1}, "'direct' has to be true or false, not 1"),
            (row | {"quote": "“”"}, "has no words; quote what is said"),
            (row | {"quote": None, "direct": False}, "say true for 'direct'"),
            (row | {"speakers": "x"}, "unknown field 'speakers'"),
            (row | {"quote": "“We will wait”"}, "set-quotes.jsonl:1; take one of the lines out"),
        ],
    )
    def test_names_the_line_and_the_problem(self, tmp_path: Path, bad: object, problem: str) -> None:
        path = written(tmp_path, self.row, "", bad)
        with pytest.raises(EvaluationError, match=re.escape(problem)) as raised:
            load(path)
        assert str(raised.value).startswith(f"{path}:3: ")

    def test_a_file_without_statements(self, tmp_path: Path) -> None:
        with pytest.raises(EvaluationError, match="no statement in it"):
            load(written(tmp_path, ""))

    @pytest.mark.parametrize(
        ("bad", "problem"),
        [
            (row | {"article": "bridge"}, "the archive lacks article 'bridge'; ingest what the set is about"),
            (row | {"quote": "We shall wait"}, "article 'ferry' does not say 'We shall wait'; copy the words"),
        ],
    )
    def test_what_the_archive_does_not_hold_is_named_with_its_line(
        self, compared: Compare, bad: object, problem: str
    ) -> None:
        with pytest.raises(EvaluationError, match=rf"set-quotes\.jsonl:1: {re.escape(problem)}"):
            compared([bad], [])


class TestEvaluate:
    """As ``onrecord eval`` runs it, on one question about the seeds."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        gold = {"article": "000_b682cbc5f710ac7c", "quote": "every caseload is different"}
        question = {"id": "1", "question": "caseloads?", "kind": "said", "gold": [gold], "answerable": True}
        path = tmp_path / "set.jsonl"
        path.write_text(json.dumps(question), encoding="utf-8")
        return path

    def test_every_golden_statement_of_the_seeds_is_listed(self, seeds: Archive, path: Path) -> None:
        quotes = beside(DEFAULT_SET).read_text(encoding="utf-8")
        beside(path).write_text(quotes, encoding="utf-8")
        shown = json.loads(json.dumps(evaluate(seeds, path).as_json()))["attribution"]
        expected = [json.loads(row) for row in quotes.splitlines()]
        key = ("article", "quote", "speaker", "direct")
        assert {tuple(one[name] for name in key) for one in shown["golden"]} == {
            tuple(one[name] for name in key) for one in expected
        }
        (caseloads,) = [one for one in shown["golden"] if (one["quote"] or "").startswith("I don’t think that")]
        assert (caseloads["outcome"], caseloads["found"][0]["speaker"]) == ("right", "Tim Loughton")
        assert [one["outcome"] for one in shown["golden"] if one["quote"] is None] == ["right", "right"]
        assert shown["figures"]["direct"]["precision"] >= 0.9
        assert shown["figures"]["direct"]["recall"] >= 0.8

    def test_the_table_stands_under_that_of_the_questions(
        self, seeds: Archive, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        beside(path).write_text(
            json.dumps(line("every caseload is different", "Tim Loughton") | {"article": "000_b682cbc5f710ac7c"}),
            encoding="utf-8",
        )
        print_report(evaluate(seeds, path))
        printed = capsys.readouterr().out
        assert printed.index("wrong refusals") < printed.index("who says what") < printed.index("indirect")

    def test_a_set_without_golden_statements_has_no_such_table(
        self, seeds: Archive, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report = evaluate(seeds, path)
        assert report.as_json()["attribution"] is None
        print_report(report)
        assert "who says what" not in capsys.readouterr().out
