"""What people are on record with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval import Archive
from retrieval.cite import cite_span, own_link
from retrieval.errors import InvalidRequest, SpeakerNotFound
from retrieval.examples import topics
from retrieval.statements import unquoted, whole
from retrieval.types import Article, CitedPassage, Draft, Passage, Person, Quote, Span, Statement, StoredArticle
from tests.hashing import HashingEncoder

# Two passages; the second quotation and what is reported go over the border between them.
TEXT = (
    "“The ferry stays,” said Ines Okafor. She said “it pays.\n\nIt always has.” The harbour master, Bo Lee, agreed "
    "that it does."
)
BORDER = TEXT.index("\n\n")
OKAFOR = Person("Ines Okafor", ("Ines Okafor", "Okafor"), ("head of the ferry company",))
LEE = Person("Bo Lee", ("Bo Lee", "Lee"), ("harbour master",))


def span_of(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def quote(words: str, speaker: str | None, *, direct: bool = True, text: str = TEXT) -> Quote:
    return Quote(*span_of(words, text), direct=direct, cue=None, source=None, speaker=speaker, confidence=0.9)


def draft(article: Article, *quotes: Quote, people: tuple[Person, ...] = (), voice: str | None = None) -> Draft:
    text, border = article.text, article.text.find("\n\n")
    spans = (Span(0, border), Span(border + 2, len(text))) if border > 0 else (Span(0, len(text)),)
    return Draft(article, spans, tuple((span,) for span in spans), quotes, voice, people)


REPORT = draft(
    Article("report", TEXT, published="2020-05-01"),
    quote("The ferry stays,", "Ines Okafor"),
    quote("it pays.\n\nIt always has.", "Ines Okafor"),
    quote("it pays", "Ines Okafor", direct=False),
    quote("it does", "Bo Lee", direct=False),
    people=(OKAFOR, LEE),
)
SPEECH_TEXT = "Friends! My mother said “go by sea” to me. We shall."
SPEECH = draft(
    Article("speech", SPEECH_TEXT, author="Ines Okafor", published="2021"),
    quote("go by sea", "Ada Okafor", text=SPEECH_TEXT),
    quote("shall", "Ines Okafor", direct=False, text=SPEECH_TEXT),
    voice="Ines Okafor",
    people=(OKAFOR, Person("Ada Okafor", ("Ada Okafor", "Okafor"), ())),
)
LETTER_TEXT = "“Nothing to add,” said Ines Okafor."
LETTER = draft(
    Article("letter", LETTER_TEXT, url="https://gazette.example/letter"),
    quote("Nothing to add,", "Ines Okafor", text=LETTER_TEXT),
    people=(OKAFOR,),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder: Path = tmp_path_factory.mktemp("statements") / "archive"
    with Archive.create(folder, {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as made:
        made.put([draft(Article("report", "An older text.", published="2020"))])
        made.put([REPORT, SPEECH, LETTER])
        yield made


def test_everything_that_somebody_said_comes_newest_first_and_undated_last(archive: Archive) -> None:
    record = archive.record("Ines Okafor")
    assert [one.article.article.id for one in record.articles] == ["speech", "report", "letter"]
    assert (record.total, record.years) == (3, ((2021, 1), (2020, 1), (None, 1)))
    assert [(one.text, one.manner) for one in record.articles[1].statements] == [
        ("The ferry stays,", "direct"),
        ("it pays.\n\nIt always has.", "direct"),
    ]


def test_every_statement_is_exact_and_can_be_verified(archive: Archive) -> None:
    for name in ("Ines Okafor", "Bo Lee", "Ada Okafor"):
        for one in archive.record(name).articles:
            text = archive.article(one.article.article.id).article.text
            for said in one.statements:
                cited = said.citation
                assert text[cited.start : cited.end] == said.text
                assert f"{said.before}{said.text}{said.after}" in text
                checked = CitedPassage(cited.article_id, cited.version, cited.start, cited.end, cited.text_sha256)
                assert archive.verify_citation(checked).status == "exact"


def test_a_statement_comes_with_the_rest_of_its_sentences(archive: Archive) -> None:
    (lee,) = archive.record("Bo Lee").articles[0].statements
    assert (lee.manner, lee.text, lee.after) == ("reported", "it does", ".")
    assert lee.before.endswith("The harbour master, Bo Lee, agreed that ")


def test_an_authors_own_words_are_theirs_without_those_they_quote(archive: Archive) -> None:
    speech = archive.record("Ines Okafor").articles[0]
    assert [(one.text, one.manner) for one in speech.statements] == [
        ("Friends! My mother said “", "own"),
        ("” to me. We shall.", "own"),
    ]
    (mother,) = archive.record("Ada Okafor").articles
    assert [one.text for one in mother.statements] == ["go by sea"]


def test_a_statement_leads_to_the_web_or_to_our_own_page_of_that_version(archive: Archive) -> None:
    record = archive.record("Ines Okafor")
    letter, report = record.articles[2].statements[0].citation, record.articles[1].statements[0].citation
    assert letter.link.startswith("https://gazette.example/letter#:~:text=Nothing%20to%20add")
    assert report.link == own_link("report", 2, report.start, report.end)
    assert report.link == f"/articles/report?version=2&start=1&end={report.end}#v2-1-{report.end}"


def test_articles_are_paged(archive: Archive) -> None:
    pages = [archive.record("Ines Okafor", offset=offset, limit=1) for offset in range(4)]
    assert [[one.article.article.id for one in page.articles] for page in pages] == [
        ["speech"], ["report"], ["letter"], [],
    ]  # fmt: skip
    assert {page.total for page in pages} == {3}


def test_a_name_that_fits_several_is_nobodys_and_a_whole_name_is_one_persons(archive: Archive) -> None:
    several = archive.record("okafor")
    assert several.speaker is None
    assert [one.name for one in several.others] == ["Ines Okafor", "Ada Okafor"]
    assert not several.articles
    ines = archive.record("INES OKAFOR")
    assert ines.speaker is not None
    assert (ines.speaker.name, ines.others) == ("Ines Okafor", ())


@pytest.mark.parametrize("name", ["Nobody", "", "Ines Okafo", "%", "Okafor Ines"])
def test_whoever_is_not_quoted_is_not_found(archive: Archive, name: str) -> None:
    with pytest.raises(SpeakerNotFound):
        archive.record(name)


def test_a_name_that_is_no_text_is_refused(archive: Archive) -> None:
    with pytest.raises(InvalidRequest):
        archive.record("\ud800")


def test_what_was_said_in_an_earlier_version_or_a_deleted_article_is_not_on_record(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "a", {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as archive:
        archive.put([REPORT])
        archive.put([draft(Article("report", "Bo Lee said it does."), people=(LEE,))])
        with pytest.raises(SpeakerNotFound):
            archive.record("Ines Okafor")
        archive.put([REPORT])
        assert archive.record("Ines Okafor").articles[0].article.version == 3
        archive.delete("report")
        with pytest.raises(SpeakerNotFound):
            archive.record("Ines Okafor")


def test_speakers_are_passed_over(archive: Archive) -> None:
    everybody = archive.speakers()
    assert [archive.speakers(limit=1, offset=place)[0] for place in range(len(everybody))] == everybody
    assert archive.speakers(offset=len(everybody)) == []


# By hand


def test_what_stands_outside_of_quotation_marks() -> None:
    quotes = [quote("b", None, text="abcde"), quote("bc", None, text="abcde"), quote("e", None, text="abcde")]
    assert list(unquoted(Span(0, 5), quotes)) == [Span(0, 1), Span(3, 4)]
    assert list(unquoted(Span(0, 5), [])) == [Span(0, 5)]
    assert list(unquoted(Span(1, 2), quotes[:1])) == []


def test_only_what_goes_over_a_border_is_joined() -> None:
    text = "He said one.\n\nHe said two."

    def passage(start: int, end: int, *statements: tuple[int, int, str]) -> Passage:
        said = tuple(Statement(a, b, text[a:b], name, direct=True, confidence=0.5) for a, b, name in statements)
        return Passage(1, "a", 1, start, end, text[start:end], (Span(start, end),), said)

    over = whole(text, [passage(0, 12, (8, 12, "A")), passage(14, 26, (14, 16, "A"))])
    assert [one.text for one in over] == ["one.\n\nHe"]
    others = whole(text, [passage(0, 12, (8, 12, "A")), passage(14, 26, (14, 16, "B"))])
    assert [one.text for one in others] == ["one.", "He"]
    apart = whole(text, [passage(0, 12, (8, 12, "A")), passage(14, 26, (17, 21, "A"))])
    assert [one.text for one in apart] == ["one.", "said"]


def test_a_statement_over_three_passages_is_one() -> None:
    text = "One. Two. Three."
    parts = [(0, 4), (5, 9), (10, 16)]
    passages = [
        Passage(n, "a", 1, a, b, text[a:b], (Span(a, b),), (Statement(a, b, text[a:b], "A", True, 0.5),))
        for n, (a, b) in enumerate(parts)
    ]
    assert [one.text for one in whole(text, passages)] == [text]


@pytest.mark.parametrize("span", [(0, 0), (-1, 3), (3, 2), (0, 99)])
def test_a_span_that_an_article_does_not_have_is_not_cited(span: tuple[int, int]) -> None:
    with pytest.raises(InvalidRequest):
        cite_span(StoredArticle(Article("a", "A text."), 1, current=True), *span)


# Examples of questions


def test_topics_are_what_somebody_says_again_two_words_before_one() -> None:
    said = [
        "The night ferry is dear to me.",
        "A night ferry, and the tickets of it.",
        "Tickets are a pain. I think that Okafor knows.",
        "Okafor, Okafor.",
    ]
    assert topics(said, lambda _: 1, but="Ines Okafor") == ["night ferry", "ferry", "night", "tickets"]


def test_rare_words_come_before_common_ones() -> None:
    often = {"harbour": 900, "zeppelin": 2}
    said = ["harbour. zeppelin.", "zeppelin. harbour."]
    assert topics(said, lambda word: often.get(word, 1)) == ["zeppelin", "harbour"]
    assert topics([], lambda _: 1) == []


def test_the_examples_of_an_archive_are_answered_by_those_they_name(seeds: Archive) -> None:
    found = seeds.examples()
    assert len(found) == 3
    assert found == seeds.examples()
    for speaker, topic in found:
        answer = seeds.ask(f"What did {speaker.name} say about {topic}?", 1)
        assert answer.answered
        assert answer.interpretation.speakers == (speaker.name,)


def test_an_archive_in_which_nobody_speaks_has_no_examples(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "a", {}, model="hashing", load_encoder=lambda *_: HashingEncoder()) as archive:
        assert archive.examples() == []
        archive.put([draft(Article("a", "A text."))])
        assert archive.examples() == []
