"""The dense index against brute force, on both of its layouts, whatever is added, taken out, filtered or saved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import Filters
from retrieval.caches import Unusable
from retrieval.columns import Mask
from retrieval.dense import DenseIndex, Scores
from retrieval.encoder import Vectors, unit
from retrieval.lexical import Matches
from retrieval.store import START, Described, Keys, State, Store
from retrieval.types import Coverage

DIMENSION, MANY = 126, 24_000
FIRST, LATER = State(1, "a"), State(2, "b")


@dataclass(repr=False)
class Passages(Store):
    """A store that has nothing but vectors: what is in it before and after one change."""

    keys_: Keys
    held: Vectors
    described: list[Described]
    since: int = 0
    gone: Keys = field(default_factory=lambda: np.empty(0, np.int64))

    def coverage(self) -> Coverage:
        return Coverage(1, 1, len(self.keys_), None, None)

    def ended_since(self, number: int) -> Keys:
        return self.gone

    def vectors_since(self, number: int, batch: int = 4096) -> Iterator[tuple[Keys, Vectors, list[Described]]]:
        begin = self.since if number else 0
        for start in range(begin, len(self.keys_), batch):
            some = slice(start, start + batch)
            yield self.keys_[some], self.held[some], self.described[some]


def passages(count: int, seed: int = 0) -> Passages:
    """As many, near to each other in groups, with keys that have gaps."""
    rng = np.random.default_rng(seed)
    groups = rng.standard_normal((20, DIMENSION))
    vectors = groups[rng.integers(0, 20, count)] + rng.standard_normal((count, DIMENSION))
    vectors[count // 2 : count // 2 + 5] = vectors[0]  # the same text in several articles
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    days = (20_000_000 + rng.integers(1, 13, count) * 100 + rng.integers(1, 29, count)).tolist()
    papers = rng.choice(["the ledger", "the echo"], count, p=[0.999, 0.001]).tolist()
    described: list[Described] = [
        (None, None, None, None) if not day % 97 else (day, day, paper, "a")
        for day, paper in zip(days, papers, strict=True)
    ]
    return Passages(np.arange(count, dtype=np.int64) * 3 + 7, vectors, described)


def index(of: Passages, **options: Any) -> DenseIndex:
    made = DenseIndex(DIMENSION, "model", **options)
    made.prepare(of, FIRST)()
    return made


def nearest(of: Passages, vector: Vectors, k: int, allowed: Mask | None = None) -> list[int]:
    cosines = np.round(of.held.astype(float) @ vector, 9)
    rows = np.arange(len(cosines)) if allowed is None else np.flatnonzero(allowed)
    best: list[int] = of.keys_[rows[np.lexsort((rows, -cosines[rows]))[:k]]].tolist()
    return best


# Cached functions rather than fixtures: hypothesis would write such arguments out whole.
@cache
def many() -> Passages:
    return passages(MANY)


@cache
def searched(kind: str) -> DenseIndex:
    return index(many(), exact=MANY if kind == "exact" else 0)


def questions(count: int) -> Vectors:
    """Each about as near to the nearest passages as real ones are."""
    drawn = many().held[:count] + 0.1 * np.random.default_rng(99).standard_normal((count, DIMENSION))
    return unit(drawn.astype(np.float32))


def same(one: tuple[Keys, Scores], other: tuple[Keys, Scores]) -> bool:
    """To the bit."""
    return [part.tobytes() for part in one] == [part.tobytes() for part in other]


def recall(found: list[int], true: list[int]) -> float:
    return len(set(found) & set(true)) / len(true)


@pytest.mark.parametrize(("kind", "least"), [("exact", 0.995), ("sketched", 0.98)])
def test_few_passages_are_searched_exactly_and_many_nearly_so(kind: str, least: float) -> None:
    assert searched(kind).described()["kind"] == kind
    found = [recall(searched(kind).search(v, 50)[0].tolist(), nearest(many(), v, 50)) for v in questions(20)]
    assert np.mean(found) >= least


@pytest.mark.parametrize("count", [2, 3])
def test_approximate_shards_find_as_much_of_the_nearest_as_one_piece_does(count: int) -> None:
    whole = many()
    shards = [
        index(Passages(whole.keys_[one::count], whole.held[one::count], whole.described[one::count]), exact=0)
        for one in range(count)
    ]
    assert {one.described()["kind"] for one in shards} == {"sketched"}

    def in_shards(vector: Vectors) -> list[int]:
        parts = [one.search(vector, 10) for one in shards]
        of_all = Matches.joined([Matches(keys, cosines.astype(float), keys) for keys, cosines in parts])
        best: list[int] = of_all.best(10).keys.tolist()
        return best

    true = [nearest(whole, one, 10) for one in questions(100)]
    found = [recall(in_shards(one), of) for one, of in zip(questions(100), true, strict=True)]
    in_one = [
        recall(searched("sketched").search(one, 10)[0].tolist(), of)
        for one, of in zip(questions(100), true, strict=True)
    ]
    assert np.mean(found) >= max(0.98, float(np.mean(in_one)) - 0.002)


@given(
    first=st.integers(1, 12),
    last=st.integers(1, 12),
    paper=st.sampled_from([None, "The Echo", "Nobody"]),
    k=st.integers(1, 100),
)
@settings(max_examples=25, derandomize=True)
def test_any_filter_gives_what_brute_force_over_the_allowed_gives(
    first: int, last: int, paper: str | None, k: int
) -> None:
    filters = Filters(publisher=paper, published_from=f"2000-{first:02}", published_to=f"2000-{last:02}")
    lowest, highest = 20_000_000 + first * 100, 20_000_000 + last * 100 + 99
    allowed = np.array(
        [
            day is not None and lowest <= day <= highest and (paper is None or name == paper.lower())
            for day, _, name, _ in many().described
        ]
    )
    (vector,) = questions(1)
    true = nearest(many(), vector, k, allowed)
    for kind, least in (("exact", 0.99), ("sketched", 0.9)):
        found, cosines = searched(kind).search(vector, k, searched(kind).satisfying(filters, None))
        assert len(found) == len(true)
        assert set(found.tolist()) <= set(many().keys_[allowed].tolist())
        assert np.allclose(cosines, many().held[np.searchsorted(many().keys_, found)] @ vector, atol=0.01)
        assert (np.diff(cosines) <= 0).all()
        assert not true or recall(found.tolist(), true) >= least


def test_some_keys_can_be_asked_for_alone() -> None:
    some = np.array([many().keys_[5], many().keys_[-1], 8, 10**9])
    found, _ = searched("sketched").search(questions(1)[0], 10, searched("sketched").satisfying(Filters(), some))
    assert set(found.tolist()) == {many().keys_[5], many().keys_[-1]}


@pytest.mark.parametrize("limit", [0, MANY])
def test_what_is_found_depends_on_the_passages_alone_not_on_their_history(limit: int) -> None:
    whole, begun = many(), 20_000
    gone = np.random.default_rng(5).choice(begun, 800, replace=False)  # few enough to be left in place, passed over
    rows = np.setdiff1d(np.arange(MANY), gone)
    in_steps = index(Passages(whole.keys_[:begun], whole.held[:begun], whole.described[:begun]), exact=limit)
    described = [whole.described[row] for row in rows]
    end = Passages(whole.keys_[rows], whole.held[rows], described, begun - len(gone), whole.keys_[gone])
    in_steps.prepare(end, LATER)()
    at_once = index(end, exact=limit)
    assert in_steps.keys().tolist() == at_once.keys().tolist() == end.keys_.tolist()
    for vector in questions(20):
        assert same(in_steps.search(vector, 50), at_once.search(vector, 50))


def test_an_archive_that_grows_or_shrinks_over_the_limit_changes_its_layout() -> None:
    whole = passages(200)
    half = Passages(whole.keys_[:100], whole.held[:100], whole.described[:100])
    one = index(half, exact=150)
    for of, kind in ((whole, "sketched"), (half, "exact")):
        one.prepare(of, LATER)()
        assert (one.described()["kind"], len(one)) == (kind, len(of.keys_))
        assert one.differing(of.keys_, of.held) == 0


def test_what_was_taken_out_gives_its_memory_back_once_it_is_much() -> None:
    whole = passages(2000)
    one = index(whole, exact=0)
    taken = one.described()["bytes"]
    rest = Passages(whole.keys_[1000:], whole.held[1000:], whole.described[1000:], 1000, whole.keys_[:1000])
    one.prepare(rest, LATER)()
    assert int(one.described()["bytes"]) < 0.6 * int(taken)
    assert one.search(questions(1)[0], 5)[0].tolist() == nearest(rest, questions(1)[0], 5)


@pytest.mark.parametrize("limit", [0, 300])
def test_a_saved_index_is_the_same_when_it_is_loaded_and_can_be_added_to(limit: int, tmp_path: Path) -> None:
    whole = passages(300)
    half = Passages(whole.keys_[:200], whole.held[:200], whole.described[:200])
    one = index(half, exact=limit)
    assert one.unsaved >= 200
    one.save(tmp_path / "dense")
    assert one.unsaved == 0
    again = DenseIndex(DIMENSION, "model", exact=limit)
    again.load(tmp_path / "dense")
    assert (again.state, again.unsaved, again.described()) == (FIRST, 0, one.described())
    for searched in (one, again):
        searched.prepare(Passages(whole.keys_, whole.held, whole.described, 200), LATER)()
        assert searched.differing(whole.keys_, whole.held) == 0
    assert same(one.search(questions(1)[0], 9), again.search(questions(1)[0], 9))


@pytest.mark.parametrize("limit", [0, 300])
def test_any_byte_of_a_file_that_is_wrong_is_found_before_it_is_parsed(limit: int, tmp_path: Path) -> None:
    path = tmp_path / "dense"
    index(passages(100), exact=limit).save(path)
    whole = path.read_bytes()
    for place in range(whole.index(b"\n") + 1, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Unusable, match="checksum"):
            DenseIndex(DIMENSION, "model").load(path)


@pytest.mark.parametrize("limit", [0, 300])
def test_a_vector_that_is_not_the_archives_is_found(limit: int) -> None:
    whole = passages(100)
    one = index(whole, exact=limit)
    whole.held[3] = whole.held[4]
    assert one.differing(whole.keys_, whole.held) == 1


@pytest.mark.parametrize("limit", [0, 300])
def test_a_question_without_a_word_is_as_near_to_all(limit: int) -> None:
    whole = passages(100)
    found, cosines = index(whole, exact=limit).search(np.zeros(DIMENSION, np.float32), 3)
    assert found.tolist() == whole.keys_.tolist()
    assert not cosines.any()


def test_an_empty_index_finds_nothing() -> None:
    assert len(DenseIndex(DIMENSION, "model").search(questions(1)[0], 5)[0]) == 0
    assert DenseIndex(DIMENSION, "model").state == START
