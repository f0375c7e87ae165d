"""Answers that need not be made again: those the client has, told by ETag and 304, and those that are kept here.

An archive's state names all that it holds: every change gives it another (``retrieval.store.State``). Whatever is
made from nothing but the archive, the request and this software may be used again for as long as they are the same.
"""

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from os import PathLike, stat_result
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from retrieval.archive import Archive
from retrieval.types import Answer
from service import logs, schemas
from service.asking import Asking
from service.keeping import Keeping
from service.metrics import Metrics
from service.questions import Result

_VERSION = version("onrecord")
# Private, because some may ask what others may not; no-cache: to be kept, and to be asked about each time.
_CACHE_CONTROL = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Passing:
    """JSON or a page of which the same request may have more in a moment; nobody may keep it."""

    content: bytes | str


Content = BaseModel | bytes | str | Passing
T = TypeVar("T")
NO_HEADERS: Mapping[str, str] = {}


def conditional(request: Request, archive: Archive, make: Callable[[], Content], *, also: object = None) -> Response:
    """The answer to a GET request, or 304 where the client has it already (RFC 9110, 13.1.2); for a worker.

    Args:
        request: The request.
        archive: What the answer is made from.
        make: Makes it: a model or bytes of JSON, or the text of a page. Not called where the client has it.
        also: What else it is made from: another one whenever that has changed.
    """
    # Read before the answer is made: a change in between gives the answer too old a name, never too new a one.
    headers = {"ETag": _name(request, archive, also), "Cache-Control": _CACHE_CONTROL}
    if _is_known(request.headers, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = make()
    if isinstance(content, Passing):
        content, headers = content.content, {"Cache-Control": "no-store"}
    if isinstance(content, str):
        return Response(content, headers=headers, media_type="text/html")
    return json_response(content, headers=headers)


def json_response(content: BaseModel | bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON, from a model or as it stands."""
    body = content if isinstance(content, bytes) else content.model_dump_json()
    return Response(body, status, headers, media_type="application/json")


def of_bytes(request: Request, body: bytes, media_type: str, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """An answer that is the same for as long as the process lives, or 304; ``headers`` are for both."""
    headers = {"ETag": f'"{_digest(body)}"', "Cache-Control": _CACHE_CONTROL, **headers}
    if _is_known(request.headers, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _name(request: Request, archive: Archive, also: object) -> str:
    """A weak ETag: it names the content, whatever its encoding."""
    ranked_by = archive.reranker and archive.reranker.name
    query = sorted(parse_qsl(request.url.query, keep_blank_values=True))
    named = [archive.state().digest, _VERSION, ranked_by, request.url.path, query, also]
    return f'W/"{_digest(json.dumps(named).encode())}"'


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _is_known(headers: Headers, name: str) -> bool:
    """Weak comparison, which is what If-None-Match asks for (RFC 9110, 8.8.3.2)."""
    known = ",".join(headers.getlist("if-none-match")).split(",")
    return name.removeprefix("W/") in [one.strip().removeprefix("W/") for one in known]


class Static(StaticFiles):
    """Files with ETags of their bytes, so that two machines with the same files agree."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """A file, or 304."""
        headers = {"ETag": f'"{_digest(Path(full_path).read_bytes())}"', "Cache-Control": "no-cache"}
        response = FileResponse(full_path, status_code, headers, stat_result=stat_result)
        if _is_known(Headers(scope=scope), headers["ETag"]):
            return NotModifiedResponse(response.headers)
        return response


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as bytes of JSON, and whether it is one of part of the archive."""

    body: bytes
    partial: bool = False

    @property
    def content(self) -> Content:
        """For ``conditional``."""
        return Passing(self.body) if self.partial else self.body


class Answers:
    """Answers of an archive as bytes of JSON; the last ones are kept, up to so many bytes.

    What is kept is given out again to the letter, the time that it took included: the same question to the same
    archive gets the same bytes.
    """

    def __init__(self, archive: Archive, max_bytes: int, metrics: Metrics, keeping: Keeping | None = None) -> None:
        """Keep nothing yet.

        Args:
            archive: What is asked.
            max_bytes: Room for answers.
            metrics: Where each is counted, kept or made.
            keeping: Where the questions are noted; None where nobody wants to know them.
        """
        self._archive = archive
        self._metrics = metrics
        self._keeping = keeping
        self._kept = Kept(max_bytes)

    def expect(self, asking: Asking) -> None:
        """Say that this will be asked when there is a worker for it; see ``Archive.expect``.

        Raises:
            InvalidRequest: The archive refuses the question.
        """
        self._archive.expect(asking.question, asking.read_as)

    def ask(self, asking: Asking) -> Answered:
        """An answer as JSON; see ``Archive.ask``.

        Raises:
            InvalidRequest: The archive refuses the question.
        """
        logs.asked(asking.question)
        state = self._archive.state()
        query_id = asking.query_id(state)
        key = query_id.encode()
        known = self._kept.get(key)
        if known is not None:
            told, _, kept = known.partition(b"\n")
            self._note(asking, query_id, Result.read(told))
            return Answered(kept)
        began = time.perf_counter()
        answer = self._asked(asking)
        result = Result.of(answer)
        self._note(asking, query_id, result, answer)
        took_ms = (time.perf_counter() - began) * 1000
        body = schemas.answer_json(answer, query_id, took_ms)
        if answer.missing:
            return Answered(body, partial=True)
        # Of a later state than was looked up, where the archive has changed in between.
        if answer.archive.version == state.number:
            self._kept.put(key, b"%b\n%b" % (result.written(), body))
        return Answered(body)

    def domain(self, asking: Asking) -> Answer:
        """An answer that is to be shown; see ``Archive.ask``.

        Raises:
            InvalidRequest: The archive refuses the question.
        """
        logs.asked(asking.question)
        query_id = asking.query_id(self._archive.state())
        answer = self._asked(asking)
        self._note(asking, query_id, Result.of(answer), answer)
        return answer

    def _note(self, asking: Asking, query_id: str, result: Result, answer: Answer | None = None) -> None:
        self._metrics.answered(result.outcome)
        if answer is not None and answer.missing:
            # What a part of the archive says tells the owner nothing about the archive.
            self._metrics.partial.inc()
        elif self._keeping is not None:
            self._keeping.asked(asking, query_id, result, None if answer is None else answer.vector)

    def _asked(self, asking: Asking) -> Answer:
        return self._archive.ask(asking.question, asking.k, asking.filters, asking.read_as)


class UntilChanged(Generic[T]):
    """Something that is made of an archive, kept until the archive has changed; any thread may use it."""

    def __init__(self, archive: Archive, make: Callable[[Archive], T]) -> None:
        """Make nothing yet."""
        self._archive = archive
        self._make = make
        self._guard = threading.Lock()
        self._kept: tuple[str, T] | None = None

    def get(self) -> T:
        """The thing, made if it has to be; whoever comes meanwhile waits for it."""
        state = self._archive.state().digest
        with self._guard:
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, self._make(self._archive))
            return self._kept[1]


class Kept:
    """Bytes by key, of which those that were used longest ago are dropped first; any thread may use it."""

    def __init__(self, max_bytes: int) -> None:
        """Keeps nothing where ``max_bytes`` is 0; keys and what Python needs around each entry are counted too."""
        self._max = max_bytes
        self._entries: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that are taken up."""
        return self._size

    def get(self, key: bytes) -> bytes | None:
        """What was put under a key, if it is still there."""
        with self._guard:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """Keep something; what is larger than all the room is not kept."""
        with self._guard:
            self._drop(key)
            if _cost(key, value) > self._max:
                return
            self._entries[key] = value
            self._size += _cost(key, value)
            while self._size > self._max:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: bytes) -> None:
        if key in self._entries:
            self._size -= _cost(key, self._entries.pop(key))


def _cost(key: bytes, value: bytes) -> int:
    # Two bytes objects and a node of the dictionary's list, measured at about 250 bytes on 64 bits.
    return len(key) + len(value) + 250
