"""DOCX: the paragraphs of a Word document, its tables and its notes, as they are once all changes are accepted.

Read from its XML without a tree, so that the length of a document costs no memory. python-docx, which one would think
of, leaves out the insertions of tracked changes and what stands in content controls.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from ingest.checks import checked
from ingest.documents import Document
from ingest.properties import borne_out
from ingest.readers import File
from ingest.zips import Zip, joined
from retrieval.errors import SourceError

_COMPOUND = b"\xd0\xcf\x11\xe0"
_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}
# What was deleted or moved away, and what older programs would show instead of the same.
_UNSEEN = frozenset({"del", "moveFrom", "Fallback"})
_PIECE = 1 << 16
# Characters of the first pages.
_FIRST = 6_000


def read(file: File) -> Iterator[Document]:
    """The one article of a Word document.

    Raises:
        SourceError: It is none, is damaged or has a password, or there is no text in it.
    """
    with file.open() as opened:
        if opened.read(4) == _COMPOUND:
            raise SourceError(file.name, "is an old Word document, or has a password; save it as .docx without one")
    with Zip(file.name, file.path, "a Word document") as parts:
        main = _main_part(parts, file.name)
        body = _read(file.name, parts.read(main))
        notes = [joined(main, f"{name}.xml") for name in ("footnotes", "endnotes")]
        paragraphs = body.paragraphs + [
            one for name in notes if name in parts for one in _read(file.name, parts.read(name)).paragraphs
        ]
        stated = _stated(parts)
    text = _written(paragraphs)
    given = borne_out(stated.get("title", ""), stated.get("creator", ""), text[:_FIRST])
    if body.title:
        given["title"] = body.title
    yield file.article(text, "pages", checked(file.name, given))


def _main_part(parts: Zip, where: str) -> str:
    if "_rels/.rels" in parts:
        for relation in parts.xml("_rels/.rels"):
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                return joined("", relation.get("Target", "").lstrip("/"))
    raise SourceError(where, "is not a Word document; its name ends like that of one")


def _stated(parts: Zip) -> dict[str, str]:
    """What its properties say, by the names of Dublin Core."""
    if "docProps/core.xml" not in parts:
        return {}
    return {_local(one.tag): one.text or "" for one in parts.xml("docProps/core.xml") if isinstance(one.tag, str)}


def _read(where: str, data: bytes) -> "_Text":
    target = _Text()
    interface: Any = target
    parser = etree.XMLParser(target=interface, resolve_entities=False, no_network=True)
    try:
        for start in range(0, len(data), _PIECE):
            parser.feed(data[start : start + _PIECE])
        parser.close()
    except etree.XMLSyntaxError as error:
        raise SourceError(where, "its text is no XML; it is damaged, get it anew") from error
    return target


def _written(paragraphs: list[tuple[str, str]]) -> str:
    """Paragraphs with blank lines between; of one list or table, without."""
    written, before = "", ""
    for kind, text in paragraphs:
        gap = "\n" if kind == before and kind in {"list", "row"} else "\n\n"
        written += f"{gap if written else ''}{'  • ' if kind == 'list' else ''}{text}"
        before = kind
    return written


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Text:
    """What the parser tells of, put together to paragraphs (``lxml``'s interface of a parser target).

    Attributes:
        paragraphs: Of which kind each is (``text``, ``list``, ``row`` of a table), and its text.
        title: Text of the paragraph that has the style of a title; empty if none does.
    """

    def __init__(self) -> None:
        self.paragraphs: list[tuple[str, str]] = []
        self.title = ""
        self._unseen = 0
        self._is_text = self._is_run = self._is_hidden = False
        # A paragraph in a box stands in the paragraph that the box is tied to.
        self._open: list[tuple[list[str], list[str]]] = []
        self._rows: list[list[list[str]]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        if self._unseen or name in _UNSEEN:
            self._unseen += 1
        elif name == "p":
            self._open.append(([], []))
        elif name == "tr":
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._rows[-1].append([])
        else:
            self._start_inside(name, attributes)

    def _start_inside(self, name: str, attributes: Mapping[str, str]) -> None:
        """What stands in a paragraph: its properties and its runs."""
        value = next((value for key, value in attributes.items() if _local(key) == "val"), "")
        if name == "t":
            self._is_text = True
        elif name == "r":
            self._is_run, self._is_hidden = True, False
        elif name == "vanish":
            self._is_hidden = self._is_run and value not in {"0", "false"}
        elif self._open and name in {"pStyle", "numPr"}:
            self._open[-1][1].append(value if name == "pStyle" else name)
        elif self._open and self._is_run and name in _SIGNS and not self._is_hidden:
            self._open[-1][0].append(_SIGNS[name])

    def end(self, tag: str) -> None:
        """An element ends."""
        name = _local(tag)
        if self._unseen:
            self._unseen -= 1
        elif name == "p" and self._open:
            self._end_paragraph(*self._open.pop())
        elif name == "tr" and self._rows:
            self._end_row(self._rows.pop())
        elif name == "t":
            self._is_text = False
        elif name == "r":
            self._is_run = self._is_hidden = False

    def data(self, text: str) -> None:
        """Characters of an element."""
        if self._is_text and self._open and not self._unseen and not self._is_hidden:
            self._open[-1][0].append(text)

    def close(self) -> None:
        """All has been told."""

    def _end_paragraph(self, words: list[str], properties: list[str]) -> None:
        lines = [" ".join(line.split()) for line in "".join(words).replace("\xad", "").split("\n")]
        text = "\n".join(lines).strip("\n")
        if not text:
            return
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].append(text)
            return
        style = next((one for one in properties if one != "numPr"), "")
        if style == "Title" and not self.title:
            self.title = text
        listed = style.startswith("List") or ("numPr" in properties and not style.startswith(("Heading", "Title")))
        self.paragraphs.append(("list" if listed else "text", text))

    def _end_row(self, cells: list[list[str]]) -> None:
        """Cells with bars between; where there is but one, the table only frames what is in it."""
        if len(cells) == 1:
            found = [("text", text) for text in cells[0]]
        else:
            found = [("row", " | ".join(" ".join(cell).replace("\n", " ") for cell in cells))] if any(cells) else []
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].extend(text for _, text in found)
        else:
            self.paragraphs += found
