"""postgresql: an engine on which every wait has a timeout, whatever state the server is in.

| what waits                       | ends after                  | by                             |
|----------------------------------|-----------------------------|--------------------------------|
| a thread for a connection        | `pool_seconds`              | the pool                       |
| a connection for its server      | CONNECT_SECONDS             | libpq's connect_timeout        |
| the ping of an idle connection   | PING_SECONDS                | TimedConnection                |
| a statement, running or locked   | `statement_seconds`         | PostgreSQL's statement_timeout |
| the same, on a frozen server     | GRACE_SECONDS more          | TimedConnection                |
| a lock of a stalled transaction  | IDLE_IN_TRANSACTION_SECONDS | PostgreSQL: the session ends   |

Where a payment has a deadline, each of these waits ends with it if that is earlier.
"""

from select import POLLIN, poll
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout as WaitTimeout
from sqlalchemy import URL, Engine, ExceptionContext, create_engine, event
from typing_extensions import override

from risksentinel import deadline
from risksentinel.adapters.in_time import InTime
from risksentinel.adapters.sql.deadline_pool import DeadlinePool

CONNECT_SECONDS: Final = 2  # libpq's minimum
PING_SECONDS: Final = 1.0
FRESH_SECONDS: Final = 0.05  # after an answer the pool reuses the connection without a ping
GRACE_SECONDS: Final = 1.0
IDLE_IN_TRANSACTION_SECONDS: Final = 10
NO_TIMEOUT: Final = 10**9
_INTERVAL: Final = 0.1  # psycopg's default: how often a wait checks for signals

Result = TypeVar("Result")


class DidNotAnswer(psycopg.OperationalError):
    """The server took a statement and did not answer; a late answer is discarded."""

    is_late = True


class TimedConnection(psycopg.Connection[Any]):
    """A connection that is closed where its server does not answer within the timeout."""

    timeout_seconds: float = NO_TIMEOUT
    answered_at: float = 0.0

    @override
    def wait(
        self, gen: PQGen[Result], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Result:
        seconds = deadline.left(self.timeout_seconds if timeout is None else timeout)
        try:
            answer = super().wait(gen, min(interval, seconds), seconds)
        except WaitTimeout:
            self.pgconn.finish()
            raise DidNotAnswer("no answer in time") from None
        self.answered_at = monotonic()
        return answer

    @override
    def rollback(self) -> None:
        if not self.closed:  # the pool ends every transaction, also on a connection that was closed
            super().rollback()

    @property
    def is_fresh(self) -> bool:
        """Whether the server answered within FRESH_SECONDS and kept the connection open."""
        if self.closed or monotonic() - self.answered_at > FRESH_SECONDS:
            return False
        waiting = poll()
        waiting.register(self.pgconn.socket, POLLIN)
        return not waiting.poll(
            0
        )  # without a statement a server sends only the end of the connection


def postgresql(
    url: URL,
    *,
    pool_size: int,
    pool_seconds: float,
    statement_seconds: float,
    name: str,
    **more: Any,  # noqa: ANN401 - what every engine of ours is given
) -> Engine:
    """Make an engine that connects at its first use; `statement_seconds` 0 is no limit."""
    engine = create_engine(
        url,
        poolclass=DeadlinePool,
        hide_parameters=True,  # parameters contain account numbers, and errors are logged
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_seconds,
        pool_use_lifo=True,  # few connections stay in use; the others serve peaks
        pool_pre_ping=True,
        use_native_hstore=False,  # without the type, its query would delay the first connection
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": name,
            "options": _options(url, statement_seconds),
        },
        **more,
    )
    seconds = statement_seconds + GRACE_SECONDS if statement_seconds else NO_TIMEOUT
    opening = InTime[TimedConnection](
        pool_size, lambda: DidNotAnswer("it opens no connection"), TimedConnection.close
    )
    _set_timeouts(engine, seconds, opening)
    return engine


def _options(url: URL, statement_seconds: float) -> str:
    settings = {
        "statement_timeout": int(statement_seconds * 1000),
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS * 1000,
        "timezone": "UTC",
        "jit": "off",  # many partitions raise the estimate; compiling costs more than it saves
    }
    given = url.query.get("options", "")
    theirs = given if isinstance(given, str) else " ".join(given)
    return " ".join([*(f"-c {name}={value}" for name, value in settings.items()), theirs]).strip()


def _set_timeouts(engine: Engine, seconds: float, opening: InTime[TimedConnection]) -> None:
    def connect(_dialect: object, _record: object, args: Any, known: Any) -> TimedConnection:  # noqa: ANN401 - the driver's own
        made = opening.run(
            lambda: TimedConnection.connect(*args, **known), CONNECT_SECONDS + GRACE_SECONDS
        )
        made.timeout_seconds = seconds
        return made

    def taken(connection: TimedConnection, *_: object) -> None:
        connection.timeout_seconds = seconds

    def given_back(connection: TimedConnection | None, *_: object) -> None:
        if connection is not None:
            connection.timeout_seconds = PING_SECONDS  # the next statement is the pool's ping

    def ping(connection: Any) -> bool:  # noqa: ANN401 - SQLAlchemy knows no driver
        return connection.is_fresh or by_statement(connection)

    def failed(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, DidNotAnswer):
            # One statement waited, for a lock perhaps: the other connections may be sound. Where
            # the server is frozen, the ping of each finds that out.
            context.invalidate_pool_on_disconnect = False

    by_statement = engine.dialect.do_ping
    engine.dialect.do_ping = ping  # type: ignore[assignment,method-assign]
    event.listen(engine, "handle_error", failed)
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)
