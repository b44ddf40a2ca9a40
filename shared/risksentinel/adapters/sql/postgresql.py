"""postgresql: an engine whose every wait ends, be the server stuck, frozen or gone.

| what waits                       | ends after                  | by                             |
|----------------------------------|-----------------------------|--------------------------------|
| a thread for a connection        | `pool_seconds`              | the pool                       |
| a connection for its server      | CONNECT_SECONDS             | libpq's connect_timeout        |
| the look whether it still lives  | LOOK_SECONDS                | PatientConnection              |
| a statement, at work or locked   | `statement_seconds`         | PostgreSQL's statement_timeout |
| the same, when the server froze  | GRACE_SECONDS more          | PatientConnection              |
| whoever waits for a hanging unit | IDLE_IN_TRANSACTION_SECONDS | PostgreSQL: the session ends   |
"""

from select import POLLIN, poll
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout as WaitTimeout
from sqlalchemy import URL, Engine, create_engine, event
from typing_extensions import override

CONNECT_SECONDS: Final = 2  # the least that libpq takes
LOOK_SECONDS: Final = 1.0
FRESH_SECONDS: Final = 0.05  # within them the pool takes a connection without a look
GRACE_SECONDS: Final = 1.0
IDLE_IN_TRANSACTION_SECONDS: Final = 10
FOR_EVER: Final = 10**9
_INTERVAL: Final = 0.1  # psycopg's own: how often a wait looks up

Result = TypeVar("Result")


class DidNotAnswer(psycopg.OperationalError):
    """The server took a statement and went silent; nothing that it may still say counts."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up a server which does not answer, however it fell silent."""

    patience: float = FOR_EVER
    heard_at: float = 0.0

    @override
    def wait(
        self, gen: PQGen[Result], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Result:
        try:
            answer = super().wait(gen, interval, self.patience if timeout is None else timeout)
        except WaitTimeout:
            self.pgconn.finish()
            raise DidNotAnswer("no answer in time") from None
        self.heard_at = monotonic()
        return answer

    @property
    def is_fresh(self) -> bool:
        """Whether the server was heard a moment ago, and has not ended the connection since."""
        if self.closed or monotonic() - self.heard_at > FRESH_SECONDS:
            return False
        waiting = poll()
        waiting.register(self.pgconn.socket, POLLIN)
        return not waiting.poll(0)  # unasked it says nothing but farewell


def postgresql(
    url: URL,
    *,
    pool_size: int,
    pool_seconds: float,
    statement_seconds: float,
    name: str,
    **more: Any,  # noqa: ANN401 - what every engine of ours is given
) -> Engine:
    """Make an engine that connects when first used; 0 statement seconds are no limit."""
    engine = create_engine(
        url,
        hide_parameters=True,  # they hold account numbers, and errors are logged
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_seconds,
        pool_use_lifo=True,  # few connections stay warm; the others are there for a rush
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": name,
            "options": _options(url, statement_seconds),
        },
        **more,
    )
    _be_patient(engine, statement_seconds + GRACE_SECONDS if statement_seconds else FOR_EVER)
    return engine


def _options(url: URL, statement_seconds: float) -> str:
    settings = {
        "statement_timeout": int(statement_seconds * 1000),
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS * 1000,
        "timezone": "UTC",
        "jit": "off",  # many partitions look dear, and compiling costs more than it saves
    }
    given = url.query.get("options", "")
    theirs = given if isinstance(given, str) else " ".join(given)
    return " ".join([*(f"-c {name}={value}" for name, value in settings.items()), theirs]).strip()


def _be_patient(engine: Engine, seconds: float) -> None:
    def connect(_dialect: object, _record: object, args: Any, known: Any) -> PatientConnection:  # noqa: ANN401 - the driver's own
        made = PatientConnection.connect(*args, **known)
        made.patience = seconds
        return made

    def taken(connection: PatientConnection, *_: object) -> None:
        connection.patience = seconds

    def given_back(connection: PatientConnection | None, *_: object) -> None:
        if connection is not None:
            connection.patience = LOOK_SECONDS  # the next statement is the pool's own look

    def look(connection: Any) -> bool:  # noqa: ANN401 - SQLAlchemy knows no driver
        return connection.is_fresh or by_asking(connection)

    by_asking = engine.dialect.do_ping
    engine.dialect.do_ping = look  # type: ignore[assignment,method-assign]
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)
