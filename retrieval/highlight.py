"""The part of a passage that answers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retrieval.encoder import Vectors
from retrieval.question import Question
from retrieval.rank import Statistics, Weights, features, words_of
from retrieval.store import FIRST, LAST, SPEAKER, Candidate, speaker_id
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
    sentences = [sentence for candidate, _ in passages for sentence in sentences_of(candidate)]
    if not sentences:
        return []
    scores = np.round(weights.log_odds(features(question, vector, sentences, known)), 6)
    bounds = np.cumsum([0, *(len(candidate.cuts) for candidate, _ in passages)])
    words, asked_for = words_of(question), [speaker_id(name) for name in question.speakers]
    marked = []
    for (candidate, passage), first, last in zip(passages, bounds, bounds[1:], strict=False):
        best = int(scores[first:last].argmax())
        said = np.isin(words, sentences[first + best].terms).any()
        bears = said or np.isin(candidate.spoken[:, SPEAKER], asked_for).any()
        marked.append(_segments(passage, passage.sentences[best] if bears else None))
    return marked


def sentences_of(candidate: Candidate) -> list[Candidate]:
    """The sentences of a passage, each as a passage of its own."""
    starts = [0, *candidate.cuts[:-1].tolist()]
    return [_part(candidate, first, last) for first, last in zip(starts, candidate.cuts.tolist(), strict=True)]


def _part(candidate: Candidate, first: int, last: int) -> Candidate:
    spoken = candidate.spoken[(candidate.spoken[:, FIRST] < last) & (candidate.spoken[:, LAST] > first)].copy()
    spoken[:, FIRST] = np.maximum(spoken[:, FIRST], first) - first
    spoken[:, LAST] = np.minimum(spoken[:, LAST], last) - first
    return replace(
        candidate, terms=candidate.terms[first:last], cuts=np.array([last - first], np.uint32), spoken=spoken
    )


def _segments(passage: Passage, marked: Span | None) -> tuple[Segment, ...]:
    if marked is None:
        return (Segment(passage.text, highlight=False),)
    first, last = marked.start - passage.start, marked.end - passage.start
    pieces = ((passage.text[:first], False), (passage.text[first:last], True), (passage.text[last:], False))
    return tuple(Segment(text, highlight=highlight) for text, highlight in pieces if text)
