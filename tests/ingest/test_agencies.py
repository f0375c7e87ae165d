"""News as agencies send it: NITF and NewsML-G2."""

from pathlib import Path

import pytest

from tests.ingest.dialects import documents, news_item, nitf, of, problems

ARTICLE = """<nitf version="-//IPTC//DTD NITF 3.3//EN"><head><title>A title</title>
<docdata><doc-id id-string="1815718"/><date.issue norm="20101004T233000-0500"/>
<date.release norm="20101009T000000Z"/>
<doc.copyright holder="The Acme Company"/>
<key-list><keyword key="children"/><keyword key="social work"/></key-list></docdata>
<pubdata name="The Acme Times" position.section="Home" ex-ref="https://times.example/1815718"/>
<revision-history norm="20101005T100000Z"/><revision-history norm="20101006T100000Z"/></head><body>
<body.head><hedline><hl1>Caseloads <em>rise</em></hl1><hl2>By a tenth</hl2></hedline>
<byline class="print_byline">By <person>Jane Doe</person> <byttl>Staff Reporter</byttl></byline>
<byline class="normalized_byline">Doe, Jane</byline><distributor>Acme Press</distributor><dateline>LONDON</dateline>
<abstract><p>In short.</p></abstract></body.head><body.content>
<block><p>One <org idsrc="x" value="y">Company<alt-code/></org> said.</p>
<media media-type="image"><media-caption><p>A picture.</p></media-caption></media></block><hl2>Between</hl2><p>Two.</p>
<ul><li>a</li><li>b</li></ul><table><tr><td>1</td><td>2</td></tr></table><bq><block><p>Three.</p></block></bq>
<note><body.content><p>For editors</p></body.content></note></body.content>
<body.end><tagline>The end</tagline></body.end></body></nitf>"""

META = """<rightsInfo><copyrightHolder uri="x"><name>Acme Media LLC</name></copyrightHolder></rightsInfo>
<itemMeta><itemClass qcode="ninat:text"/><provider qcode="nprov:ACME"/>
<versionCreated>2017-11-21T16:25:32-05:00</versionCreated>
<firstCreated>2016-11-21T23:15:00-05:00</firstCreated><pubStatus qcode="stat:usable"/>
<title>For machines</title></itemMeta>
<contentMeta><contentCreated>2016-11-20T15:21:06-05:00</contentCreated><dateline>New York</dateline>
<by>By Meredith Jameson</by>
<creditline>AP</creditline><language tag="en-US"/><subject qcode="medtop:1"><name>economy</name></subject>
<subject qcode="medtop:2"/><slugline>US-Fed</slugline><headline role="hld:sub">Below</headline>
<headline role="hldrole:main"> Fed to  halt</headline></contentMeta>"""


def item(meta: str = META, content: str | None = None) -> str:
    inside = "<inlineData contenttype='text/plain'>One.\n\nTwo.</inlineData>" if content is None else content
    made = news_item((), inside)
    return made[: made.index("<itemMeta>")] + meta + made[made.index("<contentSet>") :]


def message(*items: str) -> str:
    return f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>{"".join(items)}</itemSet></newsMessage>'


class TestNitf:
    def test_all_that_it_states_is_kept(self, tmp_path: Path) -> None:
        (document,) = documents(of(tmp_path, "a.xml", ARTICLE))
        assert (document.id, document.format) == ("1815718", "record")
        assert document.given == {
            "title": "Caseloads rise",
            "author": "Jane Doe",
            "publisher": "The Acme Times",
            "published": "2010-10-04",
            "url": "https://times.example/1815718",
            "dateline": "LONDON",
            "section": "Home",
            "abstract": "In short.",
            "keywords": ["children", "social work"],
            "revised": "2010-10-06",
        }

    def test_its_text_has_headings_lists_and_tables_but_neither_pictures_nor_notes(self, tmp_path: Path) -> None:
        (document,) = documents(of(tmp_path, "a.xml", ARTICLE))
        assert document.text == "One Company said.\n\nBetween\n\nTwo.\n\n  • a\n  • b\n\n1 | 2\n\nThree.\n"

    def test_the_paragraphs_that_the_new_york_times_repeats_are_read_once(self, tmp_path: Path) -> None:
        marked = (
            '<block class="lead_paragraph"><p>One.</p></block><block class="full_text"><p>One.</p><p>Two.</p></block>'
        )
        (document,) = documents(of(tmp_path, "a.xml", nitf([]).replace("</body.content>", marked + "</body.content>")))
        assert document.text == "One.\n\nTwo.\n"

    def test_without_an_id_it_has_that_of_its_file(self, tmp_path: Path) -> None:
        (document,) = documents(of(tmp_path, "story.nitf", nitf(["One."])))
        assert document.id == "story"

    @pytest.mark.parametrize("status", ["canceled", "withheld", "embargoed"])
    def test_what_is_not_to_be_used_is_refused(self, status: str, tmp_path: Path) -> None:
        content = ARTICLE.replace("<docdata>", f'<docdata management-status="{status}">')
        (said,) = problems(of(tmp_path, "a.xml", content))
        assert f"its status is '{status}'" in said

    def test_without_a_body_there_is_no_text_in_it(self, tmp_path: Path) -> None:
        (said,) = problems(of(tmp_path, "a.xml", "<nitf/>"))
        assert "there is no text in it" in said


class TestNewsItem:
    def test_all_that_it_states_is_kept(self, tmp_path: Path) -> None:
        (document,) = documents(of(tmp_path, "a.xml", item()))
        assert (document.id, document.text, document.format) == (
            "urn:newsml:acme.example:1",
            "One.\n\nTwo.\n",
            "record",
        )
        assert document.given == {
            "title": "Fed to halt",
            "author": "Meredith Jameson",
            "publisher": "Acme Media LLC",
            "published": "2016-11-21",
            "version": "3",
            "language": "en-US",
            "dateline": "New York",
            "slugline": "US-Fed",
            "credit": "AP",
            "subjects": ["economy"],
        }

    def test_what_it_does_not_say_the_nitf_in_it_does(self, tmp_path: Path) -> None:
        inside = f"<inlineXML>{ARTICLE}</inlineXML>".replace(
            "<nitf ", '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/" '
        )
        bare = '<itemMeta><itemClass qcode="ninat:text"/></itemMeta>'
        (document,) = documents(of(tmp_path, "a.xml", item(bare, inside)))
        told = {name: document.given[name] for name in ("title", "author", "publisher", "published")}
        assert list(told.values()) == ["Caseloads rise", "Jane Doe", "The Acme Times", "2010-10-04"]
        assert document.id == "urn:newsml:acme.example:1"

    def test_a_correction_has_the_day_of_its_version(self, tmp_path: Path) -> None:
        meta = META.replace("<title>", '<signal qcode="sig:correction"/><title>')
        (document,) = documents(of(tmp_path, "a.xml", item(meta)))
        assert document.given["corrected"] == "2017-11-21"

    @pytest.mark.parametrize(
        "status", ["stat:canceled", "stat:withheld", "http://cv.iptc.org/newscodes/pubstatusg2/canceled"]
    )
    def test_what_is_not_to_be_used_is_refused(self, status: str, tmp_path: Path) -> None:
        attribute = "uri" if "/" in status else "qcode"
        meta = META.replace('<pubStatus qcode="stat:usable"/>', f'<pubStatus {attribute}="{status}"/>')
        (said,) = problems(of(tmp_path, "a.xml", item(meta)))
        assert "its publisher does not let it be used" in said

    def test_html_in_plain_data_is_read_as_such(self, tmp_path: Path) -> None:
        inside = '<inlineData contenttype="text/html">&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</inlineData>'
        (document,) = documents(of(tmp_path, "a.xml", item(META, inside)))
        assert document.text == "One.\n\nTwo.\n"

    @pytest.mark.parametrize(
        ("content", "problem"), [('<remoteContent href="x"/>', "in another file"), ("<inlineXML/>", "there is no text")]
    )
    def test_an_item_without_its_text_is_an_error(self, content: str, problem: str, tmp_path: Path) -> None:
        (said,) = problems(of(tmp_path, "a.xml", item(META, content)))
        assert problem in said

    def test_of_a_message_the_texts_are_taken_and_the_rest_is_passed_over(self, tmp_path: Path) -> None:
        picture = item(META.replace("ninat:text", "ninat:picture"), '<remoteContent href="x.jpg"/>')
        content = message(item(), picture, '<packageItem guid="p"/>', item().replace(":1", ":2"))
        assert [one.id[-2:] for one in documents(of(tmp_path, "a.xml", content))] == [":1", ":2"]

    def test_a_broken_item_is_one_error_and_the_others_are_read(self, tmp_path: Path) -> None:
        content = message(item(META, "<inlineXML/>"), "\n", item())
        broken, whole = of(tmp_path, "a.xml", content)
        assert "there is no text in it" in str(broken)
        assert documents([whole])

    @pytest.mark.parametrize("kind", ["knowledgeItem", "packageItem", "conceptItem", "planningItem", "catalogItem"])
    def test_items_of_other_kinds_are_refused_by_name(self, kind: str, tmp_path: Path) -> None:
        (said,) = problems(of(tmp_path, "a.xml", f'<{kind} xmlns="http://iptc.org/std/nar/2006-10-01/" guid="k"/>'))
        assert f"no news item with text is in it, but 1 {kind}" in said
