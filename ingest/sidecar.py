"""What lies beside the text of an article, or before it: sidecar files and front matter."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ingest.checks import about, kind_of_value
from ingest.decoding import decoded
from ingest.files import contents
from ingest.records import json_object
from retrieval.errors import SourceError

SIDECARS = (".meta.json", ".meta.yaml")
# Bytes; a few lines are usual.
MAX_SIDECAR = 1_000_000


class _Yaml(yaml.SafeLoader):
    """Safe YAML without aliases: a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are refused")
        return super().compose_node(parent, index)


def sidecar(beside: Path) -> dict[str, Any]:
    """What NAME.meta.json or NAME.meta.yaml states of the article in NAME.ext."""
    there = [path for path in (Path(f"{beside}{suffix}") for suffix in SIDECARS) if path.exists()]
    if not there:
        return {}
    if len(there) > 1:
        raise SourceError(str(there[0]), f"there is {there[1].name!r} too; keep one of them")
    where, data = str(there[0]), contents(there[0], MAX_SIDECAR)
    if there[0].suffix == ".json":
        return about(where, json_object(where, data))
    return about(where, yaml_mapping(where, decoded(where, data), first_line=1))


def yaml_mapping(where: str, source: str, first_line: int) -> dict[str, Any]:
    """What lines of YAML state, dates as text.

    Raises:
        SourceError: They are no YAML, or not of the form ``name: value``.
    """
    try:
        value = yaml.load(source, _Yaml)  # noqa: S506 - a subclass of SafeLoader
    except yaml.MarkedYAMLError as error:
        line = first_line + (error.problem_mark.line if error.problem_mark else 0)
        raise SourceError(f"{where}:{line}", f"not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SourceError(f"{where}:{first_line}", f"not YAML: {' '.join(str(error).split())}") from error
    if value is not None and not isinstance(value, dict):
        raise SourceError(f"{where}:{first_line}", f"has to be lines of name: value, and is {kind_of_value(value)}")
    return {str(name): _without_dates(name, entry) for name, entry in (value or {}).items()}


def _without_dates(name: Any, value: Any) -> Any:
    """YAML has objects and numbers of its own for dates and years; JSON, and so an archive, has text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and name in {"published", "date"}:
        return str(value)
    if isinstance(value, list):
        return [_without_dates(None, entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): _without_dates(None, entry) for key, entry in value.items()}
    return value
