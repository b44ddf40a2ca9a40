from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from infra.devstack.servers.server_kinds import RunningServer
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.emptied import emptied
from tests.strategies import NOW

pytest_plugins = [
    "tests.markers",
    "tests.servers",
    "tests.stores",
    "tests.sample_app",
    "tests.replayed_containers",
]

# No deadline: the time of an example depends on the load of the machine. With CI set,
# Hypothesis uses the same examples each time.
settings.register_profile(
    "steady", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# `make test-unit` asks for fewer examples, so that it ends within a minute.
settings.register_profile("quick", settings.get_profile("steady"), max_examples=20)
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def uncached_loggers() -> Iterator[None]:
    """A logger that one test's configuration cached could not be captured in another test."""
    configure = structlog.configure

    def uncached(**given: Any) -> None:  # noqa: ANN401 - structlog's own arguments
        configure(**{**given, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", uncached)
        yield


@pytest.fixture(autouse=True, scope="session")
def payments_without_deadline() -> Iterator[None]:
    """In this process payments have no deadline: the machine's load must not decide them.

    The tests of the deadline set their own, and so does each process that a test starts.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("functions.ingest.main.deadline_seconds", lambda _container: None)
        yield


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated SQLite database in a temporary file."""
    return _migrated(f"sqlite:///{tmp_path_factory.mktemp('database') / 'risksentinel.db'}")


@pytest.fixture(scope="session")
def postgresql_url(postgres_server: RunningServer) -> str:
    """The URL of a migrated PostgreSQL database."""
    return _migrated(postgres_server.settings["DATABASE_URL"])


@pytest.fixture(
    scope="session",
    params=["sqlite", "postgresql"],
)
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database of each kind."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture(scope="session")
def database(url: str) -> Iterator[Engine]:
    """The database for properties: each example empties it."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database: Engine) -> Engine:
    """The database, without a row."""
    return emptied(database)


def _migrated(url: str) -> str:
    """Migrate the database, and create the monthly partitions of the samples' payments."""
    migrate(url)
    engine = open_engine(url)
    months = SqlMonths(engine)
    for missing in months.missing(NOW - timedelta(days=31), ahead=2):
        months.make(missing)
    engine.dispose()
    return url
