"""Tables of articles: which column is which field of a record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ingest.documents import Document
from ingest.metadata import stated_date
from ingest.records import record
from retrieval.errors import SourceError

# What the fields are called elsewhere; the first that a table has is taken.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "id": ("_id", "article_id", "uuid"),
    "text": (
        "body",
        "content",
        "article",
        "article_text",
        "article_body",
        "articlebody",
        "full_text",
        "fulltext",
        "story",
    ),
    "title": ("headline", "heading"),
    "author": ("byline", "authors", "writer"),
    "publisher": ("source", "outlet", "publication", "newspaper", "site_name"),
    "published": ("date", "published_at", "date_published", "datepublished", "publication_date", "pub_date", "pubdate"),
    "url": ("link", "permalink", "web_url"),
    "corrected": ("corrected_at",),
    "kind": (),
}
_DATES = ("published", "corrected")
_SHOWN = 20


class Columns:
    """The columns of one table.

    Args:
        where: What to call the table in errors.
        names: Of its columns, in order.
        options: What the user says of files; under ``columns``, the column of each field. An empty one says that
            no column is that field.

    Raises:
        SourceError: It has no column with the text, or not the one that the user names.
    """

    def __init__(self, where: str, names: Sequence[str], options: Mapping[str, Any]) -> None:
        self._names = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
        twice = next((name for number, name in enumerate(self._names) if name in self._names[:number]), None)
        if twice is not None:
            raise SourceError(where, f"two of its columns are called {twice!r}; rename one")
        self._fields = dict(self._told(where, options.get("columns", {})))
        if "text" not in self._fields.values():
            raise SourceError(
                where,
                f"none of its columns is called text, body or the like; they are {_listed(self._names)}: "
                "say which it is, as --column text=NAME",
            )

    def _told(self, where: str, told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Columns, and which field each is: as the user says, else by its name."""
        by_name = {_folded(name): name for name in reversed(self._names)}
        taken = set(told.values())
        for field, column in told.items():
            if field not in SYNONYMS:
                raise SourceError(where, f"there is no field {field!r}; the fields are {', '.join(SYNONYMS)}")
            if column and column not in self._names:
                raise SourceError(where, f"it has no column {column!r}; they are {_listed(self._names)}")
            if column:
                yield column, field
        for field, synonyms in SYNONYMS.items():
            called = (by_name.get(name) for name in (field, *synonyms))
            found = next((column for column in called if column is not None and column not in taken), None)
            if found is not None and field not in told:
                yield found, field

    def document(self, where: str, cells: Sequence[Any]) -> Document:
        """The article of a row; what is in columns of no field is kept beside it.

        Raises:
            SourceError: A cell is not as its field has to be.
        """
        stated: dict[str, Any] = {}
        for name, cell in zip(self._names, cells, strict=True):
            field = self._fields.get(name)
            value = _plain(cell)
            if field is None:
                # A name of ours that the user has given to another column says nothing here.
                stated[f"{name} (column)" if name in SYNONYMS else name] = value
            elif value is not None:
                stated[field] = _as_field(where, field, value)
        return record(where, {name: value for name, value in stated.items() if value not in (None, "")})


def _folded(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.casefold())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _as_field(where: str, field: str, value: Any) -> Any:
    if field == "author" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " and ".join(value)
    if field == "id" and isinstance(value, int):
        return str(value)
    if field in _DATES and isinstance(value, int | str) and str(value).strip():
        iso = stated_date(str(value))
        if iso is None:
            raise SourceError(
                where, f'"{field}" is {value!r}, which is no date, or can be meant in two ways: write 2010-10-04', field
            )
        return iso
    return value


def _plain(value: Any) -> Any:
    """A value in the types of JSON; bytes are no text, and left out."""
    if isinstance(value, bytes) or value != value:  # noqa: PLR0124 - what is no number is not equal to itself
        return None
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return str(value) if isinstance(value, Decimal | UUID | timedelta) else value
