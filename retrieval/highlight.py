"""The part of a passage that answers."""

from collections.abc import Sequence

import numpy as np

from retrieval.encoder import Vectors
from retrieval.question import Question
from retrieval.rank import Columns, Statistics, Weights, features, words_of
from retrieval.store import SPEAKER, Candidate, speaker_id
from retrieval.types import Passage, Segment, Span


def highlighted(
    question: Question,
    vector: Vectors,
    known: Statistics,
    weights: Weights,
    passages: Sequence[tuple[Candidate, Passage]],
) -> list[tuple[Segment, ...]]:
    """Each passage as segments, with the sentence marked that the ranker holds most probable to answer.

    Every sentence is ranked as if it were a passage of its own, with what is said in it and by whom; among equals the
    earlier wins. A passage in which no word of the question stands and nobody asked for speaks is returned unmarked:
    a mark would claim something.

    Args:
        question: The question, taken apart.
        vector: The question encoded, shape ``(dimension,)``.
        known: Statistics of the archive.
        weights: What the passages were ranked by.
        passages: The passages, each as it was ranked and as it is shown.
    """
    if not passages:
        return []
    columns = Columns.of([candidate for candidate, _ in passages])
    scores = np.round(weights.log_odds(features(question, vector, columns.by_sentence(), known)), 6)
    bears, words = _bears(question, columns), words_of(question)
    marked = []
    for (_, passage), first, last, asked_for in zip(
        passages, columns.sentence, [*columns.sentence[1:], len(columns.cuts)], bears, strict=True
    ):
        best = int(scores[first:last].argmax())
        start, end = columns.cuts[first + best - 1] if first + best else 0, columns.cuts[first + best]
        said = asked_for or np.isin(words, columns.terms[start:end]).any()
        marked.append(_segments(passage, passage.sentences[best] if said else None))
    return marked


def _bears(question: Question, columns: Columns) -> Sequence[bool]:
    """Whether somebody who is asked for speaks in each passage."""
    asked_for = np.array([speaker_id(name) for name in question.speakers])
    speaks = (columns.spoken[:, SPEAKER, None] == asked_for).any(axis=1)
    found: list[bool] = (np.bincount(columns.speaking[speaks], minlength=len(columns)) > 0).tolist()
    return found


def _segments(passage: Passage, marked: Span | None) -> tuple[Segment, ...]:
    if marked is None:
        return (Segment(passage.text, highlight=False),)
    first, last = marked.start - passage.start, marked.end - passage.start
    pieces = ((passage.text[:first], False), (passage.text[first:last], True), (passage.text[last:], False))
    return tuple(Segment(text, highlight=highlight) for text, highlight in pieces if text)
