"""Writing an evaluation set: what can be said of a question before it is in the set, and the set's file.

Everything here is free of the terminal; ``service.writing_sets`` asks and shows.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evals import jsonl
from evals.corpus import Corpus
from evals.gold import DRAFT, Question, fold, load, overlap, read_question
from evals.lint import MOST_COPIED, Remark, of_question
from retrieval.archive import MAX_K
from retrieval.errors import EvaluationError
from retrieval.files import write_whole
from retrieval.lexical import analyze
from retrieval.types import Filters, Hit

# Among the 229 questions on the seeds no two share so many of their words.
_ALIKE = 0.7
_CANDIDATES = 5
_NUMBERED = re.compile(r"(.*?)(\d+)", re.DOTALL)
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_CONFIRMED = "Confirmed from {}."


class SetFile:
    """The file of a set that is being written: whatever happens, it holds what was confirmed, and is a sound set."""

    def __init__(self, path: Path) -> None:
        """Open a set, or begin one.

        Raises:
            EvaluationError: There is such a file, and it is no sound set.
        """
        self.path = path.resolve()
        self._added: list[bytes] = []
        if self.path.exists() and self.questions:
            load(self.path)
        elif not self.path.parent.is_dir():
            raise EvaluationError(f"{path}: there is no folder {self.path.parent}; make it first")

    @property
    def questions(self) -> tuple[Question, ...]:
        """What the file holds now, in order; somebody else may write it as well."""
        rows = jsonl.rows(self.path) if self.path.exists() else ()
        return tuple(read_question(row, where) for row, where in rows)

    def add(self, question: Question) -> Question:
        """Put a question at the end, with an id that continues those of the set, and have it outlive a power cut.

        Raises:
            EvaluationError: The file cannot be written, or is no longer a sound set.
        """
        added = replace(question, id=next_id([one.id for one in self.questions], self.path.stem))
        try:
            line = json.dumps(added.as_json(), ensure_ascii=False).encode() + b"\n"
        except UnicodeEncodeError as error:
            raise EvaluationError("the question holds a lone surrogate, which no file can; leave it out") from error
        read_question(jsonl.parse(line.decode(), str(self.path)), str(self.path))
        before = self.path.read_bytes() if self.path.exists() else b""
        self._write(before + (b"\n" if before and not before.endswith(b"\n") else b"") + line)
        self._added.append(line)
        return added

    def undo(self) -> Question | None:
        """Take the question out again that was put in last, of those put in here; None if there is none.

        Raises:
            EvaluationError: Somebody has changed it meanwhile, or the file cannot be written.
        """
        if not self._added:
            return None
        held, line = self.path.read_bytes(), self._added[-1]
        at = held.rfind(line)
        if at < 0:
            raise EvaluationError(f"{self.path}: its last question was changed elsewhere; take it out by hand")
        self._write(held[:at] + held[at + len(line) :])
        self._added.pop()
        return read_question(jsonl.parse(line.decode(), str(self.path)), str(self.path))

    def _write(self, content: bytes) -> None:
        mode = self.path.stat().st_mode & 0o777 if self.path.exists() else 0o666
        try:
            write_whole(self.path, content, mode=mode)
        except OSError as error:
            raise EvaluationError(f"{self.path}: cannot be written: {error.strerror}") from error


def next_id(ids: Sequence[str], stem: str) -> str:
    """The id of a new question: counted on where most ids are one prefix and a number, else from ``STEM-001``."""
    numbered = [match for match in map(_NUMBERED.fullmatch, ids) if match]
    prefixes = Counter(match[1] for match in numbered).most_common(1)
    prefix = prefixes[0][0] if prefixes and prefixes[0][1] > len(ids) / 2 else f"{stem}-"
    taken = [match[2] for match in numbered if match[1] == prefix]
    width = max(map(len, taken), default=3)
    return f"{prefix}{max(map(int, taken), default=0) + 1:0{width}}"


def next_article(corpus: Corpus, questions: Sequence[Question], passed: Sequence[str] = ()) -> str | None:
    """The article with the fewest questions, in the order of the archive; None when all were passed over.

    Args:
        corpus: The articles.
        questions: Those of the set.
        passed: Articles that the writer went on from.
    """
    asked = Counter(article for one in questions for article in {gold.article for gold in one.gold})
    left = [article for article in _articles(corpus) if article not in passed]
    return min(left, key=lambda article: asked[article], default=None)


def remarks(question: Question, others: Sequence[Question], corpus: Corpus) -> Iterator[Remark]:
    """What is wrong with a question that is to be put into a set, as far as a program can tell.

    Args:
        question: With its gold.
        others: Those of the set.
        corpus: What they are about.
    """
    yield from of_question(question, corpus)
    words = copied(question, corpus)
    if words:
        quoted = ", ".join(words)
        yield Remark("warning", "copied", f"copied from the gold: {quoted}; ask in the words of somebody who lacks it")
    for one in others:
        if question.filters == one.filters and _alike(question.question, one.question):
            yield Remark("warning", "question twice", f"nearly the same as {one.id}: {one.question!r}")


def copied(question: Question, corpus: Corpus) -> tuple[str, ...]:
    """Content words of a question that are in one of its gold quotes, as typed, where they are more than a third."""
    topic = set(corpus.archive.interpret(question.question).topic)
    if (overlap(topic, question.gold) or 0.0) <= MOST_COPIED:
        return ()
    most = max((topic.intersection(analyze(one.quote)) for one in question.gold), key=len)
    typed = _WORD.findall(question.question)
    return tuple(dict.fromkeys(word for word in typed if most.intersection(analyze(word))))


def candidates(question: Question, corpus: Corpus) -> list[Hit]:
    """The first passages that the archive finds and that its gold does not make relevant: some of them may be gold."""
    relevant = corpus.relevant(question.gold)
    k = min(_CANDIDATES + len(relevant), MAX_K)
    answer = corpus.archive.ask(question.question, k, Filters(**question.filters))
    return [hit for hit in answer.passages if hit.id not in relevant][:_CANDIDATES]


def waiting(drafts: Sequence[Question], questions: Sequence[Question]) -> list[Question]:
    """The drafts that no question of a set was confirmed from."""
    notes = " ".join(one.note or "" for one in questions)
    return [one for one in drafts if _CONFIRMED.format(one.id) not in notes]


def confirmed(question: Question, draft: Question) -> Question:
    """A question that a person has confirmed: its note says of which draft, and nothing more of the draft's."""
    note = "" if question.note is None or question.note.startswith(DRAFT) else f"{question.note} "
    return replace(question, note=f"{note}{_CONFIRMED.format(draft.id)}")


def _alike(one: str, other: str) -> bool:
    mine, yours = set(analyze(one)), set(analyze(other))
    return fold(one).casefold() == fold(other).casefold() or len(mine & yours) > _ALIKE * len(mine | yours)


def _articles(corpus: Corpus) -> list[str]:
    _, total = corpus.archive.articles(limit=1)
    found, _ = corpus.archive.articles(limit=total)
    return [one.article.id for one in found]
