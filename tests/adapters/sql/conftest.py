from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.filled_years import analyzed_sqlite_year, sqlite_year, year
from tests.adapters.sql.own_schema import own_schema

__all__ = ["analyzed_sqlite_year", "sqlite_year", "year"]


@pytest.fixture
def postgres_url(postgres_server: RunningServer) -> Iterator[str]:
    """A migrated corner of PostgreSQL, for one test."""
    with own_schema(postgres_server.settings["DATABASE_URL"]) as address:
        migrate(address)
        yield address


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """An engine for it."""
    engine = open_engine(postgres_url)
    yield engine
    engine.dispose()
