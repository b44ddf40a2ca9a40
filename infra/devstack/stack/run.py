"""Runs the stack: starts servers, functions, sources and gateway; stops them in reverse."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from infra.devstack.servers.restartable_server import ServerFailed
from infra.devstack.stack.event_secret import event_secret
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
_PROBE_EVERY: Final = 0.1


class Stack:
    """All servers and programs of the stack."""

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
        self._supervised: list[Supervised] = []
        self._environ = environ
        self._servers = own_servers(settings.risksentinel_home / "stack", environ)
        self._connections = connections(self._servers, environ) | event_secret(environ)
        self._programs = Programs(environ, self._connections, logs, idle)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start everything; stop everything when the block ends.

        Raises:
            Misconfigured: a program is not installed, the port is in use, or a server that the
                environment names does not answer.
            ServerFailed: a server or a program did not start; the logs have the reason.
        """
        self._state_files.remove()
        check_given(self._environ)
        listen_socket = listener(self._settings.host, self._settings.port)
        with listen_socket, ExitStack() as stack_stop:
            stack_stop.callback(self._state_files.remove)
            stack_stop.enter_context(self._supervising(list(self._servers.values())))
            self._provision()
            programs = self._programs
            for group in (
                programs.functions(),
                programs.sources(),
                [programs.gateway(listen_socket)],
            ):
                stack_stop.enter_context(self._working(group))
            self._state_files.write_environment({**self._connections, **programs.addresses})
            yield

    @contextmanager
    def _working(self, group: Sequence[Placed]) -> Iterator[None]:
        """Supervise these programs while the block runs; it starts when all of them answer."""
        with self._supervising([placed.program for placed in group]) as supervisors:
            deadline = time.monotonic() + READY_WITHIN
            for placed, supervisor in zip(group, supervisors, strict=True):
                while placed.probed and not answers(placed.probed):
                    raise_if_crash_looping(supervisor)
                    if time.monotonic() > deadline:
                        raise ServerFailed(
                            f"{supervisor.supervised.name} is not ready; its log is above"
                        )
                    time.sleep(_PROBE_EVERY)
            yield

    @contextmanager
    def _supervising(self, group: Sequence[Supervised]) -> Iterator[list[Supervisor]]:
        """Supervise these processes while the block runs; then stop them at the same time."""
        supervisors = [Supervisor(each, self._logs.say, self._changed) for each in group]
        self._supervised += group
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
            raise ServerFailed("provisioning the servers failed; the log is above")

    def _changed(self) -> None:
        self._state_files.write_pids(self._supervised)
