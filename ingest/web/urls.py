"""Addresses of pages, in one form, and which of them belong to one site."""

import httpx

from ingest.web.failures import NotPermitted

Site = tuple[str, int | None]
"""What two addresses of one site have in common: host, without ``www.``, and port."""

_LONGEST = 4_000
"""Servers refuse longer ones; what is longer is a trap for crawlers, not the address of an article."""


def web_url(text: str) -> httpx.URL:
    """The address that a text is: http or https, its host in lower case and ASCII, without a fragment.

    Raises:
        NotPermitted: It is none, or one with a password in it; the message holds neither.
    """
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL as error:
        raise NotPermitted("this is not an address of the web; write https://host/path") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise NotPermitted("only addresses that begin with http:// or https:// and a host are fetched")
    if url.userinfo:
        raise NotPermitted("it has a user name or password in it, which would end up in citations; leave them out")
    if len(url.raw_path) > _LONGEST:
        raise NotPermitted(f"it is longer than {_LONGEST:,} characters, which no address of an article is")
    return url.copy_with(fragment=None) if "#" in text else url


def shown(text: str) -> str:
    """A text that may be an address, as it can stand in a message: one line, not endless, no password."""
    try:
        url = httpx.URL(text.strip())
        text = str(url.copy_with(userinfo=b"")) if url.userinfo else text
    except httpx.InvalidURL:
        # What stands before the last @ may be a password.
        text = text.rpartition("@")[2]
    line = "".join(character if character.isprintable() else "\ufffd" for character in text.strip())
    return line if len(line) <= 300 else line[:299] + "…"


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one host; ``www.`` and the scheme make no difference, a port does.

    Anything that is no address of the web is of no site.
    """
    try:
        return site(web_url(one)) == site(web_url(other))
    except NotPermitted:
        return False


def site(url: httpx.URL) -> Site:
    """The site of an address."""
    return url.host.rstrip(".").removeprefix("www."), url.port


def canonical(page: str, stated: str | None) -> str:
    """The address to cite a page by: the one it states itself (RFC 6596), if that is of its own site.

    A page that names another host's address as its own would put its words into that host's mouth.

    Args:
        page: Where the page was found.
        stated: ``href`` of its ``<link rel="canonical">``, absolute or relative; None if it has none.
    """
    if stated is None:
        return page
    try:
        url = str(web_url(str(httpx.URL(page).join(stated.strip()))))
    except (httpx.InvalidURL, NotPermitted):
        return page
    return url if same_site(page, url) else page
