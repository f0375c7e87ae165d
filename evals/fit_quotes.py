"""Fit the models of ``ingest.quotes`` on human attributions: ``python -m evals.fit_quotes DATA_DIR``.

Only the train part is read for fitting; the dev part is scored once at the end.
"""

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from evals import jsonl
from evals.attribution import Prediction, Unit, gold_units, judge, score
from ingest import quotes
from ingest.attribution.features import beside, cue_features, source_features
from ingest.attribution.logistic import Logistic
from ingest.attribution.names import names
from ingest.attribution.people import Figure, gather, surname
from ingest.attribution.prose import read
from ingest.attribution.speakers import Story, begin, orphan_candidates, pronoun_candidates
from ingest.attribution.statements import Scene, mentions_near, ranked, scenes

Example = tuple[Sequence[str] | Mapping[str, float], int]
_EMPTY = Logistic(0.0, {})
_LEAST_COUNT = 7  # a rarer feature is left out: it says more about one article than about English
_LEAST_WEIGHT = 0.05
_FOLDS = 5
_FILES = ("articles.jsonl", "attributions.jsonl", "questions-train.jsonl")


class Document:
    """An article with its gold, read once."""

    def __init__(self, article: Mapping[str, Any], gold: Sequence[Mapping[str, Any]], units: Sequence[Unit]) -> None:
        self.id: str = article["id"]
        self.text: str = article["text"]
        self.gold = gold
        self.units = units
        self.prose = read(self.text)
        found = names(self.prose)
        self.cast = gather(self.prose, found)
        self.scenes = scenes(self.prose, found, self.cast)

    def story(self, model: Logistic) -> Story:
        """A fresh story of the article."""
        return begin(self.prose, self.cast, self.scenes, model)


def documents(folder: Path, split: str) -> list[Document]:
    """Articles of one part of the data with their first annotation."""
    articles = {article["id"]: article for article in _lines(folder / "articles.jsonl")}
    resolved: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for question in _lines(folder / f"questions-{split}.jsonl"):
        for gold in question["gold"]:
            for start, end in gold["spans"]:
                resolved[gold["article"]][start, end] = question["speaker"]
    found = []
    for entry in _lines(folder / "attributions.jsonl"):
        if entry["split"] == split:
            article, gold = articles[entry["_id"]], entry["annotations"][0]["attributions"]
            found.append(Document(article, gold, gold_units(article["text"], gold, resolved[entry["_id"]])))
    return found


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    return (row for row, _ in jsonl.rows(path))


def fit(docs: Sequence[Document]) -> tuple[dict[str, Logistic], dict[str, str]]:
    """Fit all models.

    The confidence is fitted on what models say about articles that they have not seen, and the scores that
    are returned with it are of such articles too.

    Args:
        docs: Articles with gold.

    Returns:
        Models by name; cross-validated scores by kind of quotation.
    """
    parts = [[doc for i, doc in enumerate(docs) if i % _FOLDS == held] for held in range(_FOLDS)]
    unseen = [fit_choices([doc for part in parts if part is not held for doc in part]) for held in parts]
    values = [list(_confidence_examples(part, models)) for part, models in zip(parts, unseen, strict=True)]
    pairs: list[tuple[list[Prediction], Sequence[Unit]]] = []
    for held, part in enumerate(parts):
        others = [example for i, examples in enumerate(values) if i != held for example in examples]
        models = {**unseen[held], "confidence": _logistic(others, 0.3)}
        pairs.extend((predictions(doc, models), doc.units) for doc in part)
    whole = fit_choices(docs)
    whole["confidence"] = _logistic([example for examples in values for example in examples], 0.3)
    return whole, report(pairs)


def fit_choices(docs: Sequence[Document]) -> dict[str, Logistic]:
    """Fit all models but the confidence, each on the output of those before it."""
    models = dict.fromkeys(("person", "orphan", "confidence"), _EMPTY)
    models["cue"] = _logistic(_cue_examples(docs), 1.0)
    models["source"] = _logistic(_source_examples(docs), 1.0)
    models["statement"] = _logistic(_statement_examples(docs, models), 0.5)
    for _ in range(2):  # who spoke last depends on the models themselves
        models["person"] = _logistic(_person_examples(docs, models), 0.5)
        models["orphan"] = _logistic(_orphan_examples(docs, models), 0.5)
    return models


def _logistic(examples: Iterable[Example], strength: float) -> Logistic:
    rows, labels = [], []
    for features, label in examples:
        rows.append(features if isinstance(features, Mapping) else dict.fromkeys(features, 1.0))
        labels.append(label)
    counts = Counter(name for row in rows for name in row)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([{n: v for n, v in row.items() if counts[n] >= _LEAST_COUNT} for row in rows])
    matrix.indices, matrix.indptr = (
        matrix.indices.astype("int32"),
        matrix.indptr.astype("int32"),
    )  # as liblinear asks
    model = LogisticRegression(C=strength, solver="liblinear").fit(matrix, labels)
    weights = zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
    kept = {str(name): round(float(weight), 3) for name, weight in weights if abs(weight) >= _LEAST_WEIGHT}
    return Logistic(round(float(model.intercept_[0]), 3), kept)


def _cue_examples(docs: Iterable[Document]) -> Iterable[Example]:
    for doc in docs:
        good = {cue for _, cue, _, gold in _gold_cues(doc)}
        for scene in doc.scenes:
            for cue, reading in scene.cues:
                yield cue_features(reading, *beside(scene, cue)), int(cue in good)


def _source_examples(docs: Iterable[Document]) -> Iterable[Example]:
    for doc in docs:
        for scene, cue, reading, gold in _gold_cues(doc):
            sources = [(int(s), int(e)) for s, e in gold.get("source") or []]
            if not sources:
                continue
            for mention, rank in ranked(mentions_near(doc.prose, scene, cue), cue):
                features = source_features(doc.prose, scene, (cue, reading), mention, rank)
                yield features, int(_is_head(doc, mention.first, mention.last, sources))


def _is_head(doc: Document, first: int, last: int, sources: Sequence[tuple[int, int]]) -> bool:
    """Whether a mention is the head of a source: in it, and not behind a comma or a preposition of it."""
    start, end = doc.prose.starts[first], doc.prose.ends[last - 1]
    for left, right in sources:
        if left <= start and end <= right + 2:
            between = f" {doc.text[left:start].lower()}"
            return not any(
                word in between for word in (",", " of ", " for ", " from ", " with ", " in ", " who ", " at ")
            )
        if start <= left and right <= end:
            return True
    return False


def _gold_cues(doc: Document) -> Iterable[tuple[Scene, int, Any, Mapping[str, Any]]]:
    by_position = [(int(s), int(e), gold) for gold in doc.gold for s, e in gold.get("cue") or []]
    for scene in doc.scenes:
        for cue, reading in scene.cues:
            for start, end, gold in by_position:
                if start <= doc.prose.starts[cue] < end:
                    yield scene, cue, reading, gold
                    break


def _statement_examples(docs: Iterable[Document], models: Mapping[str, Logistic]) -> Iterable[Example]:
    models = {**models, "statement": _EMPTY}
    for doc in docs:
        contents = [
            (int(s), int(e), [(int(a), int(b)) for a, b in gold.get("cue") or []])
            for gold in doc.gold
            for s, e in gold.get("content") or []
        ]
        for scene in doc.scenes:
            for proposal in quotes.judged(doc.prose, scene, models):
                start, end = doc.prose.starts[proposal.first], doc.prose.ends[proposal.last - 1]
                at = doc.prose.starts[proposal.cue]
                yield proposal.features, int(any(_agrees(start, end, at, content) for content in contents))


def _agrees(start: int, end: int, at: int, content: tuple[int, int, list[tuple[int, int]]]) -> bool:
    left, right, cues = content
    overlap = min(end, right) - max(start, left)
    return (
        overlap > 0 and overlap * 2 >= right - left and overlap * 3 >= end - start and any(s <= at < e for s, e in cues)
    )


def _person_examples(docs: Iterable[Document], models: Mapping[str, Logistic]) -> Iterable[Example]:
    for doc in docs:
        story = doc.story(models["person"])
        for draft in quotes.drafts(story, models):
            source = draft.source
            if source is None or source.kind not in {"he", "she"}:
                continue
            truth = _truth(doc, draft)
            if truth:
                for figure, features in pronoun_candidates(story, draft.scene, source):
                    yield features, int(_named(figure, truth))


def _named(figure: Figure, truth: frozenset[str]) -> bool:
    return surname(figure.name).strip(".").replace("'", "’") in {name.replace("'", "’") for name in truth}


def _truth(doc: Document, draft: quotes.Draft) -> frozenset[str]:
    start, end = doc.prose.starts[draft.first], doc.prose.ends[draft.last - 1]
    for unit in doc.units:
        if min(end, unit.end) - max(start, unit.start) > (unit.end - unit.start) / 2 and unit.surnames:
            return unit.surnames
    return frozenset()


def _orphan_examples(docs: Iterable[Document], models: Mapping[str, Logistic]) -> Iterable[Example]:
    for doc in docs:
        yield from _orphans_of(doc, models)


def _orphans_of(doc: Document, models: Mapping[str, Logistic]) -> Iterable[Example]:
    """Candidates as they stand when each quotation without a cue is met."""
    met: list[tuple[int, list[tuple[Figure, list[str]]]]] = []
    story = doc.story(models["person"])
    original = orphan_candidates

    def watch(story: Story, scene: Scene, quote: int) -> list[tuple[Figure, list[str]]]:
        found = original(story, scene, quote)
        met.append((quote, found))
        return found

    for _ in quotes.drafts(story, models, watch):
        pass
    for quote, candidates in met:
        start, end = doc.prose.starts[quote], doc.prose.ends[quote]
        units = [u for u in doc.units if min(end, u.end) - max(start, u.start) > (u.end - u.start) / 2]
        if units and not any(unit.surnames for unit in units):
            continue
        truth = frozenset().union(*(unit.surnames for unit in units))
        for figure, features in candidates:
            yield features, int(_named(figure, truth))


def _confidence_examples(docs: Iterable[Document], models: Mapping[str, Logistic]) -> Iterable[Example]:
    for doc in docs:
        for draft, prediction in drafted(doc, models, 0.0):
            if prediction.speaker is None:
                continue
            verdict = judge(prediction, doc.units)
            if verdict != "aside":
                yield draft.values, int(verdict == "right")


def drafted(doc: Document, models: Mapping[str, Logistic], least: float) -> list[tuple[quotes.Draft, Prediction]]:
    """Drafts of one article and predictions from them, with speakers named from a confidence of ``least``."""
    pairs = []
    for draft in quotes.drafts(doc.story(models["person"]), models):
        quote = quotes.finish(doc.prose, draft, models["confidence"], least)
        found = Prediction(quote.start, quote.end, quote.direct, quote.speaker, quote.confidence)
        if quotes.worth_telling(draft, quote):
            pairs.append((draft, found))
    return pairs


def predictions(doc: Document, models: Mapping[str, Logistic]) -> list[Prediction]:
    """What the models find in one article."""
    return [prediction for _, prediction in drafted(doc, models, quotes.NAMED)]


def report(pairs: Sequence[tuple[Sequence[Prediction], Sequence[Unit]]]) -> dict[str, str]:
    """Scores of direct, indirect and all quotations."""
    kinds = {"direct": True, "indirect": False, "all": None}
    return {name: str(score(pairs, kind)) for name, kind in kinds.items()}


def main() -> None:
    """Fit, store and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    folder: Path = parser.parse_args().data
    folder = folder / "polnear" if (folder / "polnear").exists() else folder
    models, unseen = fit(documents(folder, "train"))
    dev = report([(predictions(doc, models), doc.units) for doc in documents(folder, "dev")])
    figures = {"train, cross-validated": unseen, "dev, never fitted on": dev}
    stored = {
        "about": "Logistic models of ingest.quotes; written by evals.fit_quotes, do not edit.",
        "data": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _FILES},
        "figures": figures,
        "models": {name: {"bias": m.bias, "weights": m.weights} for name, m in models.items()},
    }
    target = Path(quotes.__file__).with_name("quotes_model.json")
    target.write_text(json.dumps(stored, indent=0, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
