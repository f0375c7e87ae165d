import gzip
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.web.failures import Failure
from ingest.web.sitemaps import Location, is_list, is_sitemap, lines, locations, root, unpacked
from retrieval.errors import SourceError

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://news.test/a?x=1&amp;y=2 </loc><lastmod>2010-10-05</lastmod>
  <image:image><image:loc>https://news.test/a.jpg</image:loc><image:title>A picture</image:title></image:image>
  <news:news><news:publication><news:name>The News</news:name></news:publication>
  <news:publication_date>2010-10-04T12:00:00+01:00</news:publication_date>
  <news:title>Caseloads &lt;b&gt;
    and vacancies</news:title></news:news></url>
<url><loc>https://news.test/b</loc></url>
</urlset>"""


def read(text: str | bytes, size: int = 7) -> list[Location | SourceError]:
    data = text.encode() if isinstance(text, str) else text
    return list(locations((data[at : at + size] for at in range(0, len(data), size)), "sitemap.xml"))


def errors(found: list[Location | SourceError]) -> list[str]:
    return [str(item) for item in found if isinstance(item, SourceError)]


def test_a_sitemap_of_news() -> None:
    assert read(NEWS) == [
        Location(
            "https://news.test/a?x=1&y=2",
            changed="2010-10-05",
            published="2010-10-04T12:00:00+01:00",
            title="Caseloads <b> and vacancies",
        ),
        Location("https://news.test/b"),
    ]


def test_an_index_of_sitemaps() -> None:
    index = "<sitemapindex><sitemap><loc>https://news.test/1.xml</loc><lastmod>2010</lastmod></sitemap></sitemapindex>"
    assert read(index) == [Location("https://news.test/1.xml", is_sitemap=True, changed="2010")]


def test_the_date_of_publication_is_the_mark_where_there_is_no_other() -> None:
    (found,) = read("<urlset><url><loc>a</loc><news><publication_date>2010</publication_date></news></url></urlset>")
    assert isinstance(found, Location)
    assert found.changed == "2010"


def test_what_comes_before_the_damage_is_handed_out_and_the_damage_named() -> None:
    found = read("<urlset><url><loc>a</loc></url>\n<url><loc>b</url></urlset>")
    assert found[0] == Location("a")
    assert errors(found) == ["sitemap.xml:2: not a sitemap from here on (mismatched tag); tell the publisher"]


def test_entries_without_an_address_are_counted() -> None:
    found = read("<urlset><url/><url><loc> </loc></url><url><loc>a</loc></url></urlset>")
    assert found[0] == Location("a")
    assert errors(found) == ["sitemap.xml: 2 of its entries have no address and were passed over"]


def test_entities_are_refused_before_they_can_grow() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{lol}]><urlset><url><loc>&l9;</loc></url></urlset>'
    assert "declares a document type" in errors(read(bomb))[0]


def test_files_of_this_machine_cannot_be_drawn_in() -> None:
    bomb = '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>'
    assert "declares a document type" in errors(read(bomb))[0]


@pytest.mark.parametrize("text", ["<a>" * 100_000, "<urlset>" + "<url>" * 100_000])
def test_elements_without_end_in_one_another_are_refused(text: str) -> None:
    assert errors(read(text, 1 << 16))[0].startswith("sitemap.xml: ")


def test_a_text_without_end_is_cut() -> None:
    (found,) = read(f"<urlset><url><loc>{'a' * 1_000_000}</loc></url></urlset>", 1 << 16)
    assert isinstance(found, Location)
    assert len(found.url) == 4096


@pytest.mark.parametrize("text", ["", "<html/>", "Caseloads", "\0"])
def test_what_is_no_sitemap_is_an_error(text: str) -> None:
    (found,) = read(text)
    assert isinstance(found, SourceError)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"<urlset><url><lo", "urlset"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a --><s:urlset xmlns:s="x">', "urlset"),
        (b"\n <rss><channel>", "rss"),
        ('<?xml version="1.0" encoding="UTF-16"?><feed/>'.encode("utf-16"), "feed"),
        (b"<!doctype html><html><p>a<br>b", None),
        (b"{}", None),
        (b"", None),
    ],
)
def test_xml_is_told_by_its_first_element(head: bytes, name: str | None) -> None:
    assert root(head) == name
    assert is_sitemap(head) is (name == "urlset")


def test_a_gzip_file_is_unpacked_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml"
    path.write_bytes(gzip.compress(NEWS.encode()))
    assert b"".join(unpacked(path)).decode() == NEWS
    path.write_text(NEWS)
    assert b"".join(unpacked(path)).decode() == NEWS


def test_a_gzip_file_that_unpacks_without_end_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml.gz"
    path.write_bytes(gzip.compress(b"\0" * 1_000_000))
    with pytest.raises(Failure, match="larger than 1,000 bytes"):
        list(unpacked(path, 1_000))


def test_a_list_of_addresses_is_a_sitemap_too() -> None:
    text = b"\xef\xbb\xbfhttps://news.test/a\r\n\r\nhttps://news.test/b"
    assert is_list(text)
    assert list(lines([text[:5], text[5:]], "list.txt")) == [
        Location("https://news.test/a"),
        Location("https://news.test/b"),
    ]


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"Caseloads\n", b"https://news.test/a and more\n", b"https://a.test/\nhe said\nb"]
)
def test_other_text_is_no_list(text: bytes) -> None:
    assert not is_list(text)


def test_a_list_with_a_line_without_end_breaks_off() -> None:
    *found, error = lines([b"https://news.test/a\n", b"x" * 5_000], "list.txt")
    assert found == [Location("https://news.test/a")]
    assert isinstance(error, SourceError)


@settings(max_examples=100)
@example(b"a", NEWS.index("UTF-8"))
@given(st.binary(max_size=50), st.integers(0, len(NEWS)))
def test_no_damage_does_more_than_be_reported(data: bytes, at: int) -> None:
    whole = NEWS.encode()
    for item in read(whole[:at] + data + whole[at:], 64):
        assert isinstance(item, (Location, SourceError))
