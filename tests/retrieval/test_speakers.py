"""Who said what, from ingest to the answer."""

import pytest

from retrieval import Archive
from tests.retrieval.conftest import Drafts


@pytest.fixture
def quay(empty: Archive, make: Drafts) -> Archive:
    empty.put(
        [
            make(
                "report",
                "The harbour master, Ann Lee, opened the quay on Monday.\n\n"
                "“The ferry will sail every night of the winter,” said Ms Lee.\n\n"
                "But Bo Wren, who leads the fishermen, disagreed. “Nobody asked us about the dredging,” he said.",
                kind="report",
                author="Cal Moss",
            ),
            make(
                "speech",
                "I am delighted to be here today and to thank you all. Dredging is what this harbour needs, and we "
                "will pay for it from the fees.",
                kind="speech",
                author="Ann Lee",
            ),
        ]
    )
    return empty


def test_statements_come_with_their_speakers_and_exact_places(quay: Archive) -> None:
    text = quay.article("report").article.text
    statements = [
        one
        for hit in quay.ask("ferry dredging", 10).passages
        if hit.citation.article_id == "report"
        for one in hit.statements
    ]
    assert ("Ann Lee", "The ferry will sail every night of the winter,") in {
        (one.speaker, one.text) for one in statements
    }
    assert all(text[one.start : one.end] == one.text for one in statements)


def test_the_asked_speaker_comes_first_though_another_speaks_of_it_too(quay: Archive) -> None:
    assert "Nobody asked us" in quay.ask("What did Wren say about dredging?").passages[0].text
    own = quay.ask("What did Ann Lee say about dredging?").passages[0]
    assert own.citation.article_id == "speech"
    assert own.voice == "Ann Lee"


def test_who_speaks_is_part_of_the_interpretation(quay: Archive) -> None:
    assert quay.ask("What did Wren say about dredging?").interpretation.speakers == ("Bo Wren",)


def test_speakers_are_listed_and_forgotten_with_their_articles(quay: Archive) -> None:
    assert [one.name for one in quay.speakers()] == ["Ann Lee", "Bo Wren"]
    assert [one.name for one in quay.speakers("wr")] == ["Bo Wren"]
    assert quay.speakers("%") == []
    quay.delete("report")
    assert [one.name for one in quay.speakers()] == ["Ann Lee"]


def test_the_reporter_is_nobodys_speaker(quay: Archive) -> None:
    assert quay.speakers("moss") == []
