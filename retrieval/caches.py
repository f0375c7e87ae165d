"""What the two caches share: a header that says what a cache was made from, and writing that is all or nothing."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retrieval.store import State


class Unusable(Exception):
    """A cache file is missing, damaged, or made from something else, and is made anew; the message is for the log."""


def write_whole(path: Path, *parts: bytes, mode: int = 0o666) -> None:
    """Write a file so that a reader, and whoever comes after a power cut, sees the old or the new one whole.

    Args:
        path: The file.
        parts: What it shall hold.
        mode: Who may do what with it, as far as the process's umask lets them.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)  # it would keep its own mode
    with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def header(state: State, **described: Any) -> bytes:
    """A line that says how far a cache has come and what else identifies it."""
    return json.dumps({"number": state.number, "digest": state.digest, **described}, sort_keys=True).encode() + b"\n"


def read_header(line: bytes) -> tuple[State, Mapping[str, Any]]:
    """What ``header`` wrote.

    Raises:
        Unusable: It is something else.
    """
    try:
        said = json.loads(line)
        return State(int(said.pop("number")), str(said.pop("digest"))), said
    except (ValueError, KeyError, AttributeError) as error:
        raise Unusable("its header is damaged") from error


def sha256(data: bytes | memoryview) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
