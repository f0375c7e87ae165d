"""Each question of a run with what it got: the passages, what of them was shown as the answer, and what is gold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evals.failures import EXPLAINED
from evals.gold import holds, places
from evals.metrics import Outcome
from retrieval.types import Citation, Hit, Span, passage_id

_SHOWN = 3

_WRONG: Mapping[str, tuple[str, str]] = {
    **{name: (name.replace("_", " "), meaning) for name, meaning in EXPLAINED.items()},
    "not_first": ("not first", "the first result does not answer; why was not looked into"),
}
_RIGHT = ("right", "answered by the first result, or rightly refused")
_SILENT = ("nothing to judge", "nothing answers them, and this run could refuse nothing")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a passage: whether it was marked as the answer, whether it is gold, whether gold begins or ends."""

    text: str
    marked: bool
    gold: bool
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that came back; ``relevant`` says whether it answers, and ``copies`` the same of each copy."""

    hit: Hit
    relevant: bool
    pieces: Sequence[Piece]
    copies: Sequence[tuple[Citation, bool]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what it got.

    Attributes:
        wrong: Names of what went wrong, the cause first.
        gold: Quotes that answer it, with the titles of their articles, as far as they are known.
        shown: The first passages, and the first that answers.
        ranked: Ids of all that came back and whether each answers, where no passage is known.
    """

    outcome: Outcome
    wrong: Sequence[str]
    gold: Sequence[tuple[str, str]]
    shown: Sequence[Shown]
    ranked: Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions with the same cause of failure, or with none.

    Attributes:
        key: Name of the group in addresses.
        alike: How many questions failed so at all, whatever else went wrong with them; 0 where none failed.
    """

    key: str
    title: str
    meaning: str
    alike: int
    questions: Sequence[Asked]


def groups(outcomes: Sequence[Outcome]) -> list[Group]:
    """The questions of a run, those that went wrong first, by what went wrong with them first."""
    titles = _titles(outcomes)
    asked = [_asked(one, titles) for one in outcomes]
    often = Counter(name for one in asked for name in one.wrong)
    found = [
        Group(name, *_WRONG[name], often[name], [one for one in asked if one.wrong[:1] == (name,)])
        for name in _WRONG
        if often[name]
    ]
    silent = [one for one in asked if not one.wrong and _unjudged(one.outcome)]
    right = [one for one in asked if not one.wrong and not _unjudged(one.outcome)]
    found += [Group("right", *_RIGHT, 0, right)] if right else []
    return found + ([Group("silent", *_SILENT, 0, silent)] if silent else [])


def wrong(one: Outcome) -> tuple[str, ...]:
    """What went wrong with a question, as far as what came back tells it where nobody has looked into it."""
    if one.failures:
        return one.failures
    found = ["not_first"] if one.answerable and one.first_relevant != 1 else []
    if one.answered is not None and one.answered != one.answerable:
        found.append("wrongly_refused" if one.answerable else "wrongly_answered")
    return tuple(found)


def pieces(hit: Hit, gold: Iterable[Span]) -> list[Piece]:
    """The text of a passage, cut wherever the marks or the gold begin or end; joined they are the text."""
    of_gold = list(gold)
    cuts = {0, len(hit.text), *(at for one in of_gold for at in (one.start, one.end))}
    marked: list[Span] = []
    at = 0
    for segment in hit.segments:
        if segment.highlight:
            marked.append(Span(at, at + len(segment.text)))
        at += len(segment.text)
        cuts.add(at)
    spans = list(pairwise(sorted(cuts)))
    golden = [_within(start, of_gold) for start, _ in spans]
    around = [False, *golden, False]
    return [
        Piece(hit.text[start:end], _within(start, marked), is_gold, is_gold and not before, is_gold and not after)
        for (start, end), before, is_gold, after in zip(spans, around, golden, around[2:], strict=False)
    ]


def gold_places(text: str, quote: str) -> list[Span]:
    """Where a passage has a quote, or what is left of it: the longest beginning or end, of half its words or more."""
    words = quote.split()
    for kept in range(len(words), (len(words) - 1) // 2, -1):
        for part in (words[:kept], words[-kept:]):
            if found := places(text, " ".join(part)):
                return found
    return []


def _asked(one: Outcome, titles: Mapping[str, str]) -> Asked:
    hits = one.answer.passages if one.answer is not None else ()
    answering = [hit for hit in hits if any(_relevant(each, one) for each in (hit.citation, *hit.copies))]
    seen = [*hits[:_SHOWN], *(hit for hit in answering[:1] if hit.rank > _SHOWN)]
    return Asked(
        outcome=one,
        wrong=wrong(one),
        gold=[(each.quote, titles.get(each.article, each.article)) for each in one.gold],
        shown=[_shown(hit, one) for hit in seen],
        ranked=[] if hits else [(id_, id_ in one.relevant) for id_ in one.ranked[:10]],
    )


def _shown(hit: Hit, one: Outcome) -> Shown:
    quotes = [each.quote for each in one.gold if each.article == hit.citation.article_id]
    gold = [place for quote in quotes if holds(hit.text, quote) for place in gold_places(hit.text, quote)]
    copies = [(copy, _relevant(copy, one)) for copy in hit.copies]
    return Shown(hit, _relevant(hit.citation, one), pieces(hit, gold), copies)


def _relevant(cited: Citation, one: Outcome) -> bool:
    """Whether what is cited answers: a passage, or, where documents are judged, its article."""
    passage = passage_id(cited.article_id, cited.version, cited.start, cited.end)
    return passage in one.relevant or (not one.gold and cited.article_id in one.relevant)


def _within(at: int, spans: Iterable[Span]) -> bool:
    return any(one.start <= at < one.end for one in spans)


def _unjudged(one: Outcome) -> bool:
    return not one.answerable and one.answered is None


def _titles(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Titles of the articles that came back, by id."""
    cited = [hit.citation for one in outcomes if one.answer is not None for hit in one.answer.passages]
    return {one.article_id: one.title for one in cited if one.title}
