"""The log: one line an event on standard error, JSON for programs or aligned for people.

Everything is said through ``logging``, ours and the libraries', and structlog renders it; so nothing needs to know
who renders it, and nothing is rendered where nobody has called ``configure``.
"""

import json
import logging
import re
import sys
import threading
from contextvars import ContextVar
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from service.settings import Settings

_log = logging.getLogger(__name__)

# A secret or publishable key: 32 random bytes in URL-safe base64. No word boundary in front: in JSON the "n" of an
# escaped line end may stand there.
KEY = re.compile(r"(sk|pk)_[A-Za-z0-9_-]{43}")

# Whose every event is of interest; of other libraries only what they warn of.
_OURS = ("service", "evals", "ingest", "retrieval", "uvicorn")

_questions: ContextVar[list[str] | None] = ContextVar("questions", default=None)


def begin(request_id: str) -> list[str]:
    """Have every further line of this task, and of the threads that work for it, carry the id of a request.

    Returns:
        The questions of the request, filled by ``asked``.
    """
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    questions: list[str] = []
    _questions.set(questions)
    return questions


def asked(question: str) -> None:
    """Note what the request at hand asks, before it is worked on; outside of a request nothing is noted."""
    questions = _questions.get()
    if questions is not None:
        questions.append(question)


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
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else _for_people(terminal)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_copies,
            *([] if settings.log_questions else [_without_questions]),
            _without_keys(renderer),
        ],
    )


def _for_people(colours: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colours,
        # The default shows the variables of every frame, keys and questions among them.
        exception_formatter=structlog.dev.plain_traceback,
        # Escaped as in Python's source: what a visitor sent can neither end the line nor colour the terminal.
        repr_native_str=True,
    )


def _without_copies(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Leave out what uvicorn and other handlers add to a record: the message once more, with colours or without."""
    for name in ("color_message", "message", "asctime"):
        event.pop(name, None)
    return event


def _without_questions(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take out of messages and tracebacks what the request asks: libraries put their arguments into their errors."""
    for question in _questions.get() or ():
        for name in ("event", "exception"):
            if name in event:
                event[name] = _without(question, str(event[name]))
    return event


def _without(question: str, text: str) -> str:
    forms = {question, repr(question)[1:-1], json.dumps(question)[1:-1]}
    if not any(form in text for form in forms):
        return text
    # Not as a part of a longer word: a question may be as short as "in", and a traceback is to be read.
    pattern = "|".join(re.escape(form) for form in sorted(forms))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", "[question]", text)


def _without_keys(renderer: Processor) -> Processor:
    """The same renderer, but for the secret part of every key, wherever in a line the key stands."""

    def render(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return KEY.sub(r"\1_[redacted]", str(renderer(logger, name, event)))

    return render


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("the process ends", exc_info=(kind, error, trace))


def _report_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        _log.error("a thread ended", exc_info=(ended.exc_type, ended.exc_value, ended.exc_traceback))
