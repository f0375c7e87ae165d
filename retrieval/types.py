"""The words of the domain, as frozen dataclasses.

All offsets are counts of Unicode code points into ``Article.text``, half open: ``text[start:end]``.
All dates are ISO 8601 calendar dates, possibly reduced: ``2010``, ``2010-10`` or ``2010-10-04``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["report", "interview", "opinion", "speech"]
Reason = Literal[
    "empty_archive",
    "no_article_matches",
    "outside_dates",
    "speaker_not_found",
    "speaker_not_quoted_on_topic",
    "topic_not_found",
    "low_confidence",
]
Relation = Literal["said_by", "written_by", "about"]
# An id may hold colons; the last is that of the offsets.
_PASSAGE_ID = re.compile(r"(.+):([0-9]{1,9}):([0-9]{1,9})-([0-9]{1,9})", re.ASCII | re.DOTALL)
Part = Literal["database", "changes", "article", "people", "passage", "vector", "counts", "copies", "dense", "lexical"]


@dataclass(frozen=True, slots=True)
class Removed:
    """A piece of page furniture that cleaning took out, and the rule that took it."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is stored and cited. What is not known is None, never guessed.

    Attributes:
        corrected: When it was last corrected, where it says so.
        pages: Where each page but the first begins in the text, of what was printed.
    """

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    kind: Kind | None = None
    removed: tuple[Removed, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    corrected: str | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points ``[start, end)`` of an article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A statement of somebody else's in an article.

    Attributes:
        start: Where its content begins; of a direct quotation, inside the marks.
        end: Where it ends.
        direct: Whether these are the speaker's own words, in quotation marks.
        cue: The word that reports it: "said".
        source: What names the speaker in the text: "Loughton", "he", "the minister".
        speaker: The full name as the article gives it, None if uncertain. Where two people share the surname
            and nothing tells which of them speaks, the surname alone.
        confidence: Probability that the speaker is right.
    """

    start: int
    end: int
    direct: bool
    cue: Span | None
    source: Span | None
    speaker: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody an article names.

    Attributes:
        name: The fullest name in the article.
        aliases: All forms of the name in it.
        offices: Descriptions of the person, as they stand: "children's minister".
    """

    name: str
    aliases: tuple[str, ...]
    offices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article with its passages, ready to be put into an archive.

    Attributes:
        article: What is stored.
        passages: Disjoint spans in reading order; every character that is not white space is in one of them.
        sentences: For each passage the spans of its sentences, in the same coordinates.
        quotes: Statements that the article reports, in order of their start.
        voice: Who speaks where nobody is quoted: the author of a speech or an opinion piece, else None.
        people: Whom the article names; speakers that are not among them have no other name and no office in it.
    """

    article: Article
    passages: tuple[Span, ...]
    sentences: tuple[tuple[Span, ...], ...]
    quotes: tuple[Quote, ...] = ()
    voice: str | None = None
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """One version of an article in an archive; ``current`` says whether a later one, or a deletion, replaced it."""

    article: Article
    version: int
    current: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says in a passage: the part of a quote that lies in it.

    Attributes:
        start: In the article's coordinates, as ``end``.
        speaker: As the article names them; None if uncertain.
        confidence: Probability that the speaker is right.
        also_in: In an answer: where other articles quote the same words of the same speaker, the earliest first.
    """

    start: int
    end: int
    text: str
    speaker: str | None
    direct: bool
    confidence: float
    also_in: "tuple[Citation, ...]" = ()


@dataclass(frozen=True, slots=True)
class Tenure:
    """An office, and the dates of the first and the last article that name somebody by it; None if unknown."""

    office: str
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody the archive has statements of, under all the names that its articles give them.

    Attributes:
        name: The fullest name that they are most quoted by.
        statements: How many the archive holds.
        articles: How many articles hold them.
        names: What ``Statement.speaker`` and ``Passage.voice`` call them, ``name`` first.
        aliases: All forms of their names, the most used first.
        offices: The latest first.
    """

    name: str
    statements: int
    articles: int
    names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    offices: tuple[Tenure, ...] = ()


def passage_id(article_id: str, version: int, start: int, end: int) -> str:
    """Name of a passage outside: article, version and offsets, so that it can be found again by hand."""
    return f"{article_id}:{version}:{start}-{end}"


def named_passage(name: str) -> tuple[str, int, Span] | None:
    """Article, version and offsets of what ``passage_id`` has named; None if it can be no such name."""
    match = _PASSAGE_ID.fullmatch(name)
    return match and (match[1], int(match[2]), Span(int(match[3]), int(match[4])))


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage.

    Attributes:
        key: Number of the passage in the archive, never used twice; the caches know the passage by it.
        text: ``article.text[start:end]``, exactly.
        sentences: Spans of its sentences, in the article's coordinates.
        statements: What is said in it, and by whom, in order of their start.
        voice: Who speaks where nobody is quoted; None in a report.
    """

    key: int
    article_id: str
    version: int
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    statements: tuple[Statement, ...] = ()
    voice: str | None = None

    @property
    def id(self) -> str:
        """Name of the passage outside; see ``passage_id``."""
        return passage_id(self.article_id, self.version, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a result has to satisfy. Names are compared without regard to case and accents; dates are inclusive.

    An article with an unknown value never satisfies a filter on it. An article dated only to a month or a year
    satisfies a range that overlaps it. ``speaker`` is any name, surname or alias of somebody who says something in a
    passage, or who wrote it and speaks in it; an article satisfies it if a passage of it does.
    """

    speaker: str | None = None
    publisher: str | None = None
    author: str | None = None
    article: str | None = None
    published_from: str | None = None
    published_to: str | None = None


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What a question is to be taken to ask, in place of what it seems to ask itself; any date, unless filters say.

    Attributes:
        speakers: Whose words, by any form of their names; empty for anybody's, or nobody's in particular.
        topic: About what; empty for anything they say.
    """

    speakers: tuple[str, ...] = ()
    topic: str = ""

    @property
    def blank(self) -> bool:
        """Whether it says nothing."""
        return not any(map(str.strip, (*self.speakers, self.topic)))


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a passage stands, exactly, in a form that can be checked later without trusting us.

    Attributes:
        link: The article's url with a text fragment, else the service's own page of the article.
        text_sha256: SHA-256 of the passage's text in UTF-8, hexadecimal.
        prefix: Up to 32 characters before the passage (W3C Web Annotation, TextQuoteSelector).
        suffix: Up to 32 characters after it.
        corrected: When the article was last corrected, where it says so.
        page: Number of the page that the passage begins on, from 1; None where the article has no pages.
    """

    article_id: str
    version: int
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    url: str | None
    link: str
    start: int
    end: int
    text_sha256: str
    prefix: str
    suffix: str
    corrected: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """What a citation claims: that a version of an article has a text of this hash at these offsets.

    Attributes:
        prefix: What stands before it, as ``suffix`` after it; None where the claim does not say.
    """

    article_id: str
    version: int
    start: int
    end: int
    text_sha256: str
    prefix: str | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """A passage of the present version that is like one that is no longer in it; ``likeness`` is from 0 to 1."""

    start: int
    end: int
    text: str
    link: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Verification:
    """What has become of a cited passage.

    Attributes:
        status: exact: the present version has the very text at the very offsets. moved: it has the very text
            elsewhere. changed: it does not have the text. withdrawn: the article has been deleted since.
            not_genuine: no archive can have given this citation out that has the history of this one.
        detail: The same for people, and why.
        superseded: Whether the cited version is not the present one; None where there is nothing to supersede it.
        version: Of the article at present; None if there is none.
        start: Where the text stands in the present version, as ``end``; None unless it does.
        link: Where a reader finds it now.
        nearest: Where the text has changed, the passages most like it, the likest first.
        corrected: When the present version says that the article was last corrected; None where it does not.
    """

    status: Literal["exact", "moved", "changed", "withdrawn", "not_genuine"]
    detail: str
    superseded: bool | None = None
    version: int | None = None
    start: int | None = None
    end: int | None = None
    link: str | None = None
    nearest: tuple[Nearest, ...] = ()
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Something that one person says in an article.

    Attributes:
        text: The very words of the article, all of it, wherever its passages are cut.
        manner: direct: the speaker's own words, in quotation marks. reported: in the article's words. own: in nobody's
            quotation marks in a text of which the speaker is the author.
        speaker: As the article names them.
        confidence: Probability that the speaker is right; 1 for an author.
        before: What stands before it in its first sentence; for "own" empty, as ``after``.
        after: What stands after it in its last sentence.
        citation: Where it stands.
        also_in: Where other articles quote the same words, or some of them, the earliest first.
    """

    text: str
    manner: Literal["direct", "reported", "own"]
    speaker: str
    confidence: float
    before: str
    after: str
    citation: Citation
    also_in: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class SaidIn:
    """An article, without its text, and what one person says in it, in the order of the text.

    Attributes:
        statements: But for those that another article quotes in full, which lists them with all their places.
        repeated: How many those are.
    """

    article: StoredArticle
    statements: tuple[Said, ...]
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What a person is on record with: a page of the articles that hold statements of theirs, the newest first.

    Attributes:
        speaker: Whose record it is; None where the name that was asked for fits several and is nobody's whole name.
        others: Those whom the name fits as well, most statements first.
        articles: Those of this page; articles without a date come last.
        total: How many articles there are on all pages.
        years: How many of them are of each year, in their order; None for those without a date.
    """

    speaker: Speaker | None
    others: tuple[Speaker, ...]
    articles: tuple[SaidIn, ...] = ()
    total: int = 0
    years: tuple[tuple[int | None, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a passage; all segments of a passage, joined, are its text."""

    text: str
    highlight: bool


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose words a passage is shown for.

    Attributes:
        relation: said_by: all that is marked is said by this person. written_by: the author of the article speaks.
            about: the person is asked for, is named in the passage and does not speak in it.
        name: As the article has it.
        office: The person's at that time, as far as articles say; None if they do not.
    """

    relation: Relation
    name: str
    office: str | None


@dataclass(frozen=True, slots=True)
class Carried:
    """Who carries a passage that stands in several articles.

    Attributes:
        outlets: How many publishers. An unknown one is none, unless all are unknown, who are then taken for one.
        articles: How many articles.
        first_published: Of the first of them that is dated; None if none is.
        publishers: Their names, by when each was first with it, undated articles last.
    """

    outlets: int
    articles: int
    first_published: str | None
    publishers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage in an answer.

    Attributes:
        rank: 1 for the best.
        score: The fitted ranker's score in log-odds; orders the hits unless a re-ranker does.
        confidence: Calibrated probability, 0 to 1, that the passage answers the question.
        attribution: None where nobody or several speak.
        copies: Where nearly the same text stands as well, in other articles or again in this one, whatever filters
            the passages satisfy.
        carried: Who carries it, of ``citation`` and ``copies`` together; None where it stands in one article alone.
    """

    rank: int
    id: str
    text: str
    score: float
    confidence: float
    segments: tuple[Segment, ...]
    statements: tuple[Statement, ...]
    voice: str | None
    attribution: Attribution | None
    citation: Citation
    copies: tuple[Citation, ...] = ()
    carried: Carried | None = None


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What the question was taken to ask; the speakers as the archive's articles name them."""

    speakers: tuple[str, ...]
    topic: str
    published_from: str | None = None
    published_to: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was searched: the archive's version, its size and the dates it covers."""

    version: int
    articles: int
    passages: int
    published_from: str | None
    published_to: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Months in a row in which there is nothing, or hardly anything; see ``retrieval.holdings``.

    Attributes:
        first: First month of it, as ``2012-05``.
        last: Last month of it.
        articles: How many articles there are all the same.
        usual: How many there usually are in so many months.
    """

    first: str
    last: str
    articles: int
    usual: int


@dataclass(frozen=True, slots=True)
class Holding:
    """What an archive holds of one publisher, or of all.

    Attributes:
        publisher: None where it is unknown, or where this is about all.
        articles: How many.
        undated: How many of them have no date.
        months: How many are of each month that has any, in order, as ``2012-05``; what is dated to a year alone is
            counted under the year, as ``2012``.
        gaps: In order.
    """

    publisher: str | None
    articles: int
    undated: int
    months: tuple[tuple[str, int], ...]
    gaps: tuple[Gap, ...]

    @property
    def first(self) -> str | None:
        """The first month, or year, that there is something of; None if nothing has a date."""
        return self.months[0][0] if self.months else None

    @property
    def last(self) -> str | None:
        """The last one."""
        return self.months[-1][0] if self.months else None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an archive holds: in all, of each publisher, most articles first, and of each kind, most first."""

    all: Holding
    publishers: tuple[Holding, ...]
    kinds: tuple[tuple[str | None, int], ...]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What a question asks for of which the archive holds no article at all.

    Attributes:
        publisher: Whose articles are asked for; None for anybody's.
        author: By whom; None for anybody.
        published_from: Begin of the time that is asked for; None where it has none, or where there is nothing of
            that publisher and author of any time.
        published_to: Its end.
        held_from: Of that publisher and author, the first date that the archive holds anything of; None if nothing.
        held_to: The last.
        before: Where the time asked for lies in between, the last date before it that something is of.
        after: The first date after it.
        undated: How many articles of that publisher and author have no date, and may be of any time.
    """

    publisher: str | None = None
    author: str | None = None
    published_from: str | None = None
    published_to: str | None = None
    held_from: str | None = None
    held_to: str | None = None
    before: str | None = None
    after: str | None = None
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The passages nearest to a question, best first, and whether any of them answers it.

    Attributes:
        reason: Why none does; None if one does.
        speakers: Those whose words are asked for, as the archive knows them.
        spoken_of_by: Where they are not quoted on the topic, others who are, in the passages shown.
        sources: How many independent sources the passages come from: publishers who were first with one of them. What
            several carry is counted once, and those whose publisher nobody knows only where no other is known.
        vector: The question as it was encoded for the search, for whoever compares questions.
        uncovered: Where none does, what of it the archive holds no article of; None where it holds some.
        missing: Of an archive in shards, the numbers of those that did not answer: what they hold is not among these.
    """

    question: str
    answered: bool
    confidence: float
    reason: Reason | None
    interpretation: Interpretation
    passages: tuple[Hit, ...]
    archive: Coverage
    speakers: tuple[Speaker, ...] = ()
    spoken_of_by: tuple[str, ...] = ()
    sources: int = 0
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    uncovered: Uncovered | None = None
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading something of a source the last time: a file, a page, a feed.

    Attributes:
        source: Name of the source; empty for what was named on the command line.
        item: Path or address.
        mark: Tells whether it has changed since (size and time, or what a server says); None if nothing does.
        articles: Ids of the articles that it gave.
        problems: What in it could not be read: where, and what is wrong there.
        read_at: When, ISO 8601 in UTC to the second.
    """

    source: str
    item: str
    mark: str | None
    articles: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    read_at: str


@dataclass(frozen=True, slots=True)
class Put:
    """What became of one article that was put."""

    article_id: str
    version: int
    outcome: Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not agree.

    Attributes:
        part: Of the archive.
        problem: What does not agree, for a person.
        where: Which article, passage, vector or change; empty for the part as a whole.
        article_id: The article that it belongs to, if it belongs to one.
        vector_key: The vector that it is about, if it is about one.
    """

    part: Part
    problem: str
    where: str = ""
    article_id: str | None = None
    vector_key: bytes | None = None

    def __str__(self) -> str:
        return f"{self.part}{f' {self.where}' if self.where else ''}: {self.problem}"
