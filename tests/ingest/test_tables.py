import csv
import datetime
import gzip
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.metadata import stated_date
from ingest.read import read
from retrieval.errors import SourceError
from tests.ingest.sources import one, put, refusal, refusals, taken

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
HEAD = "id,text\n"


def table(folder: Path, rows: list[dict[str, Any]], name: str = "a.parquet") -> Path:
    path = folder / name
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


class TestColumns:
    def test_columns_are_known_by_their_usual_names_and_the_rest_is_kept(self, tmp_path: Path) -> None:
        source = (
            "ID,Headline,Body,Byline,Source,Date,Link,Desk\n"
            '7,The ferry stays,"It stays, he said.",Anna Brandt,The Gazette,3 May 2019,https://g.example/7,harbour\n'
        )
        path = put(tmp_path, "a.csv", source)
        assert one(path) == Document(
            "7",
            f"{path}:2",
            "It stays, he said.",
            "record",
            {
                "title": "The ferry stays",
                "author": "Anna Brandt",
                "publisher": "The Gazette",
                "published": "2019-05-03",
                "url": "https://g.example/7",
                "Desk": "harbour",
            },
        )

    def test_the_user_says_which_column_is_which(self, tmp_path: Path) -> None:
        path = put(tmp_path, "a.csv", "text,said,when\nthe title,It stays.,2019\n")
        document = one(path, columns={"text": "said", "title": "text", "published": "when"})
        assert (document.text, document.given) == ("It stays.", {"title": "the title", "published": "2019"})

    def test_a_column_of_our_name_that_is_not_taken_is_kept_under_another(self, tmp_path: Path) -> None:
        path = put(tmp_path, "a.csv", "id,text,body\n1,short,It stays.\n")
        document = one(path, columns={"text": "body", "id": ""})
        assert document.id.startswith("sha256-")
        assert document.given == {"text (column)": "short", "id (column)": "1"}

    @pytest.mark.parametrize(
        ("head", "columns", "problem"),
        [
            ("a,b", {}, "they are 'a', 'b': say which it is, as --column text=NAME"),
            ("a,b", {"text": "c"}, "it has no column 'c'; they are 'a', 'b'"),
            ("a,b", {"txt": "a"}, "there is no field 'txt'"),
            ("text,a,a", {}, "two of its columns are called 'a'"),
            (",".join(f"c{number}" for number in range(30)), {}, "and 10 more"),
        ],
    )
    def test_a_map_that_does_not_fit_is_one_error(
        self, tmp_path: Path, head: str, columns: dict[str, str], problem: str
    ) -> None:
        row = ",".join("x" for _ in head.split(","))
        assert problem in refusal(put(tmp_path, "a.csv", f"{head}\n{row}\n{row}\n"), columns=columns)

    @pytest.mark.parametrize(
        ("written", "iso"),
        [
            ("4 October 2010", "2010-10-04"),
            ("October 4th, 2010 at 9.30 pm", "2010-10-04"),
            ("Mon, 4 Oct 2010", "2010-10-04"),
            ("14/10/2010", "2010-10-14"),
            ("04/04/2010", "2010-04-04"),
            ("2010-10-04 12:30:00+00:00", "2010-10-04"),
            ("October 2010", "2010-10"),
            ("2010", "2010"),
            ("04/10/2010", None),
            ("31 February 2010", None),
            ("4 October 2010 or so", None),
            ("yesterday", None),
            ("0000", None),
        ],
    )
    def test_a_date_is_read_where_it_can_be_meant_in_one_way(self, written: str, iso: str | None) -> None:
        assert stated_date(written) == iso

    def test_a_date_with_two_meanings_is_refused_by_line_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        path = put(tmp_path, "a.csv", "text,date\nOne,04/10/2010\nTwo,14/10/2010\n")
        bad, good = read([str(path)])
        assert str(bad).startswith(f"{path}:2: \"published\" is '04/10/2010'")
        assert isinstance(good, Document)


class TestCsv:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.lists(st.tuples(CELLS.filter(str.strip), CELLS), min_size=1, max_size=6), sign=st.sampled_from(",;\t|")
    )
    def test_cells_are_read_as_they_were_written(self, tmp_path: Path, rows: list[tuple[str, str]], sign: str) -> None:
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=sign)
        writer.writerow(["id", "text", "more"])
        writer.writerows((f"r{number}", *row) for number, row in enumerate(rows))
        documents = taken(put(tmp_path, "a.csv", file.getvalue()))
        lines = [text.replace("\r\n", "\n").replace("\r", "\n") for text, _ in rows]
        assert [one.text for one in documents] == lines
        assert [one.given.get("more", "") for one in documents] == [more if more.strip() else "" for _, more in rows]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_encodings_are_told(self, tmp_path: Path, encoding: str) -> None:
        text = "“It’s £5 – no more,” said José in the café of Málaga."
        assert one(put(tmp_path, "a.csv", f'id;text\n1;"{text}"\n'.encode(encoding))).text == text

    def test_errors_say_the_line_that_a_row_begins_on(self, tmp_path: Path) -> None:
        path = put(tmp_path, "a.csv", f'{HEAD}a,"One\ntwo"\n\nb\nc," "\nd,Four,5\ne,Five,\nf/,Six\n')
        assert [item.id for item in read([str(path)]) if isinstance(item, Document)] == ["a", "e"]
        assert [problem.removeprefix(f"{path}:")[:9] for problem in refusals(path)] == [
            "5: has 1 ",
            "6: there ",
            "7: has 3 ",
            "9: the id",
        ]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.csv", b"sep=;\nid;text\n1;It stays.\n"),
            ("a.tsv", b"id\ttext\n1\tIt stays.\n"),
            ("a.csv.gz", gzip.compress(b"id,text\n1,It stays.\n", mtime=0)),
            ("a.CSV", b"\n\nid,text\r\n1,It stays."),
        ],
    )
    def test_its_kin_are_read(self, tmp_path: Path, name: str, data: bytes) -> None:
        document = one(put(tmp_path, name, data))
        assert (document.id, document.text) == ("1", "It stays.")

    def test_a_row_in_another_encoding_is_named_and_the_rest_goes_in(self, tmp_path: Path) -> None:
        filler = "".join(f"{number},{'It stays. ' * 100}\n" for number in range(1200))
        path = put(tmp_path, "a.csv", (HEAD + filler).encode() + b"x,caf\xe9\ny,It stays.\n")
        items = list(read([str(path)]))
        (problem,) = [str(item) for item in items if isinstance(item, SourceError)]
        assert problem.startswith(f"{path}:1202: is not in the encoding")
        assert len(items) == 1202

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"", "there is no text in it"),
            (b"\n\n", "there is no text in it"),
            (bytes(range(256)) * 9, "binary file"),
            (f'{HEAD}1,"It stays.\n2,"'.encode() + b"x" * 17_000_000, "more than 16 MB"),
            (f'{HEAD}1,"It stays, and'.encode(), "ends within quotation marks"),
        ],
    )
    def test_what_cannot_be_read_is_one_error(self, tmp_path: Path, data: bytes, problem: str) -> None:
        assert problem in refusal(put(tmp_path, "a.csv", data))

    def test_one_that_is_cut_off_gives_its_rows_and_an_error(self, tmp_path: Path) -> None:
        rows = "".join(f"{number},It stays {hash(number) * 7919 % 10007}.\n" for number in range(20_000))
        data = gzip.compress((HEAD + rows).encode())
        path = put(tmp_path, "a.csv.gz", data[: len(data) // 2])
        *good, last = read([str(path)])
        assert len(good) > 1000
        assert "damaged or cut off" in str(last)


class TestParquet:
    def test_values_are_put_into_the_types_of_json(self, tmp_path: Path) -> None:
        row = {
            "id": 7,
            "content": "It stays.",
            "date": datetime.datetime(2019, 5, 3, 12, 30, tzinfo=datetime.UTC),
            "authors": ["Anna Brandt", "Bo Lee"],
            "price": Decimal("1.50"),
            "score": float("nan"),
            "picture": b"\x89PNG",
            "desk": {"name": "harbour", "since": datetime.date(2018, 1, 1)},
            "source": None,
        }
        document = one(table(tmp_path, [row]))
        assert (document.id, document.text, document.format) == ("7", "It stays.", "record")
        assert document.given == {
            "published": "2019-05-03",
            "author": "Anna Brandt and Bo Lee",
            "price": "1.50",
            "desk": {"name": "harbour", "since": "2018-01-01"},
        }

    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(texts=st.lists(CELLS.filter(str.strip), min_size=1, max_size=200))
    def test_rows_are_read_as_they_were_written(self, tmp_path: Path, texts: list[str]) -> None:
        documents = taken(table(tmp_path, [{"id": str(number), "text": text} for number, text in enumerate(texts)]))
        assert [one.text for one in documents] == [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]

    def test_errors_say_the_row(self, tmp_path: Path) -> None:
        path = table(tmp_path, [{"said": "One"}, {"said": None}, {"said": "Three"}])
        assert refusals(path, columns={"text": "said"}) == [f'{path}:2: there is no "text" in it']
        assert "they are 'said'" in refusal(path)

    @pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(200) + b"PAR1", b"no parquet at all"])
    def test_what_is_none_is_refused(self, tmp_path: Path, data: bytes) -> None:
        assert "is no Parquet" in refusal(put(tmp_path, "a.parquet", data))

    def test_one_that_is_damaged_inside_is_refused(self, tmp_path: Path) -> None:
        data = bytearray(table(tmp_path, [{"text": f"Text {number}"} for number in range(500)]).read_bytes())
        data[10:200] = bytes(190)
        assert "a.parquet: " in refusal(put(tmp_path, "a.parquet", bytes(data)))

    def test_one_that_unpacks_to_more_than_the_memory_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        table = pa.table({"text": ["a" * 400_000_000]})
        pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)
        assert path.stat().st_size < 1_000_000
        assert "it took more than 320 MB of memory" in refusal(path)
