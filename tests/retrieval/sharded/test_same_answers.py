"""An archive in shards answers as one in one piece with the same articles does."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.pipeline import ingest
from ingest.read import read
from retrieval import Archive, Filters
from retrieval.encoder import Encoder
from retrieval.types import ReadAs
from tests.conftest import ROOT, SEEDS
from tests.retrieval.sharded.conftest import Sharded, both, drafted

COUNTS = (1, 2, 3, 8)


def questions(path: Path, every: int) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[::every]]


def asked(archive: Archive, some: list[str]) -> Iterator[object]:
    """Answers in many ways: plain, of any length, with filters of every kind, read otherwise."""
    speakers = archive.speakers(limit=5)
    first = archive.articles()[0][0].article
    for number, question in enumerate(some):
        yield archive.ask(question)
        yield archive.ask(question, 100 if number % 3 else 1)
        speaker = speakers[number % len(speakers)].name
        filters = (
            Filters(speaker=speaker),
            Filters(published_from="2010", published_to="2012-06"),
            Filters(publisher=first.publisher),
            Filters(article=first.id),
            Filters(speaker="Nobody Atall"),
        )
        yield archive.ask(question, 10, filters[number % len(filters)])
        yield archive.ask(question, 5, read_as=ReadAs((speaker,), "children"))
        yield archive.considered(question)


def told(archive: Archive) -> Iterator[object]:
    """What else an archive tells of all that it holds."""
    yield archive.coverage()
    yield archive.holdings()
    yield archive.articles(Filters(), offset=1, limit=3)
    yield archive.corpus_sha256()
    yield archive.speakers()
    yield archive.speakers("b")
    yield archive.examples()
    for speaker in archive.speakers(limit=5):
        yield archive.record(speaker.name, limit=3)
        yield archive.articles(Filters(speaker=speaker.name), limit=2)
    for stored in archive.articles(limit=5)[0]:
        yield archive.article(stored.article.id)
        yield archive.versions(stored.article.id)
        yield archive.spans(stored.article.id)
        yield archive.copies(stored.article.id)
    stats = dict(archive.stats())
    yield {name: stats[name] for name in ("articles", "publishers", "kinds", "holdings", "copied", "failed")}
    yield stats["speakers"]["most_quoted"]


@pytest.mark.long
@pytest.mark.parametrize("shards", COUNTS)
def test_of_the_seeds(shards: int, seeds: Archive, encoder: Encoder, sharded: Sharded) -> None:
    archive = sharded(shards, encoder)
    assert not ingest(archive, read([str(SEEDS)])).failed
    some = questions(ROOT / "evals" / "data" / "seeds.jsonl", 14)
    assert list(asked(archive, some)) == list(asked(seeds, some))
    assert list(told(archive)) == list(told(seeds))


@pytest.mark.long
def test_of_many_articles_by_many_people(data: Path, tmp_path: Path, whole: Archive, sharded: Sharded) -> None:
    if not (data / "polnear").is_dir():
        pytest.skip(f"no PolNeAR in {data}; set ONRECORD_DATA")
    with (data / "polnear" / "articles.jsonl").open(encoding="utf-8") as lines:
        (tmp_path / "some.jsonl").write_text("".join(islice(lines, 40)), encoding="utf-8")
    ingest(whole, read([str(tmp_path / "some.jsonl")]))
    some = questions(data / "polnear" / "questions-dev.jsonl", 60)
    expected = list(asked(whole, some)), list(told(whole))
    for shards in (3, 8):
        archive = sharded(shards)
        ingest(archive, read([str(tmp_path / "some.jsonl")]))
        assert (list(asked(archive, some)), list(told(archive))) == expected


@pytest.mark.parametrize("others", [0, 5])
def test_of_hundreds_of_passages_that_are_all_as_good(tmp_path: Path, others: int) -> None:
    """A shard may have longer passages than the others, and know of nothing but what was deleted."""
    one, other = both(tmp_path, 2)
    drafts = [drafted(f"a{number}", f"The harbour has {number} ships.", title="Ships") for number in range(200)]
    drafts += [drafted(f"b{number}", "Short.", publisher="Gone") for number in range(others)]
    with one, other:
        for archive in (one, other):
            archive.put(drafts)
            for number in range(others):
                archive.delete(f"b{number}")
        one.compact()
        for k in (1, 5, 100):
            assert one.nearest("harbour", k, "lexical")
            assert [hit.id for hit in one.nearest("harbour", k, "lexical")] == [
                hit.id for hit in other.nearest("harbour", k, "lexical")
            ]
            assert one.ask("harbour ships", k) == other.ask("harbour ships", k)


WORDS = ("school", "child", "budget", "minister", "Loughton", "caseload", "worker", "court", "said", "report")
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join), min_size=1, max_size=40)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, st.integers(1, 12), st.integers(2, 4))
def test_whatever_the_articles_hold_the_same_are_found_by_words_and_by_meaning(
    tmp_path_factory: pytest.TempPathFactory, some: list[str], k: int, shards: int
) -> None:
    """Many passages with the same few words: most are as good as many others."""
    folder = tmp_path_factory.mktemp("any")
    one, other = both(folder, shards)
    with one, other:
        drafts = [drafted(f"a{number}", text) for number, text in enumerate(some)]
        for archive in (one, other):
            archive.put(drafts)
        for question in (
            "budget",
            "what did Loughton say about the budget",
            "school child worker court",
            "child report",
        ):
            for by in ("lexical", "dense"):
                first, second = ([(hit.id) for hit in of.nearest(question, k, by)] for of in (one, other))
                assert first == second
            assert one.ask(question, k) == other.ask(question, k)
