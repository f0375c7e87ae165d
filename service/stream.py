"""Many articles in one request: NDJSON in, a line of NDJSON out for each as it is durably stored.

Never more than a batch is held: the body is read only as it is worked off, and the answer is written as it is read,
so that a client which is slow at either end slows down nobody but itself.
"""

import asyncio
import json
import logging
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

from fastapi import HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from ingest.documents import Document
from ingest.pipeline import store
from ingest.records import record_line
from retrieval.archive import Archive
from retrieval.errors import OnRecordError, SourceError
from service.settings import Settings
from service.work import Busy, Lane

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/x-ndjson"

# A batch is one transaction: large enough that encoding is not held up, small enough that a client hears soon.
_BATCH_LINES, _BATCH_BYTES = 64, 256_000
# Seconds without a word from the client after which it gets an answer to what it has sent so far.
_PAUSE = 0.05
# How much of a compressed body is expanded at a time, and how many times its size it may become, after the first of
# it: text in JSON shrinks to a fifth or a tenth, gzip at its utmost to a thousandth.
_EXPANDED, _RATIO, _FREE = 64_000, 100, 1_000_000

_INPUT = (
    '{"id": "a1", "title": "Ferries", "text": "The night ferry stays.", "published": "2019-05-03"}\n'
    '{"id": "a2", "title": "No text"}\n'
)
_OUTPUT = (
    '{"line": 1, "id": "a1", "version": 1, "outcome": "new"}\n'
    '{"line": 2, "error": "there is no \\"text\\" in it"}\n'
    '{"new": 1, "changed": 0, "unchanged": 0, "failed": 1}\n'
)
DESCRIPTION = {
    "requestBody": {
        "required": True,
        "description": "An article a line, as JSON; gzip is understood where Content-Encoding says so.",
        # No type: whatever bytes come are lines, and what is wrong with one is told in the answer to it.
        "content": {
            MEDIA_TYPE: {"schema": {"title": "Lines", "contentMediaType": "application/json"}, "example": _INPUT}
        },
    }
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A line for each line, in order, and at the end the totals.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _OUTPUT}},
    }
}


def answer(request: Request, archive: Archive, lane: Lane, settings: Settings) -> Response:
    """Take the articles that a request brings, line by line.

    Args:
        request: With a body of NDJSON, possibly gzipped.
        archive: Where to put the articles.
        lane: Where to do so.
        settings: For the size of an article, and how long a batch, or a wait for the client, may take.

    Raises:
        HTTPException: The body is of another media type, or compressed in another way.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise HTTPException(415, f"The body must be JSON, one article a line, sent as Content-Type: {MEDIA_TYPE}.")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise HTTPException(415, "The body may be compressed by gzip, and not otherwise.", {"Accept-Encoding": "gzip"})
    body = request.stream()
    taken = _Intake(archive, lane, settings).run(_expanded(body) if encoding == "gzip" else body)
    return _Duplex(taken, media_type=MEDIA_TYPE)


class _Duplex(StreamingResponse):
    """A response that is sent while the request is read; Starlette's own would wait for the client to leave."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await self.stream_response(send)


class Stop(Exception):
    """The rest of a stream is not read; the message says why."""


class _Intake:
    """The work on one stream."""

    def __init__(self, archive: Archive, lane: Lane, settings: Settings) -> None:
        self._archive = archive
        self._lane = lane
        self._settings = settings
        self._totals: Counter[str] = Counter(new=0, changed=0, unchanged=0, failed=0)

    async def run(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The answer, in pieces of whole lines."""
        number = 0
        try:
            async with aclosing(batches(body, self._settings.max_article_bytes, self._settings.deadline)) as found:
                async for batch in found:
                    number = batch[-1].number
                    yield await self._stored(batch)
        except ClientDisconnect:
            # What was acknowledged stays; there is nobody to tell of the rest.
            return
        except Stop as reason:
            yield _json({"line": number + 1, "error": f"{reason}; nothing is read from here on"})
            return
        yield _json(dict(self._totals))

    async def _stored(self, batch: "Sequence[Line]") -> bytes:
        try:
            async with asyncio.timeout(self._settings.deadline):
                return b"".join(await self._lane.do(lambda: self._put(batch)))
        except Busy:
            refused = "not stored: as many requests wait as may wait; send it again"
            return b"".join(self._failed(line, refused) for line in batch)
        except TimeoutError:
            raise Stop("storing took too long; send again what was not answered") from None

    def _put(self, lines: "Sequence[Line]") -> list[bytes]:
        """Store a batch; for a worker."""
        try:
            outcomes = store(self._archive, [self._document(line) for line in lines])
        except OnRecordError as error:
            # Of the archive, not of the articles; its message may hold a path.
            _log.error("%s: %s", type(error).__name__, error)
            refused = "the archive cannot be written to at the moment; send it again later"
            return [self._failed(line, refused) for line in lines]
        return [
            self._failed(line, one.problem)
            if isinstance(one, SourceError)
            else self._done(line.number, id=one.article_id, version=one.version, outcome=one.outcome)
            for line, one in zip(lines, outcomes, strict=True)
        ]

    def _document(self, line: "Line") -> Document | SourceError:
        where = f"line {line.number}"
        if line.data is None:
            return SourceError(where, f"longer than the {self._settings.max_article_bytes} bytes that one may have")
        try:
            return record_line(where, line.data)
        except SourceError as error:
            return error

    def _done(self, number: int, **told: Any) -> bytes:
        self._totals[told["outcome"]] += 1
        return _json({"line": number, **told})

    def _failed(self, line: "Line", error: str) -> bytes:
        self._totals["failed"] += 1
        return _json({"line": line.number, "error": error[:300]})


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


class Line(NamedTuple):
    """A line of a stream, and its number from 1; ``data`` is None where it was too long to be held."""

    number: int
    data: bytes | None


class Lines:
    """Cuts what comes in pieces into lines; holds no more than the longest line that may be.

    Blank lines are left out; they count, so that numbers are those of a file.
    """

    def __init__(self, longest: int) -> None:
        """A line of more than ``longest`` bytes is passed over, and told as None."""
        self._longest = longest
        self._kept = bytearray()
        self._skipping = False
        self._number = 0

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines that end in a piece."""
        *ended, rest = piece.split(b"\n")
        for end in ended:
            self._keep(end)
            yield from self._line()
        self._keep(rest)

    def end(self) -> Iterator[Line]:
        """The last line, where no line feed has ended it."""
        yield from self._line()

    def _keep(self, piece: bytes) -> None:
        if not self._skipping and len(self._kept) + len(piece) <= self._longest:
            self._kept += piece
        else:
            self._skipping = True
            self._kept.clear()

    def _line(self) -> Iterator[Line]:
        self._number += 1
        if self._skipping:
            yield Line(self._number, None)
        elif self._kept.strip():
            yield Line(self._number, bytes(self._kept))
        self._kept.clear()
        self._skipping = False


async def batches(body: AsyncIterator[bytes], longest: int, patience: float) -> AsyncGenerator[list[Line]]:
    """The lines of a body, as many at a time as are stored together, or fewer where the client pauses.

    Args:
        body: Pieces of any size; the next is asked for only when the last has been taken.
        longest: Bytes of a line.
        patience: Seconds to wait for the client, at most.

    Raises:
        Stop: The client has sent nothing for so long, or nothing that can be read.
    """
    lines, batch, size = Lines(longest), list[Line](), 0
    async with aclosing(_with_pauses(body, patience)) as pieces:
        async for piece in pieces:
            for line in lines.feed(piece):
                batch.append(line)
                size += len(line.data or b"")
                if len(batch) >= _BATCH_LINES or size >= _BATCH_BYTES:
                    yield batch
                    batch, size = [], 0
            if not piece and batch:
                yield batch
                batch, size = [], 0
    batch += lines.end()
    if batch:
        yield batch


async def _with_pauses(body: AsyncIterator[bytes], patience: float) -> AsyncGenerator[bytes]:
    """The pieces of a body, and an empty one whenever the client pauses."""
    upcoming = asyncio.ensure_future(_next(body))
    try:
        while True:
            await asyncio.wait([upcoming], timeout=_PAUSE)
            if not upcoming.done():
                yield b""
                await asyncio.wait([upcoming], timeout=patience)
            if not upcoming.done():
                raise Stop(f"nothing came for {patience:g} seconds")
            piece = upcoming.result()
            if piece is None:
                return
            if piece:
                yield piece
            upcoming = asyncio.ensure_future(_next(body))
    finally:
        upcoming.cancel()


async def _next(body: AsyncIterator[bytes]) -> bytes | None:
    # A task cannot end in StopAsyncIteration.
    return await anext(body, None)


async def _expanded(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A gzipped body, expanded a little at a time (RFC 1952: one member after the other).

    Raises:
        Stop: It is no gzip, is cut off, or becomes so much larger that it is no text.
    """
    member, taken, made = zlib.decompressobj(wbits=31), 0, 0
    async for piece in body:
        taken += len(piece)
        rest = piece
        while rest:
            if member.eof:
                member = zlib.decompressobj(wbits=31)
            try:
                some = member.decompress(rest, _EXPANDED)
            except zlib.error as error:
                raise Stop("the body is not gzip, or damaged") from error
            rest = member.unused_data if member.eof else member.unconsumed_tail
            made += len(some)
            if made > _FREE + _RATIO * taken:
                raise Stop(f"the body becomes more than {_RATIO} times its size")
            yield some
            # Nobody else shall wait while one client's body is expanded.
            await asyncio.sleep(0)
    if taken and not member.eof:
        raise Stop("the body is cut off")
