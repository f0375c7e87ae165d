"""Nearest passages by words: BM25 in tantivy; the only importer of tantivy.

Words are lower-cased, stripped of accents and stemmed (Snowball English). A question becomes a query term by term,
never through a query parser: nothing that a visitor types can be syntax.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from retrieval.caches import Missing, Unusable, header, read_header, sha256
from retrieval.dates import days
from retrieval.files import write_whole
from retrieval.folding import fold
from retrieval.store import START, Indexable, Keys, Scope, State, Store, Terms
from retrieval.types import Article

_ANALYZER = "onrecord_english"
# What the tokenizer leaves of "Loughton's", "don't", "we'll" behind the apostrophe.
_AFTER_APOSTROPHES = ["s", "t", "d", "ll", "re", "ve", "m"]
_HEAP_BYTES = 64_000_000
_FIRST_DAY, _LAST_DAY = 0, 99_999_999

# How much a match in these counts beside one in the passage itself; tuned with the ranking, see docs/decisions.md.
CONTEXT_BOOST = 0.5

# Scores are held to be the same within steps of this size. What they are sums of is added up in whatever order an index
# comes to it, so that their last bits say nothing: these are a hundred times smaller.
STEP = 1 / 64
# So many more than are wanted are looked at first: there are mostly fewer that are as good as the last of them.
MARGIN = 28

Fields = Literal["text", "context"]
FIELDS: tuple[Fields, ...] = ("text", "context")


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(64))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.custom_stopword(_AFTER_APOSTROPHES))
        .filter(Filter.stemmer("english"))
        .build()
    )


_shared_analyzer = _analyzer()


def analyze(text: str) -> list[str]:
    """The words of a text as they are indexed: lower case, without accents, stemmed, in order."""
    return _shared_analyzer.analyze(text)


def context_of(article: Article) -> str:
    """What stands around every passage of an article and may be asked for along with it."""
    return "\n".join(part for part in (article.title, article.author, article.publisher) if part)


def term_ids(words: Iterable[str]) -> Terms:
    """Analysed words as 32-bit numbers (BLAKE2b): what passages are compared with, word for word."""
    return np.array([_term_id(word) for word in words], np.uint32)


@lru_cache(maxsize=1 << 14)  # of the words of a text, most are of a few thousand
def _term_id(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "little")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_unsigned_field("tie", fast=True)
    for name in ("text", "context"):
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="freq")
    for name in ("publisher", "author", "article", "speaker"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("first_day", "last_day"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    return builder.build()


_NO_KEYS: Keys = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Matches:
    """Passages that match, a row each.

    Attributes:
        keys: Of the passages.
        scores: How good they are: cosines, or BM25.
        ties: A number of each passage that hangs on nothing but its id: of equal ones the lowest come first.
    """

    keys: Keys
    scores: NDArray[np.float64]
    ties: Keys

    def best(self, k: int) -> "Matches":
        """The best ``k``, best first: the same whatever order they are in."""
        order = np.lexsort((self.ties, -self.scores))[:k]
        return Matches(self.keys[order], self.scores[order], self.ties[order])

    @classmethod
    def joined(cls, parts: Sequence["Matches"]) -> "Matches":
        """All of some, one behind the other."""
        return cls(
            np.concatenate([_NO_KEYS, *(one.keys for one in parts)]),
            np.concatenate([np.empty(0), *(one.scores for one in parts)]),
            np.concatenate([_NO_KEYS, *(one.ties for one in parts)]),
        )

    def in_steps(self) -> "Matches":
        """The same with scores of BM25 as they are compared, in whole steps."""
        return replace(self, scores=np.floor(self.scores / STEP))


def tie(passage_id: str) -> int:
    """What decides between passages that are as good as each other: 63 bits of BLAKE2b of the id."""
    return int.from_bytes(hashlib.blake2b(passage_id.encode(), digest_size=8).digest(), "little") >> 1


@dataclass(frozen=True, slots=True)
class Measures:
    """What BM25 knows of all passages of an index, those that wait to be taken out included.

    Attributes:
        passages: How many; 0 if none that is left has any of the words.
        mean: Of each field, its mean number of words; of fields in which none has any of the words, nothing.
    """

    passages: int
    mean: Mapping[Fields, float]


_UNKNOWN = Measures(0, {})


class LexicalIndex:
    """BM25 over the passages and, with less weight, over title, author and publisher of their articles.

    The folder is tantivy's; the manifest beside it holds size and SHA-256 of each of its files and how far the index
    has come. The files are compared with the manifest before tantivy opens them.

    Attributes:
        state: How far the index has come with the archive's changes.
    """

    def __init__(self, folder: Path) -> None:
        """Not opened yet: call ``load`` or ``reset``."""
        self.state = START
        self._folder = folder
        self._manifest = folder.with_suffix(".manifest")
        self._schema = _schema()
        self._index: tantivy.Index | None = None
        self._known: Mapping[str, str] = {}
        self._written = b""
        self._measures = _UNKNOWN

    def load(self) -> None:
        """Open what is on disk.

        Raises:
            Unusable: A file is missing or damaged; ``reset`` starts anew.
        """
        if not self._manifest.exists() or not self._folder.is_dir():
            raise Missing("it is missing")
        manifest = self._manifest.read_bytes()
        state, said = read_header(manifest)
        if said.get("schema") != _schema_version():
            raise Unusable("it is of another schema")
        if said.get("files") != self._checksums():
            raise Unusable("its checksum is wrong")
        self._known, self._written = said["files"], manifest
        self._open()
        self.state = state

    def changed_on_disk(self) -> bool:
        """Whether somebody else has written this index since it was opened here."""
        return not self._manifest.exists() or self._manifest.read_bytes() != self._written

    def move(self, folder: Path) -> None:
        """Put the files of this index in the place of another one's; neither is to be searched from here on."""
        self._index = None
        manifest = folder.with_suffix(".manifest")
        manifest.unlink(missing_ok=True)  # until all is in place, there is no index
        if folder.exists():
            rmtree(folder)
        self._folder.rename(folder)
        self._manifest.rename(manifest)

    def reset(self) -> None:
        """Start with an empty index."""
        self._index = None
        self._manifest.unlink(missing_ok=True)
        if self._folder.exists():
            rmtree(self._folder)
        self._folder.mkdir(parents=True)
        self.state, self._known = START, {}
        self._open()
        self._write_manifest(START)

    def prepare(self, store: Store, target: State) -> Callable[[], None]:
        """Write what changed up to ``target``, inside ``store.reading()`` and while nobody else writes the index.

        Returns what lets searches see it, all at once.
        """
        index = self._opened()
        # One thread: the same passages give the same segments in the same order.
        writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        # By query: tantivy takes the number of a bare term for a signed one, and finds nothing.
        for key in store.ended_since(self.state.number).tolist():
            writer.delete_documents_by_query(Query.term_query(self._schema, "key", key))
        for item in store.indexables_since(self.state.number):
            writer.add_document(_document(item))
        writer.commit()
        writer.wait_merging_threads()
        self._write_manifest(target)

        def publish() -> None:
            index.reload()
            self.state = target
            self._measures = _UNKNOWN

        return publish

    def keys(self) -> Keys:
        """Keys of all passages, ascending."""
        searcher = self._opened().searcher()
        found = searcher.search(Query.all_query(), limit=max(searcher.num_docs, 1), count=False)
        return np.sort(np.array(searcher.fast_field_values("key", [at for _, at in found.hits]), np.int64))

    def frequency(self, word: str) -> int:
        """In how many passages an analysed word stands."""
        searcher = self._opened().searcher()
        found: Any = searcher.search(self._term("text", word), limit=1, count=True)
        return int(found.count)  # the stubs don't know of it

    def search(self, words: Sequence[str], k: int, scope: Scope) -> Keys:
        """Keys of the ``k`` best passages, best first.

        Which these are hangs on the passages alone, not on the order or the steps in which they came; but passages that
        were deleted are counted until the index drops them.

        Args:
            words: Analysed words of the question; any of them may match.
            k: How many at most.
            scope: Filters, applied inside the search.
        """
        limit = k + MARGIN
        while True:
            found = self.matching(words, limit, scope).in_steps()
            if len(found.keys) < limit or found.scores[k - 1] > found.scores[-1]:
                return found.best(k).keys
            limit *= 4  # there may be more that are as good as the last of the k

    def matching(
        self,
        words: Sequence[str],
        limit: int,
        scope: Scope,
        weight: Callable[[Fields, str], float] = lambda field, _: CONTEXT_BOOST if field == "context" else 1.0,
    ) -> Matches:
        """The first ``limit`` passages by their scores, best first; which of equal ones, nobody can know.

        Args:
            words: See ``search``, as for ``scope``.
            limit: How many at most.
            scope: Filters.
            weight: How much a match of a word in a field counts, beside what BM25 makes of it.
        """
        searcher = self._opened().searcher()
        any_of = Query.boolean_query(
            [
                (Occur.Should, Query.boost_query(self._term(field, word), weight(field, word)))
                for field in FIELDS
                for word in words
            ]
        )
        query = Query.boolean_query([(Occur.Must, any_of), *self._conditions(scope)])
        hits = searcher.search(query, limit=limit, count=False).hits if words else []
        addresses = [address for _, address in hits]
        keys, ties = (np.array(searcher.fast_field_values(name, addresses), np.int64) for name in ("key", "tie"))
        return Matches(keys, np.array([score for score, _ in hits], np.float64), ties)

    def frequency_in(self, field: Fields, word: str) -> int:
        """In how many passages a word stands in a field, as BM25 counts: those that wait to be taken out too."""
        return self._opened().searcher().doc_freq(field, word)

    def measures(self, words: Sequence[str]) -> Measures:
        """What BM25 knows of all passages, as far as a search for some words needs it."""
        known = self._measures
        missing = [field for field in FIELDS if field not in known.mean]
        told = {field: found for field in missing if (found := self._told(field, words))}
        if told:
            passages = max(int(one["N, total number of docs"]) for one in told.values())
            mean = {field: one["avgdl, average length of field"] for field, one in told.items()}
            known = self._measures = Measures(passages, {**known.mean, **mean})
        return known

    def _told(self, field: Fields, words: Sequence[str]) -> dict[str, float]:
        """What enters into the score of some passage for one of some words: tantivy tells no other way."""
        searcher = self._opened().searcher()
        for word in words:
            query = self._term(field, word)
            for _, address in searcher.search(query, limit=1, count=False).hits:
                return dict(_leaves(json.loads(query.explain(searcher, address).to_json())))
        return {}

    def _conditions(self, scope: Scope) -> list[tuple[Occur, Query]]:
        filters = scope.filters
        exact = (
            ("publisher", filters.publisher, fold),
            ("author", filters.author, fold),
            ("article", filters.article, str),
        )
        queries = [self._term(name, how(value)) for name, value, how in exact if value is not None]
        if scope.speakers is not None:
            # Each name by itself: tantivy makes a set of terms into a bit for every passage there is.
            named = [(Occur.Should, self._term("speaker", name)) for name in scope.names]
            queries.append(Query.boolean_query(named))
        if filters.published_from is not None:
            queries.append(self._between("last_day", days(filters.published_from)[0], _LAST_DAY))
        if filters.published_to is not None:
            queries.append(self._between("first_day", _FIRST_DAY, days(filters.published_to)[1]))
        return [(Occur.Must, Query.const_score_query(query, 0.0)) for query in queries]

    def _between(self, field: str, lowest: int, highest: int) -> Query:
        return Query.range_query(self._schema, field, tantivy.FieldType.Unsigned, lowest, highest)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, index_option="freq")

    def _open(self) -> None:
        index = tantivy.Index(self._schema, path=str(self._folder), reuse=True)
        index.register_tokenizer(_ANALYZER, _analyzer())
        # A search sees a commit when ``publish`` says so, not some time after it.
        index.config_reader(reload_policy="Manual")
        self._index, self._measures = index, _UNKNOWN

    def _opened(self) -> tantivy.Index:
        if self._index is None:
            raise RuntimeError("load() or reset() comes first")
        return self._index

    def _write_manifest(self, state: State) -> None:
        files = self._checksums(self._known)
        manifest = header(state, schema=_schema_version(), files=files)
        write_whole(self._manifest, manifest)
        self._known, self._written = files, manifest

    def _checksums(self, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """SHA-256 of each file; of a segment that is known already, the known one: they are written once."""
        # Dot files are tantivy's own bookkeeping (locks, files to collect); no posting is in them.
        paths = [path for path in sorted(self._folder.iterdir()) if path.name[0] != "."]
        return {
            path.name: known[path.name] if path.name in known and _is_segment(path) else sha256(path.read_bytes())
            for path in paths
        }


def _leaves(told: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    if "details" not in told:
        yield told["description"], told["value"]
    for one in told.get("details", ()):
        yield from _leaves(one)


def _is_segment(path: Path) -> bool:
    return path.suffix != ".json"


def _document(item: Indexable) -> tantivy.Document:
    article = item.article
    document = tantivy.Document()
    document.add_unsigned("key", item.key)
    document.add_unsigned("tie", tie(item.id))
    document.add_text("text", item.text)
    document.add_text("context", context_of(article))
    document.add_text("article", article.id)
    for name, value in (("publisher", article.publisher), ("author", article.author)):
        if value is not None:
            document.add_text(name, fold(value))
    for speaker in item.speakers:
        document.add_text("speaker", speaker)
    if article.published is not None:
        first, last = days(article.published)
        document.add_unsigned("first_day", first)
        document.add_unsigned("last_day", last)
    return document


def _schema_version() -> str:
    """Changes when what is indexed, or how, changes."""
    return sha256(json.dumps([version("tantivy"), _ANALYZER, 4]).encode())
