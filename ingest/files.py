"""Files that somebody else made: how much of them is read."""

import gzip
import io
from pathlib import Path
from typing import Any, BinaryIO, cast

from retrieval.errors import SourceError

# gzip can make a thousand bytes of one. Text comes to ten, and what repeats itself to a hundred; judged from some size
# on, since small files do no harm.
_MOST_OF_ONE = 250
_JUDGED_FROM = 64_000_000


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


def unpacked(path: Path) -> BinaryIO:
    """A file that is compressed by gzip, to be read bit by bit.

    Reading it raises SourceError where it was made to unpack to what no disk holds.
    """
    return cast(BinaryIO, io.BufferedReader(_Unpacked(path), 1 << 17))


class _Unpacked(io.RawIOBase):
    def __init__(self, path: Path) -> None:
        self._name = str(path)
        self._packed = path.open("rb")
        self._unpacked = gzip.GzipFile(fileobj=self._packed)
        self._made = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._unpacked.readinto(buffer)
        self._made += count
        if self._made > _JUDGED_FROM and self._made > _MOST_OF_ONE * self._packed.tell():
            raise SourceError(
                self._name, f"unpacks to more than {_MOST_OF_ONE} times its size, which no text does; it is no archive"
            )
        return count

    def close(self) -> None:
        self._unpacked.close()
        self._packed.close()
        super().close()


def unreadable(where: str, error: OSError) -> SourceError:
    """The error of a file that the system does not let be read."""
    return SourceError(where, f"cannot be read: {error.strerror or error}")
