"""A reader as another package would have it."""

from collections.abc import Iterator

from ingest.documents import Document
from ingest.readers import File, Reader


def read(file: File) -> Iterator[Document]:
    """The article of a file in which every line stands backwards."""
    lines = file.contents().decode().splitlines()
    yield file.article("\n".join(line[::-1] for line in lines), "text")


READER = Reader("Backwards", (".sdrawkcab",), ("text/x-backwards",), "tests.ingest.foreign:read")
