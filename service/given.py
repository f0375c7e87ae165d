"""What the routes are given: the parts of the service, as ``create_app`` put them together."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from retrieval.archive import Archive
from service.caching import Answers, UntilChanged
from service.keeping import Keeping
from service.metrics import Metrics
from service.pages import Home, Pages
from service.readiness import Readiness
from service.settings import Settings
from service.work import Work


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the service that routes use; ``app.state.parts``."""

    archive: Archive
    settings: Settings
    pages: Pages
    work: Work
    answers: Answers
    keeping: Keeping
    home: UntilChanged[Home]
    readiness: Readiness
    metrics: Metrics


# A coroutine, because FastAPI would send a plain function through a thread.
async def _parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Given = Annotated[Parts, Depends(_parts_of)]
