"""FileColumn: the values of a column of a Parquet file, read a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from risksentinel.errors import Malformed

ROWS: Final = 16_384  # of a column in memory


@dataclass(frozen=True, slots=True)
class FileColumn:
    """Values as Python objects; each iteration reads the file again, so none of them stay.

    With `is_time` they are seconds since 1970 in UTC.
    """

    path: Path
    name: str
    count: int
    is_time: bool = False

    def __len__(self) -> int:
        """How many there are."""
        return self.count

    def __iter__(self) -> Iterator[Any]:
        """Yield the values; None is missing. Raises Malformed if the file is damaged."""
        import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(ROWS, columns=[self.name]):
                    column = batch.column(0)
                    if self.is_time:
                        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
                    yield from column.to_pylist()
        except (ValueError, OSError) as fault:
            raise Malformed(f"{self.path} is not readable Parquet: {fault}") from None


def first_missing(values: "FileColumn") -> int | None:
    """The row of the first missing value, counted from 1."""
    return next((row for row, value in enumerate(values, 1) if value is None), None)
