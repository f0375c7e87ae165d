"""Files that are ZIP archives inside: opened only where what is in them is bounded."""

import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from retrieval.errors import SourceError

# Of a book with its pictures: members, bytes of all of them, and bytes of one that is read.
_MAX_MEMBERS, _MAX_ALL, _MAX_READ = 10_000, 1_000_000_000, 64_000_000
# Text is packed to a fifth, repeated markup to a fiftieth, nothing that somebody wrote to less.
_MAX_RATIO, _SMALL = 200, 1_000_000
_PIECE = 1 << 16


class Zip:
    """A ZIP archive, its members by name.

    Args:
        where: What to call it in errors.
        path: Of the file.
        kind: What it is to be, with an article, for errors.

    Raises:
        SourceError: It is none, is damaged, encrypted, or made to fill the memory.
    """

    def __init__(self, where: str, path: Path, kind: str) -> None:
        self._where = where
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise SourceError(where, f"is not {kind}, or a damaged one; get it anew") from error
        members = self._zip.infolist()
        self._names = {member.filename: member for member in members}
        if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > _MAX_ALL:
            raise SourceError(where, f"unpacks to more than {_MAX_ALL // 1_000_000} MB or {_MAX_MEMBERS:,} files")

    def __enter__(self) -> "Zip":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        """A member, unpacked; what its header says of its size is not believed.

        Raises:
            SourceError: It is not there, is damaged or encrypted, or larger than any text.
        """
        member = self._names.get(name)
        if member is None:
            raise SourceError(self._where, f"has no {name!r} in it; it is damaged")
        if member.flag_bits & 1:
            raise SourceError(self._where, "needs a password; save it without one")
        most = min(_MAX_READ, max(_SMALL, _MAX_RATIO * member.compress_size))
        pieces, size = [], 0
        try:
            with self._zip.open(member) as packed:
                while piece := packed.read(_PIECE):
                    pieces.append(piece)
                    size += len(piece)
                    if size > most:
                        raise SourceError(self._where, f"{name!r} in it unpacks to more than any text does")
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise SourceError(self._where, f"{name!r} in it is damaged; get it anew") from error
        return b"".join(pieces)

    def xml(self, name: str) -> Any:
        """A small member that is XML, as a tree; see ``read``. No entity in it is replaced, and nothing fetched.

        Raises:
            SourceError: It is no XML, not even with slips in it.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(self.read(name), parser)
        if root is None:
            raise SourceError(self._where, f"{name!r} in it is no XML; get it anew")
        return root


def joined(base: str, reference: str) -> str:
    """Name of the member that a member refers to."""
    path = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)).lstrip("/")
