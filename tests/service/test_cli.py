"""The command line: exit codes, streams, what a person and what a program reads."""

import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from retrieval.sharded.manifest import Manifest
from service.cli import main
from tests.conftest import ROOT, SEEDS, CrossEncoderFolder

# tests.conftest refuses the network from its import on.
REFUSING = "import sys; sys.path.insert(0, {root!r}); import tests.conftest; from service.cli import main; main()"


def process(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own that cannot reach the network."""
    command = [sys.executable, "-c", REFUSING.format(root=str(ROOT)), *arguments]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=500, check=False)


def onrecord(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, which has loaded the heavy libraries already."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["onrecord", *arguments])
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def archive(seeds_folder: Path, model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    copied = shutil.copytree(seeds_folder, tmp_path_factory.mktemp("a path with spaces") / "archive")
    (copied / "model").symlink_to(model_folder)
    return str(copied)


def test_the_main_job_without_a_network(tmp_path: Path) -> None:
    folder = str(tmp_path / "archive")
    ingested = process("ingest", str(SEEDS), "--archive", folder)
    assert ingested.returncode == 0, ingested.stderr
    assert "5 new, 0 changed, 0 unchanged, 0 failed" in ingested.stdout
    asked = process("ask", "what did Loughton say about caseloads?", "--archive", folder, "--json")
    answer = json.loads(asked.stdout)
    assert answer["answered"]
    assert "every caseload is different" in answer["passages"][0]["text"]
    assert "5 unchanged" in onrecord("ingest", str(SEEDS), "--archive", folder).stdout


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare to take the network away with")
def test_the_main_job_where_there_is_no_network_at_all(archive: str) -> None:
    """Libraries that don't go through Python's sockets would fail here."""
    probe = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this user may not make network namespaces")
    command = ["unshare", "--net", sys.executable, "-m", "service.cli", "ask", "caseloads", "--archive", archive]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert asked.returncode == 0, asked.stderr
    assert "caseload" in asked.stdout


def test_an_answer_as_a_person_reads_it(archive: str) -> None:
    printed = onrecord("ask", "what did Loughton say about caseloads?", "--archive", archive, "-k", "1").stdout
    assert "by Tim Loughton · about caseloads · any date" in printed
    assert "5 articles, March 2010 to February 2011" in printed
    assert '>"I don’t think that [maximum caseloads] would work because every caseload is different,"' in printed
    assert "CYP Now · Neil Puffett · 4 October 2010" in printed
    assert "/articles/000_b682cbc5f710ac7c#v1-" in printed


def test_a_reranker_orders_the_first_passages_and_leaves_their_confidence(
    archive: str, cross_encoder: CrossEncoderFolder
) -> None:
    command = ("ask", "what did Loughton say about caseloads?", "--archive", archive, "-k", "20", "--json")
    fitted = json.loads(onrecord(*command).stdout)
    asked = onrecord(*command, "--reranker", cross_encoder())
    assert (asked.returncode, asked.stderr) == (0, "")
    answer = json.loads(asked.stdout)
    confidence = {passage["id"]: passage["confidence"] for passage in fitted["passages"]}
    assert {passage["id"]: passage["confidence"] for passage in answer["passages"]} == confidence
    assert [passage["id"] for passage in answer["passages"]] != list(confidence)
    assert (answer["answered"], answer["confidence"]) == (fitted["answered"], fitted["confidence"])


def test_a_question_that_nothing_answers_is_refused_in_words(archive: str) -> None:
    printed = onrecord("ask", "zxqv", "--archive", archive).stdout
    assert "Nothing in this archive answers that" in printed
    assert "Nearest, not an answer:" in printed


def test_articles_are_listed_shown_and_deleted(archive: str, tmp_path: Path) -> None:
    copy = str(shutil.copytree(archive, tmp_path / "copy", symlinks=True))
    listed = json.loads(onrecord("articles", "list", "--archive", copy, "--json").stdout)
    assert [one["published"] for one in listed["articles"]] == ["2010-10-04", "2010-03-11", None, None, "2011-02-09"]
    first = listed["articles"][0]["id"]
    assert "Monday, October 4, 2010" in onrecord("articles", "show", first, "--archive", copy).stdout
    removed = onrecord("articles", "show", first, "--removed", "--archive", copy).stdout
    assert "From £15 / month" in removed
    assert onrecord("articles", "delete", first, "--archive", copy).returncode == 0
    gone = onrecord("articles", "show", first, "--archive", copy)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr == f"onrecord: no article {first}; `onrecord articles list` shows what there is\n"


def test_speakers_are_listed_with_their_names_and_offices(archive: str) -> None:
    (narey,) = json.loads(onrecord("speakers", "nar", "--archive", archive, "--json").stdout)["speakers"]
    assert (narey["name"], narey["aliases"], narey["articles"]) == ("Martin Narey", ["Martin Narey", "Narey"], 1)
    assert {"office": "Barnardo’s chief executive", "first": "2010-10-04", "last": "2010-10-04"} in narey["offices"]
    printed = onrecord("speakers", "--archive", archive).stdout
    assert "Tim Loughton" in printed
    assert "Children’s minister" in printed or "Children's minister" in printed


def test_a_speaker_can_be_asked_for(archive: str) -> None:
    filtered = ("--speaker", "narey", "--archive", archive, "--json")
    answer = json.loads(onrecord("ask", "What about caseloads?", *filtered).stdout)
    assert answer["interpretation"]["speakers"] == ["Martin Narey"]
    assert answer["passages"]
    assert all("Martin Narey" in {one["speaker"] for one in hit["quotes"]} for hit in answer["passages"])
    assert json.loads(onrecord("articles", "list", *filtered).stdout)["total"] == 1


def test_stats_say_what_is_there(archive: str) -> None:
    stats = json.loads(onrecord("stats", "--archive", archive, "--json").stdout)
    assert (stats["articles"], stats["version"]) == (5, 5)
    printed = onrecord("stats", "--archive", archive).stdout
    assert "all-MiniLM-L6-v2" in printed
    assert "█···········" in printed


def test_a_table_is_read_by_the_columns_that_the_user_names(archive: str, tmp_path: Path) -> None:
    copy = str(shutil.copytree(archive, tmp_path / "copy", symlinks=True))
    table = tmp_path / "table.csv"
    table.write_text("number,said,about\n7,The night ferry stays.,Ferries\n")
    unmapped = onrecord("ingest", str(table), "--archive", copy)
    assert unmapped.returncode == 1
    assert "they are 'number', 'said', 'about'" in unmapped.stderr
    columns = [part for one in ("text=said", "title=about", "id=number") for part in ("--column", one)]
    assert onrecord("ingest", str(table), *columns, "--archive", copy).returncode == 0
    assert json.loads(onrecord("articles", "show", "7", "--archive", copy, "--json").stdout)["title"] == "Ferries"
    assert onrecord("ingest", str(table), "--column", "txt=said", "--archive", copy).returncode == 2


def test_stats_say_what_could_not_be_read_until_it_can(archive: str, tmp_path: Path) -> None:
    copy = str(shutil.copytree(archive, tmp_path / "copy", symlinks=True))
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": "sound", "text": "The ferry sails."}\n{"id": "none"}\n')
    assert onrecord("ingest", str(broken), "--archive", copy).returncode == 1
    failures = json.loads(onrecord("stats", "--archive", copy, "--json").stdout)["failures"]
    assert [one["where"] for one in failures["reasons"][0]["failures"]] == [f"{broken}:2"]
    printed = onrecord("stats", "--archive", copy).stdout
    assert "1 thing could not be read:" in printed
    assert f"{broken}:2" in printed
    broken.write_text('{"id": "sound", "text": "The ferry sails."}\n')
    assert onrecord("ingest", str(broken), "--archive", copy).returncode == 0
    assert "could not be read" not in onrecord("stats", "--archive", copy).stdout


def test_an_article_from_standard_input(tmp_path: Path, model_folder: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "model").symlink_to(model_folder)
    line = json.dumps({"id": "ferry", "text": "The ferry sails at noon."})
    done = process("ingest", "-", "--archive", str(tmp_path / "new"), stdin=line)
    assert "1 new" in done.stdout
    assert "The ferry sails at noon." in onrecord("ask", "ferry", "--archive", str(tmp_path / "new")).stdout


def test_a_shard_gets_nothing_by_itself(tmp_path: Path) -> None:
    Manifest.of(2).write(tmp_path)
    shard = tmp_path / "shards" / "0" / "1"
    done = onrecord("ingest", str(SEEDS), "--archive", str(shard))
    assert done.returncode == 1
    assert f"--archive {tmp_path}" in done.stderr
    assert not shard.exists()


def test_a_source_that_fails_is_named_and_the_exit_code_says_so(archive: str, tmp_path: Path) -> None:
    copy = str(shutil.copytree(archive, tmp_path / "copy", symlinks=True))
    done = onrecord("ingest", "nowhere.txt", str(SEEDS), "--archive", copy)
    assert done.returncode == 1
    assert "nowhere.txt: there is no such file or folder" in done.stderr
    assert "5 unchanged, 1 failed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ask", "x", "--archive", "nowhere"], 1, "no archive in nowhere; make one with: onrecord ingest"),
        (["ask"], 2, "Missing argument"),
        (["ask", "x", "-k", "0"], 2, "greater than or equal to 1"),
        (["ask", " "], 1, "the question is empty"),
        (["ask", "x", "--published-from", "soon"], 1, "not a date: 'soon'; write 2010, 2010-10 or 2010-10-04"),
        (["eval", "--mode", "magic"], 2, "none of fused, dense, lexical"),
        (["eval", "--mode", "dense", "--reranker", "x"], 2, "it orders the fused ranking"),
        (["ask", "x", "--reranker", "no/such"], 1, "re-ranking model 'no/such' cannot be loaded"),
        (["bench", "--vs", "elastic"], 1, "unknown peer 'elastic'; known are txtai, bm25s, haystack"),
        (["bench", "--clients", "1,many"], 2, "no list of numbers"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_wrong_use_is_told_apart_from_failure(archive: str, arguments: list[str], code: int, said: str) -> None:
    without = "--archive" in arguments or arguments[0] in ("frobnicate", "bench")
    given = arguments if without else [*arguments, "--archive", archive]
    done = onrecord(*given)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_with_a_reranker_that_is_none_does_not_start(archive: str) -> None:
    done = process("serve", "--reranker", "no/such", "--archive", archive)
    assert done.returncode == 1
    assert "give the folder of a cross-encoder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["ingest"],
        ["ask"],
        ["serve"],
        ["eval"],
        ["stats"],
        ["speakers"],
        ["settings"],
        ["bench"],
        ["articles", "list"],
    ],
)
def test_every_command_has_help(command: list[str]) -> None:
    done = onrecord(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
