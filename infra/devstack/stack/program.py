"""A program of ours: one process, started and stopped like a server."""

import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.devstack.servers.spawn import Privileges, Process, end
from infra.devstack.stack.logs import Logs
from risksentinel.errors import Misconfigured

STOPPED_WITHIN: Final = 12.0  # gunicorn's 10 s for requests, and what comes after


class Program:
    """It ends when we do, however we do; its output goes to the logs.

    The socket that it listens on is ours: while the process is started anew, callers wait in
    the socket's queue, and none is refused.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        logs: Logs,
        listener: socket.socket | None = None,
        within: float = STOPPED_WITHIN,
    ) -> None:
        self.name: Final = name
        self.within: Final = within  # seconds to finish in order
        self._command = command
        self._environment = environment
        self._logs = logs
        self._listener = listener
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the process, in a thread that lives as long: Linux ends it with its thread."""
        folder = Path.cwd()
        with self._logs.pipe(self.name) as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                Privileges.of(None, folder).wrap(self._command),
                env=self._environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we stop the program in order
                pass_fds=() if self._listener is None else (self._listener.fileno(),),
            )

    def run(self) -> int:
        """Run the process to its end; answers its status."""
        self.start()
        return -1 if self._process is None else self._process.wait()

    def stop(self) -> None:
        """Let it finish in order; kill it when that takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(self.within)
        except subprocess.TimeoutExpired:
            end(self._process)
        self._process = None


def listener(host: str, port: int) -> socket.socket:
    """A socket that callers can connect to from now on; port 0 takes a free one.

    Raises:
        Misconfigured: somebody else listens there.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=socket.SOMAXCONN)
    except OSError as error:
        why = f"cannot listen on {host} port {port}: {error.strerror}; set HOST or PORT"
        raise Misconfigured(why) from None
