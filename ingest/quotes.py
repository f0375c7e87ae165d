"""Who says what in an article: quotations and reported speech with cue, source and speaker.

Every step is a choice among candidates by a small logistic model over named features (``quotes_model.json``):
which mention is the source of a cue, which text is its content, whom a pronoun means, who speaks where no cue
stands, and last how probable it is that the speaker named is right.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from ingest.attribution.cues import Cue
from ingest.attribution.features import beside, cue_features, proposal_features, source_features
from ingest.attribution.logistic import Logistic, load, probability
from ingest.attribution.names import names
from ingest.attribution.people import NO_OFFICES, Cast, Figure, gather
from ingest.attribution.prose import Prose, read
from ingest.attribution.speakers import Resolved, Story, begin, orphan_candidates, resolve
from ingest.attribution.statements import (
    Mention,
    Proposal,
    Scene,
    closes_with_name,
    mentions_near,
    proposals,
    ranked,
    scenes,
)
from retrieval.types import Article, Person, Quote, Span

Candidates = Callable[[Story, Scene, int], list[tuple[Figure, list[str]]]]
Choose = Callable[[Story, Scene, int], tuple[Figure | None, float]]
_MODEL: Final = Path(__file__).with_name("quotes_model.json")
# Log-odds above which a clause counts as reported speech; below it, F1 on train hardly rises any more.
_ENOUGH: Final = -1.0
# The same for one without a speaker: to its readers it is worth less.
_UNNAMED_ENOUGH: Final = 0.5
# Log-odds of "..., claims Jones" that ends a headline: its grammar leaves no doubt, but the American articles
# that the models are fitted on hardly ever have it.
_SURE: Final = 2.0
# Log-odds below which a word is no cue and is left alone; loses three of a hundred cues of train.
_HOPELESS: Final = -1.5
# Log-odds of every speaker below which words in marks within a sentence are a title or a scare quote.
_LIKE_A_TITLE: Final = -1.5
# Least probability to name a speaker: more likely right than wrong. Nine of ten direct quotations on train
# that get a speaker so get the right one.
NAMED: Final = 0.5


@dataclass(slots=True)
class Draft:
    """A statement on its way to a quote."""

    scene: Scene
    first: int
    last: int
    direct: bool
    cue: int | None
    source: Mention | None
    resolved: Resolved
    values: dict[str, float]


def hear(article: Article) -> tuple[tuple[Quote, ...], tuple[Person, ...]]:
    """Find all statements that an article reports, with their speakers, and the people that it names.

    Args:
        article: Any article. What its author says in their own voice is no quote: see ``author_speaks``.

    Returns:
        Quotes in order of their start, a quotation of several paragraphs as one quote a paragraph; and people in
        order of first mention.
    """
    if _in_capitals(article.text):
        return (), ()  # nothing tells a name from a word there
    prose = read(article.text)
    found = names(prose)
    cast = gather(prose, found)
    people = tuple(_person(prose, figure) for figure in _persons(cast))
    story = begin(prose, cast, scenes(prose, found, cast), _models()["person"])
    if article.author and author_speaks(article):
        story.author = Figure(tuple(article.author.split()), "person", number=-999)
    return tuple(sorted(_quotes(story), key=lambda quote: (quote.start, quote.end))), people


def attribute(article: Article) -> tuple[Quote, ...]:
    """The statements alone; see ``hear``."""
    return hear(article)[0]


def author_speaks(article: Article) -> bool:
    """Whether what is nobody else's in an article is its author's: a signed speech or opinion piece."""
    return article.kind in {"speech", "opinion"} and bool(article.author and article.author.strip())


def _in_capitals(text: str) -> bool:
    return sum(letter.islower() for letter in text) < sum(letter.isupper() for letter in text)


@cache
def _models() -> Mapping[str, Logistic]:
    return load(_MODEL)


def _persons(cast: Cast) -> list[Figure]:
    return sorted(
        (figure for figure in cast.figures if figure.sort == "person"), key=lambda figure: figure.mentions[0].first
    )


def _person(prose: Prose, figure: Figure) -> Person:
    forms = (prose.text[prose.starts[name.first] : prose.ends[name.last - 1]] for name in figure.mentions)
    offices = (office for office, noun, _ in figure.offices if noun not in NO_OFFICES)
    return Person(" ".join(figure.name), _told(forms), _told(offices))


def _told(texts: Iterable[str]) -> tuple[str, ...]:
    """Each of some pieces of text once, on one line."""
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts))


def _quotes(story: Story) -> Iterator[Quote]:
    models = _models()
    for draft in drafts(story, models):
        quote = finish(story.prose, draft, models["confidence"])
        if worth_telling(draft, quote):
            yield quote


def worth_telling(draft: Draft, quote: Quote) -> bool:
    """Whether a quote says anything: reported speech without a speaker has to be surer than with one."""
    return quote.direct or quote.speaker is not None or draft.values.get("statement", 0.0) >= _UNNAMED_ENOUGH


def drafts(story: Story, models: Mapping[str, Logistic], candidates: Candidates = orphan_candidates) -> Iterator[Draft]:
    """Statements in order of their sentences, with sources resolved as the story goes on."""
    held: dict[int, Draft] = {}
    choose = likeliest(models["orphan"], candidates)
    for scene in story.scenes:
        taken: list[tuple[int, int]] = []
        for proposal in _accepted(story.prose, scene, models):
            draft = _cued(story, proposal)
            taken.append((proposal.first, proposal.last))
            _remember(story, scene, draft)
            held[proposal.first] = draft
            yield draft
        for quote in scene.quoted:
            if not any(first <= quote < last for first, last in taken):
                orphan = _orphan(story, scene, quote, held, choose)
                if orphan is not None:
                    held[quote] = orphan
                    yield orphan


def _remember(story: Story, scene: Scene, draft: Draft) -> None:
    if not draft.direct and (draft.resolved.figure is None or draft.source is None or draft.source.kind == "who"):
        return  # a relative clause speaks by the way
    story.speaker, story.spoke_in, story.directly = draft.resolved.figure, scene.number, draft.direct
    story.certainty = draft.values.get("source", 0.0), draft.values.get("person", 0.0)


def best_source(prose: Prose, scene: Scene, at: tuple[int, Cue], model: Logistic) -> tuple[Mention | None, float]:
    """The likeliest source of a cue, with its log-odds."""
    best: Mention | None = None
    best_score = -9.0
    for mention, rank in ranked(mentions_near(prose, scene, at[0]), at[0]):
        score = model.log_odds(source_features(prose, scene, at, mention, rank))
        if score > best_score:
            best, best_score = mention, score
    return best, best_score


def judged(prose: Prose, scene: Scene, models: Mapping[str, Logistic]) -> list[Proposal]:
    """All proposals of a scene with the scores of source and content."""
    found: list[Proposal] = []
    for cue, reading in scene.cues:
        if _cue_odds(models["cue"], reading, *beside(scene, cue)) < _HOPELESS:
            continue
        source, source_score = best_source(prose, scene, (cue, reading), models["source"])
        for proposal in proposals(prose, scene, cue, reading, source):
            proposal.source_score = source_score
            proposal.features = proposal_features(prose, proposal)
            proposal.score = models["statement"].log_odds(proposal.features)
            if closes_with_name(proposal):
                proposal.score, proposal.source_score = max(proposal.score, _SURE), max(source_score, _SURE)
            found.append(proposal)
    return found


@lru_cache(maxsize=1 << 14)
def _cue_odds(model: Logistic, reading: Cue, before: str, after: str) -> float:
    """Log-odds that a word is a cue; cached because the same few hundred words stand in the same company."""
    return model.log_odds(cue_features(reading, before, after))


def _accepted(prose: Prose, scene: Scene, models: Mapping[str, Logistic]) -> list[Proposal]:
    """The best proposal for each content, in order; a quotation goes to one cue only."""
    if not scene.cues:
        return []
    kept: list[Proposal] = []
    for proposal in sorted(judged(prose, scene, models), key=lambda p: -(p.score + min(p.source_score, 2.0))):
        if proposal.score < _ENOUGH:
            continue
        if any(_clash(proposal, other) for other in kept):
            continue
        kept.append(proposal)
    return sorted(kept, key=lambda p: p.first)


def _clash(one: Proposal, other: Proposal) -> bool:
    """Two contents in one place, or two sides of one cue that are not both quotations."""
    if one.cue == other.cue:
        return not ((one.direct and other.direct) or one.interrupted or other.interrupted)
    overlap = min(one.last, other.last) - max(one.first, other.first)
    shorter = min(one.last - one.first, other.last - other.first)
    longer = max(one.last - one.first, other.last - other.first)
    return overlap > 0 and (
        overlap * 10 >= longer * 8 or (one.direct != other.direct and shorter == overlap and shorter == 1)
    )


def _cued(story: Story, proposal: Proposal) -> Draft:
    source = proposal.source
    resolved = resolve(story, proposal.scene, source) if source is not None else Resolved(None, -9.0, "none")
    values = {
        "statement": _clip(proposal.score),
        "source": _clip(proposal.source_score),
        "person": _clip(resolved.log_odds),
        f"way:{resolved.way}": 1.0,
        f"side:{proposal.side}": 1.0,
        f"kind:{source.kind if source is not None else 'none'}": 1.0,
        f"group:{proposal.reading.group}": 1.0,
        f"size:{len(resolved.figure.name) if resolved.figure is not None else 0}": 1.0,
    }
    return Draft(proposal.scene, proposal.first, proposal.last, proposal.direct, proposal.cue, source, resolved, values)


def _clip(score: float) -> float:
    return max(-5.0, min(5.0, score))


def _orphan(story: Story, scene: Scene, quote: int, held: dict[int, Draft], choose: Choose) -> Draft | None:
    """A quotation without a cue: the rest of the one before, or of whom the sentences around are about."""
    before = story.prose.marks.get(quote - 1)
    if before is not None and before.continues and quote - 1 in held:
        earlier = held[quote - 1]
        values = dict(earlier.values)
        draft = Draft(scene, quote, quote + 1, True, None, earlier.source, earlier.resolved, values)
    else:
        best, score = choose(story, scene, quote)
        alone = not scene.classes.strip("q.,&")
        if best is None or (score < _LIKE_A_TITLE and not alone):
            return None
        values = _orphan_values(story, scene, best, score, "alone" if alone else "within")
        draft = Draft(scene, quote, quote + 1, True, None, None, Resolved(best, score, "orphan"), values)
    figure = draft.resolved.figure
    if figure is not None:
        if figure is not story.speaker:
            story.certainty = (0.0, _clip(draft.resolved.log_odds))
        story.speaker, story.spoke_in, story.directly = figure, scene.number, True
    return draft


def _orphan_values(story: Story, scene: Scene, best: Figure, score: float, shape: str) -> dict[str, float]:
    values = {"orphan": _clip(score), f"orphan:{shape}": 1.0}
    if best is story.speaker:
        near = scene.number - story.spoke_in <= 1 and story.directly
        values |= {f"orphan:follows{near}": 1.0, f"prior source{near}": story.certainty[0]}
        values[f"prior person{near}"] = story.certainty[1]
    return values


def likeliest(model: Logistic, candidates: Candidates = orphan_candidates) -> Choose:
    """Choose among the figures that a quotation without a cue can be of, by a model."""

    def choose(story: Story, scene: Scene, quote: int) -> tuple[Figure | None, float]:
        best, best_score = None, -9.0
        for figure, features in candidates(story, scene, quote):
            score = model.log_odds(features)
            if score > best_score:
                best, best_score = figure, score
        return best, best_score

    return choose


def confidence(values: Mapping[str, float], model: Logistic) -> float:
    """Probability that the speaker of a draft is right."""
    return probability(model.bias + sum(model.weights.get(name, 0.0) * value for name, value in values.items()))


def finish(prose: Prose, draft: Draft, model: Logistic, least: float = NAMED) -> Quote:
    """The quote of a draft; its speaker is named from a confidence of ``least``."""
    if draft.direct:
        start, end = prose.marks[draft.first].inner.start, prose.marks[draft.first].inner.end
    else:
        start, end = prose.starts[draft.first], prose.ends[draft.last - 1]
    figure = draft.resolved.figure
    sure = confidence(draft.values, model) if figure is not None else 0.0
    speaker = " ".join(figure.name) if figure is not None and sure >= least else None
    cue = Span(prose.starts[draft.cue], prose.ends[draft.cue]) if draft.cue is not None else None
    source = (
        Span(prose.starts[draft.source.first], prose.ends[draft.source.last - 1]) if draft.source is not None else None
    )
    return Quote(start, end, draft.direct, cue, source, speaker, round(sure, 4))
