"""Markdown files, with front matter."""

import html
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.checks import about
from ingest.decoding import decoded
from ingest.documents import Document
from ingest.readers import File
from ingest.sidecar import yaml_mapping

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_HTML_MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)

_LIST_BOUNDS = frozenset({"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"})
_TABLE_GAPS = {"th_close": " | ", "td_close": " | ", "tr_close": "\n", "table_close": "\n\n"}


def read(file: File) -> Iterator[Document]:
    """The one article of a Markdown file; what its front matter states is taken as given."""
    source, given = decoded(file.name, file.contents()), {}
    if front := _FRONT_MATTER.match(source):
        given = about(file.name, yaml_mapping(file.name, front[1], first_line=2))
        source = source[front.end() :]
    yield file.article(plain(source), "markdown", given)


def plain(source: str) -> str:
    """Markdown as plain text: paragraphs with blank lines between, lists as bullets, links as their text."""
    parts: list[str] = []
    depth, gap, bullet = 0, "", ""
    for token in MarkdownIt("commonmark").enable("table").parse(source):
        if token.type in _LIST_BOUNDS:
            depth += token.nesting
            gap = "\n" if depth > (token.nesting > 0) else "\n\n"
        elif token.type == "list_item_open":
            bullet = f"  {token.info}. " if token.info else "  • "
        elif text := _token_text(token).strip():
            parts += (gap, bullet, text)
            gap, bullet = "\n" if depth else "\n\n", ""
        gap = _TABLE_GAPS.get(token.type, gap)
    return "".join(parts).strip("\n") + "\n"


def _token_text(token: Token) -> str:
    if token.type == "inline":
        return "".join(_inline_text(child) for child in token.children or ())
    if token.type == "html_block":
        return html.unescape(_HTML_MARKUP.sub("", token.content))
    return token.content if token.type in {"fence", "code_block"} else ""


def _inline_text(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    return "" if token.type == "html_inline" else token.content
