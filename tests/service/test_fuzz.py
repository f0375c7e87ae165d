"""schemathesis over all of the API: whatever is sent, the service keeps what its description says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.pipeline import archive_settings
from retrieval.archive import Archive
from retrieval.encoder import Encoder
from service.app import create_app
from service.settings import Settings
from tests.conftest import ROOT
from tests.service.conftest import HARBOUR, ORCHARD, UNDATED, draft, served


@pytest.mark.long
@pytest.mark.parametrize("scopes", [(), ("admin",)])
def test_the_service_keeps_what_its_description_says_whatever_is_sent(
    scopes: tuple[str, ...], tmp_path: Path, encoder: Encoder
) -> None:
    command = [
        sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
        "--config-file", str(ROOT / "tests/service/schemathesis.toml"),
        "run", "--checks", "all", "--seed", "20", "--max-examples", "6", "--generation-database", "none",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Archive.create(tmp_path / "archive", archive_settings(), load_encoder=lambda *_: encoder) as archive:
        archive.put([draft(HARBOUR), draft(ORCHARD), draft(UNDATED)])
        with served(create_app(archive, Settings(keep_questions=True)), *scopes) as client:
            key = [f"--header=Authorization:{client.headers['authorization']}"] if scopes else []
            address = str(client.base_url.join("/openapi.json"))
            ran = subprocess.run(
                [*command, *key, address],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
    assert ran.returncode == 0, ran.stdout[-8_000:] + ran.stderr[-2_000:]
