"""Figures of some questions with how far they may be off, and what they mean to somebody who never saw one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.metrics import Outcome, abstention_figures, ranking_figures
from evals.report.wording import counted, percent
from evals.significance import Interval, columns, interval_of_mean, intervals

MEANING = {
    "hit@1": "the first result answers",
    "hit@3": "one of the first three results answers",
    "hit@10": "one of the first ten results answers",
    "MRR@10": "1 divided by the rank of the first result that answers, on average",
    "nDCG@10": "how high up all results that answer stand; 1 is as high as can be",
    "AUROC": "how often a question that is answered by the archive gets more confidence than one that is not; "
    "0.5 is chance",
    "false answers": "nothing answers the question, and it was answered: lower is better",
    "wrong refusals": "something answers the question, and it was refused: lower is better",
}
"""What each figure of a run says of a question, for a reader."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure from 0 to 1, the interval that it lies in, and of how many questions it is."""

    value: float
    interval: Interval
    of: int

    def __str__(self) -> str:
        """As prose has it: ``62 %, [54 %, 69 %]``."""
        return f"{percent(self.value)}, [{percent(self.interval.low)}, {percent(self.interval.high)}]"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of several groups of questions, by the group's name; those left out that have no such figure."""

    name: str
    meaning: str
    groups: Mapping[str, Figure]


def figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """All figures of some questions, by name, as ``Report.overall`` has them."""
    values = {**ranking_figures(outcomes), **abstention_figures(outcomes)}
    sizes = {name: len(scores) for name, scores in columns(outcomes).items()}
    judged = sum(one.confidence is not None for one in outcomes)
    off_by = intervals(outcomes)
    return {name: Figure(value, off_by[name], sizes.get(name, judged)) for name, value in values.items()}


def share(hits: int, of: int) -> Figure:
    """A share of some questions, of at least one."""
    scores = np.repeat([1.0, 0.0], [hits, of - hits])
    return Figure(hits / of, interval_of_mean(scores), of)


def compared(groups: Mapping[str, Sequence[Outcome]]) -> list[Compared]:
    """Each figure that any of the groups has, side by side."""
    found = {group: figures(outcomes) for group, outcomes in groups.items()}
    return [
        Compared(name, meaning, {group: some[name] for group, some in found.items() if name in some})
        for name, meaning in MEANING.items()
        if any(name in some for some in found.values())
    ]


def read_out(overall: Mapping[str, Figure]) -> list[str]:
    """The figures that matter most in sentences."""
    said = []
    if first := overall.get("hit@1"):
        asked = counted(first.of, "question")
        said.append(f"Of {asked} that the archive answers, the first result answers {_hits(first)} ({first}).")
        said.append(f"For {_hits(overall['hit@10'])} an answer is among the first ten ({overall['hit@10']}).")
    if refused := overall.get("wrong refusals"):
        said.append(f"Of these {refused.of:,}, {_hits(refused)} are refused ({refused}).")
    if wrong := overall.get("false answers"):
        asked = counted(wrong.of, "question")
        said.append(
            f"Of {asked} that nothing in the archive answers, {_hits(wrong)} are answered all the same ({wrong})."
        )
    return said


def _hits(figure: Figure) -> str:
    return f"{round(figure.value * figure.of):,}" if figure.value else "none"
