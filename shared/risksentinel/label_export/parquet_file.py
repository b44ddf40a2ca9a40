"""parquet_writer: labelled payments as Parquet, with the types that `python -m ml.train` reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from risksentinel.label_export.schema import COLUMNS, ColumnType


@contextmanager
def parquet_writer(path: Path) -> Iterator[Callable[[Sequence[Mapping[str, Any]]], None]]:
    """Yield a function that appends rows; each call writes one row group."""
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    types = {
        ColumnType.TEXT: pa.string(),
        ColumnType.RAND: pa.decimal128(18, 2),
        ColumnType.SCORE: pa.decimal128(5, 4),
        ColumnType.TEXTS: pa.list_(pa.string()),
        ColumnType.TRUTH: pa.bool_(),
        ColumnType.TIME: pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        yield lambda rows: writer.write_table(pa.Table.from_pylist(list(rows), schema))
