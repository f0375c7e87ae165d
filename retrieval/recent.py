"""What was read lately and need not be read again."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, as many as there is room for; any thread may use it.

    The older half makes room, all at once: nothing has to be kept in order, and no lock is held while it is read. Of
    two threads that make room at the same moment one may drop more than it had to, which is then read again.
    """

    def __init__(self, room: int) -> None:
        """Nothing is known yet.

        Args:
            room: How much is kept at most, in whatever unit ``put`` is given sizes in.
        """
        self._half = room // 2
        self._used = 0
        self._newer: dict[Key, Value] = {}
        self._older: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """The value of a key, None if it is not known."""
        found = self._newer.get(key)
        return self._older.get(key) if found is None else found

    def put(self, key: Key, value: Value, size: int = 1) -> None:
        """Keep a value; what was put for the same key must have been the same."""
        if self._used + size > self._half:
            self._newer, self._older, self._used = {}, self._newer, 0
        self._newer[key] = value
        self._used += size
