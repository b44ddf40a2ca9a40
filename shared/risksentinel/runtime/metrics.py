"""What this process counts and times, as Prometheus reads it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

REGISTRY: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)

MOST_TYPES: Final = 50
_FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_requests: Final = Counter(
    "risksentinel_requests_total",
    "HTTP requests answered",
    ("function", "route", "method", "status"),
    registry=REGISTRY,
)
_request_seconds: Final = Histogram(
    "risksentinel_request_duration_seconds",
    "Time from the request's arrival to its answer",
    ("function", "route"),
    buckets=_FAST,
    registry=REGISTRY,
)
_events: Final = Counter(
    "risksentinel_events_total",
    "Events handled, by what was answered",
    ("function", "type", "outcome"),
    registry=REGISTRY,
)
_decisions: Final = Counter(
    "risksentinel_decisions_total",
    "Payments decided",
    ("function", "decision"),
    registry=REGISTRY,
)
_stage_seconds: Final = Histogram(
    "risksentinel_stage_seconds",
    "Time of one stage of the work",
    ("function", "stage"),
    buckets=_FAST,
    registry=REGISTRY,
)
_silent_signals: Final = Counter(
    "risksentinel_silent_signals_total",
    "Signals that could not give an opinion",
    ("function", "signal"),
    registry=REGISTRY,
)
_outbox_depth: Final = Gauge(
    "risksentinel_outbox_depth",
    "Announcements that wait to be delivered",
    ("function",),
    registry=REGISTRY,
)
_relayed: Final = Counter(
    "risksentinel_relayed_events_total",
    "Announcements taken from the outbox, by outcome",
    ("function", "outcome"),
    registry=REGISTRY,
)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_types_seen: Final[set[str]] = set()


@dataclass(frozen=True, slots=True)
class FunctionMetrics:
    """The metrics of one function. Several of one name count into the same series."""

    function: str

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request; the route is its template, so that series stay few."""
        known = method if method in _METHODS else "other"
        _requests.labels(self.function, route, known, str(status)).inc()
        _request_seconds.labels(self.function, route).observe(seconds)

    def event(self, event_type: str, outcome: str) -> None:
        """Count one handled event."""
        _events.labels(self.function, _bounded(event_type), outcome).inc()

    def decision(self, decision: str) -> None:
        """Count one payment's decision."""
        _decisions.labels(self.function, decision).inc()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Time a stage of the work; a stage that fails is timed too."""
        return _stage_seconds.labels(self.function, name).time()

    def silent(self, signal: str) -> None:
        """Count a signal that had no opinion."""
        _silent_signals.labels(self.function, signal).inc()

    def outbox_depth(self, depth: int) -> None:
        """Say how many announcements wait."""
        _outbox_depth.labels(self.function).set(depth)

    def relayed(self, outcome: str, count: int = 1) -> None:
        """Count announcements that were delivered, postponed or buried."""
        _relayed.labels(self.function, outcome).inc(count)


def exposition(accept: str) -> tuple[bytes, str]:
    """Everything that this process measured, and its content type."""
    encoder, content_type = choose_encoder(accept)
    return encoder(REGISTRY), content_type


def _bounded(event_type: str) -> str:
    # A sender may invent types without end; Prometheus keeps a series for each.
    if event_type not in _types_seen:
        if len(_types_seen) >= MOST_TYPES:
            return "other"
        _types_seen.add(event_type)
    return event_type
