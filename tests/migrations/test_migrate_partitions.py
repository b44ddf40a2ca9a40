from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.month import GROWING, Month
from risksentinel.adapters.system_clock import now
from risksentinel.cli.partitions import partitions
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.conftest import postgres_engine, postgres_url
from tests.adapters.sql.samples import alert_of, payment, scored

__all__ = ["postgres_engine", "postgres_url"]
LAST_YEAR = Month.of(now()).after(-13).begin + timedelta(days=1)


def run(url: str, *options: str) -> Result:
    """Run the command on this database."""
    return CliRunner(env={"DATABASE_URL": url}).invoke(partitions, options, catch_exceptions=False)


def keep(engine: Engine) -> None:
    """Store a payment of last year with an alert."""
    risky = scored(payment(), at=LAST_YEAR)
    with SqlLedger(engine).unit() as unit:
        unit.keep([risky])
        unit.raise_alerts([alert_of(risky)])


def test_coming_months_are_created_and_a_second_run_does_nothing(postgres_url: str) -> None:
    """The command runs on a timer, and its log shows the changes."""
    month = Month.of(now()).after(4)

    first, second = run(postgres_url, "--ahead", "4"), run(postgres_url, "--ahead", "4")

    assert first.output.splitlines() == [f"made {table}_{month}" for table in GROWING]
    assert second.output == "nothing to do\n"


def test_a_dry_run_prints_the_changes_and_does_nothing(
    postgres_url: str, postgres_engine: Engine
) -> None:
    """A retention must be testable before data is dropped."""
    keep(postgres_engine)
    name = f"transactions_{Month.of(LAST_YEAR)}"

    dry = run(postgres_url, "--dry-run")
    run(postgres_url)
    dry_drop = run(postgres_url, "--retain-months", "12", "--dry-run")

    assert f"would make {name}, for 1 rows of its default partition" in dry.output
    assert f"would drop {name}" in dry_drop.output
    assert set(SqlLedger(postgres_engine).known(["tx-1"])) == {"tx-1"}


def test_old_months_are_dropped_and_the_audit_log_has_its_own_retention(
    postgres_url: str, postgres_engine: Engine
) -> None:
    """Auditors need the log for longer than personal data may be stored."""
    keep(postgres_engine)
    month = Month.of(LAST_YEAR)

    first = run(postgres_url, "--retain-months", "12")
    second = run(postgres_url, "--retain-months", "12", "--retain-audit-months", "12")

    assert first.output.splitlines() == [
        f"made transactions_{month}, for 1 rows of its default partition",
        f"made risk_scores_{month}, for 1 rows of its default partition",
        f"dropped transactions_{month}, with 1 alerts",
        f"dropped risk_scores_{month}",
    ]
    assert second.output == "nothing to do\n"
    assert SqlLedger(postgres_engine).known(["tx-1"]) == {}


@pytest.mark.parametrize("months", ["0", "-1", "soon"])
def test_a_retention_of_zero_months_is_refused(postgres_url: str, months: str) -> None:
    """A typing error must not delete every payment."""
    assert run(postgres_url, "--retain-months", months).exit_code == 2


def test_an_embedded_database_has_no_partitions_to_create(tmp_path: Path) -> None:
    """The same timer serves every installation."""
    url = f"sqlite:///{tmp_path / 'risk.db'}"

    assert run(url, "--retain-months", "1").output == "nothing to do\n"


def test_old_months_of_an_embedded_database_are_deleted_too(tmp_path: Path) -> None:
    """The limits for personal data apply without a server too."""
    url, month = f"sqlite:///{tmp_path / 'risk.db'}", Month.of(LAST_YEAR)
    migrate(url)
    engine = open_engine(url)
    keep(engine)

    dry = run(url, "--retain-months", "12", "--dry-run")
    there = SqlLedger(engine).known(["tx-1"])
    done = run(url, "--retain-months", "12")
    again = run(url, "--retain-months", "12")

    assert dry.output == f"would drop transactions_{month}\n"
    assert set(there) == {"tx-1"}
    assert done.output == f"dropped transactions_{month}, with 1 alerts\n"
    assert again.output == "nothing to do\n"
    assert SqlLedger(engine).known(["tx-1"]) == {}
    engine.dispose()
