"""What this process counts and times, as Prometheus reads it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

from risksentinel.ports.environment import Clock
from risksentinel.telemetry import tracing
from risksentinel.telemetry.gauge_readings import GaugeReading, read_all

REGISTRY: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)

UNREADABLE: Final = "unreadable"  # instead of the type of an event that nobody could read
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
    ("function", "route", "method"),
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
_outbox_oldest: Final = Gauge(
    "risksentinel_outbox_oldest_seconds",
    "How long the oldest announcement has waited; 0 where none waits",
    ("function",),
    registry=REGISTRY,
)
_dead_letters: Final = Gauge(
    "risksentinel_dead_letters",
    "Events that were given up and not replayed",
    ("function",),
    registry=REGISTRY,
)
_ready: Final = Gauge(
    "risksentinel_ready",
    "Whether the function has all that it needs: 1 or 0",
    ("function",),
    registry=REGISTRY,
)
_unread: Final = Counter(
    "risksentinel_unread_gauges_total",
    "Gauges left out of a scrape because what they read did not answer",
    ("function", "gauge"),
    registry=REGISTRY,
)
_relayed: Final = Counter(
    "risksentinel_relayed_events_total",
    "Announcements taken from the outbox, by outcome",
    ("function", "outcome"),
    registry=REGISTRY,
)

_model_score_drift: Final = Gauge(
    "risksentinel_model_score_drift",
    "Population stability index of the model's last scores against its training; NaN if unknown",
    ("function",),
    registry=REGISTRY,
)
_model_feature_drift: Final = Gauge(
    "risksentinel_model_feature_drift",
    "The largest population stability index of any feature of the model, likewise",
    ("function",),
    registry=REGISTRY,
)
_model_faulty: Final = Gauge(
    "risksentinel_model_faulty",
    "1 where the promoted model is not in use: it is refused, or its storage does not answer",
    ("function",),
    registry=REGISTRY,
)
_model_in_use: Final = Gauge(
    "risksentinel_model_in_use",
    "1 where a model judges payments, the promoted one or the last good one; 0 where there is none",
    ("function",),
    registry=REGISTRY,
)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_readings: Final[dict[tuple[str, str], GaugeReading]] = {}  # by the gauge's name and the function


@dataclass(frozen=True, slots=True)
class FunctionMetrics:
    """The metrics of one function. Several of one name count into the same series."""

    function: str

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request; the route is its template, so that series stay few."""
        known = bounded_method(method)
        _requests.labels(self.function, route, known, str(status)).inc()
        _request_seconds.labels(self.function, route, known).observe(seconds)

    def event(self, event_type: str, outcome: str) -> None:
        """Count one handled event."""
        _events.labels(self.function, _bounded(event_type), outcome).inc()

    def decision(self, decision: str) -> None:
        """Count one payment's decision."""
        _decisions.labels(self.function, decision).inc()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Time a stage of the work; a stage that fails is timed too."""
        timer = _stage_seconds.labels(self.function, name).time()
        return tracing.stage(self.function, name, timer)

    def silent(self, signal: str) -> None:
        """Count a signal that had no opinion."""
        _silent_signals.labels(self.function, signal).inc()

    def relayed(self, outcome: str, count: int = 1) -> None:
        """Count announcements that were delivered, postponed or buried."""
        _relayed.labels(self.function, outcome).inc(count)

    def watch_outbox(
        self, depth: Callable[[], int], oldest: Callable[[], datetime | None], clock: Clock
    ) -> None:
        """From now on each scrape reads how many announcements wait, and since when."""

        def age() -> float:
            since = oldest()
            return 0.0 if since is None else max((clock() - since).total_seconds(), 0.0)

        self._watch(_outbox_depth, depth)
        self._watch(_outbox_oldest, age)

    def watch_dead_letters(self, depth: Callable[[], int]) -> None:
        """From now on each scrape reads how many events were given up."""
        self._watch(_dead_letters, depth)

    def watch_model(
        self,
        score: Callable[[], float],
        feature: Callable[[], float],
        faulty: Callable[[], bool],
        in_use: Callable[[], bool],
    ) -> None:
        """From now on each scrape reads how far payments have moved from the model's training.

        And whether the promoted model is in use, and whether any is.
        """
        self._watch(_model_score_drift, score)
        self._watch(_model_feature_drift, feature)
        self._watch(_model_faulty, faulty)
        self._watch(_model_in_use, in_use)

    def unwatch(self) -> None:
        """Read nothing more for this function: what the gauges read is being closed."""
        for key in [key for key in _readings if key[1] == self.function]:
            _readings.pop(key).forget()

    def ready(self, check: Callable[[], bool]) -> GaugeReading:
        """A reading for the scrapes of this function itself."""
        return self._reading(_ready, check)

    def _watch(self, gauge: Gauge, read: Callable[[], float]) -> None:
        reading = self._reading(gauge, read)
        _readings[reading.name, self.function] = reading

    def _reading(self, gauge: Gauge, read: Callable[[], float]) -> GaugeReading:
        (described,) = gauge.describe()
        return GaugeReading(described.name, gauge, self.function, read, _unread)


def exposition(accept: str, *own: GaugeReading) -> tuple[bytes, str]:
    """Everything that this process measured, what is watched included, and its content type."""
    read_all([*own, *list(_readings.values())])
    encoder, content_type = choose_encoder(accept)
    return encoder(REGISTRY), content_type


def bounded_method(method: str) -> str:
    """The HTTP method, or "other" for one that a caller invented."""
    return method if method in _METHODS else "other"


def _bounded(event_type: str) -> str:
    # With them comes the code of every event, which a function that gets none does not need.
    from risksentinel.events.registry import is_known

    # A sender may invent types without end; Prometheus keeps a series for each.
    return event_type if event_type == UNREADABLE or is_known(event_type) else "other"
