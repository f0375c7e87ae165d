"""EPUB: each chapter of a book is an article, with what the book states of itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.checks import checked
from ingest.decoding import decoded
from ingest.documents import Document
from ingest.markup import plain
from ingest.metadata import stated_date
from ingest.readers import File
from ingest.records import not_blank
from ingest.zips import Zip, joined
from retrieval.errors import SourceError

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})


@dataclass(frozen=True, slots=True)
class _Package:
    """What a book is made of: its metadata, its chapters in reading order, its table of contents by chapter."""

    stated: Mapping[str, Any]
    spine: tuple[str, ...]
    titles: Mapping[str, str]


def read(file: File) -> Iterator[Document | SourceError]:
    """The chapters of a book; those without any text, as its cover, are passed over.

    The id of a chapter is that of the file with its place in the book. Its title follows that of the book.
    """
    with Zip(file.name, file.path, "an EPUB") as parts:
        package = _package(parts, file.name)
        locked = _encrypted(parts)
        found = False
        for number, name in enumerate(package.spine, start=1):
            try:
                if name in locked:
                    raise SourceError(f"{file.name}:{name}", "is encrypted; get the book without copy protection")
                text = plain(decoded(f"{file.name}:{name}", parts.read(name)))
            except SourceError as error:
                found = True
                yield error
                continue
            if text:
                found = True
                yield _chapter(file, package, number, text)
    if not found:
        raise SourceError(file.name, "has no text in any of its chapters")


def _chapter(file: File, package: _Package, number: int, text: str) -> Document:
    where = f"{file.name}:{package.spine[number - 1]}"
    stated = dict(package.stated)
    if chapter := package.titles.get(package.spine[number - 1]):
        stated["chapter"] = chapter
        stated["title"] = f"{stated['title']}: {chapter}" if stated.get("title") else chapter
    given = checked(where, {**stated, "id": f"{file.stem}-{number}"})
    return Document(given.pop("id"), where, not_blank(where, text), "pages", given)


# --- the package ---------------------------------------------------------------------------------------


def _package(parts: Zip, where: str) -> _Package:
    root = _first(parts.xml(_CONTAINER), "rootfile")
    name = joined("", root.get("full-path", "")) if root is not None else ""
    package = parts.xml(name)
    manifest = {one.get("id"): one for one in _all(package, "item") if one.get("href")}
    items = [manifest[one.get("idref")] for one in _all(package, "itemref") if one.get("idref") in manifest]
    chapters = [
        joined(name, one.get("href"))
        for one in items
        if one.get("media-type") in _PAGES and "nav" not in one.get("properties", "").split()
    ]
    if not chapters:
        raise SourceError(where, "names no chapters; it is damaged")
    return _Package(_stated(package), tuple(dict.fromkeys(chapters)), _titles(parts, name, manifest))


def _stated(package: Any) -> dict[str, Any]:
    """Title, creators, publisher and date of a book; a date that is none, under its own name."""
    title, publisher, date = (_words(_first(package, name)) for name in ("title", "publisher", "date"))
    creators = [_words(one) for one in _all(package, "creator") if _role(one) in {"", "aut"}]
    stated: dict[str, Any] = {"title": title, "book": title, "publisher": publisher}
    stated["author"] = " and ".join(filter(None, creators))
    if date:
        iso = stated_date(date)
        stated["published" if iso else "date"] = iso or date
    return stated


def _role(creator: Any) -> str:
    return next((value for key, value in creator.items() if key.endswith("}role")), "")


def _titles(parts: Zip, package: str, manifest: Mapping[Any, Any]) -> dict[str, str]:
    """Titles of chapters: where in its table of contents each is first named."""
    titles: dict[str, str] = {}
    for item in manifest.values():
        name = joined(package, item.get("href"))
        if name not in parts:
            continue
        if "nav" in item.get("properties", "").split():
            found = [(one.get("href", ""), _words(one)) for one in _all(parts.xml(name), "a")]
        elif item.get("media-type") == "application/x-dtbncx+xml":
            found = [
                (_first(point, "content").get("src", ""), _words(_first(point, "text")))
                for point in _all(parts.xml(name), "navPoint")
                if _first(point, "content") is not None
            ]
        else:
            continue
        for reference, title in found:
            if reference and title:
                titles.setdefault(joined(name, reference), title)
    return titles


def _encrypted(parts: Zip) -> set[str]:
    if _ENCRYPTION not in parts:
        return set()
    return {joined("", one.get("URI", "")) for one in _all(parts.xml(_ENCRYPTION), "CipherReference")}


def _all(element: Any, name: str) -> Iterator[Any]:
    return (one for one in element.iter(f"{{*}}{name}"))


def _first(element: Any, name: str) -> Any:
    return next(_all(element, name), None)


def _words(element: Any) -> str:
    return "" if element is None else " ".join("".join(element.itertext(etree.Element, with_tail=True)).split())
