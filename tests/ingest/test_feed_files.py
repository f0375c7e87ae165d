from pathlib import Path

from ingest.ids import id_of
from tests.ingest.dialects import atom, documents, of, problems, rss

WHOLE = ["The minister said so.", "“It did not,” she said. " * 40]


def with_entry(feed: str, entry: str) -> str:
    return feed.replace("</channel>", f"{entry}</channel>")


def test_an_entry_with_its_article_is_an_article_of_the_day_that_the_feed_says(tmp_path: Path) -> None:
    for name, make in (("a.rss", rss), ("a.atom", atom)):
        (document,) = documents(of(tmp_path, name, make(WHOLE)))
        assert document.text.split() == " ".join(WHOLE).split()
        assert document.id == id_of("https://news.example/2010/title")
        told = {field: document.given.get(field) for field in ("title", "publisher", "published", "url")}
        # Half past midnight in London, and the day before in UTC.
        assert list(told.values())[1:] == [told["publisher"], "2010-10-04", "https://news.example/2010/title"]
        assert told["title"] == "Title"


def test_authors_and_titles_are_without_labels_and_markup(tmp_path: Path) -> None:
    creator = '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">By Jane Doe</dc:creator>'
    content = rss(WHOLE).replace("<title>Title</title>", f"<title>&lt;b&gt;A&lt;/b&gt; &amp;amp; B</title>{creator}")
    (document,) = documents(of(tmp_path, "a.rss", content))
    assert (document.given["title"], document.given["author"]) == ("A & B", "Jane Doe")


def test_entries_with_summaries_are_one_error_that_says_what_to_do(tmp_path: Path) -> None:
    teaser = "<item><title>T</title><link>https://news.example/b</link><description>In short.</description></item>"
    found = of(tmp_path, "a.rss", with_entry(with_entry(rss(WHOLE), teaser), teaser))
    assert documents(found[:1])
    (said,) = problems(found)
    assert said.startswith("a.rss: 2 of its 3 entries have a summary and not their article; give the feed's address")


def test_a_description_as_long_as_an_article_is_one(tmp_path: Path) -> None:
    long = f"<item><link>https://news.example/b</link><description>{'word ' * 400}</description></item>"
    assert len(documents(of(tmp_path, "a.rss", with_entry(rss(WHOLE), long)))) == 2
    broken_off = long.replace("</description>", " …</description>")
    assert len(problems(of(tmp_path, "a.rss", with_entry(rss(WHOLE), broken_off)))) == 1


def test_what_stands_before_the_damage_of_a_feed_is_read_and_the_damage_reported(tmp_path: Path) -> None:
    found = of(tmp_path, "a.rss", rss(WHOLE).replace("</item>", "</item><item><title>Cut"))
    assert documents(found[:1])
    assert "its XML is broken" in problems(found)[-1]


def test_a_feed_without_entries_is_an_error(tmp_path: Path) -> None:
    (said,) = problems(of(tmp_path, "a.rss", "<rss version='2.0'><channel><title>News</title></channel></rss>"))
    assert "there is no entry in this feed" in said


def test_an_address_that_browsers_would_run_is_none(tmp_path: Path) -> None:
    content = rss(WHOLE).replace("https://news.example/2010/title", "javascript:alert(1)")
    (document,) = documents(of(tmp_path, "a.rss", content))
    assert "url" not in document.given
