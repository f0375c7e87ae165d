"""How far two people who marked the same questions agree.

Of two things: whether a question is answerable, and whether a passage of the archive answers it, over all pairs of
question and passage. Agreement beyond chance is kappa (Cohen 1960). Where nearly all pairs are marked by neither, raw
agreement is near 1 whatever the two do; how often they agree on what at least one of them marked is told by the
agreement on the marked (Dice 1945, positive agreement of Cicchetti and Feinstein 1990).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.corpus import Corpus
from evals.gold import Gold, Question, fold
from evals.significance import Interval
from retrieval.errors import EvaluationError

Tables = NDArray[np.int64]
"""Shape ``(..., 4)``: how many both mark, the first alone, the second alone, neither."""

_SAMPLES = 2000
_OUTSIDE = 0.05


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on one thing.

    Attributes:
        table: How many both mark, the first alone, the second alone, neither.
        kappa: Cohen's; None where it is not defined, that is where both put everything into the same class.
        interval: Where kappa lies with a probability of 95 %: percentile bootstrap over questions (Efron and Tibshirani
            1993). None where that is a point or nothing, as where they agree on all.
        raw: Share on which they agree.
        marked: Agreement on what is marked, 2 both / (2 both + one alone); None where neither marks anything.
    """

    table: tuple[int, int, int, int]
    kappa: float | None
    interval: Interval | None
    raw: float
    marked: float | None


@dataclass(frozen=True, slots=True)
class Marked:
    """What one of two annotators marked, and the other did not.

    Attributes:
        gold: Their gold.
        passages: Ids of the passages that it makes relevant.
    """

    answerable: bool
    gold: tuple[Gold, ...]
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A question on which two annotators differ, and what each has for it."""

    id: str
    question: str
    first: Marked
    second: Marked


@dataclass(frozen=True, slots=True)
class Kind:
    """Agreement over the questions of a kind."""

    questions: int
    answerable: Agreement
    passages: Agreement


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two annotators' files.

    Attributes:
        only_first: Ids of questions that the second does not have.
        only_second: The other way round.
        reworded: Ids that both have, of different questions: not compared.
        by_kind: By the first's kinds; ``all`` is over all questions.
    """

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    reworded: tuple[str, ...]
    by_kind: dict[str, Kind]
    disagreements: tuple[Disagreement, ...]

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return asdict(self)


def agree(
    first: Sequence[Question], second: Sequence[Question], corpus: Corpus, *, samples: int = _SAMPLES, seed: int = 0
) -> Comparison:
    """Compare what two people marked for the questions that both have, which are those of the same id and words.

    Args:
        first: One annotator's set, its gold in the articles of the corpus.
        second: The other's.
        corpus: What they are about.
        samples: Of the bootstrap.
        seed: Of the bootstrap.

    Raises:
        EvaluationError: They have no question in common.
    """
    theirs = {one.id: one for one in second}
    shared = [(one, theirs[one.id]) for one in first if one.id in theirs]
    both = [(one, other) for one, other in shared if _same(one, other)]
    if not both:
        raise EvaluationError("the two sets have no question in common: same id, same words")
    marked = [(_marked(one, corpus), _marked(other, corpus)) for one, other in both]
    answerable = np.array([_of_answerable(*each) for each in marked])
    relevant = np.array([_of_passages(*each, corpus.archive.coverage().passages) for each in marked])
    ids = {one.id for one in first}
    kinds = dict.fromkeys(one.kind for one, _ in both)
    groups = {kind: [index for index, (one, _) in enumerate(both) if one.kind == kind] for kind in kinds}
    return Comparison(
        only_first=tuple(one.id for one in first if one.id not in theirs),
        only_second=tuple(one.id for one in second if one.id not in ids),
        reworded=tuple(one.id for one, other in shared if not _same(one, other)),
        by_kind={
            kind: Kind(
                len(some),
                agreement(answerable[some], samples=samples, seed=seed),
                agreement(relevant[some], samples=samples, seed=seed),
            )
            for kind, some in {**groups, "all": list(range(len(both)))}.items()
        },
        disagreements=tuple(
            Disagreement(one.id, one.question, mine, yours)
            for (one, _), (mine, yours) in zip(both, marked, strict=True)
            if (mine.answerable, mine.passages) != (yours.answerable, yours.passages)
        ),
    )


def agreement(tables: Tables, *, samples: int = _SAMPLES, seed: int = 0) -> Agreement:
    """Agreement over some questions.

    Args:
        tables: What was marked for each question, shape ``(questions, 4)``, at least one question.
        samples: Of the bootstrap.
        seed: Of the bootstrap.
    """
    both, first, second, neither = total = tables.sum(axis=0)
    kappa = float(_kappa(total))
    drawn = np.random.default_rng(seed).integers(0, len(tables), (samples, len(tables)))
    sampled = _kappa(np.stack([tables[each].sum(axis=0) for each in drawn]))
    sampled = sampled[~np.isnan(sampled)]
    point = not len(sampled) or sampled.min() == sampled.max()
    return Agreement(
        table=(int(both), int(first), int(second), int(neither)),
        kappa=None if np.isnan(kappa) else kappa,
        interval=None if point else Interval(*map(float, np.quantile(sampled, (_OUTSIDE / 2, 1 - _OUTSIDE / 2)))),
        raw=float((both + neither) / total.sum()),
        marked=float(2 * both / (2 * both + first + second)) if both + first + second else None,
    )


def _kappa(tables: Tables) -> NDArray[np.float64]:
    """Kappa of each table, shape ``(..., 4)`` to ``(...)``; not a number where chance alone agrees on all."""
    both, first, second, neither = np.moveaxis(tables / tables.sum(axis=-1, keepdims=True), -1, 0)
    chance = (both + first) * (both + second) + (second + neither) * (first + neither)
    by_chance_alone = (both == 1) | (neither == 1)
    beyond: NDArray[np.float64] = np.divide(
        both + neither - chance, 1 - chance, out=np.full(np.shape(chance), np.nan), where=~by_chance_alone
    )
    return beyond


def _of_answerable(one: Marked, other: Marked) -> list[int]:
    return [
        int(one.answerable and other.answerable),
        int(one.answerable and not other.answerable),
        int(other.answerable and not one.answerable),
        int(not (one.answerable or other.answerable)),
    ]


def _of_passages(one: Marked, other: Marked, passages: int) -> list[int]:
    mine, yours = set(one.passages), set(other.passages)
    return [len(mine & yours), len(mine - yours), len(yours - mine), passages - len(mine | yours)]


def _same(one: Question, other: Question) -> bool:
    return fold(one.question).casefold() == fold(other.question).casefold() and one.filters == other.filters


def _marked(question: Question, corpus: Corpus) -> Marked:
    return Marked(question.answerable, question.gold, tuple(sorted(corpus.relevant(question.gold))))
