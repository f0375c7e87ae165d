"""The service: an archive behind HTTP. Nothing happens on import; ``create_app`` puts it together."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from retrieval.archive import Archive
from service import access, api, probes, problems, schemas, web, widget
from service.bounds import Bounds
from service.caching import Answers, Static, UntilChanged, of_bytes
from service.compression import Compression
from service.given import Parts
from service.keeping import Keeping
from service.keys import Keyring
from service.limits import Limits
from service.metrics import Metrics
from service.pages import Pages
from service.readiness import Readiness
from service.settings import Settings
from service.telemetry import Telemetry, stages
from service.traces import Traces, traces_of
from service.work import Work

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
        # FastAPI's own pages load their script from a network; ours is /docs, and the description has an ETag.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # A redirect would repeat the visitor's Host header; an address either exists or does not.
        redirect_slashes=False,
        # Its own traces and metrics hold addresses, with the questions in them; ours are below.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    work = Work(settings.workers, settings.queue)
    metrics, traces = Metrics(archive, work), traces_of(settings)
    archive.stage = stages(metrics, traces)
    keeping = Keeping(archive, metrics.lost, on=settings.keep_questions, days=settings.keep_days)
    app.state.archive = archive
    app.state.settings = settings
    app.state.work = work
    app.state.traces = traces
    app.state.parts = Parts(
        archive=archive,
        settings=settings,
        pages=Pages(),
        work=work,
        answers=Answers(archive, settings.answer_cache_bytes, metrics, keeping),
        keeping=keeping,
        home=UntilChanged(archive, web.home),
        metrics=metrics,
        readiness=Readiness(archive),
    )
    for router in (api.router, probes.router, web.router, widget.router):
        app.router.routes.extend(router.routes)
    app.add_api_route("/openapi.json", _description, include_in_schema=False)
    app.mount("/static", Static(directory=_STATIC), name="static")
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    # What is added last is outermost.
    app.add_middleware(Compression)
    app.add_middleware(Bounds, settings=settings, show=web.show_problem)
    app.add_middleware(
        access.Access,
        keyring=Keyring(archive.path),
        limits=Limits(settings),
        settings=settings,
        show=web.show_problem,
    )
    problems.register(app, web.show_problem)
    app.add_middleware(
        Telemetry, routes=app.routes, metrics=metrics, traces=traces, log_questions=settings.log_questions
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    traces: Traces = app.state.traces
    parts.readiness.begin()
    parts.keeping.begin()
    yield
    # By now the server takes no request any more; what has begun is brought to its end.
    parts.readiness.end()
    parts.work.close()
    parts.keeping.end()
    traces.close()


async def _description(request: Request) -> Response:
    """The description of the API."""
    return of_bytes(request, json.dumps(request.app.openapi(), ensure_ascii=False).encode(), "application/json")


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's description, with what it cannot know of errors, bounds and caching; made once."""
    if app.openapi_schema is None:
        described = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        parts = described["components"]["schemas"]
        for replaced in ("HTTPValidationError", "ValidationError"):
            parts.pop(replaced, None)
        parts.update(problems.components(), Storable=schemas.STORABLE)
        for name, field in (("BatchRequest", "questions"), ("VerifyRequest", "citations")):
            parts[name]["properties"][field]["maxItems"] = app.state.settings.max_batch
        described["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        for path, item in described["paths"].items():
            for method, operation in item.items():
                operation["security"] = access.security(method.upper(), path, app.state.settings)
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = problems.RESPONSE
                if method == "get" and path.startswith("/v1/"):
                    operation["responses"]["200"]["headers"] = _ETAG
                    operation["responses"]["304"] = {"description": "What If-None-Match names.", "headers": _ETAG}
        app.openapi_schema = described
    return app.openapi_schema


_ETAG = {
    "ETag": {
        "description": "Another whenever the archive or this software has changed.",
        "schema": {"type": "string"},
        "required": True,
    }
}
