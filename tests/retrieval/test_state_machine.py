"""An archive against a plain model of one: whatever is done to it in whatever order, both hold and find the same."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ingest.chunk import Chunker
from ingest.pipeline import draft
from retrieval import Archive, Article, Filters
from retrieval.errors import ArticleNotFound
from tests.hashing import HashingEncoder

WORDS = ["ferry", "train", "zeppelin", "harbour"]
NAMES = ["a", "b", "c d", "é?#%"]
SPEAKERS = ["Ines Okafor", "Tom Ashby"]

texts = st.lists(
    st.one_of(
        st.sampled_from(WORDS).map(lambda word: f"The {word} was late again that day."),
        st.tuples(st.sampled_from(WORDS), st.sampled_from(SPEAKERS)).map(
            lambda pair: f"“The {pair[0]} leaks,” said {pair[1]}."
        ),
    ),
    min_size=1,
    max_size=4,
).map("\n\n".join)


class ArchiveAgainstModel(RuleBasedStateMachine):
    """The model is a dictionary of the current texts, and a list of all that ever were, by article."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="onrecord-test-"))
        self.current: dict[str, str] = {}
        self.versions: dict[str, list[str | None]] = {}
        self.backups = 0

    @initialize()
    def opened(self) -> None:
        self.archive = Archive.create(
            self.place / "archive", {"passage_tokens": "40"}, model="hashing", load_encoder=lambda *_: HashingEncoder()
        )
        self.chunker = Chunker(self.archive.encoder.count, self.archive.encoder.window, tokens=40)

    @rule(articles=st.dictionaries(st.sampled_from(NAMES), texts, min_size=1))
    def put(self, articles: dict[str, str]) -> None:
        outcomes = self.archive.put([draft(Article(name, text), self.chunker) for name, text in articles.items()])
        for put, (name, text) in zip(outcomes, articles.items(), strict=True):
            known = self.versions.setdefault(name, [])
            if self.current.get(name) == text:
                assert put.outcome == "unchanged"
            else:
                assert put.outcome == ("changed" if name in self.current else "new")
                known.append(text)
            assert put.version == len(known)
            self.current[name] = text

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if name not in self.current:
            with pytest.raises(ArticleNotFound):
                self.archive.delete(name)
            return
        self.archive.delete(name)
        del self.current[name]
        self.versions[name] = [None] * len(self.versions[name])

    @rule(word=st.sampled_from(WORDS), k=st.integers(1, 5))
    def ask(self, word: str, k: int) -> None:
        answer = self.archive.ask(f"what about the {word}?", k)
        assert (answer.archive.articles, answer.reason == "empty_archive") == (len(self.current), not self.current)
        for hit in answer.passages:
            text = self.current[hit.citation.article_id]
            assert text[hit.citation.start : hit.citation.end] == hit.text
            assert hit.citation.version == len(self.versions[hit.citation.article_id])

    @rule()
    def reopen(self) -> None:
        self.archive.close()
        self.opened()

    @rule()
    def compact(self) -> None:
        self.archive.compact()

    @rule()
    def back_up_and_go_on_with_the_backup(self) -> None:
        self.backups += 1
        backup = self.place / f"backup-{self.backups}"
        self.archive.backup(backup)
        self.archive.close()
        shutil.rmtree(self.place / "archive")
        Archive.restore(backup, self.place / "archive")
        self.opened()

    @invariant()
    def holds_the_same(self) -> None:
        found, total = self.archive.articles()
        assert {one.article.id for one in found} == self.current.keys()
        assert total == len(self.current)
        for name, versions in self.versions.items():
            for number, text in enumerate(versions, 1):
                if text is None:
                    with pytest.raises(ArticleNotFound):
                        self.archive.article(name, number)
                else:
                    assert self.archive.article(name, number).article.text == text

    @invariant()
    def finds_the_same(self) -> None:
        for word in WORDS:
            expected = {name for name, text in self.current.items() if word in text}
            assert {one.article_id for one in self.archive.nearest(word, 100, "lexical")} == expected
        for speaker in SPEAKERS:
            expected = {name for name, text in self.current.items() if speaker in text}
            assert {one.article.id for one in self.archive.articles(Filters(speaker=speaker))[0]} == expected
        every = sum(len(self.archive.passages(self.archive.article(name))) for name in self.current)
        assert len(self.archive.nearest("anything", 100, "dense")) == every == self.archive.coverage().passages

    def teardown(self) -> None:
        assert self.archive.verify(every_vector=True) == []
        self.archive.close()
        shutil.rmtree(self.place)


def test_an_archive_agrees_with_a_plain_model_of_one() -> None:
    run_state_machine_as_test(
        ArchiveAgainstModel,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
