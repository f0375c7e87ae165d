"""The archive in a folder, in one piece or in shards: whoever opens one need not know which."""

from pathlib import Path

from retrieval.archive import Archive, LoadEncoder
from retrieval.encoder import load
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest


def exists(path: Path) -> bool:
    """Whether there is an archive in a folder."""
    return Manifest.exists(path) or Archive.exists(path)


def opened(path: Path, *, load_encoder: LoadEncoder = load) -> Archive:
    """The archive in a folder; the shards of one are opened by this process.

    Raises:
        ArchiveMissing: There is none.
        ArchiveError: See ``Archive.open``.
    """
    if Manifest.exists(path):
        return ShardedArchive.over(path, load_encoder=load_encoder)
    return Archive.open(path, load_encoder=load_encoder)
