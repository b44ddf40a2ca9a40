"""Files of every format, and a sink for imports."""

import csv
import json
from pathlib import Path

import pytest

from tests.payment_files.bench import FakeSink, FileImport, Rows, Write


@pytest.fixture
def sink() -> FakeSink:
    """An empty sink."""
    return FakeSink()


@pytest.fixture
def import_file(sink: FakeSink) -> FileImport:
    """Imports files into the sink."""
    return FileImport(sink)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows in the format of the suffix."""

    def written(name: str, rows: Rows) -> Path:
        path = tmp_path / name
        if path.suffix == ".parquet":
            import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
            import pyarrow.parquet as pq  # type: ignore[import-untyped] # the same

            pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
        elif path.suffix == ".csv":
            with path.open("w", newline="", encoding="utf-8") as file:
                table = csv.DictWriter(file, list(rows[0]))
                table.writeheader()
                table.writerows(rows)
        else:
            path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
        return path

    return written
