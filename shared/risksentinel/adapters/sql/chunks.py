"""chunks, among: a long list in parts that fit into one statement, and its SQL condition."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ARRAY, Column, ColumnElement, Connection, any_, literal

Item = TypeVar("Item")
_MOST: Final = 500


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in order, at most 500 at a time."""
    return (items[start : start + _MOST] for start in range(0, len(items), _MOST))


def among(
    connection: Connection, column: Column[Any], items: Sequence[object]
) -> ColumnElement[bool]:
    """The condition that the column is one of the items.

    On PostgreSQL the items are one array: one prepared statement serves any number of them.
    """
    if connection.dialect.name != "postgresql":
        return column.in_(items)
    return column == any_(literal(list(items), ARRAY(column.type)))
