"""The two indexes of an archive: searched at one and the same change, brought up to date, made anew if unusable.

They are caches. Whatever happens to their files, the database has all that they are made of.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Protocol

import numpy as np

from retrieval.caches import Missing, Unusable
from retrieval.dense import DenseIndex
from retrieval.encoder import Vectors
from retrieval.lexical import LexicalIndex, Matches, tie
from retrieval.locks import ProcessLock, Share, SharedAccess
from retrieval.store import EVERYTHING, START, Scope, State, Store
from retrieval.types import Fault, Part

_log = logging.getLogger(__name__)

_RENEWED = "renewed-"
_DENSE, _LEXICAL, _LOCK = "dense.faiss", "lexical", "index.lock"


Stage = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Sought:
    """What the candidates for a question are a union of.

    Attributes:
        vector: Shape ``(dimension,)``.
        scope: What the nearest to it have to satisfy.
        near: How many of these are wanted.
        by_words: Of each search by words: analysed words, how many passages are wanted, and what they have to satisfy.
    """

    vector: Vectors
    scope: Scope
    near: int
    by_words: Sequence[tuple[Sequence[str], int, Scope]]


class Searches(Protocol):
    """What an archive is searched with, at one change of it."""

    def find(self, sought: Sequence[Sought], stage: Stage) -> list[list[int]]:
        """Keys of the passages that are sought, ascending, of each of these by itself; nothing is searched later."""
        ...

    def nearest(self, vector: Vectors, k: int, scope: Scope) -> list[int]:
        """Keys of the ``k`` passages nearest by meaning, best first."""
        ...

    def matching(self, words: Sequence[str], k: int, scope: Scope) -> list[int]:
        """Keys of the ``k`` passages nearest by words, best first."""
        ...

    def described(self) -> Mapping[str, str | int]:
        """What kind of index the vectors are in; see ``DenseIndex.described``."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """Both indexes, at the change at which the archive is being read.

    Attributes:
        share: Ended once no more is searched, so that an update need not wait for the rest of an answer.
    """

    dense: DenseIndex
    lexical: LexicalIndex
    share: Share
    store: Store

    def find(self, sought: Sequence[Sought], stage: Stage) -> list[list[int]]:
        """See ``Searches``."""
        found = [self._find(one, stage) for one in sought]
        self.share.end()
        return found

    def _find(self, sought: Sought, stage: Stage) -> list[int]:
        with stage("dense"):
            keys = set(self.nearest(sought.vector, sought.near, sought.scope))
        with stage("lexical"):
            for words, k, scope in sought.by_words:
                keys.update(self.matching(words, k, scope))
        return sorted(keys)

    def nearest(self, vector: Vectors, k: int, scope: Scope) -> list[int]:
        """See ``Searches``."""
        found: list[int] = self.near(vector, k, scope).keys.tolist()
        return found

    def near(self, vector: Vectors, k: int, scope: Scope) -> Matches:
        """The ``k`` passages nearest by meaning, best first, with their cosines."""
        if not k:
            return Matches.joined([])
        allowed = None if scope == EVERYTHING else self.dense.satisfying(scope.filters, self.store.keys(scope))
        keys, cosines = self.dense.search(vector, k, allowed)
        ties = np.zeros(len(keys), np.int64)
        if (cosines[1:] == cosines[:-1]).any():
            ids = self.store.ids(keys.tolist())
            ties = np.array([tie(ids[key]) for key in keys.tolist()], np.int64)
        return Matches(keys, cosines.astype(np.float64), ties).best(k)

    def matching(self, words: Sequence[str], k: int, scope: Scope) -> list[int]:
        """See ``Searches``."""
        found: list[int] = self.lexical.search(words, k, scope).tolist()
        return found

    def described(self) -> Mapping[str, str | int]:
        """See ``Searches``."""
        return self.dense.described()


class Indexes:
    """What an archive is searched with. Any thread may search, and several processes may have one archive open."""

    def __init__(self, store: Store, folder: Path) -> None:
        """Nothing is loaded yet.

        Args:
            store: What the indexes are caches of.
            folder: Where they lie. Where that cannot be written, the process works with copies of its own.
        """
        self._store = store
        self._copies: TemporaryDirectory[str] | None = None
        if store.database.read_only:
            self._copies = TemporaryDirectory(prefix="onrecord-")
            folder = _copied(folder, Path(self._copies.name))
        self._folder = folder
        self._access = SharedAccess()
        self._updating = ProcessLock(folder / _LOCK)
        self._loading = Lock()
        self._dense: DenseIndex | None = None
        self._lexical: LexicalIndex | None = None

    def load(self) -> tuple[DenseIndex, LexicalIndex]:
        """Both indexes as they are, read at first use; one that is unusable begins empty."""
        with self._loading:
            if self._dense is None or self._lexical is None:
                with self._updating.held(), self._store.reading():
                    self._dense, self._lexical = self._loaded_dense(), self._loaded_lexical()
            return self._dense, self._lexical

    @contextmanager
    def snapshot(self) -> Iterator[Search]:
        """Read the archive at its last change, inside, and search both indexes at that very change."""
        while True:
            self.catch_up()
            with self._access.shared() as share, self._store.reading():
                dense, lexical = self.load()
                # Somebody may have changed the archive since; whoever catches up then comes to a later change.
                if dense.state == lexical.state == self._store.state():
                    yield Search(dense, lexical, share, self._store)
                    return

    def catch_up(self) -> None:
        """Bring both indexes up to the last change; does nothing when they are."""
        if self._current():
            return
        with self._updating.held():
            if self._current():
                return  # all who come after a change wait here; the first has done it for them
            dense, lexical = self.load()
            with self._store.reading():
                if not self._store.knows(dense.state):  # another process has compacted the archive
                    dense = self._loaded_dense()
                if lexical.changed_on_disk():  # another process has been here
                    lexical = self._loaded_lexical()
            self._take_up(dense, lexical)

    def rebuild(self) -> None:
        """Make both anew from what the archive holds now, on disk too."""
        with self._updating.held():
            dense, lexical = self._empty_dense(), LexicalIndex(self._folder / _LEXICAL)
            lexical.reset()
            self._take_up(dense, lexical)
            for left in self._folder.glob("*.new"):
                left.unlink()  # of a process that was killed while it wrote a cache
            for left in self._folder.glob(f"{_RENEWED}*"):
                shutil.rmtree(left)
            self._save(dense)

    def renew(self) -> None:
        """Make both anew beside those that are there, and put them in their place on disk.

        What is loaded, here and in other processes, is searched on; see ``take_up_renewed``.
        """
        with TemporaryDirectory(prefix=_RENEWED, dir=self._folder) as made:
            beside = Path(made)
            dense, lexical = self._empty_dense(), LexicalIndex(beside / _LEXICAL)
            lexical.reset()
            with self._store.reading():
                target = self._store.state()
                for one in (dense, lexical):
                    one.prepare(self._store, target)()
            dense.save(beside / _DENSE)
            with self._updating.held():
                lexical.move(self._folder / _LEXICAL)
                (beside / _DENSE).replace(self._folder / _DENSE)

    def take_up_renewed(self) -> bool:
        """Search what another process has saved since this one has loaded or saved its own; returns whether one has."""
        dense, _ = self.load()
        if not dense.changed_on_disk(self._folder / _DENSE):
            return False
        with self._updating.held():
            with self._store.reading():
                loaded = self._loaded_dense(), self._loaded_lexical()
            self._take_up(*loaded)
        return True

    def _current(self) -> bool:
        dense, lexical = self.load()
        with self._store.reading():
            return dense.state == lexical.state == self._store.state()

    def _take_up(self, dense: DenseIndex, lexical: LexicalIndex) -> None:
        """Bring these two up to the last change, and search them from then on."""
        with self._store.reading():
            target = self._store.state()
            # The work is done beside the searches that are going on; they wait for the exchange only.
            exchanges = [one.prepare(self._store, target) for one in (dense, lexical) if one.state != target]
        with self._access.alone():
            for exchange in exchanges:
                exchange()
            self._dense, self._lexical = dense, lexical

    def faults(self) -> list[Fault]:
        """What is wrong with the files of the indexes; one that is not there is made when it is needed."""
        readers: Sequence[tuple[Part, Callable[[], object]]] = (
            ("dense", self._read_dense),
            ("lexical", self._read_lexical),
        )
        found: list[Fault] = []
        with self._updating.held(), self._store.reading():
            for part, read in readers:
                try:
                    read()
                except Missing:
                    continue
                except Unusable as reason:
                    found.append(Fault(part, str(reason)))
        return found

    def close(self) -> None:
        """Save what has been learnt; a cache that cannot be written is made up for at the next start."""
        try:
            if self._dense is not None and self._worth_saving(self._dense) and self._copies is None:
                with self._updating.held():
                    self._save(self._dense)
        except OSError as error:
            _log.warning("the dense index could not be saved (%s); the next start catches up", error)
        finally:
            if self._copies is not None:
                self._copies.cleanup()

    def lag(self) -> Mapping[str, int]:
        """By index, how many changes it has not taken up yet."""
        with self._store.reading():
            number = self._store.state().number
        indexes = {"dense": self._dense, "lexical": self._lexical}
        return {name: number - (0 if one is None else one.state.number) for name, one in indexes.items()}

    def _save(self, dense: DenseIndex) -> None:
        dense.save(self._folder / _DENSE)

    def _worth_saving(self, dense: DenseIndex) -> bool:
        """Whether to take up again what has changed would cost more than to write it all, which may be 200 MB.

        What another process has saved since is left: it may have been made anew because of what is wrong with this one.
        """
        return dense.unsaved > len(dense) // 100 and not dense.changed_on_disk(self._folder / _DENSE)

    def _empty_dense(self) -> DenseIndex:
        meta = self._store.meta
        return DenseIndex(int(meta["dimension"]), meta["model_sha256"])

    def _read_dense(self) -> DenseIndex:
        dense = self._empty_dense()
        dense.load(self._folder / _DENSE)
        self._check(dense.state)
        return dense

    def _read_lexical(self) -> LexicalIndex:
        lexical = LexicalIndex(self._folder / _LEXICAL)
        lexical.load()
        self._check(lexical.state)
        return lexical

    def _loaded_dense(self) -> DenseIndex:
        try:
            return self._read_dense()
        except Unusable as reason:
            self._report("dense", reason)
            dense = self._empty_dense()
            dense.replaces(self._folder / _DENSE)
            return dense

    def _loaded_lexical(self) -> LexicalIndex:
        try:
            return self._read_lexical()
        except Unusable as reason:
            self._report("lexical", reason)
            lexical = LexicalIndex(self._folder / _LEXICAL)
            lexical.reset()
            return lexical

    def _check(self, state: State) -> None:
        if not self._store.knows(state):
            raise Unusable("it is of another archive or of another history of this one")

    def _report(self, which: str, reason: Unusable) -> None:
        # A new archive has no indexes yet, which is nothing to warn of.
        level = logging.DEBUG if self._store.state() == START else logging.WARNING
        _log.log(level, "%s index: %s; rebuilding it from the archive", which, reason)


def remove(folder: Path) -> None:
    """Take the indexes of an archive away; none may be made there meanwhile."""
    lexical = folder / _LEXICAL
    for path in (folder / _DENSE, lexical.with_suffix(".manifest"), folder / _LOCK):
        path.unlink(missing_ok=True)
    if lexical.is_dir():
        shutil.rmtree(lexical)


def _copied(folder: Path, place: Path) -> Path:
    """Copies of the indexes, as far as there are any, in another place."""
    if (folder / _DENSE).exists():
        shutil.copy(folder / _DENSE, place / _DENSE)
    if (folder / _LEXICAL).is_dir():
        shutil.copytree(folder / _LEXICAL, place / _LEXICAL)
        manifest = (folder / _LEXICAL).with_suffix(".manifest")
        if manifest.exists():
            shutil.copy(manifest, place / manifest.name)
    return place
