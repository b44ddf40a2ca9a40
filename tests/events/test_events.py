"""The contract of the transaction events."""

from dataclasses import replace

from hypothesis import given

from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.events import transaction_received, transaction_scored
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from tests.strategies import NOW, transactions


@given(transactions)
def test_a_received_payment_comes_back_as_it_was(payment: Transaction) -> None:
    """The function score decodes the payment that ingest encoded."""
    event = transaction_received.encode(payment, "/risksentinel/ingest")

    assert transaction_received.decode(event.data) == payment
    assert transaction_received.decode({**event.data, "colour": "red"}) == payment


@given(transactions)
def test_an_event_has_the_same_id_each_time(payment: Transaction) -> None:
    """Consumers recognize a repeated delivery by the id."""
    silent = Silent("away")
    scored = Scored(payment, score(Facts(payment, silent, silent), Policy(), NOW))

    first = transaction_scored.encode(scored, "/s", alert_id=None)
    other = transaction_scored.encode(scored, "/s", alert_id=None)
    received = transaction_received.encode(payment, "/s")

    assert first.id == other.id
    assert first.id != received.id
    assert first.key == payment.sender_id
    assert first.subject == payment.id


@given(transactions)
def test_attributes_are_text_and_name_the_trace_only_where_there_is_one(
    payment: Transaction,
) -> None:
    """An empty traceparent would be an invalid attribute."""
    event = transaction_received.encode(payment, "/s")
    traced = replace(event, traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01")

    assert all(isinstance(value, str) for value in event.attributes().values())
    assert "traceparent" not in event.attributes()
    assert traced.attributes()["traceparent"] == traced.traceparent
