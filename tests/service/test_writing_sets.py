"""The commands about evaluation sets: exit codes, what a person and what a program reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.evals.articles import ROW, archive_of
from tests.service.test_cli import onrecord


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("sets") / "archive"
    archive_of(folder).close()
    return str(folder)


def written(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_lint_fails_on_errors_and_not_on_warnings(tmp_path: Path, archive: str) -> None:
    sound = onrecord("eval", "lint", written(tmp_path / "a.jsonl", ROW), "--archive", archive)
    assert (sound.returncode, "errors: 0, warnings: 4" in sound.stdout) == (0, True)
    broken = written(tmp_path / "b.jsonl", ROW, ROW)
    done = onrecord("eval", "lint", broken, "--archive", archive)
    assert done.returncode == 1
    assert f"{broken}:2: error: id 't-1' is taken by {broken}:1" in done.stdout


def test_lint_as_json_says_what_gold_was_held_against(
    tmp_path: Path, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.jsonl", ROW)
    shown = json.loads(onrecord("eval", "lint", path, "--archive", archive, "--json").stdout)
    assert (shown["gold_checked"], shown["errors"], shown["sets"][0]["questions"]) == (True, 0, 1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ONRECORD_ARCHIVE", raising=False)
    assert json.loads(onrecord("eval", "lint", path, "--json").stdout)["gold_checked"] is False
    assert "gold was held against no article" in onrecord("eval", "lint", path).stdout
    missing = onrecord("eval", "lint", path, "--archive", "nowhere")
    assert (missing.returncode, "no archive in nowhere" in missing.stderr) == (1, True)


def test_what_a_set_holds_never_drives_the_terminal(tmp_path: Path, archive: str) -> None:
    evil = ROW | {"id": "\x1b[2J", "gold": [{"article": "bridge", "quote": "\x9b31m\u202e"}]}
    for more in ((), ("--json",)):
        done = onrecord("eval", "lint", written(tmp_path / "a.jsonl", evil), "--archive", archive, *more)
        assert not {"\x1b", "\x9b", "\u202e"}.intersection(done.stdout)


def test_import_writes_a_set_and_its_articles_and_says_what_it_left_out(tmp_path: Path) -> None:
    context = "The mill burned down twice."
    asked = [
        {"id": "a", "question": "what happened?", "answers": [{"text": "burned", "answer_start": 9}]},
        {"id": "b", "question": "why?", "answers": []},
    ]
    source, out, articles = tmp_path / "dev.json", tmp_path / "set.jsonl", tmp_path / "articles.jsonl"
    source.write_text(json.dumps({"data": [{"title": "Mill", "paragraphs": [{"context": context, "qas": asked}]}]}))
    command = ("eval", "import", str(source), "--out", str(out), "--articles", str(articles))
    done = onrecord(*command)
    assert done.returncode == 0, done.stderr
    assert "1 question, 1 answerable" in done.stdout
    assert "left out, 1: it has no answer: b" in done.stdout
    assert json.loads(articles.read_text()) == {"id": "Mill", "title": "Mill", "text": context}
    again = onrecord(*command)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_import_takes_headers_by_name_and_refuses_others(tmp_path: Path) -> None:
    source = tmp_path / "asked.csv"
    source.write_text("Frage;Antwort;article\nwer?;sie;m\n", encoding="utf-8-sig")
    named = ("--column", "question=Frage", "--column", "quote=Antwort")
    done = onrecord("eval", "import", str(source), "--out", str(tmp_path / "set.jsonl"), *named, "--json")
    assert json.loads(done.stdout) == {"questions": 1, "answerable": 1, "articles": 0, "left_out": {}}
    for wrong in ("colour=Frage", "question"):
        done = onrecord("eval", "import", str(source), "--out", str(tmp_path / "no.jsonl"), "--column", wrong)
        assert (done.returncode, "write NAME=HEADER" in done.stderr) == (2, True)
    without = onrecord(
        "eval", "import", str(source), "--out", str(tmp_path / "no.jsonl"), "--articles", str(tmp_path / "x"), *named
    )
    assert (without.returncode, "leave --articles out" in without.stderr) == (1, True)
    assert not (tmp_path / "no.jsonl").exists()


def test_agree_shows_kappa_and_what_each_marked(tmp_path: Path, archive: str) -> None:
    nothing = {"gold": [], "answerable": False}
    others = [ROW | {"id": f"t-{number}", "question": f"number {number}?"} for number in (2, 3)]
    first = written(tmp_path / "a.jsonl", ROW, *others, ROW | nothing | {"id": "n"})
    second = written(tmp_path / "b.jsonl", ROW | nothing, *others, ROW | nothing | {"id": "n"})
    done = onrecord("eval", "agree", first, second, "--archive", archive)
    assert done.returncode == 0, done.stderr
    assert "they differ on: 1 question" in done.stdout
    assert "bridge: said Ann Price, who leads the council" in done.stdout
    shown = json.loads(onrecord("eval", "agree", first, second, "--archive", archive, "--json").stdout)
    assert shown["by_kind"]["all"]["answerable"]["table"] == [2, 1, 0, 1]
    assert shown["by_kind"]["all"]["answerable"]["kappa"] == pytest.approx(0.5)


def test_agree_says_which_file_quotes_what_is_not_there(tmp_path: Path, archive: str) -> None:
    wrong = ROW | {"gold": [{"article": "bridge", "quote": "not in it"}]}
    first, second = written(tmp_path / "a.jsonl", ROW), written(tmp_path / "b.jsonl", wrong)
    done = onrecord("eval", "agree", first, second, "--archive", archive)
    assert done.returncode == 1
    assert f"{second}: gold that is not in the articles" in done.stderr
    assert f"see: onrecord eval lint {second}" in done.stderr
