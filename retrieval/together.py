"""Vectors of questions, encoded several at once where several are wanted: the weights are read once for all of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from retrieval.encoder import Vectors

# Questions of a batch: a lone one costs four times what each of sixteen does, and more gain little.
_AT_ONCE = 32
_KEPT = 1024


class Together:
    """Encodes a question with those that are expected by then; the last ones are kept. Any thread may use it.

    A lone question never waits for company. Of several threads one encodes for all that wait.
    """

    def __init__(self, encode: Callable[[Sequence[str]], Vectors]) -> None:
        """Nothing is expected yet.

        Args:
            encode: Called by one thread at a time; returns shape ``(len(texts), dimension)``.
        """
        self._encode = encode
        self._encoding = threading.Lock()
        self._guard = threading.Lock()
        self._expected: OrderedDict[str, None] = OrderedDict()
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    def expect(self, text: str) -> None:
        """Say that this will be asked for: it is encoded with the next that is."""
        with self._guard:
            if text not in self._kept:
                self._expected[text] = None

    def vector(self, text: str) -> Vectors:
        """The unit vector of a text, of shape ``(dimension,)``."""
        if (known := self._known(text)) is not None:
            return known
        self.expect(text)
        with self._encoding:
            if (known := self._known(text)) is not None:
                return known  # whoever was here before has taken it along
            texts = self._taken(text)
            # Each a copy: a view would keep all of its batch in memory.
            found: dict[str, Vectors] = {one: row.copy() for one, row in zip(texts, self._encode(texts), strict=True)}
            with self._guard:
                self._kept |= found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return found[text]

    def _known(self, text: str) -> Vectors | None:
        with self._guard:
            if text in self._kept:
                self._kept.move_to_end(text)
            return self._kept.get(text)

    def _taken(self, text: str) -> list[str]:
        """A text, and those that have been expected for longest."""
        with self._guard:
            self._expected.pop(text, None)
            others = [self._expected.popitem(last=False)[0] for _ in range(min(len(self._expected), _AT_ONCE - 1))]
        return [text, *others]
