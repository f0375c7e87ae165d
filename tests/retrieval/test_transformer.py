"""The converted model: the same vectors as the original's, the same in any company, whatever becomes of its files."""

import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval import Archive
from retrieval.conversion import SentenceTransformerEncoder
from retrieval.encoder import Encoder, load
from retrieval.errors import ArchiveError
from retrieval.transformer import ConvertedTransformer
from tests.conftest import tiny_bert

QUESTIONS = ["who said that?", "caseloads", "what did Loughton say about caseloads?", "¿qué dijo el señor Müller?", ""]

Models = Callable[..., str]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Makes a folder with a sentence-transformers model: tiny, never trained, and unlike the default one."""
    transformers: Any = import_module("transformers")
    models: Any = import_module("sentence_transformers.sentence_transformer.modules")
    whole: Any = import_module("sentence_transformers").SentenceTransformer

    def made(pooling: str = "cls", **prompts: str) -> str:
        folder = tmp_path_factory.mktemp("tiny")
        config = tiny_bert(folder)
        transformers.BertModel(config).save_pretrained(folder)
        words = models.Transformer(str(folder), max_seq_length=40)
        model = whole(modules=[words, models.Pooling(16, pooling)], prompts=prompts, device="cpu")
        model.save_pretrained(str(folder / "whole"))
        return str(folder / "whole")

    return made


def passages_of(seeds: Archive) -> list[str]:
    return [one.text for stored in seeds.articles()[0] for one in seeds.passages(stored)]


def test_vectors_are_those_of_the_original(seeds: Archive, encoder: Encoder, model_folder: Path) -> None:
    original, converted = SentenceTransformerEncoder(), ConvertedTransformer(model_folder, precision="fp32")
    texts = passages_of(seeds)
    for before, exact, used in (
        (original.encode_passages(texts), converted.encode_passages(texts), encoder.encode_passages(texts)),
        (
            original.encode_questions(QUESTIONS),
            converted.encode_questions(QUESTIONS),
            encoder.encode_questions(QUESTIONS),
        ),
    ):
        assert (before * exact).sum(axis=1).min() >= 0.9999
        cosines = (before * used).sum(axis=1)
        assert cosines.min() >= 0.995
        assert cosines.mean() >= 0.999
    assert encoder.count(texts) == original.count(texts)
    assert (encoder.fingerprint, encoder.window) == (original.fingerprint, original.window)


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_a_text_has_the_same_vector_to_the_bit_in_any_company(
    seeds: Archive, model_folder: Path, precision: str
) -> None:
    encoder = ConvertedTransformer(model_folder, precision=precision)
    texts = [*passages_of(seeds), *QUESTIONS]
    together = encoder.encode_passages(texts)
    assert np.array_equal(np.vstack([encoder.encode_passages([text]) for text in texts[::7]]), together[::7])
    order = random.Random(1).sample(range(len(texts)), len(texts))
    assert np.array_equal(encoder.encode_passages([texts[at] for at in order]), together[order])
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda text: encoder.encode_questions([text])[0], texts))
    assert np.array_equal(np.stack(asked), together)


def test_a_model_with_prompts_and_another_pooling_is_converted_with_them(tiny: Models, tmp_path: Path) -> None:
    name = tiny("cls", query="ask ", document="tell ")
    original, converted = SentenceTransformerEncoder(name), load(name, tmp_path / "archive" / "model")
    assert (converted.dimension, converted.window) == (16, 40 - 2 - len("tell"))
    texts = ["a ferry", "the night ferry sails on and on and on and on", "zz"]
    for before, after in (
        (original.encode_passages(texts), converted.encode_passages(texts)),
        (original.encode_questions(texts), converted.encode_questions(texts)),
    ):
        assert (before * after).sum(axis=1).min() >= 0.995
    assert (converted.encode_passages(texts) * converted.encode_questions(texts)).sum(axis=1).max() < 0.999


def test_an_archive_needs_nothing_but_what_it_carries(tiny: Models, tmp_path: Path) -> None:
    name = tiny("mean")
    before = load(name, tmp_path / "model").encode_questions(["a ferry"])
    Path(name).rename(Path(name).with_name("moved"))
    assert np.array_equal(load(name, tmp_path / "model").encode_questions(["a ferry"]), before)


@pytest.mark.parametrize("file", ["model.xml", "model.bin", "tokenizer.json", "model.json"])
def test_a_damaged_model_is_converted_again(
    tiny: Models, tmp_path: Path, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = tiny("mean")
    before = load(name, tmp_path / "model").encode_questions(["a ferry"])
    content = bytearray((tmp_path / "model" / file).read_bytes())
    content[len(content) // 2] ^= 0x40
    (tmp_path / "model" / file).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert np.array_equal(load(name, tmp_path / "model").encode_questions(["a ferry"]), before)
    assert "converting it again" in caplog.text
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model", "model.lock"]


def test_a_model_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"no embedding model '.*/none' on this machine; give a folder"):
        load(str(tmp_path / "none"), tmp_path / "archive" / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_another_kind_is_refused_in_a_line(tmp_path: Path, model_folder: Path) -> None:
    """One that looks words up in a table reads other features than a transformer."""
    models: Any = import_module("sentence_transformers.sentence_transformer.modules")
    whole: Any = import_module("sentence_transformers").SentenceTransformer
    tokenizers: Any = import_module("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(model_folder / "tokenizer.json"))
    table = models.StaticEmbedding(tokenizer, embedding_dim=8)
    whole(modules=[table], device="cpu").save_pretrained(str(tmp_path / "static"))
    with pytest.raises(
        ArchiveError, match=r"^the embedding model '.*static' cannot be converted \(.*\); give another$"
    ):
        load(str(tmp_path / "static"), tmp_path / "archive" / "model")
    assert not (tmp_path / "archive" / "model").exists()
