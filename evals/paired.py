"""Two runs over the same questions and articles, held against each other item by item."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evals.recorded import Recorded, Result, Said
from evals.significance import (
    Alternative,
    Interval,
    Scores,
    Statistic,
    holm,
    interval_of_difference,
    randomisation,
    ranked,
    separation,
    share,
)

LOWER_IS_BETTER = frozenset({"false answers", "wrong refusals"})
STATEMENT_RECALL, STATEMENT_PRECISION = "statement recall", "statement precision"


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A figure of a run, and what each item, a question or a statement, adds to it.

    Attributes:
        items: Ids of the items.
        values: See ``statistic``; shape ``(2, items)``.
    """

    items: Sequence[str]
    values: Scores
    statistic: Statistic

    @property
    def value(self) -> float:
        """The figure itself."""
        return float(self.statistic(self.values))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a figure from one run to another.

    Attributes:
        p: Of the paired randomisation test.
        corrected: The same after Holm's correction over all figures that were looked at.
        wins: Items that are better in the second run; ``losses`` those that are worse.
        worse: Whether the second run's figure is the worse one, however little.
    """

    name: str
    before: float
    after: float
    p: float
    corrected: float
    wins: int
    ties: int
    losses: int

    @property
    def difference(self) -> float:
        """How much higher the second run's figure is."""
        return self.after - self.before

    @property
    def worse(self) -> bool:
        """Whether the second run's figure is the worse one, however little."""
        return is_worse(self.name, self.before, self.after)


@dataclass(frozen=True, slots=True)
class Flip:
    """A question or a statement that is right in one run and wrong in the other.

    Attributes:
        id: Of the question; of a statement its article and place in it.
        kind: Of the question; of a statement who says it.
        what: Whether the first result is relevant; whether it was answered or refused rightly; who says it.
        better: Whether it is the second run that is right.
    """

    id: str
    kind: str
    what: Literal["first result", "refusal", "speaker"]
    before: str
    after: str
    better: bool
    question: str


def is_worse(name: str, before: float, after: float, by: float = 1e-9) -> bool:
    """Whether a figure of this name got worse, by more than the last bits of a sum."""
    return (after - before if name in LOWER_IS_BETTER else before - after) > by


def figures(run: Recorded) -> dict[str, Figure]:
    """All figures of a run by name, as far as it has what they are of."""
    found = {name: _of_questions(some) for name, some in _columns(run.results.values()).items() if some}
    judged = [(one.id, one.confidence, one.answerable) for one in run.results.values() if one.confidence is not None]
    if len({answerable for _, _, answerable in judged}) == 2:
        values = np.array([(confidence, answerable) for _, confidence, answerable in judged], np.float64).T
        found["AUROC"] = Figure([id_ for id_, _, _ in judged], values, separation)
    for name, said in ((STATEMENT_RECALL, run.golden), (STATEMENT_PRECISION, run.named)):
        if said:
            found[name] = _of_statements(said)
    return found


def changes(
    before: Recorded, after: Recorded, names: Collection[str], alternative: Alternative = "two-sided"
) -> list[Change]:
    """What became of the figures of these names that both runs have, over the questions that both have.

    Args:
        before: The first run.
        after: The second, of the same articles.
        names: The figures; Holm's correction is for as many as there are.
        alternative: "less": that the second run is worse.
    """
    ours, theirs = figures(_shared(before, after)), figures(_shared(after, before))
    both = [name for name in ours if name in names and name in theirs]
    tested = {name: _p(name, ours[name], theirs[name], alternative) for name in both}
    corrected = holm(tested)
    return [
        Change(
            name,
            ours[name].value,
            theirs[name].value,
            tested[name],
            corrected[name],
            *_wins(name, ours[name], theirs[name]),
        )
        for name in both
    ]


def interval(first: Figure, second: Figure) -> Interval:
    """The 95 % interval of how much higher the second run's figure is."""
    one, other = aligned(first, second)
    return interval_of_difference(one, other, first.statistic, one[1] if first.statistic is separation else None)


def aligned(first: Figure, second: Figure) -> tuple[Scores, Scores]:
    """The values of two runs with the same items in the same order; what one of them lacks counts nothing in it."""
    items = list(dict.fromkeys([*first.items, *second.items]))
    at = {item: number for number, item in enumerate(items)}
    found = []
    for one in first, second:
        values = np.zeros((2, len(items)))
        values[:, [at[item] for item in one.items]] = one.values
        found.append(values)
    return found[0], found[1]


def differing(first: Recorded, second: Recorded) -> dict[str, tuple[str | None, str | None]]:
    """What two runs were run with, where that differs, by name."""
    names = sorted({*first.setting, *second.setting})
    both = {name: (first.setting.get(name), second.setting.get(name)) for name in names}
    return {name: (one, other) for name, (one, other) in both.items() if one != other}


def flips(before: Recorded, after: Recorded) -> list[Flip]:
    """All questions and golden statements that are right in one run and wrong in the other, in the order of the set."""
    found: list[Flip] = []
    for id_ in before.results.keys() & after.results.keys():
        found += _flipped(before.results[id_], after.results[id_])
    order = {id_: at for at, id_ in enumerate(before.results)}
    return [*sorted(found, key=lambda one: order[one.id]), *_flipped_statements(before.golden, after.golden)]


def _shared(run: Recorded, other: Recorded) -> Recorded:
    """As much of a run as another has too; which statements are stored is each one's own doing."""
    places = {one.place for one in other.golden}
    return replace(
        run,
        results={id_: one for id_, one in run.results.items() if id_ in other.results},
        golden=[one for one in run.golden if one.place in places],
    )


def _columns(results: Iterable[Result]) -> dict[str, dict[str, float]]:
    """By figure, what each question scores."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for one in results:
        for name, score in one.scores.items():
            found[name][one.id] = score
        if one.answered is not None:
            found["wrong refusals" if one.answerable else "false answers"][one.id] = one.answered != one.answerable
    return found


def _of_questions(scores: Mapping[str, float]) -> Figure:
    return Figure(list(scores), np.array([list(scores.values()), [1.0] * len(scores)], np.float64), share)


def _of_statements(said: Iterable[Said]) -> Figure:
    counted: dict[str, tuple[int, int]] = {}
    for one in said:
        right, all_ = counted.get(one.place, (0, 0))
        counted[one.place] = (right + one.right, all_ + 1)
    return Figure(list(counted), np.array(list(counted.values()), np.float64).T, share)


def _p(name: str, first: Figure, second: Figure, alternative: Alternative) -> float:
    one, other = aligned(first, second)
    if first.statistic is separation:
        # By ranks, or confidences that all rose, which separate as well as before, would be no more exchangeable.
        one, other = ranked(one), ranked(other)
    if name in LOWER_IS_BETTER:
        one, other = other, one
    return randomisation(one, other, first.statistic, alternative)


def _wins(name: str, first: Figure, second: Figure) -> tuple[int, int, int]:
    one, other = aligned(first, second)
    if first.statistic is separation:
        gains = (other[0] - one[0]) * np.where(one[1] > 0, 1, -1)
    else:
        # A right one counts for, a wrong one against, and what is not there neither.
        gains = (2 * other[0] - other[1]) - (2 * one[0] - one[1])
    gains = -gains if name in LOWER_IS_BETTER else gains
    return int((gains > 0).sum()), int((gains == 0).sum()), int((gains < 0).sum())


def _flipped(before: Result, after: Result) -> Iterable[Flip]:
    question = after.question or before.question
    if before.answerable and (before.rank == 1) != (after.rank == 1):
        ranks = _rank(before), _rank(after)
        yield Flip(before.id, after.kind, "first result", *ranks, after.rank == 1, question)
    if None not in (before.answered, after.answered) and before.answered != after.answered:
        right = after.answered == after.answerable
        yield Flip(before.id, after.kind, "refusal", _answered(before), _answered(after), right, question)


def _flipped_statements(before: Iterable[Said], after: Iterable[Said]) -> Iterable[Flip]:
    now = {one.place: one for one in after}
    for one in before:
        other = now.get(one.place)
        if other is not None and one.right != other.right:
            yield Flip(one.place, one.speaker, "speaker", one.outcome, other.outcome, other.right, "")


def _rank(one: Result) -> str:
    return "none relevant" if one.rank is None else f"rank {one.rank}"


def _answered(one: Result) -> str:
    return "answered" if one.answered else "refused"
