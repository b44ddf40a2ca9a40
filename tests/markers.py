"""The markers that `make test-unit` leaves out: needs_server and slow.

A test that uses a fixture of a server gets `needs_server` here, by itself. A server that is started
in a test without the marker fails that test.
"""

from pathlib import Path
from typing import Final

import pytest

from infra.devstack.servers.restartable_server import RestartableServer

SERVER_FIXTURES: Final = frozenset(
    {
        "kafka_server",
        "minio_server",
        "own",
        "own_cluster",
        "own_kafka",
        "own_redis",
        "own_server",
        "postgres_server",
        "redis_cluster",
        "redis_history",
        "redis_server",
        "versitygw_server",
    }
)
# Values of fixtures' parameters; the fixture gets the server by its name.
SERVER_PARAMETERS: Final = frozenset({"cluster", "minio", "postgresql", "redis", "versitygw"})
SERVER_FOLDERS: Final = ("infra/devstack/servers",)
SLOW: Final = ("flow", "infra", "knative", "ml")
_TESTS: Final = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a server, and each test of a slow folder or file."""
    for item in items:
        if _uses_a_server(item):
            item.add_marker(pytest.mark.needs_server)
        if _lies_in(item, SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start a server in a test that is not marked."""
    start = RestartableServer.__enter__

    def start_if_marked(server: RestartableServer) -> RestartableServer:
        item = config.stash.get(_RUNNING, None)
        if item is not None and item.get_closest_marker("needs_server") is None:
            pytest.fail(f"{item.nodeid} starts a server: add its fixture to tests/markers.py")
        return start(server)

    patch = pytest.MonkeyPatch()
    patch.setattr(RestartableServer, "__enter__", start_if_marked)
    config.add_cleanup(patch.undo)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember which test is running."""
    item.config.stash[_RUNNING] = item


_RUNNING: Final = pytest.StashKey[pytest.Item]()


def _uses_a_server(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    call = getattr(item, "callspec", None)
    values = {} if call is None else call.params
    return (
        not SERVER_FIXTURES.isdisjoint(item.fixturenames)
        or any(isinstance(each, str) and each in SERVER_PARAMETERS for each in values.values())
        or _lies_in(item, SERVER_FOLDERS)
    )


def _lies_in(item: pytest.Item, places: tuple[str, ...]) -> bool:
    place = item.path.relative_to(_TESTS)
    return any(place.is_relative_to(each) for each in places)
