"""Put the questions of a set to an archive and judge what comes back."""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from evals.corpus import Corpus
from evals.failures import failures
from evals.gold import Question, load, overlap, validate
from evals.metrics import Outcome, abstention_figures, ranking_figures, ranking_scores
from evals.statements import Attribution, beside, compare
from evals.statements import load as load_statements
from retrieval import Archive
from retrieval.errors import ArticleNotFound, EvaluationError
from retrieval.types import Answer, Filters, passage_id

Mode = Literal["fused", "dense", "lexical"]
DEFAULT_SET = Path(__file__).parent / "data" / "seeds.jsonl"
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one run.

    Attributes:
        setting: What was asked what, so that two runs can be told comparable.
        overall: Figures by name over all questions.
        by_kind: The same for each kind of question, with the number of its questions.
        outcomes: What was returned for each question.
        attribution: How the archive's statements compare with the set's golden ones; None where it has none.
    """

    name: str
    setting: "Setting"
    questions: int
    overall: Mapping[str, float]
    by_kind: Mapping[str, Mapping[str, float]]
    outcomes: Sequence[Outcome]
    attribution: Attribution | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values: every question with the rank of its first relevant result, every statement."""
        scores = ranking_scores(self.outcomes)
        return {
            "set": self.name,
            **asdict(self.setting),
            "questions": self.questions,
            "overall": dict(self.overall),
            "by_kind": {kind: dict(figures) for kind, figures in self.by_kind.items()},
            "results": [{**_row(one), "scores": scores.get(one.id, {})} for one in self.outcomes],
            "attribution": None if self.attribution is None else self.attribution.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Setting:
    """What was asked what, and how: two runs are comparable where set and corpus are the same.

    Attributes:
        set_sha256: Of the questions, their filters and their gold, as they were read.
        corpus_sha256: Of the articles; see ``Archive.corpus_sha256``.
        settings: What the archive was made with: passage size, model and its fingerprint.
        reranker: Name of the re-ranker that ordered the first passages, None without one.
    """

    set_sha256: str
    corpus_sha256: str
    settings: Mapping[str, str]
    mode: Mode
    reranker: str | None


def _setting(archive: Archive, mode: Mode, outcomes: Sequence[Outcome]) -> Setting:
    asked = [
        (
            one.id,
            one.question,
            sorted(one.filters.items()),
            one.kind,
            one.answerable,
            [astuple(each) for each in one.gold],
        )
        for one in outcomes
    ]
    judged = [sorted(one.relevant.items()) for one in outcomes if not one.gold]
    return Setting(
        set_sha256=hashlib.sha256(json.dumps([asked, judged]).encode()).hexdigest(),
        corpus_sha256=archive.corpus_sha256(),
        settings={name: archive.settings[name] for name in ("passage_tokens", "model", "model_sha256")},
        mode=mode,
        reranker=archive.reranker.name if archive.reranker is not None and mode == "fused" else None,
    )


def _row(one: Outcome) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "question": one.question,
        "answerable": one.answerable,
        "answered": one.answered,
        "confidence": one.confidence,
        "first_relevant": one.first_relevant,
        "relevant": dict(one.relevant),
        "ranked": list(one.ranked),
        "failures": list(one.failures),
        "overlap": one.overlap,
        "took_ms": one.took_ms,
    }


def report(name: str, archive: Archive, mode: Mode, outcomes: Sequence[Outcome]) -> Report:
    """The figures of some outcomes that an archive gave."""
    kinds = dict.fromkeys(outcome.kind for outcome in outcomes)
    by_kind = {kind: [outcome for outcome in outcomes if outcome.kind == kind] for kind in kinds}
    return Report(
        name=name,
        setting=_setting(archive, mode, outcomes),
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
    questions, corpus = load(path), Corpus(archive)
    validate(questions, _texts(corpus, questions))
    attribution = _attribution(archive, beside(path))
    outcomes = [_ask(archive, question, corpus.relevant(question.gold), mode) for question in questions]
    return replace(report(path.stem, archive, mode, outcomes), attribution=attribution)


def ranked(
    archive: Archive, question: str, k: int, mode: Mode, filters: Filters = Filters()
) -> tuple[tuple[str, ...], Answer | None]:
    """Ids of the passages that come back, best first, and what was answered; one side alone answers nothing."""
    if mode != "fused":
        return tuple(passage.id for passage in archive.nearest(question, k, mode, filters)), None
    answer = archive.ask(question, k, filters)
    # A copy is listed with the passage that it repeats, so it is read right behind it.
    cited = [one for hit in answer.passages for one in (hit.citation, *hit.copies)]
    return tuple(passage_id(one.article_id, one.version, one.start, one.end) for one in cited)[:k], answer


def _attribution(archive: Archive, path: Path) -> Attribution | None:
    return compare(archive, load_statements(path)) if path.exists() else None


def _ask(archive: Archive, question: Question, relevant: Mapping[str, int], mode: Mode) -> Outcome:
    began = time.perf_counter()
    ids, answer = ranked(archive, question.question, _DEPTH, mode, Filters(**question.filters))
    took_ms = (time.perf_counter() - began) * 1000
    return Outcome(
        id=question.id,
        kind=question.kind,
        question=question.question,
        relevant=relevant,
        ranked=ids,
        answerable=question.answerable,
        confidence=None if answer is None else answer.confidence,
        answered=None if answer is None else answer.answered,
        overlap=overlap(archive.interpret(question.question).topic, question.gold),
        failures=() if answer is None else failures(archive, question, frozenset(relevant), ids, answer),
        took_ms=took_ms,
        gold=question.gold,
        filters=question.filters,
        answer=answer,
    )


def _texts(corpus: Corpus, questions: Iterable[Question]) -> dict[str, str]:
    ids = {gold.article for question in questions for gold in question.gold}
    try:
        return {article_id: corpus.article(article_id).text for article_id in sorted(ids)}
    except ArticleNotFound as error:
        raise EvaluationError(f"the archive lacks an article that the set asks about: {error}") from error


def _figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    return {**ranking_figures(outcomes), **abstention_figures(outcomes)}
