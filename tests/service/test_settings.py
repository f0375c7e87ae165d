"""The settings as people see them: in the command, in the README, in the files of a deployment."""

import json
import re
from pathlib import Path

import pytest

from service.settings import Misconfigured, Settings, described, load
from tests.conftest import ROOT
from tests.service.test_cli import onrecord

README = (ROOT / "README.md").read_text()


def test_the_table_of_the_readme_is_that_of_the_code() -> None:
    expected = [
        f"| `{one.name}` | {one.default} | {one.description} |" for one in described(Settings.model_construct())
    ]
    head = README.index("| Setting |")
    rows = README[head : README.index("\n\n", head)].splitlines()[2:]
    assert rows == expected


def test_every_variable_that_is_written_of_exists() -> None:
    files = [ROOT / "README.md", *(path for path in (ROOT / "docs").rglob("*") if path.suffix not in {".png", ".svg"})]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
    named = set(re.findall(r"ONRECORD_[A-Z0-9_]+", text))
    assert "ONRECORD_OTLP_ENDPOINT" in named
    assert named <= {one.variable for one in described(Settings())}


def test_every_setting_says_what_it_does() -> None:
    assert all(one.description.endswith(".") for one in described(Settings()))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("memory://", "memory://"),
        ("redis://10.0.0.1:6379/0", "redis://10.0.0.1:6379/0"),
        ("redis://:hunter2@cache:6379/0", "redis://***@cache:6379/0"),
        ("redis://me:hun/ter2#@h?@cache:6379", "redis://***@cache:6379"),
        ("redis+sentinel://:hunter2@a:1,b:2/master", "redis+sentinel://***@a:1,b:2/master"),
        ("rediss://cache/0?password=hunter2&ssl=1", "rediss://cache/0?***"),
        ("redis://cache/0?password=hunter2@x", "redis://***@x"),
    ],
)
def test_a_password_in_an_address_is_not_shown(address: str, shown: str) -> None:
    (one,) = (one for one in described(Settings(rate_storage=address)) if one.name == "rate_storage")
    assert (one.value, one.default) == (shown, "memory://")


def test_values_are_written_as_they_are_set() -> None:
    values = {one.name: one.value for one in described(Settings(public_ask=True, archive=Path("/srv/a"), queue=0))}
    assert (values["public_ask"], values["archive"], values["queue"]) == ("true", "/srv/a", "0")
    assert (values["otlp_endpoint"], values["rate_local"]) == ("unset", "empty")


def test_the_command_lists_all_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_RATE_STORAGE", "redis://:hunter2@cache:6379/0")
    listed = onrecord("settings", "--json", "--archive", "elsewhere")
    found = {one["name"]: one for one in json.loads(listed.stdout)["settings"]}
    assert list(found) == list(Settings.model_fields)
    assert (found["archive"]["value"], found["archive"]["variable"]) == ("elsewhere", "ONRECORD_ARCHIVE")
    printed = onrecord("settings").stdout
    assert "ONRECORD_PORT" in printed.replace("\n", "")
    assert "hunter2" not in listed.stdout + printed


def test_a_setting_that_cannot_be_meant_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_WORKERS", "many")
    with pytest.raises(Misconfigured, match=r"workers \(ONRECORD_WORKERS\)"):
        load()
    told = onrecord("settings")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
