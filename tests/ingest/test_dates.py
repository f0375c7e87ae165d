"""Dates in markup: every form that content management systems write, and no day that they cannot mean."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import marked_date


@pytest.mark.parametrize(
    "value",
    [
        "2020-03-04",
        " 2020-03-04T23:59:59.999-08:00 ",
        "2020-03-04 10:00",
        "20200304",
        "20200304T101500+0900",
        "2020/3/4",
        "2020.03.04",
        "Wed, 04 Mar 2020 07:15:45 EST",
        "Wed Mar 04 15:28:56 CET 2020",
        "Wed Mar  4 15:28:56 2020",
        "Wednesday, March 4, 2020, 12:06 PM",
        "4 March 2020",
        "04 Mar 2020",
        "04.03.2020",
    ],
)
def test_a_day_is_read_in_the_time_zone_that_states_it(value: str) -> None:
    assert marked_date(value) == "2020-03-04"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2020",
        "2020-03",
        "March 2020",
        "1583280000",
        "03/04/2020",
        "2020-13-01",
        "2020-02-30",
        "1066-10-14",
        "99999999",
    ],
)
def test_what_states_no_day_gives_none(value: str) -> None:
    assert marked_date(value) is None


@pytest.mark.parametrize("value", ["1970-01-01T00:00:00Z", "1900-01-01", "0001-01-01T00:00:00"])
def test_a_field_that_was_left_empty_gives_none(value: str) -> None:
    assert marked_date(value) is None


def test_a_day_to_come_gives_none_but_tomorrow_may_have_begun_elsewhere() -> None:
    tomorrow = date.today() + timedelta(days=1)
    assert marked_date(tomorrow.isoformat()) == tomorrow.isoformat()
    assert marked_date((tomorrow + timedelta(days=1)).isoformat()) is None


@given(st.text())
def test_anything_gives_a_day_or_none(value: str) -> None:
    found = marked_date(value)
    assert found is None or date.fromisoformat(found)


@given(st.dates(min_value=date(1971, 1, 1), max_value=date(2020, 1, 1)))
def test_every_day_is_read_back(day: date) -> None:
    assert marked_date(f"{day.isoformat()}T12:00:00Z") == day.isoformat()
