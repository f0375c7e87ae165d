"""Who there is to write about, and what: the same people, topics, places and papers for every article of a seed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random

from evals.bench import words

PEOPLE, TOPICS_OF_A_TRADE, AUTHORS, PLACES, NAMES = 4_000, 12, 300, 1_500, 30_000

Draw = Mapping[str, Callable[[], str]]
"""For each slot of a pattern what to call for the next words to put there."""

_SLOT = re.compile(r"\{(\w)\}")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who is quoted."""

    given: str
    surname: str
    woman: bool
    office: str
    body: str

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given} {self.surname}"

    @property
    def pronoun(self) -> str:
        """In the nominative, small."""
        return "she" if self.woman else "he"


class Pool:
    """Things of which the one of rank r, from 0, is drawn in proportion to 1 / (r + shift): Zipf and Mandelbrot's law.

    Attributes:
        things: The most frequent first.
        weights: Summed up, for ``random.choices``.
    """

    def __init__(self, things: Sequence[str], shift: float = 1.0) -> None:
        """See the attributes."""
        self.things = things
        self.weights = list(accumulate(1 / (rank + shift) for rank in range(len(things))))

    def stream(self, random: Random, at_once: int = 16) -> Callable[[], str]:
        """What to call for one after the other."""
        return self._drawn(random, at_once).__next__

    def _drawn(self, random: Random, at_once: int) -> Iterator[str]:
        while True:
            # Many at once: drawing them one by one takes several times as long.
            yield from random.choices(self.things, cum_weights=self.weights, k=at_once)


@dataclass(frozen=True, slots=True)
class Topic:
    """What an article is about.

    Attributes:
        things: Plural nouns, those of its trade and then any.
        compounds: Rare words of the trade.
        people: Numbers of those who speak on it, as strings, the most quoted first.
    """

    trade: str
    things: Pool
    compounds: Pool
    adjectives: Pool
    verbs: Pool
    people: Pool
    bodies: Pool


@dataclass(frozen=True, slots=True)
class World:
    """All that articles of one seed share."""

    seed: int
    people: tuple[Named, ...]
    topics: tuple[Topic, ...]
    authors: tuple[tuple[str, str], ...]
    places: Pool
    names: Pool
    tails: Pool
    nouns: Pool
    papers: Pool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A clause with slots, made ready for filling."""

    text: str
    slots: tuple[str, ...]

    @classmethod
    def of(cls, written: str) -> "Pattern":
        """From the form in which ``words`` has it."""
        return cls(_SLOT.sub("%s", written), tuple(_SLOT.findall(written)))

    def fill(self, draw: Draw) -> tuple[str, tuple[str, ...]]:
        """The clause, and what was put into its slots."""
        put = tuple([draw[slot]() for slot in self.slots])
        return self.text % put, put

    def about(self, put: tuple[str, ...]) -> tuple[str, str]:
        """What a filled clause is about, and the place: of "{A} {N}" that stand together, and of its first {P}."""
        at = next(at for at, pair in enumerate(zip(self.slots, self.slots[1:], strict=False)) if pair == ("A", "N"))
        return f"{put[at]} {put[at + 1]}", put[self.slots.index("P")]


@lru_cache(maxsize=2)
def world(seed: int) -> World:
    """The world of a seed; always the same."""
    random = Random(f"{seed}/world")
    people = tuple(_people(random))
    places = _shuffled(random, [a + b for a in words.PLACE_HEADS for b in words.PLACE_TAILS])[:PLACES]
    return World(
        seed=seed,
        people=people,
        topics=tuple(
            _topic(random, trade, *written) for trade, written in words.TRADES.items() for _ in range(TOPICS_OF_A_TRADE)
        ),
        authors=tuple(_authors(random)),
        places=Pool(places, 20),
        names=Pool(list(_names(random)), 200),
        tails=Pool(words.TAILS, 10),
        nouns=Pool([plural(noun) for noun in words.GENERAL_NOUNS], 8),
        papers=Pool(words.PUBLISHERS, 3),
    )


def plural(noun: str) -> str:
    """A regular plural."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def _people(random: Random) -> Iterator[Named]:
    surnames = _surnames(random)
    taken: set[tuple[str, str]] = set()
    while len(taken) < PEOPLE:
        woman = random.random() < 0.45
        name = (random.choice(words.WOMEN if woman else words.MEN), random.choice(surnames))
        if name not in taken:
            taken.add(name)
            yield Named(*name, woman, random.choice(words.OFFICES), _body(random))


def _names(random: Random) -> Iterator[str]:
    """Words that no dictionary has."""
    for _ in range(NAMES):
        middle = random.choice(words.SURNAME_HEADS).lower()
        yield random.choice(words.PLACE_HEADS) + middle + random.choice(words.SURNAME_TAILS)


def _surnames(random: Random) -> list[str]:
    return _shuffled(random, [a + b for a in words.SURNAME_HEADS for b in words.SURNAME_TAILS])


def _body(random: Random) -> str:
    head = random.choice(words.PLACE_HEADS) + random.choice(words.PLACE_TAILS)
    return f"{head} {random.choice(words.BODIES)}"


def _authors(random: Random) -> Iterator[tuple[str, str]]:
    """Names, each with the paper that they write for."""
    surnames = _surnames(random)
    for number in range(AUTHORS):
        name = f"{random.choice(words.WOMEN + words.MEN)} {random.choice(surnames)}"
        yield name, words.PUBLISHERS[number % len(words.PUBLISHERS)]


def _topic(random: Random, trade: str, nouns: str, adjectives: str, verbs: str) -> Topic:
    things = _shuffled(random, nouns.split())
    compounds = [f"{a}-{plural(b)}" for a in things for b in things if a != b and "-" not in a + b]
    # A few of them make the topic; the others of the trade, and then words of any trade, are its tail.
    any_trade = _shuffled(random, words.GENERAL_NOUNS)
    return Topic(
        trade=trade,
        things=Pool([plural(noun) for noun in (*things, *any_trade)]),
        compounds=Pool(_shuffled(random, compounds), 10),
        adjectives=Pool(_shuffled(random, adjectives.split()) + _shuffled(random, words.GENERAL_ADJECTIVES), 4),
        verbs=Pool(_shuffled(random, verbs.split()) + _shuffled(random, words.GENERAL_VERBS), 4),
        people=Pool(_speakers(random), 2),
        bodies=Pool([_body(random) for _ in range(60)], 3),
    )


def _speakers(random: Random) -> list[str]:
    """Those who speak on one topic: its own people, and between them some who are quoted on everything."""
    own = [str(number) for number in random.sample(range(PEOPLE), 120)]
    for place in range(1, 60, 4):
        own.insert(place, str(int(random.paretovariate(0.6)) % PEOPLE))
    return own


def _shuffled(random: Random, things: Sequence[str]) -> list[str]:
    return random.sample(things, len(things))
