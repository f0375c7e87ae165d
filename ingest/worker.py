"""The process in which files are read: ``python -m ingest.worker``, started by ``ingest.sandbox``.

It is asked for a file by a line of JSON and answers with a line for each document or error in it, and each part that
holds neither, then with an empty object; or it says what it broke over, and ends. Whatever a parser does to a file that
somebody made to break it, it does here: with bounded memory and processor time, with no network, no other programs, and
no file open for writing.
"""

import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.documents import Document, Feed
from ingest.limits import Limits
from ingest.readers import File, each, load
from retrieval.errors import SourceError

_REFUSED = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen")
_PROGRAMS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Serve requests on standard input until it ends; argument: the limits as JSON."""
    limits = Limits(**json.loads(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what a parser prints is no answer
    _confine(limits)
    for line in sys.stdin:
        for answer in _answers(json.loads(line), limits):
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
            _allow(limits.seconds)
        answers.write("{}\n")
        answers.flush()


def _confine(limits: Limits) -> None:
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))


def _allow(seconds: int) -> None:
    """Let this process take so much more processor time; the kernel ends it when it takes more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, most))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED or event in _PROGRAMS:
        raise PermissionError(f"reading a file does not need {event}")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError("reading a file does not write to others")


def _answers(request: dict[str, Any], limits: Limits) -> Iterator[dict[str, Any]]:
    file = File(**{**request["file"], "path": Path(request["file"]["path"])})
    kind = request["kind"]
    _allow(limits.seconds)
    try:
        yield from (_answer(item, limits) for item in each(load(request["function"]), file))
    except MemoryError:
        yield {"broken": f"it took more than {limits.memory >> 20} MB of memory; split it"}
        sys.exit(1)  # what it has left behind, nobody knows
    except RecursionError:
        yield _error(SourceError(file.name, f"is nested too deep to be read as {kind}"))
    except Exception as error:  # noqa: BLE001 - parsers raise whatever they like on what is broken
        said = " ".join(str(error).split())[:200]
        yield _error(SourceError(file.name, f"cannot be read as {kind}: {type(error).__name__}{said and f': {said}'}"))


def _answer(item: Document | Feed | SourceError | None, limits: Limits) -> dict[str, Any]:
    if item is None:
        return {"passed": True}
    if isinstance(item, SourceError):
        return _error(item)
    return {"feed": asdict(item)} if isinstance(item, Feed) else _document(item, limits)


def _document(document: Document, limits: Limits) -> dict[str, Any]:
    if len(document.text) > limits.characters:
        return _error(
            SourceError(
                document.where,
                f"an article of {len(document.text):,} characters; {limits.characters:,} are the most: split it",
            )
        )
    return {"document": asdict(document)}


def _error(error: SourceError) -> dict[str, Any]:
    return {"error": [error.where, error.problem, error.field]}


if __name__ == "__main__":
    main()
