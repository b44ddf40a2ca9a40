"""Line: a connection of the database's driver, for hot statements, below SQLAlchemy.

SQLAlchemy takes about 60 µs of processor time for a transaction and 40 µs for a statement, the
drivers take 5 to 10 µs. So the statements of every payment go to the driver as they are.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

from risksentinel import deadline
from risksentinel.adapters.sql.engine import JOINS, TIMEOUT_SECONDS, WRITE_LOCK, answered
from risksentinel.adapters.sql.entry_tags import EntryTags, tags_of
from risksentinel.adapters.sql.entry_wake_up import entries_committed

if TYPE_CHECKING:
    import psycopg

_IDLE: Final = 0  # libpq's PQTRANS_IDLE: psycopg is imported where PostgreSQL is used


@dataclass(slots=True)
class Line:
    """A connection of the driver: `psycopg` on PostgreSQL, `sqlite3` on SQLite."""

    dialect: Dialect
    raw: Any
    tags: EntryTags | None  # of audit entries
    _join: Callable[[], Connection]
    _joined: Connection | None = None
    has_entries: bool = False  # whether the transaction writes entries of the ledger

    @property
    def is_postgresql(self) -> bool:
        """Whether `raw` is a connection of psycopg."""
        return self.dialect.name == "postgresql"

    @property
    def postgresql(self) -> "psycopg.Connection":
        """The connection of psycopg, typed."""
        return cast("psycopg.Connection", self.raw)

    def commit(self) -> None:
        """Commit the transaction; without one, do nothing."""
        self.raw.commit()

    @property
    def has_begun(self) -> bool:
        """Whether a statement began the transaction; a transaction of SQLite always has begun."""
        return not self.is_postgresql or self.postgresql.info.transaction_status != _IDLE

    @contextmanager
    def as_transaction(self) -> Iterator[None]:
        """Make each statement of the block a transaction: no BEGIN and no COMMIT.

        For PostgreSQL, where no transaction has begun.
        """
        self.postgresql.autocommit = True
        try:
            yield
        finally:
            if not self.postgresql.closed:
                self.postgresql.autocommit = False

    @property
    def session(self) -> Connection:
        """SQLAlchemy's connection in the same transaction, for statements that are rare."""
        if self._joined is None:
            self._joined = self._join()
        return self._joined


@contextmanager
def writing_line(engine: Engine) -> Iterator[Line]:
    """Open a transaction that commits at the end of the block. Raises as `answered` does."""
    lock: AbstractContextManager[object] = engine.get_execution_options().get(
        WRITE_LOCK, nullcontext()
    )
    with answered(), lock, _line(engine) as line:
        if not line.is_postgresql:  # psycopg begins by itself
            milliseconds = int(1000 * deadline.left(TIMEOUT_SECONDS))
            line.raw.execute(f"PRAGMA busy_timeout={milliseconds}")
            line.raw.execute("BEGIN IMMEDIATE")
        yield line
        line.commit()
    if line.has_entries:
        entries_committed(engine)


@contextmanager
def looking_line(engine: Engine) -> Iterator[Line]:
    """Open a connection on which each statement reads the newest state. Raises as `answered` does.

    No statement begins a transaction.
    """
    with answered(), _line(engine) as line:
        if not line.is_postgresql:
            yield line
            return
        with line.as_transaction():
            yield line


@contextmanager
def driver(connection: Connection) -> Iterator[Line]:
    """The driver's connection, in the current transaction of the SQLAlchemy connection."""
    raw = connection.connection.driver_connection
    with _translated(connection.dialect, raw):
        yield Line(connection.dialect, raw, tags_of(connection.engine), lambda: connection)


@contextmanager
def _line(engine: Engine) -> Iterator[Line]:
    """A connection of the pool, which rolls back what is not committed."""
    dialect = engine.dialect
    try:
        pooled = engine.raw_connection()
    except dialect.loaded_dbapi.Error as error:
        raise _of_sqlalchemy(dialect, error, closed=True) from error
    try:
        raw = pooled.driver_connection
        with _translated(dialect, raw):
            yield Line(dialect, raw, tags_of(engine), lambda: _joined(engine, pooled))
    finally:
        if getattr(pooled.driver_connection, "closed", False):
            pooled.invalidate()  # in the pool its ping would fail, and end all other connections
        pooled.close()


def _joined(engine: Engine, pooled: PoolProxiedConnection) -> Connection:
    return Connection(engine, pooled).execution_options(**{JOINS: True})


@contextmanager
def _translated(dialect: Dialect, raw: Any) -> Iterator[None]:  # noqa: ANN401 - either driver's
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        raise _of_sqlalchemy(dialect, error, closed=getattr(raw, "closed", False)) from error


def _of_sqlalchemy(dialect: Dialect, error: Exception, *, closed: bool) -> Exception:
    """The error as SQLAlchemy raises it for its own statements; it has no parameters."""
    return DBAPIError.instance(
        "a statement of the driver",
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=closed,
        dialect=dialect,
    )
