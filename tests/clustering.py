"""Archives that are filled on Ray, and a process that is killed while it fills one.

    python -m tests.clustering FOLDER SOURCE ADDRESS

Ingests on the Ray at an address, and kills itself as soon as any shard has taken anything.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ingest.cluster.connection import connected
from ingest.pipeline import Summary, archive_settings
from ingest.pipeline import ingest as plainly
from ingest.read import read
from retrieval import Archive
from retrieval.sharded.archive import ShardedArchive
from tests.hashing import HashingEncoder

SETTINGS = archive_settings(20)


def encoder(*_: object) -> HashingEncoder:
    return HashingEncoder()


class Another(HashingEncoder):
    fingerprint = "0" * 64


def another(*_: object) -> HashingEncoder:
    return Another()


def make(folder: Path, shards: int) -> Path:
    ShardedArchive.make(folder, shards, SETTINGS, load_encoder=encoder)
    return folder


def ingest_plainly(folder: Path, sources: Sequence[Path]) -> Summary:
    """What an archive in one piece makes of sources."""
    with Archive.create(folder, SETTINGS, load_encoder=encoder) as archive:
        return plainly(archive, read(map(str, sources)))


def write(path: Path, articles: int) -> Path:
    """Articles in which somebody is quoted, of some twenty passages each, none a copy of another."""
    chance = random.Random(7)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(2000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(articles):
            said = "\n\n".join(
                f"“The {' '.join(chance.choices(words, k=14))},” said Ines Okafor, the mayor of Port Ellis. "
                f"Nobody knew why {' '.join(chance.choices(words, k=14))}."
                for _ in range(4)
            )
            file.write(json.dumps({"id": f"ferry-{number}", "title": f"Ferry {number}", "text": said}) + "\n")
    return path


def die(summary: Summary) -> None:
    """What is called with each progress."""
    if summary.new:
        os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, source: str, address: str) -> None:
    with connected(address):
        from ingest.cluster.run import ingest

        ingest(folder, [source], load_encoder=encoder, on_progress=die)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
