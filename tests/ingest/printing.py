"""PDFs for tests, written by hand: where each line stands is what is tested."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 420, 595
# Of Courier: every letter is this wide, in sizes of the font.
_LETTER = 0.6


@dataclass(frozen=True)
class Line:
    """Where a line of text begins."""

    x: float
    y: float
    text: str
    size: float = 10


def pdf(pages: Sequence[Sequence[Line]], info: str = "", catalog: str = "") -> bytes:
    """A document with such pages; ``info`` is what stands in its information dictionary."""
    objects = [f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode()]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode())
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>")
    for number, lines in enumerate(pages):
        drawn = b"".join(_drawn(line) for line in lines)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {5 + 2 * number} 0 R>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
    objects.append(f"<<{info}>>".encode())
    return _file(objects)


def _drawn(line: Line) -> bytes:
    text = line.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /F %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n" % (line.size, line.x, line.y, text)


def _file(objects: Sequence[bytes]) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, size - 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, trailer)


def typeset(
    paragraphs: Sequence[str], columns: int = 1, lines: int = 30, size: float = 10, *, indented: bool = False
) -> tuple[list[list[Line]], list[int]]:
    """Pages with such paragraphs, and the page that each begins on, from 0.

    Args:
        paragraphs: To be broken into lines.
        columns: Of a page.
        lines: Of a column.
        size: Of the font, in points.
        indented: Whether a paragraph begins with an indent, and no space stands between; else a blank line does.
    """
    gutter, margin = 24.0, 40.0
    column = (WIDTH - 2 * margin - (columns - 1) * gutter) / columns
    letters = int(column / (_LETTER * size))
    pages: list[list[Line]] = [[]]
    begins, at = [], 0
    for paragraph in paragraphs:
        shift = 2 if indented else 0
        broken = textwrap.wrap(paragraph, letters, initial_indent=" " * shift, break_on_hyphens=False)
        for number, text in enumerate(broken):
            page, place = divmod(at, columns * lines)
            pages += [[] for _ in range(page + 1 - len(pages))]
            if number == 0:
                begins.append(page)
            x = margin + place // lines * (column + gutter) + (shift * _LETTER * size if number == 0 else 0)
            pages[page].append(Line(x, 540 - place % lines * 1.2 * size, text.strip(), size))
            at += 1
        at += 0 if indented or at % lines == 0 else 1
    return pages, begins
