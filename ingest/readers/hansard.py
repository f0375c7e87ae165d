"""Debates of parliaments: each speech is an article, with its speaker and the day of the sitting.

Two vocabularies of the United Kingdom's Official Report are read: that of ParlParse, on which TheyWorkForYou is built
(``publicwhip``: headings and speeches in a row, each with attributes that say whose), and that of the digitised volumes
of 1803 to 2005 (``hansard``: sections with titles, and paragraphs in which ``member`` is who speaks).

What no speaker is named for is procedure and no speech.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ingest.documents import Document
from ingest.ids import own_id, web_address
from ingest.markup import plain
from ingest.readers import File, attempted
from ingest.records import record
from ingest.safexml import Element, child, elements, html_of, line_of, local, root_of
from retrieval.errors import SourceError

_DAY = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
# What stands in text and is none: numbers of columns and scanned pages.
_MARKS = ("col", "image")


def read(file: File) -> Iterator[Document | SourceError | None]:
    """The speeches of a file, in their order."""
    root = root_of(file)
    if root.attributes.get("latest") == "no":
        raise SourceError(
            file.name, "a later version of this sitting has taken its place; get the one of the next letter"
        )
    yield from _parlparse(file) if root.name == "publicwhip" else _volume(file)


# --- ParlParse -----------------------------------------------------------------------------------------

_HEADINGS = ("oral-heading", "major-heading", "minor-heading")
_SPEECHES = ("speech", "ques", "reply")
# By what stands between slashes in an id: uk.org.publicwhip/debate/2010-10-04a.1.2
_HOUSES = {
    "debate": ("Hansard", "House of Commons"),
    "westminhall": ("Hansard", "Westminster Hall"),
    "lords": ("Hansard", "House of Lords"),
    # Of either house; only the name of the file may say of which.
    "wrans": ("Hansard", "Written answers"),
    "wms": ("Hansard", "Written statements"),
    "standing": ("Hansard", "Public Bill Committee"),
    "ni": ("Northern Ireland Assembly", None),
    "spor": ("Scottish Parliament", None),
    "spwa": ("Scottish Parliament", "Written answers"),
}
_PREFIX = "uk.org.publicwhip/"


def _parlparse(file: File) -> Iterator[Document | SourceError | None]:
    headings: dict[str, str] = {}
    for element in elements(file, *_HEADINGS, *_SPEECHES):
        name = local(element)
        if name in _SPEECHES:
            yield attempted(_speech, file, element, headings)
            continue
        above = _HEADINGS[: _HEADINGS.index(name)]
        headings = {**{one: headings[one] for one in above if one in headings}, name: line_of(element, _MARKS)}


def _speech(file: File, element: Element, headings: Mapping[str, str]) -> Document | None:
    if element.get("nospeaker") == "true" or not element.get("speakername", "").strip():
        return None
    own = element.get("id", "")
    publisher, house = _HOUSES.get(own.removeprefix(_PREFIX).partition("/")[0], (None, None))
    if not own.startswith(_PREFIX):
        publisher, house = None, None
    return _document(
        f"{file.name}:{element.sourceline}",
        id=own_id(own.removeprefix(_PREFIX).replace("/", "_")) if own else None,
        text=plain(html_of(element, {}, _MARKS)),
        title=_joined(headings.get(one) for one in _HEADINGS[1:]) or headings.get(_HEADINGS[0]),
        author=element.get("speakername"),
        published=_day(own) or _day(file.stem),
        url=web_address(element.get("url", "")),
        publisher=publisher,
        house=house,
        office=element.get("speakeroffice"),
        person=element.get("person_id") or element.get("speakerid"),
        column=element.get("colnum"),
        time=element.get("time"),
    )


def _day(name: str) -> str | None:
    found = _DAY.search(name)
    return found[0] if found else None


# --- volumes of 1803 to 2005 ---------------------------------------------------------------------------

_SITTINGS = {
    "housecommons": "House of Commons",
    "houselords": "House of Lords",
    "westminsterhall": "Westminster Hall",
    "grandcommitteereport": "House of Lords, Grand Committee",
    "writtenanswers": "House of Commons, written answers",
    "writtenstatements": "House of Commons, written statements",
    "lordswrittenanswers": "House of Lords, written answers",
    "lordswrittenstatements": "House of Lords, written statements",
}


@dataclass(slots=True)
class _Place:
    """Where in a volume the reader is."""

    day: str | None = None
    column: str | None = None
    titles: dict[Element, str] = field(default_factory=dict)

    def note(self, element: Element) -> None:
        """Take in a date, the title of a section, and the number of a column wherever one stands."""
        for column in element.iter("col"):
            self.column = line_of(column)
        if local(element) == "date":
            self.day = element.get("format") or self.day
        elif local(element) == "title":
            above = list(element.iterancestors())
            self.titles = {one: self.titles[one] for one in above if one in self.titles}
            self.titles[above[0]] = line_of(element, _MARKS)


def _volume(file: File) -> Iterator[Document | SourceError | None]:
    place = _Place()
    for element in elements(file, "date", "col", "title", "p"):
        # The column of a speech is that in which it begins.
        if local(element) == "p":
            yield attempted(_contribution, file, element, place)
        place.note(element)


def _contribution(file: File, paragraph: Element, place: _Place) -> Document | None:
    member = child(paragraph, "member")
    name = line_of(member, (*_MARKS, "memberconstituency")).strip(" :,;—-")
    if member is None or not name:
        return None
    above = list(paragraph.iterancestors())
    return _document(
        f"{file.name}:{paragraph.sourceline}",
        id=own_id(paragraph.get("id")) if paragraph.get("id") else None,
        text=_said(paragraph, member),
        title=_joined(place.titles.get(one) for one in reversed(above) if local(one) == "section"),
        author=name,
        published=place.day,
        publisher="Hansard",
        house=next((_SITTINGS[local(one)] for one in above if local(one) in _SITTINGS), None),
        constituency=line_of(paragraph.find(".//memberconstituency")).strip("()"),
        column=place.column,
    )


def _said(paragraph: Element, member: Element) -> str:
    """What stands behind the name of who speaks; in front are numbers of questions and marks of the printer."""
    paragraph.text = None
    for before in list(member.itersiblings(preceding=True)):
        paragraph.remove(before)
    names = {"membercontribution": "span", "lb": "br"}
    return plain(html_of(paragraph, names, (*_MARKS, "member", "memberconstituency"))).lstrip(" :,;.—–-")


# --- both ----------------------------------------------------------------------------------------------


def _joined(titles: Iterable[str | None]) -> str | None:
    return ": ".join(dict.fromkeys(title for title in titles if title)) or None


def _document(where: str, text: str, **stated: str | None) -> Document | None:
    return record(where, {"text": text, "kind": "speech", **stated}) if text.strip() else None
