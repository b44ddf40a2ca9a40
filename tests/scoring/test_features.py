from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.account_summary import NOTHING_KNOWN
from risksentinel.domain.history import NO_HABITS, Habits
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.scoring.features.batch import Batch, Options
from risksentinel.scoring.features.matrix import Matrix, columns, features
from risksentinel.scoring.features.table import FEATURES, NAMES

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
STRANGER = NO_HABITS
# Features of a payment without a history.
OF_THE_PAYMENT = {"hour", "weekday"}


def paid(
    number: int, cents: int, after: timedelta, sender: str = "A", receiver: str = "B"
) -> Transaction:
    """Return a POS payment with these cents, at this time after the beginning."""
    return Transaction(
        id=f"p{number}",
        sender_id=sender,
        receiver_id=receiver,
        amount=Money.of_cents(cents),
        channel=Channel.POS,
        occurred_at=BEGIN + after,
        merchant_category="5411",
    )


def recorded(book: AccountBook, payment: Transaction) -> Habits:
    """Record the payment; return the state before it."""
    around = book.record(payment)
    return Habits(around.sender.habits.latest, around.receiver.habits.latest)


def before(book: AccountBook, payment: Transaction) -> Habits:
    """Return the state before a payment that was recorded."""
    around = book.state_before(payment, NOTHING_KNOWN)
    return Habits(around.sender.habits, around.receiver.habits)


def rows(payments: list[Transaction], book: AccountBook | None = None) -> Matrix:
    """Return the features of consecutive payments."""
    book = book or AccountBook(100)
    return features(payments, [recorded(book, payment) for payment in payments])


def value(row: Matrix, name: str) -> float:
    """Return one feature of a row."""
    return float(row[NAMES.index(name)])


few = st.sampled_from(["A", "B", "C"])
histories = st.lists(
    st.tuples(st.integers(100, 10_000_000), st.integers(0, 40 * 86_400), few, few),
    min_size=1,
    max_size=30,
).map(
    lambda drawn: [
        paid(number, cents, timedelta(seconds=seconds), sender, receiver)
        for number, (cents, seconds, sender, receiver) in enumerate(
            sorted(drawn, key=lambda one: one[1])
        )
    ]
)


def test_the_table_names_every_column_once() -> None:
    """The docs are generated from the table, so it must have every column."""
    batch = Batch.of([paid(1, 100, timedelta())], [STRANGER], Options())

    assert set(columns(batch)) == set(FEATURES)


def test_missing_history_is_never_0() -> None:
    """An unknown account must not look like an account without payments."""
    (row,) = features([paid(1, 100, timedelta())], [STRANGER])

    known = {name for name in NAMES if not np.isnan(value(row, name))}
    assert known <= OF_THE_PAYMENT


@given(histories, st.integers(2, 1_000))
def test_amounts_enter_as_ratios(payments: list[Transaction], factor: int) -> None:
    """A model must be independent of the unit of amounts."""
    scaled = [replace(one, amount=Money.of_cents(one.amount.cents * factor)) for one in payments]

    np.testing.assert_allclose(rows(payments), rows(scaled), rtol=1e-4, atol=1e-4)


@given(histories, st.integers(0, 29))
def test_later_entries_do_not_change_a_row(payments: list[Transaction], cut: int) -> None:
    """Training must use only data that serving has at that time."""
    first = payments[: cut + 1]
    book = AccountBook(100)
    known = [recorded(book, payment) for payment in first]
    for payment in first:
        book.label(payment, BEGIN + timedelta(days=400), fraud=True)

    again = [before(book, payment) for payment in first]

    np.testing.assert_allclose(rows(payments)[: len(first)], features(first, known), rtol=1e-6)
    for state in (again[-1].sender, again[-1].receiver):
        assert state.labels
    np.testing.assert_array_equal(features(first, again)[-1], features(first, known)[-1])


@given(histories)
def test_a_batch_is_its_payments_one_by_one(payments: list[Transaction]) -> None:
    """A batch must give the results of single payments."""
    book = AccountBook(100)
    habits = [recorded(book, payment) for payment in payments]

    single = [features([one], [habit])[0] for one, habit in zip(payments, habits, strict=True)]

    np.testing.assert_array_equal(features(payments, habits), single)


def test_a_batch_is_its_payments_to_the_last_bit() -> None:
    """Also sums: the longest history of a batch must not change the order of their additions."""
    chance = np.random.default_rng(7)
    amounts = chance.integers(100, 9_999_999, 60).tolist()
    book = AccountBook(100)
    payments = [
        paid(number, cents, timedelta(minutes=3 * number), "A" if number % 4 else "B", "C")
        for number, cents in enumerate(amounts)
    ]
    habits = [recorded(book, payment) for payment in payments]

    together = features(payments, habits)

    alone = [features([payment], [state]) for payment, state in zip(payments, habits, strict=True)]
    assert together.tobytes() == np.concatenate(alone).tobytes()


def test_the_amount_is_relative_to_the_senders_amounts() -> None:
    """R400 is compared with the sender's usual R50."""
    usual = [paid(number, 5_000, timedelta(hours=number)) for number in range(9)]

    row = rows([*usual, paid(9, 40_000, timedelta(hours=9))])[-1]

    assert value(row, "amount_to_median") == 8
    assert value(row, "amount_to_largest") == 8
    assert value(row, "amount_rank") == 1
    assert value(row, "receiver_is_new") == 0
    assert value(row, "sender_payments") == 9


def test_windows_contain_the_payments_within_them() -> None:
    """A payment at the edge of a window is outside it."""
    gaps = (timedelta(hours=23), timedelta(minutes=50), timedelta(minutes=5), timedelta(minutes=4))
    earlier = [paid(number, 1_000, timedelta(days=1) - gap) for number, gap in enumerate(gaps)]

    row = rows([*earlier, paid(9, 1_000, timedelta(days=1))])[-1]

    assert [value(row, f"count_{name}") for name in ("5m", "1h", "24h")] == [1, 3, 4]
    assert value(row, "sum_5m_to_median") == 2
    assert value(row, "since_last") == 240


def test_a_fraud_counts_from_the_time_of_its_label() -> None:
    """Rates count only payments that are old enough to have labels."""
    book = AccountBook(100)
    earlier = [paid(number, 1_000, timedelta(days=number)) for number in range(20)]
    rows(earlier, book)
    book.label(earlier[5], BEGIN + timedelta(days=12), fraud=True)

    early = rows([paid(30, 1_000, timedelta(days=11, hours=20))], book)[0]
    late = rows([paid(31, 1_000, timedelta(days=19, hours=1))], book)[0]

    assert value(early, "receiver_frauds") == 0
    assert np.isnan(value(early, "receiver_since_fraud"))
    assert value(late, "receiver_frauds_30d") == 1
    assert value(late, "receiver_covered_30d") == 12
    assert value(late, "receiver_fraud_rate_30d") == np.float32(1 / 12)
    assert value(late, "receiver_since_fraud") == timedelta(days=14, hours=1).total_seconds()
    assert value(late, "receiver_clean_since_fraud") == 8


def test_a_young_payment_is_not_taken_for_genuine() -> None:
    """A payment without a label counts in rates only after the delay of labels."""
    earlier = [paid(number, 1_000, timedelta(hours=number)) for number in range(20)]

    row = rows(earlier)[-1]

    assert np.isnan(value(row, "receiver_fraud_rate_7d"))
    assert value(row, "receiver_uncovered") == 19


def test_hours_are_local() -> None:
    """08:00 in UTC is 10:00 in Johannesburg; a file's own time zone is an option."""
    payment = [paid(1, 100, timedelta())]

    (here,) = features(payment, [STRANGER])
    (as_given,) = features(payment, [STRANGER], Options(utc_offset=timedelta(0)))

    assert (value(here, "hour"), value(as_given, "hour")) == (10, 8)


def test_no_payments_have_no_rows() -> None:
    """A batch may be empty."""
    assert features([], []).shape == (0, len(NAMES))
