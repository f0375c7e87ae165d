"""The demonstration's portal: what it serves, and what it leaves behind."""

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from service.keys import Keyring
from service.portal import portal
from service.settings import Misconfigured

SERVICE = "http://127.0.0.1:8000"


def test_its_key_is_for_its_very_origin_expires_within_a_day_and_is_revoked_at_the_end(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    with portal(keyring, SERVICE, 0) as origin:
        (key,) = keyring.keys()
        assert (key.kind, key.scopes, key.origins) == ("publishable", ("ask",), (origin,))
        assert key.expired(datetime.now(UTC) + timedelta(days=1))
        page = httpx.get(f"{origin}/")
        assert page.text.count(key.id) == 1
        assert page.headers["cache-control"] == "no-store"
        for directive in ("default-src 'none'", f"script-src 'self' {SERVICE}", "require-trusted-types-for 'script'"):
            assert directive in page.headers["content-security-policy"]
        assert httpx.get(f"{origin}/files/portal.js").status_code == 200
        assert httpx.get(f"{origin}/files/..%2fsite.css").status_code == 404
        assert httpx.get(f"{origin}/keys.json").status_code == 404
    assert keyring.keys() == ()


def test_its_key_is_revoked_whatever_ends_it_and_may_have_been_before(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    with pytest.raises(KeyboardInterrupt), portal(keyring, SERVICE, 0):
        raise KeyboardInterrupt
    assert keyring.keys() == ()
    with portal(keyring, SERVICE, 0):
        keyring.revoke(keyring.keys()[0].id)
    assert keyring.keys() == ()


def test_a_key_takes_the_place_of_one_that_is_about_to_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring(tmp_path)
    monkeypatch.setattr("service.portal._LIFE", timedelta(minutes=59))
    with portal(keyring, SERVICE, 0) as origin:
        first = keyring.keys()[0].id
        page = httpx.get(f"{origin}/").text
        assert first not in page
        assert keyring.keys()[1].id in page
    assert keyring.keys() == ()


def test_a_port_that_is_taken_is_said_and_leaves_no_key(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Misconfigured, match=f"--demo-portal {port}: .*name another port"),
            portal(Keyring(tmp_path), SERVICE, port),
        ):
            pass
    assert Keyring(tmp_path).keys() == ()
