"""Logistic models over named features, as they are stored: a weight a name."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Log-odds as a sum of weights; a feature without a weight counts nothing. A model equals itself only."""

    bias: float
    weights: Mapping[str, float]

    def log_odds(self, features: Sequence[str]) -> float:
        """Log-odds for features that are present."""
        return sum(filter(None, map(self.weights.get, features)), self.bias)


def probability(log_odds: float) -> float:
    """The probability of log-odds, safe for large ones."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


def load(path: Path) -> dict[str, Logistic]:
    """Models by name from a file written by ``evals.fit_quotes``."""
    stored = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {name: Logistic(model["bias"], model["weights"]) for name, model in stored.items()}
