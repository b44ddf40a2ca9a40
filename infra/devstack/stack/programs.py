"""The programs of the stack: their commands, environments and ports."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Final

import functions
import infra
from infra.devstack.activator.activator_server import ENDED_WITHIN
from infra.devstack.servers.ports import free_port
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.program import STOPPED_WITHIN, Program, listener
from infra.devstack.stack.topology import (
    FUNCTIONS,
    SOURCES,
    SWEEP,
    SWEEP_SECONDS_AT_REST,
    Function,
    Source,
    variable,
)
from risksentinel.embedded.gateway import PUBLIC_FUNCTIONS

_HOST: Final = "127.0.0.1"
_GUNICORN: Final = Path(infra.__file__).with_name("gunicorn.conf.py")
_FUNCTIONS: Final = Path(functions.__file__).parent
READINESS: Final = "/health/readiness"


@dataclass(frozen=True, slots=True)
class Placed:
    """A program, and the URL that answers 200 once the program is ready."""

    program: Program
    probed: str | None


class Programs:
    """Creates each program; all of them inherit `environ`."""

    def __init__(
        self,
        environ: Mapping[str, str],
        connections: Mapping[str, str],
        logs: Logs,
        idle: float | None = None,
    ) -> None:
        self._idle = idle  # seconds until an idle function's process stops; None: never
        # The first start writes the bytecode: without bytecode each start compiles 230 files.
        written = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
        self._environ = {**environ, **written}
        self._connected = {**self._environ, **connections}
        self._logs = logs
        names = [function.name for function in FUNCTIONS] + [source.name for source in SOURCES]
        self._ports = {name: free_port() for name in names}
        self.addresses: Final = {
            variable(name): f"http://{_HOST}:{port}" for name, port in self._ports.items()
        }

    def provision(self) -> Program:
        """Return the program that creates schema, default rules, topics and bucket."""
        return Program(
            "provision", _module("infra.devstack.stack.provision"), self._connected, self._logs
        )

    def functions(self) -> list[Placed]:
        """Return a gunicorn for each function, or an activator that starts it on demand."""
        return [self._function(function) for function in FUNCTIONS]

    def sources(self) -> list[Placed]:
        """Return the Kafka sources and the timer."""
        return [*(self._source(source) for source in SOURCES), self._timer()]

    def gateway(self, listen_socket: socket) -> Placed:
        """Return the gateway, the only program that callers use."""
        addresses = {variable(name): self._address(name) for name in PUBLIC_FUNCTIONS}
        command = [*_module("infra.devstack.gateway.server"), "--fd", str(listen_socket.fileno())]
        program = Program(
            "gateway", command, {**self._environ, **addresses}, self._logs, listen_socket
        )
        host, port = listen_socket.getsockname()[:2]
        reached = {"0.0.0.0": _HOST, "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared only
        return Placed(program, f"http://{reached}:{port}{READINESS}")

    def _function(self, function: Function) -> Placed:
        listen_socket = listener(_HOST, self._ports[function.name])
        environment = {
            **self._connected,
            "FUNCTION_TARGET": function.target,
            "FUNCTION_SOURCE": str(_FUNCTIONS / function.target / "main.py"),
        }
        command = [*_module("gunicorn"), "--config", str(_GUNICORN)]
        within = STOPPED_WITHIN if self._idle is None else ENDED_WITHIN
        if self._idle is None:
            command += ["--bind", f"fd://{listen_socket.fileno()}"]
        else:
            activator = _module("infra.devstack.activator")
            activator += ["--name", function.name, "--fd", str(listen_socket.fileno())]
            activator += ["--port", str(free_port()), "--idle", str(self._idle), "--"]
            command = activator + command
        program = Program(function.name, command, environment, self._logs, listen_socket, within)
        return Placed(program, self._address(function.name) + READINESS)

    def _source(self, source: Source) -> Placed:
        port = self._ports[source.name]
        arguments = source.arguments(self._address(source.function), _HOST, port)
        command = [*_module("infra.kafka_source"), *arguments]
        program = Program(source.name, command, self._connected, self._logs)
        return Placed(program, self._address(source.name) + READINESS)

    def _timer(self) -> Placed:
        function, path = SWEEP
        command = [*_module("infra.devstack.stack.timer"), "--sink", self._address(function) + path]
        if self._idle is not None:
            command += ["--every", str(SWEEP_SECONDS_AT_REST)]
        return Placed(Program("timer", command, self._connected, self._logs), None)

    def _address(self, name: str) -> str:
        return self.addresses[variable(name)]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]
