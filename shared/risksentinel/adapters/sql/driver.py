"""driver: the psycopg connection below SQLAlchemy, for statements with fewer round trips."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    import psycopg


@contextmanager
def driver(connection: Connection) -> Iterator["psycopg.Connection"]:
    """The driver's connection, in the current transaction of the SQLAlchemy connection."""
    line = cast("psycopg.Connection", connection.connection.driver_connection)
    errors = connection.dialect.loaded_dbapi.Error
    try:
        yield line
    except errors as error:  # wrapped as SQLAlchemy wraps the errors of its own statements
        raise DBAPIError.instance(
            "rows sent to the driver",
            None,
            error,
            errors,
            hide_parameters=True,
            connection_invalidated=line.closed,
            dialect=connection.dialect,
        ) from error
