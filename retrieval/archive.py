"""The one door into the package: open an archive, put articles in, ask it."""

import fcntl
import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import numpy as np

from retrieval.caches import Unusable
from retrieval.cite import cite
from retrieval.copies import Group, Scored, grouped
from retrieval.dates import days
from retrieval.dense import DenseIndex
from retrieval.encoder import DEFAULT_MODEL, Encoder, SentenceTransformerEncoder, Vectors
from retrieval.errors import ArchiveMismatch, ArchiveMissing, ArticleNotFound, InvalidRequest
from retrieval.folding import fold
from retrieval.highlight import highlighted
from retrieval.lexical import LexicalIndex, analyze, term_ids
from retrieval.question import Question, interpret
from retrieval.rank import Statistics, default_model, features, probability, regime, words_of
from retrieval.reranker import RERANKED, Reranker, reranked
from retrieval.rows import article_terms, context_terms, rows_of
from retrieval.store import EVERYTHING, START, Candidate, Keys, PassageRow, Scope, State, Store
from retrieval.types import (
    Answer,
    Article,
    Citation,
    CitedPassage,
    Coverage,
    Draft,
    Filters,
    Hit,
    Passage,
    Put,
    Reason,
    Segment,
    Span,
    Speaker,
    StoredArticle,
    Verification,
)
from retrieval.verification import verify

# Ids stand in addresses; servers in front of ours decode, fold or refuse these.
_ID = re.compile(r"[^/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")

_log = logging.getLogger(__name__)

MAX_QUESTION = 500
MAX_K = 100
# How deep each side is searched: past these the development questions gained nothing (docs/decisions.md).
_LEXICAL_DEPTH, _DENSE_DEPTH, _TOPIC_DEPTH = 100, 50, 30

LoadEncoder = Callable[[str], Encoder]


class Archive:
    """One folder: ``archive.db`` holds everything, the two indexes beside it are caches of it.

    Any number of threads may ask and put; several processes may open one archive.

    Attributes:
        reranker: Puts the first passages of an answer into its own order, if one is set; see ``ask``.
    """

    def __init__(self, path: Path, store: Store, load_encoder: LoadEncoder) -> None:
        """Used by ``open`` and ``create``."""
        self.path = path
        self.reranker: Reranker | None = None
        self._store = store
        self._load_encoder = load_encoder
        self._encoder: Encoder | None = None
        self._loading = threading.RLock()
        self._writing = threading.Lock()
        self._dense: DenseIndex | None = None
        self._dense_saved = 0
        self._lexical: LexicalIndex | None = None

    @classmethod
    def open(cls, path: str | Path, *, load_encoder: LoadEncoder = SentenceTransformerEncoder) -> Self:
        """Open an archive.

        Args:
            path: Its folder.
            load_encoder: Makes the encoder from the name of the model; called when the first text is encoded.

        Raises:
            ArchiveMissing: There is none in that folder.
            ArchiveMismatch: Written by a newer version.
            ArchiveDamaged: Its database is not sound.
        """
        folder = Path(path)
        if not _database(folder).exists():
            raise ArchiveMissing(f"no archive in {folder}; make one with: onrecord ingest SOURCE --archive {folder}")
        return cls(folder, Store(_database(folder)), load_encoder)

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
        load_encoder: LoadEncoder = SentenceTransformerEncoder,
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
        if _database(folder).exists():
            archive = cls.open(folder, load_encoder=load_encoder)
            archive._check_settings({**settings, "model": model})
            return archive
        encoder = load_encoder(model)
        folder.mkdir(parents=True, exist_ok=True)
        meta = {
            **settings,
            "model": model,
            "model_sha256": encoder.fingerprint,
            "dimension": str(encoder.dimension),
        }
        archive = cls(folder, Store(_database(folder), meta), load_encoder)
        archive._encoder = encoder
        archive._caches()
        return archive

    def close(self) -> None:
        """Save what the caches have learnt, and let go of the database."""
        if self._dense is not None and self._dense.state.number != self._dense_saved:
            with self._locked():
                self._dense.save(self._dense_path)
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
                encoder = self._load_encoder(self._store.meta["model"])
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
        known = self._store.fingerprint(article.id)
        return known is not None and known[1] == _fingerprint(article)

    def put(self, drafts: Sequence[Draft]) -> list[Put]:
        """Make each draft the current version of its article; all of them, or after an error none.

        A draft that is the current version already changes nothing. A passage whose text the archive has encoded
        before is not encoded again.

        Raises:
            InvalidRequest: A draft whose passages lie outside its text, or whose text cannot be stored.
        """
        fresh: list[tuple[Draft, list[PassageRow], list[str]]] = []
        for draft in drafts:
            check(draft)
            if not self.is_current(draft.article):
                fresh.append((draft, *rows_of(draft)))
        keys = [row.vector_key for _, rows, _ in fresh for row in rows]
        inputs = dict(zip(keys, (text for _, _, texts in fresh for text in texts), strict=True))
        encoded = self._encoded(inputs)
        outcomes = {}
        with self._locked(), self._store.writing() as connection:
            # Looked up again: since then another writer may have dropped a vector that was there.
            encoded |= self._encoded({key: text for key, text in inputs.items() if key not in encoded})
            self._store.put_vectors(connection, encoded)
            before = self._store.state().number
            for draft, rows, _ in fresh:
                outcomes[draft.article.id] = self._store.put(
                    connection,
                    draft.article,
                    _fingerprint(draft.article),
                    context_terms(draft.article),
                    article_terms(rows),
                    rows,
                    voice=draft.voice,
                    people=draft.people,
                )
            # Once for all: a text that one article lost may be one that the next has gained.
            self._store.drop_orphans(connection, before)
        return [self._put_of(draft.article.id, outcomes) for draft in drafts]

    def _encoded(self, inputs: Mapping[bytes, str]) -> dict[bytes, Vectors]:
        """Vectors, by key, of those texts that the archive has none of."""
        missing = self._store.missing_vectors(list(inputs))
        if not missing:
            return {}
        return dict(zip(missing, self.encoder.encode_passages([inputs[key] for key in missing]), strict=True))

    def _put_of(self, article_id: str, outcomes: Mapping[str, tuple[int, Any]]) -> Put:
        if article_id in outcomes:
            return Put(article_id, *outcomes[article_id])
        known = self._store.fingerprint(article_id)
        return Put(article_id, known[0] if known else 0, "unchanged")

    def delete(self, article_id: str) -> None:
        """Remove an article in all its versions.

        Raises:
            ArticleNotFound: There is no such article.
        """
        with self._locked():
            self._store.delete(article_id)

    # Reading ----------------------------------------------------------------------------------------------------

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """An article, its current version or the given one.

        Raises:
            ArticleNotFound: There is no such article or version.
        """
        return self._store.article(article_id, version)

    def versions(self, article_id: str) -> list[StoredArticle]:
        """All versions of an article, the first first, without their texts.

        Raises:
            ArticleNotFound: There is no such article.
        """
        found = self._store.versions(article_id)
        if not found:
            raise ArticleNotFound(f"no article {article_id}; `onrecord articles list` shows what there is")
        return found

    def spans(self, article_id: str) -> Mapping[int, Sequence[Span]]:
        """Where the passages of each version of an article stand, in reading order, by version."""
        return self._store.spans(article_id)

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

    def state(self) -> State:
        """How far the archive has come; every change of it gives it another."""
        return self._store.state()

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
        return self._store.passages(stored.article.id, stored.version)

    def passages_by_key(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Current passages by their keys in this archive."""
        return self._store.passages_by_key(keys)

    def coverage(self) -> Coverage:
        """What the archive holds at present."""
        with self._store.reading():
            return self._store.coverage()

    def stats(self) -> Mapping[str, Any]:
        """What the archive holds and how it was made, for people and programs."""
        with self._store.reading():
            coverage = asdict(self._store.coverage())
            publishers = self._store.counts_by("publisher")
            kinds = self._store.counts_by("kind")
        return {
            **coverage,
            "publishers": [{"publisher": name, "articles": count} for name, count in publishers],
            "kinds": [{"kind": name, "articles": count} for name, count in kinds],
            "settings": {key: value for key, value in self.settings.items() if key not in ("passages", "length")},
        }

    def ask(self, question: str, k: int = 10, filters: Filters = Filters()) -> Answer:
        """The k passages nearest to a question, best first, and whether any of them answers it.

        With a re-ranker "best first" is by its scores; what each passage's confidence is, it leaves as it is.

        Args:
            question: As a person would ask it; 1 to 500 characters.
            k: 1 to 100.
            filters: Applied inside the search: there are k passages wherever k satisfy them.

        Raises:
            InvalidRequest: One of these is outside its bounds.
        """
        check_request(question, k, filters)
        self.refresh()
        with self._store.reading():
            scope = self._store.scope(filters)
            asked = overridden(self.interpret(question), scope)
            coverage = self._store.coverage()
            hits = self._hits(asked, scope, k) if coverage.passages else []
            return self._answer(asked, scope, coverage, hits)

    def interpret(self, question: str) -> Question:
        """Take a question apart against the speakers and words of this archive."""
        return interpret(question, self._store, self._passages_with)

    def _passages_with(self, term: str) -> int:
        return sum(self._store.frequencies(term_ids([term]).tolist()).values())

    def speakers(self, prefix: str = "", limit: int = 50) -> list[Speaker]:
        """Speakers with a name, surname or alias that begins with ``prefix``, most statements first.

        Raises:
            InvalidRequest: The prefix is no text.
        """
        _check_text("prefix", prefix)
        with self._store.reading():
            return self._store.speakers_by_prefix(prefix, limit)

    def nearest(
        self, question: str, k: int, by: Literal["dense", "lexical"], filters: Filters = Filters()
    ) -> list[Passage]:
        """The k passages nearest by one side of the search alone, best first: what the fused ranking is held against.

        Raises:
            InvalidRequest: See ``ask``.
        """
        check_request(question, k, filters)
        self.refresh()
        dense, lexical = self._caches()
        with self._store.reading():
            scope = self._store.scope(filters)
            if by == "lexical":
                keys = lexical.search(self.interpret(question).words, k, scope)
            else:
                keys, _ = dense.search(self._vector(question), k, self._allowed(scope))
            found = self._store.passages_by_key(keys.tolist())
        return [found[key] for key in keys.tolist() if key in found]

    def _allowed(self, scope: Scope) -> Keys | None:
        return None if scope == EVERYTHING else self._store.keys(scope)

    def candidates(self, asked: Question, vector: Vectors, scope: Scope = EVERYTHING) -> list[Candidate]:
        """The passages that are ranked for a question: a union of what the two sides of the search find nearest.

        Args:
            asked: The question, taken apart.
            vector: The question encoded, shape ``(dimension,)``.
            scope: Filters, applied inside the search.
        """
        dense, lexical = self._caches()
        near, _ = dense.search(vector, _DENSE_DEPTH, self._allowed(scope))
        keys = np.union1d(near, lexical.search(asked.words, _LEXICAL_DEPTH, scope))
        if asked.speakers:
            # Where the speaker is only "he" in the passage, the name would crowd it out.
            keys = np.union1d(keys, lexical.search(asked.topic, _TOPIC_DEPTH, scope))
        if asked.people and scope.speakers is None:
            theirs = replace(scope, speakers=asked.people)
            keys = np.union1d(keys, lexical.search(asked.topic, _TOPIC_DEPTH, theirs))
        return self._store.candidates(keys.tolist())

    def statistics(self, asked: Question) -> Statistics:
        """What ranking needs to know of the whole archive for a question."""
        passages, mean_terms = self._store.sizes()
        return Statistics(passages, mean_terms, self._store.frequencies(words_of(asked).tolist()))

    def _vector(self, question: str) -> Vectors:
        vector: Vectors = self.encoder.encode_questions([question])[0]
        return vector

    def _hits(self, asked: Question, scope: Scope, k: int) -> list[Hit]:
        vector, known, weights = self._vector(asked.text), self.statistics(asked), default_model()[regime(asked)]
        ranking = self._ranking(asked, vector, known, scope)
        groups = grouped(ranking, k)
        passages = self._store.passages_by_key([one.key for group in groups for one in group.all])
        read = [(group.first, passages[group.first.key]) for group in groups]
        segments = highlighted(asked, vector, known, weights, read)
        hits: list[Hit] = []
        for group, marked in zip(groups, segments, strict=True):
            hit = self._hit(len(hits) + 1, group, passages, marked)
            if hit is not None:
                hits.append(hit)
        return hits

    def _hit(self, rank: int, group: Group, passages: Mapping[int, Passage], marked: tuple[Segment, ...]) -> Hit | None:
        passage = passages[group.first.key]
        citation = self._cited(passage)
        if citation is None:
            return None
        return Hit(
            rank=rank,
            id=passage.id,
            text=passage.text,
            score=group.score,
            confidence=round(float(probability(np.array(group.score))), 4),
            segments=marked,
            statements=passage.statements,
            voice=passage.voice,
            citation=citation,
            copies=tuple(filter(None, (self._cited(passages[copy.key]) for copy in group.copies))),
        )

    def _ranking(self, asked: Question, vector: Vectors, known: Statistics, scope: Scope) -> list[Scored]:
        """Candidates with their log-odds, best first; ties by id, so that the same archive answers the same."""
        found = self.candidates(asked, vector, scope)
        if not found:
            return []
        # A passage is held against the best of the archive, not of what a filter leaves: otherwise whatever somebody
        # has said would be near enough to whatever is asked, if there is nothing else of theirs.
        others = [] if scope == EVERYTHING else self.candidates(asked, vector)
        matrix = features(asked, vector, [*found, *others], known)[: len(found)]
        log_odds = default_model()[regime(asked)].log_odds(matrix)
        # Rounded, so that the last bits of a sum, which differ between processors, never decide an order.
        scored = zip(np.round(log_odds, 6).tolist(), found, strict=True)
        ranking = sorted(scored, key=lambda pair: (-pair[0], pair[1].id))
        if self.reranker is None:
            return ranking
        head = self._store.passages_by_key([one.key for _, one in ranking[:RERANKED]])
        return reranked(self.reranker, asked.text, ranking, {key: one.text for key, one in head.items()})

    def _cited(self, passage: Passage) -> Citation | None:
        citation = cite(passage, self._store.article(passage.article_id, passage.version))
        if citation is None:
            _log.error("passage %s does not verify against its article and is left out", passage.id)
        return citation

    def _answer(self, asked: Question, scope: Scope, coverage: Coverage, hits: Sequence[Hit]) -> Answer:
        # Of the first passage, unless a re-ranker has put another before it: "none of these" must hold of all.
        confidence = max((hit.confidence for hit in hits), default=0.0)
        answered = confidence >= default_model()[regime(asked)].threshold
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
        )

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

    # Caches -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring the caches up to the last change; does nothing when they are."""
        dense, lexical = self._caches()
        target = self._store.state()
        if dense.state == target == lexical.state:
            return
        with self._locked(), self._store.reading():
            target = self._store.state()
            # Another process may have brought the index on disk further, or made it anew.
            if lexical.state != target and lexical.changed_on_disk():
                self._load_or_reset(lexical)
            if lexical.state != target:
                lexical.catch_up(self._store, target)
            if dense.state != target:
                dense.catch_up(self._store, target)

    def _caches(self) -> tuple[DenseIndex, LexicalIndex]:
        with self._loading:
            if self._dense is None:
                self._dense = self._load_dense()
            if self._lexical is None:
                self._lexical = self._load_lexical()
            return self._dense, self._lexical

    def _load_dense(self) -> DenseIndex:
        meta = self._store.meta
        dense = DenseIndex(int(meta["dimension"]), meta["model_sha256"])
        try:
            dense.load(self._dense_path)
            if not self._store.knows(dense.state):
                raise Unusable("it is of another archive or of another history of this one")
        except Unusable as reason:
            self._report_rebuild("dense", reason)
            dense = DenseIndex(int(meta["dimension"]), meta["model_sha256"])
        self._dense_saved = dense.state.number
        return dense

    def _load_lexical(self) -> LexicalIndex:
        lexical = LexicalIndex(self.path / "lexical")
        with self._locked():
            self._load_or_reset(lexical)
        return lexical

    def _load_or_reset(self, lexical: LexicalIndex) -> None:
        try:
            lexical.load()
            if not self._store.knows(lexical.state):
                raise Unusable("it is of another archive or of another history of this one")
        except Unusable as reason:
            self._report_rebuild("lexical", reason)
            lexical.reset()

    def _report_rebuild(self, which: str, reason: Unusable) -> None:
        # A new archive has no indexes yet, which is nothing to warn of.
        level = logging.DEBUG if self._store.state() == START else logging.WARNING
        _log.log(level, "%s index: %s; rebuilding it from the archive", which, reason)

    @property
    def _dense_path(self) -> Path:
        return self.path / "dense.faiss"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among all threads and processes that write to this archive or to its caches."""
        with self._writing, (self.path / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


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
    if "\\u0000" in said:
        raise InvalidRequest(f"article {article.id}: it holds a NUL character; leave it out")
    try:
        urlsplit(article.url or "")
    except ValueError as error:
        raise InvalidRequest(f"article {article.id}: {article.url!r} is no url ({error})") from error


def _fingerprint(article: Article) -> str:
    said = json.dumps(asdict(article), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _database(folder: Path) -> Path:
    return folder / "archive.db"


def check_request(question: str, k: int, filters: Filters) -> None:
    """See that a question can be asked; ``Archive.ask`` does.

    Raises:
        InvalidRequest: The question, k or a filter is outside its bounds.
    """
    if not question.strip():
        raise InvalidRequest("the question is empty")
    if len(question) > MAX_QUESTION:
        raise InvalidRequest(f"the question has {len(question)} characters; at most {MAX_QUESTION} are read")
    if not 1 <= k <= MAX_K:
        raise InvalidRequest(f"k is {k}; it must be from 1 to {MAX_K}")
    _check_filters(filters)


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
