"""Why a question went wrong, found out from the archive, so that nobody has to guess what to mend."""

from collections.abc import Iterator
from typing import Literal

from evals.gold import Question
from retrieval import Archive
from retrieval.folding import fold
from retrieval.types import Answer, Filters

Failure = Literal["cut", "not_retrieved", "ranked_below", "wrong_speaker", "wrongly_refused", "wrongly_answered"]

EXPLAINED: dict[Failure, str] = {
    "cut": "no passage holds half of a gold quote: it was cut by chunking",
    "not_retrieved": "no passage that answers was among the candidates",
    "ranked_below": "a passage that answers was found, and another ranked above it",
    "wrong_speaker": "the first passage is shown as said by somebody who was not asked for",
    "wrongly_refused": "answerable, and refused",
    "wrongly_answered": "nothing answers it, and it was answered",
}
"""What each failure means, for a reader."""


def failures(
    archive: Archive, question: Question, relevant: frozenset[str], ranked: tuple[str, ...], answer: Answer
) -> tuple[Failure, ...]:
    """What went wrong with a question: of the search, the ranking, the speaker and the refusal; empty if nothing did.

    Args:
        archive: That was asked.
        question: With its gold.
        relevant: Ids of the passages that hold half of a gold quote.
        ranked: Ids of the passages that came back, best first.
        answer: What was answered.
    """
    return tuple(_found(archive, question, relevant, ranked, answer))


def _found(
    archive: Archive, question: Question, relevant: frozenset[str], ranked: tuple[str, ...], answer: Answer
) -> Iterator[Failure]:
    if question.answerable and ranked[:1] != tuple(relevant.intersection(ranked[:1])):
        yield _of_the_search(archive, question, relevant, ranked)
    if question.answerable and _says_another(answer):
        yield "wrong_speaker"
    if question.answerable != answer.answered:
        yield "wrongly_refused" if question.answerable else "wrongly_answered"


def _of_the_search(archive: Archive, question: Question, relevant: frozenset[str], ranked: tuple[str, ...]) -> Failure:
    if not relevant:
        return "cut"
    if not relevant.isdisjoint(ranked):
        return "ranked_below"
    found = archive.considered(question.question, Filters(**question.filters))
    return "not_retrieved" if relevant.isdisjoint(found) else "ranked_below"


def _says_another(answer: Answer) -> bool:
    """Whether somebody else than who was asked for is shown as the speaker of the first passage."""
    first = answer.passages[0].attribution if answer.passages else None
    asked_for = {fold(name) for one in answer.speakers for name in (*one.names, *one.aliases)}
    return first is not None and bool(asked_for) and fold(first.name) not in asked_for
