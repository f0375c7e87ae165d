"""What of the files that were named could not be read, kept in the archive until they can be.

Only problems are kept, under the absolute path of their file, so that it does not matter from where a command is run.
A file that is read again is known by what came of it this time, and one that is no longer there by nothing. What was
piped in cannot be read again, and nothing of it is kept.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from retrieval import Archive
from retrieval.errors import SourceError
from retrieval.types import Reading

# More of one file say no more of it.
_MOST = 1000
_LINE = re.compile(r"(.+):[0-9]+", re.DOTALL)


def keep_failures(archive: Archive, sources: Sequence[str], failed: Iterable[SourceError], read_at: str) -> None:
    """Keep what could not be read of some files and folders, in place of what was known of them.

    Args:
        archive: Where to keep it.
        sources: The files and folders that were read, to their ends.
        failed: What of them could not be taken.
        read_at: When, ISO 8601 in UTC to the second.

    Raises:
        ArchiveUnwritable: No space, or no right, to write.
    """
    problems: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for error in failed:
        path, line = _place(error.where)
        if line is not None and len(problems[path]) < _MOST:
            problems[path].append((f"{path}{line}", error.problem))
    found = [Reading("", path, None, (), tuple(told), read_at) for path, told in problems.items() if told]
    read = [os.path.realpath(source) for source in sources]
    past = [
        one.item
        for one in archive.readings("")
        if one.item not in problems and (_within(one.item, read) or not _is_there(one.item))
    ]
    if past:
        archive.drop_readings("", past)
    if found:
        archive.put_readings(found)


def _place(where: str) -> tuple[str, str | None]:
    """The absolute path of a file or folder, and the line in it as it is told; None where there is no such file."""
    match = _LINE.fullmatch(where)
    for name, line in ((where, ""), *(((match[1], where[len(match[1]) :]),) if match else ())):
        if _is_there(name):
            return str(Path(name).absolute()), line
    return where, None


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # a name that no file can have, of something inside of one
        return False


def _within(item: str, read: Sequence[str]) -> bool:
    """Whether a file is one of some files, or lies in one of some folders."""
    real = Path(os.path.realpath(item))
    return any(real.is_relative_to(one) for one in read)
