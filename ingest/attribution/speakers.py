"""Who a source means within its article: names, pronouns, descriptions, and quotations without a source."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ingest.attribution.features import quotation_features
from ingest.attribution.lexicon import ROLES, STOP
from ingest.attribution.logistic import Logistic
from ingest.attribution.names import Name
from ingest.attribution.people import Cast, Figure, described
from ingest.attribution.prose import Prose
from ingest.attribution.statements import Mention, Scene

_GENDER: Final = {"he": "m", "she": "f"}
_DEFINITE: Final = frozenset({"the", "his", "her", "their", "its", "this", "that", "'s", "’s"})


@dataclass(frozen=True, slots=True)
class Resolved:
    """A figure for a mention, and the log-odds that it is right."""

    figure: Figure | None
    log_odds: float
    way: str


@dataclass(slots=True)
class Story:
    """What has been told up to the sentence that is read: who spoke last and where."""

    prose: Prose
    cast: Cast
    scenes: list[Scene]
    model: Logistic
    author: Figure | None = None
    speaker: Figure | None = None
    spoke_in: int = -99
    directly: bool = False
    certainty: tuple[float, float] = (0.0, 0.0)
    order: list[tuple[int, int, Figure]] = field(default_factory=list)

    def people_before(self, token: int, most: int = 8) -> list[tuple[Figure, int, int]]:
        """Figures that can be people, latest named first, with token and sentence of that name."""
        seen: dict[int, tuple[Figure, int, int]] = {}
        low, high = 0, len(self.order)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.order[middle][0] < token else (low, middle)
        for at, sentence, figure in reversed(self.order[:low]):
            if figure.number not in seen:
                seen[figure.number] = (figure, at, sentence)
                if len(seen) == most:
                    break
        return list(seen.values())


def begin(prose: Prose, cast: Cast, scenes: list[Scene], model: Logistic) -> Story:
    """A story with the order of all names of people."""
    story = Story(prose, cast, scenes, model)
    for figure in cast.figures:
        if figure.sort == "person" or (figure.sort == "unknown" and len(figure.name) > 1):
            story.order.extend((name.first, name.sentence, figure) for name in figure.mentions)
    story.order.sort(key=lambda entry: entry[0])
    return story


def resolve(story: Story, scene: Scene, mention: Mention) -> Resolved:
    """Find whom a mention means.

    Args:
        story: The article so far.
        scene: The sentence of the mention.
        mention: The source.

    Returns:
        The figure with log-odds, or no figure where the article does not tell.
    """
    if mention.name is not None:
        return _named(story, mention.name)
    if mention.kind in _GENDER:
        return _pronoun(story, scene, mention)
    if mention.kind in {"role", "plain", "noun"}:
        return _description(story, scene, mention)
    if mention.kind == "i" and story.author is not None:
        return Resolved(story.author, 4.0, "name")
    antecedent = _antecedent(scene, mention) if mention.kind == "who" else None
    return resolve(story, scene, antecedent) if antecedent else Resolved(None, -9.0, mention.kind)


def _named(story: Story, name: Name) -> Resolved:
    if name.first in story.cast.doubtful:
        return Resolved(story.cast.doubtful[name.first], 4.0, "doubtful")
    return Resolved(story.cast.meant[name.first], 4.0, "name")


def _antecedent(scene: Scene, mention: Mention) -> Mention | None:
    """What "who" follows: the last person before it, else whatever was mentioned last."""
    before = [m for m in scene.mentions if 0 <= mention.first - m.last <= 12 and m.kind != "who"]
    last = before[-1] if before else None
    found = next((m for m in reversed(before) if m.kind == "person"), last)
    return None if found is None or found.kind in _GENDER else found


def pronoun_candidates(story: Story, scene: Scene, mention: Mention) -> list[tuple[Figure, list[str]]]:
    """Figures that "he" or "she" can mean, each with its features."""
    gender = _GENDER[mention.kind]
    fitting = [entry for entry in story.people_before(mention.first) if entry[0].gender in {"", gender}]
    most = max((len(figure.mentions) for figure, _, _ in fitting), default=0)
    return [
        (
            figure,
            _pronoun_features(story, scene, (figure, at, sentence), rank, len(figure.mentions) * 2 >= most),
        )
        for rank, (figure, at, sentence) in enumerate(fitting)
    ]


def _pronoun_features(
    story: Story, scene: Scene, entry: tuple[Figure, int, int], rank: int, prominent: bool
) -> list[str]:
    figure, at, sentence = entry
    named_in = story.scenes[sentence]
    distance = min(scene.number - sentence, 6)
    paragraphs = story.prose.paragraph_of
    apart = min(paragraphs[scene.number] - paragraphs[sentence], 3)
    first = next((m.first for m in named_in.mentions if m.name is not None and m.kind == "person"), -1) == at
    letter = named_in.classes[at - named_in.start - 1] if at > named_in.start else "^"
    behind = at - named_in.start
    while behind < len(named_in.classes) and named_in.classes[behind] == "N":
        behind += 1
    subject = letter in "^,cq" and behind < len(named_in.classes) and named_in.classes[behind] in "va,"
    possessive = behind < len(named_in.classes) and named_in.classes[behind] == "s"
    since = min(scene.number - story.spoke_in, 5) if figure is story.speaker else -1
    return [
        f"d{distance}",
        f"r{min(rank, 4)}",
        f"d{min(distance, 2)}first{first}",
        f"d{min(distance, 2)}<{letter}",
        f"p{apart}",
        f"spoke{since}",
        f"spoke{since >= 0}d{min(distance, 2)}",
        f"gender{bool(figure.gender)}",
        f"sort{figure.sort}",
        f"prominent{prominent}",
        f"prominent{prominent}r{min(rank, 2)}",
        f"possessive{possessive}",
        f"d{min(distance, 2)}subject{subject}",
        f"others{min(len(story.people_before(at, 4)), 3)}",
    ]


def _pronoun(story: Story, scene: Scene, mention: Mention) -> Resolved:
    best, best_score = None, -99.0
    for figure, features in pronoun_candidates(story, scene, mention):
        score = story.model.log_odds(features)
        if score > best_score:
            best, best_score = figure, score
    return Resolved(best, best_score, mention.kind)


def _description(story: Story, scene: Scene, mention: Mention) -> Resolved:
    """The holder, in this article, of the office that a description names: "the minister"."""
    prose, first = story.prose, mention.first
    while first > scene.start and mention.first - first < 6:
        low = prose.lows[first - 1]
        if low in _DEFINITE or low == "former":
            first -= 1
            continue
        if low in STOP or not low[0].isalnum():
            break
        first -= 1
    lows = prose.lows[first : mention.last]
    definite = lows[0] in _DEFINITE or prose.words[first][0].isupper() or any(low in {"'s", "’s"} for low in lows)
    if lows[-1] in ROLES and definite:
        figure, agreed = described(story.cast, lows)
        return Resolved(figure, 0.0 if figure is not None and agreed > 1 else -1.0, "role" if figure else "noun")
    return Resolved(None, -9.0, "noun")


def orphan_candidates(story: Story, scene: Scene, quote: int) -> list[tuple[Figure, list[str]]]:
    """Figures that a quotation without a cue can be of, each with the features that speak for it."""
    found: dict[int, tuple[Figure, list[str]]] = {}
    shape = "alone" if not scene.classes.strip("q.,&") else "within"
    paragraphs = story.prose.paragraph_of

    def add(figure: Figure | None, feature: str) -> None:
        if figure is not None:
            found.setdefault(figure.number, (figure, [shape]))[1].extend((feature, f"{shape}{feature}"))

    if story.speaker is not None:
        apart = min(paragraphs[scene.number] - paragraphs[story.spoke_in], 4)
        since = min(scene.number - story.spoke_in, 5)
        add(story.speaker, f"spoke{apart}.{since}.{story.directly}")
    for feature, mention, near in _mentions_around(story, scene, quote):
        resolved = resolve(story, near, mention)
        add(resolved.figure, feature + ("?" if mention.name is None else ""))
    shapes = [f"{shape}{feature}" for feature in quotation_features(story.prose, quote)]
    silent = f"silent{story.speaker is None}{scene.number - story.spoke_in <= 1}"
    for _, features in found.values():
        features.extend(shapes)
        features.append(silent)
        features.append(f"{shape}of{min(len(found), 3)}")
    return list(found.values())


def _mentions_around(story: Story, scene: Scene, quote: int) -> Iterable[tuple[str, Mention, Scene]]:
    """First and last people of this sentence, the one before and the one after."""
    paragraphs = story.prose.paragraph_of
    for step, label in ((0, "own"), (-1, "before"), (-2, "earlier"), (1, "after")):
        number = scene.number + step
        if not 0 <= number < len(story.scenes):
            continue
        near = story.scenes[number]
        able = [m for m in near.mentions if m.kind in {"person", "he", "she", "role"}]
        same = paragraphs[number] == paragraphs[scene.number]
        colon = near.classes.endswith(":") if step else near.classes[max(0, quote - near.start - 1)] == ":"
        if able:
            # A dash and a name under the quotation sign it.
            signed = step == 1 and near.classes[0] == "-" and near.end - near.start <= 8
            yield f"{'signed' if signed else label}first{same}{colon}", able[0], near
            if len(able) > 1:
                yield f"{'signed' if signed else label}last{same}", able[-1], near
