"""NewsML-G2 of IPTC: news items, one a file or many in a message, with NITF, XHTML or plain text in them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ingest.bylines import credited
from ingest.dates import marked_date
from ingest.decoding import unix_lines
from ingest.documents import Document
from ingest.ids import own_id, web_address
from ingest.markup import plain
from ingest.readers import File, attempted, nitf
from ingest.readers.nitf import attribute, refuse_withdrawn
from ingest.records import record
from ingest.safexml import Element, child, children, elements, html_of, line_of, local, text_of
from retrieval.errors import SourceError

_OTHERS = ("packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")
_TEXTS = {"", "text", "composite"}


def read(file: File) -> Iterator[Document | SourceError | None]:
    """The articles of a file; pictures, packages and lists of concepts are passed over where there are articles."""
    passed: Counter[str] = Counter()
    found = False
    for item in elements(file, "{*}newsItem", *(f"{{*}}{name}" for name in _OTHERS)):
        kind = _code(child(item, "itemMeta/itemClass")) if local(item) == "newsItem" else local(item)
        if kind in _TEXTS:
            found = True
            yield attempted(_article, f"{file.name}:{item.sourceline}", item)
        else:
            passed[kind] += 1
            yield None
    if not found:
        held = ", ".join(f"{count} {kind}" for kind, count in sorted(passed.items())) or "nothing"
        raise SourceError(file.name, f"no news item with text is in it, but {held}; give the items that have the text")


def _article(where: str, item: Element) -> Document:
    refuse_withdrawn(where, _code(child(item, "itemMeta/pubStatus")))
    inside = child(item, "contentSet/inlineXML//nitf")
    own = nitf.stated(inside) if inside is not None else {}
    told = {name: value for name, value in _stated(item).items() if value}
    return record(where, {**own, **told, "text": _text(where, item, inside)})


def _text(where: str, item: Element, inside: Element | None) -> str:
    if inside is not None:
        return nitf.text_of(inside)
    for content in children(item, "contentSet/inlineXML"):
        body = child(content, "//body")
        if text := plain(html_of(content if body is None else body, {})):
            return text
    for data in children(item, "contentSet/inlineData"):
        text = text_of(data)
        if text.strip():
            return plain(text) if "html" in data.get("contenttype", "") else unix_lines(text).strip() + "\n"
    if child(item, "contentSet/remoteContent") is not None:
        raise SourceError(where, "its text is in another file (remoteContent); get items with their text in them")
    raise SourceError(where, "there is no text in it")


def _stated(item: Element) -> dict[str, Any]:
    meta = child(item, "itemMeta")
    publisher = _party(child(item, "itemMeta/provider")) or _party(child(item, "rightsInfo/copyrightHolder"))
    credits_ = [line_of(one) for one in children(item, "contentMeta/by")]
    creators = [_party(one) or "" for one in children(item, "contentMeta/creator")]
    days = ("itemMeta/firstCreated", "contentMeta/contentCreated", "itemMeta/versionCreated")
    corrected = any(_code(one) == "correction" for one in children(item, "itemMeta/signal"))
    language = child(item, "contentMeta/language")
    return {
        "id": own_id(item.get("guid")) if item.get("guid") else None,
        "title": _headline(item),
        "author": credited(credits_, publisher) or credited(creators, publisher),
        "publisher": publisher,
        "published": next((day for path in days if (day := marked_date(line_of(child(item, path))))), None),
        "corrected": marked_date(line_of(child(item, "itemMeta/versionCreated"))) if corrected else None,
        "url": None if meta is None else _own_address(meta),
        "version": item.get("version"),
        "language": attribute(language, "tag"),
        "dateline": line_of(child(item, "contentMeta/dateline")),
        "slugline": line_of(child(item, "contentMeta/slugline")),
        "credit": line_of(child(item, "contentMeta/creditline")),
        "subjects": [name for one in children(item, "contentMeta/subject") if (name := line_of(child(one, "name")))],
        "embargoed": line_of(child(item, "itemMeta/embargoed")),
    }


def _headline(item: Element) -> str:
    headlines = children(item, "contentMeta/headline")
    main = [one for one in headlines if _tail(one.get("role", "")) == "main"]
    return line_of(next(iter(main + headlines), None)) or line_of(child(item, "itemMeta/title"))


def _own_address(meta: Element) -> str | None:
    """Where the same article can be read, if a link says so."""
    links = (one for one in children(meta, "link") if _tail(one.get("rel", "")) in {"isPermalink", "permalink"})
    return next((web_address(one.get("href", "")) for one in links), None)


def _party(element: Element | None) -> str:
    """Name of a person or organisation; codes and addresses, which only catalogues know, are none."""
    return line_of(child(element, "name")) or attribute(element, "literal") if element is not None else ""


def _code(element: Element | None) -> str:
    """A concept without the scheme of its code or address: ``stat:usable`` and ``http://.../usable`` are usable."""
    return _tail(attribute(element, "qcode") or attribute(element, "uri") or attribute(element, "literal"))


def _tail(code: str) -> str:
    return code.replace("/", ":").rpartition(":")[2]
