"""What readers see, as HTML without script; pure functions of what is shown.

Every text of an article or a visitor is escaped by the templates (autoescape), and set apart in <bdi> or in
a block of its own, so that no override of the writing direction reaches the words around it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from retrieval.archive import MAX_QUESTION
from retrieval.cite import anchor
from retrieval.types import Answer, Coverage, Hit, Passage, Span, StoredArticle
from service import wording
from service.problems import Problem

_PARAGRAPHS = re.compile(r"(\n[^\S\n]*\n\s*)")
_DIRECTIONS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Notices on one page; of an article with more, the links to its earliest versions lead to its top.
_MAX_EARLIER = 1000
NO_SPANS: Mapping[int, Sequence[Span]] = {}
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of an article's text as the page shows it.

    Attributes:
        anchor: What a link to it names; None for text that is in no passage.
        continues: Whether it begins in the middle of a paragraph.
        pieces: Its text, cut at the blank lines, each piece with whether it is a paragraph or such a gap.
    """

    anchor: str | None
    continues: bool
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API as the page of the documentation shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: Sequence[Mapping[str, Any]]
    request: str | None
    response: str | None


class Pages:
    """Renders each page of the service."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters.update(
            date=wording.date,
            exact=exact,
            onward=onward,
            path=article_path,
            percent=percent,
            plain=plain,
            speaker=wording.attribution,
            web=web_address,
        )
        self._templates.globals.update(MAX_QUESTION=MAX_QUESTION, own_link=own_link)

    def home(self, archive: Coverage) -> str:
        """The form, and what can be asked."""
        return self._render("home.html", question="", coverage=wording.coverage(archive))

    def answer(self, answer: Answer) -> str:
        """A question with its passages, or with why none of them answers."""
        return self._render(
            "answer.html",
            question=answer.question,
            answer=answer,
            interpretation=wording.interpretation(answer.interpretation),
            refusal=None if answer.answered else wording.refusal(answer),
            coverage=wording.coverage(answer.archive),
        )

    def article(
        self, stored: StoredArticle, passages: Sequence[Passage], spans: Mapping[int, Sequence[Span]] = NO_SPANS
    ) -> str:
        """An article to read, each of its passages the target of the link that cites it.

        Args:
            stored: The version to show.
            passages: Those of it.
            spans: Where the passages of all versions stand: links that cite earlier ones lead to a notice.
        """
        return self._render(
            "article.html",
            question="",
            stored=stored,
            article=stored.article,
            blocks=list(text_blocks(stored, passages)),
            earlier=list(earlier(stored, spans)),
        )

    def docs(self, schema: Mapping[str, Any]) -> str:
        """The operations of the API, from its OpenAPI description."""
        return self._render("docs.html", title=schema["info"]["title"], operations=list(operations(schema)))

    def problem(self, problem: Problem) -> str:
        """What went wrong, and the form to ask again."""
        return self._render("problem.html", question="", problem=problem)

    def _render(self, template: str, **shown: Any) -> str:
        return self._templates.get_template(template).render(shown)


def earlier(stored: StoredArticle, spans: Mapping[int, Sequence[Span]]) -> Iterator[tuple[int, str]]:
    """Version and anchor of the passages of the versions before one, the latest version first, up to a bound."""
    before = sorted((version for version in spans if version < stored.version), reverse=True)
    anchors = ((version, anchor(version, span.start, span.end)) for version in before for span in spans[version])
    return islice(anchors, _MAX_EARLIER)


def text_blocks(stored: StoredArticle, passages: Sequence[Passage]) -> Iterator[Block]:
    """An article's text from its first to its last character that is not white space, cut at its passages."""
    text, position = stored.article.text, 0
    for passage in passages:
        between = text[position : passage.start]
        if between.strip():
            yield Block(None, False, _pieces(between))
        continues = position > 0 and "\n" not in between
        yield Block(anchor(passage.version, passage.start, passage.end), continues, _pieces(passage.text))
        position = passage.end
    if text[position:].strip():
        yield Block(None, False, _pieces(text[position:]))


def _pieces(text: str) -> tuple[tuple[str, bool], ...]:
    pieces = _PARAGRAPHS.split(text)
    return tuple((piece, index % 2 == 0) for index, piece in enumerate(pieces) if piece)


def operations(schema: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of an OpenAPI description, in its order."""
    for path, item in schema["paths"].items():
        for method in (method for method in _METHODS if method in item):
            said = item[method]
            yield Operation(
                id=said["operationId"],
                method=method.upper(),
                path=path,
                summary=said.get("summary", ""),
                description=said.get("description", ""),
                parameters=said.get("parameters", []),
                request=_example(schema, said.get("requestBody", {})),
                response=_example(schema, said["responses"].get("200", {})),
            )


def _example(schema: Mapping[str, Any], message: Mapping[str, Any]) -> str | None:
    reference = message.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    model = schema["components"]["schemas"].get(reference.rpartition("/")[2], {})
    examples = model.get("examples")
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else None


def exact(text: str) -> Markup:
    """Text that a browser reads back to the letter; left alone, it would turn every CR into LF."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704  escaped in this very line


def plain(text: str) -> str:
    """Text without marks of writing direction, for the title of a window, which cannot isolate them."""
    return text.translate(_DIRECTIONS)


def percent(probability: float) -> str:
    """A probability in per cent; never 0 or 100, which would claim to know."""
    return f"{min(max(round(probability * 100), 1), 99)} %"


def web_address(url: str | None) -> str | None:
    """An address that may be linked to: of the web, and of nothing that runs or opens anything."""
    try:
        split = urlsplit(url or "")
    except ValueError:
        return None
    return url if split.scheme in ("http", "https") and split.netloc else None


def onward(link: str) -> str | None:
    """The link of a citation, if it leads to the web or to our own page of the article."""
    return link if link.startswith("/articles/") else web_address(link)


def article_path(article_id: str) -> str:
    """Path of the page of an article."""
    return f"/articles/{quote(article_id, safe='')}"


def own_link(hit: Hit) -> str:
    """Where this service shows a hit in its article, as it was when it was cited."""
    citation = hit.citation
    return f"{article_path(citation.article_id)}#{anchor(citation.version, citation.start, citation.end)}"
