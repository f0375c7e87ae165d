"""Questions that want the same, put together by their meaning."""

from collections.abc import Sequence

import numpy as np

from retrieval.encoder import Vectors

# Fitted on questions that were grouped by hand (docs/decisions.md): cosine to the first of a group.
LEAST = 0.7
# Questions that are compared with the groups at once, by one product of matrices: ten times as fast as one by one.
_AT_ONCE = 256


def alike(vectors: Vectors, least: float = LEAST) -> list[list[int]]:
    """Groups of questions, as places in ``vectors``, in the order of their first members.

    The leader algorithm (Hartigan 1975, "Clustering Algorithms", chapter 3): each question in turn joins the group
    whose first member it is most like, if it is like enough, else it begins a group of its own. The same questions in
    the same order always give the same groups, and a reader sees what all in a group are like: its first.

    Args:
        vectors: The questions encoded, unit vectors of shape ``(questions, dimension)``, the most asked first.
        least: Cosine to the first member from which on a question belongs to a group.
    """
    groups: list[list[int]] = []
    for begin in range(0, len(vectors), _AT_ONCE):
        block = vectors[begin : begin + _AT_ONCE]
        earlier = _cosines(block, vectors[[group[0] for group in groups]])
        among = _cosines(block, block)
        fresh: list[int] = []  # those of the block that begin a group
        for index in range(len(block)):
            cosines = np.concatenate([earlier[index], among[index, fresh]])
            nearest = int(np.argmax(cosines)) if groups else 0
            if groups and cosines[nearest] >= least:
                groups[nearest].append(begin + index)
            else:
                groups.append([begin + index])
                fresh.append(index)
    return groups


def _cosines(some: Vectors, others: Vectors) -> Vectors:
    # Rounded, so that the last bits of a sum, which differ between processors, decide nothing.
    rounded: Vectors = np.round(some @ others.T, 4)
    return rounded


def unit(vectors: Sequence[Vectors]) -> Vectors:
    """Vectors of one length, stacked; they lose a little of it where they are kept in half precision."""
    stacked = np.stack(vectors)
    lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
    shortened: Vectors = (stacked / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return shortened
