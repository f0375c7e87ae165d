"""Exact citations, and links that lead to the passage rather than to the page."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from retrieval.errors import InvalidRequest
from retrieval.types import Article, Citation, Passage, StoredArticle

AROUND = 32
_WORDS = 6
# Characters: what a word may be widened by, and where words around a passage are looked for, so that no text makes
# an address of any length.
_LONGEST = 40
_NEAR = 200
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
        corrected=article.corrected,
        page=bisect_right(article.pages, start) + 1 if article.pages else None,
    )


def anchor(version: int, start: int, end: int) -> str:
    """Name of a passage on the service's own page of its article."""
    return f"v{version}-{start}-{end}"


def link(article: Article, version: int, start: int, end: int) -> str:
    """Where a reader finds the passage: on the publisher's page if its address is known, else on our own."""
    if article.url is not None and _on_the_web(article.url):
        page, _, fragment = article.url.partition("#")
        fragment = fragment.partition(":~:")[0]
        return f"{page}#{fragment}:~:text={text_directive(article.text, start, end)}"
    return f"/articles/{quote(article.id, safe='')}#{anchor(version, start, end)}"


def _on_the_web(url: str | None) -> bool:
    return url is not None and urlsplit(url).scheme in ("http", "https")


@dataclass(frozen=True, slots=True)
class _Directive:
    """What follows ``:~:text=``, in words: ``[prefix-,]first[,last][,-suffix]``."""

    prefix: str
    first: str
    last: str
    suffix: str

    def __str__(self) -> str:
        parts = [self.prefix and f"{_encoded(self.prefix)}-", _encoded(self.first), _encoded(self.last)]
        return ",".join(part for part in [*parts, self.suffix and f"-{_encoded(self.suffix)}"] if part)

    def finds(self, page: str) -> tuple[int, int] | None:
        """What a browser marks in a folded page: the first place that fits."""
        prefix, first, last, suffix = (_folded(part) for part in (self.prefix, self.first, self.last, self.suffix))
        head = f"{prefix} {first}".lstrip()
        if not last:
            begin = _find(page, f"{head} {suffix}".rstrip(), 0)
            return None if begin < 0 else (begin + len(head) - len(first), begin + len(head))
        begin = _find(page, head, 0)
        end = _find(page, f"{last} {suffix}".rstrip(), begin + len(head))
        return None if min(begin, end) < 0 else (begin + len(head) - len(first), end + len(last))


def text_directive(text: str, start: int, end: int) -> str:
    """What follows ``:~:text=`` to point at ``text[start:end]``, and at no place before that reads the same.

    All of a short passage, else its first and its last words, each from within one line, because a browser matches no
    words across the edge of a block. Where they stand elsewhere too, more of them, and then what is around the
    passage. Method: URL Fragment Text Directives, WICG draft; browsers ignore case, runs of white space and the style
    of quotation marks, and match whole words.
    """
    start, end = _whole_words(text, start, end)
    page, wanted = _page(text, start, end)
    for directive in _directives(text, start, end):
        if directive.finds(page) == wanted:
            break
    return str(directive)


def _directives(text: str, start: int, end: int) -> Iterator[_Directive]:
    """Directives for a passage, from the plainest to the one that says most of where it stands."""
    passage, before, after = text[start:end].strip(), text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    for around in (0, _WORDS // 2, 2 * _WORDS):
        for count in (_WORDS, 2 * _WORDS, 4 * _WORDS):
            prefix, suffix = _last_words(before, around), _first_words(after, around)
            first, last = _first_words(passage, count), _last_words(passage, count)
            # What both name would have to stand there twice.
            whole = "\n" not in passage and len(_WORD.findall(passage)) <= 2 * count
            yield _Directive(prefix, passage if whole else first, "" if whole else last, suffix)


def _page(text: str, start: int, end: int) -> tuple[str, tuple[int, int]]:
    """A text folded, and where ``text[start:end]`` is in it; what is too far behind to matter is left out.

    A directive leads to the first place that fits: behind the one that is wanted, none needs to be known.
    """
    pieces = [_folded(piece) for piece in (text[:start], text[start:end], text[end : end + _NEAR + _LONGEST])]
    before, between = (" " if text[at - 1 : at + 1].strip() != text[at - 1 : at + 1] else "" for at in (start, end))
    head = pieces[0] + before if pieces[0] else ""
    return f"{head}{pieces[1]}{between}{pieces[2]}", (len(head), len(head) + len(pieces[1]))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """A span widened to whole words, or as far as a word may be long."""
    floor, ceiling = start - _LONGEST, end + _LONGEST
    while start > floor and _inside_word(text, start):
        start -= 1
    while end < ceiling and _inside_word(text, end):
        end += 1
    return start, end


def _inside_word(text: str, position: int) -> bool:
    return 0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum()


def _find(page: str, words: str, position: int) -> int:
    """The first place from a position on where words stand, not as parts of longer ones; -1 is none."""
    while (found := page.find(words, position)) >= 0:
        if not (_inside_word(page, found) or _inside_word(page, found + len(words))):
            return found
        position = found + 1
    return -1


def _folded(text: str) -> str:
    for style, plain in (("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'")):
        text = text.replace(style, plain)
    return " ".join(text.casefold().split())


def _first_words(piece: str, count: int) -> str:
    line = piece.lstrip().split("\n", 1)[0]
    return " ".join(_WORD.findall(line)[:count])


def _last_words(piece: str, count: int) -> str:
    line = piece.rstrip().rsplit("\n", 1)[-1]
    return " ".join(_WORD.findall(line)[-count:] if count else [])


def _encoded(words: str) -> str:
    # "-" and "," are syntax of the directive, "&" ends it; quote() would leave the first as it is.
    return quote(words, safe="").replace("-", "%2D")
