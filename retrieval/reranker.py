"""A second look at the first passages of a ranking; beside conversion.py the only importer of sentence_transformers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.copies import Scored
from retrieval.errors import ArchiveError

# How much of a ranking is read again; each passage costs a pass through the model.
RERANKED = 20

Scores = NDArray[np.float32]


class Reranker(Protocol):
    """What reads a question and a passage together, which is slower than vectors and knows more.

    Attributes:
        name: What to load it by.
    """

    name: str

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        """How well each text answers, of shape ``(len(texts),)``: higher is better, on any scale."""
        ...


class CrossEncoderReranker:
    """Any sentence-transformers ``CrossEncoder`` that gives one score, by name or folder, on the CPU, in fp32."""

    def __init__(self, name: str) -> None:
        """Load a model.

        Raises:
            ArchiveError: No such model on this machine, or one that cannot rank.
        """
        self.name = name
        self._model = _load(name)
        if not _is_whole(self._model):
            raise ArchiveError(
                f"{name!r} is no re-ranking model: its scores would come from weights that were never trained; "
                "give a cross-encoder"
            )
        shape = self.scores("", [""]).shape
        if shape != (1,):
            raise ArchiveError(f"{name!r} gives {shape[-1]} scores for a passage; give a cross-encoder that gives one")

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        """Log-odds, or whatever else the model's last layer gives, of shape ``(len(texts),)``."""
        import torch  # noqa: PLC0415  takes seconds

        # Without the model's own activation: a sigmoid would make ties of whatever it is sure of.
        scores: Scores = self._model.predict(
            [(question, text) for text in texts], activation_fn=torch.nn.Identity(), show_progress_bar=False
        )
        return scores


def reranked(reranker: Reranker, question: str, ranking: Sequence[Scored], texts: Mapping[int, str]) -> list[Scored]:
    """The first 20 of a ranking in the order of a re-ranker, the rest in its place after them.

    Args:
        reranker: Says how well each passage answers.
        question: As it was asked.
        ranking: Candidates with their scores, best first; each keeps its own.
        texts: Texts of those 20 at least, by key.
    """
    head = ranking[:RERANKED]
    if not head:
        return list(ranking)
    scores = reranker.scores(question, [texts[candidate.key] for _, candidate in head])
    # Rounded, so that the last bits of a sum never decide an order; ties stay as they were.
    best_first = np.argsort(-np.round(scores, 6), kind="stable").tolist()
    return [head[at] for at in best_first] + list(ranking[RERANKED:])


def _load(name: str) -> Any:
    from sentence_transformers import CrossEncoder  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return CrossEncoder(name, device="cpu", local_files_only=True)
    except Exception as error:  # the libraries underneath fail with a class of error each
        absent = isinstance(error, OSError) and not Path(name).exists()
        why = "it is not on this machine" if absent else str(error).partition("\n")[0]
        raise ArchiveError(
            f"re-ranking model {name!r} cannot be loaded ({why}); give the folder of a cross-encoder, "
            "or the name of one that is already downloaded"
        ) from error


def _is_whole(model: Any) -> bool:
    """Whether the weights were saved of the very model that was loaded.

    Given any other, such as an embedding model, the library adds a last layer of random numbers and only warns.
    """
    return type(model.model).__name__ in (model.model.config.architectures or ())
