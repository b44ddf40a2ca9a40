"""FunctionProcess: a function's own server on a port of loopback, started by a request."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Final

from infra.devstack.gateway.forwarded_request import connections_to
from infra.devstack.servers.spawn import Privileges, end, spawn
from infra.devstack.stack.probe import answers

HOST: Final = "127.0.0.1"
READINESS: Final = "/health/readiness"
STOPPED_WITHIN: Final = 30.0  # gunicorn's 10 s for requests, the relay's 15 for announcements


class FunctionProcess:
    """It lives from its making to `stop`; it does not outlive us, however we end."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], port: int, connections: int
    ) -> None:
        folder, address = Path.cwd(), f"http://{HOST}:{port}"
        told = {**environment, "HOST": HOST, "PORT": str(port)}
        complete = Privileges.of(None, folder).wrap(command)
        self._readiness = address + READINESS
        self.pool: Final = connections_to(address, connections)
        self._process = spawn(complete, told, folder, sys.stdout.buffer)

    def ending(self) -> str | None:
        """How it ended; None while it lives."""
        status = self._process.poll()
        return None if status is None else f"ended with status {status}"

    def is_ready(self) -> bool:
        """Whether its readiness is 200."""
        return answers(self._readiness)

    def stop(self) -> None:
        """Let it finish in order; kill it when that takes too long."""
        self.pool.close()  # it would wait two seconds for what might come over these
        self._process.terminate()
        try:
            self._process.wait(STOPPED_WITHIN)
        except TimeoutExpired:
            end(self._process)
