"""Where Ray puts a replica, what it reserves for it, and who can reach it."""

from collections.abc import Callable
from typing import Any

from ray.serve._private import replica

from service.settings import Settings

LAST_CALLS = 0.5
"""Seconds for which a replica that is to end still takes calls, as long as others may not know of it yet."""

# Of a resource: any part of one says where, and leaves room for all replicas.
_PART = 0.001


def keep_to_loopback() -> None:
    """Have the port that Serve opens in this replica be on loopback; for the constructor of a deployment.

    Serve (2.60) opens one on all addresses, where it takes pickled calls from anybody who can reach it, and has no
    setting for that. Nothing of ours uses it: deployments ask each other through Ray's own connections.
    """
    opened: Callable[[Any, str], int] = replica.add_port_to_grpc_server
    replica.add_port_to_grpc_server = lambda server, address: opened(server, address.replace("[::]", "127.0.0.1"))


def options(settings: Settings, name: str) -> dict[str, Any]:
    """The ``ray_actor_options`` of a deployment.

    Args:
        settings: Of the service.
        name: Of the deployment; where machines are told apart, that of the resource of those that have its files.
    """
    placed = {"resources": {name: _PART}} if settings.shard_resources else {}
    return {"num_cpus": settings.shard_cpus, **placed}
