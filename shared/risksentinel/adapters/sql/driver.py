"""driver: PostgreSQL's own, beneath SQLAlchemy, for what it does in fewer round trips."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    import psycopg


@contextmanager
def driver(connection: Connection) -> Iterator["psycopg.Connection"]:
    """The driver's connection, in the transaction that the connection is in."""
    line = cast("psycopg.Connection", connection.connection.driver_connection)
    errors = connection.dialect.loaded_dbapi.Error
    try:
        yield line
    except errors as error:  # put as SQLAlchemy would have put it, had it seen it
        raise DBAPIError.instance(
            "rows sent to the driver",
            None,
            error,
            errors,
            hide_parameters=True,
            connection_invalidated=line.closed,
            dialect=connection.dialect,
        ) from error
