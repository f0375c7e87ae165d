from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds import feed
from retrieval.errors import SourceError

STORY = " ".join(["<p>Every caseload is different, the minister said on Monday.</p>"] * 12)


def rss(items: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The News</title>'
        f"<language>en-gb</language>{more}{items}</channel></rss>"
    ).encode()


def content(html: str) -> str:
    return f"<content:encoded><![CDATA[{html}]]></content:encoded>"


def test_an_entry_of_rss() -> None:
    found = feed(
        rss(
            "<item><title>Caseloads &amp; vacancies</title><link>https://news.test/a</link>"
            "<guid isPermaLink='false'>tag:news.test,2010:1</guid><dc:creator>Jane Smith</dc:creator>"
            "<pubDate>Mon, 04 Oct 2010 00:30:00 +0100</pubDate>"
            f"<description>A teaser.</description>{content(STORY)}</item>"
        )
    )
    assert (found.title, found.language, found.damage) == ("The News", "en-gb", None)
    (entry,) = found.entries
    assert (entry.id, entry.link) == ("tag:news.test,2010:1", "https://news.test/a")
    assert (entry.title, entry.author) == ("Caseloads & vacancies", "Jane Smith")
    assert (entry.content, entry.media_type, entry.whole) == (STORY, "text/html", True)
    assert entry.updated is None


def test_an_entry_of_atom() -> None:
    (entry,) = feed(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>Caseloads</title>'
        '<link rel="alternate" href="/a"/><author><name>Jane Smith</name></author>'
        "<published>2010-10-04T00:30:00+01:00</published><updated>2010-10-05T09:00:00Z</updated>"
        f'<content type="text">{"Every caseload is different. " * 20}</content></entry></feed>'.encode(),
        base="https://news.test/feeds/all",
    ).entries
    assert (entry.id, entry.link, entry.author) == ("urn:1", "https://news.test/a", "Jane Smith")
    assert (entry.published, entry.updated) == ("2010-10-04T00:30:00+01:00", "2010-10-05T09:00:00+00:00")
    assert (entry.media_type, entry.whole) == ("text/plain", True)


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("Mon, 04 Oct 2010 00:30:00 +0100", "2010-10-04T00:30:00+01:00"),
        ("2010-10-04", "2010-10-04T00:00:00"),
        ("Mon, 04 Oct 2010 12:00:00 BST", "2010-10-04T12:00:00"),
        ("yesterday", None),
        ("", None),
        ("Mon, 04 Oct 99999 00:30:00 +0100", None),
    ],
)
def test_dates_keep_the_publishers_day(written: str, published: str | None) -> None:
    (entry,) = feed(rss(f"<item><title>a</title><pubDate>{written}</pubDate></item>")).entries
    assert entry.published == published


@pytest.mark.parametrize(
    "item",
    [
        f"<description><![CDATA[{STORY}]]></description>",  # nobody says that a description is all of it
        content("<p>Every caseload is different.</p>"),
        content(STORY + "<p>The minister went on [&#8230;]</p>"),
        content(STORY + "<p>The minister went on…</p>"),
        content(STORY + '<p><a href="https://news.test/a">Continue reading Caseloads &rarr;</a></p>'),
        content(STORY + "[...] <p>The post <a>Caseloads</a> appeared first on <a>The News</a>.</p>"),
        "",
    ],
)
def test_what_breaks_off_or_is_no_content_is_a_summary(item: str) -> None:
    (entry,) = feed(rss(f"<item><title>a</title><link>https://news.test/a</link>{item}</item>")).entries
    assert not entry.whole


def test_a_note_of_where_it_appeared_does_not_make_an_article_a_summary() -> None:
    note = "<p>The post <a>Caseloads</a> appeared first on <a>The News</a>.</p>"
    (entry,) = feed(rss(f"<item><title>a</title>{content(STORY + note)}</item>")).entries
    assert entry.whole


def test_content_is_the_html_that_the_feed_gives() -> None:
    html = STORY + '<p onclick="x()"><a href="/b">b</a></p>'
    (entry,) = feed(rss(f"<item><title>a</title>{content(html)}</item>"), base="https://news.test/").entries
    assert entry.content == html


def test_what_is_left_of_a_damaged_feed_is_read_and_the_damage_named() -> None:
    found = feed(
        rss("<item><title>a</title><link>https://news.test/a</link></item>\n<item><title>b & c</title></item>")
    )
    assert [entry.title for entry in found.entries] == ["a", "b & c"]
    assert found.damage is not None
    assert "may be missing or cut" in found.damage


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"<html><p>a page</p></html>", b'{"version": "1.1"}', b"Caseloads"])
def test_what_is_no_feed_is_an_error(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"feed\.xml: this is no RSS or Atom feed"):
        feed(data, "feed.xml")


def test_data_that_looks_like_a_path_or_an_address_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(rss("<item><title>secret</title></item>"))
    for data in (str(path).encode(), b"http://127.0.0.1:1/", path.as_uri().encode()):
        with pytest.raises(SourceError):
            feed(data)


def test_entities_do_not_grow() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lol}<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    found = feed(bomb.encode() + rss("<item><title>&l9;</title><description>&file;</description></item>")[38:])
    assert len(repr(found)) < 1_000
    assert "root:" not in repr(found)


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 300))
def test_no_damage_does_more_than_be_reported(data: bytes, at: int) -> None:
    whole = rss(f"<item><title>a</title><pubDate>Mon, 04 Oct 2010</pubDate>{content('b')}</item>")
    try:
        found = feed(whole[:at] + data + whole[at:])
    except SourceError:
        return
    assert all(entry.title is None or "\n" not in entry.title for entry in found.entries)
