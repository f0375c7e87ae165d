"""Progress of long work: a bar with rate and time left on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from service.terminal import harmless

_EVERY_SECONDS = 10.0


class Counted(Protocol):
    """Work that knows how far it is."""

    @property
    def articles(self) -> int:
        """Articles seen so far."""
        ...

    @property
    def passages(self) -> int:
        """Passages stored so far."""
        ...


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[Counted], None]]:
    """Show how far some work is; yields what to call with its state.

    Args:
        what: Name of the work.
        total: Articles there are to see; None if nobody can know.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as bar:
            yield _on_bar(bar, what, total)
    else:
        yield _in_lines(what, total)


@contextmanager
def steps(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show which step of some work is being done; yields what to call with the name of each as it begins.

    Args:
        what: Name of the work.
        total: Steps that there are.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as bar:
            yield _steps_on_bar(bar, what, total)
    else:
        yield _steps_in_lines(what, total)


def _steps_on_bar(bar: Progress, what: str, total: int) -> Callable[[str], None]:
    task, begun = bar.add_task(what, total=total), 0

    def begin(name: str) -> None:
        nonlocal begun
        bar.update(task, completed=begun, description=f"{what}: {harmless(name)}")
        begun += 1

    return begin


def _steps_in_lines(what: str, total: int) -> Callable[[str], None]:
    begun = 0

    def begin(name: str) -> None:
        nonlocal begun
        begun += 1
        print(f"{what}: {begun} of {total}, {harmless(name)}", file=sys.stderr, flush=True)  # noqa: T201

    return begin


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("articles · {task.fields[rate]:.0f} passages/s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _on_bar(bar: Progress, what: str, total: int | None) -> Callable[[Counted], None]:
    task = bar.add_task(what, total=total, rate=0.0)
    started = time.monotonic()

    def show(state: Counted) -> None:
        rate = state.passages / max(time.monotonic() - started, 1e-3)
        bar.update(task, completed=state.articles, rate=rate)

    return show


def _in_lines(what: str, total: int | None) -> Callable[[Counted], None]:
    started = last = time.monotonic()

    def show(state: Counted) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _EVERY_SECONDS:
            return
        last = now
        print(_line(what, state, total, now - started), file=sys.stderr, flush=True)  # noqa: T201

    return show


def _line(what: str, state: Counted, total: int | None, seconds: float) -> str:
    seen = f"{what}: {state.articles}{'' if total is None else f' of {total}'} articles"
    rate = f"{state.passages / seconds:.0f} passages/s"
    if total is None or not state.articles:
        return f"{seen}, {rate}"
    left = seconds / state.articles * (total - state.articles)
    return f"{seen}, {rate}, {left:.0f} s left"
