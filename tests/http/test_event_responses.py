import json
from collections.abc import Sequence

import pytest
from flask import Flask, Response, request
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.cloudevents.binding import BATCH
from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import (
    Conflict,
    InProgress,
    Malformed,
    Misconfigured,
    NotFound,
    Rejected,
    Unavailable,
)
from risksentinel.http.event_outcomes import outcome_of
from risksentinel.http.event_responses import Handle, HandleBatch, respond
from risksentinel.http.function_app import function_app
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.telemetry.series import REGISTRY
from tests.open_routes import OPEN

HEADERS = {"ce-id": "1", "ce-source": "/s", "ce-type": "t.v1", "ce-specversion": "1.0"}


def events_app(handle: Handle, together: HandleBatch | None = None) -> Flask:
    """A function that takes events at its root path."""
    app = function_app("eventful", access=OPEN)

    def take() -> Response:
        return respond(request, handle, FunctionMetrics("eventful"), together)

    app.add_url_rule("/", view_func=take, methods=["POST"])
    return app


def raising(error: Exception) -> Handle:
    """A handler that raises this error."""

    def handle(_event: ReceivedEvent) -> None:
        raise error

    return handle


def done(_event: ReceivedEvent) -> None:
    """A handler that succeeds."""


def batch(*ids: str) -> bytes:
    """A batch of events; an event with an empty id is invalid."""
    members = {"source": "/s", "type": "t.v1", "specversion": "1.0"}
    return json.dumps([{"id": one, **members} for one in ids]).encode()


def statuses(answered: Sequence[dict[str, object]]) -> list[tuple[object, object]]:
    """The id and the status of each event in the response to a batch."""
    return [(line["id"], line["status"]) for line in answered]


def test_what_is_done_is_answered_with_nothing() -> None:
    """Knative treats a 2xx with a body that is not a CloudEvent as a failure."""
    answered = events_app(done).test_client().post("/", data=b"{}", headers=HEADERS)

    assert answered.status_code == 204
    assert answered.data == b""
    assert "Content-Type" not in answered.headers
    assert "Kne-Reason" not in answered.headers


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("is wrong"), 422),
        (NotFound("there is none"), 422),
        (Conflict("differs"), 422),
        (InProgress("is at work"), 409),
        (Unavailable("database"), 503),
        (Misconfigured("set X"), 500),
        (RuntimeError("secret"), 500),
    ],
)
def test_an_errors_type_decides_what_the_source_does(error: Exception, status: int) -> None:
    """Knative retries 404 and 409; 400 and 422 become dead letters at once."""
    answered = events_app(raising(error)).test_client().post("/", data=b"{}", headers=HEADERS)

    assert answered.status_code == status
    assert answered.content_type == "application/problem+json"
    assert ("Kne-Reason" in answered.headers) is (status == 422)
    assert "secret" not in answered.text


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"{}"),
        ({"ce-id": "1"}, b"{}"),
        (HEADERS, b"{"),
        ({"Content-Type": "application/cloudevents+json"}, b"{"),
        ({"Content-Type": BATCH}, b"{"),
        ({"Content-Type": BATCH}, b"{}"),
    ],
)
def test_what_is_no_event_goes_to_the_dead_letters(headers: dict[str, str], body: bytes) -> None:
    """A second delivery would fail in the same way."""
    app = events_app(lambda event: event.payload())

    answered = app.test_client().post("/", data=body, headers=headers)

    assert answered.status_code == 422
    assert answered.headers["Kne-Reason"]


@given(st.text())
def test_a_reason_fits_a_header(text: str) -> None:
    """The reason becomes a header of the dead letter; a line break would forge a header."""
    reason = outcome_of(Rejected(text)).reason

    assert reason
    assert len(reason) <= 200
    assert reason.isascii()
    assert reason.isprintable()


def test_a_batch_that_is_done_lists_its_events() -> None:
    """The sender needs the status of each event, also when all are done."""
    client = events_app(done).test_client()

    answered = client.post("/", data=batch("1", "2"), content_type=BATCH)

    assert answered.status_code == 200
    assert statuses(answered.get_json()) == [("1", 204), ("2", 204)]


def test_a_bad_event_does_not_fail_its_neighbours() -> None:
    """An invalid payment must not delay the other payments."""

    def handle(event: ReceivedEvent) -> None:
        if event.id == "2":
            raise Malformed("is wrong")

    client = events_app(handle).test_client()

    answered = client.post("/", data=batch("1", "2", "", "3"), content_type=BATCH)

    assert answered.status_code == 207
    assert statuses(answered.get_json()) == [("1", 204), ("2", 422), ("", 422), ("3", 204)]
    assert answered.get_json()[1]["reason"] == "is wrong"


def test_an_unavailable_part_is_tried_once_for_a_batch() -> None:
    """A timeout for each of 500 events would exceed the timeout of the request."""
    tried: list[str] = []

    def handle(event: ReceivedEvent) -> None:
        tried.append(event.id)
        raise Unavailable("database")

    client = events_app(handle).test_client()

    answered = client.post("/", data=batch("1", "2", "", "3"), content_type=BATCH)

    assert tried == ["1"]
    assert statuses(answered.get_json()) == [("1", 503), ("2", 503), ("", 422), ("3", 503)]


def test_a_batch_is_handled_at_once_where_it_can_be() -> None:
    """A batch is handled in one database transaction."""
    taken: list[list[str]] = []

    def together(events: Sequence[ReceivedEvent]) -> None:
        taken.append([event.id for event in events])

    client = events_app(raising(AssertionError()), together).test_client()

    answered = client.post("/", data=batch("1", "", "2"), content_type=BATCH)

    assert taken == [["1", "2"]]
    assert statuses(answered.get_json()) == [("1", 204), ("", 422), ("2", 204)]


def test_a_batch_that_is_refused_at_once_is_handled_one_by_one() -> None:
    """Only the invalid event of the batch is refused."""

    def together(_events: Sequence[ReceivedEvent]) -> None:
        raise Malformed("one of them is wrong")

    client = events_app(done, together).test_client()

    answered = client.post("/", data=batch("1", "2"), content_type=BATCH)

    assert answered.status_code == 200


def test_a_batch_whose_database_is_unavailable_is_not_tried_again() -> None:
    """The source delivers the batch again later."""

    def together(_events: Sequence[ReceivedEvent]) -> None:
        raise Unavailable("database")

    client = events_app(raising(AssertionError()), together).test_client()

    answered = client.post("/", data=batch("1", "2"), content_type=BATCH)

    assert statuses(answered.get_json()) == [("1", 503), ("2", 503)]


def test_events_are_counted_by_outcome() -> None:
    """The alert rules on failed events read this metric."""
    labels = {"function": "eventful", "type": "other", "outcome": "postponed"}
    before = REGISTRY.get_sample_value("risksentinel_events_total", labels) or 0

    events_app(raising(Unavailable("redis"))).test_client().post("/", headers=HEADERS)

    assert REGISTRY.get_sample_value("risksentinel_events_total", labels) == before + 1
