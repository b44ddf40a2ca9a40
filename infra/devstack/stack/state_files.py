"""stack.env and stack.pids: the addresses and process ids of a running stack."""

import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from infra.devstack.stack.supervisor import Supervised


class StateFiles:
    """Two files in RISKSENTINEL_HOME, readable by their owner only and replaced atomically."""

    def __init__(self, home: Path) -> None:
        self.environment = home / "stack.env"
        self._pids = home / "stack.pids"
        self._lock = Lock()

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """Write stack.env, for `. stack.env` in sh; the file exists once the stack is ready."""
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
        _put(self.environment, "".join(lines))

    def write_pids(self, processes: Iterable[Supervised]) -> None:
        """Write stack.pids: a line `name pid` for each running process."""
        with self._lock:
            running = [(each.name, pid) for each in processes if (pid := each.pid) is not None]
            _put(self._pids, "".join(f"{name} {pid}\n" for name, pid in running))

    def remove(self) -> None:
        """Remove both files, because nothing runs."""
        self.environment.unlink(missing_ok=True)
        self._pids.unlink(missing_ok=True)


def _put(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as writing:
        writing.write(text)
    fresh.replace(file)
