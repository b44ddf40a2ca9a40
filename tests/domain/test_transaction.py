from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.errors import Malformed
from tests.strategies import NOW, transactions


@given(transactions)
def test_a_repetition_may_be_dated_anew_and_nothing_else(payment: Transaction) -> None:
    """A caller that gives no time gets ours, which differs at each try."""
    later = replace(payment, occurred_at=payment.occurred_at + timedelta(seconds=1))
    other = replace(payment, amount=Money.of_cents(payment.amount.cents ^ 1))

    assert payment.is_the_payment(later)
    assert not payment.is_the_payment(other)


@given(transactions, st.integers(-12, 14))
def test_times_are_utc_whatever_the_zone_they_came_in(payment: Transaction, hours: int) -> None:
    """Windows compare times of different senders."""
    local = payment.occurred_at.astimezone(timezone(timedelta(hours=hours)))

    same = replace(payment, occurred_at=local)

    assert same == payment
    assert same.occurred_at.tzinfo is UTC


def test_local_time_is_south_african() -> None:
    """By law and habit, "night" and "today" are those of Africa/Johannesburg."""
    payment = _payment(datetime(2026, 5, 1, 22, 30, tzinfo=UTC))

    local = payment.local_time

    assert (local.day, local.hour) == (2, 0)


def test_a_naive_time_is_refused() -> None:
    """A time without zone is two hours off for whoever guesses wrong."""
    with pytest.raises(Malformed, match="time zone"):
        _payment(datetime(2026, 5, 1, 8, 0))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(("ahead", "fine"), [(299, True), (300, True), (301, False)])
def test_a_clock_may_run_five_minutes_ahead(ahead: int, fine: bool) -> None:  # noqa: FBT001
    """Clocks differ by seconds; a payment of tomorrow is a mistake or a trick."""
    payment = _payment(NOW + timedelta(seconds=ahead))

    refused = False
    try:
        payment.refuse_if_ahead_of(NOW)
    except Malformed:
        refused = True

    assert refused is not fine


@pytest.mark.parametrize("name", ["id", "sender_id", "receiver_id"])
@pytest.mark.parametrize("wrong", ["", "x" * 65, "a b", "a\0", "a\n", "é"])
def test_a_wrong_identifier_is_refused_by_its_name(name: str, wrong: str) -> None:
    """Whoever mends it must know which one it was."""
    with pytest.raises(Malformed, match=f"^{name}:"):
        replace(_payment(NOW), **{name: wrong})  # type: ignore[arg-type]  # one of three texts


def _payment(at: datetime) -> Transaction:
    return Transaction("t1", "A", "B", Money.of_cents(100), Channel.POS, at)
