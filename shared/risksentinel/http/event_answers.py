"""What an event handler answers, and so what the event's source does next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import structlog
from flask import Request, Response

from risksentinel.cloudevents.binding import BrokenEvent, is_batch, receive, receive_batch
from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import InProgress, Rejected, Retryable, Unavailable
from risksentinel.http.problems import Problem
from risksentinel.http.requests import id_of
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import UNREADABLE, FunctionMetrics
from risksentinel.text import strict_json

REASON: Final = "Kne-Reason"
MAX_OF_A_REASON: Final = 200
Handle = Callable[[ReceivedEvent], None]
HandleAll = Callable[[Sequence[ReceivedEvent]], None]
_log = structlog.get_logger(__name__)

DONE: Final = HTTPStatus.NO_CONTENT  # the source commits
REFUSED: Final = HTTPStatus.UNPROCESSABLE_ENTITY  # dead letter: delivering again cannot help
BUSY: Final = HTTPStatus.CONFLICT  # another delivery is at work: deliver again later
POSTPONED: Final = HTTPStatus.SERVICE_UNAVAILABLE  # deliver again later
FAILED: Final = HTTPStatus.INTERNAL_SERVER_ERROR  # a bug: deliver again later, then dead letter
_OF_EACH: Final = frozenset({DONE, POSTPONED})  # a batch's answer that is that of each event
_OUTCOMES: Final = {
    DONE: "done",
    REFUSED: "refused",
    BUSY: "in_progress",
    POSTPONED: "postponed",
    FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What the source of an event is told; the reason repeats nothing of the event."""

    status: HTTPStatus
    reason: str = ""

    def result(self, event_id: str | None) -> dict[str, Any]:
        """The line of a batch's answer about one event."""
        line = {"id": event_id, "status": int(self.status)}
        return {**line, "reason": self.reason} if self.reason else line


def answer(handle: Callable[[], None]) -> EventAnswer:
    """Run the handler and say what the source should do next."""
    try:
        handle()
    except Rejected as error:
        return EventAnswer(REFUSED, _one_line(error))
    except InProgress as error:
        return EventAnswer(BUSY, _one_line(error))
    except Unavailable as error:
        # The reason is for the log: it would tell a caller where our servers are.
        _log.warning("event.unavailable", reason=str(error))
        return EventAnswer(POSTPONED, f"{error.part} does not answer")
    except Retryable as error:
        return EventAnswer(POSTPONED, _one_line(error))
    except Exception:  # noqa: BLE001  # a bug: the source must hear of it, not the web server
        _log.exception("event.failed")
        return EventAnswer(FAILED, "internal error")
    return EventAnswer(DONE)


def respond(
    request: Request,
    handle: Handle,
    metrics: FunctionMetrics,
    together: HandleAll | None = None,
) -> Response:
    """Handle the request's event, or each of its batch: `together` takes those of a batch at once.

    What `together` refuses is handled again one by one, so handling twice must change nothing.
    """
    body = request.get_data()
    if not is_batch(request.headers):
        return _respond_to_one(request, body, handle, metrics)
    events: list[ReceivedEvent | BrokenEvent] = []
    readable = answer(lambda: events.extend(receive_batch(body)))
    if readable.status != DONE:
        _note(readable, None, metrics)
        return _response(readable, request)
    return _batch_response(_answers(events, handle, together, metrics.function), events, metrics)


def _respond_to_one(
    request: Request, body: bytes, handle: Handle, metrics: FunctionMetrics
) -> Response:
    events: list[ReceivedEvent] = []
    answered = answer(lambda: events.append(receive(request.headers, body)))
    if events:
        answered = _handled(events[0], handle, metrics.function)
    _note(answered, events[0] if events else None, metrics)
    return _response(answered, request)


def _answers(
    events: Sequence[ReceivedEvent | BrokenEvent],
    handle: Handle,
    together: HandleAll | None,
    function: str,
) -> list[EventAnswer]:
    whole = [event for event in events if isinstance(event, ReceivedEvent)]
    if together is None or not whole:
        return _one_by_one(events, handle, function)
    at_once = _handled_together(whole, together, function)
    if at_once.status not in _OF_EACH:
        return _one_by_one(events, handle, function)
    return [at_once if isinstance(event, ReceivedEvent) else _refusal(event) for event in events]


def _handled_together(
    events: Sequence[ReceivedEvent], together: HandleAll, function: str
) -> EventAnswer:
    with tracing.batch(function, events) as work:
        answered = answer(lambda: together(events))
        work.answered(answered.status)
        if answered.status in _OF_EACH:
            work.each()
    return answered


def _one_by_one(
    events: Sequence[ReceivedEvent | BrokenEvent], handle: Handle, function: str
) -> list[EventAnswer]:
    answers: list[EventAnswer] = []
    away: EventAnswer | None = None
    for event in events:
        if isinstance(event, BrokenEvent):
            answers.append(_refusal(event))
            continue
        # What does not answer for one event would be waited for by each that follows.
        answered = away or _handled(event, handle, function)
        away = answered if answered.status == POSTPONED else None
        answers.append(answered)
    return answers


def _handled(event: ReceivedEvent, handle: Handle, function: str) -> EventAnswer:
    with tracing.event(function, event) as work:
        answered = answer(partial(handle, event))
        work.answered(answered.status)
    return answered


def _refusal(event: BrokenEvent) -> EventAnswer:
    return EventAnswer(REFUSED, _one_line(event.violation))


def _batch_response(
    answers: Sequence[EventAnswer],
    events: Sequence[ReceivedEvent | BrokenEvent],
    metrics: FunctionMetrics,
) -> Response:
    for answered, event in zip(answers, events, strict=True):
        _note(answered, event if isinstance(event, ReceivedEvent) else None, metrics)
    all_done = all(answered.status == DONE for answered in answers)
    results = [answered.result(event.id) for answered, event in zip(answers, events, strict=True)]
    status = HTTPStatus.OK if all_done else HTTPStatus.MULTI_STATUS
    return Response(strict_json.encode(results), status, content_type="application/json")


def _response(answered: EventAnswer, request: Request) -> Response:
    if answered.status == DONE:
        # Knative takes any 2xx with a body that is no CloudEvent for a failure.
        return Response(status=DONE)
    headers = {REASON: answered.reason} if answered.status == REFUSED else {}
    phrase = answered.status.phrase
    problem = Problem(answered.status, "about:blank", phrase, answered.reason, headers=headers)
    return problem.response(id_of(request))


def _note(answered: EventAnswer, event: ReceivedEvent | None, metrics: FunctionMetrics) -> None:
    outcome = _OUTCOMES[answered.status]
    metrics.event(event.type if event else UNREADABLE, outcome)
    if answered.status not in {DONE, FAILED}:
        _log.warning(
            f"event.{outcome}", reason=answered.reason, event_id=event.id if event else None
        )


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()).encode("ascii", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in text)[:MAX_OF_A_REASON] or "refused"
