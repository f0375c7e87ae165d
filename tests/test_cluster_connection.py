"""Ray that is not there: what is said of it, in one line, before anything is made."""

import sys
from pathlib import Path

import pytest

from ingest.cluster.connection import NoCluster, connected
from tests.conftest import SEEDS
from tests.service.test_cli import onrecord

pytestmark = [
    # Raised while Ray is imported.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "seeds", "ray://127.0.0.1:1"])
def test_an_address_where_nothing_answers_is_told_in_one_line(address: str, tmp_path: Path) -> None:
    said = onrecord("ingest", str(SEEDS), "--archive", str(tmp_path / "archive"), "--ray", address)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert address in said.stderr
    assert not (tmp_path / "archive").exists()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(NoCluster, match=r"pip install 'onrecord\[cluster\]'"), connected():
        pass


def test_a_ray_without_an_address_is_one_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    monkeypatch.setattr("service.cli.ingest_on_ray", lambda address, *_, **__: asked.append(address))
    monkeypatch.setattr("service.cli._tell_ingested", lambda *_: None)
    for arguments in (("--ray",), ("--ray", "--shards", "2"), ("--ray", "head:6379"), ("--ray=head:6379",)):
        assert onrecord("ingest", str(SEEDS), "--archive", str(tmp_path), *arguments).returncode == 0
    assert onrecord("ingest", "--ray", "-", "--archive", str(tmp_path)).returncode == 0
    assert asked == ["local", "local", "head:6379", "head:6379", "local"]
