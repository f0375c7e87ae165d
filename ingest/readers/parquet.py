"""Parquet: one article a row, read a few rows at a time."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.columns import Columns
from ingest.documents import Document
from ingest.readers import File
from retrieval.errors import SourceError

_ROWS = 64


def read(file: File) -> Iterator[Document | SourceError]:
    """The articles of a table; a row that is broken is reported by its number, and the rest is read.

    Columns of bytes are pictures and the like, and are left out.

    Raises:
        SourceError: It is no Parquet or a damaged one, or has no column with the text.
    """
    try:
        with file.path.open("rb") as stored, pq.ParquetFile(stored) as table:
            yield from _rows(file, table)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        problem = " ".join(str(error).split())[:200]
        raise SourceError(file.name, f"is no Parquet, or a damaged one ({problem}); get it anew") from error


def _rows(file: File, table: pq.ParquetFile) -> Iterator[Document | SourceError]:
    columns = Columns(file.name, table.schema_arrow.names, file.options)
    number = 0
    for batch in table.iter_batches(batch_size=_ROWS, use_threads=False):
        for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            try:
                yield columns.document(f"{file.name}:{number}", cells)
            except SourceError as error:
                yield error
