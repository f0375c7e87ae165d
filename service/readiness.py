"""Whether questions are answered without delay."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from retrieval.archive import Archive
from retrieval.errors import ShardsMissing

_log = logging.getLogger(__name__)

# How long a probe waits for the indexes to catch up with a change, in seconds; longer, and it says "not ready".
_PATIENCE = 1.0


class Readiness:
    """Whether the model is loaded and the indexes are up to the last change."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._executor = ThreadPoolExecutor(1, "prepare")
        self._prepared: Future[None] | None = None

    def begin(self) -> None:
        """Prepare the archive in the background."""
        self._submit(self._prepare)

    def end(self) -> None:
        """Wait until nothing is done in the background any more."""
        self._executor.shutdown(cancel_futures=True)

    async def ready(self) -> bool:
        """Whether the archive is prepared; begins anew where an attempt has failed. Waits a second at most."""
        if not self._is_prepared():
            return False
        # Nothing to do where nobody has written; else what the next question would have to wait for.
        caught_up = self._submit(self._catch_up)
        await asyncio.wait([asyncio.wrap_future(caught_up)], timeout=_PATIENCE)
        return self._is_prepared()

    def _is_prepared(self) -> bool:
        if self._prepared is None or not self._prepared.done():
            return False
        if error := self._prepared.exception():
            _log.error("the archive could not be prepared, trying again", exc_info=error)
            self.begin()
            return False
        return True

    def _submit(self, job: Callable[[], None]) -> "Future[None]":
        self._prepared = self._executor.submit(job)
        return self._prepared

    def _prepare(self) -> None:
        _ = self._archive.encoder
        self._ask()

    def _catch_up(self) -> None:
        try:
            self._archive.refresh()
        except ShardsMissing:
            self._ask()  # the others answer, or this fails as well

    def _ask(self) -> None:
        # A whole question: what would fail or be slow the first time does so before a visitor is there.
        self._archive.ask("Is everything in its place?", 1)
