"""An article as a record: its text and all that its publisher states of it, by name."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from ingest.checks import checked, kind_of_value
from ingest.decoding import unix_lines
from ingest.documents import Document
from retrieval.errors import SourceError


def record_line(where: str, line: bytes) -> Document:
    """The document of one line of a record file; see ``record``.

    Raises:
        SourceError: The line is no JSON object, or what it states is not sound.
    """
    return record(where, json_object(where, line))


def record(where: str, stated: Mapping[str, Any]) -> Document:
    """The document that the fields of a record state.

    Args:
        where: What to name in errors.
        stated: The fields; ``text`` is required, an ``id`` that is not there is derived from the others.

    Raises:
        SourceError: A field is not as it should be; ``field`` names it.
    """
    fields = dict(stated)
    if "id" not in fields and "_id" in fields:
        fields["id"] = fields.pop("_id")
    given = checked(where, fields)
    text = given.pop("text", None)
    if text is None:
        raise SourceError(where, 'there is no "text" in it', "text")
    own = given.pop("id", None) or derived_id(fields)
    return Document(own, where, not_blank(where, unix_lines(text)), "record", given)


def json_object(where: str, data: bytes) -> dict[str, Any]:
    """The object that some JSON is.

    Raises:
        SourceError: It is none, or no JSON.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise SourceError(where, f"not UTF-8 at byte {error.start}, and JSON has to be") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(where, f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise SourceError(where, f"has to be a JSON object, and is {kind_of_value(value)}")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def derived_id(fields: Mapping[str, Any]) -> str:
    """The same content gets the same id, wherever and whenever it is read."""
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()
    return "sha256-" + hashlib.sha256(canonical).hexdigest()[:16]


def not_blank(where: str, text: str) -> str:
    """The text of an article.

    Raises:
        SourceError: There is nothing in it.
    """
    if not text.strip():
        raise SourceError(where, "there is no text in it", "text")
    return text
