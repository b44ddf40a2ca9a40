"""parquet_writer: labelled payments as Parquet, with the types that `python -m ml.train` reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def parquet_writer(path: Path) -> Iterator[Callable[[Sequence[Mapping[str, Any]]], None]]:
    """Yield a function that appends rows; each call writes one row group."""
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    moment, text = pa.timestamp("us", tz="UTC"), pa.string()
    schema = pa.schema(
        [
            *((name, text) for name in ("id", "sender_id", "receiver_id")),
            ("amount_zar", pa.decimal128(18, 2)),
            *((name, text) for name in ("channel", "rail", "merchant_category")),
            *((name, text) for name in ("receiver_country", "device_id")),
            *((name, moment) for name in ("sim_swapped_at", "beneficiary_added_at")),
            ("occurred_at", moment),
            ("decision", text),
            ("risk_score", pa.decimal128(5, 4)),
            ("rules_fired", pa.list_(text)),
            ("model_version", text),
            ("fraud", pa.bool_()),
            ("label_source", text),
            ("known_at", moment),
        ]
    )
    with parquet.ParquetWriter(path, schema) as writer:
        yield lambda rows: writer.write_table(pa.Table.from_pylist(list(rows), schema))
