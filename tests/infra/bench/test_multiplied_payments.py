"""The copies of stored payments, on which the growth of a payment's time is measured."""

from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from infra.bench.multiplied_payments import multiply
from infra.bench.scored_payments import discard_events, score_payments
from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.month import Month
from risksentinel.adapters.sql.tables import (
    audit_log,
    hourly_figures,
    risk_scores,
    transaction_claims,
    transactions,
)
from risksentinel.assembly.container import Container
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings
from tests.adapters.sql.own_schema import own_schema

FEW, COPIES = 20, 20


def multiplied(url: str, home: Path) -> None:
    """Score a few payments, add copies, and compare the rows of all tables."""
    settings = Settings(database_url=url, risksentinel_home=home)
    migrate(settings.database)
    with closing(Container(settings)) as container:
        seed(container)
        score_payments(container, MemoryHistory(timedelta(minutes=5)), FEW)
        discard_events(container)
    engine = open_engine(settings.database, statement_seconds=0)
    multiply(engine, COPIES)
    with reading(engine) as connection:
        rows = connection.execute(select(transactions)).all()
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (transaction_claims, risk_scores)
        }
        of_payments = audit_log.c.subject_kind == "transaction"
        counts["audit"] = connection.execute(
            select(func.count()).select_from(audit_log).where(of_payments)
        ).scalar_one()
        counted = select(func.sum(hourly_figures.c.counted)).where(
            hourly_figures.c.figure != "alert"
        )
        counts["figures"] = int(connection.execute(counted).scalar_one())
    engine.dispose()

    each = FEW * (COPIES + 1)
    assert len({row.id for row in rows}) == each
    assert counts == dict.fromkeys(("transaction_claims", "risk_scores", "audit", "figures"), each)
    assert len({Month.of(row.received_at) for row in rows}) >= 12
    senders = Counter(row.sender_id for row in rows)
    originals = {sender for sender in senders if sender.count("-") == 1}
    assert all(senders[sender] >= 3 for sender in originals)
    assert len(senders) == 10 * len(originals)


def test_copies_have_own_ids_other_months_and_in_part_the_same_accounts(tmp_path: Path) -> None:
    """An account of a measured payment has a past, and most stored payments are of others."""
    multiplied(f"sqlite:///{tmp_path}/few.db", tmp_path)


def test_copies_on_postgresql_are_the_same(tmp_path: Path, postgres_server: RunningServer) -> None:
    """The growth of both databases is measured with the same payments."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as url:
        multiplied(url, tmp_path)
