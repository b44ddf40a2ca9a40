from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from risksentinel.errors import Misconfigured, Violation
from risksentinel.payment_files import parquet_file
from risksentinel.payment_files.formats import FORMATS
from risksentinel.payment_files.row import BrokenRow, Row
from risksentinel.payment_files.sinks import Documents, PaymentResult
from tests.payment_files.bench import FakeSink, FileImport, Write, counts, payment


def test_an_unavailable_instance_ends_the_import(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """Later payments must not overtake payments that were not delivered."""
    sink.scripted["T2"] = PaymentResult(503, None, (Violation("", "does not answer"),))
    file = write("payments.csv", [payment(n) for n in range(9)])

    code = import_file(file, batch_size=2)

    assert code == 1
    assert len(sink.batches) == 2
    assert counts(import_file.text)["read"] == "4"
    assert counts(import_file.text)["not delivered"] == "1"
    assert "Run the same command again" in import_file.text


def test_a_500_for_one_payment_does_not_stop_the_others(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """A 500 may concern one payment only."""
    sink.scripted["T2"] = PaymentResult(500, None, (Violation("", "HTTP 500"),))
    file = write("payments.csv", [payment(n) for n in range(9)])

    code = import_file(file, batch_size=2)

    assert code == 1
    assert len(sink.known) == 8
    assert "Not delivered" in import_file.text


def test_a_queued_payment_counts_as_accepted(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """202 means that the payment is stored."""
    sink.scripted["T1"] = PaymentResult(202)
    file = write("payments.csv", [payment(1)])

    code = import_file(file)

    assert code == 0
    assert counts(import_file.text)["accepted (new)"] == "1"
    assert counts(import_file.text)["of them waiting for their score"] == "1"


def test_wrong_columns_are_refused_before_anything_is_sent(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """A partial import with a wrong column is worse than none."""
    file = write("payments.csv", [{"a": 1}])

    with pytest.raises(Misconfigured):
        import_file(file)

    assert not sink.batches


def test_an_interrupted_import_reports_its_progress(
    import_file: FileImport, sink: FakeSink, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C prints the counts so far."""
    file = write("payments.csv", [payment(n) for n in range(9)])
    send = type(sink).send

    def send_once(self: FakeSink, documents: Documents) -> list[PaymentResult]:
        if self.batches:
            raise KeyboardInterrupt
        results: list[PaymentResult] = send(self, documents)
        return results

    monkeypatch.setattr(type(sink), "send", send_once)

    code = import_file(file, batch_size=4)

    assert code == 130
    assert counts(import_file.text)["accepted (new)"] == "4"
    assert counts(import_file.text)["not delivered"] == "4"
    assert "Run the same command again" in import_file.text


def test_a_damaged_file_is_reported(
    import_file: FileImport, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows before the damage count, and the damage is an error."""
    file = write("payments.parquet", [payment(n) for n in range(3)])

    def damaged(path: Path, wanted: Collection[str]) -> Iterator[Row | BrokenRow]:
        yield from islice(parquet_file.rows(path, wanted), 2)
        raise Misconfigured("damaged from here on")

    monkeypatch.setattr(
        "risksentinel.payment_files.run.format_of",
        lambda _path, _name: replace(FORMATS["parquet"], rows=damaged),
    )

    code = import_file(file, batch_size=1)

    assert code == 1
    assert counts(import_file.text)["accepted (new)"] == "2"
    assert "Stopped: damaged from here on" in import_file.text


def test_a_damaged_file_that_needs_sorting_is_not_sent(
    import_file: FileImport, sink: FakeSink, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unreadable rows may be the earliest payments."""
    rows = [payment(2, ts="2026-05-02T08:30:00Z"), payment(1), payment(3)]
    file = write("payments.parquet", rows)

    def damaged(path: Path, wanted: Collection[str]) -> Iterator[Row | BrokenRow]:
        yield from islice(parquet_file.rows(path, wanted), 2)
        raise Misconfigured("damaged from here on")

    monkeypatch.setattr(
        "risksentinel.payment_files.run.format_of",
        lambda _path, _name: replace(FORMATS["parquet"], rows=damaged),
    )

    code = import_file(file)

    assert code == 1
    assert not sink.batches
    assert counts(import_file.text)["not delivered"] == "2"
    assert "Stopped: damaged from here on" in import_file.text
