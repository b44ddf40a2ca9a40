"""Every route reads times in the same way, and refuses invalid times with the same text."""

from collections.abc import Callable

import pytest
from werkzeug.test import Client, TestResponse

from tests.functions.caller import PAYMENT, TRANSACTIONS, said, violations

EVENTS = f"{TRANSACTIONS}events"
EVENT = {
    "ce-id": "e-1",
    "ce-source": "/bank",
    "ce-type": "za.risksentinel.payment.submitted.v1",
    "ce-specversion": "1.0",
}


def in_a_payment(api: Client, time: str) -> TestResponse:
    """The time of a payment."""
    return api.post(TRANSACTIONS, json={**PAYMENT, "occurred_at": time})


def in_a_label(api: Client, time: str) -> TestResponse:
    """The time of a label."""
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"})
    body = {"label": "fraud", "source": "chargeback", "reported_at": time}
    return api.post(f"{TRANSACTIONS}p-1/label", json=body)


def in_a_query(api: Client, time: str) -> TestResponse:
    """The filter of the list of payments."""
    return api.get(TRANSACTIONS, query_string={"from": time})


def in_an_event(api: Client, time: str) -> TestResponse:
    """The time of an event."""
    return api.post(EVENTS, json={**PAYMENT, "id": "p-1"}, headers={**EVENT, "ce-time": time})


ENTRANCES = (in_a_payment, in_a_label, in_a_query, in_an_event)


@pytest.mark.parametrize("send", ENTRANCES)
@pytest.mark.parametrize("fraction", ["", ".5", ".1234567", ".123456789", f".{'9' * 40}"])
def test_any_number_of_fraction_digits_comes_in(
    api: Client, send: Callable[[Client, str], TestResponse], fraction: str
) -> None:
    """.NET writes seven digits, Go and Java nine."""
    assert send(api, f"2026-05-01T12:00:00{fraction}Z").status_code in {200, 201, 204}


@pytest.mark.parametrize("send", ENTRANCES)
@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-02-30T12:00:00Z", "must name a day that the calendar has"),
        ("2026-05-01T24:00:00Z", "00:00 of the next day"),
        ("2026-05-01T12:00:00", "must have a zone"),
        ("2026-05-01T12:00:00+0200", "like +02:00"),
    ],
)
def test_an_invalid_time_is_refused_with_the_mistake(
    api: Client, send: Callable[[Client, str], TestResponse], time: str, words: str
) -> None:
    """The text of the violation states the actual mistake, such as a day that does not exist."""
    answer = send(api, time)

    assert answer.status_code == 422
    assert words in answer.text


def test_a_time_is_kept_to_the_microsecond(api: Client) -> None:
    """Digits after the sixth are cut: rounding could move a payment to the next second."""
    time = "2026-05-01T11:59:59.9999999Z"

    body = {**PAYMENT, "id": "p-1", "occurred_at": time}
    said(api.post(TRANSACTIONS, json=body), 201)

    assert said(api.get(f"{TRANSACTIONS}p-1"))["occurred_at"] == "2026-05-01T11:59:59.999999Z"
    assert list(violations(in_a_payment(api, "soon"))) == ["occurred_at"]
