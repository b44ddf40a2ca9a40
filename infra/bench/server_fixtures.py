"""Real servers for a benchmark, provisioned as the local stack does."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from infra.devstack.servers.server_kinds import running_server
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.programs import Placed, Programs


@dataclass(frozen=True, slots=True)
class ServerFixtures:
    """Running servers, and the programs that can be started on them."""

    connections: dict[str, str]
    placed: Sequence[Placed]

    @contextmanager
    def running(self, *names: str) -> Iterator[dict[str, int]]:
        """Run these functions and sources while the block runs; yields their ports by name."""
        chosen = [one for one in self.placed if one.program.name in names]
        try:
            for one in chosen:
                one.program.start()
            yield {one.program.name: _port(one) for one in chosen}
        finally:
            for one in reversed(chosen):
                one.program.stop()


@contextmanager
def server_fixtures() -> Iterator[ServerFixtures]:
    """Run PostgreSQL, Redis and Kafka with schema, rules and topics; discard them at the end."""
    with (
        running_server("postgres") as postgres,
        running_server("redis") as redis,
        running_server("kafka") as kafka,
    ):
        connections = {**postgres.settings, **redis.settings, **kafka.settings}
        environ = {**os.environ, "LOG_LEVEL": "warning"}  # noqa: TID251 - a child's
        programs = Programs(environ, connections, Logs(sys.stderr.buffer, coloured=False))
        if programs.provision().run():
            raise RuntimeError("provisioning the servers failed; the log is above")
        yield ServerFixtures(connections, [*programs.functions(), *programs.sources()])


def _port(placed: Placed) -> int:
    return int((placed.probed or "").split("/")[2].rpartition(":")[2])
