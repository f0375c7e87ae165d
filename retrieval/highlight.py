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
    words, asked_for = set(words_of(question).tolist()), {speaker_id(name) for name in question.speakers}
    marked = []
    for (candidate, passage), first in zip(passages, columns.sentence.tolist(), strict=True):
        best = int(scores[first : first + len(candidate.cuts)].argmax())
        start, end = ([0, *candidate.cuts.tolist()])[best : best + 2]
        said = not words.isdisjoint(candidate.terms[start:end].tolist())
        bears = said or not asked_for.isdisjoint(candidate.spoken[:, SPEAKER].tolist())
        marked.append(_segments(passage, passage.sentences[best] if bears else None))
    return marked


def _segments(passage: Passage, marked: Span | None) -> tuple[Segment, ...]:
    if marked is None:
        return (Segment(passage.text, highlight=False),)
    first, last = marked.start - passage.start, marked.end - passage.start
    pieces = ((passage.text[:first], False), (passage.text[first:last], True), (passage.text[last:], False))
    return tuple(Segment(text, highlight=highlight) for text, highlight in pieces if text)
