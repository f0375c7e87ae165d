"""What a page gives: the article whole, without its page, and the facts that the page states of it and no others."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pages import Extracted, extract

FIRST = "The council met on Monday to hear what had become of the money for the repair of the harbour wall."
SECOND = "Nobody has seen it since the spring, said the treasurer, who has kept the books of the town for years."
THIRD = "The wall fell into the sea in the night to Tuesday, and three boats that lay behind it went down."


def page(head: str = "", above: str = "", inside: str = "", title: str = "Harbour wall falls", below: str = "") -> str:
    story = f"<p>{FIRST}</p>{inside}<p>{SECOND}</p><p>{THIRD}</p>"
    return (
        f"<html><head><title>{title}</title>{head}</head><body><nav><a href='/'>Home</a></nav><main>"
        f"<article><h1>Harbour wall falls</h1>{above}{story}</article>{below}</main></body></html>"
    )


def of(*parts: str, url: str | None = None, **named: str) -> Extracted:
    found = extract(page(*parts, **named), url)
    assert found is not None
    return found


def linked(*objects: object) -> str:
    written = (json.dumps(one).replace("</", "<\\/") for one in objects)
    return "".join(f'<script type="application/ld+json">{one}</script>' for one in written)


def news(**properties: object) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Harbour wall falls", **properties}


def meta(**contents: str) -> str:
    return "".join(f'<meta name="{name}" content="{content}">' for name, content in contents.items())


class TestText:
    def test_paragraphs_stand_apart_and_navigation_stays_out(self) -> None:
        assert of().text == f"Harbour wall falls\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}\n"

    def test_headings_quotations_and_lists_stay(self) -> None:
        inside = "<h2>What went wrong</h2><blockquote><p>“We did not know,” she said.</p></blockquote>"
        inside += "<ul><li>the stones were loose</li><li>the sea was high</li></ul>"
        assert "What went wrong\n\n“We did not know,” she said.\n\n- the stones were loose\n- the sea was high\n\n" in (
            of(inside=inside).text
        )

    def test_the_rows_of_a_table_stand_together(self) -> None:
        inside = "<table><tr><th>Year</th><th>Money</th></tr><tr><td>2018</td><td>£4m</td></tr></table>"
        assert "\n\nYear | Money\n2018 | £4m\n\n" in of(inside=inside).text

    def test_a_quotation_in_a_paragraph_gets_its_marks_and_stays_in_it(self) -> None:
        inside = f"<p><q>We knew <q>all</q></q>, said Ann Lee. {THIRD}</p>"
        assert "\n\n“We knew ‘all’”, said Ann Lee." in of(inside=inside).text

    def test_other_stories_and_the_newsletter_stay_out(self) -> None:
        below = '<aside class="related"><h3>Related</h3><ul><li><a href="/gate">A gate opens</a></li></ul></aside>'
        below += '<form class="newsletter"><h3>Our newsletter</h3><p>Our best stories each morning.</p></form>'
        assert of(below=below).text == of().text

    def test_a_live_blog_is_whole(self) -> None:
        updates = [
            f"At {hour} o'clock the council counted {hour} stones in the water off the pier." for hour in range(9, 15)
        ]
        blocks = "".join(
            f'<article class="update"><h2>Update {n}</h2><p>{one}</p></article>' for n, one in enumerate(updates)
        )
        text = of(inside=f'<div class="live">{blocks}</div>').text
        assert [one for one in updates if one not in text] == []

    def test_an_interview_is_whole_short_answers_too(self) -> None:
        asked = [
            f"<p><b>Who took stone {n}?</b></p><p>I did, number {n}.</p><p><b>Why?</b></p><p>Hm.</p>" for n in range(6)
        ]
        text = of(inside="".join(asked)).text
        assert (text.count("Who took stone"), text.count("I did, number"), text.count("Hm.")) == (6, 6, 6)

    def test_a_fragment_is_read(self) -> None:
        found = extract(f"<p>{FIRST}</p>")
        assert found == Extracted(f"{FIRST}\n")

    @pytest.mark.parametrize("source", ["", "<html></html>", "no markup at all", "<frameset><frame src=x></frameset>"])
    def test_what_holds_no_article_gives_none(self, source: str) -> None:
        assert extract(source) is None


class TestTitle:
    @pytest.mark.parametrize(
        ("head", "title"),
        [
            ('<meta property="og:title" content="Harbour wall falls - The Daily Pier">', "ignored"),
            (linked(news(headline="Harbour wall falls | News")), "Harbour wall falls | News | The Daily Pier"),
            ("", "The Daily Pier » Harbour wall falls"),
        ],
    )
    def test_it_is_the_headline_without_the_site(self, head: str, title: str) -> None:
        assert of(head, title=title).title == "Harbour wall falls"

    def test_a_page_whose_heading_is_the_sites_name_is_called_by_its_title(self) -> None:
        head = '<meta property="og:site_name" content="The Daily Pier">'
        source = page(head, title="Wall falls – The Daily Pier").replace("Harbour wall falls", "The Daily Pier")
        found = extract(source)
        assert found is not None
        assert (found.title, found.publisher) == ("Wall falls", "The Daily Pier")


class TestAuthor:
    @pytest.mark.parametrize(
        "author",
        [
            "Ann Lee",
            {"@type": "Person", "name": "Ann Lee"},
            [{"@type": "Person", "name": "By Ann Lee, Political Editor"}],
            {"@type": "Person", "givenName": "Ann", "familyName": "Lee"},
            {"@id": "#ann"},
            {"name": "Ann Lee (ann@pier.example)"},
            "Ann Lee @annlee",
            "Ann Lee, The Daily Pier",
        ],
    )
    def test_schema_org_names_it_in_any_form(self, author: object) -> None:
        person = {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}
        graph = {"@graph": [person, news(author=author, publisher={"name": "The Daily Pier"})]}
        assert of(linked(graph)).author == "Ann Lee"

    @pytest.mark.parametrize(
        ("author", "printed"),
        [
            ("Ann Lee and Bo Roe", "Ann Lee and Bo Roe"),
            (["Ann Lee", "Bo Roe", "Cy Fox"], "Ann Lee, Bo Roe and Cy Fox"),
            ("Ann Lee; Bo Roe", "Ann Lee and Bo Roe"),
            ("Ann Lee, Bo Roe, and Cy Fox", "Ann Lee, Bo Roe and Cy Fox"),
            ("Ann Lee, Jr.", "Ann Lee, Jr."),
            ("Reuters", "Reuters"),
            ("Ann Lee Senior Harbour Correspondent", "Ann Lee"),
        ],
    )
    def test_several_stand_on_one_line(self, author: object, printed: str) -> None:
        assert of(linked(news(author=author))).author == printed

    @pytest.mark.parametrize("author", ["https://pier.example/ann", "@annlee", "admin", "", 5, {"url": "/ann"}, None])
    def test_what_is_no_name_is_none(self, author: object) -> None:
        assert of(linked(news(author=author))).author is None

    @pytest.mark.parametrize(
        "head",
        [
            meta(author="Ann Lee"),
            meta(**{"DC.creator": "Ann Lee"}),
            meta(**{"dcterms.creator": "Ann Lee"}),
            meta(**{"parsely-author": "Ann Lee"}),
            meta(**{"sailthru.author": "Ann Lee"}),
            meta(citation_author="Ann Lee"),
            '<meta property="article:author" content="https://social.example/ann">' + meta(byl="By Ann Lee"),
        ],
    )
    def test_meta_elements_name_it(self, head: str) -> None:
        assert of(head).author == "Ann Lee"

    @pytest.mark.parametrize(
        "above",
        [
            '<p class="byline">By <a href="/people/ann">Ann Lee</a>, 4 March 2020</p>',
            '<a rel="author" href="/x">Ann Lee</a>',
            '<b itemprop="author" itemscope itemtype="http://schema.org/Person"><i itemprop="name">Ann Lee</i></b>',
            '<span property="schema:author">Ann Lee</span>',
            '<div class="article-author">Ann Lee | Posted at 4.15pm</div>',
            "<p>By Ann Lee, Reuters</p>",
            '<ul class="facts"><li><a href="/authors/ann">Ann Lee</a></li><li>4 March</li></ul>',
        ],
    )
    def test_else_it_is_read_beside_the_headline(self, above: str) -> None:
        assert of(above=above).author == "Ann Lee"

    @pytest.mark.parametrize(
        "below",
        [
            '<div class="comments"><span class="author">Troll King</span></div>',
            '<ul class="more"><li><h3>A gate opens in another town far from here, on a Tuesday in the middle of May'
            '</h3><p>It did so with much noise, and many people came by to see it, the mayor among them as well.</p>'
            '<span class="author">Bo Roe</span></li></ul>',
            '<article><h2>A gate opens</h2><span class="byline">By Bo Roe</span></article>',
            '<footer><a class="theme-author" rel="designer author">Fine Themes</a></footer>',
            '<div class="author-social">Follow Bo Roe</div>',
            "<div>Text <b>Size</b></div>",
        ],
    )  # fmt: skip
    def test_others_on_the_page_did_not_write_it(self, below: str) -> None:
        assert of(below=f"{below}").author is None

    def test_an_outlet_as_author_gives_way_to_a_byline(self) -> None:
        head = linked(news(author={"name": "Pier Media GmbH"}, publisher={"name": "The Daily Pier"}))
        assert of(head, '<p class="byline">By Ann Lee</p>').author == "Ann Lee"
        assert of(linked(news(author="The Daily Pier", publisher="The Daily Pier"))).author == "The Daily Pier"

    def test_two_bylines_side_by_side_are_two_authors(self) -> None:
        above = '<p class="by"><a rel="author" href="/a">Ann Lee</a> <a rel="author" href="/b">Bo Roe</a></p>'
        assert of(above=above).author == "Ann Lee and Bo Roe"


class TestPublisher:
    @pytest.mark.parametrize(
        ("head", "title"),
        [
            ('<meta property="og:site_name" content="The Daily Pier">', "Harbour wall falls"),
            (linked(news(publisher={"@type": "Organization", "name": "The Daily Pier"})), "Harbour wall falls"),
            (linked({"@graph": [news(publisher={"@id": "#o"}), {"@id": "#o", "name": "The Daily Pier"}]}), "Wall"),
            (linked(news(publisher={"name": "WordPress"})) + meta(**{"DC.publisher": "The Daily Pier"}), "Wall"),
            (meta(citation_journal_title="The Daily Pier"), "Harbour wall falls"),
            ("", "Harbour wall falls - The Daily Pier"),
            ("", "Harbour wall falls | Local news | The Daily Pier"),
            ('<link rel="canonical" href="https://www.thedailypier.example/w">', "Wall | The Daily Pier"),
        ],
    )
    def test_it_is_the_name_that_the_page_gives_its_site(self, head: str, title: str) -> None:
        assert of(head, title=title).publisher == "The Daily Pier"

    @pytest.mark.parametrize(
        ("head", "above"),
        [
            ("", '<a class="site-title" href="/">The Daily Pier</a>'),
            ("", '<div id="logo"><a href="/"><img src="l.png" alt="The Daily Pier"></a></div>'),
            ('<link rel="alternate" type="application/rss+xml" title="The Daily Pier » Feed" href="/feed">', ""),
        ],
    )
    def test_else_it_is_the_name_of_its_logo_or_feed_if_the_title_has_it_too(self, head: str, above: str) -> None:
        assert of(head, above, title="What fell | Local | Life | The Daily Pier").publisher == "The Daily Pier"
        assert of(head, above).publisher is None

    def test_a_domain_gives_way_to_the_name_that_is_written_so(self) -> None:
        head = '<meta property="og:site_name" content="www.thedailypier.example">'
        assert of(head).publisher == "thedailypier.example"
        assert of(head, title="Harbour wall falls - The Daily Pier").publisher == "The Daily Pier"

    @pytest.mark.parametrize(
        ("head", "title"),
        [
            ("", "Harbour wall falls"),
            (meta(**{"twitter:site": "@dailypier"}), "Harbour wall falls"),
            ('<link rel="canonical" href="https://pier.example/w">', "Harbour wall falls"),
            (linked(news(publisher=7)), "Harbour wall falls - three boats, two men and a dog are gone"),
        ],
    )
    def test_handles_addresses_and_subtitles_name_none(self, head: str, title: str) -> None:
        assert of(head, title=title).publisher is None

    def test_a_slogan_is_no_part_of_it(self) -> None:
        head = '<meta property="og:site_name" content="News from the sea | Pier"><link rel="canonical" href="https://pier.example/w">'
        assert of(head).publisher == "Pier"


class TestDates:
    @pytest.mark.parametrize(
        "head",
        [
            linked(news(datePublished="2020-03-04T23:30:00-05:00", dateModified="2020-03-06")),
            linked({"@graph": [{"@type": ["WebPage"], "datePublished": "2020-03-04", "dateModified": "2020-03-06"}]}),
            '<meta property="article:published_time" content="2020-03-04T10:00:00Z">'
            '<meta property="article:modified_time" content="2020-03-06T10:00:00Z">',
            meta(**{"DC.date.issued": "2020-03-04", "DCTERMS.modified": "2020-03-06"}),
            meta(citation_publication_date="2020/03/04", last_modified="Fri, 06 Mar 2020 08:00:00 GMT"),
            meta(pub_date="20200304", datemodified="Fri Mar 06 08:00:00 CET 2020"),
        ],
    )
    def test_published_and_modified_are_kept_apart(self, head: str) -> None:
        found = of(head)
        assert (found.published, found.modified) == ("2020-03-04", "2020-03-06")

    @pytest.mark.parametrize(
        ("stated", "day", "note"),
        [
            ({"@type": "CorrectionComment", "text": "The wall &amp; the <b>pier</b>.", "datePublished": "2020-03-09"},
             "2020-03-09", "The wall & the pier ."),
            ([{"text": "One.", "datePublished": "2020-03-05"}, {"text": "Two.", "datePublished": "2020-03-07"}],
             "2020-03-07", "One. Two."),
            ("The wall was named\x00 wrongly.", None, "The wall was named wrongly."),
            (["x" * 2_000, 7, None, {"datePublished": "soon"}], None, ""), (7, None, None),
        ],
    )  # fmt: skip
    def test_a_correction_is_what_the_page_states_as_one(
        self, stated: object, day: str | None, note: str | None
    ) -> None:
        found = of(linked(news(dateModified="2020-03-10", correction=stated)))
        assert (found.corrected, found.correction) == (day, note)

    def test_a_change_on_the_same_day_is_none(self) -> None:
        head = linked(news(datePublished="2020-03-04T10:00:00Z", dateModified="2020-03-04T11:00:00Z"))
        assert of(head).modified is None

    def test_the_time_by_the_headline_comes_before_that_of_an_update(self) -> None:
        above = '<time class="updated" datetime="2020-03-06">6 March</time><time datetime="2020-03-04">4 March</time>'
        assert of(above=above).published == "2020-03-04"

    @pytest.mark.parametrize(
        "value",
        ["9999-12-31", "0000-00-00", "0001-01-01", "1970-01-01T00:00:00Z", "2020-02-30", "soon", "12", 20200304],
    )
    def test_no_day_that_cannot_be_meant(self, value: object) -> None:
        found = of(linked(news(datePublished=value, dateModified=value)))
        assert (found.published, found.modified) == (None, None)

    def test_a_day_in_the_story_is_not_its_date(self) -> None:
        assert (
            of(inside="<p>It was built on 3 May 1912 and repaired on 9 June 2016, as the books say.</p>").published
            is None
        )


class TestOtherArticlesInTheMarkup:
    def test_of_several_the_one_of_this_page_counts(self) -> None:
        other = news(headline="A gate opens", author="Bo Roe", datePublished="2019-01-01", url="https://pier.example/g")
        own = news(author="Ann Lee", datePublished="2020-03-04", url="https://pier.example/w")
        head = linked([other, own]) + '<link rel="canonical" href="https://pier.example/w">'
        assert (of(head).author, of(head).published) == ("Ann Lee", "2020-03-04")

    def test_a_list_of_others_says_nothing_of_this(self) -> None:
        others = [news(headline=f"Gate {n} opens", author="Bo Roe", datePublished="2019-01-01") for n in range(3)]
        assert (of(linked(others)).author, of(linked(others)).published) == (None, None)

    def test_the_items_that_an_article_mentions_are_not_it(self) -> None:
        head = linked(news(mentions=[news(author="Bo Roe")], isPartOf=news(author="Cy Fox")))
        assert of(head).author is None

    def test_the_author_of_a_reviewed_work_did_not_write_the_page(self) -> None:
        above = '<div itemscope itemtype="http://schema.org/Book"><span itemprop="author">Bo Roe</span></div>'
        assert of(above=above).author is None


class TestAddress:
    @pytest.mark.parametrize(
        "head",
        [
            '<link rel="canonical" href="https://pier.example/w">',
            '<meta property="og:url" content="https://pier.example/w">',
            '<link rel="canonical" href="https://pier.example/"><meta property="og:url" content="https://pier.example/w">',
        ],
    )
    def test_it_is_where_the_page_says_that_it_is(self, head: str) -> None:
        assert of(head).url == "https://pier.example/w"

    @pytest.mark.parametrize(
        "href", ["/w", "javascript:alert(1)", "//pier.example/w", "http://[::1", "https://a b/", ""]
    )
    def test_no_other_kind_of_address_is_one(self, href: str) -> None:
        assert of(f'<link rel="canonical" href="{href}">').url is None

    def test_a_fetched_page_cannot_move_itself_to_another_site(self) -> None:
        head = '<link rel="canonical" href="https://bank.example/login">'
        assert of(head, url="https://www.pier.example/w?x=1").url == "https://www.pier.example/w?x=1"
        own = '<link rel="canonical" href="https://pier.example/w">'
        assert of(own, url="https://www.pier.example/w?x=1").url == "https://pier.example/w"


_PROPERTIES = "@type @id @graph author name publisher datePublished dateModified headline url creator".split()
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("NewsArticle"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_PROPERTIES), inner, min_size=2, max_size=6)
    ),
    max_leaves=25,
)


class TestHostilePages:
    @pytest.mark.parametrize(
        "script",
        [
            '{"author":',
            "[" * 50_000 + "]" * 50_000,
            '{"@graph":' * 500 + "1" + "}" * 500,
            "NaN",
            "",
            "<!-- -->",
            "9" * 5000,
        ],
        ids=["cut off", "deep list", "deep graph", "NaN", "empty", "comment", "number"],
    )
    def test_broken_markup_states_nothing_and_harms_nothing(self, script: str) -> None:
        head = f'<script type="application/ld+json">{script}</script>' + meta(author="Ann Lee")
        assert of(head).author == "Ann Lee"

    def test_markup_that_is_commented_out_or_ends_in_a_comma_is_read(self) -> None:
        stated = json.dumps(news(author="Ann\nLee")).replace("\\n", "\n").replace("}", ",}")
        assert of(f'<script type="application/ld+json">//<![CDATA[\n{stated};\n//]]></script>').author == "Ann Lee"

    def test_an_escaped_name_is_unescaped_and_bare_of_marks_that_turn_text(self) -> None:
        assert of(linked(news(author="Ann \u202e&amp;quot;Bo&amp;quot; O&#039;Lee\u0000"))).author == 'Ann "Bo" O\'Lee'

    def test_ten_thousand_of_everything_is_bounded(self) -> None:
        head = meta(author="Ann Lee") * 10_000
        above = '<a rel="author" href="/author/x">Ann Lee</a>' * 2_000
        assert of(head, above).author == "Ann Lee"

    @settings(max_examples=60)
    @given(st.lists(_JSON, max_size=2))
    def test_whatever_json_says_the_article_is_read(self, objects: list[Any]) -> None:
        found = of(linked(*objects))
        assert found.text == of().text
        facts = (found.title, found.author, found.publisher, found.published, found.modified, found.url)
        assert all(fact is None or (fact.strip() == fact and fact.isprintable()) for fact in facts)

    @settings(max_examples=60)
    @given(
        st.text(max_size=200),
        st.sampled_from(["author", "og:site_name", "article:published_time", "og:title", "og:url"]),
    )
    def test_whatever_a_meta_element_says_the_article_is_read(self, content: str, name: str) -> None:
        quoted = content.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\0", "")
        assert of(f'<meta property="{name}" content="{quoted}">').text == of().text

    @settings(max_examples=40)
    @given(
        st.lists(
            st.sampled_from("<p> </p> <q> </q> <table> <tr> <td> <time> <h1> <li> <a> A <!-- --> | - <br>".split())
        )
    )
    def test_no_markup_ends_in_an_exception(self, parts: list[str]) -> None:
        extract(page(inside="".join(parts)))
