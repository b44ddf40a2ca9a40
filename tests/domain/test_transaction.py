from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.errors import Malformed
from tests.strategies import NOW, transactions


@given(transactions)
def test_a_repeated_payment_may_differ_in_time_only(payment: Transaction) -> None:
    """Without a time from the caller, the time of receipt is used, which differs at each retry."""
    later = replace(payment, occurred_at=payment.occurred_at + timedelta(seconds=1))
    other = replace(payment, amount=Money.of_cents(payment.amount.cents ^ 1))

    assert payment.is_same_payment(later)
    assert not payment.is_same_payment(other)


@given(transactions, st.integers(-12, 14))
def test_times_are_utc_whatever_the_zone_they_came_in(payment: Transaction, hours: int) -> None:
    """Windows compare times of different senders, so all are stored in UTC."""
    local = payment.occurred_at.astimezone(timezone(timedelta(hours=hours)))

    same = replace(payment, occurred_at=local)

    assert same == payment
    assert same.occurred_at.tzinfo is UTC


def test_local_time_is_south_african() -> None:
    """The words night and today mean those of Africa/Johannesburg."""
    payment = _payment(datetime(2026, 5, 1, 22, 30, tzinfo=UTC))

    local = payment.local_time

    assert (local.day, local.hour) == (2, 0)


def test_a_naive_time_is_refused() -> None:
    """A wrong guess of the zone would be wrong by two hours."""
    with pytest.raises(Malformed, match="time zone"):
        _payment(datetime(2026, 5, 1, 8, 0))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(("ahead", "fine"), [(299, True), (300, True), (301, False)])
def test_a_clock_may_run_five_minutes_ahead(ahead: int, fine: bool) -> None:  # noqa: FBT001
    """Clocks differ by seconds; a payment of tomorrow is an error or an attack."""
    payment = _payment(NOW + timedelta(seconds=ahead))

    refused = False
    try:
        payment.refuse_if_ahead_of(NOW)
    except Malformed:
        refused = True

    assert refused is not fine


@pytest.mark.parametrize("name", ["id", "sender_id", "receiver_id", "device_id"])
@pytest.mark.parametrize("wrong", ["", "x" * 65, "a b", "a\0", "a\n", "é"])
def test_a_wrong_identifier_is_refused_by_its_name(name: str, wrong: str) -> None:
    """The message must say which identifier to correct."""
    with pytest.raises(Malformed, match=f"^{name}:"):
        replace(_payment(NOW), **{name: wrong})  # type: ignore[arg-type]  # one of four texts


def test_the_context_of_the_order_may_be_missing() -> None:
    """Few callers state all three, and a missing value is not "never"."""
    payment = _payment(NOW)

    assert (payment.device_id, payment.sim_swapped_at, payment.beneficiary_added_at) == (None,) * 3


@given(transactions)
def test_the_context_of_the_order_does_not_identify_a_payment(payment: Transaction) -> None:
    """A caller may add the context when it repeats a payment."""
    again = replace(payment, device_id="other", sim_swapped_at=None, beneficiary_added_at=None)

    assert payment.is_same_payment(again)


@pytest.mark.parametrize("name", ["sim_swapped_at", "beneficiary_added_at"])
@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 5, 1, 8, 0), "time zone"),  # noqa: DTZ001 - the point of the test
        (datetime(1989, 12, 31, tzinfo=UTC), "not be before 1990-01-01"),
        (NOW + timedelta(minutes=5, seconds=1), "more than five minutes after occurred_at"),
    ],
)
def test_a_time_that_cannot_be_before_the_payment_is_refused(
    name: str, at: datetime, words: str
) -> None:
    """Rules compare the time before the payment: a wrong time would give a wrong decision."""
    with pytest.raises(Malformed, match=f"^{name}: .*{words}"):
        replace(_payment(NOW), **{name: at})  # type: ignore[arg-type]  # one of two times


@pytest.mark.parametrize("name", ["sim_swapped_at", "beneficiary_added_at"])
def test_a_time_of_another_zone_is_stored_in_utc(name: str) -> None:
    """Times of different senders are compared in UTC."""
    local = NOW.astimezone(timezone(timedelta(hours=2)))

    payment = replace(_payment(NOW), **{name: local})  # type: ignore[arg-type]  # one of two times

    assert getattr(payment, name) == NOW
    assert getattr(payment, name).tzinfo is UTC


def test_all_violations_are_listed_if_the_payment_has_no_zone() -> None:
    """Times without a zone cannot be compared, but each is still checked."""
    naive = datetime(2026, 5, 1, 8, 0)  # noqa: DTZ001 - the point of the test

    with pytest.raises(Malformed) as refused:
        replace(_payment(NOW), occurred_at=naive, sim_swapped_at=naive, device_id="a b")

    paths = [violation.path for violation in refused.value.violations]
    assert paths == ["device_id", "occurred_at", "sim_swapped_at"]


def _payment(at: datetime) -> Transaction:
    return Transaction("t1", "A", "B", Money.of_cents(100), Channel.POS, at)


@given(transactions)
def test_the_mapping_has_every_field_of_the_payment(payment: Transaction) -> None:
    """The database, the API, events and receipts are written from this mapping."""
    mapping = payment.to_mapping()

    names = [field.name for field in fields(Transaction)]
    expected = {name: getattr(payment, name) for name in names if name != "amount"}
    assert mapping == {**expected, "amount_zar": payment.amount.amount}
