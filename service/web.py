"""The pages, for readers."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from retrieval.archive import MAX_QUESTION
from service import problems, schemas
from service.asking import Asking
from service.caching import conditional, of_bytes
from service.given import Given, Parts

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/")
async def home_page(request: Request, given: Given) -> Response:
    """The portal."""
    return await _page(request, given, lambda: given.pages.home(given.archive.coverage()))


@router.get("/ask")
async def ask_page(
    request: Request,
    given: Given,
    q: Annotated[str, Query(max_length=MAX_QUESTION), AfterValidator(schemas.typed)] = "",
) -> Response:
    """A question and its answer; the portal where there is no question yet."""
    if not q.strip():
        return await home_page(request, given)
    return await _page(request, given, lambda: given.pages.answer(given.answers.domain(Asking(q))))


@router.get("/articles/{article_id}")
async def article_page(
    request: Request, given: Given, article_id: str, version: schemas.Version | None = None
) -> Response:
    """An article to read."""

    def article() -> str:
        stored = given.archive.article(article_id, version)
        return given.pages.article(stored, given.archive.passages(stored), given.archive.spans(article_id))

    return await _page(request, given, article)


@router.get("/docs")
async def docs_page(request: Request, given: Given) -> Response:
    """The operations of the API."""
    return of_bytes(request, given.pages.docs(request.app.openapi()).encode(), "text/html")


async def _page(request: Request, given: Parts, make: Callable[[], str]) -> Response:
    return await given.work.reading.do(partial(conditional, request, given.archive, make))


def show_problem(request: Request, problem: problems.Problem) -> Response:
    """A problem as a page where a page was asked for, else as JSON."""
    path = request.url.path
    if path in ("/", "/ask", "/docs") or path.startswith("/articles/"):
        parts: Parts = request.app.state.parts
        return HTMLResponse(parts.pages.problem(problem), problem.status)
    return problems.as_json(problem)
