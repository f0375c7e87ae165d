"""What an archive covers: in the API, on its pages, on the terminal, and in refusals."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from retrieval import Archive, Article
from retrieval.holdings import named, number
from retrieval.types import Gap, Holding, Reading, Uncovered
from service import wording
from service.app import create_app
from service.holdings import picture, scale, sparkline
from service.settings import Settings
from tests.hashing import HashingEncoder
from tests.service.conftest import draft, served
from tests.service.problem import problem_of
from tests.service.test_pages import OVERRIDE, Page, page_of, words

HOSTILE = f"</title><script>alert(1)</script>{OVERRIDE}"
SECRET = "/srv/secret files/2010.jsonl"


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Ten articles a month in 2010, but none in July and August; of five publishers, one of them hostile."""
    folder = tmp_path_factory.mktemp("covered") / "archive"
    months = [named(month) for month in range(number("2010-01"), number("2010-12") + 1)]
    held = [
        Article(id=f"{month}-{at}", text="A ferry sails.", publisher=f"Paper {at % 3}", published=f"{month}-0{at + 1}")
        for month in months
        if month not in ("2010-07", "2010-08")
        for at in range(9)
    ]
    held += [
        Article(id="h", text="It rains.", publisher=HOSTILE, published="2010-02-03"),
        Article(id="u", text="Snow."),
    ]
    with Archive.create(folder, {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made:
        made.put([draft(one) for one in held])
        made.put_readings(
            [
                Reading(
                    "wire", SECRET, None, (), ((f"{SECRET}:3", f"the id 'x' is in {SECRET!r}"),), "2026-01-02T03:04:05Z"
                )
            ]
        )
        yield made


@pytest.fixture(scope="module")
def client(covered: Archive) -> Iterator[httpx.Client]:
    with served(create_app(covered, Settings())) as connected:
        yield connected


# The API ------------------------------------------------------------------------------------------------------------


def test_stats_tell_months_gaps_and_publishers_up_to_a_limit(client: httpx.Client) -> None:
    held = client.get("/v1/stats", params={"limit": 2}).json()["holdings"]
    assert (held["first"], held["last"], held["undated"], held["different"]) == ("2010-01", "2010-12", 1, 5)
    assert held["months"]["2010-02"] == 10
    assert "2010-07" not in held["months"]
    assert held["gaps"] == [{"first": "2010-07", "last": "2010-08", "articles": 0, "usual": 15}]
    assert [one["publisher"] for one in held["publishers"]] == ["Paper 0", "Paper 1"]
    assert problem_of(client.get("/v1/stats?limit=0"), 422)


def test_stats_tell_why_something_failed_and_nobody_where(client: httpx.Client, covered: Archive) -> None:
    response = client.get("/v1/stats")
    assert response.json()["failed"] == {
        "count": 1,
        "reasons": [{"reason": "the id … is in …", "count": 1}],
        "different": 1,
        "read_at": "2026-01-02T03:04:05Z",
    }
    assert "secret" not in response.text + client.get("/coverage").text
    assert problem_of(client.get("/v1/failures"), 401)
    with served(create_app(covered, Settings()), "ask", "ingest") as asking:
        assert "secret" not in asking.get("/v1/stats").text
        assert problem_of(asking.get("/v1/failures"), 403)


def test_the_owner_is_told_where(covered: Archive) -> None:
    with served(create_app(covered, Settings()), "admin") as owner:
        found = owner.get("/v1/failures").json()
        assert found["sources"] == [{"source": "wire", "items": 1, "failed": 1, "read_at": "2026-01-02T03:04:05Z"}]
        assert found["reasons"][0]["failures"][0]["where"] == f"{SECRET}:3"
        assert owner.get("/v1/failures?examples=0").json()["reasons"][0]["failures"] == []


def test_stats_and_the_page_are_read_anew_when_something_else_failed(covered: Archive) -> None:
    with served(create_app(covered, Settings())) as client:
        before = {path: client.get(path).headers["etag"] for path in ("/v1/stats", "/coverage")}
        for path, etag in before.items():
            assert client.get(path, headers={"if-none-match": etag}).status_code == 304
        covered.put_readings([Reading("wire", "b", None, (), (("b", "there is no text in it"),), "2026-01-03")])
        for path, etag in before.items():
            assert "there is no text in it" in client.get(path, headers={"if-none-match": etag}).text
        covered.drop_readings("wire", ["b"])


# Refusals -----------------------------------------------------------------------------------------------------------


def test_a_refusal_says_what_is_not_covered_and_links_to_what_is(client: httpx.Client) -> None:
    asked = {"q": "zxqv", "published_from": "2015"}
    answer = client.get("/v1/ask", params=asked).json()
    assert answer["reason"] == "outside_dates"
    assert answer["uncovered"] == {
        "publisher": None,
        "author": None,
        "published_from": "2015",
        "published_to": None,
        "held_from": "2010-01-01",
        "held_to": "2010-12-09",
        "before": None,
        "after": None,
        "undated": 1,
    }
    page = page_of(client, "/ask?q=zxqv&published_from=2015")
    assert page.all("p", **{"class": "why"}) == [
        "This archive holds nothing published since 2015; what it has is from January 2010 to December 2010. "
        "1 article has no date, and may be from any time."
    ]
    assert "What this archive covers" in page.all("a")


def test_an_answer_and_a_refusal_for_another_reason_link_to_nothing(client: httpx.Client) -> None:
    assert client.get("/v1/ask", params={"q": "zxqv"}).json()["uncovered"] is None
    assert "What this archive covers" not in page_of(client, "/ask?q=zxqv").all("a")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Uncovered("The Guardian"), "This archive holds nothing of The Guardian."),
        (Uncovered("P", "Ann Lee"), "This archive holds nothing of P by Ann Lee."),
        (
            Uncovered("P", None, "2012-05", "2012-07", "2010", "2013-01-02", "2012-04-30", "2012-08-02"),
            "This archive holds nothing of P published from May to July 2012: there is none between 30 April 2012 and "
            "2 August 2012.",
        ),
        (
            Uncovered(None, None, "2024-01-01", "2024-12-31", "2010-03-11", "2011-02-09"),
            "This archive holds nothing published in 2024; what it has is from March 2010 to February 2011.",
        ),
        (
            Uncovered("P", None, "2024", "2024", "2010", "2010"),
            "This archive holds nothing of P published in 2024; what it has of it is from 2010.",
        ),
        (
            Uncovered(None, None, None, "1999", undated=3),
            "This archive holds nothing published up to 1999: no article in it has a date.",
        ),
    ],
)  # fmt: skip
def test_what_is_not_covered_in_words(found: Uncovered, said: str) -> None:
    assert wording.not_covered(found) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2015-01-01", "2015-12-31", "in 2015"),
        ("2010", "2012-12", "from 2010 to 2012"),
        ("2012-05-01", "2012-07-31", "from May to July 2012"),
        ("2011-12", "2012-02-29", "from December 2011 to February 2012"),
        ("2010-10-04", "2010-10-04", "on 4 October 2010"),
        ("2010-10-04", "2010-11", "from 4 October 2010 to 30 November 2010"),
        ("2015", None, "since 2015"),
        (None, "2012-02-28", "up to 28 February 2012"),
        (None, None, ""),
    ],
)
def test_a_time_in_words_is_as_short_as_says_the_same(first: str | None, last: str | None, said: str) -> None:
    assert wording.period(first, last) == said


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (Gap("2012-05", "2012-07", 0, 30), "nothing from May to July 2012"),
        (Gap("2012-05", "2012-05", 3, 120), "hardly anything in May 2012: 3 articles, where 120 are usual"),
    ],
)
def test_a_gap_in_words(gap: Gap, said: str) -> None:
    assert wording.gap(gap) == said


# The picture --------------------------------------------------------------------------------------------------------


def test_the_portal_shows_what_is_covered_and_says_it_to_who_does_not_see(client: httpx.Client) -> None:
    page = page_of(client, "/")
    (drawn,) = page.attributes("svg")
    assert drawn["role"] == "img"
    assert drawn["aria-label"] == (
        "Articles by time, January 2010 to December 2010. Most are of February 2010: 10. "
        "Gaps: nothing from July to August 2010."
    )
    assert "What this archive covers, and where it has gaps" in page.all("a")
    assert next(one for one in page.attributes("rect") if one["class"] == "gap")["x"] == "6.0"
    # A page under its policy has no styles of its own.
    assert not any("style" in attributes for _, attributes in page.elements)


def test_the_page_of_what_is_covered_has_it_as_tables(client: httpx.Client) -> None:
    page = page_of(client, "/coverage")
    rows = [words(text) for text in page.all("tr")]
    assert {"February 201010", "July 20100"} <= set(rows)
    assert {"Paper 0 30 January 2010December 2010", "unknown 1 no dates"} <= set(rows)
    assert page.all("ul", **{"class": "gaps"})[0].strip() == "nothing from July to August 2010"
    assert [words(text) for text in page.all("ul", **{"class": "ranked"})] == ["the id … is in … 1"]
    assert not page_of(client, "/coverage?offset=50").all("table", **{"class": "publishers"})


def test_names_of_publishers_are_text_wherever_they_stand(client: httpx.Client) -> None:
    for path in ("/coverage", "/"):
        page = page_of(client, path)
        assert all("bdi" in inside or "title" in inside for inside in page.overridden_in)
        assert not any("alert(1)" in script for script in page.all("script"))
        assert not any(HOSTILE in str(value) for _, found in page.elements for value in found.values())


def test_an_empty_archive_has_no_picture_and_a_page(tmp_path: Path) -> None:
    with (
        Archive.create(tmp_path / "a", {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made,
        served(create_app(made, Settings())) as client,
    ):
        assert page_of(client, "/").attributes("svg") == []
        assert isinstance(page_of(client, "/coverage"), Page)
        assert client.get("/v1/stats").json()["holdings"]["publishers"] == []


def held(*months: tuple[str, int]) -> Holding:
    return Holding(None, sum(count for _, count in months), 0, months, ())


@pytest.mark.parametrize(
    ("months", "size", "labels"),
    [
        ([("2010-05", 1)], 1, ["May 2010"]),
        ([("2010-05", 1), ("2015-08", 1)], 3, ["April to June 2010", "July to September 2015"]),
        ([("2010", 1), ("2010-12", 1)], 12, ["2010"]),
        ([("1990-05", 1), ("2015", 1)], 12, ["1990", "2015"]),
        ([("0001-05", 1), ("9999-08", 1)], 6000, ["0 to 499", "9500 to 9999"]),
    ],
)
def test_bars_are_as_short_as_fit(months: list[tuple[str, int]], size: int, labels: list[str]) -> None:
    found = scale(held(*months), 60)
    assert found is not None
    told = list(found.labels())
    assert (found.size, list(dict.fromkeys((told[0], told[-1])))) == (size, labels)
    assert found.count <= 60
    assert sum(found.counts(months)) == sum(count for _, count in months)


def test_the_pieces_of_a_bar_stand_one_upon_the_other_and_make_up_its_height(covered: Archive) -> None:
    found = picture(covered.holdings())
    assert found is not None
    assert [name for name, _ in found.series] == ["Paper 0", "Paper 1", "Paper 2", "others"]
    assert sum(count for _, count in found.series) == sum(bar.articles for bar in found.bars) == 91
    for bar in found.bars:
        below = 100.0
        for _, top, height in bar.pieces:
            assert top + height == pytest.approx(below, abs=0.02)
            below = top
        assert 100 - below == pytest.approx(100 * bar.articles / found.highest, abs=0.02)


def test_a_sparkline_shows_something_wherever_there_is_something() -> None:
    assert sparkline([0, 1, 500, 1000]) == "·▁▄█"
    assert re.fullmatch("[▁▂▃▄▅▆▇█]", sparkline([7]))
    assert sparkline([]) == ""
