import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from ml.backfill import backfill
from ml.dataset import Dataset
from ml.evaluate import main
from ml.metrics import card_precision, recall_at
from ml.payments_file import read_parquet
from ml.protocol import Protocol
from ml.synthetic import synthetic
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed
from risksentinel.scoring.features.batch import Options
from risksentinel.scoring.features.matrix import Matrix
from risksentinel.scoring.policy import Policy

A_WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the columns of the Fraud Detection Handbook."""
    data = synthetic(3, count=80, days=60)
    path = tmp_path_factory.mktemp("data") / "payments.parquet"
    table = {
        "customer_id": [payment.sender_id for payment in data.payments],
        "terminal_id": [payment.receiver_id for payment in data.payments],
        "amount": [float(payment.amount.amount) for payment in data.payments],
        "ts": [payment.occurred_at for payment in data.payments],
        "is_fraud": data.fraud.tolist(),
    }
    parquet.write_table(pa.table(table), path)
    return path


@pytest.fixture(scope="module")
def data(file: Path) -> Dataset:
    """The payments of the file."""
    return read_parquet(file, {}, A_WEEK)


def test_a_report_has_every_row(file: Path, tmp_path: Path) -> None:
    """The report has the models alone, the fused scores, alerts and grounds."""
    options = ["--data", str(file), "--out", str(tmp_path), "--amount-times", "18.5"]
    done = CliRunner().invoke(main, options)

    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert [row["name"] for row in report["rows"]][:7] == [
        "isolation_forest",
        "supervised, labels after 7 days",
        "supervised, labels after 1 day",
        "rules+velocity+anomaly",
        "rules+velocity+anomaly, without escalations",
        "fused",
        "fused, without escalations",
    ]
    assert {"auc", "ap", "cp_at_100", "recall_at_1pct_fpr"} <= set(report["rows"][0])
    for table in ("alerts", "grounds"):
        assert {"payments", "share", "precision", "recall"} <= set(report[table][0])
    assert (tmp_path / "precision_recall.png").exists()


def test_features_do_not_depend_on_the_unit_of_money(data: Dataset) -> None:
    """No feature has a constant in rand, unlike rules and limits."""
    data = replace(data, decisions=[Decision.APPROVE] * len(data))

    def measured(of: Dataset) -> Matrix:
        return backfill(of, Options(), Policy(), lambda _: None).matrix

    other = data.with_amounts_times(100)

    assert other.payments[0].amount.cents == 100 * data.payments[0].amount.cents
    np.testing.assert_allclose(measured(data), measured(other), rtol=1e-4, atol=1e-4)


def test_labels_for_training_were_known_before_the_test_period(data: Dataset) -> None:
    """A label counts from the day on which it becomes known, not from the day of the payment."""
    protocol = Protocol.of(data, A_WEEK, None, None, weekly=None)

    learnt, tested = protocol.learnt(data, A_WEEK), protocol.tested(data)

    assert data.known_at[learnt].max() < protocol.first * 86_400
    assert not (learnt & tested).any()
    assert protocol.last - protocol.first == 6


def test_known_senders_are_left_out(data: Dataset) -> None:
    """Finding a known sender again must not improve the metrics."""
    protocol = Protocol.of(data, A_WEEK, None, None, weekly=True)

    tested = protocol.tested(data)

    days = data.at // 86_400
    last_week = (days >= protocol.first - 14) & (days < protocol.first - 7)
    names = np.array([payment.sender_id for payment in data.payments])
    found = set(names[last_week & (data.fraud == 1)])
    assert found
    assert found.isdisjoint(names[tested])


def test_a_period_without_payments_is_refused(data: Dataset) -> None:
    """For example a date of another year."""
    with pytest.raises(Malformed, match="no payments are left to test"):
        Protocol.of(data, A_WEEK, date(2030, 1, 1), 7, weekly=None)


def test_card_precision_counts_each_sender_once() -> None:
    """A sender found on an earlier day is left out of the later days."""
    days = np.array([1, 1, 1, 2, 2])
    fraud = np.array([1, 0, 0, 1, 1], dtype=np.int8)
    scores = np.array([0.9, 0.8, 0.1, 0.9, 0.7])

    found = card_precision(days, ["a", "b", "c", "a", "d"], fraud, scores, first=2)

    assert found == 0.5  # one of two on the first day, and `d` alone on the second


def test_recall_is_read_at_the_share_of_false_alarms() -> None:
    """At most this share of the genuine payments is flagged."""
    fraud = np.array([0] * 100 + [1] * 4, dtype=np.int8)
    scores = np.array([*np.linspace(0, 1, 100), 2, 2, 0.995, 0.5])

    assert recall_at(fraud, scores) == 0.75
