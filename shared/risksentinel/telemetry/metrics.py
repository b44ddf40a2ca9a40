"""The Prometheus metrics of this process."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Final

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder

from risksentinel.ports.environment import Clock
from risksentinel.telemetry import series, tracing
from risksentinel.telemetry.gauge_readings import GaugeReading, read_all

UNREADABLE: Final = "unreadable"  # the type of an event that could not be parsed
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_readings: Final[dict[tuple[str, str], GaugeReading]] = {}  # by the gauge's name and the function


def refused_requests(status: int, count: int) -> None:
    """Count requests that the server refused."""
    series.REFUSED.labels(str(status)).inc(count)


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
        series.EVENTS.labels(self.function, _bounded(event_type), outcome).inc(count)

    def sender_refused(self, reason: str) -> None:
        """Count a request with events whose sender was not authenticated."""
        series.SENDERS_REFUSED.labels(self.function, reason).inc()

    def decision(self, decision: str) -> None:
        """Count one decision."""
        series.DECISIONS.labels(self.function, decision).inc()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Time a stage of the processing, including stages that fail."""
        timer = _timer_of(self.function, name).time()
        return tracing.stage(self.function, name, timer)

    def shadowed(self, outcome: str, count: int = 1) -> None:
        """Count decisions of the version in shadow: same, different, dropped or failed."""
        series.SHADOWED.labels(self.function, outcome).inc(count)

    def silent(self, signal: str) -> None:
        """Count a silent signal."""
        series.SILENT_SIGNALS.labels(self.function, signal).inc()

    def relayed(self, outcome: str, count: int = 1) -> None:
        """Count outbox events by outcome: delivered, postponed or dead-lettered."""
        series.RELAYED.labels(self.function, outcome).inc(count)

    def watch_outbox(
        self, depth: Callable[[], int], oldest: Callable[[], datetime | None], clock: Clock
    ) -> None:
        """Read the number of unpublished events and the age of the oldest at each scrape."""
        self._watch(series.OUTBOX_DEPTH, depth)
        self._watch(series.OUTBOX_OLDEST, lambda: _age(oldest(), clock))

    def watch_ledger(self, oldest: Callable[[], datetime | None], clock: Clock) -> None:
        """Read the age of the oldest entry that is not chained at each scrape."""
        self._watch(series.LEDGER_LAG, lambda: _age(oldest(), clock))

    def watch_dead_letters(self, depth: Callable[[], int]) -> None:
        """Read the number of dead letters at each scrape."""
        self._watch(series.DEAD_LETTERS, depth)

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
        self._watch(series.MODEL_SCORE_DRIFT, score)
        self._watch(series.MODEL_FEATURE_DRIFT, feature)
        self._watch(series.MODEL_FAULTY, faulty)
        self._watch(series.MODEL_IN_USE, in_use)

    def unwatch(self) -> None:
        """Stop reading the gauges of this function, because their sources are being closed."""
        for key in [key for key in _readings if key[1] == self.function]:
            _readings.pop(key).forget()

    def ready(self, check: Callable[[], bool]) -> GaugeReading:
        """The gauge of readiness, for scrapes of this function only."""
        return self._reading(series.READY, check)

    def _watch(self, gauge: Gauge, read: Callable[[], float]) -> None:
        reading = self._reading(gauge, read)
        _readings[reading.name, self.function] = reading

    def _reading(self, gauge: Gauge, read: Callable[[], float]) -> GaugeReading:
        (described,) = gauge.describe()
        return GaugeReading(described.name, gauge, self.function, read, series.UNREAD)


def _age(since: datetime | None, clock: Clock) -> float:
    return 0.0 if since is None else max((clock() - since).total_seconds(), 0.0)


def exposition(accept: str, *own: GaugeReading) -> tuple[bytes, str]:
    """All metrics of this process in the accepted format, and the content type."""
    read_all([*own, *list(_readings.values())])
    encoder, content_type = choose_encoder(accept)
    return encoder(series.REGISTRY), content_type


def bounded_method(method: str) -> str:
    """The HTTP method, or "other" for a method that is not standard."""
    return method if method in _METHODS else "other"


@cache  # a look-up by labels costs more than the increment
def _request_series(
    function: str, route: str, method: str, status: int
) -> tuple[Counter, Histogram]:
    return (
        series.REQUESTS.labels(function, route, method, str(status)),
        series.REQUEST_SECONDS.labels(function, route, method),
    )


@cache
def _timer_of(function: str, stage: str) -> Histogram:
    return series.STAGE_SECONDS.labels(function, stage)


@lru_cache(maxsize=64)
def _bounded(event_type: str) -> str:
    # The import loads the code of every event, which functions without events do not need.
    from risksentinel.events.registry import is_known

    # Senders can invent any number of types, and Prometheus stores a series for each.
    return event_type if is_known(event_type) or event_type == UNREADABLE else "other"
