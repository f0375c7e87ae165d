"""Whose words a passage is shown for: what a reader wants to know first."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

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
    offices: Callable[[Passage, str], Sequence[str]],
) -> Attribution | None:
    """Who says what is marked in a passage, whom all of it is by, or whom that is asked for it is about.

    Args:
        passage: With what is said in it.
        segments: Of its text, those marked that answer.
        asked_for: Those whose words the question is after.
        article: That the passage stands in.
        offices: What the article of a passage calls somebody of its people, by name.
    """
    marked = _marked_speakers(passage, segments)
    name = marked.pop() if len(marked) == 1 else None if marked else passage.voice
    if name is not None:
        told = next(chain(offices(passage, name), _offices_then(name, asked_for, article)), None)
        office = None if told is None else _as_in_a_sentence(without_determiner(told), article.text)
        return Attribution("written_by" if name == passage.voice else "said_by", name, office)
    heard = {fold(one.speaker) for one in passage.statements if one.speaker}
    words = _words(passage.text) if asked_for else ""
    for one in asked_for:
        if heard.isdisjoint(map(fold, one.names)) and any(_form(form) in words for form in (*one.names, *one.aliases)):
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


def _words(text: str) -> str:
    """The folded words of a text, with a space before and behind each."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


# The names of who is asked for are looked for in passage after passage.
_form = lru_cache(maxsize=4096)(_words)


def _offices_then(name: str, asked_for: Sequence[Speaker], article: Article) -> Iterator[str]:
    """What other articles, of the time before and after this one, call somebody who is asked for."""
    if article.published is None:
        return
    first, last = days(article.published)
    for one in asked_for:
        for held in one.offices if name in one.names else ():
            if held.first is None or held.last is None:
                continue
            # Of a date that is reduced to a month or a year, any day will do.
            if days(held.first)[0] <= last and first <= days(held.last)[1]:
                yield held.office


def _as_in_a_sentence(office: str, text: str) -> str:
    """An office without the capital of a sentence's beginning: its first word is no name if it is written small too."""
    first = _WORD.match(office)
    small = first is not None and _stands_in(first[0].lower(), text)
    return office[:1].lower() + office[1:] if small else office


def _stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a text by itself; a regular expression would try every place."""
    at = text.find(word)
    while at >= 0:
        around = text[max(0, at - 1) : at] + text[at + len(word) : at + len(word) + 1]
        if not any(sign.isalnum() or sign == "_" for sign in around):
            return True
        at = text.find(word, at + 1)
    return False
