import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.copies import grouped, resemblance
from retrieval.lexical import analyze, term_ids
from retrieval.store import Candidate, Spoken, Surroundings

WORDS = st.lists(st.sampled_from("social worker care case load child court".split()), max_size=30)


@given(WORDS)
def test_a_text_resembles_itself_wholly(words: list[str]) -> None:
    assert resemblance(term_ids(words), term_ids(words)) == 1.0


@given(WORDS, WORDS)
def test_resemblance_goes_both_ways(one: list[str], other: list[str]) -> None:
    assert resemblance(term_ids(one), term_ids(other)) == resemblance(term_ids(other), term_ids(one))


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ("Every caseload is different, and maximum caseloads would not work for them, Loughton said today.", 1.0),
        ("Every caseload is different, and maximum caseloads would not work for them, said Loughton.", 0.6),
        ("Most caseloads are too high, and a limit would work well for social workers, Narey said today.", 0.0),
    ],
)
def test_few_changed_words_leave_a_copy_a_copy(other: str, alike: float) -> None:
    first = "Every caseload is different, and maximum caseloads would not work for them, Loughton said today."
    found = resemblance(term_ids(analyze(first)), term_ids(analyze(other)))
    assert found >= alike if alike else found < 0.1
    assert np.isfinite(found)


def test_copies_stand_under_the_first_and_make_room_for_others() -> None:
    first = "Every caseload is different, and maximum caseloads would not work for them, Loughton said today."
    texts = [first, first.replace("today", "here"), "Narey spoke of children in care and of courts.", first]
    ranking = [(-float(place), candidate(place, text)) for place, text in enumerate(texts)]
    found = grouped(ranking, 2)
    assert [group.all for group in found] == [[0, 1, 3], [2]]
    assert [group.score for group in found] == [0.0, -2.0]
    assert [one.first.key for one in grouped(ranking, 1)] == [0]
    assert grouped([], 3) == []


FRAME = "The council met on Monday to speak about the Loughton road and about the cost of mending it before winter. {} "


def test_reports_that_share_a_frame_and_quote_different_words_are_no_copies() -> None:
    frame = FRAME + "The council is to meet again in a month and to hear what the board of roads has found out by then."
    said = ["We have no money for it at all", "Everybody on the island wants this road"]
    ranking = [(-float(place), candidate(place, frame.format(words), words)) for place, words in enumerate(said)]
    assert [group.all for group in grouped(ranking, 2)] == [[0], [1]]
    twice = [(-float(place), candidate(place, frame.format(said[0]), said[0])) for place in range(2)]
    assert [group.all for group in grouped(twice, 2)] == [[0, 1]]


def candidate(key: int, text: str, said: str = "") -> Candidate:
    terms, nothing = term_ids(analyze(text)), np.empty(0, np.uint32)
    vector = np.array([1.0, 0.0] if "Loughton" in text else [0.0, 1.0], np.float32)
    cuts = np.array([len(terms)], np.uint32)
    article = Surroundings(None, None, nothing, nothing)
    return Candidate(key, str(key), article, vector, terms, cuts, spoken(text, said))


def spoken(text: str, said: str) -> Spoken:
    """Where in the terms of a text some words of it are said by somebody."""
    if not said:
        return np.empty((0, 4), np.uint32)
    before = len(analyze(text.partition(said)[0]))
    return np.array([[before, before + len(analyze(said)), 7, 9000]], np.uint32)
