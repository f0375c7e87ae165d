"""Files that are there whole or not at all, whatever happens while they are written."""

import os
from pathlib import Path


def write_whole(path: Path, *parts: bytes | memoryview, mode: int = 0o666) -> None:
    """Write a file so that a reader, and whoever comes after a power cut, sees the old or the new one whole.

    Args:
        path: The file.
        parts: What it shall hold.
        mode: Who may do what with it, as far as the process's umask lets them.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)  # it would keep its own mode
    try:
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have a file's contents, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
