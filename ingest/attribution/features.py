"""Named features of cues, sources, contents and quotations, for the models of ``quotes_model.json``."""

import re
from functools import lru_cache
from typing import Final

from ingest.attribution.cues import Cue
from ingest.attribution.lexicon import words_of
from ingest.attribution.prose import Prose
from ingest.attribution.statements import Mention, Proposal, Scene

_REPEAT = re.compile(r"(.)\1+")
_FINITE: Final = words_of(
    """
    is are was were has have had will would can could should may might must do does did isn’t aren’t wasn’t
    weren’t hasn’t haven’t hadn’t won’t wouldn’t can’t couldn’t shouldn’t don’t doesn’t didn’t isn't aren't
    wasn't weren't hasn't haven't hadn't won't wouldn't can't couldn't shouldn't don't doesn't didn't needs
    wants makes cannot
    """
)


def cue_features(scene: Scene, cue: int, reading: Cue) -> list[str]:
    """What a word and its neighbours tell about whether it reports anything; few, for speed."""
    at = cue - scene.start
    before = scene.classes[at - 1] if at else "^"
    after = scene.classes[at + 1] if cue + 1 < scene.end else "$"
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
    """Classes between two tokens without nouns, names and determiners, each run of one class as one."""
    return _REPEAT.sub(r"\1", gap.replace("n", "").replace("d", "").replace("N", ""))[:6]


def source_features(prose: Prose, scene: Scene, at: tuple[int, Cue], mention: Mention, rank: int) -> tuple[str, ...]:
    """How a mention stands to a cue, given by token and reading."""
    cue, reading = at
    classes, offset = scene.classes, scene.start
    left = mention.last <= cue
    gap = classes[mention.last - offset : cue - offset] if left else classes[cue + 1 - offset : mention.first - offset]
    before = classes[mention.first - 1 - offset] if mention.first > offset else "^"
    if before == "p":
        before = prose.lows[mention.first - 1]
    behind = classes[mention.last - offset] if mention.last < scene.end else "$"
    start = classes[cue - 1 - offset] if cue > offset else "^"
    return _relation(left, gap, (before, behind, start), (mention.kind, rank), reading)


@lru_cache(maxsize=1 << 16)
def _relation(
    left: bool, gap: str, around: tuple[str, str, str], mention: tuple[str, int], reading: Cue
) -> tuple[str, ...]:
    """The features of a mention and a cue by what is between and around them; most come again and again."""
    before, behind, start = around
    kind, rank = mention
    side = "L" if left else "R"
    signature = _signature(gap)
    group, form = reading.group, reading.form
    apposition = left and behind == "," and gap.rstrip("a")[-1:] == "," and len(gap) > 2
    owned = "s" in gap
    return (
        f"{side}{signature}",
        f"{side}{kind}",
        f"{side}{group}{form}{signature[:3]}",
        f"{side}<{before}",
        f"{side}<{before}{kind}",
        f"{side}>{behind}",
        f"{side}s{start}",
        f"{side}s{start}{'0' if not gap else signature[:2]}",
        f"{side}r{rank}",
        f"{side}{kind}{'0' if not gap.strip('a') else 'v' if 'v' in gap else '1'}",
        f"{side}{reading.lemma}" if group != "say" else f"{side}say{form}{len(gap) == 0}",
        f"{side}'{owned}{behind == 's'}{kind}",
        f"{side}appos{apposition}{before in '^q,-'}{signature.count('v')}",
        f"{side}^{before == '^' or before in ',tc&q'}{'v' in gap}{',' in gap}",
    )


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
    has_quote = any(start <= i < stop for i in scene.quoted)
    that = start > cue and lows[start - 1] == "that"
    clause = any(low in _FINITE for low in lows[start : min(stop, start + 14)])
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
