"""The servers that the stack starts itself, with persistent data."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.minio import Minio
from infra.devstack.servers.postgres import Postgres
from infra.devstack.servers.redis import Redis
from infra.devstack.servers.server import LOOPBACK, Server
from infra.devstack.stack.topology import BUCKET, CONNECTIONS

OWN: Final[Mapping[str, Callable[[Path, str], Server]]] = MappingProxyType(
    {
        "DATABASE_URL": Postgres,
        "REDIS_URL": Redis,
        "KAFKA_BOOTSTRAP_SERVERS": Kafka,
        "MODEL_URI": Minio,
    }
)


def own_servers(
    folder: Path, environ: Mapping[str, str], host: str = LOOPBACK
) -> dict[str, Server]:
    """Return a server for each variable that is not set; no server is started."""
    return {
        variable: make(folder / variable.split("_")[0].lower(), host)
        for variable, make in OWN.items()
        if not environ.get(variable)
    }


def connections(servers: Mapping[str, Server], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the connection variables of all servers, own and external."""
    found = {name: environ[name] for name in CONNECTIONS if environ.get(name)}
    for server in servers.values():
        found |= server.settings
    if "MODEL_URI" in servers:
        found["MODEL_URI"] = f"s3://{BUCKET}"
    return found
