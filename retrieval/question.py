"""What a question asks for: whose words, about what, of which time."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.folding import fold
from retrieval.lexical import analyze, term_ids
from retrieval.speakers import CHANGING
from retrieval.store import Terms
from retrieval.types import Interpretation, ReadAs, Speaker
from retrieval.when import Dates, dates_in

# Words that frame a question and are not what it asks about: first grammar, then how people ask an archive for
# statements. Compiled for this project.
FRAME = frozenset(
    """a an the and or but if of in on at by for from to with into over under about as than then that this these those
    there here it its is are was were be been being am do does did doing has have had having will would shall should
    can could may might must not no nor so too very just only own same such both each any all some more most other
    i you he she we they me him her us them my your his our their who whom whose which what when where why how

    say says said saying tell tells told think thinks thought talk talks talked speak speaks spoke spoken claim claims
    claimed comment comments commented view views opinion opinions statement statements regarding concerning respond
    response according remarks remark quote quotes quoted make made making give gave given get got mention mentioned
    state stated stance position believe believes believed describe described feel feels felt""".split()
)
# Verbs and nouns of saying and thinking, by their beginnings: a question with one of them is after somebody's words.
_STATEMENT = re.compile(
    r"\b(?:sa(?:y|id)|t(?:ell|old)|think|thought|talk|sp(?:eak|oke|eech)|claim|comment|views?\b|opinion|statement|"
    r"remark|respon[ds]|repl(?:y|ie)|according|quote|mention|stance|position|belie[fv]|describ|feel|felt|argu|warn|"
    r"insist|den(?:y|ie)|admit|accept|agree|promis|pledg|propos|suggest|explain|complain|critici[sz]|blam|attack|"
    r"prais|defend|reject|oppos|support|back|call|want|hope|expect|predict|announc|declar|demand|urg|ask|answer|"
    r"question|worr|fear|concern|reaction|react|assert|maintain|recommend|advis|vow|conced|dismiss|contend|stress)",
    re.I,
)
# Asked with one of these and without a word of saying, a question is after a fact about somebody.
_OF_FACTS = re.compile(r"\s*(?:who|whom|when|where|how\s+(?:old|many|much|long|often))\b", re.I)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*['’]?")
_POSSESSIVE = re.compile(r"['’]s?$")
# A name of so many words at the most; titles in front are no part of it.
_LONGEST_NAME = 4
_LONGEST_OFFICE = 6
# An office that more people than these hold or held says nobody in particular.
_FEW = 3
_TITLES = frozenset("mr mrs ms miss dr prof professor sir dame lord lady baroness mp senator sen rep gov".split())
_DETERMINERS = frozenset("the a an his her their our this that".split())
# In front of a name: what is said about, to or with somebody is not said by them.
_ABOUT = frozenset(
    """about on regarding concerning against towards toward to with for than like over at into tell tells told ask asks
    asked criticise criticised criticize criticized call called describe described blame blamed attack attacked praise
    praised mention mentioned quote quoted support supported thank thanked answer answered""".split()
)
# "The views of Narey" are his, "the criticism of Narey" is not.
_OWN = frozenset(
    """view views opinion opinions comment comments remark remarks statement statements position stance word words
    speech reaction response reply answer answers argument arguments claim claims""".split()
)
_AUXILIARIES = frozenset(
    """did does do has have had is was were would will should can could may might must what're why'd""".split()
)
# One letter may be wrong in a name of five letters, two in one of nine.
_LETTERS_PER_SLIP, _MOST_SLIPS = 5, 2
_SPEAKS_IN_ONE_OF = 3

Run = tuple[int, int]


class Names(Protocol):
    """The speakers of an archive, as questions are matched with them."""

    def speakers(self, folded: Sequence[str]) -> list[Speaker]:
        """Those of whom one of these is the folded name, the surname or an alias."""
        ...

    def known(self, folded: Sequence[str]) -> set[str]:
        """Those of the folded names that are somebody's: all that ``speakers`` finds anybody for."""
        ...

    def surnames(self, beginning: str, least: int, most: int) -> list[str]:
        """All folded surnames that begin like this and have so many letters."""
        ...

    def filled(self, offices: Sequence[str]) -> set[str]:
        """Those of the offices that somebody may hold: all that ``holders`` finds anybody for."""
        ...

    def holders(self, office: str, most: int) -> list[Speaker]:
        """Those quoted who hold an office, or have held it; nobody if they are more than ``most``."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question, taken apart.

    Attributes:
        text: As it was asked.
        words: Analysed content words, in order, each once.
        terms: The same as term numbers.
        topic: The words among them that are no part of the name of who is asked for.
        people: Whose words are asked for; several where a surname or an office is shared.
        unheard: The name, as it was typed, of somebody asked for whom the archive has no statements of; else empty.
        dates: The time that is asked for.
        interpretation: The part that is shown.
    """

    text: str
    words: tuple[str, ...]
    terms: Terms
    topic: tuple[str, ...]
    people: tuple[Speaker, ...]
    unheard: str
    dates: Dates | None
    interpretation: Interpretation

    @property
    def speakers(self) -> tuple[str, ...]:
        """All names by which articles may call those whose words are asked for; empty if it is nobody's."""
        return tuple(name for one in self.people for name in one.names) or ((self.unheard,) if self.unheard else ())


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is asked for: where the question says it, and whom that may mean."""

    run: Run
    people: Sequence[Speaker]


PassagesWith = Callable[[str], int]


def interpret(text: str, names: Names, passages_with: PassagesWith) -> Question:
    """Take a question apart; one that is nothing but frame ("who said that?") keeps all its words as content.

    Args:
        text: The question.
        names: The speakers of the archive. A word that is no name of theirs is a topic word.
        passages_with: In how many passages an analysed word stands; one that does is no misspelt name.
    """
    dates, rest = dates_in(text)
    # Where all is in capitals, none of them makes a name.
    typed = _WORD.findall(rest.lower() if rest.isupper() else rest)
    asked = _after_somebodys_words(text) and (
        _by_name(typed, names, passages_with) or _by_office(typed, names) or _by_stranger(typed, text)
    )
    if not asked:
        # What stands in a text of a time counts as much as its date, so that the year remains a word.
        words = _terms_of(_content(_WORD.findall(text)))
        shown = _shown((), " ".join(_content(typed)), dates)
        return Question(text, words, term_ids(words), words, (), "", dates, shown)
    left = _content_only(_without(typed, asked.run))
    name = _name(typed, asked.run)
    words = _terms_of(_content(typed))
    known = tuple(one.name for one in asked.people)
    return Question(
        text=text,
        words=words,
        terms=term_ids(words),
        topic=_terms_of(left),
        people=tuple(asked.people),
        unheard="" if known else name,
        dates=dates,
        interpretation=_shown(known, " ".join(left if known else _content(typed)), dates),
    )


def corrected(text: str, read_as: ReadAs, names: Names) -> Question:
    """A question that is to be taken as whoever asks it says.

    Args:
        text: The question as it was asked.
        read_as: Whose words, about what; who of these is nobody that the archive quotes is asked for all the same.
        names: The speakers of the archive.
    """
    found = [(name, _called(fold(name), names)) for name in read_as.speakers]
    people = {one.name: one for _, known in found for one in known}
    unheard = " ".join(name for name, known in found if not known)
    topic = _content(_WORD.findall(read_as.topic))
    words = _terms_of([*(part for name in read_as.speakers for part in name.split()), *topic])
    return Question(
        text=text,
        words=words,
        terms=term_ids(words),
        topic=_terms_of(topic),
        people=tuple(people.values()),
        unheard="" if people else unheard,
        dates=None,
        interpretation=_shown((*people, *(name for name, known in found if not known)), read_as.topic.strip(), None),
    )


def wording(read_as: ReadAs) -> str:
    """A question that asks this."""
    if not read_as.speakers:
        return read_as.topic
    about = f" say about {read_as.topic}?" if read_as.topic.strip() else " say?"
    return f"what did {' and '.join(read_as.speakers)}{about}"


def _shown(speakers: tuple[str, ...], topic: str, dates: Dates | None) -> Interpretation:
    first, last = (None, None) if dates is None else (dates.first, dates.last)
    return Interpretation(speakers, topic, *(day.isoformat() if day else None for day in (first, last)))


def _after_somebodys_words(text: str) -> bool:
    return not _OF_FACTS.match(text) or _STATEMENT.search(text) is not None


def _content(typed: Sequence[str]) -> list[str]:
    """The words that are not frame, without their endings; all of them if there are no others."""
    return _content_only(typed) or [_bare(word) for word in typed]


def _content_only(typed: Sequence[str]) -> list[str]:
    return [bare for word in typed if (bare := _bare(word)).casefold() not in FRAME]


def _terms_of(content: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(analyze(" ".join(content))))


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word)


def _name(typed: Sequence[str], run: Run) -> str:
    return " ".join(map(_bare, typed[slice(*run)]))


# By name ----------------------------------------------------------------------------------------------------------


def _by_name(typed: Sequence[str], names: Names, passages_with: PassagesWith) -> _Asked | None:
    """The speakers that a question asks for by name, if it does."""
    matches = _named(typed, names, passages_with) or _misspelt(typed, names, passages_with)
    theirs = sorted((one for one in matches if _is_speaker(typed, one.run)), key=lambda one: one.run)
    if not theirs:
        return None
    # "What did Balls and Narey say": whom an "and" joins are asked for together, and the words between go with them.
    first, *others = theirs
    run, people = first.run, list(first.people)
    for other in others:
        if all(word.casefold() in ("and", "or") for word in typed[run[1] : other.run[0]]):
            run, people = (run[0], other.run[1]), [*people, *other.people]
    return _Asked(run, people)


def _named(typed: Sequence[str], names: Names, passages_with: PassagesWith) -> list[_Asked]:
    """Names of speakers, longer ones before shorter; what is written small is one only where nothing else is."""
    found: list[_Asked] = []
    called = {run: fold(_name(typed, run)) for run in _runs(typed, _LONGEST_NAME)}
    known = names.known(list(called.values()))
    for capitals in (True, False):
        for run, name in called.items():
            if name not in known or any(run[0] < other.run[1] and other.run[0] < run[1] for other in found):
                continue
            speakers = _called(name, names) if _capital(typed, run) == capitals else []
            # A word that may be no name at all, or the beginning of a longer one, has to be mostly theirs.
            doubtful = _goes_on(typed, run) or not (capitals or run[1] - run[0] > 1)
            if speakers and not (doubtful and not _is_name(typed[run[1] - 1], speakers, passages_with)):
                found.append(_Asked(run, speakers))
        if found:
            break
    return found


def _runs(typed: Sequence[str], longest: int) -> Iterator[Run]:
    """Runs of neighbouring words that may be a name, the longest first: they neither begin nor end with frame."""
    for size in range(min(len(typed), longest), 0, -1):
        for first in range(len(typed) - size + 1):
            ends = (_bare(typed[first]).casefold(), _bare(typed[first + size - 1]).casefold())
            if not FRAME.intersection(ends) and not _TITLES.intersection(ends[:1]):
                yield first, first + size


def _capital(typed: Sequence[str], run: Run) -> bool:
    return typed[run[0]][0].isupper() and typed[run[1] - 1][0].isupper()


def _called(name: str, names: Names) -> list[Speaker]:
    """Whom a folded name means: if it is somebody's full name, not others who are also called that."""
    found = names.speakers([name])
    return [one for one in found if " " in name and name in map(fold, one.names)] or found


def _goes_on(typed: Sequence[str], run: Run) -> bool:
    """Whether a longer name may go on behind it: "Beck Pimentel", "Integrated Children's System"."""
    following = typed[run[1]] if run[1] < len(typed) else ""
    if not following[:1].isupper() or following.isupper() or _bare(following).casefold() in FRAME:
        return False
    return run[1] - run[0] == 1 or _POSSESSIVE.search(typed[run[1] - 1]) is not None


def _is_name(word: str, speakers: Sequence[Speaker], passages_with: PassagesWith) -> bool:
    """Whether a word in lower case is a surname rather than a word: then it mostly stands where they speak."""
    stands_in = max((passages_with(term) for term in analyze(_bare(word))), default=0)
    return _SPEAKS_IN_ONE_OF * sum(one.statements for one in speakers) >= stands_in


def _is_speaker(typed: Sequence[str], run: Run) -> bool:
    """Whether somebody named in a question is asked for as who says something, not as what is spoken of."""
    first = run[0]
    while first and _bare(typed[first - 1]).casefold().strip(".") in _TITLES | _DETERMINERS:
        first -= 1
    before = [word.casefold() for word in typed[max(0, first - 2) : first]]
    if before[-1:] == ["of"]:
        return before[0] in _OWN
    if before == ["according", "to"]:
        return True
    return not before or before[-1] not in _ABOUT


def _misspelt(typed: Sequence[str], names: Names, passages_with: PassagesWith) -> list[_Asked]:
    found = []
    capitals = any(_capital(typed, run) for run in _runs(typed, 1))
    for run in _runs(typed, 1):
        word = _bare(typed[run[0]])
        if capitals and not word[0].isupper():
            continue
        if len(word) >= _LETTERS_PER_SLIP and not all(passages_with(term) for term in analyze(word)):
            near = _near(fold(word), names)
            if near and (speakers := names.speakers(near)):
                found.append(_Asked(run, speakers))
    return found


def _without(typed: Sequence[str], run: Run) -> list[str]:
    """The words without a name and the titles in front of it."""
    first, last = run
    while first and typed[first - 1].casefold().strip(".") in _TITLES:
        first -= 1
    return [*typed[:first], *typed[last:]]


def _near(word: str, names: Names) -> list[str]:
    """The surnames nearest to a word, if they differ by a letter or two."""
    allowed = min(len(word) // _LETTERS_PER_SLIP + (len(word) >= 9), _MOST_SLIPS)
    # Slips in the first letter are rare; leaving them out leaves one name in twenty to compare.
    likely = names.surnames(word[:1], len(word) - allowed, len(word) + allowed)
    close = [(slips(word, name, allowed), name) for name in likely if _may_be(word, name, allowed)]
    best = min((count for count, _ in close), default=allowed + 1)
    return [name for count, name in close if count == best] if best <= allowed else []


def _may_be(word: str, name: str, allowed: int) -> bool:
    """Whether two words have enough letters in common for so many slips: each adds a letter or takes one, or both."""
    return len(set(word) - set(name)) <= allowed and len(set(name) - set(word)) <= allowed


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


# By office, or by the name of nobody who speaks -------------------------------------------------------------------


def _by_office(typed: Sequence[str], names: Names) -> _Asked | None:
    """Those who hold the office that a question asks for: "the children's minister"."""
    offices = {run: " ".join(typed[slice(*run)]) for run in _runs(typed, _LONGEST_OFFICE)}
    filled = names.filled(list(offices.values()))
    for (first, last), office in offices.items():
        before = typed[first - 1].casefold() if first else ""
        # One word is an office only where it is said to be a certain one: "the minister".
        if office not in filled or before in CHANGING or (last - first == 1 and before != "the"):
            continue
        holders = names.holders(office, _FEW)
        if holders and _is_speaker(typed, (first, last)):
            return _Asked((first, last), holders)
    return None


def _by_stranger(typed: Sequence[str], text: str) -> _Asked | None:
    """A name that stands where the speaker does, of somebody whom the archive has no statements of."""
    if not _STATEMENT.search(text):
        return None
    for run in _runs(typed, _LONGEST_NAME):
        if all(word[0].isupper() for word in typed[slice(*run)]) and _stands_as_speaker(typed, run):
            return _Asked(run, ())
    return None


def _stands_as_speaker(typed: Sequence[str], run: Run) -> bool:
    """Whether a name stands right behind "did", "according to" or "views of", or owns the views asked for."""
    first, last = run
    while first and typed[first - 1].casefold().strip(".") in _TITLES:
        first -= 1
    before = [word.casefold() for word in typed[max(0, first - 2) : first]]
    owns = typed[last - 1].endswith(("'s", "’s", "'", "’")) and bool(_OWN.intersection(map(str.casefold, typed[last:])))
    behind = before[-1:] and (before[-1] in _AUXILIARIES or before == ["according", "to"])
    return owns or bool(behind) or (before[-1:] == ["of"] and before[0] in _OWN)
