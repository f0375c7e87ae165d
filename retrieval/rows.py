"""What is stored of an article's passages, so that no question has to work it out again."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np

from retrieval.lexical import analyze, context_of, term_ids
from retrieval.prints import Prints
from retrieval.statements import unquoted
from retrieval.store import PassageRow, Spoken, Terms, speaker_id
from retrieval.types import Article, Draft, Quote, Span


def rows_of(draft: Draft) -> tuple[list[PassageRow], list[str]]:
    """A row for each passage of a draft, and the texts that the encoder is given for them."""
    rows, inputs = [], []
    for span, sentences in zip(draft.passages, draft.sentences, strict=True):
        text = draft.article.text[span.start : span.end]
        # The passage alone: with the title before it, dense retrieval got worse (docs/decisions.md).
        inputs.append(text)
        quotes = tuple(one for one in draft.quotes if one.start < span.end and span.start < one.end)
        spoken = [*_told(span, quotes), *_voiced(span, quotes, draft.voice)]
        bounds = {bound for first, last, *_ in spoken for bound in (first, last)} | {one.end for one in sentences}
        terms, before = _terms(draft.article.text, span, sorted(bounds | {span.end}))
        rows.append(
            PassageRow(
                start=span.start,
                end=span.end,
                sentences=sentences,
                quotes=quotes,
                terms=terms,
                # What stands behind the last sentence, if anything does, is part of it.
                cuts=np.array([*(before[one.end] for one in sentences[:-1]), len(terms)], np.uint32),
                spoken=_packed(before, spoken),
                vector_key=hashlib.sha256(text.encode()).digest(),
            )
        )
    return rows, inputs


def context_terms(article: Article) -> Terms:
    """Terms of what stands around every passage of an article: title, author, publisher; sorted, each once."""
    return np.unique(term_ids(analyze(context_of(article))))


def article_terms(rows: Sequence[PassageRow]) -> Terms:
    """Terms of an article's text; sorted, each once."""
    return np.unique(np.concatenate([np.empty(0, np.uint32), *(row.terms for row in rows)]))


def prints_of(draft: Draft) -> Prints:
    """What an article is found by, as a copy of others and by what is quoted in it."""
    return Prints.of(draft.article.text, draft.quotes)


_Told = tuple[int, int, str | None, float]


def _told(span: Span, quotes: Sequence[Quote]) -> Iterator[_Told]:
    """The part of each quote that lies in a passage, with speaker and confidence."""
    for one in quotes:
        yield max(one.start, span.start), min(one.end, span.end), one.speaker, one.confidence


def _voiced(span: Span, quotes: Sequence[Quote], voice: str | None) -> Iterator[_Told]:
    """What the author of a speech or an opinion piece says: all that is in nobody's quotation marks."""
    if voice is not None:
        yield from ((one.start, one.end, voice, 1.0) for one in unquoted(span, quotes))


def _terms(text: str, span: Span, bounds: Sequence[int]) -> tuple[Terms, dict[int, int]]:
    """The terms of a passage in order, and how many of them stand before each bound."""
    words: list[str] = []
    before, position = {span.start: 0}, span.start
    for bound in bounds:
        words += analyze(text[position:bound])
        before[bound], position = len(words), max(position, bound)
    return term_ids(words), before


def _packed(before: dict[int, int], spoken: Sequence[_Told]) -> Spoken:
    rows = [
        (before[first], before[last], speaker_id(speaker), round(confidence * 10_000))
        for first, last, speaker, confidence in spoken
    ]
    return np.array(rows, np.uint32).reshape(-1, 4)


def fingerprint(article: Article) -> str:
    """SHA-256 over all that is told of an article, text and metadata; the same only for the same article."""
    told = asdict(article)
    # Articles that were stored before these were known of are still the same.
    for name in ("corrected", "pages"):
        if not told[name]:
            del told[name]
    said = json.dumps(told, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()
