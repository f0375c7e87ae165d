"""Words that were broken at the end of a printed line, made whole where that is safe."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W_]+)([-‐\xad])$")
_REST = re.compile(r"[^\W_]+")
# What keeps its hyphen: "vice-president", "self-employed".
_FIRST_PARTS = frozenset(
    "vice self ex non co anti pro well ill long short so all half quasi semi mid cross high low full part two three "
    "four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety hundred first second "
    "third one multi post pre inter ultra decision policy law cost left right hard soft far near old new year month "
    "week day mother father sister brother son daughter commander lieutenant attorney secretary".split()
)


class Hyphens:
    """How lines are joined in one document, whose own words say what is a word.

    Args:
        lines: Of the whole document.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._words: set[str] = set()
        for line in lines:
            found = _WORD.findall(line.replace("\xad", ""))
            # The last of a line and the first of the next can be halves.
            self._words.update(word.lower().replace("‐", "-") for word in found[1:-1])

    def joined(self, above: str, below: str) -> tuple[str, str]:
        """A line as it stands before the next one, and what stands between the two: a blank, or nothing.

        A hyphen goes where the next line goes on with a small letter, unless the document has the word with a hyphen
        elsewhere and never without, or it is one that usually has one.
        """
        broken, rest = _BROKEN.search(above), _REST.match(below)
        if broken is None or rest is None:
            return above, "" if _unspaced(above[-1:], below[:1]) else " "
        first, second = broken[1], rest[0]
        words = first.isalpha() and second[0].islower()
        if broken[2] == "\xad" or (words and not self._keeps(first.lower(), second.lower())):
            return above[:-1], ""
        return above, ""

    def _keeps(self, first: str, second: str) -> bool:
        if first + second in self._words:
            return False
        if f"{first}-{second}" in self._words or first in _FIRST_PARTS:
            return True
        return min(len(first), len(second)) > 3 and {first, second} <= self._words


def _unspaced(above: str, below: str) -> bool:
    """Whether no blank stands between: after a dash without one before it, and in scripts that have none."""
    wide = all(unicodedata.east_asian_width(sign) in {"W", "F"} and not "가" <= sign <= "힣" for sign in (above, below))
    return wide or above == "—"
