import gzip
from collections.abc import Iterable

import pytest

from ingest.web.discover import Found, Listing, Resource, Skipped, Validators, discover
from ingest.web.fetch import Fetched, Fetcher, NotModified
from retrieval.errors import InvalidRequest, SourceError
from tests.ingest.web.site import Page, Site

STORY = " ".join(["<p>Every caseload is different, the minister said on Monday.</p>"] * 12)


def urlset(*urls: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>{url}</loc><lastmod>2010</lastmod></url>' for url in urls)}</urlset>".encode()


def index(*urls: str) -> bytes:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{url}</loc></sitemap>' for url in urls)}</sitemapindex>".encode()


def resources(found: Iterable[Found]) -> list[str]:
    return [item.url for item in found if isinstance(item, Resource)]


def problems(found: Iterable[Found]) -> list[str]:
    return [item.problem for item in found if isinstance(item, SourceError)]


def test_a_page_is_itself_and_is_there_already(site: Site, fetcher: Fetcher) -> None:
    page = b"<!doctype html><html><body><p>a<br>b</p></body></html>"
    site.pages |= {
        "/old": Page(status=301, headers={"Location": "/a"}),
        "/a": Page(page, headers={"ETag": '"1"', "Content-Type": "text/html"}),
    }
    (found,) = discover(fetcher, site.url("/old"))
    assert isinstance(found, Resource)
    assert (found.url, found.changed) == (site.url("/a"), '"1"')
    assert found.fetched is not None
    assert found.fetched.path.read_bytes() == page


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b broken", b"plain words\n", b"<urlset", bytes(range(256))])
def test_what_cannot_be_told_is_a_page_for_its_reader_to_judge(site: Site, fetcher: Fetcher, body: bytes) -> None:
    site.pages["/a"] = Page(body, headers={"Content-Type": "text/plain"})
    assert resources(discover(fetcher, site.url("/a"))) == [site.url("/a")]


def test_a_sitemap_is_its_pages_in_its_order(site: Site, fetcher: Fetcher) -> None:
    pages = [site.url("/b"), site.url("/a"), site.url("/c")]
    site.pages["/sitemap.xml"] = Page(urlset(*pages, pages[0]), headers={"ETag": '"1"'})
    listing, *found = discover(fetcher, site.url("/sitemap.xml"))
    assert listing == Listing(site.url("/sitemap.xml"), "sitemap", Validators('"1"', None))
    assert found == [Resource(page, "2010", listed_in=site.url("/sitemap.xml")) for page in pages]
    assert site.asked == ["news.test/robots.txt", "news.test/sitemap.xml"]


def test_an_index_is_the_pages_of_its_sitemaps(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/index.xml": Page(index(site.url("/1.xml.gz"), site.url("/2.txt"), site.url("/index.xml"))),
        "/1.xml.gz": Page(gzip.compress(urlset(site.url("/a")))),
        "/2.txt": Page(site.url("/b").encode() + b"\n", headers={"Content-Type": "text/plain"}),
    }
    found = list(discover(fetcher, site.url("/index.xml")))
    assert resources(found) == [site.url("/a"), site.url("/b")]
    assert [item.url for item in found if isinstance(item, Listing)] == [
        site.url(path) for path in ("/index.xml", "/1.xml.gz", "/2.txt", "/index.xml")
    ]


def test_a_sitemap_that_fails_does_not_stop_the_others(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/index.xml": Page(index(site.url("/missing.xml"), site.url("/page.xml"), site.url("/1.xml"))),
        "/page.xml": Page(b"<html>not found</html>"),
        "/1.xml": Page(urlset(site.url("/a"))),
    }
    found = list(discover(fetcher, site.url("/index.xml")))
    assert resources(found) == [site.url("/a")]
    assert [problem[:34] for problem in problems(found)] == [
        "there is nothing at this address (",
        "this is listed as a sitemap and is",
    ]


def test_sitemaps_are_followed_three_deep(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {f"/{n}.xml": Page(index(site.url(f"/{n + 1}.xml"))) for n in range(6)}
    assert "more than 3 deep" in problems(discover(fetcher, site.url("/0.xml")))[0]
    assert "news.test/4.xml" not in site.asked


def test_pages_of_other_sites_are_passed_over_and_reported_once(site: Site, fetcher: Fetcher) -> None:
    urls = [
        "http://evil.test/a",
        "http://evil.test/b",
        "file:///etc/passwd",
        "nonsense",
        site.url("/a", "www.news.test"),
    ]
    site.pages["/sitemap.xml"] = Page(urlset(*urls))
    found = list(discover(fetcher, site.url("/sitemap.xml")))
    assert resources(found) == [urls[-1]]
    assert problems(found) == [
        "2 of its entries are of another site and were passed over, first 'http://evil.test/a'",
        "2 of its entries are no addresses of the web and were passed over, first 'file:///etc/passwd'",
    ]


def test_a_listing_is_complete_without_what_is_skipped_and_not_beyond_its_limit(site: Site, fetcher: Fetcher) -> None:
    site.pages["/sitemap.xml"] = Page(urlset(site.url("/a"), "http://evil.test/a", site.url("/b")))
    whole = [item for item in discover(fetcher, site.url("/sitemap.xml")) if isinstance(item, SourceError)]
    cut = [item for item in discover(fetcher, site.url("/sitemap.xml"), limit=1) if isinstance(item, SourceError)]
    assert [type(item) for item in (*whole, *cut)] == [Skipped, SourceError]


def test_a_sitemap_on_another_host_may_be_spoken_for(site: Site, fetcher: Fetcher) -> None:
    site.pages["/sitemap.xml"] = Page(urlset(site.url("/a", "other.test")))
    found = discover(fetcher, site.url("/sitemap.xml"), home=site.url("/", "other.test"))
    assert resources(found) == [site.url("/a", "other.test")]


def test_a_home_that_is_none_is_an_error(fetcher: Fetcher) -> None:
    with pytest.raises(InvalidRequest):
        discover(fetcher, "http://news.test/", home="news.test")


def test_there_is_a_limit_and_it_is_said(site: Site, fetcher: Fetcher) -> None:
    site.pages["/sitemap.xml"] = Page(urlset(*(site.url(f"/{n}") for n in range(5))))
    found = list(discover(fetcher, site.url("/sitemap.xml"), limit=2))
    assert resources(found) == [site.url("/0"), site.url("/1")]
    assert problems(found) == ["it lists more than 2; allow more, or name parts of it"]
    assert not problems(discover(fetcher, site.url("/sitemap.xml"), limit=5))


def test_a_listing_that_has_not_changed_is_not_read_again(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/index.xml": Page(index(site.url("/1.xml"), site.url("/2.xml"))),
        "/1.xml": Page(urlset(site.url("/a")), headers={"ETag": '"1"'}),
        "/2.xml": Page(urlset(site.url("/b")), headers={"ETag": '"2"'}),
    }
    first = list(discover(fetcher, site.url("/index.xml")))
    known = {item.url: item.validators for item in first if isinstance(item, Listing)}
    site.pages["/2.xml"] = Page(urlset(site.url("/b"), site.url("/c")), headers={"ETag": '"3"'})
    again = list(discover(fetcher, site.url("/index.xml"), known=known))
    assert resources(again) == [site.url("/b"), site.url("/c")]
    assert [item.asked for item in again if isinstance(item, NotModified)] == [site.url("/1.xml")]


def test_a_feed_is_its_entries(site: Site, fetcher: Fetcher) -> None:
    site.pages["/feed"] = Page(
        f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
        <item><title>Whole</title><link>/a</link><guid>1</guid><pubDate>Mon, 04 Oct 2010 12:00:00 GMT</pubDate>
          <content:encoded><![CDATA[{STORY}]]></content:encoded></item>
        <item><title>Teaser</title><link>http://other.test/b</link></item>
        <item><title>Pageless</title><guid isPermaLink="false">3</guid>
          <content:encoded><![CDATA[{STORY}]]></content:encoded></item>
        <item><title>Nothing</title></item>
        <item><title>Script</title><link>ftp://news.test/f</link></item>
        <item><title>Twice</title><link>/a</link></item>
        </channel></rss>""".encode(),
        headers={"Content-Type": "text/html"},
    )
    listing, *found = discover(fetcher, site.url("/feed"))
    assert isinstance(listing, Listing)
    assert listing.kind == "feed"
    assert resources(found) == [site.url("/a"), "http://other.test/b", site.url("/feed")]
    whole, teaser, pageless = (item for item in found if isinstance(item, Resource))
    assert (whole.changed, whole.title) == ("2010-10-04T12:00:00+00:00", "Whole")
    assert [item.entry and item.entry.whole for item in (whole, teaser, pageless)] == [True, False, True]
    assert problems(found) == [
        "1 of its entries have neither an address nor a text and were passed over, first 'Nothing'",
        "1 of its entries are no addresses of the web and were passed over, first 'ftp://news.test/f'",
    ]


def test_a_damaged_feed_is_reported_and_read(site: Site, fetcher: Fetcher) -> None:
    site.pages["/feed"] = Page(b"<rss><channel><item><title>a & b</title><link>/a</link></item></channel></rss>")
    found = list(discover(fetcher, site.url("/feed")))
    assert resources(found) == [site.url("/a")]
    assert "may be missing or cut" in problems(found)[0]


def test_an_address_that_cannot_be_fetched_is_an_error_among_the_found(site: Site, fetcher: Fetcher) -> None:
    assert "there is nothing" in problems(discover(fetcher, site.url("/missing")))[0]
    assert "only addresses" in problems(discover(fetcher, "file:///etc/passwd"))[0]


def test_files_of_listings_are_not_kept(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/sitemap.xml": Page(urlset(site.url("/a"))), "/a": Page(b"a")}
    list(discover(fetcher, site.url("/sitemap.xml")))
    page = fetcher.fetch(site.url("/a"))
    assert isinstance(page, Fetched)
    assert list(page.path.parent.iterdir()) == [page.path]
