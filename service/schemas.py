"""What goes over the wire, apart from the domain types so that either can change without the other.

A class is named as the domain type that it shows (``retrieval.types``); the functions ``..._out`` make the
one from the other.
"""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from retrieval import types
from retrieval.archive import MAX_K, MAX_QUESTION

MAX_NAME = 500
MAX_LIMIT = 200
# SQLite counts in 64 bits and a page of articles never lies this far out.
_MAX_NUMBER = 2**31 - 1


def typed(text: str) -> str:
    """Text that somebody can have typed: no control characters except white space, no lone surrogates."""
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\r\n" for sign in text):
        raise ValueError("must not contain control characters")
    return text


Question = Annotated[
    str,
    Field(min_length=1, max_length=MAX_QUESTION, description="As a person would ask it."),
    AfterValidator(typed),
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(typed)]
Date = Annotated[str, Field(min_length=4, max_length=10), AfterValidator(typed)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="How many passages, at most.")]
Version = Annotated[int, Field(ge=1, le=_MAX_NUMBER)]
Reason = Literal[
    "speaker_not_found",
    "speaker_not_quoted_on_topic",
    "topic_not_found",
    "outside_dates",
    "no_article_matches",
    "low_confidence",
    "empty_archive",
]


class _Request(BaseModel):
    # A misspelt filter that is ignored would answer another question than the one that was meant.
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Response(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


# Requests -----------------------------------------------------------------------------------------


class Filters(_Request):
    """What a result has to satisfy; names are compared without regard to case, dates are inclusive."""

    speaker: Annotated[
        Name | None, Field(description="Name, surname or alias of somebody who says something in the passage.")
    ] = None
    publisher: Annotated[Name | None, Field(description="Name of the publisher, in any case.")] = None
    author: Annotated[Name | None, Field(description="Name of the author, in any case.")] = None
    article: Annotated[Name | None, Field(description="Id of the only article to look in.")] = None
    published_from: Annotated[Date | None, Field(description="2010, 2010-10 or 2010-10-04")] = None
    published_to: Annotated[Date | None, Field(description="Inclusive, in the same forms.")] = None

    def domain(self) -> types.Filters:
        """The same, as the archive takes it."""
        return types.Filters(
            speaker=self.speaker,
            publisher=self.publisher,
            author=self.author,
            article=self.article,
            published_from=self.published_from,
            published_to=self.published_to,
        )


class AskRequest(_Request):
    """A question, as the body of a request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "what did Loughton say about caseloads?",
                    "k": 3,
                    "filters": {"speaker": "Tim Loughton", "published_from": "2010-01", "published_to": "2010-12"},
                }
            ]
        }
    )

    question: Question
    # Strict: JSON has numbers, and neither true nor "3" is one.
    k: Annotated[K, Field(strict=True)] = 10
    filters: Filters = Filters()


class AskQuery(Filters):
    """A question, as the parameters of an address."""

    q: Annotated[Question, Field(examples=["what did Loughton say about caseloads?"])]
    k: K = 10


class ArticlesQuery(Filters):
    """Which page of which articles."""

    offset: Annotated[int, Field(ge=0, le=_MAX_NUMBER)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


# The answer to a question -------------------------------------------------------------------------


class Segment(_Response):
    """A piece of a passage; all of them, joined, are its text."""

    text: str
    highlight: bool


class Quote(_Response):
    """Words that somebody is reported to have said."""

    text: str
    speaker: Annotated[str | None, Field(description="As the article names them; null if uncertain.")]
    direct: Annotated[bool, Field(description="In quotation marks, not in the writer's words.")]
    confidence: float
    start: int
    end: int


class Citation(_Response):
    """Where the passage stands, in a form that can be checked without this service."""

    article_id: str
    version: int
    title: str | None
    publisher: str | None
    author: str | None
    published: Annotated[str | None, Field(description="ISO 8601, possibly only a month or a year.")]
    url: str | None
    link: Annotated[str, Field(description="Leads to the passage itself, at the publisher's or else here.")]
    start: Annotated[int, Field(description="Offset into the article's text, in Unicode code points.")]
    end: int
    text_sha256: str
    prefix: str
    suffix: str


class Hit(_Response):
    """A passage in an answer."""

    rank: int
    id: str
    text: str
    confidence: Annotated[float, Field(description="Calibrated probability that the passage answers.")]
    score: float
    segments: tuple[Segment, ...]
    quotes: tuple[Quote, ...]
    citation: Citation
    copies: Annotated[
        tuple[Citation, ...], Field(description="Where nearly the same text stands as well, mostly in other articles.")
    ]


class Interpretation(_Response):
    """What the question was taken to ask."""

    speakers: tuple[str, ...]
    topic: str
    published_from: str | None
    published_to: str | None


class Coverage(_Response):
    """What was searched."""

    version: int
    articles: int
    passages: int
    published_from: str | None
    published_to: str | None


_SAID = "I don’t think that [maximum caseloads] would work because every caseload is different,"
_ANSWER: dict[str, Any] = {
    "question": "what did Loughton say about caseloads?",
    "answered": True,
    "confidence": 0.93,
    "reason": None,
    "interpretation": {
        "speakers": ["Tim Loughton"],
        "topic": "caseloads",
        "published_from": None,
        "published_to": None,
    },
    "passages": [
        {
            "rank": 1,
            "id": "000_b682cbc5f710ac7c:1:523-626",
            "text": f'"{_SAID}" Loughton said.',
            "confidence": 0.93,
            "score": 2.586689,
            "segments": [
                {"text": f'"{_SAID}"', "highlight": True},
                {"text": " Loughton said.", "highlight": False},
            ],
            "quotes": [
                {
                    "text": _SAID,
                    "speaker": "Tim Loughton",
                    "direct": True,
                    "confidence": 0.9,
                    "start": 524,
                    "end": 610,
                }
            ],
            "citation": {
                "article_id": "000_b682cbc5f710ac7c",
                "version": 1,
                "title": "Maximum caseload limits will not improve child protection, claims Loughton",
                "publisher": "CYP Now",
                "author": "Neil Puffett",
                "published": "2010-10-04",
                "url": None,
                "link": "/articles/000_b682cbc5f710ac7c#v1-523-626",
                "start": 523,
                "end": 626,
                "text_sha256": "019a7d111ae2da1f35d90641b06bec7f465803941b408f4ac640c5dab0be03af",
                "prefix": "als in the wake of Baby Peter.\n\n",
                "suffix": "\n\nDuring the meeting, Loughton o",
            },
            "copies": [],
        }
    ],
    "archive": {
        "version": 5,
        "articles": 5,
        "passages": 61,
        "published_from": "2010-03-11",
        "published_to": "2011-02-09",
    },
    "spoken_of_by": [],
    "took_ms": 3.9,
}


class Answer(_Response):
    """The passages nearest to a question, best first, and whether any of them answers it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    question: str
    answered: bool
    confidence: float
    reason: Annotated[Reason | None, Field(description="Why none of the passages answers.")]
    interpretation: Interpretation
    passages: tuple[Hit, ...]
    archive: Coverage
    spoken_of_by: Annotated[
        tuple[str, ...],
        Field(description="Where those asked for are never quoted on the topic: others who are, in these passages."),
    ]
    took_ms: float


def answer_out(answer: types.Answer, took_ms: float) -> Answer:
    """An answer, and how long it took."""
    return Answer(
        question=answer.question,
        answered=answer.answered,
        confidence=answer.confidence,
        reason=answer.reason,
        interpretation=Interpretation.model_validate(answer.interpretation),
        passages=tuple(hit_out(hit) for hit in answer.passages),
        archive=Coverage.model_validate(answer.archive),
        spoken_of_by=answer.spoken_of_by,
        took_ms=round(took_ms, 1),
    )


def hit_out(hit: types.Hit) -> Hit:
    """A passage in an answer."""
    return Hit(
        rank=hit.rank,
        id=hit.id,
        text=hit.text,
        confidence=hit.confidence,
        score=hit.score,
        segments=tuple(Segment.model_validate(segment) for segment in hit.segments),
        quotes=tuple(Quote.model_validate(statement) for statement in hit.statements),
        citation=Citation.model_validate(hit.citation),
        copies=tuple(Citation.model_validate(one) for one in hit.copies),
    )


# Articles -----------------------------------------------------------------------------------------


class ArticleLine(_Response):
    """An article in a list."""

    id: str
    version: int
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    kind: types.Kind | None
    url: str | None


class Articles(_Response):
    """A page of a list of articles."""

    articles: tuple[ArticleLine, ...]
    total: Annotated[int, Field(description="How many articles satisfy the filters, on all pages.")]
    offset: int
    limit: int


class Removed(_Response):
    """A piece of page furniture that is not part of the text."""

    rule: str
    text: str


class Passage(_Response):
    """A passage of an article: ``text[start:end]``, in code points."""

    id: str
    start: int
    end: int


class Article(ArticleLine):
    """An article in full."""

    current: Annotated[bool, Field(description="Whether no later version has replaced this one.")]
    text: str
    removed: tuple[Removed, ...]
    extra: Annotated[dict[str, Any], Field(description="What its source told beyond the other fields.")]
    passages: tuple[Passage, ...]


def line_out(stored: types.StoredArticle) -> ArticleLine:
    """An article without its text."""
    return ArticleLine(**_described(stored))


def article_out(stored: types.StoredArticle, passages: Sequence[types.Passage]) -> Article:
    """An article with its text and passages."""
    article = stored.article
    return Article(
        **_described(stored),
        current=stored.current,
        text=article.text,
        removed=tuple(Removed(rule=piece.rule, text=_storable(piece.text)) for piece in article.removed),
        extra=_storable(article.extra),
        passages=tuple(Passage.model_validate(passage) for passage in passages),
    )


def _described(stored: types.StoredArticle) -> dict[str, Any]:
    article = stored.article
    return {
        "id": article.id,
        "version": stored.version,
        "title": article.title,
        "publisher": article.publisher,
        "author": article.author,
        "published": article.published,
        "kind": article.kind,
        "url": article.url,
    }


def _storable(value: Any) -> Any:
    """A value as JSON in UTF-8 can say it: sources hold lone surrogates and numbers that are none."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value


# The archive --------------------------------------------------------------------------------------


class PublisherCount(_Response):
    """How many articles a publisher has in the archive."""

    publisher: str | None
    articles: int


class KindCount(_Response):
    """How many articles of a kind there are in the archive."""

    kind: str | None
    articles: int


class Stats(Coverage):
    """What the archive holds and how it was made."""

    publishers: tuple[PublisherCount, ...]
    kinds: tuple[KindCount, ...]
    settings: dict[str, str]


class Status(_Response):
    """The answer to a probe."""

    status: Literal["ok"] = "ok"


# Speakers -----------------------------------------------------------------------------------------


class SpeakersQuery(_Request):
    """Which speakers are wanted."""

    prefix: Annotated[
        str,
        Field(max_length=100, description="Begin of a name, a surname or an alias, in any case."),
        AfterValidator(typed),
    ] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Tenure(_Response):
    """An office as articles give it."""

    office: str
    first: Annotated[str | None, Field(description="Date of the first article that names it; null if unknown.")]
    last: Annotated[str | None, Field(description="Date of the last one.")]


class Speaker(_Response):
    """Somebody whose statements the archive holds, under all the names that its articles give them."""

    name: str
    aliases: Annotated[tuple[str, ...], Field(description="All forms of the name, the most used first.")]
    offices: Annotated[tuple[Tenure, ...], Field(description="The latest first.")]
    statements: int
    articles: int


class Speakers(_Response):
    """Speakers, those with most statements first."""

    speakers: tuple[Speaker, ...]


def speaker_out(speaker: types.Speaker) -> Speaker:
    """A speaker."""
    return Speaker.model_validate(speaker)
