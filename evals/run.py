"""Put the questions of a set to an archive and judge what comes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from evals.gold import Question, holds, load, validate
from evals.metrics import Outcome, abstention_figures, ranking_figures
from evals.statements import Attribution, beside, compare
from evals.statements import load as load_statements
from retrieval import Archive
from retrieval.errors import ArticleNotFound, EvaluationError
from retrieval.types import Filters, passage_id

Mode = Literal["fused", "dense", "lexical"]
DEFAULT_SET = Path(__file__).parent / "data" / "seeds.jsonl"
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one run.

    Attributes:
        reranker: Name of the re-ranker that ordered the first passages, None without one.
        overall: Figures by name over all questions.
        by_kind: The same for each kind of question, with the number of its questions.
        outcomes: What was returned for each question.
        attribution: How the archive's statements compare with the set's golden ones; None where it has none.
    """

    name: str
    mode: Mode
    reranker: str | None
    questions: int
    overall: Mapping[str, float]
    by_kind: Mapping[str, Mapping[str, float]]
    outcomes: Sequence[Outcome]
    attribution: Attribution | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values: every question with the rank of its first relevant result, every statement."""
        rows = [
            {
                "id": one.id,
                "kind": one.kind,
                "question": one.question,
                "answerable": one.answerable,
                "answered": one.answered,
                "confidence": one.confidence,
                "first_relevant": one.first_relevant,
            }
            for one in self.outcomes
        ]
        return {
            "set": self.name,
            "mode": self.mode,
            "reranker": self.reranker,
            "questions": self.questions,
            "overall": dict(self.overall),
            "by_kind": {kind: dict(figures) for kind, figures in self.by_kind.items()},
            "results": rows,
            "attribution": None if self.attribution is None else self.attribution.as_json(),
        }


def report(name: str, archive: Archive, mode: Mode, outcomes: Sequence[Outcome]) -> Report:
    """The figures of some outcomes that an archive gave."""
    kinds = dict.fromkeys(outcome.kind for outcome in outcomes)
    by_kind = {kind: [outcome for outcome in outcomes if outcome.kind == kind] for kind in kinds}
    return Report(
        name=name,
        mode=mode,
        reranker=archive.reranker.name if archive.reranker is not None and mode == "fused" else None,
        questions=len(outcomes),
        overall=_figures(outcomes),
        by_kind={kind: {"questions": len(some), **_figures(some)} for kind, some in by_kind.items()},
        outcomes=outcomes,
    )


def evaluate(archive: Archive, path: Path = DEFAULT_SET, mode: Mode = "fused") -> Report:
    """Run a set of the project's own form, with the golden statements beside it if there are any.

    Raises:
        EvaluationError: The set is not sound, or the archive does not hold its articles.
    """
    questions = load(path)
    validate(questions, _texts(archive, questions))
    attribution = _attribution(archive, beside(path))
    relevant = _Relevance(archive)
    outcomes = [_ask(archive, question, relevant, mode) for question in questions]
    return replace(report(path.stem, archive, mode, outcomes), attribution=attribution)


def ranked(
    archive: Archive, question: str, k: int, mode: Mode, filters: Filters = Filters()
) -> tuple[list[str], float | None, bool | None]:
    """Ids of the passages that come back, best first, with confidence and whether it counts as answered."""
    if mode != "fused":
        return [passage.id for passage in archive.nearest(question, k, mode, filters)], None, None
    answer = archive.ask(question, k, filters)
    # A copy is listed with the passage that it repeats, so it is read right behind it.
    cited = [one for hit in answer.passages for one in (hit.citation, *hit.copies)]
    ids = [passage_id(one.article_id, one.version, one.start, one.end) for one in cited]
    return ids[:k], answer.confidence, answer.answered


def _attribution(archive: Archive, path: Path) -> Attribution | None:
    return compare(archive, load_statements(path)) if path.exists() else None


def _ask(archive: Archive, question: Question, relevant: "_Relevance", mode: Mode) -> Outcome:
    ids, confidence, answered = ranked(archive, question.question, _DEPTH, mode, Filters(**question.filters))
    return Outcome(
        id=question.id,
        kind=question.kind,
        question=question.question,
        relevant=relevant(question),
        ranked=tuple(ids),
        answerable=question.answerable,
        confidence=confidence,
        answered=answered,
    )


class _Relevance:
    """Which passages of an archive hold at least half of a gold quote."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._passages: dict[str, list[tuple[str, str]]] = {}

    def __call__(self, question: Question) -> dict[str, int]:
        return {id_: 1 for gold in question.gold for id_, text in self._of(gold.article) if holds(text, gold.quote)}

    def _of(self, article_id: str) -> list[tuple[str, str]]:
        if article_id not in self._passages:
            stored = self._archive.article(article_id)
            self._passages[article_id] = [(one.id, one.text) for one in self._archive.passages(stored)]
        return self._passages[article_id]


def _texts(archive: Archive, questions: Iterable[Question]) -> dict[str, str]:
    ids = {gold.article for question in questions for gold in question.gold}
    try:
        return {article_id: archive.article(article_id).article.text for article_id in sorted(ids)}
    except ArticleNotFound as error:
        raise EvaluationError(f"the archive lacks an article that the set asks about: {error}") from error


def _figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    return {**ranking_figures(outcomes), **abstention_figures(outcomes)}
