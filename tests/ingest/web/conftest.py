import ssl
from collections.abc import Iterator

import pytest

from ingest.web.fetch import Fetcher, Limits
from tests.ingest.web.site import Clock, Names, Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    """Knows three hosts on loopback, of which two are allowed; no time passes while it waits."""
    names = Names(news_test=["127.0.0.1"], other_test=["127.0.0.1"], intranet_test=["127.0.0.1"])
    allow = {"news.test", "other.test"}
    limits = Limits(bytes=100_000, seconds=5)
    # One that trusts nobody; to load those whom all the world trusts takes longer than a test.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with Fetcher(allow=allow, limits=limits, tls=tls, resolve=names, clock=clock, sleep=clock.sleep) as fetcher:
        yield fetcher
