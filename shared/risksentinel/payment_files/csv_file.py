"""CSV -> rows: a header, then one payment per line.

A quoted cell must end on its line, so that a missing quote breaks one row only.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.lines import count_lines, decoded, lines, text_rows
from risksentinel.payment_files.row import BrokenRow, Row

_DELIMITERS: Final = ",;\t|"


def columns(path: Path) -> list[str]:
    """The column names of the header. Raises Misconfigured if the header is not usable."""
    return _header(lines(path), path)[0]


def rows(path: Path, _wanted: Collection[str]) -> Iterator[Row | BrokenRow]:
    """One row for each line below the header."""
    numbered = lines(path)
    names, delimiter = _header(numbered, path)

    def cells(text: str) -> Mapping[str, object]:
        values = _cells(text, delimiter)
        if len(values) != len(names):
            raise ValueError(f"the line has {len(values)} cells, the header has {len(names)}")
        return dict(zip(names, values, strict=True))

    return text_rows(numbered, cells)


def count(path: Path) -> int:
    """The approximate number of rows."""
    return max(count_lines(path) - 1, 0)


def _header(numbered: Iterator[tuple[int, bytes]], path: Path) -> tuple[list[str], str]:
    line = next((line for _, line in numbered if line.strip()), b"")
    try:
        text = decoded(line)
        # Spreadsheets separate cells by semicolons in countries with a decimal comma.
        delimiter = max(_DELIMITERS, key=text.count)
        names = [name.strip() for name in _cells(text, delimiter)]
    except ValueError as fault:
        raise Misconfigured(f"{path} has no readable header: {fault}") from None
    twice = [name for name, times in Counter(names).items() if name and times > 1]
    if twice or not any(names):
        why = f"{', '.join(twice)} twice" if twice else "no column names"
        raise Misconfigured(f"the header of {path} has {why}")
    return names, delimiter


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as fault:
        raise ValueError(f"the line is not valid CSV: {fault}") from None
