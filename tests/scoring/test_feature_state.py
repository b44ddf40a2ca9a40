from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_side import BOUNDS, AccountSide, Recording
from risksentinel.domain.money import Money
from risksentinel.domain.party_state import (
    DAY,
    LABEL,
    MAX_BYTES,
    MAX_DAYS,
    MAX_LABELS,
    MAX_PAYMENTS,
    PAYMENT,
    PartyState,
    label_entry,
    payment_entry,
)
from risksentinel.domain.transaction import Channel, Transaction
from tests.strategies import transactions

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def paid(number: int, after: timedelta = timedelta(), receiver: str = "B") -> Transaction:
    """Return a payment of R10.50."""
    moment = BEGIN + after
    return Transaction(f"p{number}", "A", receiver, Money.of_cents(1_050), Channel.POS, moment)


def entry(payment: Transaction) -> bytes:
    """Return the entry in the sender's list."""
    return payment_entry(payment, payment.receiver_id)


def after(payments: Iterable[Transaction], side: AccountSide = AccountSide()) -> AccountSide:  # noqa: B008 - it is frozen
    """Return the sender's side after the payments."""
    for payment in payments:
        side = side.recorded(Recording.both(payment, BOUNDS)[0])
    return side


@given(st.lists(transactions, max_size=80), st.integers(1, 50))
def test_an_account_is_bounded(payments: list[Transaction], repeated: int) -> None:
    """The state of a sender for the model is at most 4 KB."""
    side = AccountSide()
    for number in range(repeated):
        for payment in payments:
            late = payment.occurred_at + timedelta(days=number)
            moved = Transaction(
                f"{number}{payment.id}"[:64], "A", "B", payment.amount, payment.channel, late
            )
            side = after([moved], side)
            labelled = side.habits.with_label(label_entry(moved, late, fraud=True))
            side = side._replace(habits=labelled)

    state = side.habits.latest
    size = len(state.payments) + len(state.days) + len(state.labels)
    assert size <= MAX_BYTES < 4_096


def test_the_entries_have_their_documented_sizes() -> None:
    """The scripts in Redis depend on these sizes."""
    assert (PAYMENT.size, DAY.size, LABEL.size) == (20, 14, 13)
    assert (MAX_PAYMENTS, MAX_DAYS, MAX_LABELS) == (64, 40, 32)


def test_an_entry_has_its_documented_bytes() -> None:
    """Entries in Redis must stay readable for months, so their bytes are fixed."""
    when, rand, _, _, category, channel, rail = PAYMENT.unpack(entry(paid(1)))

    assert (when, rand, category, channel, rail) == (1_772_438_400, 10.5, 0, 6, 0)


def test_a_repeated_payment_has_the_state_before_it() -> None:
    """The state excludes the payment itself and later entries."""
    state = after(paid(number) for number in range(3)).habits

    before = state.before(entry(paid(1)))

    assert before.payments == state.payments[: PAYMENT.size]


def test_a_day_counts_its_payments_and_their_rand() -> None:
    """Late payments count in their own day."""
    days = (0, 2, 2, 0, 1)

    state = after(paid(number, timedelta(days=day)) for number, day in enumerate(days)).habits

    first = DAY.unpack_from(state.days)
    assert len(state.days) == 3 * DAY.size
    assert first == (BEGIN.timestamp() // 86_400, 2, 21.0)


def test_a_payment_has_one_label() -> None:
    """A chargeback replaces an analyst's label, and may be withdrawn."""
    payment, state = paid(1), PartyState()
    genuine = label_entry(payment, BEGIN, fraud=False)
    fraud = label_entry(payment, BEGIN + timedelta(days=1), fraud=True)

    labelled = state.with_label(genuine).with_label(fraud)

    assert labelled.labels == fraud
    assert labelled.with_label(fraud) == labelled
    assert labelled.without_label(fraud) == state


def test_the_least_recently_used_account_is_evicted() -> None:
    """A process stores a limited number of accounts."""
    book = AccountBook(2)
    for number, receiver in enumerate("BCD"):
        book.record(paid(number, receiver=receiver))

    forgotten = book.record(paid(9, receiver="B"))

    assert not forgotten.receiver.habits.payments
    assert forgotten.sender.habits.payments


def test_a_withdrawn_label_is_no_label() -> None:
    """Both accounts remove the label."""
    book, payment = AccountBook(10), paid(1)
    book.record(payment)
    book.label(payment, BEGIN, fraud=True)

    book.label(payment, BEGIN, fraud=None)

    around = book.record(paid(2))
    assert not around.sender.habits.labels
    assert not around.receiver.habits.labels
