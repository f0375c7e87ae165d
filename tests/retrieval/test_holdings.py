"""What an archive holds by publisher and month, where it has gaps, and what it says of what it does not hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import Archive, Article, Draft, Filters, Span
from retrieval.holdings import gaps, named, number, uncovered
from retrieval.types import Gap, Reading, Uncovered
from tests.hashing import HashingEncoder

SETTINGS = {"passage_tokens": "40"}


def months(first: str, last: str, each: int) -> dict[str, int]:
    return {named(month): each for month in range(number(first), number(last) + 1)}


def put(archive: Archive, *articles: Article) -> None:
    archive.put([Draft(one, (Span(0, len(one.text)),), ((Span(0, len(one.text)),),)) for one in articles])


@pytest.fixture
def hashed(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "a", SETTINGS, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made:
        yield made


@pytest.fixture
def filled(hashed: Archive) -> Archive:
    """Ten articles a month from 2010 to 2012, but none from May to July 2011; one of a year alone, and one undated."""
    dates = [f"{month}-{day:02}" for month in months("2010-01", "2012-12", 1) for day in range(1, 11)]
    held = [date for date in dates if not "2011-05" <= date[:7] <= "2011-07"]
    put(
        hashed,
        *(Article(id=f"n{at}", text=f"news {at}", publisher="News", published=at, kind="report") for at in held),
        Article(id="year", text="a ferry", publisher="Notes", author="Ann Lee", published="2009"),
        Article(id="undated", text="a winter", publisher="Notes"),
        Article(id="nobody", text="a summer", published="2012-03"),
    )
    return hashed


def test_holdings_count_by_publisher_and_month_and_leave_a_year_to_itself(filled: Archive) -> None:
    held = filled.holdings()
    assert [(one.publisher, one.articles, one.undated) for one in held.publishers] == [
        ("News", 330, 0),
        ("Notes", 2, 1),
        (None, 1, 0),
    ]
    assert held.publishers[1].months == (("2009", 1),)
    assert dict(held.all.months)["2012-03"] == 11
    assert (held.all.first, held.all.last, held.all.articles) == ("2009", "2012-12", 333)
    assert held.kinds == (("report", 330), (None, 3))
    assert held.publishers[0].gaps == held.all.gaps == (Gap("2011-05", "2011-07", 0, 28),)


def test_holdings_are_those_of_the_present_versions(hashed: Archive) -> None:
    put(hashed, Article(id="a", text="one", publisher="P", published="2010"))
    assert hashed.holdings().all.months == (("2010", 1),)
    put(hashed, Article(id="a", text="one", publisher="Q", published="2011-02-03"))
    assert [(one.publisher, one.months) for one in hashed.holdings().publishers] == [("Q", (("2011-02", 1),))]
    hashed.delete("a")
    assert hashed.holdings().publishers == ()


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ({}, []),
        # A handful says nothing of what is usual.
        ({"2001-01": 9, "2010-01": 9}, []),
        (months("2010-01", "2010-06", 10) | months("2010-08", "2010-12", 10), ["2010-07"]),
        # Where two a month are usual, some months of silence are chance.
        (months("2010-01", "2010-06", 2) | months("2010-11", "2012-12", 2), []),
        (months("2010-01", "2010-06", 2) | months("2010-12", "2013-12", 2), ["2010-07"]),
        # Hardly anything is a gap as well, as long as it is less than a tenth.
        (months("2010-01", "2010-12", 100) | {"2010-05": 9}, ["2010-05"]),
        (months("2010-01", "2010-12", 100) | {"2010-05": 10}, []),
        # What is of the year may be of the month.
        (months("2010-01", "2010-06", 10) | months("2010-08", "2010-12", 10) | {"2010": 1}, []),
        # Neither a year of silence nor a month with very many makes the other months unusual.
        (months("2010-01", "2011-12", 10) | months("2014-01", "2015-12", 10), ["2012-01"]),
        (months("2010-01", "2012-12", 3) | {"2011-06": 100_000}, []),
        (months("0001-01", "0003-12", 3) | {"9999-12": 1}, ["0004-01"]),
    ],
)
def test_a_gap_is_where_eight_would_be_usual_and_less_than_a_tenth_is(held: dict[str, int], found: list[str]) -> None:
    assert [one.first for one in gaps(held)] == found


@given(st.dictionaries(st.integers(24_000, 24_120).map(named), st.integers(1, 50)))
def test_gaps_lie_between_the_first_and_the_last_month_in_order_and_apart(held: dict[str, int]) -> None:
    found = list(gaps(held))
    ends = [number(month) for gap in found for month in (gap.first, gap.last)]
    assert ends == sorted(ends)
    assert all(later - earlier > 1 for earlier, later in zip(ends[1::2], ends[2::2], strict=False))
    for gap in found:
        assert min(held) < gap.first <= gap.last < max(held)
        assert gap.articles == sum(count for month, count in held.items() if gap.first <= month <= gap.last)


# What is not held ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filters(), None),
        (Filters(published_from="2013", published_to="2013"), None),
        (Filters(published_from="2013-07-04"), None),
        # May 2009 may be when what is dated to 2009 was published.
        (Filters(published_from="2009-05-01", published_to="2009-05-31"), None),
        (Filters(published_to="2009-01-01"), None),
        (Filters(published_from="2010", published_to="2012"), None),
        (Filters(publisher="Nobody", published_from="2015"), Uncovered("Nobody")),
        (
            Filters(published_from="2013-07-05"),
            Uncovered(None, None, "2013-07-05", None, "2009", "2013-07-04", undated=3),
        ),
        (
            Filters(published_from="2010", published_to="2012-02-29"),
            Uncovered(None, None, "2010", "2012-02-29", "2009", "2013-07-04", "2009", "2012-03", 3),
        ),
    ],
)
def test_only_what_nothing_at_all_is_of_is_not_covered(wanted: Filters, found: Uncovered | None) -> None:
    dates = {"2009": 2, "2012-03": 1, "2013-07-04": 9, None: 3}
    assert uncovered(wanted, {} if wanted.publisher else dates) == found


def test_a_refusal_says_what_of_the_question_the_archive_does_not_cover(filled: Archive) -> None:
    beyond = filled.ask("what did Lee say in 2024?")
    assert beyond.uncovered == Uncovered(None, None, "2024-01-01", "2024-12-31", "2009", "2012-12-10", undated=1)
    within = filled.ask("zxqv", filters=Filters(publisher="news", published_from="2011-05", published_to="2011-06"))
    assert within.reason == "outside_dates"
    assert within.uncovered == Uncovered(
        "news", None, "2011-05", "2011-06", "2010-01-01", "2012-12-10", "2011-04-10", "2011-08-01"
    )
    nobody = filled.ask("ferry", filters=Filters(author="Bo Wren"))
    assert (nobody.reason, nobody.uncovered) == ("no_article_matches", Uncovered(None, "Bo Wren"))


def test_a_refusal_for_another_reason_says_nothing_of_coverage(filled: Archive) -> None:
    for filters in (Filters(), Filters(publisher="News"), Filters(published_from="2010"), Filters(author="ann lee")):
        assert filled.ask("zxqv", filters=filters).uncovered is None
    # The dates are covered, though not by what is asked for.
    assert filled.ask("what did Lee say in 2011?").uncovered is None


def test_an_answer_and_an_empty_archive_have_nothing_uncovered(hashed: Archive) -> None:
    assert hashed.ask("ferry", filters=Filters(publisher="News")).uncovered is None


# Statistics ---------------------------------------------------------------------------------------------------------


def test_statistics_are_bounded_and_count_what_they_leave_out(filled: Archive) -> None:
    found = filled.stats(limit=1)
    assert [one["publisher"] for one in found["holdings"]["publishers"]] == ["News"]
    assert found["holdings"]["different"] == 3
    assert found["holdings"]["gaps"] == [{"first": "2011-05", "last": "2011-07", "articles": 0, "usual": 28}]
    assert len(found["publishers"]) == 3
    assert found["speakers"]["names"] == 0
    assert found["failed"] == {"count": 0, "reasons": [], "different": 0, "read_at": None}


def test_statistics_need_no_model(filled: Archive) -> None:
    def load(*_: object) -> HashingEncoder:
        raise AssertionError("the model is loaded")

    filled.refresh()
    with Archive.open(filled.path, load_encoder=load) as opened:
        assert opened.stats()["encoder"]["model"] == "hashing"


def test_what_is_said_of_readings_is_no_setting_and_no_change(filled: Archive) -> None:
    before, number_before = filled.state(), filled.readings_number()
    filled.put_readings([Reading("", "/a", None, (), (("/a", "there is no text in it"),), "2026-01-01T00:00:00Z")])
    assert filled.state() == before
    assert filled.readings_number() != number_before
    assert "readings" not in filled.stats()["settings"]
    assert filled.stats()["failed"]["count"] == 1
    filled.drop_readings("", ["/a"])
    assert filled.stats()["failed"]["count"] == 0
