"""Files that were made to break whoever reads them, and what is to be said of each."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

MB = 1_000_000
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def corpus(folder: Path) -> Iterator[tuple[Path, str]]:
    """Make each file, and say a part of what its error has to say."""
    for name, (make, problem) in _FILES.items():
        path = folder / name
        with path.open("wb") as file:
            for piece in make():
                file.write(piece)
        yield path, problem


def _of(data: bytes, times: int = 1) -> Callable[[], Iterator[bytes]]:
    return lambda: (data for _ in range(times))


def _one_line(before: bytes = b"", after: bytes = b"") -> Callable[[], Iterator[bytes]]:
    """100 MB without a line end."""

    def pieces() -> Iterator[bytes]:
        yield before
        yield from (b"word " * (MB // 5) for _ in range(100))
        yield after

    return pieces


def _gzip_bomb(line: bytes) -> Callable[[], Iterator[bytes]]:
    """Two gigabytes in two megabytes."""

    def pieces() -> Iterator[bytes]:
        yield gzip.compress(line * (MB // len(line)) * 100, 9, mtime=0) * 20

    return pieces


def _zip(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/").replace("_", "."), data)
    return made.getvalue()


def _zip_bomb(member: str) -> Callable[[], Iterator[bytes]]:
    """400 MB of blanks in one member of a zip file."""

    def pieces() -> Iterator[bytes]:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
            file.writestr("META-INF/container.xml", _CONTAINER)
            file.writestr("[Content_Types].xml", "<Types/>")
            with file.open(member, "w", force_zip64=True) as inside:
                for _ in range(400):
                    inside.write(b" " * MB)
        yield made.getvalue()

    return pieces


def _lying_zip(member: str) -> Callable[[], Iterator[bytes]]:
    """A zip file whose directory says that a member of 100 MB has ten bytes."""

    def pieces() -> Iterator[bytes]:
        (data,) = _of(_zip(**{member: b" " * 100 * MB}))()
        yield data.replace(struct.pack("<I", 100 * MB), struct.pack("<I", 10))

    return pieces


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_BILLION_LAUGHS = f'<!DOCTYPE l [<!ENTITY l0 "laugh">{_LAUGHS}]><rss><channel>&l9;</channel></rss>'
_MANY = "&a;" * 10_000
_QUADRATIC = f'<!DOCTYPE l [<!ENTITY a "{"a" * 100_000}">]><rss><channel>{_MANY}</channel></rss>'
_EXTERNAL = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel><title>&a;</title></channel></rss>'


def _pdf(*objects: bytes) -> bytes:
    """A PDF of numbered objects, the first of which is its catalogue."""
    made = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)


_LOOPING_PAGES = _pdf(
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 1000000 /Parent 3 0 R >>",
    b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 1000000 /Parent 2 0 R >>",
)
_LOOPING_TABLE = b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Prev 9 >>\nstartxref\n9\n%%EOF\n"
_FLATE_BOMB = zlib.compress(b" " * 200 * MB, 9)


def _pdf_bomb() -> Iterator[bytes]:
    yield _pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 9 9] >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(_FLATE_BOMB), _FLATE_BOMB),
    )


_NESTED_JSON = b'{"text": "x", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
_BINARY = bytes.fromhex("7f454c4602010100") + bytes(range(256)) * 64
_SUFFIXES = (
    ".txt .md .html .jsonl .jsonl.gz .pdf .docx .epub .eml .csv .parquet .rss .atom .xml .nitf .warc .warc.gz .wxr"
).split()

_FILES: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "line.txt": (_one_line(), "MB"),
    "line.md": (_one_line(b"# "), "MB"),
    "line.html": (_one_line(b"<html><body><p>", b"</p></body></html>"), "MB"),
    "line.jsonl": (_one_line(b'{"text": "', b'"}\n'), "more than 16 MB in one line"),
    "line.csv": (_one_line(b"text\n"), "16 MB"),
    "line.xml": (_one_line(b"<rss><channel><item><title>", b"</title></item></channel></rss>"), "MB"),
    "line.eml": (_one_line(b"Subject: x\n\n"), "MB"),
    "bomb.jsonl.gz": (_gzip_bomb(b" "), "unpacks to more than 250 times its size"),
    "blank-lines.jsonl.gz": (_gzip_bomb(b"\n"), "are blank"),
    "bomb.warc.gz": (_gzip_bomb(b" "), ""),
    "bomb.docx": (_zip_bomb("word/document.xml"), ""),
    "bomb.epub": (_zip_bomb("c.opf"), "unpacks to more than any text"),
    "liar.docx": (_lying_zip("word__document_xml"), ""),
    "liar.epub": (_lying_zip("c_opf"), "damaged"),
    "laughs.xml": (_of(_BILLION_LAUGHS.encode()), "declares the entity"),
    "laughs.rss": (_of(_BILLION_LAUGHS.encode()), "declares the entity"),
    "quadratic.xml": (_of(_QUADRATIC.encode()), "declares the entity"),
    "external.xml": (_of(_EXTERNAL.encode()), "declares the entity"),
    "deep.html": (_of(b"<div>" * 100_000 + b"text" + b"</div>" * 100_000), "no article was found"),
    "deep.xml": (_of(b"<rss>" * 100_000 + b"</rss>" * 100_000), ""),
    "deep.jsonl": (_of(_NESTED_JSON), "not JSON"),
    "deep.md": (_of(b"> " * 100_000 + b"text"), ""),
    "looping-pages.pdf": (_of(_LOOPING_PAGES), ""),
    "looping-table.pdf": (_of(_LOOPING_TABLE), "is no PDF"),
    "bomb.pdf": (_pdf_bomb, ""),
    "broken.txt": (_of("Größe und Maß, café".encode() * 20 + b"\xff\xfe\xc3"), "UTF-8 is broken at byte"),
    "half.txt": (_of('{"text": "\\ud800"}'.encode("utf-16-le")[:-1]), ""),
    "surrogate.jsonl": (_of(json.dumps({"text": "\ud800"}).encode()), "which is no text"),
    **{f"empty{suffix}": (_of(b""), "") for suffix in _SUFFIXES if not suffix.startswith(".jsonl")},
    **{f"binary{suffix}": (_of(_BINARY), "") for suffix in _SUFFIXES},
}
