"""What a fuzzer has to be told because JSON Schema cannot say it; loaded by schemathesis (see test_fuzz.py)."""

import json
import re
from typing import Any

import schemathesis

from service.schemas import PASSAGE_ID


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx: Any, value: Any) -> bytes:
    """Lines as they stand; whatever else is generated becomes a line."""
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """A range of dates does not end before it begins; an id is the one in the address; a passage is there."""
    for filters in _filters(case):
        first, last = filters.get("published_from"), filters.get("published_to")
        if isinstance(first, str) and isinstance(last, str) and last < first:
            filters["published_from"], filters["published_to"] = last, last
    if case.operation.definition.raw.get("operationId") == "put_article" and isinstance(case.body, dict):
        case.body.pop("id", None)
    if isinstance(case.body, dict) and re.search(PASSAGE_ID, str(case.body.get("passage_id"))):
        case.body["passage_id"] = None


def _filters(case: Any) -> list[dict[str, Any]]:
    found = [case.query]
    if isinstance(case.body, dict):
        questions = case.body.get("questions")
        asked = [case.body, *(questions if isinstance(questions, list) else [])]
        found += [one.get("filters") for one in asked if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)]
