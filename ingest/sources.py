"""``sources.toml``: named sources, each a folder or an address with rules of its own.

[packet]
path = "packet/html"
publisher = "The Packet"
exclude = ["drafts/*"]
gone = "delete"

[bulletin]
url = "https://bulletin.example/feed.xml"
every = "30m"
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, get_args

from ingest.files import contents
from retrieval.errors import SourceError
from retrieval.types import Kind

Gone = Literal["keep", "delete"]
Ids = Literal["stem", "path"]

_MAX_FILE = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,99}")
_PERIOD = re.compile(r"([1-9][0-9]{0,5})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_EVERY = {"path": 60.0, "url": 900.0}


@dataclass(frozen=True, slots=True)
class Source:
    """A source and its rules.

    Attributes:
        name: As the archive knows it.
        path: Folder or file; None for an address.
        url: Page, feed or sitemap; None for a folder or file.
        publisher: Of all its articles, whatever they say themselves; None if they say it.
        kind: Of those that do not say it.
        language: Of those that do not say it, as BCP 47 has it: ``en``.
        include: Patterns of which one must fit an item (path in the folder, or address); all do where there are none.
        exclude: Patterns of which none may.
        gone: What becomes of the articles of an item that has disappeared.
        ids: What a file that is one article is called, if it does not say itself: by its stem, or by its path in the
            folder.
        columns: Which column of a table is which field.
        every: Seconds between two looks at it, while it is watched.
        allow: Hosts that may have an address that is not public.
        limit: Items of an address, at most.
        delay: Seconds between two requests to one host.
        contact: Page or e-mail address for those who run the site, sent along with each request.
    """

    name: str
    path: Path | None = None
    url: str | None = None
    publisher: str | None = None
    kind: Kind | None = None
    language: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    gone: Gone = "keep"
    ids: Ids = "stem"
    columns: Mapping[str, str] = field(default_factory=dict)
    every: float = 60.0
    allow: frozenset[str] = frozenset()
    limit: int = 10_000
    delay: float = 1.0
    contact: str | None = None

    @property
    def stated(self) -> Mapping[str, str]:
        """What its rules state of each article that does not state it itself."""
        given = {"kind": self.kind, "language": self.language}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def digest(self) -> str:
        """Another one for rules by which the same item would be read otherwise."""
        told = [self.publisher, self.stated, self.ids, dict(self.columns)]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def listing_digest(self) -> str:
        """Another one for rules by which a listing would amount to other items."""
        told = [self.digest, self.include, self.exclude, self.limit]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def takes(self, item: str) -> bool:
        """Whether its patterns let an item in; ``*`` fits any characters, slashes too."""
        wanted = not self.include or any(fnmatchcase(item, pattern) for pattern in self.include)
        return wanted and not any(fnmatchcase(item, pattern) for pattern in self.exclude)


def sources(file: Path) -> list[Source]:
    """The sources that a file names, in its order; paths in it are relative to its folder.

    Raises:
        SourceError: It cannot be read, or says what cannot be meant.
    """
    where = str(file)
    try:
        told = tomllib.loads(contents(file, _MAX_FILE).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(where, f"not TOML: {error}") from error
    if not told:
        raise SourceError(where, 'names no source; name one by [NAME] and path = "FOLDER" or url = "ADDRESS"')
    return [_source(where, file.parent, name, rules) for name, rules in told.items()]


def _source(where: str, folder: Path, name: str, rules: Any) -> Source:
    of = f"{where} [{name}]"
    if not _NAME.fullmatch(name):
        raise SourceError(of, "a name has letters, digits, blanks and . _ - only, 100 at most")
    if not isinstance(rules, dict):
        raise SourceError(of, f"{name} stands outside of a [NAME] section")
    for rule in rules:
        if rule not in _RULES:
            raise SourceError(of, f"there is no rule {rule!r}; there are {', '.join(_RULES)}")
    made = {rule: _RULES[rule](of, rule, value) for rule, value in rules.items()}
    if ("path" in made) == ("url" in made):
        raise SourceError(of, "needs either a path or a url")
    if "path" in made:
        made["path"] = folder / made["path"]
    made.setdefault("every", _EVERY["path" if "path" in made else "url"])
    return Source(name=name, **made)


# --- what a rule may say -------------------------------------------------------------------------------


def _text(of: str, rule: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SourceError(of, f"{rule} has to be text")
    return " ".join(value.split())


def _url(of: str, rule: str, value: Any) -> str:
    url = _text(of, rule, value)
    if not re.match(r"https?://[^\s/]", url):
        raise SourceError(of, f"{rule} has to start with http:// or https://")
    return url


def _texts(of: str, rule: str, value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        raise SourceError(of, f'{rule} has to be a list of texts, such as ["2010/*"]')
    return tuple(_text(of, rule, one) for one in listed)


def _columns(of: str, rule: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise SourceError(of, f'{rule} has to say which column is which field: {{ text = "body" }}')
    return {name: _text(of, rule, column) for name, column in value.items()}


def _period(of: str, rule: str, value: Any) -> float:
    found = _PERIOD.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise SourceError(of, f'{rule} has to be a period, such as "90s", "15m", "6h" or "1d"')
    return float(int(found[1]) * _SECONDS[found[2]])


def _number(of: str, rule: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        raise SourceError(of, f"{rule} has to be a number of seconds, up to an hour")
    return float(value)


def _count(of: str, rule: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SourceError(of, f"{rule} has to be a whole number from 1")
    return value


def _one_of(allowed: tuple[str, ...]) -> Callable[[str, str, Any], str]:
    def check(of: str, rule: str, value: Any) -> str:
        if value not in allowed:
            raise SourceError(of, f"{rule} has to be one of {', '.join(allowed)}")
        return str(value)

    return check


_RULES: Mapping[str, Callable[[str, str, Any], Any]] = {
    "path": _text,
    "url": _url,
    "publisher": _text,
    "kind": _one_of(get_args(Kind)),
    "language": _text,
    "include": _texts,
    "exclude": _texts,
    "gone": _one_of(get_args(Gone)),
    "ids": _one_of(get_args(Ids)),
    "columns": _columns,
    "every": _period,
    "allow": lambda of, rule, value: frozenset(_texts(of, rule, value)),
    "limit": _count,
    "delay": _number,
    "contact": _text,
}
