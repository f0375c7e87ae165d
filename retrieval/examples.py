"""Questions that an archive can answer, made from what it holds."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from retrieval.folding import fold
from retrieval.lexical import analyze
from retrieval.question import FRAME

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# What is between two words of one phrase; a comma or the end of a sentence is not.
_BETWEEN = re.compile(r"[ \n]")
_SHORTEST = 4
# Said once, two neighbouring words may be any two; said again, they are mostly a name for something.
_SAID_OFTEN = 2


def topics(statements: Sequence[str], passages_with: Callable[[str], int], but: str = "") -> list[str]:
    """What somebody speaks of, in words of theirs, what tells them from others most first.

    A topic is two words that stand together in at least two statements, or else one word that does; each counts by the
    statements that it stands in and by how rare it is in the archive (tf-idf).

    Args:
        statements: What they say.
        passages_with: In how many passages of the archive an analysed word stands.
        but: Words that are no topic: the speaker's own name.
    """
    left_out = FRAME | set(fold(but).split())
    said_in: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for statement in statements:
        found = [(" ".join(analyze(phrase)), phrase) for phrase in _phrases(statement, left_out)]
        said_in.update({key for key, _ in found})
        for key, phrase in found:
            forms[key][phrase] += 1
    often = [key for key, count in said_in.items() if count >= _SAID_OFTEN]
    rarity = {word: 1 / math.log(2 + passages_with(word)) for key in often for word in key.split()}

    def weight(key: str) -> tuple[bool, float, str]:
        words = key.split()
        return len(words) < 2, -said_in[key] * sum(map(rarity.__getitem__, words)) / len(words), key

    def written(key: str) -> str:
        """As it is mostly written; in small letters where nothing speaks for capitals."""
        return min(forms[key], key=lambda form: (-forms[key][form], not form.islower(), form))

    return [written(key) for key in sorted(often, key=weight)]


def _phrases(statement: str, left_out: frozenset[str] | set[str]) -> Iterator[str]:
    """The words of a statement that can be a topic, and each two of them that stand together."""
    before = None
    for word in _WORD.finditer(statement):
        if len(word[0]) < _SHORTEST or fold(word[0]) in left_out or fold(word[0]) in _NO_TOPIC:
            before = None
            continue
        yield word[0]
        if before is not None and _BETWEEN.fullmatch(statement[before.end() : word.start()]):
            yield f"{before[0]} {word[0]}"
        before = word


# Words that are often said together and say nothing of what about. Compiled for this project.
_NO_TOPIC = frozenset(
    """a able absolutely actually again against ago almost already also always another away back become becomes been
    before being best better between both bring came come comes coming could couldn't different didn't doesn't doing
    don't done down during each either else enough even ever every everybody everyone everything example fact far few
    find first five forward four full gets getting given goes going good great happen happens hard haven't help here
    himself hope however important including indeed instead isn't it's itself i'm i've keep kind know last least less
    let let's like likely little long look looking lots made many maybe mean means might million more most much must
    need needs never next nothing number often once ones only other others over part particularly people perhaps place
    point possible probably quite rather real really right same second seem seems seen several shouldn't since some
    something sometimes soon still such sure take taken takes taking terms that's their them themselves there there's
    these they they're they've thing things those three through time times today together told took toward towards
    trying under until used using very want wanted wants wasn't ways we'll we're we've week well were what's where
    whether which while whole will with within without won't working would wouldn't year years you'll you're yesterday
    """.split()
)
