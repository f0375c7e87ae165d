"""Which addresses of the network may be connected to: public ones, and those that were allowed by name."""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ingest.web.failures import NotPermitted, Passing
from retrieval.errors import InvalidRequest

Resolve = Callable[[str, int], Sequence[str]]
"""Addresses of a host, in the order in which they are to be tried; raises ``OSError`` as getaddrinfo does."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = frozenset({80, 443})

# IANA has given out nothing else for unicast between networks, so all the rest is private, local or to come.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")  # RFC 9637, younger than some Pythons

_HOW = "(--allow-host, or the rule allow)"


def is_public(address: _Address) -> bool:
    """Whether an address is one host's on the public internet (IANA special-purpose registries).

    An IPv6 address that a translator or tunnel would carry to an IPv4 address is judged by that one.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None and not is_public(address.sixtofour):
        return False
    return address in _UNICAST and address.is_global and address not in _DOCUMENTATION


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts and networks that may be connected to although they are not public, on any port unless one is named."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[_Network, ...] = ()

    @classmethod
    def parse(cls, names: Iterable[str]) -> "Allowed":
        """Read what was allowed by name.

        Args:
            names: ``host``, ``host:port``, an address, ``[address]:port``, or a network as ``10.0.0.0/8``.

        Raises:
            InvalidRequest: One of them is none of these.
        """
        hosts: set[tuple[str, int | None]] = set()
        networks: list[_Network] = []
        for name in sorted(names):
            try:
                networks.append(ipaddress.ip_network(name.strip("[]")))
            except ValueError:
                hosts.add(_host_and_port(name))
        return cls(frozenset(hosts), tuple(networks))

    def names(self, host: str, port: int) -> bool:
        """Whether a host is allowed by its name, at this port."""
        return not self.hosts.isdisjoint({(_folded(host), None), (_folded(host), port)})

    def holds(self, address: _Address) -> bool:
        """Whether an address is in a network that is allowed."""
        return any(address in network for network in self.networks)


def _host_and_port(name: str) -> tuple[str, int | None]:
    host, colon, port = name.rpartition(":") if ":" in name else (name, "", "")
    if not host or "/" in name or any(c.isspace() for c in name) or (colon and not port.isdecimal()):
        raise InvalidRequest(f"{name!r} cannot be allowed; name a host, host:port or a network such as 10.0.0.0/8")
    return _folded(host.strip("[]")), int(port) if colon else None


def _folded(host: str) -> str:
    return host.lower().rstrip(".")


def look_up(host: str, port: int) -> Sequence[str]:
    """Addresses of a host, as the system resolves it: numbers in every notation that it would connect to."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def permitted(host: str, port: int, allowed: Allowed, resolve: Resolve) -> list[str]:
    """Resolve a host and keep the addresses that may be connected to.

    Whoever connects has to connect to one of these and must not resolve the name again: it may be another by then
    (DNS rebinding).

    Raises:
        NotPermitted: There is none, or no such host.
        Passing: The name cannot be resolved at present.
    """
    found = [ipaddress.ip_address(address) for address in _resolved(host, port, resolve)]
    named = allowed.names(host, port)
    if fit := [a for a in found if named or allowed.holds(a) or (port in PORTS and is_public(a))]:
        return [str(address) for address in fit]
    if any(is_public(address) for address in found):
        raise NotPermitted(f"port {port} is neither 80 nor 443; allow {host}:{port} by name if it is meant {_HOW}")
    raise NotPermitted(
        f"{host} is {found[0]}, which is not a public address; allow {host} by name if it is meant {_HOW}"
    )


def _resolved(host: str, port: int, resolve: Resolve) -> Sequence[str]:
    try:
        found = resolve(host, port)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise Passing(f"the name of {host} cannot be resolved at present; try again later") from error
        raise NotPermitted(f"there is no host {host}; look for a slip in its name") from error
    except UnicodeError as error:
        raise NotPermitted(f"{host} is no name of a host; look for a slip in it") from error
    if not found:
        raise NotPermitted(f"there is no host {host}; look for a slip in its name")
    return found
