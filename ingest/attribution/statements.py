"""Candidates for statements: a cue, mentions that may be its source, texts that may be its content."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, Literal

from ingest.attribution.cues import ADJECTIVES, AUXILIARIES, BE, CUES, Cue
from ingest.attribution.lexicon import DAYS, HONORIFICS, ROLES, STOP, words_of
from ingest.attribution.names import Name
from ingest.attribution.people import Cast
from ingest.attribution.prose import QUOTED, Prose

Side = Literal["left", "right", "quote-left", "quote-right"]

_PRONOUNS: Final = {
    "he": "he", "she": "she", "they": "they", "i": "i", "we": "we", "it": "it", "you": "you", "who": "who",
    "which": "it", "those": "they", "some": "they", "many": "they", "others": "they", "both": "they",
    "one": "one", "another": "one", "her": "her", "him": "him", "them": "them",
}  # fmt: skip
_CONTRACTIONS: Final = ("’d", "’ll", "’ve", "’m", "’re", "'d", "'ll", "'ve", "'m", "'re")
_SOURCES: Final = words_of(
    """
    officials official critics supporters opponents voters aides analysts experts people police sources
    source report reports poll polls survey study statement letter email memo article story book ad ads
    campaign campaigns group groups company committee department government ministers members leaders
    lawmakers advisers lawyers spokesmen activists protesters delegates candidates rivals friends observers
    strategists reporters journalists media newspaper paper magazine website document documents records data
    figures results numbers organisation organization agency court judges prosecutors investigators
    researchers residents neighbours neighbors workers unions families parents council board panel
    commission administration team staff crowd audience man woman men women person witness witnesses network
    post message tweet speech release law rule plan guy anyone everyone somebody someone nobody sign signs
    banner
    """
)
_PREPOSITIONS: Final = words_of(
    """
    of for to with by from in on at about against into over under after before during through between among
    as like than without since until near around across behind toward towards via per amid
    """
)
_CONJUNCTIONS: Final = words_of(
    """
    and but or while as because although though when whereas if yet so
    """
)
_CLASS: Final = {
    **dict.fromkeys(_PREPOSITIONS, "p"),
    **dict.fromkeys(_CONJUNCTIONS, "c"),
    **dict.fromkeys(AUXILIARIES, "a"),
    **dict.fromkeys(("who", "which", "whose", "whom"), "w"),
    **dict.fromkeys("—–-", "-"),
    **dict.fromkeys(".?!…", "."),
    **dict.fromkeys(("'s", "’s"), "s"),
    **dict.fromkeys(words_of("the a an his her their its this these no any my our your"), "d"),
    **{mark: mark for mark in ",;():"},
    "that": "t",
    QUOTED: "q",
    "to": "o",
    "and": "&",
}
_BOUNDARY: Final = frozenset(",;-q:(.")
_FARTHEST_RIGHT = 14
_MOST_LEFT, _MOST_RIGHT = 4, 3
_RANKS: Final = (0, 1, 2, 3, 4, 4)  # one past the most left: the noun before the cue is added to them
_SUBJECTS: Final = frozenset({"person", "organisation", "unknown", "he", "she", "they", "i", "we"})


@dataclass(slots=True)
class Mention:
    """Something in a sentence that can be a source."""

    first: int
    last: int
    kind: str
    name: Name | None = None


@dataclass(slots=True)
class Scene:
    """A sentence with its classes of tokens (one letter each), cues and mentions."""

    number: int
    start: int
    end: int
    classes: str
    cues: list[tuple[int, Cue]]
    mentions: list[Mention]
    quoted: list[int]


@dataclass(slots=True)
class Proposal:
    """A content for a cue, before it is judged.

    Attributes:
        cue: Token of the cue.
        first: First token of the content.
        last: One past its last token.
        direct: Whether the content is the quotation in token ``first`` alone.
        interrupted: Whether it goes on behind a cue between commas: "the problem, she said, is ...".
        edge: First token of source and cue.
    """

    scene: Scene
    cue: int
    reading: Cue
    side: Side
    first: int
    last: int
    direct: bool
    source: Mention | None = None
    source_score: float = 0.0
    score: float = 0.0
    features: list[str] = field(default_factory=list)
    interrupted: bool = False
    edge: int = 0


def scenes(prose: Prose, found: list[Name], cast: Cast) -> list[Scene]:
    """Sentences with what can be a cue or a source in them.

    Args:
        prose: The text.
        found: Its names, in order.
        cast: Who the names mean, for their sorts.

    Returns:
        One scene a sentence.
    """
    by_sentence: dict[int, list[Name]] = {}
    for name in found:
        by_sentence.setdefault(name.sentence, []).append(name)
    return [_scene(prose, number, by_sentence.get(number, []), cast) for number in range(len(prose.sentences))]


def _scene(prose: Prose, number: int, found: list[Name], cast: Cast) -> Scene:
    start, end = prose.sentences[number]
    lows = prose.lows
    mentions: list[Mention] = []
    cues: list[tuple[int, Cue]] = []
    classes: list[str] = []
    quoted: list[int] = []
    names = iter(found)
    name = next(names, None)
    i = start
    while i < end:
        if name is not None and i == name.first:
            mentions.append(Mention(name.first, name.last, cast.meant[name.first].sort, name))
            classes.append("N" * (name.last - name.first))
            i = name.last
            name = next(names, None)
            continue
        low = lows[i]
        entry = _WORDS.get(low)
        if entry is None:
            classes.append("a" if low[-2:] == "ly" else "n")
            i += 1
            continue
        letter, reading, kind = entry
        if reading is not None and _can_be_cue(prose, i, reading, classes):
            cues.append((i, reading))
            letter = "v" if letter == "n" else letter
        if kind and (kind not in {"role", "noun"} or name is None or name.first != i + 1):
            mentions.append(Mention(i, i + 1, kind))
        if low == QUOTED:
            quoted.append(i)
        classes.append(letter)
        i += 1
    return Scene(number, start, end, "".join(classes), cues, mentions, quoted)


def _can_be_cue(prose: Prose, i: int, reading: Cue, classes: list[str]) -> bool:
    """Not a noun behind a determiner, nor a part of a name, nor an adjective that no "be" makes a report."""
    if not classes:
        return reading.form == "ing" or reading.group == "according"
    if reading.group == "mind":
        return prose.lows[i - 1] in BE
    if prose.words[i][0].isupper() and reading.form == "base" and classes[-1] != "N":
        return False
    return classes[-1] != "d" or reading.form == "ing" or reading.group == "colon"


def _word_entries() -> dict[str, tuple[str, Cue | None, str]]:
    """Letter, reading as a cue and kind of mention for every word that has any of them."""
    contracted = {f"{word}{end}": kind for word, kind in _PRONOUNS.items() for end in _CONTRACTIONS}
    readings: dict[str, Cue] = {word: Cue(word, "mind", "base") for word in ADJECTIVES}
    readings |= CUES
    readings |= {"according": Cue("according", "according", "ing"), ":": Cue(":", "colon", "base")}
    kinds = dict.fromkeys(_SOURCES, "noun") | dict.fromkeys(ROLES, "role") | _PRONOUNS | contracted
    kinds = {word: kind for word, kind in kinds.items() if word not in HONORIFICS}
    return {
        word: (
            _CLASS.get(word, "P" if word in _PRONOUNS or word in contracted else "n"),
            readings.get(word),
            kinds.get(word, ""),
        )
        for word in {*readings, *kinds, *_CLASS}
    }


_WORDS: Final = _word_entries()
_FIRST: Final = attrgetter("first")


def mentions_near(prose: Prose, scene: Scene, cue: int) -> list[Mention]:
    """Mentions that can be the source of a cue.

    A subject that opens its clause right before the cue, or stands right behind it after a quotation, has no
    rivals. Otherwise all that the scene has near, and the noun before the cue even if it is in no list.
    """
    left = [m for m in scene.mentions if m.last <= cue]
    right = [m for m in scene.mentions if cue < m.first <= cue + _FARTHEST_RIGHT][:_MOST_RIGHT]
    i = cue - 1
    while i >= scene.start and scene.classes[i - scene.start] == "a":
        i -= 1
    if left and left[-1].last == i + 1 and _is_subject(scene, left[-1]):
        return left[-1:]
    if right and right[0].first == cue + 1 and i == cue - 1 and _is_inverted(scene, right[0], cue):
        return right[:1]
    opening = next((m for m in left[:-_MOST_LEFT] if m.name is not None), None)
    near = ([] if opening is None else [opening]) + left[-_MOST_LEFT:] + right
    if i >= scene.start and not any(m.first <= i < m.last for m in near) and _can_be_noun(prose, scene, i):
        near.append(Mention(i, i + 1, "plain"))
    return near


def _is_subject(scene: Scene, mention: Mention) -> bool:
    opens = mention.first == scene.start or scene.classes[mention.first - 1 - scene.start] in "qt"
    return opens and mention.kind in _SUBJECTS


def _is_inverted(scene: Scene, mention: Mention, cue: int) -> bool:
    """Whether a mention stands behind a cue at the end or after a quotation: "...," said Jones."""
    ends = mention.last >= scene.end or scene.classes[mention.last - scene.start] in ",.("
    before = scene.classes[cue - 1 - scene.start] if cue > scene.start else "^"
    closes = mention.last >= scene.end or scene.classes[mention.last - scene.start :].strip(".") == ""
    return ends and (before == "q" or (before == "," and closes)) and mention.kind in _SUBJECTS


def _can_be_noun(prose: Prose, scene: Scene, i: int) -> bool:
    return scene.classes[i - scene.start] in "nv" and prose.lows[i] not in STOP and prose.words[i][0].isalpha()


def ranked(mentions: list[Mention], cue: int) -> list[tuple[Mention, int]]:
    """Mentions with their rank by distance from the cue, each side counted alone."""
    left = sorted([m for m in mentions if m.last <= cue], key=_FIRST, reverse=True)
    right = sorted([m for m in mentions if m.first > cue], key=_FIRST)
    return [*zip(left, _RANKS, strict=False), *zip(right, _RANKS, strict=False)]


def proposals(prose: Prose, scene: Scene, cue: int, reading: Cue, source: Mention | None) -> list[Proposal]:
    """All contents that a cue with this source can have, on both sides of it."""
    found: list[Proposal] = []
    edge = min(source.first, cue) if source is not None and abs(source.first - cue) < 25 else cue
    while edge > scene.start and scene.classes[edge - 1 - scene.start] not in _BOUNDARY:
        edge -= 1
    found.extend(_to_the_left(prose, scene, cue, reading, edge))
    after = max(cue + 1, source.last) if source is not None and cue < source.first <= cue + 12 else cue + 1
    found.extend(_to_the_right(prose, scene, cue, reading, after))
    for proposal in found:
        proposal.source, proposal.edge = source, edge
    return found


def _to_the_left(prose: Prose, scene: Scene, cue: int, reading: Cue, edge: int) -> Iterator[Proposal]:
    at = edge - 1
    if at <= scene.start - 1:
        return
    letter = scene.classes[at - scene.start]
    if letter == "," and at > scene.start and scene.classes[at - 1 - scene.start] == "q":
        at, letter = at - 1, "q"
    if letter == "q":
        first = _clause_start(prose, scene, at)
        if first >= at or _stands_alone(prose, at):
            yield Proposal(scene, cue, reading, "quote-left", at, at + 1, True)
        else:
            yield Proposal(scene, cue, reading, "left", first, at + 1, False)
    elif letter in ",-" and at - scene.start >= 3:
        yield Proposal(scene, cue, reading, "left", _clause_start(prose, scene, at), at, False)


def _clause_start(prose: Prose, scene: Scene, at: int) -> int:
    """Where the clause that ends at a token begins: after a semicolon or the conjunction that opens it."""
    first = scene.start
    for i in range(at - 1, scene.start, -1):
        if scene.classes[i - scene.start] in ";:":
            first = i + 1
            break
    if first < at and prose.lows[first] in {"but", "and", "yet", "so"}:
        first += 1
    return first


def _stands_alone(prose: Prose, at: int) -> bool:
    """Whether a quotation reads like a sentence: a capital first, four words or a stop at the end."""
    mark = prose.marks[at]
    inner = prose.text[mark.inner.start : mark.inner.end]
    begins = inner.lstrip("[(…. ‘'\"")[:1]
    return begins.isupper() and (inner.count(" ") >= 3 or inner[-1:] in ".?!,")


def _to_the_right(prose: Prose, scene: Scene, cue: int, reading: Cue, after: int) -> Iterator[Proposal]:
    quote = _quotation_right(prose, scene, after)
    if quote is not None:
        yield Proposal(scene, cue, reading, "quote-right", quote, quote + 1, True)
        return
    first = _content_start(prose, scene, after, reading)
    last = _content_end(scene, first)
    if last > first:
        direct = last - first == 1 and first in prose.marks
        interrupted = scene.classes[after - scene.start] == "," and first > scene.start
        side: Side = "quote-right" if direct else "right"
        yield Proposal(scene, cue, reading, side, first, last, direct, interrupted=interrupted)


def _quotation_right(prose: Prose, scene: Scene, after: int) -> int | None:
    """The quotation that follows a cue as its own statement, not as a few words within a reported clause."""
    for i in scene.quoted:
        if i < after or i - after > 25:
            continue
        before = scene.classes[i - 1 - scene.start]
        rest = scene.classes[i + 1 - scene.start :].strip(".,")
        if before in ",:" and _stands_alone(prose, i):
            return i
        if i - after <= 2 and before in ",:t" and not rest:
            return i
        if before == ":" and (not rest or _stands_alone(prose, i)):
            return i
        if i == after and _stands_alone(prose, i):
            return i
        return None
    return None


def _content_start(prose: Prose, scene: Scene, after: int, reading: Cue) -> int:
    """Past the person told and past "that"."""
    lows = prose.lows
    for i in range(after, min(after + 7, scene.end)):
        if lows[i] == "that" and (
            i == after or reading.lemma in _WITH_ADDRESSEE or lows[i - 1] in DAYS or lows[i - 1] == ","
        ):
            return i + 1
        if scene.classes[i - scene.start] in ".:;q":
            break
    first = after
    if reading.lemma in _WITH_ADDRESSEE:
        for mention in scene.mentions:
            if mention.first == after or (mention.first == after + 1 and scene.classes[after - scene.start] == "d"):
                first = mention.last
                break
    while first < scene.end and scene.classes[first - scene.start] in ":,":
        first += 1
    return first


_WITH_ADDRESSEE: Final = frozenset({"tell", "remind", "assure", "inform", "warn", "notify", "advise", "reassure"})


def _content_end(scene: Scene, first: int) -> int:
    """To the end of the sentence, or to where the next statement with its own cue begins."""
    last = scene.end
    while last > first and scene.classes[last - 1 - scene.start] in ".;":
        last -= 1
    for at, other in scene.cues:
        if at <= first or at >= last:
            continue
        left = scene.classes[at - 1 - scene.start]
        if left in ",-" and (other.form == "ing" or other.group == "according"):
            return at - 1
    return last


def closes_with_name(proposal: Proposal) -> bool:
    """Whether a word of speech and a name or pronoun behind it close a sentence: "..., claims Jones"."""
    source, scene = proposal.source, proposal.scene
    if source is None or proposal.side != "left" or proposal.reading.group != "say":
        return False
    closes = not scene.classes[source.last - scene.start :].strip(".")
    finite = proposal.reading.form in {"s", "past"} and proposal.edge == proposal.cue
    return closes and finite and source.first == proposal.cue + 1 and source.kind in _SUBJECTS
