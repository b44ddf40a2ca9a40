"""A server of our own: started on a free port of 127.0.0.1, supervised, and ended with us."""

import shutil
import signal
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from types import MappingProxyType
from typing import ClassVar, Final, Self

from infra.local.servers.ports import ports_of
from infra.local.servers.spawn import Privileges, spawn
from risksentinel.errors import RiskSentinelError

_QUOTED_LINES: Final = 20
_PROBE_EVERY: Final = 0.03
_FORCED_EXIT: Final = 10.0


class ServerFailed(RiskSentinelError):
    """A server did not start, or did not stop; the message quotes its log."""


class Server(ABC):
    """One process; it can be stopped or killed, and started again with its port and its data."""

    name: ClassVar[str]
    port_count: ClassVar[int] = 1
    ready_within: ClassVar[float] = 30.0
    stopped_within: ClassVar[float] = 15.0
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    user: ClassVar[str | None] = None  # whom it runs as when we are root; None: as root too

    def __init__(self, folder: Path | None = None) -> None:
        self._kept = folder is not None
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix=f"risksentinel-{self.name}-"))
        folder.mkdir(parents=True, exist_ok=True)
        self.folder: Final = folder.resolve()
        self.ports: Final = ports_of(self.folder, self.port_count)
        self.log: Final = self.folder / "server.log"
        self._privileges: Final = Privileges.of(self.user, self.folder)
        self._process: Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port that clients use; it stays the same."""
        return self.ports[0]

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """The environment variables that lead a client here."""

    @property
    @abstractmethod
    def command(self) -> Sequence[str]:
        """What runs in the foreground."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the process finds in its environment besides PATH, HOME and LANG."""
        return MappingProxyType({})

    @abstractmethod
    def probe(self) -> None:
        """Ask as a client does; raises until the server answers."""

    def prepare(self) -> None:
        """Make what the first start in a folder needs; called before every start."""

    def furnish(self) -> None:
        """Make what clients expect to find; called when the server answers."""

    @property
    def pid(self) -> int | None:
        """The process while it lives."""
        alive = self._process is not None and self._process.poll() is None
        return self._process.pid if alive and self._process is not None else None

    def start(self) -> None:
        """Start, and wait until it answers. Does nothing while it runs.

        Raises:
            ServerFailed: it ended, or did not answer in time.
            Misconfigured: it is not installed.
        """
        if self.pid is not None:
            return
        self.prepare()
        with self.log.open("ab") as log:
            self._process = spawn(
                self.privileged(self.command), self.environment, self.folder, log
            )
        try:
            self._await_answer(self._process)
            self.furnish()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Let it finish in order; kill it when it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.stopped_within)
        except TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_FORCED_EXIT)
            self._process = None

    def restart(self) -> None:
        """Stop and start, with the same port and data."""
        self.stop()
        self.start()

    def discard(self) -> None:
        """Stop; a temporary folder goes, with the data."""
        self.stop()
        if not self._kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.discard()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _await_answer(self, process: Popen[bytes]) -> None:
        deadline = time.monotonic() + self.ready_within
        while True:
            try:
                return self.probe()
            except Exception as refusal:  # noqa: BLE001 - each client has errors of its own
                if process.poll() is not None:
                    what = f"ended with status {process.returncode}"
                elif time.monotonic() > deadline:
                    what = f"did not answer within {self.ready_within:g} s ({refusal!r})"
                else:
                    time.sleep(_PROBE_EVERY)
                    continue
                raise ServerFailed(f"{self.name} {what}; its log says:\n{self.last_lines()}") from None

    def privileged(self, command: Sequence[str]) -> list[str]:
        """The command as the server's own user runs it."""
        return self._privileges.wrap(command)

    def last_lines(self) -> str:
        """The end of its log, for an error's message."""
        lines = self.log.read_text(errors="replace").splitlines()[-_QUOTED_LINES:]
        return "\n".join(f"    {line}" for line in lines) or "    nothing"
