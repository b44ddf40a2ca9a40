"""Delivers events to a function's WSGI application, as HTTP requests without a network."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from werkzeug.test import Client, TestResponse

from risksentinel.adapters.memory.direct_publisher import DeliverEvents
from risksentinel.cloudevents.binding import to_batch, to_binary_http
from risksentinel.events.event import Event
from risksentinel.http.event_responses import REASON
from risksentinel.ports.publishing import Delivery, Outcome

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_CONCURRENT: Final = 8  # requests: a slow webhook delays no other alert
MAX_EVENTS: Final = 200
_RETRIED: Final = frozenset({404, 408, 409, 429})  # and every 5xx, as Knative does


def deliver_singly(app: "WSGIApplication", secret: str = "") -> DeliverEvents:
    """One request for each event, MAX_CONCURRENT at a time: their keys differ in one call."""
    client = _client(app, secret)
    threads = ThreadPoolExecutor(MAX_CONCURRENT, "deliver")

    def one(event: Event) -> Delivery:
        return _delivery_of(_post(client, *to_binary_http(event)))

    def deliver(events: Sequence[Event]) -> list[Delivery]:
        return [one(events[0])] if len(events) == 1 else list(threads.map(one, events))

    return deliver


def deliver_batches(app: "WSGIApplication", secret: str = "") -> DeliverEvents:
    """One request for up to MAX_EVENTS events, for a function that takes batches."""
    client = _client(app, secret)
    singly = deliver_singly(app, secret)

    def deliver(events: Sequence[Event]) -> list[Delivery]:
        if len(events) == 1:
            return singly(events)
        found: list[Delivery] = []
        for start in range(0, len(events), MAX_EVENTS):
            part = events[start : start + MAX_EVENTS]
            response = _post(client, *to_batch(part))
            if response.status_code in {HTTPStatus.OK, HTTPStatus.MULTI_STATUS}:
                found += [_of_line(line) for line in json.loads(response.data)]
            else:
                found += singly(part)  # the function refused the batch as a whole
        return found

    return deliver


def _client(app: "WSGIApplication", secret: str) -> Client:
    """A client that shows the secret; the function is in this process."""

    def authorized(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return app(environ, start)

    return Client(authorized)


def _post(client: Client, headers: dict[str, str], body: bytes) -> TestResponse:
    return client.post("/", headers=headers, data=body)


def _delivery_of(response: TestResponse) -> Delivery:
    reason = response.headers.get(REASON) or _detail(response)
    return _delivery(response.status_code, reason)


def _detail(response: TestResponse) -> str:
    """The `detail` of a problem document; empty for any other response."""
    if not (response.mimetype or "").endswith("json"):
        return ""
    return str(json.loads(response.data).get("detail", ""))


def _of_line(line: dict[str, object]) -> Delivery:
    return _delivery(int(str(line["status"])), str(line.get("reason", "")))


def _delivery(status: int, reason: str) -> Delivery:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivery(Outcome.DELIVERED, code=status)
    if status in _RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Delivery(Outcome.FAILED, reason, status)
    return Delivery(Outcome.REFUSED, reason, status)
