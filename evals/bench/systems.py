"""What is measured: this software and its peers, each as its users run it, behind its own HTTP interface."""

import importlib.metadata
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from evals.bench import processes
from evals.bench.errors import BenchFailed
from evals.bench.figures import Work

DEPTH = 10
"""How many passages every system is asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a system answers to a question.

    Attributes:
        passages: Ids, best first.
        confidence: 0 to 1; None where a system has none.
        answered: Whether it says that one of them answers; None where it does not say.
    """

    passages: tuple[str, ...]
    confidence: float | None = None
    answered: bool | None = None


class System(Protocol):
    """Something that answers questions over HTTP.

    Attributes:
        name: For people.
        ready: Path that is answered with 200 when the first question would be answered without delay.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def ready(self) -> str: ...  # noqa: D102

    def serve(self, folder: Path, port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        """Command that serves what lies in a folder on a port of this machine, and variables for it."""
        ...

    def path(self, question: str) -> str:
        """Path and query that ask a question."""
        ...

    def found(self, body: bytes) -> Found:
        """What a body of an answer says."""
        ...


@dataclass(frozen=True, slots=True)
class Onrecord:
    """This software.

    Attributes:
        command: What `onrecord` is on this machine; further arguments follow it.
        model: For new archives: name or folder.
    """

    command: tuple[str, ...]
    model: str | None = None
    name: str = "onrecord"
    ready: str = "/readyz"

    def ingest(self, source: Path, archive: Path) -> tuple[int, Work]:
        """Put the articles of a file into an archive; returns how many passages they have.

        Raises:
            BenchFailed: An article was not taken.
        """
        of_model = ("--model", self.model) if self.model else ()
        printed, work = processes.run(
            (*self.command, "ingest", str(source), "--archive", str(archive), "--json", *of_model)
        )
        return int(json.loads(printed)["passages"]), work

    def ask(self, question: str, archive: Path) -> Work:
        """Ask from the shell."""
        return processes.run((*self.command, "ask", question, "--archive", str(archive), "--json"))[1]

    def serve(self, folder: Path, port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        """See ``System``."""
        return (*self.command, "serve", "--archive", str(folder), "--port", str(port)), {}

    def path(self, question: str) -> str:
        """See ``System``."""
        return f"/v1/ask?{urlencode({'q': question, 'k': DEPTH})}"

    def found(self, body: bytes) -> Found:
        """See ``System``."""
        answer = json.loads(body)
        ids = tuple(passage["id"] for passage in answer["passages"])
        return Found(ids, answer["confidence"], answer["answered"])


@dataclass(frozen=True, slots=True)
class PeerSystem:
    """Another system for the same job; what it runs is in ``evals.bench.peer``.

    Attributes:
        modules: What has to be importable.
        distribution: What its version is that of.
        served_by: Whose HTTP interface it has.
    """

    name: str
    modules: tuple[str, ...]
    distribution: str
    served_by: str

    @property
    def ready(self) -> str:
        """A question, so that all that is loaded at the first one is there."""
        return self.path("Is everything in its place?")

    @property
    def version(self) -> str:
        """Of what is installed."""
        return importlib.metadata.version(self.distribution)

    def check(self) -> None:
        """See that it is installed.

        Raises:
            BenchFailed: It is not.
        """
        for module in self.modules:
            try:
                __import__(module)
            except ImportError as error:
                raise BenchFailed(
                    f"--vs {self.name} needs what is not installed ({error}): pip install 'onrecord[bench]'"
                ) from error

    def index(self, passages: Path, folder: Path, model: Path) -> Work:
        """Make its index of passages, a JSON object with ``id`` and ``text`` a line."""
        return processes.run((*self._program, "index", str(passages), str(folder), str(model)))[1]

    def serve(self, folder: Path, port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        """See ``System``."""
        return (*self._program, "serve", str(folder), str(port)), {}

    def path(self, question: str) -> str:
        """See ``System``; ours are like txtai's."""
        return f"/search?{urlencode({'query': question, 'limit': DEPTH})}"

    def found(self, body: bytes) -> Found:
        """See ``System``."""
        return Found(tuple(str(one["id"]) for one in json.loads(body)))

    @property
    def _program(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "evals.bench.peer", self.name)


PEERS: Mapping[str, PeerSystem] = {
    one.name: one
    for one in (
        PeerSystem("txtai", ("txtai.api",), "txtai", "its own FastAPI application"),
        PeerSystem("bm25s", ("bm25s", "Stemmer"), "bm25s", "a FastAPI application of this bench: it has none"),
        PeerSystem(
            "haystack",
            ("haystack", "haystack_integrations.components.embedders.sentence_transformers"),
            "haystack-ai",
            "a FastAPI application of this bench: it has none",
        ),
    )
}
