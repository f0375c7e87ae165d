"""The log: one line an event on standard error, JSON for programs or aligned for people.

Everything is said through ``logging``, ours and the libraries', and rendered here; so nothing needs to know who renders
it, and nothing is rendered where nobody has called ``configure``.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog

from service.settings import Settings

_log = logging.getLogger(__name__)

# A secret or publishable key: 32 random bytes in URL-safe base64. No word boundary in front: in JSON the "n" of an
# escaped line end may stand there.
KEY = re.compile(r"(sk|pk)_[A-Za-z0-9_-]{43}")

# Whose every event is of interest; of other libraries only what they warn of.
_OURS = ("service", "evals", "ingest", "retrieval", "uvicorn")

# What the library puts into every record, and what uvicorn and other handlers add: the message once more.
_OF_EVERY_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


@dataclass(frozen=True, slots=True)
class _Request:
    id: str
    questions: list[str]


_request: ContextVar[_Request | None] = ContextVar("request", default=None)


def begin(request_id: str) -> list[str]:
    """Have every further line of this task, and of the threads that work for it, carry the id of a request.

    Returns:
        The questions of the request, filled by ``asked``.
    """
    request = _Request(request_id, [])
    _request.set(request)
    return request.questions


def asked(question: str) -> None:
    """Note what the request at hand asks, before it is worked on; outside of a request nothing is noted."""
    request = _request.get()
    if request is not None:
        request.questions.append(question)


def configure(settings: Settings) -> None:
    """Send every event of the process, warnings and what ends a thread included, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings, terminal=sys.stderr.isatty()))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _report
    threading.excepthook = _report_thread


def formatter(settings: Settings, *, terminal: bool = False) -> logging.Formatter:
    """What turns a record into a line.

    Args:
        settings: Say the form, and whether questions may be in it.
        terminal: Whether the lines go to one.
    """
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not terminal)
    return _Lines(_json if as_json else _for_people(terminal), with_questions=settings.log_questions)


class _Lines(logging.Formatter):
    """One line a record: its message, request, level and logger, what else it was given, and when it was made."""

    def __init__(self, render: Callable[[dict[str, Any]], str], *, with_questions: bool) -> None:
        super().__init__()
        self._render = render
        self._with_questions = with_questions

    def format(self, record: logging.LogRecord) -> str:
        request = _request.get()
        event: dict[str, Any] = {"event": record.getMessage()}
        if request is not None:
            event["request_id"] = request.id
        event |= {"level": record.levelname.lower(), "logger": record.name}
        # What begins with "_" a library has put there for itself, as Ray does.
        event |= {
            name: value
            for name, value in record.__dict__.items()
            if name not in _OF_EVERY_RECORD and not name.startswith("_")
        }
        event["timestamp"] = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        if request is not None and not self._with_questions:
            _take_out(request.questions, event)
        # The secret part of no key, wherever in a line it stands.
        return KEY.sub(r"\1_[redacted]", self._render(event))


def _json(event: dict[str, Any]) -> str:
    return json.dumps(event, default=repr)


def _for_people(colours: bool) -> Callable[[dict[str, Any]], str]:
    renderer = structlog.dev.ConsoleRenderer(
        colors=colours,
        # The default shows the variables of every frame, keys and questions among them.
        exception_formatter=structlog.dev.plain_traceback,
        # Escaped as in Python's source: what a visitor sent can neither end the line nor colour the terminal.
        repr_native_str=True,
    )
    return lambda event: str(renderer(None, "", event))


def _take_out(questions: Sequence[str], event: dict[str, Any]) -> None:
    """Take out of message and traceback what the request asks: libraries put their arguments into their errors."""
    for question in questions:
        for name in ("event", "exception"):
            if name in event:
                event[name] = _without(question, event[name])


def _without(question: str, text: str) -> str:
    if len(question) > len(text):
        return text
    forms = {question, repr(question)[1:-1], json.dumps(question)[1:-1]}
    if not any(form in text for form in forms):
        return text
    # Not as a part of a longer word: a question may be as short as "in", and a traceback is to be read.
    pattern = "|".join(re.escape(form) for form in sorted(forms))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", "[question]", text)


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("the process ends", exc_info=(kind, error, trace))


def _report_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        _log.error("a thread ended", exc_info=(ended.exc_type, ended.exc_value, ended.exc_traceback))
