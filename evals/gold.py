"""Evaluation sets: questions, and the words in the articles that answer them.

A set is a JSONL file, a question a line::

    {"id", "question", "kind", "filters"?, "gold": [{"article", "quote"}], "answerable", "note"?}

Gold is a verbatim quote, not the number of a passage, so that a set outlives any change of how articles are
cut into passages.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals import jsonl
from retrieval.errors import EvaluationError
from retrieval.lexical import analyze
from retrieval.types import Filters, Span

DRAFT = "DRAFT"
"""What the note of a question begins with that no person has confirmed."""

FIELDS = frozenset({"id", "question", "kind", "filters", "gold", "answerable", "note"})
_GOLD_FIELDS = frozenset({"article", "quote"})
_FILTERS = frozenset(each.name for each in fields(Filters))

# Dropped, not made one: an article may print "word", ‘word’ or no mark at all where the quote has “word”.
_MARKS = dict.fromkeys(map(ord, "'\"`´‘’‚‛“”„‟‹›«»＂＇"))


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of an article that answer a question, verbatim."""

    article: str
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an evaluation set.

    Attributes:
        kind: What sort of question it is, for results by kind; free text.
        gold: Everything in the archive that answers it; empty if nothing does.
        answerable: False where the right result is that nothing answers it.
        filters: Names and values as in ``retrieval.types.Filters``.
        note: Why the gold is what it is, where that is not obvious.
    """

    id: str
    question: str
    kind: str
    gold: tuple[Gold, ...]
    answerable: bool
    filters: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None

    @property
    def draft(self) -> bool:
        """Whether no person has confirmed it yet."""
        return self.note is not None and self.note.startswith(DRAFT)

    def as_json(self) -> dict[str, Any]:
        """The question as a line of a set has it."""
        return {
            "id": self.id,
            "question": self.question,
            "kind": self.kind,
            **({"filters": dict(self.filters)} if self.filters else {}),
            "gold": [{"article": one.article, "quote": one.quote} for one in self.gold],
            "answerable": self.answerable,
            **({"note": self.note} if self.note is not None else {}),
        }


def fold(text: str) -> str:
    """Text as it is compared: without quotation marks and apostrophes, runs of white space made one space.

    Args:
        text: Any text.

    Returns:
        The folded text. Case, dashes and all other characters are as they were.
    """
    return " ".join(text.translate(_MARKS).split())


# The same passages and quotes come back for question after question.
_folded = lru_cache(maxsize=8192)(fold)


def holds(passage_text: str, quote: str) -> bool:
    """Whether a passage holds at least half of a quote, which makes it relevant.

    Args:
        passage_text: Text of a passage of the article that the quote is from.
        quote: A gold quote.

    Returns:
        True if one stretch of the folded quote, at least half of it long, is in the folded passage.
    """
    text, wanted = _folded(passage_text), _folded(quote)
    half = (len(wanted) + 1) // 2
    if not wanted or len(text) < half:
        return False
    if wanted in text:
        return True
    # Every stretch of that length contains a whole block of this grid, so that most passages are done after
    # looking for four blocks.
    block = (half + 1) // 2
    starts = range(0, len(wanted) - block + 1, block)
    if not any(wanted[at : at + block] in text for at in starts):
        return False
    return any(wanted[at : at + half] in text for at in range(len(wanted) - half + 1))


def places(text: str, quote: str) -> list[Span]:
    """Where an article has a quote, compared folded.

    Args:
        text: Text of the article.
        quote: Words of it.

    Returns:
        Spans of ``text``, in order, from the first to the last character of the quote that folding keeps; a quote
        is never found inside a word.
    """
    kept: list[tuple[int, str]] = []
    for at, character in enumerate(text):
        folded = " " if character.isspace() else character
        if ord(character) not in _MARKS and not (folded == " " and kept and kept[-1][1] == " "):
            kept.append((at, folded))
    wanted = re.compile(rf"(?<!\w){re.escape(fold(quote))}(?!\w)")
    found = wanted.finditer("".join(folded for _, folded in kept))
    return [Span(kept[each.start()][0], kept[each.end() - 1][0] + 1) for each in found if each.group()]


def overlap(words: Collection[str], gold: Iterable[Gold]) -> float | None:
    """How much of a question can be found by its words alone: the largest share of them in any one gold quote.

    Args:
        words: Its content words, analysed, without the names of those who are asked for.
        gold: What answers it; None comes back where there is none, 0 where the question has no words.
    """
    shares = [len(set(words).intersection(analyze(one.quote))) / max(len(set(words)), 1) for one in gold]
    return max(shares, default=None)


def load(path: Path) -> tuple[Question, ...]:
    """Read an evaluation set.

    Args:
        path: A JSONL file; empty lines are skipped.

    Returns:
        The questions in the order of the file.

    Raises:
        EvaluationError: The file cannot be read or a line is no question; names file, line and one problem.
    """
    questions: dict[str, Question] = {}
    for row, where in jsonl.rows(path):
        question = read_question(row, where)
        if question.id in questions:
            raise EvaluationError(f"{where}: id {question.id!r} is taken by an earlier line; give it another one")
        questions[question.id] = question
    if not questions:
        raise EvaluationError(f"{path}: no question in it; put in one JSON object a line")
    return tuple(questions.values())


def validate(questions: Iterable[Question], texts: Mapping[str, str]) -> None:
    """Check that every gold quote is in its article, compared folded.

    Args:
        questions: The questions of a set.
        texts: The text of every article by its id.

    Raises:
        EvaluationError: Names every quote that is not in its article or whose article is not in ``texts``.
    """
    folded: dict[str, str] = {}
    problems = []
    for question in questions:
        for gold in question.gold:
            if gold.article not in texts:
                problems.append(f"{question.id}: there is no article {gold.article!r}")
                continue
            if gold.article not in folded:
                folded[gold.article] = fold(texts[gold.article])
            if fold(gold.quote) not in folded[gold.article]:
                problems.append(f"{question.id}: article {gold.article!r} does not say {gold.quote!r}")
    if problems:
        raise EvaluationError(f"gold that is not in the articles ({len(problems)}): {'; '.join(problems)}")


def read_question(row: jsonl.Row, where: str) -> Question:
    """The question of a line.

    Raises:
        EvaluationError: It is none; names one problem.
    """
    jsonl.only(row, FIELDS, where, "field")
    question = Question(
        id=jsonl.text(row, "id", where),
        question=jsonl.text(row, "question", where),
        kind=jsonl.text(row, "kind", where),
        gold=tuple(
            read_gold(each, where) for each in jsonl.typed(jsonl.need(row, "gold", where), list, where, "'gold'")
        ),
        answerable=jsonl.typed(jsonl.need(row, "answerable", where), bool, where, "'answerable'"),
        filters=read_filters(row.get("filters", {}), where),
        note=jsonl.text(row, "note", where) if "note" in row else None,
    )
    check_consistent(question.answerable, bool(question.gold), where)
    return question


def check_consistent(answerable: bool, has_gold: bool, where: str) -> None:
    """See that a question has gold if, and only if, something answers it.

    Raises:
        EvaluationError: It is not so.
    """
    if answerable and not has_gold:
        raise EvaluationError(f"{where}: answerable, but without gold; add what answers it or say false")
    if has_gold and not answerable:
        raise EvaluationError(f"{where}: not answerable, but with gold; take the gold out or say true")


def read_gold(value: object, where: str) -> Gold:
    """One element of a line's gold.

    Raises:
        EvaluationError: It is none.
    """
    row = jsonl.typed(value, dict, where, "each gold")
    jsonl.only(row, _GOLD_FIELDS, where, "field of gold")
    gold = Gold(article=jsonl.text(row, "article", where), quote=jsonl.text(row, "quote", where))
    if not fold(gold.quote):
        raise EvaluationError(f"{where}: quote {gold.quote!r} has no words; quote what answers the question")
    return gold


def read_filters(value: object, where: str) -> dict[str, str]:
    """The filters of a line, by name.

    Raises:
        EvaluationError: One of them is unknown or has no value.
    """
    row = jsonl.typed(value, dict, where, "'filters'")
    jsonl.only(row, _FILTERS, where, "filter")
    return {name: jsonl.text(row, name, where) for name in row}
