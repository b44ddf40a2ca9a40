"""From labels in PostgreSQL to a promoted model, by the commands that the docs name."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from infra.devstack.servers.server_kinds import RunningServer
from ml.dataset import Dataset
from ml.payments_file import read_parquet
from ml.synthetic import synthetic
from ml.train import main as train
from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.cli import labels
from risksentinel.cli.labels import labels as labels_command
from risksentinel.cli.models import models
from risksentinel.domain.label import WEAKEST_FIRST, Finding, Report
from risksentinel.domain.reviewed import Reviewed
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.own_schema import own_schema
from tests.adapters.sql.samples import scored
from tests.logs import as_before

WINDOW = timedelta(days=30)
UNIT_SIZE = 500


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Payments of two months, with the time at which each fraud became known."""
    return synthetic(1, count=60, days=60)


@pytest.fixture
def url(postgres_server: RunningServer, data: Dataset) -> Iterator[str]:
    """A database that has scored and labelled them; the sources take turns."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as address:
        migrate(address)
        engine = open_engine(address)
        ledger = SqlLedger(engine)
        for start in range(0, len(data), UNIT_SIZE):
            with ledger.unit() as unit:
                some = data.payments[start : start + UNIT_SIZE]
                unit.keep([scored(payment, at=payment.occurred_at) for payment in some])
        with ledger.unit() as unit:
            for place in np.flatnonzero(data.fraud == 1).tolist():
                source = WEAKEST_FIRST[place % len(WEAKEST_FIRST)]
                report = Report(data.payments[place].id, source, Finding.FRAUD)
                at = datetime.fromtimestamp(int(data.known_at[place]), UTC)
                label = Reviewed(data.payments[place]).next(report, "bank", at)
                assert label is not None
                unit.write_label(label)
        yield address
        engine.dispose()


def run(command: click.Command, *arguments: object, **environ: str) -> str:
    """Run a command and return its standard output."""
    with as_before():
        done = CliRunner().invoke(command, [str(each) for each in arguments], env=environ)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_labels_are_exported_trained_on_and_the_model_is_promoted(
    url: str, data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second version is compared with the first version on the payments of the second."""
    first, last = data.payments[0].occurred_at, data.payments[-1].occurred_at
    file, promoted, out = (tmp_path / name for name in ("payments.parquet", "promoted", "trained"))
    settings = {
        "DATABASE_URL": url,
        "RISKSENTINEL_HOME": str(tmp_path / "home"),
        "CHARGEBACK_WINDOW_DAYS": str(WINDOW.days),
    }

    def trained(as_of: datetime, kind: str) -> str:
        """Train and publish a version with the labels known at `as_of`; return the output."""
        monkeypatch.setattr(labels, "now", lambda: as_of)
        run(labels_command, "export", "--since", f"{first:%Y-%m-%d}", "--to", file, **settings)
        run(models, "fetch", promoted, **settings)
        options = ("--data", file, "--against", promoted, "--out", out, "--kind", kind)
        folder = run(train, *options).strip()
        return run(models, "publish", folder, "--promote", **settings)

    assert "promoted" in trained(last + timedelta(days=1), "isolation_forest")
    half_known = read_parquet(file, {}, WINDOW)
    assert "promoted" in trained(last + WINDOW + timedelta(days=1), "boosted_trees")
    known = read_parquet(file, {}, WINDOW)

    assert len(half_known) == len(known) == len(data)
    assert known.fraud.tolist() == data.fraud.tolist()
    assert half_known.complete_until < known.complete_until <= known.at[-1]
    open_still = half_known.at > half_known.complete_until
    assert (half_known.fraud[open_still] != 0).all()
    assert (half_known.fraud[~open_still] == data.fraud[~open_still]).all()
    frauds = data.fraud == 1
    assert known.known_at[frauds].tolist() == data.known_at[frauds].tolist()
    silent = (known.known_at - known.at)[~frauds] - WINDOW.total_seconds()
    assert np.abs(silent).max() <= 1
    registry = open_registry(str(tmp_path / "home"))
    now = registry.current("payments")
    assert now is not None
    assert now.manifest.kind == "boosted_trees"
    assert now.manifest.rival is not None
    assert now.manifest.rival.metrics["ap"] < now.manifest.metrics["ap"]
