from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.servers.server import Server
from infra.local.stack.servers import OWN
from tests.infra.servers.clients import CLIENTS

ELSEWHERE = "127.0.0.2"  # an address of this machine that is not the usual one
KINDS = {"DATABASE_URL": "postgres", "REDIS_URL": "redis", "KAFKA_BOOTSTRAP_SERVERS": "kafka"}


@pytest.mark.parametrize("variable", OWN)
def test_a_server_listens_where_it_is_told_and_lets_clients_in(
    variable: str, tmp_path: Path
) -> None:
    """The pods of a cluster reach the node's address, not its loopback."""
    make: Callable[[Path, str], Server] = OWN[variable]
    client = CLIENTS[KINDS.get(variable, "minio")]

    with make(tmp_path, ELSEWHERE) as server:
        client.put(server.settings, "elsewhere", "value")
        got = client.get(server.settings, "elsewhere")

    assert got == "value"
    assert all("127.0.0.1" not in value for value in server.settings.values())
