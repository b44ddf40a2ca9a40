"""The outcome of handling one event, by the error that the handler raised.

| error | status | what the event's source does |
|---|---|---|
| none | 204 | commits |
| Rejected | 422 | moves the event to the dead letters |
| InProgress | 409 | delivers the event again later: another delivery is being handled |
| Retryable | 503 | delivers the event again later |
| any other | 500 | delivers the event again later, then moves it to the dead letters: a bug |
"""

from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from risksentinel.errors import InProgress, Rejected, Retryable, Unavailable

MAX_REASON_LENGTH: Final = 200
DONE: Final = HTTPStatus.NO_CONTENT
REFUSED: Final = HTTPStatus.UNPROCESSABLE_ENTITY
BUSY: Final = HTTPStatus.CONFLICT
POSTPONED: Final = HTTPStatus.SERVICE_UNAVAILABLE
FAILED: Final = HTTPStatus.INTERNAL_SERVER_ERROR
# A batch that was handled at once with one of these outcomes gives it to each of its events.
SHARED_BY_A_BATCH: Final = frozenset({DONE, POSTPONED})
_NAMES: Final = MappingProxyType(
    {
        DONE: "done",
        REFUSED: "refused",
        BUSY: "in_progress",
        POSTPONED: "postponed",
        FAILED: "failed",
    }
)


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """The outcome of one event; `reason` contains no data of the event."""

    status: HTTPStatus
    reason: str = ""

    @property
    def name(self) -> str:
        """The outcome's name in metrics and logs."""
        return _NAMES[self.status]

    def result(self, event_id: str | None) -> dict[str, Any]:
        """The event's entry in the response to a batch."""
        entry = {"id": event_id, "status": int(self.status)}
        return {**entry, "reason": self.reason} if self.reason else entry


def outcome_of(error: Exception | None) -> EventOutcome:
    """The outcome for the error of a handler; None is success."""
    match error:
        case None:
            return EventOutcome(DONE)
        case Rejected():
            return EventOutcome(REFUSED, _one_line(error))
        case InProgress():
            return EventOutcome(BUSY, _one_line(error))
        case Unavailable():
            # The part alone: the whole reason can contain the address of a server.
            return EventOutcome(POSTPONED, f"{error.part} does not answer")
        case Retryable():
            return EventOutcome(POSTPONED, _one_line(error))
        case _:
            return EventOutcome(FAILED, "internal error")


def _one_line(error: Exception) -> str:
    """The error's text in printable ASCII on one line: a line break would forge a header."""
    text = " ".join(str(error).split()).encode("ascii", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in text)[:MAX_REASON_LENGTH] or "refused"
