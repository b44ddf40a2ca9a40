from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from infra.devstack.servers.postgres import Postgres
from infra.devstack.servers.redis import Redis
from infra.devstack.servers.server import LOOPBACK, Server
from infra.devstack.stack.servers import OWN
from tests.infra.devstack.servers.clients import CLIENTS

ELSEWHERE = "127.0.0.2"  # an address of this machine that is not the usual one
KINDS = {"DATABASE_URL": "postgres", "REDIS_URL": "redis", "KAFKA_BOOTSTRAP_SERVERS": "kafka"}


@pytest.mark.parametrize("variable", OWN)
def test_a_server_listens_on_the_given_address(variable: str, tmp_path: Path) -> None:
    """Pods of a cluster reach the node's address, not its loopback."""
    make: Callable[[Path, str], Server] = OWN[variable]
    client = CLIENTS[KINDS.get(variable, "minio")]

    with make(tmp_path, ELSEWHERE) as server:
        client.put(server.settings, "elsewhere", "value")
        got = client.get(server.settings, "elsewhere")

    assert got == "value"
    assert all("127.0.0.1" not in value for value in server.settings.values())


@pytest.mark.parametrize(
    ("host", "networks"), [(LOOPBACK, {LOOPBACK}), (ELSEWHERE, {LOOPBACK, "10.0.0.0"})]
)
def test_the_database_accepts_loopback_or_the_cluster_s_networks(
    host: str, networks: set[str], tmp_path: Path
) -> None:
    """Without passwords only these networks are allowed, and a new address replaces the old one."""
    with Postgres(tmp_path, ELSEWHERE if host == LOOPBACK else LOOPBACK):
        pass

    with Postgres(tmp_path, host) as server:
        url = server.settings["DATABASE_URL"].replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT address, error FROM pg_hba_file_rules").fetchall()

    assert {address for address, _ in found} == networks
    assert not any(error for _, error in found)


@pytest.mark.parametrize(("host", "protected"), [(LOOPBACK, "yes"), (ELSEWHERE, "no")])
def test_redis_on_loopback_accepts_local_clients_only(
    host: str, protected: str, tmp_path: Path
) -> None:
    """Without a password Redis on loopback accepts local clients only."""
    with Redis(tmp_path, host) as server, server.client() as client:
        assert client.config_get("protected-mode") == {"protected-mode": protected}
