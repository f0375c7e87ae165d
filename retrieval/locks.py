"""Who waits for whom: one lock among all threads and processes, one among the threads that search and update."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from retrieval.errors import ArchiveMissing


class ProcessLock:
    """A lock that one thread of one process holds at a time; the system lets go of it when the process ends."""

    def __init__(self, path: Path) -> None:
        """Nothing is locked yet.

        Args:
            path: A file to lock, made when it is needed; nothing is ever written into it.
        """
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait until everybody else has let go.

        Raises:
            ArchiveMissing: The folder that the file lies in is not there any more.
        """
        with self._threads, _opened(self._path) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except FileNotFoundError as error:
        raise ArchiveMissing(f"{path.parent} is there no longer; open the archive again") from error


class Share:
    """One thread's part in a ``SharedAccess``."""

    def __init__(self, access: "SharedAccess") -> None:
        self._access: SharedAccess | None = access

    def end(self) -> None:
        """Let go; once is enough, more does no harm."""
        access, self._access = self._access, None
        if access is not None:
            access.leave()


class SharedAccess:
    """Many may search at once, one may change alone; whoever waits to change goes before those who come to search."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._searching = 0
        self._changing = False

    @contextmanager
    def shared(self) -> Iterator[Share]:
        """Search; until the end of the block, or of the share."""
        with self._condition:
            self._condition.wait_for(lambda: not self._changing)
            self._searching += 1
        share = Share(self)
        try:
            yield share
        finally:
            share.end()

    def leave(self) -> None:
        """End one share; ``Share.end`` calls it."""
        with self._condition:
            self._searching -= 1
            self._condition.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Change."""
        with self._condition:
            self._condition.wait_for(lambda: not self._changing)
            self._changing = True
            self._condition.wait_for(lambda: not self._searching)
        try:
            yield
        finally:
            with self._condition:
                self._changing = False
                self._condition.notify_all()
