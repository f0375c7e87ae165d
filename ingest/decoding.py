"""The text of a file, in the encoding that it says or shows; refused rather than mangled."""

import codecs
import re

from charset_normalizer import from_bytes

from retrieval.errors import SourceError

UNSOUND = re.compile("[\x00\ud800-\udfff]")
# UTF-32 before UTF-16, whose mark is the beginning of the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WESTERN = re.compile(
    "[\x00-\x7f\xa0-\xb1\xb4-\xb8\xba-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]*"
)
_NON_ASCII_WORD = re.compile(r"[^\W\d_a-zA-Z]{3,}")


def decoded(where: str, data: bytes, declared: str | None = None) -> str:
    """The text of a file, in the encoding that it says or shows; refused rather than mangled."""
    text = _marked(where, data)
    if text is None:
        text = _unmarked(where, data, declared)
    return unix_lines(sound(where, "text", text))


def encoding_of(where: str, head: bytes, declared: str | None = None) -> str:
    """The encoding of a file that is too large to be read whole, by how it begins.

    Raises:
        SourceError: It is no text.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return {"utf-8": "utf-8-sig"}.get(encoding, encoding[:6])
    whole = head[: head.rfind(b"\n") + 1] or head
    if b"\0" in whole:
        raise SourceError(where, "this is no text but a binary file; name one that holds text")
    text = decoded(where, whole, declared)
    for encoding in ("utf-8", declared or "cp1252", "cp1252"):
        if _as_declared(whole, encoding) is not None and unix_lines(whole.decode(encoding)) == text:
            return encoding
    best = from_bytes(whole).best()
    return "utf-8" if best is None else best.encoding


def unix_lines(text: str) -> str:
    """A text with a line feed for every line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _marked(where: str, data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise _broken(where, encoding, error.start + len(mark)) from error
    return None


def _unmarked(where: str, data: bytes, declared: str | None) -> str:
    if b"\0" in data and (wide := _utf16(data)) is not None:
        return wide
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in data or _CONTROL.search(data.decode("latin-1")):
            raise SourceError(where, "this is no text but a binary file; name one that holds text") from error
        if _is_mostly_utf8(data):
            raise _broken(where, "utf-8", error.start) from error
    return _legacy(where, data, declared)


def _broken(where: str, encoding: str, byte: int) -> SourceError:
    return SourceError(where, f"its {encoding.upper()} is broken at byte {byte}; save it anew as UTF-8")


def _utf16(data: bytes) -> str | None:
    """UTF-16 that lost its mark: in Western text every other byte is zero."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(data) % 2 == 0 and data[first::2].count(0) > 0.4 * len(data) / 2 and not data[1 - first :: 2].count(0):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    return None


def _is_mostly_utf8(data: bytes) -> bool:
    """Whether whole UTF-8 sequences outnumber stray bytes: then it is a damaged file, not an old encoding."""
    lenient = data.decode("utf-8", errors="replace")
    stray = lenient.count("\ufffd")
    return sum(character > "\x7f" for character in lenient) - stray > stray


def _legacy(where: str, data: bytes, declared: str | None) -> str:
    if declared is not None and (text := _as_declared(data, declared)) is not None:
        return text
    if (text := _western(data)) is not None:
        return text
    best = from_bytes(data).best()
    if best is None:
        raise SourceError(where, "its encoding cannot be told; save it as UTF-8")
    return str(best)


def _as_declared(data: bytes, declared: str) -> str | None:
    """Text in the encoding that a page declares, if there is such a one and the page keeps to it."""
    # Pages that say Latin-1 mean Windows-1252, as every browser takes them.
    name = "cp1252" if declared.lower() in {"iso-8859-1", "latin1", "latin-1", "us-ascii"} else declared
    try:
        return data.decode(name)
    except (LookupError, UnicodeDecodeError):
        return None


def _western(data: bytes) -> str | None:
    """Windows-1252, if the text reads as a Western language in it.

    Statistics cannot tell the old encodings apart by a pound sign and two curly quotes. So the one that
    nearly all such files have is preferred, unless characters come up that no Western text has, words
    that are all accents (Cyrillic, Greek), or more accents than French has (Czech).
    """
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    letters = [character for character in text if character.isalpha()]
    accented = sum(character > "\x7f" for character in letters)
    if _WESTERN.fullmatch(text) is None or _NON_ASCII_WORD.search(text):
        return None
    return text if accented < 20 or accented < 0.06 * len(letters) else None


def sound(where: str, name: str, text: str) -> str:
    """Neither a NUL nor half a surrogate pair: no database and no answer in UTF-8 could hold it."""
    if found := UNSOUND.search(text):
        raise SourceError(
            where,
            f'"{name}" has the character U+{ord(found[0]):04X} at offset {found.start()}, which is no text',
            name,
        )
    return text
