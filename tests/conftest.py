from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from infra.migrate import migrate
from risksentinel.adapters.sql_engine import open_engine
from tests.adapters.sql.emptied import emptied

pytest_plugins = ["tests.servers"]


@pytest.fixture(scope="session", params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a migrated database of each kind is."""
    address = _ADDRESSES[request.param](tmp_path_factory.mktemp("database"))
    migrate(address)
    return address


@pytest.fixture(scope="session")
def database(url: str) -> Iterator[Engine]:
    """The database for properties: each example empties it itself."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database: Engine) -> Engine:
    """The database, without a row."""
    return emptied(database)


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'risksentinel.db'}"


_ADDRESSES = {"sqlite": _sqlite}
