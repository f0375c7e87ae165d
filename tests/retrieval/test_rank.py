"""The features of a pair, on two passages whose every statement is known."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from retrieval.lexical import analyze, term_ids
from retrieval.question import Question
from retrieval.rank import FEATURES, Columns, Statistics, default_model, features, regime, words_of
from retrieval.rows import article_terms, context_terms, rows_of
from retrieval.store import Candidate, Surroundings
from retrieval.types import Article, Draft, Interpretation, Quote, Span, Speaker
from retrieval.when import Dates

FIRST = 'Loughton spoke. "Caseloads differ," he said. Narey said that courts are slow.'
SECOND = "Caseloads rose in 2009. Courts closed."
ARTICLE = Article("a", f"{FIRST}\n\n{SECOND}", title="On referrals", published="2010-10-04")
VECTOR = np.array([1.0, 0.0], np.float32)


def passages(voice: str | None = None) -> list[Candidate]:
    """Two passages: in the first Loughton speaks of caseloads and Narey of courts, in the second nobody speaks."""
    text = ARTICLE.text

    def span(part: str, start: int = 0) -> Span:
        at = text.index(part, start)
        return Span(at, at + len(part))

    def quote(part: str, speaker: str, *, direct: bool) -> Quote:
        of = span(part)
        return Quote(of.start, of.end, direct, None, None, speaker, 0.8)

    sentences = (
        (span("Loughton spoke."), span('"Caseloads differ," he said.'), span("Narey said that courts are slow.")),
        (span("Caseloads rose in 2009."), span("Courts closed.")),
    )
    quotes = (
        quote("Caseloads differ,", "Tim Loughton", direct=True),
        quote("that courts are slow", "Martin Narey", direct=False),
    )
    draft = Draft(ARTICLE, (span(FIRST), span(SECOND)), sentences, quotes, voice=voice)
    rows, _ = rows_of(draft)
    article = Surroundings(20101004, 20101004, context_terms(ARTICLE), article_terms(rows))
    return [
        Candidate(
            key=number,
            id=f"a:1:{row.start}-{row.end}",
            article=article,
            vector=VECTOR,
            terms=row.terms,
            cuts=row.cuts,
            spoken=row.spoken,
        )
        for number, row in enumerate(rows)
    ]


def question(topic: str, speaker: str = "", dates: Dates | None = None) -> Question:
    words = tuple(analyze(f"{speaker} {topic}"))
    people = (Speaker(speaker, 1, 1, (speaker,)),) if speaker else ()
    shown = Interpretation((speaker,) if speaker else (), topic)
    return Question(topic, words, term_ids(words), tuple(analyze(topic)), people, "", dates, shown)


def table(asked: Question, candidates: list[Candidate] | Columns) -> dict[str, list[float]]:
    """Features by name, a value for each candidate; every word is as rare as every other."""
    if isinstance(candidates, list):
        candidates = Columns.of(candidates)
    known = Statistics(100, 10.0, dict.fromkeys(words_of(asked).tolist(), 3))
    matrix = features(asked, VECTOR, candidates, known)
    assert matrix.shape == (len(candidates), len(FEATURES))
    assert np.isfinite(matrix).all()
    return {name: column.round(3).tolist() for name, column in zip(FEATURES, matrix.T, strict=True)}


def test_words_are_found_in_the_passage_its_best_sentence_and_its_article() -> None:
    found = table(question("caseloads courts referrals"), passages())
    assert found["coverage"] == [1.0, 1.0]  # the title holds the third word
    assert found["sentence"] == [0.333, 0.333]
    assert found["article"] == [1.0, 1.0]
    assert found["cosine"] == [1.0, 1.0]
    assert table(question("slow"), passages())["coverage"] == [1.0, 0.0]
    assert table(question("slow"), passages())["article"] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("speaker", "topic", "said", "others"),
    [
        ("Tim Loughton", "caseloads", 0.8, [0.0, 0.0]),
        ("Tim Loughton", "courts", 0.0, [0.0, -1.0]),
        ("Martin Narey", "courts", 0.8, [0.0, 0.0]),
        ("Martin Narey", "caseloads courts", 0.4, [0.0, -0.5]),
    ],
)
def test_what_somebody_says_is_told_from_what_others_say(
    speaker: str, topic: str, said: float, others: list[float]
) -> None:
    found = table(question(topic, speaker), passages())
    assert found["said"] == [said, 0.0]
    assert found["spoke_below_best"] == [0.0, -0.8]
    assert found["said_by_others_below_best"] == others


def test_in_a_speech_all_is_its_authors_but_the_quotations_of_others() -> None:
    found = table(question("caseloads courts", "Ed Balls"), passages(voice="Ed Balls"))
    # "Caseloads differ" is Loughton's; what Narey is reported to have said is told in the author's words.
    assert found["said"] == [0.5, 1.0]


def test_whose_surname_stands_where() -> None:
    found = table(question("courts", "Martin Narey"), passages())
    assert found["named_below_best"] == [0.0, -1.0]
    assert found["named_in_article"] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("year", "dated", "misdated"),
    [(2010, [1.0, 1.0], [0.0, 0.0]), (2009, [0.0, 1.0], [-1.0, 0.0]), (2001, [0.0, 0.0], [-1.0, -1.0])],
)
def test_a_passage_fits_a_time_by_its_date_or_by_naming_the_year(
    year: int, dated: list[float], misdated: list[float]
) -> None:
    dates = Dates(datetime.date(year, 1, 1), datetime.date(year, 12, 31))
    found = table(question("caseloads", dates=dates), passages())
    assert (found["dated"], [value + 0.0 for value in found["misdated"]]) == (dated, misdated)


def test_an_unknown_date_is_no_evidence() -> None:
    dates = Dates(datetime.date(2001, 1, 1), None)
    undated = [replace(one, article=replace(one.article, first_day=None, last_day=None)) for one in passages()]
    found = table(question("slow", dates=dates), undated)
    assert found["dated"] == [0.0, 0.0]
    assert [value + 0.0 for value in found["misdated"]] == [0.0, 0.0]


def test_who_is_never_quoted_is_known_to_the_ranker() -> None:
    silent = replace(question("caseloads"), unheard="Michael Gove")
    assert table(silent, passages())["unheard"] == [-1.0, -1.0]
    assert regime(silent) == "somebody"


def test_a_question_without_words_has_features_all_the_same() -> None:
    assert table(question(""), passages())["coverage"] == [0.0, 0.0]


def test_each_sentence_of_a_passage_is_ranked_with_what_is_said_in_it() -> None:
    found = table(question("caseloads", "Tim Loughton"), Columns.of(passages()[:1]).by_sentence())
    assert found["said"] == [0.0, 0.8, 0.0]
    assert found["coverage"] == [0.0, 1.0, 0.0]


def test_questions_after_somebodys_words_have_weights_of_their_own() -> None:
    assert regime(question("caseloads", "Tim Loughton")) == "somebody"
    assert regime(question("caseloads")) == "anything"
    assert set(default_model()) == {"somebody", "anything"}


def test_no_evidence_for_a_passage_counts_against_it() -> None:
    for weights in default_model().values():
        assert (weights.weights >= 0).all()
