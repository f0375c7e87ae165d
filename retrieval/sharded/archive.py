"""An archive in shards, asked as one."""

import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np

from retrieval.archive import Archive, LoadEncoder, Prepared
from retrieval.database import writable
from retrieval.encoder import DEFAULT_MODEL, Vectors, load
from retrieval.errors import (
    ArchiveBusy,
    ArchiveMismatch,
    ArchiveMissing,
    ArticleNotFound,
    InvalidRequest,
    ShardsMissing,
)
from retrieval.indexes import Searches, Sought, Stage
from retrieval.integrity import REPAIRABLE, Seen
from retrieval.lexical import Matches
from retrieval.sharded.catalogue import Catalogue
from retrieval.sharded.manifest import Manifest
from retrieval.sharded.shard import Found, Shard
from retrieval.sharded.store import READINGS, ShardedStore, tolerant
from retrieval.sharded.transport import InProcess, ShardLost, Transport
from retrieval.store import START, Scope
from retrieval.types import Answer, Fault, Filters, Put, ReadAs, Reading

_log = logging.getLogger(__name__)

# How often a question is asked anew of shards in which passages were put otherwise meanwhile.
_ATTEMPTS = 3
# Reasons that nothing satisfies the filters, where nothing was found.
_UNMATCHED = frozenset(("outside_dates", "no_article_matches"))


class ShardedArchive(Archive):
    """All that an ``Archive`` does, with its articles in shards. The same question has the same answer.

    Where a shard does not answer, ``ask`` answers from the others, and says so: see ``Answer.missing``. All else that
    needs a shard that is missing raises ``ShardsMissing``.
    """

    def __init__(self, path: Path, store: ShardedStore, load_encoder: LoadEncoder) -> None:
        """Used by ``over``."""
        super().__init__(path, store, load_encoder)
        self._shards = store

    @classmethod
    def make(
        cls,
        path: Path,
        shards: int,
        settings: Mapping[str, str],
        *,
        model: str = DEFAULT_MODEL,
        load_encoder: LoadEncoder = load,
    ) -> None:
        """Make an empty archive in so many shards; does nothing if it is there and is the same.

        Raises:
            ArchiveMismatch: There is one with other settings, of another number of shards, or in one piece.
        """
        if not Manifest.exists(path):
            if Archive.exists(path):
                raise ArchiveMismatch(
                    f"the archive in {path} is in one piece; put it into shards with: "
                    f"onrecord reshard --archive {path} --shards {shards}"
                )
            manifest = Manifest.of(shards)
            for folder in manifest.paths(path):
                share_model(path, folder)
                Archive.create(folder, settings, model=model, load_encoder=load_encoder).close()
            manifest.write(path)
            return
        found = Manifest.read(path)
        if found.shards != shards:
            raise ArchiveMismatch(
                f"the archive in {path} has {found.shards} shards, not {shards}; leave that option out, or first: "
                f"onrecord reshard --archive {path} --shards {shards}"
            )
        for folder in found.paths(path):
            Archive.create(folder, settings, model=model, load_encoder=load_encoder).close()

    @classmethod
    def over(
        cls,
        path: Path,
        transport: Transport | None = None,
        *,
        patience: float = 0.0,
        load_encoder: LoadEncoder = load,
    ) -> Self:
        """Open it.

        Args:
            path: Its folder.
            transport: How its shards are asked; by default this process opens them itself. ``close`` closes it.
            patience: For how long after it has looked it takes for granted, in seconds, that nobody else has changed a
                shard. What is put in through it is known at once.
            load_encoder: See ``Archive.open``.

        Raises:
            ArchiveMissing: There is none in that folder.
            ArchiveUnwritable: There is no catalogue, and none can be written.
            ShardsMissing: There is no catalogue, and no shard answers.
        """
        manifest = Manifest.read(path)
        folders = manifest.paths(path)
        if transport is None:
            for one in folders:
                if not Archive.exists(one):
                    raise ArchiveMissing(f"{one}, a shard of the archive, is not there; put it back, or from a backup")
            transport = InProcess([Shard(Archive.open(one, load_encoder=load_encoder)) for one in folders])
        if len(folders) != transport.shards:
            raise ArchiveMismatch(f"{path} has {len(folders)} shards, and {transport.shards} are served; start anew")
        # Of this generation: a process that still serves shards that were replaced has another.
        catalogue = path / "catalogue" / str(manifest.generation)
        Catalogue.make(catalogue, partial(_settings, transport))
        return cls(path, ShardedStore(catalogue, transport, patience), load_encoder)

    def close(self) -> None:
        """See ``Archive``."""
        try:
            super().close()
        finally:
            self._shards.transport.close()

    # Asking -----------------------------------------------------------------------------------------------------

    @contextmanager
    def searching(self) -> Iterator[Searches]:
        """See ``Archive``."""
        with self._shards.reading():
            yield Spread(self._shards)

    def ask(self, question: str, k: int = 10, filters: Filters = Filters(), read_as: ReadAs = ReadAs()) -> Answer:
        """See ``Archive``; of the shards that answer.

        Raises:
            ShardsMissing: None does.
        """
        for _ in range(_ATTEMPTS):
            with tolerant() as course:
                answer = super().ask(question, k, filters, read_as)
            if not course.moved:
                break
        if len(course.missing) == self._shards.shards:
            raise ShardsMissing(course.missing)
        return _in_part(answer, course.missing) if course.missing else answer

    def refresh(self) -> None:
        """Have all shards, and the catalogue, come up to the last change.

        Raises:
            ShardsMissing: A shard does not answer, or not what has changed in it.
        """
        self._shards.all("refresh")
        self._shards.catch_up()
        if untold := self._shards.untold:
            raise ShardsMissing(untold)

    def lag(self) -> Mapping[str, int]:
        """By index, how many changes it has not taken up yet, in all shards together."""
        found = list(self._shards.all("lag").values())
        return {name: sum(one[name] for one in found) for name in found[0]}

    def missing_shards(self) -> tuple[int, ...]:
        """See ``Archive``."""
        return tuple(sorted({*self._shards.transport.missing(), *self._shards.untold}))

    # Writing ----------------------------------------------------------------------------------------------------

    def put_prepared(self, prepared: Prepared) -> list[Put]:
        """See ``Archive``; in each shard all or nothing, and in none that does not answer.

        Raises:
            ShardsMissing: A shard does not answer; what the others have taken they keep, and putting the same again
                changes nothing there.
        """
        parts: dict[int, list[int]] = {}
        for place, draft in enumerate(prepared.drafts):
            parts.setdefault(self._shards.owner(draft.article.id), []).append(place)
        arguments = {shard: (_part(prepared, places),) for shard, places in parts.items()}
        outcomes: dict[int, Put] = {}
        for shard, puts in self._shards.scatter("put_prepared", arguments).items():
            outcomes |= zip(parts[shard], puts, strict=True)
        self._shards.catch_up()
        return [outcomes[place] for place in range(len(prepared.drafts))]

    def delete(self, article_id: str) -> None:
        """See ``Archive``."""
        with self._shards.reading():
            was_there = self._shards.lists(article_id)
        try:
            self._shards.of(article_id, "delete", article_id)
        except ArticleNotFound:
            if not was_there:
                raise  # else it has gone by now, be it that a replica died when it had done it
        finally:
            self._shards.forget()
            self._shards.catch_up()

    def put_readings(self, readings: Sequence[Reading]) -> None:
        """See ``Archive``."""
        self._shards.one(READINGS, "put_readings", readings)

    def drop_readings(self, source: str, items: Sequence[str]) -> None:
        """See ``Archive``."""
        self._shards.one(READINGS, "drop_readings", source, items)

    def compact(self) -> tuple[int, int]:
        """See ``Archive``; one shard after the other."""
        sizes = [self._shards.one(shard, "compact") for shard in range(self._shards.shards)]
        return sum(before for before, _ in sizes), sum(after for _, after in sizes)

    def backup(self, target: str | Path) -> None:
        """Not as one file.

        Raises:
            InvalidRequest: Always; says what to do.
        """
        one = Manifest.read(self.path).paths(self.path)[0]
        raise InvalidRequest(
            f"{target}: an archive in shards has no backup in one file; back up each shard: "
            f"onrecord backup FILE --archive {one}"
        )

    def verify(
        self, *, every_vector: bool = False, on_progress: Callable[[Seen], None] = lambda _: None
    ) -> list[Fault]:
        """See ``Archive``; of each shard, that each article is in its own, and that the catalogue says what they do.

        Raises:
            ArchiveBusy: Articles kept coming while the catalogue was looked at.
        """
        store, found, seen = self._shards, [], Seen()
        for shard in range(store.shards):
            faults: list[Fault] = store.one(shard, "verify", every_vector)
            found += [replace(one, problem=f"{one.problem} (shard {shard})") for one in faults]
            told: dict[str, tuple[int, str]] = store.one(shard, "told")
            found += [
                Fault("article", f"it is in shard {shard} and belongs into shard {store.owner(article_id)}", article_id)
                for article_id in told
                if store.owner(article_id) != shard
            ]
            seen.articles += len(told)
            on_progress(seen)
        # Of shards that are not sound nothing could be made that the catalogue were to be held against.
        wrong = [] if found else self._wrong()
        return found + [Fault("counts", "the catalogue says otherwise than the shards", one) for one in wrong]

    def _wrong(self) -> list[str]:
        """The parts of the catalogue that are otherwise in one that is made anew."""
        store = self._shards
        for _ in range(_ATTEMPTS):
            with TemporaryDirectory(prefix="onrecord-", dir=_room(store.database.path.parent)) as place:
                Catalogue.make(Path(place) / "catalogue", partial(_settings, store.transport))
                of_shards = ShardedStore(Path(place) / "catalogue", store.transport, 0.0)
                with closing(of_shards) as anew, anew.reading(), store.reading():
                    if store.states() == anew.states():
                        return store.differing(anew)
        raise ArchiveBusy(f"articles keep coming to {self.path}; verify it again when fewer do")

    def repair(self, faults: Sequence[Fault]) -> list[Fault]:
        """See ``Archive``; each shard, and the catalogue is made anew."""
        store = self._shards
        left = [one for one in faults if one.part not in REPAIRABLE]
        if len(left) < len(faults):
            for shard in range(store.shards):
                store.one(shard, "mend")
            with store.updating.held():
                store.empty()
            store.catch_up()
        return left


def _room(folder: Path) -> Path | None:
    """Where there is room for a second catalogue: beside the first, if that may be written to."""
    return folder.parent if writable(folder.parent) else None


def _settings(transport: Transport) -> dict[str, str]:
    """The settings that all shards were made with, of the first that answers.

    Raises:
        ShardsMissing: None does.
    """
    for shard in range(transport.shards):
        with suppress(ShardLost):
            settings: Mapping[str, str] = transport.send(shard, "settings").result()
            return {name: value for name, value in settings.items() if name not in _COUNTS}
    raise ShardsMissing(range(transport.shards))


# Of a shard's own settings, what is counted in it.
_COUNTS = ("format", "passages", "length", "readings", "compacted")


def share_model(path: Path, shard: Path) -> None:
    """Have a shard use the model of the archive that it is a part of."""
    shard.mkdir(parents=True, exist_ok=True)
    (path / "model").mkdir(exist_ok=True)
    if not (shard / "model").is_symlink():
        (shard / "model").symlink_to(os.path.relpath(path / "model", shard), target_is_directory=True)


def _in_part(answer: Answer, missing: Collection[int]) -> Answer:
    """An answer of some shards, which says nothing of what the others may hold."""
    answer = replace(answer, missing=tuple(sorted(missing)))
    if answer.reason == "speaker_not_quoted_on_topic" or (answer.reason in _UNMATCHED and not answer.passages):
        return replace(answer, reason="low_confidence", spoken_of_by=())
    return answer


def _part(prepared: Prepared, places: Sequence[int]) -> Prepared:
    rows = [prepared.rows[place] for place in places]
    wanted = {row.vector_key for some in rows for row in some}
    return Prepared(
        [prepared.drafts[place] for place in places],
        rows,
        [prepared.prints[place] for place in places],
        {key: vector for key, vector in prepared.vectors.items() if key in wanted},
    )


def _best(parts: Sequence[Matches], k: int) -> list[int]:
    best: list[int] = Matches.joined(parts).best(k).keys.tolist()
    return best


class Spread:
    """The indexes of all shards, searched as one; see ``Searches``."""

    def __init__(self, store: ShardedStore) -> None:
        """Inside ``store.reading()``."""
        self._store = store

    def find(self, sought: Sequence[Sought], stage: Stage) -> list[list[int]]:
        """See ``Searches``."""
        with stage("scatter"):
            found = self._search(sought)
        with stage("gather"):
            return [self._gathered(one, [of[place] for of in found]) for place, one in enumerate(sought)]

    def _search(self, sought: Sequence[Sought]) -> list[list[Found]]:
        words = {word for one in sought for some, _, _ in one.by_words for word in some}
        whole = self._store.whole(sorted(words))
        known = self._store.states()
        found: list[list[Found]] = []
        for shard, (state, those) in self._store.all("search", sought, whole).items():
            if state != known.get(shard, START):
                self._store.look_again()
            found.append([self._known_here(shard, one) for one in those])
        return found

    def _known_here(self, shard: int, found: Found) -> Found:
        def here(matches: Matches) -> Matches:
            return replace(matches, keys=self._store.keys_of(shard, matches.keys))

        return Found(here(found.near), [here(one) for one in found.by_words])

    def _gathered(self, sought: Sought, found: Sequence[Found]) -> list[int]:
        keys = set(_best([one.near for one in found], sought.near))
        for place, (_, k, _) in enumerate(sought.by_words):
            keys.update(_best([one.by_words[place] for one in found], k))
        return sorted(keys)

    def nearest(self, vector: Vectors, k: int, scope: Scope) -> list[int]:
        """See ``Searches``."""
        found = self._search([Sought(vector, scope, k, ())])
        return _best([one.near for (one,) in found], k)

    def matching(self, words: Sequence[str], k: int, scope: Scope) -> list[int]:
        """See ``Searches``."""
        nothing = np.empty(0, np.float32)
        found = self._search([Sought(nothing, scope, 0, [(words, k, scope)])])
        return _best([one.by_words[0] for (one,) in found], k)

    def described(self) -> Mapping[str, str | int]:
        """See ``Searches``; of all shards together."""
        found = list(self._store.all("described").values())
        return {
            "kind": ", ".join(sorted({str(one["kind"]) for one in found})),
            "vectors": sum(int(one["vectors"]) for one in found),
            "bytes": sum(int(one["bytes"]) for one in found),
        }
