"""What all kinds of XML have in common: what is read as it was written, and what is made to break a reader."""

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.read import read_file
from ingest.readers import File
from ingest.safexml import elements, line_of, root_of
from retrieval.errors import SourceError
from tests.ingest.dialects import DIALECTS, documents, made, of, problems

WORDS = st.lists(st.text("abcdefgh“”’é&<£中", min_size=1, max_size=8), min_size=4, max_size=12).map(" ".join)
NAMES = [pytest.param(name, id=name) for name in DIALECTS]
quick = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.mark.parametrize("name", NAMES)
@quick
@given(paragraphs=st.lists(WORDS, min_size=1, max_size=6))
def test_paragraphs_are_read_as_they_were_written(name: str, paragraphs: list[str], tmp_path: Path) -> None:
    long = [*paragraphs, "word " * 99 + "end"]  # of the length that a feed takes for an article
    (document,) = documents(of(tmp_path, name, DIALECTS[name](long)))
    breaks = "\n" if DIALECTS[name].__name__ == "volume" else "\n\n"
    assert document.text.strip().split(breaks) == long


@pytest.mark.parametrize("name", NAMES)
def test_each_kind_is_read_through_a_worker_and_named_by_its_root_not_its_suffix(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.xml.gz"
    path.write_bytes(gzip.compress(DIALECTS[name](["One. " * 99]).encode()))
    (item,) = read_file(path)
    assert isinstance(item, Document), item
    assert item.text.split() == ["One."] * 99


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_off_is_an_error_whatever_is_read_before(name: str, tmp_path: Path) -> None:
    whole = dict(made())[name]
    for length in (1, 30, len(whole) // 2, len(whole) - 12):
        assert problems(of(tmp_path, name, whole[:length])), length


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_damaged_only_documents_and_errors_come_of_it(name: str, tmp_path: Path) -> None:
    chance, whole = random.Random(7), dict(made())[name]
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            data[at : at + chance.choice((0, 1, 9))] = chance.choice(
                (b"<", b"&", b"\0", b"\xff", b"<p>", b"]]>", b'"', b"9")
            )
        assert of(tmp_path, name, bytes(data))


@quick
@given(data=st.binary(max_size=300))
def test_of_any_bytes_only_an_error_comes(data: bytes, tmp_path: Path) -> None:
    (item,) = of(tmp_path, "a.xml", data)
    assert isinstance(item, SourceError)


class TestRoot:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "this is a sitemap"),
            ("<sitemapindex/>", "give its address as a source instead"),
            ("<opml/>", "this is a list of feeds"),
            ("<NewsML/>", "get NewsML-G2 or NITF"),
            ("<dblp/>", "its root element is 'dblp', of which nothing is known; XML is read of RSS"),
            ('<x:dblp xmlns:x="urn:x"/>', "its root element is 'dblp'"),
            ("", "this is no XML"),
            (" \n ", "this is no XML"),
            ("Dear reader", "from here on it is no XML"),
            ('<?xml version="1.0" encoding="klingon"?><rss/>', "Unsupported encoding"),
        ],
    )
    def test_what_is_not_read_is_named(self, content: str, problem: str, tmp_path: Path) -> None:
        (said,) = problems(of(tmp_path, "a.xml", content))
        assert problem in said

    def test_a_page_of_xhtml_is_read_as_a_page(self, tmp_path: Path) -> None:
        story = "<p>The minister said on Monday that caseloads had risen by a tenth in a year.</p>" * 5
        page = f"<html xmlns='http://www.w3.org/1999/xhtml'><head><title>T</title></head><body>{story}</body></html>"
        (document,) = documents(of(tmp_path, "a.xml", page))
        assert document.format == "html"

    def test_blanks_before_the_declaration_do_no_harm(self, tmp_path: Path) -> None:
        content = '\n\n<?xml version="1.0"?>' + DIALECTS["a.rss"](["One. " * 99])
        assert documents(of(tmp_path, "a.rss", content))

    @pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
    def test_the_encoding_is_the_one_that_is_declared(self, encoding: str, tmp_path: Path) -> None:
        content = f'<?xml version="1.0" encoding="{encoding}"?>' + DIALECTS["a.nitf"](["£5, café"])
        (document,) = documents(of(tmp_path, "a.nitf", content.encode(encoding)))
        assert document.text == "£5, café\n"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DECLARATIONS = {
    "billion laughs": f'<!ENTITY l0 "laugh">{LAUGHS}<!ENTITY a "&l9;">',
    "quadratic": f'<!ENTITY a "{"a" * 50_000}">',
    "file": '<!ENTITY a SYSTEM "file:///etc/passwd">',
    "network": '<!ENTITY a SYSTEM "http://127.0.0.1/">',
    "parameter": '<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY a "a">',
    "markup": '<!ENTITY a "<b/>">',
}


class TestSafety:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("declared", DECLARATIONS.values(), ids=DECLARATIONS.keys())
    def test_entities_that_stand_for_more_than_a_character_are_refused(
        self, name: str, declared: str, tmp_path: Path
    ) -> None:
        content = DIALECTS[name](["One &a;"]).replace("&amp;a;", "&a;" * 1000)
        start = content.index("?>") + 2 if content.startswith("<?xml") else 0
        doctype = f"<!DOCTYPE x [{declared}]>"
        (said,) = problems(of(tmp_path, name, content[:start] + doctype + content[start:]))
        assert "its DTD declares the entity" in said

    def test_laughs_in_an_attribute_of_the_root_are_refused_too(self, tmp_path: Path) -> None:
        content = f'<!DOCTYPE rss [{DECLARATIONS["billion laughs"]}]><rss version="&a;"/>'
        (said,) = problems(of(tmp_path, "a.xml", content))
        assert "amplification" in said

    def test_entities_that_are_characters_are_read(self, tmp_path: Path) -> None:
        declared = '<!DOCTYPE publicwhip [<!ENTITY pound "&#163;"><!ENTITY ndash "&#8211;"><!ENTITY own "#">]>'
        content = (
            declared + "<publicwhip><speech speakername='A&ndash;B'><p>&pound;5 <i>&ndash;</i> &own;1</p></speech>"
        )
        (document,) = documents(of(tmp_path, "a.xml", f"{content}</publicwhip>"))
        assert (document.text, document.given["author"]) == ("£5 – #1\n", "A–B")

    def test_a_dtd_elsewhere_is_not_fetched_and_its_characters_are_those_of_html(self, tmp_path: Path) -> None:
        content = '<!DOCTYPE nitf SYSTEM "file:///nowhere/nitf.dtd">' + DIALECTS["a.nitf"](["caf@"])
        (document,) = documents(of(tmp_path, "a.xml", content.replace("@", "&eacute;")))
        assert document.text == "café\n"

    @pytest.mark.parametrize("name", ["a.nitf", "courier.wxr", "debates2010-10-04a.xml", "a.newsml"])
    def test_what_is_nested_too_deep_is_refused(self, name: str, tmp_path: Path) -> None:
        deep = "<b>" * 100_000
        content = DIALECTS[name](["One"]).replace("<p>", f"<p>{deep}", 1).replace("<title>", f"<title>{deep}", 1)
        (said,) = problems(of(tmp_path, name, content))
        assert "Excessive depth" in said

    def test_a_file_of_any_size_is_read_in_little_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "long.xml"
        speech = b"<junk><a>x</a></junk><speech speakername='A'><p>" + b"word " * 200 + b"</p></speech>"
        with path.open("wb") as file:
            file.write(b"<publicwhip>")
            for _ in range(40):
                file.write(speech * 100)
            file.write(b"</publicwhip>")
        kept = []
        for element in elements(File(path, "long.xml", "long"), "speech"):
            assert len(element.getparent()) < 100  # what the parser has read ahead, and no more
            kept.append(len(line_of(element)))
        assert kept == [999] * 4000

    def test_no_more_is_read_to_name_a_file_than_that_takes(self, tmp_path: Path) -> None:
        path = tmp_path / "a.xml"
        path.write_bytes(b"<rss>" + b"<<<" * 1_000_000)
        assert root_of(File(path, "a.xml", "a")).name == "rss"
