"""Reading files of one JSON object a line, with errors that name the file, the line and one problem."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from retrieval.errors import EvaluationError

Row = dict[str, object]

_T = TypeVar("_T", str, bool, list[object], dict[str, object])

_NAMES = {str: "a string", bool: "true or false", list: "a list", dict: "an object"}


def rows(path: Path) -> Iterator[tuple[Row, str]]:
    """The objects of a file, each with where it stands: ``FILE:LINE``. Empty lines are skipped.

    Raises:
        EvaluationError: The file cannot be read, or a line is no object.
    """
    for line, where in lines(path):
        yield parse(line, where), where


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file that are not empty, each with where it stands: ``FILE:LINE``.

    Raises:
        EvaluationError: The file cannot be read.
    """
    try:
        # A line ends at a line feed only: JSON allows what else breaks lines, such as U+2028, inside a string.
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield line.rstrip("\n"), f"{path}:{number}"
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8; save it as UTF-8") from error


def parse(line: str, where: str) -> Row:
    """The object that a line is.

    Raises:
        EvaluationError: It is none.
    """
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{where}: not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise EvaluationError(f"{where}: not JSON of a question: its brackets go too deep") from error
    return typed(row, dict, where, "the line")


def only(row: Row, known: frozenset[str], where: str, what: str) -> None:
    """See that a row has no other keys than the known ones; ``what`` is what a key is called to its writer.

    Raises:
        EvaluationError: It has one; a misspelt name would otherwise be passed over in silence.
    """
    unknown = sorted(row.keys() - known)
    if unknown:
        raise EvaluationError(f"{where}: unknown {what} {unknown[0]!r}; known are {', '.join(sorted(known))}")


def need(row: Row, name: str, where: str) -> object:
    """The value of a key that has to be there.

    Raises:
        EvaluationError: It is not.
    """
    if name not in row:
        raise EvaluationError(f"{where}: {name!r} is missing")
    return row[name]


def text(row: Row, name: str, where: str) -> str:
    """A string that has to be there and to hold more than white space.

    Raises:
        EvaluationError: It is missing, no string or empty.
    """
    value = typed(need(row, name, where), str, where, repr(name))
    if not value.strip():
        raise EvaluationError(f"{where}: {name!r} is empty")
    return value


def typed(value: object, kind: type[_T], where: str, what: str) -> _T:
    """A value that has to be of a kind; ``what`` names the value.

    Raises:
        EvaluationError: It is of another.
    """
    if not isinstance(value, kind):
        raise EvaluationError(f"{where}: {what} has to be {_NAMES[kind]}, not {json.dumps(value)[:60]}")
    return value
