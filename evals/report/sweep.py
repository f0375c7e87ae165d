"""Runs of a set under many settings as a page and as a picture: quality against cost."""

from collections.abc import Sequence

from markupsafe import Markup

from evals.report import charts
from evals.report.page import render, style_sheet
from evals.report.wording import counted
from evals.sweep import Tried


def as_svg(tried: Sequence[Tried], figure: str) -> str:
    """Quality against cost as an SVG file.

    Args:
        tried: The runs.
        figure: The quality, which at least one of them has.
    """
    return charts.standalone(_picture(tried, figure), style_sheet())


def as_html(name: str, tried: Sequence[Tried], figure: str) -> str:
    """The page of a sweep over the set of a name, for ``evals.report.page.write``."""
    names = list(dict.fromkeys(name for one in tried for name in one.figures))
    return render("sweep.html", name=name, tried=tried, figure=figure, figures=names, picture=_picture(tried, figure))


def _picture(tried: Sequence[Tried], figure: str) -> Markup:
    dots = [
        charts.Dot(number, str(one.point), one.median_ms, one.figures[figure], one.on_front)
        for number, one in enumerate(tried, start=1)
        if figure in one.figures
    ]
    ends = [end for one in dots for end in (one.figure.interval.low, one.figure.interval.high)]
    return charts.scatter(
        charts.Told("sweep", "Quality against cost", _said(tried, figure)),
        dots,
        charts.counts("ms a question (median)", max(int(max(one.x for one in dots)) + 1, 1)),
        charts.fitted(figure, min(ends), max(ends)),
    )


def _said(tried: Sequence[Tried], figure: str) -> str:
    """The picture in words."""
    best = [one for one in tried if one.on_front]
    each = "; ".join(f"{one.point}: {one.figures[figure].value:.3f} in {one.median_ms:.1f} ms" for one in best)
    return f"Of {counted(len(tried), 'run')}, not beaten in both: {each}."
