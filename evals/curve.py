"""The curve of risk against coverage: what share of the answers is wrong, if so many questions are answered."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, _MARGIN = 640, 360, 56
# Distinguishable without colour by the dashes, and with it in any common colour blindness (Okabe and Ito 2008).
_STYLES = (("#0072b2", "none"), ("#d55e00", "6 4"), ("#009e73", "2 4"))


def risk_coverage(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[NDArray[np.float64], ...]:
    """Coverage and risk at every threshold, from the strictest on (El-Yaniv and Wiener 2010).

    Args:
        confidence: Of the best passage for each question, shape ``(questions,)``.
        right: Whether that passage answers; False for an unanswerable question.

    Returns:
        The share of the questions that are answered and the share of those that are answered wrongly, each of shape
        ``(thresholds,)``; questions with the same confidence are answered together.
    """
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right[order])
    last_of_tie = np.append(np.diff(confidence[order]) != 0, True)
    return (answered / len(order))[last_of_tie], (wrong / answered)[last_of_tie]


def as_svg(curves: Mapping[str, tuple[NDArray[np.float64], ...]], chosen: Mapping[str, float]) -> str:
    """A picture of the curves for light and dark pages, with a text for those who cannot see it.

    Args:
        curves: Coverage and risk by name.
        chosen: By the same names the coverage at the threshold that is used; marked by a dot.
    """
    top = max(0.1, *(float(risk.max()) for _, risk in curves.values()))
    parts = [_axes(top)]
    said = []
    for (name, (coverage, risk)), (colour, dashes) in zip(curves.items(), _STYLES, strict=False):
        points = " ".join(f"{_x(x):.1f},{_y(y, top):.1f}" for x, y in zip(coverage, risk, strict=True))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        at = int(np.searchsorted(coverage, chosen[name], side="right")) - 1
        if at >= 0:
            parts.append(f'<circle cx="{_x(coverage[at]):.1f}" cy="{_y(risk[at], top):.1f}" r="5" fill="{colour}"/>')
            said.append(f"{name}: {coverage[at]:.0%} answered, {risk[at]:.0%} of these wrongly")
        parts.append(_label(len(said), name, (colour, dashes)))
    title = "Risk against coverage. " + "; ".join(said) + "."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><style>text{{font:13px sans-serif;fill:#666}}</style>{''.join(parts)}</svg>\n"
    )


def _x(coverage: float) -> float:
    return _MARGIN + coverage * (_WIDTH - 2 * _MARGIN)


def _y(risk: float, top: float) -> float:
    return _HEIGHT - _MARGIN - risk / top * (_HEIGHT - 2 * _MARGIN)


def _axes(top: float) -> str:
    ticks: Sequence[float] = np.linspace(0, 1, 6).tolist()
    below = "".join(
        f'<text x="{_x(one):.0f}" y="{_HEIGHT - _MARGIN + 18}" text-anchor="middle">{one:.0%}</text>' for one in ticks
    )
    beside = "".join(
        f'<text x="{_MARGIN - 6}" y="{_y(one * top, top) + 4:.0f}" text-anchor="end">{one * top:.0%}</text>'
        for one in ticks
    )
    frame = f"M{_MARGIN} {_MARGIN}V{_HEIGHT - _MARGIN}H{_WIDTH - _MARGIN}"
    return (
        f'<path d="{frame}" fill="none" stroke="#888"/>{below}{beside}'
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 12}" text-anchor="middle">questions answered</text>'
        f'<text x="{_MARGIN}" y="{_MARGIN - 14}">answered wrongly, of those answered</text>'
    )


def _label(number: int, name: str, style: tuple[str, str]) -> str:
    colour, dashes = style
    y = _MARGIN + 20 * number
    return (
        f'<path d="M{_MARGIN + 24} {y}h36" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        f'<text x="{_MARGIN + 70}" y="{y + 4}">{escape(name)}</text>'
    )
