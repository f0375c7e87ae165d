import pytest

from ingest.web.urls import canonical, same_site, shown, web_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" HTTP://News.Test:80/a b#top ", "http://news.test/a%20b"),
        ("https://news.test:443", "https://news.test"),
        ("https://bücher.test/ü?q=ß", "https://xn--bcher-kva.test/%C3%BC?q=%C3%9F"),
    ],
)
def test_an_address_has_one_form(text: str, url: str) -> None:
    assert str(web_url(text)) == url


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://news.test/a", "https://www.news.test/b", True),
        ("http://news.test/", "http://evil.test/", False),
        ("http://news.test/", "http://news.test.evil.test/", False),
        ("http://news.test/", "http://sub.news.test/", False),
        ("http://news.test/", "http://news.test:8080/", False),
        ("http://news.test/", "http://news.test@evil.test/", False),
        ("http://news.test/", "javascript:alert(1)", False),
    ],
)
def test_a_site_is_a_host(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        (None, "https://news.test/a?utm_source=x"),
        ("/a", "https://news.test/a"),
        ("https://www.news.test/a", "https://www.news.test/a"),
        ("https://evil.test/a", "https://news.test/a?utm_source=x"),
        ("javascript:alert(1)", "https://news.test/a?utm_source=x"),
        ("https://u:p@news.test/a", "https://news.test/a?utm_source=x"),
        ("https://[", "https://news.test/a?utm_source=x"),
        ("", "https://news.test/a?utm_source=x"),
    ],
)
def test_a_page_may_state_its_address_on_its_own_site_only(stated: str | None, url: str) -> None:
    assert canonical("https://news.test/a?utm_source=x", stated) == url


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("https://u:secret@news.test/a", "https://news.test/a"),
        ("https://u:secret@news.test:x/a", "news.test:x/a"),
        ("http://news.test/\x1b[31m\n", "http://news.test/�[31m"),
        ("http://news.test/" + "a" * 500, "http://news.test/" + "a" * 282 + "…"),
    ],
)
def test_what_is_shown_is_one_short_line_without_a_password(text: str, line: str) -> None:
    assert shown(text) == line
