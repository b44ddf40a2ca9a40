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

pytest_plugins = ["tests.servers", "tests.sample_app"]

# How long an example takes says more about what else the machine does; where CI is set,
# Hypothesis takes the same examples each time.
settings.register_profile(
    "steady", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def uncached_loggers() -> Iterator[None]:
    """A logger that was kept by one test's configuration could not be captured in another's."""
    configure = structlog.configure

    def uncached(**given: Any) -> None:  # noqa: ANN401 - structlog's own arguments
        configure(**{**given, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", uncached)
        yield


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a migrated database of each kind is."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('database') / 'risksentinel.db'}"
    else:
        server: RunningServer = request.getfixturevalue("postgres_server")
        address = server.settings["DATABASE_URL"]
    migrate(address)
    _make_months_of_samples(address)
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


def _make_months_of_samples(address: str) -> None:
    engine = open_engine(address)
    months = SqlMonths(engine)
    for missing in months.missing(NOW - timedelta(days=31), ahead=2):
        months.make(missing)
    engine.dispose()
