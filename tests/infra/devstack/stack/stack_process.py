"""Runs `risksentinel stack` as a process with a folder, as an operator does."""

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

TIMEOUT = 180.0


@dataclass
class StackProcess:
    """A ready stack."""

    process: "subprocess.Popen[bytes]"
    home: Path
    url: str

    @property
    def pids(self) -> dict[str, int]:
        """Return the content of stack.pids."""
        lines = (self.home / "stack.pids").read_text().splitlines()
        return {name: int(pid) for name, pid in map(str.split, lines)}

    @property
    def environment(self) -> dict[str, str]:
        """Return the content of stack.env."""
        words = shlex.split((self.home / "stack.env").read_text())
        return dict(word.split("=", 1) for word in words if word != "export")

    def stop(self) -> int:
        """Send SIGINT; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(TIMEOUT)


@contextmanager
def stack(home: Path, settings: Mapping[str, str], *options: str) -> Iterator[StackProcess]:
    """Run a stack while the block runs; it is ready when the block starts."""
    port = free_port()
    ours = {"RISKSENTINEL_HOME": str(home), "PORT": str(port), "DECISION_DEADLINE_MS": "none"}
    environ = {**os.environ, **ours, **settings}  # noqa: TID251 - a child's
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
    """Wait for a condition; fail with its name."""
    deadline = time.monotonic() + TIMEOUT
    while not true():
        assert time.monotonic() < deadline, f"waited {TIMEOUT} s for {what}"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def family(pid: int) -> list[int]:
    """Return the ids of the process and its children."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for thread in threads for child in thread.read_text().split())]
