"""Which of the candidate passages answer a question: features of each pair, one fitted model, one probability.

The model is logistic regression on standardised features, read from ``rank_model.json``; ``evals/fit.py`` makes that
file and says from what. Its log-odds order the passages and its probability is their confidence, so that no two
scores can disagree.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import Vectors
from retrieval.lexical import analyze, term_ids
from retrieval.question import Question
from retrieval.store import Candidate, Terms
from retrieval.types import Passage

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]

# BM25 as in Robertson and Zaragoza 2009, with the parameters that Lucene and tantivy use.
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is known of the whole archive: passages, mean terms of a passage, and passages that hold each term."""

    passages: int
    mean_terms: float
    frequencies: Mapping[int, int]

    def idf(self, terms: Terms) -> Column:
        """Inverse document frequency of each term, above 0 (Lucene's form of BM25's)."""
        found = np.array([self.frequencies.get(int(term), 0) for term in terms], np.float64)
        return np.log(1 + (self.passages - found + 0.5) / (found + 0.5))


FEATURES = (
    "cosine",
    "coverage",
    "rarest",
    "cosine_below_best",
    "bm25_below_best",
    "coverage_below_best",
    "said",
    "said_below_best",
    "spoke",
    "said_by_others",
)
"""Of a question and a passage; each is evidence for the passage, so that no weight is below 0.

cosine: of the two vectors. coverage: share of the question's words, weighted by idf, that stand in the passage or in
title, author or publisher of its article. rarest: whether the rarest of them does. bm25: divided by its limit, so that
it is at most 1. The same ``..._below_best``: by how much the passage falls short of the best candidate, at most 0.

These are 0 where the question names no speaker of the archive. said: the share of the topic's words that stand in the
speaker's own words in the passage, times the probability that they are theirs. spoke: that probability alone.
said_by_others: minus the share that stands in statements of others and not in theirs.
"""


def features(question: Question, vector: Vectors, candidates: Sequence[Candidate], known: Statistics) -> Matrix:
    """Features of each pair of the question and a candidate, shape ``(len(candidates), len(FEATURES))``.

    Args:
        question: The question, taken apart; it may have no words at all.
        vector: The question encoded, shape ``(dimension,)``.
        candidates: At least one.
        known: Statistics of the archive.
    """
    idf = known.idf(question.terms)
    weights = idf / max(idf.sum(), 1e-9)
    counts, context = _counts(question.terms, candidates)
    anywhere = (counts > 0) | context
    lengths = np.array([len(candidate.terms) for candidate in candidates], np.float64)
    cosine = (np.stack([candidate.vector for candidate in candidates]) @ vector).astype(np.float64)
    bm25 = _saturated(counts, lengths, known.mean_terms) @ weights
    coverage = anywhere @ weights
    columns = {
        "cosine": cosine,
        "coverage": coverage,
        "rarest": anywhere[:, int(idf.argmax())] if len(idf) else np.zeros(len(candidates)),
        "cosine_below_best": cosine - cosine.max(),
        "bm25_below_best": bm25 - bm25.max(),
        "coverage_below_best": coverage - coverage.max(),
        **_attribution(question, candidates, known),
    }
    return np.column_stack([columns[name] for name in FEATURES]).astype(np.float64)


def _attribution(question: Question, candidates: Sequence[Candidate], known: Statistics) -> dict[str, Column]:
    """The features of who says what."""
    nothing = np.zeros(len(candidates))
    if not question.speakers:
        return {"said": nothing, "said_below_best": nothing, "spoke": nothing, "said_by_others": nothing}
    idf = known.idf(term_ids(question.topic))
    weights = dict(zip(question.topic, (idf / max(idf.sum(), 1e-9)).tolist(), strict=True))
    wanted = frozenset(question.speakers)
    rows = np.array([_heard(wanted, weights, candidate.passage) for candidate in candidates])
    said, spoke, others = rows[:, 0], rows[:, 1], rows[:, 2]
    return {
        "said": said,
        "said_below_best": said - said.max(),
        "spoke": spoke,
        "said_by_others": -np.maximum(others - said, 0),
    }


def _heard(wanted: frozenset[str], weights: Mapping[str, float], passage: Passage) -> tuple[float, float, float]:
    """How much of the topic the wanted speakers say in a passage, how surely they speak there, how much others say."""
    said = spoke = others = 0.0
    for words, speaker, confidence in voices(passage):
        share = sum(weights.get(word, 0.0) for word in set(analyze(words)))
        if speaker in wanted:
            said, spoke = max(said, share * confidence), max(spoke, confidence)
        else:
            others = max(others, share)
    return said, spoke, others


def voices(passage: Passage) -> Iterator[tuple[str, str | None, float]]:
    """Who says what in a passage: words, speaker, probability that it is theirs.

    Of a speech or an opinion piece, what is in nobody's quotation is the author's. Neighbouring statements of one
    speaker are one: a quotation broken by "he said" or by a new paragraph goes on.
    """
    for speaker, run in groupby(passage.statements, key=lambda one: one.speaker):
        statements = list(run)
        yield " ".join(one.text for one in statements), speaker, max(one.confidence for one in statements)
    if passage.voice is not None:
        yield _between(passage), passage.voice, 1.0


def _between(passage: Passage) -> str:
    """The passage without its direct quotations."""
    pieces, position = [], passage.start
    for one in (one for one in passage.statements if one.direct):
        pieces.append(passage.text[position - passage.start : one.start - passage.start])
        position = max(position, one.end)
    return " ".join([*pieces, passage.text[position - passage.start :]])


def _saturated(counts: Matrix, lengths: Column, mean_terms: float) -> Matrix:
    """The part of BM25 that idf multiplies, divided by its limit k1 + 1, so that a weighted sum is at most 1."""
    norm = _K1 * (1 - _B + _B * lengths / max(mean_terms, 1.0))
    return counts / (counts + norm[:, None])


def _counts(terms: Terms, candidates: Sequence[Candidate]) -> tuple[Matrix, NDArray[np.bool_]]:
    """How often each term stands in each passage, and whether it stands around it; shape (candidates, terms)."""
    in_text = _table(terms, [candidate.terms for candidate in candidates])
    return in_text.astype(np.float64), _table(terms, [candidate.context for candidate in candidates]) > 0


def _table(terms: Terms, texts: Sequence[Terms]) -> NDArray[np.int64]:
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    joined = np.concatenate([np.empty(0, np.uint32), *texts])
    table = np.zeros((len(texts), len(terms)), np.int64)
    for column, term in enumerate(terms):
        table[:, column] = np.bincount(owners[joined == term], minlength=len(texts))
    return table


@dataclass(frozen=True)
class RankModel:
    """Logistic regression on standardised features.

    Attributes:
        mean: Of each feature where the model was fitted; shape ``(len(FEATURES),)``.
        scale: Standard deviation of each.
        weights: Log-odds for each standard deviation.
        bias: Log-odds at the mean.
        threshold: A best passage of at least this confidence answers the question.
    """

    mean: Column
    scale: Column
    weights: Column
    bias: float
    threshold: float

    def log_odds(self, matrix: Matrix) -> Column:
        """Log-odds that each row's passage answers, shape ``(rows,)``."""
        return (matrix - self.mean) / self.scale @ self.weights + self.bias


def probability(log_odds: Column) -> Column:
    """The probability that log-odds stand for."""
    return 1 / (1 + np.exp(-log_odds))


@cache
def default_model() -> RankModel:
    """The model that comes with this package."""
    return read_model((files("retrieval") / "rank_model.json").read_text("utf-8"))


def read_model(text: str) -> RankModel:
    """A model from the JSON that ``evals/fit.py`` writes."""
    said = json.loads(text)
    by_name = {row["feature"]: row for row in said["features"]}
    if tuple(by_name) != FEATURES:
        raise ValueError(f"the model is fitted on {tuple(by_name)}, the ranker computes {FEATURES}; run evals/fit.py")
    column = {key: np.array([by_name[name][key] for name in FEATURES]) for key in ("mean", "scale", "weight")}
    return RankModel(column["mean"], column["scale"], column["weight"], said["bias"], said["threshold"])
