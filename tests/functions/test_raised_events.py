from dataclasses import dataclass, field, replace

import pytest
from werkzeug.test import Client

from functions.alert_dispatch.raised_events import routes
from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.assembly.container import Container
from risksentinel.cloudevents.binding import to_batch, to_binary_http
from risksentinel.domain.alert import Alert
from risksentinel.errors import Rejected, Retryable
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.http.function_app import function_app
from risksentinel.ports.alerting import Endpoint
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.dispatch_alert import DispatchAlert
from tests.functions.caller import LARGE, NOW, TRANSACTIONS, said

WEBHOOK = Endpoint("webhook-1", "memory", "https://example.com", None)


@dataclass
class Told:
    """A channel that stores the events it sent, or raises the given error."""

    failure: Exception | None = None
    events: list[Event] = field(default_factory=list)

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Store the event."""
        assert endpoint == WEBHOOK
        if self.failure:
            raise self.failure
        self.events.append(event)


@pytest.fixture
def told() -> Told:
    """The channel of the endpoint."""
    return Told()


@pytest.fixture
def function(container: Container, told: Told) -> Client:
    """The route for events, in front of one endpoint."""
    dispatch = DispatchAlert(
        SqlAlertRecords(container.engine),
        SqlDeliveries(container.engine),
        {"memory": told},
        [WEBHOOK],
        lambda: NOW,
    )
    app = function_app("alert-dispatch")
    app.register_blueprint(routes(dispatch, FunctionMetrics("test-dispatch")))
    return Client(app)


@pytest.fixture
def event(api: Client, container: Container) -> Event:
    """The event of a raised alert."""
    verdict = said(api.post(TRANSACTIONS, json=LARGE), 201)
    alert: Alert = SqlAlertRecords(container.engine).alert(verdict["alert_id"])
    return alert_raised.encode(alert, event_id=f"{alert.id}.raised", source="/risksentinel/ingest")


def test_an_alert_is_sent_once_for_repeated_deliveries(
    function: Client, told: Told, event: Event
) -> None:
    """Kafka delivers at least once; an endpoint gets an alert once."""
    headers, body = to_binary_http(event)

    answers = [function.post("/", headers=headers, data=body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert [answer.data for answer in answers] == [b"", b"", b""]
    assert [sent.id for sent in told.events] == [event.id]


@pytest.mark.parametrize(("failure", "status"), [(Retryable("later"), 503), (Rejected("no"), 422)])
def test_the_status_states_whether_to_deliver_the_event_again(
    function: Client, told: Told, event: Event, failure: Exception, status: int
) -> None:
    """Only a failure that can be temporary is delivered again."""
    headers, body = to_binary_http(event)
    told.failure = failure

    answer = function.post("/", headers=headers, data=body)
    told.failure = None
    again = function.post("/", headers=headers, data=body)

    assert (answer.status_code, again.status_code) == (status, 204)
    assert len(told.events) == 1


def test_each_event_of_a_batch_is_answered_for_itself(
    function: Client, told: Told, event: Event
) -> None:
    """An invalid alert of a batch must not block the others."""
    broken = replace(event, id="broken", data={"alert_id": 7})
    headers, body = to_batch([broken, event])

    answer = function.post("/", headers=headers, data=body)

    lines = answer.get_json(force=True)
    assert answer.status_code == 207
    assert [(line["id"], line["status"]) for line in lines] == [("broken", 422), (event.id, 204)]
    assert len(told.events) == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"{}"),
        ({"ce-type": "za.risksentinel.alert.raised.v2"}, None),
        ({"Content-Type": "text/plain"}, None),
        ({}, b"[]"),
        ({}, b"[" * 100_000),
        ({}, b'{"alert_id":"\xff"}'),
        ({}, b""),
    ],
)
def test_an_event_that_cannot_ever_work_goes_to_the_dead_letters(
    function: Client, told: Told, event: Event, headers: dict[str, str], body: bytes | None
) -> None:
    """No source repeats a delivery that got 422."""
    right_headers, right_body = to_binary_http(event)

    answer = function.post(
        "/", headers={**right_headers, **headers}, data=right_body if body is None else body
    )

    assert answer.status_code == 422
    assert answer.headers["Kne-Reason"]
    assert told.events == []


@pytest.mark.parametrize(
    "forged",
    [
        {"alert_id": "0199-none"},
        {"amount_zar": "1.00"},
        {"receiver_id": "acc-9"},
        {"reasons": ["call +27 11 000 0000"]},
        {"severity": "low"},
        {"status": "resolved"},
    ],
    ids=str,
)
def test_an_alert_that_differs_from_the_stored_one_is_refused(
    function: Client, told: Told, event: Event, forged: dict[str, object]
) -> None:
    """What is sent has our signature: only a stored alert may have it."""
    headers, body = to_binary_http(replace(event, data={**event.data, **forged}))

    answer = function.post("/", headers=headers, data=body)

    assert answer.status_code == 422
    assert told.events == []


@pytest.mark.parametrize("attribute", [{"id": "again"}, {"source": "/elsewhere"}], ids=str)
def test_a_stored_alert_in_another_event_is_refused(
    function: Client, told: Told, event: Event, attribute: dict[str, str]
) -> None:
    """An event with another id would be sent again, and again."""
    headers, body = to_binary_http(replace(event, **attribute))  # type: ignore[arg-type]  # texts

    answer = function.post("/", headers=headers, data=body)

    assert answer.status_code == 422
    assert told.events == []


def test_what_an_event_adds_to_the_stored_alert_is_not_sent(
    function: Client, told: Told, event: Event
) -> None:
    """The sent event is made from the stored alert."""
    added = replace(event, data={**event.data, "hint": "pay here"}, extensions={"ownhint": "x"})
    headers, body = to_binary_http(added)

    answer = function.post("/", headers=headers, data=body)

    assert answer.status_code == 204
    (sent,) = told.events
    assert (sent.data, sent.extensions) == (event.data, {})
