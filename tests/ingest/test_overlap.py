"""Stages that overlap: the same items in order, never too many ahead, and nothing lost or left running."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from ingest.overlap import ahead


def test_stages_hand_on_the_same_items_in_order() -> None:
    doubled = ahead((2 * number for number in ahead(range(100), 2)), 3)
    assert list(doubled) == list(range(0, 200, 2))
    assert list(ahead([], 1)) == []


def test_items_are_made_while_the_one_before_is_worked_on_but_not_more_than_so_many() -> None:
    made: list[int] = []
    third = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 3:
                third.set()
            yield number

    with closing(ahead(items(), 2)) as taken:
        assert next(taken) == 0
        # One is in work, two lie ready, one more waits for room.
        assert third.wait(10)
        assert made == [0, 1, 2, 3]


def test_an_error_comes_in_place_of_the_item() -> None:
    taken = ahead((1 // number for number in (1, 0, 1)), 1)
    assert next(taken) == 1
    with pytest.raises(ZeroDivisionError):
        next(taken)
    assert list(taken) == []


def test_whoever_stops_early_leaves_no_thread_and_no_open_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    before = set(threading.enumerate())
    with closing(ahead((number for number in ahead(endless(), 2)), 2)) as taken:
        assert next(taken) == 1
    assert closed.wait(10)
    assert not [one for one in set(threading.enumerate()) - before if one.name == "ahead"]
