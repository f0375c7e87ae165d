"""The part of a passage that answers."""

from collections.abc import Collection, Mapping, Sequence

from retrieval.lexical import analyze
from retrieval.types import Passage, Segment, Span


def highlight(weights: Mapping[str, float], speakers: Collection[str], passage: Passage) -> tuple[Segment, ...]:
    """The passage as segments, with the sentence marked that most likely answers.

    That is one in which an asked speaker says something, where there is any; among those the one that holds most of
    the question's words by weight; among equals one that quotes, then the earlier. A passage with neither is returned
    unmarked: a mark would claim something.

    Args:
        weights: The question's analysed content words, each with its idf.
        speakers: Whose statements were asked for; may be empty.
        passage: The passage.
    """
    scores = [_score(weights, speakers, passage, span) for span in passage.sentences]
    best = max(range(len(scores)), key=lambda index: (*scores[index], -index), default=None)
    if best is None or scores[best][:2] == (False, 0.0):
        return _segments(passage, [])
    return _segments(passage, [passage.sentences[best]])


def _score(
    weights: Mapping[str, float], speakers: Collection[str], passage: Passage, sentence: Span
) -> tuple[bool, float, bool]:
    """Whether an asked speaker speaks in a sentence, how much of the question stands there, whether it quotes."""
    here = [one for one in passage.statements if one.start < sentence.end and sentence.start < one.end]
    found = set(analyze(_slice(passage, sentence)))
    share = round(sum(weight for word, weight in weights.items() if word in found), 6)
    return any(one.speaker in speakers for one in here), share, any(one.direct for one in here)


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
