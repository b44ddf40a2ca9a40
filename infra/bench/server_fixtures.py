"""Real servers for a benchmark, provisioned as the local stack does."""

import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain

from infra.bench.http_load import wait_for
from infra.bench.processor_time import Programs as Measured
from infra.devstack.servers.server import Server
from infra.devstack.servers.server_kinds import RunningServer, running_server
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.programs import Placed, Programs


@dataclass(frozen=True, slots=True)
class Running:
    """The port of a running program, and the id of its process."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class ServerFixtures:
    """Running servers, and the programs that can be started on them."""

    connections: Mapping[str, str]
    servers: Measured  # without servers that the environment names: they run elsewhere

    @contextmanager
    def running(self, *names: str, copies: int = 1) -> Iterator[list[dict[str, Running]]]:
        """Run copies of these functions and sources while the block runs; yields each by name.

        A copy has its own ports, as a pod has; a source delivers to the function of its copy.
        """
        log = BytesIO()
        each = [self._programs(log) for _ in range(copies)]
        functions = [_chosen(programs.functions(), names) for programs in each]
        sources = [_chosen(programs.sources(), names) for programs in each]
        with _shown_on_failure(log), _started(functions):
            for function in chain.from_iterable(functions):
                wait_for(_running(function).port)
            with _started(sources):
                yield [
                    {_name(one): _running(one) for one in chain(*copy)}
                    for copy in zip(functions, sources, strict=True)
                ]

    def provision(self) -> None:
        """Create schema, default rules and topics."""
        log = BytesIO()
        with _shown_on_failure(log):
            if self._programs(log).provision().run():
                raise RuntimeError("provisioning the servers failed; the log is above")

    def _programs(self, log: BytesIO) -> Programs:
        environ = {**os.environ, "LOG_LEVEL": "error", "MAX_LATENESS_SECONDS": "none"}  # noqa: TID251 - a child's
        return Programs(environ, self.connections, Logs(log, coloured=False))


@contextmanager
def server_fixtures() -> Iterator[ServerFixtures]:
    """Run PostgreSQL, Redis and Kafka with schema, rules and topics; discard them at the end."""
    with (
        running_server("postgres") as postgres,
        running_server("redis") as redis,
        running_server("kafka") as kafka,
    ):
        named = {"PostgreSQL": postgres, "Redis": redis, "Kafka": kafka}
        fixtures = ServerFixtures(
            {**postgres.settings, **redis.settings, **kafka.settings},
            local_pids(named),
        )
        fixtures.provision()
        yield fixtures


def local_pids(named: Mapping[str, RunningServer]) -> Measured:
    """Return the process ids of servers, without servers that the environment names."""
    pids = {name: server.pid for name, server in named.items() if isinstance(server, Server)}
    return {name: [pid] for name, pid in pids.items() if pid is not None}


@contextmanager
def _shown_on_failure(log: BytesIO) -> Iterator[None]:
    """Write the log of the programs to standard error if the block fails, not among the tables."""
    try:
        yield
    except BaseException:
        sys.stderr.buffer.write(log.getvalue())
        raise


@contextmanager
def _started(copies: Sequence[Sequence[Placed]]) -> Iterator[None]:
    placed = list(chain.from_iterable(copies))
    try:
        for one in placed:
            one.program.start()
        yield
    finally:
        for one in reversed(placed):
            one.program.stop()


def _chosen(placed: Sequence[Placed], names: Collection[str]) -> list[Placed]:
    return [one for one in placed if _name(one) in names]


def _name(placed: Placed) -> str:
    return placed.program.name


def _running(placed: Placed) -> Running:
    port = int((placed.probed or "").split("/")[2].rpartition(":")[2])
    return Running(port, placed.program.pid or 0)
