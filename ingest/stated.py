"""What a page states of its article in markup made for machines: JSON-LD, meta elements and microdata.

Vocabularies: schema.org, Open Graph (ogp.me), Dublin Core (DCMI terms), Highwire Press (``citation_``), PRISM, and
those of Parse.ly and Sailthru. Nothing here looks at how a page reads, and nothing that it does not state is filled in.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from ingest.corrections import Correction, stated_correction
from ingest.dates import marked_date

# Of what is worth reading of a page's markup, each far beyond what any newspaper writes.
_SCRIPT, _VALUE, _OBJECTS, _ELEMENTS, _MOST = 2_000_000, 1_000, 5_000, 5_000, 50


@dataclass(frozen=True, slots=True)
class Stated:
    """All that a page states; of each field first what can be trusted most.

    Attributes:
        titles: With the name of the site, where the page adds it.
        authors: Each a list of names, as they stand there: with labels, offices, addresses and all.
        publishers: Names of the outlet.
        published: Days of first publication, ISO 8601.
        modified: Days of the last change, ISO 8601.
        correction: Of the article; its note as one line, empty where only the day is stated.
        urls: Addresses of the page, absolute.
    """

    titles: tuple[str, ...] = ()
    authors: tuple[tuple[str, ...], ...] = ()
    publishers: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    correction: Correction | None = None
    urls: tuple[str, ...] = ()


def stated(tree: HtmlElement) -> Stated:
    """What the page of a tree states of its article.

    Schema.org's objects come first, as they alone say what it is that they describe.
    """
    meta, micro = _Meta(tree), _Microdata(tree)
    urls = tuple(_addresses(tree, meta))
    linked = _Linked(tree, urls, (*meta.all("og.title", "twitter.title"), document_title(tree)))
    return Stated(
        titles=_unique((*meta.all("og.title", "twitter.title"), *linked.titles, *meta.all(*_TITLE))),
        authors=_unique((*linked.authors, *micro.authors, *meta.authors)),
        publishers=_unique((*meta.all("og.site.name"), *linked.publishers, *meta.all(*_PUBLISHER))),
        published=_dates((*linked.dates("datePublished"), *meta.all(*_PUBLISHED), *micro.dates("datePublished"))),
        modified=_dates((*linked.dates("dateModified"), *meta.all(*_MODIFIED), *micro.dates("dateModified"))),
        correction=linked.correction,
        urls=urls,
    )


_Value = TypeVar("_Value")


def _unique(values: Iterable[_Value]) -> tuple[_Value, ...]:
    return tuple(islice(dict.fromkeys(value for value in values if value), _MOST))


def _dates(values: Iterable[str]) -> tuple[str, ...]:
    return _unique(day for value in values if (day := marked_date(value)))


# Controls, half characters, and marks that turn the direction of all that follows them.
_NO_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+"
)
_TAG = re.compile(r"<[^<>]{1,200}>")


def line(value: object) -> str:
    """A value as one line of text, entities and tags resolved; empty for what is no text, or too long to be a fact."""
    if not isinstance(value, str) or len(value) > _VALUE:
        return ""
    # Systems that escape what they are given escape it twice.
    text = html.unescape(html.unescape(value)) if "&" in value else value
    return " ".join(_NO_TEXT.sub(" ", _TAG.sub(" ", text)).split())


def document_title(tree: HtmlElement) -> str:
    """The title element of a page, empty if it has none; pictures may have title elements of theirs behind it."""
    return next((text for one in islice(tree.iter("title"), 3) if (text := text_of(one))), "")


def text_of(element: HtmlElement) -> str:
    """What a reader sees of an element, as one line; no more of it than a fact takes."""
    text = ""
    for event, one in islice(iterwalk(element, events=("start", "end")), _ELEMENTS):
        if event == "start" and one.tag not in {"script", "style"}:
            text += (one.text or "")[:_VALUE]
        elif event == "end" and one is not element:
            text += (one.tail or "")[:_VALUE]
        if len(text) > _VALUE:
            break
    return line(text[:_VALUE])


def folded(text: str) -> str:
    """Letters and digits alone, without accents and case."""
    return "".join(one for one in unicodedata.normalize("NFKD", text[:_VALUE]).casefold() if one.isalnum())


def alike(one: str, other: str) -> bool:
    """Whether two titles are one, though a site, a section or a kicker may be added to either."""
    shorter, longer = sorted((folded(one), folded(other)), key=len)
    return shorter in longer and 2 * len(shorter) > len(longer)


# --- addresses -----------------------------------------------------------------------------------------


def _addresses(tree: HtmlElement, meta: "_Meta") -> Iterator[str]:
    """Addresses that lead to the page; those of a site's front come last, as they are put on every page by mistake."""
    links = islice(tree.iter("link"), _ELEMENTS)
    named = [line(link.get("href")) for link in links if "canonical" in link.get("rel", "").lower().split()]
    found = [url for url in (*named, *meta.all("og.url")) if host_of(url)]
    yield from sorted(dict.fromkeys(found), key=lambda url: urlsplit(url).path in {"", "/"})


def host_of(url: str) -> str | None:
    """The host that an absolute address of the web leads to; None for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} and not re.search(r"\s", url) else None


# --- meta elements -------------------------------------------------------------------------------------

_TITLE = ("headline", "dc.title", "dcterms.title", "citation.title", "parsely.title", "sailthru.title")
_AUTHOR = (
    "article.author author article.author.name byl byline dc.creator dcterms.creator citation.author "
    "bepress.citation.author sailthru.author parsely.author cse.author og.author og.article.author search.byline "
    "dc.contributor twitter.creator"
).split()
_PUBLISHER = (
    "application.name publisher dc.publisher dcterms.publisher dc.publisher.corporatename citation.journal.title "
    "prism.publicationname"
).split()
_PUBLISHED = (
    "article.published.time og.article.published.time datepublished parsely.pub.date article.published "
    "dc.date.issued dcterms.issued dc.issued citation.publication.date citation.online.date citation.date "
    "bepress.citation.date prism.publicationdate originalpublicationdate publicationdate publication.date "
    "publishdate publish.date pubdate pub.date article.date.original dcsext.articlefirstpublished "
    "cxenseparse.recs.publishtime dc.date.created dcterms.created dc.date dcterms.date sailthru.date"
).split()
_MODIFIED = (
    "article.modified.time og.article.modified.time datemodified dcterms.modified dc.date.modified dc.modified "
    "og.updated.time article.updated article.date.updated last.modified"
).split()


class _Meta:
    """The meta elements of a page by name; ``og:site_name`` and ``og.site-name`` are one name, og.site.name."""

    def __init__(self, tree: HtmlElement) -> None:
        self.contents: dict[str, list[str]] = {}
        for element in islice(tree.iter("meta"), _ELEMENTS):
            if content := line(element.get("content")):
                for attribute in ("property", "name", "itemprop"):
                    name = re.sub(r"[:._-]", ".", element.get(attribute, "").strip().lower()[:60])
                    self.contents.setdefault(name, []).append(content)
        self.contents.pop("", None)

    def all(self, *names: str) -> tuple[str, ...]:
        """What stands under the first of the names, then under the next."""
        return tuple(content for name in names for content in self.contents.get(name, ()))

    @property
    def authors(self) -> tuple[tuple[str, ...], ...]:
        """One list of names for each vocabulary, which names one author by element."""
        listed = (self.contents.get(name, ()) for name in _AUTHOR)
        return tuple(tuple(name for name in names if not name.startswith("@")) for names in listed)


# --- JSON-LD -------------------------------------------------------------------------------------------

_COMMENTED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)+|(?:-->|//\s*\]\]>|\]\]>)\s*$", re.DOTALL
)
_TRAILING_COMMA = re.compile(r",(?=\s*[\]}])")
_ARTICLE = re.compile(r"(?:\w*NewsArticle|\w*Article|\w*Posting|Report|Review|CriticReview|Interview|\w*Episode)")
# What an object may stand in and still be what the page is about, rather than one of the things that it mentions.
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
# Systems that publish for others, and put themselves down for the outlet.
_PLATFORMS = {"blogger", "wordpress", "wordpress.com", "google", "squarespace", "medium", "wix", "ghost", "substack"}


class _Linked:
    """The objects of JSON-LD (json-ld.org) that describe the article of a page.

    A page that describes several articles at the same depth, as a list of others does, is believed only on the one
    that has the address or the title of the page.
    """

    def __init__(self, tree: HtmlElement, urls: tuple[str, ...], titles: tuple[str, ...]) -> None:
        self._objects = tuple(islice(_objects(tree), _OBJECTS))
        self._urls, self._titles = urls, titles[:5]

    @cached_property
    def _by_id(self) -> Mapping[str, Mapping[str, Any]]:
        """Objects by the name that others refer to them by; the fullest, as each may be named many times."""
        named = [one for one in self._objects if isinstance(one.get("@id"), str)]
        return {one["@id"]: one for one in sorted(named, key=len)}

    @cached_property
    def _article(self) -> Mapping[str, Any]:
        found = list(islice(filter(_is_article, self._objects), _MOST))
        if len(found) < 2:
            return found[0] if found else {}
        own = (one for one in found if self._is_of_page(one))
        return next(own, found[0] if len({line(one.get("headline")) for one in found}) == 1 else {})

    def _is_of_page(self, one: Mapping[str, Any]) -> bool:
        page = one.get("mainEntityOfPage")
        addresses = (one.get("url"), one.get("@id"), page, page.get("@id") if isinstance(page, dict) else None)
        if any(isinstance(url, str) and url in self._urls for url in addresses):
            return True
        headline = line(one.get("headline")) or line(one.get("name"))
        return bool(headline) and any(alike(headline, title) for title in self._titles)

    @cached_property
    def _page(self) -> Mapping[str, Any]:
        return next((one for one in self._objects if "WebPage" in _types(one)), {})

    @property
    def titles(self) -> tuple[str, ...]:
        return _unique((line(self._article.get("headline")), line(self._article.get("name"))))

    @property
    def authors(self) -> tuple[tuple[str, ...], ...]:
        properties = (self._article.get("author"), self._article.get("creator"), self._page.get("author"))
        return _unique(tuple(self._names(value)) for value in properties)

    @property
    def publishers(self) -> tuple[str, ...]:
        sites = (one for one in self._objects if "WebSite" in _types(one))
        values = (self._article.get("publisher"), self._page.get("publisher"), *islice(sites, 1))
        names = (name for value in values for name in self._names(value))
        return _unique(name for name in names if name.lower() not in _PLATFORMS)

    @property
    def correction(self) -> Correction | None:
        """What the article is said to have been corrected in, and when."""
        found = stated_correction(self._article.get("correction"))
        return replace(found, note=line(found.note)) if found else None

    def dates(self, name: str) -> tuple[str, ...]:
        """Values of a date, the article's own first."""
        both = (self._article.get(name), self._page.get(name))
        return tuple(value for value in both if isinstance(value, str))

    def _names(self, value: object) -> Iterator[str]:
        """The names of people or organisations, which are written as text, as objects, by reference, or as lists."""
        for one in value[:_MOST] if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from self._name_of(one)
            elif name := line(one):
                yield name

    def _name_of(self, one: Mapping[str, Any]) -> Iterator[str]:
        referred = one.get("@id")
        full = self._by_id.get(referred, one) if isinstance(referred, str) and not line(one.get("name")) else one
        name = full.get("name")
        names = [line(each) for each in (name[:_MOST] if isinstance(name, list) else [name])]
        parted = " ".join(filter(None, (line(full.get("givenName")), line(full.get("familyName")))))
        yield from filter(None, names if any(names) else [parted])


def _is_article(one: Mapping[str, Any]) -> bool:
    return any(_ARTICLE.fullmatch(name) for name in _types(one))


def _types(one: Mapping[str, Any]) -> list[str]:
    """The types of an object without the vocabulary that they are from."""
    given = one.get("@type")
    listed = given[:20] if isinstance(given, list) else [given]
    return [name[:200].rpartition("/")[2] for name in listed if isinstance(name, str)]


def linked_data(tree: HtmlElement) -> Iterator[tuple[HtmlElement, Any]]:
    """The scripts of a page that hold JSON-LD and are sound, each with its value."""
    scripts = (one for one in tree.iter("script") if "ld+json" in one.get("type", "").lower())
    for script in islice(scripts, _MOST):
        value = _parsed(script.text or "")
        if value is not None:
            yield script, value


def _objects(tree: HtmlElement) -> Iterator[Mapping[str, Any]]:
    """The objects of all scripts that can be what the page is about, outermost first."""
    level = [value for _, value in linked_data(tree)]
    while level:
        inside: list[Any] = []
        for one in level:
            if isinstance(one, list):
                inside += one[:_OBJECTS]
            elif isinstance(one, dict):
                yield one
                inside += [one[name] for name in _HOLDERS if name in one]
        level = inside


def _parsed(source: str) -> Any:
    """The value of a script; None for one that is broken, which states nothing that could be relied upon."""
    if len(source) > _SCRIPT:
        return None
    bare = _COMMENTED.sub("", source).strip().rstrip(";")
    # Line feeds within strings and commas at the ends of lists are what templates get wrong, and leave no doubt.
    for attempt in (bare, _TRAILING_COMMA.sub("", bare)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


# --- microdata -----------------------------------------------------------------------------------------


class _Microdata:
    """The properties that elements of the text are marked with, as far as they are those of the article of the page.

    By ``itemprop`` (HTML standard, section 5) or by ``property`` (RDFa Lite 1.1).
    """

    def __init__(self, tree: HtmlElement) -> None:
        marked = (one for one in tree.iter("*") if one.tag != "meta" and _properties(one))
        self._marked = tuple(islice(marked, _ELEMENTS))

    def _having(self, name: str) -> Iterator[HtmlElement]:
        return (one for one in self._marked if name in _properties(one) and _is_of_article(one))

    @property
    def authors(self) -> tuple[tuple[str, ...], ...]:
        """The authors of the first item that has any; of those that are in no item, the first alone."""
        found: dict[HtmlElement | None, list[str]] = {}
        for one in self._having("author"):
            names = [inner for inner in one.iter("*") if "name" in _properties(inner)]
            texts = [line(name.get("content")) or text_of(name) for name in names[:_MOST]] or [text_of(one)]
            if (item := _item(one)) is not None or item not in found:
                found.setdefault(item, []).extend(filter(None, texts))
        return tuple(_unique(names) for names in islice(found.values(), 1))

    def dates(self, name: str) -> tuple[str, ...]:
        """Values of a date, as they are meant for machines."""
        return tuple(line(one.get("datetime") or one.get("content")) or text_of(one) for one in self._having(name))


def _properties(element: HtmlElement) -> list[str]:
    """Names of properties without the vocabulary that they are from."""
    given = f"{element.get('itemprop') or ''} {element.get('property') or ''}"
    return [re.split("[:/]", name)[-1] for name in given[:200].split()]


def _item(element: HtmlElement) -> HtmlElement | None:
    """The item whose property an element is."""
    around = element.iterancestors()
    return next((one for one in around if one.get("itemscope") is not None or one.get("typeof")), None)


def _is_of_article(element: HtmlElement) -> bool:
    """Whether a property is of an item that is an article, or of none that says what it is."""
    item = _item(element)
    given = ((item.get("itemtype") or item.get("typeof") or "") if item is not None else "")[:200].split()
    kinds = [re.split("[:/]", kind)[-1] for kind in given]
    return not kinds or any(kind == "WebPage" or _ARTICLE.fullmatch(kind) for kind in kinds)
