"""A local server of one process, on a free port of 127.0.0.1 or of another local address."""

import shutil
import signal
import tempfile
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import TimeoutExpired
from typing import ClassVar, Final

from typing_extensions import override

from infra.devstack.servers.ports import ports_of
from infra.devstack.servers.restartable_server import RestartableServer, ServerFailed
from infra.devstack.servers.spawn import Privileges, Process, end, run, spawn

LOOPBACK: Final = "127.0.0.1"
_QUOTED_LINES: Final = 20
_PROBE_EVERY: Final = 0.03


class Server(RestartableServer):
    """One process that the kernel kills when this process ends.

    A subclass states the command and the probe. PostgreSQL and Redis require a password, and
    PostgreSQL accepts only clients of this machine, or of a cluster on it.
    """

    port_count: ClassVar[int] = 1
    ready_within: ClassVar[float] = 30.0
    stopped_within: ClassVar[float] = 15.0
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    user: ClassVar[str | None] = None  # the user to become when this process is root; None: root

    def __init__(self, folder: Path | None = None, host: str = LOOPBACK) -> None:
        self.host: Final = host
        self._is_persistent = folder is not None
        self.folder: Final = _made(folder, self.name)
        self.ports: Final = ports_of(self.folder, self.port_count)
        self.log: Final = self.folder / "server.log"
        self._process: Process | None = None

    @property
    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command, which runs in the foreground."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of the process besides PATH, HOME and LANG."""
        return {}

    @abstractmethod
    def probe(self) -> None:
        """Send a request as a client does; raises until the server answers."""

    def prepare(self) -> None:
        """Create the files that a start needs; called before each start."""

    def provision(self) -> None:
        """Create what clients need; called after each start, once the server answers."""

    @property
    def port(self) -> int:
        """The port for clients; a restart does not change it."""
        return self.ports[0]

    @property
    def pid(self) -> int | None:
        """The process id, or None when the server does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @override
    def start(self) -> None:
        if self.pid is not None:
            return
        self.prepare()
        with self.log.open("ab") as log:
            command = self._privileges.wrap(self.command)
            self._process = spawn(command, self.environment, self.folder, log)
        try:
            self._await_answer(self._process)
            self.provision()
        except BaseException:
            self.kill()
            raise

    @override
    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.stopped_within)
        except TimeoutExpired:
            self.kill()
        self._process = None

    @override
    def kill(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    @override
    def discard(self) -> None:
        self.stop()
        if not self._is_persistent:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run_step(self, command: Sequence[str]) -> None:
        """Run a preparing command to its end.

        Raises:
            ServerFailed: the command failed.
        """
        with self.log.open("ab") as log:
            status = run(self._privileges.wrap(command), self.folder, log)
        if status:
            raise self._failed(f"could not be prepared (exit status {status})")

    @property
    def _privileges(self) -> Privileges:
        return Privileges.of(self.user, self.folder)

    def _await_answer(self, process: Process) -> None:
        deadline = time.monotonic() + self.ready_within
        while True:
            try:
                return self.probe()
            except Exception as refusal:  # noqa: BLE001 - each client library has its own errors
                if process.poll() is not None:
                    raise self._failed(f"exited with status {process.returncode}") from None
                if time.monotonic() > deadline:
                    how_long = f"did not answer within {self.ready_within:g} s"
                    raise self._failed(f"{how_long} ({refusal!r})") from None
            time.sleep(_PROBE_EVERY)

    def _failed(self, how: str) -> ServerFailed:
        lines = self.log.read_text(errors="replace").splitlines()[-_QUOTED_LINES:]
        quoted = "\n".join(f"    {line}" for line in lines) or "    nothing"
        return ServerFailed(f"{self.name} {how}; the end of its log:\n{quoted}")


def _made(folder: Path | None, name: str) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix=f"risksentinel-{name}-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
