"""The operations of the API as their page lists them, from its OpenAPI description."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API as the page of the documentation shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: Sequence[Mapping[str, Any]]
    request: str | None
    response: str | None


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of an OpenAPI description, in its order."""
    for path, item in schema["paths"].items():
        for method in (method for method in _METHODS if method in item):
            said = item[method]
            yield Operation(
                id=said["operationId"],
                method=method.upper(),
                path=path,
                summary=said.get("summary", ""),
                description=said.get("description", ""),
                parameters=said.get("parameters", []),
                request=_example(schema, said.get("requestBody", {})),
                response=_example(schema, said["responses"].get("200", {})),
            )


def _example(schema: Mapping[str, Any], message: Mapping[str, Any]) -> str | None:
    reference = message.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    model = schema["components"]["schemas"].get(reference.rpartition("/")[2], {})
    examples = model.get("examples")
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else None
