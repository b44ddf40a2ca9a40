"""`risksentinel stack` as its user starts it: a process and a folder."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.devstack.servers.ports import free_port

PATIENCE = 90.0


@dataclass
class StackProcess:
    """A stack that is ready."""

    process: "subprocess.Popen[bytes]"
    home: Path
    url: str

    @property
    def pids(self) -> dict[str, int]:
        """What stack.pids says now."""
        lines = (self.home / "stack.pids").read_text().splitlines()
        return {name: int(pid) for name, pid in map(str.split, lines)}

    @property
    def environment(self) -> dict[str, str]:
        """What stack.env says."""
        words = shlex.split((self.home / "stack.env").read_text())
        return dict(word.split("=", 1) for word in words if word != "export")

    def stop(self) -> int:
        """Press Ctrl-C; answers the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def stack(home: Path, settings: Mapping[str, str], *options: str) -> Iterator[StackProcess]:
    """Start one, wait until it is ready, and end it in the end."""
    port = free_port()
    environ = {**os.environ, "RISKSENTINEL_HOME": str(home), "PORT": str(port), **settings}  # noqa: TID251 - a child's
    log = home.with_suffix(".log")
    with log.open("wb") as out:
        command = [sys.executable, "-m", "infra.devstack.stack", *options]
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)  # noqa: S603
    running = StackProcess(process, home, f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: (home / "stack.env").exists() or process.poll() is not None, "the stack")
        assert process.poll() is None, log.read_text()
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for something; fail with its name."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Whether the process is there, and not only waiting to be reaped."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def family(pid: int) -> list[int]:
    """The process and its children."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for thread in threads for child in thread.read_text().split())]
