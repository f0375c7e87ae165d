"""Which of the candidate passages answer a question: features of each pair, one fitted model, one probability.

The model is logistic regression on standardised features, read from ``rank_model.json``; ``evals/fit.py`` makes that
file and says from what. It has two sets of weights, because two kinds of question want different evidence: one after
the words of somebody, and one that names nobody. Its log-odds order the passages and its probability is their
confidence, so that no two scores can disagree.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import Vectors
from retrieval.lexical import analyze, term_ids
from retrieval.question import Question
from retrieval.speakers import surname
from retrieval.store import CONFIDENCE, FIRST, LAST, SPEAKER, Candidate, Terms, speaker_id

Matrix = NDArray[np.float64]
Column = NDArray[np.float64]
Table = NDArray[np.bool_]
Index = NDArray[np.int64]
Regime = Literal["somebody", "anything"]

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
    "cosine_below_best",
    "bm25_below_best",
    "coverage",
    "coverage_below_best",
    "rarest",
    "sentence",
    "sentence_below_best",
    "article",
    "article_below_best",
    "said",
    "said_below_best",
    "spoke_below_best",
    "unattributed_below_best",
    "said_by_others_below_best",
    "not_said_by_others",
    "named_below_best",
    "named_in_article",
    "named_in_article_below_best",
    "unheard",
    "dated",
    "misdated",
)
"""Of a question and a passage; each is evidence for the passage, so that no weight is below 0.

A share is one of words weighted by their idf. The topic is the question without the names of those who are asked for;
where none is, it is the whole question. ``..._below_best``: by how much the passage falls short of the best candidate,
at most 0.

cosine: of the two vectors. bm25: divided by its limit, so that it is at most 1. coverage: share of the topic that
stands in the passage or in title, author or publisher of its article. rarest: whether the rarest word does.
sentence: share of the topic in the sentence of the passage that has most of it. article: share of the topic that
stands anywhere in the article. Of coverage, sentence and article it is the share of the whole question that is held
against the best.

These are 0 where the question asks for nobody's words. said: the share of the topic that stands in the speaker's own
words in the passage, times the probability that they are theirs. spoke: that probability alone. unattributed,
said_by_others: the share in statements of nobody in particular, of others. not_said_by_others: minus what others say of
it beyond what the speaker says. named: whether the speaker's surname stands
in the passage. named_in_article: whether it does in the article. unheard: -1 if the archive has no
statement of the speaker's at all.

These are 0 where the question names no date. dated: whether the passage is of an article of that time, or names the
year. misdated: -1 if it is known not to be.
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words that passages are searched for, each once, with their weights.

    Attributes:
        terms: The question's words and the surnames, sorted.
        whole: Weight of each in the question; they sum up to 1, or to 0 if it has no words.
        topic: The same in the topic.
        rarest: Whether it is the rarest of the topic.
        names: Whether it is a surname of those who are asked for.
    """

    terms: Terms
    whole: Column
    topic: Column
    rarest: Table
    names: Table


@dataclass(frozen=True, slots=True)
class _Matches:
    """Where the words stand: entry ``i`` says that word ``word[i]`` is at ``position[i]`` of all candidates' terms.

    Attributes:
        owner: Number of the candidate.
        position: In the terms of all candidates, one after the other; ascending.
    """

    owner: Index
    position: Index
    word: Index


def regime(question: Question) -> Regime:
    """Which of the model's two sets of weights a question is ranked by."""
    return "somebody" if question.speakers else "anything"


def words_of(question: Question) -> Terms:
    """All terms of a question that ranking looks for: its words and the surnames of who is asked for; sorted."""
    return np.unique(np.concatenate([question.terms, term_ids(question.topic), _names(question)]))


def _names(question: Question) -> Terms:
    return term_ids(dict.fromkeys(word for name in question.speakers for word in analyze(surname(name))))


def features(question: Question, vector: Vectors, candidates: Sequence[Candidate], known: Statistics) -> Matrix:
    """Features of each pair of the question and a candidate, shape ``(len(candidates), len(FEATURES))``.

    Args:
        question: The question, taken apart; it may have no words at all.
        vector: The question encoded, shape ``(dimension,)``.
        candidates: At least one.
        known: Statistics of the archive.
    """
    asked = _asked(question, known)
    starts = np.cumsum([0, *(len(candidate.terms) for candidate in candidates)])
    matches = _Matches(*_found(asked.terms, [candidate.terms for candidate in candidates]))
    counts = _table(matches.owner, matches.word, (len(candidates), len(asked.terms)))
    here = counts > 0
    anywhere = here | _membership(asked.terms, [candidate.context for candidate in candidates])
    article = anywhere | _membership(asked.terms, [candidate.around for candidate in candidates])
    sentences, of_candidate = _by_sentence(matches, starts, candidates, len(asked.terms))
    absolute = {
        "cosine": (np.stack([candidate.vector for candidate in candidates]) @ vector).astype(np.float64),
        "coverage": anywhere @ asked.topic,
        "rarest": (anywhere & asked.rarest).any(axis=1).astype(np.float64),
        "sentence": _best(sentences @ asked.topic, of_candidate),
        "article": article @ asked.topic,
        **_attribution(question, asked, matches, starts, candidates),
        "named_in_article": (article & asked.names).any(axis=1).astype(np.float64),
        "unheard": np.full(len(candidates), -1.0 if question.unheard else 0.0),
        **_dating(question, candidates),
    }
    below_best = {
        **absolute,
        "bm25": _saturated(counts, np.diff(starts), known.mean_terms) @ asked.whole,
        "coverage": anywhere @ asked.whole,
        "sentence": _best(sentences @ asked.whole, of_candidate),
        "article": article @ asked.whole,
        "named": (here & asked.names).any(axis=1).astype(np.float64),
    }
    columns = absolute | {f"{name}_below_best": column - column.max() for name, column in below_best.items()}
    return np.column_stack([columns[name] for name in FEATURES])


def _asked(question: Question, known: Statistics) -> _Asked:
    terms = words_of(question)
    topic = np.isin(terms, term_ids(question.topic))
    idf = known.idf(terms)
    rarest = topic & (idf == (idf[topic].max() if topic.any() else -1.0))
    whole = np.isin(terms, question.terms)
    return _Asked(terms, _shares(idf * whole), _shares(idf * topic), rarest, np.isin(terms, _names(question)))


def _shares(weights: Column) -> Column:
    shares: Column = weights / max(weights.sum(), 1e-9)
    return shares


def _by_sentence(matches: _Matches, starts: Index, candidates: Sequence[Candidate], words: int) -> tuple[Table, Index]:
    """Which word stands in which sentence of all candidates, and the first sentence of each candidate."""
    ends = np.concatenate([start + candidate.cuts for start, candidate in zip(starts, candidates, strict=False)])
    first = np.cumsum([0, *(len(candidate.cuts) for candidate in candidates[:-1])])
    sentence = np.searchsorted(ends, matches.position, side="right")
    return _table(sentence, matches.word, (len(ends), words)) > 0, first


def _best(of_sentences: Column, first: Index) -> Column:
    """Of each candidate the highest value of its sentences."""
    return np.maximum.reduceat(of_sentences, first)


def _attribution(
    question: Question, asked: _Asked, matches: _Matches, starts: Index, candidates: Sequence[Candidate]
) -> dict[str, Column]:
    """The features of who says what."""
    nothing = np.zeros(len(candidates))
    spoken = np.concatenate([candidate.spoken for candidate in candidates])
    if not question.speakers or not len(spoken):
        return dict.fromkeys(("said", "spoke", "unattributed", "said_by_others", "not_said_by_others"), nothing)
    owners = np.repeat(np.arange(len(candidates)), [len(candidate.spoken) for candidate in candidates])
    wanted = np.isin(spoken[:, SPEAKER], [speaker_id(name) for name in question.speakers])
    unknown = spoken[:, SPEAKER] == 0
    spoke = np.zeros(len(candidates))
    np.maximum.at(spoke, owners[wanted], spoken[wanted, CONFIDENCE] / 10_000)
    first = np.searchsorted(matches.position, starts[owners] + spoken[:, FIRST])
    counts = np.searchsorted(matches.position, starts[owners] + spoken[:, LAST]) - first
    statement = np.repeat(np.arange(len(spoken)), counts)
    inside = np.arange(len(statement)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    shape = (len(candidates), len(asked.terms))

    def share(which: Table) -> Column:
        match = inside[which[statement]]
        told: Column = (_table(matches.owner[match], matches.word[match], shape) > 0) @ asked.topic
        return told

    said, by_others = share(wanted), share(~unknown & ~wanted)
    return {
        "said": said * spoke,
        "spoke": spoke,
        "unattributed": share(unknown & ~wanted),
        "said_by_others": by_others,
        "not_said_by_others": -np.maximum(by_others - said, 0.0),
    }


def _dating(question: Question, candidates: Sequence[Candidate]) -> dict[str, Column]:
    """The features of when."""
    dates = question.dates
    if dates is None:
        return {"dated": np.zeros(len(candidates)), "misdated": np.zeros(len(candidates))}
    years = term_ids(str(year) for year in dates.years())
    fits = np.array([dates.overlaps(candidate.first_day, candidate.last_day) for candidate in candidates]) | np.array(
        [np.isin(years, candidate.terms).any() for candidate in candidates]
    )
    known = np.array([candidate.first_day is not None for candidate in candidates])
    return {"dated": fits.astype(np.float64), "misdated": -(known & ~fits).astype(np.float64)}


def _saturated(counts: Index, lengths: Index, mean_terms: float) -> Matrix:
    """The part of BM25 that idf multiplies, divided by its limit k1 + 1, so that a weighted sum is at most 1."""
    norm = _K1 * (1 - _B + _B * lengths / max(mean_terms, 1.0))
    saturated: Matrix = counts / (counts + norm[:, None])
    return saturated


def _table(rows: Index, columns: Index, shape: tuple[int, int]) -> Index:
    """How often each pair of row and column occurs, of the given shape."""
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)


def _membership(terms: Terms, texts: Sequence[Terms]) -> Table:
    """Whether each term is in each text; candidates of one article share the array, and the work."""
    distinct = {id(text): text for text in texts}
    rows = {key: row for row, key in enumerate(distinct)}
    owner, _, word = _found(terms, list(distinct.values()))
    table = _table(owner, word, (len(distinct), len(terms))) > 0
    return table[[rows[id(text)] for text in texts]]


def _found(terms: Terms, texts: Sequence[Terms]) -> tuple[Index, Index, Index]:
    """Where terms stand in some texts: number of the text, place in all texts one after the other, number of the term.

    Args:
        terms: Sorted.
        texts: In any order.
    """
    joined = np.concatenate(texts)
    if not len(terms):
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    words = np.minimum(terms.searchsorted(joined), len(terms) - 1)
    positions = np.flatnonzero(terms[words] == joined)
    ends = np.cumsum([len(text) for text in texts])
    return ends.searchsorted(positions, side="right"), positions, words[positions]


@dataclass(frozen=True)
class Weights:
    """Logistic regression on standardised features, for one kind of question.

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
        log_odds: Column = (matrix - self.mean) / self.scale @ self.weights + self.bias
        return log_odds


RankModel = Mapping[Regime, Weights]


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
    return {"somebody": _weights(said["somebody"]), "anything": _weights(said["anything"])}


def _weights(said: Mapping[str, Any]) -> Weights:
    by_name = {row["feature"]: row for row in said["features"]}
    if tuple(by_name) != FEATURES:
        raise ValueError(f"the model is fitted on {tuple(by_name)}, the ranker computes {FEATURES}; run evals/fit.py")
    column = {key: np.array([by_name[name][key] for name in FEATURES]) for key in ("mean", "scale", "weight")}
    return Weights(column["mean"], column["scale"], column["weight"], said["bias"], said["threshold"])
