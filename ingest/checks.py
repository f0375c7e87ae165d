"""What a source states of an article, checked field by field: of the right type, in one form, fit to be stored."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, get_args

from ingest.decoding import UNSOUND, sound
from retrieval.errors import SourceError
from retrieval.types import Kind

# Of what a record holds beyond the known fields; whatever stores, copies or prints it may go by recursion.
_MAX_DEPTH = 32
_REDUCED_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")


def checked(where: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields of the right type, in one form; blank ones are unknown; all others as they are."""
    stated = {}
    for name, value in fields.items():
        if UNSOUND.search(name):
            raise SourceError(where, f"the name {name!r} has a character that is no text", name)
        if value is None or (name not in {"id", "text"} and isinstance(value, str) and not value.strip()):
            continue
        stated[name] = _CHECKS.get(name, _further)(where, name, value)
    return stated


def _string(where: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SourceError(where, f'"{name}" has to be text, and is {kind_of_value(value)}', name)
    return sound(where, name, value)


def _one_line(where: str, name: str, value: Any) -> str:
    return " ".join(_string(where, name, value).split())


def identifier(where: str, name: str, value: Any) -> str:
    """An id that can stand in a URL and on a line of a log.

    Slashes are refused because servers and proxies take them for a path's even when they are percent-encoded,
    ``.`` and ``..`` because browsers resolve them, control characters and line ends because they forge lines.
    """
    own = _string(where, name, value)
    if not 0 < len(own) <= 200 or own != own.strip() or own in {".", ".."}:
        raise SourceError(
            where, f"an id is 1 to 200 characters, no blanks around it, not . or ..; this is {own!r}", name
        )
    for character in own:
        if character in "/\\" or unicodedata.category(character) in {"Cc", "Zl", "Zp"}:
            raise SourceError(
                where,
                f"the id {own!r} has the character {character!r}; slashes and control characters are refused",
                name,
            )
    return own


def _url(where: str, name: str, value: Any) -> str:
    """Only what a reader can safely follow; anything else would turn a citation's link into a script."""
    url = _string(where, name, value).strip()
    if not is_web_address(url):
        raise SourceError(where, f'"{name}" has to start with http:// or https://, and is {url!r}', name)
    return url


def is_web_address(text: str) -> bool:
    """Whether a text is an address of the web and nothing else."""
    return re.fullmatch(r"https?://[^\s/]\S*", text, re.IGNORECASE) is not None


def _date(where: str, name: str, value: Any) -> str:
    text = _string(where, name, value).strip()
    if _REDUCED_DATE.fullmatch(text) and text[:4] != "0000":
        return text
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError as error:
        raise SourceError(
            where, f'"{name}" has to be a date as 2010-10-04, 2010-10 or 2010, and is {text!r}', name
        ) from error


def _kind(where: str, name: str, value: Any) -> str:
    kind = _string(where, name, value).strip()
    if kind not in get_args(Kind):
        raise SourceError(where, f'"{name}" has to be one of {", ".join(get_args(Kind))}, and is {kind!r}', name)
    return kind


def _further(where: str, name: str, value: Any) -> Any:
    if _deeper_than(_MAX_DEPTH, value):
        raise SourceError(where, f'"{name}" is nested more than {_MAX_DEPTH} deep', name)
    sound(where, name, json.dumps({name: value}, ensure_ascii=False))
    return value


def _deeper_than(depth: int, value: Any) -> bool:
    """Whether lists and objects stand in each other more than so many times; without recursion, which has an end."""
    level = [value]
    for _ in range(depth + 1):
        inside = [one for one in level if isinstance(one, list | dict)]
        if not inside:
            return False
        level = [item for one in inside for item in (one.values() if isinstance(one, dict) else one)]
    return True


def kind_of_value(value: Any) -> str:
    """What JSON calls a value of this kind."""
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        int: "a number",
        float: "a number",
        bool: "true or false",
    }
    return names.get(type(value), "null" if value is None else f"of type {type(value).__name__}")


_CHECKS: Mapping[str, Callable[[str, str, Any], Any]] = {
    "id": identifier,
    "text": _string,
    "title": _one_line,
    "url": _url,
    "publisher": _one_line,
    "author": _one_line,
    "published": _date,
    "corrected": _date,
    "kind": _kind,
}


def about(where: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What is stated beside a text, checked; see ``checked``."""
    if "text" in fields:
        raise SourceError(where, '"text" cannot be stated beside the text itself')
    if "published" not in fields and "date" in fields:
        fields["published"] = fields.pop("date")  # what front matter calls it by custom
    return checked(where, fields)
