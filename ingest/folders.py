"""Which files in a folder are articles."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingest.files import unreadable
from ingest.readers import known_suffixes, reader_of
from ingest.sidecar import SIDECARS
from retrieval.errors import SourceError


def files_of(source: str) -> Iterator[Path | SourceError]:
    """The file that a path names, or the articles in a folder, in the order of their paths.

    In a folder these are passed over: hidden files and folders, links to folders, files of an unknown suffix,
    sidecars, and Markdown files named in capitals (README.md, SOURCES.md), which are about the folder.
    """
    path = Path(source)
    if path.is_dir():
        yield from _nonempty(source, _walk(source))
    elif not path.exists():
        yield SourceError(source, "there is no such file or folder")
    elif reader_of(path.name) is None:
        yield SourceError(source, f"unknown kind of file; its name has to end in {known_suffixes()}")
    elif not path.is_file():
        yield SourceError(source, "this is no file but a device or a pipe; to read a pipe, name it -")
    else:
        yield path


def passed_over(source: str) -> Counter[str]:
    """How many files in a folder are of kinds that nothing reads, by their suffixes; empty for a file."""
    found: Counter[str] = Counter()
    for _, folders, names in os.walk(source):
        folders[:] = [one for one in folders if not one.startswith(".")]
        others = (name for name in names if not name.startswith(".") and not name.endswith(SIDECARS))
        found.update(Path(name).suffix.lower() or "without suffix" for name in others if reader_of(name) is None)
    return found


def _nonempty(source: str, paths: Iterator[Path | SourceError]) -> Iterator[Path | SourceError]:
    first = next(paths, None)
    if first is None:
        yield SourceError(source, f"no articles in this folder; their names have to end in {known_suffixes()}")
    else:
        yield from itertools.chain([first], paths)


def _walk(folder: str) -> Iterator[Path | SourceError]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield unreadable(folder, error)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif _is_article(entry.name) and entry.is_file():
            yield Path(entry.path)


def _is_article(name: str) -> bool:
    found = reader_of(name)
    if found is None or name.endswith(SIDECARS):
        return False
    reader, suffix = found
    return not (reader.name == "Markdown" and name.removesuffix(suffix).isupper())
