import ipaddress

import pytest

from ingest.web.addresses import Allowed, is_public, look_up, permitted
from ingest.web.failures import NotPermitted
from retrieval.errors import InvalidRequest
from tests.ingest.web.site import Names


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *[
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.2.1",
            "192.168.1.1",
        ],
        *["198.18.0.1", "224.0.1.1", "240.0.0.1", "255.255.255.255"],
        *["::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff0e::1", "2001:db8::1", "3fff::1", "5f00::1"],
        # Private addresses in the clothes of others: mapped, compatible, translated, tunnelled.
        *["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::"],
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_all_other_addresses_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("name", "host", "port", "allowed"),
    [
        ("localhost", "localhost", 8000, True),
        ("LocalHost.", "localhost", 80, True),
        ("localhost:8000", "localhost", 8000, True),
        ("localhost:8000", "localhost", 8001, False),
        ("localhost", "evil.localhost", 80, False),
        ("127.0.0.1", "127.0.0.1", 8000, True),
        ("127.0.0.0/8", "localhost", 8000, True),
        ("[::1]:8000", "::1", 8000, True),
        ("[::1]:8000", "::1", 8001, False),
        ("::1", "::1", 8000, True),
        ("10.0.0.0/8", "localhost", 80, False),
    ],
)
def test_what_is_not_public_is_allowed_by_name(name: str, host: str, port: int, allowed: bool) -> None:
    names = Names(localhost=["127.0.0.1"], evil_localhost=["127.0.0.1"])
    if allowed:
        assert permitted(host, port, Allowed.parse([name]), names)
    else:
        with pytest.raises(NotPermitted, match="by name if it is meant"):
            permitted(host, port, Allowed.parse([name]), names)


@pytest.mark.parametrize("name", ["", "http://localhost", "a b", "localhost:http", ":80", "10.0.0.1/8"])
def test_a_name_that_allows_nothing_is_an_error(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be allowed"):
        Allowed.parse([name])


def test_only_the_usual_ports_of_public_hosts_are_open_unless_named() -> None:
    names = Names(news_test=["8.8.8.8"])
    assert permitted("news.test", 443, Allowed(), names) == ["8.8.8.8"]
    with pytest.raises(NotPermitted, match="neither 80 nor 443"):
        permitted("news.test", 22, Allowed(), names)
    assert permitted("news.test", 8080, Allowed.parse(["news.test:8080"]), names) == ["8.8.8.8"]


def test_of_several_addresses_only_the_public_ones_are_kept() -> None:
    assert permitted("news.test", 80, Allowed(), Names(news_test=["10.0.0.1 8.8.8.8 ::1"])) == ["8.8.8.8"]


@pytest.mark.parametrize("host", ["unknown.test", "a" * 64 + ".test"])
def test_a_host_that_is_not_there_is_an_error(host: str) -> None:
    with pytest.raises(NotPermitted, match="look for a slip"):
        permitted(host, 80, Allowed(), Names())


def test_the_system_knows_loopback() -> None:
    assert "127.0.0.1" in look_up("127.0.0.1", 80)
