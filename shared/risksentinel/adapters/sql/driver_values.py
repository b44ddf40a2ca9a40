"""written: rows as the driver takes them; SUMS, added_up: rows that are added to stored ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import JSON, Dialect, Table

from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.adapters.sql.tables import hourly_figures, rule_figures
from risksentinel.adapters.sql.types import Exact, UtcTime

SUMS: Final[
    Mapping[Table, Sequence[str]]
] = {  # columns of a new row are added to the row with its key
    hourly_figures: ("counted", "cents_upper", "cents_lower", "score_total"),
    rule_figures: ("payments", "alerts"),
}
Values = Mapping[str, Any]
TableRows = tuple[Table, Sequence[Values]]  # each with the same columns


def written(dialect: Dialect, table: Table, rows: Sequence[Values]) -> Iterator[Sequence[object]]:
    """The values of each row, in the order of the first row's columns."""
    writers = _writers(dialect, table, tuple(rows[0]))
    for row in rows:
        values = list(row.values())
        for place, write in writers:
            if values[place] is not None:
                values[place] = write(values[place])
        yield values


def added_up(table: Table) -> str:
    """The end of an INSERT: a row whose key is stored is added to the stored row."""
    if table not in SUMS:
        return ""
    key = ", ".join(column.name for column in table.primary_key)
    sums = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in SUMS[table])
    return f" ON CONFLICT ({key}) DO UPDATE SET {sums}"


@cache
def _writers(
    dialect: Dialect, table: Table, columns: tuple[str, ...]
) -> Sequence[tuple[int, Callable[[Any], object]]]:
    """Converters for columns that the driver cannot write: JSON, Exact and UtcTime."""
    kinds = [(place, table.c[name].type) for place, name in enumerate(columns)]
    return [
        (place, dumps if isinstance(kind, JSON) else _checked(kind, dialect))
        for place, kind in kinds
        if isinstance(kind, JSON | Exact | UtcTime)
    ]


def _checked(kind: Exact | UtcTime, dialect: Dialect) -> Callable[[Any], object]:
    return lambda value: kind.process_bind_param(value, dialect)
