"""RowFormat: values of a table's row as SQLite's driver or PostgreSQL's COPY takes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Table

from risksentinel.adapters.sql.driver import driver
from risksentinel.adapters.sql.stored_json import dumps

Encoded = list[Any]
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True, slots=True)
class RowFormat:
    """The format of one table's rows; JSON, money and times are written as the adapters do."""

    table: Table
    columns: Sequence[str]
    encoders: Mapping[str, Callable[[Any], object]]
    places: Mapping[str, int]

    def changed(self, row: Encoded, values: Mapping[str, Any]) -> Encoded:
        """A copy of an encoded row with some other values."""
        row = row.copy()
        for name, value in values.items():
            row[self.places[name]] = self.encoders[name](value)
        return row

    def row(self, values: Mapping[str, Any]) -> Encoded:
        """The encoded values, in the order of the columns."""
        return [self.encoders[name](values[name]) for name in self.columns]

    def write(self, connection: Connection, rows: Sequence[Encoded]) -> None:
        """Insert the rows in the connection's current transaction."""
        names = ", ".join(self.columns)
        if connection.dialect.name != "postgresql":
            marks = ", ".join("?" * len(self.columns))
            line: Any = connection.connection.driver_connection
            line.executemany(f"INSERT INTO {self.table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 - constants
            return
        copied = f"COPY {self.table.name} ({names}) FROM STDIN".encode()
        with (
            driver(connection) as server,
            server.postgresql.cursor() as cursor,
            cursor.copy(copied) as copy,
        ):
            copy.write("".join("\t".join(row) + "\n" for row in rows))


def row_format(connection: Connection, table: Table, left_out: Iterable[str] = ()) -> RowFormat:
    """The format of the table's rows, without the columns that the database fills."""
    columns = [column for column in table.columns if column.name not in left_out]
    make = _copied if connection.dialect.name == "postgresql" else _bound
    encoders = {column.name: make(connection, column) for column in columns}
    names = [column.name for column in columns]
    return RowFormat(table, names, encoders, {name: place for place, name in enumerate(names)})


def _bound(connection: Connection, column: Column[Any]) -> Callable[[Any], object]:
    kind = column.type.dialect_impl(connection.dialect)
    return kind.bind_processor(connection.dialect) or (lambda value: value)


def _copied(_connection: Connection, column: Column[Any]) -> Callable[[Any], object]:
    if isinstance(column.type, JSON):
        return lambda value: dumps(value).translate(_ESCAPES)
    return _text


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value).translate(_ESCAPES)
