"""Stages of a pipeline that work at the same time, each in a thread of its own."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

# How often a stage that waits for room looks whether anybody still wants what it has made, in seconds.
_LOOK = 0.1
# How long the end waits for a stage, in seconds: one that reads what somebody types may not come back.
_PATIENCE = 10.0


def ahead(items: Iterable[T], most: int) -> Generator[T]:
    """The same items in the same order, made in a thread of their own, up to so many before they are wanted.

    An error in making one is raised in its place. Where no more are wanted, the item in work is the last to be made.
    """
    ready: Queue[Future[T] | None] = Queue(most)
    over = Event()
    thread = Thread(target=_work, args=(items, ready, over), name="ahead", daemon=True)
    thread.start()
    try:
        while (made := ready.get()) is not None:
            yield made.result()
    finally:
        over.set()
        thread.join(_PATIENCE)


def _work(items: Iterable[T], ready: "Queue[Future[T] | None]", over: Event) -> None:
    source = iter(items)
    try:
        while not over.is_set():
            made = _next(source)
            _hand_over(made, ready, over)
            if made is None or made.exception() is not None:
                break
    finally:
        if isinstance(source, Generator):
            source.close()


def _next(source: Iterator[T]) -> "Future[T] | None":
    """The next item, or the error in its place; None at the end."""
    made: Future[T] = Future()
    try:
        made.set_result(next(source))
    except StopIteration:
        return None
    except BaseException as error:  # noqa: BLE001  belongs to whoever takes the item
        made.set_exception(error)
    return made


def _hand_over(made: "Future[T] | None", ready: "Queue[Future[T] | None]", over: Event) -> None:
    while not over.is_set():
        try:
            ready.put(made, timeout=_LOOK)
        except Full:
            continue
        return
