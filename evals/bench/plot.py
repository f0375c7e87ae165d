"""A report as a picture: how figures grow with the archive, and how latencies are distributed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from evals.bench.figures import PERCENTS, Load, Report

_WIDTH, _HEIGHT = 480, 360
# Height of a line's name.
_NAME = 18
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 44, 52
# Distinguishable without colour by the dashes, and with it in any common colour blindness (Okabe and Ito 2008).
_STYLES = (
    ("#0072b2", "none"),
    ("#d55e00", "6 4"),
    ("#009e73", "2 4"),
    ("#cc79a7", "10 3 2 3"),
    ("#e69f00", "1 3"),
    ("#56b4e9", "12 4"),
)
_CSS = (
    "text{font:13px sans-serif;fill:#444}.frame{stroke:#888;fill:none}.even{stroke:#888;stroke-dasharray:3 5}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}}"
)
_GROWING = ("one client p50 ms", "one client p99 ms", "memory MB (PSS)", "open seconds", "ingest seconds")


@dataclass(frozen=True, slots=True)
class Line:
    """Points that are joined, with their name."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines in a frame; ``x`` and ``y`` give the places of values, ``ticks`` what is written at the axes."""

    title: str
    across: str
    lines: Sequence[Line]
    x: Callable[[float], float]
    y: Callable[[float], float]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    guide: tuple[tuple[float, float], tuple[float, float]] | None = None


def as_svg(report: Report) -> str:
    """A picture for light and dark pages, with a text for those who cannot see it.

    Args:
        report: With one size, only the distribution is drawn: there is no growth.
    """
    panels = [_distribution(report)]
    if report.growth:
        panels.insert(0, _growth(report))
    return picture(panels, "onrecord bench", _said(report))


def picture(panels: Sequence[Panel], title: str, said: str) -> str:
    """Panels beside each other, for light and dark pages.

    Args:
        panels: At least one.
        title: Of all.
        said: The same in words, for those who cannot see it.
    """
    drawn = "".join(
        f'<g transform="translate({number * _WIDTH} 0)">{_drawn(panel)}</g>' for number, panel in enumerate(panels)
    )
    height = _HEIGHT + _NAME * max(len(panel.lines) for panel in panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH * len(panels)} {height}" role="img" '
        f'aria-labelledby="title said"><title id="title">{escape(title)}</title><desc id="said">{escape(said)}'
        f"</desc><style>{_CSS}</style>{drawn}</svg>\n"
    )


def curves(title: str, across: str, lines: Sequence[Line]) -> Panel:
    """A panel of lines, both of its axes logarithmic; all values are above 0."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    low, high = min(ys) / 1.2, max(ys) * 1.2
    return Panel(
        title=title,
        across=across,
        lines=lines,
        x=_log(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT),
        y=_log(low, high, _HEIGHT - _BOTTOM, _TOP),
        x_ticks=_powers(min(xs), max(xs)),
        y_ticks=_powers(low, high),
    )


def _said(report: Report) -> str:
    """The picture in words."""
    grown = [
        f"{name} from {one.values[0]:.3g} to {one.values[-1]:.3g} (exponent {one.exponent:.2f})"
        for name in _GROWING
        if (one := report.growth.get(name))
    ]
    passages = [one.passages for one in report.sizes]
    growth = f"From {passages[0]} to {passages[-1]} passages: {'; '.join(grown)}. " if grown else ""
    loads = [
        f"{name}: median {load.p50_ms:.1f} ms, 99th percentile {load.p99_ms:.1f} ms" for name, load in _loads(report)
    ]
    return f"{growth}Latency: {'; '.join(loads)}."


def _loads(report: Report) -> list[tuple[str, Load]]:
    """Closed loops of the largest archive; with peers, of the archive that they were given too."""
    at = report.sizes[0] if report.peers else report.sizes[-1]
    found = [(load.name, load) for load in at.service.closed]
    for name, peer in report.peers.items():
        found += [(f"{name}, {load.name}", load) for load in peer.service.closed]
    # One that nothing was answered to has no distribution.
    return [(name, load) for name, load in found if load.requests]


def _growth(report: Report) -> Panel:
    sizes = [one.passages for one in report.sizes]
    lines = [
        Line(
            f"{name} ({one.exponent:.2f})",
            [(size, value / one.values[0]) for size, value in zip(sizes, one.values, strict=True)],
        )
        for name in _GROWING
        if (one := report.growth[name])
    ]
    times = sizes[-1] / sizes[0]
    values = [y for line in lines for _, y in line.points]
    low, high = min(0.5, *values), max(times, *values) * 1.1
    return Panel(
        title="Times the figure of the smallest archive (exponent)",
        across="passages",
        lines=lines,
        x=_log(sizes[0], sizes[-1], _LEFT, _WIDTH - _RIGHT),
        y=_log(low, high, _HEIGHT - _BOTTOM, _TOP),
        x_ticks=[(size, f"{size:,}") for size in sizes],
        y_ticks=_powers(low, high),
        guide=((sizes[0], 1.0), (sizes[-1], times)),
    )


def _distribution(report: Report) -> Panel:
    lines = [
        Line(name, [(max(ms, 1e-3), percent) for ms, percent in zip(load.quantiles, PERCENTS, strict=True)])
        for name, load in _loads(report)
    ]
    values = [x for line in lines for x, _ in line.points]
    low, high = min(values), max(values) * 1.05
    return Panel(
        title="Requests answered within a time, %",
        across="ms",
        lines=lines,
        x=_log(low, high, _LEFT, _WIDTH - _RIGHT),
        y=lambda percent: _HEIGHT - _BOTTOM - percent / 100 * (_HEIGHT - _BOTTOM - _TOP),
        x_ticks=_powers(low, high),
        y_ticks=[(one, f"{one:.0f}") for one in (0, 25, 50, 75, 100)],
    )


def _log(low: float, high: float, at_low: float, at_high: float) -> Callable[[float], float]:
    """Places on a logarithmic axis."""
    width = math.log(high / low)
    return lambda value: at_low + math.log(value / low) / width * (at_high - at_low)


def _powers(low: float, high: float) -> list[tuple[float, str]]:
    """1, 2, 5 and so on between two values; the powers of ten alone where there would be too many."""
    tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(tens) < 4 else (1,)
    return [
        (step * 10.0**ten, f"{step * 10.0**ten:g}") for ten in tens for step in steps if low <= step * 10.0**ten <= high
    ]


def _drawn(panel: Panel) -> str:
    parts = [
        f'<text x="{_LEFT}" y="20">{escape(panel.title)}</text>',
        f'<path class="frame" d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}"/>',
        f'<text x="{(_LEFT + _WIDTH) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{panel.across}</text>',
        *(
            f'<text x="{panel.x(value):.0f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{text}</text>'
            for value, text in panel.x_ticks
        ),
        *(
            f'<text x="{_LEFT - 8}" y="{panel.y(value) + 4:.0f}" text-anchor="end">{text}</text>'
            for value, text in panel.y_ticks
        ),
    ]
    if panel.guide:
        (x1, y1), (x2, y2) = ((panel.x(x), panel.y(y)) for x, y in panel.guide)
        parts.append(f'<path class="even" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')
    for number, line in enumerate(panel.lines):
        parts.append(_line(panel, line, number))
    return "".join(parts)


def _line(panel: Panel, line: Line, number: int) -> str:
    """A line, and its name below the panel, where no line can cross it."""
    colour, dashes = _STYLES[number % len(_STYLES)]
    stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
    points = " ".join(f"{panel.x(x):.1f},{panel.y(y):.1f}" for x, y in line.points)
    y = _HEIGHT + 4 + _NAME * number
    return (
        f'<polyline points="{points}" fill="none" {stroke}/><path d="M{_LEFT + 10} {y}h30" {stroke}/>'
        f'<text x="{_LEFT + 48}" y="{y + 4}">{escape(line.name)}</text>'
    )
