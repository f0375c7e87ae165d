"""``onrecord eval compare`` and ``sweep``: runs beside one another."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.commands import JsonOption, print_json

PageOption = Annotated[
    Path | None, typer.Option("--report", help="Write a page of it to this file.", metavar="FILE.html")
]


def register(group: typer.Typer) -> None:
    """Give a group these commands."""
    group.command("compare")(compare)


def compare(
    first: Annotated[
        Path, typer.Argument(help="What `onrecord eval --json` printed, or a baseline.", metavar="A.json")
    ],
    second: Annotated[Path, typer.Argument(help="Another run of the same set.", metavar="B.json")],
    page: PageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold two runs of a set against each other: how much they differ, whether by chance, and where."""
    from evals import comparison
    from evals.recorded import load, recorded
    from service.terminal import print_comparison

    one, other = (recorded(load(path), str(path)) for path in (first, second))
    found = comparison.compare(one, other, (str(first), str(second)))
    if not found.same_corpus:
        print(  # noqa: T201
            "onrecord: the two runs were asked of different articles: what differs may be those, and not the search",
            file=sys.stderr,
        )
    if page is not None:
        from evals.report.comparison import as_html
        from evals.report.page import write

        write(page, as_html(found))
    if as_json:
        print_json(found.as_json())
    else:
        print_comparison(found)
