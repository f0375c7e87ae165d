"""Who says what in the articles of a set, written by hand, held against what an archive stores of them.

Beside a set ``NAME.jsonl`` may lie ``NAME-quotes.jsonl``, a statement a line::

    {"article", "quote", "speaker", "direct", "cue"?, "note"?}

It lists every statement of the articles that it names. A quote is golden at every place where its article has
these words. ``"quote": null`` says whose all the rest of an article is: the author's of a speech or an opinion piece.

The measure is that of ``evals.attribution``, where precision is the strict one: the writer of the file knew every
speaker and left no statement out, so a stored statement with a speaker is wrong if no golden statement is there, if
it is somebody else's, and if its speaker is a description ("social workers") that no name can stand for. An author's
line is found where the voice of the passages is that of its speaker, for at least half of the article. A statement
stored of the author, where nothing is listed, repeats that line and is set aside.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from evals import jsonl
from evals.attribution import (
    PRONOUNS,
    Prediction,
    Score,
    Unit,
    finds,
    judge,
    same_speaker,
    score,
    source_surnames,
)
from evals.gold import fold, places
from retrieval import Archive
from retrieval.errors import ArticleNotFound, EvaluationError
from retrieval.types import Passage, Span

Outcome = Literal["right", "wrong speaker", "no speaker", "missed"]

_FIELDS = frozenset({"article", "quote", "speaker", "direct", "cue", "note"})


@dataclass(frozen=True, slots=True)
class GoldStatement:
    """A statement as a person has read it.

    Attributes:
        quote: Its words, verbatim, without quotation marks; None for all that is not somebody else's.
        speaker: Full name, or a description of somebody without a name.
        direct: Whether these are the speaker's own words.
        cue: The words that report it: "said".
        where: ``FILE:LINE``.
    """

    article: str
    quote: str | None
    speaker: str
    direct: bool
    cue: str | None
    note: str | None
    where: str


@dataclass(frozen=True, slots=True)
class Found:
    """A golden statement at one place, and the stored ones that overlap at least half of it."""

    gold: GoldStatement
    unit: Unit
    stored: tuple[Prediction, ...]

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        if not self.stored:
            return "missed"
        if any(same_speaker(one, self.unit) for one in self.stored):
            return "right"
        return "wrong speaker" if any(one.speaker for one in self.stored) else "no speaker"


@dataclass(frozen=True, slots=True)
class Misattributed:
    """A stored statement that counts against precision; ``speakers`` are whose golden statements it touches."""

    article: str
    text: str
    stored: Prediction
    speakers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A stored statement that counts for precision, because it names a speaker."""

    article: str
    start: int
    end: int
    speaker: str
    right: bool


@dataclass(frozen=True, slots=True)
class Attribution:
    """How the statements of an archive compare with golden ones.

    Attributes:
        scores: Of direct statements, indirect ones and all.
        golden: Every golden statement, in the order of the file.
        misattributed: Every stored one that counts against precision.
        named: Every stored one that counts for or against it.
    """

    scores: Mapping[str, Score]
    golden: Sequence[Found]
    misattributed: Sequence[Misattributed]
    named: Sequence[Named] = ()

    @property
    def figures(self) -> dict[str, dict[str, float]]:
        """Counts and shares by name, of each kind of statement.

        ``statements`` are golden, ``named`` are stored ones with a speaker that is right or wrong.
        """
        return {kind: _figures(one) for kind, one in self.scores.items()}

    def as_json(self) -> dict[str, Any]:
        """The comparison as JSON values: each golden statement with what was found, and what is misattributed."""
        return {
            "figures": self.figures,
            "golden": [_golden_row(one) for one in self.golden],
            "misattributed": [
                {"article": one.article, "text": one.text, **asdict(one.stored), "golden_speakers": list(one.speakers)}
                for one in self.misattributed
            ],
            "named": [asdict(one) for one in self.named],
        }


def beside(path: Path) -> Path:
    """Where the statements of a set are: ``NAME-quotes.jsonl`` beside ``NAME.jsonl``."""
    return path.with_name(f"{path.stem}-quotes.jsonl")


def load(path: Path) -> tuple[GoldStatement, ...]:
    """Read golden statements.

    Raises:
        EvaluationError: The file cannot be read or a line is no statement; names file, line and one problem.
    """
    statements: dict[tuple[str, str | None], GoldStatement] = {}
    for row, where in jsonl.rows(path):
        statement = _statement(row, where)
        key = (statement.article, statement.quote and fold(statement.quote))
        if key in statements:
            raise EvaluationError(f"{where}: the same words as {statements[key].where}; take one of the lines out")
        statements[key] = statement
    if not statements:
        raise EvaluationError(f"{path}: no statement in it; put in one JSON object a line, or delete it")
    return tuple(statements.values())


def compare(archive: Archive, golden: Iterable[GoldStatement]) -> Attribution:
    """Hold what an archive stores of some articles against their golden statements.

    Raises:
        EvaluationError: The archive lacks an article, or the article the words; names file and line.
    """
    by_article: dict[str, list[GoldStatement]] = defaultdict(list)
    for statement in golden:
        by_article[statement.article].append(statement)
    found: list[Found] = []
    misattributed: list[Misattributed] = []
    named: list[Named] = []
    pairs: list[tuple[list[Prediction], list[Unit]]] = []
    for article_id, statements in by_article.items():
        text, passages = _stored(archive, article_id, statements[0].where)
        # Apart from each other: the voice of a whole article would otherwise "find" whatever somebody says in it.
        for stored, gold in _statements(text, passages, statements), _voices(text, passages, statements):
            units = [unit for _, unit in gold]
            pairs.append((stored, units))
            found += [Found(one, unit, tuple(each for each in stored if finds(each, unit))) for one, unit in gold]
            misattributed += _misattributed(article_id, text, stored, units)
            named += _named(article_id, stored, units)
    kinds: dict[str, bool | None] = {"direct": True, "indirect": False, "all": None}
    return Attribution({kind: score(pairs, direct) for kind, direct in kinds.items()}, found, misattributed, named)


_Compared = tuple[list[Prediction], list[tuple[GoldStatement, Unit]]]


def _statements(text: str, passages: Sequence[Passage], golden: Sequence[GoldStatement]) -> _Compared:
    """Stored statements and the golden ones that quote somebody."""
    gold = [(one, _unit(one, span)) for one in golden if one.quote is not None for span in _places(one, text)]
    authors = [one for one in golden if one.quote is None]
    units = [unit for _, unit in gold]
    stored = [one for one in _joined(passages) if not any(_repeats(one, author, units) for author in authors)]
    return stored, gold


def _voices(text: str, passages: Sequence[Passage], golden: Sequence[GoldStatement]) -> _Compared:
    """Whose the rest is, by the archive and by the golden lines without a quote."""
    runs = [(voice, list(run)) for voice, run in groupby(passages, key=lambda passage: passage.voice)]
    stored = [Prediction(run[0].start, run[-1].end, True, voice) for voice, run in runs if voice is not None]
    return stored, [(one, _unit(one, Span(0, len(text)))) for one in golden if one.quote is None]


def _joined(passages: Iterable[Passage]) -> list[Prediction]:
    """Statements as the article has them: the parts of one that goes on in the next passage are one again."""
    joined: list[Prediction] = []
    seam = -1
    for passage in passages:
        for said in passage.statements:
            part = Prediction(said.start, said.end, said.direct, said.speaker, said.confidence)
            begun = [one for one in joined if one.end == seam and replace(one, start=part.start, end=part.end) == part]
            if begun and part.start == passage.start:
                joined[joined.index(begun[0])] = replace(begun[0], end=part.end)
            else:
                joined.append(part)
        seam = passage.end
    return joined


def _repeats(stored: Prediction, author: GoldStatement, units: Iterable[Unit]) -> bool:
    """Whether a stored statement says of the author's own words that they are the author's."""
    own = _unit(author, Span(stored.start, stored.end))
    return same_speaker(stored, own) and not any(finds(stored, unit) for unit in units)


def _misattributed(
    article_id: str, text: str, stored: Iterable[Prediction], units: Sequence[Unit]
) -> Iterator[Misattributed]:
    for one in stored:
        if one.speaker is not None and judge(one, units) != "right":
            speakers = tuple(unit.source for unit in units if one.start < unit.end and unit.start < one.end)
            yield Misattributed(article_id, text[one.start : one.end], one, speakers)


def _named(article_id: str, stored: Iterable[Prediction], units: Sequence[Unit]) -> Iterator[Named]:
    for one in stored:
        if one.speaker is not None and (verdict := judge(one, units)) != "aside":
            yield Named(article_id, one.start, one.end, one.speaker, verdict == "right")


def _stored(archive: Archive, article_id: str, where: str) -> tuple[str, list[Passage]]:
    try:
        stored = archive.article(article_id)
    except ArticleNotFound as error:
        raise EvaluationError(
            f"{where}: the archive lacks article {article_id!r}; ingest what the set is about, or take the line out"
        ) from error
    return stored.article.text, archive.passages(stored)


def _places(statement: GoldStatement, text: str) -> list[Span]:
    found = places(text, statement.quote or "")
    if not found:
        raise EvaluationError(
            f"{statement.where}: article {statement.article!r} does not say {statement.quote!r}; "
            "copy the words from `onrecord articles show`"
        )
    return found


def _unit(statement: GoldStatement, span: Span) -> Unit:
    speaker = statement.speaker
    return Unit(span.start, span.end, statement.direct, source_surnames(speaker), speaker)


def _statement(row: jsonl.Row, where: str) -> GoldStatement:
    jsonl.only(row, _FIELDS, where, "field")
    statement = GoldStatement(
        article=jsonl.text(row, "article", where),
        quote=None if jsonl.need(row, "quote", where) is None else jsonl.text(row, "quote", where),
        speaker=jsonl.text(row, "speaker", where),
        direct=jsonl.typed(jsonl.need(row, "direct", where), bool, where, "'direct'"),
        cue=None if row.get("cue") is None else jsonl.text(row, "cue", where),
        note=jsonl.text(row, "note", where) if "note" in row else None,
        where=where,
    )
    if statement.quote is not None and not fold(statement.quote):
        raise EvaluationError(f"{where}: quote {statement.quote!r} has no words; quote what is said")
    if statement.quote is None and not statement.direct:
        raise EvaluationError(f"{where}: all the rest is its author's own words; say true for 'direct'")
    if statement.speaker.lower() in PRONOUNS:
        raise EvaluationError(f"{where}: speaker {statement.speaker!r} is a pronoun; write who it is")
    return statement


def _figures(one: Score) -> dict[str, float]:
    return {
        "statements": one.units,
        "found": one.found / max(1, one.units),
        "recall": one.recall,
        "named": one.right + one.wrong_strict,
        "precision": one.strict_precision,
    }


def _golden_row(one: Found) -> dict[str, Any]:
    return {
        "article": one.gold.article,
        "start": one.unit.start,
        "end": one.unit.end,
        "quote": one.gold.quote,
        "speaker": one.gold.speaker,
        "direct": one.gold.direct,
        "cue": one.gold.cue,
        "note": one.gold.note,
        "known": bool(one.unit.surnames),
        "outcome": one.outcome,
        "found": [asdict(each) for each in one.stored],
    }
