"""Nearest passages by meaning: FAISS over the unit vectors of the passages; the only importer of faiss.

The file is one header line (how far it has come, the model, SHA-256 of the rest) and the serialised index, checked
before FAISS parses it: FAISS trusts what it reads.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.caches import Unusable, header, read_header, sha256, write_whole
from retrieval.encoder import Vectors
from retrieval.store import START, Keys, State, Store

Scores = NDArray[np.float32]


class DenseIndex:
    """Exact inner product over unit vectors, which is their cosine.

    Attributes:
        state: How far the index has come with the archive's changes.
    """

    def __init__(self, dimension: int, model: str) -> None:
        """An empty index.

        Args:
            dimension: Length of a vector.
            model: Fingerprint of the model that the vectors are of.
        """
        self.dimension = dimension
        self.state = START
        self._model = model
        self._index = _empty(dimension)
        self._access = _SharedAccess()

    def load(self, path: Path) -> None:
        """Take over what ``save`` wrote.

        Raises:
            Unusable: The file is missing, damaged or of another model; the index stays empty.
        """
        if not path.exists():
            raise Unusable("it is missing")
        line, _, payload = path.read_bytes().partition(b"\n")
        state, said = read_header(line)
        if said.get("sha256") != sha256(payload):
            raise Unusable("its checksum is wrong")
        if said.get("model") != self._model:
            raise Unusable("it is of another model")
        self._index = faiss.deserialize_index(np.frombuffer(payload, np.uint8))
        self.state = state

    def save(self, path: Path) -> None:
        """Write the index, whole or not at all."""
        payload = faiss.serialize_index(self._index).tobytes()
        write_whole(path, header(self.state, model=self._model, sha256=sha256(payload)), payload)

    def catch_up(self, store: Store, target: State) -> None:
        """Apply the changes up to ``target``; call it inside ``store.reading()``."""
        gone = store.ended_since(self.state.number)
        with self._access.alone():
            if len(gone):
                self._index.remove_ids(gone)
            for keys, vectors in store.vectors_since(self.state.number):
                self._index.add_with_ids(vectors, keys)
            self.state = target

    def search(self, vector: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Scores]:
        """The ``k`` passages nearest to a unit vector, best first, and their cosines.

        Args:
            vector: Shape ``(dimension,)``.
            k: How many at most.
            allowed: Only these passages; None for all. Applied inside the search, so that it never leaves
                fewer than k where there are k.
        """
        with self._access.shared():
            parameters = None if allowed is None else _only(allowed)
            scores, keys = self._index.search(vector[None, :], k, params=parameters)
        found = keys[0] >= 0
        return keys[0][found], scores[0][found]

    def __len__(self) -> int:
        return int(self._index.ntotal)


def _only(allowed: Keys) -> Any:
    selector: Any = faiss.IDSelectorBatch(allowed)
    parameters: Any = faiss.SearchParameters
    return parameters(sel=selector)


def _empty(dimension: int) -> Any:
    return faiss.IndexIDMap(faiss.IndexFlatIP(dimension))


class _SharedAccess:
    """Many may search at once, one may change alone: FAISS allows the first and not the second beside it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._readers = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._condition:
            self._readers += 1
        try:
            yield
        finally:
            with self._condition:
                self._readers -= 1
                self._condition.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._condition:
            while self._readers:
                self._condition.wait()
            yield
