"""Starts and stops one program of the stack, like a server."""

import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.devstack.servers.spawn import Privileges, Process, end
from infra.devstack.stack.logs import Logs
from risksentinel.errors import Misconfigured

STOPPED_WITHIN: Final = 12.0  # seconds: gunicorn's 10 for requests, and 2 for its own end


class Program:
    """A program that the kernel kills when its parent ends; its output goes to the logs.

    The stack owns the socket that the program listens on: during a restart, connections wait in
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
        self.within: Final = within  # seconds until a stopping program is killed
        self._command = command
        self._environment = environment
        self._logs = logs
        self._listener = listener
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the process; the kernel kills it when the calling thread ends."""
        folder = Path.cwd()
        with self._logs.pipe(self.name) as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                Privileges.of(None, folder).wrap(self._command),
                env=self._environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches only the stack, which stops the program
                pass_fds=() if self._listener is None else (self._listener.fileno(),),
            )

    def run(self) -> int:
        """Run the process to its end; return its exit status."""
        self.start()
        return -1 if self._process is None else self._process.wait()

    def stop(self) -> None:
        """Send SIGTERM; kill the program if it does not end within `within` seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(self.within)
        except subprocess.TimeoutExpired:
            end(self._process)
        self._process = None


def listener(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free port.

    Raises:
        Misconfigured: the port is in use, or the host has no address.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=socket.SOMAXCONN)
    except OSError as error:
        why = f"cannot listen on {host} port {port}: {error.strerror}; set HOST or PORT"
        raise Misconfigured(why) from None
