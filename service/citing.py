"""Citations for people to copy, in the formats that they write in; pure functions of what is cited.

Every text may be hostile. Each format has its own way to end a field, to begin a command or to open a link, and the
functions see to it that no text can: what a program reads back out of them is the text, and nothing else.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote

from retrieval.cite import own_link
from retrieval.types import Citation, StoredArticle
from service import wording
from service.links import article_path, plain, web_address

Format = Literal["text", "markdown", "bibtex", "ris"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Reference:
    """What is cited: an article, or words of it.

    Attributes:
        title: Of the article, as for ``author``, ``publisher`` and ``published``; None if unknown.
        published: ISO 8601, possibly only a month or a year.
        address: Where a reader finds it.
        words: What is quoted; None where the article as a whole is cited.
        corrected: When the article was last corrected, as far as it says so; ISO 8601, possibly reduced.
        place: What tells this reference from others to the same article; empty for the article as a whole.
        page: On which the words begin, of an article that was printed.
    """

    title: str | None
    author: str | None
    publisher: str | None
    published: str | None
    address: str
    words: str | None = None
    place: str = ""
    corrected: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How a format is called, served and written."""

    name: str
    media_type: str
    extension: str
    write: Callable[[Reference], str]


def of_article(stored: StoredArticle, origin: str) -> Reference:
    """A reference to an article as a whole.

    Args:
        stored: The article.
        origin: Of this service, for those that have no address of their own; empty where it is not known.
    """
    article = stored.article
    address = web_address(article.url)
    if address is None:
        version = "" if stored.current else f"?version={stored.version}"
        address = f"{origin}{article_path(article.id)}{version}"
    return Reference(
        article.title, article.author, article.publisher, article.published, address, corrected=article.corrected
    )


def of_passage(citation: Citation, words: str, origin: str) -> Reference:
    """A reference to words of an article; see ``of_article``."""
    address = web_address(citation.link)
    if address is None:
        here = (citation.article_id, citation.version, citation.start, citation.end)
        address = f"{origin}{own_link(*here)}"
    return Reference(
        citation.title,
        citation.author,
        citation.publisher,
        citation.published,
        address,
        words,
        f"{citation.start}-{citation.end}",
        citation.corrected,
        citation.page,
    )


# Plain text and Markdown --------------------------------------------------------------------------


def as_text(reference: Reference) -> str:
    """``“words” — title, publisher, author, date, page, corrected on date, address``, in one line."""
    words = "" if reference.words is None else f"“{_line(reference.words)}” — "
    return f"{words}{', '.join([_title(reference), *_source(reference), reference.address])}"


def as_markdown(reference: Reference) -> str:
    """The same for CommonMark: words as a quotation, the title as a link."""
    title = f"[{_in_markdown(_title(reference))}](<{_address(reference, '<>')}>)"
    source = ", ".join([title, *map(_in_markdown, _source(reference))])
    return source if reference.words is None else f"> “{_in_markdown(_line(reference.words))}”\n>\n> — {source}"


# What can begin markup inside a line; no line begins with a text of somebody else's.
_MARKUP = re.compile(r"[\\`*_\[\]<>&~|$^@]|(?<=\w):(?=//)|(?<=www)\.", re.IGNORECASE)


def _in_markdown(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


# BibTeX -------------------------------------------------------------------------------------------

_TEX = {
    "\\": r"\textbackslash{}",
    # "\{" would count as a brace where BibTeX looks for the end of the field.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # Some programs take it for the next entry.
    "@": r"\symbol{64}",
    **{sign: f"\\{sign}" for sign in "$&#%_"},
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def as_bibtex(reference: Reference) -> str:
    """An entry for BibTeX and biblatex, ``@misc``, in UTF-8."""
    fields = [f"{name} = {value}" for name, value in _bibtex_fields(reference)]
    return "@misc{" + ",\n  ".join([_key(reference), *fields]) + "\n}\n"


def _bibtex_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    if reference.author:
        yield "author", f"{{{' and '.join(_bibtex_name(name) for name in _authors(reference.author))}}}"
    # In two pairs of braces, so that no style makes small letters of capitals.
    yield "title", f"{{{{{_in_tex(_title(reference))}}}}}"
    if reference.publisher:
        yield "howpublished", f"{{{_in_tex(reference.publisher)}}}"
    if reference.published:
        year, *rest = reference.published.split("-")
        yield "year", f"{{{year}}}"
        if rest:
            yield "month", _MONTHS[int(rest[0]) - 1]
        yield "date", f"{{{reference.published}}}"
    if reference.page is not None:
        yield "pages", f"{{{reference.page}}}"
    yield "url", f"{{{_address(reference, '{}')}}}"
    words = "" if reference.words is None else f"``{_in_tex(reference.words)}''"
    if note := " ".join(filter(None, [words, _corrected(reference)])):
        yield "note", f"{{{note}}}"


def _bibtex_name(name: str) -> str:
    """A name that BibTeX may take apart, or one in braces, which it may not."""
    return _in_tex(name) if _is_a_persons(name) else f"{{{_in_tex(name)}}}"


def _in_tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in _line(text))


def _key(reference: Reference) -> str:
    """``puffett2010maximum``, and for words of an article their place: ``puffett2010maximum-523-1040``."""
    names = _authors(reference.author) if reference.author else [reference.publisher or ""]
    said = (_ascii(names[0]).split() or ["anonymous"])[-1], (reference.published or "")[:4]
    first = next(iter(_ascii(_title(reference)).split()), "")
    return "-".join(filter(None, ["".join([*said, first]), reference.place]))


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", unicodedata.normalize("NFKD", _line(text).lower()))


# RIS ----------------------------------------------------------------------------------------------


def as_ris(reference: Reference) -> str:
    """A record for reference managers (RIS, Research Information Systems), of the type NEWS."""
    lines = [("TY", "NEWS"), *_ris_lines(reference), ("ER", "")]
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in lines)


def _ris_lines(reference: Reference) -> Iterator[tuple[str, str]]:
    for name in _authors(reference.author) if reference.author else ():
        *given, last = _line(name).split() or [""]
        yield "AU", f"{last}, {' '.join(given)}" if _is_a_persons(name) else name
    yield "TI", _title(reference)
    if reference.publisher:
        yield "T2", reference.publisher
    if reference.published:
        yield "PY", reference.published[:4]
        # Year, month, day and what else there is to say of the date, with a slash behind each but the last.
        yield "DA", "/".join([*reference.published.split("-"), "", "", ""][:4])
    if reference.page is not None:
        yield "SP", str(reference.page)
    yield "UR", _address(reference)
    if reference.words is not None:
        yield "N1", f"“{_line(reference.words)}”"
    if reference.corrected:
        yield "N1", _corrected(reference)


# What all formats share ---------------------------------------------------------------------------

WRITTEN: Mapping[Format, Written] = {
    "text": Written("Text", "text/plain", "txt", as_text),
    "markdown": Written("Markdown", "text/markdown", "md", as_markdown),
    "bibtex": Written("BibTeX", "application/x-bibtex", "bib", as_bibtex),
    "ris": Written("RIS", "application/x-research-info-systems", "ris", as_ris),
}
_AND = re.compile(r"\s+(?:and|&)\s+")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*")


def _line(text: str) -> str:
    """Text as one line: no control characters, none that turn the direction of writing."""
    return " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in plain(text)).split())


def _title(reference: Reference) -> str:
    return _line(reference.title or "") or "Untitled article"


def _source(reference: Reference) -> list[str]:
    date = wording.date(reference.published) if reference.published else ""
    corrected = wording.corrected(reference.corrected)
    page = "" if reference.page is None else wording.page(reference.page)
    outlet, author = _line(reference.publisher or ""), _line(reference.author or "")
    return [said for said in (outlet, author, date, page, corrected) if said]


def _corrected(reference: Reference) -> str:
    """``Corrected on 5 October 2010.``, or nothing."""
    said = wording.corrected(reference.corrected)
    return f"C{said[1:]}." if said else ""


def _authors(author: str) -> list[str]:
    """The people of a byline; all of it as one name where it is not certain that it names several."""
    people = _AND.split(_line(author))
    return people if all(map(_is_a_persons, people)) else [_line(author)]


def _is_a_persons(name: str) -> bool:
    """Whether a name is given names and a surname, each with a capital, and nothing else."""
    words = _line(name).split()
    return len(words) > 1 and all(_NAME.fullmatch(word) and word[0].isupper() for word in words)


def _address(reference: Reference, but: str = "") -> str:
    """The address in the signs that an address may have (RFC 3986), without those that end it in a format."""
    safe = "".join(sign for sign in "!#$%&'()*+,-./:;=?@[]_~" if sign not in but)
    return quote(reference.address, safe=safe)
