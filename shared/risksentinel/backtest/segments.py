"""Segments: the checkpoint of one policy, a Parquet file for each 16,384 payments and labels.

A file appears whole, and is never changed. It has the outcomes of its payments, and the digest of
all events up to its end: a resumed run reads the events again, and compares.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from risksentinel.backtest.segment_table import Decided, segment_table
from risksentinel.errors import Rejected

WINDOW: Final = 2_048  # events that are decided in waves
SEGMENT: Final = 8 * WINDOW
_DIGEST: Final = b"digest"
_WHOLE: Final = "whole"
_PRIVATE: Final = 0o600  # the files have account numbers


@dataclass(frozen=True, slots=True)
class Segments:
    """The files of one folder."""

    folder: Path

    def paths(self) -> list[Path]:
        """The files in order."""
        return sorted(self.folder.glob("*.parquet"))

    def write(self, number: int, digest: str, decided: Sequence[Decided]) -> None:
        """Write the file of this number; after a crash it is there whole, or not at all."""
        from pyarrow import parquet  # type: ignore[import-untyped] # pyarrow ships no types

        table = segment_table(decided, {_DIGEST: digest.encode()})
        path = self.folder / f"{number:08}.parquet"
        part = path.with_suffix(".part")
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb"
        ) as file:
            parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def read(self, path: Path) -> tuple[str, Any]:
        """The digest and the table of a file.

        Raises:
            Rejected: the file is damaged.
        """
        import pyarrow as pa
        from pyarrow import parquet

        try:
            table = parquet.read_table(path)
        except (pa.ArrowException, OSError) as fault:
            raise Rejected(f"{path} is damaged: delete the folder {path.parents[1]}") from fault
        return table.schema.metadata[_DIGEST].decode(), table

    def tables(self) -> Iterator[Any]:
        """Yield the table of each file, in order."""
        for path in self.paths():
            yield self.read(path)[1]

    @property
    def remedy(self) -> str:
        """What an operator does to begin again."""
        return f"delete the folder {self.folder.parent}"

    @property
    def is_whole(self) -> bool:
        """Whether all events were decided."""
        return (self.folder / _WHOLE).exists()

    def finish(self, digest: str) -> None:
        """Mark the end."""
        part = self.folder / "whole.part"
        part.write_text(digest)
        part.replace(self.folder / _WHOLE)

    def digest(self) -> str:
        """The digest of all events, after the end."""
        return (self.folder / _WHOLE).read_text()
