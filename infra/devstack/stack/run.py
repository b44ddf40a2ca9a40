"""The stack as a whole: started from the servers up, stopped from the gateway down."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from infra.devstack.servers.restartable_server import ServerFailed
from infra.devstack.stack.given_servers import check_given
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.probe import answers
from infra.devstack.stack.program import listener
from infra.devstack.stack.programs import Placed, Programs
from infra.devstack.stack.servers import connections, own_servers
from infra.devstack.stack.state_files import StateFiles
from infra.devstack.stack.supervisor import Supervised, Supervisor, raise_if_crash_looping
from risksentinel.settings import Settings

READY_WITHIN: Final = 120.0
_ASK_EVERY: Final = 0.1


class Stack:
    """Everything that runs, in the order in which it was started."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        logs: Logs,
        idle: float | None = None,
    ) -> None:
        self._settings = settings
        self._logs = logs
        self._state_files = StateFiles(settings.risksentinel_home)
        self._kept: list[Supervised] = []
        self._environ = environ
        self._servers = own_servers(settings.risksentinel_home / "stack", environ)
        self._connections = connections(self._servers, environ)
        self._programs = Programs(environ, self._connections, logs, idle)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start all; when the block ends, stop all.

        Raises:
            Misconfigured: a program is not installed, the port is taken, or a server that the
                environment names does not answer.
            ServerFailed: something did not start; the logs say why.
        """
        self._state_files.remove()
        check_given(self._environ)
        listen_socket = listener(self._settings.host, self._settings.port)
        with listen_socket, ExitStack() as stopped_in_turn:
            stopped_in_turn.callback(self._state_files.remove)
            stopped_in_turn.enter_context(self._keeping(list(self._servers.values())))
            self._provision()
            programs = self._programs
            for group in (
                programs.functions(),
                programs.sources(),
                [programs.gateway(listen_socket)],
            ):
                stopped_in_turn.enter_context(self._working(group))
            self._state_files.write_environment({**self._connections, **programs.addresses})
            yield

    @contextmanager
    def _working(self, group: Sequence[Placed]) -> Iterator[None]:
        """Keep these programs, which answer by now."""
        with self._keeping([placed.program for placed in group]) as supervisors:
            deadline = time.monotonic() + READY_WITHIN
            for placed, supervisor in zip(group, supervisors, strict=True):
                while placed.probed and not answers(placed.probed):
                    raise_if_crash_looping(supervisor)
                    if time.monotonic() > deadline:
                        raise ServerFailed(f"{supervisor.supervised.name} is not ready; see above")
                    time.sleep(_ASK_EVERY)
            yield

    @contextmanager
    def _keeping(self, group: Sequence[Supervised]) -> Iterator[list[Supervisor]]:
        """Keep these; at the end they stop at the same time."""
        supervisors = [Supervisor(kept, self._logs.say, self._changed) for kept in group]
        self._kept += group
        try:
            for supervisor in supervisors:
                supervisor.begin()
            for supervisor in supervisors:
                supervisor.await_start()
            yield supervisors
        finally:
            for supervisor in supervisors:
                supervisor.ask_to_stop()
            for supervisor in supervisors:
                supervisor.join()

    def _provision(self) -> None:
        for server in self._servers.values():
            self._logs.follow(server.name, server.log)
        if self._programs.provision().run():
            raise ServerFailed("the servers could not be provisioned; see above")

    def _changed(self) -> None:
        self._state_files.write_pids(self._kept)
