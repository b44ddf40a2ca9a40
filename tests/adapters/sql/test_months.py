from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text

from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.month import GROWING, Month, Span
from risksentinel.adapters.sql.months import AHEAD, SqlMonths
from risksentinel.adapters.sql.tables import (
    alert_deliveries,
    alerts,
    labels,
    metadata,
    revisions,
    risk_scores,
    shadow_decisions,
    statutory_reports,
    transaction_claims,
    transactions,
)
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from risksentinel.adapters.system_clock import now
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Conflict
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.transaction_records import TransactionFilter
from tests.adapters.sql.samples import alert_of, label_of, payment, report_of, scored
from tests.adapters.sql.second_decisions import keep_second_decisions

TODAY = now()
LONG_AGO = Month.of(TODAY).after(-30).begin + timedelta(days=3)


def keep(engine: Engine, names: Sequence[str], at: datetime) -> None:
    """Store risky payments received then, with their alerts, deliveries and audit entries."""
    batch = [scored(payment(name), "0.9500", RiskLevel.CRITICAL, at) for name in names]
    with SqlLedger(engine).unit() as unit:
        unit.keep(batch)
        unit.raise_alerts([alert_of(each) for each in batch])
        unit.owe_reports([report_of(each.transaction) for each in batch])
        for each in batch:
            unit.write_label(label_of(each.transaction))
        keep_second_decisions(unit, names)
        unit.audit([AuditEntry(at, "score", "scored", "transaction", name, {}) for name in names])
    for name in names:
        SqlDeliveries(engine).open(f"{name}.raised", f"alert-{name}", ["desk"], at)


def rows(engine: Engine, *tables: str) -> list[int]:
    """How many rows each of these tables holds."""
    with reading(engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(text(table))).scalar_one()
            for table in tables
        ]


def make_all(engine: Engine) -> list[str]:
    """Make every partition that is missing; answers their names."""
    months = SqlMonths(engine)
    missing = months.missing(TODAY)
    for each in missing:
        months.make(each)
    return [each.name for each in missing]


def old(engine: Engine, retain: int) -> list[Span]:
    """The partitions of payments and scores that may go."""
    months = SqlMonths(engine)
    return [span for table in GROWING for span in months.old(table, TODAY, retain)]


def test_months_ahead_are_made_once(postgres_engine: Engine) -> None:
    """The job runs every night, and must be complete before the month ends."""
    months = SqlMonths(postgres_engine)

    missing = months.missing(TODAY, AHEAD + 2)
    for each in missing * 2:
        months.make(each)

    further = [Month.of(TODAY).after(AHEAD + n) for n in (1, 2)]
    assert [(each.table, each.month) for each in missing] == [
        (table, month) for table in GROWING for month in further
    ]
    assert months.missing(TODAY, AHEAD + 2) == []


def test_an_insert_never_fails_for_want_of_a_partition(postgres_engine: Engine) -> None:
    """Without the job for years, or with a wrong clock, payments must still be stored."""
    keep(postgres_engine, ["tx-1"], LONG_AGO)

    assert rows(postgres_engine, *(f"{table}_default" for table in GROWING)) == [1, 1, 1]
    assert SqlLedger(postgres_engine).known(["tx-1"])["tx-1"].verdict is not None


def test_rows_without_a_month_are_moved_to_theirs(postgres_engine: Engine) -> None:
    """A default partition that fills up is scanned whenever a month is made."""
    keep(postgres_engine, ["tx-1", "tx-2"], LONG_AGO)
    before = SqlLedger(postgres_engine).known(["tx-1", "tx-2"])

    made = make_all(postgres_engine)

    assert made == [f"{table}_{Month.of(LONG_AGO)}" for table in GROWING]
    assert rows(postgres_engine, *(f"{table}_default" for table in GROWING)) == [0, 0, 0]
    assert rows(postgres_engine, *made) == [2, 2, 2]
    assert SqlLedger(postgres_engine).known(["tx-1", "tx-2"]) == before


def test_a_month_goes_with_all_that_belongs_to_its_payments(postgres_engine: Engine) -> None:
    """After the retention no data of a payment may remain."""
    keep(postgres_engine, ["old-1", "old-2"], LONG_AGO)
    keep(postgres_engine, ["new"], TODAY)
    make_all(postgres_engine)
    months = SqlMonths(postgres_engine)

    removed = [months.drop(span, TODAY, 24) for span in old(postgres_engine, 24)]

    of_payments = (transaction_claims, transactions, risk_scores, statutory_reports)
    left = (*of_payments, alerts, alert_deliveries, labels, shadow_decisions, revisions)
    assert removed == [2, 0, 0]
    assert rows(postgres_engine, *(table.name for table in left), "audit_log") == [1] * 10
    assert old(postgres_engine, 24) == []


def test_an_id_of_a_dropped_month_can_be_used_again(postgres_engine: Engine) -> None:
    """An id is taken only while its payment is stored."""
    keep(postgres_engine, ["tx-1"], LONG_AGO)
    make_all(postgres_engine)
    months = SqlMonths(postgres_engine)
    for span in old(postgres_engine, 24):
        months.drop(span, TODAY, 24)

    keep(postgres_engine, ["tx-1"], TODAY)

    page = SqlTransactionRecords(postgres_engine).transactions(TransactionFilter(), None, 9)
    assert [each.received_at for each in page.items] == [TODAY]


def test_a_reused_id_keeps_its_claim_and_alert(postgres_engine: Engine) -> None:
    """A drop that a crash cut short is repeated, and the id may have come again in between."""
    keep(postgres_engine, ["tx-1"], LONG_AGO)
    make_all(postgres_engine)
    with writing(postgres_engine) as connection:
        of_claims = (alerts, labels, statutory_reports, shadow_decisions, revisions)
        for table in (transaction_claims, *of_claims):
            connection.execute(table.delete())
    keep(postgres_engine, ["tx-1"], TODAY)

    for span in old(postgres_engine, 24):
        SqlMonths(postgres_engine).drop(span, TODAY, 24)

    assert rows(postgres_engine, "transaction_claims", "alerts", "transactions") == [1, 1, 1]


def test_what_is_younger_than_the_retention_stays(postgres_engine: Engine) -> None:
    """A wrong argument must not cost a month of evidence."""
    months, month = SqlMonths(postgres_engine), Month.of(TODAY)
    edge = month.after(-12)
    keep(postgres_engine, ["tx-1"], edge.begin - timedelta(microseconds=1))
    keep(postgres_engine, ["tx-2"], edge.begin)
    make_all(postgres_engine)
    youngest = Span("transactions", f"transactions_{edge}", edge.begin, edge.after(1).begin)

    with pytest.raises(Conflict, match="younger than 12 months"):
        months.drop(youngest, TODAY, 12)

    assert {span.name for span in old(postgres_engine, 12)} == {
        f"{table}_{edge.after(-1)}" for table in GROWING
    }
    assert rows(postgres_engine, "transactions") == [2]


def test_many_pages_are_forgotten_one_chunk_after_the_other(postgres_engine: Engine) -> None:
    """A month of a busy bank has millions of ids, and payments are claimed meanwhile."""
    fill = "SELECT 'tx-' || n, :at FROM generate_series(1, 30000) AS n"
    wide = (
        "SELECT 'tx-' || n, repeat('s', 60), repeat('r', 60), 1, 'ussd', :at, :at, 'approved'"
        " FROM generate_series(1, 30000) AS n"
    )
    columns = "id, sender_id, receiver_id, amount_zar, channel, occurred_at, received_at, status"
    with writing(postgres_engine) as connection:
        connection.execute(text(f"INSERT INTO transaction_claims {fill}"), {"at": LONG_AGO})
        connection.execute(text(f"INSERT INTO transactions ({columns}) {wide}"), {"at": LONG_AGO})
    make_all(postgres_engine)

    for span in old(postgres_engine, 24):
        SqlMonths(postgres_engine).drop(span, TODAY, 24)

    assert rows(postgres_engine, "transaction_claims", "transactions") == [0, 0]


def test_sqlite_has_no_months_to_make(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite has no partitions; old rows there: test_old_rows.py."""
    from risksentinel.adapters.sql.engine import open_engine

    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('db') / 'risk.db'}")

    months = SqlMonths(engine)

    assert months.missing(TODAY) == []
    assert months.old("transactions", TODAY, 1) == []
    engine.dispose()
    assert set(GROWING) <= set(metadata.tables)
