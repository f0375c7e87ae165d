"""Names of people and organisations in a text: where they stand and what stands in front of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

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
_ORDINARY_INITIALS: Final = STOP | DAYS


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
    small = {word for word in prose.words if word[0].islower()}
    for number, (start, end) in enumerate(prose.sentences):
        if _is_headline(prose, number, start, end):
            headlines.append(number)
        else:
            found.extend(_names_in(prose, number, small))
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


def _names_in(prose: Prose, number: int, small: set[str]) -> Iterator[Name]:
    words, lows = prose.words, prose.lows
    start, end = prose.sentences[number]
    i = start
    while i < end:
        if not words[i][0].isupper() or lows[i] in _FIRST_PERSON:
            i += 1
            continue
        stop = _chunk_end(prose, i, end)
        name = _parse(prose, number, i, stop, start)
        # The first word of a sentence that the article has in small letters elsewhere is no name.
        if name is not None and not (name.first == start and len(name.words) == 1 and lows[start] in small):
            yield name
        i = stop


def _chunk_end(prose: Prose, i: int, end: int) -> int:
    """One past the last word of a run of capitalised words, with particles and "of" between them."""
    words = prose.words
    stop = i + 1
    while stop < end:
        word = words[stop]
        if word[0].isupper() and word.lower() not in _FIRST_PERSON:
            stop += 1
        elif stop + 1 < end and words[stop + 1][0].isupper() and (word in PARTICLES or word in _LOWER_LINKS):
            if word in _LOWER_LINKS and not _organisation_like(prose, stop):
                break
            stop += 2
        else:
            break
    return stop


def _organisation_like(prose: Prose, last: int) -> bool:
    return prose.lows[last - 1] in ORGANISATION or prose.lows[last - 1] in ROLES or prose.lows[last - 1] == "department"


def _parse(prose: Prose, number: int, first: int, last: int, sentence_start: int) -> Name | None:
    lows = prose.lows
    chunk = first
    while (
        first < last
        and (lows[first] in _ORDINARY_INITIALS)
        and (first == sentence_start or lows[first] in STOP or lows[first] in DAYS)
    ):
        if last - first > 1 and (lows[first] in MALE or lows[first] in FEMALE):
            break  # April, Will: a name when a surname follows
        first += 1
    if first >= last:
        return None
    start = first
    ends_named = last - first > 1 and (
        lows[last - 2] in HONORIFICS or lows[last - 2] in MALE or lows[last - 2] in FEMALE
    )
    stop = last - 1 if ends_named else last  # "Mr. King", "Peter King": the title is a surname
    role_at = next((i for i in range(stop - 1, first - 1, -1) if lows[i] in ROLES or lows[i] in HONORIFICS), -1)
    if role_at >= 0 and _is_titular(prose, role_at, last):
        first = role_at + 1
    if (
        first == last or lows[first] in _LOWER_LINKS or _STATE_OF_MEMBER.match(prose.words[first])
    ):  # an office without a name: "the Attorney General"
        return None
    first = _given_name(prose, first, last)
    while last - first > 1 and lows[first] in ADJECTIVAL:
        first += 1
    while last - first > 2 and (
        lows[first] in PLACES or (prose.words[first].isupper() and "." not in prose.words[first])
    ):
        first += 1  # "Texas Ted Cruz", "GOP Donald Trump"
    return _make(prose, number, (max(chunk, start), first, last), role_at)


def _given_name(prose: Prose, first: int, last: int) -> int:
    """Where a person's name begins within a run that opens with something else: "Fox News Megyn Kelly"."""
    lows = prose.lows
    if last - first < 3 or lows[first] in MALE or lows[first] in FEMALE or lows[last - 1] in ORGANISATION:
        return first
    for i in range(first + 1, last - 1):
        if (lows[i] in MALE or lows[i] in FEMALE) and lows[i - 1] in ORGANISATION | PLACES | ADJECTIVAL:
            return i
    return first


def _is_titular(prose: Prose, role_at: int, last: int) -> bool:
    """A role within a run of capitals is a title if a name follows, not an organisation of that word."""
    return role_at + 1 == last or prose.lows[last - 1] not in ORGANISATION


def _make(prose: Prose, number: int, bounds: tuple[int, int, int], role_at: int) -> Name | None:
    start, first, last = bounds
    floor = prose.sentences[number][0]
    lows = prose.lows
    words = tuple(prose.words[first:last])
    low = lows[first]
    titled = start <= role_at < first
    if len(words) == 1 and not titled and (low in STOP or low in DAYS or low in ADJECTIVAL or words[0][0].isdigit()):
        return None
    sort = _sort(prose, first, last, titled)
    gender = _gender_of(low) if len(words) > 1 or low in MALE or low in FEMALE else ""
    role = ""
    office: tuple[int, int] | None = (start, first) if titled else None
    if titled:
        gender = HONORIFICS.get(lows[role_at], "") or gender
        role = ROLES.get(lows[role_at], "")
        gender = gender or _gender_of_role(lows[role_at])
    elif sort not in {"organisation", "place"} and start > floor and lows[start - 1] in ROLES:
        titled, role, office = True, ROLES[lows[start - 1]], (_office_start(prose, start - 1, floor), start)
        gender = gender or _gender_of_role(lows[start - 1])
        sort = "person"
    return Name(first, last, number, words, sort, gender, role, office, titled)


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


def _sort(prose: Prose, first: int, last: int, titled: bool) -> Sort:
    lows = prose.lows[first:last]
    if titled and len(lows) <= 4 and lows[-1] not in ORGANISATION:
        return "person"
    if len(lows) == 1:
        return _sort_of_word(prose.words[first], lows[0])
    if lows[0] in ORGANISATION or any(low in ORGANISATION or low in _LOWER_LINKS for low in lows[1:]):
        return "organisation"
    if len(lows) <= 4 and (lows[0] in MALE or lows[0] in FEMALE):
        return "person"
    return "place" if lows[-1] in PLACES or lows[0] in PLACES else "unknown"


def _sort_of_word(word: str, low: str) -> Sort:
    if low in PLACES:
        return "place"
    acronym = word.isupper() and 2 <= len(word) <= 5
    return "organisation" if low in ORGANISATION or acronym else "unknown"
