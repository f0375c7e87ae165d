"""What an archive holds, as bars of equal time: for a picture on a page and a line in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrieval.holdings import named, number
from retrieval.types import Holding, Holdings
from service import wording

# Months of a bar.
_SIZES = (1, 3, 12, 60, 120, 600, 1200, 6000)
# Publishers that a picture tells apart; more than four colours would not be told apart.
_APART = 3
_LEVELS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Scale:
    """Bars of equal time that begin with a month, as a number; see ``retrieval.holdings.number``.

    Attributes:
        first: The month that the first bar begins with.
        size: Months of a bar.
        count: How many bars.
    """

    first: int
    size: int
    count: int

    def counts(self, months: Sequence[tuple[str, int]]) -> list[int]:
        """How many articles each bar stands for."""
        counts = [0] * self.count
        for month, articles in months:
            counts[(_month(month) - self.first) // self.size] += articles
        return counts

    def labels(self) -> Iterator[str]:
        """What time each bar stands for, in words."""
        for bar in range(self.count):
            begin = self.first + bar * self.size
            end = begin + self.size - 1
            if self.size % 12:
                yield wording.month_range(named(begin), named(end))
            else:
                yield " to ".join(dict.fromkeys((str(begin // 12), str(end // 12))))


def scale(held: Holding, most: int) -> Scale | None:
    """The shortest bars, at most so many, that what is held fits on; None if nothing has a date.

    Where something is dated to a year alone a bar is a year at least.
    """
    if not held.months:
        return None
    yearly = any(len(month) == len("2012") for month, _ in held.months)
    dated = [_month(month) for month, _ in held.months]
    for size in _SIZES[2 if yearly else 0 :]:
        first = min(dated) // size * size
        count = (max(dated) - first) // size + 1
        if count <= most:
            break
    return Scale(first, size, count)


def _month(month: str) -> int:
    return number(month if len(month) > len("2012") else f"{month}-01")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a picture.

    Attributes:
        place: 0 for the first.
        label: What time it stands for.
        articles: How many articles.
        pieces: Of each series that has any in it: which, where the piece begins and how high it is, in hundredths of
            the highest bar, from the top.
    """

    place: int
    label: str
    articles: int
    pieces: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Articles by time, those of a few publishers apart.

    Attributes:
        series: Name and articles of each; the last may be "others".
        bars: In order.
        gaps: Of all together: where each begins, how wide it is, in bars, and what is to be said of it.
        highest: Articles of the highest bar.
    """

    series: tuple[tuple[str, int], ...]
    bars: tuple[Bar, ...]
    gaps: tuple[tuple[float, float, str], ...]
    highest: int

    @property
    def description(self) -> str:
        """What is to be seen, in a sentence."""
        top = max(self.bars, key=lambda bar: bar.articles)
        span = " to ".join(dict.fromkeys((self.bars[0].label, self.bars[-1].label)))
        missing = "; ".join(words for _, _, words in self.gaps[:_APART])
        more = f"; and {wording.counted(len(self.gaps) - _APART, 'further gap')}" if len(self.gaps) > _APART else ""
        gaps = f" Gaps: {missing}{more}." if missing else ""
        return f"Articles by time, {span}. Most are of {top.label}: {top.articles:,}.{gaps}"


def picture(held: Holdings, most: int = 60) -> Picture | None:
    """The picture of what is held, in at most so many bars; None if nothing has a date."""
    on = scale(held.all, most)
    if on is None:
        return None
    counts = _apart(held, on)
    heights = [sum(of) for of in zip(*counts.values(), strict=True)]
    highest = max(heights)
    return Picture(
        series=tuple((name, sum(of)) for name, of in counts.items()),
        bars=tuple(
            Bar(bar, label, height, tuple(_pieces([of[bar] for of in counts.values()], highest)))
            for bar, (label, height) in enumerate(zip(on.labels(), heights, strict=True))
        ),
        gaps=tuple(
            (
                round((number(gap.first) - on.first) / on.size, 3),
                round((number(gap.last) + 1 - number(gap.first)) / on.size, 3),
                wording.gap(gap),
            )
            for gap in held.all.gaps
        ),
        highest=highest,
    )


def _apart(held: Holdings, on: Scale) -> Mapping[str, Sequence[int]]:
    """Articles by bar, of each of the first publishers and of all others together."""
    first = [one for one in held.publishers if one.publisher is not None and one.months][:_APART]
    counts = {str(one.publisher): on.counts(one.months) for one in first}
    others = [total - sum(of) for total, *of in zip(on.counts(held.all.months), *counts.values(), strict=True)]
    if any(others):
        unknown = all(one in first or one.publisher is None or not one.months for one in held.publishers)
        counts["publisher unknown" if unknown else "others"] = others
    return counts


def _pieces(articles: Sequence[int], highest: int) -> Iterator[tuple[int, float, float]]:
    """The pieces of a bar, one upon the other."""
    below = 0
    for series, count in enumerate(articles):
        if count:
            top = below + count
            yield series, round(100 - 100 * top / highest, 2), round(100 * count / highest, 2)
            below = top


def sparkline(counts: Sequence[int]) -> str:
    """Counts as a line of blocks, the highest full; a point where there is nothing."""
    highest = max(counts, default=0)
    return "".join(_LEVELS[-(-count * len(_LEVELS) // highest) - 1] if count else "·" for count in counts)
