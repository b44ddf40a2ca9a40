"""Traces: one payment is one trace, from its request to the webhook of its alert.

This facade does nothing until `start` gets an endpoint, so that a function without traces does not
import OpenTelemetry. The import of `opentelemetry-api` 1.45 takes 31 ms of CPU time in a fresh
process (median of 10 runs; at best 26 ms by -X importtime), above the budget of 15 ms for a cold
start; 4 ms of them remain where the other modules of a function are loaded. An untraced payment
costs 0.6 µs here and 2.8 µs with the no-op tracer of the API. No span contains an account number.
"""

import atexit
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from risksentinel.cloudevents.received_event import ReceivedEvent, traceparent_of
from risksentinel.domain.alert import Alert
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Misconfigured
from risksentinel.events.event import Event
from risksentinel.ports.alerting import AlertChannel, Endpoint
from risksentinel.ports.publishing import Delivery, Publisher
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.telemetry.work import Work

if TYPE_CHECKING:
    from risksentinel.telemetry.spans import Spans

FLUSH_SECONDS: Final = 2.0  # maximum wait for the collector when the process ends


@dataclass(slots=True)
class _Process:
    spans: "Spans | None" = None  # None while traces are off


_NOT_TRACED: Final = Work()
_process: Final = _Process()
_lock: Final = Lock()


def start(endpoint: str) -> None:
    """Export traces to this OTLP/HTTP collector; with "" traces stay off.

    OpenTelemetry also reads OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER,
    OTEL_RESOURCE_ATTRIBUTES and its other variables from the environment.

    Raises:
        Misconfigured: `endpoint` is not an HTTP URL.
    """
    if not endpoint:
        return
    if not _is_address(endpoint):
        raise Misconfigured("OTEL_EXPORTER_OTLP_ENDPOINT must be like http://127.0.0.1:4318")
    from risksentinel.telemetry.spans import Spans

    with _lock:
        if _process.spans is None:
            _process.spans = Spans(endpoint)
            atexit.register(stop)


def stop() -> None:
    """Turn traces off; export recorded spans for up to FLUSH_SECONDS."""
    with _lock:
        spans, _process.spans = _process.spans, None
    if spans is not None:
        atexit.unregister(stop)
        spans.close(FLUSH_SECONDS)


def is_on() -> bool:
    """Whether traces are on."""
    return _process.spans is not None


def origin(given: str | None) -> str | None:
    """The traceparent for an event: that of the caller, else that of the current span."""
    spans = _process.spans
    return spans.origin(given) if spans else traceparent_of(given)


def request(function: str, method: str, route: str, traceparent: str | None) -> Work:
    """Start the work on an HTTP request; the caller ends the work."""
    spans = _process.spans
    return spans.request(function, method, route, traceparent) if spans else _NOT_TRACED


def event(function: str, received: ReceivedEvent) -> Work:
    """Start the work on an event, in the trace of the event."""
    spans = _process.spans
    return spans.event(function, received) if spans else _NOT_TRACED


def batch(function: str, received: Sequence[ReceivedEvent]) -> Work:
    """Start the work on a batch of events, linked to the trace of each event."""
    spans = _process.spans
    return spans.batch(function, received) if spans else _NOT_TRACED


def stage(
    function: str, name: str, timer: AbstractContextManager[object]
) -> AbstractContextManager[object]:
    """The timer of a stage, with a span if the current work has one."""
    spans = _process.spans
    return spans.stage(function, name, timer) if spans else timer


def payment(found: StoredVerdict | Transaction | Alert) -> None:
    """Set the payment of the current work; in a batch, call once per event, in order."""
    spans = _process.spans
    if spans is not None:
        spans.note(_payment_attributes(found))


def idle() -> None:
    """Mark the current work as idle: no span is exported."""
    spans = _process.spans
    if spans is not None:
        spans.idle()


def traced(channels: Mapping[str, AlertChannel]) -> Mapping[str, AlertChannel]:
    """Wrap the channels so that each delivery has a span."""
    return {name: TracedChannel(name, channel) for name, channel in channels.items()}


@dataclass(frozen=True, slots=True)
class TracedChannel:
    """An AlertChannel (port) with a span for each delivery.

    It is not in adapters/channels because adapters must not import telemetry.
    """

    name: str
    channel: AlertChannel

    def send(self, endpoint: Endpoint, alert_event: Event) -> None:
        """Send the alert, in the trace of its payment."""
        spans = _process.spans
        with spans.delivery(self.name, endpoint, alert_event) if spans else _NOT_TRACED:
            self.channel.send(endpoint, alert_event)


def traced_publisher(function: str, publisher: Publisher) -> Publisher:
    """Wrap the publisher so that each event has a producer span in its trace."""
    return TracedPublisher(function, publisher)


@dataclass(frozen=True, slots=True)
class TracedPublisher:
    """A Publisher (port) with a producer span for each event."""

    function: str
    publisher: Publisher

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Publish in order; return one delivery per event. Raises Unavailable."""
        spans = _process.spans
        if spans is None:
            return self.publisher.publish(events)
        return spans.published(self.function, events, self.publisher.publish)


def _payment_attributes(found: StoredVerdict | Transaction | Alert) -> dict[str, str]:
    if isinstance(found, Transaction):
        return {"risksentinel.transaction_id": found.id}
    if isinstance(found, Alert):
        return {
            "risksentinel.transaction_id": found.transaction_id,
            "risksentinel.risk_level": found.severity.value,
        }
    verdict = found.scored.verdict
    return {
        "risksentinel.transaction_id": verdict.transaction_id,
        "risksentinel.decision": verdict.decision.value,
        "risksentinel.risk_level": verdict.risk_level.value,
    }


def _is_address(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
