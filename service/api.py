"""The API, ``/v1``. Whatever touches the archive is done by a worker; the event loop only waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from ingest.pipeline import store
from ingest.records import record
from retrieval.archive import STATS_LIMIT, Archive
from retrieval.dates import first_day
from retrieval.errors import InvalidRequest, SourceError
from service import problems, schemas, stream
from service.asking import Asking
from service.bodies import Route
from service.caching import Content, conditional, json_response, of_bytes
from service.findings import learn
from service.given import Given, Parts

router = APIRouter(prefix="/v1", route_class=Route)

ArticleId = Annotated[
    str,
    Path(
        description="Id of an article.",
        examples=["000_b682cbc5f710ac7c"],
        json_schema_extra={"pattern": schemas.ARTICLE_ID, "minLength": 1, "maxLength": 200},
    ),
]

SpeakerName = Annotated[
    schemas.Name, Path(description="A name, a surname or an alias, in any case.", examples=["Tim Loughton"])
]

# Asking -------------------------------------------------------------------------------------------


@router.post(
    "/ask",
    operation_id="ask",
    summary="Ask a question",
    response_model=schemas.Answer,
)
async def ask(given: Given, asked: schemas.AskRequest) -> Response:
    """The k passages nearest to a question, best first, and whether any of them answers it."""
    asking = asked.asking()
    given.answers.expect(asking)
    return json_response((await given.work.reading.do(lambda: given.answers.ask(asking))).body)


@router.get("/ask", operation_id="ask_get", summary="Ask a question by its address", response_model=schemas.Answer)
async def ask_get(request: Request, given: Given, asked: Annotated[schemas.AskQuery, Query()]) -> Response:
    """The same as POST, with everything in the address."""
    asking = asked.asking()
    given.answers.expect(asking)
    return await _get(request, given, lambda: given.answers.ask(asking).content)


@router.post(
    "/ask/batch",
    operation_id="ask_batch",
    summary="Ask several questions",
    response_model=schemas.BatchAnswer,
)
async def ask_batch(given: Given, batch: schemas.BatchRequest) -> Response:
    """The answers to several questions, in their order; one that cannot be meant spoils the request."""
    _bound(given, "questions", len(batch.questions))

    def answers() -> bytes:
        asked = [one.asking() for one in batch.questions]
        for index, asking in enumerate(asked):
            with _of(index):
                given.answers.expect(asking)
        found = [_answer_of(given, index, asking) for index, asking in enumerate(asked)]
        return b'{"answers":[%b]}' % b",".join(found)

    return json_response(await given.work.reading.do(answers))


def _answer_of(given: Parts, index: int, asking: Asking) -> bytes:
    with _of(index):
        return given.answers.ask(asking).body


@contextmanager
def _of(index: int) -> Iterator[None]:
    """What the archive refuses inside is a fault of one of the questions of a batch."""
    try:
        yield
    except InvalidRequest as error:
        raise problems.InvalidField(f"questions.{index}", str(error)) from error


def _bound(given: Parts, field: str, count: int) -> None:
    if count > given.settings.max_batch:
        raise problems.InvalidField(field, f"{count} are too many; at most {given.settings.max_batch} are taken")


# Articles -----------------------------------------------------------------------------------------


@router.get("/articles", operation_id="list_articles", summary="List articles", response_model=schemas.Articles)
async def list_articles(request: Request, given: Given, wanted: Annotated[schemas.ArticlesQuery, Query()]) -> Response:
    """A page of the articles that satisfy the filters, by id, without their texts."""

    def articles() -> schemas.Articles:
        found, total = given.archive.articles(wanted.domain(), offset=wanted.offset, limit=wanted.limit)
        lines = tuple(schemas.line_out(stored) for stored in found)
        return schemas.Articles(articles=lines, total=total, offset=wanted.offset, limit=wanted.limit)

    return await _get(request, given, articles)


@router.get(
    "/articles/{article_id}", operation_id="get_article", summary="Read an article", response_model=schemas.Article
)
async def get_article(
    request: Request, given: Given, article_id: ArticleId, version: schemas.Version | None = None
) -> Response:
    """An article in full, in its current version or in the one asked for."""

    def article() -> schemas.Article:
        stored = given.archive.article(article_id, version)
        return schemas.article_out(stored, given.archive.passages(stored))

    return await _get(request, given, article)


@router.get(
    "/articles/{article_id}/versions",
    operation_id="list_versions",
    summary="List the versions of an article",
    response_model=schemas.ArticleVersions,
)
async def list_versions(request: Request, given: Given, article_id: ArticleId) -> Response:
    """All versions that an article has had since it was last put in anew, the first first."""
    archive = given.archive
    return await _get(
        request, given, lambda: schemas.versions_out(archive.versions(article_id), archive.spans(article_id))
    )


@router.get(
    "/articles/{article_id}/diff",
    operation_id="diff_article",
    summary="Compare two versions of an article",
    response_model=schemas.ArticleDiff,
)
async def diff_article(
    request: Request, given: Given, article_id: ArticleId, wanted: Annotated[schemas.DiffQuery, Query()]
) -> Response:
    """What a version has otherwise than an earlier one: by default the current one than the one before it."""
    archive = given.archive
    return await _get(request, given, lambda: schemas.diff_out(archive.difference(article_id, wanted.from_, wanted.to)))


@router.put(
    "/articles/{article_id}",
    operation_id="put_article",
    summary="Put an article in",
    response_model=schemas.PutResult,
    responses={
        200: {"description": "A changed article has become the next version; one that is as it was, has not."},
        201: {
            "description": "There was no article of this id.",
            "model": schemas.PutResult,
            "headers": {"Location": {"description": "Where the article is read.", "schema": {"type": "string"}}},
        },
    },
    dependencies=[Depends(problems.json_only)],
)
async def put_article(given: Given, article_id: ArticleId, article: schemas.ArticleIn) -> Response:
    """Make this the current version of an article. It is durably stored when this is answered."""
    if article.id not in (None, article_id):
        raise problems.InvalidField("id", "this is another id than the one in the address; leave it out")
    stated = {**article.stated(), "id": article_id}
    result = await given.work.writing.do(lambda: _put(given.archive, stated))
    if result.outcome != "new":
        return json_response(result)
    return json_response(result, 201, {"Location": f"/v1/articles/{quote(article_id, safe='')}"})


def _put(archive: Archive, stated: dict[str, Any]) -> schemas.PutResult:
    try:
        (outcome,) = store(archive, [record("article", stated)])
    except SourceError as error:
        raise problems.InvalidField(error.field or "body", error.problem) from error
    if isinstance(outcome, SourceError):
        raise problems.InvalidField("body", outcome.problem)
    spans = archive.spans(outcome.article_id)
    return schemas.PutResult(
        id=outcome.article_id,
        version=outcome.version,
        outcome=outcome.outcome,
        passages=len(spans.get(outcome.version, ())),
    )


@router.delete("/articles/{article_id}", operation_id="delete_article", summary="Delete an article", status_code=204)
async def delete_article(given: Given, article_id: ArticleId) -> Response:
    """Remove an article in all its versions. It is gone when this is answered."""
    await given.work.writing.do(lambda: given.archive.delete(article_id))
    return Response(status_code=204)


@router.post(
    "/articles",
    operation_id="stream_articles",
    summary="Put many articles in, one a line",
    openapi_extra=stream.DESCRIPTION,
    responses=stream.RESPONSES,
    response_class=Response,
)
async def stream_articles(request: Request, given: Given) -> Response:
    """Articles as NDJSON, one a line, as for a single one, but each with its own ``id`` (derived where it has none).

    Each line is answered by one, in order, as it is durably stored: with ``outcome``, or with ``error`` where that
    line could not be taken, which spoils no other. The last line has the totals; where it is missing, not all was
    read. Read the answer while you send: the body is taken no faster than the answer is. gzip is understood.
    """
    return stream.answer(request, given.archive, given.work.writing, given.settings)


# Citations ----------------------------------------------------------------------------------------


@router.post(
    "/citations/verify",
    operation_id="verify_citations",
    summary="Check citations that were given out",
    response_model=schemas.Verifications,
)
async def verify_citations(given: Given, wanted: schemas.VerifyRequest) -> Response:
    """For each citation, in order: whether its text still stands where it stood, elsewhere, changed or not at all."""
    _bound(given, "citations", len(wanted.citations))

    def results() -> schemas.Verifications:
        found = (given.archive.verify_citation(one.domain()) for one in wanted.citations)
        return schemas.Verifications(results=tuple(map(schemas.verification_out, found)))

    return json_response(await given.work.reading.do(results))


# The archive --------------------------------------------------------------------------------------


@router.get("/speakers", operation_id="list_speakers", summary="Who is quoted", response_model=schemas.Speakers)
async def list_speakers(request: Request, given: Given, wanted: Annotated[schemas.SpeakersQuery, Query()]) -> Response:
    """Speakers with a name, surname or alias that begins with the prefix, those with most statements first."""

    def speakers() -> schemas.Speakers:
        found = given.archive.speakers(wanted.prefix, wanted.limit)
        return schemas.Speakers(speakers=tuple(schemas.speaker_out(one) for one in found))

    return await _get(request, given, speakers)


@router.get("/speakers/{name}", operation_id="get_speaker", summary="What somebody said", response_model=schemas.Record)
async def get_speaker(
    request: Request, given: Given, name: SpeakerName, wanted: Annotated[schemas.RecordQuery, Query()]
) -> Response:
    """A page of the articles that somebody speaks in, the newest first, with all that they say in each."""

    def record() -> schemas.Record:
        found = given.archive.record(name, offset=wanted.offset, limit=wanted.limit)
        return schemas.record_out(found, wanted.offset, wanted.limit)

    return await _get(request, given, record)


@router.get("/stats", operation_id="stats", summary="What the archive holds", response_model=schemas.Stats)
async def stats(request: Request, given: Given, limit: schemas.StatsLimit = STATS_LIMIT) -> Response:
    """What the archive covers, with its gaps, who is quoted, what could not be read, and how the archive was made."""
    archive = given.archive

    def found() -> Response:
        return conditional(
            request,
            archive,
            lambda: schemas.Stats.model_validate(archive.stats(limit=limit)),
            also=archive.readings_number(),
        )

    return await given.work.reading.do(found)


@router.get(
    "/failures", operation_id="list_failures", summary="What could not be read", response_model=schemas.Failures
)
async def list_failures(request: Request, given: Given, wanted: Annotated[schemas.FailuresQuery, Query()]) -> Response:
    """What of the archive's sources could not be read the last time, where and why; the most frequent reason first."""

    def found() -> bytes:
        failed = given.archive.failures(limit=wanted.limit, examples=wanted.examples)
        return schemas.Failures.model_validate(failed).model_dump_json().encode()

    return of_bytes(request, await given.work.reading.do(found), "application/json")


# What is asked ------------------------------------------------------------------------------------


@router.post(
    "/feedback",
    operation_id="give_feedback",
    summary="Say whether an answer helped",
    status_code=204,
)
async def give_feedback(given: Given, feedback: schemas.Feedback) -> Response:
    """What a visitor thought of an answer, or of one passage in it. A later verdict replaces the earlier one."""
    passage_id = feedback.passage_id
    if passage_id is not None and not await given.work.reading.do(lambda: given.archive.has_had(passage_id)):
        raise problems.InvalidField("passage_id", "this archive has and had no such passage")
    given.keeping.voted(feedback.query_id, passage_id, feedback.verdict, feedback.vote_id)
    return Response(status_code=204)


@router.get("/questions", operation_id="list_questions", summary="What is asked", response_model=schemas.Questions)
async def list_questions(
    request: Request, given: Given, wanted: Annotated[schemas.QuestionsQuery, Query()]
) -> Response:
    """What visitors asked, what nothing answered, and what they found helpful; where questions are kept."""
    since = first_day(wanted.since) if wanted.since is not None else date.min

    def questions() -> bytes:
        found = learn(
            given.archive.path,
            lambda: given.archive.encoder,
            datetime.now(UTC).date(),
            since=since,
            limit=wanted.limit,
            unanswered=wanted.unanswered,
        )
        kept = replace(found, kept=given.settings.keep_questions)
        return schemas.questions_out(kept).model_dump_json().encode()

    return of_bytes(request, await given.work.reading.do(questions), "application/json")


async def _get(request: Request, given: Parts, make: Callable[[], Content]) -> Response:
    return await given.work.reading.do(partial(conditional, request, given.archive, make))
