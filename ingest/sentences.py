"""Paragraphs, sentences and quotations of a text, as spans; nothing is copied, nothing is lost."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from retrieval.types import Span

# A full stop after one of these seldom ends a sentence. Honorifics, ranks, references and months as English-language
# newspapers abbreviate them; compiled for this project.
_ABBREVIATIONS = frozenset(
    """mr mrs ms messrs dr prof rev hon rt st sr jr sen rep gov gen col lt capt sgt maj cllr insp supt pres
    no nos vol fig ch art sec para pp ed eds vs v cf al eg ie e.g i.e etc approx est dept univ inc ltd co corp bros
    jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun
    ave blvd rd mt ft""".split()
)
# These end a sentence when the next word starts like one; the rest of the list nearly never does.
_ENDS_WHEN_FOLLOWED = frozenset({"etc", "inc", "ltd", "co", "corp", "bros", "jr", "sr", "al"})
_STARTERS = frozenset(
    """The A An This That These Those He She It They We I You His Her Its Their Our My There Here In On At But And
    Or If When While As For From With Not No Yes So What Why How Who Where""".split()
)

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*", re.UNICODE)
_LINE_ITEM = re.compile(r"\n[ \t]*(?=(?:[•◦▪‣·*–-]|\d{1,2}[.)])[ \t]+\S)")
# Every part is bounded, and the word before the mark is looked up backwards: whatever the text, time stays linear.
_STOP = re.compile(
    r"""(?P<mark>[.!?…]{1,9})
        (?P<close>["'”’»)\]]{0,9})
        (?P<space>\s+)
        (?P<open>["'“‘«(\[]{0,9})
        (?P<next>[^\s"'“‘«(\[]\S{0,19})
      | [。！？]{1,9}[」』”’）]{0,9}""",  # these scripts put no space after a sentence
    re.VERBOSE,
)
_WORD_BEFORE = re.compile(r"[^\W_]+(?:\.[^\W_]+)*$")
_INITIALISM = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_LONGEST_ABBREVIATION = 12
_OPENING, _CLOSING = "“", "”"


def paragraphs(text: str) -> Iterator[Span]:
    """Spans between blank lines, white space at their edges left out."""
    for match in _PARAGRAPH.finditer(text):
        yield trim(text, Span(*match.span()))


def sentences(text: str, within: Span) -> list[Span]:
    """Sentences of a paragraph, in order; a bulleted or numbered line starts one.

    Together they hold every character of ``within`` that is not white space.
    """
    bounds = sorted({within.start, *_item_starts(text, within), *_sentence_starts(text, within), within.end})
    spans = (trim(text, Span(start, end)) for start, end in pairwise(bounds))
    return [span for span in spans if span.start < span.end]


def quotations_whole(text: str, spans: Sequence[Span]) -> list[list[Span]]:
    """Group sentences so that no group ends inside a quotation.

    A curly quotation is followed by its marks; straight marks have no direction and are counted by twos. A
    quotation that is not closed where its paragraph ends is closed by that end: newspapers open every
    paragraph of a long quotation anew.
    """
    groups: list[list[Span]] = [[]]
    depth = 0
    for span in spans:
        groups[-1].append(span)
        piece = text[span.start : span.end]
        depth = max(0, depth + piece.count(_OPENING) - piece.count(_CLOSING))
        straight = sum(text.count('"', s.start, s.end) for s in groups[-1])
        if depth == 0 and straight % 2 == 0:
            groups.append([])
    return [group for group in groups if group]


def trim(text: str, span: Span) -> Span:
    """The span without white space at its edges; empty at its end if there is nothing else in it."""
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())))


def _item_starts(text: str, within: Span) -> Iterator[int]:
    for match in _LINE_ITEM.finditer(text, within.start, within.end):
        yield match.start() + 1


def _sentence_starts(text: str, within: Span) -> Iterator[int]:
    position = within.start
    while match := _STOP.search(text, position, within.end):
        if match["mark"] is None:
            position = match.end()
            yield position
            continue
        position = match.end("space")
        if _ends_sentence(match, _word_before(text, match.start(), within.start)):
            yield position


def _word_before(text: str, end: int, start: int) -> str:
    match = _WORD_BEFORE.search(text[max(start, end - _LONGEST_ABBREVIATION) : end])
    return match[0] if match else ""


def _ends_sentence(match: re.Match[str], word: str) -> bool:
    following = match["next"]
    if following[0].islower():
        # "Will it?" he asked. / "... in 2010." said nobody: a lower-case word carries the sentence on.
        return False
    if match["mark"] != "." or match["close"]:
        return True
    folded = word.casefold()
    if folded in _ABBREVIATIONS:
        return folded in _ENDS_WHEN_FOLLOWED and following in _STARTERS
    if _INITIALISM.fullmatch(word) and word != "I":
        # "U.S. Senate", "J. Smith" go on; "in the U.S. The" does not.
        return following in _STARTERS and len(word) > 1
    return True
