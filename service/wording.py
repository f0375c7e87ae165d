"""How things are said to people, the same on a terminal and on a page."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.dates import days
from retrieval.types import Answer, Carried, Citation, Coverage, Gap, Hit, Interpretation, Tenure, Uncovered

if TYPE_CHECKING:
    from service.findings import Findings

REASONS = {
    "empty_archive": "This archive is empty.",
    "no_article_matches": "No article in this archive matches these filters.",
    "outside_dates": "This archive holds nothing published between these dates.",
    "topic_not_found": "Nothing in this archive answers that: none of its words stands in any article.",
    "low_confidence": "Nothing in this archive answers that.",
    "speaker_not_found": "Nothing in this archive answers that: nobody of that name is quoted in it.",
    "speaker_not_quoted_on_topic": "Nothing in this archive answers that.",
}
NOT_KEPT = (
    "What visitors ask is not kept. To keep it, start the service with ONRECORD_KEEP_QUESTIONS=true; "
    "ONRECORD_KEEP_DAYS says for how many days."
)
# What these say, what is not covered says better.
_FOR_COVERAGE = ("outside_dates", "no_article_matches")
# Characters of a date that say the year, the month and the day.
_YEAR, _MONTH, _DAY = 4, 7, 10
# More names than these would hide that nothing was found.
_FEW = 3


def refusal(answer: Answer) -> str:
    """Why nothing answers, in a sentence or two."""
    if answer.uncovered is None:
        return _why(answer)
    uncovered = not_covered(answer.uncovered)
    return uncovered if answer.reason in _FOR_COVERAGE else f"{_why(answer)} {uncovered}"


def partial(missing: Sequence[int]) -> str:
    """That part of the archive was not looked at; empty where all was."""
    if not missing:
        return ""
    noun = "shard" if len(missing) == 1 else "shards"
    return f"Part of the archive did not answer: {noun} {', '.join(map(str, missing))}."


def _why(answer: Answer) -> str:
    sentence = REASONS[answer.reason or "low_confidence"]
    asked = answer.interpretation
    if answer.reason != "speaker_not_quoted_on_topic":
        return sentence
    if not answer.speakers:
        return f"{sentence} Who is asked for is named in it, but as far as we can tell never quoted."
    about = f" on {asked.topic}" if asked.topic else " on it"
    quoted = " and ".join(f"{one.name} is quoted in {articles(one.articles)}" for one in answer.speakers)
    others = f", which {_listed(answer.spoken_of_by[:_FEW])} spoke of" if answer.spoken_of_by else ""
    return f"{sentence} {quoted}, but as far as we can tell never{about}{others}."


def not_covered(found: Uncovered) -> str:
    """What there is nothing of: ``This archive holds nothing published in 2015; what it has is from 2010.``..."""
    whose = "".join(
        [f" of {found.publisher}" if found.publisher else "", f" by {found.author}" if found.author else ""]
    )
    time = period(found.published_from, found.published_to)
    nothing = f"This archive holds nothing{whose}{f' published {time}' if time else ''}"
    of_it = " of it" if whose else ""
    if not time:
        return f"{nothing}."
    if found.held_from is None or found.held_to is None:
        return f"{nothing}: no article{whose or ' in it'} has a date."
    if found.before and found.after:
        said = f"{nothing}: there is none between {date(found.before)} and {date(found.after)}."
    else:
        first, last = (date(day[:7]) for day in (found.held_from, found.held_to))
        said = f"{nothing}; what it has{of_it} is from {' to '.join(dict.fromkeys((first, last)))}."
    if not found.undated:
        return said
    may = "has no date, and may be" if found.undated == 1 else "have no date, and may be"
    return f"{said} {articles(found.undated)} {may} from any time."


def period(first: str | None, last: str | None) -> str:
    """A time as prose has it: ``in 2015``, ``from May to July 2012``, ``on 4 October 2010``, ``up to 2009``."""
    begin = "" if first is None else _iso(days(first)[0])
    end = "" if last is None else _iso(days(last)[1])
    # As short as says the same: days of whole years and months are not told.
    short = max(_beginning(begin) if begin else 0, _ending(end) if end else 0)
    if not end:
        return f"since {date(begin[:short])}" if begin else ""
    if not begin:
        return f"up to {date(end[:short])}"
    if short == _MONTH:
        return months(begin[:short], end[:short])
    if begin[:short] == end[:short]:
        return f"{'in' if short == _YEAR else 'on'} {date(begin[:short])}"
    return f"from {date(begin[:short])} to {date(end[:short])}"


def _iso(day: int) -> str:
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"


def _beginning(day: str) -> int:
    """How many characters of a day say it, where it is the beginning of a time."""
    return _YEAR if day.endswith("-01-01") else _MONTH if day.endswith("-01") else _DAY


def _ending(day: str) -> int:
    if day.endswith("-12-31"):
        return _YEAR
    return _MONTH if _iso(days(day[:_MONTH])[1]) == day else _DAY


def gap(found: Gap) -> str:
    """``nothing from May to July 2012``, ``hardly anything in May 2012: 3 articles, where 120 are usual``."""
    time = months(found.first, found.last)
    if not found.articles:
        return f"nothing {time}"
    return f"hardly anything {time}: {articles(found.articles)}, where {found.usual:,} are usual"


def months(first: str, last: str) -> str:
    """``in May 2012``, ``from May to July 2012``, ``from December 2011 to July 2012``."""
    return f"{'in' if first == last else 'from'} {month_range(first, last)}"


def month_range(first: str, last: str) -> str:
    """``May 2012``, ``May to July 2012``, ``December 2011 to July 2012``."""
    if first == last:
        return date(first)
    begin = date(first).split()[0] if first[:4] == last[:4] else date(first)
    return f"{begin} to {date(last)}"


def date(iso: str) -> str:
    """A date as it is written in prose: ``4 October 2010``, ``October 2010`` or ``2010``."""
    year, *rest = (int(part) for part in iso.split("-"))
    if not rest:
        return str(year)
    month = datetime.date(year, rest[0], 1).strftime("%B")
    return f"{month} {year}" if len(rest) == 1 else f"{rest[1]} {month} {year}"


def corrected(iso: str | None) -> str | None:
    """``corrected on 5 October 2010``, ``corrected in October 2010``; None where no such day is known."""
    return iso and f"corrected {'on' if len(iso) == 10 else 'in'} {date(iso)}"


def coverage(archive: Coverage) -> str:
    """What was searched: ``5 articles, March 2010 to February 2011``."""
    held = articles(archive.articles)
    if archive.published_from is None or archive.published_to is None:
        return held
    first, last = (date(day[:7]) for day in (archive.published_from, archive.published_to))
    return f"{held}, {first}" if first == last else f"{held}, {first} to {last}"


def interpretation(asked: Interpretation) -> str:
    """What the question was taken to ask: ``by Tim Loughton · about caseloads · any date``."""
    by = f"by {' or '.join(asked.speakers)} · " if asked.speakers else ""
    about = f"about {asked.topic} · " if asked.topic else ""
    return f"{by}{about}{dates(asked)}"


def attribution(hit: Hit) -> str | None:
    """Whose words a passage is shown for: ``Tim Loughton, children's minister``; None where nobody or several speak."""
    found = hit.attribution
    if found is None:
        return None
    if found.relation == "about":
        return f"About {found.name}"
    named = f"{found.name}, {found.office}" if found.office else found.name
    return f"{named}, as the author" if found.relation == "written_by" else named


def unattributed(hit: Hit) -> str:
    """What a passage that is nobody's in particular is: ``The article, quoting Ann Lee and Bo Lee``."""
    names = list(dict.fromkeys(one.speaker for one in hit.statements if one.speaker))
    if names:
        return f"The article, quoting {_listed(names)}"
    unknown = any(one.direct for one in hit.statements)
    return "The article, quoting somebody: who, is not certain" if unknown else "The article’s own words"


def carried(found: Carried) -> str:
    """Who carries a passage: ``Carried by 3 outlets, first on 4 October 2010``."""
    by = counted(found.outlets, "outlet")
    if found.articles > found.outlets:
        by += f" in {articles(found.articles)}"
    if found.first_published is None:
        return f"Carried by {by}"
    first = found.first_published
    return f"Carried by {by}, first {'on' if first.count('-') == 2 else 'in'} {date(first)}"


def sources(count: int) -> str:
    """How many independent sources passages come from: ``1 independent source``; nothing where there is no passage."""
    return counted(count, "independent source") if count else ""


def source(citation: Citation) -> str:
    """Where a passage stands: publisher, author, date, page, day of correction; what is unknown is left out."""
    dated = citation.published and date(citation.published)
    printed = "" if citation.page is None else page(citation.page)
    known = (citation.publisher, citation.author, dated, printed, corrected(citation.corrected))
    return " · ".join(part for part in known if part)


def page(number: int) -> str:
    """On which page something stands, as it is printed: ``p. 3``."""
    return f"p. {number}"


def tenure(held: Tenure) -> str:
    """When articles name somebody by an office: ``October 2010``, ``March 2010 to February 2011``, or nothing."""
    told = [date(day[:7]) for day in (held.first, held.last) if day]
    return " to ".join(dict.fromkeys(told))


def example(name: str, topic: str) -> str:
    """A question that this software understands."""
    return f"What did {name} say about {topic}?"


def articles(count: int) -> str:
    """``1 article``, ``5 articles``."""
    return counted(count, "article")


def _listed(names: Sequence[str]) -> str:
    """``Ann Lee``, ``Ann Lee and Bo Lee``, ``Ann Lee, Bo Lee and Cy Lee``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def dates(asked: Interpretation) -> str:
    """Of which time a question is: ``March 2010 to May 2010``, ``from 2010`` or ``any date``."""
    first, last = asked.published_from, asked.published_to
    if first and last:
        return f"{date(first)} to {date(last)}"
    if first:
        return f"from {date(first)}"
    return f"up to {date(last)}" if last else "any date"


def asked(found: "Findings") -> str:
    """How much was asked, and how long that is kept."""
    times, different = counted(found.asked, "time"), counted(found.different, "different question")
    share = f"{found.answered / max(found.asked, 1):.0%}"
    return f"Asked {times}, {different}; {share} answered. Kept for {counted(found.keep_days or 0, 'day')}."


def counted(count: int, noun: str) -> str:
    """``1 time``, ``5 times``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
