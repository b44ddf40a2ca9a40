"""Parquet -> rows. The only module of the import that uses pyarrow, which is slow to load."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.row import Row, UnreadableCell

_ROWS_AT_ONCE: Final = 1024


def columns(path: Path) -> list[str]:
    """The column names. Raises Misconfigured if the file is not Parquet."""
    with _open(path) as file:
        names = [str(name) for name in file.schema_arrow.names]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise Misconfigured(f"{path} has the columns {', '.join(twice)} twice")
    return names


def rows(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    """Yield one row per record with the wanted columns, read in small batches.

    Raises:
        Misconfigured: the rest of the file is damaged.
    """
    number = 0
    with _open(path) as file:
        for batch in _batches(file, path, list(wanted)):
            names = batch.schema.names
            for cells in zip(*map(_cells, batch.columns), strict=True):
                number += 1
                yield Row(number, number, dict(zip(names, cells, strict=True)))


def count(path: Path) -> int:
    """The number of rows."""
    with _open(path) as file:
        return int(file.metadata.num_rows)


def _open(path: Path) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow.parquet  # type: ignore[import-untyped] # pyarrow ships no types

    try:
        return pyarrow.parquet.ParquetFile(path)
    except (ValueError, OSError) as fault:
        raise Misconfigured(f"{path} is not readable Parquet: {fault}") from None


def _batches(file: Any, path: Path, wanted: list[str]) -> Iterator[Any]:  # noqa: ANN401 - the same
    try:
        yield from file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=wanted or None)
    except (ValueError, OSError) as fault:
        raise Misconfigured(f"{path} is damaged: {fault}") from None


def _cells(column: Any) -> list[object]:  # noqa: ANN401 - the same
    import pyarrow as pa

    kinds, kind = pa.types, column.type
    if kinds.is_timestamp(kind):  # datetime has microseconds
        finest = kind.unit == "ns"
        kind = pa.timestamp("us" if finest else kind.unit, kind.tz and "UTC")
        column = column.cast(kind, safe=not finest)
    if kinds.is_float16(kind) or kinds.is_float32(kind):  # 0.1 stays 0.1, not 0.10000000149
        text = column.cast(pa.float32()).cast(pa.string())
        return [None if cell is None else float(cell) for cell in text.to_pylist()]
    if kinds.is_binary(kind) or kinds.is_large_binary(kind):
        return [_text(cell) for cell in column.to_pylist()]
    try:
        return list(column.to_pylist())
    except (ValueError, ArithmeticError, LookupError):  # one cell is unreadable: find it
        return [_value(scalar) for scalar in column]


def _value(scalar: Any) -> object:  # noqa: ANN401 - the same
    try:
        return scalar.as_py()
    except (ValueError, ArithmeticError, LookupError):
        return UnreadableCell()


def _text(cell: bytes | None) -> object:
    try:
        return None if cell is None else cell.decode()
    except UnicodeDecodeError:
        return UnreadableCell()
