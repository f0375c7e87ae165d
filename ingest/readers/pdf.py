"""PDF: the words of its pages in reading order, by PDFium, with the number of the page that each stands on."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from ingest.checks import checked
from ingest.documents import Document
from ingest.layout import Piece, text_of
from ingest.properties import borne_out
from ingest.readers import File
from retrieval.errors import SourceError

_PASSWORD = 4  # FPDF_ERR_PASSWORD
# Of all characters, how many a font may leave without a meaning.
_UNKNOWN = 0.2


def read(file: File) -> Iterator[Document]:
    """The one article of a PDF.

    Raises:
        SourceError: It is damaged, needs a password, or has no text that could be read.
    """
    with closing(_opened(file)) as document:
        pages = [_pieces(document, number) for number in range(len(document))]
        stated = document.get_metadata_dict()
    text, begins = text_of(pages)
    if not text.strip():
        raise SourceError(file.name, "has no text, only pictures; run OCR over it first")
    _legible(file.name, text)
    first_pages = text[: (*begins, len(text))[min(2, len(begins))]]
    given = borne_out(stated.get("Title", ""), stated.get("Author", ""), first_pages)
    yield file.article(text, "pages", checked(file.name, given), begins)


def _opened(file: File) -> pdfium.PdfDocument:
    data = file.contents()
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == _PASSWORD:
            raise SourceError(file.name, "needs a password; save it without one") from error
        raise SourceError(file.name, "is no PDF, or a damaged one; get it anew") from error


# --- words ---------------------------------------------------------------------------------------------


def _pieces(document: pdfium.PdfDocument, number: int) -> list[Piece]:
    """The words of a page; those that are turned as most are, then the others."""
    with closing(document[number]) as page, closing(page.get_textpage()) as text:
        turned: dict[int, list[Piece]] = {}
        for turn, piece in _runs(text.raw):
            turned.setdefault(turn, []).append(piece)
    order = sorted(turned, key=lambda turn: -sum(len(piece.text) for piece in turned[turn]))
    return [piece for turn in order for piece in turned[turn]]


def _runs(text: Any) -> Iterator[tuple[int, Piece]]:
    """Characters that follow each other on one line, and how many quarters of a circle they are turned."""
    box = raw.FS_RECTF()
    run, edges, before, turn = "", [0.0] * 4, 0.0, 0
    for index in range(raw.FPDFText_CountChars(text)):
        sign = chr(raw.FPDFText_GetUnicode(text, index))
        if sign.isspace():
            run += " " if run else ""
            continue
        raw.FPDFText_GetLooseCharBox(text, index, box)
        here = _turned(turn, box)
        if run and not _follows(edges, before, here):
            yield from _ended(turn, run, edges)
            run = ""
        if run:
            edges = [edges[0], max(edges[1], here[1]), min(edges[2], here[2]), max(edges[3], here[3])]
        else:
            turn = round(raw.FPDFText_GetCharAngle(text, index) / (math.pi / 2)) % 4
            edges = here = _turned(turn, box)
        before = here[0]
        run += sign
    yield from _ended(turn, run, edges)


def _turned(turn: int, box: Any) -> list[float]:
    """Left, right, bottom and top, of a page that is turned so that its words stand upright."""
    left, right, bottom, top = box.left, box.right, box.bottom, box.top
    return [
        [left, right, bottom, top],
        [bottom, top, -right, -left],
        [-right, -left, -top, -bottom],
        [-top, -bottom, left, right],
    ][turn]


def _follows(edges: Sequence[float], before: float, here: Sequence[float]) -> bool:
    """Whether a character stands on the line of those before it, and not left of the last.

    Args:
        edges: Of all characters before.
        before: The left edge of the last.
        here: The edges of the character.
    """
    height = min(edges[3] - edges[2], here[3] - here[2])
    common = min(edges[3], here[3]) - max(edges[2], here[2])
    # Not of the edge where the last ends: the letters of a ligature have one place.
    return common > 0.5 * height and before - 0.1 * height <= here[0] < edges[1] + height


def _ended(turn: int, run: str, edges: Sequence[float]) -> Iterator[tuple[int, Piece]]:
    text = _tidied(run)
    if text:
        left, right, bottom, top = edges
        yield turn, Piece(left, right, bottom, top, top - bottom, text)


def _tidied(run: str) -> str:
    """Text without ligatures and control characters; PDFium marks a hyphen that ends a line by one of them."""
    whole = run.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    whole = re.sub("[\ufb00-\ufb06]", lambda found: unicodedata.normalize("NFKC", found[0]), whole)
    whole = re.sub("[\x02\ufffe]", "-", whole.rstrip())
    whole = re.sub("\xad(?=.)", "", whole)
    return unicodedata.normalize("NFC", "".join(sign for sign in whole if unicodedata.category(sign) != "Cc")).strip()


def _legible(name: str, text: str) -> None:
    unknown = sum(unicodedata.category(sign) in {"Co", "Cn"} or sign == "\ufffd" for sign in text)
    if unknown > _UNKNOWN * len(text):
        raise SourceError(name, "its fonts do not say which letters they show; run OCR over it first")
