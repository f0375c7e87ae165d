"""What people say in an article, put together again from its passages."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from retrieval.cite import cite_span
from retrieval.folding import fold
from retrieval.types import Passage, Quote, Said, Span, Statement, StoredArticle


def unquoted(span: Span | Passage, quotes: Sequence[Quote | Statement]) -> Iterator[Span]:
    """What of a span stands in nobody's quotation marks; ``quotes`` in the order of their start."""
    position = span.start
    for one in (one for one in quotes if one.direct):
        if position < one.start:
            yield Span(position, one.start)
        position = max(position, one.end)
    if position < span.end:
        yield Span(position, span.end)


def whole(text: str, passages: Iterable[Passage]) -> list[Statement]:
    """The statements of an article in order of their start, those that a border of passages cuts in one piece again.

    Args:
        text: Of the article.
        passages: All of that version of it, in reading order.
    """
    found: list[Statement] = []
    open_: dict[tuple[str | None, bool, float], int] = {}  # what goes on to the end of the passage before: its place
    for passage in passages:
        reaching: dict[tuple[str | None, bool, float], int] = {}
        for one in passage.statements:
            who = (one.speaker, one.direct, one.confidence)
            place = open_.get(who) if one.start == passage.start else None
            if place is None:
                place = len(found)
                found.append(one)
            else:
                start = found[place].start
                found[place] = replace(one, start=start, text=text[start : one.end])
            if one.end == passage.end:
                reaching[who] = place
        open_ = reaching
    return found


def said(names: Collection[str], stored: StoredArticle, passages: Sequence[Passage]) -> list[Said]:
    """What one person says in an article, in the order of the text; what is part of another statement is not repeated.

    Args:
        names: The folded names by which articles call the person.
        stored: The article, with its text.
        passages: All of that version of it, in reading order.
    """
    text = stored.article.text
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    quotes = (one for one in whole(text, passages) if one.speaker is not None and fold(one.speaker) in names)
    found = [_quoted(one, stored, sentences) for one in quotes]
    found += [one for passage in passages if fold(passage.voice or "") in names for one in _own(passage, stored)]
    kept: list[Said] = []
    for one in sorted(found, key=lambda one: (one.citation.start, -one.citation.end)):
        if not kept or one.citation.end > kept[-1].citation.end:
            kept.append(one)
    return kept


def _quoted(one: Statement, stored: StoredArticle, sentences: Sequence[Span]) -> Said:
    text = stored.article.text
    begins = sentences[max(0, bisect_right(sentences, one.start, key=lambda each: each.start) - 1)].start
    ends = sentences[min(len(sentences) - 1, bisect_left(sentences, one.end, key=lambda each: each.end))].end
    return Said(
        text=text[one.start : one.end],
        manner="direct" if one.direct else "reported",
        speaker=one.speaker or "",
        confidence=one.confidence,
        before=text[begins : one.start],
        after=text[one.end : ends],
        citation=cite_span(stored, one.start, one.end),
    )


def _own(passage: Passage, stored: StoredArticle) -> Iterator[Said]:
    text = stored.article.text
    for span in unquoted(passage, passage.statements):
        piece = text[span.start : span.end]
        # Between two quotations there may be nothing but their marks.
        if any(sign.isalnum() for sign in piece):
            start = span.start + len(piece) - len(piece.lstrip())
            end = span.start + len(piece.rstrip())
            yield Said(text[start:end], "own", passage.voice or "", 1.0, "", "", cite_span(stored, start, end))
