"""A text as its words outside quotation marks, each quotation one token, divided into sentences."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from ingest.attribution.cues import CUES
from ingest.attribution.lexicon import words_of
from ingest.attribution.marks import Mark, quotations

QUOTED: Final = "“”"
"""The word that stands for a whole quotation."""

_TOKEN = re.compile(
    r"""((?=[A-Z])(?:(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Lt|Gen|Col|Capt|Sgt|Maj|Adm|Rev|Hon|St|Jr|Sr|Cllr|Insp|Pres|Sens|Reps
          |Messrs|Jan|Feb|Aug|Sept|Oct|Nov|Dec|No|Inc|Corp|Co|Ltd|Conn|Mass|Calif|Fla|Ill|Ind|Va|Pa|Wis|Minn|Mich|Ariz)\.
          |(?:[A-Z]\.)+(?:-[A-Z]\b[a-z.]*)?)
      | \d+(?:[.,:]\d+)*
      | \w+(?:[-‑]\w+|['’](?!s\b)\w+)*
      | ['’]s\b
      | \.\.+ | [^\w\s])""",
    re.VERBOSE,
)
_LINE_END = re.compile(r"\n+")
_STARTERS: Final = words_of(
    """
    The An A This That These Those He She It They We I You His Her Its Their Our My There Here In On At But
    And Or If When While As For From With Not No Yes So What Why How Who Where After
    """
)
_BRACKETS: Final = {"(": ")", "[": "]"}
_CAN_STOP: Final = ".!?…”()[]"


@dataclass(slots=True)
class Prose:
    """Parallel lists over tokens; ``marks[i]`` is the quotation that token i stands for, if it does.

    ``sentences`` holds half-open ranges of tokens, ``paragraph_of`` the paragraph of each sentence.
    """

    text: str
    words: list[str] = field(default_factory=list)
    lows: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)
    sentences: list[tuple[int, int]] = field(default_factory=list)
    paragraph_of: list[int] = field(default_factory=list)

    def slice(self, first: int, last: int) -> str:
        """Text from the start of token ``first`` to the end of token ``last - 1``."""
        return self.text[self.starts[first] : self.ends[last - 1]]


def read(text: str) -> Prose:
    """Divide a text into tokens and sentences.

    Args:
        text: Text of an article.

    Returns:
        Its tokens; a quotation is one token, so that full stops inside it end no sentence.
    """
    prose = Prose(text)
    position = 0
    for mark in quotations(text):
        _add_words(prose, position, mark.outer.start)
        prose.marks[len(prose.words)] = mark
        prose.words.append(QUOTED)
        prose.starts.append(mark.outer.start)
        prose.ends.append(mark.outer.end)
        position = mark.outer.end
    _add_words(prose, position, len(text))
    prose.lows = list(map(str.lower, prose.words))
    _divide(prose)
    return prose


def _add_words(prose: Prose, start: int, end: int) -> None:
    """Tokens of a part of the text: every other piece of it, with what is between them as the rest."""
    pieces = _TOKEN.split(prose.text[start:end])
    bounds = list(accumulate(map(len, pieces), initial=start))
    prose.words += pieces[1::2]
    prose.starts += bounds[1:-1:2]
    prose.ends += bounds[2::2]


def _divide(prose: Prose) -> None:
    words = prose.words
    breaks = {bisect_left(prose.starts, match.end()) for match in _LINE_END.finditer(prose.text)} - {
        0,
        len(words),
    }
    stops = {i + 1 for i, word in enumerate(words) if word[-1] in _CAN_STOP and i + 1 < len(words)}
    first, paragraph, depth = 0, 0, ""
    for i in sorted(stops | breaks):
        if i in breaks:
            _add_sentence(prose, first, i, paragraph)
            first, paragraph, depth = i, paragraph + 1, ""
            continue
        word = words[i - 1]
        if depth:
            depth = "" if word == depth else depth
        elif word in _BRACKETS:
            depth = _BRACKETS[word]
        elif _ends_sentence(prose, i - 1):
            _add_sentence(prose, first, i, paragraph)
            first = i
    _add_sentence(prose, first, len(words), paragraph)


def _add_sentence(prose: Prose, first: int, last: int, paragraph: int) -> None:
    if last > first:
        prose.sentences.append((first, last))
        prose.paragraph_of.append(paragraph)


def _ends_sentence(prose: Prose, i: int) -> bool:
    word, following = prose.words[i], prose.words[i + 1]
    if word in {".", "!", "?"} or (word[0] == "." and len(word) > 1):
        return (
            following[0].isupper()
            or following[0].isdigit()
            or following == QUOTED
            or (word != "." and following == "(")
        )
    if word == QUOTED:
        return _quotation_ends_sentence(prose, i)
    if word[-1] == "." and len(word) > 2:
        return following in _STARTERS
    return False


def _quotation_ends_sentence(prose: Prose, i: int) -> bool:
    """A quotation with its own stop ends the sentence, unless "Jones asked" comes after it."""
    mark, following = prose.marks[i], prose.words[i + 1]
    last = prose.text[mark.inner.end - 1 : mark.inner.end]
    if mark.continues or last not in ".?!…":
        return mark.continues
    if following == QUOTED:
        return True
    if not following[0].isupper():
        return False
    if last == ".":
        return True
    return not any(low in CUES for low in prose.lows[i + 2 : i + 5])
