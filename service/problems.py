"""Whatever goes wrong, said in one form: RFC 9457 for programs, a page for readers.

No answer holds a stack trace, a path of this machine, the message of an unexpected exception, or much of what
the visitor sent.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException as RoutingError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.errors import ArchiveError, ArticleNotFound, InvalidRequest

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_BODY = 64_000
_MAX_ERRORS = 20

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "img-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_KINDS = {
    400: ("malformed-request", "The request cannot be read"),
    401: ("key-needed", "A key is needed"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-media-type", "Not a media type that is read here"),
    422: ("invalid-request", "The request cannot be meant"),
    429: ("too-many-requests", "Too many requests"),
    500: ("internal-error", "Something went wrong"),
    503: ("unavailable", "Not available at the moment"),
}

# Where the one who raises it, Starlette's router, has no more to say than the name of the status.
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address is there, but not for requests of this method.",
}


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


def problem(request: Request, status: int, detail: str, errors: list[FieldProblem] | None = None) -> Problem:
    """What went wrong with a request.

    Args:
        request: The request.
        status: Of HTTP.
        detail: One sentence for a person; it must not hold what the visitor may not see.
        errors: The fields that are to blame.
    """
    slug, title = _KINDS.get(status, ("error", "The request was not fulfilled"))
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
        return _with(show(request, problem(request, error.status_code, detail)), error.headers)

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return show(request, _invalid(request, error.errors()))

    async def invalid_request(request: Request, error: Exception) -> Response:
        return show(request, problem(request, 422, f"{error}."))

    async def article_not_found(request: Request, _: Exception) -> Response:
        return show(request, problem(request, 404, "There is no such article, or no such version of it."))

    async def archive_error(request: Request, error: Exception) -> Response:
        _log.error("%s: %s", type(error).__name__, error)
        return show(request, problem(request, 503, "The archive cannot be read at the moment."))

    app.add_exception_handler(RoutingError, routing_error)
    app.add_exception_handler(RequestValidationError, validation_error)
    app.add_exception_handler(InvalidRequest, invalid_request)
    app.add_exception_handler(ArticleNotFound, article_not_found)
    app.add_exception_handler(ArchiveError, archive_error)
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
    """Around everything: bounds what comes in; gives every answer its headers, the one to a defect too."""

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
            await self._app(inner, _bounded(receive), send_on)
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


def _bounded(receive: Receive) -> Receive:
    size = 0

    async def receive_some() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise HTTPException(413, f"The body is larger than {MAX_BODY} bytes.", {"Connection": "close"})
        return message

    return receive_some


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _invalid(request: Request, errors: Sequence[Any]) -> Problem:
    fields = [FieldProblem(field=_field(error["loc"]), problem=error["msg"][:200]) for error in errors[:_MAX_ERRORS]]
    if any(error["type"] == "json_invalid" for error in errors):
        return problem(request, 400, "The body is not JSON.", fields)
    noun = "field of the request is" if len(errors) == 1 else "fields of the request are"
    return problem(request, 422, f"{len(errors)} {noun} not as it should be.", fields)


def _field(location: Sequence[str | int]) -> str:
    """Name of a field; an unknown one comes from the visitor, who may have sent anything."""
    where, *path = location
    named = ".".join(str(part) for part in path if isinstance(part, str)) or str(where)
    return named[:100].encode("ascii", "backslashreplace").decode()


def _with(response: Response, headers: Mapping[str, str] | None) -> Response:
    response.headers.update(headers or {})
    return response
