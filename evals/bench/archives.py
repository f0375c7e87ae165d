"""What needs an archive itself rather than its commands; to be called by ``apart``."""

import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from evals.bench.figures import Quality, median
from evals.bench.systems import Found
from evals.gold import Question, holds
from retrieval import Archive

if TYPE_CHECKING:
    from evals.metrics import Outcome

P = ParamSpec("P")
T = TypeVar("T")

_PAGE = 500


def apart(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function in a fresh process, which leaves no memory, no threads and no libraries to this one."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(function, *arguments, **named).result()


def opening(folder: Path, times: int = 3) -> float:
    """Seconds to open an archive with its indexes, without its model; the median of several times."""
    return median([_opened(folder) for _ in range(times)])


def _opened(folder: Path) -> float:
    began = time.perf_counter()
    with Archive.open(folder) as archive:
        archive.refresh()
        return time.perf_counter() - began


def export(folder: Path, target: Path) -> None:
    """Write an archive's passages, a line of JSON each, for peers to make their indexes of."""
    with Archive.open(folder) as archive, target.open("w", encoding="utf-8") as file:
        total = archive.coverage().articles
        for offset in range(0, total, _PAGE):
            for stored in archive.articles(offset=offset, limit=_PAGE)[0]:
                for passage in archive.passages(stored):
                    file.write(json.dumps({"id": passage.id, "text": passage.text}, ensure_ascii=False) + "\n")


def judge(folder: Path, questions: Sequence[Question], found: Sequence[Found]) -> Quality:
    """How well questions with known answers were answered.

    Args:
        folder: The archive that the passages are of.
        questions: The questions.
        found: What was found for each.
    """
    from evals.metrics import abstention_figures, ranking_figures  # noqa: PLC0415  seconds that others need not wait

    with Archive.open(folder) as archive:
        outcomes = [_outcome(archive, question, one) for question, one in zip(questions, found, strict=True)]
    return Quality(len(outcomes), {**ranking_figures(outcomes), **abstention_figures(outcomes)})


def _outcome(archive: Archive, question: Question, found: Found) -> "Outcome":
    from evals.metrics import Outcome  # noqa: PLC0415

    relevant = {
        passage.id: 1
        for gold in question.gold
        for passage in archive.passages(archive.article(gold.article))
        if holds(passage.text, gold.quote)
    }
    return Outcome(
        id=question.id,
        kind=question.kind,
        question=question.question,
        relevant=relevant,
        ranked=found.passages,
        answerable=question.answerable,
        confidence=found.confidence,
        answered=found.answered,
    )
