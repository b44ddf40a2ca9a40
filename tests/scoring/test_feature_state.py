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
    """A payment of R10.50."""
    moment = BEGIN + after
    return Transaction(f"p{number}", "A", receiver, Money.of_cents(1_050), Channel.POS, moment)


def entry(payment: Transaction) -> bytes:
    """As its sender's list keeps it."""
    return payment_entry(payment, payment.receiver_id)


def after(payments: Iterable[Transaction], side: AccountSide = AccountSide()) -> AccountSide:  # noqa: B008 - it is frozen
    """The sender's side after the payments."""
    for payment in payments:
        side = side.recorded(Recording.both(payment, BOUNDS)[0])
    return side


@given(st.lists(transactions, max_size=80), st.integers(1, 50))
def test_an_account_is_bounded(payments: list[Transaction], repeated: int) -> None:
    """What the model reads of a sender fits into 4 KB, whatever the sender does."""
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
    """The script in Redis counts on them."""
    assert (PAYMENT.size, DAY.size, LABEL.size) == (20, 14, 13)
    assert (MAX_PAYMENTS, MAX_DAYS, MAX_LABELS) == (64, 40, 32)


def test_an_entry_says_what_it_should() -> None:
    """Byte for byte: what Redis holds must be read for months."""
    when, rand, _, _, category, channel, rail = PAYMENT.unpack(entry(paid(1)))

    assert (when, rand, category, channel, rail) == (1_772_438_400, 10.5, 0, 6, 0)


def test_a_repeated_payment_finds_what_came_before_it() -> None:
    """Without itself and what came later."""
    state = after(paid(number) for number in range(3)).habits

    before = state.before(entry(paid(1)))

    assert before.payments == state.payments[: PAYMENT.size]


def test_a_day_counts_its_payments_and_their_rand() -> None:
    """Also of a payment that comes late."""
    days = (0, 2, 2, 0, 1)

    state = after(paid(number, timedelta(days=day)) for number, day in enumerate(days)).habits

    first = DAY.unpack_from(state.days)
    assert len(state.days) == 3 * DAY.size
    assert first == (BEGIN.timestamp() // 86_400, 2, 21.0)


def test_a_payment_has_one_label() -> None:
    """A chargeback takes the place of an analyst's word, and may be withdrawn."""
    payment, state = paid(1), PartyState()
    genuine = label_entry(payment, BEGIN, fraud=False)
    fraud = label_entry(payment, BEGIN + timedelta(days=1), fraud=True)

    labelled = state.with_label(genuine).with_label(fraud)

    assert labelled.labels == fraud
    assert labelled.with_label(fraud) == labelled
    assert labelled.without_label(fraud) == state


def test_who_was_not_heard_of_for_longest_is_forgotten() -> None:
    """A process keeps so many accounts and no more."""
    book = AccountBook(2)
    for number, receiver in enumerate("BCD"):
        book.record(paid(number, receiver=receiver))

    forgotten = book.record(paid(9, receiver="B"))

    assert not forgotten.receiver.habits.payments
    assert forgotten.sender.habits.payments


def test_a_withdrawn_label_is_no_label() -> None:
    """Both accounts forget it."""
    book, payment = AccountBook(10), paid(1)
    book.record(payment)
    book.label(payment, BEGIN, fraud=True)

    book.label(payment, BEGIN, fraud=None)

    around = book.record(paid(2))
    assert not around.sender.habits.labels
    assert not around.receiver.habits.labels
