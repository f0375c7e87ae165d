"""The people of an article: names joined that are one person's, offices, and who a description means."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from ingest.attribution.cues import CUES
from ingest.attribution.lexicon import ROLES, STOP, words_of
from ingest.attribution.names import Name, Sort
from ingest.attribution.prose import Prose

_SUFFIXES: Final = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "mp"})
_PREPOSITIONS: Final = frozenset({"of", "for", "at", "in"})
# Canonical nouns that tell of whom somebody is what, or which party is theirs: good to know whom "her husband" means.
NO_OFFICES: Final = words_of(
    """
    rival ally supporter wife husband son daughter mother father brother sister republican democrat socialist
    conservative
    """
)
# With one of these in front, an office is another one.
_CHANGING: Final = words_of("acting assistant deputy former incoming junior outgoing shadow vice")


@dataclass(slots=True)
class Figure:
    """Somebody or something with a name while an article is read.

    Attributes:
        name: The fullest form of the name in the article.
        mentions: Its names, in order.
        offices: Descriptions as they stand ("children's minister"), with the canonical noun of each and its words.
    """

    name: tuple[str, ...]
    sort: Sort
    gender: str = ""
    mentions: list[Name] = field(default_factory=list)
    offices: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)
    number: int = 0

    @property
    def surname(self) -> str:
        """Family name in lower case, without Jr. and the like."""
        return surname(self.name)


@lru_cache(maxsize=1 << 13)
def surname(words: tuple[str, ...]) -> str:
    """Last word of a name that is no suffix, in lower case."""
    kept = [word.lower() for word in words if word.lower() not in _SUFFIXES]
    return kept[-1] if kept else words[-1].lower()


@dataclass(slots=True)
class Cast:
    """All figures of an article, and which of them each name means.

    ``doubtful`` holds, by first token, bare names that two people of the article share, each with a figure
    that has no more than that name: which of the two it is, nobody can tell.
    """

    figures: list[Figure] = field(default_factory=list)
    meant: dict[int, Figure] = field(default_factory=dict)
    doubtful: dict[int, Figure] = field(default_factory=dict)
    by_role: dict[str, list[Figure]] = field(default_factory=dict)


def gather(prose: Prose, found: list[Name]) -> Cast:
    """Join the names of an article into figures.

    A bare surname is joined to the full name that it ends, a given name to the only full name that it begins.
    Where two people share a surname, an honorific decides, else the one named last in full.

    Args:
        prose: The text.
        found: Its names, in order.

    Returns:
        The figures.
    """
    cast = Cast()
    by_surname: dict[str, list[Figure]] = {}
    by_given: dict[str, list[Figure]] = {}
    for name in found:
        if len(name.words) > 1:
            _join_full(cast, name, by_surname, by_given)
    for name in found:
        if len(name.words) == 1:
            _join_single(cast, name, by_surname, by_given)
    for figure in cast.figures:
        figure.mentions.sort(key=lambda name: name.first)
    _settle(prose, cast)
    _find_offices(prose, cast)
    return cast


def _join_full(cast: Cast, name: Name, by_surname: dict[str, list[Figure]], by_given: dict[str, list[Figure]]) -> None:
    key = surname(name.words)
    for figure in by_surname.get(key, ()):
        if _same(figure.name, name.words):
            if len(name.words) > len(figure.name) and figure.sort != "organisation" and len(name.words) < 4:
                figure.name = name.words
            break
    else:
        figure = Figure(name.words, name.sort, number=len(cast.figures))
        cast.figures.append(figure)
        by_surname.setdefault(key, []).append(figure)
        if name.sort in {"person", "unknown"}:
            by_given.setdefault(name.words[0].lower(), []).append(figure)
    _add(cast, figure, name)


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two full names with one surname can be one person's: alike but for middle names."""
    first, second = one[0].lower().rstrip("."), other[0].lower().rstrip(".")
    if first == second:
        return True
    return (len(first) == 1 or len(second) == 1) and first[0] == second[0]


def _add(cast: Cast, figure: Figure, name: Name) -> None:
    figure.mentions.append(name)
    figure.gender = figure.gender or name.gender
    if name.sort == "person" and figure.sort == "unknown":
        figure.sort = "person"
    cast.meant[name.first] = figure


def _join_single(
    cast: Cast, name: Name, by_surname: dict[str, list[Figure]], by_given: dict[str, list[Figure]]
) -> None:
    low = name.words[0].lower()
    family = [figure for figure in by_surname.get(low, ()) if figure.sort in {"person", "unknown"}]
    if name.sort in {"organisation", "place"} and not any(figure.sort == "person" for figure in family):
        family = [figure for figure in by_surname.get(low, ()) if len(figure.name) == 1]
    if len(family) > 1:
        family = _decide(cast, name, family)
    given = [figure for figure in by_given.get(low, ()) if figure.sort == "person"]
    if family:
        figure = family[0]
    elif given and name.sort != "place":
        figure = given[0]
        if len(given) > 1:
            cast.doubtful[name.first] = _of_that_name(cast, name)
    else:
        figure = Figure(name.words, name.sort, number=len(cast.figures))
        cast.figures.append(figure)
        by_surname.setdefault(low, []).append(figure)
    _add(cast, figure, name)


def _decide(cast: Cast, name: Name, family: list[Figure]) -> list[Figure]:
    """Order people of one surname by how likely a bare surname at this place means them.

    An honorific decides, else who was named in full in this sentence or the two before, else who is named in
    full three times as often as anybody else. What is left is doubtful.
    """
    if name.gender:
        fitting = [figure for figure in family if figure.gender == name.gender]
        if len(fitting) == 1:
            return fitting

    def latest(figure: Figure) -> int:
        return max((m.sentence for m in figure.mentions if m.first < name.first and len(m.words) > 1), default=-99)

    near = sorted(family, key=lambda figure: (-latest(figure), figure.number))
    if name.sentence - latest(near[0]) <= 2 and latest(near[0]) > latest(near[1]):
        return near
    fulls = {figure.number: sum(len(m.words) > 1 for m in figure.mentions) for figure in family}
    often = sorted(family, key=lambda figure: (-fulls[figure.number], figure.number))
    if fulls[often[0].number] < 3 * fulls[often[1].number]:
        cast.doubtful[name.first] = _of_that_name(cast, name)
    return often


def _of_that_name(cast: Cast, name: Name) -> Figure:
    known = (figure for figure in cast.doubtful.values() if figure.name == name.words)
    return next(known, Figure(name.words, "person", name.gender, number=-1 - len(cast.doubtful)))


def _settle(prose: Prose, cast: Cast) -> None:
    """Decide what the names alone left open: who has a title, or speaks by a full name, is a person."""
    for figure in cast.figures:
        if figure.sort != "unknown":
            continue
        full = len(figure.name) > 1
        if any(name.title or (full and _speaks(prose, name)) for name in figure.mentions):
            figure.sort = "person"


def _speaks(prose: Prose, name: Name) -> bool:
    """Whether a word of speech stands right beside a name."""
    beside = prose.lows[max(0, name.first - 1) : name.first] + prose.lows[name.last : name.last + 1]
    return any(low in CUES and CUES[low].group == "say" for low in beside)


def _find_offices(prose: Prose, cast: Cast) -> None:
    for figure in cast.figures:
        if figure.sort in {"organisation", "place"}:
            continue
        for name in figure.mentions:
            if name.office is not None and name.role:
                _add_office(prose, cast, figure, name.office, name.role)
            if name.last < len(prose.words) and prose.words[name.last] in {",", "is", "was", "(", "—", "–"}:
                _office_after(prose, cast, figure, name)


def _office_after(prose: Prose, cast: Cast, figure: Figure, name: Name) -> None:
    """An apposition: "Martin Narey, chief executive of Barnardo's, ..."."""
    lows = prose.lows
    first = name.last + 1
    end = prose.sentences[name.sentence][1]
    if first < end and lows[first] in {"the", "a", "an", "his", "her", "then", "former"}:
        first += 1
    for i in range(first, min(end, first + 7)):
        low = lows[i]
        if low in ROLES and (i + 1 >= end or lows[i + 1] not in {"'s", "’s"}):
            following = i + 1
            if following < end and lows[following] in ROLES:
                continue
            if following < end and lows[following] in _PREPOSITIONS:
                following = _noun_end(prose, following + 1, end)
            if (
                prose.words[following - 1 if following == i + 1 else i + 1][0].isupper()
                and following == i + 1
                and not low.isalpha()
            ):
                return
            _add_office(prose, cast, figure, (first, following), ROLES[low])
            figure.sort = "person"
            return
        if not (low[0].isalnum() or low in {"'s", "’s"}) or (low in STOP and low not in {"of", "for", "to", "and"}):
            return


def _noun_end(prose: Prose, first: int, end: int) -> int:
    last = first
    while last < end and last - first < 6 and (prose.words[last][0].isalnum() or prose.lows[last] in {"'s", "’s"}):
        if last > first and prose.lows[last] in STOP and prose.lows[last] not in {"of", "the", "for"}:
            break
        last += 1
    return max(last, first)


def _add_office(prose: Prose, cast: Cast, figure: Figure, place: tuple[int, int], role: str) -> None:
    first, last = place
    words = frozenset(low for low in prose.lows[first:last] if low.isalpha() and low not in STOP)
    figure.offices.append((_in_full(prose, first, last), role, words))
    holders = cast.by_role.setdefault(role, [])
    if figure not in holders:
        holders.append(figure)


def _in_full(prose: Prose, first: int, last: int) -> str:
    """A description with the words in front that change it, and without small words that lead nowhere."""
    while first > 0 and prose.lows[first - 1] in _CHANGING:
        first -= 1
    while last - first > 1 and prose.lows[first] in {"and", "or"}:
        first += 1
    while last - first > 1 and prose.lows[last - 1] in _PREPOSITIONS:
        last -= 1
    return prose.slice(first, last)


def described(cast: Cast, lows: list[str]) -> tuple[Figure | None, int]:
    """Who a description means: the figure whose office shares its noun, and best its other words.

    Args:
        cast: The article's figures.
        lows: Words of the description, in lower case, its noun among them.

    Returns:
        The figure, or None where none or several fit alike; and how many other words agree.
    """
    role = next((ROLES[low] for low in reversed(lows) if low in ROLES), "")
    holders = cast.by_role.get(role, [])
    if not holders:
        return None, 0
    given = {low for low in lows if low.isalpha() and low not in STOP}
    scored = sorted(
        (
            (max(len(given & words) for _, noun, words in figure.offices if noun == role), figure.number)
            for figure in holders
        ),
        reverse=True,
    )
    if len(scored) > 1 and scored[0][0] == scored[1][0]:
        return None, 0
    return cast.figures[scored[0][1]], scored[0][0]
