"""Servers for tests: one that the environment names, or a local one.

The variables of an external server:

| server        | variables                                                             |
|---------------|-----------------------------------------------------------------------|
| postgres      | TEST_DATABASE_URL                                                     |
| redis         | TEST_REDIS_URL                                                        |
| redis_cluster | TEST_CLUSTER_REDIS_URL                                                |
| kafka         | TEST_KAFKA_BOOTSTRAP_SERVERS                                          |
| minio         | TEST_S3_ENDPOINT_URL, TEST_AWS_ACCESS_KEY_ID,                         |
|               | TEST_AWS_SECRET_ACCESS_KEY, TEST_AWS_REGION                           |
| versitygw     | TEST_VERSITYGW_S3_ENDPOINT_URL and so on                              |
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.minio import Minio
from infra.devstack.servers.postgres import Postgres
from infra.devstack.servers.redis import Redis
from infra.devstack.servers.redis_cluster import RedisCluster
from infra.devstack.servers.restartable_server import RestartableServer
from infra.devstack.servers.versitygw import Versitygw
from risksentinel.errors import Misconfigured

_S3: Final = ("S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")


class RunningServer(Protocol):
    """A server that answers; it may be shared, so it has no method to stop it."""

    @property
    def settings(self) -> Mapping[str, str]:
        """The connection variables of the server."""


@dataclass(frozen=True, slots=True)
class ExternalServer:
    """A server that is not started here."""

    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ServerKind:
    """How to start a local server, and the variables that name an external one."""

    own: Callable[[Path | None], RestartableServer]
    prefix: str
    variables: tuple[str, ...]
    constants: Mapping[str, str] = field(default_factory=dict)

    def given(self, environ: Mapping[str, str]) -> ExternalServer | None:
        """Return the external server that the environment names, or None.

        Raises:
            Misconfigured: some of its variables are set, and others are missing.
        """
        named = {name: environ.get(f"{self.prefix}{name}", "") for name in self.variables}
        missing = [f"{self.prefix}{name}" for name, value in named.items() if not value]
        if len(missing) == len(named):
            return None
        if missing:
            raise Misconfigured(f"set {', '.join(missing)} too")
        return ExternalServer({**named, **self.constants})


SERVER_KINDS: Final[Mapping[str, ServerKind]] = MappingProxyType(
    {
        "postgres": ServerKind(Postgres, "TEST_", ("DATABASE_URL",)),
        "redis": ServerKind(Redis, "TEST_", ("REDIS_URL",)),
        "redis_cluster": ServerKind(
            RedisCluster, "TEST_CLUSTER_", ("REDIS_URL",), {"REDIS_CLUSTER": "true"}
        ),
        "kafka": ServerKind(Kafka, "TEST_", ("KAFKA_BOOTSTRAP_SERVERS",)),
        "minio": ServerKind(Minio, "TEST_", _S3),
        "versitygw": ServerKind(Versitygw, "TEST_VERSITYGW_", _S3),
    }
)


@contextmanager
def running_server(
    kind: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[RunningServer]:
    """Yield the external server of this kind, or a local one while the block runs.

    Raises:
        Misconfigured: no external server is named, and the local one is not installed.
        ServerFailed: the local server did not start.
    """
    environ = os.environ if environ is None else environ  # noqa: TID251 - the tests' own variables
    known = SERVER_KINDS[kind]
    given = known.given(environ)
    if given is not None:
        yield given
        return
    with known.own(folder) as server:
        yield server
