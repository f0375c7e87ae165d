"""Whose words a passage is shown for: what a reader wants to know first."""

import re
from collections.abc import Callable, Sequence

from retrieval.dates import days
from retrieval.folding import fold
from retrieval.speakers import without_determiner
from retrieval.types import Article, Attribution, Passage, Segment, Speaker

_WORD = re.compile(r"[^\W_]+")


def attribution(
    passage: Passage,
    segments: Sequence[Segment],
    asked_for: Sequence[Speaker],
    article: Article,
    offices: Callable[[str, str], Sequence[str]],
) -> Attribution | None:
    """Who says what is marked in a passage, whom all of it is by, or whom that is asked for it is about.

    Args:
        passage: With what is said in it.
        segments: Of its text, those marked that answer.
        asked_for: Those whose words the question is after.
        article: That the passage stands in.
        offices: What an article, by its id, calls somebody of its people, by name.
    """
    marked = _marked_speakers(passage, segments)
    name = marked.pop() if len(marked) == 1 else None if marked else passage.voice
    if name is not None:
        told = [*offices(article.id, name), *_offices_then(name, asked_for, article)]
        office = _as_in_a_sentence(without_determiner(told[0]), article.text) if told else None
        return Attribution("written_by" if name == passage.voice else "said_by", name, office)
    heard = {fold(one.speaker) for one in passage.statements if one.speaker}
    for one in asked_for:
        if heard.isdisjoint(map(fold, one.names)) and _is_named(one, passage.text):
            return Attribution("about", one.name, None)
    return None


def _marked_speakers(passage: Passage, segments: Sequence[Segment]) -> set[str]:
    marked, position = [], passage.start
    for segment in segments:
        if segment.highlight:
            marked.append((position, position + len(segment.text)))
        position += len(segment.text)
    return {
        one.speaker
        for one in passage.statements
        if one.speaker and any(one.start < end and start < one.end for start, end in marked)
    }


def _is_named(one: Speaker, text: str) -> bool:
    words = f" {' '.join(_WORD.findall(fold(text)))} "
    return any(f" {' '.join(_WORD.findall(fold(form)))} " in words for form in (*one.names, *one.aliases))


def _offices_then(name: str, asked_for: Sequence[Speaker], article: Article) -> list[str]:
    """What other articles, of the time before and after this one, call somebody who is asked for."""
    if article.published is None:
        return []
    first, last = days(article.published)
    return [
        held.office
        for one in asked_for
        if name in one.names
        for held in one.offices
        if held.first is not None
        and held.last is not None
        # Of a date that is reduced to a month or a year, any day will do.
        and days(held.first)[0] <= last
        and first <= days(held.last)[1]
    ]


def _as_in_a_sentence(office: str, text: str) -> str:
    """An office without the capital of a sentence's beginning: its first word is no name if it is written small too."""
    first = _WORD.match(office)
    small = first is not None and re.search(rf"\b{re.escape(first[0].lower())}\b", text) is not None
    return office[:1].lower() + office[1:] if small else office
