"""A page of HTML: the article in it, and what the page says of the article.

The text is what trafilatura (Barbaresi, 2021, doi:10.18653/v1/2021.acl-demo.15) takes for the article. Facts are those
that the page states to machines (``ingest.stated``), else those that it shows where a reader looks for them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

import htmldate
import trafilatura
from lxml.html import HtmlElement

from ingest.bylines import bylines, credited, of_article
from ingest.dates import marked_date
from ingest.stated import Stated, line, stated, text_of


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
        url: Where the page says that it is, absolute.
    """

    text: str
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    modified: str | None = None
    url: str | None = None


def extract(page: str, url: str | None = None) -> Extracted | None:
    """The article of a page; None if there is none in it.

    Args:
        page: HTML.
        url: Where it was fetched from, for what it does not say itself.
    """
    tree = trafilatura.load_html(page)
    text = _text(tree, url) if tree is not None else None
    if tree is None or text is None:
        return None
    found = stated(tree)
    address = next(iter(found.urls), url)
    headline = _headline(tree, found)
    shown = text_of(headline) if headline is not None else ""
    full = _document_title(tree)
    publisher = _publisher(found, full, shown, address)
    published = next(iter(found.published), None) or _dated(tree, headline, address)
    return Extracted(
        text,
        title=_title(found, shown, full, publisher, address),
        author=_author(tree, found, headline, publisher),
        publisher=publisher,
        published=published,
        modified=next((day for day in found.modified if published is None or day > published), None),
        url=address,
    )


# --- text ----------------------------------------------------------------------------------------------


def _text(tree: HtmlElement, url: str | None) -> str | None:
    found = trafilatura.bare_extraction(tree, url=url, include_comments=False, with_metadata=False)
    if not isinstance(found, trafilatura.settings.Document) or not found.text:
        return None
    return _spaced(found.text)


def _spaced(text: str) -> str:
    """A blank line between paragraphs, none between the items of a list."""
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", text.replace("\n", "\n\n")) + "\n"


# --- title and publisher -------------------------------------------------------------------------------

# What stands between the title and the site's name in a document's title, and in no name.
_JOINT = re.compile(r"\s+(?:[|·•–—»«›‹:/-]|::|--|&mdash;)\s+|\s*[|»«]\s*|(?<=\S):\s+")
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,})/?", re.IGNORECASE)


def _document_title(tree: HtmlElement) -> str:
    return next((text for one in islice(tree.iter("title"), 3) if (text := line(one.text_content()))), "")


def _headline(tree: HtmlElement, found: Stated) -> HtmlElement | None:
    """The first heading that says most of a title of the page; else the only main heading that does not name the site."""
    sites = {_letters(name) for name in found.publishers} | {""}
    headings = [(one, letters) for one in _headings(tree) if (letters := _letters(text_of(one))) not in sites]
    for title in map(_letters, (*found.titles, _document_title(tree))):
        for heading, letters in headings:
            if _is_most(letters, title) or _is_most(title, letters):
                return heading
    main = [heading for heading, _ in headings if heading.tag == "h1"]
    return main[0] if len(main) == 1 else None


def _headings(tree: HtmlElement) -> Iterator[HtmlElement]:
    for tag in ("h1", "h2", "h3", "h4"):
        yield from (one for one in islice(tree.iter(tag), 50) if not any(outer.tag == "nav" for outer in one.iterancestors()))


def _is_most(part: str, whole: str) -> bool:
    return part in whole and 2 * len(part) > len(whole)


def _title(found: Stated, shown: str, full: str, publisher: str | None, url: str | None) -> str | None:
    """The title that the page states, as the headline has it if they are one, without the site's name."""
    best = next(iter(found.titles), "") or full
    if shown and (not best or _letters(shown) in _letters(best)):
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
    letters = _letters(segment)
    if not letters or len(segment) > 60:
        return False
    if publisher and letters in {_letters(publisher), _letters(_core(publisher))}:
        return True
    host = (urlsplit_host(url) or "").removeprefix("www.").replace("-", "")
    core = _letters(_core(segment))
    initials = "".join(word[0] for word in re.findall(r"\w+", segment)).casefold()
    return len(core) > 2 and bool(host) and (core in host or initials == host.partition(".")[0])


def urlsplit_host(url: str | None) -> str | None:
    """The host of an address; None if it has none, or is none."""
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def _publisher(found: Stated, full: str, shown: str, url: str | None) -> str | None:
    """The first name that the page states of its outlet; a mere domain gives way to the name that is written so."""
    named = [name for one in (*found.publishers, *_sites_in(full, shown, url)) if (name := _outlet(one, url))]
    title = _letters(next(iter(found.titles), shown))
    named = [name for name in named if _letters(name) != title]
    if not named:
        return None
    core = _letters(_core(named[0])) if _DOMAIN.fullmatch(named[0]) else None
    return next((name for name in named if _letters(name) == core), named[0])


def _outlet(name: str, url: str | None) -> str | None:
    """A name as it is used: without address and slogan."""
    if not 1 < len(name) <= 80 or name.startswith("@") or name.isdigit():
        return None
    if domain := _DOMAIN.fullmatch(name):
        return domain[1]
    if name.lower().startswith(("http:", "https:")):
        return None
    parts = [part.strip() for part in re.split(r"\s+[|–—:]\s+|\s+-\s+", name)]
    return next((part for part in parts if len(parts) > 1 and _is_site(part, None, url)), name)


def _sites_in(full: str, shown: str, url: str | None) -> Iterator[str]:
    """The part of a document's title that names the site: the one that its address has, else all that is not the title."""
    segments = [part.strip() for part in _JOINT.split(full)]
    if len(segments) < 2:
        return
    yield from (part for part in (segments[-1], segments[0]) if _is_site(part, None, url))
    title = _letters(shown)
    for part, rest in ((segments[-1], segments[:-1]), (segments[0], segments[1:])):
        others = _letters("".join(rest))
        if title and _letters(part) not in title and len(part.split()) <= 5 and _is_most(title, others):
            yield part


def _core(name: str) -> str:
    """A domain without its ending and www."""
    domain = _DOMAIN.fullmatch(name.strip())
    return domain[1].rpartition(".")[0] if domain else name


def _letters(text: str) -> str:
    """Letters and digits alone, without accents and case."""
    return "".join(one for one in unicodedata.normalize("NFKD", text[:1000]).casefold() if one.isalnum())


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
    letters, outlet = _letters(_core(name)), _letters(_core(publisher or ""))
    return bool(outlet) and (letters in outlet or outlet in letters)


_UPDATED = re.compile(r"updat|modif|edited|geändert|aktualisiert|mis à jour|actualizado", re.IGNORECASE)


def _dated(tree: HtmlElement, headline: HtmlElement | None, url: str | None) -> str | None:
    """The date in the first ``time`` element near the headline, else what htmldate finds in markup of other kinds.

    htmldate (Barbaresi, 2020, doi:10.21105/joss.02439) alone would rather take the day of a change that is marked up
    as one. Its extensive search would take a date from the story when the page states none.
    """
    near = _day_near(headline) if headline is not None else None
    day: str | None = near or htmldate.find_date(tree, url=url, extensive_search=False, original_date=True)
    return day


def _day_near(headline: HtmlElement) -> str | None:
    blocks = islice(headline.iterancestors(), 3)
    below = (one for block in blocks for one in islice(block.iter("time"), 5) if of_article(one, headline))
    for one in below:
        called = f"{one.get('class') or ''} {one.get('itemprop') or ''} {text_of(one)}"
        if not _UPDATED.search(called) and (day := marked_date(line(one.get("datetime")))):
            return day
    return None
