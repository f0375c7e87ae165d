"""XML that somebody else made: read bit by bit, with nothing fetched, nothing expanded and nothing nested too deep.

What XML can be made to do to its readers is what OWASP's cheat sheet on XML external entities lists. Here an entity may
stand for a few characters and no more, which is all that honest files declare (``&pound;``); a file that declares
another is refused before any is expanded. A DTD elsewhere is not looked for. The parser (libxml2 without its option
"huge") refuses by itself what is nested more than 255 deep, and text or attributes of more than 10 MB.
"""

import html
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree

from ingest.readers import File
from retrieval.errors import SourceError

Element = Any
"""lxml's, which has no types of its own."""

_PIECE = 1 << 14
# Bytes before the root element: a DTD that names all characters is a tenth of it.
_MAX_PROLOG = 200_000
_FEW_CHARACTERS = re.compile(r"[^&%<]{0,8}|&#\w{1,7};")
_NO_END_TAG = frozenset({"br", "hr", "img"})


@dataclass(frozen=True, slots=True)
class Root:
    """The root element of a file.

    Attributes:
        name: Without its prefix.
        namespace: None if it is in none.
        declared: All namespaces that it declares.
        attributes: Their values by their names.
    """

    name: str
    namespace: str | None
    declared: frozenset[str]
    attributes: Mapping[str, str]


def root_of(file: File) -> Root:
    """The root element of a file, which says of what kind it is; no more is read than that takes.

    Raises:
        SourceError: This is no XML, or not such as is safe to read.
    """
    for element in _parsed(file, "start", None, _MAX_PROLOG):
        dtd = element.getroottree().docinfo.internalDTD
        for entity in dtd.iterentities() if dtd is not None else ():
            if entity.content is None or not _FEW_CHARACTERS.fullmatch(entity.content):
                raise SourceError(
                    file.name,
                    f"its DTD declares the entity {entity.name!r}, which stands for more than a character; such are "
                    "refused, as they are made to fetch files or to fill memory",
                )
        name = etree.QName(element)
        return Root(name.localname, name.namespace, frozenset(element.nsmap.values()), dict(element.attrib))
    raise SourceError(file.name, f"this is no XML, or has no element in its first {_MAX_PROLOG // 1000} kB")


def elements(file: File, *tags: str) -> Iterator[Element]:
    """Elements of some names, one after the other as they end; where one is in another, the outer one.

    An element can be used until the next is asked for. Then all before it is forgotten, but for its ancestors, so that
    a file may be of any size.

    Args:
        file: XML.
        tags: Names as lxml writes them: ``item``, ``{namespace}item``, ``{*}item`` for any namespace or none.

    Raises:
        SourceError: From here on it is no XML, or it is not safe to read.
    """
    root_of(file)
    for element in _parsed(file, "end", tags):
        if next(element.iterancestors(*tags), None) is None:
            yield element
            _forget(element)


def _parsed(
    file: File, event: Literal["start", "end"], tags: Collection[str] | None, most: int | None = None
) -> Iterator[Element]:
    """Elements as the parser comes by their starts or ends, in the first so many bytes of a file."""
    parser = etree.XMLPullParser(
        (event,),
        tag=tags,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for piece in _pieces(file, most):
        # Of what it comes upon in the middle of a file, the parser may tell no more than its log.
        with suppress(etree.XMLSyntaxError):
            parser.feed(piece) if piece else parser.close()
        # What ended before the place where it is broken is whole.
        for _, element in parser.read_events():
            yield element
        for said in parser.feed_error_log.filter_from_fatals():
            raise _broken(file.name, said)


def _pieces(file: File, most: int | None) -> Iterator[bytes]:
    """The file bit by bit, without the blanks that some servers put before it; at its end, nothing at all."""
    read = 0
    with file.open() as stream:
        while most is None or read < most:
            try:
                piece = stream.read(_PIECE)
            except (OSError, EOFError, zlib.error) as error:
                problem = f"the file is damaged or cut off from here on ({error}); get it anew"
                raise SourceError(file.name, problem) from error
            yield piece if read else piece.lstrip()
            read += len(piece)
            if not piece:
                return


def _broken(where: str, said: Any) -> SourceError:
    message = re.sub(r",? (?:try|use|see) [xX]\w+(?: option)?", "", " ".join(said.message.split())).rstrip(".")
    return SourceError(f"{where}:{said.line}", f"from here on it is no XML ({message}); get the file anew")


def _forget(element: Element) -> None:
    element.clear()
    for one in (element, *element.iterancestors()):
        parent = one.getparent()
        while parent is not None and one.getprevious() is not None:
            del parent[0]


def local(element: Element) -> str:
    """The name of an element, without its namespace."""
    return str(etree.QName(element).localname)


def child(element: Element, path: str) -> Element | None:
    """The first element that stands at a path below another, whatever their namespaces; None if there is none.

    Args:
        element: Where the path begins.
        path: Names with slashes between; ``//`` for any depth.
    """
    return element.find(_any_namespace(path))


def children(element: Element, path: str) -> list[Element]:
    """All elements that stand at a path below another; see ``child``."""
    found: list[Element] = element.findall(_any_namespace(path))
    return found


def _any_namespace(path: str) -> str:
    below = path if path.startswith("/") else f"/{path}"
    return "." + re.sub(r"(/+)([\w.]+)", r"\1{*}\2", below)


def line_of(element: Element | None, left_out: Collection[str] = ()) -> str:
    """The text in an element, on one line; nothing of what is not there.

    Args:
        element: The element, or None.
        left_out: Names of the elements in it that are left out.
    """
    return " ".join("".join(_texts(element, left_out)).split()) if element is not None else ""


def text_of(element: Element) -> str:
    """The text in an element, as it stands there."""
    return "".join(_texts(element, ()))


def _texts(element: Element, left_out: Collection[str]) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        if isinstance(inner, etree._Entity):
            yield _character(inner)
        elif local(inner) not in left_out:
            yield from _texts(inner, left_out)
        yield inner.tail or ""


def html_of(element: Element, names: Mapping[str, str], left_out: Collection[str] = ()) -> str:
    """What is in an element, as HTML without attributes.

    Args:
        element: Of a vocabulary that is much like HTML.
        names: What HTML calls an element, where it has another name there.
        left_out: Names of the elements in it that are left out.
    """
    parts = [html.escape(element.text or "", quote=False)]
    for inner in element:
        if isinstance(inner, etree._Entity):
            parts.append(html.escape(_character(inner), quote=False))
        elif local(inner) not in left_out:
            name = names.get(local(inner), local(inner))
            parts += (f"<{name}>", html_of(inner, names, left_out), "" if name in _NO_END_TAG else f"</{name}>")
        parts.append(html.escape(inner.tail or "", quote=False))
    return "".join(parts)


def _character(entity: Element) -> str:
    """What an entity stands for: in HTML, else where the file declares it; itself if nobody says."""
    known = html.unescape(entity.text)
    dtd = entity.getroottree().docinfo.internalDTD
    if known != entity.text or dtd is None:
        return known
    return next((html.unescape(one.content) for one in dtd.iterentities() if one.name == entity.name), known)
