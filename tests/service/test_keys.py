"""Keys: made once, kept as hashes, looked up anew where the file has changed."""

import hmac
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service import cli
from service.keys import KeyNotFound, Keyring, KeysUnusable, expiry, normal_origin
from service.settings import Misconfigured
from tests.conftest import ROOT

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PORTAL = "https://portal.example"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def test_a_key_is_found_by_its_text_and_by_nothing_else(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    text, key = keyring.create(["ingest", "ask", "ask"])
    assert (text[:3], len(text), key.id, key.scopes, key.kind) == ("sk_", 46, text[:11], ("ask", "ingest"), "secret")
    assert keyring.find(text) == key
    for other in ("", text[:-1], text + "x", text[:11], text.swapcase(), "pk_" + text[3:], "\0", "x" * 8000, "é"):
        assert keyring.find(other) is None


def test_the_file_holds_no_key_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "keys.json.new").write_text("left behind by a power cut, for all to read")
    text, key = Keyring(tmp_path).create(["ask"])
    path = tmp_path / "keys.json"
    assert text[11:] not in path.read_text()
    assert key.sha256 in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]


def test_what_is_shown_of_a_key_has_neither_its_text_nor_its_hash(tmp_path: Path) -> None:
    text, key = Keyring(tmp_path, Clock()).create(["ask"], ["HTTPS://Portal.Example:443", PORTAL], NOON + timedelta(1))
    assert key.shown() == {
        "id": text[:11], "kind": "publishable", "scopes": ["ask"], "origins": [PORTAL],
        "created": "2026-03-01T12:00:00Z", "expires": "2026-03-02T12:00:00Z",
    }  # fmt: skip


def test_admin_includes_the_other_scopes(tmp_path: Path) -> None:
    _, admin = Keyring(tmp_path).create(["admin"])
    _, ingest = Keyring(tmp_path).create(["ingest"])
    assert [admin.may("ask"), admin.may("ingest"), admin.may("admin")] == [True] * 3
    assert [ingest.may("ask"), ingest.may("ingest"), ingest.may("admin")] == [False, True, False]


def test_a_key_holds_until_the_moment_that_it_expires(tmp_path: Path) -> None:
    clock = Clock()
    keyring = Keyring(tmp_path, clock)
    text, key = keyring.create(["ask"], expires=NOON + timedelta(hours=1))
    clock.time = NOON + timedelta(minutes=59, seconds=59)
    assert keyring.find(text) == key
    clock.time = NOON + timedelta(hours=1)
    assert keyring.find(text) is None
    assert (keyring.active(), keyring.keys()) == ((), (key,))


def test_what_another_keyring_writes_holds_at_once(tmp_path: Path) -> None:
    serving, administering = Keyring(tmp_path), Keyring(tmp_path)
    assert serving.keys() == ()
    text, key = administering.create(["ask"])
    assert serving.find(text) == key
    administering.revoke(key.id)
    assert serving.find(text) is None
    with pytest.raises(KeyNotFound, match=f"no key {key.id}; `onrecord keys list` shows what there is"):
        administering.revoke(key.id)


def test_a_file_that_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, key = Keyring(tmp_path).create(["ask"])
    reads: list[Path] = []
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        reads.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    keyring = Keyring(tmp_path)
    assert [keyring.find(text), keyring.find(text), keyring.find("unknown")] == [key, key, None]
    assert len(reads) == 1


def test_a_file_that_is_gone_is_no_keys(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    text, _ = keyring.create(["ask"])
    (tmp_path / "keys.json").unlink()
    assert keyring.find(text) is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "\0", '{"format": 2, "keys": []}', '{"format": 1, "keys": [{}]}', '{"keys": 7}']
)
def test_a_damaged_file_lets_nobody_in_and_loses_nothing(tmp_path: Path, content: str) -> None:
    keyring = Keyring(tmp_path)
    text, _ = keyring.create(["ask"])
    path = tmp_path / "keys.json"
    path.write_text(content)
    attempts: list[Callable[[], Any]] = [
        lambda: keyring.find(text),
        keyring.active,
        lambda: keyring.create(["ask"]),
        lambda: keyring.revoke(text[:11]),
    ]
    for attempt in attempts:
        with pytest.raises(KeysUnusable, match="is damaged; put a sound copy in its place"):
            attempt()
    assert path.read_text() == content


def test_a_file_that_cannot_be_read_or_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "keys.json").mkdir()
    with pytest.raises(KeysUnusable, match="cannot be read"):
        Keyring(tmp_path).find("x")
    with pytest.raises(KeysUnusable, match="cannot be written"):
        Keyring(tmp_path / "nowhere").create(["ask"])


def test_every_lookup_compares_in_constant_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known, the half known and the unknown key take the same way, so that time tells nothing."""
    keyring = Keyring(tmp_path)
    text, key = keyring.create(["ask"])
    compared: list[tuple[int, int]] = []
    compare_digest = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return compare_digest(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    found = [keyring.find(one) for one in (text, text[:11] + "x" * 35, "sk_unknown", "")]
    assert found == [key, None, None, None]
    assert compared == [(64, 64)] * 4


def test_processes_that_make_keys_at_once_lose_none(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from service.keys import Keyring\n"
        "for _ in range(15): print(Keyring(Path(sys.argv[1])).create(['ask'])[0])"
    )

    def made(_: int) -> list[str]:
        command = [sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=True)
        return done.stdout.split()

    with ThreadPoolExecutor(2) as two:
        texts = [text for part in two.map(made, range(2)) for text in part]
    keyring = Keyring(tmp_path)
    assert len(texts) == len(keyring.keys()) == 30
    assert all(keyring.find(text) for text in texts)


@pytest.mark.parametrize(
    ("scopes", "origins", "expires", "said"),
    [
        (["ask", "ingest"], [PORTAL], None, "may have no scope but ask"),
        (["admin"], [PORTAL], None, "may have no scope but ask"),
        (["everything"], [], None, "there is no scope 'everything'; there are ask, ingest, admin"),
        ([], [], None, "a key needs a scope"),
        (["ask"], ["*"], None, "is no origin"),
        (["ask"], [], NOON, "would never work"),
    ],
)
def test_a_key_that_cannot_be_meant_is_not_made(
    tmp_path: Path, scopes: list[str], origins: list[str], expires: datetime | None, said: str
) -> None:
    with pytest.raises(Misconfigured, match=said):
        Keyring(tmp_path, Clock()).create(scopes, origins, expires)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (PORTAL, PORTAL),
        ("HTTP://Portal.Example:80", "http://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://portal.example:443", "http://portal.example:443"),
        ("http://[0:0::1]:8000", "http://[::1]:8000"),
        ("https://portal.example/", None),
        ("https://portal.example/path", None),
        ("https://*.example", None),
        ("https://user@portal.example", None),
        ("https://portal.example?", None),
        ("https://portal.example:0", None),
        ("https://portal.example:65536", None),
        ("https://portal.example:", None),
        ("https://portal.example\n", None),
        ("https://pörtal.example", None),
        ("https://[::1", None),
        ("https://[1.2.3.4]", None),
        ("ftp://portal.example", None),
        ("portal.example", None),
        ("https://", None),
        ("null", None),
        ("", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(text: str, normal: str | None) -> None:
    assert normal_origin(text) == normal


def test_an_expiry_is_a_day_or_a_number_of_days() -> None:
    assert expiry("2027-01-31", NOON) == datetime(2027, 1, 31, tzinfo=UTC)
    assert expiry("90d", NOON) == NOON + timedelta(days=90)


@pytest.mark.parametrize("text", ["", "d", "soon", "90", "-1d", "99999d", "2027-02-30", "٣d", "90 d"])
def test_an_expiry_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="is no day; write 2027-01-31, or 90d"):
        expiry(text, NOON)


# The command line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like an archive's; keys need no more of it."""
    (tmp_path / "archive.db").touch()
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def onrecord(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["onrecord", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return onrecord


Run = Callable[..., tuple[int, str, str]]


def test_a_key_is_printed_once_and_listed_by_its_first_characters(run: Run, folder: Path) -> None:
    code, out, _ = run("keys", "create", "--scope", "ask", "--scope", "ingest", "--archive", str(folder), "--json")
    made = json.loads(out)
    text = made.pop("key")
    assert (code, made["id"], made["scopes"], made["expires"]) == (0, text[:11], ["ask", "ingest"], None)
    _, listed, _ = run("keys", "list", "--archive", str(folder), "--json")
    assert json.loads(listed) == {"keys": [{**made, "expired": False}]}
    _, table, _ = run("keys", "list", "--archive", str(folder))
    assert made["id"] in table
    assert not any(text[11:] in shown or "sha256" in shown for shown in (listed, table))


def test_a_key_for_people_stands_alone_in_its_line(run: Run, folder: Path) -> None:
    origin = ("--origin", PORTAL, "--origin", "http://localhost:3000")
    _, out, _ = run("keys", "create", *origin, "--expires", "2999-01-31", "--archive", str(folder))
    first, rest = out.split("\n", 1)
    assert Keyring(folder).find(first)
    assert first.startswith("pk_")
    assert "It may ask from pages of https://portal.example, http://localhost:3000, until 2999-01-31 00:00" in rest


def test_an_expired_key_is_marked(run: Run, folder: Path) -> None:
    Keyring(folder, Clock()).create(["ask"], expires=NOON + timedelta(1))
    assert "expired 2026-03-02" in run("keys", "list", "--archive", str(folder))[1]
    assert json.loads(run("keys", "list", "--archive", str(folder), "--json")[1])["keys"][0]["expired"]


def test_a_key_is_revoked_by_its_id(run: Run, folder: Path) -> None:
    text, key = Keyring(folder).create(["ask"])
    assert run("keys", "revoke", key.id, "--archive", str(folder)) == (0, f"revoked {key.id}\n", "")
    assert Keyring(folder).find(text) is None
    code, out, error = run("keys", "revoke", key.id, "--archive", str(folder))
    assert (code, out, error) == (1, "", f"onrecord: no key {key.id}; `onrecord keys list` shows what there is\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["create", "--scope", "all"], 2, "there is no scope 'all'"),
        (["create", "--scope", "ingest", "--origin", PORTAL], 2, "may have no scope but ask"),
        (["create", "--origin", PORTAL + "/"], 2, "is no origin"),
        (["create", "--expires", "soon"], 2, "is no day"),
        (["create", "--expires", "2001-01-01"], 2, "would never work"),
        (["create", "--expires", "0d"], 2, "would never work"),
        (["revoke"], 2, "Missing argument"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(
    run: Run, folder: Path, arguments: list[str], code: int, said: str
) -> None:
    ended, out, error = run("keys", *arguments, "--archive", str(folder))
    assert (ended, out) == (code, "")
    assert said in error
    assert not (folder / "keys.json").exists()


@pytest.mark.parametrize("arguments", [["create"], ["list"], ["revoke", "sk_abcdefgh"]])
def test_keys_belong_to_an_archive(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    code, _, error = run("keys", *arguments, "--archive", str(tmp_path / "nowhere"))
    assert code == 1
    assert "make one with: onrecord ingest SOURCE" in error


@pytest.mark.parametrize("command", [["keys"], ["keys", "create"], ["keys", "list"], ["keys", "revoke"]])
def test_every_command_of_keys_has_help(run: Run, command: list[str]) -> None:
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert "Usage:" in out


# Serving to others


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "portal.example", ""])
@pytest.mark.parametrize("closed", [[], ["--no-public-ask"]])
def test_others_are_not_served_before_somebody_has_a_key(run: Run, folder: Path, host: str, closed: list[str]) -> None:
    Keyring(folder, Clock()).create(["ask"], expires=NOON + timedelta(1))  # expired: nobody has one
    code, out, error = run("serve", "--host", host, *closed, "--archive", str(folder))
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert f"`onrecord keys create --archive {folder}`, or pass --public-ask" in error


@pytest.mark.parametrize(
    "arguments", [[], ["--host", "localhost"], ["--host", "127.0.0.9"], ["--host", "0.0.0.0", "--public-ask"]]
)
def test_this_machine_is_served_and_others_on_purpose(run: Run, folder: Path, arguments: list[str]) -> None:
    """The next thing that goes wrong is then the archive, whose database is empty here."""
    code, _, error = run("serve", *arguments, "--archive", str(folder))
    assert code == 1
    assert "archive.db" in error


def test_others_are_served_where_there_is_a_key(run: Run, folder: Path) -> None:
    Keyring(folder).create(["ask"])
    code, _, error = run("serve", "--host", "0.0.0.0", "--archive", str(folder))
    assert code == 1
    assert "archive.db" in error
