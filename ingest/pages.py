"""A page of HTML: the article in it, and what the page says of the article.

The text is what trafilatura (Barbaresi, 2021, doi:10.18653/v1/2021.acl-demo.15) takes for the article. Facts are those
that the page states to machines (``ingest.stated``), else those that it shows where a reader looks for them.
"""

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from itertools import islice

import htmldate
import trafilatura
from lxml.html import HtmlElement

from ingest.bylines import bylines, called, credited, is_company, of_article
from ingest.dates import PRINTED, marked_date
from ingest.stated import Stated, alike, document_title, folded, host_of, line, linked_data, stated, text_of


@dataclass(frozen=True, slots=True)
class Extracted:
    """The article of a page.

    Attributes:
        text: With a blank line between paragraphs.
        title: Without the name of the site.
        author: On one line, as it is printed; agencies and newsrooms too.
        publisher: The outlet, as people know it.
        published: Day of first publication, ISO 8601.
        modified: Day of the last change, if the page states it and it is a later one.
        corrected: Day of the last correction, if the page states it to machines, as ``correction``, its note.
        url: Where the page says that it is, absolute.
    """

    text: str
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    modified: str | None = None
    corrected: str | None = None
    correction: str | None = None
    url: str | None = None


def extract(page: str, url: str | None = None) -> Extracted | None:
    """The article of a page; None if there is none in it.

    Args:
        page: HTML.
        url: Where it was fetched from, for what it does not say itself.
    """
    tree = _tree(page)
    text = _text(tree, url) if tree is not None else None
    if tree is None or text is None:
        return None
    found = stated(tree)
    address = _address(found, url)
    headline = _headline(tree, found)
    shown = text_of(headline) if headline is not None else ""
    full = document_title(tree)
    publisher = _publisher(tree, found, full, shown, address)
    published = next(iter(found.published), None) or _dated(tree, headline, address)
    return Extracted(
        text,
        title=_title(found, shown, full, publisher, address),
        author=_author(tree, found, headline, publisher),
        publisher=publisher,
        published=published,
        modified=next((day for day in found.modified if published is None or day > published), None),
        corrected=found.correction.date if found.correction else None,
        correction=found.correction.note if found.correction else None,
        url=address,
    )


# --- text ----------------------------------------------------------------------------------------------

_BLOCK = re.compile(r"<(?:p|div|article|section|blockquote)\b", re.IGNORECASE)
_ROW, _RULE = re.compile(r"\|(.*)\|\s*"), re.compile(r"\|(?:[\s:-]*-[\s:-]*\|)+\s*")


def _tree(page: str) -> HtmlElement | None:
    tree = trafilatura.load_html(page)
    if tree is None and _BLOCK.search(page):  # a fragment, as feeds carry them
        tree = trafilatura.load_html(f"<html><body>{page}</body></html>")
    return tree


def _text(tree: HtmlElement, url: str | None) -> str | None:
    _write_out_quotations(tree)
    found = trafilatura.bare_extraction(tree, url=url, include_comments=False, with_metadata=False)
    if not isinstance(found, trafilatura.settings.Document) or not found.text:
        return None
    return _spaced(found.text)


def _write_out_quotations(tree: HtmlElement) -> None:
    """Put the marks that browsers put around ``q`` into the text, where that element would break its paragraph."""
    for quotation in list(tree.iter("q")):
        nested = sum(outer.get("data-quotation") is not None for outer in quotation.iterancestors("span")) % 2
        opened, closed = "‘’" if nested else "“”"
        quotation.tag = "span"
        quotation.set("data-quotation", "")
        quotation.text = f"{opened}{quotation.text or ''}"
        if len(quotation):
            quotation[-1].tail = f"{quotation[-1].tail or ''}{closed}"
        else:
            quotation.text += closed


def _spaced(text: str) -> str:
    """A blank line between paragraphs, none between the items of a list or the rows of a table."""
    parts: list[str] = []
    before = ""
    for one in text.split("\n"):
        if _RULE.fullmatch(one):
            continue
        kind = "item" if one.startswith("- ") else "row" if _ROW.fullmatch(one) else ""
        parts += ("\n" if kind and kind == before else "\n\n", one.strip("| ") if kind == "row" else one)
        before = kind
    return "".join(parts[1:]) + "\n"


# --- title and publisher -------------------------------------------------------------------------------

# What stands between the title and the site's name in a document's title, and in no name.
_JOINT = re.compile(r"\s+(?:[|·•–—»«›‹:/-]|::|--|&mdash;)\s+|\s*[|»«]\s*|(?<=\S):\s+")
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,})/?", re.IGNORECASE)


def _headline(tree: HtmlElement, found: Stated) -> HtmlElement | None:
    """The first heading that says most of a title of the page; else its only main one that does not name the site."""
    sites = {folded(name) for name in found.publishers} | {""}
    headings = [(one, text) for one in _headings(tree) if folded(text := text_of(one)) not in sites]
    for title in filter(folded, (*found.titles[:5], document_title(tree))):
        for heading, text in headings:
            if alike(text, title):
                return heading
    main = [heading for heading, _ in headings if heading.tag == "h1"]
    return main[0] if len(main) == 1 else None


def _headings(tree: HtmlElement) -> Iterator[HtmlElement]:
    for tag in ("h1", "h2", "h3", "h4"):
        yield from (
            one for one in islice(tree.iter(tag), 50) if not any(outer.tag == "nav" for outer in one.iterancestors())
        )


def _title(found: Stated, shown: str, full: str, publisher: str | None, url: str | None) -> str | None:
    """The title that the page states, as the headline has it if they are one, without the site's name."""
    best = next(iter(found.titles), "") or full
    if shown and (not best or folded(shown) in folded(best)):
        return shown
    return _without_site(best, publisher, url) or shown or None


def _without_site(title: str, publisher: str | None, url: str | None) -> str:
    joints = list(_JOINT.finditer(title))
    if joints and _is_site(title[joints[-1].end() :], publisher, url):
        return _without_site(title[: joints[-1].start()], publisher, url)
    if joints and _is_site(title[: joints[0].start()], publisher, url):
        return title[joints[0].end() :]
    return title


def _is_site(segment: str, publisher: str | None, url: str | None) -> bool:
    """Whether a part of a title names the outlet, as it is known or as it is written in the page's address."""
    letters = folded(segment)
    if not letters or len(segment) > 60:
        return False
    if publisher and letters in {folded(publisher), folded(_core(publisher))}:
        return True
    host = (host_of(url or "") or "").removeprefix("www.").replace("-", "")
    core = folded(_core(segment))
    initials = "".join(word[0] for word in re.findall(r"\w+", segment)).casefold()
    return len(core) > 2 and bool(host) and (core in host or initials == host.partition(".")[0])


def _address(found: Stated, url: str | None) -> str | None:
    """Where the page says that it is; of one that was fetched, where from, if it says that it is on another site."""
    if url is None:
        return next(iter(found.urls), None)
    site = _site(url)
    return next((stated for stated in found.urls if _site(stated) == site), url)


def _site(url: str) -> str:
    return re.sub(r"^(?:www|m|amp|mobile)\.", "", host_of(url or "") or "")


def _publisher(tree: HtmlElement, found: Stated, full: str, shown: str, url: str | None) -> str | None:
    """The first name that the page states of its outlet; a mere domain gives way to the name that is written so."""
    title = folded(next(iter(found.titles), shown))
    for told in (found.publishers, _sites_in(full, shown, url), _names_of_site(tree, full, url)):
        named = [name for one in told if (name := _outlet(one, url)) and folded(name) != title]
        if named:
            break
    else:
        return None
    core = folded(_core(named[0])) if _DOMAIN.fullmatch(named[0]) else None
    same = (name for name in (*named, *_sites_in(full, shown, url)) if folded(name) == core)
    return next(same, named[0])


def _outlet(name: str, url: str | None) -> str | None:
    """A name as it is used: without address and slogan."""
    if not 1 < len(name) <= 80 or name.startswith("@") or not any(one.isalpha() for one in name):
        return None
    if domain := _DOMAIN.fullmatch(name):
        return domain[1]
    if name.lower().startswith(("http:", "https:")):
        return None
    parts = [part.strip() for part in re.split(r"\s+[|–—:]\s+|\s+-\s+", name)]
    return next((part for part in parts if len(parts) > 1 and _is_site(part, None, url)), name)


def _sites_in(full: str, shown: str, url: str | None) -> Iterator[str]:
    """The part of a document's title that names the site: which its address has, else what is not the title."""
    segments = [part.strip() for part in _JOINT.split(full)]
    if len(segments) < 2:
        return
    yield from (part for part in (segments[-1], segments[0]) if _is_site(part, None, url))
    for part, rest in ((segments[-1], segments[:-1]), (segments[0], segments[1:])):
        if folded(shown) and folded(part) not in folded(shown) and len(part.split()) <= 5:
            yield from (part,) if alike(shown, "".join(rest)) else ()


_NAME_OF_SITE = re.compile(
    r"(?:^|\s)(?:site|blog|header|nav)?[-_]*(?:title|name|logo|logotype|brand)(?:\s|$)", re.IGNORECASE
)
_FEED = re.compile(r"\s+(?:[»|·:–—-]|&raquo;)\s+|\b(?:rss|atom|feed)\b.*$", re.IGNORECASE)


def _names_of_site(tree: HtmlElement, full: str, url: str | None) -> Iterator[str]:
    """What the site's logo and its feeds are called, if its address or the document's title has that name too."""
    links = (one for one in islice(tree.iter("link"), 500) if "alternate" in (one.get("rel") or "").lower())
    feeds = (line(one.get("title")) for one in links if re.search("rss|atom", one.get("type") or ""))
    marked = (one for one in tree.iter("a", "div", "span", "p", "h1", "h2") if _NAME_OF_SITE.search(called(one)))
    logos = (text_of(one) or _alternative(one) for one in islice(marked, 20))
    for name in (*logos, *(_FEED.split(feed)[0] for feed in feeds)):
        if 0 < len(name) <= 60 and (_is_site(name, None, url) or folded(name) in map(folded, _JOINT.split(full)[1:])):
            yield name


def _alternative(element: HtmlElement) -> str:
    return next((text for one in element.iter("img") if (text := line(one.get("alt")))), "")


def _core(name: str) -> str:
    """A domain without its ending and www."""
    domain = _DOMAIN.fullmatch(name.strip())
    return domain[1].rpartition(".")[0] if domain else name


# --- author and date -----------------------------------------------------------------------------------


def _author(tree: HtmlElement, found: Stated, headline: HtmlElement | None, publisher: str | None) -> str | None:
    """Who the page states wrote it; where that is only the outlet itself, who it shows did."""
    statements = [name for one in found.authors if (name := credited(one, publisher))]
    people = [name for name in statements if not _is_outlet(name, publisher)]
    if people:
        # Some vocabularies have room for one author only.
        return max((name for name in people if name.startswith(people[0])), key=len)
    visible = (name for one in bylines(tree, headline) if (name := credited(one, publisher)))
    return next(visible, None) or next(iter(statements), None)


def _is_outlet(name: str, publisher: str | None) -> bool:
    """Whether an author is the outlet, or a company."""
    letters, outlet = folded(_core(name)), folded(_core(publisher or ""))
    return is_company(name) or (bool(outlet) and (letters in outlet or outlet in letters))


_BESIDE_DATE = re.compile(
    r"(?:first|published|posted|dated?|on|at|[ap]\.?m\b\.?|gmt|bst|utc|ce?t|e[sd]?t|p[sd]t|uhr|[\d\s:.,|•·–—-])*",
    re.IGNORECASE,
)
# Characters of a line that states nothing but credits.
_LINE = 100
_UPDATED = re.compile(r"updat|modif|edited|geändert|aktualisiert|mis à jour|actualizado", re.IGNORECASE)


def _dated(tree: HtmlElement, headline: HtmlElement | None, url: str | None) -> str | None:
    """The date of the first ``time`` element near the headline, else the one that htmldate finds in other markup.

    htmldate (Barbaresi, 2020, doi:10.21105/joss.02439) alone would rather take the day of a change that is marked up
    as one. Its extensive search would take a date from the story or from a script when the page states none; in place
    of it counts a date that stands on a line of its own outside the story, if no other does.
    """
    near = _day_near(headline) if headline is not None else None
    if near:
        return near
    unread = copy(tree)
    for script, _ in linked_data(unread):  # it has been read, and names the dates of other stories too
        script.text = None
    day: str | None = htmldate.find_date(unread, url=url, extensive_search=False, original_date=True)
    return day or (_day_alone(tree, headline) if headline is not None else None)


def _day_near(headline: HtmlElement) -> str | None:
    blocks = islice(headline.iterancestors(), 3)
    below = (one for block in blocks for one in islice(block.iter("time"), 5) if of_article(one, headline))
    for one in below:
        if not _is_of_update(one) and (day := marked_date(line(one.get("datetime")))):
            return day
    return None


def _is_of_update(element: HtmlElement) -> bool:
    said = f"{called(element)} {element.get('itemprop') or ''} {text_of(element)}"
    return _UPDATED.search(said) is not None


def _is_dateline(text: str) -> bool:
    """Whether a text consists of a date, and what may stand beside one."""
    if len(text) > _LINE or (found := PRINTED.search(text)) is None:
        return False
    return _BESIDE_DATE.fullmatch(text[: found.start()] + text[found.end() :]) is not None


def _day_alone(tree: HtmlElement, headline: HtmlElement) -> str | None:
    leaves = (one for one in tree.iter("p", "div", "span", "b", "strong", "em", "i", "small", "h4", "h5", "h6"))
    dates = (one for one in leaves if len(one) == 0 and _is_dateline((one.text or "")[: _LINE + 1]))
    days = set()
    for one in islice(dates, 20):
        around = one.getparent()
        is_line = around is not None and around.tag not in {"td", "th"} and len(text_of(around)) <= _LINE
        if is_line and not _is_of_update(around) and of_article(one, headline):
            days.add(marked_date(line(one.text)))
    return days.pop() if len(days) == 1 else None
