"""What is kept of what visitors ask, for how long, and what its owner learns."""

import hashlib
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from evals.gold import load, validate
from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.types import Article, Filters, ReadAs
from service import cli
from service.app import create_app
from service.asking import Asking
from service.findings import learn
from service.keeping import Keeping
from service.likeness import LEAST, alike
from service.questions import Asked, Policy, Questions, QuestionsUnusable, Result, Vote, file_of
from service.settings import Settings
from service.work import Busy
from tests.conftest import ROOT
from tests.hashing import HashingEncoder
from tests.retrieval.test_database import mount
from tests.service.conftest import HARBOUR, ORCHARD, SETTINGS, draft, served
from tests.service.problem import problem_of

NOW = datetime.now(UTC).replace(second=59, microsecond=0)
TODAY = NOW.date()
FERRY, ZEBRA = "does the night ferry stay?", "zebra crossing pancakes"
SAID = "“Nobody who mops a hospital floor"
ONCE = Result("answered", 0.9, ("a:1:0-5",))
NEVER = Result("low_confidence", 0.1, ())


def asked(question: str, result: Result = NEVER, at: datetime = NOW, **more: Any) -> Asked:
    query_id = hashlib.sha256(f"{question} {more}".encode()).hexdigest()[:32]
    return Asked(Asking(question, **more), query_id, result, at, HashingEncoder().encode_questions([question])[0])


def vote(
    verdict: Any, vote_id: str, at: datetime = NOW, passage_id: str | None = None, query_id: str = "0" * 32
) -> Vote:
    return Vote(query_id, passage_id, verdict, vote_id, at)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(
        tmp_path / "archive", SETTINGS, model="hashing", load_encoder=lambda *_: HashingEncoder()
    ) as made:
        made.put([draft(HARBOUR), draft(ORCHARD)])
        yield made


@contextmanager
def serving(archive: Archive, **settings: Any) -> Iterator[httpx.Client]:
    with served(create_app(archive, Settings(**settings)), "admin") as client:
        yield client


@contextmanager
def opened(folder: Path, *, kept: bool = True, days: int = 90, **more: Any) -> Iterator[Questions]:
    folder.mkdir(exist_ok=True)
    with Questions(file_of(folder), **more) as file:
        file.keep(Policy(kept, days, "model"))
        yield file


def holding(folder: Path, text: str) -> list[str]:
    """Names of the files in which a text stands, in whatever case."""
    wanted = text.lower().encode()
    return [one.name for one in folder.rglob("*") if one.is_file() and wanted in one.read_bytes().lower()]


def findings(folder: Path, today: date = TODAY, **wanted: Any) -> Any:
    return learn(folder, HashingEncoder, today, **wanted)


def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds that a thread is about to do."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


# What is kept -----------------------------------------------------------------------------------------------------


def test_where_it_is_off_no_question_stands_in_any_file_and_feedback_is_still_taken(archive: Archive) -> None:
    with serving(archive) as client:
        answer = client.post("/v1/ask", json={"question": FERRY}).json()
        client.get("/ask", params={"q": FERRY})
        body = {"query_id": answer["query_id"], "verdict": "helpful", "vote_id": "v" * 16}
        assert client.post("/v1/feedback", json=body).status_code == 204
        found = client.get("/v1/questions").json()
        assert (found["kept"], found["asked"], found["questions"]) == (False, 0, [])
        assert "ONRECORD_KEEP_QUESTIONS=true" in found["note"]
    assert holding(archive.path, FERRY) == []
    assert holding(archive.path, answer["query_id"]) == []
    assert holding(archive.path, "v" * 16) == ["questions.db"]


def test_every_way_to_ask_counts_and_nobody_is_named(archive: Archive, tmp_path: Path) -> None:
    with serving(archive, keep_questions=True) as client:
        for question in (FERRY, "Does  the night ferry STAY"):
            assert client.post("/v1/ask", json={"question": question}).status_code == 200
        client.get("/v1/ask", params={"q": FERRY})
        client.post("/v1/ask/batch", json={"questions": [{"question": FERRY}, {"question": ZEBRA}]})
        client.get("/ask", params={"q": FERRY})
        narrowed = {"question": FERRY, "filters": {"published_to": "1999"}, "read_as": {"topic": "ferries"}}
        client.post("/v1/ask", json=narrowed)
        soon(lambda: client.get("/v1/questions").json()["asked"] == 7)
        found = client.get("/v1/questions").json()
        assert holding(archive.path, client.headers["authorization"][7:]) == []
        assert holding(archive.path, "127.0.0.1") == holding(archive.path, "python-httpx") == []
        assert {one.stat().st_mode & 0o777 for one in archive.path.glob("questions.db*")} == {0o600}
        etag = client.get("/v1/questions").headers["etag"]
        assert client.get("/v1/questions", headers={"if-none-match": etag}).status_code == 304
        assert problem_of(client.get("/v1/questions?since=2026-13"), 422)
        archive.backup(tmp_path / "backup")
    assert (found["kept"], found["keep_days"], found["note"], found["different"]) == (True, 90, None, 3)
    first, *others = found["questions"]
    assert (first["asked"], first["filters"], first["read_as"]) == (5, {}, None)
    assert first["passages"][0].startswith(HARBOUR.id)
    assert {"speakers": [], "topic": "ferries"} in [one["read_as"] for one in others]
    (outside,) = (one for one in others if one["filters"])
    assert (outside["filters"], outside["reason"], outside["answered"]) == (
        {"published_to": "1999"},
        "outside_dates",
        0,
    )
    assert ZEBRA in [one["questions"][0]["question"] for one in found["unanswered"]]
    assert ZEBRA.encode() not in (tmp_path / "backup").read_bytes()


def test_a_question_is_what_it_asks_and_its_result_that_of_the_last_time(tmp_path: Path) -> None:
    filtered: dict[str, Any] = {"filters": Filters(article="a"), "read_as": ReadAs(("Ines Okafor",))}
    with opened(tmp_path) as file:
        file.add(
            [asked(FERRY, at=NOW - timedelta(1)), asked(FERRY, ONCE), asked(FERRY, ONCE), asked(ZEBRA, **filtered)]
        )
        file.add([asked("old", at=NOW - timedelta(50))])
    found = findings(tmp_path, since=TODAY - timedelta(7))
    assert (found.asked, found.answered, found.different) == (4, 2, 2)
    ferry, zebra = found.questions
    assert (ferry.asked, ferry.answered, ferry.reason, ferry.passages) == (3, 2, None, ("a:1:0-5",))
    assert ferry.last == NOW.replace(second=0)
    assert (zebra.filters, zebra.read_as) == ({"article": "a"}, {"speakers": ["Ines Okafor"], "topic": ""})
    assert [one.question for one in findings(tmp_path, unanswered=True).questions] == ["old", ZEBRA]
    assert [one.question for one in findings(tmp_path, limit=1).questions] == [FERRY]


# Feedback ---------------------------------------------------------------------------------------------------------


def test_a_vote_is_replaced_and_taken_back(archive: Archive) -> None:
    with serving(archive, keep_questions=True) as client:
        answer = client.post("/v1/ask", json={"question": FERRY}).json()
        passage = answer["passages"][0]["id"]

        def voted(verdict: str, vote_id: str, passage_id: str | None = passage) -> None:
            body = {"query_id": answer["query_id"], "passage_id": passage_id, "verdict": verdict, "vote_id": vote_id}
            response = client.post("/v1/feedback", json=body)
            assert (response.status_code, response.content) == (204, b"")

        def votes() -> list[dict[str, Any]]:
            found = client.get("/v1/questions").json()["questions"]
            return found[0]["votes"] if found else []

        voted("helpful", "first-" * 3)
        voted("unhelpful", "first-" * 3)
        voted("helpful", "second" * 3)
        voted("helpful", "whole-" * 3, None)
        soon(lambda: len(votes()) == 2)
        counted = {"passage_id": passage, "helpful": 1, "unhelpful": 1}
        assert votes() == [{"passage_id": None, "helpful": 1, "unhelpful": 0}, counted]
        assert client.get("/v1/questions").json()["passages"] == [counted]
        for vote_id in ("first-", "second", "whole-"):
            voted("none", vote_id * 3)
        soon(lambda: votes() == [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("query_id", "F" * 32),
        ("query_id", "f" * 31),
        ("query_id", None),
        ("verdict", "great"),
        ("vote_id", "short"),
        ("vote_id", "x" * 65),
        ("vote_id", "x" * 16 + "\n"),
        ("question", "what?"),
        ("passage_id", 7),
        ("passage_id", "no passage"),
        ("passage_id", "orchard:1:0-1"),
        ("passage_id", "orchard:9:0-10"),
        ("passage_id", "nowhere:1:0-10"),
        ("passage_id", "a\0:1:0-10"),
        ("passage_id", "orchard:1:0-999999999"),
    ],
)
def test_feedback_names_what_there_is_or_is_refused(spoken_of: httpx.Client, field: str, value: Any) -> None:
    body = {"query_id": "f" * 32, "passage_id": None, "verdict": "helpful", "vote_id": "x" * 16, field: value}
    found = problem_of(spoken_of.post("/v1/feedback", json=body), 422)
    assert [error["field"] for error in found["errors"]] == [field]


@pytest.fixture(scope="module")
def spoken_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service over an article in its second version and the id of one that was deleted."""
    folder = tmp_path_factory.mktemp("spoken") / "archive"
    with Archive.create(folder, SETTINGS, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made:
        made.put([draft(Article("orchard", "An old orchard.")), draft(Article("gone: 1", "Here today."))])
        made.put([draft(Article("orchard", "An old orchard is a library."))])
        made.delete("gone: 1")
        with served(create_app(made, Settings())) as client:
            yield client


@pytest.mark.parametrize("passage_id", ["orchard:1:0-15", "orchard:2:0-28", "gone: 1:1:0-11"])
def test_feedback_may_be_on_what_has_been_replaced_or_deleted(spoken_of: httpx.Client, passage_id: str) -> None:
    body = {"query_id": "f" * 32, "passage_id": passage_id, "verdict": "helpful", "vote_id": "x" * 16}
    assert spoken_of.post("/v1/feedback", json=body).status_code == 204


# Retention --------------------------------------------------------------------------------------------------------


def test_what_has_outlived_the_retention_is_in_no_byte_of_any_file(tmp_path: Path) -> None:
    """Many days, rows of every length: pages are split and merged, and nothing may be left behind in one."""
    marks = [f"DAY{day:02}" for day in range(6)]
    with opened(tmp_path, days=6) as file:
        for day, mark in enumerate(marks):
            at = NOW - timedelta(5 - day)
            rows = [asked(f"{mark} {'x ' * (number % 240)}{number}", at=at) for number in range(150)]
            file.add([*rows, *rows[::3], *(vote("helpful", f"{mark}-{number:016}", at) for number in range(100))])
        for day, mark in enumerate(marks):
            assert holding(tmp_path, mark)
            assert file.forget(TODAY + timedelta(day + 1)) == 250
            assert holding(tmp_path, mark) == []
            assert file.forget(TODAY + timedelta(day + 1)) == 0


def test_a_service_deletes_when_it_starts_and_each_day_and_so_does_whoever_reads(archive: Archive) -> None:
    today = datetime.now(UTC)
    with opened(archive.path, days=30) as file:
        file.add([asked(ZEBRA, at=today - timedelta(29)), asked(FERRY, at=today - timedelta(31))])
    with serving(archive, keep_questions=True, keep_days=30) as client:
        soon(lambda: holding(archive.path, FERRY) == [])
        assert [one["question"] for one in client.get("/v1/questions").json()["questions"]] == [ZEBRA]
    clock = [today]
    keeping = Keeping(archive, lambda *_: None, on=True, days=30, now=lambda: clock[0], every=0.02)
    keeping.begin()
    try:
        clock[0] = today + timedelta(1)
        soon(lambda: holding(archive.path, ZEBRA) == [])
    finally:
        keeping.end()
    with Questions(file_of(archive.path)) as file:
        file.add([asked(ZEBRA, at=today - timedelta(31))])
    assert findings(archive.path, today.date()).asked == 0
    assert holding(archive.path, ZEBRA) == []


def test_a_service_that_does_not_keep_adds_nothing_and_leaves_what_was_kept_to_its_days(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(archive.path) as file:
        file.add([asked(ZEBRA)])
    with serving(archive) as client:
        client.post("/v1/ask", json={"question": FERRY})
        soon(lambda: "questions are no longer kept; 1 rows of before stay" in caplog.text)
        told = client.get("/v1/questions").json()
    assert (told["kept"], told["asked"]) == (False, 1)
    assert holding(archive.path, FERRY) == []


def test_the_oldest_makes_room(tmp_path: Path) -> None:
    with opened(tmp_path, max_bytes=500_000) as file:
        added = [f"{number} {'x' * 300}" for number in range(1_000)]
        gone = [file.add([asked(text) for text in added[at : at + 100]]) for at in range(0, 1_000, 100)]
        assert sum(gone) > 50
        assert file_of(tmp_path).stat().st_size < 600_000
        kept = [one.question for one in file.asked(date.min, -1)]
    assert sorted(kept) == sorted(added[sum(gone) :])


def test_several_may_forget_at_once(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass

    def forget_often(which: int) -> None:
        with Questions(file_of(tmp_path)) as file:
            for number in range(200):
                file.add([asked(f"question {number} of {which}")])
                file.forget(TODAY)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(forget_often, range(3)))
    with Questions(file_of(tmp_path)) as file:
        assert len(list(file.asked(date.min, -1))) == 600


# Behind the answers -----------------------------------------------------------------------------------------------


def unwritten(archive: Archive, lost: list[tuple[str, int]], **more: Any) -> Keeping:
    return Keeping(archive, lambda *told: lost.append(told), on=True, days=90, now=lambda: NOW, **more)


def test_where_more_waits_than_may_wait_questions_are_dropped_and_counted_and_votes_refused(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    lost: list[tuple[str, int]] = []
    keeping = unwritten(archive, lost, places=2)
    for number in range(4):
        keeping.asked(Asking(f"question {number}"), f"{number:032}", NEVER)
    with pytest.raises(Busy):
        keeping.voted("0" * 32, None, "helpful", "x" * 16)
    assert lost == [("queue_full", 1)] * 2
    keeping.begin()
    soon(lambda: findings(archive.path).asked == 2)
    keeping.end()
    assert caplog.text.count("questions came faster than they are written; not kept: 2") == 1


def test_where_nothing_can_be_written_answers_go_on_and_the_log_says_so_once(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    folder = archive.path
    archive.refresh()
    mount("--bind", str(folder), str(folder))
    try:
        mount("-o", "remount,ro,bind", str(folder))
        with (
            Archive.open(folder, load_encoder=lambda *_: HashingEncoder()) as read_only,
            served(create_app(read_only, Settings(keep_questions=True))) as client,
        ):
            for question in (FERRY, FERRY, ZEBRA):
                assert client.post("/v1/ask", json={"question": question}).status_code == 200
            soon(lambda: 'onrecord_not_kept_total{why="unwritable"} 3' in client.get("/metrics").text)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    assert caplog.text.count("until that is mended, what is asked is not kept") == 1


def test_a_full_disk_drops_what_is_asked_until_there_is_room(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    disk = tmp_path / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk))
    lost: list[tuple[str, int]] = []
    keeping = unwritten(_folder(disk), lost)
    keeping.begin()
    try:
        soon(file_of(disk).exists)
        (disk / "ballast").write_bytes(b"x" * 300_000)
        for number in range(2_000):
            keeping.asked(Asking(f"{number} {'x' * 400}"), f"{number:032}", ONCE)
        soon(lambda: sum(count for _, count in lost) > 0)
        (disk / "ballast").unlink()
        keeping.asked(Asking(ZEBRA), "f" * 32, ONCE)
        soon(lambda: "what is asked is kept again" in caplog.text)
    finally:
        keeping.end()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    assert {why for why, _ in lost} == {"unwritable"}
    assert caplog.text.count("until that is mended, what is asked is not kept") == 1


def _folder(path: Path) -> Any:
    """All that is needed of an archive to keep what it is asked."""
    return SimpleNamespace(path=path, settings={"model_sha256": "model"})


def test_two_processes_keep_into_one_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from service.questions import *\n"
        "with Questions(file_of(Path(sys.argv[1]))) as file:\n"
        "    print('ready', flush=True); sys.stdin.readline()\n"
        "    one = [Asked(Asking('theirs'), 'f' * 32, Result('answered', 1.0, ()), datetime.now(UTC))]\n"
        "    for _ in range(100): file.add(one)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with (
        opened(tmp_path) as file,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other,
    ):
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        for number in range(100):
            file.add([asked(f"ours {number}")])
        assert other.wait(timeout=60) == 0
    found = findings(tmp_path)
    assert (found.asked, found.different) == (200, 101)


def test_a_file_that_is_none_of_ours_is_left_alone(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    path = file_of(archive.path)
    path.write_bytes(b"what is this? " * 100)
    with serving(archive, keep_questions=True) as client:
        for _ in range(3):
            assert client.post("/v1/ask", json={"question": FERRY}).status_code == 200
        found = problem_of(client.get("/v1/questions"), 503)
        assert "questions.db" not in json.dumps(found)
        soon(lambda: 'onrecord_not_kept_total{why="unwritable"}' in client.get("/metrics").text)
    assert path.read_bytes() == b"what is this? " * 100
    assert caplog.text.count("until that is mended, what is asked is not kept") == 1


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as file:
        file._connection.execute("PRAGMA user_version = 2")
    with pytest.raises(QuestionsUnusable, match="upgrade onrecord"):
        Questions(file_of(tmp_path))


# Likeness ---------------------------------------------------------------------------------------------------------


def test_questions_that_want_the_same_are_put_together(encoder: Encoder) -> None:
    questions = [
        "When does the swimming pool reopen?",
        "how much is a ticket to the swimming pool",
        "What did the mayor say about the flood?",
        "swimming pool reopening date",
        "swimming pool prices",
        "What did the mayor say about parking charges?",
        "mayor on flooding",
        "lemon drizzle cake recipe",
    ]
    assert alike(encoder.encode_questions(questions)) == [[0, 3], [1, 4], [2, 6], [5], [7]]


def test_the_threshold_is_where_it_was_measured(encoder: Encoder) -> None:
    """On questions grouped by hand, in twenty orders: what is put together belongs together, and most of it is."""
    wants = [block.splitlines() for block in (Path(__file__).parent / "files/wants.txt").read_text().split("\n\n")]
    questions = np.array([question for want in wants for question in want])
    wanted = np.array([number for number, want in enumerate(wants) for _ in want])
    vectors, orders = encoder.encode_questions(questions.tolist()), np.random.default_rng(0)
    figures = []
    for _ in range(20):
        order = orders.permutation(len(questions))
        group = np.empty(len(order), int)
        for number, members in enumerate(alike(vectors[order])):
            group[order[members]] = number
        pairs = np.triu_indices(len(order), 1)
        together, belong = ((of[:, None] == of[None])[pairs] for of in (group, wanted))
        figures.append(((together & belong).sum() / together.sum(), (together & belong).sum() / belong.sum()))
    precision, recall = np.mean(figures, axis=0)
    assert LEAST == 0.7
    assert precision >= 0.9
    assert recall >= 0.65


def test_of_very_many_questions_those_that_are_not_compared_are_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.findings.MAX_COMPARED", 1)
    with opened(tmp_path) as file:
        file.add([asked(ZEBRA), asked("zebra crossing pancake")])
    assert [len(group.questions) for group in findings(tmp_path).unanswered] == [1, 1]


def test_vectors_of_another_model_are_not_compared(tmp_path: Path) -> None:
    with opened(tmp_path) as file:
        file.add([asked(ZEBRA)])
        (one,) = file.asked(date.min, -1)
        assert file.vectors([one]).keys() == {one.same}
        file.keep(Policy(kept=True, days=90, model="another"))
        assert file.vectors([one]) == {}
    assert [group.questions[0].question for group in findings(tmp_path).unanswered] == [ZEBRA]


# What the owner sees ----------------------------------------------------------------------------------------------

HOSTILE = "\x1b[31mred\x07\r\n\x9b2Jcleared \u2066isolated\u2028 <script>[bold]é 漢"


def command(archive: Archive, *arguments: str) -> str:
    done = CliRunner().invoke(cli.app, ["questions", "--archive", str(archive.path), *arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_the_command_says_how_to_keep_questions_where_none_are(archive: Archive) -> None:
    assert "ONRECORD_KEEP_QUESTIONS=true" in command(archive)
    found = json.loads(command(archive, "--json"))
    assert (found["kept"], found["questions"]) == (False, [])
    assert "ONRECORD_KEEP_QUESTIONS=true" in found["note"]
    assert not file_of(archive.path).exists()


def test_what_visitors_typed_reaches_a_terminal_as_text(archive: Archive) -> None:
    with opened(archive.path) as file:
        file.add([asked(HOSTILE), asked("x" * 500), asked(FERRY, ONCE, filters=Filters(author=HOSTILE))])
    for arguments in ((), ("--unanswered",)):
        printed = command(archive, *arguments)
        assert not set(printed) & set("\x1b\x07\r\x9b\u2066\u2028")
        assert r"\x1b[31mred\x07 \x9b2Jcleared \u2066isolated <script>[bold]é 漢" in " ".join(printed.split())
        assert max(map(len, printed.splitlines())) <= 120
    shown = command(archive, "--json")
    assert shown.isascii()
    assert HOSTILE in [one["question"] for one in json.loads(shown)["questions"]]


def test_the_draft_of_an_evaluation_set_is_read_by_the_evaluation(archive: Archive, tmp_path: Path) -> None:
    passages = {one.text: one.id for one in archive.passages(archive.article(HARBOUR.id))}
    (liked,) = (passage_id for text, passage_id in passages.items() if text.startswith(SAID))
    (other, *_) = (passage_id for passage_id in passages.values() if passage_id != liked)
    whole = asked("will the ferry cost more?", Result("answered", 0.8, (other, liked)))
    ferry = asked(FERRY, Result("answered", 0.9, (liked,)), filters=Filters(publisher="The Tidewater Gazette"))
    reread = asked("pancakes?", read_as=ReadAs(topic="pancakes"))
    refused = asked("who should have to swim?")
    with opened(archive.path) as file:
        file.add([ferry, whole, asked(ZEBRA), asked(ZEBRA), asked(f"{ZEBRA} now"), reread, asked("nobody votes", ONCE)])
        file.add([refused])
        ballots = [
            ("helpful", ferry, liked),
            ("unhelpful", ferry, other),
            ("helpful", whole, None),
            ("helpful", refused, liked),
        ]
        file.add(
            [
                vote(verdict, f"{number:016}", passage_id=on, query_id=of.query_id)
                for number, (verdict, of, on) in enumerate(ballots)
            ]
        )
    target = tmp_path / "draft.jsonl"
    assert "3 with proposed gold, 2 that nothing answered" in command(archive, "--export", str(target))
    drafted = {one.question: one for one in load(target)}
    validate(drafted.values(), {HARBOUR.id: HARBOUR.text})
    assert [gold.quote for gold in drafted[FERRY].gold] == [text for text, of in passages.items() if of == liked]
    assert (drafted[FERRY].answerable, drafted[FERRY].filters) == (True, {"publisher": "The Tidewater Gazette"})
    assert [gold.quote for gold in drafted[whole.asking.question].gold] == [
        text for text, of in passages.items() if of == other
    ]
    assert drafted["who should have to swim?"].gold == drafted[FERRY].gold
    assert (drafted[ZEBRA].answerable, drafted[ZEBRA].gold, drafted[ZEBRA].kind) == (False, (), "unanswered")
    assert f'Like it: "{ZEBRA} now"' in str(drafted[ZEBRA].note)
    assert '"topic": "pancakes"' in str(drafted["pancakes?"].note)
    assert all(str(one.note).startswith("DRAFT") for one in drafted.values())
    assert target.stat().st_mode & 0o777 == 0o600
    again = CliRunner().invoke(cli.app, ["questions", "--archive", str(archive.path), "--export", str(target)])
    assert "is there already" in str(again.exception)


def test_nothing_is_drafted_of_an_article_that_no_longer_says_it(archive: Archive) -> None:
    (passage, *_) = archive.passages(archive.article(HARBOUR.id))
    ferry = asked(FERRY, Result("answered", 0.9, (passage.id,)))
    with opened(archive.path) as file:
        file.add([ferry, vote("helpful", "x" * 16, passage_id=passage.id, query_id=ferry.query_id)])
    archive.put([draft(replace(HARBOUR, text="The ferry was sold."))])
    done = CliRunner().invoke(cli.app, ["questions", "--archive", str(archive.path), "--export", "draft.jsonl"])
    assert "nothing to write" in str(done.exception)
