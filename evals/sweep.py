"""One set run under many settings: what quality each of them buys, and what it costs.

Quality and cost are put against each other, and no setting is worth its cost that another beats in both: the others
are the Pareto front. Time is measured as it passes, one question after the other, and depends on the machine.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from evals.paired import LOWER_IS_BETTER
from evals.report.figures import Figure, figures
from evals.run import Mode, Report
from ingest.pipeline import archive_settings, ingest_articles
from retrieval import Archive, Article
from retrieval.archive import Depths
from retrieval.errors import InvalidRequest
from retrieval.rank import RankModel, read_model
from retrieval.reranker import Reranker

SETTINGS = {
    "passage_tokens": "budget of a passage in tokens, 16 to 1024; the archive's articles are put into a new one",
    "candidates": "how many passages each search contributes to the candidates",
    "mode": "fused, dense or lexical",
    "reranker": "a cross-encoder by name or folder, or none",
    "weights": "a file as rank_model.json is one, or default",
}
"""What can be varied, by name."""


@dataclass(frozen=True, slots=True)
class Point:
    """Settings of one run; None, as ``fused``, is what the archive has by itself."""

    passage_tokens: int | None = None
    candidates: int | None = None
    mode: Mode = "fused"
    reranker: str | None = None
    weights: str | None = None

    def __str__(self) -> str:
        """What is not as the archive has it by itself: ``passage_tokens=64 mode=dense``."""
        default = asdict(Point())
        return " ".join(f"{name}={value}" for name, value in asdict(self).items() if value != default[name]) or "as is"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one run.

    Attributes:
        figures: With their intervals, by name.
        median_ms: Of the time of a question; nine of ten take no longer than ``p90_ms``.
        passages: Of the archive.
        ingest_seconds: What it took to make the archive; None of one that was there.
        on_front: Whether no other run is as good at less cost, or better at the same.
    """

    point: Point
    figures: Mapping[str, Figure]
    median_ms: float
    p90_ms: float
    passages: int
    ingest_seconds: float | None
    on_front: bool = False

    def as_json(self) -> dict[str, Any]:
        """The run as JSON values."""
        return {
            "settings": asdict(self.point),
            "figures": {
                name: {"value": one.value, "interval": [one.interval.low, one.interval.high]}
                for name, one in self.figures.items()
            },
            "median_ms": self.median_ms,
            "p90_ms": self.p90_ms,
            "passages": self.passages,
            "ingest_seconds": self.ingest_seconds,
            "on_front": self.on_front,
        }


def parse(given: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each setting, from ``NAME=VALUE,VALUE``.

    Raises:
        InvalidRequest: A setting that there is not, twice the same, or a value that it cannot have.
    """
    found: dict[str, list[Any]] = {}
    for one in given:
        name, equals, values = one.partition("=")
        if name not in SETTINGS or not equals:
            raise InvalidRequest(f"{one!r} is no NAME=VALUE,VALUE; names are {', '.join(SETTINGS)}")
        if name in found:
            raise InvalidRequest(f"{name} is given twice; put its values into one list")
        found[name] = [_value(name, value) for value in values.split(",")]
    return found


def points(values: Mapping[str, Sequence[Any]], *, one_at_a_time: bool = False) -> list[Point]:
    """The settings to try, each once: all combinations, or what the archive has by itself and each value alone."""
    if one_at_a_time:
        tried = [Point(), *(replace(Point(), **{name: value}) for name, some in values.items() for value in some)]
    else:
        tried = [Point(**dict(zip(values, some, strict=True))) for some in product(*values.values())]
    # One side of the search alone has neither candidates nor a ranker.
    return list(
        dict.fromkeys(
            one if one.mode == "fused" else Point(passage_tokens=one.passage_tokens, mode=one.mode) for one in tried
        )
    )


def sweep(
    archive: Archive,
    tried: Sequence[Point],
    evaluate: Callable[[Archive, Mode], Report],
    folder: Path,
    *,
    load_reranker: Callable[[str], Reranker],
    figure: str = "nDCG@10",
    on_step: Callable[[str], None] = lambda _: None,
) -> list[Tried]:
    """Run a set under each of some settings.

    Args:
        archive: Whose articles are asked.
        tried: The settings.
        evaluate: Runs the set.
        folder: Where archives of other passages are made.
        load_reranker: Called once for each name.
        figure: The quality that the front is of.
        on_step: Called with the settings of each run before it begins.

    Raises:
        InvalidRequest: Weights that cannot be read, or no such figure.
        EvaluationError: See ``evals.run.evaluate``.
        ArchiveError: No such re-ranker.
    """
    ready = {name: load_reranker(name) for name in dict.fromkeys(one.reranker for one in tried) if name is not None}
    models = {name: _weights(name) for name in dict.fromkeys(one.weights for one in tried) if name is not None}
    made: dict[int | None, _Made] = {None: _Made(archive.path, None)}
    found = []
    for point in tried:
        on_step(str(point))
        if point.passage_tokens not in made:
            made[point.passage_tokens] = _remade(archive, point.passage_tokens or 0, folder)
        lies = made[point.passage_tokens]
        # Opened anew each time: an archive keeps the vectors of what it was asked, and would be quicker the next time.
        with Archive.open(lies.path, load_encoder=lambda *_: archive.encoder) as opened:
            opened.depths = archive.depths if point.candidates is None else Depths(*[point.candidates] * 3)
            opened.reranker = None if point.reranker is None else ready[point.reranker]
            opened.model = archive.model if point.weights is None else models[point.weights]
            found.append(_tried(point, opened, evaluate(opened, point.mode), lies.seconds))
    return front(found, figure)


def front(tried: Sequence[Tried], figure: str) -> list[Tried]:
    """The same runs, with those marked that no other beats in one of quality and cost and equals in the other.

    Raises:
        InvalidRequest: None of them has that figure.
    """
    names = {name for one in tried for name in one.figures}
    if figure not in names:
        raise InvalidRequest(f"no run has the figure {figure!r}; there are {', '.join(sorted(names))}")
    sign = -1 if figure in LOWER_IS_BETTER else 1
    worth = {
        at: (sign * one.figures[figure].value, -one.median_ms) for at, one in enumerate(tried) if figure in one.figures
    }
    beaten = {at for at, own in worth.items() if any(_beats(other, own) for other in worth.values())}
    return [replace(one, on_front=at in worth.keys() - beaten) for at, one in enumerate(tried)]


def _beats(other: tuple[float, float], own: tuple[float, float]) -> bool:
    return other != own and all(theirs >= ours for theirs, ours in zip(other, own, strict=True))


def _tried(point: Point, archive: Archive, report: Report, seconds: float | None) -> Tried:
    took = [one.took_ms for one in report.outcomes if one.took_ms is not None]
    median, p90 = np.quantile(took, (0.5, 0.9))
    passages = archive.coverage().passages
    return Tried(point, figures(report.outcomes), float(median), float(p90), passages, seconds)


@dataclass(frozen=True, slots=True)
class _Made:
    """Where an archive lies, and how long it took to make; None where it was there."""

    path: Path
    seconds: float | None


def _remade(archive: Archive, tokens: int, folder: Path) -> _Made:
    """An archive of the same articles with passages of another size."""
    encoder, path = archive.encoder, folder / str(tokens)
    began = time.perf_counter()
    settings, model = archive_settings(tokens), archive.settings["model"]
    with Archive.create(path, settings, model=model, load_encoder=lambda *_: encoder) as made:
        ingest_articles(made, _articles(archive))
    return _Made(path, time.perf_counter() - began)


def _articles(archive: Archive) -> Iterator[Article]:
    offset, listed = 0, archive.articles()[0]
    while listed:
        yield from (archive.article(one.article.id).article for one in listed)
        offset += len(listed)
        listed = archive.articles(offset=offset)[0]


def _value(name: str, value: str) -> Any:
    bounds = {"passage_tokens": (16, 1024), "candidates": (1, 10_000)}
    if name == "mode":
        if value not in get_args(Mode):
            raise InvalidRequest(f"mode={value} is none of {', '.join(get_args(Mode))}")
        return cast("Mode", value)
    if value in ("", "none", "default"):
        return None
    if name not in bounds:
        return value
    low, high = bounds[name]
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise InvalidRequest(f"{name}={value} is no whole number from {low} to {high}, nor default")
    return int(value)


def _weights(path: str) -> RankModel:
    try:
        return read_model(Path(path).read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(f"weights={path}: no file such as evals/fit.py writes ({error})") from error
