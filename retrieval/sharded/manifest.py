"""Which shards an archive has, where they lie, and whose an article is."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.errors import ArchiveDamaged, ArchiveMismatch, ArchiveMissing
from retrieval.files import write_whole

_NAME = "shards.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The shards of an archive, in the order of their numbers.

    Attributes:
        folders: Of each shard, its folder, relative to that of the archive: an ordinary archive.
        generation: Another one whenever shards have been put in place of others.
    """

    folders: tuple[str, ...]
    generation: int = 0

    @property
    def shards(self) -> int:
        """How many there are."""
        return len(self.folders)

    def paths(self, folder: Path) -> list[Path]:
        """Where the shards lie, given the folder of the archive."""
        return [folder / name for name in self.folders]

    @classmethod
    def of(cls, shards: int, generation: int = 0) -> "Manifest":
        """So many new shards, in folders of their own."""
        return cls(tuple(f"shards/{generation}/{number}" for number in range(shards)), generation)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether the archive in a folder has shards."""
        return (folder / _NAME).exists()

    @classmethod
    def around(cls, shard: Path) -> Path | None:
        """The folder of the archive that has a folder among its shards; None if that is nobody's shard."""
        shard = shard.absolute()
        for whole in shard.parents[2:3]:  # they lie as ``of`` has it
            if cls.exists(whole) and shard in cls.read(whole).paths(whole):
                return whole
        return None

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of an archive.

        Raises:
            ArchiveMissing: The archive has none.
            ArchiveDamaged: It cannot be read.
            ArchiveMismatch: Written by a newer version.
        """
        path = folder / _NAME
        if not path.exists():
            raise ArchiveMissing(f"no archive in shards in {folder}; make one with: onrecord ingest --ray --shards N")
        try:
            said = json.loads(path.read_bytes())
            if said.pop("format") > _FORMAT:
                raise ArchiveMismatch(f"{path}: written by a newer version; upgrade onrecord")
            return cls(tuple(map(str, said["folders"])), int(said["generation"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArchiveDamaged(f"{path}: no manifest of shards ({error}); restore it from a backup") from error

    def write(self, folder: Path) -> None:
        """Put it in the place of the one that is there, whole or not at all."""
        said = {"format": _FORMAT, **asdict(self)}
        write_whole(folder / _NAME, json.dumps(said, indent=1).encode())


def owner(article_id: str, shards: int) -> int:
    """The number of the shard that has an article, or would have it.

    Jump consistent hash (Lamping and Veach 2014) of BLAKE2b: of N + 1 shards the last takes its part of all from the
    other N, and no article moves between these.
    """
    key = int.from_bytes(hashlib.blake2b(article_id.encode(), digest_size=8).digest(), "little")
    found, following = -1, 0
    while following < shards:
        found = following
        key = (key * 2862933555777941757 + 1) & 0xFFFFFFFFFFFFFFFF
        following = int((found + 1) * (2**31 / ((key >> 33) + 1)))
    return found
