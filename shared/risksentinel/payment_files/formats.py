"""FORMATS: the file formats of the import. One module and one line register another format."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from risksentinel.errors import Misconfigured
from risksentinel.payment_files import csv_file, jsonl_file, parquet_file
from risksentinel.payment_files.row import BrokenRow, Row


@dataclass(frozen=True, slots=True)
class FileFormat:
    """The functions that read a file format, and the word for a place in such a file."""

    suffixes: tuple[str, ...]
    place: str
    columns: Callable[[Path], list[str]]
    rows: Callable[[Path, Collection[str]], Iterator[Row | BrokenRow]]
    count: Callable[[Path], int]


FORMATS: Final[Mapping[str, FileFormat]] = MappingProxyType(
    {
        "jsonl": FileFormat(
            (".jsonl", ".ndjson"), "line", jsonl_file.columns, jsonl_file.rows, jsonl_file.count
        ),
        "csv": FileFormat((".csv",), "line", csv_file.columns, csv_file.rows, csv_file.count),
        "parquet": FileFormat(
            (".parquet",), "row", parquet_file.columns, parquet_file.rows, parquet_file.count
        ),
    }
)


def format_of(path: Path, name: str | None) -> FileFormat:
    """The format `name`, or the format of the suffix. Raises Misconfigured."""
    if name is not None:
        return FORMATS[name]
    for known in FORMATS.values():
        if path.suffix.lower() in known.suffixes:
            return known
    raise Misconfigured(f"{path} has no known suffix: give --format")
