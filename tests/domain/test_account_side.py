"""The state of an account after approved, declined, reviewed and cleared payments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.account_side import (
    MAX_DEVICES,
    MAX_HABITS,
    MAX_HELD,
    AccountSide,
    Bounds,
    Recording,
)
from risksentinel.domain.known_list import KNOWN
from risksentinel.domain.party_state import MAX_PAYMENTS
from risksentinel.domain.transaction import Transaction
from tests.domain.account_payments import in_order, paid, payments, taught

BOUNDS = Bounds()


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
