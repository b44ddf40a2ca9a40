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

from collections.abc import Generator
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait
from sqlalchemy import URL, Engine, create_engine, event
from typing_extensions import override

CONNECT_SECONDS: Final = 2  # the least that libpq takes
LOOK_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 1.0
IDLE_IN_TRANSACTION_SECONDS: Final = 10
FOR_EVER: Final = 10**9
_INTERVAL: Final = 0.1  # psycopg's own: how often a wait looks up

Answer = TypeVar("Answer")


class DidNotAnswer(psycopg.OperationalError):
    """The server took a statement and went silent; nothing that it may still say counts."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up a server which does not answer, however it fell silent."""

    patience: float = FOR_EVER

    @override
    def wait(
        self, gen: PQGen[Answer], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Answer:
        try:
            return super().wait(_until(gen, monotonic() + self.patience), interval, timeout)
        except DidNotAnswer:
            self.pgconn.finish()
            raise


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

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)


def _until(waiting: PQGen[Answer], deadline: float) -> Generator[Wait, Ready | int, Answer]:
    try:
        state = next(waiting)
        while True:
            ready = yield state
            if not ready and monotonic() > deadline:
                raise DidNotAnswer("no answer in time")
            state = waiting.send(ready)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
