import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # the same
import pytest
from click.testing import CliRunner, Result

from risksentinel.cli.import_payments import import_payments
from risksentinel.cli.main import risksentinel
from risksentinel.payment_files.column_names import TARGETS
from risksentinel.payment_files.sinks import PaymentResult


def run(*arguments: str) -> Result:
    """Run the command with these arguments."""
    return CliRunner().invoke(import_payments, arguments)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file with unknown column names."""
    path = tmp_path / "odd.csv"
    path.write_text("a,b\n1,2\n")
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--map sender_id=COLUMN"),
        (("--batch-size", "501"), "1<=x<=500"),
        (("--timezone", "Mars/Olympus"), "not a time zone"),
        (("--timezone", "../../etc/passwd"), "not a time zone"),
        (("--connections", "2"), "--connections needs --url"),
        (("--map", "colour=a"), "with one of id, sender_id"),
        (("--format", "xml"), "'jsonl', 'csv', 'parquet'"),
    ],
)
def test_invalid_arguments_exit_with_2_and_name_the_option(
    file: str, arguments: tuple[str, ...], says: str
) -> None:
    """Exit code 2 distinguishes a wrong call from payments that were not delivered."""
    result = run(file, *arguments)

    assert result.exit_code == 2
    assert says in result.output


def test_rejects_must_not_overwrite_the_payments(file: str) -> None:
    """A typing error must not destroy the data."""
    result = run(file, "--rejects", file)

    assert result.exit_code == 2
    assert Path(file).read_text() == "a,b\n1,2\n"


def test_an_unreachable_instance_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """The most frequent error is a server that was not started."""
    path = tmp_path / "payments.csv"
    path.write_text("payer,payee,amount,ts\nS1,R1,1.00,2026-05-01T08:30:00Z\n")

    result = run(str(path), "--score", "--url", "http://127.0.0.1:9")

    assert result.exit_code == 1
    assert "RiskSentinel at http://127.0.0.1:9 does not answer" in result.output
    assert "risksentinel serve" in result.output


def test_old_payments_need_score_or_learn_only(tmp_path: Path) -> None:
    """Scoring old frauds would raise alerts for the analysts."""
    path = tmp_path / "payments.csv"
    path.write_text("payer,payee,amount,ts\nS1,R1,1.00,2024-05-01T08:30:00Z\n")

    result = run(str(path))

    assert result.exit_code == 2
    assert "--learn-only" in result.output
    assert "--score" in result.output


def test_a_table_of_a_data_frame_needs_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Common column names are recognised, and labels are not sent."""
    path, documents = tmp_path / "frame.parquet", list[Mapping[str, Any]]()
    columns = {
        "tx_id": pa.array([7], pa.int32()),
        "ts": pa.array([1546300860000], pa.timestamp("ms", "UTC")),
        "customer_id": pa.array([1], pa.int16()),
        "terminal_id": pa.array([2], pa.int16()),
        "category": pa.array(["gas_transport"]).dictionary_encode(),
        "amount": pa.array([451.19]),
        "is_fraud": pa.array([1], pa.int8()),
    }
    pq.write_table(pa.table(columns), path)

    def score(batch: Sequence[Mapping[str, Any]]) -> list[PaymentResult]:
        documents.extend(batch)
        return [PaymentResult(201, "low")] * len(batch)

    engine = ModuleType("risksentinel.embedded.direct_engine")
    vars(engine)["direct_engine"] = lambda *, learn_only: nullcontext(score if learn_only else None)
    monkeypatch.setitem(sys.modules, engine.__name__, engine)

    result = run(str(path), "--learn-only")

    assert result.exit_code == 0
    assert documents == [
        {
            "id": "7",
            "sender_id": "1",
            "receiver_id": "2",
            "amount_zar": "451.19",
            "channel": "pos",
            "occurred_at": "2019-01-01T00:01:00Z",
            "merchant_category": "gas_transport",
        }
    ]
    assert "taking pos" in result.output


def test_help_names_every_field() -> None:
    """The help lists the targets of --map."""
    result = run("--help")

    assert result.exit_code == 0
    for target in TARGETS:
        assert target in result.output


def test_the_old_name_replay_is_hidden_and_imports_with_a_notice(file: str) -> None:
    """Scripts that call `replay` keep working for one release."""
    result = CliRunner().invoke(risksentinel, ["replay", file, "--map", "colour=a"])

    assert result.exit_code == 2
    assert "with one of id, sender_id" in result.stderr
    assert "Use `risksentinel import`" in result.stderr
    assert "  replay " not in CliRunner().invoke(risksentinel, ["--help"]).stdout
