import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval import Answer, Archive, Article, Draft, Filters, Span
from retrieval.encoder import Encoder, Vectors
from retrieval.errors import ArchiveDamaged, ArchiveMismatch, ArchiveMissing, ArticleNotFound, InvalidRequest
from retrieval.lexical import LexicalIndex
from retrieval.store import State, Store
from tests.retrieval.conftest import Drafts

QUESTIONS = [
    "what did Loughton say about caseloads?",
    "how much was spent on ContactPoint",
    "Narey on children in care",
    "serious case reviews",
    "zxqv",
]


def opened(folder: Path, encoder: Encoder) -> Archive:
    return Archive.open(folder, load_encoder=lambda *_: encoder)


def answers(archive: Archive) -> list[Answer]:
    return [archive.ask(question) for question in QUESTIONS]


# The main job -------------------------------------------------------------------------------------------------------


def test_the_example_question_finds_his_own_sentence_first_and_marks_it(seeds: Archive) -> None:
    answer = seeds.ask("what did Loughton say about caseloads?")
    best = answer.passages[0]
    assert best.citation.article_id == "000_b682cbc5f710ac7c"
    assert "I don’t think that [maximum caseloads] would work" in best.text
    assert any("every caseload is different" in segment.text for segment in best.segments if segment.highlight)


def test_every_citation_is_exact(seeds: Archive) -> None:
    for answer in answers(seeds):
        for hit in answer.passages:
            text = seeds.article(hit.citation.article_id).article.text
            assert text[hit.citation.start : hit.citation.end] == hit.text
            assert text[: hit.citation.start].endswith(hit.citation.prefix)
            assert text[hit.citation.end :].startswith(hit.citation.suffix)
            assert "".join(segment.text for segment in hit.segments) == hit.text


def test_the_same_archive_and_question_give_the_same_answer(seeds: Archive) -> None:
    assert answers(seeds) == answers(seeds)


def test_hits_are_ranked_by_score_and_confidence_never_contradicts_it(seeds: Archive) -> None:
    for answer in answers(seeds):
        assert [hit.rank for hit in answer.passages] == list(range(1, len(answer.passages) + 1))
        scores = [(hit.score, hit.confidence) for hit in answer.passages]
        assert scores == sorted(scores, reverse=True)
        assert answer.confidence == answer.passages[0].confidence


def test_k_passages_are_returned_wherever_there_are_k(seeds: Archive) -> None:
    for k in (1, 7, 40):
        assert len(seeds.ask("social workers", k).passages) == k


# Writing ------------------------------------------------------------------------------------------------------------


def test_an_update_is_seen_at_once_and_the_old_version_can_still_be_read(empty: Archive, make: Drafts) -> None:
    empty.put([make("a", "The ferry to Arran sails at noon.")])
    assert empty.ask("when does the ferry sail").passages[0].text.endswith("noon.")
    (put,) = empty.put([make("a", "The ferry to Arran sails at midnight.")])
    assert (put.version, put.outcome) == (2, "changed")
    answer = empty.ask("when does the ferry sail")
    assert [hit.text for hit in answer.passages] == ["The ferry to Arran sails at midnight."]
    assert empty.article("a", 1).article.text.endswith("noon.")
    assert not empty.article("a", 1).current


def test_a_deleted_article_is_nowhere(empty: Archive, make: Drafts) -> None:
    empty.put([make("a", "The ferry sails at noon."), make("b", "The train leaves at ten.")])
    empty.ask("ferry")
    empty.delete("a")
    assert [hit.text for hit in empty.ask("ferry").passages] == ["The train leaves at ten."]
    assert empty.nearest("ferry", 5, "lexical") == []
    with pytest.raises(ArticleNotFound, match="no article a"):
        empty.article("a")
    with pytest.raises(ArticleNotFound):
        empty.delete("a")


def test_a_version_number_is_never_used_twice(empty: Archive, make: Drafts) -> None:
    empty.put([make("a", "First.")])
    empty.delete("a")
    (put,) = empty.put([make("a", "Second.")])
    assert (put.version, put.outcome) == (2, "new")


def test_what_is_there_already_changes_nothing(empty: Archive, make: Drafts) -> None:
    draft = make("a", "The ferry sails at noon.", title="Ferries")
    empty.put([draft])
    version = empty.coverage().version
    (put,) = empty.put([draft])
    assert put.outcome == "unchanged"
    assert empty.coverage().version == version


def test_an_unchanged_passage_is_not_encoded_again(
    empty: Archive, make: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = (
        "It was a long day on the quay, and nobody who waited there had been told why. "
        "Few minded much, for the sea was calm and the café stayed open."
    )
    empty.put([make("a", f"{long}\n\nThe ferry sails at noon.")])
    seen: list[str] = []
    encode = empty.encoder.encode_passages

    def noting(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return encode(texts)

    monkeypatch.setattr(empty.encoder, "encode_passages", noting)
    empty.put([make("a", f"{long}\n\nThe ferry sails at midnight.")])
    assert seen == ["The ferry sails at midnight."]


def test_a_text_that_moves_from_one_article_to_another_keeps_its_vector(empty: Archive, make: Drafts) -> None:
    empty.put([make("a", "The ferry sails at noon.")])
    empty.put([make("a", "The train leaves at ten."), make("b", "The ferry sails at noon.")])
    assert {one.article_id for one in empty.nearest("ferry", 5, "dense")} == {"a", "b"}
    assert empty.ask("when does the ferry sail").passages[0].citation.article_id == "b"


def test_either_all_drafts_go_in_or_none(empty: Archive, make: Drafts) -> None:
    bad = Draft(Article("b", "short"), (Span(0, 99),), ((Span(0, 99),),))
    with pytest.raises(InvalidRequest, match="out of place"):
        empty.put([make("a", "Good."), bad])
    assert empty.coverage().articles == 0


@pytest.mark.parametrize(
    ("article", "problem"),
    [
        (Article("a/b", "Text."), "article id"),
        (Article("", "Text."), "article id"),
        (Article("..", "Text."), "article id"),
        (Article("a", "Lone \ud800."), "lone surrogate"),
        (Article("a", "Text.", title="\udfff"), "lone surrogate"),
        (Article("a", "Nul \0."), "NUL"),
        (Article("a", "Text.", published="4 October"), "not a date"),
        (Article("a", "Text.", url="http://[::1"), "no url"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_reason(empty: Archive, article: Article, problem: str) -> None:
    with pytest.raises(InvalidRequest, match=problem):
        empty.put([Draft(article, (), ())])


def test_a_text_that_speaks_of_escapes_is_kept(empty: Archive, make: Drafts) -> None:
    text = r"In JSON, NUL is written \u0000, and a backslash \\."
    empty.put([make("a", text)])
    assert empty.article("a").article.text == text


# Filters ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def dated(empty: Archive, make: Drafts) -> Archive:
    empty.put(
        [
            make("1", "The ferry sails.", publisher="The Quay", author="Ann Lee", published="2010-10-04"),
            make("2", "The ferry waits.", publisher="the  quay", published="2010-10"),
            make("3", "The ferry turns.", publisher="Harbour News", author="Bo Wren", published="2011"),
            make("4", "The ferry rests."),
            *[make(f"many-{n}", f"The ferry ferry ferry number {n} of the ferry.") for n in range(200)],
        ]
    )
    return empty


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(publisher="THE QUAY"), {"1", "2"}),
        (Filters(author="ann lee"), {"1"}),
        (Filters(article="4"), {"4"}),
        (Filters(published_from="2010-10-05"), {"2", "3"}),
        (Filters(published_to="2010-10-03"), {"2"}),
        (Filters(published_from="2010", published_to="2010"), {"1", "2"}),
        (Filters(published_from="2011-06", published_to="2011-06"), {"3"}),
        (Filters(publisher="The Quay", published_from="2011"), set()),
    ],
)
def test_a_filter_is_applied_inside_the_search(dated: Archive, filters: Filters, expected: set[str]) -> None:
    for question in ("ferry", "Where is the boat?"):
        assert {hit.citation.article_id for hit in dated.ask(question, 10, filters).passages} == expected
    assert {one.article.id for one in dated.articles(filters)[0]} == expected
    assert {one.article_id for one in dated.nearest("ferry", 10, "lexical", filters)} == expected
    assert {one.article_id for one in dated.nearest("ferry", 10, "dense", filters)} == expected


@pytest.fixture
def spoken(empty: Archive, make: Drafts) -> Archive:
    """Three articles with Timothy Wren among many with nobody."""
    empty.put(
        [
            make("said", f"“The ferry leaks,” said Timothy Wren.\n\n{'Nobody was on board of the ferry. ' * 9}"),
            make("bare", "The ferry stayed. “It leaks,” said Ms Lee. But Mr Wren said: “The ferry is safe.”"),
            make("own", "I say that the ferry is safe.", kind="speech", author="Tim Wren"),
            *[make(f"many-{n}", f"The ferry ferry ferry number {n} of the ferry.") for n in range(200)],
        ]
    )
    return empty


@pytest.mark.parametrize(
    ("speaker", "expected"),
    [
        ("Tim Wren", {"said", "bare", "own"}),
        ("timothy  WREN", {"said", "bare", "own"}),
        ("wren", {"said", "bare", "own"}),
        ("Lee", {"bare"}),
        ("Ann Wren", set()),
        ("wre", set()),
    ],
)
def test_a_speaker_is_found_by_any_name_and_inside_the_search(
    spoken: Archive, speaker: str, expected: set[str]
) -> None:
    filters = Filters(speaker=speaker)
    found, total = spoken.articles(filters)
    assert ({one.article.id for one in found}, total) == (expected, len(expected))
    for by in ("dense", "lexical"):
        passages = spoken.nearest("ferry", 100, by, filters)
        assert {one.article_id for one in passages} == expected
        assert len(passages) == len(expected), "the passage of the first article in which nobody speaks is in none"


def test_the_filter_says_whose_words_are_wanted_whoever_the_question_names(spoken: Archive) -> None:
    answer = spoken.ask("What did Lee say about the ferry?", 5, Filters(speaker="wren"))
    assert answer.interpretation.speakers == ("Tim Wren",)
    assert {hit.citation.article_id for hit in answer.passages} == {"said", "bare", "own"}


def test_filters_on_a_speaker_and_on_dates_hold_together(spoken: Archive) -> None:
    answer = spoken.ask("ferry", 5, Filters(speaker="wren", published_from="2020"))
    assert (answer.passages, answer.reason) == ((), "outside_dates")


def test_nobody_of_that_name_says_anything(spoken: Archive) -> None:
    answer = spoken.ask("What did Wren say about the ferry?", 5, Filters(speaker="Zyskowski"))
    assert (answer.passages, answer.answered, answer.reason) == ((), False, "speaker_not_found")
    assert answer.interpretation.speakers == ()


# Refusals -----------------------------------------------------------------------------------------------------------


def test_an_empty_archive_says_so(empty: Archive) -> None:
    answer = empty.ask("anything?")
    assert (answer.answered, answer.reason, answer.passages) == (False, "empty_archive", ())


def test_the_reason_of_a_refusal_is_the_one_that_holds(dated: Archive) -> None:
    assert dated.ask("ferry", 5, Filters(published_from="2020")).reason == "outside_dates"
    assert dated.ask("ferry", 5, Filters(publisher="Nobody")).reason == "no_article_matches"
    assert dated.ask("zxqv").reason == "topic_not_found"


@pytest.mark.parametrize(
    ("question", "k", "filters"),
    [
        (" ", 5, Filters()),
        ("x" * 501, 5, Filters()),
        ("x", 0, Filters()),
        ("x", 101, Filters()),
        ("x", 5, Filters(published_from="soon")),
        ("x", 5, Filters(published_from="2011", published_to="2010")),
    ],
)
def test_what_cannot_be_meant_is_refused(seeds: Archive, question: str, k: int, filters: Filters) -> None:
    with pytest.raises(InvalidRequest):
        seeds.ask(question, k, filters)


@pytest.mark.parametrize(
    "question", ['"', "AND OR NOT", "text:x^9 AND (", "+-&&||!(){}[]^~*?:\\", "né 漢字 👩‍👩‍👧", "\u202e\u0000", "?!"]
)
def test_nothing_that_is_typed_is_syntax(seeds: Archive, question: str) -> None:
    assert len(seeds.ask(question, 3).passages) == 3


# Caches -------------------------------------------------------------------------------------------------------------

CACHES = ["dense.faiss", "lexical", "lexical.manifest"]


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def truncate(path: Path) -> None:
    file = largest(path)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(path: Path) -> None:
    file = largest(path)
    data = bytearray(file.read_bytes())
    data[len(data) * 2 // 3] ^= 0xFF
    file.write_bytes(data)


def empty_out(path: Path) -> None:
    largest(path).write_bytes(b"")


def largest(path: Path) -> Path:
    return max(path.iterdir(), key=lambda file: file.stat().st_size) if path.is_dir() else path


@pytest.mark.parametrize("cache", CACHES)
@pytest.mark.parametrize("harm", [delete, truncate, flip, empty_out])
def test_a_harmed_cache_is_rebuilt_the_answers_stay_and_the_log_says_so(
    cache: str, harm: object, seeds: Archive, copy: Path, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    harm(copy / cache)  # type: ignore[operator]
    with opened(copy, encoder) as archive, caplog.at_level(logging.WARNING):
        assert answers(archive) == answers(seeds)
    assert f"{cache.split('.', maxsplit=1)[0]} index: " in caplog.text
    assert "rebuilding it from the archive" in caplog.text
    caplog.clear()
    with opened(copy, encoder) as archive:
        archive.refresh()
    assert not [one for one in caplog.records if one.name.startswith("retrieval.")]


@pytest.mark.parametrize("cache", [["dense.faiss"], ["lexical", "lexical.manifest"]])
def test_a_cache_of_another_archive_is_not_believed(
    cache: list[str], seeds: Archive, copy: Path, empty: Archive, make: Drafts, encoder: Encoder
) -> None:
    empty.put([make(str(n), f"Ferry number {n}.") for n in range(5)])
    empty.refresh()
    empty.close()
    assert empty.coverage().version == seeds.coverage().version
    for name in cache:
        delete(copy / name)
        (shutil.copytree if (empty.path / name).is_dir() else shutil.copy)(empty.path / name, copy / name)
    with opened(copy, encoder) as archive:
        assert answers(archive) == answers(seeds)


def test_a_dense_cache_of_another_model_is_not_believed(
    copy: Path, seeds: Archive, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    path = copy / "dense.faiss"
    path.write_bytes(path.read_bytes().replace(encoder.fingerprint.encode(), b"0" * 64, 1))
    with opened(copy, encoder) as archive:
        assert answers(archive) == answers(seeds)
    assert "another model" in caplog.text


def test_two_open_archives_of_one_folder_see_each_others_changes(copy: Path, encoder: Encoder, make: Drafts) -> None:
    with opened(copy, encoder) as one, opened(copy, encoder) as other:
        one.refresh()
        other.refresh()
        one.put([make("a", "The ferry to Arran sails at noon.")])
        assert other.ask("ferry to Arran").passages[0].citation.article_id == "a"
        other.put([make("b", "The ferry to Arran was sunk.")])
        assert {hit.citation.article_id for hit in one.ask("ferry to Arran", 2).passages} == {"a", "b"}


def test_all_who_come_after_a_change_have_it_taken_up_once(
    empty: Archive, make: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.refresh()
    prepared: list[State] = []
    prepare = LexicalIndex.prepare

    def noting(index: LexicalIndex, store: Store, target: State) -> Callable[[], None]:
        prepared.append(target)
        return prepare(index, store, target)

    monkeypatch.setattr(LexicalIndex, "prepare", noting)
    empty.put([make("a", "The ferry sails at noon.")])
    together = threading.Barrier(6)

    def refresh() -> None:
        together.wait()
        empty.refresh()

    threads = [threading.Thread(target=refresh) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert prepared == [empty.state()]


def test_questions_are_answered_while_articles_are_put(copy: Path, encoder: Encoder, make: Drafts) -> None:
    failures: list[Exception] = []
    with opened(copy, encoder) as archive:

        def ask() -> None:
            try:
                for _ in range(10):
                    assert archive.ask("what did Loughton say about caseloads?", 3).passages
            except Exception as error:  # noqa: BLE001  whatever it is, the test reports it
                failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(15):
            archive.put([make("a", f"The ferry number {number} sails.")])
        for thread in threads:
            thread.join()
        assert not failures
        assert archive.ask("ferry number").passages[0].text == "The ferry number 14 sails."


# Opening ------------------------------------------------------------------------------------------------------------


def test_a_folder_without_an_archive_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="onrecord ingest SOURCE --archive"):
        Archive.open(tmp_path)


def test_an_empty_file_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "archive.db").touch()
    with pytest.raises(ArchiveMissing, match="remove that file"):
        Archive.open(tmp_path)


def test_a_file_that_is_no_database_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(ArchiveDamaged, match="restore it from a backup"):
        Archive.open(tmp_path)


def test_an_archive_is_never_used_with_another_model_or_settings(copy: Path, encoder: Encoder) -> None:
    class Other:
        name, fingerprint, dimension, window = "other", "f" * 64, 384, 254

    with Archive.open(copy, load_encoder=lambda *_: Other()) as archive, pytest.raises(ArchiveMismatch):  # type: ignore[arg-type]
        archive.ask("caseloads")
    with pytest.raises(ArchiveMismatch, match="passage_tokens"):
        Archive.create(copy, {"passage_tokens": "77"}, load_encoder=lambda *_: encoder)


def test_vectors_are_unit_and_dense_search_is_their_inner_product(seeds: Archive, encoder: Encoder) -> None:
    question = "children in care"
    (vector,) = encoder.encode_questions([question])
    found = seeds.nearest(question, 10, "dense")
    every = [one for stored in seeds.articles()[0] for one in seeds.passages(stored)]
    vectors = encoder.encode_passages([one.text for one in every])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    brute = [every[index].id for index in np.argsort(-(vectors @ vector))[:10]]
    # Encoded in another batch the last digits differ; the ten nearest are the same.
    assert set(brute) == {one.id for one in found}
