"""Redis: one server, or a cluster of three."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from redis import Redis as Client
from redis.backoff import NoBackoff
from redis.retry import Retry
from typing_extensions import override

from infra.devstack.servers.password import password_of
from infra.devstack.servers.programs import program
from infra.devstack.servers.server import LOOPBACK, Server


class Redis(Server):
    """One server with an append-only file, so that data survives a kill."""

    name: ClassVar[str] = "redis"
    has_password: ClassVar[bool] = True

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        login = f":{password_of(self.folder)}@" if self.has_password else ""
        return {"REDIS_URL": f"redis://{login}{self.host}:{self.port}/0"}

    @property
    @override
    def command(self) -> Sequence[str]:
        return [
            program("redis-server", "redis"),
            *([str(self._configuration)] if self.has_password else []),
            *("--bind", self.host, "--port", str(self.port), "--dir", str(self.folder)),
            *(
                "--protected-mode",
                "yes" if self.host == LOOPBACK else "no",
            ),  # accepts only local clients
            *("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        ]

    @override
    def prepare(self) -> None:
        # Not an argument of the program: every user of the machine can read those.
        if self.has_password:
            self._configuration.unlink(missing_ok=True)
            self._configuration.touch(mode=0o600)
            self._configuration.write_text(f"requirepass {password_of(self.folder)}\n")

    @override
    def probe(self) -> None:
        with self.client() as client:
            client.ping()

    def client(self) -> Client:
        """Return a client of this server, without retries."""
        once = Retry(NoBackoff(), 0)
        password = password_of(self.folder) if self.has_password else None
        return Client(
            host=self.host, port=self.port, password=password, socket_timeout=2, retry=once
        )

    @property
    def _configuration(self) -> Path:
        return self.folder / "redis.conf"
