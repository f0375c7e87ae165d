"""Archives to be put into shards, what they hold however they are, and a process that is killed while it puts one.

    python -m tests.resharding FOLDER FIRST STRIDE

An archive is put into shards by a child process that is killed at a write step (see ``tests.retrieval.crashing``);
then by another that is not. Both times the archive is compared with what it has to hold. Prints a line of JSON: at how
many steps it was killed, and what was wrong.
"""

import json
import shutil
import signal
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ingest.chunk import Chunker
from ingest.pipeline import draft
from retrieval import Archive, Article
from retrieval.sharded.manifest import Manifest, owner
from retrieval.sharded.resharding import reshard
from retrieval.types import Reading
from tests.hashing import HashingEncoder
from tests.retrieval.crashing import die_at, forked, void

STORY = (
    "The council voted on Tuesday to keep the night ferry to the island for another year.\n\n"
    "“Nobody who lives on this island can go through a winter without the night ferry to the mainland,” "
    "said Ines Okafor, the mayor of Port Ellis.\n\n"
    "The harbour master had asked for a new engine, which is to be paid for by the company from the mainland.\n\n"
    "“We were never asked,” Tom Ashby told the meeting, and left the hall before the others could answer him."
)
READINGS = [
    Reading("papers", "a.html", "12-34", ("story-1",), (("a.html:3", "no title"),), "2026-01-02T03:04:05+00:00")
]
# Not of articles, and beside them.
OTHERS = {"keys.json": '{"keys": []}', "questions.db": "what visitors asked"}

# What rows of each table tell whatever their numbers are.
_TOLD = {
    "articles": "SELECT id, version, fingerprint, title, text, voice, removed, extra, pages, published, ended IS NULL "
    "FROM articles",
    "passages": 'SELECT p.article_id, p.version, p.start, p."end", p.ended IS NULL, sentences, statements, '
    "terms, cuts, spoken, vector_key, vector, checksum "
    "FROM passages p JOIN articles a ON id = p.article_id AND a.version = p.version",
    "people": "SELECT * FROM people",
    "called": "SELECT * FROM called",
    "held": "SELECT * FROM held",
    "said": "SELECT article_id, version, start, name FROM said JOIN passages ON key = passage",
    "words": "SELECT article_id, first_day, last_day, context, terms FROM words JOIN changes ON number = change",
    "prints": "SELECT article_id, sketch, quoted FROM prints JOIN changes ON number = change",
    "sketched": "SELECT s.number, article_id FROM sketched s JOIN changes c ON c.number = s.change",
    "quoted": 'SELECT q.number, article_id, start, "end" FROM quoted q JOIN changes c ON c.number = q.change',
    "readings": "SELECT * FROM readings",
}


def encoder(*_: object) -> HashingEncoder:
    return HashingEncoder()


def put(archive: Archive, *articles: Article) -> None:
    chunker = Chunker(archive.encoder.count, archive.encoder.window, tokens=40)
    archive.put([draft(article, chunker) for article in articles])


def make(folder: Path) -> None:
    """An archive in one piece with copies, earlier versions, articles that are gone, and one that has come back."""
    with Archive.create(folder, {"passage_tokens": "40"}, model="hashing", load_encoder=encoder) as archive:
        put(archive, *(Article(f"story-{n}", f"{STORY}\n\nPrinted by paper number {n}.") for n in range(6)))
        put(archive, *(Article(f"bees-{n}", f"Hive {n} was full of bees that year.", title="Bees") for n in range(8)))
        put(archive, *(Article(f"bees-{n}", f"Hive {n} was empty.", published="2019-05") for n in range(0, 8, 2)))
        for name in ("bees-0", "bees-1", "story-5"):
            archive.delete(name)
        put(archive, Article("bees-1", "“The hive is back,” said Ines Okafor."), Article("empty", ""))
        archive.put_readings(READINGS)
    add_others(folder)


def add_others(folder: Path) -> None:
    for name, content in OTHERS.items():
        (folder / name).write_text(content, encoding="utf-8")


def parts(folder: Path) -> list[Path]:
    """The folders of the ordinary archives that an archive consists of."""
    return Manifest.read(folder).paths(folder) if Manifest.exists(folder) else [folder]


def opened(folder: Path) -> Archive:
    return Archive.open(folder, load_encoder=encoder)


def held(folder: Path) -> dict[str, Any]:
    """All that is told by an archive, in however many shards it is."""
    told: defaultdict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    changes: defaultdict[str, list[int]] = defaultdict(list)
    for part in parts(folder):
        with closing(sqlite3.connect(part / "archive.db")) as connection:
            for table, query in _TOLD.items():
                told[table].update(connection.execute(query))
            for article_id, version in connection.execute("SELECT article_id, version FROM changes ORDER BY number"):
                changes[article_id].append(version)
            for term, passages in connection.execute("SELECT term, passages FROM terms"):
                told["terms"][term,] += passages
    return {"changes": dict(changes), **{table: +rows for table, rows in told.items()}}


def pairs(folder: Path) -> set[tuple[str, str]]:
    """Which articles are known in their shards to be copies of each other."""
    found = set()
    for part in parts(folder):
        with opened(part) as archive:
            ids = [one.article.id for one in archive.articles()[0]]
            found |= {(id_, other.article.id) for id_ in ids for other in archive.copies(id_)}
    return found


def wrong(folder: Path, expected: dict[str, Any]) -> list[str]:
    """What of an archive is not as it was, or not sound."""
    found = [f"{table} differ" for table, rows in held(folder).items() if rows != expected[table]]
    shards = parts(folder)
    for number, part in enumerate(shards):
        with opened(part) as archive:
            found += [f"shard {number}: {fault}" for fault in archive.verify(every_vector=True)]
            ids = [one.article.id for one in archive.articles()[0]]
        if Manifest.exists(folder):
            found += [f"{id_} is in shard {number}" for id_ in ids if owner(id_, len(shards)) != number]
    for name, content in OTHERS.items():
        if (folder / name).read_text(encoding="utf-8") != content:
            found.append(f"{name} differs")
    return found


def left_over(folder: Path) -> set[str]:
    """What is in the folder of an archive in shards and should not be."""
    shards = Manifest.read(folder)
    there = {str(path.relative_to(folder)) for path in (*folder.glob("*"), *folder.glob("shards/*"))}
    there |= {str(path.relative_to(folder)) for path in folder.glob("shards/*/*")}
    generation = f"shards/{shards.generation}"
    return there - {*OTHERS, *shards.folders, generation, "shards", "shards.json", "model", "lock"}


def killed_at(original: Path, folder: Path, shards: Sequence[int], stop_at: int) -> tuple[bool, list[str]]:
    """Whether there was such a step to be killed at, and what was wrong afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    expected = held(original)

    def put_into_shards() -> None:
        for number in shards[:-1]:
            reshard(folder, number)
        die_at(stop_at)
        reshard(folder, shards[-1])

    status = forked(put_into_shards)
    report = folder.with_suffix(".report")

    def look() -> None:
        problems = wrong(folder, expected)
        reshard(folder, shards[-1])
        problems += [f"afterwards, {one}" for one in wrong(folder, expected)]
        problems += [f"{name} is left over" for name in left_over(folder)]
        void(report.write_text(json.dumps(problems), encoding="utf-8"))

    found = json.loads(report.read_text(encoding="utf-8")) if forked(look) == 0 else ["it could not be looked at"]
    if status not in (0, -signal.SIGKILL):
        found.append(f"the child ended with {status}")
    return status == -signal.SIGKILL, [f"step {stop_at}: {one}" for one in found]


def main(folder: Path, first: int, stride: int) -> None:
    original = folder.with_suffix(".original")
    forked(lambda: make(original))
    found: list[str] = []
    kills, step = 0, first
    ways: list[Sequence[int]] = [(2,), (2, 3)]  # from one piece, and from other shards, in turn as far as each goes
    while ways:
        way = ways.pop(0)
        killed, problems = killed_at(original, folder, way, step)
        kills, step = kills + killed, step + stride
        ways += [way] if killed else []
        found += problems
    print(json.dumps({"kills": kills, "wrong": found}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
