from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.ids import id_of
from tests.ingest.dialects import documents, of, post, problems, wordpress

AUTHOR = """<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[jd]]></wp:author_login>
<wp:author_email>jd@courier.example</wp:author_email>
<wp:author_display_name><![CDATA[Jane Doe]]></wp:author_display_name></wp:author>
<image><title>Logo</title><link>https://logo.example</link></image>"""


def text_of(folder: Path, content: str) -> str:
    (document,) = documents(of(folder, "a.wxr", wordpress(post(content))))
    return document.text


def test_all_that_an_export_states_of_a_post_is_kept(tmp_path: Path) -> None:
    content = wordpress(post("One.", post_modified="2010-10-07 09:00:00"), AUTHOR)
    (document,) = documents(of(tmp_path, "a.wxr", content))
    assert (document.id, document.text) == (id_of("https://courier.example/2010/10/tea"), "One.\n")
    assert document.given == {
        "title": "Tea",
        "author": "Jane Doe",
        "publisher": "The Courier",
        "published": "2010-10-05",  # where the site is; pubDate is in UTC, and a day before
        "url": "https://courier.example/2010/10/tea/",
        "language": "en-GB",
        "categories": ["Food"],
        "tags": ["drinks"],
        "modified": "2010-10-07",
    }


def test_an_author_who_is_not_listed_is_named_as_they_log_in(tmp_path: Path) -> None:
    (document,) = documents(of(tmp_path, "a.wxr", wordpress(post("One."))))
    assert document.given["author"] == "jd"


def test_the_id_of_a_post_without_an_address_is_of_its_number(tmp_path: Path) -> None:
    (document,) = documents(of(tmp_path, "a.wxr", wordpress(post("One.", link=""))))
    assert document.id == id_of("https://courier.example?p=12")
    assert "url" not in document.given


def test_without_a_date_of_its_own_a_post_has_that_of_the_feed(tmp_path: Path) -> None:
    (document,) = documents(of(tmp_path, "a.wxr", wordpress(post("One.", post_date="0000-00-00 00:00:00"))))
    assert document.given["published"] == "2010-10-04"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "draft"}, "1 of status 'draft'"),
        ({"status": "private"}, "1 of status 'private'"),
        ({"status": "future"}, "1 of status 'future'"),
        ({"post_type": "attachment", "status": "inherit"}, "1 of type 'attachment'"),
        ({"post_type": "nav_menu_item"}, "1 of type 'nav_menu_item'"),
        ({"post_type": "feedback"}, "1 of type 'feedback'"),
        ({"post_password": "secret"}, "1 behind a password"),
    ],
)
def test_what_not_everybody_can_read_is_not_taken(changed: dict[str, str], reason: str, tmp_path: Path) -> None:
    (said,) = problems(of(tmp_path, "a.wxr", wordpress(post("One.", **changed))))
    assert f"no published post or page is in this export, but {reason}" in said
    assert "secret" not in said


def test_it_is_passed_over_where_there_are_posts_and_pages(tmp_path: Path) -> None:
    others = post("Draft.", status="draft") + post("[gallery ids='1']") + post("A page.", post_type="page", link="")
    found = documents(of(tmp_path, "a.wxr", wordpress(post("One.") + others)))
    assert [one.text for one in found] == ["One.\n", "A page.\n"]


def test_comments_and_excerpts_are_no_text(tmp_path: Path) -> None:
    comment = "<wp:comment><wp:comment_content>Nonsense</wp:comment_content></wp:comment></item>"
    (document,) = documents(of(tmp_path, "a.wxr", wordpress(post("One.").replace("</item>", comment))))
    assert isinstance(document, Document)
    assert document.text == "One.\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("One.\r\n\r\nTwo.\r\nStill two.", "One.\n\nTwo.\nStill two.\n"),
        (
            "<h2>Head</h2>\nOne.\n\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n\nTwo.",
            "Head\n\nOne.\n\n  • a\n  • b\n\nTwo.\n",
        ),
        ("<!-- wp:paragraph -->\n<p>One\ntwo.</p>\n<!-- /wp:paragraph -->", "One two.\n"),
        ("One.<!--more-->\n\nTwo.", "One.\n\nTwo.\n"),
        ('[caption id="a" width="3"]<img src="x"/> A cake[/caption]\n\nOne.', "One.\n"),
        ("One.[gallery ids='1,2'] [embed]https://x.example[/embed]", "One.\n"),
        ("[dropcap]O[/dropcap]ne [et_pb_text admin='x']two[/et_pb_text].", "One two.\n"),
        ("“We like [the minister] and [maximum caseloads],” [sic] he said.",) * 2,
    ],
)
def test_the_text_is_what_wordpress_shows_without_its_shortcodes(content: str, text: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, content).strip() == text.strip()


def test_shortcodes_that_never_end_are_read_in_no_time(tmp_path: Path) -> None:
    assert "word" in text_of(tmp_path, "[caption " * 20_000 + "[caption x=1]" * 2_000 + "word")
