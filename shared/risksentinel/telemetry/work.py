"""Work: the unit of work that a span describes. Needs neither the spans nor OpenTelemetry."""

from types import TracebackType
from typing import Final, Self

TRACE_ID: Final = "trace_id"  # the field of a log line


class Work:
    """Work that is not traced. `SpanWork`, its subclass, has a span."""

    __slots__ = ()

    def answered(self, status: int) -> None:
        """Record the HTTP status of the answer."""

    def each(self) -> None:
        """Record that the answer to the batch applies to each of its events."""

    def end(self, failure: type[BaseException] | None = None) -> None:
        """End the work; `failure` is the type of the exception that ended it, if any."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        failure: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.end(failure)
