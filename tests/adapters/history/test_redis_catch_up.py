"""Redis gets the payments that it missed while it was away, each once."""

from datetime import timedelta

from risksentinel.domain.verdict import Decision
from risksentinel.ports.history import Remembered
from tests.adapters.history.histories import FreshRedis, payment
from tests.strategies import NOW


def test_a_missed_payment_counts_and_a_known_one_counts_once(redis: FreshRedis) -> None:
    """A reply may be lost after the payment was recorded."""
    history = redis()
    known, missed = payment(), payment()
    history.record([known])

    history.catch_up([Remembered(known, Decision.APPROVE), Remembered(missed, Decision.APPROVE)])
    history.catch_up([Remembered(missed, Decision.APPROVE)])

    assert history.record([payment()])[0].velocity.count == 3


def test_a_missed_payment_that_was_declined_is_no_habit(redis: FreshRedis) -> None:
    """The amount of a stopped payment must not become usual."""
    history = redis()
    before = NOW - timedelta(days=2)
    stopped, approved = payment(at=before), payment(at=before)

    history.catch_up(
        [Remembered(stopped, Decision.DECLINE), Remembered(approved, Decision.APPROVE)]
    )

    assert history.record([payment()])[0].sender.payments == 1
