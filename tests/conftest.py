"""What all tests share: the real model, loaded once, the seeds' archive, and no way to the network."""

import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from ingest.pipeline import archive_settings, ingest
from ingest.read import read
from retrieval import Archive
from retrieval.encoder import DEFAULT_MODEL, Encoder, load
from retrieval.locks import ProcessLock
from service import logs

CrossEncoderFolder = Callable[..., str]

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: whoever reaches for an address that is not loopback fails, whatever library it is."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise PermissionError(f"a test reached for the network: {address}")
    if event == "socket.getaddrinfo" and arguments[0] is not None and not _is_loopback(str(arguments[0])):
        raise PermissionError(f"a test looked up a host: {arguments[0]}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(refuse_network)

# How long a case takes says something about the machine; and what fails is to fail for the change at hand, so that each
# run tries the same cases. Others are found by ``pytest --hypothesis-profile=exploring``.
settings.register_profile("exploring", deadline=None)
settings.register_profile("repeatable", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def log() -> Iterator[None]:
    """What a command logs that a test runs in its own process is for pytest to show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "configure", lambda _: None)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones: two workers then end together."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the public collections; a test that needs it is skipped where it is not."""
    folder = Path(os.environ.get("ONRECORD_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no collections in {folder}; set ONRECORD_DATA")
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model, converted once for all workers; an archive that is given a link to it need not do it again."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with ProcessLock(shared / "converting").held():
        load(DEFAULT_MODEL, shared / "model")
    return shared / "model"


@pytest.fixture(scope="session")
def encoder(model_folder: Path) -> Encoder:
    return load(DEFAULT_MODEL, model_folder)


@pytest.fixture(scope="session")
def seeds_folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A folder with an archive of the seeds; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("seeds") / "archive"
    with Archive.create(folder, archive_settings(), load_encoder=lambda *_: encoder) as archive:
        summary = ingest(archive, read([str(SEEDS)]))
    assert not summary.failed
    return folder


@pytest.fixture(scope="session")
def seeds(seeds_folder: Path, encoder: Encoder) -> Iterator[Archive]:
    """The seeds' archive, for reading."""
    with Archive.open(seeds_folder, load_encoder=lambda *_: encoder) as archive:
        yield archive


def tiny_bert(folder: Path, **more: Any) -> Any:
    """The configuration of a tiny model; its tokenizer, which spells every word, is put into the folder."""
    import torch

    transformers: Any = import_module("transformers")
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(7)
    return transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        initializer_range=1.0,  # large, or texts would hardly differ
        **more,
    )


@pytest.fixture(scope="session")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoderFolder:
    """Makes a folder with a cross-encoder: tiny, never trained, but always the same, and it reads every word."""
    transformers: Any = import_module("transformers")

    def made(labels: int = 1) -> str:
        folder = tmp_path_factory.mktemp("cross-encoder")
        config = tiny_bert(folder, num_labels=labels)
        transformers.BertForSequenceClassification(config).save_pretrained(folder)
        return str(folder)

    return made
