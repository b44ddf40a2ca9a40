"""A traced function for tests, and events for it."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask.testing import FlaskClient
from structlog.contextvars import get_contextvars
from werkzeug.test import TestResponse

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import Malformed, Unavailable
from risksentinel.http.event_responses import respond
from risksentinel.http.function_app import function_app
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics
from tests.open_routes import OPEN

CALLER = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
OTHER = "00-" + "c" * 32 + "-" + "d" * 16 + "-01"
UNSAMPLED = CALLER[:-2] + "00"
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
FAILURES = {"refuse": Malformed("no"), "later": Unavailable("database")}


def traced_app() -> FlaskClient:
    """A client of a function with a route for events and two routes that report their context."""
    app, metrics = function_app("sample", access=OPEN), FunctionMetrics("sample")

    def together(events: Sequence[ReceivedEvent]) -> None:
        for event in events:
            with metrics.stage("work"):
                data = event.payload()
            if data in FAILURES:
                raise FAILURES[data]

    def events() -> Response:
        return respond(request, lambda event: together([event]), metrics, together)

    def origin() -> Response:
        return Response(tracing.origin(request.headers.get("traceparent")))

    def logged() -> Response:
        return Response(json.dumps(get_contextvars()))

    for path, view in {"/": events, "/origin": origin, "/logged": logged}.items():
        app.add_url_rule(path, path, view, methods=["POST"])
    return app.test_client()


def event(name: str, traceparent: str | None, data: str = "fine") -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    stated = {
        "specversion": "1.0",
        "id": name,
        "source": "/test",
        "type": "za.risksentinel.transaction.received.v1",
        "data": data,
        "datacontenttype": "application/json",
    }
    return stated if traceparent is None else {**stated, "traceparent": traceparent}


def sent(client: FlaskClient, *events: dict[str, Any]) -> TestResponse:
    """Send one event, or several as a batch, and return the answer."""
    if len(events) > 1:
        return client.post("/", data=json.dumps(events), headers=BATCH)
    kind = {"Content-Type": "application/cloudevents+json"}
    return client.post("/", data=json.dumps(events[0]), headers=kind)
