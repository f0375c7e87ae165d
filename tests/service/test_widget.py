"""The files of the widget, and the tag that embeds it."""

import hashlib
import json
import sys
from base64 import b64encode
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest

from retrieval.archive import Archive
from service.cli import main
from service.keys import Keyring
from service.settings import Misconfigured, Settings, local_address
from service.widget import RELEASE, tag
from tests.conftest import ROOT
from tests.service.problem import problem_of

SCRIPT = ROOT / "service" / "static" / "widget" / "ask.js"
FOR_EVER, FOR_NOW = f"/widget/{RELEASE}", "/widget/1"
PORTAL = "https://portal.example"
KEY = "pk_" + "x" * 43


# Files


@pytest.mark.parametrize(
    ("folder", "caching"),
    [(FOR_EVER, "public, max-age=31536000, immutable"), (FOR_NOW, "public, max-age=300")],
)
@pytest.mark.parametrize(
    ("name", "media_type"),
    [("ask.js", "text/javascript"), ("de.js", "text/javascript"), ("ask.d.ts", "text/plain")],
)
def test_pages_of_any_origin_may_load_the_files_and_keep_them(
    client: httpx.Client, folder: str, caching: str, name: str, media_type: str
) -> None:
    got = client.get(f"{folder}/{name}", headers={"origin": PORTAL})
    assert (got.status_code, got.content) == (200, (SCRIPT.parent / name).read_bytes())
    again = client.get(f"{folder}/{name}", headers={"if-none-match": got.headers["etag"]})
    head = client.head(f"{folder}/{name}")
    assert (again.status_code, again.content, head.status_code, head.content) == (304, b"", 200, b"")
    assert got.headers["content-type"] == f"{media_type}; charset=utf-8"
    for answer in (got, again, head):
        told = answer.headers
        assert told["cache-control"] == caching
        assert told["access-control-allow-origin"] == "*"
        assert told["cross-origin-resource-policy"] == "cross-origin"
        assert told["x-content-type-options"] == "nosniff"
        assert told["etag"] == got.headers["etag"]
        assert not {"set-cookie", "access-control-allow-credentials"} & told.keys()
        assert told.get("vary", "Accept-Encoding") == "Accept-Encoding"


def test_the_script_comes_in_12_kilobytes_at_most(client: httpx.Client) -> None:
    told = client.get(f"{FOR_NOW}/ask.js").headers
    assert told["content-encoding"] == "gzip"
    assert int(told["content-length"]) <= 12_288


@pytest.mark.parametrize(
    "path",
    [
        "/widget/",
        "/widget/ask.js",
        "/widget/2/ask.js",
        "/widget/0.0.1/ask.js",
        f"{FOR_NOW}/",
        f"{FOR_NOW}/site.css",
        f"{FOR_NOW}/..%2Fsite.css",
        f"{FOR_NOW}/%2e%2e/site.css",
        f"{FOR_NOW}/ask.js%00",
        f"{FOR_NOW}/ask.js/",
    ],
)
def test_there_is_nothing_else(client: httpx.Client, path: str) -> None:
    problem_of(client.get(path), 404)


def test_nothing_is_put_there(client: httpx.Client) -> None:
    problem_of(client.post(f"{FOR_NOW}/ask.js"), 405)


# The tag


class Elements(HTMLParser):
    """The elements of a fragment with their attributes, by name; each stands in it once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in self.found
        self.found[tag] = dict(attrs)


def test_a_pinned_tag_names_this_release_and_the_hash_of_what_is_served(client: httpx.Client) -> None:
    service = str(client.base_url).rstrip("/")
    made = tag(f"{service}/", KEY, {"mode": "dialog"})
    served = client.get(made.script).content
    assert made.script == f"{service}/widget/{RELEASE}/ask.js"
    assert made.integrity == "sha384-" + b64encode(hashlib.sha384(served).digest()).decode()
    assert made.html == (
        f'<script defer src="{made.script}" integrity="{made.integrity}" crossorigin></script>\n'
        f'<archive-ask site-key="{KEY}" mode="dialog">\n'
        f'  <form role="search" action="{service}/ask"><label>Ask the archive <input name="q"></label>'
        "<button>Ask</button></form>\n"
        "</archive-ask>"
    )


def test_a_tag_that_follows_the_releases_has_no_hash() -> None:
    made = tag("https://service.example/onrecord", KEY, {}, pinned=False)
    assert (made.script, made.integrity) == ("https://service.example/onrecord/widget/1/ask.js", None)
    assert "integrity" not in made.html


def test_a_tag_in_another_language_has_its_script_too(client: httpx.Client) -> None:
    service = str(client.base_url).rstrip("/")
    first, second, *_ = tag(service, KEY, {"locale": "de-AT"}).html.splitlines()
    assert first in tag(service, KEY, {}).html
    found = Elements(second).found["script"]
    digest = hashlib.sha384(client.get(str(found["src"])).content).digest()
    assert found["src"] == f"{service}{FOR_EVER}/de.js"
    assert found["integrity"] == "sha384-" + b64encode(digest).decode()
    with pytest.raises(Misconfigured, match=r"no strings for 'ask'; it speaks de, en"):
        tag(service, KEY, {"locale": "ask"})


def test_nothing_that_is_given_leaves_its_attribute() -> None:
    hostile = "\"'><script>alert(1)</script>&amp;"
    found = Elements(tag(f"https://x.example/{hostile}", f"pk_{hostile}", {"label": hostile}).html).found
    assert found.keys() == {"script", "archive-ask", "form", "label", "input", "button"}
    assert found["archive-ask"] == {"site-key": f"pk_{hostile}", "label": hostile}
    assert found["form"]["action"] == f"https://x.example/{hostile}/ask"


@pytest.mark.parametrize(
    "service", ["", "service.example", "//x", "javascript:alert(1)", "ftp://x", "https://", "https://[", "https://a@b",
                "https://x/?q=1", "https://x/#y"],
)  # fmt: skip
def test_a_service_is_an_address_of_the_web(service: str) -> None:
    with pytest.raises(Misconfigured, match="no address of a service"):
        tag(service, KEY, {})


@pytest.mark.parametrize("key", ["sk_secret", "secret", ""])
def test_no_key_but_a_publishable_one_gets_into_a_page_or_into_a_message(key: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        tag("https://service.example", key, {})
    assert "sk_secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000"),
     ("archive.example", "http://archive.example:8000")],
)  # fmt: skip
def test_browsers_on_the_same_machine_reach_the_service(host: str, address: str) -> None:
    assert local_address(Settings(host=host)) == address


Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `onrecord widget`: its exit code, what it prints, and what it says on standard error."""

    def ran(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["onrecord", "widget", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return ran


def test_the_command_prints_the_tag(run: Run) -> None:
    given = ("--key", KEY, "--service", "https://service.example", "--mode", "launcher", "--theme", "dark")
    expected = tag("https://service.example", KEY, {"mode": "launcher", "theme": "dark", "label": "Ask <us>"})
    assert run(*given, "--label", "Ask <us>") == (0, f"{expected.html}\n", "")


def test_the_command_prints_the_parts_of_the_tag(run: Run) -> None:
    code, printed, _ = run("--key", KEY, "--no-pin", "--json")
    parts = json.loads(printed)
    assert (code, parts["script"], parts["integrity"]) == (0, "http://127.0.0.1:8000/widget/1/ask.js", None)
    assert parts["html"] == tag("http://127.0.0.1:8000", KEY, {"mode": "inline"}, pinned=False).html


def test_the_command_says_how_to_make_a_key_where_none_is_given(run: Run) -> None:
    code, printed, said = run()
    assert code == 0
    assert 'site-key="pk_YOUR_KEY"' in printed
    assert "onrecord keys create --origin" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--key", "sk_very-secret"], "a secret key (sk_) must never stand in a page"),
        (["--mode", "popup"], "'popup' is none of inline, dialog, launcher"),
        (["--theme", "blue"], "'blue' is none of auto, light, dark"),
        (["--service", "service.example"], "no address of a service"),
    ],
)
def test_the_command_refuses_what_cannot_be_meant(run: Run, arguments: list[str], said: str) -> None:
    code, printed, told = run(*arguments)
    assert (code, printed) == (2, "")
    assert said in " ".join(told.replace("│", " ").split())
    assert "very-secret" not in told


def test_the_command_sees_that_a_key_holds(run: Run, archive: Archive) -> None:
    keyring = Keyring(archive.path)
    text, key = keyring.create(["ask"], [PORTAL])
    assert run("--key", text, "--archive", str(archive.path))[0] == 0
    keyring.revoke(key.id)
    code, printed, said = run("--key", text, "--archive", str(archive.path))
    assert (code, printed, text in said) == (2, "", False)
    assert "unknown in" in said
