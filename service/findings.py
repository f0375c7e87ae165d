"""What an archive's owner learns: what is asked most, what nothing answered, what was found helpful."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from evals.gold import DRAFT, Gold, Question, fold
from retrieval.archive import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveUnwritable, ArticleNotFound, OnRecordError
from retrieval.files import write_whole
from retrieval.types import named_passage
from service.likeness import alike, unit
from service.questions import Questions, Summed, Votes, file_of
from service.wording import counted

# Different questions without an answer that are compared with one another, the most asked ones; of the others, each
# is a group of its own.
MAX_COMPARED = 5_000

_ASKED_KIND, _UNANSWERED_KIND = "asked", "unanswered"
_TO_CONFIRM = f"{DRAFT} of what visitors asked, to be confirmed by a person."


class NothingToDraft(OnRecordError):
    """There is nothing that an evaluation set could be drafted of."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A question, however often it was asked, and what visitors thought of its answer.

    Attributes:
        last: When it was asked last; ``reason``, ``confidence`` and ``passages`` are of that time.
        asked: How many times.
        answered: How many times of these something answered it.
        reason: Why nothing answers it; None if something does.
        passages: Ids of the first passages.
        votes: On the answer as a whole and on its passages.
        same: What is the same for this question alone.
    """

    question: str
    filters: Mapping[str, str]
    read_as: Mapping[str, Any] | None
    asked: int
    answered: int
    last: datetime
    reason: str | None
    confidence: float
    passages: tuple[str, ...]
    votes: tuple[Votes, ...]
    same: bytes


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that want the same and were not answered the last time, the most asked first.

    Attributes:
        asked: How many times all of them were.
    """

    asked: int
    questions: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was learnt.

    Attributes:
        kept: Whether questions are kept at all.
        keep_days: How long; None where nothing is kept, votes neither.
        asked: How many times something was asked.
        answered: How many times of these something answered.
        different: How many different questions.
        questions: Those asked most.
        unanswered: Those that nothing answered the last time, in groups, the most asked first.
        groups: How many such groups there are.
        passages: Those with most votes, whatever was asked.
    """

    kept: bool
    keep_days: int | None
    asked: int = 0
    answered: int = 0
    different: int = 0
    questions: tuple[Finding, ...] = ()
    unanswered: tuple[Group, ...] = ()
    groups: int = 0
    passages: tuple[Votes, ...] = ()


def learn(
    archive: Path,
    encoder: Callable[[], Encoder],
    today: date,
    *,
    since: date = date.min,
    limit: int | None = None,
    unanswered: bool = False,
) -> Findings:
    """What there is to learn of what was asked; what has outlived its retention is deleted first.

    Args:
        archive: Folder of the archive.
        encoder: The archive's; loaded only where a question has to be encoded to be grouped.
        today: The day, UTC.
        since: Leave out what was asked before.
        limit: Questions, groups and passages, at most; None is all.
        unanswered: Leave out what was answered the last time.

    Raises:
        QuestionsUnusable: The file of the questions cannot be read.
    """
    path, most = file_of(archive), -1 if limit is None else limit
    if not path.exists():
        return Findings(kept=False, keep_days=None)
    with Questions(path) as file:
        file.forget(today)
        policy, votes = file.policy(), file.votes(since)
        asked, answered, different = file.totals(since)
        groups = _grouped(file, since, votes, encoder)
        return Findings(
            kept=policy.kept,
            keep_days=policy.days,
            asked=asked,
            answered=answered,
            different=different,
            questions=_findings(file.asked(since, most, unanswered=unanswered), votes),
            unanswered=tuple(groups[:limit]),
            groups=len(groups),
            passages=tuple(file.votes_by_passage(since, most)),
        )


def _findings(found: Sequence[Summed], votes: Mapping[bytes, Sequence[Votes]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            question=one.question,
            filters=one.filters,
            read_as=one.read_as,
            asked=one.asked,
            answered=one.answered,
            last=one.last,
            reason=None if one.result.outcome == "answered" else one.result.outcome,
            confidence=one.result.confidence,
            passages=one.result.passages,
            votes=tuple(votes.get(one.same, ())),
            same=one.same,
        )
        for one in found
    )


def _grouped(
    file: Questions, since: date, votes: Mapping[bytes, Sequence[Votes]], encoder: Callable[[], Encoder]
) -> list[Group]:
    every = file.asked(since, -1, unanswered=True)
    if not every:
        return []
    unanswered, others = every[:MAX_COMPARED], _findings(every[MAX_COMPARED:], votes)
    found, known = _findings(unanswered, votes), file.vectors(unanswered)
    missing = [one for one in found if one.same not in known]
    if missing:
        encoded = encoder().encode_questions([one.question for one in missing])
        known |= {one.same: vector for one, vector in zip(missing, encoded, strict=True)}
    groups = [tuple(found[index] for index in group) for group in alike(unit([known[one.same] for one in found]))]
    made = [Group(sum(one.asked for one in group), group) for group in (*groups, *((one,) for one in others))]
    return sorted(made, key=lambda group: -group.asked)


# The draft of an evaluation set -------------------------------------------------------------------


def draft(archive: Archive, findings: Findings) -> Iterator[Question]:
    """Questions for an evaluation set, each for a person to confirm: the note says why it is as it is.

    What visitors found helpful, more often than not, is proposed as gold, verbatim, also where the archive did not take
    it for an answer; of each group of other unanswered questions the first is proposed as one that nothing answers.

    Args:
        archive: What was asked.
        findings: What was learnt of it.
    """
    liked = {one.same: proposed for one in findings.questions if (proposed := _gold(archive, one))}
    for one in findings.questions:
        if one.same in liked:
            gold, why = liked[one.same]
            yield _question(one, _ASKED_KIND, gold, f"Asked {counted(one.asked, 'time')}. {why}")
    for group in findings.unanswered:
        wanted = [one for one in group.questions if one.same not in liked]
        if not wanted:
            continue
        first, *others = wanted
        times = counted(sum(one.asked for one in wanted), "time")
        alike = "".join(f" Like it: {json.dumps(one.question, ensure_ascii=False)}." for one in others[:5])
        why = f"Asked {times}, not answered the last time ({first.reason}).{alike}"
        yield _question(first, _UNANSWERED_KIND, (), why)


def write_draft(path: Path, questions: Sequence[Question]) -> None:
    """Write a draft as a set that ``evals.gold.load`` reads, for its owner alone.

    Raises:
        NothingToDraft: There is no question.
        ArchiveUnwritable: There is a file of that name, or it cannot be written.
    """
    if not questions:
        raise NothingToDraft("nothing to write: no question went unanswered, and none was found helpful")
    if path.exists():
        raise ArchiveUnwritable(f"{path} is there already; give another name, or remove it first")
    lines = "".join(json.dumps(one.as_json(), ensure_ascii=False) + "\n" for one in questions)
    try:
        write_whole(path, lines.encode(), mode=0o600)
    except OSError as error:
        raise ArchiveUnwritable(f"{path} cannot be written ({error.strerror})") from error


def _gold(archive: Archive, one: Finding) -> tuple[tuple[Gold, ...], str] | None:
    """What is proposed as gold for a question, and why."""
    liked = [vote for vote in one.votes if vote.helpful > vote.unhelpful]
    named = [vote.passage_id for vote in liked if vote.passage_id is not None]
    counts = ", ".join(f"{vote.helpful} for, {vote.unhelpful} against" for vote in liked)
    why = f"Gold is what visitors found helpful ({counts})."
    if liked and not named and one.reason is None:
        named = list(one.passages[:1])
        why = f"Visitors found the answer as a whole helpful ({counts}); gold is its first passage."
    quotes = (_quote(archive, passage_id) for passage_id in named)
    gold = tuple(quote for quote in quotes if quote is not None)
    return (gold, why) if gold else None


def _quote(archive: Archive, passage_id: str) -> Gold | None:
    """A passage's words, as far as the article of today still has them."""
    passage = named_passage(passage_id)
    if passage is None:
        return None
    article_id, version, span = passage
    try:
        text = archive.article(article_id, version).article.text[span.start : span.end]
        now = archive.article(article_id).article.text
    except ArticleNotFound:
        return None
    return Gold(article_id, text) if text in now and fold(text) else None


def _question(one: Finding, kind: str, gold: tuple[Gold, ...], why: str) -> Question:
    read = f" Asked to be read as {json.dumps(one.read_as, ensure_ascii=False)}." if one.read_as else ""
    return Question(
        id=f"draft-{one.same.hex()[:12]}",
        question=one.question,
        kind=kind,
        gold=gold,
        answerable=bool(gold),
        filters=one.filters,
        note=f"{_TO_CONFIRM} {why}{read}",
    )
