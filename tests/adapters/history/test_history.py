"""The reference history, held against the plainest model there is: a list of payments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.memory_history import MemoryHistory
from risksentinel.domain.history import RunningAmounts, Snapshot
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from tests.strategies import NOW, few_parties, near_moments, transactions

WINDOW = timedelta(seconds=300)


@st.composite
def streams(draw: st.DrawFn) -> list[Transaction]:
    """Payments of few parties within three hours, out of order, some of them repeated."""
    payments: list[Transaction] = []
    for number in range(draw(st.integers(1, 25))):
        if payments and draw(st.integers(0, 9)) == 0:
            payments.append(draw(st.sampled_from(payments)))
            continue
        payments.append(
            replace(
                draw(transactions),
                id=f"t{number}",
                sender_id=draw(few_parties),
                receiver_id=draw(few_parties),
                occurred_at=draw(near_moments),
            )
        )
    return payments


@given(streams())
def test_each_snapshot_is_what_the_plain_list_says(stream: Sequence[Transaction]) -> None:
    """Late, repeated and simultaneous payments must not bend the window."""
    history = MemoryHistory(WINDOW, lateness=timedelta(hours=3))

    snapshots = history.record(stream)

    seen: dict[str, tuple[Transaction, Snapshot]] = {}
    for payment, snapshot in zip(stream, snapshots, strict=True):
        if payment.id in seen:
            assert snapshot == seen[payment.id][1]
            continue
        _assert_as_listed(payment, snapshot, [earlier for earlier, _ in seen.values()])
        seen[payment.id] = (payment, snapshot)


def _assert_as_listed(payment: Transaction, snapshot: Snapshot, before: list[Transaction]) -> None:
    mine = [other for other in before if other.sender_id == payment.sender_id]
    start = payment.occurred_at - WINDOW
    inside = [o for o in [*mine, payment] if start < o.occurred_at <= payment.occurred_at]
    assert snapshot.velocity.count == len(inside)
    assert snapshot.velocity.total == sum((o.amount.amount for o in inside), Decimal(0))
    running = RunningAmounts()
    for other in mine:
        running = running.with_amount(float(other.amount.amount))
    assert snapshot.sender == running.profile
    assert snapshot.receiver.new_for_sender is all(
        other.receiver_id != payment.receiver_id for other in mine
    )
    payers = {o.sender_id for o in [*before, payment] if o.receiver_id == payment.receiver_id}
    assert snapshot.receiver.senders_24h == len(payers)


@given(streams())
def test_a_batch_says_what_single_payments_say(stream: Sequence[Transaction]) -> None:
    """Volume costs no second code path, and no second answer."""
    together, singly = MemoryHistory(WINDOW), MemoryHistory(WINDOW)

    assert together.record(stream) == [singly.record([payment])[0] for payment in stream]


@given(transactions)
def test_the_window_is_open_at_its_far_end(payment: Transaction) -> None:
    """(t - w, t]: a payment exactly one window ago is out, one a moment later is in."""
    at = NOW - WINDOW
    history = MemoryHistory(WINDOW)
    out = replace(payment, id="out", occurred_at=at)
    in_ = replace(payment, id="in", occurred_at=at + timedelta(microseconds=1))
    last = replace(payment, id="last", occurred_at=NOW)

    (_, _, snapshot) = history.record([out, in_, last])

    assert snapshot.velocity.count == 2


@given(transactions)
def test_fan_in_counts_the_payers_of_24_hours(payment: Transaction) -> None:
    """A mule's account is fed by many senders within a day."""
    history = MemoryHistory(WINDOW)
    ages = [timedelta(hours=24), timedelta(hours=23, minutes=59), timedelta(0)]
    paid = [
        replace(payment, id=f"t{n}", sender_id=f"S{n}", occurred_at=NOW - age)
        for n, age in enumerate(ages)
    ]

    snapshots = history.record(paid)

    assert [snapshot.receiver.senders_24h for snapshot in snapshots] == [1, 2, 2]


def test_what_was_not_heard_of_for_longest_is_forgotten_first() -> None:
    """A process's memory is bounded, whatever senders come by."""
    history = MemoryHistory(WINDOW, most_parties=2)
    paid = [
        Transaction(f"t{n}", sender, "R", Money.of_cents(100), Channel.POS, NOW)
        for n, sender in enumerate("ABACB")
    ]

    snapshots = history.record(paid)

    assert [snapshot.sender.payments for snapshot in snapshots] == [0, 0, 1, 0, 0]
