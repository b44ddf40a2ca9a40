"""Handle the events of a request, and answer with their outcomes."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from flask import Request, Response

from risksentinel.cloudevents.binding import BrokenEvent, is_batch, receive, receive_batch
from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import Unavailable
from risksentinel.http.event_outcomes import (
    DONE,
    FAILED,
    POSTPONED,
    REFUSED,
    SHARED_BY_A_BATCH,
    EventOutcome,
    outcome_of,
)
from risksentinel.http.problems import Problem
from risksentinel.http.requests import id_of
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import UNREADABLE, FunctionMetrics
from risksentinel.text import strict_json

REASON: Final = "Kne-Reason"
_NOT_LOGGED: Final = frozenset({DONE, FAILED})
Handle = Callable[[ReceivedEvent], None]
HandleBatch = Callable[[Sequence[ReceivedEvent]], None]
_log = structlog.get_logger(__name__)


def respond(
    request: Request,
    handle: Handle,
    metrics: FunctionMetrics,
    handle_batch: HandleBatch | None = None,
) -> Response:
    """Handle the request's event, or each event of its batch.

    `handle_batch` takes all events of a batch at once. If it refuses the batch, `handle` takes the
    events one by one, so handling an event twice must change nothing.
    """
    body = request.get_data()
    if not is_batch(request.headers):
        return _respond_to_one(request, body, handle, metrics)
    events: list[ReceivedEvent | BrokenEvent] = []
    readable = _run(lambda: events.extend(receive_batch(body)))
    if readable.status != DONE:
        _record(readable, None, metrics)
        return _response(readable, request)
    return _batch_response(
        _outcomes(events, handle, handle_batch, metrics.function), events, metrics
    )


def _run(work: Callable[[], None]) -> EventOutcome:
    """Run the work; every error becomes an outcome, and an unexpected one is logged."""
    try:
        work()
    except Exception as error:  # noqa: BLE001  # the source needs an answer to a bug too
        outcome = outcome_of(error)
        if isinstance(error, Unavailable):
            _log.warning("event.unavailable", reason=str(error))
        elif outcome.status == FAILED:
            _log.exception("event.failed")
        return outcome
    return outcome_of(None)


def _respond_to_one(
    request: Request, body: bytes, handle: Handle, metrics: FunctionMetrics
) -> Response:
    events: list[ReceivedEvent] = []
    outcome = _run(lambda: events.append(receive(request.headers, body)))
    if events:
        outcome = _handled(events[0], handle, metrics.function)
    _record(outcome, events[0] if events else None, metrics)
    return _response(outcome, request)


def _outcomes(
    events: Sequence[ReceivedEvent | BrokenEvent],
    handle: Handle,
    handle_batch: HandleBatch | None,
    function: str,
) -> list[EventOutcome]:
    """One outcome for each event, in order."""
    readable = [event for event in events if isinstance(event, ReceivedEvent)]
    if handle_batch is None or not readable:
        return _one_by_one(events, handle, function)
    shared = _handled_at_once(readable, handle_batch, function)
    if shared.status not in SHARED_BY_A_BATCH:
        return _one_by_one(events, handle, function)
    return [
        outcome_of(event.violation) if isinstance(event, BrokenEvent) else shared
        for event in events
    ]


def _handled_at_once(
    events: Sequence[ReceivedEvent], handle_batch: HandleBatch, function: str
) -> EventOutcome:
    with tracing.batch(function, events) as work:
        outcome = _run(lambda: handle_batch(events))
        work.answered(outcome.status)
        if outcome.status in SHARED_BY_A_BATCH:
            work.each()
    return outcome


def _one_by_one(
    events: Sequence[ReceivedEvent | BrokenEvent], handle: Handle, function: str
) -> list[EventOutcome]:
    outcomes: list[EventOutcome] = []
    postponed: EventOutcome | None = None
    for event in events:
        if isinstance(event, BrokenEvent):
            outcomes.append(outcome_of(event.violation))
            continue
        # After one timeout the rest of the batch is postponed too: each would wait as long.
        outcome = postponed or _handled(event, handle, function)
        postponed = outcome if outcome.status == POSTPONED else None
        outcomes.append(outcome)
    return outcomes


def _handled(event: ReceivedEvent, handle: Handle, function: str) -> EventOutcome:
    with tracing.event(function, event) as work:
        outcome = _run(partial(handle, event))
        work.answered(outcome.status)
    return outcome


def _batch_response(
    outcomes: Sequence[EventOutcome],
    events: Sequence[ReceivedEvent | BrokenEvent],
    metrics: FunctionMetrics,
) -> Response:
    counted: Counter[tuple[str, str]] = Counter()
    for outcome, event in zip(outcomes, events, strict=True):
        read = event if isinstance(event, ReceivedEvent) else None
        counted[read.type if read else UNREADABLE, outcome.name] += 1
        _log_outcome(outcome, read)
    for (event_type, name), count in counted.items():
        metrics.event(event_type, name, count)
    all_done = all(outcome.status == DONE for outcome in outcomes)
    results = [outcome.result(event.id) for outcome, event in zip(outcomes, events, strict=True)]
    status = HTTPStatus.OK if all_done else HTTPStatus.MULTI_STATUS
    return Response(strict_json.encode(results), status, content_type="application/json")


def _response(outcome: EventOutcome, request: Request) -> Response:
    if outcome.status == DONE:
        # Knative takes a 2xx with a body that is not a CloudEvent for a failure.
        return Response(status=DONE)
    headers = {REASON: outcome.reason} if outcome.status == REFUSED else {}
    phrase = outcome.status.phrase
    problem = Problem(outcome.status, "about:blank", phrase, outcome.reason, headers=headers)
    return problem.response(id_of(request))


def _record(outcome: EventOutcome, event: ReceivedEvent | None, metrics: FunctionMetrics) -> None:
    metrics.event(event.type if event else UNREADABLE, outcome.name)
    _log_outcome(outcome, event)


def _log_outcome(outcome: EventOutcome, event: ReceivedEvent | None) -> None:
    """Log the outcome unless the event is done, or its failure is logged already."""
    if outcome.status not in _NOT_LOGGED:
        _log.warning(
            f"event.{outcome.name}", reason=outcome.reason, event_id=event.id if event else None
        )
