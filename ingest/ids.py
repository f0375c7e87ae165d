"""Ids of articles that do not state one: readable, stable, and different for different articles."""

import hashlib
import re
from urllib.parse import unquote

from ingest.checks import identifier, is_web_address
from retrieval.errors import SourceError

_OTHER = re.compile(r"[^a-z0-9.]+")
_LONGEST = 80
_DIGITS = 10
_MOST = 200  # characters of an id
# What newsletters and networks put behind an address to see where readers come from.
_TRACKING = re.compile(r"(?<=[?&])(?:utm_[a-z]+|fbclid|gclid|mc_cid|mc_eid)=[^&]*(?:&|$)")


def id_of(address: str) -> str:
    """The id of what has an address, or a guid: host and path as far as they can be read, and a part of its SHA-256.

    The scheme, ``www.``, a slash at the end, and what only tells where a reader came from make no difference.
    """
    address = re.sub(r"^https?://(?:www\.)?", "", address.strip(), flags=re.IGNORECASE).partition("#")[0]
    address = _TRACKING.sub("", address).rstrip("?&").rstrip("/")
    host, slash, rest = address.partition("/")
    address = f"{host.lower()}{slash}{rest}"
    path = re.sub(r"\.(?:html?|php|aspx?)$", "", unquote(address.partition("?")[0]))
    read = _OTHER.sub("-", path.lower())[:_LONGEST].strip("-.")
    return f"{read or 'article'}-{hashlib.sha256(address.encode(errors='surrogatepass')).hexdigest()[:_DIGITS]}"


def own_id(name: str) -> str:
    """The id of what has a name of its own, as agencies give their items: that name, if an id can be such a one."""
    try:
        return identifier("", "id", name)
    except SourceError:
        return id_of(name)


def web_address(stated: str) -> str | None:
    """What is stated as an address, if it is one of the web."""
    return stated if is_web_address(stated) else None


def part_of(whole: str, own: str) -> str:
    """The id of one of several articles that came together, of which the others may have any id."""
    joined = f"{whole}-{own}"
    return joined if len(joined) <= _MOST else f"{whole}-{hashlib.sha256(own.encode()).hexdigest()[:_DIGITS]}"
