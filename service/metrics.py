"""Figures for Prometheus; every label has a bounded number of values, whatever visitors send."""

import logging
from collections.abc import Iterable, Iterator
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from retrieval.archive import Archive
from retrieval.errors import ArchiveError
from retrieval.types import Reason
from service.work import Work

_log = logging.getLogger(__name__)

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = openmetrics.CONTENT_TYPE_LATEST

# Seconds. A question takes some tens of milliseconds; a request ends at the deadline.
_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The figures of one app, in a registry of their own.

    Attributes:
        requests: Finished requests by route, method and status.
        request_seconds: How long they took, by route.
        stage_seconds: How long the stages of a question took.
        answers: Questions answered, or refused for a reason.
        in_flight: Requests being worked on or waiting.
        partial: Questions that a part of the archive alone answered.
        not_kept: Questions and feedback that should have been kept and were not.
    """

    def __init__(self, archive: Archive, work: Work) -> None:
        """All figures are zero, but for those that are looked up when they are asked for.

        Args:
            archive: Whose size and lag are told.
            work: Whose queue is.
        """
        own = self._registry = CollectorRegistry()
        self.requests = Counter("onrecord_requests", "Finished requests.", ["route", "method", "status"], registry=own)
        self.request_seconds = Histogram(
            "onrecord_request_seconds",
            "From the first byte read of a request to the last one of its answer.",
            ["route"],
            buckets=_REQUEST_BUCKETS,
            registry=own,
        )
        self.stage_seconds = Histogram(
            "onrecord_stage_seconds",
            "Time in a stage of a question; with filters, some stages come twice.",
            ["stage"],
            buckets=_STAGE_BUCKETS,
            registry=own,
        )
        self.answers = Counter(
            "onrecord_answers", "Questions, by whether and why not they were answered.", ["outcome"], registry=own
        )
        self.partial = Counter(
            "onrecord_partial_answers", "Answers for which some shards were not there.", registry=own
        )
        self.not_kept = Counter(
            "onrecord_not_kept",
            "Questions and feedback that should have been kept, and were not.",
            ["why"],
            registry=own,
        )
        self.in_flight = Gauge("onrecord_in_flight", "Requests that have no answer yet.", registry=own)
        Gauge("onrecord_queue", "Jobs that wait for a worker.", registry=own).set_function(lambda: work.queued)
        Gauge("onrecord_working", "Jobs that a worker is at.", registry=own).set_function(lambda: work.working)
        for outcome in ("answered", *get_args(Reason)):
            # From the start: a rate over a series that appears with its first event misses that event.
            self.answers.labels(outcome)
        for why in ("queue_full", "unwritable"):
            self.not_kept.labels(why)
        own.register(_ArchiveCollector(archive))
        ProcessCollector(registry=own)
        PlatformCollector(registry=own)
        GCCollector(registry=own)

    def answered(self, outcome: str) -> None:
        """Count the answer to a question: "answered", or the reason why nothing answers it."""
        self.answers.labels(outcome).inc()

    def lost(self, why: str, count: int) -> None:
        """Count what should have been kept: "queue_full" or "unwritable"."""
        self.not_kept.labels(why).inc(count)

    def exposed(self, accept: str) -> tuple[bytes, str]:
        """All figures as they are now, and their media type: OpenMetrics where it is accepted, else Prometheus' own."""
        if "application/openmetrics-text" in accept:
            return openmetrics.generate_latest(self._registry), OPENMETRICS  # type: ignore[no-untyped-call]
        return generate_latest(self._registry), TEXT


class _ArchiveCollector(Collector):
    """Looks at the archive when it is asked, so that another process' changes are seen too."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        missing = len(self._archive.missing_shards())
        yield GaugeMetricFamily("onrecord_shards_missing", "Shards of the archive that do not answer.", missing)
        readable = GaugeMetricFamily("onrecord_archive_readable", "Whether the archive could be read just now.")
        try:
            coverage, lag = self._archive.coverage(), self._archive.lag()
        except ArchiveError as error:
            _log.error("%s: %s", type(error).__name__, error)
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        yield GaugeMetricFamily("onrecord_archive_articles", "Current articles.", coverage.articles)
        yield GaugeMetricFamily("onrecord_archive_passages", "Passages of the current articles.", coverage.passages)
        yield GaugeMetricFamily("onrecord_archive_version", "Number of the last change.", coverage.version)
        behind = GaugeMetricFamily(
            "onrecord_cache_lag_changes", "Changes that a cache has yet to apply.", labels=["cache"]
        )
        for cache, changes in lag.items():
            behind.add_metric([cache], changes)
        yield behind
