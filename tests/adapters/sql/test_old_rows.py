from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
from sqlalchemy import Engine, func, select, text

from risksentinel.adapters.sql import old_rows
from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.month import GROWING, Month, Span
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.tables import (
    alert_deliveries,
    alerts,
    audit_log,
    labels,
    revisions,
    risk_scores,
    shadow_decisions,
    statutory_reports,
    transaction_claims,
    transactions,
)
from risksentinel.adapters.system_clock import now
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Conflict
from risksentinel.migrations.migrate import migrate
from risksentinel.ports.ledger import AuditEntry
from tests.adapters.sql.samples import alert_of, label_of, payment, report_of, scored
from tests.adapters.sql.second_decisions import keep_second_decisions

TODAY = now()
LONG_AGO = Month.of(TODAY).after(-30).begin + timedelta(days=3)
OF_PAYMENTS = (
    transaction_claims,
    transactions,
    risk_scores,
    statutory_reports,
    alerts,
    alert_deliveries,
    labels,
    shadow_decisions,
    revisions,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "risk.db"


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    """A migrated SQLite database without a row."""
    migrate(f"sqlite:///{file}")
    engine = open_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


def keep(engine: Engine, names: list[str], at: datetime) -> None:
    """Store risky payments received then, with every kind of row that belongs to one."""
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


def counts(engine: Engine) -> list[int]:
    """How many rows there are of payments, and of the audit log."""
    with reading(engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (*OF_PAYMENTS, audit_log)
        ]


def drop(engine: Engine, retain: int, *tables: str) -> dict[str, int]:
    """Drop the old months; the alerts that went with each."""
    months = SqlMonths(engine)
    return {
        span.name: months.drop(span, TODAY, retain)
        for table in tables or GROWING
        for span in months.old(table, TODAY, retain)
    }


def test_a_month_goes_with_all_that_belongs_to_its_payments(engine: Engine) -> None:
    """An open alert, report or label does not keep a payment: the same rows go as on PostgreSQL."""
    keep(engine, ["old-1", "old-2"], LONG_AGO)
    keep(engine, ["new"], TODAY)

    gone = drop(engine, 24)

    month = Month.of(LONG_AGO)
    assert gone == {f"transactions_{month}": 2, f"audit_log_{month}": 0}
    assert counts(engine) == [1] * len(OF_PAYMENTS) + [1]
    assert set(SqlLedger(engine).known(["old-1", "old-2", "new"])) == {"new"}
    assert drop(engine, 24) == {}


def test_the_audit_log_has_a_retention_of_its_own(engine: Engine) -> None:
    """Personal data goes after a year; the audit log stays for the auditor."""
    keep(engine, ["old"], LONG_AGO)

    drop(engine, 24, "transactions", "risk_scores")

    assert counts(engine) == [0] * len(OF_PAYMENTS) + [1]


def test_what_is_younger_than_the_retention_stays(engine: Engine) -> None:
    """A wrong argument must not cost a month of evidence."""
    months, edge = SqlMonths(engine), Month.of(TODAY).after(-12)
    keep(engine, ["tx-1"], edge.begin - timedelta(microseconds=1))
    keep(engine, ["tx-2"], edge.begin)
    youngest = Span("transactions", f"transactions_{edge}", edge.begin, edge.after(1).begin)

    with pytest.raises(Conflict, match="younger than 12 months"):
        months.drop(youngest, TODAY, 12)
    drop(engine, 12)

    assert set(SqlLedger(engine).known(["tx-1", "tx-2"])) == {"tx-2"}


def test_each_month_is_a_step_of_its_own_the_oldest_first(engine: Engine) -> None:
    """The log names each deleted month, as on PostgreSQL."""
    first = Month.of(LONG_AGO)
    for number in (5, 0, 2):
        keep(engine, [f"tx-{number}"], first.after(number).begin)

    found = [span.name for span in SqlMonths(engine).old("transactions", TODAY, 12)]

    assert found == [f"transactions_{first.after(number)}" for number in (0, 2, 5)]


def test_a_run_that_is_cut_short_leaves_no_half_of_a_payment(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment without its alert, or an alert without its payment, shows as a fault."""
    monkeypatch.setattr(old_rows, "AT_ONCE", 4)
    keep(engine, [f"tx-{number}" for number in range(10)], LONG_AGO)
    (span,) = SqlMonths(engine).old("transactions", TODAY, 12)

    def killed(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        old_rows.delete_old_rows(engine, span, killed)
    left = counts(engine)
    drop(engine, 12)

    assert left == [6] * len(OF_PAYMENTS) + [10]
    assert counts(engine) == [0] * len(left)


def test_a_reused_id_keeps_its_payment(engine: Engine) -> None:
    """Its old payment went in another run, between two steps of this one."""
    keep(engine, ["tx-1"], LONG_AGO)
    (span,) = SqlMonths(engine).old("transactions", TODAY, 12)
    drop(engine, 12, "transactions")
    keep(engine, ["tx-1"], TODAY)

    with writing(engine) as connection:
        gone = old_rows._delete(connection, span, ["tx-1"])  # noqa: SLF001 - the step between

    assert gone == 0
    assert counts(engine)[:-1] == [1] * len(OF_PAYMENTS)


def fill(engine: Engine, prefix: str, count: int, at: datetime) -> None:
    """Store many payments with their scores."""
    for start in range(0, count, 1000):
        with SqlLedger(engine).unit() as unit:
            names = [f"{prefix}-{number}" for number in range(start, min(start + 1000, count))]
            unit.keep([scored(payment(name), at=at) for name in names])


def test_payments_go_on_while_old_ones_are_deleted(engine: Engine, file: Path) -> None:
    """Other processes wait for SQLite's lock; a payment may wait for at most 5 seconds."""
    fill(engine, "old", 6_000, LONG_AGO)
    paying, over = open_engine(f"sqlite:///{file}"), Event()
    waits: list[float] = []

    def pay() -> None:
        while not over.is_set():
            began = monotonic()
            with SqlLedger(paying).unit() as unit:
                unit.keep([scored(payment(f"new-{len(waits)}"), at=TODAY)])
            waits.append(monotonic() - began)

    payer = Thread(target=pay)
    payer.start()
    try:
        drop(engine, 12)
    finally:
        over.set()
        payer.join()
        paying.dispose()

    with reading(engine) as connection:
        left = connection.execute(select(func.count()).select_from(transactions)).scalar_one()
    assert left == len(waits) > 5
    assert max(waits) < 3


def test_new_payments_take_the_space_of_old_ones(engine: Engine, file: Path) -> None:
    """The file does not shrink, so new rows must use its free space."""
    fill(engine, "old", 3_000, LONG_AGO)
    drop(engine, 12)
    before = _pages(engine)

    fill(engine, "new", 3_000, TODAY)

    assert _pages(engine) <= 1.1 * before
    assert file.stat().st_size > 0


def _pages(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one())
