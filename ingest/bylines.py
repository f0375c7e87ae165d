"""Who a page says wrote it: names without the labels, offices and addresses around them, and visible bylines."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from ingest.dates import PRINTED
from ingest.stated import folded, line, text_of


def _vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


# --- names ---------------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.\S+|\b(?:https?://|www\.)\S+|(?<!\w)@\w+|\b[\w.-]+\.(?:com|org|net)/\S+", re.I)
_LABEL = re.compile(
    r"(?:(?:words|text|story|report|reporting|interview|article|analysis|opinion|commentary|comment|column|review"
    r"|written|posted|published|submitted|compiled|a guest post)\s+)?by\b\s*:?\s*"
    r"|(?:words|text|reporter|writer|authors?|autor(?:/in|in|en)?|auteurs?|autore|redactor|redacci[oó]n"
    r"|geschrieben von|publi[eé] par|escrito por)\b\s*:?\s+(?=\S)"
    r"|(?:von|vom|par|por|door|av|af)\s+(?=\S+\s+\S)",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"\s*[;|•·/\n]\s*|\s*,\s*(?:(?:and|und|et|y|&)\s+)?|\s+(?:and|und|et|y|&)\s+",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?:editors?|correspondents?|reporters?|writers?|columnists?|journalists?|contributors?|staff|bureau|producers?"
    r"|freelancer?|critics?|analysts?|redakteur(?:in)?|(?:chef)?redaktion|envoy[eé]s? sp[eé]cia\w+|rédact(?:eur|rice)"
    r"|periodista)\b",
    re.IGNORECASE,
)
_OFFICE_OPENS = re.compile(
    r"\s+(?:senior|chief|deputy|associate|assistant|managing|executive|political|education|health|business|science"
    r"|technology|sports?|foreign|economics?|environment|staff|special|contributing|national|international|legal|media"
    r"|city|crime|editor|reporter|correspondent|columnist|envoy[eé]s?)\b.*$",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ph\.?d|m\.?d|ii|iii|iv|mp|esq|obe|cbe|mbe|qc|kc|rn)\.?", re.IGNORECASE)
_COMPANY = re.compile(r"\b(?:gmbh|inc|ltd|llc|plc|corp|limited|company|verlag)\b\.?", re.IGNORECASE)
_NOBODY = _vocabulary(
    "admin administrator webmaster root user guest unknown anonymous none null undefined n/a na author default editor"
    " staff by"
)
_STATEMENT, _NAME, _MOST = 300, 100, 30


def credited(statements: Iterable[str], publisher: str | None = None) -> str | None:
    """The authors that statements credit, on one line: "A", "A and B", "A, B and C".

    Args:
        statements: Each of one name or of several as they are printed; what is no name states nobody.
        publisher: An outlet that is named behind its writer, who is at it, is left out.
    """
    found = list(dict.fromkeys(name for one in islice(statements, _MOST) for name in names(one)))[:_MOST]
    people = [name for name in found if folded(name) != folded(publisher or "")] or found
    people = [name for name in people if not is_company(name)] or people
    people = _without_parts(people)
    return " and ".join(filter(None, (", ".join(people[:-1]), people[-1]))) if people else None


def names(statement: str) -> list[str]:
    """The names in a credit, without labels, offices, addresses and handles; none in what is too long to be one."""
    bare = line(statement)
    bare = _ADDRESS.sub(" ", bare) if len(bare) <= _STATEMENT else ""
    bare = re.sub(r"\s*\([^()]*\)?\s*$", "", bare) or bare.strip("() ")
    bare = bare.strip(" ,;:|-–—•·")
    while (label := _LABEL.match(bare)) and label.end() < len(bare):
        bare = bare[label.end() :]
    if is_company(bare):  # its address has commas too
        bare = bare.partition(",")[0]
    found: list[str] = []
    for part in _BREAK.split(bare):
        if found and _SUFFIX.fullmatch(part):
            found[-1] += f", {part}"
        elif name := _without_office(part):
            found.append(name)
    return found


def is_company(name: str) -> bool:
    """Whether a name is that of a company, as publishers put down as the author of all that they have."""
    return _COMPANY.search(name) is not None


def _without_office(part: str) -> str | None:
    """A name of a list; None for what is none, as an office that stands behind one."""
    part = part.strip(" ,;:|-–—•·*")
    if _OFFICE.search(part) and len(part.split()) > 2:
        part = _OFFICE_OPENS.sub("", part)
    is_office = len(part.split()) > 1 and _OFFICE.search(part) and _OFFICE_OPENS.fullmatch(f" {part}")
    if is_office or part.lower() in _NOBODY or not 1 < len(part) <= _NAME or len(part.split()) > 8:
        return None
    return part if any(character.isalpha() for character in part) else None


def _without_parts(people: Sequence[str]) -> list[str]:
    """Names without those that are the beginning or the end of another."""
    return [one for one in people if not any(one != other and f" {one} " in f" {other} " for other in people)]


# --- what a reader sees --------------------------------------------------------------------------------

_BYLINE = _vocabulary("byline bylines author authors authorname writer writers autor autoren auteur")
_NO_BYLINE = _vocabulary(
    "bio biography image images img photo picture avatar thumb thumbnail social follow links link archive comment"
    " comments commenter description desc about widget more related date time count position title info job role"
    " twitter"
)
_ELSEWHERE = re.compile(
    r"comment|respon[sd]|repl(?:y|ies)|(?<!post-)(?<!entry-)(?<!article-)footer|sidebar|related|recirc|widget|teaser"
    r"|promo|popular|trending|newsletter|disqus|menu|caption|login|signup|outbrain|recommend",
    re.IGNORECASE,
)
_OF_PERSON = re.compile(
    r"author|autor|auteur|profile|people|person|staff|contributor|journalist|reporter|writer|columnist|redaktion|team"
    r"|/by/",
    re.IGNORECASE,
)
_LEADS_TO_AUTHOR = re.compile(
    r"/(?:author|autor|auteur|authors|autoren|auteurs)/|(?:^|\s)author(?:\s|$)", re.IGNORECASE
)
_NOT_SHOWN = _vocabulary("body html head meta link script style img form input title")
_CREDIT = re.compile(
    r"(?:by|von|par|por|posted by|written by|authors?|autor(?:/in|in)?)\b\s*:?\s|(?:words|text)\s*:\s", re.IGNORECASE
)
_ENDS = re.compile(
    r"\s*(?:[|•·–—]|\s-\s|\b(?:posted|published|publi[eé]|updated|last modified|filed|follow|comments?|share|read|view"
    r"|topics|on|am|at|in|for|is|le|el|um)\b|\d).*",
    re.IGNORECASE | re.DOTALL,
)
_ABOUT_AUTHORS = re.compile(
    r"\b(?:view|all|posts|articles|more|follow|website|archive|profile|contact|e-?mail|by|rss|bio)\b", re.IGNORECASE
)
_CANDIDATES = 100


def bylines(tree: HtmlElement, headline: HtmlElement | None) -> Iterator[tuple[str, ...]]:
    """The credits that a page shows of its article, the first below its headline first.

    Known by a label before the name, by where a link leads, or by what the markup calls them: a class or id with
    "byline" or "author" among its words.

    Args:
        tree: The page.
        headline: Where the title of the article stands; without it, nothing can be told to be of the article.
    """
    if headline is None:
        return
    marked = [one for one in islice(filter(_is_marked, tree.iter("*")), _CANDIDATES) if of_article(one, headline)]
    for one in _by_nearness(marked, tree, headline):
        if found := _written(one):
            yield (*found, *_beside(one, marked))


def of_article(element: HtmlElement, headline: HtmlElement) -> bool:
    """Whether an element is of the article with that headline, rather than of a comment or another story's teaser.

    Told by what stands between it and the part of the page that holds both.
    """
    around = {headline, *headline.iterancestors()}
    if element in around:
        return False
    for outer in (element, *element.iterancestors()):
        if outer in around:
            return True
        if outer is not element and outer.tag in {"nav", "article", "blockquote"}:
            return False
        if outer.tag == "footer" and next(outer.iterancestors("article"), None) not in around:
            return False
        if (outer.tag in {"li", "aside"} and not _is_of_facts(outer)) or _ELSEWHERE.search(called(outer)):
            return False
    return True


def called(element: HtmlElement) -> str:
    """Class and id of an element, which say what its maker took it for."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:500]


def _is_of_facts(block: HtmlElement) -> bool:
    """Whether a block or list holds facts about the article, as its author and date, rather than other stories."""
    whole = block.getparent() if block.tag == "li" else block
    return whole is not None and 0 < len(text_of(whole)) < 100


def _by_nearness(marked: Sequence[HtmlElement], tree: HtmlElement, headline: HtmlElement) -> list[HtmlElement]:
    """What stands below the headline from there on, then what stands in one block with it, above."""
    wanted = {headline, *marked}
    order = [one for one in tree.iter("*") if one in wanted]
    at = order.index(headline)
    blocks = set(islice(headline.iterancestors(), 2))
    above = [one for one in order[:at] if any(outer in blocks for outer in one.iterancestors())]
    return [*order[at + 1 :], *reversed(above)]


def _is_marked(element: HtmlElement) -> bool:
    if element.tag in _NOT_SHOWN:
        return False
    if _leads_to_author(element) or _CREDIT.match(f"{(element.text or '')[:50].strip()} "):
        return True
    return any(_names_byline(token) for token in called(element).split())


def _leads_to_author(element: HtmlElement) -> bool:
    return element.tag == "a" and _LEADS_TO_AUTHOR.search(_leads_to(element)) is not None


def _leads_to(link: HtmlElement) -> str:
    return f"{(link.get('href') or '').partition('?')[0]} {link.get('rel') or ''}"[:500]


def _names_byline(token: str) -> bool:
    words = {word.lower() for word in re.split(r"[-_]+|(?<=[a-z])(?=[A-Z])", token)}
    return bool(words & _BYLINE) and not words & _NO_BYLINE


def _written(element: HtmlElement) -> tuple[str, ...]:
    """The names in an element: of the links to people in it, else its text up to where that turns to other things."""
    links = [one for one in islice(element.iter("a"), _MOST) if _OF_PERSON.search(_leads_to(one))]
    linked = tuple(text for one in links if _is_name(text := text_of(one)) or _is_alias(one, text))
    if linked:
        return linked
    text = text_of(element)
    if not text or len(text) > 200:
        return ()
    text = PRINTED.sub("|", text).strip(" |")
    label = _CREDIT.match(text)
    end = label.end() if label else 0
    text = text[:end] + _ENDS.sub("", text[end:])
    # A single word behind a name is where the author is or writes for.
    text = re.sub(r"^((?:\S+ )+\S+), \S+$", r"\1", text)
    return (text,) if label or _is_name(text) else ()


def _is_name(text: str) -> bool:
    """Whether a text that no label announces has the shape of a name: a few words, each beginning with a capital."""
    words = text.split()
    letters = all(not word[0].islower() or len(word) <= 3 for word in words)
    return 0 < len(words) <= 5 and letters and words[0][0].isalpha() and not text.endswith((":", "?", "!", "…", "..."))


def _is_alias(link: HtmlElement, text: str) -> bool:
    """Whether the text of a link to the author is what the author goes by, in whatever shape."""
    return _leads_to_author(link) and text.isalnum() and not _ABOUT_AUTHORS.search(text)


def _beside(element: HtmlElement, marked: Sequence[HtmlElement]) -> Iterator[str]:
    """The names of the elements beside one that are marked as it is: two authors, each with a link."""
    block = element.getparent()
    for other in marked:
        same = other.tag == element.tag and other.get("class") == element.get("class")
        if other is not element and same and block is not None and other.getparent() in {block, block.getparent()}:
            yield from _written(other)
