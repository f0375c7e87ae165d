"""A process that is killed at each of its write steps in turn, and what is left of the archive each time.

    python -m tests.retrieval.crashing FOLDER FIRST STRIDE

A write step is a statement of SQL that does not only read (one that is repeated with other values counts once), or a
file that is opened for writing, renamed or removed. For each step, from the first by the stride, a child process does
all that can be done to an archive, is killed there, and tells before each next operation that the last one is done.
Then the archive is opened as any process would, and compared with what it has to hold. Prints a line of JSON: at how
many steps it was killed, and what was wrong.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ingest.chunk import Chunker
from ingest.pipeline import draft, ingest_articles
from retrieval import Archive, Article
from tests.hashing import HashingEncoder

SETTINGS = {"passage_tokens": "40"}

FERRY = Article("ferry", "The ferry sails at noon. “It is never late,” said Ines Okafor.", published="2019-05-03")
LATER = Article("ferry", "The ferry sails at midnight. “It was late,” said Ines Okafor.", published="2019-05-03")
TRAIN = Article("train", "The train leaves at ten.\n\nNobody is ever on board of it.", title="Trains")
BEES = [Article(f"bees-{n}", f"Hive number {n} was full of bees. The winter was mild.") for n in range(2)]

Contents = dict[str, tuple[int, str]]
Operation = tuple[str, Callable[[Archive], object]]


def put(articles: Sequence[Article], archive: Archive) -> None:
    """Put articles without the catching up that ``ingest_articles`` ends with."""
    chunker = Chunker(archive.encoder.count, archive.encoder.window, tokens=40)
    archive.put([draft(article, chunker) for article in articles])


def operations(folder: Path) -> list[Operation]:
    """What is done, one after the other; each is acknowledged when it returns."""
    return [
        ("put", partial(put, [FERRY, TRAIN])),
        ("ask", lambda archive: archive.ask("when does the ferry sail?")),
        ("ingest", lambda archive: ingest_articles(archive, BEES)),
        ("change", partial(put, [LATER])),
        ("ask", lambda archive: archive.ask("when does the ferry sail?")),
        ("delete", lambda archive: archive.delete("train")),
        ("backup", lambda archive: archive.backup(folder.with_suffix(".backup"))),
        ("compact", lambda archive: archive.compact()),
        ("put", partial(put, [TRAIN])),
        ("close", lambda archive: archive.close()),
    ]


def expected() -> list[Contents]:
    """What the archive holds after so many operations."""
    bees = {one.id: (1, one.text) for one in BEES}
    first = {"ferry": (1, FERRY.text), "train": (1, TRAIN.text)}
    changed = {**first, **bees, "ferry": (2, LATER.text)}
    deleted = {id_: held for id_, held in changed.items() if id_ != "train"}
    again = {**deleted, "train": (2, TRAIN.text)}
    return [{}, first, first, {**first, **bees}, changed, changed, deleted, deleted, deleted, again, again]


def opened(folder: Path) -> Archive:
    return Archive.create(folder, SETTINGS, model="hashing", load_encoder=lambda *_: HashingEncoder())


def run(folder: Path, acknowledged: int, stop_at: int) -> None:
    """In the child: do everything, tell of each operation that it is done, and be killed at a step."""
    die_at(stop_at)
    archive = opened(folder)
    for _, operation in operations(folder):
        operation(archive)
        os.write(acknowledged, b"+")


def die_at(stop_at: int) -> None:
    """In the child: be killed at a step of all that is done from now on."""
    steps = 0
    before = ""

    def step(statement: str = "") -> None:
        nonlocal steps, before
        form = statement.partition(" VALUES")[0]
        if form.lstrip().upper().startswith("SELECT") or (form and form == before):
            return
        before = form
        steps += 1
        if steps == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if (event == "open" and _writes(arguments)) or event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            step()

    connect = sqlite3.connect

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(step)
        return connection

    sqlite3.connect = connected  # type: ignore[assignment]
    sys.addaudithook(watch)


def _writes(arguments: tuple[object, ...]) -> bool:
    _, mode, flags = arguments
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR)) and mode != "r"


def left(folder: Path, done: int) -> list[str]:
    """What is wrong with an archive after ``done`` operations were acknowledged and one more may have been begun."""
    states = expected()
    possible = states[done : done + 2]
    with opened(folder) as archive:
        archive.refresh()  # as any question would: this mends what can be mended
        held = {
            one.article.id: (one.version, archive.article(one.article.id).article.text) for one in archive.articles()[0]
        }
        wrong = [str(fault) for fault in archive.verify(every_vector=True)]
        if held not in possible:
            wrong.append(f"{held} is neither of {possible}")
        found = {one.article_id for one in archive.nearest("ferry", 9, "lexical")}
        if found != {"ferry"} & held.keys():
            wrong.append(f"the ferry is found in {found}")
    backup = folder.with_suffix(".backup")
    if backup.exists():
        restored = folder.with_suffix(".restored")
        Archive.restore(backup, restored)
        with opened(restored) as archive:
            if {one.article.id for one in archive.articles()[0]} != states[6].keys() or archive.verify():
                wrong.append("the backup is not what was backed up")
        shutil.rmtree(restored)
        backup.unlink()
    return wrong


def forked(work: Callable[[], None]) -> int:
    """Do something in a child process; returns its exit code, negative for the signal that killed it."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001  nothing must get out of a forked child
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def stopped_at(folder: Path, stop_at: int) -> tuple[bool, list[str]]:
    """Whether there was such a step to be killed at, and what was wrong afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    reading, writing = os.pipe()
    status = forked(lambda: run(folder, writing, stop_at))
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        done = len(told.read())
    if status not in (0, -signal.SIGKILL):
        return False, [f"the child ended with {status}"]
    report = folder.with_suffix(".report")
    after = forked(lambda: void(report.write_text(json.dumps(left(folder, done)), encoding="utf-8")))
    wrong = json.loads(report.read_text(encoding="utf-8")) if after == 0 else ["the archive could not be opened"]
    return status != 0, [f"step {stop_at}, {done} done: {one}" for one in wrong]


def void(_: object) -> None:
    """For a lambda that is to return nothing."""


def main(folder: Path, first: int, stride: int) -> None:
    wrong: list[str] = []
    kills, killed = 0, True
    while killed:
        killed, found = stopped_at(folder, first + kills * stride)
        kills += killed
        wrong += found
    print(json.dumps({"kills": kills, "wrong": wrong}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
