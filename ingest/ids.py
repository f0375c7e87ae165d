"""Ids and addresses of articles that come with an address or another name of their own."""

import hashlib
import re
from urllib.parse import unquote, urlsplit

from ingest.checks import identifier
from retrieval.errors import SourceError

_LONGEST = 100
# What newsletters and networks add to an address, to see who followed it.
_TRACKING = re.compile(r"(?:utm_\w*|fbclid|gclid|mc_[ce]id|cmpid|ns_\w*)=[^&]*&?", re.IGNORECASE)


def id_of(name: str) -> str:
    """An id that says what it is of, the same for the same name wherever it is read.

    Of an address host and path, with ``_`` for each slash: ``example.com_news_2010_caseloads``. The scheme, ``www.``, a
    slash at the end, a fragment and what only tells who followed a link make no difference. Where the id cannot hold
    all of the rest, a hash of it stands behind. Another name that can be an id is its own.
    """
    address = _address(name)
    if address is None and _is_id(name):
        return name
    bare = name if address is None else address
    words = re.sub(r"[^\w.~-]+", "_", bare).strip("_")
    if words == bare.replace("/", "_") and "_" not in bare and len(words) <= _LONGEST and _is_id(words):
        return words
    digest = hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return "-".join(filter(None, (words[:_LONGEST].rstrip("_-."), digest)))


def web_address(stated: str) -> str | None:
    """What is stated as an address, if it is one of the web."""
    return stated if re.fullmatch(r"https?://[^\s/]\S*", stated, re.IGNORECASE) else None


def _address(name: str) -> str | None:
    """What counts of an address; None for what is none."""
    if re.match(r"https?://", name, re.IGNORECASE) is None:
        return None
    try:
        url = urlsplit(name)
    except ValueError:
        return None
    host = url.netloc.lower().rpartition("@")[2].removeprefix("www.")
    query = _TRACKING.sub("", url.query).rstrip("&")
    return unquote(host + url.path).rstrip("/") + (f"?{query}" if query else "")


def _is_id(text: str) -> bool:
    try:
        return identifier("", "id", text) == text
    except SourceError:
        return False
