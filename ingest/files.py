"""Files that somebody else made: how much of them is read."""

from pathlib import Path

from retrieval.errors import SourceError


def contents(path: Path, most: int) -> bytes:
    """All of a file.

    Args:
        path: The file.
        most: Bytes that it may have.

    Raises:
        SourceError: It has more, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise unreadable(str(path), error) from error
    if len(data) > most:
        raise SourceError(str(path), f"has more than {most // 1_000_000} MB, which no article has; split it")
    return data


def unreadable(where: str, error: OSError) -> SourceError:
    """The error of a file that the system does not let be read."""
    return SourceError(where, f"cannot be read: {error.strerror or error}")
