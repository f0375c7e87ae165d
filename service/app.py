"""The service: an archive behind HTTP. Nothing happens on import; ``create_app`` makes the app."""

import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import AfterValidator

from retrieval.archive import MAX_QUESTION, Archive
from retrieval.types import Answer, Filters
from service import access, logs, problems, schemas
from service.keys import Keyring
from service.limits import Limits
from service.metrics import OPENMETRICS, Metrics
from service.pages import Pages
from service.settings import Settings
from service.telemetry import Telemetry, stages
from service.traces import Traces, traces_of

_log = logging.getLogger(__name__)

_STATIC = Path(__file__).parent / "static"
_TITLE = "onrecord"
_DESCRIPTION = "Ask an archive of articles who said what: ranked passages with citations that can be checked."


def create_app(archive: Archive, settings: Settings) -> FastAPI:
    """Put an archive behind HTTP.

    Args:
        archive: An open archive; whoever opened it closes it, after the service has stopped.
        settings: Of this deployment.

    Raises:
        Misconfigured: Settings that do not go together, or that need what is not installed.
    """
    app = FastAPI(
        title=_TITLE,
        description=_DESCRIPTION,
        version="1",
        lifespan=_lifespan,
        # FastAPI's own pages load their script from a network; ours is /docs below.
        docs_url=None,
        redoc_url=None,
        # A redirect would repeat the visitor's Host header; an address either exists or does not.
        redirect_slashes=False,
        # Its own traces and metrics hold addresses, with the questions in them; ours are below.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    metrics, traces = Metrics(archive), traces_of(settings)
    archive.stage = stages(metrics, traces)
    app.state.archive = archive
    app.state.settings = settings
    app.state.pages = Pages()
    app.state.readiness = Readiness(archive)
    app.state.metrics = metrics
    app.state.traces = traces
    # The last that is added is the outermost.
    app.add_middleware(
        access.Access,
        keyring=Keyring(archive.path),
        limits=Limits(settings),
        settings=settings,
        show=_show_problem,
    )
    problems.register(app, _show_problem)
    routers = (_api, _probes, _pages)
    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    app.add_middleware(
        Telemetry,
        routes=[*(route for router in routers for route in router.routes), *app.routes],
        metrics=metrics,
        traces=traces,
        log_questions=settings.log_questions,
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    readiness: Readiness = app.state.readiness
    traces: Traces = app.state.traces
    readiness.begin()
    yield
    readiness.end()
    traces.close()


class Readiness:
    """Whether questions are answered without delay: model loaded, indexes up to the last change."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._executor = ThreadPoolExecutor(1, "prepare")
        self._prepared: Future[None] | None = None

    def begin(self) -> None:
        """Prepare the archive in the background."""
        self._prepared = self._executor.submit(self._prepare)

    def end(self) -> None:
        """Wait until nothing is done in the background any more."""
        self._executor.shutdown(cancel_futures=True)

    def ready(self) -> bool:
        """Whether the archive is prepared; begins anew where an attempt has failed."""
        if self._prepared is None or not self._prepared.done():
            return False
        if error := self._prepared.exception():
            _log.error("the archive could not be prepared, trying again", exc_info=error)
            self.begin()
            return False
        # Nothing to do where nobody else has written; else what the next question would have to wait for.
        self._archive.refresh()
        return True

    def _prepare(self) -> None:
        _ = self._archive.encoder
        # A whole question: what would fail or be slow the first time does so before a visitor is there.
        self._archive.ask("Is everything in its place?", 1)


# What the routes are given ------------------------------------------------------------------------


async def _archive_of(request: Request) -> Archive:
    archive: Archive = request.app.state.archive
    return archive


async def _pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


async def _readiness_of(request: Request) -> Readiness:
    readiness: Readiness = request.app.state.readiness
    return readiness


async def _metrics_of(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


# Coroutines, because FastAPI would send plain functions through a thread each.
ArchiveGiven = Annotated[Archive, Depends(_archive_of)]
PagesGiven = Annotated[Pages, Depends(_pages_of)]
ReadinessGiven = Annotated[Readiness, Depends(_readiness_of)]
MetricsGiven = Annotated[Metrics, Depends(_metrics_of)]

# The API ------------------------------------------------------------------------------------------
# Whatever touches the archive is a plain function: FastAPI runs it in a thread, the event loop stays free.

_api = APIRouter(prefix="/v1")


@_api.post("/ask", operation_id="ask", summary="Ask a question", dependencies=[Depends(problems.json_only)])
def ask(archive: ArchiveGiven, metrics: MetricsGiven, asked: schemas.AskRequest) -> schemas.Answer:
    """The k passages nearest to a question, best first, and whether any of them answers it."""
    return _answer(archive, metrics, asked.question, asked.k, asked.filters)


@_api.get("/ask", operation_id="ask_get", summary="Ask a question by its address")
def ask_get(
    archive: ArchiveGiven, metrics: MetricsGiven, asked: Annotated[schemas.AskQuery, Query()]
) -> schemas.Answer:
    """The same as POST, with everything in the address."""
    return _answer(archive, metrics, asked.q, asked.k, asked)


@_api.get("/articles", operation_id="list_articles", summary="List articles")
def list_articles(archive: ArchiveGiven, wanted: Annotated[schemas.ArticlesQuery, Query()]) -> schemas.Articles:
    """A page of the articles that satisfy the filters, by id, without their texts."""
    found, total = archive.articles(wanted.domain(), offset=wanted.offset, limit=wanted.limit)
    return schemas.Articles(
        articles=tuple(schemas.line_out(stored) for stored in found),
        total=total,
        offset=wanted.offset,
        limit=wanted.limit,
    )


@_api.get("/articles/{article_id}", operation_id="get_article", summary="Read an article")
def get_article(archive: ArchiveGiven, article_id: str, version: schemas.Version | None = None) -> schemas.Article:
    """An article in full, in its current version or in the one asked for."""
    stored = archive.article(article_id, version)
    return schemas.article_out(stored, archive.passages(stored))


@_api.get("/speakers", operation_id="list_speakers", summary="Who is quoted")
def list_speakers(archive: ArchiveGiven, wanted: Annotated[schemas.SpeakersQuery, Query()]) -> schemas.Speakers:
    """Speakers with a name, surname or alias that begins with the prefix, those with most statements first."""
    found = archive.speakers(wanted.prefix, wanted.limit)
    return schemas.Speakers(speakers=tuple(schemas.speaker_out(one) for one in found))


@_api.get("/stats", operation_id="stats", summary="What the archive holds")
def stats(archive: ArchiveGiven) -> schemas.Stats:
    """Size, dates, publishers and kinds of the articles, and how the archive was made."""
    return schemas.Stats.model_validate(archive.stats())


def _answer(archive: Archive, metrics: Metrics, question: str, k: int, filters: schemas.Filters) -> schemas.Answer:
    began = time.perf_counter()
    answer = _asked(archive, metrics, question, k, filters.domain())
    return schemas.answer_out(answer, (time.perf_counter() - began) * 1000)


def _asked(archive: Archive, metrics: Metrics, question: str, k: int = 10, filters: Filters = Filters()) -> Answer:
    logs.asked(question)
    answer = archive.ask(question, k, filters)
    metrics.answered(answer)
    return answer


# Probes -------------------------------------------------------------------------------------------

_probes = APIRouter()


@_probes.get("/healthz", operation_id="health", summary="Whether the process lives")
async def health() -> schemas.Status:
    """Answers without the archive and without a thread, so that no load makes a living process look dead."""
    return schemas.Status()


@_probes.get("/readyz", operation_id="ready", summary="Whether questions are answered without delay")
def ready(readiness: ReadinessGiven) -> schemas.Status:
    """200 when the model is loaded and the indexes are up to the last change, 503 until then."""
    if not readiness.ready():
        raise HTTPException(503, "The archive is being prepared; try again in a few seconds.", {"Retry-After": "2"})
    return schemas.Status()


@_probes.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses={200: {"content": {OPENMETRICS.partition(";")[0]: {"schema": {"type": "string"}}}}},
)
def show_metrics(request: Request, metrics: MetricsGiven) -> Response:
    """Requests, stages of questions, answers, the archive and the process; OpenMetrics where that is accepted."""
    content, media_type = metrics.exposed(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": media_type, "Vary": "Accept"})


# Pages --------------------------------------------------------------------------------------------

_pages = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@_pages.get("/")
def home_page(archive: ArchiveGiven, pages: PagesGiven) -> str:
    """The portal."""
    return pages.home(archive.coverage())


@_pages.get("/ask")
def ask_page(
    archive: ArchiveGiven,
    pages: PagesGiven,
    metrics: MetricsGiven,
    q: Annotated[str, Query(max_length=MAX_QUESTION), AfterValidator(schemas.typed)] = "",
) -> str:
    """A question and its answer; the portal where there is no question yet."""
    return pages.answer(_asked(archive, metrics, q)) if q.strip() else pages.home(archive.coverage())


@_pages.get("/articles/{article_id}")
def article_page(
    archive: ArchiveGiven, pages: PagesGiven, article_id: str, version: schemas.Version | None = None
) -> str:
    """An article to read."""
    stored = archive.article(article_id, version)
    return pages.article(stored, archive.passages(stored))


@_pages.get("/docs")
def docs_page(request: Request, pages: PagesGiven) -> str:
    """The operations of the API."""
    return pages.docs(request.app.openapi())


def _show_problem(request: Request, problem: problems.Problem) -> Response:
    path = request.url.path
    if path in ("/", "/ask", "/docs") or path.startswith("/articles/"):
        pages: Pages = request.app.state.pages
        return HTMLResponse(pages.problem(problem), problem.status)
    return problems.as_json(problem)


# OpenAPI ------------------------------------------------------------------------------------------


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's description, with the errors as they really are; made once."""
    if app.openapi_schema is None:
        described = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        settings: Settings = app.state.settings
        parts = described["components"]["schemas"]
        for replaced in ("HTTPValidationError", "ValidationError"):
            parts.pop(replaced, None)
        parts.update(problems.components())
        described["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        for path, item in described["paths"].items():
            for method, operation in item.items():
                operation["security"] = access.security(method.upper(), path, settings)
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = problems.RESPONSE
        app.openapi_schema = described
    return app.openapi_schema
