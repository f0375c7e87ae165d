"""Whatever goes wrong, said in one form: RFC 9457 for programs, a page for readers.

No answer holds a stack trace, a path of this machine, the message of an unexpected exception, or much of what
the visitor sent.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException as RoutingError
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.errors import ArchiveError, ArticleNotFound, InvalidRequest, ShardsMissing, SpeakerNotFound
from service.questions import QuestionsUnusable
from service.work import Busy

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_MAX_ERRORS = 20

HEADERS = {
    "Content-Security-Policy": (
        # Scripts may ask this service and no other, and make no markup out of a string, whatever they are told.
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Kind(NamedTuple):
    """A kind of problem: the last part of its ``type``, and its title."""

    slug: str
    title: str


_KINDS = {
    400: Kind("malformed-request", "The request cannot be read"),
    401: Kind("key-needed", "A key is needed"),
    403: Kind("forbidden", "Not allowed"),
    404: Kind("not-found", "Not found"),
    405: Kind("method-not-allowed", "Method not allowed"),
    413: Kind("too-large", "The request is too large"),
    415: Kind("unsupported-media-type", "Not a media type that is read here"),
    422: Kind("invalid-request", "The request cannot be meant"),
    429: Kind("too-many-requests", "Too many requests"),
    500: Kind("internal-error", "Something went wrong"),
    503: Kind("unavailable", "Not available at the moment"),
}
_OTHER = Kind("error", "The request was not fulfilled")
BUSY = Kind("busy", "Too much is asked for at once")
DEADLINE = Kind("deadline", "The request took too long")
# When to come again after one of these, in seconds.
RETRY_AFTER = "2"

# Where the one who raises it, Starlette's router, has no more to say than the name of the status.
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address is there, but not for requests of this method.",
}

# Errors whose own words are for the log, or name things of this machine: their status, and what a visitor is told.
_NAMED: dict[type[Exception], tuple[int, str]] = {
    ArticleNotFound: (404, "There is no such article, or no such version of it."),
    SpeakerNotFound: (404, "Nobody of that name is quoted in this archive."),
    ShardsMissing: (503, "Part of the archive does not answer at the moment; try again in a few seconds."),
    ArchiveError: (503, "The archive cannot be read at the moment."),
    QuestionsUnusable: (503, "What was asked cannot be read at the moment."),
}


class InvalidField(Exception):
    """A field of a request that is well-formed and cannot be meant all the same."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    problem: str


class Problem(BaseModel):
    """A problem, after RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid-request",
                    "title": "The request cannot be meant",
                    "status": 422,
                    "detail": "1 field of the request is not as it should be.",
                    "instance": "/v1/ask",
                    "errors": [{"field": "k", "problem": "Input should be less than or equal to 100"}],
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldProblem] | None = None


RESPONSE = {
    "description": "A problem, told after RFC 9457.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def components() -> dict[str, Any]:
    """The schemas that ``RESPONSE`` refers to, for an OpenAPI description."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


Show = Callable[[Request, Problem], Response]


def problem(
    request: Request, status: int, detail: str, errors: list[FieldProblem] | None = None, kind: Kind | None = None
) -> Problem:
    """What went wrong with a request.

    Args:
        request: The request.
        status: Of HTTP.
        detail: One sentence for a person; it must not hold what the visitor may not see.
        errors: The fields that are to blame.
        kind: Where the status alone does not tell.
    """
    slug, title = kind or _KINDS.get(status, _OTHER)
    return Problem(
        type=f"/problems/{slug}",
        title=title,
        status=status,
        detail=detail,
        instance=quote(request.url.path[:200], safe="/"),
        errors=errors,
    )


def as_json(found: Problem) -> Response:
    """A problem for a program."""
    content = found.model_dump_json(exclude_none=True)
    return Response(content, found.status, media_type=MEDIA_TYPE)


def register(app: FastAPI, show: Show) -> None:
    """Have an app answer every error with a problem.

    Args:
        app: The app; its middleware is added here.
        show: Makes the answer from a problem.
    """

    async def routing_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RoutingError)  # noqa: S101  tells mypy what Starlette's types cannot
        detail = _DETAILS.get(error.status_code, str(error.detail))
        headers = dict(error.headers or {})
        if error.status_code == 405:
            # Of all routes at this address; the router names those of one.
            headers["Allow"] = ", ".join(sorted(_methods(request, app.routes))) or headers.get("Allow", "")
        return _with(show(request, problem(request, error.status_code, detail)), headers)

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return show(request, _invalid(request, error.errors()))

    async def invalid_request(request: Request, error: Exception) -> Response:
        return show(request, problem(request, 422, f"{error}."))

    async def invalid_field(request: Request, error: Exception) -> Response:
        assert isinstance(error, InvalidField)  # noqa: S101
        field = FieldProblem(field=_told(error.field), problem=error.problem[:200])
        return show(request, problem(request, 422, "1 field of the request is not as it should be.", [field]))

    async def busy(request: Request, _: Exception) -> Response:
        detail = "As many requests wait as may wait; try again in a few seconds."
        return _with(show(request, problem(request, 503, detail, kind=BUSY)), {"Retry-After": RETRY_AFTER})

    async def named(request: Request, error: Exception) -> Response:
        status, detail = next(said for kind, said in _NAMED.items() if isinstance(error, kind))
        if status >= 500:
            _log.error("%s: %s", type(error).__name__, error)
        headers = {"Retry-After": RETRY_AFTER} if isinstance(error, ShardsMissing) else None
        return _with(show(request, problem(request, status, detail)), headers)

    app.add_exception_handler(RoutingError, routing_error)
    app.add_exception_handler(RequestValidationError, validation_error)
    app.add_exception_handler(InvalidRequest, invalid_request)
    app.add_exception_handler(InvalidField, invalid_field)
    app.add_exception_handler(Busy, busy)
    for kind in _NAMED:
        app.add_exception_handler(kind, named)
    app.add_middleware(_Guard, show=show)


async def json_only(request: Request) -> None:
    """A dependency of the endpoints that take JSON.

    Raises:
        HTTPException: The body is of another media type, or of none.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, "The body must be JSON, sent as Content-Type: application/json.")


class _Guard:
    """Around everything: gives every answer its headers, the one to a defect too."""

    def __init__(self, app: ASGIApp, show: Show) -> None:
        self._app = app
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        headless = scope["method"] == "HEAD"

        async def send_on(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message["headers"], *_RAW_HEADERS]}
            elif headless:
                message = {**message, "body": b""}
            await send(message)

        # HEAD is GET without the body (RFC 9110, 9.3.2); routes need not know.
        inner = {**scope, "method": "GET"} if headless else scope
        try:
            if not _is_utf8(unquote_to_bytes(scope["query_string"])):
                await self._fail(inner, send_on, 400, "The address is not encoded in UTF-8.")
                return
            await self._app(inner, receive, send_on)
        except Exception:
            # Without its address, which may hold a question; the line of the request tells the route.
            _log.exception("a request failed")
            if started:
                raise
            await self._fail(inner, send_on, 500, "This is a defect of the service; its log says more.")

    async def _fail(self, scope: Scope, send: Send, status: int, detail: str) -> None:
        request = Request(scope)
        await self._show(request, problem(request, status, detail))(scope, request.receive, send)


_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


def _methods(request: Request, routes: Sequence[BaseRoute]) -> set[str]:
    there = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in there for method in getattr(route, "methods", None) or ()}


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _invalid(request: Request, errors: Sequence[Any]) -> Problem:
    for error in errors:
        if error["type"] == "json_invalid":
            field = FieldProblem(field="body", problem=error["ctx"]["error"][:200])
            return problem(request, 400, "The body is not JSON.", [field])
    fields = [FieldProblem(field=_field(error["loc"]), problem=error["msg"][:200]) for error in errors[:_MAX_ERRORS]]
    noun = "field of the request is" if len(errors) == 1 else "fields of the request are"
    return problem(request, 422, f"{len(errors)} {noun} not as it should be.", fields)


def _field(location: Sequence[str | int]) -> str:
    """Name of a field; an unknown one comes from the visitor, who may have sent anything."""
    where, *path = location
    return _told(".".join(map(str, path)) or str(where))


def _told(name: str) -> str:
    return name[:100].encode("ascii", "backslashreplace").decode()


def _with(response: Response, headers: Mapping[str, str] | None) -> Response:
    response.headers.update(headers or {})
    return response
