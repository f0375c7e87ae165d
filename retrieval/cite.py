"""Exact citations, and links that lead to the passage rather than to the page."""

import hashlib
import re
from urllib.parse import quote, urlsplit

from retrieval.errors import InvalidRequest
from retrieval.types import Article, Citation, Passage, StoredArticle

AROUND = 32
_WORDS = 6
_WORD = re.compile(r"\S+")


def cite(passage: Passage, stored: StoredArticle) -> Citation | None:
    """The citation of a passage, or None where the article does not hold its text at its place."""
    article, start, end = stored.article, passage.start, passage.end
    if article.text[start:end] != passage.text or stored.version != passage.version:
        return None
    return _citation(stored, start, end, link(article, stored.version, start, end))


def cite_span(stored: StoredArticle, start: int, end: int) -> Citation:
    """The citation of any span of an article.

    Raises:
        InvalidRequest: The article has no such span.
    """
    article = stored.article
    if not 0 <= start < end <= len(article.text):
        raise InvalidRequest(f"version {stored.version} of this article has no characters {start} to {end}")
    if _on_the_web(article.url):
        return _citation(stored, start, end, link(article, stored.version, start, end))
    return _citation(stored, start, end, own_link(article.id, stored.version, start, end))


def own_link(article_id: str, version: int, start: int, end: int) -> str:
    """Where our own page of an article shows any span of a version of it, marked, for as long as that is kept."""
    query = f"version={version}&start={start}&end={end}"
    return f"/articles/{quote(article_id, safe='')}?{query}#{anchor(version, start, end)}"


def _citation(stored: StoredArticle, start: int, end: int, leads_to: str) -> Citation:
    article = stored.article
    return Citation(
        article_id=article.id,
        version=stored.version,
        title=article.title,
        publisher=article.publisher,
        author=article.author,
        published=article.published,
        url=article.url,
        link=leads_to,
        start=start,
        end=end,
        text_sha256=hashlib.sha256(article.text[start:end].encode()).hexdigest(),
        prefix=article.text[max(0, start - AROUND) : start],
        suffix=article.text[end : end + AROUND],
    )


def anchor(version: int, start: int, end: int) -> str:
    """Name of a passage on the service's own page of its article."""
    return f"v{version}-{start}-{end}"


def link(article: Article, version: int, start: int, end: int) -> str:
    """Where a reader finds the passage: on the publisher's page if its address is known, else on our own."""
    if article.url is not None and _on_the_web(article.url):
        page, _, fragment = article.url.partition("#")
        return f"{page}#{fragment}:~:text={text_directive(article.text, start, end)}"
    return f"/articles/{quote(article.id, safe='')}#{anchor(version, start, end)}"


def _on_the_web(url: str | None) -> bool:
    return url is not None and urlsplit(url).scheme in ("http", "https")


def text_directive(text: str, start: int, end: int) -> str:
    """What follows ``:~:text=`` to point at ``text[start:end]``.

    The first and the last words of the passage, each from within one line, because a browser matches neither across
    the edge of a block; words before it too, where its first words stand earlier in the text already. Method: URL
    Fragment Text Directives, WICG draft.
    """
    first, last = _first_words(text[start:end]), _last_words(text[start:end])
    parts = [_encoded(first)] if first == last else [_encoded(first), _encoded(last)]
    before = _last_words(text[:start].rstrip()) if _repeated(text, first, start) else ""
    return ",".join([f"{_encoded(before)}-", *parts] if before else parts)


def _repeated(text: str, words: str, start: int) -> bool:
    folded = " ".join(text[:start].split()).casefold()
    return words.casefold() in folded


def _first_words(piece: str) -> str:
    line = piece.lstrip().split("\n", 1)[0]
    return " ".join(_WORD.findall(line)[:_WORDS])


def _last_words(piece: str) -> str:
    line = piece.rstrip().rsplit("\n", 1)[-1]
    return " ".join(_WORD.findall(line)[-_WORDS:])


def _encoded(words: str) -> str:
    # "-" and "," are syntax of the directive, "&" ends it; quote() would leave the first as it is.
    return quote(words, safe="").replace("-", "%2D")
