"""Articles by the thousand, as a trade press would print them; the i-th of a seed is always the same.

Each is made from nothing but the seed and its number: a longer run begins with a shorter one, and nothing is kept.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from evals.bench import words
from evals.bench.world import Draw, Named, Pattern, Pool, Topic, World

_FIRST_DAY, _DAYS = date(2009, 1, 1), 16 * 365
_DIRECT, _INDIRECT, _REPORT, _TITLES = (
    tuple(Pattern.of(one) for one in written) for written in (words.DIRECT, words.INDIRECT, words.REPORT, words.TITLES)
)


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of an article.

    Attributes:
        quote: Its words, as they stand in the article, without quotation marks.
        about: What it is about, in two of its words.
        place: Also in it.
    """

    speaker: Named
    quote: str
    about: str
    place: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Made:
    """An article, and what is said in it.

    Attributes:
        record: As a line of JSONL has it (``ingest.read``).
    """

    record: dict[str, str]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an article will be about, before a sentence of it is written; quickly made."""

    random: Random
    topic: Topic
    people: tuple[Named, ...]
    places: Pool
    published: date


def article_id(number: int) -> str:
    """Name of the article of a number."""
    return f"{number:06d}"


def plan(of: World, number: int) -> Plan:
    """The plan of an article."""
    random = Random(f"{of.seed}/{number}")
    topic = of.topics[int(len(of.topics) * random.random() ** 2)]
    who = topic.people.stream(random, 8)
    people = {of.people[int(who())]: None for _ in range(random.randint(2, 6))}
    places = Pool(random.choices(of.places.things, cum_weights=of.places.weights, k=4), 0.3)
    return Plan(random, topic, tuple(people), places, _FIRST_DAY + timedelta(random.randrange(_DAYS)))


def article(of: World, number: int) -> Made:
    """The article of a number."""
    planned = plan(of, number)
    random, published = planned.random, planned.published
    writing = _Writing(planned, draw(of, planned))
    title = _sentence(random.choice(_TITLES).fill(writing.draw)[0])
    # Log-normal, as lengths of articles are: half of them between 8 and 14 paragraphs.
    for _ in range(min(max(int(random.lognormvariate(2.37, 0.42)), 3), 60)):
        writing.paragraph()
    author, paper = of.authors[int(len(of.authors) * random.random() ** 1.5)]
    record = {
        "id": article_id(number),
        "title": title,
        "text": "\n\n".join(writing.paragraphs),
        "url": f"https://news.example/{published:%Y/%m}/{number}",
        "publisher": paper,
        "author": author,
        "published": published.isoformat(),
    }
    return Made(record, tuple(writing.said))


def draw(of: World, planned: Plan) -> Draw:
    """What fills the slots in an article."""
    random, topic = planned.random, planned.topic
    return {
        "N": topic.things.stream(random),
        "C": topic.compounds.stream(random, 8),
        "A": topic.adjectives.stream(random),
        "V": topic.verbs.stream(random),
        "G": of.nouns.stream(random),
        "P": planned.places.stream(random, 8),
        "O": topic.bodies.stream(random, 8),
        "D": lambda: _amount(random),
        "X": of.names.stream(random, 8),
        "T": of.tails.stream(random, 8),
    }


def write(of: World, numbers: range, path: Path) -> None:
    """Write articles as JSONL, one after the other."""
    with path.open("w", encoding="utf-8") as file:
        for number in numbers:
            file.write(json.dumps(article(of, number).record, ensure_ascii=False) + "\n")


class _Writing:
    """An article as it grows."""

    def __init__(self, planned: Plan, draw: Draw) -> None:
        self.draw = draw
        self.paragraphs: list[str] = []
        self.said: list[Said] = []
        self._random = planned.random
        self._people = planned.people
        self._known: set[Named] = set()

    def paragraph(self) -> None:
        """A paragraph of two to four sentences, in every other one of which somebody speaks."""
        sentences: list[str] = []
        if not self.paragraphs or self._random.random() < 0.5:
            sentences += [self._told() for _ in range(self._random.randint(1, 3))]
        if not sentences or self._random.random() < 0.35:
            speaker = self._random.choice(self._people)
            sentences += self._statement(speaker)
        self.paragraphs.append(" ".join(sentences))

    def _told(self) -> str:
        clause = self._random.choice(_REPORT).fill(self.draw)[0]
        kind = self._random.random()
        if kind < 0.3:
            return f"{self._random.choice(words.LEAD_INS)}, {clause}."
        if kind < 0.5:
            return f"{_sentence(clause)}, while {self._random.choice(_REPORT).fill(self.draw)[0]}."
        return f"{_sentence(clause)}."

    def _statement(self, speaker: Named) -> Iterator[str]:
        """What somebody says, and more of it from "she" or "he"."""
        yield self._reported(speaker, self._name(speaker))
        while self._random.random() < 0.45:
            yield self._reported(speaker, speaker.pronoun)

    def _name(self, speaker: Named) -> str:
        """In full with the office the first time, later the surname."""
        if speaker in self._known:
            return speaker.surname if self._random.random() < 0.8 else speaker.name
        self._known.add(speaker)
        return f"{speaker.name}, {speaker.office} of the {speaker.body},"

    def _reported(self, speaker: Named, source: str) -> str:
        direct = self._random.random() < 0.6
        quote = self._content(speaker, direct=direct)
        cue = self._random.choice(words.CUES)
        if not direct:
            that = f"{cue} {'us ' if cue == 'told' else ''}that" if cue != "stressed" else "stressed that"
            return f"{_sentence(source)} {that} {quote}."
        if cue == "told":
            return f"“{quote},” {source.rstrip(',')} told {self._random.choice(_LISTENERS)}."
        if self._random.random() < 0.25:
            return f"{_sentence(source)} {cue}: “{quote}.”"
        if source in ("he", "she"):
            return f"“{quote},” {source} {cue}."
        return f"“{quote},” {cue} {source.rstrip(',')}."

    def _content(self, speaker: Named, *, direct: bool) -> str:
        pattern = self._random.choice(_DIRECT if direct else _INDIRECT)
        quote, put = pattern.fill(self.draw)
        self.said.append(Said(speaker, quote, *pattern.about(put), direct=direct))
        return quote


_LISTENERS = ("the conference", "reporters", "the committee", "members", "this paper", "a public meeting")


def _amount(random: Random) -> str:
    kind = random.random()
    if kind < 0.4:
        return f"£{random.randint(1, 99)}.{random.randint(1, 9)}m"
    if kind < 0.7:
        return f"{random.randint(2, 98)} per cent"
    return f"{random.randint(1, 40)},{random.randint(0, 999):03d}" if kind < 0.9 else f"£{random.randint(2, 9)}bn"


def _sentence(clause: str) -> str:
    return clause[0].upper() + clause[1:]
