import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql import receipts
from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.month import DEFAULT, GROWING
from risksentinel.adapters.sql.months import AHEAD, SqlMonths
from risksentinel.adapters.sql.receipts import receipt_of
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.sql.tables import REVISION, metadata, risk_scores, transactions
from risksentinel.adapters.sql.types import Json
from risksentinel.adapters.system_clock import now
from risksentinel.errors import Conflict, Misconfigured
from risksentinel.migrations.migrate import migrate, revision, scripts, unmigrate
from tests.adapters.sql.own_schema import own_schema
from tests.adapters.sql.samples import NOW, alert_of, payment, scored

PARTITION = re.compile(rf"({'|'.join(GROWING)})_({DEFAULT}|\d{{4}}_\d\d)")
_OLD_PAYMENT = """
INSERT INTO transactions (id, sender_id, receiver_id, amount_zar, channel, occurred_at, received_at,
    status) VALUES (:id, 'a', 'b', 100, 'pos', :at, :at, 'received')
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / '100%' / 'risk.db'}"
        return
    server: RunningServer = request.getfixturevalue("postgres_server")
    with own_schema(server.settings["DATABASE_URL"]) as address:
        yield address


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine of the database."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


def test_migrations_create_the_tables_of_the_adapters(url: str, engine: Engine) -> None:
    """A column in only one of the two would fail at the first payment."""
    migrate(url)

    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_no_partition}
        )
        assert compare_metadata(context, metadata) == []


def test_a_fresh_database_has_the_partitions_of_the_coming_months(url: str, engine: Engine) -> None:
    """Rows in the default partition must later be moved under a lock."""
    migrate(url)

    assert SqlMonths(engine).missing(now(), AHEAD) == []
    if engine.dialect.name == "postgresql":
        assert len(list(filter(PARTITION.fullmatch, inspect(engine).get_table_names()))) == 3 * (
            AHEAD + 1 + 1
        )


def test_migrations_can_be_downgraded_and_applied_again(url: str, engine: Engine) -> None:
    """A faulty release is downgraded at any time."""
    migrate(url)

    unmigrate(url)
    left = inspect(engine).get_table_names()
    migrate(url)

    assert left == ["alembic_version"]
    assert revision(url) == REVISION


def test_payments_of_the_previous_release_are_kept(url: str, engine: Engine) -> None:
    """Every partition gets the columns, also partitions that are created later."""
    migrate(url)
    unmigrate(url, "0002")
    with writing(engine) as connection:
        for name, at in (("old", "1990-01-01"), ("new", f"{now():%Y-%m-%d}")):
            received = at if engine.dialect.name == "postgresql" else 0
            connection.execute(text(_OLD_PAYMENT), {"id": name, "at": received})

    migrate(url)

    with reading(engine) as connection:
        kept = connection.execute(select(transactions)).all()
    assert {row.id for row in kept} == {"old", "new"}
    assert {(row.device_id, row.sim_swapped_at) for row in kept} == {(None, None)}
    assert SqlMonths(engine).missing(now(), AHEAD) == []


def test_stored_payments_are_counted_in_the_figures(url: str, engine: Engine) -> None:
    """The dashboard must not restart at zero after an upgrade."""
    migrate(url)
    batch = [scored(payment(f"tx-{n}", at=NOW - n * timedelta(hours=9))) for n in range(9)]
    with SqlLedger(engine).unit() as unit:
        unit.keep(batch)
        unit.raise_alerts([alert_of(each) for each in batch[:4]])
    before = SqlDashboardRecords(engine).risk_trend(NOW, 7)

    unmigrate(url, "0005")
    migrate(url)

    assert SqlDashboardRecords(engine).risk_trend(NOW, 7) == before
    assert sum(hour.transactions for hour in before) == 9
    assert sum(hour.alerts for hour in before) == 4


_OLD_SCORE = """
INSERT INTO risk_scores (transaction_id, received_at, score, risk_level, decision, amount_zar,
    scored_at, reasons, explanation)
VALUES ('tx-0', :at, :score, 'low', 'approve', 100, :at, '[]', '{"score": 0.0157, "signals": {}}')
"""


def _downgraded_with_an_old_score(url: str, engine: Engine) -> None:
    migrate(url)
    unmigrate(url, "0005")
    on_sqlite = engine.dialect.name == "sqlite"
    values = {"at": 0 if on_sqlite else "1970-01-01", "score": 157 if on_sqlite else 0.0157}
    with writing(engine) as connection:
        connection.execute(text(_OLD_SCORE), values)


def test_receipts_of_the_previous_release_are_read_unchanged(url: str, engine: Engine) -> None:
    """Rewriting hundreds of millions of receipts would take hours."""
    _downgraded_with_an_old_score(url, engine)

    migrate(url)

    with reading(engine) as connection:
        (row,) = connection.execute(select(risk_scores)).all()
    assert row.receipt is None
    assert receipt_of(row) == {"score": 0.0157, "signals": {}}


def test_a_downgrade_converts_packed_receipts_to_json(url: str, engine: Engine) -> None:
    """The previous release must show the decisions of the newer release."""
    _downgraded_with_an_old_score(url, engine)
    migrate(url)
    kept = [scored(payment(f"tx-{number}")) for number in range(1, 4)]
    with SqlLedger(engine).unit() as unit:
        unit.keep(kept)

    unmigrate(url, "0005")

    query = text("SELECT transaction_id AS id, explanation FROM risk_scores")
    with reading(engine) as connection:
        rows = connection.execute(query.columns(explanation=Json)).all()
    found = {row.id: row.explanation for row in rows}
    assert found.pop("tx-0") == {"score": 0.0157, "signals": {}}
    assert found == {each.transaction.id: each.verdict.explanation for each in kept}


def test_a_downgrade_that_would_take_hours_is_refused(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction would lock the table, and payments would wait."""
    migrate(url)
    with SqlLedger(engine).unit() as unit:
        unit.keep([scored(payment(f"tx-{number}")) for number in range(3)])
    monkeypatch.setattr(receipts, "MAX_UNPACKED", 2)

    with pytest.raises(Conflict, match="3 receipts are packed"):
        unmigrate(url, "0005")

    assert revision(url) == REVISION
    schema_is_current(engine)


def test_readiness_requires_the_newest_migration() -> None:
    """Another revision would never pass, or pass too early."""
    assert ScriptDirectory.from_config(scripts()).get_current_head() == REVISION


def test_a_database_that_is_not_migrated_is_not_ready(url: str, engine: Engine) -> None:
    """The error names the command, before a payment fails."""
    with pytest.raises(Misconfigured, match="risksentinel migrate"):
        schema_is_current(engine)

    migrate(url)

    schema_is_current(engine)


def test_a_newer_database_is_ready(url: str, engine: Engine) -> None:
    """During a rollout the older release runs on the migrated database."""
    migrate(url)

    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    schema_is_current(engine)


def test_concurrent_migrations_are_safe(url: str) -> None:
    """Five functions migrate at the same time."""
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(migrate, [url] * 5))

    assert revision(url) == REVISION


def test_a_database_before_its_first_migration_has_no_revision(url: str) -> None:
    """An empty database must differ from an old one."""
    assert revision(url) is None


def _is_no_partition(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name is None or PARTITION.fullmatch(name) is None
