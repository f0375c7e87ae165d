"""What a transformer computes, and what this machine could compute in the same time."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.bench.errors import BenchFailed


@dataclass(frozen=True, slots=True)
class Transformer:
    """The shape of an encoder."""

    layers: int
    hidden: int
    intermediate: int

    @classmethod
    def of(cls, folder: Path) -> "Transformer":
        """From the ``config.json`` of a model's folder.

        Raises:
            BenchFailed: It has none that says so.
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            return cls(config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"])
        except (OSError, KeyError) as error:
            raise BenchFailed(f"{folder}/config.json does not tell the shape of a transformer: {error}") from error

    def flops(self, lengths: Iterable[int]) -> float:
        """Floating-point operations of the matrix products of one forward pass, padding not counted.

        For a text of n tokens, with h the hidden and f the intermediate width, each layer has 8 n h^2 (query, key,
        value and output), 4 n h f (the two of the feed-forward network; 16 n h^2 where f = 4 h) and 4 n^2 h (scores
        and their weighted sum): together 24 n h^2 + 4 n^2 h, as in the appendix of Narayanan and others 2021, without
        the layer that predicts words, which an encoder has not.

        Args:
            lengths: Tokens of each text, special ones counted.
        """
        h, f = self.hidden, self.intermediate
        return float(self.layers * sum(8 * n * h * h + 4 * n * h * f + 4 * n * n * h for n in lengths))


def limits(width: int = 3072, seconds: float = 1.0) -> dict[str, float]:
    """Flop/s of products of large square matrices on all cores, the best of several, by precision.

    Args:
        width: Of the matrices.
        seconds: For how long at least each precision is tried.
    """
    import torch  # noqa: PLC0415  takes seconds

    def product(precision: Any) -> Callable[[], object]:
        left, right = (torch.ones(width, width, dtype=precision) for _ in range(2))
        return lambda: torch.mm(left, right)

    return {
        name: 2 * width**3 / _fastest(product(precision), seconds)
        for name, precision in (("bf16", torch.bfloat16), ("fp32", torch.float32))
    }


def _fastest(what: Callable[[], object], seconds: float) -> float:
    what()  # what is allocated and chosen at the first time is no part of it
    best, ends = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < ends:
        began = time.perf_counter()
        what()
        best = min(best, time.perf_counter() - began)
    return best
