"""Redis: one server, or a cluster of three."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from redis import Redis as Client
from redis.backoff import NoBackoff
from redis.retry import Retry
from typing_extensions import override

from infra.devstack.servers.programs import program
from infra.devstack.servers.server import LOOPBACK, Server


class Redis(Server):
    """One server with an append-only file, so that data survives a kill."""

    name: ClassVar[str] = "redis"

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {"REDIS_URL": f"redis://{self.host}:{self.port}/0"}

    @property
    @override
    def command(self) -> Sequence[str]:
        return [
            program("redis-server", "redis"),
            *("--bind", self.host, "--port", str(self.port), "--dir", str(self.folder)),
            *(
                "--protected-mode",
                "yes" if self.host == LOOPBACK else "no",
            ),  # accepts only local clients
            *("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        ]

    @override
    def probe(self) -> None:
        with self.client() as client:
            client.ping()

    def client(self) -> Client:
        """Return a client of this server, without retries."""
        once = Retry(NoBackoff(), 0)
        return Client(host=self.host, port=self.port, socket_timeout=2, retry=once)
