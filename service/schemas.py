"""What goes over the wire, apart from the domain types so that either can change without the other.

A class is named as the domain type that it shows (``retrieval.types``); the functions ``..._out`` make the
one from the other.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import orjson
from fastapi import Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

from retrieval import types
from retrieval.archive import MAX_K, MAX_QUESTION, MAX_SPEAKERS
from retrieval.differences import Change, Difference
from service.asking import Asking
from service.findings import Findings
from service.questions import Verdict
from service.wording import NOT_KEPT

MAX_NAME = 500
MAX_LIMIT = 200
# SQLite counts in 64 bits and a page of articles never lies this far out.
MAX_NUMBER = 2**31 - 1


def undirected(text: str) -> str:
    """Text that does not override the direction in which it is written (U+202D, U+202E), to look like another."""
    if "\u202d" in text or "\u202e" in text:
        raise ValueError("must not contain overrides of the writing direction")
    return text


# Unicode's categories Cc, but for tab and line ends, and Cs.
_UNTYPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def typed(text: str) -> str:
    """Text that somebody can have typed: no control characters except white space, no lone surrogates, no overrides."""
    if _UNTYPABLE.search(text):
        raise ValueError("must not contain control characters")
    return undirected(text)


# What the validators and the archive check, said again for the description of the API, which knows only patterns.
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202d\u202e"
_TYPED = f"^[^{_CONTROL}]*$"
_TYPED_WORDS = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
_DAY = r"-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|-(0[469]|11)-(0[1-9]|[12][0-9]|30)|-02-(0[1-9]|1[0-9]|2[0-8])"
_DATE = rf"^(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{{2}}|[1-9][0-9]{{3}})({_DAY}|-(0[1-9]|1[0-2]))?$"


def _said(pattern: str) -> Any:
    return Field(json_schema_extra={"pattern": pattern})


def whole(value: Any) -> Any:
    """A number of JSON, which has one kind of them: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Strict, because JSON has numbers, and neither true nor "3" is one.
_Offset = Annotated[int, Field(strict=True, ge=0, le=MAX_NUMBER), BeforeValidator(whole)]
_Version = Annotated[int, Field(strict=True, ge=1, le=MAX_NUMBER), BeforeValidator(whole)]

Question = Annotated[
    str,
    Field(min_length=1, max_length=MAX_QUESTION, description="As a person would ask it."),
    AfterValidator(typed),
    _said(_TYPED_WORDS),
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(typed), _said(_TYPED)]
Date = Annotated[str, Field(min_length=4, max_length=10), AfterValidator(typed), _said(_DATE)]
K = Annotated[int, Field(ge=1, le=MAX_K, description="How many passages, at most.")]
Version = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
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


class ReadAs(_Request):
    """What to take a question to ask, in place of what it seems to ask; of any date, unless filters say.

    Where it is blank, the question speaks for itself.
    """

    speakers: Annotated[
        tuple[Name, ...], Field(max_length=MAX_SPEAKERS, description="Whose words, by any form of their names.")
    ] = ()
    topic: Annotated[
        str,
        Field(max_length=MAX_QUESTION, description="About what; empty: anything."),
        AfterValidator(typed),
        _said(_TYPED),
    ] = ""

    def domain(self) -> types.ReadAs:
        """The same, as the archive takes it."""
        return types.ReadAs(self.speakers, self.topic)


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
    k: Annotated[K, Field(strict=True), BeforeValidator(whole)] = 10
    filters: Filters = Filters()
    read_as: ReadAs = ReadAs()

    def asking(self) -> Asking:
        """The same, as the service takes it."""
        return Asking(self.question, self.k, self.filters.domain(), self.read_as.domain())


class AskQuery(Filters):
    """A question, as the parameters of an address."""

    q: Annotated[Question, Field(examples=["what did Loughton say about caseloads?"])]
    k: K = 10
    # A form sends its fields whether they are filled in or not.
    by: Annotated[
        tuple[Annotated[str, Field(max_length=MAX_NAME), AfterValidator(typed), _said(_TYPED)], ...],
        Field(max_length=MAX_SPEAKERS, description="read_as.speakers."),
    ] = ()
    about: Annotated[
        str, Field(max_length=MAX_QUESTION, description="read_as.topic."), AfterValidator(typed), _said(_TYPED)
    ] = ""

    def asking(self) -> Asking:
        """The same, as the service takes it."""
        return Asking(self.q, self.k, self.domain(), types.ReadAs(tuple(filter(str.strip, self.by)), self.about))


class BatchRequest(_Request):
    """Several questions at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "questions": [
                        {"question": "what did Loughton say about caseloads?", "k": 3},
                        {"question": "what did Narey say about vacancy rates?", "filters": {"published_to": "2011"}},
                    ]
                }
            ]
        }
    )

    questions: Annotated[list[AskRequest], Field(min_length=1, description="Answered in their order.")]


class ArticlesQuery(Filters):
    """Which page of which articles."""

    offset: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = 0
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
    also_in: Annotated[
        "tuple[Citation, ...]",
        Field(description="Where other articles quote the same words of the same speaker, the earliest first."),
    ]


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
    corrected: Annotated[str | None, Field(description="When the article was last corrected, where it says so.")]
    page: Annotated[int | None, Field(description="That the passage begins on, from 1, of what was printed.")]


class Attribution(_Response):
    """Whose words a passage is shown for."""

    relation: Annotated[
        types.Relation,
        Field(
            description="said_by: this person says what is marked. written_by: the author speaks. about: the person "
            "is asked for, is named in the passage and does not speak in it."
        ),
    ]
    name: Annotated[str, Field(description="As the article has it.")]
    office: Annotated[str | None, Field(description="At that time, as far as articles say.")]


class Carried(_Response):
    """Who carries a passage that stands in several articles."""

    outlets: Annotated[int, Field(description="Publishers; unknown ones are one, where no other is known.")]
    articles: Annotated[int, Field(description="Articles: the one that is cited and those of its copies.")]
    first_published: Annotated[str | None, Field(description="ISO 8601; null where none of them is dated.")]
    publishers: Annotated[tuple[str, ...], Field(description="By when each was first with it.")]


class Hit(_Response):
    """A passage in an answer."""

    rank: int
    id: str
    text: str
    confidence: Annotated[float, Field(description="Calibrated probability that the passage answers.")]
    score: float
    segments: tuple[Segment, ...]
    quotes: tuple[Quote, ...]
    attribution: Annotated[Attribution | None, Field(description="Null where nobody or several speak.")]
    citation: Citation
    copies: Annotated[
        tuple[Citation, ...], Field(description="Where nearly the same text stands as well, mostly in other articles.")
    ]
    carried: Annotated[Carried | None, Field(description="Who carries it; null where it stands in one article alone.")]


class AskedFor(_Response):
    """Somebody whose words are asked for, and how much of them the archive has."""

    name: str
    statements: int
    articles: int


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
                    "also_in": [],
                }
            ],
            "attribution": {"relation": "said_by", "name": "Tim Loughton", "office": "children's minister"},
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
                "corrected": None,
                "page": None,
            },
            "copies": [],
            "carried": None,
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
    "sources": 1,
    "asked_for": [{"name": "Tim Loughton", "statements": 109, "articles": 5}],
    "uncovered": None,
    "query_id": "5f0c2f9a7d1e4b6c8a3f1d2e4c6b8a90",
    "took_ms": 3.9,
}


class Uncovered(_Response):
    """What a question asks for of which the archive holds no article at all."""

    publisher: Annotated[str | None, Field(description="Whose articles are asked for; null for anybody's.")]
    author: Annotated[str | None, Field(description="By whom; null for anybody.")]
    published_from: Annotated[str | None, Field(description="Begin of the time that is asked for.")]
    published_to: Annotated[str | None, Field(description="Its end.")]
    held_from: Annotated[str | None, Field(description="First date of what there is of publisher and author.")]
    held_to: Annotated[str | None, Field(description="Last date of it.")]
    before: Annotated[str | None, Field(description="In a gap: the last date before the time asked for.")]
    after: Annotated[str | None, Field(description="In a gap: the first date after it.")]
    undated: Annotated[int, Field(description="Articles of publisher and author that have no date.")]


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
    sources: Annotated[
        int,
        Field(
            description="How many independent sources the passages come from: publishers who were first with one of "
            "them. What several carry is counted once."
        ),
    ]
    asked_for: Annotated[
        tuple[AskedFor, ...], Field(description="Those whose words are asked for, as far as any are quoted.")
    ]
    uncovered: Annotated[
        Uncovered | None,
        Field(description="Where nothing answers: what of the question the archive holds no article of."),
    ]
    query_id: Annotated[
        str, Field(description="Names question, filters, reading and archive together, so for feedback.")
    ]
    took_ms: float
    partial: Annotated[
        bool, Field(description="There, and true, where part of the archive did not answer; else left out.")
    ] = False
    missing_shards: Annotated[
        tuple[int, ...], Field(description="Numbers of the shards that did not; left out where all did.")
    ] = ()


class BatchAnswer(_Response):
    """The answers to several questions, in the order of the questions."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answers": [_ANSWER]}]})

    answers: tuple[Answer, ...]


def answer_json(answer: types.Answer, query_id: str, took_ms: float) -> bytes:
    """An answer, the name of what was asked, and how long it took: JSON of an ``Answer``, without making one.

    To make the models of ten passages, and JSON of them, takes seven times as long.
    """
    return orjson.dumps(answer_out(answer, query_id, took_ms))


def answer_out(answer: types.Answer, query_id: str, took_ms: float) -> dict[str, Any]:
    """The members of an ``Answer``; see ``answer_json``."""
    asked, searched = answer.interpretation, answer.archive
    return {
        "question": answer.question,
        "answered": answer.answered,
        "confidence": answer.confidence,
        "reason": answer.reason,
        "interpretation": {
            "speakers": asked.speakers,
            "topic": asked.topic,
            "published_from": asked.published_from,
            "published_to": asked.published_to,
        },
        "passages": [_hit_out(hit) for hit in answer.passages],
        "archive": {
            "version": searched.version,
            "articles": searched.articles,
            "passages": searched.passages,
            "published_from": searched.published_from,
            "published_to": searched.published_to,
        },
        "spoken_of_by": answer.spoken_of_by,
        "sources": answer.sources,
        "asked_for": [
            {"name": one.name, "statements": one.statements, "articles": one.articles} for one in answer.speakers
        ],
        "uncovered": None if answer.uncovered is None else asdict(answer.uncovered),
        "query_id": query_id,
        "took_ms": round(took_ms, 1),
        **({"partial": True, "missing_shards": answer.missing} if answer.missing else {}),
    }


def _hit_out(hit: types.Hit) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "id": hit.id,
        "text": hit.text,
        "confidence": hit.confidence,
        "score": hit.score,
        "segments": [{"text": one.text, "highlight": one.highlight} for one in hit.segments],
        "quotes": [
            {
                "text": said.text,
                "speaker": said.speaker,
                "direct": said.direct,
                "confidence": said.confidence,
                "start": said.start,
                "end": said.end,
                "also_in": [_citation_out(one) for one in said.also_in],
            }
            for said in hit.statements
        ],
        "attribution": _attribution_out(hit.attribution),
        "citation": _citation_out(hit.citation),
        "copies": [_citation_out(one) for one in hit.copies],
        "carried": _carried_out(hit.carried),
    }


def _carried_out(found: types.Carried | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "outlets": found.outlets,
        "articles": found.articles,
        "first_published": found.first_published,
        "publishers": found.publishers,
    }


def _attribution_out(found: types.Attribution | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"relation": found.relation, "name": found.name, "office": found.office}


def _citation_out(cited: types.Citation) -> dict[str, Any]:
    return {
        "article_id": cited.article_id,
        "version": cited.version,
        "title": cited.title,
        "publisher": cited.publisher,
        "author": cited.author,
        "published": cited.published,
        "url": cited.url,
        "link": cited.link,
        "start": cited.start,
        "end": cited.end,
        "text_sha256": cited.text_sha256,
        "prefix": cited.prefix,
        "suffix": cited.suffix,
        "corrected": cited.corrected,
        "page": cited.page,
    }


# Articles -----------------------------------------------------------------------------------------


_LINE: dict[str, Any] = {
    "id": "000_b682cbc5f710ac7c",
    "version": 2,
    "title": "Maximum caseload limits will not improve child protection, claims Loughton",
    "publisher": "CYP Now",
    "author": "Neil Puffett",
    "published": "2010-10-04",
    "kind": "report",
    "url": None,
}


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

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"articles": [_LINE], "total": 5, "offset": 0, "limit": 1}]}
    )

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_LINE,
                    "current": True,
                    "corrected": None,
                    "text": f'"{_SAID}" Loughton said.',
                    "removed": [{"rule": "share-buttons", "text": "Share this page"}],
                    "extra": {"desk": "politics"},
                    "passages": [{"id": "000_b682cbc5f710ac7c:2:0-103", "start": 0, "end": 103}],
                }
            ]
        }
    )

    current: Annotated[bool, Field(description="Whether no later version has replaced this one.")]
    corrected: Annotated[str | None, Field(description="When it was last corrected, where it says so.")]
    text: str
    removed: tuple[Removed, ...]
    extra: Annotated[dict[str, Any], Field(description="What its source told beyond the other fields.")]
    passages: tuple[Passage, ...]


class ArticleVersion(_Response):
    """One version of an article."""

    version: int
    current: Annotated[bool, Field(description="Whether no later version has replaced this one.")]
    title: str | None
    published: str | None
    corrected: Annotated[str | None, Field(description="When it was last corrected, where it says so.")]
    passages: Annotated[int, Field(description="How many passages it has.")]


class ArticleVersions(_Response):
    """All versions of an article, the first first; a deletion removes them all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _LINE["id"],
                    "versions": [
                        {
                            "version": number,
                            "current": number == 2,
                            "title": _LINE["title"],
                            "published": _LINE["published"],
                            "corrected": "2010-10-05" if number == 2 else None,
                            "passages": 9,
                        }
                        for number in (1, 2)
                    ],
                }
            ]
        }
    )

    id: str
    versions: tuple[ArticleVersion, ...]


class DiffQuery(_Request):
    """Which versions are compared."""

    from_: Annotated[
        Version | None, Field(alias="from", description="The earlier one; by default the one before the other.")
    ] = None
    to: Annotated[Version | None, Field(description="The later one; by default the current one.")] = None


class ComparedVersion(_Response):
    """One of two versions that are compared."""

    version: int
    current: Annotated[bool, Field(description="Whether no later version has replaced this one.")]
    corrected: Annotated[str | None, Field(description="When it was last corrected, where it says so.")]


class FieldChange(_Response):
    """What is told of an article otherwise, beside its text."""

    name: str
    before: Annotated[str | None, Field(description="Null where it was not told.")]
    after: str | None


class Piece(_Response):
    """A run of the text."""

    change: Annotated[
        Change, Field(description="equal: both versions have it. removed: only the one before. added: only the other.")
    ]
    text: str


class ArticleDiff(_Response):
    """What two versions of an article differ in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _LINE["id"],
                    "before": {"version": 1, "current": False, "corrected": None},
                    "after": {"version": 2, "current": True, "corrected": "2010-10-05"},
                    "fields": [{"name": "corrected", "before": None, "after": "2010-10-05"}],
                    "pieces": [
                        {"change": "equal", "text": f'"{_SAID}" '},
                        {"change": "removed", "text": "Loughton"},
                        {"change": "added", "text": "Tim Loughton"},
                        {"change": "equal", "text": " said."},
                    ],
                }
            ]
        }
    )

    id: str
    before: ComparedVersion
    after: ComparedVersion
    fields: Annotated[tuple[FieldChange, ...], Field(description="What else than the text is told otherwise.")]
    pieces: Annotated[
        tuple[Piece, ...],
        Field(description="equal and removed, joined, are the text before; equal and added, the text after."),
    ]


# What an id may be; one that begins with a dot is read too, but some clients resolve "." and "..".
_IN_ID = r"[^/\\\u0000-\u001f\u007f-\u009f\u2028\u2029\u202d\u202e]"
_AT_EDGE = r"[^./\\\s\u0000-\u001f\u007f-\u009f\u202d\u202e]"
ARTICLE_ID = f"^{_AT_EDGE}({_IN_ID}*{_AT_EDGE})?$"

# As ingest.checks checks it, which refuses the same and a little more.
_STORABLE = r"^[^\u0000]*$"
_STORABLE_LINE = r"^[^\u0000\u202d\u202e]*$"
_STORABLE_WORDS = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"

# What the further members of an article may hold, for the description of the API.
_ANY_STORABLE: Any = {"$ref": "#/components/schemas/Storable"}
STORABLE: dict[str, Any] = {
    "title": "Storable",
    "description": "Any JSON without NUL characters, nested 32 deep at most.",
    "anyOf": [
        {"type": ["null", "boolean", "number"]},
        {"type": "string", "pattern": _STORABLE},
        {"type": "array", "items": _ANY_STORABLE},
        {"type": "object", "propertyNames": {"pattern": _STORABLE}, "additionalProperties": _ANY_STORABLE},
    ],
}


# Text runs as its source has it; a title or a name that overrides its direction is there to deceive.
_Line = Annotated[StrictStr, AfterValidator(undirected), _said(_STORABLE_LINE)]


class ArticleIn(BaseModel):
    """An article as its source has it. What is null or blank is unknown; further members are kept as ``extra``."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "title": _LINE["title"],
                    "publisher": _LINE["publisher"],
                    "author": _LINE["author"],
                    "published": _LINE["published"],
                    "text": f'"{_SAID}" Loughton said.',
                    "desk": "politics",
                }
            ],
            "propertyNames": {"pattern": _STORABLE},
            "additionalProperties": _ANY_STORABLE,
        },
    )

    text: Annotated[
        StrictStr, Field(min_length=1, description="Paragraphs with blank lines between."), _said(_STORABLE_WORDS)
    ]
    id: Annotated[_Line | None, Field(description="The same as in the address, or left out.")] = None
    title: Annotated[_Line | None, Field(description="Headline.")] = None
    url: Annotated[
        Annotated[StrictStr, _said(r"^(\s*|https?://[A-Za-z0-9.-]+(/[!-~]*)?)$")] | None,
        Field(description="Where it was published; http or https."),
    ] = None
    publisher: _Line | None = None
    author: _Line | None = None
    published: Annotated[
        Annotated[StrictStr, _said(rf"^\s*$|{_DATE}")] | None,
        Field(description="ISO 8601: 2010, 2010-10, 2010-10-04 or a time."),
    ] = None
    corrected: Annotated[
        Annotated[StrictStr, _said(rf"^\s*$|{_DATE}")] | None,
        Field(description="When it was last corrected; as published."),
    ] = None
    kind: Annotated[
        Annotated[StrictStr, _said(rf"^\s*({'|'.join(get_args(types.Kind))})?\s*$")] | None,
        Field(description="What sort of text it is, where the source says so."),
    ] = None

    def stated(self) -> dict[str, Any]:
        """All that was sent, further members included."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class PutResult(_Response):
    """What became of an article that was put."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": _LINE["id"], "version": 2, "outcome": "changed", "passages": 9}]}
    )

    id: str
    version: int
    outcome: Literal["new", "changed", "unchanged"]
    passages: Annotated[int, Field(description="How many passages this version has.")]


def versions_out(found: Sequence[types.StoredArticle], spans: Mapping[int, Sequence[types.Span]]) -> ArticleVersions:
    """All versions of an article, and how many passages each has."""
    return ArticleVersions(
        id=found[0].article.id,
        versions=tuple(
            ArticleVersion(
                version=one.version,
                current=one.current,
                title=one.article.title,
                published=one.article.published,
                corrected=one.article.corrected,
                passages=len(spans.get(one.version, ())),
            )
            for one in found
        ),
    )


def diff_out(found: Difference) -> ArticleDiff:
    """What two versions of an article differ in."""
    before, after = (
        ComparedVersion(version=one.version, current=one.current, corrected=one.article.corrected)
        for one in (found.before, found.after)
    )
    return ArticleDiff(
        id=found.after.article.id,
        before=before,
        after=after,
        fields=tuple(map(FieldChange.model_validate, found.fields)),
        pieces=tuple(map(Piece.model_validate, found.pieces)),
    )


def line_out(stored: types.StoredArticle) -> ArticleLine:
    """An article without its text."""
    return ArticleLine(**_described(stored))


def article_out(stored: types.StoredArticle, passages: Sequence[types.Passage]) -> Article:
    """An article with its text and passages."""
    article = stored.article
    return Article(
        **_described(stored),
        current=stored.current,
        corrected=article.corrected,
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


class EncoderUsed(_Response):
    """The embedding model, and how it is run on this machine."""

    model: Annotated[str, Field(description="What sentence-transformers loads it by.")]
    precision: Annotated[Literal["bf16", "fp32"], Field(description="Of the numbers that it multiplies.")]


class IndexOut(_Response):
    """The index of the passages' vectors."""

    kind: Annotated[
        Literal["exact", "sketched"],
        Field(description="Whether all vectors are compared whole, or most of them by a sketch of them first."),
    ]
    vectors: Annotated[int, Field(description="How many there are.")]
    bytes: Annotated[int, Field(description="How much memory they take.")]


StatsLimit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description="Of how many publishers, speakers and reasons to tell all.")
]
_Month = Annotated[str, Field(description="As 2012-05; a year alone, as 2012, for what is dated to that.")]


class Gap(_Response):
    """Months in a row with less than a tenth of the usual number of articles, in which eight or more are usual."""

    first: str
    last: str
    articles: Annotated[int, Field(description="How many there are all the same.")]
    usual: Annotated[int, Field(description="How many there usually are in so many months.")]


class Held(_Response):
    """What the archive holds of one publisher, or of all."""

    first: Annotated[_Month | None, Field(description="First month, or year, that there is something of.")]
    last: _Month | None
    undated: Annotated[int, Field(description="Articles without a date.")]
    months: Annotated[
        dict[str, int],
        Field(description="Articles by month, 2012-05, where there are any; those dated to a year by year, 2012."),
    ]
    gaps: tuple[Gap, ...]


class HeldOf(Held):
    """What the archive holds of one publisher."""

    publisher: str | None
    articles: int


class Holdings(Held):
    """What the archive holds by publisher and month."""

    publishers: Annotated[tuple[HeldOf, ...], Field(description="Most articles first, up to the limit.")]
    different: Annotated[int, Field(description="How many publishers there are, unknown ones counted as one.")]


class Quoted(_Response):
    """Somebody who is quoted."""

    name: str
    statements: int
    articles: int


class ConfidenceCount(_Response):
    """How many statements are attributed with at least this confidence, and less than the next."""

    least: float
    statements: int


class Sample(_Response):
    """How surely statements are attributed, in passages spread evenly over the archive."""

    passages: Annotated[int, Field(description="How many were looked into: all, up to a thousand.")]
    statements: Annotated[int, Field(description="How many they hold.")]
    by_confidence: tuple[ConfidenceCount, ...]
    unattributed: Annotated[int, Field(description="Of whom it is not certain enough who says them.")]


class SpeakersCount(_Response):
    """Who is quoted."""

    names: Annotated[int, Field(description="Names that statements are attributed to; one person may have several.")]
    statements: int
    most_quoted: tuple[Quoted, ...]
    sample: Sample


class ReasonCount(_Response):
    """How much could not be read for a reason."""

    reason: Annotated[str, Field(description="Without places, numbers and what was quoted.")]
    count: int


class Failed(_Response):
    """What of the sources could not be read the last time, as far as that is kept."""

    count: int
    reasons: Annotated[tuple[ReasonCount, ...], Field(description="Most first, up to the limit.")]
    different: Annotated[int, Field(description="How many reasons there are.")]
    read_at: Annotated[str | None, Field(description="When any of them was read last, in UTC.")]


class FailuresQuery(_Request):
    """How much is wanted of what could not be read."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Reasons, at most.")] = 20
    examples: Annotated[int, Field(ge=0, le=MAX_LIMIT, description="Failures of each, at most.")] = 10


class Failure(_Response):
    """Something that could not be read the last time."""

    source: Annotated[str, Field(description="Empty for what was named on the command line.")]
    where: Annotated[str, Field(description="Path or address, with the line if there are lines.")]
    problem: str
    read_at: str


class FailedFor(ReasonCount):
    """What could not be read for a reason."""

    failures: Annotated[tuple[Failure, ...], Field(description="The newest first.")]


class SourceRead(_Response):
    """A source that was read."""

    source: Annotated[str, Field(description="Empty for what was named on the command line.")]
    items: Annotated[int, Field(description="Files, pages or feeds that something is known of.")]
    failed: Annotated[int, Field(description="How many things in them could not be read.")]
    read_at: str


class Failures(_Response):
    """What of the sources could not be read the last time, by reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "count": 1,
                    "different": 1,
                    "reasons": [
                        {
                            "reason": "there is no text in it",
                            "count": 1,
                            "failures": [
                                {
                                    "source": "packet",
                                    "where": "/srv/packet/2010.jsonl:17",
                                    "problem": "there is no text in it",
                                    "read_at": "2026-03-01T06:00:00+00:00",
                                }
                            ],
                        }
                    ],
                    "sources": [{"source": "packet", "items": 12, "failed": 1, "read_at": "2026-03-01T06:00:00+00:00"}],
                }
            ]
        }
    )

    count: int
    different: int
    reasons: tuple[FailedFor, ...]
    sources: tuple[SourceRead, ...]


class Stats(Coverage):
    """What the archive holds and how it was made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_ANSWER["archive"],
                    "publishers": [{"publisher": "Community Care", "articles": 2}],
                    "kinds": [{"kind": "report", "articles": 2}],
                    "index": {"kind": "exact", "vectors": 84, "bytes": 67_284},
                    "settings": {"model": "all-MiniLM-L6-v2", "passage_tokens": "256"},
                    "encoder": {"model": "all-MiniLM-L6-v2", "precision": "bf16"},
                    "holdings": {
                        "first": "2010-03",
                        "last": "2011-02",
                        "undated": 2,
                        "months": {"2010-03": 1, "2010-10": 1, "2011-02": 1},
                        "gaps": [],
                        "publishers": [
                            {
                                "publisher": "Community Care",
                                "articles": 2,
                                "first": "2010-03",
                                "last": "2011-02",
                                "undated": 0,
                                "months": {"2010-03": 1, "2011-02": 1},
                                "gaps": [],
                            }
                        ],
                        "different": 3,
                    },
                    "copied": 0,
                    "speakers": {
                        "names": 12,
                        "statements": 151,
                        "most_quoted": [{"name": "Tim Loughton", "statements": 109, "articles": 5}],
                        "sample": {
                            "passages": 61,
                            "statements": 170,
                            "by_confidence": [{"least": 0.9, "statements": 120}],
                            "unattributed": 19,
                        },
                    },
                    "failed": {"count": 0, "reasons": [], "different": 0, "read_at": None},
                }
            ]
        }
    )

    publishers: tuple[PublisherCount, ...]
    kinds: tuple[KindCount, ...]
    index: IndexOut
    settings: dict[str, str]
    encoder: EncoderUsed
    holdings: Holdings
    copied: Annotated[int, Field(description="Articles that stand in others as well, or nearly.")]
    speakers: SpeakersCount
    failed: Failed


class Status(_Response):
    """The answer to a probe."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok", "partial"] = "ok"
    missing_shards: Annotated[
        tuple[int, ...] | None,
        Field(description="There where the status is partial: shards that do not answer. The others do."),
    ] = None

    @classmethod
    def of(cls, missing: tuple[int, ...]) -> "Status":
        """Of a service that answers without these shards."""
        return cls(status="partial", missing_shards=missing) if missing else cls()


# Speakers -----------------------------------------------------------------------------------------


class SpeakersQuery(_Request):
    """Which speakers are wanted."""

    prefix: Annotated[
        str,
        Field(max_length=100, description="Begin of a name, a surname or an alias, in any case.", examples=["lough"]),
        AfterValidator(typed),
        _said(_TYPED),
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


_SPEAKER: dict[str, Any] = {
    "name": "Tim Loughton",
    "aliases": ["Loughton", "Tim Loughton"],
    "offices": [{"office": "children's minister", "first": "2010-10-04", "last": "2010-10-04"}],
    "statements": 12,
    "articles": 2,
}


class Speakers(_Response):
    """Speakers, those with most statements first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"speakers": [_SPEAKER]}]})

    speakers: tuple[Speaker, ...]


def speaker_out(speaker: types.Speaker) -> Speaker:
    """A speaker."""
    return Speaker.model_validate(speaker)


class RecordQuery(_Request):
    """Which page of a record."""

    offset: Annotated[int, Field(ge=0, le=MAX_NUMBER, description="How many articles to pass over.")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many articles, at most.")] = 20


class Said(_Response):
    """Something that somebody says in an article."""

    text: str
    manner: Annotated[
        Literal["direct", "reported", "own"],
        Field(
            description="direct: in quotation marks. reported: in the article's words. own: by the author of the text."
        ),
    ]
    speaker: Annotated[str, Field(description="As the article names them.")]
    confidence: Annotated[float, Field(description="Probability that the speaker is right.")]
    before: Annotated[str, Field(description="The rest of its first sentence.")]
    after: Annotated[str, Field(description="The rest of its last sentence.")]
    citation: Citation
    also_in: Annotated[
        tuple[Citation, ...],
        Field(description="Where other articles quote the same words, or some of them, the earliest first."),
    ]


class SaidIn(ArticleLine):
    """An article, and what somebody says in it, in the order of the text."""

    statements: Annotated[
        tuple[Said, ...], Field(description="But for those that stand with another article, which has all of them.")
    ]
    repeated: Annotated[int, Field(description="How many those are.")]


class YearCount(_Response):
    """How many articles of a record are of a year."""

    year: Annotated[int | None, Field(description="Null: without a date.")]
    articles: int


class Record(_Response):
    """What somebody is on record with, the newest article first, those without a date last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "speaker": _SPEAKER,
                    "others": [],
                    "articles": [
                        {
                            **_LINE,
                            "statements": [
                                {
                                    "text": _SAID,
                                    "manner": "direct",
                                    "speaker": "Tim Loughton",
                                    "confidence": 0.98,
                                    "before": '"',
                                    "after": '" Loughton said.',
                                    "citation": {
                                        **_ANSWER["passages"][0]["citation"],
                                        "link": "/articles/000_b682cbc5f710ac7c?version=1&start=524&end=610#v1-524-610",
                                        "start": 524,
                                        "end": 610,
                                    },
                                    "also_in": [],
                                }
                            ],
                            "repeated": 0,
                        }
                    ],
                    "total": 5,
                    "offset": 0,
                    "limit": 1,
                    "years": [{"year": 2011, "articles": 1}, {"year": 2010, "articles": 4}],
                }
            ]
        }
    )

    speaker: Annotated[
        Speaker | None, Field(description="Null where the name fits several people; then others are all of them.")
    ]
    others: Annotated[tuple[Speaker, ...], Field(description="Whom the name fits as well, most statements first.")]
    articles: tuple[SaidIn, ...]
    total: Annotated[int, Field(description="How many articles there are on all pages.")]
    offset: int
    limit: int
    years: tuple[YearCount, ...]


def record_out(record: types.Record, offset: int, limit: int) -> Record:
    """What somebody is on record with."""
    return Record(
        speaker=None if record.speaker is None else speaker_out(record.speaker),
        others=tuple(map(speaker_out, record.others)),
        articles=tuple(
            SaidIn(
                **_described(one.article),
                statements=tuple(Said.model_validate(each) for each in one.statements),
                repeated=one.repeated,
            )
            for one in record.articles
        ),
        total=record.total,
        offset=offset,
        limit=limit,
        years=tuple(YearCount(year=year, articles=count) for year, count in record.years),
    )


# Citations ----------------------------------------------------------------------------------------

_CITED = {name: _ANSWER["passages"][0]["citation"][name] for name in ("article_id", "version", "start", "end")}


class CitationIn(_Request):
    """A citation as it was given out, or the part of it that can be checked."""

    article_id: Name
    version: _Version
    start: _Offset
    end: _Offset
    text_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    prefix: Annotated[StrictStr | None, Field(max_length=32, description="Compared only where it is given.")] = None
    suffix: Annotated[StrictStr | None, Field(max_length=32, description="Compared only where it is given.")] = None
    title: Annotated[StrictStr | None, Field(description="Not compared, as all that follow.")] = None
    publisher: StrictStr | None = None
    author: StrictStr | None = None
    published: StrictStr | None = None
    url: StrictStr | None = None
    link: StrictStr | None = None
    corrected: StrictStr | None = None
    page: StrictInt | None = None

    def domain(self) -> types.CitedPassage:
        """What can be checked of it."""
        return types.CitedPassage(
            self.article_id, self.version, self.start, self.end, self.text_sha256, self.prefix, self.suffix
        )


class VerifyRequest(_Request):
    """Citations that were given out earlier."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"citations": [{**_CITED, "text_sha256": _ANSWER["passages"][0]["citation"]["text_sha256"]}]}]
        }
    )

    citations: Annotated[list[CitationIn], Field(min_length=1, description="Checked in their order.")]


class Nearest(_Response):
    """A passage of the present version that is like the cited one."""

    start: int
    end: int
    text: str
    link: str
    likeness: Annotated[float, Field(description="Share of words that stand in both in the same order, 0 to 1.")]


class Verification(_Response):
    """What has become of a cited passage."""

    status: Annotated[
        Literal["exact", "moved", "changed", "withdrawn", "not_genuine"],
        Field(
            description="exact: the present version has the very text at the very offsets. moved: it has it elsewhere. "
            "changed: it does not have it. withdrawn: the cited version has been deleted. not_genuine: this archive "
            "cannot have given the citation out."
        ),
    ]
    detail: str
    superseded: Annotated[bool | None, Field(description="Whether a later version has replaced the cited one.")]
    version: Annotated[int | None, Field(description="The present version of the article; null if there is none.")]
    start: Annotated[int | None, Field(description="Where the text stands in the present version, if it does.")]
    end: int | None
    link: Annotated[str | None, Field(description="Leads to where the text stands now.")]
    text: Annotated[str | None, Field(description="Where the text has changed: of the passage now most like it.")]
    nearest: Annotated[tuple[Nearest, ...], Field(description="The passages now most like it, the likest first.")]
    corrected: Annotated[
        str | None, Field(description="When the present version says that it was last corrected, if it says so.")
    ]


class Verifications(_Response):
    """What has become of each citation, in the order of the citations."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": [
                        {
                            "status": "moved",
                            "detail": "version 2, the present one, has the text elsewhere",
                            "superseded": True,
                            "version": 2,
                            "start": 561,
                            "end": 664,
                            "link": "/articles/000_b682cbc5f710ac7c#v2-561-664",
                            "text": None,
                            "nearest": [],
                            "corrected": "2010-10-05",
                        }
                    ]
                }
            ]
        }
    )

    results: tuple[Verification, ...]


def verification_out(found: types.Verification) -> Verification:
    """What has become of a cited passage."""
    return Verification(
        status=found.status,
        detail=found.detail,
        superseded=found.superseded,
        version=found.version,
        start=found.start,
        end=found.end,
        link=found.link,
        text=found.nearest[0].text if found.nearest else None,
        nearest=tuple(Nearest.model_validate(one) for one in found.nearest),
        corrected=found.corrected,
    )


# What is asked ------------------------------------------------------------------------------------

PASSAGE_ID = r"^[^\u0000-\u001f\u007f]+:[0-9]{1,9}:[0-9]{1,9}-[0-9]{1,9}$"
_VOTED = {"passage_id": _ANSWER["passages"][0]["id"], "helpful": 3, "unhelpful": 1}
_FOUND: dict[str, Any] = {
    "question": _ANSWER["question"],
    "filters": {"published_from": "2010"},
    "read_as": None,
    "asked": 14,
    "answered": 14,
    "last": "2026-03-04T10:31:00Z",
    "reason": None,
    "confidence": 0.93,
    "passages": [_ANSWER["passages"][0]["id"]],
    "votes": [_VOTED],
}
_UNANSWERED: dict[str, Any] = {
    **_FOUND,
    "question": "what did Narey say about vacancy rates?",
    "filters": {},
    "asked": 2,
    "answered": 0,
    "reason": "speaker_not_quoted_on_topic",
    "confidence": 0.04,
    "votes": [],
}


class Feedback(_Request):
    """What a visitor thought of an answer, or of a passage in it; no question is in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query_id": _ANSWER["query_id"],
                    "passage_id": _ANSWER["passages"][0]["id"],
                    "verdict": "helpful",
                    "vote_id": "q7Tn3vJx0Zk5sWc1",
                }
            ]
        }
    )

    query_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="Of the answer.")]
    passage_id: Annotated[
        Annotated[str, Field(pattern=PASSAGE_ID, max_length=250)] | None,
        Field(description="Which passage of it; null: the answer as a whole."),
    ] = None
    verdict: Annotated[Verdict, Field(description="none takes an earlier one back.")]
    vote_id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{16,64}$",
            description="Random, one for each answer shown and passage: a later verdict replaces the earlier.",
        ),
    ]


class QuestionsQuery(_Request):
    """Which questions are wanted."""

    since: Annotated[
        Date | None, Field(description="2026, 2026-03 or 2026-03-04; what was asked before is left out.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Questions, groups and passages, at most.")] = 50
    unanswered: Annotated[bool, Field(description="Leave out what was answered the last time.")] = False


class Voted(_Response):
    """How many found something helpful, and how many did not."""

    passage_id: Annotated[str | None, Field(description="null: the answer as a whole.")]
    helpful: int
    unhelpful: int


class AskedQuestion(_Response):
    """A question, however often it was asked; reason, confidence and passages are of the last time."""

    question: str
    filters: dict[str, str]
    read_as: ReadAs | None
    asked: Annotated[int, Field(description="How many times.")]
    answered: Annotated[int, Field(description="How many times of these something answered it.")]
    last: Annotated[datetime, Field(description="To the minute, UTC.")]
    reason: Annotated[Reason | None, Field(description="Why nothing answers it; null if something does.")]
    confidence: float
    passages: Annotated[tuple[str, ...], Field(description="Ids of the first passages.")]
    votes: tuple[Voted, ...]


class AlikeQuestions(_Response):
    """Questions that want the same."""

    asked: Annotated[int, Field(description="How many times all of them were.")]
    questions: tuple[AskedQuestion, ...]


class Questions(_Response):
    """What was asked, those asked most first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kept": True,
                    "note": None,
                    "keep_days": 90,
                    "asked": 16,
                    "answered": 14,
                    "different": 2,
                    "questions": [_FOUND, _UNANSWERED],
                    "unanswered": [{"asked": 2, "questions": [_UNANSWERED]}],
                    "groups": 1,
                    "passages": [_VOTED],
                }
            ]
        }
    )

    kept: Annotated[bool, Field(description="Whether questions are kept at all.")]
    note: Annotated[str | None, Field(description="Where they are not: how to have them kept.")]
    keep_days: Annotated[int | None, Field(description="For how many days; null where nothing is kept yet.")]
    asked: Annotated[int, Field(description="How many times something was asked.")]
    answered: Annotated[int, Field(description="How many times of these something answered.")]
    different: Annotated[int, Field(description="How many different questions.")]
    questions: tuple[AskedQuestion, ...]
    unanswered: Annotated[
        tuple[AlikeQuestions, ...],
        Field(description="What nothing answered the last time, in groups of questions that want the same."),
    ]
    groups: Annotated[int, Field(description="How many such groups there are.")]
    passages: Annotated[tuple[Voted, ...], Field(description="Those with most votes, whatever was asked.")]


def questions_out(found: Findings) -> Questions:
    """What was learnt of what is asked."""
    return Questions(
        kept=found.kept,
        note=None if found.kept else NOT_KEPT,
        keep_days=found.keep_days,
        asked=found.asked,
        answered=found.answered,
        different=found.different,
        questions=tuple(AskedQuestion.model_validate(one) for one in found.questions),
        unanswered=tuple(AlikeQuestions.model_validate(one) for one in found.unanswered),
        groups=found.groups,
        passages=tuple(Voted.model_validate(one) for one in found.passages),
    )
