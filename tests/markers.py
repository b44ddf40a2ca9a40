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
        "oidc_server",
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
SERVER_FOLDERS: Final = ("flow", "infra")
# Folders and files that need more than a few seconds: processes, real pauses, large properties.
SLOW: Final = (
    "adapters/models/test_cold_start.py",
    "adapters/sql/test_old_rows.py",
    "cli/test_backtest_cluster.py",
    "flow",
    "functions/test_api_contract.py",
    "functions/test_import_budget.py",
    "functions/test_model_in_use.py",
    "functions/test_webhook_handshake.py",
    "infra",
    "knative",
    "ml",
    "payment_files/test_engine.py",
    "rules/test_action_warnings.py",
    "rules/test_contradiction_warnings.py",
    "rules/test_contradictions.py",
    "rules/test_history_fields.py",
    "rules/test_value_warnings.py",
    "telemetry/test_tracing_cost.py",
)
_TESTS: Final = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a server, and each test of a slow folder or file."""
    for item in items:
        if _uses_a_server(item):
            item.add_marker(pytest.mark.needs_server)
        if _is_in(item.path, SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import slow files where the run leaves them out."""
    leaves_out = "not slow" in str(config.option.markexpr)
    inside = collection_path.is_relative_to(_TESTS)
    return True if leaves_out and inside and _is_in(collection_path, SLOW) else None


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
        or _is_in(item.path, SERVER_FOLDERS)
    )


def _is_in(path: Path, places: tuple[str, ...]) -> bool:
    place = path.relative_to(_TESTS)
    return any(place.is_relative_to(each) for each in places)
