"""Runs made by hand, with all that a page shows, in no time."""

from collections.abc import Sequence

from evals.attribution import Prediction, Score, Unit
from evals.failures import Failure
from evals.gold import Gold
from evals.metrics import Outcome, abstention_figures, ranking_figures
from evals.run import Mode, Report, Setting
from evals.statements import Attribution as Statements
from evals.statements import Found, GoldStatement, Misattributed
from retrieval.types import Answer, Attribution, Citation, Coverage, Hit, Interpretation, Segment

TEXT = "The ferry was late. “We sail at noon,” said Lee, the harbour master. Nobody believed it."
QUOTE = "We sail at noon"
LEE = Attribution("said_by", "Ann Lee", "harbour master")


def hit(
    rank: int,
    text: str = TEXT,
    *,
    article: str = "port",
    title: str | None = "A late ferry",
    link: str = "https://news.example/ferry",
    said_by: Attribution | None = LEE,
    confidence: float = 0.5,
    marked: str = "“We sail at noon,” said Lee",
) -> Hit:
    before, _, after = text.partition(marked)
    start = rank * 1000
    return Hit(
        rank=rank,
        id=f"{article}:1:{start}-{start + len(text)}",
        text=text,
        score=0.0,
        confidence=confidence,
        segments=(Segment(before, False), Segment(marked, True), Segment(after, False)) if after else (),
        statements=(),
        voice=None,
        attribution=said_by,
        citation=Citation(
            article, 1, title, "The Packet", None, "2010-10-04", link, link, start, start + len(text), "", "", ""
        ),
    )


def outcome(
    id_: str,
    right: int | None = 1,
    *,
    answered: bool = True,
    answerable: bool = True,
    confidence: float = 0.5,
    kind: str = "said",
    failures: tuple[Failure, ...] = (),
    hits: Sequence[Hit] | None = None,
    question: str = "when does the ferry sail?",
    speakers: tuple[str, ...] = (),
    gold: tuple[Gold, ...] = (Gold("port", QUOTE),),
    overlap: float | None = 0.25,
) -> Outcome:
    """A question whose first passage that answers is of rank ``right``."""
    hits = [hit(rank, confidence=confidence) for rank in range(1, 6)] if hits is None else hits
    relevant = {hits[right - 1].id: 1} if answerable and right else {"elsewhere:1:0-9": 1} if answerable else {}
    return Outcome(
        id=id_,
        kind=kind,
        question=question,
        relevant=relevant,
        ranked=tuple(one.id for one in hits),
        answerable=answerable,
        confidence=confidence,
        answered=answered,
        overlap=overlap if answerable else None,
        failures=failures,
        took_ms=float(len(id_)) * 3,
        gold=gold if answerable else (),
        answer=Answer(
            question=question,
            answered=answered,
            confidence=confidence,
            reason=None if answered else "low_confidence",
            interpretation=Interpretation(speakers, "ferry"),
            passages=tuple(hits),
            archive=Coverage(1, 3, 17, None, None),
        ),
    )


def report(
    outcomes: Sequence[Outcome],
    *,
    name: str = "harbour",
    mode: Mode = "fused",
    reranker: str | None = None,
    model: str = "hashing",
    attribution: Statements | None = None,
) -> Report:
    kinds = dict.fromkeys(one.kind for one in outcomes)
    return Report(
        name=name,
        setting=Setting(
            "5e7" * 21 + "0",
            "c0" * 32,
            {"passage_tokens": "112", "model": model, "model_sha256": "ab" * 32},
            mode,
            reranker,
        ),
        questions=len(outcomes),
        overall={**ranking_figures(outcomes), **abstention_figures(outcomes)},
        by_kind={kind: {} for kind in kinds},
        outcomes=outcomes,
        attribution=attribution,
    )


def statements(speaker: str = "Bo Ray", text: str = "the pier is safe") -> Statements:
    """Twenty statements: one stored as somebody else's, one missed."""
    score = Score(right=18, wrong=1, wrong_strict=1, recalled=18, known=20, found=19, units=20)
    none = Score(0, 0, 0, 0, 0, 0, 0)
    gold = GoldStatement("port", text, "Ann Lee", True, "said", None, "set:1")
    unit = Unit(0, len(text), True, frozenset({"lee"}), "Ann Lee")
    stored = Prediction(0, len(text), True, speaker)
    return Statements(
        {"direct": score, "indirect": none, "all": score},
        [Found(gold, unit, (stored,)), Found(gold, unit, ())],
        [Misattributed("port", text, stored, ("Ann Lee",))],
    )


def everything() -> Report:
    """A run with each part of the page, and each way to go wrong."""
    outcomes = [
        outcome("right-1", confidence=0.9, speakers=("Ann Lee",)),
        outcome("right-2", confidence=0.75, kind="fact", overlap=0.8),
        outcome("refused", answered=False, confidence=0.2, failures=("wrongly_refused",), overlap=0.6),
        outcome("below", 4, confidence=0.35, failures=("ranked_below", "wrong_speaker"), speakers=("Ann Lee",)),
        outcome("lost", None, answered=False, confidence=0.1, failures=("not_retrieved", "wrongly_refused")),
        outcome("cut", None, confidence=0.45, kind="fact", failures=("cut",)),
        outcome("none-1", answerable=False, confidence=0.4, kind="unanswerable", failures=("wrongly_answered",)),
        outcome("none-2", answerable=False, answered=False, confidence=0.05, kind="unanswerable"),
        outcome("none-3", answerable=False, answered=False, confidence=0.0, kind="unanswerable", hits=()),
    ]
    return report(outcomes, attribution=statements())
