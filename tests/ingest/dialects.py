"""A file of each kind of XML that is read, with one article of given paragraphs in it."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from ingest.documents import Document
from ingest.readers import File, Read, each, load, reader_of
from retrieval.errors import SourceError

Items = list[Document | SourceError]


def items(path: Path) -> Items:
    """What the reader of a file makes of it, in this process."""
    found = reader_of(path.name)
    assert found is not None
    read: Read = load(found[0].function)
    file = File(path, path.name, path.name.removesuffix(found[1]))
    return [item for item in each(read, file) if item is not None]


def of(folder: Path, name: str, content: str | bytes) -> Items:
    """What is made of a file of such a name and content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return items(path)


def documents(found: Items) -> list[Document]:
    """All of some items, none of which is an error."""
    errors = [item for item in found if isinstance(item, SourceError)]
    assert not errors, errors
    return [item for item in found if isinstance(item, Document)]


def problems(found: Items) -> list[str]:
    """The errors among some items."""
    return [str(item) for item in found if isinstance(item, SourceError)]


def _marked(paragraphs: Sequence[str]) -> str:
    return "\n".join(f"<p>{escape(one)}</p>" for one in paragraphs)


def speech(paragraphs: Sequence[str]) -> str:
    """ParlParse."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<publicwhip scraperversion="a" latest="yes">
<major-heading id="uk.org.publicwhip/debate/2010-10-04a.1.0" nospeaker="true">Social Work</major-heading>
<speech id="uk.org.publicwhip/debate/2010-10-04a.1.1" speakername="Tim Loughton">{_marked(paragraphs)}</speech>
</publicwhip>"""


def volume(paragraphs: Sequence[str]) -> str:
    """The digitised volumes of Hansard, in which a speech is a paragraph with breaks."""
    said = "<lb/>".join(map(escape, paragraphs))
    return f"""<hansard><housecommons><date format="1985-12-16">Monday</date><debates><section><title>Pensions</title>
<p id="S6CV0001P0-00012"><member>Mr. Tim Smith</member><membercontribution>: {said}</membercontribution></p>
</section></debates></housecommons></hansard>"""


def nitf(paragraphs: Sequence[str]) -> str:
    """NITF."""
    return f"""<nitf><head><title>Title</title></head><body><body.head/><body.content>
{_marked(paragraphs)}</body.content></body></nitf>"""


def news_item(paragraphs: Sequence[str], content: str = "") -> str:
    """NewsML-G2 with NITF in it, or other content."""
    inside = nitf(paragraphs).replace("<nitf>", '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">')
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:acme.example:1" version="3">
<itemMeta><itemClass qcode="ninat:text"/></itemMeta><contentMeta><headline>Title</headline></contentMeta>
<contentSet>{content or f"<inlineXML>{inside}</inlineXML>"}</contentSet></newsItem>"""


def xhtml_item(paragraphs: Sequence[str]) -> str:
    """NewsML-G2 with XHTML in it."""
    body = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>{_marked(paragraphs)}</body></html>'
    return news_item((), f"<inlineXML>{body}</inlineXML>")


def export(paragraphs: Sequence[str]) -> str:
    """A WordPress export of the classic editor, which leaves out the tags of paragraphs."""
    return wordpress(post("\n\n".join(map(escape, paragraphs))))


def blocks(paragraphs: Sequence[str]) -> str:
    """A WordPress export of the block editor."""
    marked = (f"<!-- wp:paragraph -->\n<p>{escape(one)}</p>\n<!-- /wp:paragraph -->" for one in paragraphs)
    return wordpress(post("\n\n".join(marked)))


def wordpress(items_: str, before: str = "") -> str:
    """A WordPress export of some items."""
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Courier</title><link>https://courier.example</link><language>en-GB</language>
<wp:wxr_version>1.2</wp:wxr_version>{before}{items_}</channel></rss>"""


def post(content: str, **changed: str) -> str:
    """An item of a WordPress export; ``changed`` are its elements, their names without ``wp_``."""
    told = {"post_id": "12", "post_type": "post", "status": "publish", "post_password": "", **changed}
    date = told.pop("post_date", "2010-10-05 00:30:00")
    link = told.pop("link", "https://courier.example/2010/10/tea/")
    return f"""<item><title>Tea</title><link>{link}</link><pubDate>Mon, 04 Oct 2010 23:30:00 +0000</pubDate>
<dc:creator><![CDATA[jd]]></dc:creator><content:encoded><![CDATA[{content}]]></content:encoded>
<excerpt:encoded><![CDATA[Nothing of this]]></excerpt:encoded><wp:post_date>{date}</wp:post_date>
{"".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in told.items())}
<category domain="category" nicename="food">Food</category><category domain="post_tag">drinks</category></item>"""


def rss(paragraphs: Sequence[str]) -> str:
    """RSS with the whole article."""
    return f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title><item>
<title>Title</title><link>https://news.example/2010/title</link><pubDate>Mon, 04 Oct 2010 00:30:00 +0100</pubDate>
<content:encoded>{escape(_marked(paragraphs))}</content:encoded></item></channel></rss>"""


def atom(paragraphs: Sequence[str]) -> str:
    """Atom with the whole article."""
    return f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>urn:f</id><entry><title>Title</title>
<id>urn:a</id><link href="https://news.example/2010/title"/><published>2010-10-04T00:30:00+01:00</published>
<content type="html">{escape(_marked(paragraphs))}</content></entry></feed>"""


DIALECTS: dict[str, Callable[[Sequence[str]], str]] = {
    "debates2010-10-04a.xml": speech,
    "S6CV0001P0.xml": volume,
    "a.nitf": nitf,
    "a.newsml": news_item,
    "b.xml": xhtml_item,
    "courier.wxr": export,
    "courier.xml": blocks,
    "a.rss": rss,
    "a.atom": atom,
}


def made() -> Iterator[tuple[str, bytes]]:
    """A file of each kind, by its name."""
    for name, make in DIALECTS.items():
        yield name, make(["The minister said so.", "She “did” not – £5. " * 30]).encode()
