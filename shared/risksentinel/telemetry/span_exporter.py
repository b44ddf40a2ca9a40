"""SpanExporter: exports spans over OTLP/HTTP in a thread of its own."""

import logging
from threading import Lock, Thread
from time import monotonic
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer
from typing_extensions import override

from risksentinel.cloudevents.binding import MAX_IN_A_BATCH

_WARNING_SECONDS: Final = 60.0
_EXPORT_LOGGERS: Final = (OTLPSpanExporter.__module__, "opentelemetry.sdk._shared_internal")


class SpanExporter:
    """Exports spans; a slow or unavailable collector loses spans and delays nothing."""

    def __init__(self, endpoint: str) -> None:
        self._exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        # OTEL_BSP_MAX_QUEUE_SIZE bounds the queue, by default 2048 spans.
        self._queue = BatchSpanProcessor(self._exporter)
        self._tracers: dict[str, Tracer] = {}
        self._lock = Lock()
        for name in _EXPORT_LOGGERS:
            logging.getLogger(name).filters = [_OncePerMinute()]

    def tracer(self, function: str) -> Tracer:
        """The tracer of one function; each function is a service, also in one process."""
        found = self._tracers.get(function)
        if found is not None:
            return found
        with self._lock:
            return self._tracers.setdefault(function, self._new_tracer(function))

    def close(self, seconds: float) -> None:
        """Export the remaining spans; drop them after `seconds`."""
        # BatchSpanProcessor.shutdown waits 30 s and takes no timeout.
        ending = Thread(target=self._queue.shutdown, name="last spans", daemon=True)
        ending.start()
        ending.join(seconds)
        if ending.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the exporter has no types

    def _new_tracer(self, function: str) -> Tracer:
        resource = Resource.create({"service.name": function, "service.namespace": "risksentinel"})
        limits = SpanLimits(max_links=MAX_IN_A_BATCH)
        provider = TracerProvider(resource=resource, shutdown_on_exit=False, span_limits=limits)
        provider.add_span_processor(self._queue)
        return provider.get_tracer("risksentinel")


class _OncePerMinute(logging.Filter):
    """Logs one warning per minute: each export to an unavailable collector fails."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + _WARNING_SECONDS
        return True
