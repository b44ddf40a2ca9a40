"""Processes with a disk of their own: a mount that no other process of the machine sees."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from tests.flow.engine_process import BIN, EngineProcess, started

_SERVE = f'exec "{BIN / "risksentinel"}" serve'


def on_small_disk(
    home: Path, mebibytes: int, settings: Mapping[str, str]
) -> AbstractContextManager[EngineProcess]:
    """Run the engine with its home on a tmpfs of this size, which ends with the process."""
    home.mkdir()
    mount = f'mount -t tmpfs -o size={mebibytes}m,mode=700 tmpfs "$RISKSENTINEL_HOME"'
    return started(unshared(f"{mount} && {_SERVE}"), home, settings)


def serve_read_only() -> list[str]:
    """The command that runs the engine with a home that was mounted read-only."""
    mount = 'mount --bind "$RISKSENTINEL_HOME" "$RISKSENTINEL_HOME"'
    return unshared(f'{mount} && mount -o remount,bind,ro "$RISKSENTINEL_HOME" && {_SERVE}')


def unshared(script: str) -> list[str]:
    """The command that runs the shell script with mounts of its own; no root is needed."""
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script]


def seen_by(engine: EngineProcess, path: Path) -> Path:
    """The path as the process sees it, for this process."""
    return Path(f"/proc/{engine.process.pid}/root{path}")
