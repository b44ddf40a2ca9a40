from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.transaction import Transaction, TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.errors import Malformed, NotFound
from risksentinel.ports.transaction_records import StoredTransaction, TransactionFilter
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, alert_of, payment, scored

HOUR = timedelta(hours=1)
ALL = TransactionFilter()


def walk(
    records: SqlTransactionRecords, which: TransactionFilter, most: int
) -> Iterator[StoredTransaction]:
    """All pages, one after the other."""
    page = records.transactions(which, None, most)
    yield from page.items
    while page.following is not None:
        assert len(page.items) == most
        page = records.transactions(which, page.following, most)
        yield from page.items


def receive(engine: Engine, batch: Sequence[Transaction]) -> SqlTransactionRecords:
    """Store payments that wait for their score."""
    with SqlLedger(engine).unit() as unit:
        unit.receive(batch, NOW)
    return SqlTransactionRecords(engine)


@EFFORT
@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 13))
def test_pages_show_each_payment_once_newest_first(
    database: Engine, minutes: list[int], most: int
) -> None:
    """Payments of one moment are common, and a page must not end between them with a loss."""
    batch = [
        payment(f"tx-{place}", at=NOW + timedelta(minutes=minute))
        for place, minute in enumerate(minutes)
    ]
    records = receive(emptied(database), batch)

    seen = [each.transaction for each in walk(records, ALL, most)]

    assert seen == sorted(batch, key=lambda each: (each.occurred_at, each.id), reverse=True)


def test_a_payment_that_comes_in_between_moves_no_page(engine: Engine) -> None:
    """New payments come all the time while an analyst reads on."""
    records = receive(engine, [payment(f"tx-{n}", at=NOW + n * HOUR) for n in range(4)])
    first = records.transactions(ALL, None, 2)

    receive(engine, [payment("newer", at=NOW + 9 * HOUR)])

    second = records.transactions(ALL, first.following, 2)
    assert [each.transaction.id for each in second.items] == ["tx-1", "tx-0"]


@pytest.mark.parametrize(
    ("which", "names"),
    [
        (ALL, ["waits", "risky", "calm"]),
        (TransactionFilter(status=TransactionStatus.RECEIVED), ["waits"]),
        (TransactionFilter(status=TransactionStatus.DECLINED), ["risky"]),
        (TransactionFilter(sender_id="acc-2"), ["risky"]),
        (TransactionFilter(risk_level=RiskLevel.LOW), ["calm"]),
        (TransactionFilter(risk_level=RiskLevel.HIGH), []),
        (TransactionFilter(since=NOW + HOUR), ["waits", "risky"]),
        (TransactionFilter(until=NOW + HOUR), ["calm"]),
        (TransactionFilter(sender_id="acc-1", until=NOW + 2 * HOUR), ["calm"]),
    ],
    ids=str,
)
def test_a_filter_shows_what_it_names(
    engine: Engine, which: TransactionFilter, names: list[str]
) -> None:
    """An analyst needs a few payments among millions."""
    receive(engine, [payment("waits", at=NOW + 2 * HOUR)])
    with SqlLedger(engine).unit() as unit:
        risky = payment("risky", "acc-2", at=NOW + HOUR)
        unit.keep([scored(payment("calm")), scored(risky, "0.9500", RiskLevel.CRITICAL)])

    found = walk(SqlTransactionRecords(engine), which, 2)

    assert [each.transaction.id for each in found] == names


def test_a_scored_payment_shows_all_that_came_of_it(engine: Engine) -> None:
    """One page must have all fields of the score."""
    risky = scored(payment(), "0.9500", RiskLevel.CRITICAL, NOW + HOUR)
    receive(engine, [payment()])
    with SqlLedger(engine).unit() as unit:
        unit.keep([risky])
        unit.raise_alerts([alert_of(risky)])

    assert SqlTransactionRecords(engine).transaction("tx-1") == StoredTransaction(
        transaction=payment(),
        status=TransactionStatus.DECLINED,
        received_at=NOW,
        score=Decimal("0.9500"),
        risk_level=RiskLevel.CRITICAL,
        decision=Decision.DECLINE,
        reasons=("scored 0.9500",),
        alert_id="alert-tx-1",
        scored_at=NOW + HOUR,
    )


def test_a_waiting_payment_shows_no_score(engine: Engine) -> None:
    """Not scored yet is not scored low."""
    records = receive(engine, [payment()])

    kept = records.transaction("tx-1")

    assert (kept.score, kept.risk_level, kept.decision, kept.reasons) == (None, None, None, ())
    with pytest.raises(NotFound):
        records.explanation("tx-1")


def test_the_explanation_comes_back_as_it_was(engine: Engine) -> None:
    """The score can be recomputed from the receipt."""
    receipt = {
        "score": 0.1,
        "signals": {"rules": {}, "ml": {"risk": 1e-9, "why": ["é", None, True, 2**53]}},
    }
    what = scored(payment())
    with SqlLedger(engine).unit() as unit:
        unit.keep([replace(what, verdict=replace(what.verdict, explanation=receipt))])

    assert SqlTransactionRecords(engine).explanation("tx-1") == receipt


def test_an_unknown_payment_is_not_found(engine: Engine) -> None:
    """Nothing there and nothing known are two answers."""
    with pytest.raises(NotFound):
        SqlTransactionRecords(engine).transaction("unknown")


@pytest.mark.parametrize(
    "after",
    [
        (),
        ("63913220200000000",),
        ("yesterday", "tx-1"),
        ("2026-05-01T08:30:00+00:00", "tx-1"),
        ("-1", "tx-1"),
        ("9" * 18, "tx-1"),
        ("63913220200000000", "tx-1", "more"),
        ("63913220200000000", "\ud800"),
    ],
)
def test_what_is_no_cursor_is_refused(engine: Engine, after: tuple[str, ...]) -> None:
    """Clients can change a cursor."""
    with pytest.raises(Malformed):
        SqlTransactionRecords(engine).transactions(ALL, after, 2)
