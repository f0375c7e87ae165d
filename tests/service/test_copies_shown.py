"""How pages and terminals say who carries a passage, and where else a quotation stands."""

import re
from pathlib import Path

import pytest

from retrieval import Archive
from retrieval.types import Carried
from service import wording
from service.asking import Asking
from service.pages import Pages, Read
from service.schemas import Answer, answer_out, record_out
from service.terminal import print_answer
from tests.retrieval.test_database import hashing
from tests.retrieval.test_prints import EDITED, SAID, STORY, made

QUESTION = "what did Okafor say about swimming home?"
HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Carried(3, 3, "2010-10-04", ()), "Carried by 3 outlets, first on 4 October 2010"),
        (Carried(1, 2, "2010-10", ()), "Carried by 1 outlet in 2 articles, first in October 2010"),
        (Carried(2, 2, None, ()), "Carried by 2 outlets"),
    ],
)
def test_who_carries_a_passage_is_said_in_one_line(found: Carried, said: str) -> None:
    assert wording.carried(found) == said


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = hashing(tmp_path / "archive")
    again = f'Fares have gone up again. "{SAID}," Ines Okafor said last autumn, when the late boats came back to us.'
    archive.put(
        [
            made("ferry", STORY, title="Ferry", publisher="Harbour News", published="2010-10-04"),
            made("late", EDITED, title=HOSTILE, publisher=HOSTILE, published="2010-10-06"),
            made("fares", again, title="Fares & fees", publisher="The Courier", published="2011-02-01"),
        ]
    )
    return archive


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_an_answer_says_who_carries_a_passage_and_where_else_its_quotation_stands(archive: Archive) -> None:
    answer = archive.ask(QUESTION)
    page = Pages().answer(Asking(QUESTION), answer, "")
    assert "Carried by 2 outlets, first on 4 October 2010" in words(page)
    assert "are also quoted in Fares &amp; fees" in words(page)
    assert "come from 2 independent sources" in words(page)
    assert HOSTILE not in page


def test_an_article_and_a_record_say_so_too(archive: Archive) -> None:
    stored = archive.article("ferry")
    page = Pages().article(Read(stored, archive.passages(stored), copies=archive.copies("ferry")))
    assert "1 other article with nearly the same words" in words(page)
    record = archive.record("Ines Okafor")
    listed = Pages().speaker("Ines Okafor", record, 0, 20)
    assert listed.count("swim home across the sound,</b>") == 1
    assert "also in" in words(listed)
    assert HOSTILE not in page + listed
    assert sum(one.repeated for one in record_out(record, 0, 20).articles) == 2


def test_a_terminal_and_the_wire_say_the_same(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    answer = archive.ask(QUESTION)
    print_answer(answer, 1.0)
    printed = capsys.readouterr().out
    assert "Carried by 2 outlets, first on 4 October 2010" in printed
    assert "from 2 independent sources" in printed
    sent = Answer.model_validate(answer_out(answer, "", 1.0))
    hit = next(one for one in sent.passages if one.carried and one.quotes)
    assert hit.carried is not None
    assert hit.carried.model_dump() == {
        "outlets": 2,
        "articles": 2,
        "first_published": "2010-10-04",
        "publishers": ("Harbour News", HOSTILE),
    }
    assert [one.article_id for one in hit.quotes[0].also_in] == ["fares"]
