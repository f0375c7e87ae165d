"""The widget: its files, the same for everybody and for pages of any origin, and the tag that embeds it."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.exceptions import HTTPException
from fastapi.responses import Response

from service.caching import of_bytes
from service.settings import Misconfigured

_FOLDER = Path(__file__).parent / "static" / "widget"
# Types have no registered media type, and the one that the ending .ts is known for is a video.
_MEDIA_TYPES = {".js": "text/javascript", ".ts": "text/plain"}

# What attributes, events, slots and parts mean; another number when a page that uses them would have to change.
INTERFACE = "1"
RELEASE = version("onrecord")
_CACHING = {INTERFACE: "public, max-age=300", RELEASE: "public, max-age=31536000, immutable"}
# Scripts with an integrity are fetched with CORS; pages with Cross-Origin-Embedder-Policy ask for the other.
_FOR_ALL = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

MODES = ("inline", "dialog", "launcher")
THEMES = ("auto", "light", "dark")
LABEL = "Ask the archive"
# Stands for a key that has not been made yet.
PLACEHOLDER = "pk_YOUR_KEY"

router = APIRouter(prefix="/widget", include_in_schema=False)


@router.get("/{release}/{name}")
async def widget_file(request: Request, release: str, name: str) -> Response:
    """A file of the widget: of this release for ever, or of whatever release has this interface for some minutes."""
    files = {path.name: path for path in _FOLDER.iterdir() if path.suffix in _MEDIA_TYPES}
    if release not in _CACHING or name not in files:
        raise HTTPException(404)
    headers = {**_FOR_ALL, "Cache-Control": _CACHING[release]}
    return of_bytes(request, files[name].read_bytes(), _MEDIA_TYPES[files[name].suffix], headers)


@dataclass(frozen=True, slots=True)
class Tag:
    """What a portal pastes.

    Attributes:
        script: Address of the script.
        integrity: Its SHA-384, as browsers check it (W3C Subresource Integrity); None where it is not pinned.
        html: The script, that of another language if need be, the element, and in it the form that visitors without
            the script get.
    """

    script: str
    integrity: str | None
    html: str


def tag(service: str, key: str, attributes: Mapping[str, str], *, pinned: bool = True) -> Tag:
    """The tag that embeds the widget.

    A hash and an address that changes its content go together badly: the first release after the tag was pasted would
    stop the widget. So a pinned tag names this very release, and one that follows the releases has no hash.

    Args:
        service: Address of the service as visitors reach it.
        key: A publishable key.
        attributes: Further attributes of the element by name; ``label`` is what the form is labelled with too.
        pinned: Whether the page runs these very bytes or nothing.

    Raises:
        Misconfigured: The address is none of the web, the key is not for a page, or ``locale`` is of a language that
            the widget does not speak.
    """
    base = _base(service)
    _check_publishable(key)
    folder = f"{base}/widget/{RELEASE if pinned else INTERFACE}"
    hashes = {name: _sha384((_FOLDER / name).read_bytes()) if pinned else None for name in _scripts(attributes)}
    scripts = [
        f"<script defer{_written({'src': f'{folder}/{name}', 'integrity': integrity})} crossorigin></script>\n"
        for name, integrity in hashes.items()
    ]
    html = (
        f"{''.join(scripts)}<archive-ask{_written({'site-key': key, **attributes})}>\n"
        f'  <form role="search"{_written({"action": f"{base}/ask"})}>'
        f'<label>{escape(attributes.get("label", LABEL))} <input name="q"></label><button>Ask</button></form>\n'
        "</archive-ask>"
    )
    return Tag(f"{folder}/ask.js", hashes["ask.js"], html)


def _scripts(attributes: Mapping[str, str]) -> list[str]:
    """The widget's script, which speaks English, and the one of another language."""
    language = attributes.get("locale", "en").partition("-")[0].lower()
    spoken = {path.stem for path in _FOLDER.glob("*.js")} - {"ask"} | {"en"}
    if language not in spoken:
        raise Misconfigured(
            f"--locale: the widget has no strings for {language!r}; it speaks {', '.join(sorted(spoken))}"
        )
    return ["ask.js"] if language == "en" else ["ask.js", f"{language}.js"]


def _written(attributes: Mapping[str, str | None]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value is not None)


def _sha384(content: bytes) -> str:
    return f"sha384-{b64encode(hashlib.sha384(content).digest()).decode()}"


def _base(service: str) -> str:
    try:
        split = urlsplit(service)
    except ValueError:
        split = urlsplit("")
    if split.scheme not in ("http", "https") or not split.hostname or split.query or split.fragment or split.username:
        raise Misconfigured(f"--service {service!r} is no address of a service; write https://service.example")
    return service.rstrip("/")


def _check_publishable(key: str) -> None:
    # Without the key in the message: it is shown, and may be kept, where errors go.
    if key.startswith("sk_"):
        raise Misconfigured(
            "a secret key (sk_) must never stand in a page, where anybody can read it; make a publishable one with "
            "`onrecord keys create --origin https://your-portal.example`"
        )
    if not key.startswith("pk_"):
        raise Misconfigured("--key takes a publishable key, which begins with pk_; `onrecord keys create --origin ...`")
