"""open_engine: an engine for SQLite or PostgreSQL; reading, looking, writing: its connections."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_NOTADB
from sqlite3 import OperationalError as SqliteError
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from risksentinel import deadline
from risksentinel.adapters.sql.reasons import reason_of
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.adapters.sql.write_health import write_failed, write_succeeded
from risksentinel.errors import Late, Malformed, Misconfigured, Unavailable

TIMEOUT_SECONDS: Final = 5
POOL_SIZE: Final = 5
_RETRY_SECONDS: Final = 0.01
_WRITES: Final = "risksentinel_writes"
WRITE_LOCK: Final = (
    "risksentinel_write_lock"  # the option of an engine that has one writer at a time
)
JOINS: Final = "risksentinel_joins"  # the option of a connection whose transaction began already
_READING: Final = "risksentinel_reading"
_LOOKING: Final = "risksentinel_looking"
_DAMAGED: Final = (
    "the SQLite file is damaged: stop what uses it, and restore a backup; or move the file away to "
    "begin with an empty database"
)
_MOVED_AWAY: Final = ("25006", "25P03")  # became a replica; ended an idle session
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={TIMEOUT_SECONDS * 1000}",  # first: the next pragma may wait for a lock
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an accepted payment survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32768",
    "PRAGMA wal_autocheckpoint=4000",  # pages; fewer checkpoints halve the slowest commits
)


def open_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    pool_seconds: float = TIMEOUT_SECONDS,
    statement_seconds: float = TIMEOUT_SECONDS,
    name: str = "risksentinel",
) -> Engine:
    """Make an engine that connects at its first use; limits are for PostgreSQL, 0 s is no limit.

    Raises:
        Misconfigured: the URL is not one of SQLite or PostgreSQL.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            return _sqlite(address)
        if address.get_backend_name() == "postgresql":
            from risksentinel.adapters.sql.postgresql import postgresql

            return postgresql(
                address,
                pool_size=pool_size,
                pool_seconds=pool_seconds,
                statement_seconds=statement_seconds,
                name=name,
                json_serializer=dumps,
                execution_options={_READING: _CONSISTENT, _LOOKING: _AT_ONCE},
            )
    except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
        raise Misconfigured(f"DATABASE_URL cannot be used: {type(error).__name__}") from error
    raise Misconfigured("DATABASE_URL must begin with sqlite:/// or postgresql://")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a read-only connection with one consistent snapshot. Raises as `answered` does."""
    with _connected(engine, _READING) as connection:
        yield connection


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """Open a connection on which each statement reads the newest state. Raises as `answered` does.

    On PostgreSQL it needs no transaction: two round trips fewer.
    """
    with _connected(engine, _LOOKING) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that commits at the end of the block. Raises as `answered` does."""
    lock: AbstractContextManager[object] = engine.get_execution_options().get(
        WRITE_LOCK, nullcontext()
    )
    try:
        with answered(), lock, engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection
    except Unavailable:
        write_failed(engine)
        raise
    write_succeeded(engine)


@contextmanager
def answered() -> Iterator[None]:
    """Map errors of the database to the project's errors; a wrong statement stays a bug.

    Raises:
        Unavailable: the database does not answer.
        Malformed: a text contains a character that no database stores, such as NUL.
    """
    try:
        yield
    except (DataError, UnicodeEncodeError) as error:
        raise Malformed("a text contains a character that cannot be stored") from error
    except PoolTimeoutError as error:
        raise Late("database", error) from error
    except DBAPIError as error:
        if _is_damaged(error):
            raise Unavailable("database", error.orig, _DAMAGED) from error
        if error.connection_invalidated or _does_not_answer(error):
            kind = Late if _is_late(error) else Unavailable
            raise kind("database", error.orig, reason_of(error.orig)) from error
        raise


@contextmanager
def _connected(engine: Engine, purpose: str) -> Iterator[Connection]:
    options: Mapping[str, Any] = engine.get_execution_options().get(purpose, {})
    with answered(), engine.connect() as connection:
        yield connection.execution_options(**options)


def _is_damaged(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in {SQLITE_NOTADB, SQLITE_CORRUPT}


def _is_late(error: DBAPIError) -> bool:
    return bool(getattr(error.orig, "is_late", False))


def _does_not_answer(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _MOVED_AWAY:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # SQLite reports a missing table as operational too; wrong statements have SQLITE_ERROR.
    return getattr(error.orig, "sqlite_errorcode", None) != SQLITE_ERROR


_CONSISTENT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_AT_ONCE: Final = {"isolation_level": "AUTOCOMMIT"}


class _WriteLock:
    """One writer at a time in this process.

    SQLite lets a second writer sleep for up to 100 ms between attempts; a lock wakes the next
    writer at once. Between processes SQLite's own waiting applies.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=deadline.left(TIMEOUT_SECONDS)):
            raise Late("database")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise Misconfigured("DATABASE_URL must name a file: sqlite:///folder/file.db")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        json_serializer=dumps,
        hide_parameters=True,  # parameters contain account numbers, and errors are logged
        pool_size=32,  # threads of requests, relays and scrapes
        max_overflow=0,
        pool_timeout=TIMEOUT_SECONDS,
        connect_args={"isolation_level": None},  # `_begin` sends BEGIN
        execution_options={WRITE_LOCK: _WriteLock()},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


class _DriverConnection(Protocol):
    def execute(self, statement: str, /) -> Any: ...  # noqa: ANN401 - the driver's own cursor


def _prepare(connection: _DriverConnection, _record: object) -> None:
    until = monotonic() + TIMEOUT_SECONDS
    for pragma in _PRAGMAS:
        while True:
            try:
                connection.execute(pragma)
                break
            except SqliteError as error:
                # While another connection makes a new file a WAL, SQLite refuses at once.
                if error.sqlite_errorcode != SQLITE_BUSY or monotonic() > until:
                    raise
                sleep(_RETRY_SECONDS)


def _begin(connection: Connection) -> None:
    # A writer takes the lock at the start: a reader that becomes a writer fails on a newer state.
    options = connection.get_execution_options()
    if not options.get(JOINS, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES, False) else "BEGIN")
