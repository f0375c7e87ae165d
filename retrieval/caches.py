"""What the two caches share: a header that says what a cache was made from."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from retrieval.store import State


class Unusable(Exception):
    """A cache file is missing, damaged, or made from something else, and is made anew; the message is for the log."""


class Missing(Unusable):
    """There is no such file."""


def header(state: State, **described: Any) -> bytes:
    """A line that says how far a cache has come and what else identifies it."""
    return json.dumps({"number": state.number, "digest": state.digest, **described}, sort_keys=True).encode() + b"\n"


def read_header(line: bytes) -> tuple[State, Mapping[str, Any]]:
    """What ``header`` wrote.

    Raises:
        Unusable: It is something else.
    """
    try:
        said = json.loads(line)
        return State(int(said.pop("number")), str(said.pop("digest"))), said
    except (ValueError, KeyError, AttributeError) as error:
        raise Unusable("its header is damaged") from error


def sha256(data: bytes | memoryview) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
