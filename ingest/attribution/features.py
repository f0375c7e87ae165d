"""Named features of cues, sources, contents and quotations, for the models of ``quotes_model.json``."""

from typing import Final

from ingest.attribution.cues import Cue
from ingest.attribution.lexicon import words_of
from ingest.attribution.prose import Prose
from ingest.attribution.statements import Mention, Proposal, Scene

_FINITE: Final = words_of(
    """
    is are was were has have had will would can could should may might must do does did isn’t aren’t wasn’t
    weren’t hasn’t haven’t hadn’t won’t wouldn’t can’t couldn’t shouldn’t don’t doesn’t didn’t isn't aren't
    wasn't weren't hasn't haven't hadn't won't wouldn't can't couldn't shouldn't don't doesn't didn't needs
    wants makes cannot
    """
)


def beside(scene: Scene, token: int) -> tuple[str, str]:
    """The classes of the tokens before and after one in its sentence, "^" and "$" at the ends of it."""
    at = token - scene.start
    return scene.classes[at - 1] if at else "^", scene.classes[at + 1] if token + 1 < scene.end else "$"


def cue_features(reading: Cue, before: str, after: str) -> list[str]:
    """What a word and the classes beside it tell about whether it reports anything; few, for speed."""
    lemma, form = reading.lemma, reading.form
    return [
        lemma,
        lemma + form,
        f"{reading.group}{form}<{before}",
        f"{lemma}<{before}",
        f"{lemma}>{after}",
        f">{after}",
    ]


def _signature(gap: str) -> str:
    """The first classes between two tokens without nouns, names and determiners, each run of one class as one."""
    kept = last = ""
    for letter in gap:
        if letter != last and letter not in "ndN":
            kept, last = kept + letter, letter
            if len(kept) == 6:
                break
    return kept


def source_features(prose: Prose, scene: Scene, at: tuple[int, Cue], mention: Mention, rank: int) -> list[str]:
    """How a mention stands to a cue, given by token and reading."""
    cue, (lemma, group, form) = at
    classes, offset, kind = scene.classes, scene.start, mention.kind
    first, last, cue_at = mention.first - offset, mention.last - offset, cue - offset
    left = last <= cue_at
    side, gap = ("L", classes[last:cue_at]) if left else ("R", classes[cue_at + 1 : first])
    before = classes[first - 1] if first else "^"
    behind = classes[last] if mention.last < scene.end else "$"
    start = classes[cue_at - 1] if cue_at else "^"
    signature = _signature(gap)
    has_verb = "v" in gap
    apposition = left and behind == "," and len(gap) > 2 and gap.rstrip("a")[-1:] == ","
    word = prose.lows[mention.first - 1] if before == "p" else before
    return [
        f"{side}{signature}",
        f"{side}{kind}",
        f"{side}{group}{form}{signature[:3]}",
        f"{side}<{word}",
        f"{side}<{word}{kind}",
        f"{side}>{behind}",
        f"{side}s{start}",
        f"{side}s{start}{signature[:2] if gap else '0'}",
        f"{side}r{rank}",
        f"{side}{kind}{'v' if has_verb else '1' if gap.strip('a') else '0'}",
        f"{side}{lemma}" if group != "say" else f"{side}say{form}{not gap}",
        f"{side}'{'s' in gap}{behind == 's'}{kind}",
        f"{side}appos{apposition}{word in '^q,-'}{signature.count('v')}",
        f"{side}^{word == '^' or word in ',tc&q'}{has_verb}{',' in gap}",
    ]


def proposal_features(prose: Prose, proposal: Proposal) -> list[str]:
    """What tells a statement from a clause that only looks like one."""
    side, reading = proposal.side, proposal.reading
    lemma, group, form = reading.lemma, reading.group, reading.form
    kind = proposal.source.kind if proposal.source is not None else "none"
    strong = _strength(proposal.source_score)
    features = [
        f"{side}",
        f"{side}{lemma}",
        f"{side}{group}{form}",
        f"{lemma}{form}",
        f"{side}:{kind}",
        f"{group}:{kind}",
        f"{side}*{strong}",
        f"{group}{form}*{strong}",
        *_place_features(prose, proposal, kind),
        *_content_features(prose, proposal),
    ]
    if proposal.direct:
        features.extend(quotation_features(prose, proposal.first))
    return features


def _strength(log_odds: float) -> str:
    """How sure the source is, in four steps."""
    if log_odds > 0:
        return "+" if log_odds > 2 else "0"
    return "-" if log_odds > -2 else "="


def _place_features(prose: Prose, proposal: Proposal, kind: str) -> list[str]:
    """What stands around the cue."""
    scene, cue, side, reading = proposal.scene, proposal.cue, proposal.side, proposal.reading
    at = cue - scene.start
    before = scene.classes[at - 1] if at else "^"
    after = scene.classes[at + 1] if cue + 1 < scene.end else "$"
    if after == "p":
        after = prose.lows[cue + 1]
    place = f"at{min(at, 5)}" if reading.group == "colon" else f"head{scene.number == 0}"
    interrupted = f"{proposal.interrupted}{scene.classes[max(0, proposal.edge - 1 - scene.start)]}"
    return [
        f"{side}<{before}{reading.form}",
        f"{side}>{after}",
        f"{reading.group}>{after}",
        f"{side}in{interrupted}{reading.form}",
        f"{side}{reading.group}{place}",
        f"{side}{place}{kind}",
    ]


def _content_features(prose: Prose, proposal: Proposal) -> list[str]:
    """What the content itself looks like."""
    scene, cue, side, reading = proposal.scene, proposal.cue, proposal.side, proposal.reading
    lows, start, stop = prose.lows, proposal.first, proposal.last
    first = scene.classes[start - scene.start]
    if first == "p":
        first = lows[start]
    gap = start - cue - 1 if side.endswith("right") else cue - stop
    has_quote = bool(scene.quoted) and any(start <= i < stop for i in scene.quoted)
    that = start > cue and lows[start - 1] == "that"
    clause = not _FINITE.isdisjoint(lows[start : min(stop, start + 14)])
    return [
        f"{side}#{min(stop - start, 24) // 4}",
        f"{side}~{min(gap, 6)}",
        f"{side}={first}",
        f"{reading.group}q{has_quote}",
        f"{reading.lemma}that{that}",
        f"{side}{reading.group}clause{clause}",
        f"{side}{reading.lemma}clause{clause}",
    ]


def quotation_features(prose: Prose, at: int) -> list[str]:
    """What a quotation looks like by itself: length, capital, stop."""
    mark = prose.marks[at]
    inner = prose.text[mark.inner.start : mark.inner.end]
    size = inner.count(" ")
    letter = inner.lstrip("[(…. ‘'\"")[:1]
    bucket = min(size, 12) // 2
    end = inner[-1:] if inner[-1:] in ",.?!" else "x"
    return [f"Q{letter.isupper()}{end}", f"Q#{bucket}", f"Q#{bucket}{letter.isupper()}"]
