"""The Prometheus metrics of this process."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
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

UNREADABLE: Final = "unreadable"  # the type of an event that could not be parsed
_FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_requests: Final = Counter(
    "risksentinel_requests_total",
    "HTTP requests answered",
    ("function", "route", "method", "status"),
    registry=REGISTRY,
)
_refused: Final = Counter(
    "risksentinel_refused_requests_total",
    "Requests that the server refused before a function got them",
    ("status",),
    registry=REGISTRY,
)
_request_seconds: Final = Histogram(
    "risksentinel_request_duration_seconds",
    "Time from the arrival of a request to its answer",
    ("function", "route", "method"),
    buckets=_FAST,
    registry=REGISTRY,
)
_events: Final = Counter(
    "risksentinel_events_total",
    "Events handled, by outcome",
    ("function", "type", "outcome"),
    registry=REGISTRY,
)
_senders_refused: Final = Counter(
    "risksentinel_event_senders_refused_total",
    "Requests with events whose sender was not authenticated, by reason",
    ("function", "reason"),
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
    "Duration of one stage of the processing",
    ("function", "stage"),
    buckets=_FAST,
    registry=REGISTRY,
)
_silent_signals: Final = Counter(
    "risksentinel_silent_signals_total",
    "Signals that were silent",
    ("function", "signal"),
    registry=REGISTRY,
)
_outbox_depth: Final = Gauge(
    "risksentinel_outbox_depth",
    "Outbox events that are not yet published",
    ("function",),
    registry=REGISTRY,
)
_outbox_oldest: Final = Gauge(
    "risksentinel_outbox_oldest_seconds",
    "Age of the oldest unpublished outbox event; 0 if there is none",
    ("function",),
    registry=REGISTRY,
)
_ledger_lag: Final = Gauge(
    "risksentinel_ledger_lag_seconds",
    "Age of the oldest entry that is not chained into the ledger; 0 if there is none",
    ("function",),
    registry=REGISTRY,
)
_dead_letters: Final = Gauge(
    "risksentinel_dead_letters",
    "Dead letters that were not replayed",
    ("function",),
    registry=REGISTRY,
)
_ready: Final = Gauge(
    "risksentinel_ready",
    "1 if the function is ready, else 0",
    ("function",),
    registry=REGISTRY,
)
_unread: Final = Counter(
    "risksentinel_unread_gauges_total",
    "Gauges omitted from a scrape because their source did not answer",
    ("function", "gauge"),
    registry=REGISTRY,
)
_relayed: Final = Counter(
    "risksentinel_relayed_events_total",
    "Events taken from the outbox, by outcome",
    ("function", "outcome"),
    registry=REGISTRY,
)

_model_score_drift: Final = Gauge(
    "risksentinel_model_score_drift",
    "Population stability index of recent model scores against training; NaN if unknown",
    ("function",),
    registry=REGISTRY,
)
_model_feature_drift: Final = Gauge(
    "risksentinel_model_feature_drift",
    "Largest population stability index of the features of the model; NaN if unknown",
    ("function",),
    registry=REGISTRY,
)
_model_faulty: Final = Gauge(
    "risksentinel_model_faulty",
    "1 if the promoted model is not in use: it is refused or its storage is unavailable",
    ("function",),
    registry=REGISTRY,
)
_model_in_use: Final = Gauge(
    "risksentinel_model_in_use",
    "1 if a model scores payments, the promoted one or the last usable one; else 0",
    ("function",),
    registry=REGISTRY,
)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_readings: Final[dict[tuple[str, str], GaugeReading]] = {}  # by the gauge's name and the function


def refused_requests(status: int, count: int) -> None:
    """Count requests that the server refused."""
    _refused.labels(str(status)).inc(count)


@dataclass(frozen=True, slots=True)
class FunctionMetrics:
    """The metrics of one function; instances with the same name share their series."""

    function: str

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the template of the path, which limits the series."""
        counter, duration = _request_series(self.function, route, bounded_method(method), status)
        counter.inc()
        duration.observe(seconds)

    def event(self, event_type: str, outcome: str, count: int = 1) -> None:
        """Count handled events of one type and outcome."""
        _events.labels(self.function, _bounded(event_type), outcome).inc(count)

    def sender_refused(self, reason: str) -> None:
        """Count a request with events whose sender was not authenticated."""
        _senders_refused.labels(self.function, reason).inc()

    def decision(self, decision: str) -> None:
        """Count one decision."""
        _decisions.labels(self.function, decision).inc()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Time a stage of the processing, including stages that fail."""
        timer = _timer_of(self.function, name).time()
        return tracing.stage(self.function, name, timer)

    def silent(self, signal: str) -> None:
        """Count a silent signal."""
        _silent_signals.labels(self.function, signal).inc()

    def relayed(self, outcome: str, count: int = 1) -> None:
        """Count outbox events by outcome: delivered, postponed or dead-lettered."""
        _relayed.labels(self.function, outcome).inc(count)

    def watch_outbox(
        self, depth: Callable[[], int], oldest: Callable[[], datetime | None], clock: Clock
    ) -> None:
        """Read the number of unpublished events and the age of the oldest at each scrape."""
        self._watch(_outbox_depth, depth)
        self._watch(_outbox_oldest, lambda: _age(oldest(), clock))

    def watch_ledger(self, oldest: Callable[[], datetime | None], clock: Clock) -> None:
        """Read the age of the oldest entry that is not chained at each scrape."""
        self._watch(_ledger_lag, lambda: _age(oldest(), clock))

    def watch_dead_letters(self, depth: Callable[[], int]) -> None:
        """Read the number of dead letters at each scrape."""
        self._watch(_dead_letters, depth)

    def watch_model(
        self,
        score: Callable[[], float],
        feature: Callable[[], float],
        faulty: Callable[[], bool],
        in_use: Callable[[], bool],
    ) -> None:
        """Read the drift of the model at each scrape.

        Also whether the promoted model is not in use, and whether any model is.
        """
        self._watch(_model_score_drift, score)
        self._watch(_model_feature_drift, feature)
        self._watch(_model_faulty, faulty)
        self._watch(_model_in_use, in_use)

    def unwatch(self) -> None:
        """Stop reading the gauges of this function, because their sources are being closed."""
        for key in [key for key in _readings if key[1] == self.function]:
            _readings.pop(key).forget()

    def ready(self, check: Callable[[], bool]) -> GaugeReading:
        """The gauge of readiness, for scrapes of this function only."""
        return self._reading(_ready, check)

    def _watch(self, gauge: Gauge, read: Callable[[], float]) -> None:
        reading = self._reading(gauge, read)
        _readings[reading.name, self.function] = reading

    def _reading(self, gauge: Gauge, read: Callable[[], float]) -> GaugeReading:
        (described,) = gauge.describe()
        return GaugeReading(described.name, gauge, self.function, read, _unread)


def _age(since: datetime | None, clock: Clock) -> float:
    return 0.0 if since is None else max((clock() - since).total_seconds(), 0.0)


def exposition(accept: str, *own: GaugeReading) -> tuple[bytes, str]:
    """All metrics of this process in the accepted format, and the content type."""
    read_all([*own, *list(_readings.values())])
    encoder, content_type = choose_encoder(accept)
    return encoder(REGISTRY), content_type


def bounded_method(method: str) -> str:
    """The HTTP method, or "other" for a method that is not standard."""
    return method if method in _METHODS else "other"


@cache  # a look-up by labels costs more than the increment
def _request_series(
    function: str, route: str, method: str, status: int
) -> tuple[Counter, Histogram]:
    return (
        _requests.labels(function, route, method, str(status)),
        _request_seconds.labels(function, route, method),
    )


@cache
def _timer_of(function: str, stage: str) -> Histogram:
    return _stage_seconds.labels(function, stage)


@lru_cache(maxsize=64)
def _bounded(event_type: str) -> str:
    # The import loads the code of every event, which functions without events do not need.
    from risksentinel.events.registry import is_known

    # Senders can invent any number of types, and Prometheus stores a series for each.
    return event_type if is_known(event_type) or event_type == UNREADABLE else "other"
