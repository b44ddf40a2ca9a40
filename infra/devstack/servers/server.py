"""A server of our own: started on a free port, of 127.0.0.1 or another address of this machine."""

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
    """One process, supervised, which ends with us.

    A server says how it is run and asked; the rest is here. Whoever reaches `host` is let in;
    PostgreSQL wants them to be of this machine or of a cluster on it.
    """

    port_count: ClassVar[int] = 1
    ready_within: ClassVar[float] = 30.0
    stopped_within: ClassVar[float] = 15.0
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    user: ClassVar[str | None] = None  # whom it runs as when we are root; None: as root too

    def __init__(self, folder: Path | None = None, host: str = LOOPBACK) -> None:
        self.host: Final = host
        self._kept = folder is not None
        self.folder: Final = _made(folder, self.name)
        self.ports: Final = ports_of(self.folder, self.port_count)
        self.log: Final = self.folder / "server.log"
        self._process: Process | None = None

    @property
    @abstractmethod
    def command(self) -> Sequence[str]:
        """What runs in the foreground."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the process finds in its environment besides PATH, HOME and LANG."""
        return {}

    @abstractmethod
    def probe(self) -> None:
        """Ask as a client does; raises until the server answers."""

    def prepare(self) -> None:
        """Make what a start needs; called before each."""

    def provision(self) -> None:
        """Make what clients expect to find; called each time the server answers again."""

    @property
    def port(self) -> int:
        """The port that clients use; it stays the same."""
        return self.ports[0]

    @property
    def pid(self) -> int | None:
        """The process, while it lives."""
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
        if not self._kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run_step(self, command: Sequence[str]) -> None:
        """Run a step of the preparation to its end.

        Raises:
            ServerFailed: it did not go well.
        """
        with self.log.open("ab") as log:
            status = run(self._privileges.wrap(command), self.folder, log)
        if status:
            raise self._failed(f"could not be prepared (status {status})")

    @property
    def _privileges(self) -> Privileges:
        return Privileges.of(self.user, self.folder)

    def _await_answer(self, process: Process) -> None:
        deadline = time.monotonic() + self.ready_within
        while True:
            try:
                return self.probe()
            except Exception as refusal:  # noqa: BLE001 - each client has errors of its own
                if process.poll() is not None:
                    raise self._failed(f"ended with status {process.returncode}") from None
                if time.monotonic() > deadline:
                    how_long = f"did not answer within {self.ready_within:g} s"
                    raise self._failed(f"{how_long} ({refusal!r})") from None
            time.sleep(_PROBE_EVERY)

    def _failed(self, how: str) -> ServerFailed:
        lines = self.log.read_text(errors="replace").splitlines()[-_QUOTED_LINES:]
        quoted = "\n".join(f"    {line}" for line in lines) or "    nothing"
        return ServerFailed(f"{self.name} {how}; its log says:\n{quoted}")


def _made(folder: Path | None, name: str) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix=f"risksentinel-{name}-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
