"""Questions about the articles that were made: some with known answers, and any number of distinct ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from evals.bench import words
from evals.bench.articles import Made, Said, article, article_id, draw, plan
from evals.bench.world import World
from evals.gold import Gold, Question

_KINDS = ("said", "said", "surname", "keywords", "dated", "absent topic", "absent person")


def known(of: World, articles: int, count: int) -> Iterator[Question]:
    """Questions with known answers, of articles 0 to ``articles``, by turns of each kind; always the same.

    =============  ================================================================================
    said           what somebody said about something somewhere; the answer is one statement
    surname        the same, by the surname alone
    keywords       a few words of the statement, without anybody's name
    dated          as said, with the month
    absent topic   somebody who is quoted, on what no article is about: no answer
    absent person  somebody whom no article names: no answer
    =============  ================================================================================

    Args:
        of: The world that the articles are of.
        articles: How many articles there are.
        count: How many questions.
    """
    random = Random(f"{of.seed}/known")
    for number in range(count):
        made = article(of, int(random.random() * articles))
        while not made.said:
            made = article(of, int(random.random() * articles))
        yield _known(random, made, _KINDS[number % len(_KINDS)], number)


def load(of: World, articles: int) -> Iterator[str]:
    """Questions without end, no two of them the same: who in an article, on what its topic has, where.

    Memory grows with the number of questions that are taken, by some hundred bytes each, not with that of articles.
    """
    random = Random(f"{of.seed}/load")
    asked: set[int] = set()
    while True:
        planned = plan(of, int(random.random() * articles))
        # Other words than those of the article's own start, whenever the article comes up again.
        slots = draw(of, replace(planned, random=random))
        question = random.choice(_LOAD)(
            _Words(random.choice(planned.people).name, slots["A"](), slots["N"](), slots["P"]())
        )
        if hash(question) not in asked:
            asked.add(hash(question))
            yield question


def _known(random: Random, made: Made, kind: str, number: int) -> Question:
    said = random.choice(made.said)
    answerable = not kind.startswith("absent")
    return Question(
        id=f"{number:05d}",
        question=_ASKED[kind](random, made, said),
        kind=kind,
        gold=(Gold(article_id(int(made.record["id"])), said.quote),) if answerable else (),
        answerable=answerable,
    )


def _month(made: Made) -> str:
    year, month, _ = made.record["published"].split("-")
    return f"{words.MONTHS[int(month) - 1]} {year}"


_ASKED: dict[str, Callable[[Random, Made, Said], str]] = {
    "said": lambda _, __, said: f"What did {said.speaker.name} say about {said.about} in {said.place}?",
    "surname": lambda _, __, said: f"what does {said.speaker.surname} think of {said.about} in {said.place}",
    "keywords": lambda _, __, said: f"{said.about} {said.place}",
    "dated": lambda _, made, said: (
        f"What did {said.speaker.name} say about {said.about} in {said.place} in {_month(made)}?"
    ),
    "absent topic": lambda random, _, said: f"What did {said.speaker.name} say about {random.choice(words.ABSENT)}?",
    "absent person": lambda random, _, said: (
        f"What did {said.speaker.given} {random.choice(words.ABSENT_SURNAMES)} say about {said.about}?"
    ),
}


@dataclass(frozen=True, slots=True)
class _Words:
    name: str
    adjective: str
    noun: str
    place: str


_LOAD: tuple[Callable[[_Words], str], ...] = (
    lambda of: f"What did {of.name} say about {of.adjective} {of.noun} in {of.place}?",
    lambda of: f"what does {of.name} think of {of.adjective} {of.noun}",
    lambda of: f"{of.name} on {of.noun} in {of.place}",
    lambda of: f"{of.adjective} {of.noun} in {of.place}",
    lambda of: f"Who said that {of.noun} in {of.place} are {of.adjective}?",
)
