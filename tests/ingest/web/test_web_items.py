"""A source on the web, kept in step: real pages over HTTP, a real archive."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.ids import id_of
from ingest.read import read
from ingest.sources import Gone, Source
from ingest.sync import sync
from retrieval import Archive
from retrieval.errors import SourceError
from tests.ingest.test_sync import make, told
from tests.ingest.web.site import Page, Site, served

WORDS = "The harbour master said that the ferry would sail at noon whatever the weather was like on the day. "


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return make(tmp_path / "archive")


def source(site: Site, path: str, *, gone: Gone = "keep", include: tuple[str, ...] = ()) -> Source:
    url = site.url(path, "127.0.0.1")
    return Source("web", url=url, gone=gone, include=include, allow=frozenset({"127.0.0.1"}), delay=0.0)


def page(title: str, words: str = WORDS, **headers: str) -> Page:
    body = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{words * 3}</p>"
        f"<p>{words * 2}</p></article></body></html>"
    )
    return Page(body.encode(), headers={"Content-Type": "text/html; charset=utf-8", **headers})


def sitemap(site: Site, **changed: str) -> Page:
    listed = "".join(
        f"<url><loc>{site.url(f'/{name}', '127.0.0.1')}</loc><lastmod>{when}</lastmod></url>"
        for name, when in changed.items()
    )
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'
    return Page(body.encode(), headers={"Content-Type": "application/xml"})


def feed(*entries: str) -> Page:
    body = f'<rss version="2.0"><channel><title>The Packet</title>{"".join(entries)}</channel></rss>'
    return Page(body.encode(), headers={"Content-Type": "application/rss+xml"})


def asked(site: Site) -> list[str]:
    """The paths that were asked for since the last time, robots.txt aside."""
    paths = [one.partition("/")[2] for one in site.asked]
    site.asked.clear()
    return [path for path in paths if path != "robots.txt"]


def id_at(site: Site, path: str) -> str:
    return id_of(site.url(path, "127.0.0.1"))


def test_of_a_sitemap_only_pages_that_have_changed_are_fetched(archive: Archive, site: Site) -> None:
    site.pages |= {"/map.xml": sitemap(site, a="2010-10-04", b="2010-10-04"), "/a": page("Ferry"), "/b": page("Bridge")}
    one = source(site, "/map.xml", gone="delete")
    a, b = id_at(site, "/a"), id_at(site, "/b")
    assert told(sync(archive, one)) == {"new": [a, b]}
    assert asked(site) == ["map.xml", "a", "b"]
    assert told(sync(archive, one)) == {"unchanged": 2}
    assert asked(site) == ["map.xml"]
    site.pages |= {"/map.xml": sitemap(site, a="2010-10-05"), "/a": page("Ferry", "The ferry is late. " * 9)}
    assert told(sync(archive, one)) == {"changed": [a], "withdrawn": [b]}
    assert asked(site) == ["map.xml", "a"]


def test_a_page_is_asked_whether_it_has_changed(archive: Archive, site: Site) -> None:
    site.pages["/a"] = page("Ferry", ETag='"1"')
    one = source(site, "/a")
    assert told(sync(archive, one)) == {"new": [id_at(site, "/a")]}
    assert told(sync(archive, one)) == {"unchanged": 1}
    assert site.headers["If-None-Match"] == '"1"'


def test_an_unchanged_listing_is_not_read(archive: Archive, site: Site) -> None:
    listing = sitemap(site, a="2010-10-04")
    site.pages |= {"/map.xml": Page(listing.body, headers={**listing.headers, "ETag": '"7"'}), "/a": page("Ferry")}
    one = source(site, "/map.xml", gone="delete")
    sync(archive, one)
    asked(site)
    assert told(sync(archive, one)) == {"unchanged": 1}
    assert asked(site) == ["map.xml"]


def test_what_could_not_be_fetched_is_tried_again_though_its_listing_has_not_changed(
    archive: Archive, site: Site
) -> None:
    listing = sitemap(site, a="2010-10-04")
    site.pages |= {"/map.xml": Page(listing.body, headers={**listing.headers, "ETag": '"7"'}), "/a": Page(status=403)}
    one = source(site, "/map.xml")
    (problem,) = sync(archive, one).failed
    assert "does not let us read it" in str(problem)
    site.pages["/a"] = page("Ferry")
    assert told(sync(archive, one)) == {"new": [id_at(site, "/a")]}


def test_a_page_that_is_there_no_longer_is_withdrawn_only_where_the_rules_say_so(archive: Archive, site: Site) -> None:
    site.pages |= {"/map.xml": sitemap(site, a="2010-10-04"), "/a": page("Ferry")}
    sync(archive, source(site, "/map.xml"))
    site.pages |= {"/map.xml": sitemap(site, a="2010-10-05"), "/a": Page(status=410)}
    report = sync(archive, source(site, "/map.xml"))
    assert (report.kept, len(report.failed)) == ([id_at(site, "/a")], 1)
    assert sync(archive, source(site, "/map.xml", gone="delete")).withdrawn == [id_at(site, "/a")]


def test_entries_that_a_feed_no_longer_names_have_not_gone(archive: Archive, site: Site) -> None:
    entry = "<item><title>{0}</title><link>http://127.0.0.1:{1}/{0}</link><guid>{0}</guid></item>"
    site.pages |= {"/feed": feed(entry.format("a", site.port)), "/a": page("Ferry"), "/b": page("Bridge")}
    one = source(site, "/feed", gone="delete")
    assert told(sync(archive, one)) == {"new": [id_at(site, "/a")]}
    site.pages["/feed"] = feed(entry.format("b", site.port))
    assert told(sync(archive, one)) == {"new": [id_at(site, "/b")]}
    assert archive.has(id_at(site, "/a"))


def test_an_entry_that_is_the_whole_article_needs_no_page(archive: Archive, site: Site) -> None:
    entry = (
        "<item><title>Ferry</title><link>http://127.0.0.1:{0}/a</link>"
        "<pubDate>Mon, 04 Oct 2010 23:30:00 -0500</pubDate>"
        '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[<p>{1}</p><p>End.</p>]]>'
        "</content:encoded></item>"
    )
    site.pages["/feed"] = feed(entry.format(site.port, WORDS * 8))
    one = source(site, "/feed")
    assert told(sync(archive, one)) == {"new": [id_at(site, "/a")]}
    assert asked(site) == ["feed"]
    article = archive.article(id_at(site, "/a")).article
    assert (article.title, article.published) == ("Ferry", "2010-10-04")
    assert article.text.rstrip().endswith("\n\nEnd.")
    assert article.url == site.url("/a", "127.0.0.1")
    site.pages["/feed"] = feed(entry.format(site.port, WORDS * 9))
    assert told(sync(archive, one)) == {"changed": [id_at(site, "/a")]}


def test_other_patterns_are_heard_though_the_listing_has_not_changed(archive: Archive, site: Site) -> None:
    listing = sitemap(site, a="2010-10-04", b="2010-10-04")
    site.pages |= {
        "/map.xml": Page(listing.body, headers={**listing.headers, "ETag": '"7"'}),
        "/a": page("Ferry"),
        "/b": page("Bridge"),
    }
    sync(archive, source(site, "/map.xml", include=("*/a",)))
    assert told(sync(archive, source(site, "/map.xml"))) == {"new": [id_at(site, "/b")], "unchanged": 1}


def test_when_most_of_a_site_has_gone_the_answer_is_heard_though_the_listing_has_not_changed(
    archive: Archive, site: Site
) -> None:
    names = [f"p{n}" for n in range(14)]
    site.pages |= {f"/{name}": page(f"Ferry {name}", f"The ferry {name} is late. " * 9) for name in names}
    site.pages["/map.xml"] = sitemap(site, **dict.fromkeys(names, "2010-10-04"))
    sync(archive, source(site, "/map.xml", gone="delete"))
    few = sitemap(site, p0="2010-10-04")
    site.pages["/map.xml"] = Page(few.body, headers={**few.headers, "ETag": '"8"'})
    assert "13 of its 14 articles have gone" in str(sync(archive, source(site, "/map.xml", gone="delete")).failed[0])
    assert len(sync(archive, source(site, "/map.xml", gone="delete"), many_gone=True).withdrawn) == 13


def test_nobody_speaks_for_the_pages_of_another_site(archive: Archive, site: Site) -> None:
    content = f"<content:encoded><![CDATA[<p>{WORDS * 8}</p>]]></content:encoded>"
    entry = f"<item><title>Fake</title><link>http://127.0.0.2:{site.port}/a</link>{content}</item>"
    whole = feed(entry).body.replace(b"<rss ", b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" ')
    site.pages |= {
        "/feed": Page(whole, headers={"Content-Type": "application/rss+xml"}),
        "/note.md": Page(b"---\nid: statement-1\n---\nThe ferry sails.", headers={"Content-Type": "text/markdown"}),
        "/all.jsonl": Page(
            b'{"id": "statement-2", "text": "It rains.", "url": "https://other.example/a"}',
            headers={"Content-Type": "application/x-ndjson"},
        ),
    }
    (refused,) = sync(archive, source(site, "/feed")).failed
    assert refused.where == f"http://127.0.0.2:{site.port}/a"
    assert told(sync(archive, source(site, "/note.md"))) == {"new": [id_at(site, "/note.md")]}
    (own,) = sync(archive, replace(source(site, "/all.jsonl"), name="records")).new
    assert own == f"{id_at(site, '/all.jsonl')}-statement-2"
    assert archive.article(own).article.url is None


def test_articles_that_come_together_stay_apart(archive: Archive, site: Site) -> None:
    letters = [f"From a@b.example\nMessage-ID: <{n}@b.example>\nSubject: {n}\nFrom: A\n\nLetter {n}.\n\n" for n in "xy"]
    site.pages["/all.mbox"] = Page("".join(letters).encode(), headers={"Content-Type": "application/mbox"})
    own = id_at(site, "/all.mbox")
    assert told(sync(archive, source(site, "/all.mbox"))) == {"new": [f"{own}-{n}@b.example" for n in "xy"]}


def test_a_time_that_no_clock_shows_is_no_time(archive: Archive, site: Site) -> None:
    never = "Mon, 01 Jan 99999999999999 00:00:00 GMT"
    entries = [
        f"<item><title>{name}</title><link>http://127.0.0.1:{site.port}/{name}</link><pubDate>{never}</pubDate></item>"
        for name in "ab"
    ]
    busy = Page(status=429, headers={"Retry-After": never, "Date": never})
    site.pages |= {"/feed": feed(*entries), "/a": page("Ferry"), "/b": [busy, busy, busy, page("Bridge")]}
    report = sync(archive, source(site, "/feed"))
    assert report.new == [id_at(site, "/a")]
    assert "429" in str(report.failed[0])


def test_patterns_are_applied_before_anything_is_fetched(archive: Archive, site: Site) -> None:
    site.pages |= {"/map.xml": sitemap(site, a="2010-10-04", b="2010-10-04"), "/a": page("Ferry")}
    report = sync(archive, source(site, "/map.xml", include=("*/a",)))
    assert told(report) == {"new": [id_at(site, "/a")]}
    assert asked(site) == ["map.xml", "a"]


class TestRead:
    def test_an_address_is_read_with_the_rest(self, site: Site) -> None:
        site.pages |= {"/map.xml": sitemap(site, a="2010-10-04", b="2010-10-04"), "/a": page("Ferry")}
        url = site.url("/map.xml", "127.0.0.1")
        article, missing = read([url], options={"allow": frozenset({"127.0.0.1"})})
        assert isinstance(article, Document)
        assert (article.id, article.given["url"]) == (id_at(site, "/a"), site.url("/a", "127.0.0.1"))
        assert isinstance(missing, SourceError)
        assert missing.where == site.url("/b", "127.0.0.1")

    def test_loopback_is_refused_unless_it_is_allowed(self, site: Site) -> None:
        (refused,) = read([site.url("/a", "127.0.0.1")])
        assert isinstance(refused, SourceError)
        assert "public" in refused.problem
        assert not site.asked
