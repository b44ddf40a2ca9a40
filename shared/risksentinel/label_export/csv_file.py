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
    """Yield what appends rows; the first ones give the header, so no rows make an empty file.

    UTF-8. An empty cell is null, a truth `true` or `false`, a time RFC 3339, and `rules_fired` a
    JSON array. A cell that a spreadsheet would take for a formula begins with an apostrophe.
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
