"""Spans: creates the spans of OpenTelemetry. `tracing` imports this module if traces are on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import time_ns

from opentelemetry import trace
from opentelemetry.trace import SpanKind
from structlog.contextvars import bind_contextvars

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.events.event import Event
from risksentinel.ports.alerting import Endpoint
from risksentinel.ports.publishing import Delivery, Outcome
from risksentinel.telemetry.messaging_spans import batch_processed, processed, record_published
from risksentinel.telemetry.span_exporter import SpanExporter
from risksentinel.telemetry.span_work import (
    MIN_EVENT_ERROR,
    ROOT,
    BatchWork,
    SpanWork,
    context_of,
    idle,
    name_of,
    note,
    under,
)
from risksentinel.telemetry.work import TRACE_ID, Work


class Spans:
    """Starts spans, and exports them after they have ended."""

    def __init__(self, endpoint: str) -> None:
        self._exporter = SpanExporter(endpoint)
        self.tracer = self._exporter.tracer
        self.close = self._exporter.close
        self.note = note
        self.idle = idle

    def origin(self, given: str | None) -> str | None:
        """The traceparent of the caller if valid, else that of the current span."""
        if context_of(given) is not None:
            return given
        here = trace.get_current_span().get_span_context()
        if not here.is_valid:
            return None
        return f"00-{here.trace_id:032x}-{here.span_id:016x}-{here.trace_flags:02x}"

    def request(self, function: str, method: str, route: str, traceparent: str | None) -> Work:
        """Start the span of a request."""
        caller = context_of(traceparent)
        span = self.tracer(function).start_span(
            f"{function} {method} {route}",
            under(caller) if caller else ROOT,
            SpanKind.SERVER,
            {"http.request.method": method, "http.route": route},
        )
        return _logged(SpanWork(span))

    def event(self, function: str, received: ReceivedEvent) -> Work:
        """Start the span of an event."""
        sender = context_of(received.traceparent)
        name = f"{function} {name_of(received.type)}"
        parent = under(sender) if sender else None
        span = self.tracer(function).start_span(
            name, parent, SpanKind.CONSUMER, processed(received)
        )
        return _logged(SpanWork(span, MIN_EVENT_ERROR))

    def batch(self, function: str, received: Sequence[ReceivedEvent]) -> Work:
        """Start the span of a batch."""
        each = [processed(event) for event in received]
        together = batch_processed(received)
        return _logged(BatchWork(self.tracer(function), function, received, together, each))

    def published(
        self,
        function: str,
        events: Sequence[Event],
        publish: Callable[[Sequence[Event]], list[Delivery]],
    ) -> list[Delivery]:
        """Publish the events, and record a span for each event in its trace."""
        began = time_ns()
        try:
            deliveries = publish(events)
        except Exception as error:
            failed = Delivery(Outcome.FAILED, type(error).__name__)
            record_published(self.tracer(function), events, [failed] * len(events), began)
            raise
        record_published(self.tracer(function), events, deliveries, began)
        return deliveries

    def stage(
        self, function: str, name: str, timer: AbstractContextManager[object]
    ) -> AbstractContextManager[object]:
        """The timer with a span, if the current span is recorded; else the timer."""
        if not trace.get_current_span().is_recording():
            return timer
        return self._staged(self.tracer(function), name, timer)

    @contextmanager
    def _staged(
        self, tracer: trace.Tracer, name: str, timer: AbstractContextManager[object]
    ) -> Iterator[None]:
        with timer, SpanWork(tracer.start_span(name)):
            yield

    def delivery(self, channel: str, endpoint: Endpoint, alert_event: Event) -> Work:
        """Start the span of one delivery of an alert."""
        here = trace.get_current_span().get_span_context()
        parent = here if here.is_valid else context_of(alert_event.traceparent)
        span = self.tracer("alert-dispatch").start_span(
            f"deliver {channel}",
            under(parent) if parent else ROOT,
            SpanKind.CLIENT,
            {
                "risksentinel.transaction_id": alert_event.subject,
                "risksentinel.endpoint": endpoint.id,
            },
        )
        return _logged(SpanWork(span))


def _logged(work: SpanWork) -> SpanWork:
    bind_contextvars(**{TRACE_ID: f"{work.span.get_span_context().trace_id:032x}"})
    return work
