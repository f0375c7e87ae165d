"""What the commands have in common: their options, and the archive that they work on."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from ingest.pipeline import Summary
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
RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        help="Work on Ray: HOST:PORT of its head, or auto for the cluster that this machine is in; without either, "
        "one of this process's own. Put it behind what else is named.",
        metavar="[ADDRESS]",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class OnRay(TyperCommand):
    """A command whose ``--ray`` may stand alone, which typer knows of no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Say what is meant where no address follows."""
        ends = [*args[1:], "-"]
        return super().parse_args(
            ctx,
            [
                "--ray=local" if one == "--ray" and then.startswith("-") else one
                for one, then in zip(args, ends, strict=True)
            ],
        )


def folder_of(archive: Path | None) -> Path:
    """Where the archive lies: as given, else as the environment says."""
    from service.settings import load

    return load(archive=archive).archive


@contextmanager
def open_archive(path: Path | None, reranker: str | None = None) -> "Iterator[Archive]":
    """The archive, with the re-ranker of that name, if one is named."""
    from retrieval.opening import opened

    with opened(folder_of(path)) as archive:
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
    """The archive in a folder, made if it is not there; options that are given must agree with it.

    Raises:
        ArchiveMismatch: They do not, or the folder is a shard's, which gets its own articles and no others.
    """
    from ingest.chunk import DEFAULT_TOKENS
    from ingest.pipeline import archive_settings
    from retrieval import Archive
    from retrieval.encoder import DEFAULT_MODEL, load
    from retrieval.errors import ArchiveMismatch
    from retrieval.opening import exists, opened
    from retrieval.sharded.archive import ShardedArchive
    from retrieval.sharded.manifest import Manifest

    if whole := Manifest.around(path):
        raise ArchiveMismatch(f"{path} is a shard of the archive in {whole}; give that one: --archive {whole}")
    settings = archive_settings(passage_tokens or DEFAULT_TOKENS)
    given = model is not None or passage_tokens is not None
    if given and Manifest.exists(path):
        ShardedArchive.make(path, Manifest.read(path).shards, settings, model=model or DEFAULT_MODEL)
    if exists(path) and (Manifest.exists(path) or not given):
        with opened(path) as archive:
            yield archive
        return
    with Archive.create(
        path,
        settings,
        model=model or DEFAULT_MODEL,
        load_encoder=partial(load, allow_download=model is not None),
    ) as archive:
        yield archive


def ingest_on_ray(
    address: str,
    path: Path,
    shards: int | None,
    sources: Sequence[str],
    options: Mapping[str, Any],
    *,
    model: str | None,
    passage_tokens: int | None,
) -> "Summary":
    """Put articles into the archive in shards in a folder, made if it is not there; options must agree with it."""
    from ingest.cluster.connection import connected
    from ingest.read import count
    from service.progress import progress

    with connected(address), progress("ingest", count(sources)) as shown:
        from ingest.cluster.run import ingest

        _make_shards(path, shards, model, passage_tokens)
        return ingest(path, sources, options=options, on_progress=shown)


def _make_shards(path: Path, shards: int | None, model: str | None, passage_tokens: int | None) -> None:
    from ingest.chunk import DEFAULT_TOKENS
    from ingest.pipeline import archive_settings
    from retrieval import Archive
    from retrieval.encoder import DEFAULT_MODEL, load
    from retrieval.sharded.archive import ShardedArchive
    from retrieval.sharded.manifest import Manifest

    known_shards, known_model, known_tokens = 1, DEFAULT_MODEL, DEFAULT_TOKENS
    if Manifest.exists(path):
        manifest = Manifest.read(path)
        with Archive.open(manifest.paths(path)[0]) as first:
            known_model, known_tokens = first.settings["model"], int(first.settings["passage_tokens"])
        known_shards = manifest.shards
    ShardedArchive.make(
        path,
        shards or known_shards,
        archive_settings(passage_tokens or known_tokens),
        model=model or known_model,
        load_encoder=partial(load, allow_download=model is not None),
    )


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
