from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import delete

from risksentinel.adapters.sql.dashboard_records import SqlDashboardRecords
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.tables import hourly_figures
from risksentinel.cli.main import risksentinel
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.samples import NOW, payment, scored


def test_missing_figures_are_recounted(tmp_path: Path) -> None:
    """Functions of the previous release score payments without counting them."""
    url = f"sqlite:///{tmp_path / 'risk.db'}"
    migrate(url)
    engine = open_engine(url)
    with SqlLedger(engine).unit() as unit:
        unit.keep([scored(payment())])
    with writing(engine) as connection:
        connection.execute(delete(hourly_figures))

    result = CliRunner().invoke(risksentinel, ["recount-figures"], env={"DATABASE_URL": url})

    assert result.exit_code == 0, result.output
    assert SqlDashboardRecords(engine).summary(NOW).transactions == 1
    engine.dispose()
