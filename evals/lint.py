"""What is wrong with an evaluation set, all at once.

An error makes figures of the set wrong, or keeps it from being run; a warning says what they will not tell, or tell
less well. With an archive, gold is held against its articles and their passages; without one the form alone is
checked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from evals import jsonl
from evals.beir import is_beir
from evals.corpus import Corpus
from evals.gold import (
    FIELDS,
    Gold,
    Question,
    check_consistent,
    fold,
    holds,
    overlap,
    places,
    read_filters,
    read_gold,
    read_question,
)
from evals.quoting import nearest
from evals.significance import interval_of_mean
from evals.statements import beside
from evals.statements import load as load_statements
from retrieval.archive import check_request
from retrieval.errors import EvaluationError, InvalidRequest
from retrieval.lexical import analyze
from retrieval.types import Filters, Passage

Severity = Literal["error", "warning"]

MOST_COPIED = 1 / 3
"""Share of a question's content words up to which it has a low overlap with its gold."""
_FEW = 10


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one question, or about a set.

    Attributes:
        check: Which check says so, in a word or two.
        problem: What is wrong and, where that is not obvious, what to do; one line.
    """

    severity: Severity
    check: str
    problem: str


@dataclass(frozen=True, slots=True)
class Finding(Remark):
    """A remark and its place.

    Attributes:
        where: ``FILE:LINE``, or ``FILE`` where it is about all of it.
    """

    where: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set is made of.

    Attributes:
        drafts: Questions that nobody has confirmed.
        low_overlap: Share of the answerable questions with at most a third of their content words in any one gold
            quote; None without an archive, which knows whose name is no content, or without such questions.
    """

    file: str
    questions: int
    answerable: int
    drafts: int
    kinds: dict[str, int]
    low_overlap: float | None


@dataclass(frozen=True, slots=True)
class Lint:
    """All that was found in one or more sets."""

    findings: tuple[Finding, ...]
    sets: tuple[Figures, ...]

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(one.severity == "error" for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "errors": self.errors,
            "warnings": len(self.findings) - self.errors,
            "findings": [asdict(one) for one in self.findings],
            "sets": [asdict(one) for one in self.sets],
        }


def lint(path: Path, corpus: Corpus | None) -> Lint:
    """Look for everything that is wrong with a set.

    Args:
        path: A set, or a folder with sets (``*.jsonl``), each with the statements that lie beside it.
        corpus: What it asks about; None checks the form alone.

    Raises:
        EvaluationError: There is no set, or it is in another form.
    """
    found = [_lint_file(one, corpus) for one in _sets(path)]
    return Lint(
        findings=tuple(finding for findings, _ in found for finding in findings),
        sets=tuple(figures for _, figures in found),
    )


def of_question(question: Question, corpus: Corpus | None) -> Iterator[Remark]:
    """What is wrong with one question that has the form of one."""
    try:
        check_request(question.question, 1, Filters(**question.filters))
    except InvalidRequest as error:
        yield Remark("error", "request", f"cannot be asked: {error}")
    if question.draft:
        yield Remark("warning", "draft", "nobody has confirmed it: `onrecord eval new SET --draft FILE` walks through")
    if len(set(question.gold)) < len(question.gold):
        yield Remark("warning", "gold twice", "the same quote is gold twice")
    if corpus is not None:
        for gold in dict.fromkeys(question.gold):
            yield from of_gold(gold, corpus)


def key(question: Question) -> tuple[object, ...]:
    """Equal for questions that ask the same in the same words, whatever their punctuation and endings."""
    return tuple(analyze(question.question)), tuple(sorted(question.filters.items()))


def _sets(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if is_beir(path):
        raise EvaluationError(
            f"{path}: a BEIR collection, not a set; `onrecord eval {path}` runs it as it is, "
            f"`onrecord eval import {path} --out SET.jsonl` makes a set of it"
        )
    files = sorted(path.glob("*.jsonl"))
    statements = {beside(one) for one in files}
    if not files:
        raise EvaluationError(f"{path}: no set in it; name a .jsonl file, or a folder that has some")
    return [one for one in files if one not in statements]


def _lint_file(path: Path, corpus: Corpus | None) -> tuple[list[Finding], Figures]:
    findings: list[Finding] = []
    read: list[tuple[Question, str]] = []
    for line, where in jsonl.lines(path):
        problems = list(_form(line, where))
        findings += (Finding("error", "form", problem, where) for problem in problems)
        if not problems:
            read.append((read_question(jsonl.parse(line, where), where), where))
    if not findings and not read:
        findings.append(Finding("error", "empty", "no question in it; put in one JSON object a line", str(path)))
    for question, where in read:
        findings += (_at(where, remark, question) for remark in of_question(question, corpus))
    findings += _repeated(read)
    figures = _figures(path, [question for question, _ in read], corpus)
    findings += (Finding(one.severity, one.check, one.problem, str(path)) for one in _of_set(figures))
    return [*findings, *_of_statements(beside(path))], figures


def _at(where: str, remark: Remark, question: Question) -> Finding:
    return Finding(remark.severity, remark.check, f"{question.id}: {remark.problem}", where)


def _form(line: str, where: str) -> Iterator[str]:
    """Every way in which a line is no question."""
    try:
        row = jsonl.parse(line, where)
    except EvaluationError as error:
        yield str(error).removeprefix(f"{where}: ")
        return
    for check in _checks(row, where):
        try:
            check()
        except EvaluationError as error:
            yield str(error).removeprefix(f"{where}: ")


def _checks(row: jsonl.Row, where: str) -> Iterator[Callable[[], object]]:
    for name in row:
        yield partial(jsonl.only, {name: row[name]}, FIELDS, where, "field")
    yield from (partial(jsonl.text, row, name, where) for name in ("id", "question", "kind"))
    if "note" in row:
        yield partial(jsonl.text, row, "note", where)
    filters = row.get("filters", {})
    for one in [{name: value} for name, value in filters.items()] if isinstance(filters, dict) else [filters]:
        yield partial(read_filters, one, where)
    gold = row.get("gold")
    yield lambda: jsonl.typed(jsonl.need(row, "gold", where), list, where, "'gold'")
    yield from (partial(read_gold, one, where) for one in (gold if isinstance(gold, list) else ()))
    answerable = row.get("answerable")
    yield lambda: jsonl.typed(jsonl.need(row, "answerable", where), bool, where, "'answerable'")
    if isinstance(answerable, bool) and isinstance(gold, list):
        yield partial(check_consistent, answerable, bool(gold), where)


def of_gold(gold: Gold, corpus: Corpus) -> Iterator[Remark]:
    """What is wrong with a quote, held against its article and the passages of that."""
    if gold.article not in corpus:
        yield Remark("error", "article", f"there is no article {gold.article!r} in the archive")
        return
    text, passages = corpus.article(gold.article).text, corpus.passages(gold.article)
    if not corpus.says(gold):
        near = nearest(text, gold.quote)
        instead = "; nothing in it is like that" if near is None else f"; it says {text[near.start : near.end]!r}"
        yield Remark("error", "quote", f"article {gold.article!r} does not say {gold.quote!r}{instead}")
        return
    if corpus.says(gold) > 1 and (times := len(places(text, gold.quote))) > 1:
        problem = f"{gold.quote!r} stands {times} times in article {gold.article!r}, and each counts"
        yield Remark("warning", "several places", problem)
    if len(fold(gold.quote)) > max((len(fold(one.text)) for one in passages), default=0):
        problem = f"{gold.quote[:60]!r}... is longer than any passage of article {gold.article!r}; quote what answers"
        yield Remark("warning", "long", problem)
    held = [one for one in passages if holds(one.text, gold.quote)]
    if not held:
        yield Remark("warning", "cut", f"no passage of article {gold.article!r} holds half of {gold.quote!r}")
    if loose := _loose(held, gold, text):
        problem = f"half of {gold.quote!r} is also in {loose} of the passages that do not have it; quote more"
        yield Remark("warning", "loose", problem)


def _loose(held: Iterable[Passage], gold: Gold, text: str) -> int:
    """How many passages hold half of a quote without any of it being where the quote is."""
    parted = [one for one in held if fold(gold.quote) not in fold(one.text)]
    found = places(text, gold.quote) if parted else []
    return sum(not any(one.start < span.end and span.start < one.end for span in found) for one in parted)


def _repeated(read: Sequence[tuple[Question, str]]) -> Iterator[Finding]:
    ids: dict[str, str] = {}
    asked: dict[object, tuple[Question, str]] = {}
    for question, where in read:
        first = ids.setdefault(question.id, where)
        if first != where:
            yield Finding("error", "id", f"id {question.id!r} is taken by {first}; give it another one", where)
        earlier, there = asked.setdefault(key(question), (question, where))
        if there == where:
            continue
        if earlier.answerable is question.answerable or fold(earlier.question) != fold(question.question):
            yield Finding("warning", "question twice", f"{question.id}: asks the same as {earlier.id}, {there}", where)
        else:
            problem = f"{question.id}: answerable in one place and not in the other: the same as {earlier.id}, {there}"
            yield Finding("error", "question twice", problem, where)


def _figures(path: Path, questions: Sequence[Question], corpus: Corpus | None) -> Figures:
    return Figures(
        file=str(path),
        questions=len(questions),
        answerable=sum(one.answerable for one in questions),
        drafts=sum(one.draft for one in questions),
        kinds=dict(Counter(one.kind for one in questions)),
        low_overlap=None if corpus is None else _low_overlap(questions, corpus),
    )


def _low_overlap(questions: Iterable[Question], corpus: Corpus) -> float | None:
    shares = [overlap(corpus.archive.interpret(one.question).topic, one.gold) for one in questions if one.answerable]
    low = [share is not None and share <= MOST_COPIED for share in shares]
    return sum(low) / len(low) if low else None


def _of_set(figures: Figures) -> Iterator[Remark]:
    for kind, count in figures.kinds.items():
        if count < _FEW:
            least = interval_of_mean(np.ones(count)).low
            problem = f"kind {kind!r} has {count} of {_FEW} questions: all of them right is [{least:.2f}, 1.00]"
            yield Remark("warning", "few", problem)
    unanswerable = figures.questions - figures.answerable
    for count, name in ((figures.answerable, "answerable"), (unanswerable, "unanswerable")):
        if figures.questions and count < _FEW:
            problem = f"{count} {name} questions of at least {_FEW}: little can be said of abstention"
            yield Remark("warning", "balance", problem)
    if figures.low_overlap is not None and figures.low_overlap < 1 / 2:
        problem = (
            f"{figures.low_overlap:.0%} of the answerable questions have at most a third of their content words in "
            "a gold quote; with fewer than half, finding words is enough to do well"
        )
        yield Remark("warning", "overlap", problem)


def _of_statements(path: Path) -> Iterator[Finding]:
    if path.exists():
        try:
            load_statements(path)
        except EvaluationError as error:
            yield Finding("error", "form", str(error).removeprefix(f"{path}: "), str(path))
