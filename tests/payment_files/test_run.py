import io
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from rich.console import Console

from risksentinel.errors import Violation
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.run import run_import
from risksentinel.payment_files.sinks import PaymentResult
from tests.payment_files.bench import FakeSink, FileImport, Write, counts, payment


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_every_format_gives_the_same_payments(
    import_file: FileImport, sink: FakeSink, write: Write, suffix: str
) -> None:
    """The engine must not depend on the file format."""
    file = write(f"payments.{suffix}", [payment(n, is_fraud=1, scenario=2) for n in range(1, 6)])

    code = import_file(file, batch_size=2)

    assert code == 0
    assert [len(batch) for batch in sink.batches] == [2, 2, 1]
    assert sink.sent[0] == {
        "id": "T1",
        "sender_id": "S1",
        "receiver_id": "R1",
        "amount_zar": "1.50",
        "channel": "atm",
        "occurred_at": "2026-05-01T08:30:00Z",
    }
    assert "Not sent: is_fraud, scenario." in import_file.text


def test_refused_rows_are_counted_grouped_and_written(
    import_file: FileImport, sink: FakeSink, write: Write, tmp_path: Path
) -> None:
    """The sender of the file needs each row with its reason to correct it."""
    sink.scripted["T7"] = PaymentResult(422, None, (Violation("channel", "is unknown"),))
    rows = [payment(n, amount="1.234" if n < 7 else "91.00") for n in range(9)]
    file, rejects = write("payments.csv", rows), tmp_path / "rejects.jsonl"

    code = import_file(file, rejects=rejects)

    assert code == 0
    written = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [entry["line"] for entry in written] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert written[-1]["reasons"] == [{"path": "channel", "message": "is unknown"}]
    assert written[0]["cells"]["amount"] == "1.234"
    assert rejects.stat().st_mode & 0o077 == 0
    assert "2, 3, 4, 5, 6, …" in import_file.text
    assert counts(import_file.text) == {
        "read": "9",
        "accepted (new)": "1",
        "already known": "0",
        "refused": "8",
        "not delivered": "0",
        "alerts: high": "1",
        "alerts: critical": "0",
    }


def test_strict_makes_a_refusal_an_exit_code(import_file: FileImport, write: Write) -> None:
    """With --strict a pipeline stops at the first file with a refused row."""
    file = write("payments.csv", [payment(1, amount=""), payment(2)])

    assert import_file(file) == 0
    assert "amount_zar: is missing" in import_file.text
    assert import_file(file, strict=True) == 1


@pytest.mark.parametrize("strict", [False, True])
def test_a_file_with_every_row_refused_is_a_failure(
    import_file: FileImport, sink: FakeSink, write: Write, *, strict: bool
) -> None:
    """A script must not treat a file that was not understood as delivered."""
    file = write("payments.csv", [payment(1, amount=""), payment(2, amount="much")])

    code = import_file(file, strict=strict)

    assert code == 1
    assert not sink.batches
    assert "No payment was accepted: 2 of 2 rows were refused" in import_file.text


def test_a_file_without_rows_is_a_success(import_file: FileImport, write: Write) -> None:
    """A day without payments gives an empty export."""
    assert import_file(write("payments.csv", [payment(1)]), skip=1) == 0
    assert "No payment was accepted" not in import_file.text


def test_the_report_counts_the_decisions(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """The operator needs the number of payments that would have been stopped."""
    decisions = ["approve", "approve", "review", "decline", None]
    sink.scripted = {
        f"T{n}": PaymentResult(201 if name else 202, decision=name)
        for n, name in enumerate(decisions)
    }

    import_file(write("payments.csv", [payment(n) for n in range(5)]))

    assert "Decisions: 2 approved, 1 to be reviewed, 1 declined." in import_file.text


def test_without_decisions_the_report_has_no_line_of_decisions(
    import_file: FileImport, write: Write
) -> None:
    """Unknown decisions must not be reported as zero."""
    import_file(write("payments.csv", [payment(1)]))

    assert "Decisions" not in import_file.text


def test_an_empty_cell_of_an_optional_field_is_absent(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """The API refuses an empty text, and accepts an absent field."""
    file = write(
        "payments.csv", [payment(1, mcc="", rail=" "), payment(2, mcc="5411", rail="CARD")]
    )

    import_file(file)

    assert "merchant_category" not in sink.sent[0]
    assert "rail" not in sink.sent[0]
    assert (sink.sent[1]["merchant_category"], sink.sent[1]["rail"]) == ("5411", "card")


def test_a_row_of_another_currency_is_refused(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """Dollars read as rand would be scored at a fraction of their value."""
    currencies = ("USD", "ZAR", "zar", "JPY", "")
    rows = [payment(number, currency=each) for number, each in enumerate(currencies)]

    import_file(write("payments.csv", rows))

    assert [sent["id"] for sent in sink.sent] == ["T1", "T2", "T4"]
    assert "currency: is not ZAR: amounts are rand only" in import_file.text


def test_a_mapped_currency_column_is_checked_too(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """--map names the column of the currency."""
    file = write("payments.csv", [payment(1, unit="USD"), payment(2, unit="ZAR")])

    import_file(file, maps=["currency=unit"])

    assert [sent["id"] for sent in sink.sent] == ["T2"]


def test_the_context_of_a_payment_is_sent(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """Rules use the device, the SIM swap and the age of the beneficiary."""
    known = {"swap": "2026-04-30 10:00", "payee_added_at": "2026-04-01T08:00:00.1234567Z"}
    file = write("payments.csv", [payment(1, device_uuid="d-1", **known), payment(2)])

    import_file(file, maps=["sim_swapped_at=swap"], timezone="Africa/Johannesburg")

    assert (
        sink.sent[0].items()
        >= {
            "device_id": "d-1",
            "sim_swapped_at": "2026-04-30T08:00:00Z",
            "beneficiary_added_at": "2026-04-01T08:00:00.123456Z",
        }.items()
    )
    assert "device_id" not in sink.sent[1]


def test_a_log_file_has_no_progress_bar(import_file: FileImport, write: Write) -> None:
    """The log of a pipeline is plain text."""
    import_file(write("payments.csv", [payment(1)]), batch_size=1)

    assert "\r" not in import_file.text
    assert "\x1b" not in import_file.text
    assert "p99 of a payment" in import_file.text


def test_a_terminal_has_a_progress_bar(sink: FakeSink, write: Write) -> None:
    """The bar shows the progress and the remaining time."""
    options = {"maps": (), "sets": (), "timezone": None, "skip": 1, "limit": 7}
    file = write("payments.csv", [payment(n) for n in range(9)])
    printed = io.StringIO()
    console = Console(file=printed, force_terminal=True, width=120)

    code = run_import(
        ImportOptions.of(options | {"file": file}), lambda: nullcontext(sink), console
    )

    assert code == 0
    assert "7/7" in printed.getvalue()
