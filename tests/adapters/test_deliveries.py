"""The contract of Deliveries, for SQL and for the fake of the use case tests."""

from datetime import timedelta
from typing import Protocol

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.ports.alerting import AlertDeliveries, Deliveries, DeliveryStatus, KeptDelivery
from tests.adapters.sql.samples import NOW
from tests.fakes.deliveries import InMemoryDeliveries

LATER = NOW + timedelta(minutes=1)
ENDPOINTS = ("desk", "pager")


class Both(Deliveries, AlertDeliveries, Protocol):
    """Written by the dispatcher, read by analysts."""


@pytest.fixture(params=["fake", "sql"])
def deliveries(request: pytest.FixtureRequest, engine: Engine) -> Both:
    """Nothing was delivered yet."""
    return InMemoryDeliveries() if request.param == "fake" else SqlDeliveries(engine)


def note(
    deliveries: Both,
    endpoint: str,
    status: DeliveryStatus,
    reason: str = "",
    event_id: str = "ev-1",
) -> None:
    """Store the outcome of an attempt."""
    deliveries.note(event_id, endpoint, status=status, reason=reason, at=LATER)


def test_every_endpoint_is_served_at_first(deliveries: Both) -> None:
    """No endpoint has received the event yet."""
    assert deliveries.open("ev-1", "a-1", ENDPOINTS, NOW) == {"desk", "pager"}
    assert deliveries.open("ev-2", "a-1", ["desk", "desk"], NOW) == {"desk"}
    assert deliveries.open("ev-3", "a-1", [], NOW) == set()


def test_a_repetition_serves_those_only_who_have_not_had_it(deliveries: Both) -> None:
    """An analyst must not be paged twice because another endpoint failed."""
    deliveries.open("ev-1", "a-1", ENDPOINTS, NOW)

    note(deliveries, "desk", DeliveryStatus.DELIVERED)
    note(deliveries, "pager", DeliveryStatus.PENDING, "503")

    assert deliveries.open("ev-1", "a-1", (*ENDPOINTS, "new"), LATER) == {"pager", "new"}


@pytest.mark.parametrize("late", [DeliveryStatus.PENDING, DeliveryStatus.FAILED])
def test_a_late_failure_takes_no_delivery_back(deliveries: Both, late: DeliveryStatus) -> None:
    """Two attempts can race, and one success is enough."""
    deliveries.open("ev-1", "a-1", ["desk"], NOW)

    note(deliveries, "desk", DeliveryStatus.DELIVERED)
    note(deliveries, "desk", late, "503")

    assert deliveries.open("ev-1", "a-1", ["desk"], LATER) == set()
    assert deliveries.of_alert("a-1") == [
        KeptDelivery("desk", DeliveryStatus.DELIVERED, 1, "", LATER)
    ]


def test_an_attempt_that_was_never_begun_is_not_noted(deliveries: Both) -> None:
    """The alert of such an attempt would be unknown."""
    note(deliveries, "desk", DeliveryStatus.DELIVERED)

    assert deliveries.open("ev-1", "a-1", ["desk"], NOW) == {"desk"}


def test_attempts_are_counted_with_the_last_reason(deliveries: Both) -> None:
    """An operator must see why an endpoint did not receive an alert."""
    deliveries.open("ev-2", "a-2", ["desk"], NOW)
    deliveries.open("ev-1", "a-1", ("pager", "desk"), NOW)

    for _ in range(2):
        note(deliveries, "pager", DeliveryStatus.PENDING, "503")
    deliveries.open("ev-1", "a-1", ENDPOINTS, LATER)

    assert deliveries.of_alert("a-1") == [
        KeptDelivery("desk", DeliveryStatus.PENDING, 0, "", NOW),
        KeptDelivery("pager", DeliveryStatus.PENDING, 2, "503", LATER),
    ]
    assert deliveries.of_alert("unknown") == []


def test_an_endpoint_that_is_gone_is_not_shown_as_waiting(deliveries: Both) -> None:
    """It is not retried automatically; a redelivery of the event attempts it once more."""
    deliveries.open("ev-1", "a-1", ["desk"], NOW)
    note(deliveries, "desk", DeliveryStatus.FAILED, "answered 410")

    (shown,) = deliveries.of_alert("a-1")
    again = deliveries.open("ev-1", "a-1", ["desk"], LATER)
    note(deliveries, "desk", DeliveryStatus.DELIVERED)

    assert shown == KeptDelivery("desk", DeliveryStatus.FAILED, 1, "answered 410", LATER)
    assert again == {"desk"}
    assert deliveries.of_alert("a-1") == [
        KeptDelivery("desk", DeliveryStatus.DELIVERED, 2, "", LATER)
    ]
