"""Names of people and organisations in a text: where they stand and what stands in front of them."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from ingest.attribution.lexicon import (
    ADJECTIVAL,
    DAYS,
    FEMALE,
    FEMININE_ROLES,
    HONORIFICS,
    MALE,
    MASCULINE_ROLES,
    ORGANISATION,
    PARTICLES,
    PLACES,
    ROLES,
    STOP,
    words_of,
)
from ingest.attribution.prose import Prose

Sort = Literal["person", "organisation", "place", "unknown"]

_LOWER_LINKS: Final = frozenset({"of", "for", "&"})
_SMALL_IN_HEADLINES: Final = words_of("with from into over after before about against amid than that this")
_FIRST_PERSON: Final = words_of("i i’d i’ll i’ve i’m i'd i'll i've i'm")
_STATE_OF_MEMBER: Final = re.compile(r"[RDI]-[A-Z]")
_LINKS: Final = _LOWER_LINKS | PARTICLES
_ORDINARY_INITIALS: Final = STOP | DAYS
_NO_NAME_ALONE: Final = STOP | DAYS | ADJECTIVAL
_GIVEN: Final = MALE | FEMALE
_BEFORE_GIVEN: Final = ORGANISATION | PLACES | ADJECTIVAL


@dataclass(slots=True)
class Name:
    """A name as it stands in the text.

    Attributes:
        first: First token of the name proper, without titles.
        last: One past its last token.
        sentence: Number of its sentence.
        words: The name proper, one string a word.
        gender: "m", "f" or "", as far as given name, honorific or role tell.
        role: Canonical noun of the office in front of the name, "" without one.
        office: Range of tokens of that office.
        title: Whether an honorific or a role stands in front.
    """

    first: int
    last: int
    sentence: int
    words: tuple[str, ...]
    sort: Sort
    gender: str = ""
    role: str = ""
    office: tuple[int, int] | None = None
    title: bool = False


def names(prose: Prose) -> list[Name]:
    """Find names outside quotations, in order; headlines in capitals only repeat names that the text gives.

    Args:
        prose: The text.

    Returns:
        Names with sorts; ``unknown`` where nothing tells a person from a thing.
    """
    found: list[Name] = []
    headlines: list[int] = []
    vocabulary = set(prose.words)
    capitals = [i for i, word in enumerate(prose.words) if word[0].isupper()]
    for number, (start, end) in enumerate(prose.sentences):
        if _is_headline(prose, number, start, end):
            headlines.append(number)
        else:
            found.extend(_names_in(prose, number, capitals, vocabulary))
    known = {name.words[-1] for name in found if name.sort in {"person", "unknown"}}
    fulls = {name.words for name in found if len(name.words) > 1 and name.sort == "person"}
    for number in headlines:
        found.extend(_known_in(prose, number, known, fulls))
    found.sort(key=lambda name: name.first)
    return found


def _is_headline(prose: Prose, number: int, start: int, end: int) -> bool:
    """Whether a paragraph of one sentence has capitals throughout, so that capitals tell no names there."""
    if end - start < 4 or end - start > 30:
        return False
    paragraph = prose.paragraph_of
    if paragraph[number - 1] == paragraph[number] and number > 0:
        return False
    if number + 1 < len(paragraph) and paragraph[number + 1] == paragraph[number]:
        return False
    small = capital = 0
    for word in prose.words[start + 1 : end]:
        if word[0].isupper():
            capital += 1
        elif word[0].islower() and len(word) > 3 and word not in _SMALL_IN_HEADLINES:
            small += 1
    return capital >= 3 and small * 6 <= capital


def _known_in(prose: Prose, number: int, known: set[str], fulls: set[tuple[str, ...]]) -> Iterator[Name]:
    words = prose.words
    start, end = prose.sentences[number]
    for i in range(start, end):
        if words[i] in known:
            first = i - 1 if (words[i - 1], words[i]) in fulls and i > start else i
            gender = _gender_of(words[first]) if first < i else ""
            yield Name(first, i + 1, number, tuple(words[first : i + 1]), "person", gender)


def _names_in(prose: Prose, number: int, capitals: list[int], vocabulary: set[str]) -> Iterator[Name]:
    words, lows = prose.words, prose.lows
    start, end = prose.sentences[number]
    stop = start
    for i in capitals[bisect_left(capitals, start) : bisect_left(capitals, end)]:
        if i < stop or lows[i] in _FIRST_PERSON:
            continue
        stop = _run_end(prose, i, end)
        run = _run(tuple(words[i:stop]))
        if run is None:
            continue
        # The first word of a sentence that the article has in small letters elsewhere is no name.
        opens = i + run.first == start and len(run.words) == 1
        if not (opens and lows[start] in vocabulary and lows[start][0].islower()):
            yield _name(prose, number, i, run)


def _run_end(prose: Prose, i: int, end: int) -> int:
    """One past the last word of a run of capitalised words, with particles and "of" between them."""
    words = prose.words
    stop = i + 1
    while stop < end:
        word = words[stop]
        if word[0].isupper():
            if prose.lows[stop] in _FIRST_PERSON:
                break
            stop += 1
        elif word in _LINKS and stop + 1 < end and words[stop + 1][0].isupper():
            if word in _LOWER_LINKS and not _organisation_like(prose.lows[stop - 1]):
                break
            stop += 2
        else:
            break
    return stop


def _organisation_like(low: str) -> bool:
    return low in ORGANISATION or low in ROLES or low == "department"


class _Run(NamedTuple):
    """What a run of capitalised words says wherever it stands; places count from its first word.

    Attributes:
        start: Where it begins without "The", "On" and the like.
        first: Where the name proper begins.
        words: The name proper.
        title: The honorific or role within the run, in lower case, "" without one.
    """

    start: int
    first: int
    words: tuple[str, ...]
    sort: Sort
    gender: str
    title: str


@lru_cache(maxsize=1 << 13)
def _run(words: tuple[str, ...]) -> _Run | None:
    """Read a run; cached because an archive names the same people again and again."""
    lows = [word.lower() for word in words]
    first, last = 0, len(words)
    while first < last and lows[first] in _ORDINARY_INITIALS:
        if last - first > 1 and lows[first] in _GIVEN:
            break  # April, Will: a name when a surname follows
        first += 1
    if first >= last:
        return None
    start = first
    ends_named = last - first > 1 and (lows[last - 2] in HONORIFICS or lows[last - 2] in _GIVEN)
    stop = last - 1 if ends_named else last  # "Mr. King", "Peter King": the title is a surname
    role_at = next((i for i in range(stop - 1, first - 1, -1) if lows[i] in ROLES or lows[i] in HONORIFICS), -1)
    # A role within a run of capitals is a title if a name follows, not an organisation of that word.
    if role_at >= 0 and (role_at + 1 == last or lows[-1] not in ORGANISATION):
        first = role_at + 1
    if first == last or lows[first] in _LOWER_LINKS or _STATE_OF_MEMBER.match(words[first]):
        return None  # an office without a name: "the Attorney General"
    first = _name_proper(words, lows, first)
    title = lows[role_at] if start <= role_at < first else ""
    if last - first == 1 and not title and (lows[first] in _NO_NAME_ALONE or words[first][0].isdigit()):
        return None
    gender = HONORIFICS.get(title, "") or _gender_of(lows[first]) or _gender_of_role(title)
    return _Run(start, first, words[first:], _sort(words[first:], lows[first:], bool(title)), gender, title)


def _name_proper(words: tuple[str, ...], lows: list[str], first: int) -> int:
    """Where the name itself begins behind what describes it: "Republican Donald Trump", "Texas Ted Cruz"."""
    last = len(words)
    first = _given_name(lows, first)
    while last - first > 1 and lows[first] in ADJECTIVAL:
        first += 1
    while last - first > 2 and (lows[first] in PLACES or (words[first].isupper() and "." not in words[first])):
        first += 1  # "Texas Ted Cruz", "GOP Donald Trump"
    return first


def _given_name(lows: list[str], first: int) -> int:
    """Where a person's name begins within a run that opens with something else: "Fox News Megyn Kelly"."""
    last = len(lows)
    if last - first < 3 or lows[first] in _GIVEN or lows[-1] in ORGANISATION:
        return first
    for i in range(first + 1, last - 1):
        if lows[i] in _GIVEN and lows[i - 1] in _BEFORE_GIVEN:
            return i
    return first


def _name(prose: Prose, number: int, at: int, run: _Run) -> Name:
    """The name that a run at a token gives, with the office in small letters that stands in front of it."""
    start, first = at + run.start, at + run.first
    last = first + len(run.words)
    if run.title:
        role = ROLES.get(run.title, "")
        return Name(first, last, number, run.words, run.sort, run.gender, role, (start, first), True)
    floor = prose.sentences[number][0]
    before = prose.lows[start - 1] if start > floor else ""
    if before not in ROLES or run.sort in {"organisation", "place"}:
        return Name(first, last, number, run.words, run.sort, run.gender)
    office = _office_start(prose, start - 1, floor), start
    gender = run.gender or _gender_of_role(before)
    return Name(first, last, number, run.words, "person", gender, ROLES[before], office, True)


def _office_start(prose: Prose, i: int, floor: int) -> int:
    """Where a description in small letters begins that ends at token ``i``: "Barnardo's chief executive"."""
    first = i
    while first > floor and i - first < 6:
        low = prose.lows[first - 1]
        if low in STOP or not (low[0].isalnum() or low in {"'s", "’s"}):
            break
        first -= 1
    return first


def _gender_of(given: str) -> str:
    low = given.lower()
    return "m" if low in MALE else "f" if low in FEMALE else ""


def _gender_of_role(role: str) -> str:
    return "m" if role in MASCULINE_ROLES else "f" if role in FEMININE_ROLES else ""


def _sort(words: tuple[str, ...], lows: list[str], titled: bool) -> Sort:
    if titled and len(lows) <= 4 and lows[-1] not in ORGANISATION:
        return "person"
    if len(lows) == 1:
        return _sort_of_word(words[0], lows[0])
    if lows[0] in ORGANISATION or any(low in ORGANISATION or low in _LOWER_LINKS for low in lows[1:]):
        return "organisation"
    if len(lows) <= 4 and lows[0] in _GIVEN:
        return "person"
    return "place" if lows[-1] in PLACES or lows[0] in PLACES else "unknown"


def _sort_of_word(word: str, low: str) -> Sort:
    if low in PLACES:
        return "place"
    acronym = word.isupper() and 2 <= len(word) <= 5
    return "organisation" if low in ORGANISATION or acronym else "unknown"
