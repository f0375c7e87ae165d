"""Which of the candidate passages answer a question: features of each pair, one fitted model, one probability.

The model is logistic regression on standardised features, read from ``rank_model.json``; ``evals/fit.py`` makes that
file and says from what. It has two sets of weights, because two kinds of question want different evidence: one after
the words of somebody, and one that names nobody. Its log-odds order the passages and its probability is their
confidence, so that no two scores can disagree.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import Vectors
from retrieval.lexical import analyze, term_ids
from retrieval.question import Question
from retrieval.speakers import surname
from retrieval.store import CONFIDENCE, FIRST, LAST, SPEAKER, Candidate, Surroundings, Terms, speaker_id

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
class Columns:
    """Candidates as they are ranked, all in one go: what each of them has, one behind the other.

    Attributes:
        articles: The articles that they stand in, each once.
        article: Of each candidate, the number of its article.
        vectors: Shape ``(candidates, dimension)``.
        terms: Of all candidates.
        ends: For each candidate, where its terms end in ``terms``.
        cuts: For each sentence, the same.
        sentence: For each candidate, the number of its first sentence.
        spoken: The statements in them, with their places in ``terms``.
        speaking: For each statement, the number of its candidate.
    """

    articles: Sequence[Surroundings]
    article: Index
    vectors: Vectors
    terms: Terms
    ends: Index
    cuts: Index
    sentence: Index
    spoken: Index
    speaking: Index

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> Self:
        """The columns of some candidates, at least one."""
        articles = {id(one.article): one.article for one in candidates}
        numbers = dict(zip(articles, range(len(articles)), strict=True))
        terms, cuts = [one.terms for one in candidates], [one.cuts for one in candidates]
        spoken = [one.spoken for one in candidates]
        ends = np.cumsum(_lengths(terms))
        starts, sentences, statements = np.concatenate(([0], ends[:-1])), _lengths(cuts), _lengths(spoken)
        speaking = np.repeat(np.arange(len(candidates)), statements)
        said = np.concatenate(spoken).astype(np.int64)
        said[:, FIRST] += starts[speaking]
        said[:, LAST] += starts[speaking]
        return cls(
            list(articles.values()),
            np.array([numbers[id(one.article)] for one in candidates]),
            np.concatenate([one.vector for one in candidates]).reshape(len(candidates), -1),
            np.concatenate(terms),
            ends,
            np.concatenate(cuts) + np.repeat(starts, sentences),
            np.cumsum(sentences) - sentences,
            said,
            speaking,
        )

    def by_sentence(self) -> "Columns":
        """The sentences of the candidates, each as a passage of its own with what is said in it."""
        sentences = len(self.cuts)
        owner = np.repeat(np.arange(len(self.ends)), np.diff(self.sentence, append=sentences))
        starts = np.concatenate(([0], self.cuts[:-1]))
        first = self.cuts.searchsorted(self.spoken[:, FIRST], side="right")
        in_many = np.maximum(starts.searchsorted(self.spoken[:, LAST]) - first, 0)
        statement, speaking = _runs(first, in_many)
        spoken = self.spoken[statement]
        spoken[:, FIRST] = np.maximum(spoken[:, FIRST], starts[speaking])
        spoken[:, LAST] = np.minimum(spoken[:, LAST], self.cuts[speaking])
        each = np.arange(sentences)
        return Columns(
            self.articles,
            self.article[owner],
            self.vectors[owner],
            self.terms,
            self.cuts,
            self.cuts,
            each,
            spoken,
            speaking,
        )

    def __len__(self) -> int:
        return len(self.ends)


def _lengths(arrays: Sequence[NDArray[Any]]) -> Index:
    return np.fromiter(map(len, arrays), np.int64, len(arrays))


def _runs(first: Index, counts: Index) -> tuple[Index, Index]:
    """For runs of whole numbers, each from its first on: to which run each number belongs, and all the numbers."""
    run = np.repeat(np.arange(len(counts)), counts)
    return run, np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts - first, counts)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words that passages are searched for, each once, with what each counts.

    Attributes:
        terms: The question's words and the surnames, sorted.
        counts: Of each word in a row, by ``_WHOLE`` its weight in the question, by ``_TOPIC`` that in the topic, and
            1 or 0: by ``_RAREST`` whether it is the rarest of the topic, by ``_NAME`` whether a surname of those who
            are asked for. Weights sum up to 1, or to 0 if there are no words.
    """

    terms: Terms
    counts: Matrix


_WHOLE, _TOPIC, _RAREST, _NAME = range(4)


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
    of_topic = term_ids(question.topic).tolist()
    return np.array(sorted({*question.terms.tolist(), *of_topic, *_surnames(question.speakers)}), np.uint32)


@lru_cache(maxsize=1024)
def _surnames(names: tuple[str, ...]) -> frozenset[int]:
    """The terms of the surnames of some names."""
    return frozenset(term_ids(word for name in names for word in analyze(surname(name))).tolist())


def features(question: Question, vector: Vectors, candidates: Columns, known: Statistics) -> Matrix:
    """Features of each pair of the question and a candidate, shape ``(len(candidates), len(FEATURES))``.

    Args:
        question: The question, taken apart; it may have no words at all.
        vector: The question encoded, shape ``(dimension,)``.
        candidates: At least one.
        known: Statistics of the archive.
    """
    asked = _asked(question, known)
    matches, counts, context, around = _found(asked.terms, candidates)
    here = counts > 0
    anywhere = here | context[candidates.article]
    article = anywhere | around[candidates.article]
    in_sentence = _by_sentence(matches, candidates, len(asked.terms)) @ asked.counts[:, : _TOPIC + 1]
    in_sentence = np.maximum.reduceat(in_sentence, candidates.sentence)
    in_passage, with_context, in_article = (table @ asked.counts for table in (here, anywhere, article))
    absolute = {
        "cosine": (candidates.vectors @ vector).astype(np.float64),
        "coverage": with_context[:, _TOPIC],
        "rarest": np.minimum(with_context[:, _RAREST], 1.0),
        "sentence": in_sentence[:, _TOPIC],
        "article": in_article[:, _TOPIC],
        **_attribution(question, asked, matches, candidates),
        "named_in_article": np.minimum(in_article[:, _NAME], 1.0),
        "unheard": np.full(len(candidates), -1.0 if question.unheard else 0.0),
        **_dating(question, candidates),
    }
    best_of = {
        **absolute,
        "bm25": _saturated(counts, np.diff(candidates.ends, prepend=0), known.mean_terms) @ asked.counts[:, _WHOLE],
        "coverage": with_context[:, _WHOLE],
        "sentence": in_sentence[:, _WHOLE],
        "article": in_article[:, _WHOLE],
        "named": np.minimum(in_passage[:, _NAME], 1.0),
    }
    below_best = np.array([best_of[name.removesuffix("_below_best")] for name in FEATURES if name not in absolute])
    below_best -= below_best.max(axis=1, keepdims=True)
    below = iter(below_best)
    return np.array([absolute[name] if name in absolute else next(below) for name in FEATURES]).T


def _asked(question: Question, known: Statistics) -> _Asked:
    terms = words_of(question)
    idf = known.idf(terms)
    whole, topic, names = (
        np.fromiter(map(some.__contains__, terms.tolist()), np.bool_, len(terms))
        for some in (set(question.terms.tolist()), set(term_ids(question.topic).tolist()), _surnames(question.speakers))
    )
    rarest = topic & (idf == (idf[topic].max() if topic.any() else -1.0))
    return _Asked(terms, np.array([_shares(idf * whole), _shares(idf * topic), rarest, names], np.float64).T)


def _shares(weights: Column) -> Column:
    shares: Column = weights / max(weights.sum(), 1e-9)
    return shares


def _by_sentence(matches: _Matches, candidates: Columns, words: int) -> Table:
    """Which word stands in which sentence of all candidates."""
    sentence = candidates.cuts.searchsorted(matches.position, side="right")
    return _table(sentence, matches.word, (len(candidates.cuts), words)) > 0


def _attribution(question: Question, asked: _Asked, matches: _Matches, candidates: Columns) -> dict[str, Column]:
    """The features of who says what."""
    spoken, owners = candidates.spoken, candidates.speaking
    if not question.speakers or not len(spoken):
        nothing = np.zeros(len(candidates))
        return dict.fromkeys(("said", "spoke", "unattributed", "said_by_others", "not_said_by_others"), nothing)
    asked_for = np.array([speaker_id(name) for name in question.speakers])
    wanted = (spoken[:, SPEAKER, None] == asked_for).any(axis=1)
    spoke = np.zeros(len(candidates))
    np.maximum.at(spoke, owners[wanted], spoken[wanted, CONFIDENCE] / 10_000)
    first = matches.position.searchsorted(spoken[:, FIRST])
    counts = matches.position.searchsorted(spoken[:, LAST]) - first
    statement, inside = _runs(first, counts)
    # Whose words a statement is: nobody's in particular, of somebody else, of who is asked for.
    whose = np.where(wanted, 2, spoken[:, SPEAKER] != 0)[statement]
    told = _table(
        whose * len(candidates) + matches.owner[inside], matches.word[inside], (3 * len(candidates), len(asked.terms))
    )
    unattributed, by_others, said = ((told > 0) @ asked.counts[:, _TOPIC]).reshape(3, -1)
    return {
        "said": said * spoke,
        "spoke": spoke,
        "unattributed": unattributed,
        "said_by_others": by_others,
        "not_said_by_others": -np.maximum(by_others - said, 0.0),
    }


def _dating(question: Question, candidates: Columns) -> dict[str, Column]:
    """The features of when."""
    dates = question.dates
    if dates is None:
        nothing = np.zeros(len(candidates))
        return {"dated": nothing, "misdated": nothing}
    years = np.sort(term_ids(str(year) for year in dates.years()))
    position, _ = _places(years, candidates.terms)
    named = np.bincount(candidates.ends.searchsorted(position, side="right"), minlength=len(candidates)) > 0
    overlaps = np.array([dates.overlaps(one.first_day, one.last_day) for one in candidates.articles])
    known = np.array([one.first_day is not None for one in candidates.articles])
    fits = overlaps[candidates.article] | named
    return {"dated": fits.astype(np.float64), "misdated": -(known[candidates.article] & ~fits).astype(np.float64)}


def _saturated(counts: Index, lengths: Index, mean_terms: float) -> Matrix:
    """The part of BM25 that idf multiplies, divided by its limit k1 + 1, so that a weighted sum is at most 1."""
    norm = _K1 * (1 - _B + _B * lengths / max(mean_terms, 1.0))
    saturated: Matrix = counts / (counts + norm[:, None])
    return saturated


def _table(rows: Index, columns: Index, shape: tuple[int, int]) -> Index:
    """How often each pair of row and column occurs, of the given shape."""
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)


def _found(terms: Terms, candidates: Columns) -> tuple[_Matches, Index, Table, Table]:
    """Where terms stand in the candidates, how often in each, and which in context and text of each article.

    Args:
        terms: Sorted.
        candidates: At least one.
    """
    articles = candidates.articles
    around = [*(one.context for one in articles), *(one.terms for one in articles)]
    position, word = _places(terms, np.concatenate([candidates.terms, *around]))
    ends = np.concatenate([candidates.ends, candidates.ends[-1] + np.cumsum(_lengths(around))])
    owner = ends.searchsorted(position, side="right")
    table = _table(owner, word, (len(ends), len(terms)))
    of_passages, of_articles = table[: len(candidates)], table[len(candidates) :] > 0
    inside = slice(position.searchsorted(candidates.ends[-1]))
    matches = _Matches(owner[inside], position[inside], word[inside])
    return matches, of_passages, of_articles[: len(articles)], of_articles[len(articles) :]


def _places(terms: Terms, text: Terms) -> tuple[Index, Index]:
    """Where terms stand in a text, in its order: the place and the number of the term.

    Args:
        terms: Sorted, at most a few dozen.
        text: Terms in order, thousands of them.
    """
    # Terms are hashes: their first halves, looked up in a table, leave next to nothing to compare whole.
    maybe = np.zeros(1 << 16, np.bool_)
    maybe[_halves(terms)] = True
    position = np.flatnonzero(maybe.take(_halves(text)))
    if not len(position):
        return position, position
    word = np.minimum(terms.searchsorted(text[position]), len(terms) - 1)
    same = terms[word] == text[position]
    return position[same], word[same]


def _halves(terms: Terms) -> NDArray[np.uint16]:
    return terms.view(np.uint16)[::2]


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
