"""Articles to passages; the only importer of tiktoken.

A passage is a run of whole paragraphs, else of whole quotations, else of whole sentences, else of pieces of a
monstrous sentence, as long as two budgets allow: tokens of cl100k_base, by which sizes are set and compared, and
word pieces of the encoder, past which text would be dropped without a word.
"""

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regex
import tiktoken

from ingest.sentences import paragraphs, quotations_whole, sentences, trim
from retrieval.types import Span

DEFAULT_TOKENS = 112
"""Chosen on development questions: see docs/decisions.md, passage size."""

_VOCABULARY = Path(__file__).parent / "vocabulary"
# Longer than any sentence somebody wrote; tokenizers take time that grows with the square of a run without spaces.
_MONSTROUS = 2_000
_GRAPHEMES = regex.compile(r"\X")

Count = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Sentences that belong together, and what they cost."""

    sentences: tuple[Span, ...]
    tokens: int
    pieces: int


class Chunker:
    """Cuts texts into passages.

    Attributes:
        tokens: Budget of a passage in cl100k_base tokens.
        window: Budget of a passage in the encoder's word pieces.
    """

    def __init__(self, count: Count, window: int, tokens: int = DEFAULT_TOKENS) -> None:
        """Make a chunker.

        Args:
            count: Word pieces of each of some texts, as the encoder counts them.
            window: Most word pieces that a passage may have.
            tokens: Most cl100k_base tokens that a passage may have.
        """
        self.tokens = tokens
        self.window = window
        self._count = count

    def passages(self, text: str) -> list[tuple[Span, ...]]:
        """Passages of a text, each as the spans of its sentences, in order.

        Every character that is not white space is in exactly one of them.
        """
        parts = [_parts(text, span) for span in paragraphs(text)]
        # All sentences are weighed at once: a call of a tokenizer costs more than a sentence does.
        weighed = iter(self._weigh(text, [part for of_paragraph in parts for part in of_paragraph]))
        found = [
            piece
            for of_paragraph in parts
            for piece in self._split(text, list(itertools.islice(weighed, len(of_paragraph))))
        ]
        return [packed.sentences for packed in self._pack(text, found)]

    def _weigh(self, text: str, spans: Sequence[Span]) -> list[_Piece]:
        texts = [text[span.start : span.end] for span in spans]
        tokens = [len(_tokenizer().encode_ordinary(one)) for one in texts]
        return [
            _Piece((span,), token, piece) for span, token, piece in zip(spans, tokens, self._count(texts), strict=True)
        ]

    def _split(self, text: str, pieces: list[_Piece]) -> Iterator[_Piece]:
        """A paragraph whole where it fits; else its quotations whole where they fit; else its sentences."""
        if self._fits(whole := _joined(pieces)):
            yield whole
            return
        by_start = {piece.sentences[0]: piece for piece in pieces}
        for group in quotations_whole(text, [piece.sentences[0] for piece in pieces]):
            members = [by_start[span] for span in group]
            if self._fits(whole := _joined(members)):
                yield whole
            else:
                yield from (small for member in members for small in self._halve(text, member))

    def _halve(self, text: str, piece: _Piece) -> Iterator[_Piece]:
        """Cut a sentence that is longer than a passage, at a space where there is one near, never in a grapheme."""
        if self._fits(piece):
            yield piece
            return
        span = piece.sentences[0]
        middle = _cut(text, span)
        halves = [trim(text, Span(span.start, middle)), trim(text, Span(middle, span.end))]
        for half in self._weigh(text, [half for half in halves if half.start < half.end]):
            if half.sentences[0] == span:
                yield half  # one grapheme longer than the window; it cannot be cut
            else:
                yield from self._halve(text, half)

    def _pack(self, text: str, pieces: Sequence[_Piece]) -> Iterator[_Piece]:
        """Join neighbours as long as the budgets allow; a heading goes with what it heads."""
        run: list[_Piece] = []
        for piece in pieces:
            if run and not self._fits(_joined([*run, piece])):
                kept = 1 if len(run) > 1 and _is_heading(text, run[-1]) and self._fits(_joined([run[-1], piece])) else 0
                yield _joined(run[: len(run) - kept])
                run = run[len(run) - kept :]
            run.append(piece)
        if run:
            yield _joined(run)

    def _fits(self, piece: _Piece) -> bool:
        return piece.tokens <= self.tokens and piece.pieces <= self.window


def _joined(pieces: Sequence[_Piece]) -> _Piece:
    return _Piece(
        tuple(span for piece in pieces for span in piece.sentences),
        # White space between two pieces costs a token at most, and no word piece.
        sum(piece.tokens for piece in pieces) + len(pieces) - 1,
        sum(piece.pieces for piece in pieces),
    )


def _is_heading(text: str, piece: _Piece) -> bool:
    span = piece.sentences[0]
    line = text[span.start : span.end]
    return len(piece.sentences) == 1 and len(line) <= 80 and line[-1] not in ".!?…:;,\"'”’)"


def _parts(text: str, paragraph: Span) -> list[Span]:
    return [part for span in sentences(text, paragraph) for part in _manageable(text, span)]


def _manageable(text: str, span: Span) -> Iterator[Span]:
    """The span, in parts that a tokenizer can take."""
    while span.end - span.start > _MONSTROUS:
        middle = _cut(text, Span(span.start, span.start + _MONSTROUS))
        yield trim(text, Span(span.start, middle))
        span = trim(text, Span(middle, span.end))
    if span.start < span.end:
        yield span


def _cut(text: str, span: Span) -> int:
    """A place near the middle of a span to cut it: at white space, else between graphemes (UAX 29), else its end."""
    middle = (span.start + span.end) // 2
    for distance in range((span.end - span.start) // 4):
        for place in (middle - distance, middle + distance):
            if span.start < place < span.end and text[place].isspace():
                return place
    for match in _GRAPHEMES.finditer(text, span.start, span.end):
        if match.end() >= middle:
            return int(match.end())
    return span.end


@cache
def _tokenizer() -> tiktoken.Encoding:
    """cl100k_base from the vocabulary that comes with this package; tiktoken would download it."""
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(_VOCABULARY)
    try:
        return tiktoken.get_encoding("cl100k_base")
    finally:
        if before is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = before
