"""WordPress exports (WXR): the posts and pages of a site that anybody can read.

Drafts, private posts, those behind a password, attachments, menus, comments and the like are passed over.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from ingest.bylines import credited
from ingest.dates import marked_date
from ingest.decoding import unix_lines
from ingest.documents import Document
from ingest.ids import id_of, web_address
from ingest.markup import plain
from ingest.readers import File, attempted
from ingest.records import record
from ingest.safexml import Element, child, elements, line_of, local, text_of
from retrieval.errors import SourceError

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_TAKEN = ("post", "page")
_PICTURES = "caption|wp_caption|gallery|playlist|audio|video|embed|youtube|vimeo|soundcloud"
_PICTURE = re.compile(rf"\[({_PICTURES})\b[^\[\]]{{0,2000}}\](?:.{{0,5000}}?\[/\1\])?", re.DOTALL)
_SHORTCODE = re.compile(r"\[(/?)([a-zA-Z][\w-]*)((?:\s[^\[\]]{0,2000})?)\]")


@dataclass(slots=True)
class _Site:
    """What an export says of the site before its posts.

    Attributes:
        facts: Its title, link and language.
        names: Of its authors as they are shown, by those that they log in with.
    """

    facts: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def note(self, element: Element) -> None:
        """Take in an author, or a fact if it is one of the site."""
        if local(element) == "author":
            shown = line_of(child(element, "author_display_name"))
            self.names[line_of(child(element, "author_login"))] = shown
        elif local(element.getparent()) == "channel":
            self.facts[local(element)] = line_of(element)


def read(file: File) -> Iterator[Document | SourceError | None]:
    """The published posts and pages of a site, in the order of the file."""
    site, passed = _Site(), Counter[str]()
    taken = 0
    for element in elements(file, "item", "{*}author", "title", "link", "language"):
        if local(element) != "item":
            site.note(element)
            continue
        reason = _why_not(element)
        post = None if reason else attempted(_post, f"{file.name}:{element.sourceline}", element, site)
        if post is None:
            passed[reason or "without text"] += 1
        else:
            taken += 1
        yield post
    if not taken:
        held = ", ".join(f"{count} {reason}" for reason, count in sorted(passed.items())) or "nothing"
        raise SourceError(file.name, f"no published post or page is in this export, but {held}; export all content")


def _why_not(item: Element) -> str | None:
    """What an item is that is not taken; None for one that is."""
    kind, status = line_of(child(item, "post_type")), line_of(child(item, "status"))
    if kind not in _TAKEN:
        return f"of type {kind!r}"
    if status != "publish":
        return f"of status {status!r}"
    return "behind a password" if line_of(child(item, "post_password")) else None


def _post(where: str, item: Element, site: _Site) -> Document | None:
    content = item.find(_CONTENT)
    text = plain(_marked_up(text_of(content))) if content is not None else ""
    if not text:
        return None
    login = line_of(item.find(_CREATOR))
    address = web_address(line_of(item.find("link")))
    number = line_of(child(item, "post_id"))
    publisher = site.facts.get("title")
    published = _day(item)
    modified = marked_date(line_of(child(item, "post_modified")))
    stated = {
        "id": id_of(address or f"{site.facts.get('link', where)}?p={number}"),
        "text": text,
        "title": plain(line_of(item.find("title"))),
        "author": credited([site.names.get(login) or login]),
        "publisher": publisher,
        "published": published,
        "url": address,
        "language": site.facts.get("language"),
        "categories": _terms(item, "category"),
        "tags": _terms(item, "post_tag"),
        "modified": modified if modified and published and modified > published else None,
    }
    return record(where, {name: value for name, value in stated.items() if value})


def _day(item: Element) -> str | None:
    """The day of publication where the site is, which ``pubDate`` need not be."""
    if day := marked_date(line_of(child(item, "post_date"))):
        return day
    with suppress(ValueError):
        return parsedate_to_datetime(line_of(item.find("pubDate"))).date().isoformat()
    return None


def _terms(item: Element, taxonomy: str) -> list[str]:
    return [line_of(one) for one in item.iterfind("category") if one.get("domain") == taxonomy]


def _marked_up(content: str) -> str:
    """The HTML that WordPress makes of a post: without shortcodes, and paragraphs where blank lines are.

    Posts of the block editor (with ``wp:`` comments) have all their paragraphs marked up.
    """
    bare = _without_shortcodes(unix_lines(content))
    if "<!-- wp:" in bare:
        return bare
    return "<p>".join(one.replace("\n", "<br>") for one in re.split(r"\n\s*\n", bare))


def _without_shortcodes(content: str) -> str:
    """A post without its shortcodes, and without the captions in them.

    A shortcode has attributes or closes; a bracket in a quotation ("[the minister]") has and does neither.
    """
    bare = _PICTURE.sub("", content)
    closed = {found[2] for found in _SHORTCODE.finditer(bare) if found[1]}
    return _SHORTCODE.sub(lambda found: "" if found[1] or found[2] in closed or "=" in found[3] else found[0], bare)
