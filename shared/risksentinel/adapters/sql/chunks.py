"""chunks, among: a long list in parts that one statement can carry, and how it asks for them."""

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
    """Whether the column is one of these; on PostgreSQL one statement for any number of them."""
    if connection.dialect.name != "postgresql":
        return column.in_(items)
    return column == any_(literal(list(items), ARRAY(column.type)))
