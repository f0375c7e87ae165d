import gzip
import ssl
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ingest.web.fetch import Fetched, Fetcher, Limits, NotModified
from retrieval.errors import InvalidRequest, SourceError, SourceGone
from tests.ingest.web.site import CERTIFICATE, Clock, Names, Page, Site, Visit, served

STORY = b"<html><p>Every caseload is different.</p></html>"
# Without the time: names of tests must not change from one run to the next.
packed = partial(gzip.compress, mtime=0)


def fetched(fetcher: Fetcher, url: str) -> Fetched:
    found = fetcher.fetch(url)
    assert isinstance(found, Fetched)
    return found


def problem(fetcher: Fetcher, url: str) -> str:
    """What is wrong with an address; one line that names it."""
    with pytest.raises(SourceError) as raised:
        fetcher.fetch(url)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(raised.value.where)
    return raised.value.problem


def fetching(site: Site, **more: object) -> Fetcher:
    """A fetcher for which time passes."""
    options: dict[str, object] = {"allow": ["news.test"], "resolve": Names(news_test=["127.0.0.1"]), **more}
    return Fetcher(**options)  # type: ignore[arg-type]


# --- what is fetched -----------------------------------------------------------------------------------


def test_a_page_is_in_a_file_with_what_the_server_says_of_it(site: Site, fetcher: Fetcher) -> None:
    said = {
        "Content-Type": "Text/HTML; charset=ISO-8859-2",
        "ETag": '"1"',
        "Last-Modified": "Mon, 04 Oct 2010 12:00:00 GMT",
    }
    site.pages["/a"] = Page(STORY, headers=said)
    page = fetched(fetcher, site.url("/a#top"))
    assert page.path.read_bytes() == STORY
    assert (page.media_type, page.charset) == ("text/html", "iso-8859-2")
    assert (page.etag, page.last_modified) == ('"1"', "Mon, 04 Oct 2010 12:00:00 GMT")
    assert (page.asked, page.url, page.status) == (site.url("/a"), site.url("/a"), 200)


def test_what_a_server_does_not_say_is_none(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(STORY)
    page = fetched(fetcher, site.url("/a"))
    assert (page.media_type, page.charset, page.etag, page.last_modified) == (None, None, None, None)


def test_files_are_gone_when_they_are_discarded_and_when_the_fetcher_is_closed(site: Site, clock: Clock) -> None:
    site.pages |= {"/a": Page(STORY), "/b": Page(STORY)}
    with fetching(site, clock=clock, sleep=clock.sleep) as fetcher:
        first, second = fetched(fetcher, site.url("/a")), fetched(fetcher, site.url("/b"))
        first.discard()
        assert [first.path.exists(), second.path.exists()] == [False, True]
    assert not second.path.parent.exists()


def test_the_request_says_who_we_are_and_keeps_no_cookie(site: Site, clock: Clock) -> None:
    site.pages |= {"/a": Page(STORY, headers={"Set-Cookie": "track=1"}), "/b": Page(STORY)}
    with fetching(site, contact="desk@example.org", clock=clock, sleep=clock.sleep) as fetcher:
        fetched(fetcher, site.url("/a"))
        fetched(fetcher, site.url("/b"))
    assert site.headers["User-Agent"].startswith("onrecord/")
    assert site.headers["User-Agent"].endswith(" (+desk@example.org)")
    assert "Cookie" not in site.headers
    assert site.headers["Host"] == f"news.test:{site.port}"


@pytest.mark.parametrize("contact", ["", "a\r\nX-Forged: 1", "a) (b", "café"])
def test_a_contact_cannot_forge_a_header(contact: str) -> None:
    with pytest.raises(InvalidRequest):
        Fetcher(contact=contact)


def test_redirects_are_followed_and_both_addresses_kept(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/old": Page(status=301, headers={"Location": "new?x=ü"}), "/new": Page(STORY)}
    page = fetched(fetcher, site.url("/old"))
    assert (page.asked, page.url) == (site.url("/old"), site.url("/new?x=%C3%BC"))


# --- changes -------------------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(STORY, headers={"ETag": '"1"'})
    page = fetched(fetcher, site.url("/a"))
    again = fetcher.fetch(page.asked, etag=page.etag, last_modified="Mon, 04 Oct 2010 12:00:00 GMT")
    assert again == NotModified(page.asked, page.url, '"1"', "Mon, 04 Oct 2010 12:00:00 GMT")
    assert site.headers["If-Modified-Since"] == "Mon, 04 Oct 2010 12:00:00 GMT"


def test_what_has_changed_comes_with_its_new_mark(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(STORY, headers={"ETag": '"2"'})
    page = fetcher.fetch(site.url("/a"), etag='"1"')
    assert isinstance(page, Fetched)
    assert page.etag == '"2"'


def test_not_modified_is_no_answer_to_somebody_who_has_nothing(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(status=304)
    assert "304 Not Modified" in problem(fetcher, site.url("/a"))


def test_a_mark_cannot_forge_a_header(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="cannot be sent"):
        fetcher.fetch(site.url("/a"), etag='"1"\r\nX-Forged: 1')


# --- statuses and tries --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_told_apart_from_what_fails(site: Site, fetcher: Fetcher, status: int) -> None:
    site.pages["/a"] = Page(status=status)
    with pytest.raises(SourceGone):
        fetcher.fetch(site.url("/a"))


@pytest.mark.parametrize(
    ("status", "words"), [(403, "ask the publisher"), (451, "in a browser"), (204, "in a browser")]
)
def test_other_statuses_are_errors_by_their_standard_name(
    site: Site, fetcher: Fetcher, status: int, words: str
) -> None:
    site.pages["/a"] = Page(status=status)
    assert words in problem(fetcher, site.url("/a"))


def test_a_servers_own_words_do_not_get_into_messages(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = b"HTTP/1.1 403 \x1b[31mHacked\r\nContent-Length: 0\r\n\r\n"
    assert "Hacked" not in problem(fetcher, site.url("/a"))


def test_a_failing_server_is_asked_three_times_with_growing_pauses(site: Site, fetcher: Fetcher, clock: Clock) -> None:
    site.pages |= {"/robots.txt": Page(), "/a": Page(status=502)}
    assert "502 Bad Gateway" in problem(fetcher, site.url("/a"))
    assert site.asked.count("news.test/a") == 3
    assert clock.slept == [1, 2, 4]


def test_a_server_that_recovers_is_forgiven(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncut", Page(STORY)]
    assert fetched(fetcher, site.url("/a")).path.read_bytes() == STORY


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    site: Site, fetcher: Fetcher, clock: Clock, status: int
) -> None:
    site.pages["/a"] = [Page(status=status, headers={"Retry-After": "45"}), Page(STORY)]
    fetched(fetcher, site.url("/a"))
    assert clock.slept == [1, 45]


def test_retry_after_may_be_a_date_by_the_servers_own_clock(site: Site, fetcher: Fetcher, clock: Clock) -> None:
    def busy(visit: Visit) -> None:
        visit.wfile.write(
            b"HTTP/1.1 503 Busy\r\nDate: Mon, 04 Oct 2010 12:00:00 GMT\r\n"
            b"Retry-After: Mon, 04 Oct 2010 12:00:30 GMT\r\nContent-Length: 0\r\n\r\n"
        )

    site.pages["/a"] = [busy, Page(STORY)]
    fetched(fetcher, site.url("/a"))
    assert clock.slept == [1, 30]


def test_a_server_that_wants_hours_is_an_error_and_is_not_asked_again(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/a": Page(status=429, headers={"Retry-After": "7200"}), "/b": Page(STORY)}
    assert "left alone for another 7200 s" in problem(fetcher, site.url("/a"))
    assert "left alone" in problem(fetcher, site.url("/b"))
    assert site.asked == ["news.test/robots.txt", "news.test/a"]


# --- politeness ----------------------------------------------------------------------------------------


def test_there_is_a_pause_between_any_two_requests_to_a_host(site: Site, fetcher: Fetcher, clock: Clock) -> None:
    site.pages |= {"/a": Page(STORY), "/b": Page(STORY)}
    fetched(fetcher, site.url("/a"))
    fetched(fetcher, site.url("/b"))
    assert clock.slept == [1, 1]


# --- robots.txt ----------------------------------------------------------------------------------------


def robots(text: str) -> Page:
    return Page(text.encode(), headers={"Content-Type": "text/plain"})


def test_what_robots_txt_disallows_is_not_asked_for(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/robots.txt": robots("User-agent: *\nDisallow: /private\nAllow: /private/a$\n"),
        "/private/a": Page(STORY),
    }
    fetched(fetcher, site.url("/private/a"))
    assert "robots.txt does not let onrecord fetch this" in problem(fetcher, site.url("/private/b"))
    assert "news.test/private/b" not in site.asked


def test_rules_for_onrecord_go_before_those_for_everybody(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/robots.txt": robots("User-agent: *\nAllow: /\n\nUser-agent: OnRecord\nDisallow: /"),
        "/a": Page(STORY),
    }
    assert "robots.txt" in problem(fetcher, site.url("/a"))


def test_a_redirect_does_not_lead_round_robots_txt(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {
        "/robots.txt": robots("User-agent: *\nDisallow: /private"),
        "/a": Page(status=302, headers={"Location": "/private"}),
        "/private": Page(STORY),
    }
    assert "robots.txt" in problem(fetcher, site.url("/a"))
    assert "news.test/private" not in site.asked


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_without_a_robots_txt_everything_may_be_fetched(site: Site, fetcher: Fetcher, status: int) -> None:
    site.pages |= {"/robots.txt": Page(status=status), "/a": Page(STORY)}
    fetched(fetcher, site.url("/a"))


@pytest.mark.parametrize("answer", [Page(status=500), Page(status=503), Page(status=429), b""])
def test_nothing_is_fetched_while_robots_txt_cannot_be_read(site: Site, fetcher: Fetcher, answer: Page | bytes) -> None:
    site.pages |= {"/robots.txt": answer, "/a": Page(STORY)}
    assert "as long as its robots.txt cannot be read" in problem(fetcher, site.url("/a"))
    assert "as long as its robots.txt cannot be read" in problem(fetcher, site.url("/a"))
    assert site.asked == ["news.test/robots.txt"] * 3


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\0garbage", b"<html>not found</html>", b"Disallow: /", b"\n" * 600_000]
)
def test_a_robots_txt_without_a_rule_for_us_allows_everything(site: Site, fetcher: Fetcher, body: bytes) -> None:
    site.pages |= {"/robots.txt": Page(body), "/a": Page(STORY)}
    fetched(fetcher, site.url("/a"))


def test_of_a_robots_txt_without_end_the_first_500_kib_count(site: Site, fetcher: Fetcher) -> None:
    rules = b"User-agent: *\nDisallow: /first\n" + b"#" * (500 << 10) + b"\nDisallow: /last\n"
    site.pages |= {"/robots.txt": Page(rules), "/last": Page(STORY)}
    fetched(fetcher, site.url("/last"))
    assert "robots.txt" in problem(fetcher, site.url("/first"))


def test_robots_txt_may_redirect_five_times_to_other_hosts_too(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {f"/{n}": Page(status=302, headers={"Location": f"/{n + 1}"}) for n in range(1, 5)}
    site.pages |= {
        "/robots.txt": Page(status=301, headers={"Location": site.url("/1", "other.test")}),
        "/5": robots("User-agent: *\nDisallow: /"),
    }
    assert "does not let onrecord" in problem(fetcher, site.url("/a"))


def test_a_robots_txt_that_redirects_for_ever_is_as_none(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/robots.txt": Page(status=302, headers={"Location": "/robots.txt"}), "/a": Page(STORY)}
    fetched(fetcher, site.url("/a"))


def test_robots_txt_is_read_once_a_day(site: Site, fetcher: Fetcher, clock: Clock) -> None:
    site.pages |= {"/robots.txt": robots(""), "/a": Page(STORY)}
    fetched(fetcher, site.url("/a"))
    clock.now += 23 * 3600
    fetched(fetcher, site.url("/a"))
    assert site.asked.count("news.test/robots.txt") == 1
    clock.now += 2 * 3600
    site.pages["/robots.txt"] = robots("User-agent: *\nDisallow: /")
    assert "robots.txt" in problem(fetcher, site.url("/a"))


@pytest.mark.parametrize(("asked", "kept"), [("0.1", 1), ("7", 7), ("86400", 30), ("soon", 1)])
def test_crawl_delay_makes_pauses_longer_within_reason(
    site: Site, fetcher: Fetcher, clock: Clock, asked: str, kept: int
) -> None:
    site.pages |= {"/robots.txt": robots(f"User-agent: *\nCrawl-delay: {asked}"), "/a": Page(STORY)}
    fetched(fetcher, site.url("/a"))
    fetched(fetcher, site.url("/a"))
    assert clock.slept[-1] == kept


# --- where we may go -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "169.254.169.254",
    ],
)
def test_no_spelling_of_a_private_address_is_connected_to(site: Site, host: str, clock: Clock) -> None:
    with Fetcher(resolve=Names(), clock=clock, sleep=clock.sleep) as fetcher:
        assert "not a public address" in problem(fetcher, site.url("/a", host))
        assert "not a public address" in problem(fetcher, f"http://{host}/a")
    assert not site.asked


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/b",
        "http://2130706433:{port}/b",
        "http://0x7f000001:{port}/b",
        "http://017700000001:{port}/b",
        "http://[::ffff:127.0.0.1]:{port}/b",
        "http://169.254.169.254/latest/meta-data/",
        "http://intranet.test:{port}/b",
        "//intranet.test:{port}/b",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/b",
        "javascript:alert(1)",
        "http://user:secret@news.test:{port}/b",
        "http://0177.0.0.1/b",
        "http://[::1",
        "http://\x01/",
        "",
    ],
)
def test_a_redirect_leads_nowhere_that_may_not_be_asked_for(site: Site, location: str, clock: Clock) -> None:
    to = location.format(port=site.port)
    site.pages |= {"/a": f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n".encode("latin-1"), "/b": Page(STORY)}
    names = Names(news_test=["127.0.0.1"], intranet_test=["127.0.0.1"])
    with Fetcher(allow={"news.test"}, resolve=names, clock=clock, sleep=clock.sleep) as fetcher:
        assert "secret" not in problem(fetcher, site.url("/a"))
    assert not any(asked.endswith("/b") for asked in site.asked)


def test_a_robots_txt_cannot_lead_to_a_private_address_either(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/robots.txt": Page(status=302, headers={"Location": site.url("/b", "intranet.test")}), "/b": Page()}
    assert "not a public address" in problem(fetcher, site.url("/a"))
    assert site.asked == ["news.test/robots.txt"]


def test_a_name_that_changes_its_address_is_refused_at_the_next_connection(site: Site, clock: Clock) -> None:
    names = Names(news_test=["127.0.0.1", "10.0.0.7"])
    site.pages["/robots.txt"] = Page(headers={"Connection": "close"})
    site.pages["/a"] = Page(STORY)
    with Fetcher(allow={"127.0.0.1"}, resolve=names, clock=clock, sleep=clock.sleep) as fetcher:
        assert "news.test is 10.0.0.7, which is not a public address" in problem(fetcher, site.url("/a"))
    assert site.asked == ["news.test/robots.txt"]


def test_a_name_is_looked_up_once_a_connection_and_what_was_checked_is_connected_to(site: Site, clock: Clock) -> None:
    names = Names(news_test=["10.0.0.7 127.0.0.1", "10.0.0.7"])
    site.pages |= {"/robots.txt": Page(), "/a": Page(STORY)}
    with Fetcher(allow={"127.0.0.0/8"}, resolve=names, clock=clock, sleep=clock.sleep) as fetcher:
        fetched(fetcher, site.url("/a"))
    assert names.asked["news.test"] == 1


def test_the_next_address_of_a_host_is_tried_where_one_does_not_accept(site: Site, clock: Clock) -> None:
    site.pages["/a"] = Page(STORY)
    names = Names(news_test=["127.0.0.2 127.0.0.1"])
    with Fetcher(allow={"127.0.0.0/8"}, resolve=names, clock=clock, sleep=clock.sleep) as fetcher:
        fetched(fetcher, site.url("/a"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "only addresses that begin with"),
        ("ftp://news.test/", "only addresses that begin with"),
        ("news.test/a", "only addresses that begin with"),
        ("http://", "only addresses that begin with"),
        ("", "only addresses that begin with"),
        ("http://user:secret@news.test/", "leave them out"),
        ("http://user:secret@news.test:x/", "not an address"),
        ("http://news.test/\na", "not an address"),
        ("http://news.test/" + "a" * 5_000, "longer than"),
        ("http://unknown.test/", "there is no host unknown.test"),
        ("http://news.test:1/", "does not accept connections"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_without_its_password(
    fetcher: Fetcher, url: str, words: str
) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        fetcher.fetch(url)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_proxies_of_the_environment_are_not_used(site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.pages["/a"] = Page(STORY)
    fetched(fetcher, site.url("/a"))


# --- secure connections --------------------------------------------------------------------------------


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def test_a_certificate_that_nobody_vouches_for_is_refused(clock: Clock) -> None:
    with served(tls=True) as secure, fetching(secure, clock=clock, sleep=clock.sleep) as fetcher:
        assert "its certificate is not to be trusted" in problem(fetcher, secure.url("/a", scheme="https"))
        assert not secure.asked


def test_a_certificate_of_another_host_is_refused(clock: Clock) -> None:
    names = Names(other_test=["127.0.0.1"])
    with (
        served(tls=True) as secure,
        Fetcher(allow={"other.test"}, resolve=names, tls=trusting(), clock=clock, sleep=clock.sleep) as fetcher,
    ):
        assert "not to be trusted" in problem(fetcher, secure.url("/a", "other.test", "https"))


def test_what_is_no_tls_is_refused(site: Site, fetcher: Fetcher) -> None:
    assert "no secure connection" in problem(fetcher, site.url("/a", scheme="https"))


def test_a_secure_page_is_fetched_and_cannot_lead_to_one_that_is_not(site: Site, clock: Clock) -> None:
    with (
        served(tls=True) as secure,
        fetching(secure, tls=trusting(), clock=clock, sleep=clock.sleep) as fetcher,
    ):
        secure.pages |= {"/a": Page(STORY), "/b": Page(status=302, headers={"Location": site.url("/a")})}
        fetched(fetcher, secure.url("/a", scheme="https"))
        assert "from https to http" in problem(fetcher, secure.url("/b", scheme="https"))
        assert not site.asked


# --- size and time -------------------------------------------------------------------------------------


def endless(visit: Visit) -> None:
    visit.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        visit.wfile.write(b"x" * 10_000)


def chunked(visit: Visit) -> None:
    visit.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        visit.wfile.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")


def long_header(visit: Visit) -> None:
    visit.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        visit.wfile.write(b"x" * 10_000)


def announced(visit: Visit) -> None:
    visit.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n")


@pytest.mark.parametrize("answer", [endless, chunked, announced])
def test_what_is_too_large_is_refused_as_soon_as_that_is_known(
    site: Site, fetcher: Fetcher, answer: Callable[[Visit], None]
) -> None:
    site.pages["/a"] = answer
    assert "larger than 100,000 bytes" in problem(fetcher, site.url("/a"))


def test_nothing_is_left_of_what_was_refused(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/robots.txt": Page(b"# none"), "/a": Page(b"x" * 100_001), "/b": Page(STORY)}
    problem(fetcher, site.url("/a"))
    folder = fetched(fetcher, site.url("/b")).path.parent
    assert len(list(folder.iterdir())) == 1


def test_a_header_without_end_is_refused(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = long_header
    assert "not HTTP" in problem(fetcher, site.url("/a"))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nless",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
)
def test_a_broken_answer_is_an_error(site: Site, fetcher: Fetcher, answer: bytes) -> None:
    site.pages["/a"] = answer
    assert problem(fetcher, site.url("/a"))


def test_more_than_was_announced_is_not_read(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody and more"
    assert fetched(fetcher, site.url("/a")).path.read_bytes() == b"body"


def drip(head: bytes) -> Callable[[Visit], None]:
    def dripping(visit: Visit) -> None:
        visit.wfile.write(head)
        for _ in range(1000):
            visit.wfile.write(b"x")
            time.sleep(0.02)

    return dripping


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0",
    ],
)
def test_a_server_that_drips_is_given_up_at_the_deadline(site: Site, head: bytes) -> None:
    site.pages["/a"] = drip(head)
    with fetching(site, limits=Limits(seconds=1, pause=0)) as fetcher:
        assert "not there in full after 1 s" in problem(fetcher, site.url("/a"))
    assert site.asked == ["news.test/robots.txt", "news.test/a"]


def test_a_server_that_says_nothing_is_given_up_at_the_deadline(site: Site) -> None:
    site.pages["/a"] = lambda _: time.sleep(20)
    with fetching(site, limits=Limits(seconds=1, pause=0)) as fetcher:
        assert "not there in full after 1 s" in problem(fetcher, site.url("/a"))


def test_a_redirect_loop_ends(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(status=302, headers={"Location": "/a"})
    assert "redirects more than 5 times" in problem(fetcher, site.url("/a"))
    assert site.asked.count("news.test/a") == 6


def test_a_redirect_without_an_address_is_an_error(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = Page(status=302)
    assert "redirects to nowhere" in problem(fetcher, site.url("/a"))


# --- encodings of the content --------------------------------------------------------------------------


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", packed(STORY)),
        ("X-GZip", packed(STORY)),
        ("gzip", packed(STORY[:9]) + packed(STORY[9:])),
        ("gzip", packed(STORY) + b"\0" * 20),
        ("deflate", zlib.compress(STORY)),
        ("deflate", bare_deflate(STORY)),
        ("identity", STORY),
    ],
)
def test_packed_content_is_unpacked(site: Site, fetcher: Fetcher, coding: str, body: bytes) -> None:
    site.pages["/a"] = Page(body, headers={"Content-Encoding": coding})
    assert fetched(fetcher, site.url("/a")).path.read_bytes() == STORY


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("br", STORY, "was not asked for"),
        ("gzip, gzip", packed(packed(STORY)), "was not asked for"),
        ("gzip", STORY, "is damaged"),
        ("gzip", packed(STORY)[:-9], "breaks off"),
        ("gzip", packed(STORY)[:-8] + b"\0" * 8, "is damaged"),
        ("deflate", b"\x78", "breaks off"),
    ],
)
def test_content_that_cannot_be_unpacked_is_an_error(
    site: Site, fetcher: Fetcher, coding: str, body: bytes, words: str
) -> None:
    site.pages["/a"] = Page(body, headers={"Content-Encoding": coding})
    assert words in problem(fetcher, site.url("/a"))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_refused_before_it_goes_off(site: Site, fetcher: Fetcher, coding: str, tmp_path: Path) -> None:
    pack = gzip.compress if coding == "gzip" else zlib.compress
    site.pages["/a"] = Page(pack(b"\0" * 50_000_000), headers={"Content-Encoding": coding})
    assert "larger than 100,000 bytes" in problem(fetcher, site.url("/a"))


def test_a_robots_txt_that_is_a_bomb_is_cut(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(b"User-agent: *\nDisallow: /private\n" + b"#" * 50_000_000)
    site.pages |= {"/robots.txt": Page(bomb, headers={"Content-Encoding": "gzip"}), "/a": Page(STORY)}
    fetched(fetcher, site.url("/a"))
    assert "robots.txt" in problem(fetcher, site.url("/private"))
