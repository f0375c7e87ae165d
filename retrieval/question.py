"""What a question asks for."""

import re
from dataclasses import dataclass

from retrieval.lexical import analyze, term_ids
from retrieval.store import Terms
from retrieval.types import Interpretation

# Words that frame a question and are not what it asks about. The first line is grammar, the second how people ask
# an archive for statements. Compiled for this project.
_FRAME = frozenset(
    """a an the and or but if of in on at by for from to with into over under about as than then that this these those
    there here it its is are was were be been being am do does did doing has have had having will would shall should
    can could may might must not no nor so too very just only own same such both each any all some more most other
    i you he she we they me him her us them my your his our their who whom whose which what when where why how

    say says said saying tell tells told think thinks thought talk talks talked speak speaks spoke spoken claim claims
    claimed comment comments commented view views opinion opinions statement statements regarding concerning respond
    response according remarks remark quote quotes quoted make made making give gave given get got mention mentioned
    state stated stance position believe believes believed describe described feel feels felt""".split()
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart.

    Attributes:
        text: As it was asked.
        words: Analysed content words, in order, each once.
        terms: The same as term numbers.
        every: All analysed words, the frame included.
        interpretation: The part that is shown.
    """

    text: str
    words: tuple[str, ...]
    terms: Terms
    every: tuple[str, ...]
    interpretation: Interpretation


def interpret(text: str) -> Question:
    """Take a question apart; one that is nothing but frame ("who said that?") keeps all its words as content."""
    typed: list[str] = _WORD.findall(text)
    content = [word for word in typed if word.casefold() not in _FRAME] or typed
    words = tuple(dict.fromkeys(analyze(" ".join(content))))
    return Question(
        text=text,
        words=words,
        terms=term_ids(words),
        every=tuple(dict.fromkeys(analyze(text))),
        interpretation=Interpretation(topic=" ".join(content)),
    )
