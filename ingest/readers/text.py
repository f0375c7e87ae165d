"""Plain text."""

from collections.abc import Iterator

from ingest.decoding import decoded
from ingest.documents import Document
from ingest.readers import File


def read(file: File) -> Iterator[Document]:
    """The one article of a text file."""
    yield file.article(decoded(file.name, file.contents(), file.charset), "text")
