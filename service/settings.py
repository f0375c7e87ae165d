"""What a deployment sets; the only reader of the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of the service, from the environment: ``archive`` is ``ONRECORD_ARCHIVE`` and so on.

    Attributes:
        archive: Folder of the archive.
        host: Address that the service listens on; the default is reached from this machine only.
        port: Port that it listens on; 0 takes any free one.
    """

    model_config = SettingsConfigDict(env_prefix="ONRECORD_", frozen=True)

    archive: Path = Path("archive")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
