import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.payment_files.bench import FakeSink, FileImport, Write, anonymous, counts, payment

TIMES = (
    "2026-05-01T08:30:00Z",
    "2026-05-01T08:30:00.25Z",
    "2026-05-01T10:30:01+02:00",
    "2026-05-01T08:30:02.000001Z",
    "2026-05-01T23:59:59-02:00",
    "2026-05-02T02:00:00Z",
)
ROWS = [payment(number, ts=moment) for number, moment in enumerate(TIMES, 1)]
NEWEST_FIRST = ROWS[::-1]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(rows=st.permutations(ROWS), batch_size=st.integers(1, 7))
@example(rows=NEWEST_FIRST, batch_size=200)
def test_payments_are_sent_in_order_of_time_for_every_order_of_rows(
    import_file: FileImport,
    sink: FakeSink,
    write: Write,
    suffix: str,
    rows: Sequence[dict[str, object]],
    batch_size: int,
) -> None:
    """Velocity and habits depend on the order; banks export the newest payment first."""
    file = write(f"payments.{suffix}", rows)

    code = import_file(file, batch_size=batch_size)

    assert code == 0
    assert [document["id"] for document in sink.sent] == ["T1", "T2", "T3", "T4", "T5", "T6"]
    notice = "payments." + suffix + " was not in order of time: 6 payments were sorted"
    assert (notice in import_file.text) == (rows != ROWS)
    sink.batches.clear()
    sink.known.clear()


def test_payments_of_one_time_keep_the_order_of_the_file(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """In a file with dates only, the order of rows is the order of payments."""
    same = [payment(number) for number in (3, 1, 2)]
    file = write("payments.csv", [payment(9, ts="2026-05-02T08:30:00Z"), *same])

    import_file(file)

    assert [document["id"] for document in sink.sent] == ["T3", "T1", "T2", "T9"]


@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(skip=st.integers(0, 5), limit=st.integers(1, 6))
def test_a_sorted_payment_keeps_the_id_of_its_row(
    import_file: FileImport, sink: FakeSink, write: Write, skip: int, limit: int
) -> None:
    """A generated id depends on the number of the row in the file, also in a piece of it."""
    rows = [anonymous(0) | {"ts": moment} for moment in reversed(TIMES)]
    file = write("payments.jsonl", rows)
    import_file(file)
    ids = [document["id"] for document in reversed(sink.sent)]
    sink.batches.clear()

    code = import_file(file, skip=skip, limit=limit)

    assert code == 0
    assert [document["id"] for document in sink.sent] == ids[skip : skip + limit][::-1]
    assert counts(import_file.text)["accepted (new)"] == "0"
    sink.batches.clear()
    sink.known.clear()


def test_refused_rows_of_a_sorted_file_keep_their_lines(
    import_file: FileImport, sink: FakeSink, write: Write, tmp_path: Path
) -> None:
    """Line numbers must refer to the file, not to the sorted order."""
    rows = [row | {"amount": "1.234"} if n == 1 else row for n, row in enumerate(NEWEST_FIRST)]
    rows.append(payment(7, ts=""))
    rejects = tmp_path / "rejects.jsonl"

    code = import_file(write("payments.csv", rows), rejects=rejects)

    written = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert code == 0
    assert [entry["line"] for entry in written] == [3, 8]
    assert written[0]["cells"]["amount"] == "1.234"
    assert "occurred_at: is missing" in import_file.text
    assert "5 payments were sorted" in import_file.text
    assert [document["id"] for document in sink.sent] == ["T1", "T2", "T3", "T4", "T6"]


def test_a_refusal_of_the_engine_has_the_line_of_the_file(
    import_file: FileImport, sink: FakeSink, write: Write, tmp_path: Path
) -> None:
    """The engine refuses after the sorting, so cells and line are stored with the payment."""
    rejects = tmp_path / "rejects.jsonl"
    file = write("payments.csv", NEWEST_FIRST)
    import_file(file)

    import_file(file, sets=("merchant_category=5411",), rejects=rejects)

    written = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [entry["line"] for entry in written] == [7, 6, 5, 4, 3, 2]
    assert written[0]["cells"]["tx_id"] == "T1"
    assert sink.sent[-1]["id"] == "T6"


def test_a_full_disk_stops_the_sorting_before_anything_is_sent(
    import_file: FileImport, sink: FakeSink, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator must learn which folder is full."""
    connect = sqlite3.connect

    def small(name: str, isolation_level: None) -> sqlite3.Connection:
        database = connect(name, isolation_level=isolation_level)
        database.execute("PRAGMA max_page_count = 4")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    file = write("payments.csv", [row | {"mcc": "4" * 4000} for row in NEWEST_FIRST])

    code = import_file(file)

    assert code == 1
    assert not sink.batches
    assert "cannot be sorted: database or disk is full" in import_file.text
    assert "TMPDIR" in import_file.text
