"""What could not be read, by reason and by place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import Archive
from retrieval.failures import reason_of
from retrieval.types import Reading
from tests.hashing import HashingEncoder

NO_TEXT = "there is no text in it"


@pytest.fixture
def hashed(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "a", {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made:
        yield made


def reading(item: str, *problems: str, source: str = "", read_at: str = "2026-01-01T00:00:00+00:00") -> Reading:
    told = tuple((f"{item}:{line}", problem) for line, problem in enumerate(problems, 1))
    return Reading(source, item, None, (), told, read_at)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ("there is no text in it", "there is no text in it"),
        ("the id 'a b' is already that of an article in '/home/ann/my own/a.jsonl'; give one another id",
         "the id … is already that of an article in …; give one another id"),
        ("the id 'a' is already that of an article in /home/ann/a.jsonl; give one another id",
         "the id … is already that of an article in …; give one another id"),
        ('"published" has to be a date as 2010-10-04, and is \'x\'', '"published" has to be a date as …, and is …'),
        ('the publisher\'s file isn\'t "a \\"secret\\" b" at all', "the publisher's file isn't … at all"),
        ("not JSON: Expecting secret: line 1 column 2 (char 1)", "not JSON"),
        ("the file is damaged from here on (secret 7); get it anew", "the file is damaged from here on; get it anew"),
        ("there is letter.meta.json too; keep one", "there is … too; keep one"),
        ("ask ann@example.org", "ask …"),
        ("write to secret.example", "write to …"),
        ("has more than 50 MB", "has more than … MB"),
        (f"not one of '{'secret ' * 1000}'", "not one of …"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_reason_is_a_problem_without_what_it_quotes_and_where_it_is(problem: str, reason: str) -> None:
    assert reason_of(problem) == reason


@given(st.text(alphabet="abc'\"\\ /.", max_size=60))
def test_no_file_that_is_quoted_shows_in_a_reason(name: str) -> None:
    path = f"/home/secret/{name}"
    reason = reason_of(f"the id {path!r} is already that of {path!r}; give another")
    assert "secret" not in reason


@given(st.text(max_size=2000))
def test_a_reason_is_one_bounded_line(problem: str) -> None:
    reason = reason_of(problem)
    assert len(reason) <= 201
    assert len(reason.splitlines()) <= 1


def test_failures_are_told_by_reason_the_most_frequent_first_with_the_newest_examples(hashed: Archive) -> None:
    hashed.put_readings(
        [
            reading("/old.jsonl", NO_TEXT, "not JSON: 1", "not JSON: 2"),
            reading("/new.jsonl", NO_TEXT, NO_TEXT, source="wire", read_at="2026-02-01T00:00:00+00:00"),
            reading("/sound.jsonl", source="wire"),
        ]
    )
    found = hashed.failures(limit=5, examples=2)
    assert (found.count, found.different, found.read_at) == (5, 2, "2026-02-01T00:00:00+00:00")
    assert [(one.reason, one.count) for one in found.reasons] == [(NO_TEXT, 3), ("not JSON", 2)]
    assert [one.where for one in found.reasons[0].failures] == ["/new.jsonl:1", "/new.jsonl:2"]
    assert [(one.problem, one.source) for one in found.reasons[1].failures] == [
        ("not JSON: 1", ""),
        ("not JSON: 2", ""),
    ]
    assert [(one.source, one.items, one.failed) for one in found.sources] == [("", 1, 3), ("wire", 2, 2)]
    one = hashed.failures(limit=1, examples=0)
    assert ([reason.failures for reason in one.reasons], one.count, one.different) == ([()], 5, 2)
