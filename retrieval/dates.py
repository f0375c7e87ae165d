"""Calendar dates of ISO 8601, full or reduced to a month or a year."""

import calendar
import datetime
import re
from functools import lru_cache

from retrieval.errors import InvalidRequest

_REDUCED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@lru_cache(maxsize=1 << 14)  # the days of forty years
def days(date: str) -> tuple[int, int]:
    """First and last day that a date may mean, as numbers YYYYMMDD.

    >>> days("2010-02")
    (20100201, 20100228)

    Raises:
        InvalidRequest: Not a date.
    """
    match = _REDUCED.fullmatch(date)
    try:
        if match is None:
            raise ValueError
        year, month, day = (None if part is None else int(part) for part in match.groups())
        first = datetime.date(year or 0, month or 1, day or 1)
        last = datetime.date(first.year, month or 12, day or calendar.monthrange(first.year, month or 12)[1])
    except ValueError as error:
        raise InvalidRequest(f"not a date: {date!r}; write 2010, 2010-10 or 2010-10-04") from error
    return number(first), number(last)


def first_day(date: str) -> datetime.date:
    """The first day that a date may mean.

    Raises:
        InvalidRequest: Not a date.
    """
    first, _ = days(date)
    return datetime.date(first // 10_000, first // 100 % 100, first % 100)


def number(day: datetime.date) -> int:
    """A day as a number YYYYMMDD, which sorts as days do."""
    return day.year * 10_000 + day.month * 100 + day.day
