"""FunctionProcess: the gunicorn of a function on a loopback port."""

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
# Seconds: gunicorn's 10 for requests, the relay's 15 for outbox events, and a margin.
STOPPED_WITHIN: Final = 30.0


class FunctionProcess:
    """A process that runs until `stop`; the kernel kills it when this process ends."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], port: int, connections: int
    ) -> None:
        folder, address = Path.cwd(), f"http://{HOST}:{port}"
        complete_environment = {**environment, "HOST": HOST, "PORT": str(port)}
        complete = Privileges.of(None, folder).wrap(command)
        self._readiness = address + READINESS
        self.pool: Final = connections_to(address, connections)
        self._process = spawn(complete, complete_environment, folder, sys.stdout.buffer)

    def ending(self) -> str | None:
        """Return how the process exited; None while it runs."""
        status = self._process.poll()
        return None if status is None else f"exited with status {status}"

    def is_ready(self) -> bool:
        """Return whether the readiness check answers 200."""
        return answers(self._readiness)

    def stop(self) -> None:
        """Send SIGTERM; kill the process if it does not end within 30 s."""
        self.pool.close()  # gunicorn waits 2 s for further requests on open connections
        self._process.terminate()
        try:
            self._process.wait(STOPPED_WITHIN)
        except TimeoutExpired:
            end(self._process)
