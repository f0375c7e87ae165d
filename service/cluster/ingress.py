"""The app behind the proxies of Ray Serve: the very one that the plain service has, over shards."""

from pathlib import Path

from pydantic import BaseModel
from ray import serve
from ray.serve import Application
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest
from service import logs
from service.app import create_app
from service.cluster.placement import LAST_CALLS, keep_to_loopback, options
from service.cluster.transport import RayTransport
from service.commands import load_reranker
from service.settings import Settings, load

INGRESS = "onrecord"

# The app itself bounds what it takes on (``ONRECORD_QUEUE``), and says so to those whom it refuses.
_UNBOUNDED = 10_000
# For so many seconds it is taken for granted that nobody but this service has changed a shard.
_GRANTED = 1.0


@serve.ingress()
class Ingress:
    """A process that encodes questions, asks the shards, and answers over HTTP."""

    def __init__(self, settings: Settings, reranker: str | None) -> None:
        """Open the archive; its shards are deployed already.

        Args:
            settings: Of the service.
            reranker: See ``onrecord serve``.
        """
        keep_to_loopback()
        logs.configure(settings)
        self._settings = settings
        manifest = Manifest.read(settings.archive)
        transport = RayTransport(manifest.shards, manifest.generation, settings.shard_deadline)
        self._archive = ShardedArchive.over(settings.archive, transport, patience=_GRANTED)
        self._archive.reranker = load_reranker(reranker)

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """The app; made here, as nothing of it can be sent to another process."""
        return _Unnamed(create_app(self._archive, self._settings))

    def __del__(self) -> None:
        """Serve ends a replica by this, after the end of the app's lifespan."""
        self._archive.close()


class _Unnamed:
    """Leaves it to Serve's proxy to give an answer its id: that of the request, which the app has from the proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [header for header in message["headers"] if header[0].lower() != b"x-request-id"]
                message = {**message, "headers": others}
            await send(message)

        await self._app(scope, receive, send_on)


def ingress_application(settings: Settings, reranker: str | None = None) -> Application:
    """The application that has the routes."""
    deployment = serve.deployment(
        Ingress,
        name=INGRESS,
        num_replicas=settings.ingress_replicas,
        max_ongoing_requests=_UNBOUNDED,
        graceful_shutdown_timeout_s=settings.deadline,
        graceful_shutdown_wait_loop_s=LAST_CALLS,
        logging_config={"enable_access_log": False, "log_level": "WARNING"},
        ray_actor_options=options(settings, INGRESS),
    )
    return deployment.bind(settings.model_copy(update={"archive": settings.archive.resolve()}), reranker)


class IngressArguments(BaseModel):
    """Of ``ingress``, as a configuration of Serve gives them; the other settings are in the environment."""

    archive: Path


def ingress(arguments: IngressArguments) -> Application:
    """What a configuration of Serve names as the ``import_path`` of the app."""
    return ingress_application(load(archive=arguments.archive))
