"""What a history promises, held against the plainest model there is: a list of payments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from statistics import mean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.domain.history import Snapshot
from risksentinel.domain.party_state import MAX_PAYMENTS
from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Transaction
from risksentinel.ports.history import Remembered
from tests.adapters.history.histories import TIGHT, WINDOW, Fresh, payment
from tests.strategies import NOW, few_parties, near_moments, transactions

few_examples = settings(max_examples=20, deadline=None)


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


A_DAY = timedelta(days=1)


@few_examples
@given(stream=streams())
def test_each_snapshot_is_what_the_plain_list_says(
    fresh: Fresh, stream: Sequence[Transaction]
) -> None:
    """Late, repeated and simultaneous payments must not bend the window."""
    history = fresh()

    snapshots = history.record(stream)

    seen: dict[str, tuple[Transaction, Snapshot]] = {}
    for paid, snapshot in zip(stream, snapshots, strict=True):
        if paid.id in seen:
            _assert_repeated(snapshot, seen[paid.id][1])
            continue
        _assert_as_listed(paid, snapshot, [earlier for earlier, _ in seen.values()])
        seen[paid.id] = (paid, snapshot)


def _assert_repeated(snapshot: Snapshot, first: Snapshot) -> None:
    """What came before is the same; days, labels and what the sender was paid go on."""
    assert replace(snapshot, habits=first.habits, kept=first.kept, got=first.got) == first
    assert snapshot.habits.sender.payments == first.habits.sender.payments
    assert snapshot.habits.receiver.payments == first.habits.receiver.payments


def _assert_as_listed(paid: Transaction, snapshot: Snapshot, before: list[Transaction]) -> None:
    mine = [other for other in before if other.sender_id == paid.sender_id]
    start = paid.occurred_at - WINDOW
    until = paid.occurred_at + MAX_CLOCK_SKEW
    inside = [o for o in [*mine, paid] if start < o.occurred_at <= until]
    assert snapshot.velocity.count == len(inside)
    assert snapshot.velocity.total == sum((o.amount.amount for o in inside), Decimal(0))
    amounts = [float(other.amount.amount) for other in mine]
    assert snapshot.sender.payments == len(mine)
    assert snapshot.sender.mean == pytest.approx(
        mean(amounts[-MAX_PAYMENTS:] or [0.0]), rel=1e-6, abs=1e-3
    )
    usual = median(amounts[-MAX_PAYMENTS:] or [0.0])
    assert snapshot.sender.median == pytest.approx(usual, rel=1e-6, abs=1e-3)
    firsts = [o.occurred_at for o in [*mine, paid] if o.receiver_id == paid.receiver_id]
    assert snapshot.receiver.new_for_sender is (paid.occurred_at - min(firsts) < A_DAY)
    payers = {
        o.sender_id
        for o in [*before, paid]
        if o.receiver_id == paid.receiver_id and o.occurred_at <= until
    }
    assert snapshot.receiver.senders_24h == len(payers)


@few_examples
@given(stream=streams())
def test_a_batch_says_what_single_payments_say(fresh: Fresh, stream: Sequence[Transaction]) -> None:
    """Volume costs no second code path, and no second answer."""
    together = fresh().record(stream)

    history = fresh()
    singly = [history.record([paid])[0] for paid in stream]

    assert together == singly


def test_the_window_is_open_at_its_far_end(fresh: Fresh) -> None:
    """(t - w, t]: a payment exactly one window ago is out, one a moment later is in."""
    at = NOW - WINDOW
    paid = [payment(at=moment) for moment in (at, at + timedelta(microseconds=1), NOW)]

    (_, _, snapshot) = fresh().record(paid)

    assert snapshot.velocity.count == 2


def test_fan_in_counts_the_payers_of_24_hours(fresh: Fresh) -> None:
    """A mule's account is fed by many senders within a day."""
    ages = [timedelta(hours=24), timedelta(hours=23, minutes=59), timedelta(0)]
    paid = [payment(f"S{n}", at=NOW - age) for n, age in enumerate(ages)]

    snapshots = fresh().record(paid)

    assert [snapshot.receiver.senders_24h for snapshot in snapshots] == [1, 2, 2]


def test_an_id_between_others_is_another_payment(fresh: Fresh) -> None:
    """Many payments with one id, between other accounts, must all be counted."""
    paid = [payment(receiver=receiver, name="same") for receiver in "BCB"]

    snapshots = fresh().record(paid)

    assert [snapshot.velocity.count for snapshot in snapshots] == [1, 2, 1]


def test_the_beneficiary_not_paid_for_longest_is_forgotten(fresh: Fresh) -> None:
    """A beneficiary paid every week stays known, whatever the number of others."""
    history = fresh(TIGHT)

    snapshots = history.record(
        [payment(receiver=name, at=NOW - A_DAY * (9 - n)) for n, name in enumerate("BCBDBC")]
    )

    new = [snapshot.receiver.new_for_sender for snapshot in snapshots]
    assert new == [True, True, False, None, False, None]


def test_a_beneficiary_stays_new_for_a_day(fresh: Fresh) -> None:
    """A declined payment must not make way for the same one under another id."""
    ages = [A_DAY, timedelta(hours=1), timedelta(seconds=1), timedelta(0)]

    snapshots = fresh().record([payment(at=NOW - age) for age in ages])

    new = [snapshot.receiver.new_for_sender for snapshot in snapshots]
    assert new == [True, True, True, False]


def test_rebuilding_begins_from_nothing(fresh: Fresh) -> None:
    """A rebuild over a history that lives must not count a payment twice."""
    history = fresh()
    paid = [payment(), payment(), payment()]
    history.record(paid)

    count = history.rebuild(map(Remembered, paid))

    (snapshot,) = history.record([payment()])
    assert (count, snapshot.sender.payments, snapshot.velocity.count) == (3, 3, 4)


def test_velocity_goes_on_after_the_clock_was_set_back_a_day(fresh: Fresh) -> None:
    """Payments that were dated ahead must neither hide the later ones nor be counted with them."""
    history = fresh()
    ahead = [payment(at=NOW + A_DAY + timedelta(seconds=n)) for n in range(5)]
    back = [payment(at=NOW + timedelta(seconds=n)) for n in range(15)]
    again = [payment(at=NOW + A_DAY + timedelta(seconds=10 + n)) for n in range(3)]

    history.record(ahead)

    assert _counts(history.record(back)) == list(range(1, 16))
    assert _counts(history.record(again)) == [6, 7, 8]


def _counts(snapshots: Sequence[Snapshot]) -> list[int]:
    return [each.velocity.count for each in snapshots]
