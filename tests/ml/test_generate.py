"""The file of generated payments: the same for a seed, and readable by the import."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ml.generate import generate
from ml.typologies import TYPOLOGIES
from risksentinel.payment_formats.payment_document import document

LABELS = ("is_fraud", "typology", "case", "reported_at")


def generated(file: Path, *options: str) -> list[dict[str, Any]]:
    """The lines of the file that the command writes."""
    few = ("--people", "30", "--days", "8")
    result = CliRunner().invoke(generate, [str(file), *few, *options])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    frauds = sum(line["is_fraud"] for line in lines)
    assert result.output == f"{len(lines):,} payments, {frauds:,} of them fraud: {file}\n"
    return lines


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    """A data set is named by its seed."""
    first = generated(tmp_path / "first.jsonl", "--seed", "3")

    assert first == generated(tmp_path / "second.jsonl", "--seed", "3")
    assert first != generated(tmp_path / "third.jsonl", "--seed", "4")


def test_each_line_is_a_payment_with_its_label(tmp_path: Path) -> None:
    """What is not a label is a payment of the API; frauds have a known typology."""
    lines = generated(tmp_path / "payments.jsonl", "--frauds-a-day", "5", "--begin", "2026-06-01")

    for line in lines:
        payment = {name: value for name, value in line.items() if name not in LABELS}
        assert document(payment).accepted().id == line["id"]
        assert (line["typology"] in TYPOLOGIES) == (line["case"] is not None) == line["is_fraud"]
        assert line["reported_at"] >= line["occurred_at"]
    assert min(line["occurred_at"] for line in lines) >= "2026-05-31T22:00:00Z"
    assert [line["occurred_at"] for line in lines] == sorted(line["occurred_at"] for line in lines)


def test_no_frauds_are_generated_where_none_are_asked_for(tmp_path: Path) -> None:
    """For a history of everyday life."""
    lines = generated(tmp_path / "payments.jsonl", "--frauds-a-day", "0")

    assert lines
    assert not any(line["is_fraud"] for line in lines)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The message says which file, and why."""
    file = tmp_path / "missing" / "payments.jsonl"

    result = CliRunner().invoke(generate, [str(file), "--people", "10", "--days", "1"])

    assert result.exit_code == 2
    assert result.output == f"error: {file} cannot be written: No such file or directory\n"


@pytest.mark.parametrize("option", [("--people", "9"), ("--begin", "June"), ("--days", "0")])
def test_a_value_out_of_range_is_refused(tmp_path: Path, option: tuple[str, str]) -> None:
    """Before anything is written."""
    file = tmp_path / "payments.jsonl"

    result = CliRunner().invoke(generate, [str(file), *option])

    assert result.exit_code == 2
    assert option[0] in result.output
    assert not file.exists()
