"""The frame of a page that is one file: style, policy, parts that pages share; and how such a file is written."""

import base64
import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals import outputs
from evals.report import charts
from evals.report.wording import counted, percent

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **content: Any) -> str:
    """A page: a template that fills the blocks of ``frame.html``, with whatever it shows, escaped.

    The page's policy lets nothing be loaded and nothing run; its one style sheet is allowed by its hash, so that a
    style that somebody smuggled in would do nothing either.
    """
    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, counted=counted, web=web_address, anchor=anchor)
    environment.globals.update(interval_bar=charts.interval_bar, bar=charts.bar, difference_bar=charts.difference_bar)
    return environment.get_template(template).render(
        **content,
        software=f"onrecord {version('onrecord')}",
        style=Markup(style),  # noqa: S704  our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'",
    )


def style_sheet() -> str:
    """The one style sheet of all pages, and of the pictures in them."""
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


def writable(path: Path) -> None:
    """Look before a long run whether its page can be written.

    Raises:
        EvaluationError: It cannot.
    """
    outputs.writable(path, "the report")


def write(path: Path, html: str) -> None:
    """Write a page, whole or not at all.

    Raises:
        EvaluationError: The file cannot be written.
    """
    # What UTF-8 has no bytes for, half of a pair of surrogates, a browser reads as a replacement character.
    outputs.write(path, "the report", html.encode("utf-8", "xmlcharrefreplace"))


def anchor(id_: str) -> str:
    """The fragment of a page at which the question of an id stands; another one for every id."""
    return "q-" + quote(id_, safe="", errors="surrogatepass").replace("~", "%7E").replace("%", "~")


def web_address(url: str | None) -> str | None:
    """An address if it leads to the web, else None: it comes from an article, and may be anything that runs."""
    try:
        split = urlsplit(url or "")
    except ValueError:
        return None
    return url if split.scheme in ("http", "https") and split.netloc else None
