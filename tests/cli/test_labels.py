"""`labels export` on a real database, with the file read as ml.train reads it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet  # type: ignore[import-untyped] # pyarrow ships no types
from sqlalchemy import Engine

from ml.dataset import UNKNOWN
from ml.payments_file import read_parquet
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.domain.label import SILENCE, Finding, LabelSource
from risksentinel.domain.reviewed import KnownOutcome, Reviewed
from risksentinel.errors import Misconfigured, NotMigrated
from risksentinel.label_export import labelled_payments
from risksentinel.label_export.labelled_payments import write_labelled
from risksentinel.ports.history import Remembered
from risksentinel.ports.label_records import LabelOutcome
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, payment, scored
from tests.cli.exported import A_DAY, AN_HOUR, WINDOW, keep, rows, run

Words = Sequence[tuple[LabelSource, Finding, int]]  # the last member is the hour of the label


@pytest.mark.usefixtures("later")
def test_the_export_has_the_labels_that_training_reads(
    url: str, engine: Engine, tmp_path: Path
) -> None:
    """Labels of each source, payments without a review, and payments with an open window."""
    second = timedelta(seconds=1)
    keep(engine, payment("before", at=NOW - second))
    keep(engine, payment("analyst"), (LabelSource.ANALYST, Finding.GENUINE, 2))
    keep(engine, payment("customer"), (LabelSource.CUSTOMER_REPORT, Finding.FRAUD, 50))
    said = ((LabelSource.ANALYST, Finding.GENUINE, 2), (LabelSource.CHARGEBACK, Finding.FRAUD, 700))
    keep(engine, payment("scheme"), *said)
    keep(engine, payment("over", at=NOW + A_DAY))
    keep(engine, payment("open", at=NOW + A_DAY + second))
    path = tmp_path / "payments.parquet"

    done = run(url, path, "--since", "2026-05-01")

    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == f"6 payments to {path}"
    assert path.stat().st_mode & 0o077 == 0
    found = {name: (row["fraud"], row["label_source"]) for name, row in rows(path).items()}
    assert found == {
        "before": (False, SILENCE),  # the first day is included from midnight on
        "analyst": (False, "analyst"),
        "customer": (True, "customer_report"),
        "scheme": (True, "chargeback"),
        "over": (False, SILENCE),
        "open": (None, None),
    }
    data = read_parquet(path, {}, timedelta(days=7))
    assert data.fraud.tolist() == [0, 0, 1, 1, 0, UNKNOWN]
    assert data.complete_until == (NOW + A_DAY).timestamp()
    late = (data.known_at - data.at)[:-1] / 3_600
    assert late.tolist() == [120 * 24, 2, 50, 700, 120 * 24]
    assert [one.amount.amount for one in data.payments] == [250] * 6
    assert {one.channel.value for one in data.payments} == {"ussd"}


@pytest.mark.usefixtures("later")
def test_the_export_has_the_decisions(url: str, engine: Engine, tmp_path: Path) -> None:
    """Training must not learn habits from payments that were not approved."""
    keep(engine, payment("tx-1"))
    path = tmp_path / "payments.parquet"

    run(url, path, "--since", "2026-05-01")

    decision = scored(payment("tx-1")).verdict.decision
    assert rows(path)["tx-1"]["decision"] == decision.value
    assert read_parquet(path, {}, timedelta(days=7)).decisions == [decision]


@pytest.mark.usefixtures("later")
def test_the_export_has_the_context_of_a_payment(url: str, engine: Engine, tmp_path: Path) -> None:
    """A model may use the SIM swap and the beneficiary's age, as rules do."""
    swapped = NOW - A_DAY
    known = replace(payment("known"), device_id="d1", sim_swapped_at=swapped)
    keep(engine, known)
    keep(engine, payment("unknown", at=NOW + AN_HOUR))
    path = tmp_path / "payments.parquet"

    run(url, path, "--since", "2026-05-01")

    first, second = read_parquet(path, {}, timedelta(days=7)).payments
    assert rows(path)["known"]["device_id"] == "d1"
    assert (first.sim_swapped_at, first.beneficiary_added_at) == (swapped, None)
    assert (second.device_id, second.sim_swapped_at) == (None, None)


@pytest.mark.usefixtures("later")
def test_the_first_day_is_two_windows_ago(url: str, engine: Engine, tmp_path: Path) -> None:
    """The older of two windows has final labels, which supervised training needs."""
    first = NOW + A_DAY - WINDOW
    keep(engine, payment("old", at=first - timedelta(seconds=1)))
    keep(engine, payment("new", at=first))

    run(url, tmp_path / "payments.parquet")

    assert set(rows(tmp_path / "payments.parquet")) == {"new"}


words = st.tuples(st.sampled_from(LabelSource), st.sampled_from(Finding), st.integers(0, 90))


@settings(max_examples=25)
@given(
    reviews=st.lists(st.lists(words, max_size=4), min_size=1, max_size=5),
    hours=st.integers(0, 100),
    window=st.integers(1, 60),
)
def test_a_payment_without_a_label_is_genuine_after_its_window_only(
    database: Engine, reviews: list[Words], hours: int, window: int
) -> None:
    """Within the window a payment without a review is unknown, after the window genuine."""
    engine, as_of, length = emptied(database), NOW + hours * AN_HOUR, window * AN_HOUR
    kept = {
        f"tx-{number}": keep(engine, payment(f"tx-{number}"), *said)
        for number, said in enumerate(reviews)
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "payments.parquet"
        write_labelled(SqlLabelRecords(engine, length).outcomes(NOW, as_of), path)
        found = rows(path)

    assert set(found) == set(kept)
    for name, row in found.items():
        # A label of this very moment is not included.
        heard = [label for label in kept[name].said if label.written_at < as_of]
        known = Reviewed(kept[name].transaction, tuple(heard))
        if known.standing is None:
            over = as_of >= NOW + length and not known.in_conflict
            assert (row["fraud"], row["label_source"]) == (
                (False, SILENCE) if over else (None, None)
            )
        else:
            assert row["fraud"] is (known.standing.finding is Finding.FRAUD)
            assert row["label_source"] == known.standing.source
        if row["fraud"] is None:
            assert row["known_at"] is None
            continue
        assert NOW <= row["known_at"] <= as_of
        earlier = row["known_at"] - timedelta(microseconds=1)
        before = tuple(label for label in heard if label.written_at <= earlier)
        then = Reviewed(known.transaction, before).was_fraud(earlier, length)
        assert then is not row["fraud"] or row["known_at"] == NOW


@pytest.mark.usefixtures("later")
def test_a_long_period_is_written_in_batches(
    url: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payments of a year do not fit into memory."""
    monkeypatch.setattr(labelled_payments, "BATCH_SIZE", 2)
    for number in range(5):
        keep(engine, payment(f"tx-{number}"))

    run(url, tmp_path / "payments.parquet")

    file = parquet.ParquetFile(tmp_path / "payments.parquet")
    assert file.metadata.num_rows == 5
    assert file.metadata.num_row_groups == 3


def test_a_payer_s_clock_that_runs_ahead_makes_no_label_known_before_its_payment(
    tmp_path: Path,
) -> None:
    """Training refuses a file with a label that is older than its payment."""
    ahead = KnownOutcome(
        fraud=True, source=LabelSource.ANALYST, known_at=NOW - timedelta(minutes=4)
    )

    write_labelled(
        [LabelOutcome(Remembered(payment()), ahead, None)], tmp_path / "payments.parquet"
    )

    assert rows(tmp_path / "payments.parquet")["tx-1"]["known_at"] == NOW
    assert len(read_parquet(tmp_path / "payments.parquet", {}, timedelta(days=7))) == 1


def test_a_failed_export_leaves_no_file(tmp_path: Path) -> None:
    """A partial file would be used for training as if it were complete."""

    def broken() -> Any:  # noqa: ANN401 - it answers nothing
        yield LabelOutcome(Remembered(payment()), None, None)
        raise ConnectionError

    with pytest.raises(Misconfigured, match="cannot be written"):
        write_labelled(broken(), tmp_path / "payments.parquet")

    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_path_is_refused(url: str, engine: Engine, tmp_path: Path) -> None:
    """The error is one line, before the database is read."""
    keep(engine, payment())

    done = run(url, tmp_path / "nowhere" / "payments.parquet")

    assert isinstance(done.exception, Misconfigured)
    assert "cannot be written: No such file or directory" in str(done.exception)


def test_a_database_without_a_schema_is_refused(tmp_path: Path) -> None:
    """The error names the command to run."""
    done = run(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path / "payments.parquet")

    assert isinstance(done.exception, NotMigrated)
