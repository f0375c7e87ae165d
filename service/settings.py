"""What a deployment sets; the only reader of the environment."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import OnRecordError


class Misconfigured(OnRecordError):
    """A setting, or several together, that the service does not start with."""


def _rates(text: str) -> str:
    if text:
        from limits import parse_many  # noqa: PLC0415  half as slow to import as all else that `onrecord ask` needs

        parse_many(text)
    return text


# As the library `limits` writes them: "120/minute", several of them with ";" between. Empty: no limit.
Rates = Annotated[str, AfterValidator(_rates)]


class Settings(BaseSettings):
    """Settings of the service, from the environment: ``archive`` is ``ONRECORD_ARCHIVE`` and so on."""

    model_config = SettingsConfigDict(env_prefix="ONRECORD_", frozen=True)

    archive: Annotated[Path, Field(description="Folder of the archive.")] = Path("archive")
    host: Annotated[str, Field(description="Address to listen on; the default is reached from this machine only.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 takes any free one.")] = 8000

    public_ask: Annotated[
        bool | None,
        Field(description="Whether asking needs no key. Unset: only from this machine, while listening on loopback."),
    ] = None
    trusted_proxies: Annotated[
        str, Field(description="Addresses of proxies whose X-Forwarded-For is believed, with commas between.")
    ] = "127.0.0.1,::1"

    rate_local: Annotated[Rates, Field(description="How often this very machine may ask without a key.")] = ""
    rate_address: Annotated[
        Rates, Field(description="How often one address may, without a key or with a publishable one.")
    ] = "120/minute"
    rate_publishable: Annotated[Rates, Field(description="How often one publishable key may be used.")] = "6000/minute"
    rate_secret: Annotated[Rates, Field(description="How often one secret key may be used.")] = "60000/minute"  # noqa: S105
    rate_storage: Annotated[
        str, Field(description="Where uses are counted; redis://HOST:PORT lets several processes count together.")
    ] = "memory://"

    workers: Annotated[int, Field(ge=1, le=64, description="Questions that are worked on at once.")] = 2
    queue: Annotated[int, Field(ge=0, le=10_000, description="Requests that may wait for a worker.")] = 128
    deadline: Annotated[float, Field(gt=0, le=3600, description="Seconds that one request may take.")] = 30.0
    max_batch: Annotated[int, Field(ge=1, le=1000, description="Questions, or citations, in one request.")] = 100
    max_article_bytes: Annotated[int, Field(ge=1000, description="Size of one article that is put over HTTP.")] = (
        2_000_000
    )
    answer_cache_bytes: Annotated[int, Field(ge=0, description="Memory for answers that may be asked for again.")] = (
        16_000_000
    )

    shard_replicas: Annotated[
        int, Field(ge=1, le=1000, description="With --ray: processes that answer for each shard.")
    ] = 1
    shard_threads: Annotated[
        int, Field(ge=1, le=64, description="With --ray: calls that each of these processes works on at once.")
    ] = 4
    shard_deadline: Annotated[
        float,
        Field(gt=0, le=3600, description="With --ray: seconds after which answers are given without a shard."),
    ] = 5.0
    shard_cpus: Annotated[
        float, Field(ge=0, le=64, description="With --ray: cores that Ray reserves for each process of the service.")
    ] = 0.1
    shard_resources: Annotated[
        bool,
        Field(
            description="With --ray: whether shard 0 runs only on machines that have the resource shard-0, and so on, "
            "and the app where onrecord is one."
        ),
    ] = False
    ingress_replicas: Annotated[
        int,
        Field(ge=1, le=1000, description="With --ray: processes that run the app; set rate_storage for more than one."),
    ] = 1

    keep_questions: Annotated[
        bool, Field(description="Whether what visitors ask is kept for `onrecord questions`. Off: none is.")
    ] = False
    keep_days: Annotated[
        int, Field(ge=1, le=3650, description="Days for which questions and feedback are kept, then deleted.")
    ] = 90

    log_format: Annotated[
        Literal["auto", "json", "console"], Field(description="auto: for people on a terminal, else JSON.")
    ] = "auto"
    log_questions: Annotated[bool, Field(description="Whether the log holds what was asked.")] = False
    otlp_endpoint: Annotated[
        str | None,
        Field(description="Base address of a collector of traces (OTLP over HTTP); needs the extra otel. Unset: none."),
    ] = None


def local_address(settings: Settings) -> str:
    """The service's address as browsers on its own machine write it; on all addresses it is on loopback too."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def load(**given: Any) -> Settings:
    """The settings: what is given, else what the environment says, else the defaults; None is not given.

    Raises:
        Misconfigured: A value that cannot be meant.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise Misconfigured(f"setting {name} (ONRECORD_{name.upper()}): {first['msg']}") from error


@dataclass(frozen=True, slots=True)
class Described:
    """A setting, for people.

    Attributes:
        name: Of the setting.
        variable: Of the environment.
        value: As it is now, without a password or another secret that is in it.
        default: What it is where nothing is set.
        description: What it does.
    """

    name: str
    variable: str
    value: str
    default: str
    description: str


def described(settings: Settings) -> Sequence[Described]:
    """All settings, in their order."""
    prefix = Settings.model_config["env_prefix"]
    return [
        Described(
            name=name,
            variable=f"{prefix}{name.upper()}",
            value=_shown(getattr(settings, name)),
            default=_shown(field.default),
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: Any) -> str:
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return str(value).lower()
    return _without_secrets(str(value)) or "empty"


def _without_secrets(value: str) -> str:
    """An address without user, password and query. Up to the last @: a password may hold any of /?#@ unescaped."""
    if "://" not in value:
        return value
    return re.sub(r"\?.*", "?***", re.sub(r"://.*@", "://***@", value, flags=re.DOTALL), flags=re.DOTALL)
