"""Fit the ranker: ``python -m evals.fit DATA WORK``.

DATA is the folder of the collections; WORK is where archives of them are made, or found from the last time. The result
goes to ``retrieval/rank_model.json``, with the hash of the data and the figures reached on the questions held back.

Weights for questions after somebody's words are fitted on a sample of PolNeAR's train questions and train negatives,
those for others on SQuAD 2.0's questions on half of the topics, whose paragraphs are put together to articles of six.
To both come questions that were put to the other collection, which holds nothing of the kind, and to the former
questions after what somebody else says in the same article. What was wanted of them:

- Collected questions borrow their words from the text that answers them, and people who ask an archive do not have that
  text: of a quarter of the questions, half of the words are exchanged for words of other questions where words are
  compared, and the meaning kept where vectors are.
- Some type two or three words and no question: so many of a question's own are kept in a tenth of SQuAD's.
- Collected questions name no dates: a tenth are asked for the month of an article that answers, and another tenth for
  one in which none does. Paragraphs of SQuAD are dated for this purpose.

Held back, for the figures and for nothing else: PolNeAR's dev questions and negatives, and the other half of the
topics.
"""

import datetime
import hashlib
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from evals import jsonl
from evals.curve import as_svg, risk_coverage
from evals.metrics import calibration_error
from ingest.pipeline import archive_settings, ingest, ingest_articles
from ingest.read import read
from retrieval import Archive
from retrieval.lexical import analyze, term_ids
from retrieval.question import Question
from retrieval.rank import FEATURES, Columns, Matrix, RankModel, Regime, Weights, features, probability, regime
from retrieval.types import Article, Passage
from retrieval.when import Dates

MODEL = Path(__file__).parent.parent / "retrieval" / "rank_model.json"
CURVE = Path(__file__).parent.parent / "docs" / "risk.svg"
# The best passage of this share of unanswerable questions may pass for an answer.
_RISK = 0.1
_SEED = 20101004
_SAMPLES = {"polnear": 2000, "negatives": 1000, "others": 350, "squad": 2000, "elsewhere": 500}
# Shares of the questions that are reworded, asked for the right month, asked for a wrong one; and of their words.
_REWORDED, _DATED, _MISDATED, _EXCHANGED = 0.25, 0.1, 0.1, 0.5
_KEYWORDS, _SHORT_WORD = 0.1, 3
# Irrelevant pairs outnumber relevant ones two hundred to one; this share of them tells as much as all.
_IRRELEVANT = 0.25
# Paragraphs of SQuAD to an article, and the articles of PolNeAR on which a fit can be repeated in seconds.
_PARAGRAPHS, _FEW_ARTICLES = 6, 60

IsRelevant = Callable[[Passage], bool]


@dataclass(frozen=True, slots=True)
class Example:
    """A question and which passages answer it; none does if it is unanswerable.

    Attributes:
        articles: Those with a passage that answers.
        dates: The time that it is asked for besides.
        reworded: Whether half of its words are to be exchanged.
        judged: Whether calibration and threshold look at it.
    """

    question: str
    relevant: IsRelevant
    answerable: bool
    articles: tuple[str, ...] = ()
    dates: Dates | None = None
    reworded: bool = False
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Pairs:
    """Features and relevance of all candidates of some questions.

    Attributes:
        matrix: Shape (pairs, features).
        relevant: Shape (pairs,).
        question: Number of the question that each pair belongs to, shape (pairs,).
        answerable: For each question.
        judged: For each question, whether calibration and threshold look at it.
    """

    matrix: Matrix
    relevant: NDArray[np.bool_]
    question: NDArray[np.int64]
    answerable: NDArray[np.bool_]
    judged: NDArray[np.bool_]


def pairs(archive: Archive, examples: Sequence[Example], of: Regime, seed: int = _SEED) -> Pairs:
    """Candidates of those examples that are ranked by one set of weights, as the archive finds them."""
    archive.refresh()
    chance = random.Random(seed)  # noqa: S311  no secret
    asked = [archive.interpret(example.question) for example in examples]
    pool = [word for one in asked for word in one.words]
    vectors = archive.encoder.encode_questions([example.question for example in examples])
    matrices, relevant, owners = [], [], []
    kept: list[Example] = []
    for example, question, vector in zip(examples, asked, vectors, strict=True):
        if regime(question) != of:
            continue
        meant = replace(question, dates=example.dates or question.dates)
        if example.reworded:
            meant = _exchanged(meant, pool, chance)
        found, statistics = archive.candidates(meant, vector)
        if not found:
            continue
        texts = archive.passages_by_key([one.key for one in found])
        matrices.append(features(meant, vector, Columns.of(found), statistics))
        relevant.append(np.array([example.relevant(texts[one.key]) for one in found], np.bool_))
        owners.append(np.full(len(found), len(kept)))
        kept.append(example)
    return Pairs(
        np.concatenate(matrices),
        np.concatenate(relevant),
        np.concatenate(owners),
        np.array([example.answerable for example in kept], np.bool_),
        np.array([example.judged for example in kept], np.bool_),
    )


def joined(some: Sequence[Pairs]) -> Pairs:
    """Several collections as one."""
    offsets = np.cumsum([0, *(len(one.answerable) for one in some[:-1])])
    return Pairs(
        np.concatenate([one.matrix for one in some]),
        np.concatenate([one.relevant for one in some]),
        np.concatenate([one.question + offset for one, offset in zip(some, offsets, strict=True)]),
        np.concatenate([one.answerable for one in some]),
        np.concatenate([one.judged for one in some]),
    )


def _exchanged(one: Question, pool: Sequence[str], chance: random.Random) -> Question:
    """The question with half of its words exchanged, in the topic and in all."""
    drawn = {word: chance.choice(pool) if chance.random() < _EXCHANGED else word for word in one.words}
    words = tuple(dict.fromkeys(drawn.values()))
    topic = tuple(dict.fromkeys(drawn.get(word, word) for word in one.topic))
    return replace(one, words=words, terms=term_ids(words), topic=topic)


def varied(examples: Iterable[Example], published: Mapping[str, str], seed: int = _SEED) -> Iterator[Example]:
    """The examples, some of them reworded or asked for a time.

    Args:
        examples: As they were collected.
        published: Dates of the articles by id.
        seed: Decides which.
    """
    chance = random.Random(seed)  # noqa: S311  no secret
    for example in examples:
        drawn = chance.random()
        days = [day for article in example.articles if (day := published.get(article))]
        if drawn < _REWORDED:
            yield replace(example, reworded=True, judged=False)
        elif days and drawn < _REWORDED + _DATED:
            month = _month(chance.choice(days), 0)
            right = {one for one in example.articles if month.overlaps(*[_number(published.get(one))] * 2)}
            yield replace(example, dates=month, relevant=_within(example.relevant, right), judged=False)
        elif days and drawn < _REWORDED + _DATED + _MISDATED:
            # Far enough from all of them, and in a time that some texts are of.
            month = _month(chance.choice(days), chance.choice((-30, -18, -9, 9, 18, 30)))
            yield replace(example, dates=month, relevant=_nothing, answerable=False, articles=(), judged=False)
        else:
            yield example


def keywords(examples: Iterable[Example], seed: int = _SEED) -> Iterator[Example]:
    """The examples, some of them cut down to two or three of their longer words."""
    chance = random.Random(seed)  # noqa: S311  no secret
    for example in examples:
        words = [word for word in example.question.strip("?").split() if len(word) > _SHORT_WORD]
        if chance.random() < _KEYWORDS and len(words) > _SHORT_WORD:
            kept = sorted(chance.sample(range(len(words)), chance.choice((2, 3))))
            yield replace(example, question=" ".join(words[at] for at in kept), judged=False)
        else:
            yield example


def others_words(data: Path, name: str, count: int, seed: int = _SEED) -> list[Example]:
    """What somebody says of a topic, asked of somebody else whom the same article quotes on other matters."""
    chance = random.Random(seed)  # noqa: S311  no secret
    rows = [row for row in _rows(data / "polnear" / name) if len(row["gold"]) == 1]
    by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_article[row["gold"][0]["article"]].append(row)
    found: list[Example] = []
    for row in chance.sample(rows, len(rows)):
        there = by_article[row["gold"][0]["article"]]
        topic = set(analyze(row["topic"]))
        silent = sorted({other["speaker"] for other in there} - {one["speaker"] for one in there if _on(one, topic)})
        if silent and len(found) < count:
            found.append(Example(f"What did {chance.choice(silent)} say about {row['topic']}?", _nothing, False))
    return found


def _on(row: dict[str, Any], topic: set[str]) -> bool:
    return not topic.isdisjoint(analyze(row["quote"]))


def _nothing(_: Passage) -> bool:
    return False


def _within(relevant: IsRelevant, articles: set[str]) -> IsRelevant:
    return lambda passage: passage.article_id in articles and relevant(passage)


def _month(day: str, later: int) -> Dates:
    """The month of a day, or one so many months later."""
    date = datetime.date.fromisoformat((day + "-01-01")[:10])
    months = date.year * 12 + date.month - 1 + later
    first = datetime.date(months // 12, months % 12 + 1, 1)
    following = datetime.date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return Dates(first, following - datetime.timedelta(days=1))


def _number(day: str | None) -> int | None:
    return None if day is None else int(day.replace("-", "")[:8])


def fit(some: Pairs, features_out: frozenset[str] = frozenset()) -> Weights:
    """Weights by logistic regression, calibrated on the questions that are judged.

    Args:
        some: What to fit on.
        features_out: Features to do without.
    """
    keep = some.relevant | (np.random.default_rng(_SEED).random(len(some.relevant)) < _IRRELEVANT)
    mean, scale = some.matrix.mean(axis=0), some.matrix.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    most = [0.0 if name in features_out else None for name in FEATURES]
    weights = _regression((some.matrix[keep] - mean) / scale, some.relevant[keep], [(0.0, one) for one in most])
    model = _calibrated(Weights(mean, scale, weights[:-1], float(weights[-1]), 0.0), some)
    best = probability(best_of_each(model, some)[0][~some.answerable & some.judged])
    return replace(model, threshold=float(np.quantile(best, 1 - _RISK)))


def _calibrated(model: Weights, some: Pairs) -> Weights:
    """The same order, with log-odds that fit how often the best passage answers (Platt 1999)."""
    best, first = best_of_each(model, some)
    slope, offset = _regression(best[some.judged, None], first[some.judged] == 1, [(0.0, None)])
    return replace(model, weights=model.weights * slope, bias=float(model.bias * slope + offset))


def _regression(
    matrix: Matrix, target: NDArray[np.bool_], bounds: Sequence[tuple[float, float | None]], l2: float = 1.0
) -> NDArray[np.float64]:
    """Weights of a logistic regression within bounds, and the bias last; shape ``(columns + 1,)``."""
    sign = np.where(target, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (matrix @ weights[:-1] + weights[-1])
        pull = -sign / (1 + np.exp(np.minimum(margin, 500)))
        value = np.logaddexp(0, -margin).sum() + 0.5 * l2 * (weights[:-1] ** 2).sum()
        return float(value), np.append(matrix.T @ pull + l2 * weights[:-1], pull.sum())

    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    weights: NDArray[np.float64] = found.x
    return weights


def best_of_each(model: Weights, some: Pairs) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each question the log-odds of its best candidate, and the rank of its first relevant one (0: none)."""
    scores = model.log_odds(some.matrix)
    order = np.lexsort((np.arange(len(scores)), -scores, some.question))
    starts = np.searchsorted(some.question[order], np.arange(len(some.answerable)))
    ranks = np.arange(len(scores)) - starts[some.question[order]] + 1
    first = np.zeros(len(some.answerable), np.int64)
    hits = np.flatnonzero(some.relevant[order])[::-1]
    first[some.question[order][hits]] = ranks[hits]
    return scores[order][starts], first


def figures(model: Weights, some: Pairs) -> dict[str, float]:
    """MRR@10 and hit@k on the answerable questions, AUROC of the best score over all, false answers, calibration."""
    best, first = best_of_each(model, some)
    ranks = first[some.answerable]
    reciprocal = np.where((ranks > 0) & (ranks <= 10), 1 / np.maximum(ranks, 1), 0.0)
    found = {"MRR@10": reciprocal.mean(), "hit@1": (ranks == 1).mean(), "hit@10": ((ranks > 0) & (ranks <= 10)).mean()}
    if not some.answerable.all():
        found["AUROC"] = roc_auc_score(some.answerable, best)
        found["false answers"] = (probability(best)[~some.answerable] >= model.threshold).mean()
        found["wrong refusals"] = (probability(best)[some.answerable] < model.threshold).mean()
    found["calibration error"] = calibration_error(probability(best), first == 1)
    return {name: round(float(value), 4) for name, value in found.items()}


def ablation(some: Pairs, held_back: Pairs) -> dict[str, dict[str, float]]:
    """The figures on questions held back with each feature left out, the two that belong together at once."""
    stems = dict.fromkeys(name.removesuffix("_below_best") for name in FEATURES)
    return {stem: figures(fit(some, frozenset({stem, f"{stem}_below_best"})), held_back) for stem in stems}


def _curve(model: RankModel, held_back: Mapping[Regime, Pairs]) -> str:
    curves, chosen = {}, {}
    names: dict[Regime, str] = {"somebody": "after somebody's words", "anything": "after anything else"}
    for of, name in names.items():
        best, first = best_of_each(model[of], held_back[of])
        curves[name] = risk_coverage(probability(best), first == 1)
        chosen[name] = float((probability(best) >= model[of].threshold).mean())
    return as_svg(curves, chosen)


def as_json(model: RankModel, about: dict[str, Any]) -> str:
    """The model as ``retrieval.rank.read_model`` reads it."""
    return json.dumps({"about": about, **{name: _said(one) for name, one in model.items()}}, indent=1) + "\n"


def _said(weights: Weights) -> dict[str, Any]:
    columns = zip(FEATURES, weights.weights, weights.mean, weights.scale, strict=True)
    rows = [
        {
            "feature": name,
            "weight": round(float(weight), 5),
            "mean": round(float(mean), 5),
            "scale": round(float(scale), 5),
        }
        for name, weight, mean, scale in columns
    ]
    return {"threshold": round(weights.threshold, 4), "bias": round(weights.bias, 5), "features": rows}


# The collections ---------------------------------------------------------------------------------------------------


def polnear(data: Path, name: str) -> list[Example]:
    """Questions of one of PolNeAR's files; a passage is relevant that holds at least half of a gold statement."""
    return [_polnear_example(row) for row in _rows(data / "polnear" / name)]


def _polnear_example(row: dict[str, Any]) -> Example:
    gold = [(one["article"], one["spans"]) for one in row["gold"]]

    def relevant(passage: Passage) -> bool:
        return any(passage.article_id == article and _holds_half(passage, spans) for article, spans in gold)

    return Example(row["question"], relevant, bool(gold), tuple(article for article, _ in gold))


def _holds_half(passage: Passage, spans: Iterable[tuple[int, int]]) -> bool:
    length = sum(end - start for start, end in spans)
    inside = sum(max(0, min(end, passage.end) - max(start, passage.start)) for start, end in spans)
    return 2 * inside >= length


def squad_articles(data: Path) -> list[Article]:
    """SQuAD 2.0's paragraphs, six of a topic to an article, each dated to a month that only its id decides."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in _rows(data / "squad2_dev" / "corpus.jsonl"):
        groups[_article_of(row["_id"])].append(row["text"])
    return [
        Article(id=id_, text="\n\n".join(texts), title=id_.rpartition("_")[0].replace("_", " "), published=_dated(id_))
        for id_, texts in groups.items()
    ]


def _article_of(paragraph: str) -> str:
    topic, _, number = paragraph.rpartition("_")
    return f"{topic}_{int(number) // _PARAGRAPHS}"


def _dated(article: str) -> str:
    drawn = hashlib.sha256(article.encode()).digest()
    return f"{1990 + drawn[0] % 30}-{drawn[1] % 12 + 1:02}"


def squad(data: Path, *, held_back: bool) -> list[Example]:
    """SQuAD 2.0's questions on one half of the topics; a passage is relevant that holds an answer in its paragraph."""
    texts = {row["_id"]: row["text"] for row in _rows(data / "squad2_dev" / "corpus.jsonl")}
    rows = _rows(data / "squad2_dev" / "queries.jsonl")
    return [_squad_example(row, texts) for row in rows if _in_second_half(row["source_paragraph"]) == held_back]


def _squad_example(row: dict[str, Any], texts: Mapping[str, str]) -> Example:
    paragraph, article = texts[row["source_paragraph"]], _article_of(row["source_paragraph"])

    def relevant(passage: Passage) -> bool:
        here = passage.article_id == article and row["answerable"]
        return here and any(answer in passage.text for answer in row["answers"]) and _mostly(passage.text, paragraph)

    return Example(row["text"], relevant, row["answerable"], (article,) if row["answerable"] else ())


def _mostly(passage: str, paragraph: str) -> bool:
    """Whether a passage is of a paragraph: one that is cut from it or that holds it."""
    return passage in paragraph or paragraph in passage or passage[:80] in paragraph or passage[-80:] in paragraph


def _in_second_half(paragraph: str) -> bool:
    topic = paragraph.rsplit("_", 1)[0]
    return hashlib.sha256(topic.encode()).digest()[0] % 2 == 1


def elsewhere(examples: Iterable[Example], *, judged: bool) -> list[Example]:
    """The questions as they are when put to another collection: nothing there answers them."""
    return [Example(example.question, _nothing, answerable=False, judged=judged) for example in examples]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for row, _ in jsonl.rows(path)]


def _data_sha256(data: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([*(data / "polnear").glob("*.jsonl"), *(data / "squad2_dev").glob("*")]):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def news_archive(data: Path, folder: Path) -> Archive:
    """An archive of PolNeAR's articles; what is in it already is not read again."""
    archive = Archive.create(folder, archive_settings())
    ingest(archive, read([str(data / "polnear" / "articles.jsonl")]))
    return archive


def wiki_archive(data: Path, folder: Path) -> Archive:
    """An archive of SQuAD's paragraphs."""
    archive = Archive.create(folder, archive_settings())
    ingest_articles(archive, squad_articles(data))
    return archive


def of_few_articles(data: Path, folder: Path) -> Pairs:
    """Train questions on a few articles over an archive of these alone, to see that a fit can be repeated."""
    train = polnear(data, "questions-train.jsonl")
    few = list(dict.fromkeys(article for one in train for article in one.articles))[:_FEW_ARTICLES]
    rows = [row for row in _rows(data / "polnear" / "articles.jsonl") if row["id"] in few]
    with Archive.create(folder, archive_settings()) as archive:
        ingest_articles(archive, [Article(id=row["id"], text=row["text"], title=row["title"]) for row in rows])
        missed = polnear(data, "negatives-train.jsonl")[:_FEW_ARTICLES]
        return pairs(archive, [*(one for one in train if set(one.articles) <= set(few)), *missed], "somebody")


def main(data: Path, work: Path) -> None:
    """Fit, print the figures and the ablation, write the model and the curve of risk against coverage."""
    sample = random.Random(_SEED).sample  # noqa: S311  a sample of questions is no secret
    with news_archive(data, work / "news") as news, wiki_archive(data, work / "wiki") as wiki:
        dated = {row["id"]: row["published"] for row in _rows(data / "polnear" / "articles.jsonl") if row["published"]}
        asked = sample(polnear(data, "questions-train.jsonl"), _SAMPLES["polnear"])
        missed = sample(polnear(data, "negatives-train.jsonl"), _SAMPLES["negatives"])
        others = sample(squad(data, held_back=False), _SAMPLES["squad"])
        few = _SAMPLES["elsewhere"]
        months = {one.id: one.published for one in squad_articles(data) if one.published}
        fitted_on: dict[Regime, Pairs] = {
            "somebody": joined(
                [
                    pairs(news, [*varied(asked, dated), *missed], "somebody"),
                    pairs(news, others_words(data, "questions-train.jsonl", _SAMPLES["others"]), "somebody"),
                    pairs(wiki, elsewhere(asked[:few], judged=False), "somebody"),
                ]
            ),
            "anything": joined(
                [
                    pairs(wiki, list(keywords(varied(others, months))), "anything"),
                    # SQuAD's are written to deceive: without these, hardly anything would be answered.
                    pairs(news, elsewhere(others[:few], judged=True), "anything"),
                ]
            ),
        }
        dev = polnear(data, "questions-dev.jsonl") + polnear(data, "negatives-dev.jsonl")
        held_back: dict[Regime, Pairs] = {
            "somebody": pairs(news, dev, "somebody"),
            "anything": pairs(wiki, squad(data, held_back=True), "anything"),
        }
    model: RankModel = {name: fit(some) for name, some in fitted_on.items()}
    reached = {name: figures(model[name], some) for name, some in held_back.items()}
    without = {name: ablation(some, held_back[name]) for name, some in fitted_on.items()}
    about = {
        "data_sha256": _data_sha256(data),
        "fitted_on": _SAMPLES,
        "seed": _SEED,
        "risk": _RISK,
        "reached": reached,
        "reached_without": without,
        "weights_on_few_articles": dict(
            zip(FEATURES, fit(of_few_articles(data, work / "few")).weights.round(4).tolist(), strict=True)
        ),
    }
    MODEL.write_text(as_json(model, about), "utf-8")
    CURVE.write_text(_curve(model, held_back), "utf-8")
    print(json.dumps({"reached": reached, "without": without}, indent=1))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
