"""Names in credits: what stands around them goes, and they stay as they are printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.bylines import credited, names


@pytest.mark.parametrize(
    ("credit", "found"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("Words by: Ann Lee", ["Ann Lee"]),
        ("Von Ann Lee und Bo Roe", ["Ann Lee", "Bo Roe"]),
        ("Autor/in: Ann Lee", ["Ann Lee"]),
        ("Par ANN LEE, BO ROE Envoyés spéciaux à Toulouse", ["ANN LEE", "BO ROE"]),
        ("Ann Lee, Health Correspondent", ["Ann Lee"]),
        ("Ann Lee ann.lee@pier.example @annlee", ["Ann Lee"]),
        ("Ann Lee (Reuters)", ["Ann Lee"]),
        ("(Agencies)", ["Agencies"]),
        ("Ann Lee, PhD and Bo Roe", ["Ann Lee, PhD", "Bo Roe"]),
        ("Pier Media GmbH, Harbour Street, Exampleton", ["Pier Media GmbH"]),
        ("Van der Byl", ["Van der Byl"]),
        ("https://pier.example/ann", []),
        ("admin", []),
        ("2020", []),
        ("", []),
    ],
)
def test_names_are_told_from_what_stands_around_them(credit: str, found: list[str]) -> None:
    assert names(credit) == found


def test_who_is_credited_twice_is_named_once_and_in_full() -> None:
    assert credited(["Ann Lee", "By Ann Lee", "Ann Lee Fox"]) == "Ann Lee Fox"


def test_the_outlet_behind_its_writer_is_left_out_unless_it_is_alone() -> None:
    assert credited(["Ann Lee, The Pier"], publisher="the pier") == "Ann Lee"
    assert credited(["The Pier"], publisher="the pier") == "The Pier"


@given(st.lists(st.text(max_size=400), max_size=5))
def test_any_text_gives_a_line_or_none(statements: list[str]) -> None:
    found = credited(statements)
    assert found is None or (found.strip() == found != "" and "\n" not in found)
