"""Addresses that pages lead to, and texts that stand where nothing can isolate them."""

from urllib.parse import quote, urlsplit

_DIRECTIONS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def plain(text: str) -> str:
    """Text without marks of writing direction, for the title of a window, which cannot isolate them."""
    return text.translate(_DIRECTIONS)


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


def speaker_path(name: str) -> str:
    """Path of the page of a speaker."""
    return f"/speakers/{quote(name, safe='')}"
