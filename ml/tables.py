"""Tables: rows of a report, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def show(console: Console, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows that have the same keys; without rows print nothing."""
    if not rows:
        return
    table = Table(title=title)
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "name" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(_in_words(value) for value in row.values()))
    console.print(table)


def _in_words(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
