"""Labels of tests: by a request, and by an event."""

from werkzeug.test import Client, TestResponse

from risksentinel.assembly.container import Container
from risksentinel.assembly.label_records import label_records
from risksentinel.cloudevents.binding import to_binary_http
from risksentinel.domain.label import Label
from risksentinel.events import fraud_confirmed
from risksentinel.events.event import Event
from tests.functions.caller import NOW, TRANSACTIONS

FRAUD = {"label": "fraud", "source": "chargeback"}


def label(api: Client, body: object, payment: str = "p-1") -> TestResponse:
    """Label a payment."""
    return api.post(f"{TRANSACTIONS}{payment}/label", json=body)


def confirmed(payment: str = "p-1", **changes: object) -> Event:
    """The event of a chargeback."""
    data = {
        "transaction_id": payment,
        "source": "chargeback",
        "reported_at": "2026-05-01T12:00:00Z",
        **changes,
    }
    return Event(
        topic=fraud_confirmed.TOPIC,
        id=f"cb-{payment}",
        type=fraud_confirmed.TYPE,
        source="/bank/disputes",
        subject=payment,
        key="acc-1",
        time=NOW,
        data={name: value for name, value in data.items() if value is not None},
    )


def sent(function: Client, event: Event) -> TestResponse:
    """The response to one event."""
    headers, body = to_binary_http(event)
    return function.post("/", headers=headers, data=body)


def kept(container: Container) -> list[Label]:
    """Every label."""
    return list(label_records(container).written(NOW, NOW.replace(year=2027)))
