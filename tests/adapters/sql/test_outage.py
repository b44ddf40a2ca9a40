from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import kill
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from time import monotonic, sleep
from typing import Final

import pytest
from sqlalchemy import Engine, text

from infra.devstack.servers.postgres import Postgres
from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.postgresql import FRESH_SECONDS
from risksentinel.errors import Unavailable
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.every_adapter import outcomes
from tests.adapters.sql.samples import payment, scored
from tests.timing import assert_within, in_time

pytestmark = in_time

STATEMENT_SECONDS: Final = 1
AT_ONCE: Final = 2.0  # a refused connection, on a busy machine
IN_TIME: Final = 8.0  # a ping, a connection and a statement that all reach their timeouts


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A server that the tests here share."""
    with Postgres() as server:
        migrate(server.settings["DATABASE_URL"])
        yield server


@pytest.fixture
def server(own: Postgres) -> Iterator[Postgres]:
    """A database that the test may stop."""
    yield own
    own.start()


@pytest.fixture
def engine(server: Postgres) -> Iterator[Engine]:
    """An engine with warm connections, that stays the same whatever happens to its server."""
    engine = open_engine(
        server.settings["DATABASE_URL"], pool_size=32, statement_seconds=STATEMENT_SECONDS
    )
    outcomes(engine)
    yield engine
    engine.dispose()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails where the block takes longer."""
    began = monotonic()
    yield
    assert_within(monotonic() - began, seconds)


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    """The server accepts connections and statements and does not answer, as with a stuck disk."""
    pid = server.pid or 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    processes = [pid, *map(int, children)]
    for process in processes:
        kill(process, SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            kill(process, SIGCONT)


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill])
def test_a_server_that_is_gone_is_unavailable_at_once_and_is_found_again(
    server: Postgres, engine: Engine, end: Callable[[Postgres], None]
) -> None:
    """A payment that cannot be stored goes to the broker, without a new process."""
    end(server)

    with within(AT_ONCE):
        gone = outcomes(engine)
    server.start()
    back = outcomes(engine)

    assert set(gone.values()) == {"database"}, gone
    assert set(back.values()) == {"answered"}, back


def test_a_server_that_is_frozen_is_unavailable_in_time_and_is_found_again(
    server: Postgres, engine: Engine
) -> None:
    """The server accepts connections and does not answer: its own timeouts do not help."""
    with frozen(server), within(IN_TIME):
        sleep(FRESH_SECONDS)  # a recently used connection has the timeout of a statement
        stuck = outcomes(engine)
    back = outcomes(engine)

    assert set(stuck.values()) == {"database"}, stuck
    assert set(back.values()) == {"answered"}, back


def test_a_server_that_freezes_within_a_unit_is_unavailable_in_time(
    server: Postgres, engine: Engine
) -> None:
    """Its rows are in doubt, and are decided by the next try, not by waiting."""

    def freeze_and_keep() -> None:
        with SqlLedger(engine).unit() as unit:
            unit.keep([scored(payment("tx-2"))])
            with frozen(server), within(IN_TIME):
                unit.keep([scored(payment("tx-3"))])

    with pytest.raises(Unavailable):
        freeze_and_keep()

    assert outcomes(engine)["known"] == "answered"
    assert SqlLedger(engine).known(["tx-2", "tx-3"]) == {}


def test_a_statement_that_takes_too_long_is_ended(engine: Engine) -> None:
    """A lock of another transaction must not delay every payment behind it."""
    with pytest.raises(Unavailable), within(IN_TIME), reading(engine) as connection:
        connection.execute(text("SELECT pg_sleep(60)"))

    assert outcomes(engine)["known"] == "answered"


def test_a_server_that_became_a_replica_is_unavailable(engine: Engine) -> None:
    """After a fail-over the old address may still answer, and must not be taken for a bug."""
    write = text("SET TRANSACTION READ ONLY; DELETE FROM outbox")

    with pytest.raises(Unavailable), writing(engine) as connection:
        connection.execute(write)


def test_more_callers_than_connections_wait_in_vain_in_bounded_time(server: Postgres) -> None:
    """A thread that waits without a timeout answers no request."""
    engine = open_engine(server.settings["DATABASE_URL"], pool_size=1, pool_seconds=0.2)

    with reading(engine), within(AT_ONCE), pytest.raises(Unavailable):
        SqlLedger(engine).known(["unknown"])
    back = SqlLedger(engine).known(["unknown"])

    engine.dispose()
    assert back == {}


def test_a_connection_says_whose_it_is(server: Postgres) -> None:
    """An operator who looks for the holder of a lock sees the name of the function."""
    engine = open_engine(server.settings["DATABASE_URL"], name="risksentinel-score")

    with reading(engine) as connection:
        names = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("application_name", "statement_timeout", "timezone")
        ]

    engine.dispose()
    assert names == ["risksentinel-score", "5s", "UTC"]
