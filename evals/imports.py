"""Sets that others have written, in our form: BEIR, SQuAD, tables.

Whatever is left out is left out with its reason. Spans that answer are often one word, and half of a word is in many
passages: of SQuAD 2.0's dev answers 92 % of those of one word, 69 % of those of three and still 16 % of those of seven
to nine would make some passage relevant that has nothing to do with the question. A span of fewer than ten words is
therefore widened to its sentence, of which less than 1 % do; docs/decisions.md has the figures.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evals import jsonl
from evals.beir import documents, is_beir, judgements, string
from evals.gold import Gold, Question, check_consistent, fold, places
from evals.quoting import whole_sentences
from retrieval.archive import MAX_QUESTION
from retrieval.errors import EvaluationError
from retrieval.files import write_whole
from retrieval.types import Article, Span

_FEWEST_WORDS = 10
# As a quote, a document of up to this many characters is held by one passage of 112 tokens in 335 of SQuAD 2.0's 337
# paragraphs of that length; a longer one is cut.
_LONGEST_DOCUMENT = 600

COLUMNS = ("id", "question", "quote", "article", "kind", "answerable", "note")
"""What a column of a table can be."""
_QUOTE_TOO = "answer"

_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What was made of a source.

    Attributes:
        articles: What the questions are about; empty where the source has no texts.
        left_out: Ids of what was left out, by the reason.
    """

    questions: tuple[Question, ...]
    articles: tuple[Article, ...]
    left_out: Mapping[str, Sequence[str]]


@dataclass
class _Import:
    """What is being made: a question is taken once, and what cannot be taken has a reason."""

    questions: dict[str, Question] = field(default_factory=dict)
    articles: list[Article] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def take(self, question: Question) -> None:
        if question.id in self.questions:
            self.leave(question.id, "its id is taken by an earlier question")
        elif len(question.question) > MAX_QUESTION:
            self.leave(question.id, f"longer than {MAX_QUESTION} characters, which nobody can ask")
        elif not question.question.strip():
            self.leave(question.id, "it has no words")
        else:
            self.questions[question.id] = question

    def leave(self, id_: str, reason: str) -> None:
        self.left_out.setdefault(reason, []).append(id_)

    def done(self, source: Path) -> Imported:
        if not self.questions:
            reasons = "; ".join(f"{reason} ({len(ids)})" for reason, ids in self.left_out.items())
            hint = f"; run it as it is: onrecord eval {source}" if is_beir(source) else ""
            raise EvaluationError(f"{source}: no question could be taken: {reasons or 'it has none'}{hint}")
        return Imported(tuple(self.questions.values()), tuple(self.articles), self.left_out)


def read(source: Path, columns: Mapping[str, str] | None = None) -> Imported:
    """Make a set of a source.

    Args:
        source: A BEIR folder, a SQuAD file (.json), or a table (.csv, .tsv).
        columns: What a column is to the header that it has, where that is not its name; see ``COLUMNS``.

    Raises:
        EvaluationError: It is none of these, is broken, or holds no question that can be taken.
    """
    suffix = source.suffix.lower()
    if source.is_dir() and is_beir(source):
        return _beir(source)
    if suffix == ".json":
        return _squad(source)
    if suffix in (".csv", ".tsv"):
        return _table(source, columns or {})
    raise EvaluationError(
        f"{source}: give a BEIR folder (corpus.jsonl, queries.jsonl, qrels.tsv), a SQuAD file (.json) or a table (.csv)"
    )


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a new JSONL file, whole or not at all.

    Raises:
        EvaluationError: There is a file of that name, or it cannot be written.
    """
    if path.exists():
        raise EvaluationError(f"{path} is there already; give another name, or remove it first")
    try:
        write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be written: {error.strerror}") from error
    except UnicodeEncodeError as error:
        raise EvaluationError(f"{path}: a text holds a lone surrogate, which no file can; take it out") from error


def article_row(article: Article) -> dict[str, str]:
    """An article as a line that ``onrecord ingest`` takes."""
    title = {"title": article.title} if article.title else {}
    return {"id": article.id, **title, "text": article.text}


def _widened(text: str, span: Span) -> Span:
    """A span that is long enough to tell passages apart."""
    return span if len(text[span.start : span.end].split()) >= _FEWEST_WORDS else whole_sentences(text, span)


def _gold(article: Article, spans: Iterable[Span]) -> tuple[Gold, ...]:
    """The quotes at some spans; what several mark in one place is one."""
    widened = sorted({_widened(article.text, span) for span in spans}, key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in widened:
        if not kept or span.end > kept[-1].end:
            kept.append(span)
    return tuple(Gold(article.id, article.text[span.start : span.end]) for span in kept)


# SQuAD ---------------------------------------------------------------------------------------------


def _squad(path: Path) -> Imported:
    """Rajpurkar and others 2016 (1.1) and 2018 (2.0): paragraphs of one title are one article."""
    made = _Import()
    taken: dict[str, int] = {}
    for number, entry in enumerate(_each(_json(path), "data", str(path)), start=1):
        where = f"{path}: title {number}"
        title = string(entry, "title", where)
        id_ = _article_id(title, taken)
        text = ""
        pending: list[tuple[jsonl.Row, list[Span]]] = []
        for paragraph in _each(entry, "paragraphs", where):
            start = len(text) + 2 if text else 0
            context = string(paragraph, "context", where)
            text = f"{text}\n\n{context}" if text else context
            for asked in _each(paragraph, "qas", where):
                spans = [] if asked.get("is_impossible") else _squad_spans(asked, context, where)
                pending.append((asked, [Span(start + one.start, start + one.end) for one in spans]))
        article = Article(id=id_, text=text, title=title.replace("_", " ").strip() or None)
        if not text.strip():
            made.leave(id_, "an article without text")
            continue
        made.articles.append(article)
        for asked, spans in pending:
            _take_squad(made, asked, article, spans, where)
    return made.done(path)


def _take_squad(made: _Import, asked: jsonl.Row, article: Article, spans: Sequence[Span], where: str) -> None:
    id_, text, gold = string(asked, "id", where), string(asked, "question", where).strip(), _gold(article, spans)
    if asked.get("is_impossible"):
        made.take(Question(id_, text, "unanswerable", (), answerable=False))
    elif gold:
        made.take(Question(id_, text, "answerable", gold, answerable=True))
    else:
        marked = asked.get("answers")
        made.leave(id_, "none of its answers is where it is said to be" if marked else "it has no answer")


def _squad_spans(asked: jsonl.Row, context: str, where: str) -> list[Span]:
    """Where the answers are, without those where the paragraph says something else there."""
    found = []
    for answer in _each(asked, "answers", where):
        text, start = string(answer, "text", where), answer.get("answer_start")
        if isinstance(start, int) and start >= 0 and text.strip() and context.startswith(text, start):
            found.append(Span(start, start + len(text)))
    return found


def _article_id(title: str, taken: dict[str, int]) -> str:
    """An id that can stand in an address; the second article of a title gets a number."""
    id_ = "".join("_" if sign in "/\\" or not sign.isprintable() else sign for sign in title).strip()[:190]
    id_ = id_ if id_ not in ("", ".", "..") else "untitled"
    taken[id_] = taken.get(id_, 0) + 1
    return id_ if taken[id_] == 1 else f"{id_}~{taken[id_]}"


def _json(path: Path) -> jsonl.Row:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8; save it as UTF-8") from error
    return jsonl.parse(text, str(path))


def _each(row: jsonl.Row, name: str, where: str) -> Iterator[jsonl.Row]:
    for one in jsonl.typed(jsonl.need(row, name, where), list, where, repr(name)):
        yield jsonl.typed(one, dict, where, f"each of {name!r}")


# BEIR ----------------------------------------------------------------------------------------------


def _beir(folder: Path) -> Imported:
    """Thakur and others 2021: judgements are of documents, so that a quote has to be found for each."""
    made = _Import()
    made.articles.extend(documents(folder))
    texts, judged = {one.id: one for one in made.articles}, judgements(folder)
    for row, where in jsonl.rows(folder / "queries.jsonl"):
        id_, text = string(row, "_id", where), string(row, "text", where).strip()
        if not row.get("answerable", True):
            made.take(Question(id_, text, "unanswerable", (), answerable=False))
        elif id_ not in judged:
            made.leave(id_, "no document is judged to answer it")
        elif not judged[id_].keys() <= texts.keys():
            made.leave(id_, "a document that answers it is not in the corpus")
        else:
            gold = [_gold_of_document(texts[one], _answers(row, where)) for one in judged[id_]]
            if all(gold):
                every = tuple(each for some in gold for each in some)
                made.take(Question(id_, text, "answerable", every, answerable=True))
            else:  # with half of its gold, what answers it too would count as wrong
                made.leave(id_, f"its answer is not marked in a document of over {_LONGEST_DOCUMENT} characters")
    return made.done(folder)


def _answers(row: jsonl.Row, where: str) -> list[str]:
    """The answers that collections made of SQuAD and its like bring along."""
    return [
        jsonl.typed(one, str, where, "each answer")
        for one in jsonl.typed(row.get("answers", []), list, where, "'answers'")
    ]


def _gold_of_document(document: Article, answers: Iterable[str]) -> tuple[Gold, ...]:
    """Its answers, as far as each is in one place only; else all of it, if it is short."""
    found = [places(document.text, answer) for answer in answers]
    gold = _gold(document, [spans[0] for spans in found if len(spans) == 1])
    short = len(document.text) <= _LONGEST_DOCUMENT and fold(document.text)
    return gold or ((Gold(document.id, document.text),) if short else ())


# Tables --------------------------------------------------------------------------------------------


def _table(path: Path, columns: Mapping[str, str]) -> Imported:
    """A quote a row; rows of the same id, or without ids of the same question, are one question."""
    made, (rows, unknown) = _Import(), _cells(path, columns)
    for name in unknown:
        made.leave(name, "a column of no known name; --column NAME=HEADER says what it is")
    together: dict[str, list[Question]] = {}
    for number, row in rows:
        where = f"{path.name}:{number}"
        if not row.get("question"):
            made.leave(where, "it has no question")
            continue
        question = _of_row(path, row, where)
        if isinstance(question, str):
            made.leave(where, question)
        else:
            together.setdefault(question.id, []).append(question)
    for id_, same in together.items():
        merged = _merged(same)
        if isinstance(merged, str):
            made.leave(id_, merged)
        else:
            made.take(merged)
    return made.done(path)


def _of_row(path: Path, row: Mapping[str, str], where: str) -> Question | str:
    """The question of a row, or why it is none."""
    said, quote, article = row.get("answerable", "").casefold(), row.get("quote", ""), row.get("article", "")
    if said not in _YES | _NO | {""}:
        raise EvaluationError(f"{path}: {where}: answerable is {said!r}; write true or false")
    answerable = said in _YES if said else bool(quote)
    if quote and not article:
        return "its quote has no article"
    if quote and not fold(quote):
        return "its quote has no words"
    try:
        check_consistent(answerable, bool(quote), where)
    except EvaluationError as error:
        return str(error).removeprefix(f"{where}: ")
    name = f"{path.stem}-{hashlib.sha256(row['question'].encode()).hexdigest()[:10]}"
    kind = row.get("kind") or ("answerable" if answerable else "unanswerable")
    gold = (Gold(article, quote),) if quote else ()
    return Question(row.get("id") or name, row["question"], kind, gold, answerable, {}, row.get("note") or None)


def _merged(same: Sequence[Question]) -> Question | str:
    """One question of the rows of an id, or why they are none."""
    first = same[0]
    if any((one.question, one.kind, one.answerable) != (first.question, first.kind, first.answerable) for one in same):
        return "rows of one id differ in question, kind or answerable"
    notes = dict.fromkeys(one.note for one in same if one.note)
    gold = tuple(dict.fromkeys(each for one in same for each in one.gold))
    return replace(first, gold=gold, note=" ".join(notes) or None)


def _cells(path: Path, columns: Mapping[str, str]) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """The rows by what their columns are, each with its line, and the columns that nothing is known of.

    Excel's byte order mark and semicolons are known.
    """
    headers = {name: columns.get(name, name).strip().casefold() for name in COLUMNS}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=_delimiter(file.readline(), headers["question"], path), strict=True)
            file.seek(0)
            header = _names(next(reader))
            _check_header(header, columns, path)
            if headers["quote"] not in header:
                headers["quote"] = _QUOTE_TOO
            at = {name: header.index(shown) for name, shown in headers.items() if shown in header}
            unknown = [shown for number, shown in enumerate(header) if shown and number not in at.values()]
            return [
                (reader.line_num, {name: row[index].strip() for name, index in at.items() if index < len(row)})
                for row in reader
                if any(cell.strip() for cell in row)
            ], unknown
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8; save it as CSV UTF-8") from error
    except csv.Error as error:
        raise EvaluationError(f"{path}: no table: {error}; save it as CSV again") from error


def _names(header: Iterable[str]) -> list[str]:
    """The names of the columns, in whatever case they were written."""
    return [one.strip().casefold() for one in header]


def _delimiter(line: str, question: str, path: Path) -> str:
    """What parts the header so that it has a column with the question."""
    for delimiter in (",", ";", "\t"):
        if question in _names(next(csv.reader([line], delimiter=delimiter), [])):
            return delimiter
    raise EvaluationError(f"{path}: no column {question!r}; name the one that has the question: --column question=NAME")


def _check_header(header: Sequence[str], columns: Mapping[str, str], path: Path) -> None:
    missing = [shown for shown in columns.values() if shown.strip().casefold() not in header]
    if missing:
        raise EvaluationError(f"{path}: no column {missing[0]!r}; it has {', '.join(header)}")
    twice = [one for one in header if one and header.count(one) > 1]
    if twice:
        raise EvaluationError(f"{path}: two columns {twice[0]!r}; rename one")
