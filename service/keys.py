"""Keys: made once, kept as hashes beside the archive, looked up for every request that presents one."""

import fcntl
import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from retrieval.errors import OnRecordError
from retrieval.files import write_whole
from service.settings import Misconfigured

Kind = Literal["secret", "publishable"]
KeyScope = Literal["ask", "ingest", "admin"]

_PREFIXES: Mapping[Kind, str] = {"secret": "sk_", "publishable": "pk_"}
_ID_LENGTH = len("sk_") + 8
# What an unknown key is compared with, so that it takes as long to refuse as a wrong one: no text hashes to it.
_NO_HASH = "-" * 64

_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DAYS = re.compile(r"([0-9]{1,4})d")


class KeysUnusable(OnRecordError):
    """The file of the keys cannot be read, written or understood."""


class KeyNotFound(OnRecordError):
    """No key has that id."""


class Key(BaseModel):
    """What is kept of a key.

    Attributes:
        id: Its first characters, by which people speak of it; not secret.
        kind: A secret key stays on a server; a publishable one stands in a page that anybody may read.
        scopes: What it may; admin includes the others.
        origins: The pages that a publishable key works from, as browsers write them in the header Origin.
        created: When it was made.
        expires: The moment from which on it is refused; None is never.
        sha256: Of the key's text, in hexadecimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Kind
    scopes: tuple[KeyScope, ...]
    origins: tuple[str, ...]
    created: AwareDatetime
    expires: AwareDatetime | None
    sha256: str

    def may(self, scope: KeyScope) -> bool:
        """Whether it has a scope."""
        return scope in self.scopes or "admin" in self.scopes

    def expired(self, now: datetime) -> bool:
        """Whether it is refused by now."""
        return self.expires is not None and self.expires <= now

    def shown(self) -> dict[str, Any]:
        """What people may see of it, for JSON."""
        return self.model_dump(mode="json", exclude={"sha256"})


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    keys: tuple[Key, ...] = ()


def _utc() -> datetime:
    return datetime.now(UTC)


class Keyring:
    """The keys of an archive, in its file ``keys.json``; any number of processes may use one at a time.

    A look at the file's status before each use tells whether another process has written it, so that a key holds, or
    no longer does, from the next request on.
    """

    def __init__(self, archive: Path, now: Callable[[], datetime] = _utc) -> None:
        """Read nothing yet.

        Args:
            archive: Folder of the archive. No file there means no keys.
            now: The clock that keys expire by; it gives times with a time zone.
        """
        self._path = archive / "keys.json"
        self._now = now
        self._seen: tuple[int, int, int] | None = None
        self._known: Mapping[str, Key] = {}

    def find(self, text: str) -> Key | None:
        """The key that a text is, if it is one and has not expired.

        Raises:
            KeysUnusable: The file cannot be read or understood.
        """
        known = self._read().get(text[:_ID_LENGTH])
        same = hmac.compare_digest(_sha256(text), known.sha256 if known else _NO_HASH)
        return known if known and same and not known.expired(self._now()) else None

    def keys(self) -> tuple[Key, ...]:
        """All keys, oldest first.

        Raises:
            KeysUnusable: See ``find``.
        """
        return tuple(self._read().values())

    def active(self) -> tuple[Key, ...]:
        """The keys that have not expired.

        Raises:
            KeysUnusable: See ``find``.
        """
        now = self._now()
        return tuple(key for key in self.keys() if not key.expired(now))

    def create(
        self, scopes: Sequence[str], origins: Sequence[str] = (), expires: datetime | None = None
    ) -> tuple[str, Key]:
        """Make a key.

        Args:
            scopes: What it may: ask, ingest, admin.
            origins: Make it a publishable one, for pages of these origins; it may only ask.
            expires: The moment from which on it is refused.

        Returns:
            Its text, which is kept nowhere and cannot be had again, and what is kept of it.

        Raises:
            Misconfigured: Scopes, origins or expiry that cannot be meant.
            KeysUnusable: The file cannot be read, understood or written.
        """
        kind: Kind = "publishable" if origins else "secret"
        given = _scopes(scopes)
        if kind == "publishable" and given != ("ask",):
            raise Misconfigured("a key with --origin is for anybody to see, and may have no scope but ask")
        now = self._now()
        if expires is not None and expires <= now:
            raise Misconfigured(f"a key that expires on {expires:%Y-%m-%d} would never work; give a later day")
        origins = tuple(dict.fromkeys(_given_origin(text) for text in origins))
        with self._locked():
            known = self._read()
            text = _new_text(kind)
            while text[:_ID_LENGTH] in known:
                text = _new_text(kind)
            key = Key(
                id=text[:_ID_LENGTH],
                kind=kind,
                scopes=given,
                origins=origins,
                created=now.replace(microsecond=0),
                expires=expires,
                sha256=_sha256(text),
            )
            self._write((*known.values(), key))
        return text, key

    def revoke(self, key_id: str) -> None:
        """Forget a key: it is refused from now on.

        Raises:
            KeyNotFound: There is none of that id.
            KeysUnusable: The file cannot be read, understood or written.
        """
        with self._locked():
            known = self._read()
            if key_id not in known:
                raise KeyNotFound(f"no key {key_id}; `onrecord keys list` shows what there is")
            self._write([key for key in known.values() if key.id != key_id])

    def _read(self) -> Mapping[str, Key]:
        try:
            # The status first: what replaces the file in between is read now, and once more the next time.
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen != self._seen:
                self._known = {key.id: key for key in _File.model_validate_json(self._path.read_bytes()).keys}
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._known = None, {}
        except OSError as error:
            raise KeysUnusable(
                f"{self._path} cannot be read ({error.strerror}); make keys as the user who runs the service"
            ) from error
        except ValidationError as error:
            raise KeysUnusable(
                f"{self._path} is damaged; put a sound copy in its place, or remove it and make new keys"
            ) from error
        return self._known

    def _write(self, keys: Sequence[Key]) -> None:
        content = _File(keys=tuple(keys)).model_dump_json(indent=2)
        write_whole(self._path, content.encode(), mode=0o600)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among the processes that change the keys; the folder is the lock, which leaves no file behind."""
        try:
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)
        except OSError as error:
            raise KeysUnusable(f"{self._path} cannot be written ({error.strerror})") from error


def normal_origin(text: str) -> str | None:
    """An origin as browsers write it (RFC 6454, 6.2): lower case, no default port; None if it is none of the web."""
    match = _ORIGIN.fullmatch(text.lower())
    if match is None:
        return None
    scheme, host, port = match[1], match[2], match[3]
    if host.startswith("["):
        try:
            host = f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            return None
    if port is None or int(port) == _DEFAULT_PORTS[scheme]:
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{int(port)}" if 1 <= int(port) <= 65535 else None


def expiry(text: str, now: datetime | None = None) -> datetime:
    """The moment that a person means by a day (its begin, UTC) or by a number of days from now.

    Args:
        text: Such as ``2027-01-31`` or ``90d``.
        now: The moment to count days from; None is the present one.

    Raises:
        Misconfigured: It is neither.
    """
    if match := _DAYS.fullmatch(text):
        return (now or _utc()).replace(microsecond=0) + timedelta(days=int(match[1]))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"--expires {text!r} is no day; write 2027-01-31, or 90d for 90 days from now") from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _scopes(given: Sequence[str]) -> tuple[KeyScope, ...]:
    """The scopes once each, in the order of their weight."""
    known: tuple[KeyScope, ...] = get_args(KeyScope)
    for scope in given:
        if scope not in known:
            raise Misconfigured(f"there is no scope {scope!r}; there are {', '.join(known)}")
    if not given:
        raise Misconfigured("a key needs a scope")
    return tuple(scope for scope in known if scope in given)


def _given_origin(text: str) -> str:
    if (origin := normal_origin(text)) is None:
        raise Misconfigured(
            f"--origin {text!r} is no origin; write scheme, host and, if it is not the usual one, port, nothing after "
            "them: https://portal.example"
        )
    return origin


def _new_text(kind: Kind) -> str:
    return _PREFIXES[kind] + secrets.token_urlsafe(32)


def _sha256(text: str) -> str:
    """The hash that a key is kept as.

    A fast one is enough: slow hashes make up for passwords that can be guessed, and 256 random bits cannot.
    """
    return hashlib.sha256(text.encode()).hexdigest()
