import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document as Word
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.read import read
from tests.ingest.sources import one, packed, put, refusal

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SENTENCES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)


def saved(folder: Path, document: Word) -> Path:
    path = folder / "a.docx"
    document.save(str(path))
    return path


def with_body(folder: Path, xml: str) -> Path:
    """A document whose body is written by hand."""
    data = io.BytesIO()
    docx.Document().save(data)
    with zipfile.ZipFile(data) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = f"<w:document {NAMESPACE}><w:body>{xml}</w:body></w:document>"
    return packed(folder / "a.docx", members)


class TestText:
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(written=st.lists(SENTENCES, min_size=1, max_size=8))
    def test_paragraphs_are_read_as_they_were_written(self, tmp_path: Path, written: list[str]) -> None:
        document = docx.Document()
        for paragraph in written:
            document.add_paragraph(paragraph)
        assert one(saved(tmp_path, document)).text.split("\n\n") == [one_.replace("\xad", "") for one_ in written]

    def test_headings_lists_and_tables_are_kept_in_their_order(self, tmp_path: Path) -> None:
        document = docx.Document()
        document.add_heading("Ferry to keep its night service", 0)
        document.add_paragraph("First.").add_run().add_break()
        document.add_paragraph("one", style="List Bullet")
        document.add_paragraph("two", style="List Number")
        table = document.add_table(rows=2, cols=2)
        for row, cells in zip(table.rows, [("Route", "Cost"), ("Night", "12 million")], strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        document.add_heading("Last", 1)
        article = one(saved(tmp_path, document))
        assert article.text == (
            "Ferry to keep its night service\n\nFirst.\n\n  • one\n  • two\n\nRoute | Cost\nNight | 12 million\n\nLast"
        )
        assert article.given == {"title": "Ferry to keep its night service"}
        assert article.format == "pages"

    def test_insertions_are_in_and_deletions_and_hidden_words_are_out(self, tmp_path: Path) -> None:
        path = with_body(
            tmp_path,
            "<w:p><w:r><w:t>The ferry </w:t></w:r><w:del><w:r><w:delText>goes</w:delText></w:r></w:del>"
            "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>stays</w:t></w:r></w:ins>"
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t> secretly</w:t></w:r>"
            "<w:sdt><w:sdtContent><w:r><w:t xml:space='preserve'> here</w:t><w:tab/><w:t>now</w:t></w:r></w:sdtContent>"
            "</w:sdt><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>",
        )
        assert one(path).text == "The ferry stays here now"

    def test_a_box_in_a_paragraph_is_read_once(self, tmp_path: Path) -> None:
        box = "<w:txbxContent><w:p><w:r><w:t>Boxed.</w:t></w:r></w:p></w:txbxContent>"
        mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        path = with_body(
            tmp_path,
            f"<w:p><w:r><w:t>Around.</w:t><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>",
        )
        assert one(path).text == "Boxed.\n\nAround."

    def test_notes_follow_the_text(self, tmp_path: Path) -> None:
        path = with_body(tmp_path, "<w:p><w:r><w:t>Said so.</w:t><w:footnoteReference w:id='1'/></w:r></w:p>")
        with zipfile.ZipFile(path, "a") as archive:
            note = "<w:footnote><w:p><w:r><w:t>In May.</w:t></w:r></w:p></w:footnote>"
            archive.writestr("word/footnotes.xml", f"<w:footnotes {NAMESPACE}>{note}</w:footnotes>")
        assert one(path).text == "Said so.\n\nIn May."

    def test_properties_are_taken_where_the_text_shows_them(self, tmp_path: Path) -> None:
        document = docx.Document()
        for text in ("Ferry to keep its night service", "By Anna Brandt", "It stays."):
            document.add_paragraph(text)
        document.core_properties.title = "Ferry to keep its night service"
        document.core_properties.author = "Anna Brandt"
        assert one(saved(tmp_path, document)).given == {
            "title": "Ferry to keep its night service",
            "author": "Anna Brandt",
        }
        document.core_properties.title, document.core_properties.author = "Press release template", "Office 12"
        assert one(saved(tmp_path, document)).given == {}


class TestBroken:
    @pytest.mark.parametrize("data", [b"", b"PK", b"no zip", b"PK\x05\x06" + bytes(18)])
    def test_what_is_none_is_refused(self, tmp_path: Path, data: bytes) -> None:
        assert "not a Word document" in refusal(put(tmp_path, "a.docx", data))

    def test_an_old_or_encrypted_one_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        path = put(tmp_path, "a.docx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
        assert "save it as .docx without one" in refusal(path)

    def test_one_without_text_is_refused(self, tmp_path: Path) -> None:
        assert "there is no text in it" in refusal(saved(tmp_path, docx.Document()))

    def test_one_that_unpacks_to_far_more_than_text_is_refused(self, tmp_path: Path) -> None:
        path = with_body(tmp_path, "<w:p/>" + " " * 50_000_000)
        assert "unpacks to more than any text" in refusal(path)

    def test_one_whose_size_is_a_lie_is_refused(self, tmp_path: Path) -> None:
        path = with_body(tmp_path, "<w:p/>" + " " * 9_000_000)
        data = path.read_bytes()
        size = (9_000_000 + 6 + len(f"<w:document {NAMESPACE}><w:body></w:body></w:document>")).to_bytes(4, "little")
        assert data.count(size) == 2
        assert "damaged" in refusal(put(tmp_path, "a.docx", data.replace(size, (100).to_bytes(4, "little"))))

    @pytest.mark.parametrize("entity", ["l9", "x", "y"])
    def test_entities_are_not_replaced(self, tmp_path: Path, entity: str) -> None:
        secret = put(tmp_path, "secret", "password")
        path = with_body(tmp_path, "<w:p/>")
        with zipfile.ZipFile(path) as archive:
            members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        members["word/document.xml"] = (
            f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % z "z">]>'
            f"<w:document {NAMESPACE}><w:p><w:r><w:t>a&{entity};c</w:t></w:r></w:p></w:document>"
        )
        (item,) = read([str(packed(tmp_path / "b.docx", members))])
        assert item.text == "ac" if isinstance(item, Document) else "damaged" in str(item)

    @pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
    def test_one_that_is_cut_off_is_refused(self, tmp_path: Path, share: float) -> None:
        document = docx.Document()
        document.add_paragraph("Words.")
        data = saved(tmp_path, document).read_bytes()
        assert "damaged" in refusal(put(tmp_path, "a.docx", data[: int(share * len(data))]))

    def test_tables_in_tables_without_end_are_survived(self, tmp_path: Path) -> None:
        depth = 100_000
        path = with_body(tmp_path, "<w:tbl><w:tr><w:tc>" * depth + "</w:tc></w:tr></w:tbl>" * depth)
        assert refusal(path)


def test_a_table_in_a_table_is_read(tmp_path: Path) -> None:
    cell = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    inner = f"<w:tbl><w:tr><w:tc>{cell.format('c')}</w:tc><w:tc>{cell.format('d')}</w:tc></w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc>{cell.format('a')}</w:tc><w:tc>{cell.format('b')}{inner}</w:tc></w:tr></w:tbl>"
    assert one(with_body(tmp_path, outer)).text == "a | b c | d"
