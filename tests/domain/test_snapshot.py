"""The snapshot of a payment, in a batch and of an account that pays itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_side import AccountSide
from risksentinel.domain.flow import MICROSECONDS
from risksentinel.domain.history import Snapshot, snapshot_of, without
from risksentinel.domain.transaction import Transaction
from tests.domain.account_payments import in_order, paid, payments, taught
from tests.strategies import NOW

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
