"""Measures of a run: of the ranking (by ir_measures, that is trec_eval) and of abstention.

============  ========================================================================================
hit@k         share of questions with a relevant passage among the first k (Success@k)
MRR@10        mean of 1 / rank of the first relevant passage, 0 past rank 10 (RR@10)
nDCG@10       discounted gain of the first ten over the best possible (Järvelin and Kekäläinen 2002, binary gain)
AUROC         probability that an answerable question gets a higher confidence than an unanswerable one
false answers share of unanswerable questions that were answered
wrong refusals  share of answerable questions that were refused
============  ========================================================================================

The measures of the ranking are means over the answerable questions; one that got no result counts as 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import ir_measures
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from evals.failures import Failure
from evals.gold import Gold
from retrieval.types import Answer

_RANKING = {
    "hit@1": ir_measures.Success @ 1,
    "hit@3": ir_measures.Success @ 3,
    "hit@10": ir_measures.Success @ 10,
    "MRR@10": ir_measures.RR @ 10,
    "nDCG@10": ir_measures.nDCG @ 10,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system returned for one question, and what was right.

    Attributes:
        relevant: Relevance (above 0) of everything that answers; empty for an unanswerable question.
        ranked: What was returned, best first.
        confidence: Confidence of the answer, 0 to 1; None where the system has none.
        answered: Whether the system said that a passage answers.
        overlap: Largest share of the question's content words in any one gold quote; None where there is no gold.
        failures: What went wrong, where that was looked into.
        took_ms: Milliseconds until the answer was there.
        gold: Article and quote of everything that answers.
        filters: That it was asked with, by name.
        answer: All that was answered, for whoever shows it; None of one side of the search alone.
    """

    id: str
    kind: str
    question: str
    relevant: Mapping[str, int]
    ranked: tuple[str, ...]
    answerable: bool
    confidence: float | None = None
    answered: bool | None = None
    overlap: float | None = None
    failures: tuple[Failure, ...] = ()
    took_ms: float | None = None
    gold: tuple[Gold, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    answer: Answer | None = field(default=None, repr=False, compare=False)

    @property
    def first_relevant(self) -> int | None:
        """Rank of the first relevant result, from 1."""
        return next((rank for rank, id_ in enumerate(self.ranked, start=1) if id_ in self.relevant), None)


def ranking_scores(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """What each answerable question scores by each measure of the ranking: by id, then by name."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    # By number: an id may hold what trec_eval cuts it off at.
    qrels = {str(at): dict(outcome.relevant) for at, outcome in enumerate(answerable)}
    # The rank itself is the score: ties are ours to break, not the measure's.
    run = {
        str(at): {id_: -float(rank) for rank, id_ in enumerate(outcome.ranked)} for at, outcome in enumerate(answerable)
    }
    # What has no judgement, or no result, is passed over by some providers: it scores 0, and drops out of no mean.
    scores = {outcome.id: dict.fromkeys(_RANKING, 0.0) for outcome in answerable}
    names = {measure: name for name, measure in _RANKING.items()}
    for each in ir_measures.iter_calc(list(_RANKING.values()), qrels, run):
        scores[answerable[int(each.query_id)].id][names[each.measure]] = float(each.value)
    return scores


def ranking_figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Measures of the ranking by name; empty if no question is answerable."""
    scores = ranking_scores(outcomes)
    return {name: fmean(one[name] for one in scores.values()) for name in _RANKING} if scores else {}


def abstention_figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Measures of abstention by name; those left out that the questions or the system don't allow."""
    judged = [outcome for outcome in outcomes if outcome.confidence is not None]
    right = [outcome for outcome in judged if outcome.answerable]
    wrong = [outcome for outcome in judged if not outcome.answerable]
    figures = {}
    if right and wrong:
        truth, confidence = [one.answerable for one in judged], [one.confidence for one in judged]
        figures["AUROC"] = float(roc_auc_score(truth, confidence))
    if wrong:
        figures["false answers"] = sum(bool(one.answered) for one in wrong) / len(wrong)
    if right:
        figures["wrong refusals"] = sum(not one.answered for one in right) / len(right)
    return figures


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over equally wide bins (Guo and others 2017)."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == one].mean() - right[which == one].mean()) * (which == one).mean()
        for one in np.unique(which)
    ]
    return float(sum(gaps))
