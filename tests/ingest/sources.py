"""Files for the tests of readers, and what reading them gives."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.documents import Document
from ingest.read import read
from retrieval.errors import SourceError


def taken(path: Path, **options: Any) -> list[Document]:
    """The articles of a file that is read without an error."""
    items = list(read([str(path)], options=options))
    problems = [str(item) for item in items if isinstance(item, SourceError)]
    assert not problems
    return [item for item in items if isinstance(item, Document)]


def one(path: Path, **options: Any) -> Document:
    """The one article of a file."""
    (document,) = taken(path, **options)
    return document


def refusals(path: Path, **options: Any) -> list[str]:
    """The errors of a file."""
    return [str(item) for item in read([str(path)], options=options) if isinstance(item, SourceError)]


def refusal(path: Path, **options: Any) -> str:
    """The one error of a file that gives no article, which begins with its name."""
    (item,) = read([str(path)], options=options)
    assert isinstance(item, SourceError), item
    assert str(item).startswith(str(path))
    return str(item)


def put(folder: Path, name: str, content: bytes | str) -> Path:
    """A file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def packed(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """A ZIP archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
