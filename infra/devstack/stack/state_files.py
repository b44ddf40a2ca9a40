"""stack.env and stack.pids: where everything is, for whoever works with a running stack."""

import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from infra.devstack.stack.supervisor import Supervised


class StateFiles:
    """Two files in RISKSENTINEL_HOME, readable by their owner only, whole at any moment."""

    def __init__(self, home: Path) -> None:
        self.environment = home / "stack.env"
        self._pids = home / "stack.pids"
        self._lock = Lock()

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """Say where everything is, for sh: `. stack.env`. Its coming says that all is ready."""
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
        _put(self.environment, "".join(lines))

    def write_pids(self, all_kept: Iterable[Supervised]) -> None:
        """Say which process is which: `name pid`, a line each."""
        with self._lock:
            living = [(kept.name, pid) for kept in all_kept if (pid := kept.pid) is not None]
            _put(self._pids, "".join(f"{name} {pid}\n" for name, pid in living))

    def remove(self) -> None:
        """Nothing runs."""
        self.environment.unlink(missing_ok=True)
        self._pids.unlink(missing_ok=True)


def _put(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as writing:
        writing.write(text)
    fresh.replace(file)
