from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.transaction import Transaction, TransactionStatus
from risksentinel.domain.verdict import RiskLevel, Scored
from risksentinel.errors import Malformed
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, alert_of, event, payment, payments, scored


def keep(ledger: SqlLedger, batch: Sequence[Scored]) -> set[str]:
    """Keep verdicts and announce the first ones, as scoring does."""
    with ledger.unit() as unit:
        first = unit.keep(batch)
        unit.announce([event(f"{name}.scored") for name in sorted(first)])
    return first


@EFFORT
@given(st.lists(payments, max_size=5, unique_by=lambda payment: payment.id))
@example([replace(payment(), amount=Money(LARGEST))])
@example([replace(payment(), amount=Money(Decimal(0)))])
@example([payment(at=datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))])
def test_a_payment_comes_back_as_it_was(database: Engine, batch: list[Transaction]) -> None:
    """Money that loses a cent, or a time that moves, decides another case than the one at hand."""
    ledger = SqlLedger(emptied(database))

    with ledger.unit() as unit:
        unit.receive(batch, NOW)

    assert ledger.known([each.id for each in batch]) == {
        each.id: StoredPayment(each, None) for each in batch
    }


def test_a_verdict_comes_back_as_it_was(engine: Engine) -> None:
    """Whoever repeats a payment must get the very answer that the first one got."""
    ledger = SqlLedger(engine)
    risky = scored(payment(), "0.9500", RiskLevel.CRITICAL)

    with ledger.unit() as unit:
        unit.keep([risky])
        unit.raise_alerts([alert_of(risky)])

    assert ledger.known(["tx-1", "unknown"]) == {
        "tx-1": StoredPayment(risky.transaction, StoredVerdict(risky, "alert-tx-1"))
    }


def test_only_those_not_known_before_are_received(engine: Engine) -> None:
    """A payment that the broker delivers twice must wait once."""
    ledger = SqlLedger(engine)

    with ledger.unit() as unit:
        first = unit.receive([payment("b"), payment("a"), payment("b")], NOW)
        second = unit.receive([payment("b"), payment("c")], NOW)

    assert (first, second) == ({"a", "b"}, {"c"})


@EFFORT
@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=5))
def test_the_first_verdict_stands_and_is_announced_once(
    database: Engine, batches: list[list[str]]
) -> None:
    """Kafka delivers at least once, in any cut."""
    ledger = SqlLedger(emptied(database))
    stands: dict[str, Scored] = {}
    for turn, names in enumerate(batches):
        batch = [scored(payment(name), f"0.{turn}{place:03}") for place, name in enumerate(names)]
        fresh = {name for name in names if name not in stands}
        for each in batch:
            stands.setdefault(each.transaction.id, each)

        assert keep(ledger, batch) == fresh

    known = ledger.known(list("abcdef"))
    assert {name: each.verdict for name, each in known.items()} == {
        name: StoredVerdict(each, None) for name, each in stands.items()
    }
    assert SqlOutbox(database).depth() == len(stands)


def test_eight_racing_writers_leave_one_verdict_each(engine: Engine) -> None:
    """Two deliveries of one payment can be scored at the same moment."""
    ledger = SqlLedger(engine)
    names = [f"tx-{number}" for number in range(50)]
    start = Barrier(8)

    def race(writer: int) -> set[str]:
        order = names if writer % 2 else names[::-1]
        batch = [scored(payment(name), f"0.{writer}000") for name in order]
        start.wait()
        return keep(ledger, batch[:25]) | keep(ledger, batch[25:])

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(race, range(8)))

    known = ledger.known(names)
    assert sum(map(len, won)) == len(set().union(*won)) == len(known) == 50
    assert SqlOutbox(engine).depth() == 50
    for writer, ids in enumerate(won):
        for name in ids:
            stored = known[name].verdict
            assert stored is not None
            assert stored.scored.verdict.score == Decimal(writer) / 10


def test_a_waiting_payment_takes_its_status_from_the_verdict(engine: Engine) -> None:
    """Who asks must see that it was decided, and the page of its risk must hold it."""
    ledger, records = SqlLedger(engine), SqlTransactionRecords(engine)
    with ledger.unit() as unit:
        unit.receive([payment()], NOW)

    first = keep(ledger, [scored(payment(), "0.8000", RiskLevel.HIGH)])

    kept = records.transaction("tx-1")
    assert first == {"tx-1"}
    assert (kept.status, kept.risk_level) == (TransactionStatus.REVIEW, RiskLevel.HIGH)
    assert kept.received_at == NOW


def test_an_id_that_belongs_to_another_payment_keeps_that_one(engine: Engine) -> None:
    """A verdict must never stand for a payment that it was not made for."""
    ledger = SqlLedger(engine)
    with ledger.unit() as unit:
        unit.receive([payment("waits")], NOW)
        unit.keep([scored(payment("decided"))])
    before = ledger.known(["waits", "decided"])
    others = [replace(payment(name), amount=Money(Decimal(9))) for name in before]

    first = keep(ledger, [*map(scored, others), scored(payment("new"))])

    assert first == {"new"}
    assert ledger.known(["waits", "decided"]) == before


def test_a_unit_that_fails_leaves_nothing(engine: Engine) -> None:
    """A verdict without its announcement would be a payment that nobody hears of."""
    ledger = SqlLedger(engine)

    def fail() -> None:
        with ledger.unit() as unit:
            unit.keep([scored(payment())])
            unit.announce([event()])
            unit.raise_alerts([alert_of(scored(payment()))] * 2)

    with pytest.raises(IntegrityError):
        fail()

    assert ledger.known(["tx-1"]) == {}
    assert SqlOutbox(engine).depth() == 0


def test_more_ids_than_one_statement_carries_are_found(engine: Engine) -> None:
    """A batch may be longer than a database's list of parameters."""
    ledger = SqlLedger(engine)
    batch = [payment(f"tx-{number}") for number in range(1201)]

    with ledger.unit() as unit:
        unit.receive(batch, NOW)

    assert len(ledger.known([each.id for each in batch])) == 1201


def test_the_audit_log_keeps_who_did_what(engine: Engine) -> None:
    """An auditor asks years later, when nobody remembers."""
    entry = AuditEntry(NOW, "thandi", "resolve", "alert", "a-1", {"disposition": "false_positive"})

    with SqlLedger(engine).unit() as unit:
        unit.audit([entry])

    with reading(engine) as connection:
        row = connection.execute(select(audit_log)).one()
        assert connection.execute(select(func.count()).select_from(audit_log)).scalar() == 1
    assert AuditEntry(*row[1:]) == entry


def test_empty_batches_change_nothing(engine: Engine) -> None:
    """A batch of which every event was refused is still a batch."""
    ledger = SqlLedger(engine)

    with ledger.unit() as unit:
        assert unit.receive([], NOW) == unit.keep([]) == set()
        unit.raise_alerts([])
        unit.announce([])
        unit.audit([])

    assert ledger.known([]) == {}


def test_a_text_that_no_database_keeps_is_refused(engine: Engine) -> None:
    """The caller can mend it, and the same again later cannot work."""
    broken = replace(payment(), merchant_category="\ud800")

    with pytest.raises(Malformed), SqlLedger(engine).unit() as unit:
        unit.receive([broken], NOW)
