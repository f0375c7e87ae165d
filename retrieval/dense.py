"""Nearest passages by meaning: FAISS over the unit vectors of the passages; the only importer of faiss.

The file is one header line (how far it has come, the model, SHA-256 of the rest) and the serialised index, checked
before FAISS parses it: FAISS trusts what it reads.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.caches import Missing, Unusable, header, read_header, sha256
from retrieval.encoder import Vectors
from retrieval.files import write_whole
from retrieval.store import START, Keys, State, Store

Scores = NDArray[np.float32]


class DenseIndex:
    """Exact inner product over unit vectors, which is their cosine.

    FAISS lets many search at once, and nobody beside a change: ``retrieval.indexes`` sees to that.

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

    def load(self, path: Path) -> None:
        """Take over what ``save`` wrote.

        Raises:
            Unusable: The file is missing, damaged or of another model; the index stays empty.
        """
        if not path.exists():
            raise Missing("it is missing")
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

    def prepare(self, store: Store, target: State) -> Callable[[], None]:
        """Read what changed up to ``target``, inside ``store.reading()``; returns what applies it, beside no search."""
        gone = store.ended_since(self.state.number)
        added = store.vectors_since(self.state.number)
        if not len(self):
            # There may be very many: they go straight into the index that takes the place of the empty one.
            filled = _empty(self.dimension)
            for keys, vectors in added:
                filled.add_with_ids(vectors, keys)
            return lambda: self._exchange(filled, target)
        batches = list(added)

        def apply() -> None:
            if len(gone):
                self._index.remove_ids(gone)
            for keys, vectors in batches:
                self._index.add_with_ids(vectors, keys)
            self.state = target

        return apply

    def _exchange(self, index: Any, state: State) -> None:
        self._index, self.state = index, state

    def search(self, vector: Vectors, k: int, allowed: Keys | None) -> tuple[Keys, Scores]:
        """The ``k`` passages nearest to a unit vector, best first, and their cosines.

        Args:
            vector: Shape ``(dimension,)``.
            k: How many at most.
            allowed: Only these passages; None for all. Applied inside the search, so that it never leaves
                fewer than k where there are k.
        """
        parameters = None if allowed is None else _only(allowed)
        scores, keys = self._index.search(vector[None, :], k, params=parameters)
        found = keys[0] >= 0
        return keys[0][found], scores[0][found]

    def vectors(self) -> tuple[Keys, Vectors]:
        """All keys and their vectors, shape ``(len(self), dimension)``."""
        keys = faiss.vector_to_array(self._index.id_map)
        return keys, faiss.downcast_index(self._index.index).reconstruct_n(0, len(self))

    def __len__(self) -> int:
        return int(self._index.ntotal)


def _only(allowed: Keys) -> Any:
    selector: Any = faiss.IDSelectorBatch(allowed)
    parameters: Any = faiss.SearchParameters
    return parameters(sel=selector)


def _empty(dimension: int) -> Any:
    return faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
