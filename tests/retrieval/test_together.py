"""Questions that are encoded together, and what each of them gets."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from retrieval.archive import Archive
from retrieval.encoder import Encoder, Vectors
from retrieval.errors import InvalidRequest
from retrieval.together import Together


class Encode:
    """Encodes a text as its length, and remembers what it was given; fails where it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.fails = False

    def __call__(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        if self.fails:
            raise MemoryError
        return np.array([[len(text)] for text in texts], np.float32)


@pytest.fixture
def encode() -> Encode:
    return Encode()


def test_a_lone_question_waits_for_nobody(encode: Encode) -> None:
    assert Together(encode).vector("ferries").tolist() == [7]
    assert encode.batches == [["ferries"]]


def test_what_is_expected_is_encoded_with_the_next_that_is_asked_for(encode: Encode) -> None:
    together = Together(encode)
    for text in ("one", "three", "fourteen", "three"):
        together.expect(text)
    assert together.vector("three").tolist() == [5]
    assert together.vector("fourteen").tolist() == [8]
    assert encode.batches == [["three", "one", "fourteen"]]


def test_what_was_asked_before_is_not_encoded_again(encode: Encode) -> None:
    together = Together(encode)
    assert together.vector("ferries") is together.vector("ferries")
    together.expect("ferries")
    together.vector("ships")
    assert encode.batches == [["ferries"], ["ships"]]


def test_a_crowd_is_encoded_in_bounded_batches_in_its_order_and_the_latest_are_kept(encode: Encode) -> None:
    together = Together(encode)
    texts = ["x" * size for size in range(1, 3001)]
    for text in texts:
        together.expect(text)
    assert [together.vector(text).tolist() for text in texts] == [[len(text)] for text in texts]
    assert max(map(len, encode.batches)) == 32
    assert [text for batch in encode.batches for text in batch] == texts
    together.vector(texts[-1])
    assert len(encode.batches) == 94
    together.vector(texts[0])
    assert len(encode.batches) == 95


def test_each_of_many_threads_gets_its_own(encode: Encode) -> None:
    together = Together(encode)
    texts = ["x" * (size % 97) for size in range(1000)]
    with ThreadPoolExecutor(16) as pool:
        assert [one.tolist() for one in pool.map(together.vector, texts)] == [[len(text)] for text in texts]
    assert sorted(text for batch in encode.batches for text in batch) == sorted(set(texts))


def test_what_goes_wrong_is_told_to_whoever_asked_and_spoils_nothing_after(encode: Encode) -> None:
    together = Together(encode)
    together.expect("ships")
    encode.fails = True
    with pytest.raises(MemoryError):
        together.vector("ferries")
    encode.fails = False
    assert together.vector("ships").tolist() == [5]
    assert together.vector("ferries").tolist() == [7]


def test_an_archive_answers_what_it_expected_as_it_answers_anything(seeds: Archive, encoder: Encoder) -> None:
    questions = ["what did Loughton say about caseloads?", "who spoke of vacancy rates?", "adoption"]
    for question in questions:
        seeds.expect(question)
    found = [seeds.ask(question) for question in questions]
    with Archive.open(seeds.path, load_encoder=lambda *_: encoder) as alone:
        assert [alone.ask(question) for question in questions] == found


def test_what_could_not_be_asked_is_not_expected(seeds: Archive) -> None:
    with pytest.raises(InvalidRequest):
        seeds.expect("x" * 501)
