from pathlib import Path

import pytest

from ingest.read import read
from retrieval.errors import SourceError
from tests.ingest.sources import packed, put, refusal, refusals, taken

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
STATED = (
    "<dc:title>The Night Ferry</dc:title><dc:creator>Anna Brandt</dc:creator><dc:creator>Bo Lee</dc:creator>"
    "<dc:publisher>Tidewater Books</dc:publisher><dc:date>3 May 2019</dc:date>"
)


def chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>'
        f'<script src="x.js"/></head><body>{body}</body></html>'
    )


def book(chapters: dict[str, str], stated: str = STATED, contents: str = "") -> dict[str, bytes | str]:
    """The members of a book with such chapters, by their names, and a table of contents."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:opf="http://www.idpf.org/2007/opf"><metadata>{stated}</metadata><manifest>{items}'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'</manifest><spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    members = {f"OPS/{name}": chapter(text) for name, text in chapters.items()}
    nav = chapter(f"<nav>{contents}</nav>")
    return {"META-INF/container.xml": CONTAINER, "OPS/book.opf": package, "OPS/nav.xhtml": nav, **members}


def test_each_chapter_is_an_article_with_what_the_book_states(tmp_path: Path) -> None:
    chapters = {
        "cover.xhtml": '<img src="cover.jpg"/>',
        "one.xhtml": "<h1>Departure</h1><p>It&nbsp;stays.</p><p>So <i>he</i> said.</p>",
        "two.xhtml": "<p>It went.</p>",
    }
    contents = (
        '<ol><li><a href="one.xhtml#top">Departure</a></li><li><a href="two.xhtml">Arrival &amp; after</a></li></ol>'
    )
    first, second = taken(packed(tmp_path / "ferry.epub", book(chapters, contents=contents)))
    assert (first.id, second.id) == ("ferry-2", "ferry-3")
    assert first.text == "Departure\n\nIt stays.\n\nSo he said.\n"
    assert first.where == f"{tmp_path / 'ferry.epub'}:OPS/one.xhtml"
    assert first.given == {
        "title": "The Night Ferry: Departure",
        "book": "The Night Ferry",
        "chapter": "Departure",
        "author": "Anna Brandt and Bo Lee",
        "publisher": "Tidewater Books",
        "published": "2019-05-03",
    }
    assert second.given["chapter"] == "Arrival & after"


def test_the_older_table_of_contents_is_read(tmp_path: Path) -> None:
    members = book({"a b.xhtml": "<p>It stays.</p>"}, stated="")
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Part\n One</text></navLabel>'
        '<content src="a%20b.xhtml"/></navPoint></navMap></ncx>'
    )
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
    members |= {"OPS/toc.ncx": ncx, "OPS/book.opf": str(members["OPS/book.opf"]).replace("</manifest>", item)}
    (only,) = taken(packed(tmp_path / "a.epub", members))
    assert only.given == {"title": "Part One", "chapter": "Part One"}


def test_a_translator_is_no_author_and_a_date_that_is_none_no_date(tmp_path: Path) -> None:
    stated = '<dc:creator opf:role="trl">Bo Lee</dc:creator><dc:title>T</dc:title><dc:date>last spring</dc:date>'
    (only,) = taken(packed(tmp_path / "a.epub", book({"a.xhtml": "<p>x</p>"}, stated)))
    assert only.given == {"title": "T", "book": "T", "date": "last spring"}


def test_a_chapter_that_is_missing_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    members = book({"one.xhtml": "<p>One.</p>", "two.xhtml": "<p>Two.</p>"})
    del members["OPS/one.xhtml"]
    path = packed(tmp_path / "a.epub", members)
    assert [item.id for item in read([str(path)]) if not isinstance(item, SourceError)] == ["a-2"]
    assert refusals(path) == [f"{path}: has no 'OPS/one.xhtml' in it; it is damaged"]


def test_chapters_under_copy_protection_are_named(tmp_path: Path) -> None:
    locked = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
        '<e:EncryptedData><e:CipherData><e:CipherReference URI="OPS/a.xhtml"/></e:CipherData></e:EncryptedData></encryption>'
    )
    members = {**book({"a.xhtml": "garbled"}), "META-INF/encryption.xml": locked}
    assert "without copy protection" in refusal(packed(tmp_path / "a.epub", members))


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({}, "has no 'META-INF/container.xml' in it"),
        ({"META-INF/container.xml": "garbled"}, "is no XML"),
        ({"META-INF/container.xml": CONTAINER}, "has no 'OPS/book.opf' in it"),
        ({**book({}), "x": ""}, "names no chapters"),
        (book({"a.xhtml": "<img/>"}), "has no text in any of its chapters"),
        (book({"a.xhtml": "<p>x</p>" + " " * 50_000_000}), "unpacks to more than any text does"),
        (book({"../../etc/passwd": "<p>x</p>"}) | {"OPS/../../etc/passwd": "", "etc/passwd": ""}, "no"),
    ],
)
def test_one_that_is_not_sound_is_refused(tmp_path: Path, members: dict[str, bytes | str], problem: str) -> None:
    assert problem in refusal(packed(tmp_path / "a.epub", members))


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    assert "is not an EPUB" in refusal(put(tmp_path, "a.epub", b"no zip"))


def test_a_chapter_nested_without_end_is_read(tmp_path: Path) -> None:
    deep = "<div>" * 50_000 + "deep" + "</div>" * 50_000
    (only,) = taken(packed(tmp_path / "a.epub", book({"a.xhtml": deep})))
    assert only.text == "deep\n"
