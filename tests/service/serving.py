"""A whole service in a process of its own, with an encoder that is made in no time, so that it can be killed often.

python -m tests.service.serving FOLDER PORT
"""

import sys
from pathlib import Path

import uvicorn

from retrieval import Archive
from service.app import create_app
from service.server import options
from service.settings import Settings
from tests.hashing import HashingEncoder

SETTINGS = {"passage_tokens": "40"}


def main(folder: Path, port: int) -> None:
    with Archive.create(folder, SETTINGS, model="hashing", load_encoder=lambda *_: HashingEncoder()) as archive:
        serve(archive, port)


def serve(archive: Archive, port: int) -> None:
    settings = Settings(archive=archive.path, port=port)
    uvicorn.run(create_app(archive, settings), **options(settings))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
