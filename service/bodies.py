"""What comes in the body of a request: JSON that means one thing, checked against a model."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, get_type_hints

from fastapi import Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from service.given import Given
from service.problems import json_only

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class _StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json(await self.body())


def strict_json(body: bytes) -> Any:
    """What a body says.

    Raises:
        JSONDecodeError: It is no JSON, or not of one meaning: a name stands twice, or a number is none.
    """
    try:
        return _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        # Not UTF-8, a number of too many digits, a name twice, or deeper than can be read.
        raise json.JSONDecodeError(str(error)[:200], "", 0) from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


# Made once; ``json.loads`` makes one for each call that is given hooks.
_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant)


class Route(APIRoute):
    """FastAPI's route, with strict JSON.

    An operation that takes the parts of the service and a body, ``(given, body)``, and no more, is described by FastAPI
    and called without it: to solve dependencies, and to close what they have opened, took as long as all the rest that
    the service does for a question. The body of these must be sent as JSON.
    """

    def get_route_handler(self) -> Handle:  # noqa: D102
        model = _sole_model(self.endpoint)
        return _by_fastapi(super().get_route_handler()) if model is None else _posted(self.endpoint, model)


def _by_fastapi(handle: Handle) -> Handle:
    async def handle_strictly(request: Request) -> Response:
        return await handle(_StrictRequest(request.scope, request.receive))

    return handle_strictly


def _posted(endpoint: Callable[..., Coroutine[Any, Any, Response]], model: type[BaseModel]) -> Handle:
    async def handle(request: Request) -> Response:
        await json_only(request)
        body = await _body(request)
        return await endpoint(request.app.state.parts, _checked(model, body))

    return handle


def _sole_model(endpoint: Callable[..., Any]) -> type[BaseModel] | None:
    """The model of the body of an operation that takes ``(given, body)``; None for any other."""
    hints = get_type_hints(endpoint, include_extras=True)
    taken = [hint for name, hint in hints.items() if name != "return"]
    if len(taken) == 2 and taken[0] == Given and isinstance(taken[1], type) and issubclass(taken[1], BaseModel):
        return taken[1]
    return None


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as error:
        raise HTTPException(400, "The request broke off.") from error


def _checked(model: type[BaseModel], body: bytes) -> BaseModel:
    """What a body says, as the model of it.

    Raises:
        RequestValidationError: It is no JSON, or none of that model; as FastAPI says it.
    """
    if not body:
        raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
    try:
        return model.model_validate(strict_json(body), from_attributes=True)
    except json.JSONDecodeError as error:
        invalid = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "", "ctx": {"error": error.msg}}
        raise RequestValidationError([invalid]) from error
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found) from error
