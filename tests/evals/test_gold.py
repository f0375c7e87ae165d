import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.gold import Gold, Question, fold, holds, load, places, validate
from retrieval.errors import EvaluationError

ROOT = Path(__file__).parents[2]
DATA = ROOT / "evals" / "data"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))}

ROW: dict[str, Any] = {
    "id": "t-1",
    "question": "who said so?",
    "kind": "said",
    "gold": [{"article": "a", "quote": "so it is"}],
    "answerable": True,
}

# Few letters, so that repeats, overlaps and near misses come up often.
letters = st.text(alphabet="ab", max_size=24)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def question(*gold: Gold) -> Question:
    return Question(id="t-1", question="?", kind="said", gold=gold, answerable=bool(gold))


class TestFold:
    @pytest.mark.parametrize(
        "text", ["“so it is”", '"so it is"', "‘so it is’", "«so\nit\u00a0is»", "„so  it is“", "  so it is\t"]
    )
    def test_marks_and_white_space_do_not_count(self, text: str) -> None:
        assert fold(text) == "so it is"

    def test_a_mark_between_spaces_leaves_one_space(self) -> None:
        assert fold("so ” it") == "so it"

    def test_apostrophes_of_either_kind_are_equal(self) -> None:
        assert fold("children's") == fold("children’s")

    def test_case_and_dashes_count(self) -> None:
        assert fold("Care – or care - or care—") == "Care – or care - or care—"

    @given(st.text())
    def test_twice_is_as_good_as_once(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)


class TestHolds:
    quote = "abcdefghij"

    @pytest.mark.parametrize(
        ("passage", "held"),
        [
            ("xx abcdefghij xx", True),  # all of it
            ("xx abcde", True),  # a beginning, exactly half
            ("xx abcd", False),
            ("fghij xx", True),  # an end
            ("ghij xx", False),
            ("defgh", True),  # the passage lies inside the quote
            ("efgh", False),
            ("abcd xx fghi xx cdef", False),  # much of it, but nowhere half in one piece
            ("", False),
        ],
    )
    def test_half_in_one_piece(self, passage: str, held: bool) -> None:
        assert holds(passage, self.quote) is held

    @pytest.mark.parametrize(("passage", "held"), [("abc", True), ("ab", False)])
    def test_half_of_an_odd_length_is_rounded_up(self, passage: str, held: bool) -> None:
        assert holds(passage, "abcde") is held

    def test_marks_and_line_breaks_do_not_matter(self) -> None:
        assert holds('He said: "It\'s not\n so."', "“It’s not so.”")

    def test_a_quote_without_words_is_never_held(self) -> None:
        assert not holds("anything", "“”")

    @given(letters, letters)
    def test_agrees_with_the_definition(self, passage: str, quote: str) -> None:
        stretches = (quote[i:j] for i in range(len(quote)) for j in range(i + 1, len(quote) + 1))
        longest = max((len(each) for each in stretches if each in passage), default=0)
        assert holds(passage, quote) is (longest > 0 and 2 * longest >= len(quote))

    @given(st.text(min_size=1), st.text(), st.text())
    def test_whatever_is_around_it(self, quote: str, before: str, after: str) -> None:
        assert holds(f"{before} {quote} {after}", quote) is bool(fold(quote))


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "quote", "found"),
        [
            ("it is so, and it is", "it is", ["it is", "it is"]),
            ("He said: 'It's\n not' so.", "“It’s not”", ["It's\n not"]),
            ("a “word” of it", "word of", ["word” of"]),
            ("bloody-minded, bloodyminded", "bloody", ["bloody"]),
            ("nothing of it", "it is", []),
            ("anything", "“”", []),
        ],
    )
    def test_spans_of_the_article_as_it_is_written(self, text: str, quote: str, found: list[str]) -> None:
        assert [text[span.start : span.end] for span in places(text, quote)] == found

    @given(st.text(), st.text(min_size=1), st.text())
    def test_what_is_found_is_the_quote(self, before: str, quote: str, after: str) -> None:
        text = f"{before} {quote} {after}"
        found = places(text, quote)
        assert all(fold(text[span.start : span.end]) == fold(quote) for span in found)
        assert bool(found) is bool(fold(quote))


class TestLoad:
    def test_all_fields(self, tmp_path: Path) -> None:
        row = ROW | {"filters": {"publisher": "CYP Now"}, "note": "because"}
        gold = (Gold(article="a", quote="so it is"),)
        expected = Question(
            id="t-1",
            question="who said so?",
            kind="said",
            gold=gold,
            answerable=True,
            filters={"publisher": "CYP Now"},
            note="because",
        )
        assert load(written(tmp_path, json.dumps(row))) == (expected,)

    def test_in_order_and_without_the_optional_fields(self, tmp_path: Path) -> None:
        rows = [ROW | {"id": each} for each in "cab"]
        loaded = load(written(tmp_path, *(json.dumps(row) for row in rows), ""))
        assert [(each.id, each.filters, each.note) for each in loaded] == [
            ("c", {}, None),
            ("a", {}, None),
            ("b", {}, None),
        ]

    def test_a_line_separator_inside_a_string_is_no_new_line(self, tmp_path: Path) -> None:
        row = ROW | {"question": "one\u2028two\x85three"}
        (loaded,) = load(written(tmp_path, json.dumps(row, ensure_ascii=False)))
        assert loaded.question == "one\u2028two\x85three"

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
            ("[]", "the line has to be an object"),
            *((json.dumps({k: v for k, v in ROW.items() if k != name}), f"'{name}' is missing") for name in ROW),
            (json.dumps(ROW | {"id": 1}), "'id' has to be a string, not 1"),
            (json.dumps(ROW | {"question": " "}), "'question' is empty"),
            (json.dumps(ROW | {"kind": None}), "'kind' has to be a string"),
            (json.dumps(ROW | {"gold": {}}), "'gold' has to be a list"),
            (json.dumps(ROW | {"gold": ["so"]}), "each gold has to be an object"),
            (json.dumps(ROW | {"gold": [{"article": "a"}]}), "'quote' is missing"),
            (json.dumps(ROW | {"gold": [{"article": "a", "quote": "“”"}]}), "has no words"),
            (
                json.dumps(ROW | {"gold": [{"article": "a", "quote": "so", "at": 1}]}),
                "unknown field of gold 'at'",
            ),
            (json.dumps(ROW | {"answerable": 1}), "'answerable' has to be true or false"),
            (json.dumps(ROW | {"answerable": False}), "not answerable, but with gold"),
            (json.dumps(ROW | {"gold": []}), "answerable, but without gold"),
            (json.dumps(ROW | {"note": 3}), "'note' has to be a string"),
            (json.dumps(ROW | {"filters": {"colour": "red"}}), "unknown filter 'colour'"),
            (json.dumps(ROW | {"filters": {"author": 1}}), "'author' has to be a string"),
            (json.dumps(ROW | {"answer": "x"}), "unknown field 'answer'"),
            (json.dumps(ROW | {"id": "first"}), "id 'first' is taken"),
        ],
    )
    def test_names_the_line_and_the_problem(self, tmp_path: Path, line: str, problem: str) -> None:
        path = written(tmp_path, json.dumps(ROW | {"id": "first"}), "", line)
        with pytest.raises(EvaluationError, match=re.escape(problem)) as raised:
            load(path)
        assert str(raised.value).startswith(f"{path}:3: ")
        assert "\n" not in str(raised.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(EvaluationError, match=r"nothing\.jsonl: cannot be read"):
            load(tmp_path / "nothing.jsonl")

    def test_a_file_without_questions(self, tmp_path: Path) -> None:
        with pytest.raises(EvaluationError, match="no question"):
            load(written(tmp_path, "", ""))

    def test_a_file_in_another_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "set.jsonl"
        path.write_bytes("é".encode("latin-1"))
        with pytest.raises(EvaluationError, match="not UTF-8"):
            load(path)


class TestValidate:
    def test_compares_folded(self) -> None:
        validate([question(Gold("a", "“It’s  so”"))], {"a": "He said: 'It's\nso'."})

    def test_names_every_problem(self) -> None:
        wrong = question(Gold("a", "not there"), Gold("a", "there"), Gold("b", "there"))
        with pytest.raises(EvaluationError) as raised:
            validate([wrong, question()], {"a": "it is there"})
        assert str(raised.value) == (
            "gold that is not in the articles (2): "
            "t-1: article 'a' does not say 'not there'; t-1: there is no article 'b'"
        )


class TestSeeds:
    """The hand-written set over the five articles of the repository."""

    questions = load(DATA / "seeds.jsonl")

    def test_gold_is_verbatim(self) -> None:
        validate(self.questions, TEXTS)
        assert [g for q in self.questions for g in q.gold if g.quote not in TEXTS[g.article]] == []

    def test_size_and_balance(self) -> None:
        kinds = Counter(each.kind for each in self.questions)
        least = {
            "said": 18,
            "paraphrase": 18,
            "fact": 18,
            "date-office": 18,
            "keyword": 18,
            "several": 15,
            "filtered": 12,
        }
        assert len(self.questions) >= 160
        assert kinds.keys() == least.keys() | {"unanswerable"}
        assert kinds["unanswerable"] >= 45
        assert [kind for kind, count in least.items() if kinds[kind] < count] == []

    def test_unanswerable_is_a_kind(self) -> None:
        assert [q.id for q in self.questions if q.answerable is (q.kind == "unanswerable")] == []

    def test_filtered_means_filtered(self) -> None:
        assert [q.id for q in self.questions if q.kind == "filtered" and not q.filters] == []
        assert [q.id for q in self.questions if q.filters and q.kind not in ("filtered", "unanswerable")] == []

    @pytest.mark.parametrize("name", ["seeds-first.jsonl", "seeds-second.jsonl"])
    def test_both_readings_are_of_these_questions(self, name: str) -> None:
        reading = load(DATA / "readings" / name)
        validate(reading, TEXTS)
        asked = {q.id: (q.question, q.kind, q.filters) for q in self.questions}
        assert {q.id: (q.question, q.kind, q.filters) for q in reading} == asked

    def test_no_question_twice(self) -> None:
        asked = Counter(q.question.casefold() for q in self.questions)
        assert [text for text, count in asked.items() if count > 1] == []

    def test_several_means_several(self) -> None:
        assert [q.id for q in self.questions if q.kind == "several" and len(q.gold) < 2] == []

    def test_all_articles_are_asked_about(self) -> None:
        assert {g.article for q in self.questions for g in q.gold} == TEXTS.keys()

    def test_page_furniture_is_never_gold(self) -> None:
        furniture = re.compile(
            r"CYP Now|Subscribe|£1[25] / month|Comments are closed|More from|Related stories|Sign up"
            r"|CareSpace|Find out how many|« Brooks|logged in|Picture_1|Updates to this page|Published 9"
        )
        assert [q.id for q in self.questions for g in q.gold if furniture.search(g.quote)] == []


class TestSeedsQuotes:
    """The hand-made attribution of what is said in the five articles."""

    rows: list[dict[str, Any]] = [  # noqa: RUF012
        json.loads(line) for line in (DATA / "seeds-quotes.jsonl").read_text(encoding="utf-8").splitlines()
    ]

    def test_fields(self) -> None:
        for row in self.rows:
            assert row.keys() - {"note"} == {"article", "quote", "speaker", "direct", "cue"}
            assert isinstance(row["direct"], bool)
            assert row["speaker"].strip()

    def test_quotes_are_verbatim(self) -> None:
        quotes = [(row["article"], row["quote"]) for row in self.rows if row["quote"] is not None]
        assert [quote for article, quote in quotes if quote not in TEXTS[article]] == []

    def test_only_an_authors_own_article_has_a_line_without_quote(self) -> None:
        own = [(row["article"][:3], row["speaker"]) for row in self.rows if row["quote"] is None]
        assert own == [("003", "Tim Loughton"), ("004", "Tim Loughton")]

    def test_cues_stand_in_the_article(self) -> None:
        cues = [(row["article"], part) for row in self.rows for part in (row["cue"] or "").split(" ... ")]
        assert [cue for article, cue in cues if cue not in TEXTS[article]] == []

    @pytest.mark.parametrize("article", [each for each in TEXTS if each[:3] in {"000", "001", "002"}])
    def test_no_quotation_is_left_out(self, article: str) -> None:
        # A quotation that runs over several paragraphs is opened in each and closed only in the last.
        marked = re.findall(r"[“\"]([^“”\"\n]+)", TEXTS[article])
        direct = [fold(row["quote"]) for row in self.rows if row["article"] == article and row["direct"]]
        outside = re.compile(r"^(,| |$)")  # between two straight quotations of one paragraph
        missing = [each for each in marked if fold(each).rstrip(",") not in direct and not outside.match(each)]
        assert missing == []
