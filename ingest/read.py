"""Sources become documents: one reader a format, no text mangled, errors by file and line.

A source is a file, a folder, or ``-`` for standard input. What is broken is handed out as a
:class:`~retrieval.errors.SourceError` among the documents, and the rest is read all the same.
"""

import codecs
import gzip
import hashlib
import html
import itertools
import json
import os
import re
import sys
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, NoReturn, ParamSpec, get_args

import trafilatura
import yaml
from charset_normalizer import from_bytes
from markdown_it import MarkdownIt
from markdown_it.token import Token

from retrieval.errors import SourceError
from retrieval.types import Kind

Format = Literal["text", "markdown", "html", "record"]


@dataclass(frozen=True, slots=True)
class Document:
    """One article as its source has it, before it is cleaned and described.

    Attributes:
        id: Stem of the file, or the record's own id.
        where: ``path`` or ``path:line``, for errors.
        text: Decoded, with a line feed for every line end; Markdown and HTML are turned into plain text.
        given: Metadata that the source states outright: the fields of a record, front matter, a sidecar file,
            the metadata of an HTML page. Known fields have been checked, and blank ones are left out.
    """

    id: str
    where: str
    text: str
    format: Format
    given: Mapping[str, Any]


def read(sources: Iterable[str], *, stdin: BinaryIO | None = None) -> Iterator[Document | SourceError]:
    """Read all documents of all sources, in order; those of a folder in the order of their paths.

    Inside a folder these are passed over: hidden files and folders, links to folders, files of an unknown
    suffix, and Markdown files named in capitals (README.md, SOURCES.md), which are about the folder. A
    file that is named twice is read once. Two documents of the same id are never both handed out: the
    second would replace the first.

    Args:
        sources: Paths, or ``-`` for standard input: JSONL when it starts with ``{``, else one article.
        stdin: What to read for ``-``; the standard input of the process if not given.
    """
    first_with: dict[str, str] = {}
    for name, items in _opened(sources, stdin):
        for item in items:
            if isinstance(item, SourceError):
                yield item
            elif item.id in first_with:
                yield _taken(item, first_with[item.id])
            else:
                first_with[item.id] = name
                yield item


def count(sources: Sequence[str]) -> int | None:
    """How many documents the sources seem to hold, for a progress bar; None where only reading can tell.

    A line of a record file counts as a document whether or not it is a sound one.
    """
    if "-" in sources:
        return None
    return sum(1 if isinstance(path, SourceError) else _count(path) for source in sources for path in _files(source))


def _count(path: Path) -> int:
    suffix = (_suffix(path.name) or "").lower()
    if suffix not in _RECORDS:
        return 1
    try:
        with path.open("rb") as stored, gzip.open(stored) if suffix.endswith(".gz") else stored as lines:
            return sum(1 for line in lines if line.strip())
    except (OSError, EOFError, zlib.error):
        return 1  # reading will say what is wrong with it


def _taken(document: Document, first: str) -> SourceError:
    return SourceError(
        document.where,
        f"the id {document.id!r} is already that of an article in {first}; give one of the two another id, "
        "or leave one out if they are the same",
    )


# --- finding files -------------------------------------------------------------------------------------

_Items = Iterable[Document | SourceError]


def _opened(sources: Iterable[str], stdin: BinaryIO | None) -> Iterator[tuple[str, _Items]]:
    """Name and contents of every file that the sources amount to."""
    seen: set[str] = set()
    for source in sources:
        if source == "-":
            yield "standard input", _standard_input("standard input", stdin or sys.stdin.buffer)
            continue
        for path in _files(source):
            if isinstance(path, SourceError):
                yield source, (path,)
            elif (real := os.path.realpath(path)) not in seen:
                seen.add(real)
                yield str(path), _file(path)


def _files(source: str) -> Iterator[Path | SourceError]:
    path = Path(source)
    if path.is_dir():
        yield from _nonempty(source, _walk(source))
    elif not path.exists():
        yield SourceError(source, "there is no such file or folder")
    elif _suffix(path.name) is None:
        yield SourceError(source, f"unknown kind of file; its name has to end in {_known()}")
    else:
        yield path


def _nonempty(source: str, paths: Iterator[Path | SourceError]) -> Iterator[Path | SourceError]:
    first = next(paths, None)
    if first is None:
        yield SourceError(source, f"no articles in this folder; their names have to end in {_known()}")
    else:
        yield from itertools.chain([first], paths)


def _walk(folder: str) -> Iterator[Path | SourceError]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif _is_article(entry.name) and entry.is_file():
            yield Path(entry.path)


def _is_article(name: str) -> bool:
    suffix = _suffix(name)
    if suffix is None:
        return False
    return not (suffix in _MARKDOWN and name.removesuffix(suffix).isupper())


def _suffix(name: str) -> str | None:
    """The known suffix that a file's name ends in, as it is written there."""
    for known in (*_READERS, *_RECORDS):
        if name.lower().endswith(known) and len(name) > len(known):
            return name[-len(known) :]
    return None


def _known() -> str:
    return " ".join((*_READERS, *_RECORDS))


# --- files and streams ---------------------------------------------------------------------------------

_P = ParamSpec("_P")


def _file(path: Path) -> _Items:
    suffix = _suffix(path.name) or ""
    if suffix.lower() in _RECORDS:
        return _record_file(path, compressed=suffix.lower().endswith(".gz"))
    return (_attempt(_single_article, path, suffix),)


def _attempt(make: Callable[_P, Document], *args: _P.args, **kwargs: _P.kwargs) -> Document | SourceError:
    """The one place where a broken document turns from an exception into an item; the rest goes on."""
    try:
        return make(*args, **kwargs)
    except SourceError as error:
        return error


def _single_article(path: Path, suffix: str) -> Document:
    where = str(path)
    format_, reader = _READERS[suffix.lower()]
    text, given = reader(where, _contents(path))
    beside = path.with_name(path.name.removesuffix(suffix))
    given = {**given, **_sidecar(beside)}
    own = given.pop("id", None) or _identifier(where, "id", beside.name)
    return Document(own, where, _not_blank(where, text), format_, given)


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(str(path), error) from error


def _unreadable(where: str, error: OSError) -> SourceError:
    return SourceError(where, f"cannot be read: {error.strerror or error}")


def _standard_input(name: str, stream: BinaryIO) -> _Items:
    head = list(_until_filled(stream))
    if head and head[-1].removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return _records(name, itertools.chain(head, stream))
    return (_attempt(_piped_article, name, b"".join((*head, *stream))),)


def _until_filled(stream: BinaryIO) -> Iterator[bytes]:
    """The lines up to and including the first that is not blank, which tells what the stream is."""
    for line in stream:
        yield line
        if line.strip():
            return


def _piped_article(name: str, data: bytes) -> Document:
    text, given = _plain(name, data)
    return Document(_derived_id({"text": text}), name, _not_blank(name, text), "text", given)


def _not_blank(where: str, text: str) -> str:
    if not text.strip():
        raise SourceError(where, "there is no text in it", "text")
    return text


# --- JSONL ---------------------------------------------------------------------------------------------


def _record_file(path: Path, *, compressed: bool) -> _Items:
    try:
        with path.open("rb") as stored, gzip.open(stored) if compressed else stored as lines:
            yield from _records(str(path), lines)
    except OSError as error:
        yield _unreadable(str(path), error)


def _records(name: str, lines: Iterable[bytes]) -> _Items:
    """One record a line, never more than a line in memory; damage below the lines ends the file."""
    reading = iter(lines)
    for number in itertools.count(1):
        where = f"{name}:{number}"
        try:
            line = next(reading, None)
        except (OSError, EOFError, zlib.error) as error:
            yield SourceError(where, f"the file is damaged or cut off from here on ({error}); get it anew")
            return
        if line is None:
            return
        if line.strip():
            yield _attempt(record_line, where, line)


def record_line(where: str, line: bytes) -> Document:
    """The document of one line of a record file; see ``record``.

    Raises:
        SourceError: The line is no JSON object, or what it states is not sound.
    """
    return record(where, _json_object(where, line))


def record(where: str, stated: Mapping[str, Any]) -> Document:
    """The document that the fields of a record state.

    Args:
        where: What to name in errors.
        stated: The fields; ``text`` is required, an ``id`` that is not there is derived from the others.

    Raises:
        SourceError: A field is not as it should be; ``field`` names it.
    """
    fields = dict(stated)
    if "id" not in fields and "_id" in fields:
        fields["id"] = fields.pop("_id")
    given = _checked(where, fields)
    text = given.pop("text", None)
    if text is None:
        raise SourceError(where, 'there is no "text" in it', "text")
    own = given.pop("id", None) or _derived_id(fields)
    return Document(own, where, _not_blank(where, _unix_lines(text)), "record", given)


def _json_object(where: str, data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise SourceError(where, f"not UTF-8 at byte {error.start}, and JSON has to be") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(where, f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise SourceError(where, f"has to be a JSON object, and is {_named(value)}")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _derived_id(fields: Mapping[str, Any]) -> str:
    """The same content gets the same id, wherever and whenever it is read."""
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()
    return "sha256-" + hashlib.sha256(canonical).hexdigest()[:16]


# --- checks of what is stated --------------------------------------------------------------------------

_UNSOUND = re.compile("[\x00\ud800-\udfff]")
# Of what a record holds beyond the known fields; whatever stores, copies or prints it may go by recursion.
_MAX_DEPTH = 32
_REDUCED_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")


def _checked(where: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields of the right type, in one form; blank ones are unknown; all others as they are."""
    stated = {}
    for name, value in fields.items():
        if _UNSOUND.search(name):
            raise SourceError(where, f"the name {name!r} has a character that is no text", name)
        if value is None or (name not in {"id", "text"} and isinstance(value, str) and not value.strip()):
            continue
        stated[name] = _CHECKS.get(name, _further)(where, name, value)
    return stated


def _string(where: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SourceError(where, f'"{name}" has to be text, and is {_named(value)}', name)
    return _sound(where, name, value)


def _sound(where: str, name: str, text: str) -> str:
    """Neither a NUL nor half a surrogate pair: no database and no answer in UTF-8 could hold it."""
    if found := _UNSOUND.search(text):
        raise SourceError(
            where,
            f'"{name}" has the character U+{ord(found[0]):04X} at offset {found.start()}, which is no text',
            name,
        )
    return text


def _one_line(where: str, name: str, value: Any) -> str:
    return " ".join(_string(where, name, value).split())


def _identifier(where: str, name: str, value: Any) -> str:
    """An id that can stand in a URL and on a line of a log.

    Slashes are refused because servers and proxies take them for a path's even when they are percent-encoded,
    ``.`` and ``..`` because browsers resolve them, control characters and line ends because they forge lines.
    """
    own = _string(where, name, value)
    if not 0 < len(own) <= 200 or own != own.strip() or own in {".", ".."}:
        raise SourceError(
            where, f"an id is 1 to 200 characters, no blanks around it, not . or ..; this is {own!r}", name
        )
    for character in own:
        if character in "/\\" or unicodedata.category(character) in {"Cc", "Zl", "Zp"}:
            raise SourceError(
                where,
                f"the id {own!r} has the character {character!r}; slashes and control characters are refused",
                name,
            )
    return own


def _url(where: str, name: str, value: Any) -> str:
    """Only what a reader can safely follow; anything else would turn a citation's link into a script."""
    url = _string(where, name, value).strip()
    if not re.fullmatch(r"https?://[^\s/]\S*", url, re.IGNORECASE):
        raise SourceError(where, f'"{name}" has to start with http:// or https://, and is {url!r}', name)
    return url


def _date(where: str, name: str, value: Any) -> str:
    text = _string(where, name, value).strip()
    if _REDUCED_DATE.fullmatch(text) and text[:4] != "0000":
        return text
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError as error:
        raise SourceError(
            where, f'"{name}" has to be a date as 2010-10-04, 2010-10 or 2010, and is {text!r}', name
        ) from error


def _kind(where: str, name: str, value: Any) -> str:
    kind = _string(where, name, value).strip()
    if kind not in get_args(Kind):
        raise SourceError(where, f'"{name}" has to be one of {", ".join(get_args(Kind))}, and is {kind!r}', name)
    return kind


def _further(where: str, name: str, value: Any) -> Any:
    if _deeper_than(_MAX_DEPTH, value):
        raise SourceError(where, f'"{name}" is nested more than {_MAX_DEPTH} deep', name)
    _sound(where, name, json.dumps({name: value}, ensure_ascii=False))
    return value


def _deeper_than(depth: int, value: Any) -> bool:
    """Whether lists and objects stand in each other more than so many times; without recursion, which has an end."""
    level = [value]
    for _ in range(depth + 1):
        inside = [one for one in level if isinstance(one, list | dict)]
        if not inside:
            return False
        level = [item for one in inside for item in (one.values() if isinstance(one, dict) else one)]
    return True


def _named(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        int: "a number",
        float: "a number",
        bool: "true or false",
    }
    return names.get(type(value), "null" if value is None else f"of type {type(value).__name__}")


_CHECKS: Mapping[str, Callable[[str, str, Any], Any]] = {
    "id": _identifier,
    "text": _string,
    "title": _one_line,
    "url": _url,
    "publisher": _one_line,
    "author": _one_line,
    "published": _date,
    "kind": _kind,
}


# --- metadata beside the text --------------------------------------------------------------------------


class _Yaml(yaml.SafeLoader):
    """Safe YAML without aliases: a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are refused")
        return super().compose_node(parent, index)


def _sidecar(beside: Path) -> dict[str, Any]:
    """What NAME.meta.json or NAME.meta.yaml states of the article in NAME.ext."""
    there = [path for path in (Path(f"{beside}.meta.json"), Path(f"{beside}.meta.yaml")) if path.exists()]
    if not there:
        return {}
    if len(there) > 1:
        raise SourceError(str(there[0]), f"there is {there[1].name} too; keep one of them")
    where, data = str(there[0]), _contents(there[0])
    if there[0].suffix == ".json":
        return _about(where, _json_object(where, data))
    return _about(where, _yaml_mapping(where, _decoded(where, data), first_line=1))


def _about(where: str, fields: dict[str, Any]) -> dict[str, Any]:
    if "text" in fields:
        raise SourceError(where, '"text" cannot be stated beside the text itself')
    if "published" not in fields and "date" in fields:
        fields["published"] = fields.pop("date")  # what front matter calls it by custom
    return _checked(where, fields)


def _yaml_mapping(where: str, source: str, first_line: int) -> dict[str, Any]:
    try:
        value = yaml.load(source, _Yaml)  # noqa: S506 - a subclass of SafeLoader
    except yaml.MarkedYAMLError as error:
        line = first_line + (error.problem_mark.line if error.problem_mark else 0)
        raise SourceError(f"{where}:{line}", f"not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SourceError(f"{where}:{first_line}", f"not YAML: {' '.join(str(error).split())}") from error
    if value is not None and not isinstance(value, dict):
        raise SourceError(f"{where}:{first_line}", f"has to be lines of name: value, and is {_named(value)}")
    return {str(name): _without_dates(name, entry) for name, entry in (value or {}).items()}


def _without_dates(name: Any, value: Any) -> Any:
    """YAML has objects and numbers of its own for dates and years; JSON, and so an archive, has text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and name in {"published", "date"}:
        return str(value)
    if isinstance(value, list):
        return [_without_dates(None, entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): _without_dates(None, entry) for key, entry in value.items()}
    return value


# --- formats -------------------------------------------------------------------------------------------

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HTML_MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)

_LIST_BOUNDS = frozenset({"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"})
_TABLE_GAPS = {"th_close": " | ", "td_close": " | ", "tr_close": "\n", "table_close": "\n\n"}

_Read = tuple[str, dict[str, Any]]


def _plain(where: str, data: bytes) -> _Read:
    return _decoded(where, data), {}


def _markdown(where: str, data: bytes) -> _Read:
    source, given = _decoded(where, data), {}
    if front := _FRONT_MATTER.match(source):
        given = _about(where, _yaml_mapping(where, front[1], first_line=2))
        source = source[front.end() :]
    return _markdown_text(source), given


def _markdown_text(source: str) -> str:
    """Markdown as plain text: paragraphs with blank lines between, lists as bullets, links as their text."""
    parts: list[str] = []
    depth, gap, bullet = 0, "", ""
    for token in MarkdownIt("commonmark").enable("table").parse(source):
        if token.type in _LIST_BOUNDS:
            depth += token.nesting
            gap = "\n" if depth > (token.nesting > 0) else "\n\n"
        elif token.type == "list_item_open":
            bullet = f"  {token.info}. " if token.info else "  • "
        elif text := _token_text(token).strip():
            parts += (gap, bullet, text)
            gap, bullet = "\n" if depth else "\n\n", ""
        gap = _TABLE_GAPS.get(token.type, gap)
    return "".join(parts).strip("\n") + "\n"


def _token_text(token: Token) -> str:
    if token.type == "inline":
        return "".join(_inline_text(child) for child in token.children or ())
    if token.type == "html_block":
        return html.unescape(_HTML_MARKUP.sub("", token.content))
    return token.content if token.type in {"fence", "code_block"} else ""


def _inline_text(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    return "" if token.type == "html_inline" else token.content


def _html(where: str, data: bytes) -> _Read:
    declared = _DECLARED.search(data[:2048])
    page = _decoded(where, data, declared[1].decode("ascii") if declared else None)
    found = trafilatura.bare_extraction(
        page,
        include_comments=False,
        with_metadata=True,
        # The extensive search takes a date from the story when the page states none.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, trafilatura.settings.Document) or not found.text:
        raise SourceError(where, "no article was found in this page")
    stated = {"title": found.title, "author": found.author, "publisher": found.sitename, "url": found.url}
    return _spaced(found.text), _checked(where, {**stated, "published": found.date})


def _spaced(text: str) -> str:
    """A blank line between paragraphs, none between the items of a list."""
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", text.replace("\n", "\n\n")) + "\n"


_MARKDOWN = (".md", ".markdown")
_RECORDS = (".jsonl", ".jsonl.gz")
_READERS: Mapping[str, tuple[Format, Callable[[str, bytes], _Read]]] = {
    ".txt": ("text", _plain),
    ".text": ("text", _plain),
    ".md": ("markdown", _markdown),
    ".markdown": ("markdown", _markdown),
    ".html": ("html", _html),
    ".htm": ("html", _html),
}


# --- encodings -----------------------------------------------------------------------------------------

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


def _decoded(where: str, data: bytes, declared: str | None = None) -> str:
    """The text of a file, in the encoding that it says or shows; refused rather than mangled."""
    text = _marked(where, data)
    if text is None:
        text = _unmarked(where, data, declared)
    return _unix_lines(_sound(where, "text", text))


def _unix_lines(text: str) -> str:
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
