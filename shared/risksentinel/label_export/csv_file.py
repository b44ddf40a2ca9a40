"""csv_writer: labelled payments as CSV, for spreadsheets and notebooks."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from risksentinel.domain.list_csv import guarded
from risksentinel.text import rfc3339


@contextmanager
def csv_writer(path: Path) -> Iterator[Callable[[Sequence[Mapping[str, Any]]], None]]:
    """Yield a function that appends rows; without rows the file is empty, also without header.

    UTF-8. Null is an empty cell, a boolean `true` or `false`, a time RFC 3339, and `rules_fired` a
    JSON array. Cells that a spreadsheet would read as a formula get a leading apostrophe.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)

        def write(rows: Sequence[Mapping[str, Any]]) -> None:
            if not file.tell():
                writer.writerow(rows[0])
            writer.writerows([_cell(value) for value in row.values()] for row in rows)

        yield write


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool() | list():
            return json.dumps(value, ensure_ascii=False)
        case datetime():
            return rfc3339.to_text(value)
        case str():
            return guarded(value)
        case _:
            return str(value)
