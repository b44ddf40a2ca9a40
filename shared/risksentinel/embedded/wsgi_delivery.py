"""Delivery without a network: an event goes to a function's own app, as HTTP has it."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from werkzeug.test import Client, TestResponse

from risksentinel.cloudevents.binding import to_batch, to_binary_http
from risksentinel.events.event import Event
from risksentinel.http.event_responses import REASON
from risksentinel.ports.announcements import Delivery, Outcome

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

AT_ONCE: Final = 8  # a slow webhook is waited for by its own alert only
MAX_EVENTS: Final = 200
_RETRIED: Final = frozenset({404, 408, 409, 429})  # and every 5xx, as Knative does
Deliver = Callable[[Sequence[Event]], list[Delivery]]


def deliver_singly(app: "WSGIApplication") -> Deliver:
    """One request an event, some at once: those of one call have different keys."""
    client = Client(app)
    threads = ThreadPoolExecutor(AT_ONCE, "deliver")

    def one(event: Event) -> Delivery:
        return _delivery_of(_post(client, *to_binary_http(event)))

    def deliver(events: Sequence[Event]) -> list[Delivery]:
        return [one(events[0])] if len(events) == 1 else list(threads.map(one, events))

    return deliver


def deliver_batches(app: "WSGIApplication") -> Deliver:
    """Many events a request, for a function that takes batches."""
    client = Client(app)
    singly = deliver_singly(app)

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
                found += singly(part)  # the batch as a whole was not taken
        return found

    return deliver


def _post(client: Client, headers: dict[str, str], body: bytes) -> TestResponse:
    return client.post("/", headers=headers, data=body)


def _delivery_of(response: TestResponse) -> Delivery:
    reason = response.headers.get(REASON) or _detail(response)
    return _delivery(response.status_code, reason)


def _detail(response: TestResponse) -> str:
    """What the problem says, where the answer is one."""
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
