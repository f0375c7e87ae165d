"""What an article says of its own correction: the note that tells of it, and the day.

Newspapers say it in a paragraph of its own, above or below the story, or under a label: "This article was amended on
5 October 2010 to ...", "Correction, Oct. 5: ...", "An earlier version of this story said ...". Only what speaks of the
very text that it stands in counts, never a story about a correction; and only what puts right, no mere "updated".
The forms are those of newspapers' own notes and style guides; what does not certainly have one is passed over.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ingest.dates import PRINTED, marked_date, printed_date
from retrieval.dates import days

# The first and the last lines, in which a note needs no label.
_HEAD, _TAIL = 6, 6
# Characters of a line that can be a note, and how many lines with a label are looked at.
_LONGEST, _LABELLED = 2000, 100
# Of what a page's markup may list of corrections.
_LISTED = 50


@dataclass(frozen=True, slots=True)
class Correction:
    """That an article was corrected.

    Attributes:
        note: The article's own words that say so.
        date: Of the last correction, ISO 8601, possibly only a month; None where it is not said, or not certainly.
    """

    note: str
    date: str | None


def correction(text: str, published: str | None) -> Correction | None:
    """What a text says of its own correction; None where it says nothing of one.

    Args:
        text: Paragraphs on lines, the title first if there is one.
        published: ISO 8601, possibly reduced. It gives a day without a year its year, where that leaves no doubt, and
            a day before it is no day of a correction.
    """
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return _together(list(_notes(lines, published)))


def stated_correction(value: Any) -> Correction | None:
    """What markup states: the ``correction`` of an article of schema.org, a CorrectionComment, a text, or a list."""
    listed = value[:_LISTED] if isinstance(value, list) else [value]
    return _together([found for one in listed if (found := _stated(one))])


def _stated(value: Any) -> Correction | None:
    if isinstance(value, str):
        return Correction(value.strip(), None) if value.strip() and not re.match(r"https?://\S+$", value) else None
    if not isinstance(value, dict):
        return None
    words = next((said.strip() for name in ("text", "description") if isinstance(said := value.get(name), str)), "")
    stated = value.get("datePublished")
    day = marked_date(stated) if isinstance(stated, str) else None
    return Correction(words, day) if words or day else None


def _together(found: Sequence[Correction]) -> Correction | None:
    """Several notes as one, which has the last of their dates."""
    if not found:
        return None
    dates = [one.date for one in found if one.date]
    words = dict.fromkeys(one.note for one in found if one.note)
    return Correction("\n".join(words), max(dates, key=days) if dates else None)


# --- where notes stand ---------------------------------------------------------------------------------


def _notes(lines: Sequence[str], published: str | None) -> Iterator[Correction]:
    edges = {*range(min(_HEAD, len(lines))), *range(max(0, len(lines) - _TAIL), len(lines))}
    labelled = islice((number for number, line in enumerate(lines) if _LABEL.match(line)), _LABELLED)
    announced = [line for line in lines[:_HEAD] if _APPENDED.fullmatch(line)]
    of_others = bool(lines) and _OF_OTHERS.fullmatch(lines[0]) is not None
    read, found = 0, False
    for number in sorted(edges.union(labelled)):
        # What a colon leads up to is what somebody else has written.
        quoted = number > 0 and lines[number - 1].endswith(":") and _label(lines[number - 1], published) is None
        if number < read or quoted:
            continue
        taken, note = _note(lines, number, published, number in edges, bool(announced))
        read = number + taken
        if note and not (of_others and _label(lines[number], published)):
            found = True
            yield note
    if announced and not found:
        yield Correction(announced[0], None)


def _note(
    lines: Sequence[str], number: int, published: str | None, at_edge: bool, announced: bool
) -> tuple[int, Correction | None]:
    """The note that begins on a line, and how many lines it takes."""
    line = lines[number]
    if len(line) > _LONGEST:
        return 1, None
    label = _label(line, published)
    if label is None:
        return 1, _unlabelled(line, published) if at_edge else None
    if label.rest:
        return 1, _labelled(line, label, published, at_edge)
    # Under a label that has a line of its own.
    last = len(lines) - number - 1 <= _TAIL
    under = [one for one in lines[number + 1 : len(lines) if last else number + 2] if len(one) <= _LONGEST]
    says = number > 0 and ((announced and last) or any(_is_put_right(one) for one in under))
    when = label.when
    for one in under if says else ():
        when = when if when.stated else _when_alone(one, published)
        told = _unlabelled(one, published)
        when = _When(told.date, stated=True) if told and told.date else when
    if says:
        return 1 + len(under), Correction(" ".join([line, *under]), when.date)
    return 1, Correction(line, when.date) if label.strong and when.date else None


# --- days ----------------------------------------------------------------------------------------------

_DAY_AND_MONTH = re.compile(
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
    r"(?P<said>\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[a-z]{3,9}\b|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?\b)(?![\w/-])\.?",
    re.IGNORECASE,
)
_BEFORE_A_DAY = re.compile(
    r"[\s,:;(\[|–—-]*(?:(?:at\s+)?(?:\d{1,2}[:.]\d\d(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*[ap]\.?m\b\.?)(?![.\d])"
    r"(?:\s+(?:GMT|BST|UTC|CET|E[SD]?T|P[SD]?T)\b)?,?\s+)?(?:(?:on|in)\s+)?",
    re.IGNORECASE,
)
_WEEKDAY_BEHIND = re.compile(r",?\s+(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _When:
    """A day at some place of a line.

    Attributes:
        date: ISO 8601; None where there is none, or it is uncertain which.
        stated: Whether one stands there at all.
        end: Where what is said of it ends.
        before: Whether it is before the article was published, and can be no day of its correction.
    """

    date: str | None = None
    stated: bool = False
    end: int = 0
    before: bool = False


def _when(line: str, position: int, published: str | None) -> _When:
    """The day that stands at a place of a line, but for what leads up to it."""
    for start in dict.fromkeys((_behind(_BEFORE_A_DAY, line, position), position)):
        if full := PRINTED.match(line, start):
            date = printed_date(full)
            end = full.end()
            break
        if (short := _DAY_AND_MONTH.match(line, start)) and (any_year := _in_year(short["said"], "2000")):
            date = _in_year(short["said"], published[:4]) if published and any_year else None
            # A day before that of publication is one of another year, and which, is not said.
            date = date if date and published and days(date)[0] >= days(published)[1] else None
            end = short.end()
            break
    else:
        return _When(end=position)
    before = date is not None and published is not None and days(date)[1] < days(published)[0]
    return _When(None if before else date, stated=True, end=_behind(_WEEKDAY_BEHIND, line, end), before=before)


def _behind(pattern: re.Pattern[str], line: str, position: int) -> int:
    """Where what a pattern matches at a place ends; the place itself where it matches nothing."""
    found = pattern.match(line, position)
    return found.end() if found else position


def _in_year(said: str, year: str) -> str | None:
    dated = PRINTED.fullmatch(f"{said.rstrip('.')} {year}")
    return printed_date(dated) if dated else None


def _when_alone(line: str, published: str | None) -> _When:
    """The day of a line that says nothing else."""
    when = _when(line, 0, published)
    return when if when.stated and not line[when.end :].strip(" .)]") else _When()


# --- what a note says ----------------------------------------------------------------------------------

_EDGE = r"[\s•*·▪◦‣–—_\[(>-]*"
_BULLETS = re.compile(rf"[:;,.)\]|]*{_EDGE}")
_NOUN = (
    r"(?:article|(?:blog ?)?post|blog|story|piece|column|item|obituary|editorial|op-ed|feature|newsletter|liveblog"
    r"|explainer|profile|gallery|podcast|video|graphic|chart|map|timeline|headline|caption|standfirst|subheading)"
)
_PART = r"(?:headline|(?:photo|picture|image)? ?caption|standfirst|subhead(?:ing|line)?|byline)"
# The very text in which the words stand, or a part of it.
_SELF = (
    rf"(?:this (?:[a-z]+ ){{0,2}}{_NOUN}(?:[’']s [a-z]+)?|the {_PART}"
    rf"|(?:the|an?|our) (?:[\w’'-]+ ){{1,8}}?(?:of|in|on|to|for|with|accompanying|above|from) this {_NOUN})"
)
_ASIDE = r"(?:,[^.;]{1,100}?,| \([^)]{1,80}\))?"
_HAS_BEEN = r"(?:was|were|has|have)(?: (?:been|since|also|now|later|subsequently|further|again|slightly|all))*"
_PUT_RIGHT = r"(?:amended|corrected|clarified)"
_ALTERED = r"(?:updated|edited|revised|changed|modified|altered|rewritten|republished)"
_AMENDED = re.compile(
    rf"(?:{_SELF}{_ASIDE} {_HAS_BEEN} (?:{_ALTERED} and )?(?P<right>{_PUT_RIGHT})"
    rf"|{_SELF}{_ASIDE} {_HAS_BEEN} (?P<altered>{_ALTERED})"
    rf"|we (?:have |’ve |'ve )?(?:since |now |also )*(?P<we>{_PUT_RIGHT}) (?:[\w’'-]+ ){{0,6}}this {_NOUN})\b",
    re.IGNORECASE,
)
_TO_PUT_RIGHT = re.compile(
    r"[\s,:;)]*to (?:[\w’'-]+ ){0,4}?(?:correct(?:ly)?|clarify|fix|rectify|put right"
    r"|(?:reflect|include|add) (?:an?|the|the following|this) (?:correction|clarification))\b",
    re.IGNORECASE,
)
_WRONGLY = r"(?:incorrectly|wrongly|mistakenly|erroneously|inaccurately)"
_EARLIER = re.compile(
    rf"(?:in )?(?:(?:an?|the|our) (?:[\w’'-]+ ){{1,4}}(?:in|of|on|to|with|accompanying) )?(?:an?|the|our|some|this) ?"
    rf"(?:earlier|previous|original|initial|prior|first) (?:[a-z]+ )?(?:versions?|headlines?|captions?|editions?)"
    rf"(?: (?:of|on|in|to|with|for|accompanying) this {_NOUN}(?:[’']s [a-z]+)?)(?P<says>.*)"
    rf"|this {_NOUN}{_ASIDE} (?=(?:originally|previously|initially|{_WRONGLY}) )(?P<once>.*)",
    re.IGNORECASE | re.DOTALL,
)
_HOW = rf"(?:\s+(?:originally|previously|initially|also|had|has|and|{_WRONGLY}))*"
_SAID = re.compile(
    rf"{_ASIDE},?(?: (?:we|it|which))?{_HOW}\s*\b(?:said|stated|reported|gave|identified|referred|suggested|described"
    r"|attributed|listed|quoted|named|claimed|implied|indicated|omitted|spel(?:led|t)|credited|failed|did not"
    r"|mis[a-z]{4,})\b",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b(?:mis(?:stated|spelled|spelt|identified|identifies|attributed|quoted|named|labell?ed|reported|represented"
    r"|characteri[sz]ed|described|spelling|translated|calculated|placed|stating)"
    r"|incorrect(?:ly)?|wrongly|(?:the|an?) wrong|erroneous(?:ly)?|mistakenly|by mistake|inaccura(?:te|tely|cy|cies)"
    r"|in error|(?:the|an|editing|typing|production) error)\b",
    re.IGNORECASE,
)
_MENDED = re.compile(
    r"\bshould have (?:read|said|been|stated)\b"
    r"|\b(?:regrets?|apologi[sz]es? for) (?:the|any|this) (?:error|mistake|confusion)"
    r"|\b(?:been|was) (?:corrected|clarified|amended)\b"
    r"|,? (?:not|rather than|instead of) (?:(?:in|on|at|by|the|from) )?(?-i:[A-Z0-9£$€“\"'‘])",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:this|an?|the|our) (?:[\w’'-]+ ){0,3}(?:article|story|post|piece|column|version|headline|caption|graphic|item"
    r"|editorial|obituary|chart|map|report|profile|picture|photograph)s?\b",
    re.IGNORECASE,
)
# Somebody else tells it, in a clause behind; what an earlier version said is cut off before.
_TOLD = re.compile(
    r",\s+(?:[\w.’'-]+\s+){0,5}?(?:said|says|told|admitted|insisted|claimed|argued|conceded|acknowledged|complained)\b"
    r"|\baccording to\b",
    re.IGNORECASE,
)
_WRONG_CLAIM = re.compile(
    rf"\b(?:versions?|{_NOUN}|it|we|which|text|paragraph){_HOW}\s+(?:said|stated|reported|claimed)\b", re.IGNORECASE
)


def _unlabelled(line: str, published: str | None) -> Correction | None:
    """A note that says itself of which text it is."""
    start = _start(line)
    lead = _when(line, start, published)
    if lead.stated:
        start = _start(line, lead.end)
    if dated := _dateline(line, published):
        return Correction(line, dated.date)
    if amended := _AMENDED.match(line, start):
        when = _when(line, amended.end(), published)
        says = amended["altered"] is None or _TO_PUT_RIGHT.match(line, when.end)
        told = _TOLD.search(_WRONG_CLAIM.split(_sentence(line, when.end))[0])
        when = when if when.stated else lead
        return Correction(line, when.date) if says and not told and not when.before else None
    if _says_wrong(line, start):
        return None if lead.before else Correction(line, lead.date)
    return None


def _says_wrong(line: str, start: int = 0) -> bool:
    """Whether words tell what an earlier version of their text had wrong."""
    earlier = _EARLIER.match(line, start)
    if earlier is None:
        return False
    says = earlier["says"] if earlier["says"] is not None else f" {earlier['once']}"
    return _SAID.match(says) is not None or _ERROR.search(says) is not None


def _is_put_right(line: str) -> bool:
    """Whether a paragraph under a label tells of a text and its error."""
    return _unlabelled(line, None) is not None or bool(_REFERS.search(line) and _ERROR.search(line))


def _start(line: str, position: int = 0) -> int:
    """Where the words of a line begin, behind bullets, brackets and marks of emphasis."""
    return _behind(_BULLETS, line, position)


def _sentence(line: str, start: int) -> str:
    return re.split(r"(?<=[a-z’”)])[.!?](?=\s|$)", line[start:], maxsplit=1)[0]


_DATED = re.compile(
    rf"(?:(?:first |originally )?(?:published|posted|updated|last updated)\b|\d|[A-Z][a-z]+ \d).{{0,80}}?"
    rf"[;,|(/.·–—-]\s*(?:last )?{_PUT_RIGHT}\b(?: on| at|:)?",
    re.IGNORECASE,
)


def _dateline(line: str, published: str | None) -> _When | None:
    """The day at the end of "Published 4 October 2010; corrected 5 October 2010"."""
    dated = _DATED.match(line) if len(line) <= 120 else None
    when = _when(line, dated.end(), published) if dated else _When()
    return when if when.date and not line[when.end :].strip(" .)]") else None


# --- labels --------------------------------------------------------------------------------------------

_STRONG = (
    r"corrections?(?: (?:and|&) clarifications?)?(?: (?:notice|note|appended))?|clarifications?|(?:last )?corrected"
    r"|clarified|amended|erratum|errata"
)
_WEAK = r"(?:editor|author|publisher)(?:[’']?s[’']?)? note|note(?: to readers)?|update[d]?|footnote"
_LABEL = re.compile(rf"{_EDGE}(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))\b[*_]*", re.IGNORECASE)
_LABEL_ENDS = re.compile(r"[)\]\s]*(?:[:.|]|–|—|-(?=\s)|$)[\s*_]*")
_APPENDED = re.compile(rf"{_EDGE}(?:corrections?|clarifications?) (?:appended|below)[.\])*_]*", re.IGNORECASE)
# The title of an article about errors in others.
_OF_OTHERS = re.compile(r"(?:our |today[’']s )?corrections?(?: (?:and|&) clarifications?)?\W*.{0,40}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Label:
    """What a paragraph is headed with.

    Attributes:
        strong: Whether it says by itself that something is put right.
        when: The day that it names.
        rest: What stands behind it on its line.
        start: Where that begins.
    """

    strong: bool
    when: _When
    rest: str
    start: int


def _label(line: str, published: str | None) -> _Label | None:
    found = _LABEL.match(line)
    if found is None:
        return None
    when = _when(line, found.end(), published)
    ends = _LABEL_ENDS.match(line, when.end)
    if ends is None:
        return None
    start = ends.end()
    if not when.stated:
        # "Correction: October 2, 2016, Sunday."
        alone = _when_alone(line[start:], published)
        when, start = (alone, len(line)) if alone.stated else (when, start)
    return _Label(found["strong"] is not None, when, line[start:], start)


def _labelled(line: str, label: _Label, published: str | None, at_edge: bool) -> Correction | None:
    if label.when.before:
        return None
    told = _unlabelled(label.rest, published)
    refers = bool(_REFERS.search(label.rest) and _ERROR.search(label.rest))
    mends = at_edge and bool(_ERROR.search(label.rest) or _MENDED.search(label.rest))
    if not (told or (label.strong and (label.when.stated or refers or mends))):
        return None
    return Correction(line, label.when.date or (told.date if told else None))
