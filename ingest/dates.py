"""Dates as they are printed, read into ISO 8601; none is guessed."""

import re
from datetime import date

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
    r"|(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<any_year>\d{4})"
    rf"|{_MONTH.format('only_month')}\s+(?P<only_year>\d{{4}})"
    r")(?![\w/-])",
    re.IGNORECASE,
)


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
    either = {
        _day(part["any_year"], int(part["second"]), part["first"]),
        _day(part["any_year"], int(part["first"]), part["second"]),
    } - {None}
    return either.pop() if len(either) == 1 else None


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
