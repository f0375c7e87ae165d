"""The dates that a question asks for: "in 2009", "since March 2010", "between 2008 and 2010"."""

import calendar
import datetime
import re
from dataclasses import dataclass

from retrieval.dates import number

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
# In each alternative what is known of a date: 2010-10-04, 4 October 2010, October 4th, 2010, October 2010, 1990s, 2010.
_DATE = re.compile(
    rf"""(?P<iso>{_YEAR}-\d\d(?:-\d\d)?)
    | (?:(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})\.?,?\s+(?P<year>{_YEAR})
    | (?P<us_month>{_MONTH})\.?\s+(?P<us_day>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<us_year>{_YEAR})
    | (?P<decade>(?:19|20)\d0)s
    | (?P<only_year>{_YEAR})""",
    re.X | re.I,
)
_ANY = re.sub(r"\?P<\w+>", "?:", _DATE.pattern)
_PART = r"(?:(?:the|early|late|mid|start\s+of|end\s+of|summer\s+of|spring\s+of|autumn\s+of|winter\s+of)[\s-]+)*"
_RANGE = re.compile(
    rf"\b(?:between|from|in|during)\s+(?P<first>{_ANY})\s*(?:and|to|until|till|-|–)\s*(?P<last>{_ANY})\b", re.X | re.I
)
_BOUND = re.compile(
    rf"\b(?P<word>since|after|before|until|till|up\s+to|prior\s+to|in|during|throughout|on|around)\s+{_PART}"
    rf"(?P<date>{_ANY})\b",
    re.X | re.I,
)
# With a month or a day, a date needs no word in front of it: "2004" may belong to a name, "4 October 2004" does not.
_BARE = re.compile(rf"\b(?P<date>(?!{_YEAR}(?:s|\b(?!-)))(?:{_ANY}))\b", re.X | re.I)
# "In the 2010 election" is no time but an event, whenever it was.
_NAMING = re.compile(rf"\bthe\s+{_YEAR}$", re.I)


@dataclass(frozen=True, slots=True)
class Dates:
    """A range of days, both ends included; None leaves an end open."""

    first: datetime.date | None
    last: datetime.date | None

    def overlaps(self, first_day: int | None, last_day: int | None) -> bool:
        """Whether a day from ``first_day`` to ``last_day`` (numbers YYYYMMDD) may be in the range.

        What is unknown is in none.
        """
        if first_day is None or last_day is None:
            return False
        after = self.first is None or last_day >= number(self.first)
        return after and (self.last is None or first_day <= number(self.last))

    def years(self) -> tuple[int, ...]:
        """The years of the range, as a text would name them; none if an end is open."""
        if self.first is None or self.last is None:
            return ()
        return tuple(range(self.first.year, self.last.year + 1))


def dates_in(question: str) -> tuple[Dates | None, str]:
    """The dates that a question asks for, and the question without them.

    A year counts only behind a word that makes it a time ("in 2004"); otherwise it is part of a name ("Children Act
    2004"). What no calendar knows ("before the election") is no date.

    >>> dates_in("What did Narey say in 2009?")
    (Dates(first=datetime.date(2009, 1, 1), last=datetime.date(2009, 12, 31)), 'What did Narey say ?')
    """
    for pattern in (_RANGE, _BOUND, _BARE):
        match = pattern.search(question)
        found = None if match is None or _NAMING.search(match.group()) else _dates(match.groupdict())
        if match is not None and found is not None:
            return found, question[: match.start()] + question[match.end() :]
    return None, question


def _dates(said: dict[str, str | None]) -> Dates | None:
    """The range that the parts of a match mean; None if there is no such day, or it ends before it begins."""
    try:
        if said.get("first"):
            first, last = _span(said["first"] or "")[0], _span(said["last"] or "")[1]
            return Dates(first, last) if first <= last else None
        first, last = _span(said["date"] or "")
    except ValueError:
        return None
    day = datetime.timedelta(days=1)
    word = (said.get("word") or "in").casefold().split()[0]
    beginnings = {"since": first, "after": last + day, "before": None, "prior": None, "until": None, "till": None}
    ends = {"since": None, "after": None, "before": first - day, "prior": first - day}
    return Dates(beginnings.get(word, None if word == "up" else first), ends.get(word, last))


def _span(text: str) -> tuple[datetime.date, datetime.date]:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    part = match.groupdict()
    if part["decade"]:
        year = int(part["decade"])
        return datetime.date(year, 1, 1), datetime.date(year + 9, 12, 31)
    if part["iso"]:
        year, month, day = [*map(int, part["iso"].split("-")), 0, 0][:3]
    else:
        year = int(part["year"] or part["us_year"] or part["only_year"])
        month = _MONTHS.get((part["month"] or part["us_month"] or "").casefold(), 0)
        day = int(part["day"] or part["us_day"] or 0)
    last_month = month or 12
    last_day = day or calendar.monthrange(year, last_month)[1]
    return datetime.date(year, month or 1, day or 1), datetime.date(year, last_month, last_day)
