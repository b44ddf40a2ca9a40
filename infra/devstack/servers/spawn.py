"""Starts processes that end with this process, with no more privileges than they need."""

import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from stat import S_IXOTH
from typing import IO, Final, Self

from risksentinel.errors import Misconfigured

Process = subprocess.Popen[bytes]

KILLED_WITHIN: Final = 5.0
_PASS_BARRED_FOLDERS: Final = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")


@dataclass(frozen=True, slots=True)
class Privileges:
    """A command prefix that sets the user, and lets the kernel kill the process with its parent."""

    prefix: tuple[str, ...]

    @classmethod
    def of(cls, user: str | None, folder: Path) -> Self:
        """Return the privileges of a server with data in `folder`; only root can become `user`."""
        setpriv = shutil.which("setpriv")  # part of util-linux, which every Linux has
        dies_with_parent = (setpriv, "--pdeathsig", "KILL") if setpriv else ()
        if user is None or os.geteuid() != 0:
            return cls(dies_with_parent)
        if not setpriv:
            raise Misconfigured("install util-linux (setpriv), or do not run as root")
        try:
            shutil.chown(folder, user)
        except LookupError:
            raise Misconfigured(f"create the user {user}, or do not run as root") from None
        become = (f"--reuid={user}", f"--regid={user}", "--init-groups")
        barred = any(not parent.stat().st_mode & S_IXOTH for parent in folder.parents)
        return cls((*dies_with_parent, *become, *(_PASS_BARRED_FOLDERS if barred else ())))

    def wrap(self, command: Sequence[str]) -> list[str]:
        """Return the command with the prefix."""
        return [*self.prefix, *command]


def spawn(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: IO[bytes]
) -> Process:
    """Start a process with only these variables; its output goes to the log."""
    complete = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8", **environment}
    started: Future[Process] = Future()

    def start() -> None:
        try:
            started.set_result(
                subprocess.Popen(  # noqa: S603 - a fixed command, no shell
                    command,
                    env=complete,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches only this process
                )
            )
        except OSError as error:
            started.set_exception(error)

    _start_queue().put(start)
    return started.result()


def run(command: Sequence[str], folder: Path, log: IO[bytes]) -> int:
    """Run a command to its end; return its exit status."""
    with spawn(command, {}, folder, log) as process:
        return process.wait()


def end(process: Process) -> None:
    """Kill a process and its children at once, and wait until all of them have ended."""
    children = _children(process.pid)
    process.kill()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + KILLED_WITHIN
    while any(map(_lives, children)) and time.monotonic() < deadline:
        time.sleep(0.01)


def _children(pid: int) -> list[int]:
    known = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in known.read_text().split()]
    except OSError:
        return []


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@cache
def _start_queue() -> "queue.SimpleQueue[Callable[[], None]]":
    """Start the thread that starts all processes: when it ends, the kernel kills them."""
    starts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def run_starts() -> None:
        while True:
            starts.get()()

    threading.Thread(target=run_starts, name="servers", daemon=True).start()
    return starts
