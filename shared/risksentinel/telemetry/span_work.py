"""SpanWork: work with an OpenTelemetry span; BatchWork also has a span for each event."""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from itertools import zip_longest
from time import time_ns
from typing import Final

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode
from typing_extensions import override

from risksentinel.cloudevents.received_event import ReceivedEvent, traceparent_of
from risksentinel.events.registry import is_known
from risksentinel.telemetry.work import Work

MIN_REQUEST_ERROR: Final = 500  # of an HTTP request; a 4xx is an error of the caller
MIN_EVENT_ERROR: Final = 400  # of an event; every status but 2xx is retried or dead-lettered
_WORK: Final = "risksentinel.work"
ROOT: Final = Context()  # the parent of the first span of a trace
_OWN_TYPE: Final = re.compile(r"za\.risksentinel\.(.+)\.v\d+", re.ASCII)
_notes: ContextVar[list[Mapping[str, str]] | None] = ContextVar("notes_of_a_batch", default=None)


class SpanWork(Work):
    """Work whose span is the current span until the work ends."""

    __slots__ = ("_least_error", "_token", "is_idle", "span")

    def __init__(self, span: Span, least_error: int = MIN_REQUEST_ERROR) -> None:
        self.span = span
        self._least_error = least_error
        self.is_idle = False
        within = trace.set_span_in_context(span)
        self._token = context.attach(context.set_value(_WORK, self, within))

    @override
    def answered(self, status: int) -> None:
        self.span.set_attribute("http.response.status_code", status)
        if status >= self._least_error:
            self.span.set_status(StatusCode.ERROR)

    @override
    def end(self, failure: type[BaseException] | None = None) -> None:
        # Without the message, which may quote the input.
        if failure is not None:
            self.span.set_attribute("error.type", failure.__name__)
            self.span.set_status(StatusCode.ERROR)
        context.detach(self._token)
        if not self.is_idle:  # a span without an end is not exported
            self.span.end()


class BatchWork(SpanWork):
    """One span linked to the trace of each event, and one span in each of these traces."""

    __slots__ = (
        "_applies_to_each",
        "_began",
        "_each",
        "_events",
        "_function",
        "_noted",
        "_notes",
        "_status",
        "_tracer",
    )

    def __init__(
        self,
        tracer: trace.Tracer,
        function: str,
        events: Sequence[ReceivedEvent],
        together: Mapping[str, str | int],
        each: Sequence[Mapping[str, str | int]],
    ) -> None:
        """`together`: attributes of the span of the batch; `each`: those of each event's span."""
        self._each = each
        self._tracer, self._function, self._events = tracer, function, events
        self._began, self._status, self._applies_to_each = time_ns(), 0, False
        links = [Link(found) for event in events if (found := context_of(event.traceparent))]
        name = f"{function} batch of {name_of(events[0].type)}"
        span = tracer.start_span(name, ROOT, SpanKind.CONSUMER, together, links)
        super().__init__(span, MIN_EVENT_ERROR)
        self._notes: list[Mapping[str, str]] = []
        self._noted = _notes.set(self._notes)

    @override
    def answered(self, status: int) -> None:
        self._status = status
        super().answered(status)

    @override
    def each(self) -> None:
        self._applies_to_each = True

    @override
    def end(self, failure: type[BaseException] | None = None) -> None:
        _notes.reset(self._noted)
        super().end(failure)
        if self._applies_to_each:
            self._record_each()

    def _record_each(self) -> None:
        ended, together = time_ns(), self.span.get_span_context()
        notes = self._notes if len(self._notes) == len(self._events) else ()
        for event, attributes, note in zip_longest(self._events, self._each, notes):
            span = self._tracer.start_span(
                f"{self._function} {name_of(event.type)}",
                under(context_of(event.traceparent) or together),
                SpanKind.CONSUMER,
                {**attributes, **(note or {}), "http.response.status_code": self._status},
                [Link(together)],
                self._began,
            )
            if self._status >= MIN_EVENT_ERROR:
                span.set_status(StatusCode.ERROR)
            span.end(ended)


def note(attributes: Mapping[str, str]) -> None:
    """Set attributes of the current span, or of the span of the next event in the batch."""
    notes = _notes.get()
    if notes is None:
        trace.get_current_span().set_attributes(attributes)
    else:
        notes.append(attributes)


def idle() -> None:
    """Mark the current work as idle; its span is not exported."""
    work = context.get_value(_WORK)
    if isinstance(work, SpanWork):
        work.is_idle = True


def context_of(traceparent: str | None) -> SpanContext | None:
    """The span context of a W3C traceparent; None if it is not valid."""
    if traceparent_of(traceparent) is None:
        return None
    version, trace_id, span_id, flags = str(traceparent).split("-")
    sampled = trace.TraceFlags(int(flags, 16) & trace.TraceFlags.SAMPLED)
    found = SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=sampled)
    return found if found.is_valid and version != "ff" else None


def under(parent: SpanContext) -> Context:
    """The context in which a new span is a child of `parent`."""
    return trace.set_span_in_context(NonRecordingSpan(parent), ROOT)


def name_of(event_type: str) -> str:
    """The type of an event without the common prefix, for the name of a span."""
    # Senders can invent types with any content, for example an account number.
    own = _OWN_TYPE.fullmatch(event_type) if is_known(event_type) else None
    return own[1] if own else "event"
