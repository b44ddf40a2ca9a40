"""chunks, among: a long list in parts that fit into one statement, and its SQL condition."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    String,
    any_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.types import TypeEngine

from risksentinel.adapters.sql.stored_json import dumps

Item = TypeVar("Item")
_MOST: Final = 500
_POSTGRESQL: Final = "postgresql"


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in order, at most 500 at a time."""
    return (items[start : start + _MOST] for start in range(0, len(items), _MOST))


def among(
    connection: Connection | Engine, column: Column[str], items: Sequence[str]
) -> ColumnElement[bool]:
    """The condition that the column is one of the texts.

    They are one parameter, on PostgreSQL an array and on SQLite a JSON list, so that one compiled
    statement serves any number of them.
    """
    name = connection.dialect.name
    return among_parameter(name, column, literal(parameter(name, items), _type_of(name)))


def among_parameter(
    dialect: str, column: Column[str], texts: BindParameter[Any]
) -> ColumnElement[bool]:
    """The same condition for a statement that is made once; `parameter` makes the value."""
    if dialect == _POSTGRESQL:
        return column == any_(texts)
    return column.in_(select(func.json_each(texts).table_valued("value").c.value))


def parameter(dialect: str, items: Sequence[str]) -> str | list[str]:
    """The value of the parameter that has the texts."""
    return list(items) if dialect == _POSTGRESQL else dumps(items)


def texts_named(dialect: str, name: str) -> BindParameter[Any]:
    """The parameter of this name for `among_parameter`."""
    return bindparam(name, type_=_type_of(dialect))


def _type_of(dialect: str) -> TypeEngine[Any]:
    return ARRAY(String()) if dialect == _POSTGRESQL else String()
