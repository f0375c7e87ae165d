"""Ids of articles that do not state one: readable, stable, and different for different articles."""

import hashlib
import re
from urllib.parse import unquote

_OTHER = re.compile(r"[^a-z0-9.]+")
_LONGEST = 80
_DIGITS = 10


def id_of(address: str) -> str:
    """The id of what has an address, or a guid: host and path as far as they can be read, and a part of its SHA-256.

    The scheme, ``www.`` and a slash at the end make no difference.
    """
    address = re.sub(r"^https?://(?:www\.)?", "", address.strip(), flags=re.IGNORECASE).partition("#")[0].rstrip("/")
    host, slash, rest = address.partition("/")
    address = f"{host.lower()}{slash}{rest}"
    path = re.sub(r"\.(?:html?|php|aspx?)$", "", unquote(address.partition("?")[0]))
    read = _OTHER.sub("-", path.lower())[:_LONGEST].strip("-.")
    return f"{read or 'article'}-{hashlib.sha256(address.encode(errors='surrogatepass')).hexdigest()[:_DIGITS]}"
