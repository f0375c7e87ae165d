"""Two runs of a set as a page: figure by figure, and every question that is right in one and wrong in the other."""

from evals.comparison import Comparison
from evals.report.page import render
from evals.report.wording import counted


def as_html(comparison: Comparison) -> str:
    """The page of a comparison, for ``evals.report.page.write``; the same for the same comparison."""
    better = [one for one in comparison.flips if one.better]
    worse = [one for one in comparison.flips if not one.better]
    reach = max((abs(end) for one in comparison.figures for end in (one.interval.low, one.interval.high)), default=0.0)
    return render(
        "comparison.html",
        comparison=comparison,
        groups=[("Wrong in B, right in A", worse), ("Right in B, wrong in A", better)],
        reach=max(reach, 0.01),
        summary=_summary(comparison),
    )


def _summary(comparison: Comparison) -> list[str]:
    """What can be said for certain, in sentences."""
    certain = [one.change for one in comparison.figures if one.change.corrected <= 0.05]
    said = [
        f"{one.name} is {'worse' if one.worse else 'better'} in B: {one.after:.3f} against {one.before:.3f} "
        f"(p = {one.corrected:.2g})."
        for one in certain
    ]
    asked = counted(comparison.questions, "question")
    return said or [f"No figure differs by more than chance would make it, over {asked}."]
