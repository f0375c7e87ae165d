"""Pictures as inline SVG.

Colours, dashes and letters are classes of the page's style sheet: so they follow light and dark, and the page's policy
allows no other style. They are drawn for a width of 360, so that what is written in them can be read on a telephone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from evals.report.figures import Figure
from evals.significance import Interval

_WIDTH = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 346, 34, 210
# Between the lines of what is written below a plot.
_LINE = 18


@dataclass(frozen=True, slots=True)
class Told:
    """A picture in words: ``name`` for the ids in it, our own words; what it shows; and what there is to see."""

    name: str
    title: str
    said: str


@dataclass(frozen=True, slots=True)
class Axis:
    """What is measured along a side of a plot; the first and the last tick, a value and its label, are its ends."""

    title: str
    ticks: Sequence[tuple[float, str]]

    def share(self, value: float) -> float:
        """How far along a value is, from 0 to 1."""
        first, last = self.ticks[0][0], self.ticks[-1][0]
        return (value - first) / (last - first)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; ``mark`` is the one that stands out."""

    name: str
    points: Sequence[tuple[float, float]]
    mark: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Whisker:
    """A figure at ``x`` with its interval; of how many it is, is written below ``middle``, that of its bin."""

    middle: float
    x: float
    figure: Figure


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure at ``x``, with its interval; ``stands_out`` where it is one of the best."""

    number: int
    name: str
    x: float
    figure: Figure
    stands_out: bool


def fitted(title: str, least: float, most: float) -> Axis:
    """An axis from below ``least`` to above ``most``, both from 0 to 1, in round steps."""
    step = next((one for one in (0.01, 0.02, 0.05, 0.1) if (most - least) / one <= 6), 0.2)
    first, last = math.floor(least / step + 1e-9), max(math.ceil(most / step - 1e-9), math.floor(least / step) + 1)
    return Axis(title, [(number * step, f"{number * step:.2f}") for number in range(first, last + 1)])


def percents(title: str, most: float = 1.0) -> Axis:
    """An axis of shares from 0 to at least ``most``."""
    top = next(one for one in (0.1, 0.2, 0.5, 1.0) if most <= one)
    return Axis(title, [(step * top / 5, f"{step * top / 5:.0%}") for step in range(6)])


def counts(title: str, most: int) -> Axis:
    """An axis of whole numbers from 0 to at least ``most``."""
    step = next(
        digit * 10**power for power in range(len(str(most))) for digit in (1, 2, 5) if digit * 10**power * 5 >= most
    )
    return Axis(title, [(step * number, f"{step * number:,}") for number in range(max(1, -(-most // step)) + 1)])


def lines(told: Told, drawn: Sequence[Line], across: Axis, up: Axis) -> Markup:
    """Lines that differ in colour, dashes and the shape of their mark, with their names below.

    Args:
        told: The picture in words.
        drawn: At most as many as the style sheet has dashes for, three.
        across: The axis to the right.
        up: The axis upwards.
    """
    parts = [_axes(across, up), *(_line(line, number, across, up) for number, line in enumerate(drawn))]
    return _svg(told, _BOTTOM + 40 + _LINE * len(drawn), parts)


def whiskers(told: Told, drawn: Sequence[Whisker], across: Axis, up: Axis) -> Markup:
    """Points with intervals, the line on which they should lie, and below each of how many it is."""
    parts = [_axes(across, up), Markup('<path class="even" d="M{} {}L{} {}"/>').format(_LEFT, _BOTTOM, _RIGHT, _TOP)]
    for one in drawn:
        x, y = _x(one.x, across), _y(one.figure.value, up)
        low, high = _y(one.figure.interval.low, up), _y(one.figure.interval.high, up)
        parts.append(Markup('<path class="series-1" d="M{x} {low}V{high}"/>').format(x=x, low=low, high=high))
        parts.append(Markup('<circle class="mark-1" cx="{}" cy="{}" r="4"/>').format(x, y))
        parts.append(_text(_x(one.middle, across), _BOTTOM + 38 + _LINE, f"{one.figure.of:,}", "middle"))
    parts.append(_text(_LEFT, _BOTTOM + 38 + _LINE, "n", "end", shift=-14))
    return _svg(told, _BOTTOM + 38 + _LINE + 8, parts)


def scatter(told: Told, dots: Sequence[Dot], across: Axis, up: Axis) -> Markup:
    """Numbered dots with the intervals upwards, those that stand out filled and joined; their names below."""
    parts = [_axes(across, up)]
    joined = sorted((one.x, one.figure.value) for one in dots if one.stands_out)
    path = " ".join(f"{_x(x, across)},{_y(y, up)}" for x, y in joined)
    parts.append(Markup('<polyline class="even" points="{}"/>').format(path))
    for line, one in enumerate(dots, start=1):
        x, y = _x(one.x, across), _y(one.figure.value, up)
        low, high = _y(one.figure.interval.low, up), _y(one.figure.interval.high, up)
        parts.append(Markup('<path class="frame" d="M{x} {low}V{high}"/>').format(x=x, low=low, high=high))
        shape = "mark-1" if one.stands_out else "open"
        parts.append(Markup('<circle class="{}" cx="{}" cy="{}" r="4.5"/>').format(shape, x, y))
        parts.append(_text(x, y, str(one.number), shift=7))
        parts.append(_text(_LEFT, _BOTTOM + 40 + _LINE * line, f"{one.number}  {one.name}"))
    return _svg(told, _BOTTOM + 48 + _LINE * len(dots), parts)


def standalone(picture: Markup, style: str) -> str:
    """A picture as a file of its own, with the style sheet that it would have in a page."""
    start, inside = str(picture).split(">", 1)
    named = start.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"{named}><style>{escape(style)}</style>{inside}\n"


def columns(told: Told, heights: Sequence[int], labels: Sequence[str], across: str, up: Axis) -> Markup:
    """A histogram; the labels are of the edges of its columns, one more than there are columns, empty for none."""
    width = (_RIGHT - _LEFT) / len(heights)
    edges = [(float(number), label) for number, label in enumerate(labels)]
    parts = [_axes(Axis(across, edges), up)]
    for number, height in enumerate(heights):
        top = _y(height, up)
        box = Markup('<rect class="fill-1" x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>')
        parts.append(box.format(_LEFT + number * width + 0.5, top, width - 1, _BOTTOM - float(top)))
    return _svg(told, _BOTTOM + 40, parts)


def interval_bar(figure: Figure) -> Markup:
    """A figure and its interval between 0 and 1; it repeats the numbers beside it, and is silent."""
    low, high, at = (4 + 112 * one for one in (figure.interval.low, figure.interval.high, figure.value))
    return Markup(
        '<svg class="small" viewBox="0 0 120 14" aria-hidden="true"><path class="frame" d="M4 3v8M4 7h112M116 3v8"/>'
        '<path class="range" d="M{:.1f} 7H{:.1f}"/><circle class="dot" cx="{:.1f}" cy="7" r="4"/></svg>'
    ).format(low, high, at)


def difference_bar(difference: float, interval: Interval, reach: float) -> Markup:
    """A difference and its interval between ``-reach`` and ``reach``; it repeats numbers beside it, and is silent."""
    low, high, at = (60 + 56 * one / reach for one in (interval.low, interval.high, difference))
    return Markup(
        '<svg class="small" viewBox="0 0 120 14" aria-hidden="true"><path class="frame" d="M4 7h112M60 2v10"/>'
        '<path class="range" d="M{:.1f} 7H{:.1f}"/><circle class="dot" cx="{:.1f}" cy="7" r="3"/></svg>'
    ).format(low, high, at)


def bar(share: float) -> Markup:
    """A share of the longest bar; it repeats the number beside it, and is silent."""
    return Markup(
        '<svg class="small" viewBox="0 0 120 14" aria-hidden="true"><path class="frame" d="M1 0v14"/>'
        '<rect class="fill-1" x="1" y="2" width="{:.1f}" height="10"/></svg>'
    ).format(118 * share)


def _svg(told: Told, height: float, parts: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-said">'
        '<title id="{name}-title">{title}</title><desc id="{name}-said">{said}</desc>{parts}</svg>'
    ).format(width=_WIDTH, height=height, name=told.name, title=told.title, said=told.said, parts=Markup().join(parts))


def _x(value: float, axis: Axis) -> str:
    return f"{_LEFT + axis.share(value) * (_RIGHT - _LEFT):.1f}"


def _y(value: float, axis: Axis) -> str:
    return f"{_BOTTOM - axis.share(value) * (_BOTTOM - _TOP):.1f}"


def _text(x: float | str, y: float | str, text: str, anchored: str = "start", *, shift: int = 0) -> Markup:
    moved = Markup(' dx="{}"').format(shift) if shift else ""
    return Markup('<text x="{}" y="{}"{} text-anchor="{}">{}</text>').format(x, y, moved, anchored, text)


def _axes(across: Axis, up: Axis) -> Markup:
    parts = [Markup('<path class="frame" d="M{} {}V{}H{}"/>').format(_LEFT, _TOP, _BOTTOM, _RIGHT)]
    for value, label in up.ticks:
        y = _y(value, up)
        parts.append(_text(_LEFT, y, label, "end", shift=-6))
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(_LEFT, y, _RIGHT))
    parts += [_text(_x(value, across), _BOTTOM + 16, label, "middle") for value, label in across.ticks if label]
    parts.append(_text(_RIGHT, _BOTTOM + 34, across.title, "end"))
    parts.append(_text(4, 14, up.title))
    return Markup().join(parts)


def _line(line: Line, number: int, across: Axis, up: Axis) -> Markup:
    """A line, and its name below the plot, where no line can cross it."""
    points = " ".join(f"{_x(x, across)},{_y(y, up)}" for x, y in line.points)
    y = _BOTTOM + 36 + _LINE * (number + 1)
    parts = [
        Markup('<polyline class="series-{}" points="{}"/>').format(number + 1, points),
        Markup('<path class="series-{}" d="M{} {}h32"/>').format(number + 1, _LEFT, y - 4),
        _shape(number, _LEFT + 16, y - 4),
        _text(_LEFT + 42, y, line.name),
    ]
    if line.mark is not None:
        parts.append(_shape(number, float(_x(line.mark[0], across)), float(_y(line.mark[1], up))))
    return Markup().join(parts)


def _shape(number: int, x: float, y: float) -> Markup:
    outline = ("m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", "m-4.5-4.5h9v9h-9z", "m0-6l6 6l-6 6l-6-6z")[number]
    return Markup('<path class="mark-{}" d="M{} {}{}"/>').format(number + 1, x, y, outline)
