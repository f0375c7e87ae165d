"""What a question was taken to ask, piece by piece, each with the address that asks again without it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from retrieval.types import Filters, Interpretation, ReadAs
from service import wording
from service.asking import Asking

# Filters that are no part of how a question is read, as they are said to readers.
_NARROWED = {"speaker": "only what {} says", "publisher": "only from {}", "author": "only by the author {}"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A piece of what was asked.

    Attributes:
        before: The words around ``value``, as ``after``: "by", "about".
        value: What was taken from the question or the address; empty where nothing was.
        without: The address that asks again without it; None where nothing would be left to ask.
    """

    before: str
    value: str
    after: str
    without: str | None


def address(asking: Asking) -> str:
    """The address of the page that asks this."""
    said = [("q", asking.question), *(("by", name) for name in asking.read_as.speakers)]
    if asking.read_as.topic:
        said.append(("about", asking.read_as.topic))
    said += kept(asking.filters)
    dates = {"published_from": asking.filters.published_from, "published_to": asking.filters.published_to}
    said += [(name, value) for name, value in dates.items() if value]
    return f"/ask?{urlencode(said)}"


def kept(filters: Filters) -> list[tuple[str, str]]:
    """The filters that go with a question however it is read."""
    named = ((name, getattr(filters, name)) for name in (*_NARROWED, "article"))
    return [(name, value) for name, value in named if value]


def chips(asking: Asking, shown: Interpretation) -> Iterator[Chip]:
    """The pieces of a question as it was read.

    Args:
        asking: What was asked.
        shown: What it was taken to ask, filters included.
    """
    filters = replace(asking.filters, published_from=shown.published_from, published_to=shown.published_to)
    read_as = ReadAs(() if filters.speaker else shown.speakers, shown.topic)
    read = replace(asking, filters=filters, read_as=read_as)
    for name in read_as.speakers:
        others = tuple(one for one in read_as.speakers if one != name)
        yield Chip("by", name, "", _asked(read, replace(read_as, speakers=others)))
    if read_as.topic:
        yield Chip("about", read_as.topic, "", _asked(read, replace(read_as, topic="")))
    dated = shown.published_from is not None or shown.published_to is not None
    always = replace(filters, published_from=None, published_to=None)
    without = _asked(replace(read, filters=always), read_as) if dated else None
    yield Chip("", wording.dates(shown), "", without)
    for field, words in _NARROWED.items():
        value = getattr(asking.filters, field)
        if value:
            before, after = words.split("{}")
            open_ = replace(asking, filters=replace(asking.filters, **{field: None}))
            yield Chip(before.strip(), value, after.strip(), address(open_))


def _asked(read: Asking, read_as: ReadAs) -> str | None:
    if not read_as.speakers and not read_as.topic.strip():
        return None
    return address(replace(read, read_as=read_as))
