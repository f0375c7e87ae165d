"""How often who may ask, counted by the library ``limits``.

Sliding window counters: two numbers for each one who is counted and each rate, whatever the rate, where moving
windows keep the time of every request (a key at 60000/minute would hold as many entries), and without the double
helping that fixed windows serve around their ends.
"""

import ipaddress
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from retrieval.errors import OnRecordError
from service.keys import Key
from service.settings import Misconfigured, Settings

# Seconds until a storage that does not answer counts as unreachable; every request waits for it.
_STORAGE_TIMEOUT = 1.0


class LimitsUnavailable(OnRecordError):
    """Uses cannot be counted, because their storage cannot be reached."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left to one who asks, by the tightest of the rates that apply.

    Attributes:
        exceeded: Whether this request is one too many.
        limit: Requests in a window.
        remaining: Requests that are left.
        reset: Seconds until there is one more.
        policies: All the rates that were looked at, as ``RateLimit-Policy`` writes them.
    """

    exceeded: bool
    limit: int
    remaining: int
    reset: int
    policies: tuple[str, ...]

    def headers(self) -> Mapping[str, str]:
        """The headers of draft-ietf-httpapi-ratelimit-headers-06, and Retry-After where it is one too many."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": ", ".join(self.policies),
        }
        return {**told, "Retry-After": str(max(self.reset, 1))} if self.exceeded else told


@dataclass(frozen=True, slots=True)
class _Charge:
    """One rate, and who is held to it."""

    rate: RateLimitItem
    group: str
    who: str


class Limits:
    """Counts requests; several processes count together where the storage is a common one."""

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet.

        Raises:
            Misconfigured: There is no storage of that kind, or what it needs is not installed.
        """
        self._limiter = SlidingWindowCounterRateLimiter(_storage(settings.rate_storage))
        self._local = _rates(settings.rate_local)
        self._address = _rates(settings.rate_address)
        self._key = {"publishable": _rates(settings.rate_publishable), "secret": _rates(settings.rate_secret)}

    async def count(self, key: Key | None, address: str, local: bool) -> Quota | None:
        """Count a request.

        Args:
            key: What it was sent with.
            address: Where it comes from.
            local: Whether that is this very machine, with nobody in between.

        Returns:
            What is left; None where no rate applies.

        Raises:
            LimitsUnavailable: The storage does not answer.
        """
        found: list[Quota] = []
        policies: list[str] = []
        try:
            for charge in self._charges(key, address, local):
                policies.append(f"{charge.rate.amount};w={charge.rate.get_expiry()}")
                found.append(await self._charge(charge, tuple(policies)))
                # The rest is not charged: one visitor who is over must not use up the key that all visitors share.
                if found[-1].exceeded:
                    return found[-1]
        except StorageError as error:
            raise LimitsUnavailable(
                f"the storage of the limits (ONRECORD_RATE_STORAGE) does not answer: {error.storage_error}"
            ) from error
        if not found:
            return None
        tightest = min(found, key=lambda quota: (quota.remaining, -quota.reset))
        return Quota(False, tightest.limit, tightest.remaining, tightest.reset, tuple(policies))

    def _charges(self, key: Key | None, address: str, local: bool) -> Iterator[_Charge]:
        if key is None and local:
            yield from (_Charge(rate, "local", "") for rate in self._local)
        elif not local and (key is None or key.kind == "publishable"):
            yield from (_Charge(rate, "address", network(address)) for rate in self._address)
        if key is not None:
            yield from (_Charge(rate, "key", key.id) for rate in self._key[key.kind])

    async def _charge(self, charge: _Charge, policies: tuple[str, ...]) -> Quota:
        allowed = await self._limiter.hit(charge.rate, charge.group, charge.who)
        left = await self._limiter.get_window_stats(charge.rate, charge.group, charge.who)
        reset = max(math.ceil(left.reset_time - time.time()), 0)
        return Quota(not allowed, charge.rate.amount, left.remaining if allowed else 0, reset, policies)


class _Memory(MemoryStorage):
    """Counters in memory, swept whenever their number has doubled.

    The library sweeps through all of them with every request, which took 13 ms at 100,000 addresses: few enough for one
    visitor with an IPv6 network to hold everybody up.
    """

    _FEWEST = 1024

    def __init__(self) -> None:
        super().__init__(wrap_exceptions=True)
        self._sweep_at = self._FEWEST

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, from 0 where the counter has expired.

        Args:
            key: Of the counter.
            expiry: Seconds that a new counter lives.
            amount: To add.
        """
        if len(self.expirations) >= self._sweep_at:
            now = time.time()
            for expired in [known for known, end in self.expirations.items() if end <= now]:
                del self.storage[expired], self.expirations[expired]
            self._sweep_at = max(2 * len(self.expirations), self._FEWEST)
        count = await self.get(key) + amount
        self.storage[key] = count
        if count == amount:
            self.expirations[key] = time.time() + expiry
        return count


def network(address: str) -> str:
    """What counts as one address: of IPv6 its /64, all of which one customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed.packed, 64), strict=False))


def _rates(text: str) -> list[RateLimitItem]:
    return parse_many(text) if text else []


def _storage(uri: str) -> Storage:
    if uri == "memory://":
        return _Memory()
    try:
        if not uri.startswith("redis"):
            raise ConfigurationError("neither of the two")
        storage = storage_from_string(
            f"async+{uri}",
            wrap_exceptions=True,
            implementation="redispy",
            socket_connect_timeout=_STORAGE_TIMEOUT,
            socket_timeout=_STORAGE_TIMEOUT,
        )
    except (ConfigurationError, ValueError) as error:
        # The address is not repeated: it may hold a password.
        raise Misconfigured(
            "setting rate_storage (ONRECORD_RATE_STORAGE) must be memory:// or redis://HOST:PORT, and the latter needs "
            "onrecord[redis] to be installed"
        ) from error
    assert isinstance(storage, Storage)  # noqa: S101  the prefix asks for nothing else
    return storage
