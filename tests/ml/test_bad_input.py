"""Training and evaluation report an invalid file in one line."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from ml.evaluate import main as evaluate
from ml.synthetic import synthetic
from ml.train import main as train

Table = dict[str, list[Any]]
DATA = synthetic(1, count=20, days=40)


def table() -> Table:
    """The columns of a valid file."""
    payments = DATA.payments
    return {
        "sender_id": [payment.sender_id for payment in payments],
        "receiver_id": [payment.receiver_id for payment in payments],
        "amount_zar": [float(payment.amount.amount) for payment in payments],
        "occurred_at": [payment.occurred_at for payment in payments],
        "fraud": DATA.fraud.tolist(),
    }


def nan_amounts(good: Table) -> Table:
    """An amount is missing."""
    return good | {"amount_zar": [float("nan"), *good["amount_zar"][1:]]}


def other_columns(good: Table) -> Table:
    """The file has other columns."""
    return {"payer": good["sender_id"], "when": good["occurred_at"]}


def no_history(good: Table) -> Table:
    """The payment's id is in the column of the sender."""
    return good | {"sender_id": [f"S{place}" for place in range(len(good["fraud"]))]}


def one_class(good: Table) -> Table:
    """All labels are 0."""
    return good | {"fraud": [0] * len(good["fraud"])}


def at_once(good: Table) -> Table:
    """All payments have one time."""
    return good | {"occurred_at": [good["occurred_at"][0]] * len(good["fraud"])}


def of_yesterday(good: Table) -> Table:
    """No chargeback window is over yet."""
    sources = ["analyst" if fraud else None for fraud in good["fraud"]]
    known = [1 if fraud else None for fraud in good["fraud"]]
    return good | {"fraud": known, "label_source": sources}


def words_for_labels(good: Table) -> Table:
    """The labels are texts: any text would be true."""
    return good | {"fraud": ["yes" if fraud else "no" for fraud in good["fraud"]]}


FILES = ("model.onnx", "model.joblib", "training_report.json", "model_card.md")
SUPERVISED = ("--kind", "boosted_trees")
BAD: Mapping[str, tuple[Callable[[Table], Table], tuple[str, ...], str]] = {
    "NaN amounts": (nan_amounts, (), "1 amounts are missing, not finite"),
    "wrong columns": (other_columns, (), "no column for receiver_id, amount_zar, occurred_at"),
    "a wrong name": (dict, ("--map", "sender=payer"), "no column payer: the file has"),
    "a wrong part": (dict, ("--map", "colour=sender_id"), "write TARGET=COLUMN with one of"),
    "no history": (no_history, (), "there is no history to learn from"),
    "one moment": (at_once, (), "there is no history to learn from"),
    "one class": (one_class, SUPERVISED, "needs both classes"),
    "no label": (lambda good: good | {"fraud": [None] * len(good["fraud"])}, SUPERVISED, "no pay"),
    "too young": (of_yesterday, SUPERVISED, "no payment's chargeback window is over"),
    "words": (words_for_labels, (), "labels are neither 0 nor 1"),
}


def run(command: click.Command, folder: Path, content: Table, *arguments: str) -> Result:
    """Run the command on a file with these columns."""
    path = folder / "payments.parquet"
    parquet.write_table(pa.table(content), path)
    options = ["--data", str(path), "--out", str(folder / "out"), *arguments]
    return CliRunner().invoke(command, options)


def refused(done: Result, why: str) -> None:
    """Assert an exit with 2 and one line with the reason."""
    assert done.exit_code == 2, (done.output, done.exception)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert why in line


@pytest.mark.parametrize("name", BAD)
def test_an_invalid_training_file_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    """An invalid file writes no version."""
    broken, arguments, why = BAD[name]

    refused(run(train, tmp_path, broken(table()), *arguments), why)

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["NaN amounts", "wrong columns", "a wrong name", "words"])
def test_an_invalid_evaluation_file_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    """Evaluation reads the same files as training."""
    broken, arguments, why = BAD[name]

    refused(run(evaluate, tmp_path, broken(table()), *arguments), why)


def test_a_period_of_one_class_measures_nothing(tmp_path: Path) -> None:
    """Metrics need both classes."""
    refused(run(evaluate, tmp_path, one_class(table())), "a measurement needs both classes")


def test_a_model_is_trained_where_few_labels_are_known(tmp_path: Path) -> None:
    """An isolation forest needs no labels; the version then has no metrics."""
    content = table()
    early = content["occurred_at"][0] + timedelta(days=1)
    young = [at > early for at in content["occurred_at"]]
    content["label_source"] = [None if one else "chargeback_window" for one in young]
    content["fraud"] = [None if one else 0 for one in young]

    done = run(train, tmp_path, content)

    assert done.exit_code == 0, (done.output, done.exception)
    files = {file.name for file in Path(done.stdout.strip()).iterdir()}
    assert files == {*FILES, "manifest.json"}
