"""Requirements on every local server, tested with its real client."""

from collections.abc import Iterator

import pytest

from infra.devstack.servers.restartable_server import RestartableServer
from infra.devstack.servers.server_kinds import SERVER_KINDS
from tests.infra.devstack.servers.clients import CLIENTS, Client


@pytest.fixture(scope="module", params=SERVER_KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of server."""
    return str(request.param)


@pytest.fixture(scope="module")
def server(kind: str) -> Iterator[RestartableServer]:
    """A local server of this kind, which these tests interrupt."""
    with SERVER_KINDS[kind].own(None) as running:
        yield running


@pytest.fixture
def client(kind: str) -> Client:
    """The client of this kind."""
    return CLIENTS[kind]


def test_answers_a_real_client(server: RestartableServer, client: Client) -> None:
    """A started server answers a real client, not only the probe."""
    client.put(server.settings, "first", "value")

    got = client.get(server.settings, "first")

    assert got == "value"


def test_keeps_its_address_and_data_while_stopped(
    server: RestartableServer, client: Client
) -> None:
    """A restarted server has its address and data, for tests of outages."""
    settings = dict(server.settings)
    client.put(settings, "stopped", "value")

    server.restart()

    assert server.settings == settings
    assert client.get(settings, "stopped") == "value"


def test_keeps_its_data_when_killed(server: RestartableServer, client: Client) -> None:
    """Acknowledged data survives a kill."""
    client.put(server.settings, "killed", "value")

    server.kill()
    server.start()

    assert client.get(server.settings, "killed") == "value"


def test_a_second_start_changes_nothing(server: RestartableServer, client: Client) -> None:
    """Starting a running server has no effect."""
    client.put(server.settings, "again", "value")

    server.start()

    assert client.get(server.settings, "again") == "value"


def test_the_shared_one_answers_too(kind: str, request: pytest.FixtureRequest) -> None:
    """The shared server is available as a fixture."""
    name = kind if kind.endswith("_cluster") else f"{kind}_server"
    shared = request.getfixturevalue(name)

    CLIENTS[kind].put(shared.settings, "shared-by-all", "value")

    assert CLIENTS[kind].get(shared.settings, "shared-by-all") == "value"
