"""The pages, for readers."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from retrieval.archive import Archive
from retrieval.cite import cite_span
from retrieval.types import Citation, CitedPassage, StoredArticle
from service import addresses, citing, problems, schemas
from service.caching import Content, Passing, conditional, of_bytes
from service.given import Given, Parts
from service.keys import normal_origin
from service.pages import Home, Read

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

_EXAMPLES, _MOST_QUOTED, _PUBLISHERS = 3, 8, 8
_SPEAKERS_A_PAGE, _ARTICLES_A_PAGE, _PUBLISHERS_A_PAGE = 50, 20, 100
_REASONS = 20

Name = Annotated[str, Path(max_length=schemas.MAX_NAME), AfterValidator(schemas.typed)]


@router.get("/")
async def home_page(request: Request, given: Given) -> Response:
    """The portal."""
    return await _page(request, given, lambda: given.pages.home(given.home.get()))


def home(archive: Archive) -> Home:
    """What the portal shows of an archive."""
    return Home(
        coverage=archive.coverage(),
        examples=archive.examples(_EXAMPLES),
        # Somebody quoted once is hardly among the most quoted, however few are quoted at all.
        speakers=[one for one in archive.speakers(limit=_MOST_QUOTED) if one.statements > 1],
        publishers=archive.publishers(_PUBLISHERS),
        held=archive.holdings(),
    )


@router.get("/coverage")
async def coverage_page(request: Request, given: Given, wanted: Annotated[addresses.CoveragePage, Query()]) -> Response:
    """What the archive covers."""
    archive = given.archive

    def coverage() -> str:
        held, failed = archive.holdings(), archive.failures(limit=_REASONS, examples=0)
        return given.pages.coverage(archive.coverage(), held, failed, wanted.offset, _PUBLISHERS_A_PAGE)

    return await given.work.reading.do(lambda: conditional(request, archive, coverage, also=archive.readings_number()))


@router.get("/ask")
async def ask_page(request: Request, given: Given, asked: Annotated[addresses.AskPage, Query()]) -> Response:
    """A question and its answer; the portal where there is no question yet."""
    if not asked.q.strip():
        return await home_page(request, given)
    asking = asked.asking()

    def page() -> Content:
        answer = given.answers.domain(asking)
        shown = given.pages.answer(asking, answer, _origin(request))
        return Passing(shown) if answer.missing else shown

    return await _page(request, given, page)


@router.get("/articles/{article_id}")
async def article_page(
    request: Request, given: Given, article_id: str, wanted: Annotated[addresses.ArticlePage, Query()]
) -> Response:
    """An article to read."""

    def article() -> str:
        archive = given.archive
        stored = archive.article(article_id, wanted.version)
        cited = _cited(stored, wanted)
        return given.pages.article(
            Read(
                stored=stored,
                passages=archive.passages(stored),
                spans=archive.spans(article_id),
                versions=archive.versions(article_id),
                cited=cited,
                standing=archive.verify_citation(_claimed(cited)) if cited and not stored.current else None,
                copies=archive.copies(article_id) if stored.current else (),
                marked=wanted.quotes,
                origin=_origin(request),
            )
        )

    return await _page(request, given, article)


@router.get("/articles/{article_id}/changes")
async def changes_page(
    request: Request, given: Given, article_id: str, wanted: Annotated[addresses.ChangesPage, Query()]
) -> Response:
    """What two versions of an article differ in."""

    def changes() -> str:
        found = given.archive.difference(article_id, wanted.from_, wanted.to)
        return given.pages.changes(found, given.archive.versions(article_id))

    return await _page(request, given, changes)


@router.get("/articles/{article_id}/citation")
async def citation_file(
    request: Request, given: Given, article_id: str, wanted: Annotated[addresses.CitationFile, Query()]
) -> Response:
    """A citation of an article, or of words of it, as a file."""
    written = citing.WRITTEN[wanted.format]

    def citation() -> Response:
        stored = given.archive.article(article_id, wanted.version)
        cited, origin = _cited(stored, wanted), _origin(request)
        if cited is None:
            reference = citing.of_article(stored, origin)
        else:
            reference = citing.of_passage(cited, stored.article.text[cited.start : cited.end], origin)
        # A name of our own: an id may hold anything.
        headers = {"Content-Disposition": f'attachment; filename="citation.{written.extension}"'}
        return Response(written.write(reference), headers=headers, media_type=f"{written.media_type}; charset=utf-8")

    return await given.work.reading.do(citation)


@router.get("/speakers")
async def speakers_page(request: Request, given: Given, wanted: Annotated[addresses.SpeakersPage, Query()]) -> Response:
    """Who is quoted."""

    def speakers() -> str:
        found = given.archive.speakers(wanted.prefix, _SPEAKERS_A_PAGE + 1, wanted.offset)
        more = len(found) > _SPEAKERS_A_PAGE
        return given.pages.speakers(wanted.prefix, found[:_SPEAKERS_A_PAGE], wanted.offset, more=more)

    return await _page(request, given, speakers)


# A name may hold a slash; an address in which it is encoded is decoded before it is looked at.
@router.get("/speakers/{name:path}")
async def speaker_page(
    request: Request, given: Given, name: Name, wanted: Annotated[addresses.SpeakerPage, Query()]
) -> Response:
    """What somebody is on record with."""

    def speaker() -> str:
        record = given.archive.record(name, offset=wanted.offset, limit=_ARTICLES_A_PAGE)
        return given.pages.speaker(name, record, wanted.offset, _ARTICLES_A_PAGE)

    return await _page(request, given, speaker)


@router.get("/docs")
async def docs_page(request: Request, given: Given) -> Response:
    """The operations of the API."""
    return of_bytes(request, given.pages.docs(request.app.openapi()).encode(), "text/html")


async def _page(request: Request, given: Parts, make: Callable[[], Content]) -> Response:
    return await given.work.reading.do(partial(conditional, request, given.archive, make))


def _cited(stored: StoredArticle, wanted: addresses.Cited) -> Citation | None:
    if wanted.start is None or wanted.end is None:
        return None
    return cite_span(stored, wanted.start, wanted.end)


def _claimed(cited: Citation) -> CitedPassage:
    return CitedPassage(cited.article_id, cited.version, cited.start, cited.end, cited.text_sha256)


def _origin(request: Request) -> str:
    """This service as the visitor reached it, for addresses that are taken elsewhere; empty where it cannot be told."""
    hosts = request.headers.getlist("host")
    return (normal_origin(f"{request.url.scheme}://{hosts[0]}") or "") if len(hosts) == 1 else ""


def show_problem(request: Request, problem: problems.Problem) -> Response:
    """A problem as a page where a page was asked for, else as JSON."""
    path = request.url.path
    if path in ("/", "/ask", "/coverage", "/docs", "/speakers") or path.startswith(("/articles/", "/speakers/")):
        parts: Parts = request.app.state.parts
        return HTMLResponse(parts.pages.problem(problem), problem.status)
    return problems.as_json(problem)
