"""A year of payments on each database, made once for all tests of plans."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect
from typing import Final

import pytest
from sqlalchemy import Engine

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.million import load
from tests.adapters.sql.own_schema import own_schema
from tests.adapters.sql.samples import NOW

YEAR: Final = timedelta(days=364)
# SQLite's planner reads no table, only statistics of indexes, if there are any: 60,000 payments
# give the plans of 1,000,000, and enough steps to show whether a query reads all of them.
ON_SQLITE: Final = 60_000


@pytest.fixture(scope="session")
def year(postgres_server: RunningServer) -> Iterator[Engine]:
    """A year with a million payments on PostgreSQL."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as address:
        migrate(address)
        engine = open_engine(address, statement_seconds=0)
        load(engine, NOW - YEAR, NOW)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def sqlite_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A year on SQLite without statistics: RiskSentinel never runs ANALYZE there."""
    engine = _loaded(tmp_path_factory.mktemp("year") / "year.db")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def analyzed_sqlite_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A year on SQLite with statistics, as after an operator's ANALYZE."""
    path = tmp_path_factory.mktemp("analyzed") / "year.db"
    _loaded(path).dispose()
    with closing(connect(path)) as connection:
        connection.execute("ANALYZE")
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def _loaded(path: Path) -> Engine:
    migrate(f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    load(engine, NOW - YEAR, NOW, ON_SQLITE)
    return engine
