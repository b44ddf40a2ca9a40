"""stores: a ledger with its outbox in memory, in SQLite and in PostgreSQL, for the same tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.alert_records import SqlAlertRecords
from risksentinel.adapters.sql.dead_letters import SqlDeadLetters
from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.alert import Alert
from risksentinel.domain.label import CHARGEBACK_WINDOW, Label
from risksentinel.domain.report_filing import StoredReport
from risksentinel.ports.alert_records import AlertFilter
from risksentinel.ports.ledger import AuditEntry, Ledger
from risksentinel.ports.publishing import DeadLetters, Outbox
from risksentinel.ports.report_records import ReportFilter
from risksentinel.rules.rule import StoredRule
from tests.adapters.sql.emptied import emptied
from tests.fakes.memory_ledger import InMemoryLedger
from tests.fakes.memory_outbox import InMemoryDeadLetters, InMemoryOutbox
from tests.fakes.memory_rows import MemoryDatabase

MEMORY: Final = "memory"
_MOST: Final = 10_000  # rows of a page: all that a test stores


@dataclass(frozen=True, slots=True)
class Store:
    """A ledger, its outbox and its dead letters; and readers of everything that is stored."""

    ledger: Ledger
    outbox: Outbox
    letters: DeadLetters
    alerts: Callable[[], list[Alert]]
    reports: Callable[[], list[StoredReport]]
    labels: Callable[[str], list[Label]]  # of one payment, by source and version
    rules: Callable[[], list[StoredRule]]  # the newest version of each
    audit: Callable[[], list[AuditEntry]]  # in the order of writing


def memory_store() -> Store:
    """An empty store in memory."""
    database = MemoryDatabase()

    def labels(payment: str) -> list[Label]:
        mine = [each for each in database.committed.labels if each.transaction_id == payment]
        return sorted(mine, key=lambda each: (each.source, each.version))

    return Store(
        InMemoryLedger(database),
        InMemoryOutbox(database),
        InMemoryDeadLetters(database),
        alerts=lambda: list(database.committed.alerts.values()),
        reports=lambda: list(database.committed.reports.values()),
        labels=labels,
        rules=lambda: [versions[-1] for versions in database.committed.rules.values()],
        audit=lambda: list(database.committed.audit),
    )


def sql_store(engine: Engine) -> Store:
    """What is stored in this database, at first nothing."""
    emptied(engine)
    alerts, reports = SqlAlertRecords(engine), SqlReportRecords(engine)
    labels, rules = SqlLabelRecords(engine, CHARGEBACK_WINDOW), SqlRuleRecords(engine)

    def audit() -> list[AuditEntry]:
        with reading(engine) as connection:
            rows = connection.execute(select(audit_log).order_by(audit_log.c.id))
            return [AuditEntry(*row[1:7]) for row in rows]

    return Store(
        SqlLedger(engine),
        SqlOutbox(engine),
        SqlDeadLetters(engine),
        alerts=lambda: list(alerts.alerts(AlertFilter(), None, _MOST).items),
        reports=lambda: list(reports.reports(ReportFilter(), None, _MOST).items),
        labels=lambda payment: list(labels.of(payment)),
        rules=lambda: list(rules.rules(None, _MOST, active_only=False).items),
        audit=audit,
    )


@pytest.fixture(
    scope="session",
    params=[MEMORY, "sqlite", "postgresql"],
)
def empty_store(request: pytest.FixtureRequest) -> Iterator[Callable[[], Store]]:
    """Makes an empty store; for properties, where each example needs one."""
    if request.param == MEMORY:
        yield memory_store
        return
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield lambda: sql_store(engine)
    engine.dispose()


@pytest.fixture
def store(empty_store: Callable[[], Store]) -> Store:
    """An empty store."""
    return empty_store()
