"""The one door into the package: open an archive, put articles in, ask it."""

import hashlib
import json
import logging
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from retrieval.attribution import attribution
from retrieval.cite import cite
from retrieval.copies import Group, Scored, article_of, carried, complete, grouped, origin, since
from retrieval.database import Connection, Database, writable
from retrieval.dates import days
from retrieval.differences import Difference, difference
from retrieval.elsewhere import told_elsewhere, told_once
from retrieval.encoder import DEFAULT_MODEL, Encoder, Vectors, load, precision
from retrieval.errors import (
    ArchiveMismatch,
    ArchiveMissing,
    ArchiveUnwritable,
    ArticleNotFound,
    InvalidRequest,
    SpeakerNotFound,
)
from retrieval.examples import topics
from retrieval.failures import Failures
from retrieval.folding import fold
from retrieval.highlight import highlighted
from retrieval.holdings import uncovered
from retrieval.indexes import Indexes, Searches, Sought, Stage
from retrieval.integrity import (
    REPAIRABLE,
    Seen,
    check_articles,
    check_changes,
    check_copies,
    check_counts,
    check_indexes,
    check_vectors,
    recount,
    restore_rows,
    restore_vectors,
)
from retrieval.lexical import analyze, term_ids
from retrieval.locks import ProcessLock
from retrieval.prints import Prints
from retrieval.question import Question, corrected, interpret, wording
from retrieval.rank import Columns, RankModel, Statistics, default_model, features, probability, regime, words_of
from retrieval.recent import Recent
from retrieval.reranker import RERANKED, Reranker, reranked
from retrieval.rows import article_terms, context_terms, fingerprint, prints_of, rows_of
from retrieval.statements import said
from retrieval.statistics import statistics
from retrieval.store import EVERYTHING, Candidate, PassageRow, Scope, State, Store, Terms
from retrieval.together import Together
from retrieval.types import (
    Answer,
    Article,
    Citation,
    CitedPassage,
    Coverage,
    Draft,
    Fault,
    Filters,
    Hit,
    Holdings,
    Passage,
    Put,
    ReadAs,
    Reading,
    Reason,
    Record,
    SaidIn,
    Segment,
    Span,
    Speaker,
    StoredArticle,
    Uncovered,
    Verification,
    named_passage,
)
from retrieval.verification import verify

# Ids stand in addresses; servers in front of ours decode, fold or refuse these.
_ID = re.compile(r"[^/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")

# NUL as JSON writes it, and not a backslash that is written before "u0000".
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

# What changes, of what is kept beside the settings.
_NO_SETTINGS = ("passages", "length", "readings", "context", "catalogue")

_log = logging.getLogger(__name__)

MAX_QUESTION = 500
MAX_K = 100
# Asked for at once by name; a question typed by a person names two or three.
MAX_SPEAKERS = 10
# Examples of questions are made from so many articles of a speaker, and so many topics of each are tried.
_EXEMPLARY, _TRIED = 5, 3
# Of so many publishers, speakers and reasons statistics tell all.
STATS_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Depths:
    """How many passages each search contributes to the candidates, which are ranked.

    Past the defaults the development questions gained nothing (docs/decisions.md).

    Attributes:
        lexical: By the words of the question.
        dense: By its meaning.
        topic: By its words without the name of a speaker, where it has one: in all passages, and in the speaker's.
    """

    lexical: int = 100
    dense: int = 50
    topic: int = 30


@dataclass(frozen=True, slots=True)
class Prepared:
    """Drafts, and all that is worked out of them before they are put in.

    Attributes:
        drafts: The drafts.
        rows: Of each draft, what is stored of its passages.
        prints: Of each draft, what it is found by as a copy of others.
        vectors: Of their passages, by key, each of shape ``(dimension,)``.
    """

    drafts: Sequence[Draft]
    rows: Sequence[Sequence[PassageRow]]
    prints: Sequence[Prints]
    vectors: Mapping[bytes, Vectors]


LoadEncoder = Callable[[str, Path], Encoder]
"""Makes the encoder from the name of a model, and the folder in the archive where the converted one lies."""


class Archive:
    """One folder: ``archive.db`` holds everything, the two indexes beside it are caches of it.

    Any number of threads may ask and put; several processes may open one archive. Readers do not wait for writers.
    All methods raise ``ArchiveError`` where the disk or another process keeps them from what they are for.

    Attributes:
        depths: How many passages each search contributes to the candidates.
        model: Ranks the candidates, and says what answers.
        reranker: Puts the first passages of an answer into its own order, if one is set; see ``ask``.
        stage: Entered round each stage of ``ask`` with its name, for whoever watches or times them: encode, interpret,
            dense, lexical, load, rank, rerank, mark, cite. With filters some come twice.
    """

    def __init__(self, path: Path, store: Store, load_encoder: LoadEncoder) -> None:
        """Used by ``open`` and ``create``."""
        self.path = path
        self.depths = Depths()
        self.model: RankModel = default_model()
        self.reranker: Reranker | None = None
        self.stage: Stage = nullcontext
        self._store = store
        self._load_encoder = load_encoder
        self._encoder: Encoder | None = None
        self._loading = threading.RLock()
        self._writing = _writing(path)
        self._indexes = Indexes(store, path)
        self._questions = Together(self._encode_questions)
        self._statistics_of: Recent[tuple[State, int, int], Mapping[str, Any]] = Recent(8)

    @classmethod
    def open(cls, path: str | Path, *, load_encoder: LoadEncoder = load) -> Self:
        """Open an archive.

        Args:
            path: Its folder.
            load_encoder: Called when the first text is encoded.

        Raises:
            ArchiveMissing: There is none in that folder.
            ArchiveMismatch: Written by a newer version.
            ArchiveDamaged: Its database is not sound.
            ArchiveUnwritable: It is of an older format, or was not closed, and cannot be written.
        """
        folder = Path(path)
        if not _database(folder).exists():
            raise ArchiveMissing(f"no archive in {folder}; make one with: onrecord ingest SOURCE --archive {folder}")
        return cls(folder, Store(Database(_database(folder))), load_encoder)

    @staticmethod
    def exists(path: str | Path) -> bool:
        """Whether there is an archive in a folder."""
        return _database(Path(path)).exists()

    @classmethod
    def create(
        cls,
        path: str | Path,
        settings: Mapping[str, str],
        *,
        model: str = DEFAULT_MODEL,
        load_encoder: LoadEncoder = load,
    ) -> Self:
        """Make an empty archive, or open the one that is there if it has the same model and settings.

        Args:
            path: Its folder; made if it is not there.
            settings: How articles are prepared for it (passage size); kept in the archive.
            model: Name or folder of the embedding model; kept in the archive with its fingerprint.
            load_encoder: See ``open``.

        Raises:
            ArchiveMismatch: There is one with another model or other settings.
        """
        folder = Path(path)
        new = not cls.exists(folder)
        if new:
            encoder = load_encoder(model, _model(folder))
            _make(folder)
            meta = {
                **settings,
                "model": model,
                "model_sha256": encoder.fingerprint,
                "dimension": str(encoder.dimension),
            }
            with _writing(folder).held():
                if not cls.exists(folder):  # another process may have been quicker
                    Database.create(_database(folder), meta)
        archive = cls.open(folder, load_encoder=load_encoder)
        archive._check_settings({**settings, "model": model})
        if new:
            archive._indexes.rebuild()  # now, while nobody could take it for a loss that there are none
        return archive

    @classmethod
    def restore(cls, backup: str | Path, path: str | Path) -> None:
        """Make an archive of a backup; its indexes are made when it is first asked.

        Args:
            backup: What ``backup`` wrote.
            path: Folder of the archive to be; made if it is not there.

        Raises:
            ArchiveMissing: There is no such backup.
            ArchiveMismatch: There is an archive in that folder, or the backup was written by a newer version.
            ArchiveDamaged: The backup is not sound.
            ArchiveUnwritable: No space, or no right, to write there.
        """
        folder = Path(path)
        if not Path(backup).is_file():
            raise ArchiveMissing(f"no backup {backup}; make one with: onrecord backup FILE --archive DIR")
        _make(folder)
        with _writing(folder).held():
            if cls.exists(folder):
                raise ArchiveMismatch(f"there is an archive in {folder}; give a folder without one")
            Database.restore(Path(backup), _database(folder))

    def close(self) -> None:
        """Save what the caches have learnt, and let go of the database."""
        try:
            self._indexes.close()
        finally:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def store(self) -> Store:
        """What it holds, for what is built on archives."""
        return self._store

    # Writing ----------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Mapping[str, str]:
        """Model and settings that the archive was made with."""
        return self._store.meta

    @property
    def encoder(self) -> Encoder:
        """The model that all passages of the archive are encoded with, loaded at first use.

        Raises:
            ArchiveMismatch: The model of that name is no longer the one that the passages were encoded with.
        """
        with self._loading:
            if self._encoder is None:
                encoder = self._load_encoder(self._store.meta["model"], _model(self.path))
                if encoder.fingerprint != self._store.meta["model_sha256"]:
                    raise ArchiveMismatch(
                        f"the model {encoder.name} is not the one that {self.path} was made with; "
                        "restore that model, or ingest into a new archive"
                    )
                self._encoder = encoder
            return self._encoder

    def _check_settings(self, wanted: Mapping[str, str]) -> None:
        for name, value in wanted.items():
            if self.settings.get(name) != value:
                raise ArchiveMismatch(
                    f"{self.path} was made with {name} {self.settings.get(name)}, not {value}; "
                    "leave that option out, or ingest into a new archive"
                )

    def is_current(self, article: Article) -> bool:
        """Whether the archive's current version of the article is this one, to the letter."""
        with self._store.reading():
            known = self._store.fingerprint(article.id)
        return known is not None and known[1] == fingerprint(article)

    def has(self, article_id: str) -> bool:
        """Whether there is an article of this id."""
        with self._store.reading():
            return self._store.fingerprint(article_id) is not None

    def put(self, drafts: Sequence[Draft]) -> list[Put]:
        """Make each draft the current version of its article; all of them, or after an error none.

        A draft that is the current version already changes nothing. A passage whose text the archive has encoded
        before is not encoded again.

        Raises:
            InvalidRequest: A draft whose passages lie outside its text, or whose text cannot be stored.
            ArchiveUnwritable: No space, or no right, to write.
            ArchiveBusy: Another process has been writing for a minute.
        """
        return self.put_prepared(self.prepare(drafts))

    def prepare(self, drafts: Sequence[Draft]) -> Prepared:
        """Do all of ``put`` that can be done beside other writers, encoding above all.

        Raises:
            InvalidRequest: See ``put``.
            ArchiveUnwritable: See ``put``.
        """
        self._store.database.check_writable()
        for draft in drafts:
            check(draft)
        made = [rows_of(draft) for draft in drafts]
        texts = {row.vector_key: text for rows, inputs in made for row, text in zip(rows, inputs, strict=True)}
        return Prepared(drafts, [rows for rows, _ in made], [prints_of(one) for one in drafts], self._vectors(texts))

    def put_prepared(self, prepared: Prepared) -> list[Put]:
        """Put in what ``prepare`` returned; see ``put``.

        Raises:
            ArchiveUnwritable: See ``put``, as for ``ArchiveBusy``.
        """
        with self._writing.held(), self._store.writing() as connection:
            drafts = zip(prepared.drafts, prepared.rows, prepared.prints, strict=True)
            return [self._put_one(connection, *one, prepared.vectors) for one in drafts]

    def _put_one(
        self,
        connection: Connection,
        draft: Draft,
        rows: Sequence[PassageRow],
        prints: Prints,
        vectors: Mapping[bytes, Vectors],
    ) -> Put:
        article = draft.article
        known, told = self._store.fingerprint(article.id), fingerprint(article)
        if known is not None and known[1] == told:
            return Put(article.id, known[0], "unchanged")
        return Put(
            article.id,
            *self._store.put(
                connection,
                article,
                told,
                context_terms(article),
                article_terms(rows),
                rows,
                vectors,
                prints,
                voice=draft.voice,
                people=draft.people,
            ),
        )

    def _vectors(self, inputs: Mapping[bytes, str]) -> Mapping[bytes, Vectors]:
        """Vectors of texts, by key; those that the archive has none of are encoded."""
        with self._store.reading():
            known = self._store.vectors(list(inputs))
        missing = [key for key in inputs if key not in known]
        if not missing:
            return known
        encoded = self.encoder.encode_passages([inputs[key] for key in missing])
        return known | dict(zip(missing, encoded, strict=True))

    def delete(self, article_id: str) -> None:
        """Remove an article in all its versions; ``compact`` takes the last traces of it off the disk.

        Raises:
            ArticleNotFound: There is no such article.
            ArchiveUnwritable: No space, or no right, to write.
        """
        self._store.database.check_writable()
        with self._writing.held():
            self._store.delete(article_id)

    def readings(self, source: str | None = None) -> list[Reading]:
        """What came of reading each item of a source, or of all sources, the last time."""
        with self._store.reading():
            return self._store.readings(source)

    def put_readings(self, readings: Sequence[Reading]) -> None:
        """Keep what came of reading some items of sources, in place of what came of them before.

        Raises:
            ArchiveUnwritable: No space, or no right, to write.
        """
        with self._writing.held(), self._store.writing() as connection:
            self._store.put_readings(connection, readings)

    def drop_readings(self, source: str, items: Sequence[str]) -> None:
        """Forget that some items of a source were ever read.

        Raises:
            ArchiveUnwritable: No space, or no right, to write.
        """
        with self._writing.held(), self._store.writing() as connection:
            self._store.drop_readings(connection, source, items)

    def compact(self) -> tuple[int, int]:
        """Write the archive anew without anything of what was deleted; returns its size before and after, in bytes.

        Questions are answered meanwhile; writers wait. It needs as much free space as the archive takes.

        Raises:
            ArchiveUnwritable: No space, or no right, to write.
            ArchiveBusy: Others read without a pause, so that old pages could not be let go of.
        """
        self._store.database.check_writable()
        before = self._size()
        with self._writing.held():
            with self._store.writing() as connection:
                self._store.compact(connection)
            self._store.database.compact()
            self._indexes.rebuild()
        return before, self._size()

    def backup(self, target: str | Path) -> None:
        """Write the archive as it is now to one file, while others ask and write; ``restore`` reads it.

        Raises:
            ArchiveUnwritable: There is a file of that name, or it cannot be written.
        """
        if Path(target).exists():
            raise ArchiveUnwritable(f"{target} is there already; give another name, or remove it first")
        self._store.database.copy(Path(target))

    def verify(
        self, *, every_vector: bool = False, on_progress: Callable[[Seen], None] = lambda _: None
    ) -> list[Fault]:
        """Hold everything in the archive against everything else; see ``retrieval.integrity``.

        Args:
            every_vector: Encode every text again rather than a sample of 500.
            on_progress: Called after each version of an article.

        Returns:
            What does not agree; nothing if the archive is sound.
        """
        pages = self._store.database.faults()
        if pages:  # what is read of such pages says nothing
            return [Fault("database", problem) for problem in pages]
        found = [*self._indexes.faults(), *check_articles(self._store, on_progress)]
        with self._store.reading() as connection:
            found += check_changes(connection)
            found += check_counts(connection)
        found += check_copies(self._store)
        with self._store.reading() as connection:
            found += check_vectors(connection, self.encoder, every=every_vector)
        with self._indexes.snapshot() as search:
            found += check_indexes(self._store.database.connection, search)
        return found

    def repair(self, faults: Sequence[Fault]) -> list[Fault]:
        """Make anew what the texts have all that is needed for; returns the faults that have to be left.

        A service that has the archive open goes on with what it has loaded: start it again afterwards.

        Raises:
            ArchiveUnwritable: No space, or no right, to write.
        """
        self._store.database.check_writable()
        parts = {fault.part for fault in faults}
        if parts & REPAIRABLE:
            with self._writing.held(), self._store.writing() as connection:
                restore_rows(self._store, connection, {one.article_id for one in faults if one.article_id is not None})
                wrong = [one.vector_key for one in faults if one.vector_key is not None]
                restore_vectors(self._store, connection, self.encoder, wrong)
                recount(connection)
                if "copies" in parts:
                    self._store.remake_prints(connection)
            self._indexes.rebuild()
        return [fault for fault in faults if fault.part not in REPAIRABLE]

    def renew_indexes(self) -> None:
        """Make the indexes anew from the database, beside those that are there, and put them in their place.

        Questions are answered meanwhile, from what each process has loaded, and articles put; see ``take_up_indexes``.

        Raises:
            ArchiveUnwritable: No right to write.
        """
        self._store.database.check_writable()
        self._indexes.renew()

    def take_up_indexes(self) -> bool:
        """Load the indexes that another process has put in place of the loaded ones, if one has; returns whether.

        Questions are answered meanwhile. Of several processes one loads at a time.
        """
        return self._indexes.take_up_renewed()

    def _size(self) -> int:
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    # Reading ----------------------------------------------------------------------------------------------------

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """An article, its current version or the given one.

        Raises:
            ArticleNotFound: There is no such article or version.
        """
        with self._store.reading():
            return self._store.article(article_id, version)

    def versions(self, article_id: str) -> list[StoredArticle]:
        """All versions of an article, the first first, without their texts.

        Raises:
            ArticleNotFound: There is no such article.
        """
        with self._store.reading():
            found = self._store.versions(article_id)
        if not found:
            raise ArticleNotFound(f"no article {article_id}; `onrecord articles list` shows what there is")
        return found

    def difference(self, article_id: str, before: int | None = None, after: int | None = None) -> Difference:
        """What two versions of an article differ in.

        Args:
            article_id: Of the article.
            before: The version that is compared; by default the one before the other.
            after: The version that it is compared with; by default the current one.

        Raises:
            ArticleNotFound: There is no such article or version, or none before.
        """
        with self._store.reading():
            later = self._store.article(article_id, after)
            if before is None:
                earlier = [one.version for one in self._store.versions(article_id) if one.version < later.version]
                if not earlier:
                    raise ArticleNotFound(
                        f"no version of {article_id} before version {later.version}, with which it could be compared"
                    )
                before = earlier[-1]
            former = self._store.article(article_id, before)
        return difference(former, later)

    def copies(self, article_id: str) -> list[StoredArticle]:
        """The current articles that the current version of one is a copy of, without texts, the earliest first."""
        with self._store.reading():
            found = self._store.copies([article_id]).get(article_id, [])
        return sorted(found, key=lambda one: (since(one.article.published), one.article.id))

    def spans(self, article_id: str) -> Mapping[int, Sequence[Span]]:
        """Where the passages of each version of an article stand, in reading order, by version."""
        with self._store.reading():
            return self._store.spans(article_id)

    def has_had(self, passage_id: str) -> bool:
        """Whether a passage of this id is there or was; of a deleted version only that it was there is known."""
        named = named_passage(passage_id)
        if named is None:
            return False
        article_id, version, span = named
        with self._store.reading():
            spans = self._store.spans(article_id)
            return span in spans.get(version, ()) or (
                version not in spans and 1 <= version <= (self._store.last_version(article_id) or 0)
            )

    def verify_citation(self, cited: CitedPassage) -> Verification:
        """What has become of a passage that was cited; see ``retrieval.verification``."""
        with self._store.reading():
            return verify(
                cited,
                self._kept(cited.article_id, cited.version),
                self._kept(cited.article_id),
                last_version=self._store.last_version(cited.article_id),
                passages=self._store.passages,
            )

    def _kept(self, article_id: str, version: int | None = None) -> StoredArticle | None:
        try:
            return self._store.article(article_id, version)
        except ArticleNotFound:
            return None

    def articles(
        self, filters: Filters = Filters(), *, offset: int = 0, limit: int = 50
    ) -> tuple[list[StoredArticle], int]:
        """A page of the current articles by id, without their texts, and how many there are in all."""
        _check_filters(filters)
        with self._store.reading():
            scope = self._store.scope(filters)
            return self._store.articles(scope, offset, limit), self._store.count_articles(scope)

    def passages(self, stored: StoredArticle) -> list[Passage]:
        """Passages of one version of an article, in reading order."""
        with self._store.reading():
            return self._store.passages(stored.article.id, stored.version)

    def passages_by_key(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Current passages by their keys in this archive."""
        with self._store.reading():
            return self._store.passages_by_key(keys)

    def corpus_sha256(self) -> str:
        """SHA-256 over all that is told of the current articles, by id: the same for the same articles."""
        digest = hashlib.sha256()
        with self._store.reading():
            for told in self._store.fingerprints():
                digest.update(told.encode())
        return digest.hexdigest()

    def state(self) -> State:
        """The last change; two archives in the same state hold the same."""
        with self._store.reading():
            return self._store.state()

    def coverage(self) -> Coverage:
        """What the archive holds at present."""
        with self._store.reading():
            return self._store.coverage()

    def publishers(self, limit: int) -> list[tuple[str, int]]:
        """Publishers with the number of their articles, most first."""
        known = ((one.publisher, one.articles) for one in self.holdings().publishers if one.publisher is not None)
        return list(islice(known, limit))

    def holdings(self) -> Holdings:
        """What the archive holds at present, by publisher and month, and its gaps; see ``retrieval.holdings``."""
        with self._store.reading():
            return self._store.holdings()

    def failures(self, *, limit: int = STATS_LIMIT, examples: int = 3) -> Failures:
        """What of its sources could not be read the last time, by reason; the problems name places.

        Args:
            limit: How many reasons to return, at most.
            examples: How many failures of each.
        """
        with self._store.reading():
            return self._store.failures(limit, examples)

    def readings_number(self) -> int:
        """Another one whenever ``failures`` may say something else."""
        with self._store.reading():
            return self._store.readings_number()

    def stats(self, *, limit: int = STATS_LIMIT) -> Mapping[str, Any]:
        """What the archive holds and how it was made, for people and programs; it names no place that was read.

        Args:
            limit: Of how many publishers, speakers and reasons of failures to tell all, at most.
        """
        with self._store.reading():
            of = (self._store.state(), self._store.readings_number(), limit)
            found = self._statistics_of.get(of)
            if found is None:
                found = statistics(self._store, limit)
                self._statistics_of.put(of, found)
        with self.searching() as search:
            index = search.described()
        return {
            **found,
            # The model is not loaded for what it is called.
            "encoder": {
                "model": self.settings["model"],
                "precision": precision() if self._encoder is None else self._encoder.precision,
            },
            "index": index,
            "settings": {key: value for key, value in self.settings.items() if key not in _NO_SETTINGS},
        }

    def ask(self, question: str, k: int = 10, filters: Filters = Filters(), read_as: ReadAs = ReadAs()) -> Answer:
        """The k passages nearest to a question, best first, and whether any of them answers it.

        With a re-ranker "best first" is by its scores; what each passage's confidence is, it leaves as it is.

        Args:
            question: As a person would ask it; 1 to 500 characters.
            k: 1 to 100.
            filters: Applied inside the search: there are k passages wherever k satisfy them.
            read_as: What to take the question to ask, in place of what it seems to ask; where it is blank, nothing is.

        Raises:
            InvalidRequest: One of these is outside its bounds.
        """
        check_request(question, k, filters, read_as)
        with self.stage("encode"):
            vector = self._questions.vector(_encoded(question, read_as))
        with self.searching() as search:
            with self.stage("interpret"):
                scope = self._store.scope(filters)
                asked = overridden(self._read(question, read_as), scope)
                coverage = self._store.coverage()
            hits = self._hits(asked, vector, scope, search, k) if coverage.passages else []
            return replace(self._answer(asked, scope, coverage, hits), vector=vector)

    def expect(self, question: str, read_as: ReadAs = ReadAs()) -> None:
        """Say that a question will be asked soon: it is encoded with the next that is asked, which costs far less.

        Raises:
            InvalidRequest: See ``ask``.
        """
        check_request(question, 1, Filters(), read_as)
        self._questions.expect(_encoded(question, read_as))

    def interpret(self, question: str) -> Question:
        """Take a question apart against the speakers and words of this archive."""
        with self._store.reading():
            return self._interpreted(question)

    def _read(self, question: str, read_as: ReadAs) -> Question:
        return self._interpreted(question) if read_as.blank else corrected(question, read_as, self._store)

    def _interpreted(self, question: str) -> Question:
        counted = self._store.frequencies(term_ids(analyze(question)).tolist())
        return interpret(question, self._store, lambda term: counted.get(int(term_ids([term])[0]), 0))

    def _passages_with(self, term: str) -> int:
        return sum(self._store.frequencies(term_ids([term]).tolist()).values())

    def speakers(self, prefix: str = "", limit: int = 50, offset: int = 0) -> list[Speaker]:
        """Speakers with a name, surname or alias that begins with ``prefix``, most statements first.

        Raises:
            InvalidRequest: The prefix is no text.
        """
        _check_text("prefix", prefix)
        with self._store.reading():
            return self._store.speakers_by_prefix(prefix, offset + limit)[offset:]

    def record(self, name: str, *, offset: int = 0, limit: int = 20) -> Record:
        """A page of everything that somebody is on record with.

        Args:
            name: Any name, surname or alias of theirs. A whole name is one person's, even where others are called the
                same; any other that fits several people is nobody's.
            offset: How many articles to pass over.
            limit: How many to return, at most.

        Raises:
            SpeakerNotFound: Nobody of that name is quoted.
            InvalidRequest: The name is no text.
        """
        _check_text("name", name)
        with self._store.reading():
            fitting = self._store.speakers([fold(name)])
            if not fitting:
                raise SpeakerNotFound("nobody of that name is quoted; `onrecord speakers PREFIX` shows who is")
            whole = [one for one in fitting if fold(name) in map(fold, one.names)]
            speaker = whole[0] if len(whole) == 1 else fitting[0] if len(fitting) == 1 else None
            others = tuple(one for one in fitting if one != speaker)
            if speaker is None:
                return Record(None, others)
            articles = self._store.articles_of(speaker)
            page = [self._store.article(id_, version) for id_, version, _ in articles[offset : offset + limit]]
            return Record(
                speaker,
                others,
                told_once(self._store, [self._said_in(one, speaker) for one in page], {id_ for id_, *_ in articles}),
                len(articles),
                tuple(Counter(year for _, _, year in articles).items()),
            )

    def _said_in(self, stored: StoredArticle, speaker: Speaker) -> SaidIn:
        passages = self._store.passages(stored.article.id, stored.version)
        found = said(frozenset(map(fold, speaker.names)), stored, passages)
        return SaidIn(replace(stored, article=replace(stored.article, text="")), tuple(found))

    def examples(self, count: int = 3) -> list[tuple[Speaker, str]]:
        """Speakers, and of each a topic, whose words on it this archive can find; the most quoted come first.

        Each is tried: asked for, it is answered, by a passage that the speaker speaks in. Nobody comes again before
        everybody else's next topic was tried.
        """
        known = [(speaker, self._topics(speaker)) for speaker in self.speakers(limit=2 * count)]
        turns = ((speaker, theirs[turn]) for turn in range(_TRIED) for speaker, theirs in known if turn < len(theirs))
        return list(islice((pair for pair in turns if self._answers(*pair)), count))

    def _topics(self, speaker: Speaker) -> list[str]:
        with self._store.reading():
            newest = self._store.articles_of(speaker)[:_EXEMPLARY]
            read = [self._said_in(self._store.article(id_, version), speaker) for id_, version, _ in newest]
            said = [one.text for article in read for one in article.statements]
            return topics(said, self._passages_with, but=" ".join(speaker.aliases))[:_TRIED]

    def _answers(self, speaker: Speaker, topic: str) -> bool:
        answer = self.ask(wording(ReadAs((speaker.name,), topic)), 1)
        heard = {name for hit in answer.passages for name in (hit.voice, *(one.speaker for one in hit.statements))}
        return answer.answered and not heard.isdisjoint(speaker.names)

    def nearest(
        self, question: str, k: int, by: Literal["dense", "lexical"], filters: Filters = Filters()
    ) -> list[Passage]:
        """The k passages nearest by one side of the search alone, best first: what the fused ranking is held against.

        Raises:
            InvalidRequest: See ``ask``.
        """
        check_request(question, k, filters)
        with self.searching() as search:
            scope = self._store.scope(filters)
            if by == "lexical":
                keys = search.matching(self._interpreted(question).words, k, scope)
            else:
                keys = search.nearest(self._questions.vector(question), k, scope)
            found = self._store.passages_by_key(keys)
        return [found[key] for key in keys if key in found]

    def candidates(self, asked: Question, vector: Vectors) -> tuple[list[Candidate], Statistics]:
        """The passages that are ranked for a question, and what ranking needs to know of the whole archive.

        Args:
            asked: The question, taken apart.
            vector: The question encoded, shape ``(dimension,)``.
        """
        with self.searching() as search:
            (keys,) = search.find([self._sought(asked, vector, EVERYTHING)], self.stage)
            return self._store.candidates(keys), self._statistics(asked)

    def considered(self, question: str, filters: Filters = Filters()) -> frozenset[str]:
        """Ids of all passages that are ranked for a question: one that is not among them was not retrieved.

        Raises:
            InvalidRequest: See ``ask``.
        """
        check_request(question, 1, filters)
        vector = self._questions.vector(question)
        with self.searching() as search:
            scope = self._store.scope(filters)
            asked = overridden(self._interpreted(question), scope)
            (keys,) = search.find([self._sought(asked, vector, scope)], self.stage)
            return frozenset(one.id for one in self._store.candidates(keys))

    def _sought(self, asked: Question, vector: Vectors, scope: Scope) -> Sought:
        """The candidates: a union of what the two sides of the search find nearest, filters applied inside."""
        by_words = [(asked.words, self.depths.lexical, scope)]
        if asked.speakers:
            # Where the speaker is only "he" in the passage, the name would crowd it out.
            by_words.append((asked.topic, self.depths.topic, scope))
        if asked.people and scope.speakers is None:
            by_words.append((asked.topic, self.depths.topic, replace(scope, speakers=asked.people)))
        return Sought(vector, scope, self.depths.dense, by_words)

    def _statistics(self, asked: Question) -> Statistics:
        coverage, mean_terms = self._store.sizes()
        return Statistics(coverage.passages, mean_terms, self._store.frequencies(words_of(asked).tolist()))

    def _encode_questions(self, texts: Sequence[str]) -> Vectors:
        return self.encoder.encode_questions(texts)

    def _hits(self, asked: Question, vector: Vectors, scope: Scope, search: Searches, k: int) -> list[Hit]:
        known, weights = self._statistics(asked), self.model[regime(asked)]
        ranking = self._ranking(asked, vector, known, scope, search)
        with self.stage("mark"):
            copies = self._store.copies({article_of(one) for _, one in ranking})
            groups = grouped(ranking, k, lambda id_: [one.article.id for one in copies.get(id_, ())])
            self._complete(groups, copies)
            cited = self._store.cited([key for group in groups for key in group.all])
            groups = [group for group in groups if group.first.key in cited]
            read = [(group.first, cited[group.first.key][0]) for group in groups]
            segments = highlighted(asked, vector, known, weights, read)
        hits: list[Hit] = []
        with self.stage("cite"):
            for group, marked in zip(groups, segments, strict=True):
                hit = self._hit(len(hits) + 1, group, cited, marked, asked)
                if hit is not None:
                    hits.append(hit)
            return told_elsewhere(self._store, hits, copies)

    def _complete(self, groups: Sequence[Group], copies: Mapping[str, Sequence[StoredArticle]]) -> None:
        """Put to each passage where it stands in copies of its article, whether the search has found that or not."""
        wanted = {one.article.id for group in groups for one in copies.get(article_of(group.first), ())}
        if not wanted:
            return
        passages: defaultdict[str, list[tuple[int, Terms]]] = defaultdict(list)
        for article_id, key, terms in self._store.terms_of(wanted):
            passages[article_id].append((key, terms))
        for group in groups:
            theirs = [one.article.id for one in copies.get(article_of(group.first), ())]
            complete(group, {id_: passages[id_] for id_ in theirs if id_ in passages})

    def _hit(
        self,
        rank: int,
        group: Group,
        cited: Mapping[int, tuple[Passage, StoredArticle]],
        marked: tuple[Segment, ...],
        asked: Question,
    ) -> Hit | None:
        passage, stored = cited[group.first.key]
        citation = _cited(passage, stored)
        if citation is None:
            return None
        copies = tuple(filter(None, (_cited(*cited[key]) for key in group.copies if key in cited)))
        return Hit(
            rank=rank,
            id=passage.id,
            text=passage.text,
            score=group.score,
            confidence=round(float(probability(np.array(group.score))), 4),
            segments=marked,
            statements=passage.statements,
            voice=passage.voice,
            attribution=attribution(passage, marked, asked.people, stored.article, self._store.offices),
            citation=citation,
            copies=copies,
            carried=carried((citation, *copies)),
        )

    def _ranking(
        self, asked: Question, vector: Vectors, known: Statistics, scope: Scope, search: Searches
    ) -> list[Scored]:
        """Candidates with their log-odds, best first; ties by id, so that the same archive answers the same."""
        # A passage is held against the best of the archive, not of what a filter leaves: otherwise whatever somebody
        # has said would be near enough to whatever is asked, if there is nothing else of theirs.
        scopes = [scope] if scope == EVERYTHING else [scope, EVERYTHING]
        keys, *of_all = search.find([self._sought(asked, vector, one) for one in scopes], self.stage)
        with self.stage("load"):
            # In an order that hangs on nothing else: the last bits of a product depend on the place in it.
            found, others = (
                sorted(self._store.candidates(of), key=lambda one: one.id)
                for of in (keys, [key for of in of_all for key in of])
            )
        if not found:
            return []
        with self.stage("rank"):
            matrix = features(asked, vector, Columns.of([*found, *others]), known)[: len(found)]
            ranking = _ranked(self.model[regime(asked)].log_odds(matrix), found)
        if self.reranker is None:
            return ranking
        with self.stage("rerank"):
            head = self._store.passages_by_key([one.key for _, one in ranking[:RERANKED]])
            return reranked(self.reranker, asked.text, ranking, {key: one.text for key, one in head.items()})

    def _answer(self, asked: Question, scope: Scope, coverage: Coverage, hits: Sequence[Hit]) -> Answer:
        # Of the first passage, unless a re-ranker has put another before it: "none of these" must hold of all.
        confidence = max((hit.confidence for hit in hits), default=0.0)
        answered = confidence >= self.model[regime(asked)].threshold
        reason = None if answered else self._reason(asked, scope, coverage, hits)
        return Answer(
            question=asked.text,
            answered=answered,
            confidence=confidence,
            reason=reason,
            interpretation=asked.interpretation,
            passages=tuple(hits),
            archive=coverage,
            speakers=asked.people,
            spoken_of_by=_others(asked, hits) if reason == "speaker_not_quoted_on_topic" else (),
            sources=self._sources(hits),
            uncovered=self._uncovered(asked, scope) if reason and coverage.articles else None,
        )

    def _sources(self, hits: Sequence[Hit]) -> int:
        copies = self._store.copies({hit.citation.article_id for hit in hits})
        first = {
            origin([hit.citation, *hit.copies, *(one.article for one in copies.get(hit.citation.article_id, ()))])
            for hit in hits
        }
        return len(first - {None}) or min(len(first), 1)

    def _uncovered(self, asked: Question, scope: Scope) -> Uncovered | None:
        """What of publisher, author and time the archive has no article of, if anything of the kind is asked for."""
        whose = Filters(publisher=scope.filters.publisher, author=scope.filters.author)
        wanted = replace(
            whose,
            published_from=asked.interpretation.published_from,
            published_to=asked.interpretation.published_to,
        )
        return None if wanted == Filters() else uncovered(wanted, self._store.dates(whose))

    def _reason(self, asked: Question, scope: Scope, coverage: Coverage, hits: Sequence[Hit]) -> Reason:
        if not coverage.articles:
            return "empty_archive"
        if not hits:
            return _unmatched(scope)
        # What was said then would have been published then; a fact of that time may stand anywhere.
        if asked.speakers and not self._store.count_articles(_of_time(asked)):
            return "outside_dates"
        if asked.unheard and not self._holds_all(asked.unheard):
            return "speaker_not_found"
        if asked.speakers:
            return "speaker_not_quoted_on_topic"
        return "low_confidence" if self._store.frequencies(asked.terms.tolist()) else "topic_not_found"

    def _holds_all(self, name: str) -> bool:
        """Whether each word of a name stands somewhere in the archive."""
        return all(self._passages_with(word) for word in analyze(name))

    def refresh(self) -> None:
        """Bring the indexes up to the last change; does nothing when they are."""
        self._indexes.catch_up()

    def searching(self) -> AbstractContextManager[Searches]:
        """Read and search the archive, inside, at one and the same change: its last."""
        return self._indexes.snapshot()

    def lag(self) -> Mapping[str, int]:
        """By index, how many changes it has not taken up yet."""
        return self._indexes.lag()

    def missing_shards(self) -> tuple[int, ...]:
        """Numbers of the shards that do not answer at present, as far as is known without asking them.

        An archive in one piece has none.
        """
        return ()


def _encoded(question: str, read_as: ReadAs) -> str:
    """What of a question is encoded."""
    return question if read_as.blank else wording(read_as)


def _cited(passage: Passage, stored: StoredArticle) -> Citation | None:
    citation = cite(passage, stored)
    if citation is None:
        _log.error("passage %s does not verify against its article and is left out", passage.id)
    return citation


def _ranked(log_odds: NDArray[np.float64], found: Sequence[Candidate]) -> list[Scored]:
    """Candidates by their log-odds, best first; of those that tie the one that was published first, then by id."""
    # Rounded, so that the last bits of a sum, which differ between processors, never decide an order.
    scored = zip(np.round(log_odds, 6).tolist(), found, strict=True)
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].article.first_day or since(None), pair[1].id))


def _writing(folder: Path) -> ProcessLock:
    """Alone among all who write to an archive."""
    return ProcessLock(folder / "lock")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveUnwritable(f"{folder} cannot be made ({error.strerror}); see to its rights") from error
    if not writable(folder):
        raise ArchiveUnwritable(f"{folder} cannot be written to; give another folder")


def check(draft: Draft) -> None:
    """See that a draft can be stored, found again by its id, and cited.

    Raises:
        InvalidRequest: Its id cannot stand in an address, its text or metadata cannot be stored, its url is none, or
            its passages are not disjoint, ordered and inside the text.
    """
    article = draft.article
    if not _ID.fullmatch(article.id) or article.id in (".", ".."):
        raise InvalidRequest(
            f"article id {article.id[:80]!r}: use 1 to 200 characters without / \\ and control characters"
        )
    _check_storable(article)
    if article.published is not None:
        days(article.published)
    end = 0
    for span in draft.passages:
        if not end <= span.start < span.end <= len(article.text):
            raise InvalidRequest(f"article {article.id}: passage {span.start}-{span.end} is out of place")
        end = span.end


def _check_storable(article: Article) -> None:
    said = json.dumps(asdict(article), ensure_ascii=False)
    try:
        said.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(
            f"article {article.id}: it holds a lone surrogate, which no file can; leave it out"
        ) from error
    if _NUL.search(said):
        raise InvalidRequest(f"article {article.id}: it holds a NUL character; leave it out")
    try:
        urlsplit(article.url or "")
    except ValueError as error:
        raise InvalidRequest(f"article {article.id}: {article.url!r} is no url ({error})") from error


def _database(folder: Path) -> Path:
    return folder / "archive.db"


def _model(folder: Path) -> Path:
    return folder / "model"


def check_request(question: str, k: int, filters: Filters, read_as: ReadAs = ReadAs()) -> None:
    """See that a question can be asked; ``Archive.ask`` does.

    Raises:
        InvalidRequest: The question, k, a filter or what the question is to be read as is outside its bounds.
    """
    if not question.strip():
        raise InvalidRequest("the question is empty")
    if len(question) > MAX_QUESTION:
        raise InvalidRequest(f"the question has {len(question)} characters; at most {MAX_QUESTION} are read")
    if not 1 <= k <= MAX_K:
        raise InvalidRequest(f"k is {k}; it must be from 1 to {MAX_K}")
    _check_filters(filters)
    if len(read_as.speakers) > MAX_SPEAKERS:
        raise InvalidRequest(
            f"read_as has {len(read_as.speakers)} speakers; at most {MAX_SPEAKERS} are asked for at once"
        )
    if any(len(one) > MAX_QUESTION for one in (*read_as.speakers, read_as.topic)):
        raise InvalidRequest(f"a speaker or the topic of read_as has more than {MAX_QUESTION} characters")


def overridden(asked: Question, scope: Scope) -> Question:
    """The question as the filters have it: whose words are asked for, and of which time, whatever it says itself."""
    shown, filters = asked.interpretation, scope.filters
    if scope.speakers is not None:
        asked = replace(asked, people=scope.speakers, unheard="")
        shown = replace(shown, speakers=tuple(one.name for one in scope.speakers))
    if filters.published_from is not None or filters.published_to is not None:
        asked = replace(asked, dates=None)
        shown = replace(shown, published_from=filters.published_from, published_to=filters.published_to)
    return replace(asked, interpretation=shown)


def _of_time(asked: Question) -> Scope:
    """All that is of the time that a question asks for."""
    shown = asked.interpretation
    return Scope(Filters(published_from=shown.published_from, published_to=shown.published_to), None)


def _others(asked: Question, hits: Sequence[Hit]) -> tuple[str, ...]:
    """Who in the passages shown speaks of the topic without being asked for, in their order."""
    topic, names = set(asked.topic), {fold(name) for name in asked.speakers}
    found: list[str] = []
    for hit in hits:
        said = [(one.speaker, one.text) for one in hit.statements]
        if hit.voice is not None:
            said.append((hit.voice, hit.text))
        found += [name for name, text in said if name and fold(name) not in names and topic <= set(analyze(text))]
    return tuple(dict.fromkeys(found)) if topic else ()


def _unmatched(scope: Scope) -> Reason:
    """Why no passage satisfies the filters."""
    if scope.speakers == ():
        return "speaker_not_found"
    dated = scope.filters.published_from is not None or scope.filters.published_to is not None
    return "outside_dates" if dated else "no_article_matches"


def _check_text(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{name} holds a lone surrogate, which no text can; leave it out") from error


def _check_filters(filters: Filters) -> None:
    for name, value in asdict(filters).items():
        _check_text(name, value or "")
    first = None if filters.published_from is None else days(filters.published_from)[0]
    last = None if filters.published_to is None else days(filters.published_to)[1]
    if first is not None and last is not None and first > last:
        raise InvalidRequest(f"published_from {filters.published_from} is after published_to {filters.published_to}")
