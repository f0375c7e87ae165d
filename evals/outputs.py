"""Files that a run is written to: looked at before the run, which may take long, and written whole or not at all."""

import os
from pathlib import Path

from retrieval.errors import EvaluationError
from retrieval.files import write_whole


def writable(path: Path, what: str) -> None:
    """Look whether something can be written to a file.

    Args:
        path: The file.
        what: What is to be written, for the error: "the report".

    Raises:
        EvaluationError: It cannot.
    """
    try:
        problem = _in_the_way(path.resolve())
    except (OSError, RuntimeError) as error:  # a name that is too long; links in a circle
        raise EvaluationError(f"{what} cannot be written to {path}: {error}") from error
    if problem:
        raise EvaluationError(f"{what} cannot be written to {path}: {problem}")


def write(path: Path, what: str, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        EvaluationError: It cannot be written.
    """
    writable(path, what)
    try:
        write_whole(path.resolve(), content)
    except OSError as error:
        raise EvaluationError(f"{what} cannot be written to {path}: {error.strerror}; name another file") from error


def _in_the_way(target: Path) -> str | None:
    if target.exists() and not target.is_file():
        return "that is no file; name one"
    if not target.parent.is_dir():
        return f"there is no folder {target.parent}; make it, or name another one"
    if not os.access(target.parent, os.W_OK):
        return "you may not write to that folder; name another one"
    return None
