"""What a question asks for: whose statements, and about what."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.lexical import analyze, term_ids
from retrieval.store import Terms, fold
from retrieval.types import Interpretation, Speaker

# Words that frame a question and are not what it asks about: first grammar, then how people ask an archive for
# statements. Compiled for this project.
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
# "what did X say", "X's view of", "according to X": the question is after somebody's words.
_ASKS_SOMEBODY = re.compile(
    r"\b(say|says|said|tell|told|think|thinks|claim(?:s|ed)?|view|views|opinion|comment(?:s|ed)?|according|position)\b",
    re.I,
)
_POSSESSIVE = re.compile(r"['’]s$")
# A name of so many words at the most; titles in front are no part of it.
_LONGEST_NAME = 4
_TITLES = frozenset("mr mrs ms miss dr prof professor sir dame lord lady baroness mp senator sen rep gov".split())
# One letter may be wrong in a name of five letters, two in one of nine.
_LETTERS_PER_SLIP, _MOST_SLIPS = 5, 2
_SPEAKS_IN_ONE_OF = 3


class Names(Protocol):
    """The speakers of an archive, as questions are matched with them."""

    def speakers(self, folded: Sequence[str]) -> list[Speaker]:
        """Those whose folded name or surname is one of these."""
        ...

    def surnames(self) -> list[str]:
        """All folded surnames."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart.

    Attributes:
        text: As it was asked.
        words: Analysed content words, in order, each once.
        terms: The same as term numbers.
        topic: The words among them that are no part of a speaker's name.
        speakers: Speakers of the archive that it names; several where a surname is shared.
        stranger: A name it asks by that stands nowhere in the archive; empty if there is none.
        interpretation: The part that is shown.
    """

    text: str
    words: tuple[str, ...]
    terms: Terms
    topic: tuple[str, ...]
    speakers: tuple[str, ...]
    stranger: str
    interpretation: Interpretation


def interpret(text: str, names: Names, passages_with: Callable[[str], int]) -> Question:
    """Take a question apart; one that is nothing but frame ("who said that?") keeps all its words as content.

    Args:
        text: The question.
        names: The speakers of the archive. A word that is no name of theirs is a topic word.
        passages_with: In how many passages an analysed word stands; one that does is no misspelt name.
    """
    typed: list[str] = [_POSSESSIVE.sub("", word) for word in _WORD.findall(text)]
    content = [word for word in typed if word.casefold() not in _FRAME] or typed
    speakers, topic = _speakers(content, names, passages_with)
    words = tuple(dict.fromkeys(analyze(" ".join(content))))
    return Question(
        text=text,
        words=words,
        terms=term_ids(words),
        topic=tuple(dict.fromkeys(analyze(" ".join(topic)))),
        speakers=speakers,
        stranger="" if speakers else _stranger(text, content, passages_with),
        interpretation=Interpretation(speakers, " ".join(topic)),
    )


def _speakers(
    content: Sequence[str], names: Names, passages_with: Callable[[str], int]
) -> tuple[tuple[str, ...], list[str]]:
    """The speakers that the words name, and the words that are left."""
    matches = list(_named(content, names, passages_with)) or list(_misspelt(content, names, passages_with))
    if not matches:
        return (), list(content)
    # A longer name is surer than a shorter; where all is typed in lower case, somebody much quoted than somebody else.
    run, found = max(matches, key=lambda match: (match[0][1] - match[0][0], max(one.statements for one in match[1])))
    return tuple(one.name for one in found), _without(content, *run)


def _stranger(text: str, content: Sequence[str], passages_with: Callable[[str], int]) -> str:
    """The first capitalised word of a question after somebody's words that the archive does not hold."""
    if not _ASKS_SOMEBODY.search(text):
        return ""
    capitals = (word for word in content if word[0].isupper())
    return next((word for word in capitals if not any(passages_with(term) for term in analyze(word))), "")


def _named(
    content: Sequence[str], names: Names, passages_with: Callable[[str], int]
) -> Iterator[tuple[tuple[int, int], list[Speaker]]]:
    for first, last in _runs(content):
        found = names.speakers([fold(" ".join(content[first:last]))])
        if found and (
            last - first > 1 or content[first][0].isupper() or _is_name(content[first], found, passages_with)
        ):
            yield (first, last), found


def _is_name(word: str, speakers: Sequence[Speaker], passages_with: Callable[[str], int]) -> bool:
    """Whether a word in lower case is a surname rather than a word: then it mostly stands where they speak."""
    stands_in = max((passages_with(term) for term in analyze(word)), default=0)
    return _SPEAKS_IN_ONE_OF * sum(one.statements for one in speakers) >= stands_in


def _runs(content: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring words that may be a name: capitals, unless there are none in all the question."""
    capitals = any(word[0].isupper() for word in content)
    for size in range(1, min(len(content), _LONGEST_NAME) + 1):
        for first in range(len(content) - size + 1):
            if not capitals or all(word[0].isupper() for word in content[first : first + size]):
                yield first, first + size


def _misspelt(
    content: Sequence[str], names: Names, passages_with: Callable[[str], int]
) -> Iterator[tuple[tuple[int, int], list[Speaker]]]:
    for place, _ in (run for run in _runs(content) if run[1] - run[0] == 1):
        word = content[place]
        if len(word) >= _LETTERS_PER_SLIP and not all(passages_with(term) for term in analyze(word)):
            near = _near(fold(word), names.surnames())
            if near and (found := names.speakers(near)):
                yield (place, place + 1), found


def _without(content: Sequence[str], first: int, last: int) -> list[str]:
    """The words without a name and the titles and first name in front of it."""
    while first and content[first - 1].casefold().strip(".") in _TITLES:
        first -= 1
    return [*content[:first], *content[last:]]


def _near(word: str, surnames: Sequence[str]) -> list[str]:
    """The surnames nearest to a word, if they differ by a letter or two."""
    allowed = min(len(word) // _LETTERS_PER_SLIP + (len(word) >= 9), _MOST_SLIPS)
    # Slips in the first letter are rare; leaving them out leaves one name in twenty to compare.
    likely = [name for name in surnames if name[0] == word[0] and abs(len(name) - len(word)) <= allowed]
    close = [(slips(word, name, allowed), name) for name in likely]
    best = min((count for count, _ in close), default=allowed + 1)
    return [name for count, name in close if count == best] if best <= allowed else []


def slips(one: str, other: str, most: int) -> int:
    """Letters changed, left out, put in or swapped between two words (Damerau, Levenshtein); ``most + 1`` if more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, wanted in enumerate(other):
            cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (letter != wanted))
            if i and j and letter == other[j - 1] and one[i - 1] == wanted:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]
