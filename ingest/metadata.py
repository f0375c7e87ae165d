"""Who wrote an article, where and when it was published, and of what kind it is.

What the source states outright always wins. For the rest the article's own credits are read: its bylines,
datelines and "published" lines, and the names that its page's furniture carried. Nothing is taken from
the story itself, and what no credit says stays None: an answer may be filtered by it, and must not rest
on a guess.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile
from typing import cast

from ingest.clean import Cleaned
from ingest.corrections import correction
from ingest.dates import PRINTED, is_month, printed_date
from ingest.documents import Document
from retrieval.types import Article, Kind

_KNOWN = frozenset({"title", "url", "publisher", "author", "published", "corrected", "kind"})


def describe(document: Document, cleaned: Cleaned) -> Article:
    """The article that a document is.

    A record says all of its metadata itself, since its text is no page that credits could be read from;
    only its kind may be told by the text. All other documents are read for what they do not state. That an article
    was corrected is told by its own words, whatever it came in: those are kept as ``correction`` of ``extra``.
    """
    given = document.given
    kind = cast(Kind | None, given.get("kind")) or kind_of(cleaned.text)
    found = _Found() if document.format == "record" else _find(cleaned, kind)
    published = given.get("published") or found.published
    corrected = correction(cleaned.text, published)
    noted = {"correction": corrected.note} if corrected else {}
    return Article(
        id=document.id,
        text=cleaned.text,
        title=given.get("title") or found.title,
        url=given.get("url"),
        publisher=given.get("publisher") or found.publisher,
        author=given.get("author") or found.author,
        published=published,
        kind=kind,
        removed=cleaned.removed,
        extra={**noted, **{name: value for name, value in given.items() if name not in _KNOWN}},
        corrected=given.get("corrected") or (corrected.date if corrected else None),
        pages=document.pages,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None


def _find(cleaned: Cleaned, kind: Kind | None) -> _Found:
    page = _page(cleaned.text)
    author = _credited(page) or _titled(page, kind) or _signed(page, kind)
    return _Found(page.title, _publisher(page, cleaned, author), author, _published(page))


# --- where credits stand -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """The parts of a text that can carry credits.

    Attributes:
        title: The first line, if it can be a title.
        head: Lines between the title and the first paragraph of the story.
        tail: The last lines, where only a credit that is labelled as such counts.
    """

    text: str
    title: str | None
    head: tuple[str, ...]
    tail: tuple[str, ...]


def _page(text: str) -> _Page:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    at = next((number for number, line in enumerate(lines[:4]) if _credit(line) is None), 0)
    titled = bool(lines) and len(lines) > at + 1 and _can_be_title(lines[at])
    rest = lines[:at] + lines[at + titled :]
    story = next((number for number, line in enumerate(rest) if len(line.split()) >= 25), len(rest))
    head = rest[: min(story, 8)]
    return _Page(text, lines[at] if titled else None, tuple(head), tuple(rest[len(head) :][-6:]))


def _can_be_title(line: str) -> bool:
    return len(line) <= 200 and not line.endswith((".", ",", ";")) and not line[0].islower()


# --- dates ---------------------------------------------------------------------------------------------

_TIME = re.compile(
    r",?\s*\b(?:at\s+)?(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?\s*(?:[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]m\b)"
    r"(?:\s*(?:GMT|BST|UTC|CET|E[SD]?T|P[SD]?T)\b)?",
    re.IGNORECASE,
)


def stated_date(text: str) -> str | None:
    """The date that a text states, and nothing else but a time of day, in ISO 8601.

    Returns:
        None for anything else, and for a day that no calendar has or that can be meant in two ways, as 04/10/2010.
    """
    text = text.strip()
    if re.fullmatch(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?", text) and text[:4] != "0000":
        return text
    with suppress(ValueError):
        return datetime.fromisoformat(text).date().isoformat()
    found = PRINTED.match(text)
    if found is None or _TIME.sub("", text[found.end() :]).strip(_EDGES):
        return None
    return printed_date(found)


# --- names ---------------------------------------------------------------------------------------------


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PARTICLES = _vocabulary("de del della der den di du la le van von bin al el ap ten ter dos da")
_HONORIFICS = re.compile(r"^(?:the\s+)?(?:rt\.?\s+hon\.?|right\s+hon(?:ou?rable|\.)?|hon\.)\s+", re.IGNORECASE)
_POST_NOMINALS = re.compile(r"(?:,?\s+(?:MP|MEP|MSP|MS|AM|MLA|QC|KC|CBE|OBE|MBE|DBE|PhD|Ph\.D\.?|MD))+$")
_NO_NAMES = _vocabulary(
    "by ok gov governor the a an our your this that staff reporter reporters editor correspondent "
    "writer columnist desk team newsroom editorial agency agencies press news times post mail telegraph "
    "guardian magazine journal gazette herald daily weekly sunday review today online digital council "
    "government department ministry office committee commission association society institute "
    "university college school trust foundation federation union party conference service services "
    "group network board authority agency court house parliament limited ltd plc inc chief executive "
    "director minister secretary president political social community public local national home "
    "foreign health education business city north south east west new old los las san santa hong st "
    "saint united great january february march april june july august september october november "
    "december monday tuesday wednesday thursday friday saturday sunday christmas easter how why what "
    "when where who is are was has have will can should special exclusive opinion comment analysis "
    "interview speech report feature profile updated published"
)


def _name(words: str) -> str | None:
    """A person's name without title and honours, if the words have the shape of one."""
    bare = _POST_NOMINALS.sub("", _HONORIFICS.sub("", words.strip())).strip()
    tokens = bare.split()
    if not 2 <= len(tokens) <= 5 or tokens[-1].lower() in _PARTICLES:
        return None
    return bare if all(_is_name_token(token) for token in tokens) else None


def _is_name_token(token: str) -> bool:
    letters = re.sub(r"[.’'‘-]", "", token)
    shaped = letters.isalpha() and (token[0].isupper() or token in _PARTICLES)
    return shaped and token.lower().strip(".") not in _NO_NAMES


def _names(words: str) -> str | None:
    """One name, or several as they are printed, without the office, paper or place that may follow."""
    listed = re.split(r"\s+(?:and|&)\s+", words)
    firsts = [part.strip() for part in listed[0].split(",")]
    if len(listed) == 1:
        return _name(re.split(r"\s+(?:in|for|at|of|on)\s", firsts[0])[0])
    last = _name(re.split(r",|\s+(?:in|for|at|of|on)\s", listed[-1])[0])
    people = [_name(part) for part in (*firsts, *listed[1:-1])] + [last]
    if None in people:
        return people[0]
    printed = [person for person in people if person]
    return f"{', '.join(printed[:-1])} and {printed[-1]}"


def _is_ordinary(name: str, text: str) -> bool:
    """Whether every word of a would-be name is a common word of this text: "Community Care" is no person."""
    return all(re.search(rf"\b{re.escape(token.lower())}\b", text) for token in name.split())


# --- bylines and datelines -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Credit:
    """What a line that consists of nothing else credits.

    Attributes:
        labelled: The line says what it is ("By", "Published"); else it is a mere name with a date, or a date.
    """

    author: str | None
    published: str | None
    dated: bool
    labelled: bool


_UPDATED = re.compile(r"[\s|,;–-]*\(?(?:last\s+)?(?:updated|modified|reviewed|accessed)\b.*$", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:(?:first|originally)\s+)?(?:published|posted|date|dated|written|uploaded|created)"
    r"(?:\s+(?:on|at))?(?=\W|$)\s*[:|–-]?\s*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:words|text|story|report|reporting|interview|article|analysis|speech|written|posted"
    r"|published|review)\s+)?"
    r"(?:by\b\s*:?|(?<=words)\s*:|(?<=author)\s*:)\s*|^(?:words|text|author|authors|reporter|writer"
    r"|speaker)\s*:\s*",
    re.IGNORECASE,
)
_EDGES = " \t\xa0,;:|·•–—-()"


def _credit(line: str) -> _Credit | None:
    """A line read as byline or dateline; None for a line that has anything else in it."""
    if len(line.split()) > 20:
        return None
    line = _UPDATED.sub("", line).strip()
    dated = PRINTED.search(line)
    rest = (line[: dated.start()].rstrip() + " " + line[dated.end() :]).strip() if dated else line
    rest = re.sub(r"\s+(?:on|at)$", "", _TIME.sub(" ", rest).strip(_EDGES)).strip(_EDGES) if dated else rest
    label = _LABEL.match(rest)
    words = rest[label.end() :].strip(_EDGES) if label and dated else rest
    by = _BY.match(words)
    author = _names(words[by.end() :] if by else words) if words and (by or dated) else None
    if words and (author is None or (by is None and dated is None)):
        return None
    if not words and dated is None:
        return None
    return _Credit(author, printed_date(dated) if dated else None, dated is not None, bool(label or by))


def _credits(page: _Page) -> Iterator[_Credit]:
    """The credits above the story, then those below it that say what they are."""
    for line in page.head:
        if credit := _credit(line):
            yield credit
    for line in page.tail:
        if (credit := _credit(line)) and credit.labelled:
            yield credit


def _credited(page: _Page) -> str | None:
    """The author in a byline, or the name on a line beside the dateline."""
    for credit in _credits(page):
        if credit.author and (credit.labelled or not _is_ordinary(credit.author, page.text)):
            return credit.author
    for line, neighbour in (*pairwise(page.head), *pairwise(reversed(page.head))):
        beside = _credit(neighbour)
        name = _name(line)
        if name and beside and beside.dated and not beside.author and not _is_ordinary(name, page.text):
            return name
    return None


def _titled(page: _Page, kind: Kind | None) -> str | None:
    """The author that the title names: ``Name: what I think``, or a speaker named under it again."""
    if page.title is None or kind not in {"opinion", "speech"}:
        return None
    before, colon, _ = page.title.partition(":")
    name = _name(before) if colon else None
    if name is None:
        alone = (_name(line) for line in page.head)
        name = next((person for person in alone if person and page.title.startswith(f"{person} ")), None)
    return name if name and not _is_ordinary(name, page.text) else None


_BIOGRAPHY = re.compile(r"(?P<name>\S+(?: \S+){1,3}?) (?:is|was) (?:an?|the|[a-z-]+ (?:of|at|for))\s")


def _signed(page: _Page, kind: Kind | None) -> str | None:
    """The author of an opinion who is introduced in its last lines, and mentioned nowhere before."""
    if kind != "opinion":
        return None
    for line in page.tail[-2:]:
        match = _BIOGRAPHY.match(line)
        name = _name(match["name"]) if match and len(line.split()) <= 40 else None
        if name and page.text.count(name.split()[-1]) == line.count(name.split()[-1]):
            return name
    return None


def _published(page: _Page) -> str | None:
    """The date of a labelled credit, else of the issue, else of the datelines if they agree."""
    dates = [(credit.labelled, credit.published) for credit in _credits(page) if credit.published]
    for labelled, published in dates:
        if labelled:
            return published
    if (line := _issue_line(page)) and (stated := PRINTED.search(line)):
        return printed_date(stated)
    agreed = {published for _, published in dates}
    return agreed.pop() if len(agreed) == 1 else None


# --- publisher -----------------------------------------------------------------------------------------

_OUTLET = r"(?:the )?((?:The )?[A-Z][\w&’'-]*(?: (?:[A-Z&][\w&’'-]*|of|and|for|the))*)"
_APPEARED = re.compile(
    r"(?:this (?:article|story|feature|interview|piece|column|speech)\s+(?:is|was|has been|has)?\s*"
    r"(?:first |originally |also )?|(?:first |originally ))(?:published|appeared|printed)\s+(?:in|by|on)\s",
    re.IGNORECASE,
)
_ISSUE_OF = re.compile(rf"\b(?:issue|edition)\s+of\s+{_OUTLET}")
_APPEARED_IN = re.compile(rf"(?:published|appeared|printed)\s+(?:in|by|on)\s+{_OUTLET}")
_MORE_FROM = re.compile(r"(?:more|latest)(?: (?:stories|news|articles))? (?:from|by) (?P<name>.+)", re.IGNORECASE)
_WARES = _vocabulary(
    "digital print online magazine membership subscription access edition premium standard basic full "
    "annual monthly yearly weekly free trial the our new all and &"
)
_OWN_WORK = (
    r"(?:(?:recent|own|latest|annual|exclusive|new) )*(?:investigation|survey|research|poll|analysis"
    r"|inquiry|reporter|correspondent|editor|website|readers|campaign|forum|magazine)"
)


def _publisher(page: _Page, cleaned: Cleaned, author: str | None) -> str | None:
    return _issuer(page) or _masthead(cleaned) or _more_from(page, cleaned, author) or _seller(cleaned)


def _issue_line(page: _Page) -> str | None:
    """The line that says in which issue, or where first, the article appeared."""
    return next((line for line in (*page.head, *page.tail) if _APPEARED.match(line) and len(line) <= 300), None)


def _issuer(page: _Page) -> str | None:
    line = _issue_line(page)
    match = (_ISSUE_OF.search(line) or _APPEARED_IN.search(line)) if line else None
    if match is None:
        return None
    name = re.sub(r"(?: (?:of|and|for|the|on))+$", "", match[1])
    return None if is_month(name) and PRINTED.match(line or "", match.start(1)) else name


def _masthead(cleaned: Cleaned) -> str | None:
    """The site's name, which stood above its navigation."""
    return next((piece.text for piece in cleaned.removed if piece.rule == "masthead"), None)


def _more_from(page: _Page, cleaned: Cleaned, author: str | None) -> str | None:
    """X of "More from X" if the article speaks of X as its own paper; X may be a section or a person."""
    lines = (line for piece in cleaned.removed for line in piece.text.split("\n"))
    names = (match["name"].strip() for line in lines if (match := _MORE_FROM.fullmatch(line.strip())))
    everything = "\n".join((page.text, *(piece.text for piece in cleaned.removed)))
    return next((name for name in names if name != author and _is_outlet(name, everything)), None)


def _is_outlet(name: str, text: str) -> bool:
    known, last = re.escape(name), re.escape(name.rpartition(" ")[2])
    own = re.search(rf"\b{known}[’']s? {_OWN_WORK}\b|\b(?:told|issue of|© ?(?:\d{{4}} )?) ?{known}\b", text)
    speaks = re.search(rf"\b{last} (?:said|says|told|added|adds)\b", text)
    return own is not None and speaks is None


def _seller(cleaned: Cleaned) -> str | None:
    """The name that two or more offers of subscriptions begin with."""
    offers = [piece.text.partition("\n")[0].split() for piece in cleaned.removed if piece.rule == "subscription offer"]
    alike = takewhile(lambda words: len(set(words)) == 1, zip(*offers, strict=False))
    shared = [words[0] for words in alike] if len(offers) > 1 else []
    while shared and shared[-1].lower() in _WARES:
        shared.pop()
    return " ".join(shared) or None


# --- kind ----------------------------------------------------------------------------------------------

_QUOTATION = re.compile(
    r"“[^”\n]*(?:”|$)|\"[^\"\n]*(?:\"|$)|''[^\n]*?(?:''|$)|(?<!\w)‘(?:[^’\n]|’(?=\w))*(?:’|$)", re.MULTILINE
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|[Mm]e|[Mm]yself|[Ww]e|[Oo]ur|[Oo]urs|us|[Oo]urselves)\b")
_PAST_CUE = re.compile(
    r"\b(?:said|told|added|claimed|warned|argued|insisted|explained|stated|denied|announced|according to)\b"
)
_PRESENT = r"(?:says|admits|insists|adds|explains|argues|maintains|believes|pledges|recalls|concedes|suggests|tells)"
_PRESENT_CUE = re.compile(
    rf"\b(?P<before>[Hh]e|[Ss]he|[A-Z][\w’'-]+) (?:also )?{_PRESENT}\b|\b{_PRESENT} (?P<after>[A-Z][\w’'-]+)"
)
_QUESTION_LABEL = re.compile(r"^(?:Q|Question)\s*[:.]\s", re.MULTILINE)
_ADDRESS = re.compile(
    r"\bladies and gentlemen\b|\bgood (?:morning|afternoon|evening)[,. ]|\bdistinguished guests\b"
    r"|\b(?:mr|madam) (?:deputy )?(?:speaker|president|chair(?:man)?)\b,|\b(?:right )?hon\. (?:friend"
    r"|members?|gentleman|lady)\b"
    r"|\b(?:delighted|pleased|honou?red|privileged?|grateful|pleasure|glad|proud|opportunity|good|great)"
    r" (?:for the (?:chance|opportunity) )?to (?:have the (?:chance|opportunity) to )?"
    r"(?:be (?:here|with you|back|invited)|join you|speak|address|open this)\b"
    r"|\bthank you (?:all )?(?:for (?:inviting|having|that|the invitation|coming)|very much)\b",
    re.IGNORECASE,
)


def kind_of(text: str) -> Kind | None:
    """Report, interview, opinion or speech, by who speaks outside the quotation marks; None when unsure.

    Somebody who says "I" and "we" there and greets an audience makes a speech, one who does not writes an
    opinion. One who never does so and tells what others said is a reporter; it is an interview if nearly
    all of it is said, in the present tense, by one person. The bounds were set by a thousand news
    articles: more than four in five have fewer than five such words in a thousand outside quotation
    marks, where columns have ten and more.
    """
    told = _QUOTATION.sub(" ", text)
    words = len(told.split())
    if len(text.split()) < 40:  # too few for a share of words to mean anything
        return None
    own = len(_FIRST_PERSON.findall(told))
    if own >= 0.01 * words:
        return _own_voice(told, own)
    return _others_voices(text, told) if own < 0.005 * words else None


def _own_voice(told: str, own: int) -> Kind | None:
    if _ADDRESS.search(told):
        return "speech"
    return "opinion" if own > 2 * len(_PAST_CUE.findall(told)) and own >= 4 else None


def _others_voices(text: str, told: str) -> Kind | None:
    past = len(_PAST_CUE.findall(told))
    present = len(_PRESENT_CUE.findall(told))
    if len(_QUESTION_LABEL.findall(text)) >= 3 or (present >= 4 and present >= 2 * past and _is_one_voice(told)):
        return "interview"
    quotations = len(_QUOTATION.findall(text))
    return "report" if past + present >= 2 and (quotations or past + present >= 3) else None


def _is_one_voice(told: str) -> bool:
    """Whether of all who are named beside a verb of saying one is named three times in four, or none is."""
    named = Counter(
        name
        for match in _PRESENT_CUE.finditer(told)
        if (name := match["before"] or match["after"]).lower() not in {"he", "she"}
    )
    return not named or max(named.values()) >= 0.75 * named.total()
