"""open_engine: one way to SQLite and PostgreSQL; reading, looking and writing: how to use it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from decimal import Decimal
from pathlib import Path
from sqlite3 import SQLITE_ERROR
from threading import Lock
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

from risksentinel.adapters.sql.reasons import reason_of
from risksentinel.errors import Malformed, Misconfigured, Unavailable

PATIENCE_SECONDS: Final = 5
POOL_SIZE: Final = 5
_WRITES: Final = "risksentinel_writes"
_TURN: Final = "risksentinel_turn"
_READING: Final = "risksentinel_reading"
_LOOKING: Final = "risksentinel_looking"
_MOVED_AWAY: Final = ("25006", "25P03")  # it became a replica; it ended a session that hung
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}",  # first: the next may have to wait
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an accepted payment survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32768",
    "PRAGMA wal_autocheckpoint=4000",  # larger copies, less often: the slowest commits halve
)


def open_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    pool_seconds: float = PATIENCE_SECONDS,
    statement_seconds: float = PATIENCE_SECONDS,
    name: str = "risksentinel",
) -> Engine:
    """Make an engine that connects when first used; the limits are PostgreSQL's, 0 s is none.

    Raises:
        Misconfigured: the address is not one of SQLite's or PostgreSQL's.
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
    """Open a connection that sees one state of the database; nothing is written. See `answered`."""
    with _connected(engine, _READING) as connection:
        yield connection


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """Open a connection of which each statement sees the newest state. See `answered`.

    On PostgreSQL it needs no transaction: two round trips less.
    """
    with _connected(engine, _LOOKING) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that commits at the end of the block. See `answered`."""
    turn: AbstractContextManager[object] = engine.get_execution_options().get(_TURN, nullcontext())
    with answered(), turn, engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


@contextmanager
def answered() -> Iterator[None]:
    """Say in the project's errors what went wrong; a wrong statement stays a bug.

    Raises:
        Unavailable: the database does not answer.
        Malformed: a text holds what no database keeps, like a NUL character.
    """
    try:
        yield
    except (DataError, UnicodeEncodeError) as error:
        raise Malformed("a text has a character that cannot be kept") from error
    except PoolTimeoutError as error:
        raise Unavailable("database", error) from error
    except DBAPIError as error:
        if error.connection_invalidated or _does_not_answer(error):
            raise Unavailable("database", error.orig, reason_of(error.orig)) from error
        raise


@contextmanager
def _connected(engine: Engine, purpose: str) -> Iterator[Connection]:
    options: Mapping[str, Any] = engine.get_execution_options().get(purpose, {})
    with answered(), engine.connect() as connection:
        yield connection.execution_options(**options)


def dumps(value: object) -> str:
    """Write compact JSON; a Decimal is written as the string of its digits."""
    return _ENCODER.encode(value)


def _does_not_answer(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _MOVED_AWAY:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # SQLite calls a missing table operational too: its code for a wrong statement tells them apart.
    return getattr(error.orig, "sqlite_errorcode", None) != SQLITE_ERROR


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


_ENCODER: Final = json.JSONEncoder(
    default=_plain, separators=(",", ":"), allow_nan=False, check_circular=False
)


_CONSISTENT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_AT_ONCE: Final = {"isolation_level": "AUTOCOMMIT"}


class _Turn:
    """One writer at a time in this process.

    SQLite makes a second writer sleep and try again, up to 100 ms at a time; a lock hands over
    at once. Between processes SQLite's own waiting remains.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise Unavailable("database")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise Misconfigured("DATABASE_URL must name a file: sqlite:///folder/file.db")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        json_serializer=dumps,
        hide_parameters=True,  # they hold account numbers, and errors are logged
        pool_size=16,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"isolation_level": None},  # BEGIN is ours: see _begin
        execution_options={_TURN: _Turn()},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


class _DriverConnection(Protocol):
    def execute(self, statement: str, /) -> Any: ...  # noqa: ANN401 - the driver's own cursor


def _prepare(connection: _DriverConnection, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that turns writer would fail on a newer state.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
