import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from evals.corpus import Corpus
from evals.gold import Gold, load, places
from evals.imports import Imported, article_row, read, write
from evals.lint import lint
from ingest.pipeline import ingest
from ingest.read import read as read_sources
from retrieval.errors import EvaluationError
from tests.evals.onrecord import make

FIRST = "The mill was built in 1804. It burned down twice, and Mary Cole had it rebuilt each time."
SECOND = "Today it is a museum. The wheel still turns on Sundays."


def asked(id_: str, question: str, *answers: str, context: str = FIRST, shift: int = 0) -> dict[str, Any]:
    marked = [{"text": answer, "answer_start": context.find(answer) + shift} for answer in answers]
    return {"id": id_, "question": question, "answers": marked}


def squad(folder: Path, *first: dict[str, Any], second: tuple[dict[str, Any], ...] = ()) -> Path:
    paragraphs = [{"context": FIRST, "qas": list(first)}, {"context": SECOND, "qas": list(second)}]
    path = folder / "dev.json"
    path.write_text(json.dumps({"version": "v2.0", "data": [{"title": "Old_Mill", "paragraphs": paragraphs}]}))
    return path


def beir(folder: Path, documents: dict[str, str], queries: list[dict[str, Any]], qrels: str) -> Path:
    rows = [{"_id": id_, "title": "", "text": text} for id_, text in documents.items()]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}", encoding="utf-8")
    return folder


def table(folder: Path, *rows: str, name: str = "asked.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\r\n".join(rows), encoding=encoding, newline="")
    return path


def gold_of(imported: Imported) -> dict[str, list[tuple[str, str]]]:
    return {one.id: [(gold.article, gold.quote) for gold in one.gold] for one in imported.questions}


class TestSquad:
    def test_a_short_answer_becomes_its_sentence_and_paragraphs_of_a_title_one_article(self, tmp_path: Path) -> None:
        turns = asked("b", "When does it turn?", "Sundays", context=SECOND)
        imported = read(squad(tmp_path, asked("a", "When was it built?", "1804", "in 1804"), second=(turns,)))
        assert [(one.id, one.title, one.text) for one in imported.articles] == [
            ("Old_Mill", "Old Mill", f"{FIRST}\n\n{SECOND}")
        ]
        assert gold_of(imported) == {
            "a": [("Old_Mill", "The mill was built in 1804.")],
            "b": [("Old_Mill", "The wheel still turns on Sundays.")],
        }
        assert imported.left_out == {}

    def test_an_answer_of_ten_words_is_quoted_as_it_is(self, tmp_path: Path) -> None:
        long = "burned down twice, and Mary Cole had it rebuilt each time"
        assert gold_of(read(squad(tmp_path, asked("a", "What happened?", long)))) == {"a": [("Old_Mill", long)]}

    def test_answers_in_different_sentences_are_different_gold(self, tmp_path: Path) -> None:
        imported = read(squad(tmp_path, asked("a", "What is known?", "1804", "Mary Cole", "twice")))
        assert len(gold_of(imported)["a"]) == 2

    def test_version_2_has_questions_that_nothing_answers(self, tmp_path: Path) -> None:
        impossible = {**asked("n", "Who sold it?"), "is_impossible": True, "plausible_answers": []}
        (one,) = read(squad(tmp_path, impossible)).questions
        assert (one.answerable, one.gold, one.kind) == (False, (), "unanswerable")

    def test_what_is_left_out_is_told_with_its_reason(self, tmp_path: Path) -> None:
        good = asked("a", "When was it built?", "1804")
        imported = read(
            squad(
                tmp_path,
                good,
                asked("moved", "When?", "1804", shift=3),
                asked("none", "When?"),
                good,
                asked("long", "When " * 200, "1804"),
            )
        )
        assert [one.id for one in imported.questions] == ["a"]
        assert imported.left_out == {
            "none of its answers is where it is said to be": ["moved"],
            "it has no answer": ["none"],
            "its id is taken by an earlier question": ["a"],
            "longer than 500 characters, which nobody can ask": ["long"],
        }

    def test_titles_become_ids_that_the_archive_takes(self, tmp_path: Path) -> None:
        data = [
            {"title": title, "paragraphs": [{"context": FIRST, "qas": [asked(str(number), "When?", "1804")]}]}
            for number, title in enumerate(["AC/DC", "AC/DC", ".."])
        ]
        path = tmp_path / "dev.json"
        path.write_text(json.dumps({"data": data}))
        assert [one.id for one in read(path).articles] == ["AC_DC", "AC_DC~2", "untitled"]

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("{", "not JSON"),
            ("[]", "has to be an object"),
            ("{}", "'data' is missing"),
            ('{"data": [{"title": "x"}]}', "title 1: 'paragraphs' is missing"),
            ('{"data": []}', "no question could be taken"),
            ("[" * 100_000, "not JSON"),
        ],
    )
    def test_what_is_no_squad_is_one_line(self, tmp_path: Path, text: str, problem: str) -> None:
        path = tmp_path / "dev.json"
        path.write_text(text)
        with pytest.raises(EvaluationError, match=problem) as raised:
            read(path)
        assert "\n" not in str(raised.value)


class TestBeir:
    def test_a_short_document_is_its_own_gold(self, tmp_path: Path) -> None:
        queries: list[dict[str, Any]] = [{"_id": "q", "text": "who rebuilt it?"}]
        queries.append({"_id": "n", "text": "who sold it?", "answerable": False})
        imported = read(beir(tmp_path, {"d": FIRST, "e": SECOND}, queries, "q\td\t2\nq\te\t0\n"))
        assert gold_of(imported) == {"q": [("d", FIRST)], "n": []}
        assert [one.id for one in imported.articles] == ["d", "e"]

    def test_an_answer_that_comes_with_the_query_is_quoted(self, tmp_path: Path) -> None:
        queries: list[dict[str, Any]] = [{"_id": "q", "text": "who rebuilt it?", "answers": ["Mary Cole"]}]
        imported = read(beir(tmp_path, {"d": f"{FIRST} " + "More of it. " * 80}, queries, "q\td\t1\n"))
        assert gold_of(imported) == {"q": [("d", FIRST[FIRST.index("It burned") :])]}

    def test_what_has_no_quote_is_left_out_and_told(self, tmp_path: Path) -> None:
        queries = [
            {"_id": "q", "text": "who rebuilt it?"},
            {"_id": "long", "text": "who?"},
            {"_id": "unjudged", "text": "who?"},
            {"_id": "lost", "text": "who?"},
        ]
        documents = {"d": FIRST, "e": "Word " * 200}
        imported = read(beir(tmp_path, documents, queries, "q\td\t1\nlong\td\t1\nlong\te\t1\nlost\tx\t1\n"))
        assert [one.id for one in imported.questions] == ["q"]
        assert imported.left_out == {
            "its answer is not marked in a document of over 600 characters": ["long"],
            "no document is judged to answer it": ["unjudged"],
            "a document that answers it is not in the corpus": ["lost"],
        }

    def test_a_collection_of_long_documents_is_pointed_to_eval(self, tmp_path: Path) -> None:
        queries = [{"_id": "q", "text": "who?"}]
        with pytest.raises(EvaluationError, match="run it as it is: onrecord eval"):
            read(beir(tmp_path, {"e": "Word " * 200}, queries, "q\te\t1\n"))


class TestTable:
    def test_rows_of_a_question_are_one_with_several_gold(self, tmp_path: Path) -> None:
        imported = read(
            table(
                tmp_path,
                "question,quote,article,kind,note",
                'who?,"Mary Cole, it says",mill,fact,sure',
                "who?,rebuilt each time,mill,fact,",
                "who sold it?,,,,",
            )
        )
        first, second = imported.questions
        assert [(gold.article, gold.quote) for gold in first.gold] == [
            ("mill", "Mary Cole, it says"),
            ("mill", "rebuilt each time"),
        ]
        assert (first.kind, first.note, first.answerable) == ("fact", "sure", True)
        assert (second.kind, second.answerable, second.gold) == ("unanswerable", False, ())

    def test_ids_depend_on_the_question_and_not_on_its_place(self, tmp_path: Path) -> None:
        header, *rows = "question,quote,article", "who?,a,m", "when?,b,m"
        named = {"a.csv": (header, *rows), "b.csv": (header, *reversed(rows))}
        first, second = (
            {one.question: one.id.partition("-")[2] for one in read(table(tmp_path, *rows, name=name)).questions}
            for name, rows in named.items()
        )
        assert first == second
        assert len(set(first.values())) == 2

    def test_columns_are_known_in_any_case_a_quote_as_an_answer_too_and_what_is_not_known_is_told(
        self, tmp_path: Path
    ) -> None:
        made = read(table(tmp_path, "Question,Answer,ARTICLE,Rating", "who?,she did,m,5"))
        assert made.questions[0].gold == (Gold("m", "she did"),)
        assert made.left_out == {"a column of no known name; --column NAME=HEADER says what it is": ["rating"]}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_as_excel_saves_it(self, tmp_path: Path, delimiter: str, encoding: str) -> None:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(
            [["Frage", "Antwort", "article", "answerable"], ["wer, wann; wo?", "sie\nging; dann", "m", "WAHR"]]
        )
        path = table(tmp_path, *out.getvalue().replace("WAHR", "TRUE").split("\r\n"), encoding=encoding)
        (one,) = read(path, {"question": "Frage", "quote": "Antwort"}).questions
        assert (one.question, one.gold[0].quote) == ("wer, wann; wo?", "sie\nging; dann")

    def test_what_is_left_out_is_told_with_its_line(self, tmp_path: Path) -> None:
        imported = read(
            table(
                tmp_path,
                "id,question,quote,article,answerable",
                "1,who?,she,m,yes",
                "2,,she,m,yes",
                "3,when?,then,,yes",
                "4,where?,here,m,no",
                "5,why?,,,yes",
                "6,how?,“”,m,",
                "7,this?,so,m,",
                "7,that?,so,m,",
            )
        )
        assert [one.id for one in imported.questions] == ["1"]
        assert imported.left_out == {
            "it has no question": ["asked.csv:3"],
            "its quote has no article": ["asked.csv:4"],
            "not answerable, but with gold; take the gold out or say true": ["asked.csv:5"],
            "answerable, but without gold; add what answers it or say false": ["asked.csv:6"],
            "its quote has no words": ["asked.csv:7"],
            "rows of one id differ in question, kind or answerable": ["7"],
        }

    @pytest.mark.parametrize(
        ("rows", "columns", "problem"),
        [
            (["Frage,quote", "a,b"], {}, "no column 'question'; name the one that has the question"),
            (["question,quote", "a,b"], {"quote": "Antwort"}, "no column 'Antwort'; it has question, quote"),
            (["question,quote,quote", "a,b,c"], {}, "two columns 'quote'"),
            (["question,answerable", "a,perhaps"], {}, "asked.csv:2: answerable is 'perhaps'; write true or false"),
            (["question,quote", 'a,"b'], {}, "no table"),
            ([""], {}, "no column 'question'"),
            (["question"], {}, "no question could be taken"),
        ],
    )
    def test_what_is_no_table_says_what_to_do(
        self, tmp_path: Path, rows: list[str], columns: dict[str, str], problem: str
    ) -> None:
        with pytest.raises(EvaluationError, match=problem) as raised:
            read(table(tmp_path, *rows), columns)
        assert "\n" not in str(raised.value)

    def test_another_encoding_says_how_to_save_it(self, tmp_path: Path) -> None:
        with pytest.raises(EvaluationError, match="save it as CSV UTF-8"):
            read(table(tmp_path, "question,quote", "où?,là", encoding="latin-1"))


def test_another_source_says_what_can_be_given(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "set.txt"):
        with pytest.raises(EvaluationError, match="give a BEIR folder"):
            read(source)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("mine")
    with pytest.raises(EvaluationError, match="is there already"):
        write(path, [])
    assert path.read_text() == "mine"


def test_a_real_collection_is_ingested_and_sound(data: Path, tmp_path: Path) -> None:
    paragraphs = read(data / "xquad_en")
    few = paragraphs.articles[:40]
    known = {one.id for one in few}
    questions = [one for one in paragraphs.questions if one.gold[0].article in known]
    write(tmp_path / "articles.jsonl", map(article_row, few))
    write(tmp_path / "set.jsonl", (one.as_json() for one in questions))
    with make(tmp_path / "archive") as archive:
        assert not ingest(archive, read_sources([str(tmp_path / "articles.jsonl")])).failed
        checked = lint(tmp_path / "set.jsonl", Corpus(archive))
    assert checked.errors == 0
    assert load(tmp_path / "set.jsonl") == tuple(questions)
    assert all(places(one.text, one.text) for one in few)
