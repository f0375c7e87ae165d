"""One record for all the names that the articles of an archive give one person.

What is uncertain stays apart: two records of one person cost an answer a few statements, one record of two people
puts the words of one into the other's mouth. Records are made when they are asked for, out of everything that the
current articles tell of the people of one surname.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.folding import fold
from retrieval.types import Person, Speaker, Tenure

_TITLES = frozenset(
    """mr mrs ms miss mx dr doctor prof professor sir dame lord lady baroness rt hon rev reverend cllr councillor sen
    senator rep gov governor""".split()
)
_GENERATIONS = frozenset("jr sr ii iii iv".split())
_SUFFIXES = _GENERATIONS | frozenset("mp msp qc kc obe cbe mbe phd md".split())
# Small words that belong to a surname: "Bill de Blasio".
_PARTICLES = frozenset("al bin da de del della den der di du el ibn la le ter ten van von".split())

# Well-known short forms of English given names. Those that are as often a name of their own (Jack, Harry, Ann) are
# left out: that they mean a John, a Henry or an Anna would be a guess.
_SHORT = {
    short: frozenset(fulls)
    for short, *fulls in map(
        str.split,
        """abby abigail; al albert alan alfred alexander; alex alexander alexandra; andy andrew; angie angela;
        barb barbara; becky rebecca; ben benjamin; bernie bernard; bert albert robert herbert; beth elizabeth
        bethany; betty elizabeth; bill william; billy william; bob robert; bobby robert; cathy catherine;
        charlie charles; chris christopher christine christina christian; chuck charles; cindy cynthia; dan
        daniel; danny daniel; dave david; debbie deborah; dick richard; don donald; doug douglas; ed edward
        edmund edwin; eddie edward edmund edwin; eddy edward edmund edwin; fran frances; frank francis
        franklin; fred frederick alfred; freddie frederick; gabby gabrielle; geoff geoffrey; greg gregory; gus
        augustus; hank henry; jackie jacqueline; jamie james; jeff jeffrey; jen jennifer; jenny jennifer;
        jerry gerald jeremy jerome; jess jessica; jim james; jimmy james; jo joanne joanna josephine; joe
        joseph; johnny john; jon jonathan; josh joshua; judy judith; kate katherine catherine kathryn; kathy
        katherine kathleen kathryn; katie katherine catherine kathryn; ken kenneth; larry lawrence laurence;
        len leonard; liz elizabeth; maggie margaret; mandy amanda; matt matthew; max maximilian maxwell; meg
        margaret; mick michael; mike michael; mitch mitchell; nick nicholas nicolas; pam patricia pamela; pat
        patricia patrick; patty patricia; peggy margaret; penny penelope; pete peter; phil philip phillip; ray
        raymond; rich richard; rick richard; ricky richard; rob robert; robbie robert; ron ronald; ronnie
        ronald; rudy rudolph; russ russell; sally sarah; sam samuel samantha; sandy alexander alexandra
        sandra; stan stanley; steph stephanie; steve steven stephen; stu stuart stewart; sue susan suzanne;
        susie susan suzanne; ted edward theodore; terry terence terrence theresa; tim timothy; toby tobias;
        tom thomas; tommy thomas; tony anthony antony; vic victor victoria; vicky victoria; vince vincent;
        walt walter; will william; willie william; zac zachary; zach zachary""".split(";"),
    )
}


def _families() -> dict[str, str]:
    """Given names that are forms of each other, or of a third, under one of them: Bob, Bert and Robert."""
    families: dict[str, str] = {}
    for short, fulls in _SHORT.items():
        met = {families[name] for name in (short, *fulls) if name in families}
        related = {short, *fulls} | {name for name, family in families.items() if family in met}
        families.update(dict.fromkeys(related, short))
    return families


_FAMILIES = _families()

# Determiners that begin a description and are no part of an office, nor is "then", which dates it.
_LEADING = frozenset("the a an his her their its our my then".split())
# With one of these in front, an office is another one.
CHANGING = frozenset("shadow former ex deputy vice acting assistant junior then outgoing incoming under".split())
_ABBREVIATED = {"sen": "senator", "gov": "governor", "rep": "representative"}
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Sighting:
    """What some articles tell of one person, all of them the same.

    Attributes:
        person: Names and offices.
        statements: How many statements of the person they hold, together; 0 or at least one each.
        articles: How many articles these are.
        first: The earliest of their dates; None if all are unknown.
        last: The latest.
    """

    person: Person
    statements: int
    articles: int
    first: str | None
    last: str | None


# Names --------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 14)
def surname(name: str) -> str:
    """The folded last word of a name, a suffix such as "Jr." left out."""
    return _parts(name)[1]


def family(name: str) -> str:
    """What two names of one surname have to share to be one person's, unless one has no given name but an initial.

    Returns:
        One of the given names that are related through short forms; an initial; or nothing for a bare surname.
    """
    first = _given(name).first
    return _FAMILIES.get(first, first)


def joined(seen: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The names of one surname, those together that are one person's.

    A name is held against all fuller ones: if it can mean one person, it is theirs; if it could mean two, it is
    nobody's but its own. Two names of different people of one article are never joined.

    Args:
        seen: Every name with the id of every article in which it is somebody's fullest name, in any order.
    """
    persons: list[_Person] = []
    by_first: dict[str, list[_Person]] = defaultdict(list)
    for one in sorted(_apart(seen), key=_order):
        fitting = [other for first in one.given.meant for other in by_first[first] if other.fits(one)]
        if len(fitting) == 1 and fitting[0].articles.isdisjoint(one.articles):
            fitting[0].take(one)
            continue
        persons.append(one)
        for key in {one.given.first, one.given.first[:1], ""}:
            by_first[key].append(one)
    return [one.names for one in persons]


def record(sightings: Sequence[Sighting]) -> Speaker:
    """The record of one person.

    Args:
        sightings: All that the archive holds of the person, at least one, in any order.
    """
    statements: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for one in sightings:
        statements[one.person.name] += one.statements
        for form in {one.person.name, *one.person.aliases}:
            seen[form] += one.articles

    def fullest(name: str) -> tuple[int, int, int, str]:
        return -min(_given(name).fullness, 2), -statements[name], -len(name), name

    names = sorted(statements, key=fullest)
    return Speaker(
        name=names[0],
        statements=statements.total(),
        articles=sum(one.articles for one in sightings if one.statements),
        names=tuple(names),
        aliases=tuple(sorted(seen, key=lambda form: (-seen[form], form))),
        offices=_tenures(sightings),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """What stands in a name beside the surname.

    Attributes:
        first: The given name that is used, or its initial; empty for a bare surname.
        middle: Initials of those that follow.
        generation: "jr", "iii"; empty if it is not said.
        fullness: 0 for a bare surname, 1 for an initial, 2 for a short form, 3 for a full given name.
        meant: What the first name, the initial or its want can stand for; ``joined`` finds people by each of them.
    """

    first: str
    middle: str
    generation: str
    fullness: int
    meant: tuple[str, ...]


@dataclass(slots=True)
class _Person:
    """Names that are taken to be one person's, and the articles that they stand in."""

    folded: str
    given: _Given
    middle: str
    names: list[str]
    articles: set[str]

    def fits(self, other: "_Person") -> bool:
        """Whether middle names and generation can be those of one person.

        A middle name that is not said can be any. A generation that is not said is another one, for father and son
        are told apart by nothing else, unless a middle name agrees.
        """
        agree = self.middle.startswith(other.middle) or other.middle.startswith(self.middle)
        sure = bool(self.middle and other.middle)
        return agree and (sure or self.given.generation == other.given.generation)

    def take(self, other: "_Person") -> None:
        self.middle = max(self.middle, other.middle, key=len)
        self.names += other.names
        self.articles |= other.articles


def _order(one: _Person) -> tuple[int, int, str]:
    """The fullest names first."""
    return -one.given.fullness, -len(one.middle), one.folded


def _apart(seen: Iterable[tuple[str, str]]) -> Iterable[_Person]:
    """A person for each name, but one for names that differ in nothing but case or accents."""
    articles: dict[str, set[str]] = defaultdict(set)
    for name, article in seen:
        articles[name].add(article)
    found: dict[str, _Person] = {}
    for name in sorted(articles):
        given = _given(name)
        one = _Person(fold(name), given, given.middle, [name], articles[name])
        if one.folded in found:
            found[one.folded].take(one)
        else:
            found[one.folded] = one
    return found.values()


@lru_cache(maxsize=1 << 16)  # the same names are held against each other for question after question
def _given(name: str) -> _Given:
    given, _, generation = _parts(name)
    # An initial in front of a name that is written out is not what somebody is called by: M. Stanton Evans.
    used = next((place for place, word in enumerate(given) if len(word) > 1), 0)
    first = given[used] if given else ""
    return _Given(
        first,
        "".join(word[0] for word in given[used + 1 :]),
        generation,
        2 + (first not in _SHORT) if len(first) > 1 else len(first),
        (first, *_SHORT.get(first, ())),
    )


def _parts(name: str) -> tuple[list[str], str, str]:
    """Given names, surname and generation of a name, folded; "H.W." is two given names."""
    # In capitals a particle may be a given name: Van Jones.
    small = _PARTICLES.intersection(name.split())
    words = [word.strip(".,") for word in fold(name).split() if word not in small]
    words = [word for word in words if word] or fold(name).split() or [""]
    generation = ""
    while len(words) > 1 and words[-1] in _SUFFIXES:
        suffix = words.pop()
        generation = suffix if suffix in _GENERATIONS else generation
    while len(words) > 1 and words[0] in _TITLES:
        del words[0]
    given = [part for word in words[:-1] for part in word.split(".") if part]
    return given, words[-1], generation


# Offices ------------------------------------------------------------------------------------------


def _tenures(sightings: Iterable[Sighting]) -> tuple[Tenure, ...]:
    """The offices of a person with the dates of the articles that name them, the latest first."""
    told: dict[tuple[str, ...], list[tuple[str, Sighting]]] = defaultdict(list)
    for one in sightings:
        for office in one.person.offices:
            told[_office_words(office)].append((without_determiner(office), one))
    # Among those of one date the most used come first, of those the longest: they say most.
    often = sorted(told, key=lambda words: (-sum(one.articles for _, one in told[words]), -len(words), words))
    found = [_tenure(told[words]) for words in often if words]
    return tuple(sorted(found, key=lambda tenure: tenure.last or "", reverse=True))


def _tenure(told: Sequence[tuple[str, Sighting]]) -> Tenure:
    forms: Counter[str] = Counter()
    for office, one in told:
        forms[office] += one.articles
    first = min((one.first for _, one in told if one.first is not None), default=None)
    last = max((one.last for _, one in told if one.last is not None), default=None)
    return Tenure(min(forms, key=lambda form: (-forms[form], form)), first, last)


def office_key(office: str) -> str:
    """An office as it is looked up: offices that end alike begin alike here.

    The words stand in reverse order, "of Barnardo's" counted as "Barnardo's" in front, and without those that change
    an office, which ``holds`` compares.
    """
    words = [word for word in _office_words(office) if word not in CHANGING]
    return "".join(f"{word} " for word in reversed(words))


def holds(held: str, asked: str) -> bool:
    """Whether who holds one office is meant by another: "Conservative children's minister" by "children's minister".

    Further words may stand in front of what is held, but none that changes it: a shadow minister is no minister, and
    a former one is meant only where a former one is asked for.
    """
    changed, meant = ([word for word in _office_words(office) if word in CHANGING] for office in (held, asked))
    key = office_key(asked)
    return bool(key) and office_key(held).startswith(key) and set(changed) == set(meant)


def without_determiner(office: str) -> str:
    """An office without what begins a description of it: "the", "his", "then"."""
    words = office.split()
    while words and fold(words[0]) in _LEADING:
        del words[0]
    return " ".join(words)


@lru_cache(maxsize=4096)  # a few offices are most of those that articles name
def _office_words(office: str) -> tuple[str, ...]:
    """Folded words of an office, its noun last: "chief executive of Barnardo's" as "Barnardo's chief executive"."""
    words = [word.removesuffix("'s") for word in _WORD.findall(fold(without_determiner(office)))]
    turned: list[str] = []
    part: list[str] = []
    for word in words:
        if word in {"of", "for"}:
            turned, part = [*part, *turned], []
        elif word not in {"the", "a", "an"}:
            part.append(_ABBREVIATED.get(word, word))
    return (*part, *turned)
