"""What a process says of itself: log lines that cannot carry people's data, and figures for Prometheus."""

import logging
import sys
import time
import traceback
from collections.abc import MutableMapping
from datetime import datetime
from functools import cached_property
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SAFE = frozenset(
    (
        "actor attempts bytes code consumers correlation count database error event events fingerprint first id"
        " instance kind last level line lines logseq method missing ms name parked path permission pid port position"
        " queue replayed rule seconds sent service source sqlstate status subject timestamp trace type unit version"
    ).split()
)
"""Keys a log line may have; anything else is redacted, whatever it holds."""

LONGEST = 300
LATELY = 1.0
"""Seconds for which who asked is expected to ask again."""


def _redact(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """Let through what is known to be harmless: our own words, known keys, short plain values."""
    error = line.pop("exc_info", None)
    for key in list(line):
        value = line[key]
        if key not in SAFE or not isinstance(value, str | int | float | bool | type(None)):
            line[key] = "[redacted]"
        elif isinstance(value, str) and len(value) > LONGEST:
            line[key] = value[:LONGEST] + "…"
    if error:
        fault = error if isinstance(error, BaseException) else sys.exc_info()[1]
        if fault is not None:
            # The class and where it happened, never the message: it may quote a row.
            line["error"] = type(fault).__name__
            line["trace"] = " < ".join(
                f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(fault.__traceback__)[-6:])
            )
    return line


class _OwnWords(logging.Handler):
    """Lines of libraries: their logger and level, not their words, which may quote data."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say that a library said something."""
        error = record.exc_info[1] if record.exc_info else None
        log.log(record.levelno, "library message", name=record.name, line=record.lineno, exc_info=error)


log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(service: str, instance: str) -> None:
    """Send every line of this process to standard output as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service, instance=instance)
    logging.basicConfig(handlers=[_OwnWords()], level=logging.WARNING, force=True)


class Answering:
    """Requests that are being answered now; what can wait gives way to them."""

    def __init__(self, shown: Gauge) -> None:
        """Begin with none; `shown` is the figure to be seen."""
        self._shown = shown
        self._count = 0
        self._ended = -LATELY

    def __enter__(self) -> None:
        """Begin to answer one."""
        self._count += 1
        self._shown.set(self._count)

    def __exit__(self, *_: object) -> None:
        """Have answered it."""
        self._count -= 1
        self._shown.set(self._count)
        self._ended = time.monotonic()

    @property
    def lately(self) -> bool:
        """Tell whether somebody asks, or did a moment ago."""
        return bool(self._count) or time.monotonic() - self._ended < LATELY


class Metrics:
    """The figures of one service; each has its own registry, so that several can live in one process."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "chungcu_request_seconds",
            "Time to answer a request.",
            ["method", "path", "status"],
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
        )
        self.answering = Answering(
            Gauge("chungcu_requests_in_progress", "Requests that are being answered.", registry=self.registry)
        )
        self.sent = Counter("chungcu_events_sent", "Events confirmed by the broker.", registry=self.registry)
        self.oldest_unsent = Gauge(
            "chungcu_oldest_unsent_seconds", "Age of the oldest event not yet confirmed.", registry=self.registry
        )
        self.heard = Counter("chungcu_events_heard", "Events applied for the first time.", registry=self.registry)
        self.repeated = Counter(
            "chungcu_events_repeated", "Events not applied: they had been, or were put aside.", registry=self.registry
        )
        self.batch = Histogram(
            "chungcu_batch_events",
            "Events in one transaction.",
            registry=self.registry,
            buckets=(1, 2, 5, 10, 50, 100, 250, 500),
        )
        self.parked = Gauge("chungcu_parked", "Events that could not be applied.", registry=self.registry)
        self.oldest_parked = Gauge(
            "chungcu_parked_oldest_seconds",
            "Age of the oldest event that could not be applied.",
            registry=self.registry,
        )
        self.broker = Gauge("chungcu_broker_connected", "1 while the broker answers.", ["use"], registry=self.registry)

    @cached_property
    def _comparison(self) -> tuple[Gauge, Gauge, Gauge]:
        """Return the figures of a comparison; a service that compares nothing has none."""
        return (
            Gauge("chungcu_comparison_differences", "What differed in the last comparison.", registry=self.registry),
            Gauge("chungcu_comparison_timestamp_seconds", "When the last comparison ended.", registry=self.registry),
            Gauge("chungcu_comparison_seconds", "How long the last comparison took.", registry=self.registry),
        )

    def compared(self, differences: int, ended: datetime, seconds: float) -> None:
        """Show how the last comparison of what is derived with what it is derived from ended."""
        for gauge, figure in zip(self._comparison, (differences, ended.timestamp(), seconds), strict=True):
            gauge.set(figure)
