"""What the commands have in common: their options, and the archive that they work on."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from retrieval import Archive
    from retrieval.reranker import Reranker

ArchiveOption = Annotated[
    Path | None,
    typer.Option(
        "--archive", help="Folder of the archive. [default: $ONRECORD_ARCHIVE, else ./archive]", metavar="DIR"
    ),
]
RerankerOption = Annotated[
    str | None,
    typer.Option(
        help="Order the first 20 passages by this sentence-transformers cross-encoder, a name or a folder.",
        metavar="NAME",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def folder_of(archive: Path | None) -> Path:
    """Where the archive lies: as given, else as the environment says."""
    from service.settings import load

    return load(archive=archive).archive


@contextmanager
def open_archive(path: Path | None, reranker: str | None = None) -> "Iterator[Archive]":
    """The archive, with the re-ranker of that name, if one is named."""
    from retrieval import Archive

    with Archive.open(folder_of(path)) as archive:
        archive.reranker = load_reranker(reranker)
        yield archive


def load_reranker(name: str | None) -> "Reranker | None":
    """The re-ranker of that name: loaded at once, so that a wrong name fails before anything is asked or served."""
    if name is None:
        return None
    from retrieval.reranker import CrossEncoderReranker

    return CrossEncoderReranker(name)


@contextmanager
def make_archive(path: Path, model: str | None, passage_tokens: int | None) -> "Iterator[Archive]":
    """The archive in a folder, made if it is not there; options that are given must agree with it."""
    from ingest.chunk import DEFAULT_TOKENS
    from ingest.pipeline import archive_settings
    from retrieval import Archive
    from retrieval.encoder import DEFAULT_MODEL, load

    if Archive.exists(path) and model is None and passage_tokens is None:
        with Archive.open(path) as archive:
            yield archive
        return
    settings = archive_settings(passage_tokens or DEFAULT_TOKENS)
    with Archive.create(
        path,
        settings,
        model=model or DEFAULT_MODEL,
        load_encoder=partial(load, allow_download=model is not None),
    ) as archive:
        yield archive


def tell_passed_over(folders: Iterable[str]) -> None:
    """Say which files of folders are of kinds that nothing reads: nobody shall take them for read."""
    from ingest.folders import passed_over

    for folder in folders:
        if kinds := passed_over(folder):
            told = ", ".join(f"{count} {suffix}" for suffix, count in kinds.most_common(10))
            print(f"onrecord: {folder}: passed over, as nothing reads them: {told}", file=sys.stderr)  # noqa: T201


def print_json(value: Any) -> None:
    """For programs that read what a command prints."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201
