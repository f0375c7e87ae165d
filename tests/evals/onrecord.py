"""What a bench asks of the command line, with an encoder that is made in no time.

python -m tests.evals.onrecord COMMAND ARGUMENT --archive DIR ...
"""

import argparse
import json
from pathlib import Path

from ingest.pipeline import archive_settings, ingest
from ingest.read import read
from retrieval import Archive
from tests.hashing import HashingEncoder


def make(folder: Path) -> Archive:
    return Archive.create(folder, archive_settings(), model="hashing", load_encoder=lambda *_: HashingEncoder())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("argument", nargs="?", default="")
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with make(given.archive) as archive:
        if given.command == "ingest":
            print(json.dumps({"passages": ingest(archive, read([given.argument])).passages}))  # noqa: T201
        elif given.command == "ask":
            print(len(archive.ask(given.argument).passages))  # noqa: T201
        else:
            from tests.service.serving import serve  # what the others need not wait for

            serve(archive, given.port)


if __name__ == "__main__":
    main()
