"""Everything in an archive against everything else: what does not agree, and making anew what can be.

The texts are the truth: each is held against the SHA-256 that was made of it when it was put. All else can be worked
out of them again (terms, vectors, counts, indexes), is worked out again here, and compared.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrieval.database import Connection
from retrieval.encoder import Encoder
from retrieval.folding import fold
from retrieval.indexes import Search
from retrieval.lexical import analyze
from retrieval.prints import TABLES
from retrieval.rows import article_terms, context_terms, fingerprint, rows_of
from retrieval.store import PassageRow, Store, change_digest, halved, voices, whole
from retrieval.types import Draft, Fault, Part, Passage, Quote, Span, StoredArticle

# What the texts have all that is needed to make anew.
REPAIRABLE: frozenset[Part] = frozenset({"passage", "vector", "counts", "copies", "dense", "lexical"})

# Vectors of a sample are encoded again. In another batch, or on another processor, the last digits differ.
_SAMPLE = 500
_SAME = 0.999


@dataclass
class Seen:
    """How much has been looked at so far."""

    articles: int = 0
    passages: int = 0


def check_changes(connection: Connection) -> Iterator[Fault]:
    """The log: without gaps, each digest over all before it, as far as what was put is still there to be hashed."""
    fingerprints = {
        (id_, version): said
        for id_, version, said in connection.execute("SELECT id, version, fingerprint FROM articles")
    }
    seen: set[tuple[str, int]] = set()
    before, expected = "", 1
    for number, article_id, version, digest in connection.execute(
        "SELECT number, article_id, version, digest FROM changes ORDER BY number"
    ):
        if number != expected:
            yield Fault("changes", "it is missing", str(expected))
        # A change that has the version of an earlier one is its deletion.
        what = "deleted" if (article_id, version) in seen else fingerprints.get((article_id, version))
        if what is not None and digest != change_digest(before, number, article_id, version, what):
            yield Fault("changes", f"its digest is not that of {article_id} in version {version}", str(number))
        seen.add((article_id, version))
        before, expected = digest, number + 1
    for article_id, version in fingerprints.keys() - seen:
        yield Fault("changes", f"{article_id} in version {version} is in the archive and not in the log")


def check_articles(store: Store, on_progress: Callable[[Seen], None] = lambda _: None) -> Iterator[Fault]:
    """Texts against their hashes, and what is stored of current articles and passages against their texts."""
    seen = Seen()
    with store.reading() as connection:
        versions = connection.execute("SELECT id, version, fingerprint FROM articles ORDER BY id, version").fetchall()
        for article_id, version, said in versions:
            try:
                stored, passages = store.article(article_id, version), store.passages(article_id, version)
            except ValueError as error:
                yield Fault("article", f"what is stored of it cannot be read ({error})", f"{article_id}:{version}")
                continue
            if fingerprint(stored.article) != said:
                yield Fault("article", "its text or its metadata is not what was put", _name(stored))
            elif stored.current:
                yield from _check_current(connection, stored, passages)
            seen.articles += 1
            seen.passages += len(passages)
            on_progress(seen)
        orphans = connection.execute(
            "SELECT COUNT(*) FROM passages p WHERE ended IS NULL AND NOT EXISTS "
            "(SELECT 1 FROM articles a WHERE a.id = p.article_id AND a.version = p.version AND a.ended IS NULL)"
        ).fetchone()[0]
        if orphans:
            yield Fault("article", f"{orphans} current passages belong to no current article")


def _name(stored: StoredArticle) -> str:
    return f"{stored.article.id}:{stored.version}"


def _check_current(connection: Connection, stored: StoredArticle, passages: Sequence[Passage]) -> Iterator[Fault]:
    article = stored.article
    if _uncovered(article.text, passages):
        yield Fault("article", "its passages leave a part of its text out, or overlap", _name(stored))
        return
    rows, _ = rows_of(_draft(stored, passages))
    kept = {
        key: columns
        for key, *columns in connection.execute(
            "SELECT key, terms, cuts, spoken, vector_key FROM passages WHERE article_id = ? AND ended IS NULL",
            (article.id,),
        )
    }
    for passage, row in zip(passages, rows, strict=True):
        if kept.get(passage.key) != _columns(row):
            yield Fault("passage", "its terms, speakers or hash are not those of its text", passage.id, article.id)
    said = connection.execute(
        "SELECT w.context, w.terms FROM articles a JOIN words w ON w.change = a.added WHERE a.id = ? AND ended IS NULL",
        (article.id,),
    )
    if said.fetchone() != (context_terms(article).tobytes(), article_terms(rows).tobytes()):
        yield Fault("passage", "its article's terms are not those of its text", _name(stored), article.id)
    yield from _check_people(connection, stored, passages, rows)


def _uncovered(text: str, passages: Sequence[Passage]) -> bool:
    """Whether text that is not white space is in no passage, or in two."""
    position = 0
    for passage in passages:
        if passage.start < position or text[position : passage.start].strip():
            return True
        position = passage.end
    return bool(text[position:].strip())


def _draft(stored: StoredArticle, passages: Sequence[Passage]) -> Draft:
    """What the rows of an article were made of, as far as they depend on it."""
    statements = [one for passage in passages for one in passage.statements]
    return Draft(
        stored.article,
        tuple(Span(one.start, one.end) for one in passages),
        tuple(one.sentences for one in passages),
        tuple(Quote(one.start, one.end, one.direct, None, None, one.speaker, one.confidence) for one in statements),
        voice=passages[0].voice if passages else None,
    )


def _columns(row: PassageRow) -> list[bytes]:
    return [row.terms.tobytes(), row.cuts.tobytes(), row.spoken.tobytes(), row.vector_key]


def _check_people(
    connection: Connection, stored: StoredArticle, passages: Sequence[Passage], rows: Sequence[PassageRow]
) -> Iterator[Fault]:
    for passage, row in zip(passages, rows, strict=True):
        found = {name for (name,) in connection.execute("SELECT name FROM said WHERE passage = ?", (passage.key,))}
        if found != {fold(name) for name in voices(row, passage.voice)}:
            yield Fault("people", "who is said to speak in it is not who does", passage.id)
    counted = Counter(name for row in rows for name in voices(row, passages[0].voice))
    known = dict(
        connection.execute("SELECT name, statements FROM people WHERE article_id = ?", (stored.article.id,)).fetchall()
    )
    if {name: count for name, count in known.items() if count} != dict(counted):
        yield Fault("people", "the number of somebody's statements in it is wrong", _name(stored))


def check_counts(connection: Connection) -> Iterator[Fault]:
    """The counts that ranking uses, against what they count."""
    counted, passages, length = _count(connection)
    kept = dict(connection.execute("SELECT term, passages FROM terms WHERE passages <> 0").fetchall())
    wrong = sum(counted[term] != kept.get(term, 0) for term in counted.keys() | kept.keys())
    if wrong:
        yield Fault("counts", f"{wrong} words stand in another number of passages than is kept")
    said = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('passages', 'length')").fetchall())
    if (int(said.get("passages", 0)), int(said.get("length", 0))) != (passages, length):
        yield Fault("counts", "the number of passages, or of the words in them, is not what is kept")


def check_copies(store: Store) -> Iterator[Fault]:
    """What articles are found by as copies, which are, and what is quoted in them: all worked out of the texts anew."""
    with store.reading() as connection:
        counted = [0, 0, 0, 0]
        for added, article_id, version in connection.execute(
            "SELECT added, id, version FROM articles WHERE ended IS NULL ORDER BY added"
        ).fetchall():
            kept = store.kept_prints(added)
            counted = [so_far + len(rows) for so_far, rows in zip(counted, kept, strict=True)]
            try:
                made = store.made_prints(added, article_id, version)
            except ValueError:
                continue  # told of as a fault of the article: it cannot be read
            if kept != made:
                problem = "what it is found by, or what it is a copy of, is not what its text tells"
                yield Fault("copies", problem, f"{article_id}:{version}")
        for table, count in zip(TABLES, counted, strict=True):
            (found,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
            if found != count:
                yield Fault("copies", f"{found - count} rows of {table} belong to no current article")


def _count(connection: Connection) -> tuple[Counter[int], int, int]:
    """In how many passages each term stands; how many passages there are, and terms in them."""
    counted: Counter[int] = Counter()
    passages = length = 0
    for (stored,) in connection.execute("SELECT terms FROM passages WHERE ended IS NULL"):
        terms = np.frombuffer(stored[: len(stored) // 4 * 4], np.uint32)
        counted.update(np.unique(terms).tolist())
        passages, length = passages + 1, length + len(terms)
    return counted, passages, length


def recount(connection: Connection) -> None:
    """Count anew, inside ``Store.writing()``."""
    counted, passages, length = _count(connection)
    connection.execute("DELETE FROM terms")
    connection.executemany("INSERT INTO terms VALUES (?, ?)", counted.items())
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("passages", str(passages)), ("length", str(length))]
    )


def check_vectors(connection: Connection, encoder: Encoder, *, every: bool) -> Iterator[Fault]:
    """Vectors against their checksums, and a sample of them, or all, against their texts encoded again."""
    wanted = _texts(connection)
    step = 1 if every else max(1, len(wanted) // _SAMPLE)
    sampled = set(sorted(wanted)[::step])
    for batch in _batches(connection):
        harmed = {key for key, vector, checksum in batch if not _sound(connection, vector, checksum, encoder.dimension)}
        chosen = [(key, vector) for key, vector, _ in batch if key in sampled and key not in harmed]
        harmed |= _different(chosen, wanted, encoder)
        for key in sorted(harmed):
            yield Fault("vector", "it is not that of its text", key.hex()[:16], vector_key=key)


def _texts(connection: Connection) -> Mapping[bytes, str]:
    rows = connection.execute(
        "SELECT p.vector_key, substr(a.text, p.start + 1, p.end - p.start) FROM passages p "
        "JOIN articles a ON a.id = p.article_id AND a.version = p.version WHERE p.ended IS NULL"
    )
    return dict(rows.fetchall())


def _batches(connection: Connection, size: int = 256) -> Iterator[list[tuple[bytes, bytes, int]]]:
    cursor = connection.execute(
        "SELECT vector_key, vector, checksum FROM passages WHERE ended IS NULL ORDER BY vector_key"
    )
    while rows := cursor.fetchmany(size):
        yield rows


def _sound(connection: Connection, vector: bytes, checksum: int, dimension: int) -> bool:
    if len(vector) != 2 * dimension or connection.execute("SELECT crc32(?)", (vector,)).fetchone() != (checksum,):
        return False
    norm = float(np.linalg.norm(whole(vector)))
    return norm == 0 or abs(norm - 1) < 1e-3


def _different(chosen: Sequence[tuple[bytes, bytes]], texts: Mapping[bytes, str], encoder: Encoder) -> set[bytes]:
    if not chosen:
        return set()
    again = encoder.encode_passages([texts[key] for key, _ in chosen])
    kept = np.stack([whole(vector) for _, vector in chosen])
    cosines: NDArray[np.float32] = (again * kept).sum(axis=1)
    # A text without a word has the vector zero, which is near nothing.
    differ = (cosines < _SAME) & again.any(axis=1)
    return {chosen[index][0] for index in np.flatnonzero(differ).tolist()}


def check_indexes(connection: Connection, search: Search) -> Iterator[Fault]:
    """What the two indexes hold, against the archive at the same change."""
    rows = connection.execute(
        "SELECT p.key, p.vector, substr(a.text, p.start + 1, p.end - p.start) FROM passages p "
        "JOIN articles a ON a.id = p.article_id AND a.version = p.version "
        "WHERE p.ended IS NULL ORDER BY p.key"
    )
    keys = search.dense.keys().tolist()
    held, size = set(keys), 2 * search.dense.dimension
    words: Counter[str] = Counter()
    passages: list[int] = []
    harmed = 0
    while some := rows.fetchmany(1024):
        for key, _, text in some:
            passages.append(key)
            words.update(set(analyze(text)))
        # One of another length is a fault of the archive, and stands among its vectors.
        there = [(key, whole(vector)) for key, vector, _ in some if key in held and len(vector) == size]
        if there:
            harmed += search.dense.differing(np.array([key for key, _ in there]), np.stack([one for _, one in there]))
    yield from _check_keys("dense", passages, keys)
    if harmed:
        yield Fault("dense", f"{harmed} vectors are not those of the archive")
    yield from _check_keys("lexical", passages, search.lexical.keys().tolist())
    wrong = sum(search.lexical.frequency(word) != count for word, count in words.items())
    if wrong:
        yield Fault("lexical", f"{wrong} words are not found in the passages that hold them")


def _check_keys(part: Literal["dense", "lexical"], passages: Sequence[int], held: Sequence[int]) -> Iterator[Fault]:
    if list(passages) == list(held):
        return
    lacking, odd = len(set(passages) - set(held)), len(held) - len(set(held) & set(passages))
    yield Fault(part, f"it lacks {lacking} passages, and has {odd} that are not in the archive")


def restore_rows(store: Store, connection: Connection, article_ids: Iterable[str]) -> None:
    """Work out again what is stored of the passages of some articles, inside ``Store.writing()``."""
    for article_id in sorted(article_ids):
        stored = store.article(article_id)
        passages = store.passages(article_id, stored.version)
        rows, _ = rows_of(_draft(stored, passages))
        connection.executemany(
            "UPDATE passages SET terms = ?, cuts = ?, spoken = ?, vector_key = ? WHERE key = ?",
            [(*_columns(row), passage.key) for passage, row in zip(passages, rows, strict=True)],
        )
        connection.execute(
            "UPDATE words SET context = ?, terms = ? "
            "WHERE change IN (SELECT added FROM articles WHERE id = ? AND ended IS NULL)",
            (context_terms(stored.article).tobytes(), article_terms(rows).tobytes(), article_id),
        )


def restore_vectors(store: Store, connection: Connection, encoder: Encoder, wrong: Iterable[bytes]) -> None:
    """Encode again the texts whose vectors are wrong or do not fit their checksums, inside ``Store.writing()``."""
    texts = _texts(connection)
    unsound = {
        key
        for batch in _batches(connection)
        for key, vector, checksum in batch
        if not _sound(connection, vector, checksum, encoder.dimension)
    }
    again = sorted(texts.keys() & (unsound | set(wrong)))
    for start in range(0, len(again), 256):
        some = again[start : start + 256]
        vectors = encoder.encode_passages([texts[key] for key in some])
        connection.executemany(
            "UPDATE passages SET vector = ?2, checksum = crc32(?2) WHERE vector_key = ?1 AND ended IS NULL",
            [(key, halved(vector)) for key, vector in zip(some, vectors, strict=True)],
        )
    store.forget()
