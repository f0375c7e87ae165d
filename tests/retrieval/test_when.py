import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.when import Dates, dates_in


@pytest.mark.parametrize(
    ("question", "first", "last", "rest"),
    [
        ("What did Narey say in 2009?", "2009-01-01", "2009-12-31", "What did Narey say ?"),
        ("since March 2010 what did he say", "2010-03-01", None, " what did he say"),
        ("on care before 2010", None, "2009-12-31", "on care "),
        ("on care after 1 May 2009", "2009-05-02", None, "on care "),
        ("on care until 4th of October 2010", None, "2010-10-04", "on care "),
        ("on care between 2008 and 2010", "2008-01-01", "2010-12-31", "on care "),
        ("on care in 2008-2010", "2008-01-01", "2010-12-31", "on care "),
        ("on care in the 1990s", "1990-01-01", "1999-12-31", "on care "),
        ("on care in early 2010", "2010-01-01", "2010-12-31", "on care "),
        ("October 4th, 2010 speech", "2010-10-04", "2010-10-04", " speech"),
        ("on care in February 2012", "2012-02-01", "2012-02-29", "on care "),
        ("on care 2010-10-04", "2010-10-04", "2010-10-04", "on care "),
    ],
)
def test_dates_are_found_and_taken_out(question: str, first: str | None, last: str | None, rest: str) -> None:
    found, left = dates_in(question)
    assert found is not None
    assert (found.first and found.first.isoformat(), found.last and found.last.isoformat()) == (first, last)
    assert left == rest


@pytest.mark.parametrize(
    "question",
    [
        "Children Act 2004",
        "the 2003 inquiry",
        "before the election",
        "before the 2010 election",
        "in May",
        "on 31 February 2010",
        "2,010 cases",
        "",
    ],
)
def test_what_is_no_date_stays_in_the_question(question: str) -> None:
    assert dates_in(question) == (None, question)


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)), st.booleans())
def test_every_day_written_out_is_that_day(day: datetime.date, american: bool) -> None:
    written = f"{day:%B} {day.day}, {day.year}" if american else f"{day.day} {day:%B} {day.year}"
    assert dates_in(f"what was said on {written}?")[0] == Dates(day, day)


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    dates_in(text)


def test_a_range_holds_what_overlaps_it_and_nothing_unknown() -> None:
    in_2010 = Dates(datetime.date(2010, 1, 1), datetime.date(2010, 12, 31))
    assert in_2010.overlaps(20101201, 20110131)
    assert not in_2010.overlaps(20110101, 20110131)
    assert not in_2010.overlaps(None, None)
    assert Dates(None, datetime.date(2010, 1, 1)).overlaps(19000101, 19000101)
    assert in_2010.years() == (2010,)
    assert Dates(None, None).years() == ()
