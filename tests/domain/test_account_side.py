"""The state of an account after approved, declined, reviewed and cleared payments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_side import (
    MAX_DEVICES,
    MAX_HABITS,
    MAX_HELD,
    AccountSide,
    Bounds,
    Recording,
)
from risksentinel.domain.flow import MICROSECONDS
from risksentinel.domain.history import Snapshot, snapshot_of, without
from risksentinel.domain.known_list import KNOWN
from risksentinel.domain.money import Money
from risksentinel.domain.party_state import DAY, MAX_PAYMENTS
from risksentinel.domain.transaction import Channel, Rail, Transaction
from tests.strategies import NOW

BOUNDS = Bounds()


def paid(
    number: int,
    receiver: str = "B",
    *,
    ago: timedelta = timedelta(0),
    cents: int = 10_000,
    sender: str = "A",
    device: str | None = "phone",
) -> Transaction:
    """Return a payment by phone."""
    return Transaction(
        id=f"t{number}",
        sender_id=sender,
        receiver_id=receiver,
        amount=Money.of_cents(cents),
        channel=Channel.MOBILE_BANKING,
        occurred_at=NOW - ago,
        rail=Rail.PAYSHAP,
        device_id=device,
    )


@st.composite
def payments(draw: st.DrawFn, most: int = 12) -> list[Transaction]:
    """Draw payments of two accounts over days, out of order, some in the same second."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from("AB"),
                st.sampled_from("BCD"),
                st.integers(0, 4),
                st.integers(1, 10**6),
                st.sampled_from([None, "phone", "tablet"]),
            ),
            max_size=most,
        )
    )
    return [
        paid(n, receiver, ago=timedelta(hours=13 * ago), cents=cents, sender=sender, device=device)
        for n, (sender, receiver, ago, cents, device) in enumerate(drawn)
    ]


def in_order(payments: Sequence[Transaction]) -> list[Transaction]:
    """Return the payments in order of time."""
    return sorted(payments, key=lambda each: each.occurred_at)


def side_of(payments: Sequence[Transaction], bounds: Bounds = BOUNDS) -> AccountSide:
    """Return the payer side of an account that recorded the payments."""
    side = AccountSide()
    for payment in payments:
        side = side.recorded(Recording.both(payment, bounds)[0])
    return side


def withheld(side: AccountSide, payment: Transaction, *, review: bool = False) -> AccountSide:
    """Return the payer side after the payment was withheld."""
    of = Recording.both(payment, BOUNDS)[0]
    return side.withheld(of.entry, of.device, of.rand, review=review)


def cleared(side: AccountSide, payment: Transaction) -> AccountSide:
    """Return the payer side after the payment under review was cleared."""
    of = Recording.both(payment, BOUNDS)[0]
    return side.cleared(of.entry, of.rand, of.max_beneficiaries)


def taught(side: AccountSide) -> dict[str, object]:
    """Return the state apart from flow and last, with sorted lists."""
    days = [(day, count, pytest.approx(rand, abs=1e-6)) for day, count, rand in
            DAY.iter_unpack(side.habits.days)]  # fmt: skip
    return {
        "payments": side.habits.payments,
        "days": days,
        "taught": side.taught,
        "first": side.first,
        "beneficiaries": sorted(KNOWN.iter_unpack(side.beneficiaries)),
        "devices": sorted(KNOWN.iter_unpack(side.devices)),
        "ordered": side.ordered,
    }


@given(payments(), st.data())
def test_a_declined_payment_is_no_habit(among: list[Transaction], data: st.DataObject) -> None:
    """After record and withhold, the state is as without the payment, apart from flow and last."""
    mine = in_order([one for one in among if one.sender_id == "A"])
    declined = data.draw(st.lists(st.sampled_from(mine), unique_by=id)) if mine else []
    approved = [one for one in mine if one not in declined]

    side = side_of(mine)
    for payment in declined:
        side = withheld(side, payment)

    assert taught(side) == taught(side_of(approved))
    assert side.flow == side_of(mine).flow
    assert side.last == side_of(mine).last


@given(payments())
def test_a_payment_under_review_is_a_habit_once_it_is_cleared(among: list[Transaction]) -> None:
    """A payment under review is held; after it is cleared it is a habit like others."""
    mine = in_order([one for one in among if one.sender_id == "A"])
    *others, last = [*mine, paid(99)]
    side = withheld(side_of([*others, last]), last, review=True)

    found = cleared(side, last)

    assert taught(side) == taught(side_of(others))
    assert taught(found) == taught(side_of([*others, last]))
    assert found.held == b""


def test_a_declined_payment_never_comes_back() -> None:
    """A label of a declined payment must not add a habit: no money moved."""
    side = withheld(side_of([paid(1), paid(2)]), paid(2))

    assert cleared(side, paid(2)) == side


@pytest.mark.parametrize("review", [True, False])
def test_to_withhold_and_to_clear_again_changes_nothing(review: bool) -> None:  # noqa: FBT001 - a case
    """Both calls are repeated when a response is lost."""
    once = withheld(side_of([paid(1), paid(2)]), paid(2), review=review)
    back = cleared(once, paid(2))

    assert withheld(once, paid(2), review=review) == once
    assert cleared(back, paid(2)) == back


@pytest.mark.parametrize("at_once", [1, MAX_PAYMENTS])
def test_an_attack_evicts_no_habit(at_once: int) -> None:
    """Hundreds of declined payments, one by one or in batches, must not evict habits."""
    genuine = [
        paid(n, f"R{n % 20}", ago=timedelta(days=30, hours=-n), device=f"phone-{n % 10}")
        for n in range(MAX_HABITS)
    ]
    side = side_of(genuine)
    read = taught(side._replace(habits=side.habits.latest, ordered=b""))
    attack = [paid(1_000 + n, f"mule-{n}", device=f"farm-{n}") for n in range(5 * MAX_PAYMENTS)]

    for start in range(0, len(attack), at_once):
        some = attack[start : start + at_once]
        for payment in some:
            side = side.recorded(Recording.both(payment, BOUNDS)[0])
        for payment in some:
            side = withheld(side, payment)

    after = taught(side._replace(habits=side.habits.latest, ordered=b""))
    assert after == read


@example([paid(0), paid(1)])
@given(payments())
def test_the_stored_state_is_bounded(among: list[Transaction]) -> None:
    """The memory of an account is bounded for any payments."""
    side = AccountSide()
    for number in range(0, 200, max(1, len(among))):
        for one in among:
            again = replace(one, id=f"{one.id}-{number}", device_id=f"d{number}")
            of = Recording.both(again, BOUNDS)[0]
            side = side.recorded(of).withheld(of.entry, of.device, of.rand, review=True)

    assert len(side.held) <= MAX_HELD * 24
    assert len(side.devices) <= MAX_DEVICES * KNOWN.size


def test_a_beneficiary_stays_known_where_a_declined_payment_was_dated_earlier() -> None:
    """A late payment that is declined must not make regular beneficiaries new."""
    approved, late = paid(1, ago=timedelta(hours=1)), paid(2, ago=timedelta(hours=2))

    side = withheld(side_of([approved, late]), late)

    assert taught(side) == taught(side_of([approved]))


batches = payments(most=10).map(in_order)


def _recorded(batch: Sequence[Transaction], declined: Sequence[Transaction]) -> Snapshot:
    """Return the snapshot of the last payment if the declined ones were withheld before it."""
    book = AccountBook(100)
    for payment in batch[:-1]:
        book.record(payment)
        if payment in declined:
            book.withhold(payment, review=False)
    return snapshot_of(batch[-1], book.record(batch[-1]), 300)


@given(batches, batches, st.data())
def test_without_is_the_batch_that_was_recorded_without_the_declined(
    past: list[Transaction], batch: list[Transaction], data: st.DataObject
) -> None:
    """A batch is recorded before it is decided, and must be decided as single payments."""
    past = [replace(one, id=f"past-{n}", occurred_at=one.occurred_at - timedelta(days=9))
            for n, one in enumerate(past)]  # fmt: skip
    batch = [*batch, paid(77, data.draw(st.sampled_from("BCD")))]
    declined = [one for one in batch[:-1] if data.draw(st.booleans())]
    approved = [one for one in batch[:-1] if one not in declined]

    found = without(_recorded([*past, *batch], []), batch[-1], declined, approved)

    expected = _recorded([*past, *batch], declined)
    assert _comparable(found) == _comparable(expected)


def _comparable(snapshot: Snapshot) -> tuple[object, ...]:
    sides = (snapshot.habits.sender, snapshot.habits.receiver)
    learnt = [taught(AccountSide(habits=habits)) for habits in sides]
    flows = (snapshot.paid, snapshot.got, snapshot.received)
    return (
        *(snapshot.velocity, snapshot.sender, snapshot.receiver, snapshot.known),
        *(learnt, flows),
    )


def test_an_account_that_pays_itself_has_both_sides() -> None:
    """The received payments are read before both sides change."""
    book, payment = AccountBook(10), paid(1, "A")

    first = snapshot_of(payment, book.record(payment), 300)
    second = snapshot_of(paid(2, "A"), book.record(paid(2, "A")), 300)

    assert (first.got.since_last, second.got.since_last) == (None, 0)
    assert second.got.at == int(NOW.timestamp()) * MICROSECONDS
