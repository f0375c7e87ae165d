"""What holds for all readers."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingest.readers
from ingest.documents import Document
from ingest.limits import Limits
from ingest.read import read
from ingest.readers import File, Reader, reader_of, reader_of_type, readers
from ingest.sandbox import read_apart
from retrieval.errors import SourceError

SUFFIXES = sorted({suffix for reader in readers() for suffix in reader.suffixes})


@pytest.fixture
def another_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    point = EntryPoint("backwards", "tests.ingest.foreign:READER", "onrecord.readers")
    monkeypatch.setattr(ingest.readers, "entry_points", lambda group: [point] if group == point.group else [])
    readers.cache_clear()
    yield
    readers.cache_clear()


@pytest.mark.usefixtures("another_package")
def test_another_package_adds_a_reader_by_an_entry_point(tmp_path: Path) -> None:
    (tmp_path / "a.sdrawkcab").write_text("slias yrref ehT", "utf-8")
    (article,) = read([str(tmp_path)])
    assert isinstance(article, Document)
    assert (article.id, article.text) == ("a", "The ferry sails")
    assert reader_of_type("text/x-backwards") is not None


def test_the_longest_suffix_tells_the_reader() -> None:
    plain, packed = reader_of("a.jsonl"), reader_of("b.JSONL.GZ")
    assert plain is not None
    assert packed is not None
    assert (plain[0], plain[1], packed[0], packed[1]) == (packed[0], ".jsonl", plain[0], ".JSONL.GZ")
    assert reader_of(".jsonl") is None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suffix=st.sampled_from(SUFFIXES), data=st.binary(max_size=300), head=st.sampled_from([
    b"", b"%PDF-1.4\n", b"PK\x03\x04", b"PAR1", b"WARC/1.0\r\n", b"<?xml version='1.0'?><rss><channel>", b"<html><p>",
    b"\x1f\x8b\x08\x00", b"From: a\nSubject: b\n\n", b"text,title\n", b'{"text": "', b"---\ntitle: ",
]))  # fmt: skip
def test_whatever_the_bytes_there_are_documents_or_errors_by_the_name(
    suffix: str, data: bytes, head: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(head + data)
    for item in read([str(path)]):
        assert isinstance(item, Document | SourceError)
        assert item.where.startswith(str(path))
        assert "its parser broke" not in str(item)
    # Read once more, in the worker that has survived it.
    path.write_bytes(head + data)
    again = [str(item) for item in read([str(path)])]
    assert again == [str(item) for item in read([str(path)])]


class TestLimits:
    """What reading may take; the readers here misbehave on purpose."""

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("greedy", "cannot be read as X: it took more than 192 MB of memory; split it"),
            ("endless", "took more than 2 seconds of processor time"),
            ("sleepy", "took more than 3 seconds"),
            ("crashing", "its parser broke (SIGSEGV)"),
            ("connecting", "PermissionError: reading a file does not need socket"),
            ("writing", "PermissionError: reading a file does not write to others"),
            ("running", "PermissionError: reading a file does not need subprocess.Popen"),
            ("printing", "ValueError: of what it printed nothing was taken for an answer"),
        ],
    )
    def test_a_reader_that_misbehaves_costs_one_error_by_the_name(
        self, tmp_path: Path, name: str, problem: str
    ) -> None:
        path = tmp_path / "a.x"
        path.write_text("x", "utf-8")
        reader = Reader("X", (".x",), (), f"tests.ingest.misbehaving:{name}")
        limits = Limits(memory=192 << 20, seconds=2, patience=3 if name == "sleepy" else 60)
        (error,) = read_apart(reader, File(path, str(path), "a"), limits)
        assert isinstance(error, SourceError)
        assert (error.where, problem in error.problem) == (str(path), True), error

    def test_what_a_file_leaves_behind_in_a_worker_costs_the_next_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "a.x"
        path.write_text("x", "utf-8")
        reader = Reader("X", (".x",), (), "tests.ingest.misbehaving:hoarding")
        limits = Limits(memory=320 << 20, seconds=31)  # a worker of its own, which other tests do not get
        for _ in range(3):
            found = list(read_apart(reader, File(path, str(path), "a"), limits))
            assert [item.text for item in found if isinstance(item, Document)] == ["first", "second"]
            assert len(found) == 2

    def test_a_worker_that_a_file_has_filled_gets_no_other(self, tmp_path: Path) -> None:
        path, table = tmp_path / "a.x", tmp_path / "a.parquet"
        path.write_text("x", "utf-8")
        pq.write_table(pa.table({"text": ["One.", "Two."]}), table)
        reader = Reader("X", (".x",), (), "tests.ingest.misbehaving:filling")
        of_tables = reader_of(table.name)
        assert of_tables is not None
        limits = Limits(memory=320 << 20, seconds=32)
        for _ in range(2):
            (only,) = read_apart(reader, File(path, str(path), "a"), limits)
            assert isinstance(only, Document)
            found = list(read_apart(of_tables[0], File(table, str(table), "a"), limits))
            assert [one.text for one in found if isinstance(one, Document)] == ["One.", "Two."]

    def test_an_article_that_is_too_long_is_refused_and_the_next_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('{"text": "' + "a " * 60 + '"}\n{"text": "short"}\n', "utf-8")
        reader = reader_of(path.name)
        assert reader is not None
        long, short = read_apart(reader[0], File(path, str(path), "a"), Limits(characters=100))
        assert isinstance(long, SourceError)
        assert "an article of 119 characters; 100 are the most" in long.problem or "120 characters" in long.problem
        assert isinstance(short, Document)
