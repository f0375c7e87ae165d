"""Readers that do what no reader should."""

import ctypes
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Document
from ingest.readers import File


def greedy(_: File) -> Iterator[Document]:
    """Take memory."""
    kept = []
    while True:
        kept.append(bytearray(1 << 24))
        yield from ()


_HOARD: list[bytearray] = []


def hoarding(file: File) -> Iterator[Document]:
    """Keep some memory, and take most of what is left for a while: 320 MB have room for that, but not twice."""
    yield file.article("first", "text")
    _HOARD.append(bytearray(80 << 20))
    len(bytearray(170 << 20))
    yield file.article("second", "text")


def filling(file: File) -> Iterator[Document]:
    """Keep nearly all of 320 MB."""
    _HOARD.append(bytearray(230 << 20))
    yield file.article("only", "text")


def endless(_: File) -> Iterator[Document]:
    """Never come to an end."""
    while True:
        yield from ()


def sleepy(_: File) -> Iterator[Document]:
    """Wait for nothing."""
    time.sleep(60)
    yield from ()


def crashing(_: File) -> Iterator[Document]:
    """Read where nothing is."""
    ctypes.string_at(0)
    yield from ()


def connecting(_: File) -> Iterator[Document]:
    """Tell somebody."""
    with socket.create_connection(("127.0.0.1", 9)):
        yield from ()


def writing(file: File) -> Iterator[Document]:
    """Leave something behind."""
    Path(f"{file.path}.left").write_text("x", "utf-8")
    yield from ()


def running(_: File) -> Iterator[Document]:
    """Have somebody else do it."""
    subprocess.run(["true"], check=True)
    yield from ()


def printing(_: File) -> Iterator[Document]:
    """Print what looks like an answer."""
    print('{"error": ["a", "b", null]}')  # noqa: T201
    yield from ()
    raise ValueError("of what it printed nothing was taken for an answer")
