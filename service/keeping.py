"""Writing down what is asked, behind the answers: an answer waits for none of it, and fails for none of it."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from retrieval.archive import Archive
from retrieval.encoder import Vectors
from service.asking import Asking
from service.questions import Asked, Policy, Questions, QuestionsUnusable, Result, Verdict, Vote, file_of
from service.work import Busy

_log = logging.getLogger(__name__)

# Some seconds of a busy service; what one entry takes is a few hundred bytes.
_PLACES = 10_000
_BATCH = 1_000
# Seconds from one look for what has outlived the retention to the next.
_HOUR = 3600.0

Item = Asked | Vote


def _utc() -> datetime:
    return datetime.now(UTC)


class Keeping:
    """A thread that writes what it is given to the file of the questions, and a queue before it that has an end.

    Attributes:
        on: Whether questions are kept; votes always are.
    """

    def __init__(
        self,
        archive: Archive,
        lost: Callable[[str, int], None],
        *,
        on: bool,
        days: int,
        now: Callable[[], datetime] = _utc,
        every: float = _HOUR,
        places: int = _PLACES,
    ) -> None:
        """Write nothing yet: ``begin`` starts the thread.

        Args:
            archive: Whose questions these are; the file lies in its folder.
            lost: Told of entries that are not kept, with why ("queue_full", "unwritable") and how many.
            on: Whether questions are kept.
            days: How long questions and votes are.
            now: The clock.
            every: Seconds from one look for what has outlived the retention to the next.
            places: Entries that may wait.
        """
        self.on = on
        self._archive = archive
        self._path = file_of(archive.path)
        self._days = days
        self._now = now
        self._lost = lost
        self._every = every
        self._queue: queue.Queue[Item | None] = queue.Queue(places)
        self._thread = threading.Thread(target=self._run, name="keeping")
        self._file: Questions | None = None
        self._failing = False
        self._overrun = 0
        self._forgotten: date | None = None
        self._no_room: date | None = None

    def begin(self) -> None:
        """Take up the policy, delete what has outlived it, and begin to write; all of that in the thread."""
        self._thread.start()

    def end(self) -> None:
        """Write what was given until now, and stop."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def asked(self, asking: Asking, query_id: str, result: Result, vector: Vectors | None = None) -> None:
        """Note a question, if questions are kept; where as many wait as may wait, it is dropped, and counted.

        Args:
            asking: What was asked.
            query_id: What its answer is called in feedback.
            result: What came of it.
            vector: The question encoded, if that is known.
        """
        if not self.on:
            return
        unanswered = result.outcome != "answered"
        if not self._put(Asked(asking, query_id, result, self._now(), vector if unanswered else None)):
            self._lost("queue_full", 1)
            self._overrun += 1

    def voted(self, query_id: str, passage_id: str | None, verdict: Verdict, vote_id: str) -> None:
        """Note a vote; see ``Vote``.

        Raises:
            Busy: As many entries wait as may wait.
        """
        if not self._put(Vote(query_id if self.on else "", passage_id, verdict, vote_id, self._now())):
            raise Busy

    def _put(self, item: Item) -> bool:
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        self._attempt(self._prepare)
        self._attempt(self._forget)
        ended = False
        while not ended:
            batch, ended = self._next()
            if batch and not self._attempt(lambda batch=batch: self._write(batch)):  # type: ignore[misc]
                self._lost("unwritable", len(batch))
            self._attempt(self._forget)
            self._report_overrun()
        self._attempt(self._close)

    def _next(self) -> tuple[list[Item], bool]:
        """What waits, up to a bound, and whether that is all there will ever be."""
        batch: list[Item] = []
        try:
            item = self._queue.get(timeout=self._every)
            while item is not None:
                batch.append(item)
                if len(batch) == _BATCH:
                    return batch, False
                item = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _attempt(self, job: Callable[[], None]) -> bool:
        """Do what may fail, and say so the first time that it does."""
        try:
            job()
        except QuestionsUnusable as error:
            if not self._failing:
                _log.error(
                    "%s: %s; until that is mended, what is asked is not kept as it should be",
                    type(error).__name__,
                    error,
                )
            self._failing = True
            return False
        return True

    def _prepare(self) -> None:
        # Where nothing is to be kept and nothing ever was, no file is made.
        if self.on or self._path.exists():
            self._open()

    def _open(self) -> Questions:
        if self._file is None:
            file = Questions(self._path)
            try:
                rows = file.keep(Policy(self.on, self._days, self._archive.settings["model_sha256"]))
            except BaseException:
                file.close()
                raise
            self._file = file
            if rows and not self.on:
                _log.warning(
                    "questions are no longer kept; %d rows of before stay until they are %d days old, "
                    "delete questions.db to be rid of them now",
                    rows,
                    self._days,
                )
        return self._file

    def _write(self, batch: Sequence[Item]) -> None:
        gone = self._open().add(batch)
        if self._failing:
            _log.info("what is asked is kept again")
            self._failing = False
        today = self._now().date()
        if gone and self._no_room != today:
            _log.warning("what is asked takes up all its room; the oldest goes, for now %d rows", gone)
            self._no_room = today

    def _forget(self) -> None:
        """Delete what has outlived the retention, once a day."""
        today = self._now().date()
        if self._file is None or self._forgotten == today:
            return
        gone = self._file.forget(today)
        self._forgotten = today
        if gone:
            _log.info("deleted what has been kept for %d days: %d rows", self._days, gone)

    def _report_overrun(self) -> None:
        if self._overrun and self._queue.empty():
            _log.warning("questions came faster than they are written; not kept: %d", self._overrun)
            self._overrun = 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
