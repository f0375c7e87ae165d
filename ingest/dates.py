"""Dates as they are printed and as markup states them, read into ISO 8601; none is guessed."""

import re
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
PRINTED = re.compile(
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?(?<![\w/.-])(?:"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH.format('month')},?\s+(?P<year>\d{{4}})"
    rf"|{_MONTH.format('us_month')}\s+(?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<us_year>\d{{4}})"
    r"|(?P<iso_year>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|(?P<first>\d{1,2})(?P<stroke>[/.])(?P<second>\d{1,2})(?P=stroke)(?P<any_year>\d{4})"
    rf"|{_MONTH.format('only_month')}\s+(?P<only_year>\d{{4}})"
    r")(?![\w/-])",
    re.IGNORECASE,
)
# The forms of ISO 8601 and of its looser relations that content management systems write, a time of day behind them.
_MARKED = re.compile(r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})(?!\d)")
_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)")
# As the clock of a Unix machine prints it.
_CLOCK = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2}) [\d:]{8}(?: [A-Z+-][\w:+-]*)? (?P<year>\d{4})"
)
# What a field holds that nobody has filled in: the first day that spreadsheets, databases and clocks know.
_UNSET = {"1900-01-01", "1970-01-01"}
_EARLIEST = 1600


def printed_date(found: re.Match[str]) -> str | None:
    """The date that a match of ``PRINTED`` states; None for a day that no calendar has, or that has two readings."""
    part = {name: value for name, value in found.groupdict().items() if value is not None}
    if "only_year" in part:
        return f"{part['only_year']}-{_month(part['only_month']):02}"
    if "iso_year" in part:
        return _day(part["iso_year"], int(part["iso_month"]), part["iso_day"])
    if "us_day" in part:
        return _day(part["us_year"], _month(part["us_month"]), part["us_day"])
    if "day" in part:
        return _day(part["year"], _month(part["month"]), part["day"])
    if part["stroke"] == ".":  # nobody writes the month first with full stops
        return _day(part["any_year"], int(part["second"]), part["first"])
    either = {
        _day(part["any_year"], int(part["second"]), part["first"]),
        _day(part["any_year"], int(part["first"]), part["second"]),
    } - {None}
    return either.pop() if len(either) == 1 else None


def marked_date(value: str) -> str | None:
    """The day that a date in markup states, in the time zone in which it states it.

    None for what is no date, a month alone, a day that no calendar has, that no newspaper saw or that is still to
    come (a day from now is not: it may have begun elsewhere), and for the days that stand for a field left empty.
    """
    value = value.strip()[:100]
    if marked := _MARKED.match(value) or _DIGITS.match(value):
        day = _day(marked["year"], int(marked["month"]), marked["day"])
    elif clock := _CLOCK.match(value):
        day = _day(clock["year"], _month(clock["month"]), clock["day"]) if is_month(clock["month"]) else None
    elif printed := PRINTED.search(value):
        day = printed_date(printed)
    else:
        return None
    return day if day and len(day) == 10 and _is_plausible(day) else None


def _is_plausible(day: str) -> bool:
    latest = date.today() + timedelta(days=1)
    return int(day[:4]) >= _EARLIEST and day not in _UNSET and day <= latest.isoformat()


def is_month(word: str) -> bool:
    """Whether a word begins as the English name of a month does."""
    return word[:3].lower() in _MONTHS


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _day(year: str, month: int, day: str) -> str | None:
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return None
