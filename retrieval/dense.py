"""Nearest passages by meaning, over the unit vectors of the passages; the only importer of faiss.

Up to ``EXACT`` passages every vector is looked at, in half precision. Beyond, all are first compared by one bit for
each coordinate, and the nearest of them by eight. Nothing of that is trained: what stands for a vector depends on that
vector alone, and what is found on the set of vectors alone, not on the order or the steps in which they came
(docs/decisions.md, "The dense index").

The file is one header line (how far it has come, the model, SHA-256 of the rest) and the arrays, checked before
anything of them is parsed: FAISS trusts what it reads.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.caches import Missing, Unusable, header, read_header
from retrieval.columns import Columns, Mask
from retrieval.encoder import Vectors
from retrieval.files import write_whole
from retrieval.store import START, Keys, State, Store
from retrieval.types import Filters

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]
_File = tuple[int, int]

EXACT = 20_000
"""So many passages are compared in half precision, which takes about as long as any search may."""

# So many of those that are nearest by bits are compared by bytes: see docs/performance.md, the dense index.
_DEPTH = 1_500
# So many are compared by bytes without asking the bits.
_FEW = 12_000
# Rows that are worked on at once: what they take stays in the processor's second cache.
_BLOCK = 256
# Deleted rows are passed over, and taken out once they are more than this part of all.
_DEAD = 1 / 16


class _Layout(Protocol):
    """How vectors are held, a row each. Many may search at once, and nobody beside ``append``."""

    kind: str

    def encode(self, vectors: Vectors) -> Any:
        """What stands for these vectors here."""
        ...

    def append(self, encoded: Any) -> None:
        """Add what ``encode`` made, behind the rest."""
        ...

    def only(self, rows: Mask) -> Self:
        """The same without the other rows."""
        ...

    def search(self, vector: Vectors, k: int, wanted: Mask, count: int) -> tuple[Rows, Scores]:
        """The nearest ``k`` of the ``count`` wanted rows, more if they are as near, and their cosines, in any order."""
        ...

    def differing(self, rows: Rows, vectors: Vectors) -> int:
        """How many rows do not stand for these vectors."""
        ...

    def parts(self) -> Iterator[NDArray[Any]]:
        """The arrays that a file holds."""
        ...

    def __len__(self) -> int: ...


class _Halves:
    """Vectors in half precision, all looked at: FAISS's flat index."""

    kind = "exact"

    def __init__(self, dimension: int) -> None:
        self._index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)

    @classmethod
    def read(cls, file: BufferedReader, dimension: int, count: int) -> Self:
        made = cls(dimension)
        made._index.add_sa_codes(_read(file, np.uint8, count, 2 * dimension))
        return made

    def encode(self, vectors: Vectors) -> NDArray[np.uint8]:
        encoded: NDArray[np.uint8] = self._index.sa_encode(np.ascontiguousarray(vectors))
        return encoded

    def append(self, encoded: NDArray[np.uint8]) -> None:
        self._index.add_sa_codes(encoded)

    def only(self, rows: Mask) -> Self:
        made = type(self)(self._index.d)
        made.append(self._codes()[rows])
        return made

    def search(self, vector: Vectors, k: int, wanted: Mask, count: int) -> tuple[Rows, Scores]:
        parameters = None if count == len(self) else _only(wanted)
        fetch = k + 1
        while True:
            scores, rows = self._index.search(vector[None, :], min(fetch, count), params=parameters)
            if fetch >= count or scores[0, k - 1] > scores[0, -1]:
                near = scores[0] >= scores[0, min(k, count) - 1]
                return rows[0][near], scores[0][near]
            fetch *= 4

    def differing(self, rows: Rows, vectors: Vectors) -> int:
        return int((self._codes()[rows] != self.encode(vectors)).any(axis=1).sum())

    def parts(self) -> Iterator[NDArray[Any]]:
        yield self._codes()

    def _codes(self) -> NDArray[np.uint8]:
        codes: NDArray[np.uint8] = faiss.vector_to_array(self._index.codes)
        return codes.reshape(len(self), self._index.code_size)

    def __len__(self) -> int:
        return int(self._index.ntotal)


class _Bits:
    """A byte for each coordinate, and of all bytes their signs, by which most vectors are passed over.

    The vectors are turned by a random rotation first, always the same: then all coordinates are alike, whatever model
    the vectors are of, and their signs alone tell two vectors' cosine to about 0.04 at 384 dimensions (Gao and Long
    2024, RaBitQ). Four signs are the codeword of a product quantiser, for which FAISS has its quickest scan (André
    et al. 2015).
    """

    kind = "sketched"

    def __init__(self, dimension: int, expected: int = 0) -> None:
        self._rotation = _rotation(dimension)
        self._turning = np.ascontiguousarray(self._rotation.T, np.float32)  # for questions
        self._count = 0
        width = self._rotation.shape[1]
        self._codes = np.empty((expected, width), np.int8)
        self._steps = np.empty(expected, np.float32)
        self._signs: Any = faiss.IndexPQFastScan(width, width // 4, 4, faiss.METRIC_INNER_PRODUCT)
        words = (np.arange(16)[:, None] >> np.arange(4) & 1) * 2 - 1
        centroids = np.tile(words / np.sqrt(width), (width // 4, 1)).ravel()
        faiss.copy_array_to_vector(centroids.astype(np.float32), self._signs.pq.centroids)
        self._signs.is_trained = True

    @classmethod
    def read(cls, file: BufferedReader, dimension: int, count: int) -> Self:
        made = cls(dimension, count + count // 16)  # room for what comes while it is open
        for part in (made._codes, made._steps):
            file.readinto(part[:count].reshape(-1).view(np.uint8).data)  # without a second copy in memory
        made._signs = faiss.deserialize_index(np.frombuffer(file.read(), np.uint8))
        made._count = count
        return made

    def encode(self, vectors: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        # In double precision, so that rounding never depends on how many are encoded together.
        turned = vectors.astype(np.float64) @ self._rotation
        steps = np.abs(turned).max(axis=1, keepdims=True) / 127
        codes = np.rint(turned / np.where(steps > 0, steps, 1)).astype(np.int8)
        return codes, steps[:, 0].astype(np.float32)

    def append(self, encoded: tuple[NDArray[np.int8], NDArray[np.float32]]) -> None:
        codes, steps = encoded
        count = self._count + len(codes)
        if count > len(self._codes):
            self._codes, self._steps = (_longer(of, self._count, count) for of in (self._codes, self._steps))
        self._codes[self._count : count], self._steps[self._count : count] = codes, steps
        self._signs.add(_signs(codes))
        self._count = count

    def only(self, rows: Mask) -> Self:
        made = type(self)(len(self._rotation))
        made._codes, made._steps = self._codes[: self._count][rows], self._steps[: self._count][rows]
        made._signs = faiss.clone_index(self._signs)
        made._signs.remove_ids(np.flatnonzero(~rows))
        made._count = len(made._codes)
        return made

    def search(self, vector: Vectors, k: int, wanted: Mask, count: int) -> tuple[Rows, Scores]:
        turned = np.einsum("ij,j->i", self._turning, vector)
        if not turned.any():  # near nothing: all are as near as any
            return np.flatnonzero(wanted), np.zeros(count, np.float32)
        rows = self._candidates(turned, wanted, count)
        scores = self._cosines(turned, rows)
        if k < len(rows):
            best = scores >= np.partition(scores, -k)[-k]
            rows, scores = rows[best], scores[best]
        return rows, scores

    def _candidates(self, turned: Vectors, wanted: Mask, count: int) -> Rows:
        """The wanted rows that are nearest by bits, with all that are as near as the last of them."""
        if count <= _FEW:
            return np.flatnonzero(wanted)
        fetch = _DEPTH * len(wanted) // count + _DEPTH // 4
        while fetch < len(wanted) // 8:
            nearness, rows = self._signs.search(turned[None, :], fetch)
            passing = wanted[rows[0]]
            near = nearness[0][passing]
            if len(near) >= _DEPTH and near[_DEPTH - 1] > nearness[0, -1]:
                found: Rows = rows[0][passing][near >= near[_DEPTH - 1]]
                return found
            fetch *= 4
        return np.flatnonzero(wanted)

    def _cosines(self, turned: Vectors, rows: Rows) -> Scores:
        # The question in whole numbers, so small that float32 adds up their products without rounding: the sum is the
        # same in whatever order a processor takes it.
        scale = 2**24 / (128 * np.sqrt(turned.size)) / np.linalg.norm(turned)
        whole = np.rint(turned * scale).astype(np.float32)
        sums = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _BLOCK):
            some = self._codes[rows[start : start + _BLOCK]].astype(np.float32)
            np.einsum("ij,j->i", some, whole, out=sums[start : start + _BLOCK])
        cosines: Scores = sums * self._steps[rows] / np.float32(scale)
        return cosines

    def differing(self, rows: Rows, vectors: Vectors) -> int:
        codes, steps = self.encode(vectors)
        held = self._codes[rows]
        # Another processor may round a coordinate that lies between two steps the other way.
        other = (np.abs(held.astype(np.int16) - codes) > 1).any(axis=1) | ~np.isclose(self._steps[rows], steps)
        signs = np.stack([self._signs.reconstruct(row) for row in rows.tolist()]) > 0
        return int((other | (signs != (held >= 0)).any(axis=1)).sum())

    def parts(self) -> Iterator[NDArray[Any]]:
        yield self._codes[: self._count]
        yield self._steps[: self._count]
        yield faiss.serialize_index(self._signs)

    def __len__(self) -> int:
        return self._count


_KINDS: tuple[Any, ...] = (_Halves, _Bits)


class DenseIndex:
    """The nearest passages by cosine, at one change of the archive.

    FAISS lets many search at once, and nobody beside a change: ``retrieval.indexes`` sees to that.

    Attributes:
        state: How far the index has come with the archive's changes.
        unsaved: How many passages have been added or taken out since it was loaded or saved.
    """

    def __init__(self, dimension: int, model: str, exact: int = EXACT) -> None:
        """An empty index.

        Args:
            dimension: Length of a vector.
            model: Fingerprint of the model that the vectors are of.
            exact: Up to so many passages all vectors are looked at.
        """
        self.dimension = dimension
        self.state = START
        self.unsaved = 0
        self._model = model
        self._exact = exact
        self._file: _File | None = None
        self._columns = Columns.of([], [])
        self._live = np.ones(0, bool)
        self._layout: _Layout = _Halves(dimension)

    def load(self, path: Path) -> None:
        """Take over what ``save`` wrote.

        Raises:
            Unusable: The file is missing, damaged or of another model; the index stays empty.
        """
        if not path.exists():
            raise Missing("it is missing")
        with path.open("rb") as file:
            state, said = read_header(file.readline())
            begin = file.tell()
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
            if said.get("sha256") != digest.hexdigest():
                raise Unusable("its checksum is wrong")
            if said.get("model") != self._model:
                raise Unusable("it is of another model")
            file.seek(begin)
            form, kind, count = _read(file, np.int64, 3).tolist()
            if form != _FORM:
                raise Unusable("it is of another form")
            self._columns = Columns(*(_read(file, column.dtype, count) for column in self._columns.arrays()))
            self._live = _read(file, np.bool_, count)
            self._layout = _KINDS[kind].read(file, self.dimension, count)
            self.state, self._file = state, _file(os.fstat(file.fileno()))

    def replaces(self, path: Path) -> None:
        """Take the place of what is saved there now, which cannot be used."""
        self._file = _file(path.stat()) if path.exists() else None

    def changed_on_disk(self, path: Path) -> bool:
        """Whether somebody else has saved an index there since this one was loaded or saved."""
        return path.exists() and _file(path.stat()) != self._file

    def save(self, path: Path) -> None:
        """Write the index, whole or not at all."""
        about = np.array([_FORM, _KINDS.index(type(self._layout)), len(self._live)], np.int64)
        arrays = [about, *self._columns.arrays(), self._live, *self._layout.parts()]
        parts = [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part)
        write_whole(path, header(self.state, model=self._model, sha256=digest.hexdigest()), *parts)
        self.unsaved, self._file = 0, _file(path.stat())

    def prepare(self, store: Store, target: State) -> Callable[[], None]:
        """Read what changed up to ``target``, inside ``store.reading()``; returns what applies it, beside no search."""
        passages = store.coverage().passages
        if not len(self) or (passages > self._exact) != (self._layout.kind == _Bits.kind):
            return self._anew(store, target, passages)
        gone = self._columns.holding(store.ended_since(self.state.number))
        live, columns, layout = self._live & ~gone, self._columns, self._layout
        if len(live) - live.sum() > (_DEAD * len(live) if layout.kind == _Bits.kind else 0):
            columns, layout, live = columns.only(live), layout.only(live), np.ones(int(live.sum()), bool)
        added: list[Columns] = []
        encoded = []
        for keys, vectors, described in store.vectors_since(self.state.number):
            added.append(Columns.of(keys.tolist(), described))
            encoded.append(layout.encode(vectors))
        columns = Columns.joined([columns, *added])
        more = len(columns) - len(live)
        live = np.concatenate([live, np.ones(more, bool)])

        def apply() -> None:
            for one in encoded:
                layout.append(one)
            self._exchange(columns, live, layout, target)
            self.unsaved += more + int(gone.sum())

        return apply

    def _anew(self, store: Store, target: State, passages: int) -> Callable[[], None]:
        """There may be very many: they go straight into what takes the place of what is there."""
        layout: _Layout = _Bits(self.dimension, passages) if passages > self._exact else _Halves(self.dimension)
        parts = [Columns.of([], [])]
        for keys, vectors, described in store.vectors_since(0):
            parts.append(Columns.of(keys.tolist(), described))
            layout.append(layout.encode(vectors))
        columns = Columns.joined(parts)

        def apply() -> None:
            self._exchange(columns, np.ones(len(columns), bool), layout, target)
            self.unsaved = len(columns) + 1

        return apply

    def _exchange(self, columns: Columns, live: Mask, layout: _Layout, state: State) -> None:
        self._columns, self._live, self._layout, self.state = columns, live, layout, state

    def satisfying(self, filters: Filters, keys: Keys | None) -> Mask:
        """Which passages satisfy the filters on date, publisher and author, and are among some keys, if given.

        What is returned is for ``search``, and good until the next change.
        """
        found = self._columns.satisfying(filters)
        return found if keys is None else found & self._columns.holding(keys)

    def search(self, vector: Vectors, k: int, allowed: Mask | None = None) -> tuple[Keys, Scores]:
        """The ``k`` passages nearest to a unit vector and all as near as the last of them, best first, with cosines.

        Args:
            vector: Shape ``(dimension,)``.
            k: How many at most.
            allowed: Only these passages, as ``satisfying`` returned them; None for all. Applied inside the search, so
                that it never leaves fewer than k where there are k.
        """
        # Of the calling thread. Threads are many already, and FAISS's own would wait for one another by spinning.
        faiss.omp_set_num_threads(1)
        wanted = self._live if allowed is None else self._live & allowed
        count = int(np.count_nonzero(wanted))
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows, scores = self._layout.search(vector, k, wanted, count)
        best = np.lexsort((rows, -scores))
        return self._columns.keys[rows[best]], scores[best]

    def keys(self) -> Keys:
        """Keys of all passages, ascending."""
        return self._columns.keys[self._live]

    def differing(self, keys: Keys, vectors: Vectors) -> int:
        """How many of these passages, all of them held here, are held with another vector than this.

        Args:
            keys: Their keys.
            vectors: The vectors, shape ``(len(keys), dimension)``.
        """
        return self._layout.differing(np.searchsorted(self._columns.keys, keys), vectors) if len(keys) else 0

    def described(self) -> dict[str, str | int]:
        """What kind of index this is, how many vectors it has, and how many bytes of memory they take."""
        arrays = [*self._columns.arrays(), self._live, *self._layout.parts()]
        return {"kind": self._layout.kind, "vectors": len(self), "bytes": sum(array.nbytes for array in arrays)}

    def __len__(self) -> int:
        return int(self._live.sum())


# Of the file: changes with what is written, or how.
_FORM = 2


def _rotation(dimension: int) -> NDArray[np.float64]:
    """A random rotation, always the same; to as many dimensions as can be taken four by four."""
    width = -(-dimension // 4) * 4
    turned, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((width, width)))
    rotation: NDArray[np.float64] = turned[:dimension]
    return rotation


def _signs(codes: NDArray[np.int8]) -> Vectors:
    return np.where(codes >= 0, np.float32(1), np.float32(-1))


def _file(status: os.stat_result) -> _File:
    """Which file it is: each time that an index is saved, it is another one."""
    return status.st_ino, status.st_mtime_ns


def _longer(array: NDArray[Any], used: int, wanted: int) -> NDArray[Any]:
    """The same with room for more than is wanted now."""
    made = np.empty((wanted + wanted // 16, *array.shape[1:]), array.dtype)
    made[:used] = array[:used]
    return made


def _read(file: BufferedReader, kind: Any, *shape: int) -> NDArray[Any]:
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    return np.frombuffer(file.read(size), kind).reshape(shape)


def _only(wanted: Mask) -> Any:
    bitmap: Any = faiss.IDSelectorBitmap
    selector = bitmap(np.packbits(wanted, bitorder="little"))
    parameters: Any = faiss.SearchParameters
    return parameters(sel=selector)
