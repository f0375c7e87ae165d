"""What an archive holds by publisher and month, and where it has gaps; what it was asked for and does not hold.

Librarians call it a holdings statement, and what lacks between its first and its last issue a gap (ANSI/NISO Z39.71).
Newspapers have no numbers to count, so that a gap is told by what is usual. The usual number of a month is the median
of the months that have any article, times the share of months that have any: neither a year of silence nor one month
with a whole archive in it moves it far, as they would the mean. A gap is

- a run of months, between the first and the last article, each with less than a tenth of the usual number,
- in which together eight articles or more would be usual: if articles come by chance (a Poisson process), there is none
  where eight are usual once in 3,000 times (e**-8), and a few hundred months are looked at.

Of publishers with less than 20 dated articles nothing is usual. An article that is dated to a year may be of any of its
months, and counts in each of them when a gap is looked for: what is called empty is empty.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from statistics import median

from retrieval.database import Connection
from retrieval.dates import days
from retrieval.types import Filters, Gap, Holding, Holdings, Uncovered

_ENOUGH = 20
_THIN = 0.1
_MISSED = 8
_NEVER = 9999_99_99


def holdings(connection: Connection) -> Holdings:
    """What the archive holds at present."""
    # In the order of the index, which has all of it; sorting would take as long again.
    rows = connection.execute(
        "SELECT publisher, substr(published, 1, 7), kind, COUNT(*) FROM articles WHERE ended IS NULL "
        "GROUP BY publisher_folded, publisher, substr(published, 1, 7), kind"
    )
    by_publisher: defaultdict[str | None, Counter[str | None]] = defaultdict(Counter)
    kinds: Counter[str | None] = Counter()
    for publisher, month, kind, count in rows:
        by_publisher[publisher][month] += count
        kinds[kind] += count
    total: Counter[str | None] = Counter()
    for months in by_publisher.values():
        total.update(months)
    found = (_holding(publisher, months) for publisher, months in by_publisher.items())
    return Holdings(
        all=_holding(None, total),
        publishers=tuple(sorted(found, key=lambda one: (-one.articles, one.publisher or ""))),
        kinds=tuple(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0] or ""))),
    )


def _holding(publisher: str | None, counted: Mapping[str | None, int]) -> Holding:
    months = {month: count for month, count in sorted(counted.items(), key=lambda pair: pair[0] or "") if month}
    return Holding(
        publisher=publisher,
        articles=sum(counted.values()),
        undated=counted.get(None, 0),
        months=tuple(months.items()),
        gaps=tuple(gaps(months)),
    )


def gaps(months: Mapping[str, int]) -> Iterator[Gap]:
    """The gaps, in order.

    Args:
        months: How many articles are of each month that has any, ``2012-05``, or of a year and no month, ``2012``.
    """
    dated = {number(month): count for month, count in months.items() if len(month) == len("2012-05")}
    if sum(dated.values()) < _ENOUGH:
        return
    first, last = min(dated), max(dated)
    usual = median(dated.values()) * len(dated) / (last - first + 1)

    def is_thin(month: int) -> bool:
        return dated.get(month, 0) + months.get(f"{month // 12:04}", 0) < _THIN * usual

    for thin, run in groupby(range(first, last + 1), is_thin):
        of = list(run)
        if thin and len(of) * usual >= _MISSED:
            yield Gap(named(of[0]), named(of[-1]), sum(dated.get(one, 0) for one in of), round(len(of) * usual))


def number(month: str) -> int:
    """A month, ``2012-05``, as a number of which the next month's is the next."""
    year, of_year = month.split("-")
    return int(year) * 12 + int(of_year) - 1


def named(month: int) -> str:
    """What ``number`` was made of.

    >>> named(number("2012-05") + 8)
    '2013-01'
    """
    return f"{month // 12:04}-{month % 12 + 1:02}"


def uncovered(wanted: Filters, dates: Mapping[str | None, int]) -> Uncovered | None:
    """What of publisher, author and time there is no article of; None if there is one of all that is wanted.

    Args:
        wanted: Publisher, author and dates are looked at.
        dates: How many articles of that publisher and author are of each date; None is none.
    """
    if not dates:
        return Uncovered(wanted.publisher, wanted.author)
    if wanted.published_from is None and wanted.published_to is None:
        return None
    first = 0 if wanted.published_from is None else days(wanted.published_from)[0]
    last = _NEVER if wanted.published_to is None else days(wanted.published_to)[1]
    held = [(days(date), date) for date in dates if date is not None]
    if any(begin <= last and end >= first for (begin, end), _ in held):
        return None
    before = max(((end, date) for (_, end), date in held if end < first), default=(0, None))[1]
    after = min(((begin, date) for (begin, _), date in held if begin > last), default=(0, None))[1]
    between = before is not None and after is not None
    return Uncovered(
        wanted.publisher,
        wanted.author,
        wanted.published_from,
        wanted.published_to,
        held_from=min(held)[1] if held else None,
        held_to=max(((end, date) for (_, end), date in held), default=(0, None))[1],
        before=before if between else None,
        after=after if between else None,
        undated=dates.get(None, 0),
    )
