"""The Parquet files of a report, and files that appear whole and are their owner's only."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from risksentinel.http.masking import masked
from risksentinel.text import rfc3339

_PRIVATE: Final = 0o600
_INNER: Final = frozenset({"order", "cents"})  # members that no report shows
Row = Mapping[str, Any]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name at the end of the block, if no error occurs."""
    part = path.with_name(f"{path.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(part, flags, _PRIVATE), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def shown(row: Row, *, full_accounts: bool) -> dict[str, Any]:
    """A changed payment as a report has it: times as text, account numbers masked."""
    found = {
        name: rfc3339.to_text(value) if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in _INNER
    }
    return found if full_accounts else dict(masked(found))


@contextmanager
def changes_file(path: Path, *, full_accounts: bool) -> Iterator[Callable[[Iterable[Row]], None]]:
    """Yield the function that writes rows of changed payments."""
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    schema = _changes_schema(pa)
    with whole_file(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as out:

        def write(rows: Iterable[Row]) -> None:
            every = [shown(row, full_accounts=full_accounts) for row in rows]
            if every:
                out.write_table(pa.Table.from_pylist(every, schema))

        yield write


def write_grounds(path: Path, rows: Sequence[Row]) -> None:
    """Write a row for each rule and each escalation of each policy."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("policy", "kind", "id", "name")),
            *((name, pa.int64()) for name in ("payments", "flagged")),
            *((name, pa.int64()) for name in ("labelled_fraud", "labelled_genuine", "unlabelled")),
            *((name, pa.float64()) for name in ("precision", "precision_low", "precision_high")),
            ("fraud_zar", pa.string()),
        ]
    )
    flat = [
        {
            **row,
            "precision": row["precision"]["value"],
            "precision_low": row["precision"]["low"],
            "precision_high": row["precision"]["high"],
        }
        for row in rows
    ]
    with whole_file(path) as file:
        parquet.write_table(pa.Table.from_pylist(flat, schema), file, compression="zstd")


def _changes_schema(pa: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    text, texts = pa.string(), pa.list_(pa.string())
    names = ("kind", "id", "received_at", "occurred_at", "sender_id", "receiver_id", "channel")
    said = [
        (f"{side}_{name}", kind)
        for side in ("candidate", "compared")
        for name, kind in (
            ("decision", text),
            ("score", pa.float64()),
            ("alert", pa.bool_()),
            ("rules", texts),
            ("escalations", texts),
            ("reasons", texts),
        )
    ]
    return pa.schema(
        [*((name, text) for name in names), ("amount_zar", text), ("fraud", pa.bool_()), *said]
    )
