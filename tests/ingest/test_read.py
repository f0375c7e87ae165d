import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.read import read
from ingest.records import record
from retrieval.errors import SourceError

FILES = Path(__file__).parent / "files"
SEEDS = Path(__file__).parents[2] / "seeds"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + bytes(range(256))
WESTERN = "“It’s £5 – no more,” said José, who ran the café in Málaga."
RUSSIAN = "Министр сказал, что план будет выполнен в срок, несмотря на протесты жителей города. " * 3
JAPANESE = "大臣は、抗議にもかかわらず計画は予定通り進められると述べた。記者団に対して「これは安い」と語った。" * 3


def one(source: Path | str) -> Document:
    (item,) = read([str(source)])
    assert isinstance(item, Document), item
    return item


def refusal(source: Path | str) -> str:
    (item,) = read([str(source)])
    assert isinstance(item, SourceError), item
    return str(item)


def file(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(folder: Path, *records: object, name: str = "a.jsonl") -> Path:
    return file(folder, name, "".join(json.dumps(record) + "\n" for record in records))


def piped(data: bytes) -> list[Document | SourceError]:
    return list(read(["-"], stdin=io.BytesIO(data)))


class TestFilesAndFolders:
    def test_the_seeds_are_five_articles_and_their_documentation_is_none(self) -> None:
        ids = [item.id for item in read([str(SEEDS)]) if isinstance(item, Document)]
        assert [name[:4] for name in ids] == ["000_", "001_", "002_", "003_", "004_"]

    def test_a_text_is_untouched_but_for_line_ends_and_its_id_is_the_stem(self, tmp_path: Path) -> None:
        path = file(tmp_path, "a.b.txt", "Title \r\n\r\n  Two  blanks\rEnd")
        assert one(path) == Document("a.b", str(path), "Title \n\n  Two  blanks\nEnd", "text", {})

    def test_a_folder_is_read_in_the_order_of_paths(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        for name in ("c.txt", "a.TXT", "b/z.txt", "b/y.md"):
            file(tmp_path, name, f"Text of {name}")
        assert [item.id for item in read([str(tmp_path)]) if isinstance(item, Document)] == [
            "a",
            "y",
            "z",
            "c",
        ]

    def test_a_folder_is_passed_over_for_what_is_no_article(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        for name in (".git/x.txt", ".hidden.txt", "x.png", "README.md", "SOURCES.md", "x.meta.json", ".txt"):
            file(tmp_path, name, "no article")
        file(tmp_path, "Brexit.md", "An article")
        assert [item.id for item in read([str(tmp_path)]) if isinstance(item, Document)] == ["Brexit"]

    def test_a_file_in_capitals_is_read_when_it_is_named(self, tmp_path: Path) -> None:
        assert one(file(tmp_path, "NHS.md", "An article")).id == "NHS"

    def test_links_to_folders_are_not_followed_round_and_round(self, tmp_path: Path) -> None:
        file(tmp_path, "a.txt", "An article")
        (tmp_path / "loop").symlink_to(tmp_path)
        assert one(tmp_path).id == "a"

    def test_what_does_not_exist_is_reported_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        missing, there = read([str(tmp_path / "no.txt"), str(file(tmp_path, "a.txt", "Text"))])
        assert str(missing) == f"{tmp_path / 'no.txt'}: there is no such file or folder"
        assert isinstance(there, Document)

    def test_an_unknown_suffix_is_answered_with_the_known_ones(self, tmp_path: Path) -> None:
        problem = refusal(file(tmp_path, "a.doc", b"PK"))
        assert ".txt" in problem
        assert ".jsonl.gz" in problem

    def test_a_folder_without_articles_is_reported(self, tmp_path: Path) -> None:
        assert "no articles in this folder" in refusal(tmp_path)

    def test_a_file_named_twice_is_read_once(self, tmp_path: Path) -> None:
        path = file(tmp_path, "a.txt", "Text")
        assert len(list(read([str(tmp_path), str(path), f"{tmp_path}/./a.txt"]))) == 1

    def test_a_second_article_of_the_same_id_is_refused_by_the_name_of_the_first(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        first, second = file(tmp_path, "a.txt", "One"), file(tmp_path, "b/a.txt", "Two")
        kept, refused = read([str(first), str(second)])
        assert isinstance(kept, Document)
        assert isinstance(refused, SourceError)
        assert refused.where == str(second)
        assert f"already that of an article in {str(first)!r}" in str(refused)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
    def test_a_file_without_permission_is_reported(self, tmp_path: Path) -> None:
        path = file(tmp_path, "a.txt", "Text")
        path.chmod(0)
        assert "cannot be read: Permission denied" in refusal(path)

    @pytest.mark.parametrize("blank", ["", " \n\t\n", "\ufeff"])
    def test_a_text_without_text_is_refused(self, tmp_path: Path, blank: str) -> None:
        assert "there is no text in it" in refusal(file(tmp_path, "a.txt", blank))

    @pytest.mark.parametrize("stem", ["a\\b", "x" * 201, " a", "a\nb"])
    def test_a_stem_that_cannot_stand_in_a_url_is_refused(self, tmp_path: Path, stem: str) -> None:
        assert "id" in refusal(file(tmp_path, f"{stem}.txt", "Text"))


class TestStandardInput:
    def test_plain_text_is_one_article_with_an_id_from_its_content(self) -> None:
        (first,), (again,) = piped(b"\n A title\n\nA text"), piped(b"\n A title\n\nA text")
        assert isinstance(first, Document)
        assert first == again
        assert (first.text, first.format, first.where) == ("\n A title\n\nA text", "text", "standard input")

    def test_what_starts_with_a_brace_is_jsonl_with_lines_counted_from_the_top(self) -> None:
        good, bad = piped(b'\n{"id": "a", "text": "One"}\n{"id": "b"}\n')
        assert isinstance(good, Document)
        assert good.where == "standard input:2"
        assert str(bad) == 'standard input:3: there is no "text" in it'

    def test_a_byte_order_mark_before_jsonl_is_no_matter(self) -> None:
        (item,) = piped(b'\xef\xbb\xbf{"id": "a", "text": "One"}\n')
        assert isinstance(item, Document)
        assert item.format == "record"

    def test_nothing_is_refused(self) -> None:
        assert [str(item) for item in piped(b"")] == ["standard input: there is no text in it"]


class TestEncodings:
    @pytest.mark.parametrize(
        "encoding",
        ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
    )
    def test_western_text_survives(self, tmp_path: Path, encoding: str) -> None:
        assert one(file(tmp_path, "a.txt", WESTERN.encode(encoding))).text == WESTERN

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("The café of José Núñez and Zoë Müller", "latin-1"),
            ("Où était-il né ? Le ministre a déclaré qu’il ne le savait pas.", "cp1252"),
            ("£5", "cp1252"),
            ("A mark – no more", "utf-16-be"),
            (RUSSIAN, "cp1251"),
            (JAPANESE, "shift_jis"),
            (JAPANESE, "euc_jp"),
            (JAPANESE, "utf-8"),
        ],
    )
    def test_old_encodings_are_told(self, tmp_path: Path, text: str, encoding: str) -> None:
        assert one(file(tmp_path, "a.txt", text.encode(encoding))).text == text

    @given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip()))
    def test_utf8_is_never_mangled(self, text: str) -> None:
        (item,) = piped(("T " + text).encode())
        assert isinstance(item, Document)
        assert item.text == "T " + text

    def test_a_page_is_read_as_it_declares(self, tmp_path: Path) -> None:
        story = "<p>Министр сказал, что план будет выполнен в срок, несмотря на протесты жителей.</p>" * 3
        page = f"<html><head><meta charset='koi8-r'></head><body><article>{story}</article></body></html>"
        assert "Министр сказал" in one(file(tmp_path, "a.html", page.encode("koi8-r"))).text

    def test_broken_utf8_is_not_taken_for_an_old_encoding(self, tmp_path: Path) -> None:
        data = "“Quoted” – £5".encode() + b"\xff end"
        assert f"its UTF-8 is broken at byte {len(data) - 5}" in refusal(file(tmp_path, "a.txt", data))

    def test_a_mark_that_does_not_hold_is_reported(self, tmp_path: Path) -> None:
        assert "UTF-16-LE is broken at byte 4" in refusal(file(tmp_path, "a.txt", b"\xff\xfea\0b"))

    def test_a_picture_named_txt_is_refused(self, tmp_path: Path) -> None:
        assert "binary file" in refusal(file(tmp_path, "a.txt", PNG))

    def test_a_nul_is_refused_with_its_offset(self, tmp_path: Path) -> None:
        assert "U+0000 at offset 3" in refusal(file(tmp_path, "a.txt", b"abc\0def"))


class TestMarkdown:
    def test_markup_becomes_plain_text(self, tmp_path: Path) -> None:
        source = (
            "# A *title*\n\nBy Jane\n3 May 2012\n\nSee [the **report**](http://x.example) &amp; "
            "`code`.<br>\n\n"
            "- one\n- two\n\n1. first\n\n> Quoted\n\n<!-- note -->\n\n## Head\n\n| a | b |\n|---|---|\n"
            "| 1 | 2 |\n"
        )
        text = "A title\n\nBy Jane\n3 May 2012\n\nSee the report & code.\n\n"
        text += "  • one\n  • two\n\n  1. first\n\nQuoted\n\nHead\n\na | b\n1 | 2\n"
        assert one(file(tmp_path, "a.md", source)).text == text

    def test_front_matter_is_given(self, tmp_path: Path) -> None:
        source = "---\ntitle: A title\ndate: 2012-05-03 09:30:00\ntags: [x, 2012-05-03]\nauthor:\n---\nText"
        document = one(file(tmp_path, "a.markdown", source))
        assert document.text == "Text\n"
        assert document.given == {"title": "A title", "published": "2012-05-03", "tags": ["x", "2012-05-03"]}

    def test_a_year_in_front_matter_is_a_date(self, tmp_path: Path) -> None:
        assert one(file(tmp_path, "a.md", "---\npublished: 2012\n---\nText")).given == {"published": "2012"}

    @pytest.mark.parametrize(
        ("matter", "problem"),
        [
            ("title: 5", '"title" has to be text, and is a number'),
            ("a: [", "a.md:3: not YAML"),
            ("- a", "a.md:2: has to be lines of name: value, and is a list"),
            ("a: &x [1]\nb: *x", "aliases are refused"),
            ("date: 2012-13-45", "not YAML: month must be in 1..12"),
            ("date: last week", '"published" has to be a date'),
            ("text: mine", '"text" cannot be stated'),
            ("a: !!python/object/apply:os.system [ls]", "not YAML"),
        ],
    )
    def test_wrong_front_matter_is_refused(self, tmp_path: Path, matter: str, problem: str) -> None:
        assert problem in refusal(file(tmp_path, "a.md", f"---\n{matter}\n---\nText"))

    def test_a_rule_at_the_top_is_no_front_matter(self, tmp_path: Path) -> None:
        assert one(file(tmp_path, "a.md", "---\n\nText")).text == "Text\n"


class TestHtml:
    def test_a_page_gives_paragraphs_and_what_it_states(self) -> None:
        document = one(FILES / "page.html")
        assert document.given == {
            "title": "Minister defends library plan",
            "author": "Jane Smith",
            "publisher": "The Exampleton Post",
            "published": "2012-05-03",
            "url": "https://post.example/libraries",
        }
        assert document.text.startswith("Minister defends library plan\n\nThe minister said")
        assert "“It is cheap & good,” he told" in document.text
        assert "next year\n- The second" in document.text
        assert "Home" not in document.text

    def test_a_date_in_the_story_is_not_stated_by_the_page(self, tmp_path: Path) -> None:
        page = (FILES / "page.html").read_text(encoding="utf-8").splitlines()
        page = [line for line in page if "published_time" not in line]
        assert "published" not in one(file(tmp_path, "a.htm", "\n".join(page))).given

    def test_a_page_without_an_article_is_refused(self, tmp_path: Path) -> None:
        assert "no article was found" in refusal(file(tmp_path, "a.html", "<html><body></body></html>"))


class TestSidecars:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("page.meta.json", '{"id": "mine", "author": "Ann Lee", "desk": {"row": 3}}'),
            ("page.meta.yaml", "id: mine\nauthor: Ann Lee\ndesk: {row: 3}"),
        ],
    )
    def test_a_sidecar_overrides_what_the_page_states(self, tmp_path: Path, name: str, content: str) -> None:
        page = file(tmp_path, "page.html", (FILES / "page.html").read_bytes())
        file(tmp_path, name, content)
        document = one(page)
        assert (document.id, document.given["author"], document.given["desk"]) == (
            "mine",
            "Ann Lee",
            {"row": 3},
        )
        assert document.given["publisher"] == "The Exampleton Post"

    def test_an_error_in_a_sidecar_is_named_there(self, tmp_path: Path) -> None:
        beside = file(tmp_path, "a.meta.json", "{")
        assert refusal(file(tmp_path, "a.txt", "Text")).startswith(f"{beside}: not JSON")

    def test_two_sidecars_are_one_too_many(self, tmp_path: Path) -> None:
        for name in ("a.meta.json", "a.meta.yaml"):
            file(tmp_path, name, "{}")
        assert "keep one of them" in refusal(file(tmp_path, "a.txt", "Text"))


class TestRecords:
    def test_a_record_gives_its_fields_and_keeps_further_ones(self, tmp_path: Path) -> None:
        record = {"id": "a", "title": " A  title ", "text": "One\r\nTwo", "published": "2010-10-04T23:00:00Z"}
        path = lines(tmp_path, {**record, "author": None, "publisher": " ", "pages": [1], "kind": "report"})
        given = {"title": "A title", "published": "2010-10-04", "pages": [1], "kind": "report"}
        assert one(path) == Document("a", f"{path}:1", "One\nTwo", "record", given)

    def test_the_other_name_of_the_id_is_known(self, tmp_path: Path) -> None:
        assert one(lines(tmp_path, {"_id": "MED-10", "text": "One"})).id == "MED-10"

    def test_a_missing_id_comes_from_the_content(self, tmp_path: Path) -> None:
        first = one(lines(tmp_path, {"text": "One", "title": "T"}))
        again = one(lines(tmp_path, {"title": "T", "text": "One"}))
        other = one(lines(tmp_path, {"title": "U", "text": "One"}))
        assert first.id == again.id != other.id
        assert first.id.startswith("sha256-")

    @pytest.mark.parametrize("published", ["2010", "2010-10", "2010-10-04"])
    def test_dates_may_be_reduced(self, tmp_path: Path, published: str) -> None:
        assert one(lines(tmp_path, {"text": "One", "published": published})).given["published"] == published

    @pytest.mark.parametrize(
        ("record", "problem"),
        [
            ({"id": "a"}, 'there is no "text" in it'),
            ({"text": "  "}, "there is no text in it"),
            ({"text": ["x"]}, '"text" has to be text, and is a list'),
            ({"text": "x", "title": 5}, '"title" has to be text, and is a number'),
            ({"text": "x", "author": ["A"]}, '"author" has to be text, and is a list'),
            ({"text": "x", "published": "4 October 2010"}, "and is '4 October 2010'"),
            ({"text": "x", "published": "2010-02-30"}, "2010-02-30"),
            ({"text": "x", "published": "0000"}, "0000"),
            ({"text": "x", "kind": "poem"}, "report, interview, opinion, speech, and is 'poem'"),
            ({"text": "x", "url": "javascript:alert(1)"}, "http://"),
            ({"text": "x", "id": 7}, '"id" has to be text, and is a number'),
            ({"text": "x", "id": ""}, "an id is 1 to 200 characters"),
            ({"text": "x", "id": "a/b"}, "the character '/'"),
            ({"text": "x", "id": ".."}, "not . or .."),
            ({"text": "x", "id": "a\u2028b"}, "refused"),
            ({"text": "ab\ud800"}, '"text" has the character U+D800 at offset 2'),
            ({"text": "a\0"}, '"text" has the character U+0000 at offset 1'),
            ({"text": "x", "more": {"deep": ["\udc00"]}}, '"more" has the character U+DC00'),
            ([1], "has to be a JSON object, and is a list"),
        ],
    )
    def test_a_wrong_record_is_refused_by_line_and_the_rest_goes_on(
        self, tmp_path: Path, record: object, problem: str
    ) -> None:
        bad, good = read([str(path := lines(tmp_path, record, {"id": "z", "text": "One"}))])
        assert isinstance(bad, SourceError)
        assert bad.where == f"{path}:1"
        assert problem in str(bad)
        assert isinstance(good, Document)

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            (b'{"text": "x"', "not JSON"),
            (b'{"text": "x", "n": NaN}', "NaN is no JSON number"),
            (b'{"text": "\xff"}', "not UTF-8 at byte 10"),
            (b'{"text": "x", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON"),
        ],
    )
    def test_a_line_that_is_no_json_is_refused(self, tmp_path: Path, line: bytes, problem: str) -> None:
        assert problem in refusal(file(tmp_path, "a.jsonl", line))

    def test_an_id_used_twice_in_a_file_is_refused(self, tmp_path: Path) -> None:
        _, second = read([str(path := lines(tmp_path, {"id": "a", "text": "1"}, {"id": "a", "text": "2"}))])
        assert isinstance(second, SourceError)
        assert second.where == f"{path}:2"

    def test_records_come_one_by_one(self) -> None:
        class Endless(io.RawIOBase):
            """Would never return if it were read whole."""

            def readable(self) -> bool:
                return True

            def readinto(self, buffer: object) -> int:
                line = b'{"text": "x"}\n'
                assert isinstance(buffer, memoryview)
                buffer[: len(line)] = line
                return len(line)

        first = next(read(["-"], stdin=io.BufferedReader(Endless())))
        assert isinstance(first, Document)

    @given(st.text(min_size=1).filter(lambda text: text.strip()))
    def test_a_text_comes_through_or_is_refused(self, text: str) -> None:
        (item,) = piped(json.dumps({"text": text}).encode())
        if isinstance(item, Document):
            assert item.text == text.replace("\r\n", "\n").replace("\r", "\n")
        else:
            assert "\0" in text


class TestCompressed:
    def test_a_compressed_file_is_read(self, tmp_path: Path) -> None:
        assert one(file(tmp_path, "a.jsonl.gz", gzip.compress(b'{"id": "a", "text": "One"}\n'))).text == "One"

    def test_the_lines_before_a_break_go_in_and_the_break_is_named(self, tmp_path: Path) -> None:
        record = b'{"id": "%d", "text": "%s"}\n'
        data = gzip.compress(b"".join(record % (number, os.urandom(200).hex().encode()) for number in range(2000)))
        path = file(tmp_path, "a.jsonl.gz", data[: len(data) // 2])
        *good, last = read([str(path)])
        assert len(good) > 500
        assert all(isinstance(item, Document) for item in good)
        assert isinstance(last, SourceError)
        assert last.where == f"{path}:{len(good) + 1}"
        assert "damaged or cut off" in str(last)

    def test_what_is_no_gzip_is_reported(self, tmp_path: Path) -> None:
        assert "Not a gzipped file" in refusal(file(tmp_path, "a.jsonl.gz", b'{"text": "x"}'))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": "a"}, "text"),
        ({"text": " "}, "text"),
        ({"text": "a", "id": "a/b"}, "id"),
        ({"text": "a", "published": "soon"}, "published"),
        ({"text": "a", "deep": json.loads("[" * 33 + "]" * 33)}, "deep"),
        ({"text": "a", "b\0": ""}, "b\0"),
    ],
)
def test_a_record_that_cannot_be_taken_names_the_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as raised:
        record("here", fields)
    assert (raised.value.field, raised.value.where) == (field, "here")
    assert str(raised.value) == f"here: {raised.value.problem}"


def test_a_record_is_nested_as_deep_as_can_be_stored() -> None:
    deep = json.loads("[" * 32 + "]" * 32)
    assert record("here", {"text": "a", "deep": deep}).given == {"deep": deep}
