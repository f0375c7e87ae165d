"""The part of a passage that answers."""

from collections.abc import Mapping, Sequence

from retrieval.lexical import analyze
from retrieval.types import Passage, Segment, Span

_QUOTATION = '“”"'


def highlight(weights: Mapping[str, float], passage: Passage) -> tuple[Segment, ...]:
    """The passage as segments, with the sentence marked that most likely answers.

    That is the sentence that holds most of the question's words by weight; among equals one that quotes, then the
    earlier. A passage without any of the words is returned unmarked: a mark would claim something.

    Args:
        weights: The question's analysed content words, each with its idf.
        passage: The passage.
    """
    texts = [_slice(passage, span) for span in passage.sentences]
    scores = [_score(weights, text) for text in texts]
    if not scores or max(scores) == (0.0, False):
        return _segments(passage, [])
    best = max(range(len(scores)), key=lambda index: (*scores[index], -index))
    return _segments(passage, [passage.sentences[best]] if scores[best][0] else [])


def _score(weights: Mapping[str, float], text: str) -> tuple[float, bool]:
    found = set(analyze(text))
    return round(sum(weight for word, weight in weights.items() if word in found), 6), any(
        mark in text for mark in _QUOTATION
    )


def _segments(passage: Passage, marked: Sequence[Span]) -> tuple[Segment, ...]:
    segments, position = [], passage.start
    for span in marked:
        segments.append(Segment(_slice(passage, Span(position, span.start)), highlight=False))
        segments.append(Segment(_slice(passage, span), highlight=True))
        position = span.end
    segments.append(Segment(_slice(passage, Span(position, passage.end)), highlight=False))
    return tuple(segment for segment in segments if segment.text)


def _slice(passage: Passage, span: Span) -> str:
    return passage.text[span.start - passage.start : span.end - passage.start]
