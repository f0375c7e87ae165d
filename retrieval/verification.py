"""What has become of a passage that was cited: compared with the version that was cited, and with the present one."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from retrieval.cite import AROUND, link
from retrieval.types import CitedPassage, Nearest, Passage, StoredArticle, Verification

_WORD = re.compile(r"\w+")
# Bounds of the work for one citation: places looked at where a text stands often, passages aligned word by word, and
# words of each (alignment takes the product of two lengths).
_PLACES, _ALIGNED, _WORDS = 1000, 5, 400
# How many of the likest passages are told, and how much of its words one must share to be like at all.
_TOLD, _LIKE = 3, 0.3

PassagesOf = Callable[[str, int], Sequence[Passage]]


def verify(
    cited: CitedPassage,
    then: StoredArticle | None,
    now: StoredArticle | None,
    *,
    last_version: int | None,
    passages: PassagesOf,
) -> Verification:
    """Compare a citation with the article as it was cited and as it is.

    Args:
        cited: What the citation claims.
        then: The version that it names, if the archive keeps it.
        now: The present version, if there is one.
        last_version: The number of the last version that the article has ever had; None if it never was.
        passages: Gives the passages of a version of an article; called only where the text has changed.
    """
    if last_version is None:
        return _not_genuine("this archive has never had an article of this id")
    if cited.version > last_version:
        return _not_genuine(f"the article has never had a version {cited.version}; its last is {last_version}")
    if then is None or now is None:
        return _of_deleted(cited, now)
    if fault := _fault(cited, then.article.text):
        return _not_genuine(fault)
    return _compared(cited, then.article.text, now, passages)


def _not_genuine(why: str) -> Verification:
    return Verification("not_genuine", why)


def _of_deleted(cited: CitedPassage, now: StoredArticle | None) -> Verification:
    """Of a version that was deleted nothing is kept, so that it cannot be told whether it had the text."""
    if now is None:
        return Verification("withdrawn", "the article has been deleted from this archive")
    if _fault(cited, now.article.text) is None:
        return _found(cited, now, cited.start, cited.end)
    return Verification(
        "withdrawn",
        f"version {cited.version} has been deleted; the article has been put in anew since",
        superseded=True,
        version=now.version,
        corrected=now.article.corrected,
    )


def _fault(cited: CitedPassage, text: str) -> str | None:
    """What a version of an article does not have as it is cited; None if all is there."""
    start, end = cited.start, cited.end
    if not 0 <= start < end <= len(text):
        return f"version {cited.version} has no characters {start} to {end}"
    if hashlib.sha256(text[start:end].encode()).hexdigest() != cited.text_sha256:
        return f"the text of version {cited.version} at these offsets has another hash"
    if cited.prefix is not None and cited.prefix != text[max(0, start - AROUND) : start]:
        return f"before the passage version {cited.version} has other words"
    if cited.suffix is not None and cited.suffix != text[end : end + AROUND]:
        return f"after the passage version {cited.version} has other words"
    return None


def _compared(cited: CitedPassage, then: str, now: StoredArticle, passages: PassagesOf) -> Verification:
    text = then[cited.start : cited.end]
    if now.article.text[cited.start : cited.end] == text:
        return _found(cited, now, cited.start, cited.end)
    places = list(_places(now.article.text, text))
    if places:
        start = max(
            places, key=lambda place: (_agreement(cited, then, now.article.text, place), -abs(place - cited.start))
        )
        return _found(cited, now, start, start + len(text))
    return Verification(
        "changed",
        f"version {now.version}, the present one, does not have this text",
        superseded=True,
        version=now.version,
        nearest=nearest(text, now, passages(now.article.id, now.version)),
        corrected=now.article.corrected,
    )


def _found(cited: CitedPassage, now: StoredArticle, start: int, end: int) -> Verification:
    moved = (start, end) != (cited.start, cited.end)
    superseded = now.version != cited.version
    has = "has the text elsewhere" if moved else "has the text at these offsets"
    return Verification(
        "moved" if moved else "exact",
        f"version {now.version}, the present one, {has}" if superseded else f"the present version {has}",
        superseded=superseded,
        version=now.version,
        start=start,
        end=end,
        link=link(now.article, now.version, start, end),
        corrected=now.article.corrected,
    )


def _places(text: str, wanted: str) -> Iterator[int]:
    position = -1
    for _ in range(_PLACES):
        position = text.find(wanted, position + 1)
        if position < 0:
            return
        yield position


def _agreement(cited: CitedPassage, then: str, now: str, place: int) -> int:
    """How many characters around a place agree with those around the cited one, counted from it outwards."""
    length = cited.end - cited.start
    before = [text[max(0, start - AROUND) : start][::-1] for text, start in ((then, cited.start), (now, place))]
    after = [text[start + length : start + length + AROUND] for text, start in ((then, cited.start), (now, place))]
    return _alike(*before) + _alike(*after)


def _alike(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def nearest(text: str, now: StoredArticle, passages: Sequence[Passage]) -> tuple[Nearest, ...]:
    """The passages of a version that are most like a text that is not in it, the likest first.

    Likeness is the share of words that stand in both in the same order (Ratcliff and Obershelp, as ``difflib`` has
    it); only passages with most words in common, in any order, are looked at so closely.
    """
    words = _words(text)
    counted = Counter(words)
    shared = sorted(passages, key=lambda one: (-_shared(counted, Counter(_words(one.text))), one.start))
    aligned = ((_likeness(words, _words(one.text)), one) for one in shared[:_ALIGNED])
    like = sorted(((how, one) for how, one in aligned if how >= _LIKE), key=lambda pair: (-pair[0], pair[1].start))
    return tuple(
        Nearest(one.start, one.end, one.text, link(now.article, now.version, one.start, one.end), round(how, 3))
        for how, one in like[:_TOLD]
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _shared(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    return SequenceMatcher(None, one[:_WORDS], other[:_WORDS], autojunk=False).ratio()
