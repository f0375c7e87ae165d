"""Fit the ranker: ``python -m evals.fit ARCHIVES DATA``.

ARCHIVES holds an archive of each collection, made by ``onrecord ingest``: ``polnear`` (of articles.jsonl) and
``squad2`` (of squad2_dev/corpus.jsonl). DATA is the folder of the collections. The result goes to
``retrieval/rank_model.json``, with the hash of the data and the figures reached on the questions held back.

Fitted are: a sample of PolNeAR's train questions and train negatives, and of SQuAD 2.0's questions those on half of
the topics. Collected questions borrow their words from the text that answers them, and people who ask an archive
do not have that text: so every question is fitted twice, as it is and, for half of them, with half of its words
exchanged for words of other questions where words are compared, and the meaning kept where vectors are.

Held back, for the figures and for nothing else: PolNeAR's dev questions and negatives, and the other half.
"""

import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from retrieval import Archive
from retrieval.lexical import term_ids
from retrieval.question import Question
from retrieval.rank import FEATURES, Matrix, RankModel, probability
from retrieval.types import Passage

MODEL = Path(__file__).parent.parent / "retrieval" / "rank_model.json"
# The best passage of this share of unanswerable questions may pass for an answer.
_RISK = 0.1
_SEED = 20101004
_SAMPLES = {"polnear": 1500, "negatives": 750, "squad": 1500}

IsRelevant = Callable[[Passage], bool]


@dataclass(frozen=True, slots=True)
class Example:
    """A question and which passages answer it; none does if it is unanswerable."""

    question: str
    relevant: IsRelevant
    answerable: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """Features and relevance of all candidates of some questions.

    Attributes:
        matrix: Shape (pairs, features).
        relevant: Shape (pairs,).
        question: Number of the question that each pair belongs to, shape (pairs,).
        answerable: For each question.
    """

    matrix: Matrix
    relevant: NDArray[np.bool_]
    question: NDArray[np.int64]
    answerable: NDArray[np.bool_]


def pairs(archive: Archive, examples: Sequence[Example], reword: "Reword | None" = None) -> Pairs:
    """Candidates of each example, as the archive finds them."""
    archive.refresh()
    matrices, relevant, owners = [], [], []
    vectors = archive.encoder.encode_questions([example.question for example in examples])
    asked = [archive.interpret(example.question) for example in examples]
    if reword is not None:
        asked = reword(asked)
    for number, example in enumerate(examples):
        found, matrix = archive.candidates(asked[number], vectors[number])
        matrices.append(matrix)
        relevant.append(np.array([example.relevant(one.passage) for one in found], np.bool_))
        owners.append(np.full(len(found), number))
    answerable = np.array([example.answerable for example in examples], np.bool_)
    return Pairs(np.concatenate(matrices), np.concatenate(relevant), np.concatenate(owners), answerable)


Reword = Callable[[Sequence[Question]], list[Question]]


def rewording(seed: int, share: float = 0.5) -> Reword:
    """Exchange this share of the words of this share of some questions for words of others among them."""
    chance = random.Random(seed)  # noqa: S311  no secret

    def reword(asked: Sequence[Question]) -> list[Question]:
        pool = [word for one in asked for word in one.words]
        return [_exchanged(one, pool, chance, share) if chance.random() < share else one for one in asked]

    return reword


def _exchanged(one: Question, pool: Sequence[str], chance: random.Random, share: float) -> Question:
    drawn = (chance.choice(pool) if chance.random() < share else word for word in one.words)
    words = tuple(dict.fromkeys(drawn))
    return replace(one, words=words, terms=term_ids(words))


def fit(reworded: Sequence[Pairs], plain: Sequence[Pairs]) -> RankModel:
    """Weights by logistic regression on the reworded pairs, calibration and threshold on the plain ones."""
    matrix = np.concatenate([one.matrix for one in (*reworded, *plain)])
    relevant = np.concatenate([one.relevant for one in (*reworded, *plain)])
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0)
    weights = _regression((matrix - mean) / scale, relevant, at_least=0.0)
    model = _calibrated(RankModel(mean, scale, weights[:-1], float(weights[-1]), 0.0), plain)
    # The first collection is the one of near misses as people ask them: somebody asked about what others spoke of.
    best = probability(best_of_each(model, plain[0])[0][~plain[0].answerable])
    return replace(model, threshold=float(np.quantile(best, 1 - _RISK)))


def _calibrated(model: RankModel, plain: Sequence[Pairs]) -> RankModel:
    """The same order, with log-odds that fit how often the best passage answers (Platt 1999)."""
    judged = [best_of_each(model, one) for one in plain]
    best = np.concatenate([scores for scores, _ in judged])
    right = np.concatenate([first == 1 for _, first in judged])
    slope, offset = _regression(best[:, None], right, at_least=0.0)
    return replace(model, weights=model.weights * slope, bias=float(model.bias * slope + offset))


def _regression(matrix: Matrix, target: NDArray[np.bool_], at_least: float, l2: float = 1.0) -> NDArray[np.float64]:
    """Weights of a logistic regression, none below a bound, and the bias last; shape ``(columns + 1,)``."""
    sign = np.where(target, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (matrix @ weights[:-1] + weights[-1])
        pull = -sign / (1 + np.exp(margin))
        value = np.logaddexp(0, -margin).sum() + 0.5 * l2 * (weights[:-1] ** 2).sum()
        return float(value), np.append(matrix.T @ pull + l2 * weights[:-1], pull.sum())

    bounds = [(at_least, None)] * matrix.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    weights: NDArray[np.float64] = found.x
    return weights


def best_of_each(model: RankModel, some: Pairs) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each question the log-odds of its best candidate, and the rank of its first relevant one (0: none)."""
    scores = model.log_odds(some.matrix)
    best, first = np.full(len(some.answerable), -np.inf), np.zeros(len(some.answerable), np.int64)
    for number in range(len(some.answerable)):
        own = np.flatnonzero(some.question == number)
        if not len(own):
            continue
        order = own[np.argsort(-scores[own], kind="stable")]
        best[number] = scores[order[0]]
        places = np.flatnonzero(some.relevant[order])
        first[number] = places[0] + 1 if len(places) else 0
    return best, first


def figures(model: RankModel, some: Pairs) -> dict[str, float]:
    """MRR@10 and hit@1 on the answerable questions, AUROC of the best score over all, false answers, calibration."""
    best, first = best_of_each(model, some)
    ranks = first[some.answerable]
    reciprocal = np.where((ranks > 0) & (ranks <= 10), 1 / np.maximum(ranks, 1), 0.0)
    found = {"MRR@10": reciprocal.mean(), "hit@1": (ranks == 1).mean()}
    if not some.answerable.all():
        found["AUROC"] = roc_auc_score(some.answerable, best)
        found["false answers"] = (probability(best)[~some.answerable] >= model.threshold).mean()
        found["wrong refusals"] = (probability(best)[some.answerable] < model.threshold).mean()
    found["calibration error"] = calibration_error(probability(best), first == 1)
    return {name: round(float(value), 4) for name, value in found.items()}


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over equally wide bins (Guo and others 2017)."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == one].mean() - right[which == one].mean()) * (which == one).mean()
        for one in np.unique(which)
    ]
    return float(sum(gaps))


def as_json(model: RankModel, about: dict[str, Any]) -> str:
    """The model as ``retrieval.rank.read_model`` reads it."""
    rows = [
        {
            "feature": name,
            "weight": round(float(weight), 5),
            "mean": round(float(mean), 5),
            "scale": round(float(scale), 5),
        }
        for name, weight, mean, scale in zip(FEATURES, model.weights, model.mean, model.scale, strict=True)
    ]
    said = {
        "about": about,
        "threshold": round(model.threshold, 4),
        "bias": round(model.bias, 5),
        "features": rows,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def polnear(data: Path, name: str) -> list[Example]:
    """Questions of one of PolNeAR's files; a passage is relevant that holds at least half of a gold statement."""
    return [_polnear_example(row) for row in _rows(data / "polnear" / name)]


def _polnear_example(row: dict[str, Any]) -> Example:
    gold = [(one["article"], one["spans"]) for one in row["gold"]]

    def relevant(passage: Passage) -> bool:
        return any(passage.article_id == article and _holds_half(passage, spans) for article, spans in gold)

    return Example(row["question"], relevant, bool(gold))


def _holds_half(passage: Passage, spans: Iterable[tuple[int, int]]) -> bool:
    length = sum(end - start for start, end in spans)
    inside = sum(max(0, min(end, passage.end) - max(start, passage.start)) for start, end in spans)
    return 2 * inside >= length


def squad(data: Path, *, held_back: bool) -> list[Example]:
    """SQuAD 2.0's questions on one half of the topics; a passage is relevant that holds an answer in its paragraph."""
    rows = _rows(data / "squad2_dev" / "queries.jsonl")
    return [_squad_example(row) for row in rows if _in_second_half(row["source_paragraph"]) == held_back]


def _squad_example(row: dict[str, Any]) -> Example:
    def relevant(passage: Passage) -> bool:
        here = passage.article_id == row["source_paragraph"]
        return here and row["answerable"] and any(answer in passage.text for answer in row["answers"])

    return Example(row["text"], relevant, row["answerable"])


def _in_second_half(paragraph: str) -> bool:
    topic = paragraph.rsplit("_", 1)[0]
    return hashlib.sha256(topic.encode()).digest()[0] % 2 == 1


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def _data_sha256(data: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([*(data / "polnear").glob("*.jsonl"), *(data / "squad2_dev").glob("*")]):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def main(archives: Path, data: Path) -> None:
    """Fit, print the figures, write the model."""
    sample = random.Random(_SEED).sample  # noqa: S311  a sample of questions is no secret
    with Archive.open(archives / "polnear") as news, Archive.open(archives / "squad2") as wiki:
        asked = sample(polnear(data, "questions-train.jsonl"), _SAMPLES["polnear"])
        asked += sample(polnear(data, "negatives-train.jsonl"), _SAMPLES["negatives"])
        others = sample(squad(data, held_back=False), _SAMPLES["squad"])
        reword = rewording(_SEED)
        plain = [pairs(news, asked), pairs(wiki, others)]
        model = fit([pairs(news, asked, reword), pairs(wiki, others, reword)], plain)
        dev = pairs(news, polnear(data, "questions-dev.jsonl") + polnear(data, "negatives-dev.jsonl"))
        held = pairs(wiki, squad(data, held_back=True))
    reached = {"polnear dev": figures(model, dev), "squad2, other half of the topics": figures(model, held)}
    about = {
        "data_sha256": _data_sha256(data),
        "fitted_on": _SAMPLES,
        "seed": _SEED,
        "risk": _RISK,
        "reached": reached,
    }
    MODEL.write_text(as_json(model, about), "utf-8")
    print(json.dumps(reached, indent=1))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
