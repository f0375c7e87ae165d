"""How well copies are found: articles of a collection edited, cut and re-headed, and others that only look alike.

``python -m evals.copying DATA`` makes the set of PolNeAR (``DATA/polnear``) and prints precision and recall. Whatever
is put in beside the articles' own text is invented here, and every choice is seeded.
"""

import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

from evals.jsonl import rows
from retrieval.sketch import IN_COMMON, Words, are_copies, sketch

Paragraphs = Sequence[str]
Edit = Callable[[Paragraphs, random.Random], Paragraphs]

# What PolNeAR itself holds: one report in two editions, or on the web and in print, and two states of a live report.
# Found by the words that all its pairs share, and read one by one.
OF_POLNEAR = (
    ("breitbart_2016-03-15_the-latest-kasich-scores-all-del", "breitbart_2016-03-15_the-latest-sanders-declares-revo"),
    ("nyt_2015-11-25_golf-courses-forced-to-reach-int", "nyt_2015-11-26_with-fewer-golfers-in-u-s-course"),
    ("nyt_2016-03-04_republicans-have-stake-in-a-deal", "nyt_2016-03-05_polls-suggest-possibility-of-dea"),
    ("nyt_2016-03-15_sanders-advances-agenda-via-side", "nyt_2016-03-16_via-legislative-side-doors-sande"),
    ("usa-today_2016-04-06_sanders-says-he-s-riding-momentu", "usa-today_2016-04-06_sanders-winning-streak-continues"),
    ("wash-post_2015-12-12_misinformation-enters-mainstream", "wash-post_2015-12-13_misinformation-enters-mainstream"),
    ("wash-post_2015-12-22_as-spotlight-shines-on-trump-and", "wash-post_2015-12-23_as-spotlight-shines-on-trump-and"),
)

_NOTES = (
    "This article was amended on the day after it first appeared to make clear where the meeting had been held; the "
    "editors regret the error and thank all readers who wrote in about it.",
    "Get the best of our coverage in your inbox each morning: sign up for the newsletter, follow us on the usual "
    "networks, and tell us in the comments below what you would like to read about next.",
)
_HEADING = "Officials answer their critics as the pressure mounts"
_QUOTED = re.compile('["“]')
# Words: a short article, and what stands around a long quotation in a round-up.
_SHORT, _ROUND_UP = 60, 150
_SEED, _SAMPLE = 7, 150


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the set.

    Attributes:
        kind: How it was made; "article" as it was published.
        of: Number of the article that it is, or was made of.
        group: Of the texts made of one article those of one group are copies of each other; of others it is left open.
    """

    kind: str
    of: int
    words: Words
    group: Literal["article", "excerpt", "none"] = "article"


@dataclass(slots=True)
class Found:
    """Of pairs with a text of one kind: the copies, those of them found, and what was found and is none."""

    copies: int = 0
    found: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 if nothing was."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the copies that was found; 1 if there are none."""
        return self.found / self.copies if self.copies else 1.0


def _long(paragraphs: Paragraphs) -> int:
    return sum(len(one.split()) for one in paragraphs)


def _beginning(paragraphs: Paragraphs, words: float) -> Paragraphs:
    """The first paragraphs, until they have so many words."""
    kept: list[str] = []
    while len(kept) < len(paragraphs) and _long(kept) < words:
        kept.append(paragraphs[len(kept)])
    return kept


def _reheaded(paragraphs: Paragraphs, _: random.Random) -> Paragraphs:
    return [_HEADING, *paragraphs[1:]]


def _cut(paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
    return _beginning(paragraphs, rng.uniform(0.4, 0.8) * _long(paragraphs))


def _thinned(paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
    return [one for one in paragraphs if rng.random() > 0.3] or paragraphs


def _signed(paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
    first, *rest = paragraphs
    lines = ("By a staff reporter, with agencies", f"SPRINGFIELD (Agency) - {first}")
    return [*lines, *rest, "Additional reporting by our correspondents in the region.", rng.choice(_NOTES)]


def _reordered(paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
    places = [place for place, one in enumerate(paragraphs) if _QUOTED.search(one)]
    to = dict(zip(places, rng.sample(places, len(places)), strict=True))
    return [paragraphs[to.get(place, place)] for place in range(len(paragraphs))]


def _joined(paragraphs: Paragraphs, _: random.Random) -> Paragraphs:
    return [" ".join(paragraphs)]


class Edits:
    """The ways in which a paper changes what it carries; what is put in comes from other articles.

    Args:
        articles: All articles, in paragraphs.
    """

    def __init__(self, articles: Sequence[Paragraphs]) -> None:
        self._others = [one for one in articles if _long(one) > 800]
        self._vocabulary = [word for one in self._others[:100] for line in one for word in line.split()]
        self.kinds: Mapping[str, Edit] = {
            "re-headed": _reheaded,
            "cut from the end": _cut,
            "paragraphs dropped": _thinned,
            **{f"words edited, {share} %": self._reworded(share / 100) for share in (5, 10, 20)},
            "bylines and notes added": _signed,
            "paragraphs inserted": self._inserted,
            "quotes re-ordered": _reordered,
            "in one paragraph": _joined,
            "all of these": self._all,
        }
        self.of_short: Mapping[str, Edit] = {
            **{f"short, words edited, {share} %": self._reworded(share / 100) for share in (5, 10, 20)},
            "short, bylines and notes added": _signed,
        }

    def _reworded(self, share: float) -> Edit:
        return lambda paragraphs, rng: [" ".join(self._words(one, share, rng)) for one in paragraphs]

    def _words(self, text: str, share: float, rng: random.Random) -> Iterator[str]:
        for word in text.split():
            if rng.random() >= share:
                yield word
                continue
            # Of five that are edited three are exchanged, one is left out, and one gets a neighbour.
            kind = rng.randrange(5)
            if kind == 0:
                yield word
            if kind != 1:
                yield rng.choice(self._vocabulary)

    def _inserted(self, paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
        found, more = list(paragraphs), rng.choice(self._others)
        for one in _beginning(rng.sample(more, len(more)), rng.uniform(0.1, 0.3) * _long(paragraphs)):
            found.insert(rng.randint(0, len(found)), one)
        return found

    def _all(self, paragraphs: Paragraphs, rng: random.Random) -> Paragraphs:
        shorter = self._reworded(0.1)(_cut(paragraphs, rng), rng)
        return _reheaded(_signed(self._inserted(_reordered(shorter, rng), rng), rng), rng)


def texts(articles: Sequence[Paragraphs], chosen: Sequence[int], rng: random.Random) -> Iterator[Text]:
    """All articles as they are, copies made of the chosen ones, and texts that are no copies of each other."""
    edits = Edits(articles)
    for number, article in enumerate(articles):
        yield Text("article", number, _words(article))
    for number in chosen:
        article = articles[number]
        for kind, edit in edits.kinds.items():
            yield Text(kind, number, _words(edit(article, rng)))
        short = _beginning(article[1:], _SHORT)
        yield Text("short", number, _words(short), "excerpt")
        for kind, edit in edits.of_short.items():
            yield Text(kind, number, _words(edit(short, rng)), "excerpt")
        yield Text("both notes under a short text", number, _words([*short, *_NOTES]), "excerpt")
    for number, other in pairwise(chosen):
        quotation = max((line for line in articles[other] if _QUOTED.search(line)), key=len, default="")
        around = _beginning(articles[number], _ROUND_UP)
        yield Text("round-up with the quotation of another", number, _words([*around, quotation]), "none")


def _words(paragraphs: Paragraphs) -> Words:
    return Words.of("\n\n".join(paragraphs))


def compared(found: Sequence[Text], known: Sequence[tuple[int, int]]) -> dict[str, Found]:
    """Precision and recall by kind of text, and over all pairs ("all").

    A copy is counted under its kind where it is held against what it was made of, and else under "two that were
    edited"; what is wrongly taken for a copy, under the kinds of both. ``known`` are articles that are copies as they
    stand.
    """
    story = {text.of: text.of for text in found}
    for one, other in known:
        story[other] = story[one]
    together: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for place, text in enumerate(found):
        if text.group != "none":
            together[story[text.of], text.group].append(place)
    copies = {pair for places in together.values() for pair in combinations(places, 2)}
    alike = {pair for pair in _candidates(found) if are_copies(found[pair[0]].words, found[pair[1]].words)}
    counted: dict[str, Found] = {"all": Found()} | {text.kind: Found() for text in found}
    counted["two that were edited"] = Found()
    for pair in copies:
        for kind in ("all", _kind_of_copy(*(found[place].kind for place in pair))):
            counted[kind].copies += 1
            counted[kind].found += pair in alike
    for pair in alike - copies:
        first, second = (found[place] for place in pair)
        if story[first.of] != story[second.of]:
            for kind in {"all", first.kind, second.kind}:
                counted[kind].wrong += 1
    return counted


def _candidates(found: Sequence[Text]) -> Iterator[tuple[int, int]]:
    """Pairs of texts whose sketches have enough in common."""
    holding: defaultdict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(found):
        common = Counter(earlier for number in sketch(text.words).tolist() for earlier in holding[number])
        yield from ((earlier, place) for earlier, count in common.items() if count >= IN_COMMON)
        for number in sketch(text.words).tolist():
            holding[number].append(place)


def _kind_of_copy(one: str, other: str) -> str:
    kinds = {one, other} - {"article", "short"}
    return "article" if not kinds else kinds.pop() if {one, other} & {"article", "short"} else "two that were edited"


def of_polnear(data: Path, half: int, most: int) -> dict[str, Found]:
    """The figures on PolNeAR, with copies made of so many articles of one half of it.

    Args:
        data: Folder of the collections.
        half: 0 for the half that the bounds in ``retrieval.sketch`` were chosen on, 1 for the other.
        most: How many articles copies are made of.

    Raises:
        EvaluationError: The collection is not there.
    """
    read = [row for row, _ in rows(data / "polnear" / "articles.jsonl")]
    numbers = {str(row["id"]): number for number, row in enumerate(read)}
    articles = [[line for line in str(row["text"]).split("\n") if line.strip()] for row in read]
    rng = random.Random(_SEED)  # noqa: S311  a sample of articles is no secret
    chosen = rng.sample(range(half, len(articles), 2), most)
    known = [(numbers[one], numbers[other]) for one, other in OF_POLNEAR]
    return compared(list(texts(articles, chosen, rng)), known)


def main(data: Path) -> None:
    """Print the figures of the half that nothing was chosen on."""
    for kind, of in of_polnear(data, half=1, most=_SAMPLE).items():
        print(f"{kind:42} {of.copies:6} {of.precision:.3f} {of.recall:.3f}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
