"""What readers see, as HTML that needs no script; pure functions of what is shown.

Every text of an article or a visitor is escaped by the templates (autoescape), and set apart in <bdi> or in
a block of its own, so that no override of the writing direction reaches the words around it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from retrieval.archive import MAX_QUESTION
from retrieval.cite import anchor, own_link
from retrieval.differences import Difference
from retrieval.failures import Failures
from retrieval.folding import fold
from retrieval.types import (
    Answer,
    Citation,
    Coverage,
    Hit,
    Holdings,
    Passage,
    ReadAs,
    Record,
    Said,
    SaidIn,
    Span,
    Speaker,
    StoredArticle,
    Verification,
)
from service import citing, wording
from service.asking import Asking
from service.changes import stretches
from service.chips import address, chips, kept
from service.citing import Reference
from service.holdings import picture
from service.links import article_path, onward, plain, speaker_path, web_address
from service.operations import operations
from service.problems import Problem
from service.reading import pieces, reading

# Notices on one page; of an article with more, the links to its earliest versions lead to its top.
_MAX_EARLIER = 1000
# What answers with less probability than this is shown as less likely to.
_UNLIKELY = 0.1
# Passages by an author that are shown at once; the others are unfolded.
_OWN_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Home:
    """What the portal shows of an archive.

    Attributes:
        examples: Speakers, and of each a topic, that can be asked for.
        speakers: The most quoted.
        publishers: With the number of their articles, most first.
        held: All that it holds, by publisher and month.
    """

    coverage: Coverage
    examples: Sequence[tuple[Speaker, str]]
    speakers: Sequence[Speaker]
    publishers: Sequence[tuple[str, int]]
    held: Holdings


@dataclass(frozen=True, slots=True)
class Read:
    """An article that is to be shown.

    Attributes:
        stored: The version to show.
        passages: All of it, in reading order.
        spans: Where the passages of all versions stand: links that cite earlier ones lead to a notice.
        versions: All that are kept, the first first.
        cited: What the reader came for, and wants to cite.
        standing: What has become of that since, where the version is not the current one.
        copies: Articles that it is a copy of, in its current version.
        marked: Whether what people say is to be marked.
        origin: Of this service, as the reader reached it; empty where it is not known.
    """

    stored: StoredArticle
    passages: Sequence[Passage]
    spans: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    versions: Sequence[StoredArticle] = ()
    cited: Citation | None = None
    standing: Verification | None = None
    copies: Sequence[StoredArticle] = ()
    marked: bool = False
    origin: str = ""


class Pages:
    """Renders each page of the service."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters.update(
            articles=wording.articles,
            carried=wording.carried,
            ask=lambda said: f"/ask?{urlencode({'q': said})}",
            date=wording.date,
            exact=exact,
            gap=wording.gap,
            marked=lambda hit: [(one.text, "mark" if one.highlight else "") for one in hit.segments],
            onward=onward,
            page=wording.page,
            path=article_path,
            percent=percent,
            person=speaker_path,
            pairwise=pairwise,
            pieces=pieces,
            plain=plain,
            tenure=wording.tenure,
            unattributed=wording.unattributed,
            web=web_address,
        )
        self._templates.globals.update(
            MAX_QUESTION=MAX_QUESTION,
            WRITTEN=citing.WRITTEN,
            citation_path=citation_path,
            link_here=link_here,
            text_of=citing.as_text,
        )

    def home(self, shown: Home) -> str:
        """The form, what can be asked, and of whom."""
        return self._render(
            "home.html",
            question="",
            coverage=wording.coverage(shown.coverage),
            home=shown,
            examples=[wording.example(speaker.name, topic) for speaker, topic in shown.examples],
            picture=picture(shown.held),
        )

    def coverage(self, coverage: Coverage, held: Holdings, failed: Failures, offset: int, limit: int) -> str:
        """What the archive holds, by time and by publisher, and what could not be read; no place is named."""
        page = held.publishers[offset : offset + limit]
        return self._render(
            "coverage.html",
            question="",
            coverage=wording.coverage(coverage),
            held=held,
            picture=picture(held),
            page=page,
            failed=failed,
            turn=_Turn(offset, len(page), offset + len(page) < len(held.publishers), ""),
            size=limit,
        )

    def answer(self, asking: Asking, answer: Answer, origin: str) -> str:
        """A question with its passages, or with why none of them answers.

        Args:
            asking: What was asked.
            answer: The answer to it.
            origin: Of this service, as the reader reached it; empty where it is not known.
        """
        return self._render(
            "answer.html",
            question=answer.question,
            answer=answer,
            sections=list(_sections(answer, origin)),
            chips=list(chips(asking, answer.interpretation)),
            kept=kept(asking.filters),
            instead=list(_instead(asking, answer)),
            refusal=None if answer.answered else wording.refusal(answer),
            coverage=wording.coverage(answer.archive),
            sources=wording.sources(answer.sources),
            partial=wording.partial(answer.missing),
        )

    def article(self, read: Read) -> str:
        """An article to read, each of its passages the target of the link that cites it."""
        stored, cited = read.stored, read.cited
        shown = reading(stored, read.passages, Span(cited.start, cited.end) if cited else None)
        words = stored.article.text[cited.start : cited.end] if cited else ""
        return self._render(
            "article.html",
            question="",
            stored=stored,
            article=stored.article,
            reading=shown,
            marked=read.marked,
            toggle=_toggle(read),
            versions=read.versions,
            present=next((one for one in read.versions if one.current), stored),
            standing=read.standing,
            what_changed=_what_changed(read),
            copies=read.copies,
            earlier=list(earlier(stored, read.spans)),
            whole=citing.of_article(stored, read.origin),
            cited=cited,
            passage=citing.of_passage(cited, words, read.origin) if cited else None,
        )

    def changes(self, found: Difference, versions: Sequence[StoredArticle]) -> str:
        """What two versions of an article differ in.

        Args:
            found: The difference.
            versions: All that are kept, the first first.
        """
        return self._render(
            "changes.html",
            question="",
            difference=found,
            changed=any(piece.change != "equal" for piece in found.pieces),
            stretches=stretches(found.pieces),
            versions=versions,
        )

    def speakers(self, prefix: str, found: Sequence[Speaker], offset: int, *, more: bool) -> str:
        """A page of those who are quoted.

        Args:
            prefix: What the names begin with.
            found: Those of this page.
            offset: How many come before them.
            more: Whether others come after them.
        """
        return self._render(
            "speakers.html", question="", prefix=prefix, found=found, turn=_Turn(offset, len(found), more, prefix)
        )

    def speaker(self, name: str, record: Record, offset: int, limit: int) -> str:
        """What somebody is on record with, or all those whom a name fits."""
        before, years = 0, []
        for year, count in record.years:
            years.append((year, count, before // limit * limit))
            before += count
        return self._render(
            "speaker.html",
            question="",
            name=name,
            record=record,
            aliases=_further_names(record.speaker) if record.speaker else [],
            years=years,
            by_year=[(year, [_told(one) for one in found]) for year, found in groupby(record.articles, _year)],
            turn=_Turn(offset, len(record.articles), offset + len(record.articles) < record.total, ""),
            limit=limit,
        )

    def docs(self, schema: Mapping[str, Any]) -> str:
        """The operations of the API, from its OpenAPI description."""
        return self._render("docs.html", title=schema["info"]["title"], operations=list(operations(schema)))

    def problem(self, problem: Problem) -> str:
        """What went wrong, and the ways on."""
        return self._render("problem.html", question="", problem=problem)

    def _render(self, template: str, **shown: Any) -> str:
        return self._templates.get_template(template).render(shown)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Where in a list a page stands; ``prefix`` is what the list is of."""

    offset: int
    count: int
    more: bool
    prefix: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What somebody says in an article, as it is shown: at once, and unfolded; ``repeated`` as in ``SaidIn``."""

    stored: StoredArticle
    shown: Sequence[Said]
    folded: Sequence[Said]
    repeated: int


@dataclass(frozen=True, slots=True)
class _Section:
    """Passages under one heading, each with the reference to it; ``heading`` is empty for those that answer."""

    heading: str
    hits: Sequence[tuple[Hit, Reference]]


def _sections(answer: Answer, origin: str) -> Iterator[_Section]:
    """The passages, those that hardly answer under a heading that says so; their order stays."""
    hits = [(hit, citing.of_passage(hit.citation, hit.text, origin)) for hit in answer.passages]
    if not answer.answered:
        yield _Section("The closest passages, which do not answer it", hits)
        return
    likely = max(place for place, hit in enumerate(answer.passages, 1) if hit.confidence >= _UNLIKELY or place == 1)
    yield _Section("", hits[:likely])
    yield _Section("Further passages, less likely to answer", hits[likely:])


def _told(found: SaidIn) -> _Told:
    """All quotations at once; of what an author says for pages, the beginning."""
    own = [one for one in found.statements if one.manner == "own"][_OWN_SHOWN:]
    folded = own if len(own) > 1 else []
    return _Told(found.article, [one for one in found.statements if one not in folded], folded, found.repeated)


def _further_names(speaker: Speaker) -> list[str]:
    """The names of somebody that say more than the first one does."""
    known = set(fold(speaker.name).split())
    return [alias for alias in speaker.aliases if not known.issuperset(fold(alias).split())]


def _year(found: SaidIn) -> int | None:
    published = found.article.article.published
    return int(published[:4]) if published else None


def _instead(asking: Asking, answer: Answer) -> Iterator[tuple[str, str]]:
    """Who else speaks of what somebody does not speak of, and the address that asks for their words."""
    topic = answer.interpretation.topic
    for name in answer.spoken_of_by if topic else ():
        yield name, address(replace(asking, read_as=ReadAs((name,), topic)))


def _toggle(read: Read) -> str:
    """The address of the same page with, or without, what people say marked."""
    said = [("version", str(read.stored.version))] if not read.stored.current or read.cited else []
    if read.cited:
        said += [("start", str(read.cited.start)), ("end", str(read.cited.end))]
    if not read.marked:
        said.append(("quotes", "1"))
    fragment = f"#{anchor(read.stored.version, read.cited.start, read.cited.end)}" if read.cited else "#text"
    return f"{article_path(read.stored.article.id)}{'?' if said else ''}{urlencode(said)}{fragment}"


def _what_changed(read: Read) -> str | None:
    """The address of what has changed since an earlier version, or by the current one; None where nothing has."""
    stored = read.stored
    if not any(one.version < stored.version or not stored.current for one in read.versions):
        return None
    return f"{article_path(stored.article.id)}/changes" + ("" if stored.current else f"?from={stored.version}")


def earlier(stored: StoredArticle, spans: Mapping[int, Sequence[Span]]) -> Iterator[tuple[int, Span, str]]:
    """Version, span and anchor of the passages of earlier versions, the latest version first, up to a bound."""
    before = sorted((version for version in spans if version < stored.version), reverse=True)
    anchors = ((version, span, anchor(version, span.start, span.end)) for version in before for span in spans[version])
    return islice(anchors, _MAX_EARLIER)


def exact(text: str) -> Markup:
    """Text that a browser reads back to the letter; left alone, it would turn every CR into LF."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704  escaped in this very line


def percent(probability: float) -> str:
    """A probability in per cent; never 0 or 100, which would claim to know."""
    return f"{min(max(round(probability * 100), 1), 99)}%"


def link_here(citation: Citation) -> str:
    """Where this service shows what is cited in its article, as it was when it was cited."""
    return own_link(citation.article_id, citation.version, citation.start, citation.end)


def citation_path(stored_id: str, version: int, reference: Reference, format_: citing.Format) -> str:
    """Where a citation is to be had as a file."""
    said = [("format", format_), ("version", str(version))]
    if reference.place:
        start, _, end = reference.place.partition("-")
        said += [("start", start), ("end", end)]
    return f"{article_path(stored_id)}/citation?{urlencode(said)}"
